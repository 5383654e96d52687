//! Why a name has no address, what the client sees, and where it would lead.
use super::{ATTRIBUTES, FORMS, PRIVATE_DNS, RESOLVER, ZONES, host_step, is_missing, mend};
use crate::{Blocker, Cause, EvidenceKind, Fix, Outcome, Step, walk::Walk};
use std::net::Ipv4Addr;
use vpclab_cloud::{Cloud, HostedZoneId, RestApiId, VpcEndpointId, VpcId};
use vpclab_names::{Absence, Answer, NoAlias, NoPrivateDns, PeerZone, Source};

/// How the way goes on.
pub(super) enum Way {
    /// In a snapshot in which this one thing is mended the name is asked again.
    Mended(Box<Cloud>),
    /// To an endpoint.
    By(VpcEndpointId),
    /// Nothing says where the name would lead.
    None,
}

/// What was found out about a name without address.
struct Finding {
    cause: Cause,
    step: Step,
    fixes: Vec<Fix>,
    way: Way,
}

/// The circumstances of the question.
struct Asked<'a, 'w> {
    walk: &'a Walk<'w>,
    cloud: &'a Cloud,
    vpc: &'a VpcId,
}

/// Writes the block down.
pub(super) fn blocked(walk: &mut Walk<'_>, cloud: &Cloud, vpc: &VpcId, resolver: Option<Ipv4Addr>, answer: &Answer) -> Way {
    let asked = Asked { walk, cloud, vpc };
    let Finding { cause, mut step, fixes, way } = asked.why(answer);
    if let Some(resolver) = resolver {
        step = step.with(EvidenceKind::Resolver, resolver, "");
    }
    let mut blocker = Blocker::of(&step, cause, step.summary.clone());
    blocker.fixes = fixes;
    walk.block(step, Outcome::NoSuchName, blocker);
    way
}

impl Asked<'_, '_> {
    fn step(&self, summary: String, cites: &'static str) -> Step {
        host_step(self.walk, summary, cites)
    }

    fn host(&self) -> &str {
        &self.walk.call.url.host
    }

    fn nothing(&self, cause: Cause, summary: String) -> Finding {
        Finding { cause, step: self.step(summary, RESOLVER), fixes: Vec::new(), way: Way::None }
    }

    fn why(&self, answer: &Answer) -> Finding {
        match &answer.source {
            Source::Nothing(absence) => self.absence(absence),
            Source::EndlessChain => self.nothing(Cause::CnameLoop, format!("CNAME records of {} lead in a circle or too far", self.host())),
            Source::HostedZone { zone, .. } => {
                let step = self.step(format!("the hosted zone {} has no address for {}", zone.as_str(), self.host()), ZONES);
                let step = step.with(EvidenceKind::HostedZone, zone.as_str(), "");
                Finding { cause: Cause::NameWithoutAddress, step, fixes: Vec::new(), way: Way::None }
            }
            _ if !is_missing(answer) => self.nothing(Cause::NameWithoutAddress, format!("{} exists and has no address", self.host())),
            _ => self.nothing(Cause::NameNotFound, format!("there is no {}", self.host())),
        }
    }

    fn absence(&self, absence: &Absence) -> Finding {
        match absence {
            Absence::NotPublished { private_dns, peers, api, .. } => self.not_published(private_dns, peers, api.as_ref()),
            Absence::PublicApi { api, private_dns } => {
                let step =
                    self.step(format!("{api} is no private API: its name leads to the internet, which the client does not have"), FORMS);
                let step = step.with(EvidenceKind::RestApi, api, format!("{private_dns:?}"));
                Finding { cause: Cause::PublicApiName, step, fixes: Vec::new(), way: Way::None }
            }
            Absence::Alias { api, endpoint, because } => self.no_alias(api, endpoint, *because),
            Absence::NotInZone { zone, hides } => self.not_in_zone(zone, hides.as_deref()),
            Absence::HostnamesOff => self.hostnames_off(None),
            Absence::NoEndpointName => self.nothing(Cause::NameNotFound, format!("no endpoint has the name {}", self.host())),
            Absence::OtherRegion | Absence::NoPrivateHostname | Absence::NoInterface { .. } | Absence::LocalZone | Absence::Unknown => {
                self.nothing(Cause::NameNotFound, format!("there is no {}", self.host()))
            }
        }
    }

