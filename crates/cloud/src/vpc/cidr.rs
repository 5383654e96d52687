//! Secondary CIDR blocks.
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html>
use super::{Vpc, VpcCidr, is_vpc_block};
use crate::route_table::MAX_ROUTES;
use crate::{Cloud, Context, Refusal, Route, RouteTable, RouteTableId, RouteTarget, VpcCidrAssociationId, VpcId};
use ipnet::Ipv4Net;
use std::sync::Arc;

/// The most CIDR blocks of a VPC, the primary one included.
pub const MAX_CIDRS: usize = 5;

/// The blocks of private addresses, which a VPC cannot mix.
const PRIVATE: [[u8; 5]; 3] = [[10, 0, 0, 0, 8], [172, 16, 0, 0, 12], [192, 168, 0, 0, 16]];

impl Cloud {
    /// `AssociateVpcCidrBlock` with an IPv4 block: every route table of the VPC gets its `local` route.
    ///
    /// # Errors
    /// An unknown VPC; a block of a wrong size or range, over another of the VPC's or of a VPC peered with it, or that a route
    /// of the VPC leads into; too many blocks; a full route table.
    pub fn associate_vpc_cidr_block(&mut self, cx: &mut Context, id: &VpcId, cidr: Ipv4Net) -> Result<VpcCidr, Refusal> {
        let mut vpc = Vpc::clone(self.visible_vpc(&cx.scope, id)?);
        let cidr = cidr.trunc();
        if !is_vpc_block(cidr) {
            return Err(Refusal::VpcRange(cidr));
        }
        if is_restricted(&vpc, cidr) {
            return Err(Refusal::VpcCidrRestricted(cidr));
        }
        let peered = self.peerings.values().filter(|peering| !peering.status_at(cx.now).is_over());
        let peers = peered.filter_map(|peering| self.vpcs.get(&peering.sides(id)?.1.vpc)).map(AsRef::as_ref);
        if [&vpc].into_iter().chain(peers).any(|vpc| vpc.cidrs.iter().any(|block| overlap(block.cidr, cidr))) {
            return Err(Refusal::VpcCidrConflict(cidr));
        }
        let tables = || self.route_tables.values().filter(|table| &table.vpc == id);
        if tables().any(|table| table.routes.iter().any(|route| cidr.contains(&route.destination))) {
            return Err(Refusal::VpcCidrConflict(cidr));
        }
        if vpc.cidrs.len() >= MAX_CIDRS {
            return Err(Refusal::VpcCidrLimit(id.clone()));
        }
        if let Some(full) = tables().find(|table| table.routes.len() >= MAX_ROUTES) {
            return Err(Refusal::RouteLimit(full.id.clone()));
        }
        let block = VpcCidr { association: VpcCidrAssociationId::fresh(&mut cx.ids), cidr };
        vpc.cidrs.push(block.clone());
        self.edit_tables_of(id, |table| {
            let at = table.routes.iter().take_while(|route| route.target == RouteTarget::Local).count();
            table.routes.insert(at, Route { destination: cidr, target: RouteTarget::Local, from_table: true });
        });
        self.put_blocks(vpc);
        Ok(block)
    }

    /// `DisassociateVpcCidrBlock`: its `local` routes go with it.
    ///
    /// # Errors
    /// An unknown association, the primary block, or one with subnets in it.
    pub fn disassociate_vpc_cidr_block(&mut self, cx: &mut Context, id: &VpcCidrAssociationId) -> Result<(VpcId, VpcCidr), Refusal> {
        let own = self.vpcs.values().filter(|vpc| vpc.scope == cx.scope);
        let found = own.filter_map(|vpc| Some((vpc, vpc.cidrs.iter().position(|block| &block.association == id)?))).next();
        let (vpc, at) = found.ok_or_else(|| Refusal::VpcCidrAssociationNotFound(id.clone()))?;
        if at == 0 {
            return Err(Refusal::OperationNotPermitted(format!(
                "The vpc CIDR block with association ID {id} may not be disassociated. It is the primary IPv4 CIDR block of the VPC"
            )));
        }
        let mut vpc = Vpc::clone(vpc);
        let block = vpc.cidrs.remove(at);
        if self.subnets.values().any(|subnet| subnet.vpc == vpc.id && block.cidr.contains(&subnet.cidr)) {
            return Err(Refusal::VpcCidrInUse { vpc: vpc.id, cidr: block.cidr });
        }
        // What was put in place of the `local` route goes too: nothing inside the block is left to route to.
        self.edit_tables_of(&vpc.id, |table| table.routes.retain(|route| !block.cidr.contains(&route.destination)));
        let id = vpc.id.clone();
        self.put_blocks(vpc);
        Ok((id, block))
    }

    /// Keeps the VPC, and what its peers see of its blocks.
    fn put_blocks(&mut self, vpc: Vpc) {
        let cidrs: Vec<Ipv4Net> = vpc.cidrs.iter().map(|block| block.cidr).collect();
        let peered = self.peerings.values().filter(|peering| !peering.status.is_over() && peering.sides(&vpc.id).is_some());
        for id in peered.map(|peering| peering.id.clone()).collect::<Vec<_>>() {
            let Some(peering) = self.peerings.get_mut(&id).map(Arc::make_mut) else { continue };
            for side in [&mut peering.requester, &mut peering.accepter] {
                if side.vpc == vpc.id {
                    side.cidrs.clone_from(&cidrs);
                }
            }
        }
        self.vpcs.insert(vpc.id.clone(), Arc::new(vpc));
    }

    fn edit_tables_of(&mut self, vpc: &VpcId, edit: impl Fn(&mut RouteTable)) {
        let tables: Vec<RouteTableId> =
            self.route_tables.values().filter(|table| &table.vpc == vpc).map(|table| table.id.clone()).collect();
        for id in tables {
            if let Some(table) = self.route_tables.get_mut(&id) {
                edit(Arc::make_mut(table));
            }
        }
    }
}

fn overlap(one: Ipv4Net, two: Ipv4Net) -> bool {
    one.contains(&two) || two.contains(&one)
}

/// Whether the blocks that a VPC has forbid another: private ranges do not mix, and some blocks AWS keeps.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html#add-cidr-block-restrictions>
fn is_restricted(vpc: &Vpc, cidr: Ipv4Net) -> bool {
    let block = |[a, b, c, d, length]: [u8; 5]| Ipv4Net::new([a, b, c, d].into(), length).unwrap_or_default();
    let range = |cidr: Ipv4Net| PRIVATE.into_iter().position(|range| block(range).contains(&cidr));
    let within = |outer: [u8; 5]| block(outer).contains(&cidr);
    let has_one_in = |outer: [u8; 5]| vpc.cidrs.iter().any(|own| block(outer).contains(&own.cidr));
    let benchmark = [198, 19, 0, 0, 16];
    match range(cidr) {
        Some(wanted) => {
            vpc.cidrs.iter().any(|own| range(own.cidr).is_some_and(|own| own != wanted))
                || range(vpc.primary_cidr()).is_none()
                || has_one_in(benchmark)
                || within([172, 31, 0, 0, 16])
                || (within([10, 0, 0, 0, 16]) && has_one_in([10, 0, 0, 0, 15]))
        }
        None => within(benchmark) && !has_one_in(benchmark),
    }
}
