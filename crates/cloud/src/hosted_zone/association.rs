//! Which VPCs see a private zone.
//! Source: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-associate-vpcs.html>
use super::{HostedZone, HostedZoneId, MAX_AUTHORIZATIONS, MAX_VPCS, ZoneRefusal, ZoneVpc};
use crate::{AccountId, Cloud, Context, DomainName, Refusal, Vpc, VpcEndpoint};
use std::sync::Arc;

impl Cloud {
    /// `AssociateVPCWithHostedZone`, asked by the account of the VPC: the zone is its own, or authorizes the VPC.
    /// Source: <https://docs.aws.amazon.com/Route53/latest/APIReference/API_AssociateVPCWithHostedZone.html>
    ///
    /// # Errors
    /// An unknown zone or VPC, a public zone, no authorization, a VPC that has a zone of this name, too many VPCs.
    pub fn associate_vpc_with_hosted_zone(&mut self, cx: &mut Context, id: &HostedZoneId, vpc: ZoneVpc) -> Result<(), Refusal> {
        let zone = self.hosted_zones.get(id).ok_or_else(|| ZoneRefusal::NotFound(id.to_string()))?;
        let owner = self.zone_vpc(&vpc)?.scope.account.clone();
        if !zone.private {
            return Err(ZoneRefusal::PublicZone.into());
        }
        let may = owner == cx.scope.account && (zone.account == owner || zone.authorizations.contains(&vpc));
        if !may {
            return Err(ZoneRefusal::NotAuthorized(vpc.vpc).into());
        }
        self.check_domain_free(&vpc, &zone.name)?;
        if zone.vpcs.len() >= MAX_VPCS {
            return Err(ZoneRefusal::TooManyVpcs.into());
        }
        let mut zone = HostedZone::clone(zone);
        zone.vpcs.insert(vpc);
        self.hosted_zones.insert(id.clone(), Arc::new(zone));
        Ok(())
    }

    /// `DisassociateVPCFromHostedZone`, asked by the account of the zone or of the VPC.
    ///
    /// # Errors
    /// An unknown zone, a VPC that does not see it, or the last one that does.
    pub fn disassociate_vpc_from_hosted_zone(&mut self, cx: &mut Context, id: &HostedZoneId, vpc: &ZoneVpc) -> Result<(), Refusal> {
        let zone = self.hosted_zones.get(id).ok_or_else(|| ZoneRefusal::NotFound(id.to_string()))?;
        let of_caller = |account: &AccountId| account == &cx.scope.account;
        let owner = self.vpcs.get(&vpc.vpc).map(|found| &found.scope.account);
        if !of_caller(&zone.account) && !owner.is_some_and(of_caller) {
            return Err(ZoneRefusal::NotFound(id.to_string()).into());
        }
        if !zone.vpcs.contains(vpc) {
            return Err(ZoneRefusal::NotAssociated { vpc: vpc.vpc.clone(), region: vpc.region.clone() }.into());
        }
        if zone.vpcs.len() == 1 {
            return Err(ZoneRefusal::LastVpc.into());
        }
        let mut zone = HostedZone::clone(zone);
        zone.vpcs.remove(vpc);
        self.hosted_zones.insert(id.clone(), Arc::new(zone));
        Ok(())
    }

    /// `CreateVPCAssociationAuthorization`: another account may associate its VPC. Authorizing again changes nothing.
    ///
    /// # Errors
    /// An unknown zone or VPC, a public zone, too many authorizations.
    pub fn authorize_vpc_association(&mut self, cx: &mut Context, id: &HostedZoneId, vpc: ZoneVpc) -> Result<(), Refusal> {
        self.zone_vpc(&vpc)?;
        self.edit_zone(cx, id, |zone| {
            if !zone.private {
                return Err(ZoneRefusal::PublicZone.into());
            }
            zone.authorizations.insert(vpc);
            if zone.authorizations.len() > MAX_AUTHORIZATIONS {
                return Err(ZoneRefusal::TooManyAuthorizations.into());
            }
            Ok(())
        })
    }

    /// `DeleteVPCAssociationAuthorization`. An association that was made stays.
    ///
    /// # Errors
    /// An unknown zone or authorization.
    pub fn deauthorize_vpc_association(&mut self, cx: &mut Context, id: &HostedZoneId, vpc: &ZoneVpc) -> Result<(), Refusal> {
        self.edit_zone(cx, id, |zone| if zone.authorizations.remove(vpc) { Ok(()) } else { Err(ZoneRefusal::AuthorizationNotFound.into()) })
    }

    /// The private zones that a VPC is associated with, of any account.
    pub fn zones_of_vpc<'a>(&'a self, vpc: &'a ZoneVpc) -> impl Iterator<Item = &'a Arc<HostedZone>> {
        self.hosted_zones.values().filter(move |zone| zone.vpcs.contains(vpc))
    }

    /// The caller's own VPC, as a new private zone needs one.
    pub(super) fn check_own_vpc(&self, cx: &Context, vpc: &ZoneVpc) -> Result<(), Refusal> {
        if self.zone_vpc(vpc)?.scope.account == cx.scope.account { Ok(()) } else { Err(no_vpc(vpc)) }
    }

    fn zone_vpc(&self, vpc: &ZoneVpc) -> Result<&Arc<Vpc>, Refusal> {
        self.vpcs.get(&vpc.vpc).filter(|found| found.scope.region == vpc.region).ok_or_else(|| no_vpc(vpc))
    }

    /// That no zone of this name answers in the VPC: neither a customer's nor the hidden one of an endpoint with private DNS.
    pub(super) fn check_domain_free(&self, vpc: &ZoneVpc, name: &DomainName) -> Result<(), Refusal> {
        let customers = self.zones_of_vpc(vpc).find(|zone| &zone.name == name).map(|zone| zone.id.to_string());
        let hidden = || {
            let mut endpoints = self.vpc_endpoints.values().filter(|end| end.vpc == vpc.vpc && end.private_dns_enabled);
            endpoints.find(|end| is_apex(end, name)).map(|end| end.private_zone())
        };
        match customers.or_else(hidden) {
            Some(zone) => Err(ZoneRefusal::ConflictingDomain { vpc: vpc.vpc.clone(), region: vpc.region.clone(), zone }.into()),
            None => Ok(()),
        }
    }

    /// Whether a customer's zone stands where the hidden zone of an endpoint's private names would.
    pub(crate) fn has_zone_of_private_names(&self, endpoint: &VpcEndpoint) -> bool {
        let vpc = ZoneVpc { vpc: endpoint.vpc.clone(), region: endpoint.scope.region.clone() };
        self.zones_of_vpc(&vpc).any(|zone| is_apex(endpoint, &zone.name))
    }
}

/// Whether a name is the apex of an endpoint's private names.
fn is_apex(endpoint: &VpcEndpoint, name: &DomainName) -> bool {
    name.as_str() == endpoint.private_apex()
}

fn no_vpc(vpc: &ZoneVpc) -> Refusal {
    ZoneRefusal::InvalidVpc { vpc: vpc.vpc.to_string(), region: vpc.region.clone() }.into()
}