    /// `enableDnsHostnames` is off: neither private names nor hosted zones work.
    fn hostnames_off(&self, endpoint: Option<&VpcEndpointId>) -> Finding {
        let vpc = self.vpc;
        let mut step = self.step(format!("the private names do not work in {vpc}: enableDnsHostnames is off"), ATTRIBUTES).with(
            EvidenceKind::Vpc,
            vpc,
            "enableDnsHostnames is false",
        );
        if let Some(endpoint) = endpoint {
            step = step.with(EvidenceKind::VpcEndpoint, endpoint, "");
        }
        let fixes = mend::attribute(self.cloud, vpc, "enable-dns-hostnames", "EnableDnsHostnames").into_iter().collect();
        let mut next = self.cloud.clone();
        let way = if mend::set_attributes(&mut next, vpc, true, Some(true)) { Way::Mended(Box::new(next)) } else { Way::None };
        Finding { cause: Cause::DnsHostnamesOff, step, fixes, way }
    }

    /// The private name of an API, in a VPC whose private zones do not have it.
    fn not_published(&self, private_dns: &NoPrivateDns, peers: &[PeerZone], api: Option<&RestApiId>) -> Finding {
        let hostnames = self.cloud.vpcs.get(self.vpc).is_some_and(|vpc| vpc.enable_dns_hostnames);
        match private_dns {
            NoPrivateDns::HostnamesOff(endpoint) => self.hostnames_off(Some(endpoint)),
            NoPrivateDns::Disabled(endpoints) if !hostnames => self.hostnames_off(endpoints.first()),
            NoPrivateDns::Disabled(endpoints) => self.private_dns_off(endpoints),
            NoPrivateDns::NoEndpoint | NoPrivateDns::OtherRegion => match peers.first() {
                Some(peer) => self.over_peering(peer),
                None => self.no_zone(private_dns, api),
            },
        }
    }

    fn private_dns_off(&self, endpoints: &[VpcEndpointId]) -> Finding {
        let ids: Vec<&str> = endpoints.iter().map(AsRef::as_ref).collect();
        let mut step = self.step(format!("private DNS is off at {}", ids.join(", ")), PRIVATE_DNS);
        for id in endpoints {
            step = step.with(EvidenceKind::VpcEndpoint, id, "private DNS is off");
        }
        let first = endpoints.first();
        let mut fixes: Vec<Fix> = first.and_then(|id| mend::private_dns(self.cloud, id)).into_iter().collect();
        fixes.extend(first.and_then(|id| mend::instead(self.walk, id)));
        let way = first.and_then(|id| mend::with_private_dns(self.cloud, id)).map_or(Way::None, |next| Way::Mended(Box::new(next)));
        Finding { cause: Cause::PrivateDnsOff, step, fixes, way }
    }

    fn over_peering(&self, peer: &PeerZone) -> Finding {
        let step = self
            .step(
                format!("only {} has a private zone for the name, by {}; no peering carries it to {}", peer.vpc, peer.endpoint, self.vpc),
                PRIVATE_DNS,
            )
            .with(EvidenceKind::Peering, &peer.connection, format!("AllowDnsResolutionFromRemoteVpc {}", peer.allows_dns_resolution))
            .with(EvidenceKind::Vpc, &peer.vpc, "has the private zone")
            .with(EvidenceKind::VpcEndpoint, &peer.endpoint, "");
        let mut fixes: Vec<Fix> = mend::instead(self.walk, &peer.endpoint).into_iter().collect();
        fixes.extend(mend::zone_for(self.walk, self.cloud, self.vpc, &peer.endpoint));
        Finding { cause: Cause::PrivateNameOverPeering, step, fixes, way: Way::By(peer.endpoint.clone()) }
    }

