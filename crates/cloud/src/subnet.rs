//! Subnets.
use crate::{Cloud, Context, NetworkAclAssociationId, NetworkAclId, Refusal, Scope, SubnetId, Tags, VpcId, zone};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use std::{net::Ipv4Addr, sync::Arc};

/// The most subnets of a VPC.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
pub const MAX_SUBNETS: usize = 200;

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// Its id.
    pub id: SubnetId,
    /// Its account and region.
    pub scope: Scope,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its CIDR block.
    pub cidr: Ipv4Net,
    /// The name of its availability zone.
    pub availability_zone: String,
    /// `MapPublicIpOnLaunch`: instances are lent a public address, though there is no internet in a lab.
    pub map_public_ip_on_launch: bool,
    /// The network ACL it is associated with.
    pub network_acl: NetworkAclId,
    /// That association's id.
    pub network_acl_association: NetworkAclAssociationId,
    /// Its tags.
    pub tags: Tags,
}

impl Subnet {
    /// The address of the VPC router in the subnet: base + 1.
    #[must_use]
    pub fn gateway(&self) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.cidr.network()).wrapping_add(1))
    }
    /// Whether AWS keeps the address for itself: the first four and the last of the block.
    /// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html>
    #[must_use]
    pub fn is_reserved(&self, ip: Ipv4Addr) -> bool {
        let offset = u32::from(ip).wrapping_sub(u32::from(self.cidr.network()));
        offset < 4 || ip == self.cidr.broadcast()
    }
}

/// The input of [`Cloud::create_subnet`].
#[derive(Clone, Debug)]
pub struct CreateSubnet {
    /// The VPC.
    pub vpc: VpcId,
    /// The block; host bits are cleared.
    pub cidr: Ipv4Net,
    /// The zone; the region's first when absent.
    pub zone: Option<ZoneChoice>,
    /// Its tags.
    pub tags: Tags,
}

/// How a request names an availability zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ZoneChoice {
    /// `ap-northeast-2a`
    Name(String),
    /// `apne2-az1`
    Id(String),
}

impl Cloud {
    /// `CreateSubnet`.
    ///
    /// # Errors
    /// An unknown VPC or zone; a block of a wrong size, outside the VPC's blocks or over another subnet's.
    pub fn create_subnet(&mut self, cx: &mut Context, input: CreateSubnet) -> Result<SubnetId, Refusal> {
        let vpc = Arc::clone(self.visible_vpc(&cx.scope, &input.vpc)?);
        let cidr = input.cidr.trunc();
        let inside = vpc.cidrs.iter().any(|block| block.cidr.contains(&cidr));
        if !inside || !(16..=28).contains(&cidr.prefix_len()) {
            return Err(Refusal::SubnetRange(cidr));
        }
        let availability_zone = choose_zone(&cx.scope, input.zone)?;
        let mut siblings = 0;
        for subnet in (self.subnets.values()).filter(|subnet| subnet.vpc == vpc.id) {
            siblings += 1;
            if subnet.cidr.contains(&cidr) || cidr.contains(&subnet.cidr) {
                return Err(Refusal::SubnetConflict(cidr));
            }
        }
        if siblings >= MAX_SUBNETS {
            return Err(Refusal::SubnetLimit(vpc.id.clone()));
        }
        let id = SubnetId::fresh(&mut cx.ids);
        let subnet = Subnet {
            id: id.clone(),
            scope: cx.scope.clone(),
            vpc: vpc.id.clone(),
            cidr,
            availability_zone,
            map_public_ip_on_launch: false,
            network_acl: vpc.default_network_acl.clone(),
            network_acl_association: NetworkAclAssociationId::fresh(&mut cx.ids),
            tags: input.tags,
        };
        self.subnets.insert(id.clone(), Arc::new(subnet));
        Ok(id)
    }

    /// `DeleteSubnet`: also ends its association with a route table.
    ///
    /// # Errors
    /// An unknown subnet, or one that holds network interfaces.
    pub fn delete_subnet(&mut self, cx: &mut Context, id: &SubnetId) -> Result<(), Refusal> {
        self.visible_subnet(&cx.scope, id)?;
        if self.network_interfaces.values().any(|eni| &eni.subnet == id) {
            return Err(Refusal::DependencyViolation { resource: format!("subnet '{id}'") });
        }
        self.subnets.remove(id);
        let associated: Vec<_> = (self.route_tables.values())
            .filter(|table| (table.associations.iter()).any(|one| one.subnet.as_ref() == Some(id)))
            .map(|table| table.id.clone())
            .collect();
        for table in associated {
            if let Some(table) = self.route_tables.get_mut(&table).map(Arc::make_mut) {
                table.associations.retain(|one| one.subnet.as_ref() != Some(id));
            }
        }
        Ok(())
    }

    /// `ModifySubnetAttribute` with `MapPublicIpOnLaunch`.
    ///
    /// # Errors
    /// An unknown subnet.
    pub fn modify_subnet_map_public_ip(&mut self, cx: &mut Context, id: &SubnetId, on: bool) -> Result<(), Refusal> {
        self.visible_subnet(&cx.scope, id)?;
        if let Some(subnet) = self.subnets.get_mut(id).map(Arc::make_mut) {
            subnet.map_public_ip_on_launch = on;
        }
        Ok(())
    }

    /// How many addresses of a subnet are free: all but the five that AWS keeps and those of interfaces.
    #[must_use]
    pub fn available_addresses(&self, subnet: &Subnet) -> usize {
        let used = (self.network_interfaces.values()).filter(|eni| eni.subnet == subnet.id);
        let all = 1_usize << (32 - u32::from(subnet.cidr.prefix_len()));
        all.saturating_sub(5 + used.count())
    }
}

fn choose_zone(scope: &Scope, choice: Option<ZoneChoice>) -> Result<String, Refusal> {
    let zones = zone::zones(&scope.region);
    let (found, parameter, asked) = match choice {
        None => (zones.first(), "availabilityZone", String::new()),
        Some(ZoneChoice::Name(name)) => (zones.iter().find(|zone| zone.name == name), "availabilityZone", name),
        Some(ZoneChoice::Id(id)) => (zones.iter().find(|zone| zone.id == id), "availabilityZoneId", id),
    };
    let name = |zone: &zone::AvailabilityZone| zone.name.clone();
    found.map(name).ok_or_else(|| Refusal::ZoneNotFound { parameter, asked, zones: zones.iter().map(name).collect::<Vec<_>>().join(", ") })
}

#[cfg(test)]
mod tests;
