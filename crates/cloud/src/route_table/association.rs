//! Which table a subnet follows, and which one is the VPC's main table.
use super::RouteTableAssociation;
use crate::{Cloud, Context, Refusal, RouteTableAssociationId, RouteTableId, Scope, SubnetId, Vpc};
use std::sync::Arc;

impl Cloud {
    /// `AssociateRouteTable`. A subnet that is associated with this table already keeps its association.
    ///
    /// # Errors
    /// An unknown table or subnet, one of another VPC, or a subnet associated with another table.
    pub fn associate_route_table(
        &mut self,
        cx: &mut Context,
        table: &RouteTableId,
        subnet: &SubnetId,
    ) -> Result<RouteTableAssociationId, Refusal> {
        let target = self.visible_route_table(&cx.scope, table)?;
        if self.visible_subnet(&cx.scope, subnet)?.vpc != target.vpc {
            return Err(Refusal::InvalidParameterValue(format!("Route table {table} and subnet {subnet} belong to different networks")));
        }
        for other in self.route_tables.values() {
            match other.associations.iter().find(|found| found.subnet.as_ref() == Some(subnet)) {
                Some(found) if &other.id == table => return Ok(found.id.clone()),
                Some(_) => return Err(Refusal::AlreadyAssociated(table.clone())),
                None => {}
            }
        }
        Ok(self.add_association(cx, table, Some(subnet.clone())))
    }

    /// `DisassociateRouteTable`: the subnet follows the main table again.
    ///
    /// # Errors
    /// An unknown association, or the main one.
    pub fn disassociate_route_table(&mut self, cx: &mut Context, id: &RouteTableAssociationId) -> Result<(), Refusal> {
        let (table, association) = self.association(&cx.scope, id)?;
        if association.subnet.is_none() {
            return Err(Refusal::InvalidParameterValue(format!("cannot disassociate the main route table association {id}")));
        }
        self.remove_association(&table, id);
        Ok(())
    }

    /// `ReplaceRouteTableAssociation`: another table for a subnet, or another main table for a VPC.
    ///
    /// # Errors
    /// An unknown association or table, or a table of another VPC.
    pub fn replace_route_table_association(
        &mut self,
        cx: &mut Context,
        id: &RouteTableAssociationId,
        table: &RouteTableId,
    ) -> Result<RouteTableAssociationId, Refusal> {
        let (from, association) = self.association(&cx.scope, id)?;
        let old = self.visible_route_table(&cx.scope, &from)?;
        let new = self.visible_route_table(&cx.scope, table)?;
        if old.vpc != new.vpc {
            return Err(Refusal::InvalidParameterValue(format!("Route table {from} and route table {table} belong to different networks")));
        }
        if association.subnet.is_none() {
            let mut vpc = Vpc::clone(self.visible_vpc(&cx.scope, &new.vpc)?);
            vpc.main_route_table = table.clone();
            self.vpcs.insert(vpc.id.clone(), Arc::new(vpc));
        }
        self.remove_association(&from, id);
        Ok(self.add_association(cx, table, association.subnet))
    }

    fn association(&self, scope: &Scope, id: &RouteTableAssociationId) -> Result<(RouteTableId, RouteTableAssociation), Refusal> {
        let mut tables = self.route_tables.values().filter(|table| &table.scope == scope);
        tables
            .find_map(|table| Some((table.id.clone(), table.associations.iter().find(|found| &found.id == id)?.clone())))
            .ok_or_else(|| Refusal::RouteTableAssociationNotFound(id.clone()))
    }

    fn add_association(&mut self, cx: &mut Context, table: &RouteTableId, subnet: Option<SubnetId>) -> RouteTableAssociationId {
        let id = RouteTableAssociationId::fresh(&mut cx.ids);
        if let Some(table) = self.route_tables.get_mut(table) {
            Arc::make_mut(table).associations.push(RouteTableAssociation { id: id.clone(), subnet });
        }
        id
    }

    fn remove_association(&mut self, table: &RouteTableId, id: &RouteTableAssociationId) {
        if let Some(table) = self.route_tables.get_mut(table) {
            Arc::make_mut(table).associations.retain(|found| &found.id != id);
        }
    }
}