    /// No private zone of this VPC or a peer has the name.
    fn no_zone(&self, private_dns: &NoPrivateDns, api: Option<&RestApiId>) -> Finding {
        let vpc = self.vpc;
        if *private_dns == NoPrivateDns::OtherRegion {
            let endpoint = mend::any_endpoint(self.walk, Some(vpc));
            let step = self.step(format!("{} is a private name of another region than {vpc}'s", self.host()), PRIVATE_DNS);
            let step = step.with(EvidenceKind::Vpc, vpc, "");
            let fixes = endpoint.as_ref().and_then(|id| mend::instead(self.walk, id)).into_iter().collect();
            return Finding { cause: Cause::PrivateNameOfOtherRegion, step, fixes, way: endpoint.map_or(Way::None, Way::By) };
        }
        let step = self.step(format!("{vpc} has no endpoint for API Gateway, so nobody answers for {}", self.host()), PRIVATE_DNS);
        let mut step = step.with(EvidenceKind::Vpc, vpc, "no endpoint");
        if let Some(api) = api {
            step = step.with(EvidenceKind::RestApi, api, "");
        }
        let endpoint = mend::any_endpoint(self.walk, Some(vpc));
        let mut fixes: Vec<Fix> = endpoint.as_ref().and_then(|id| mend::instead(self.walk, id)).into_iter().collect();
        fixes.extend(mend::new_endpoint(self.walk, self.cloud, vpc));
        Finding { cause: Cause::NoEndpointInVpc, step, fixes, way: endpoint.map_or(Way::None, Way::By) }
    }

    fn no_alias(&self, api: &RestApiId, endpoint: &VpcEndpointId, because: NoAlias) -> Finding {
        let step = |summary: String| {
            self.step(summary, FORMS).with(EvidenceKind::RestApi, api, format!("{because:?}")).with(EvidenceKind::VpcEndpoint, endpoint, "")
        };
        let finding = |cause, summary: String, fixes: Vec<Fix>, way| Finding { cause, step: step(summary), fixes, way };
        match because {
            NoAlias::NoApi => finding(Cause::ApiNotFound, format!("there is no API {api} in the name's region"), Vec::new(), Way::None),
            NoAlias::NoEndpoint => {
                let other = mend::any_endpoint(self.walk, Some(self.vpc));
                let fixes = other.as_ref().and_then(|id| mend::instead(self.walk, id)).into_iter().collect();
                let summary = format!("there is no endpoint {endpoint} in the region of {api}");
                finding(Cause::NameNotFound, summary, fixes, other.map_or(Way::None, Way::By))
            }
            NoAlias::NotPrivate => {
                finding(Cause::ApiNotPrivate, format!("{api} is no private API: it has no alias"), Vec::new(), Way::By(endpoint.clone()))
            }
            NoAlias::NotAssociated => finding(
                Cause::EndpointNotAssociated,
                format!("{api} does not list {endpoint}, so the alias is not published"),
                mend::associate(self.walk, api, endpoint),
                Way::By(endpoint.clone()),
            ),
            NoAlias::NotDeployed => finding(
                Cause::AssociationNotDeployed,
                format!("{api} lists {endpoint}, and no deployment that is served does"),
                mend::deploy(self.walk, api),
                Way::By(endpoint.clone()),
            ),
        }
    }

    fn not_in_zone(&self, zone: &HostedZoneId, hides: Option<&Source>) -> Finding {
        let name = self.cloud.hosted_zones.get(zone).map(|zone| zone.name.as_str().to_owned()).unwrap_or_default();
        let id = zone.as_str();
        let Some(hidden) = hides else {
            let step = self.step(format!("the hosted zone {id} ({name}) has no {}", self.host()), ZONES);
            let step = step.with(EvidenceKind::HostedZone, id, name);
            let fixes = mend::record(self.walk, self.cloud, zone, None);
            return Finding { cause: Cause::NameNotFound, step, fixes, way: Way::None };
        };
        let endpoint = super::endpoint_of(hidden);
        let mut step =
            self.step(format!("the hosted zone {id} ({name}) answers for {}, has no such record, and hides it", self.host()), ZONES);
        step = step.with(EvidenceKind::HostedZone, id, name);
        if let Some(endpoint) = endpoint {
            step = step.with(EvidenceKind::VpcEndpoint, endpoint, "hidden");
        }
        let fixes = mend::record(self.walk, self.cloud, zone, endpoint);
        let way = mend::without_zone(self.cloud, zone, self.vpc).map_or(Way::None, |next| Way::Mended(Box::new(next)));
        Finding { cause: Cause::HostedZoneHidesName, step, fixes, way }
    }
}
