//! How network ACLs are made, filled and put before subnets.
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html>
use super::{MAX_ACLS, MAX_ENTRIES, MAX_NUMBER, NetworkAcl, NetworkAclEntry};
use crate::{ClientToken, Cloud, Context, NetworkAclAssociationId, NetworkAclId, Refusal, SubnetId, Tags, VpcId};
use std::sync::Arc;

/// What `CreateNetworkAcl` takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateNetworkAcl {
    /// The VPC.
    pub vpc: VpcId,
    /// The idempotency token.
    pub client_token: Option<ClientToken>,
    /// The tags.
    pub tags: Tags,
}

impl Cloud {
    /// `CreateNetworkAcl`: one without entries, so it denies everything, and serves no subnet yet.
    ///
    /// # Errors
    /// An unknown VPC, too many ACLs, a token used otherwise.
    pub fn create_network_acl(&mut self, cx: &mut Context, input: CreateNetworkAcl) -> Result<NetworkAclId, Refusal> {
        let made = self.network_acls.values().filter(|found| found.scope == cx.scope);
        let made = made.map(|found| (found.client_token.as_ref(), &found.id));
        if let Some(id) = ClientToken::find(input.client_token.as_ref(), made)? {
            return Ok(id.clone());
        }
        let vpc = self.visible_vpc(&cx.scope, &input.vpc)?;
        if self.network_acls.values().filter(|acl| acl.vpc == vpc.id).count() >= MAX_ACLS {
            return Err(Refusal::NetworkAclLimit(vpc.id.clone()));
        }
        let id = NetworkAclId::fresh(&mut cx.ids);
        let acl = NetworkAcl {
            id: id.clone(),
            scope: cx.scope.clone(),
            vpc: input.vpc,
            is_default: false,
            entries: Vec::new(),
            client_token: input.client_token,
            tags: input.tags,
        };
        self.network_acls.insert(id.clone(), Arc::new(acl));
        Ok(id)
    }

    /// `DeleteNetworkAcl`.
    ///
    /// # Errors
    /// An unknown ACL, the VPC's default one, or one that serves subnets.
    pub fn delete_network_acl(&mut self, cx: &mut Context, id: &NetworkAclId) -> Result<(), Refusal> {
        if self.visible_network_acl(&cx.scope, id)?.is_default {
            return Err(Refusal::InvalidParameterValue(format!("cannot delete default network ACL {id}")));
        }
        if self.subnets.values().any(|subnet| &subnet.network_acl == id) {
            return Err(Refusal::DependencyViolation { resource: format!("networkAcl '{id}'") });
        }
        self.network_acls.remove(id);
        Ok(())
    }

    /// `CreateNetworkAclEntry`.
    ///
    /// # Errors
    /// An unknown ACL, a number out of range or taken, too many entries in the direction.
    pub fn create_network_acl_entry(&mut self, cx: &mut Context, id: &NetworkAclId, entry: NetworkAclEntry) -> Result<(), Refusal> {
        let acl = self.visible_network_acl(&cx.scope, id)?;
        let entry = checked(entry)?;
        if acl.entry(entry.number, entry.egress).is_some() {
            return Err(Refusal::NetworkAclEntryExists(entry.number));
        }
        if acl.entries.iter().filter(|other| other.egress == entry.egress).count() >= MAX_ENTRIES {
            return Err(Refusal::NetworkAclEntryLimit(id.clone()));
        }
        self.edit_acl(id, |acl| acl.entries.push(entry));
        Ok(())
    }

    /// `ReplaceNetworkAclEntry`: another rule under the same number and direction.
    ///
    /// # Errors
    /// An unknown ACL or entry.
    pub fn replace_network_acl_entry(&mut self, cx: &mut Context, id: &NetworkAclId, entry: NetworkAclEntry) -> Result<(), Refusal> {
        let entry = checked(entry)?;
        let at = self.entry_at(cx, id, entry.number, entry.egress)?;
        self.edit_acl(id, |acl| {
            if let Some(old) = acl.entries.get_mut(at) {
                *old = entry;
            }
        });
        Ok(())
    }

    /// `DeleteNetworkAclEntry`.
    ///
    /// # Errors
    /// An unknown ACL or entry.
    pub fn delete_network_acl_entry(&mut self, cx: &mut Context, id: &NetworkAclId, number: u16, egress: bool) -> Result<(), Refusal> {
        let at = self.entry_at(cx, id, number, egress)?;
        self.edit_acl(id, |acl| {
            acl.entries.remove(at);
        });
        Ok(())
    }

    /// `ReplaceNetworkAclAssociation`: another ACL for the subnet of an association.
    ///
    /// # Errors
    /// An unknown association or ACL, or an ACL of another VPC.
    pub fn replace_network_acl_association(
        &mut self,
        cx: &mut Context,
        association: &NetworkAclAssociationId,
        id: &NetworkAclId,
    ) -> Result<NetworkAclAssociationId, Refusal> {
        let acl = self.visible_network_acl(&cx.scope, id)?;
        let subnet = self.subnets.values().find(|subnet| subnet.scope == cx.scope && &subnet.network_acl_association == association);
        let subnet = subnet.ok_or_else(|| Refusal::NetworkAclAssociationNotFound(association.clone()))?;
        if subnet.vpc != acl.vpc {
            return Err(Refusal::InvalidParameterValue(format!("Network ACL {id} and subnet {} belong to different networks", subnet.id)));
        }
        let subnet = subnet.id.clone();
        Ok(self.put_acl_before(cx, &subnet, id))
    }

    /// The association of a subnet with an ACL becomes a new one.
    fn put_acl_before(&mut self, cx: &mut Context, subnet: &SubnetId, id: &NetworkAclId) -> NetworkAclAssociationId {
        let association = NetworkAclAssociationId::fresh(&mut cx.ids);
        if let Some(subnet) = self.subnets.get_mut(subnet).map(Arc::make_mut) {
            subnet.network_acl = id.clone();
            subnet.network_acl_association = association.clone();
        }
        association
    }

    fn entry_at(&self, cx: &Context, id: &NetworkAclId, number: u16, egress: bool) -> Result<usize, Refusal> {
        let found = self.visible_network_acl(&cx.scope, id)?.entry(number, egress);
        found.ok_or_else(|| Refusal::NetworkAclEntryNotFound { acl: id.clone(), number, egress })
    }

    fn edit_acl(&mut self, id: &NetworkAclId, edit: impl FnOnce(&mut NetworkAcl)) {
        if let Some(acl) = self.network_acls.get_mut(id) {
            edit(Arc::make_mut(acl));
        }
    }
}

impl NetworkAcl {
    fn entry(&self, number: u16, egress: bool) -> Option<usize> {
        self.entries.iter().position(|entry| (entry.number, entry.egress) == (number, egress))
    }
}

/// EC2 clears the host bits of an entry's block.
fn checked(entry: NetworkAclEntry) -> Result<NetworkAclEntry, Refusal> {
    if !(1..=MAX_NUMBER).contains(&entry.number) {
        let number = entry.number;
        return Err(Refusal::InvalidParameterValue(format!(
            "Value ({number}) for parameter ruleNumber is invalid. Rule numbers are between 1 and {MAX_NUMBER}."
        )));
    }
    Ok(NetworkAclEntry { cidr: entry.cidr.trunc(), ..entry })
}
