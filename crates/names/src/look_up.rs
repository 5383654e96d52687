//! Looking one question up: the longest zone that the VPC sees answers alone.
use crate::{
    Absence, Answer, Class, DomainName, Hop, NoAlias, NoPrivateDns, Outcome, Question, Rcode, RecordData, RecordType, Silence, Soa, Source,
    TTL, View, hostname, public, view::PrivateZone,
};
use std::net::{Ipv4Addr, Ipv6Addr};
use vpclab_cloud::{
    Region, RestApiId, Vpc, VpcEndpointId, VpcId, VpcPeeringConnection,
    rest_api::EndpointType,
    zone::{private_domain, public_dns_name, public_domain},
};

mod reverse;

/// Zones that are answered for but hold nothing of themselves: private names of no region and the
/// reverse zones of private IPv6 addresses (RFC 6303).
const LOCAL_ZONES: &[&str] =
    &["internal", "c.f.ip6.arpa", "d.f.ip6.arpa", "8.e.f.ip6.arpa", "9.e.f.ip6.arpa", "a.e.f.ip6.arpa", "b.e.f.ip6.arpa"];

/// Names that exist because the lab has names below them, whatever the region.
const ANCESTORS_OF: &[&str] = &[
    "execute-api.us-east-1.vpce.amazonaws.com",
    "10.in-addr.arpa",
    "64.100.in-addr.arpa",
    "254.169.in-addr.arpa",
    "16.172.in-addr.arpa",
    "168.192.in-addr.arpa",
    "c.f.ip6.arpa",
    "8.e.f.ip6.arpa",
];

impl View {
    /// Why the resolver of a VPC answers nothing at all; `None` when it answers.
    #[must_use]
    pub fn silence(&self, vpc: &VpcId) -> Option<Silence> {
        match self.cloud.vpcs.get(vpc) {
            None => Some(Silence::NoVpc),
            Some(vpc) if !vpc.enable_dns_support => Some(Silence::DnsSupportOff),
            Some(_) => None,
        }
    }

    /// What the resolver of a VPC answers.
    #[must_use]
    pub fn answer(&self, vpc: &VpcId, question: &Question) -> Outcome {
        if let Some(silence) = self.silence(vpc) {
            return Outcome::Silent(silence);
        }
        let Some(vpc) = self.cloud.vpcs.get(vpc) else {
            return Outcome::Silent(Silence::NoVpc);
        };
        if question.class != Class::IN || matches!(question.record_type, RecordType::AXFR | RecordType::IXFR) {
            return Outcome::Answered(Answer::without_records(Rcode::Refused, None, Source::NotServed));
        }
        self.follow(vpc, question)
    }

    /// Looks a name up, and the names that CNAME records of hosted zones lead to.
    fn follow(&self, vpc: &Vpc, question: &Question) -> Outcome {
        let mut chain: Vec<Hop> = Vec::new();
        loop {
            let name = chain.last().map_or(&question.name, |hop| &hop.target);
            match (LookUp { view: self, vpc, question, name, shorter_than: None }).step() {
                Step::Done(mut outcome) => {
                    if let Outcome::Answered(answer) | Outcome::Outside(answer) = &mut outcome {
                        answer.chain = chain;
                    }
                    return outcome;
                }
                Step::Onward(hop) if chain.len() < MAX_CHAIN && chain.iter().all(|passed| passed.name != hop.target) => chain.push(hop),
                Step::Onward(hop) => {
                    chain.push(hop);
                    let answer = Answer::without_records(Rcode::ServFail, None, Source::EndlessChain);
                    return Outcome::Answered(Answer { chain, ..answer });
                }
            }
        }
    }
}

/// The most CNAME records on the way to an answer.
const MAX_CHAIN: usize = 16;

/// What one name comes to.
pub(crate) enum Step {
    /// It is answered.
    Done(Outcome),
    /// A CNAME record leads to another name.
    Onward(Hop),
}

/// One question in one VPC.
#[derive(Clone, Copy)]
pub(crate) struct LookUp<'a> {
    pub(crate) view: &'a View,
    pub(crate) vpc: &'a Vpc,
    pub(crate) question: &'a Question,
    pub(crate) name: &'a DomainName,
    /// Only customers' zones with shorter names count: to find out what a zone hides.
    pub(crate) shorter_than: Option<&'a DomainName>,
}

impl LookUp<'_> {
    pub(crate) fn step(&self) -> Step {
        match self.hosted_zone() {
            Some((name, zone)) => self.in_zone(name, zone),
            None => Step::Done(self.outcome()),
        }
    }

    /// The zone that the resolver serves of itself and that no shorter zone of a customer hides.
    pub(crate) fn own_zone(&self) -> Option<String> {
        let names = [private_domain(&self.vpc.scope.region), "localhost".to_owned()];
        names.into_iter().find(|zone| self.name.within(zone).is_some()).or_else(|| {
            self.name.within("in-addr.arpa")?;
            self.private_reverse_suffix()
        })
    }

    fn outcome(&self) -> Outcome {
        let found = self
            .private_dns()
            .or_else(|| self.localhost())
            .or_else(|| self.endpoint_name())
            .or_else(|| self.api_name())
            .or_else(|| self.private_hostname())
            .or_else(|| self.public_hostname())
            .or_else(|| self.reverse_name())
            .or_else(|| self.local_zone());
        found.map_or_else(|| self.outside(), Outcome::Answered)
    }

    /// The zone that an endpoint attached to this VPC: the apex, and for services that have a wildcard every name below, however many
    /// labels.
    fn private_dns(&self) -> Option<Answer> {
        let zone = self.view.private_zone(&self.vpc.id, self.name)?;
        let PrivateZone { endpoint, name, wildcard, addresses } = zone;
        if self.name.as_str() != name && !wildcard {
            return Some(self.missing(Soa::hosted(name), Absence::NoEndpointName));
        }
        let source = Source::PrivateDns { endpoint: endpoint.clone() };
        Some(self.exists(Soa::hosted(name), addresses.iter().copied().map(RecordData::A), source))
    }

    fn localhost(&self) -> Option<Answer> {
        self.name.within("localhost")?;
        let records = [RecordData::A(Ipv4Addr::LOCALHOST), RecordData::Aaaa(Ipv6Addr::LOCALHOST)];
        Some(self.exists(Soa::local("localhost"), records, Source::Localhost))
    }

    /// Names under `vpce.amazonaws.com`: public, and alike in every VPC.
    fn endpoint_name(&self) -> Option<Answer> {
        let before = self.name.within("vpce.amazonaws.com")?;
        let of_bucket = || {
            // A bucket of S3: `{bucket}.bucket.vpce-….s3.{r}.vpce.amazonaws.com`.
            let (bucket, rest) = self.name.as_str().rsplit_once(".bucket.vpce-")?;
            self.view.public.get(&format!("bucket.vpce-{rest}")).filter(|_| !bucket.is_empty())
        };
        if let Some(published) = self.view.public.get(self.name.as_str()).or_else(of_bucket) {
            let zone = match &published.source {
                Source::EndpointName { endpoint, .. } => self.view.cloud.vpc_endpoints.get(endpoint).map(|found| found.public_domain()),
                _ => None,
            };
            return Some(self.published(Soa::hosted(zone.unwrap_or_else(|| "vpce.amazonaws.com".into())), published));
        }
        let mut labels = before.rsplit('.');
        let region = labels.next().and_then(|label| label.parse::<Region>().ok());
        let Some(region) = region.filter(|_| matches!(labels.next(), None | Some("execute-api"))) else {
            let soa = Soa::hosted("vpce.amazonaws.com");
            // The names above those of endpoints exist.
            let above = before.is_empty() || self.view.public.keys().any(|name| self.name.is_above(name));
            return Some(if above { self.exists(soa, [], Source::Ancestor) } else { self.missing(soa, Absence::NoEndpointName) });
        };
        let zone = format!("execute-api.{region}.vpce.amazonaws.com");
        Some(if self.name.as_str() == zone || self.name.is_above(&zone) {
            self.exists(Soa::hosted(zone), [], Source::Ancestor)
        } else {
            self.missing(Soa::hosted(zone), Absence::NoEndpointName)
        })
    }

    /// Names under `execute-api.{r}.amazonaws.com` in the public DNS.
    fn api_name(&self) -> Option<Answer> {
        let mut labels = self.name.labels().rev();
        let region = match (labels.next(), labels.next(), labels.next(), labels.next()) {
            (Some("com"), Some("amazonaws"), Some(region), Some("execute-api")) => region,
            _ => return None,
        };
        let Ok(region) = region.parse::<Region>() else {
            return Some(self.missing(Soa::hosted("amazonaws.com"), Absence::Unknown));
        };
        let zone = public::api_zone(&region);
        if let Some(published) = self.view.public.get(self.name.as_str()) {
            return Some(self.published(Soa::hosted(zone), published));
        }
        let before = self.name.within(&zone)?;
        if before.is_empty() {
            return Some(self.exists(Soa::hosted(zone), [], Source::Ancestor));
        }
        let why = self.why_no_api_name(before, region, &zone);
        Some(self.missing(Soa::hosted(zone), why))
    }

    fn why_no_api_name(&self, before: &str, region: Region, zone: &str) -> Absence {
        if let Some((api, endpoint)) = alias(before) {
            let of_region = |api: &RestApiId| self.view.cloud.rest_apis.get(api).is_some_and(|api| api.scope.region == region);
            // An alias that is published was found before; only an API of another region gets here without a reason.
            let because =
                Some(NoAlias::NoApi).filter(|_| !of_region(&api)).or_else(|| public::why_no_alias(&self.view.cloud, &api, &endpoint));
            if let Some(because) = because {
                return Absence::Alias { api, endpoint, because };
            }
        }
        let api =
            before.parse::<RestApiId>().ok().and_then(|id| self.view.cloud.rest_apis.get(&id)).filter(|api| api.scope.region == region);
        let private_dns = self.why_no_private_dns(&region);
        match api {
            Some(api) if api.settings.endpoint_type != EndpointType::Private => Absence::PublicApi { api: api.id.clone(), private_dns },
            api => Absence::NotPublished {
                region,
                api: api.map(|api| api.id.clone()),
                private_dns,
                peers: self.view.peers_with_zone(&self.vpc.id, zone),
            },
        }
    }

    fn why_no_private_dns(&self, region: &Region) -> NoPrivateDns {
        if &self.vpc.scope.region != region {
            return NoPrivateDns::OtherRegion;
        }
        let mut off = Vec::new();
        for (id, endpoint) in self.view.cloud.vpc_endpoints.iter() {
            if endpoint.vpc != self.vpc.id || !endpoint.is_execute_api() {
                continue;
            }
            if endpoint.private_dns_enabled {
                return NoPrivateDns::HostnamesOff(id.clone());
            }
            off.push(id.clone());
        }
        if off.is_empty() { NoPrivateDns::NoEndpoint } else { NoPrivateDns::Disabled(off) }
    }

    /// `ip-10-0-1-10.{r}.compute.internal`, `ip-10-0-1-10.ec2.internal`: made of the address in the name, so that a name of a private
    /// address resolves in every VPC of the region. Only while both attributes are on.
    /// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>
    fn private_hostname(&self) -> Option<Answer> {
        let zone = private_domain(&self.vpc.scope.region);
        let Some(before) = self.name.within(&zone) else {
            let compute = self.name.within("compute.internal").is_some_and(|b| !b.is_empty());
            let other = compute || self.name.within("ec2.internal").is_some();
            return other.then(|| self.missing(Soa::local("internal"), Absence::OtherRegion));
        };
        let soa = Soa::local(zone);
        if !self.vpc.private_dns_possible() {
            return Some(self.missing(soa, Absence::HostnamesOff));
        }
        if before.is_empty() {
            return Some(self.exists(soa, [], Source::Ancestor));
        }
        let address = hostname::ip_form(before).filter(|address| address.is_private() || self.vpc.contains(*address));
        Some(match address {
            Some(address) => self.exists(soa, [RecordData::A(address)], Source::PrivateHostname { address }),
            None => self.missing(soa, Absence::NoPrivateHostname),
        })
    }

    /// `ec2-203-0-113-1.{r}.compute.amazonaws.com`: the private address in the VPC that has it, and in a peer that it lets ask so;
    /// the public one elsewhere. There is such a name while both attributes of that VPC are on.
    /// Source: <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html>
    fn public_hostname(&self) -> Option<Answer> {
        let before = self.name.within("amazonaws.com")?;
        let address = hostname::ip_form(&before.split('.').next()?.replacen("ec2-", "ip-", 1))?;
        let at = self.view.cloud.public_addresses.get(&address)?.association.as_ref()?;
        let interface = self.view.cloud.network_interfaces.get(&at.interface)?;
        let region = &interface.scope.region;
        let there = self.view.cloud.vpcs.get(&interface.vpc).filter(|vpc| vpc.private_dns_possible())?;
        if self.name.as_str() != public_dns_name(region, address) {
            return None;
        }
        let allows = |peering: &VpcPeeringConnection| {
            let sides = peering.sides(&self.vpc.id).filter(|_| peering.is_active());
            sides.is_some_and(|(_, peer)| peer.vpc == there.id && peer.allow_dns_resolution)
        };
        let inside = there.id == self.vpc.id || self.view.cloud.peerings.values().any(|peering| allows(peering));
        let record = RecordData::A(if inside { at.private_ip } else { address });
        let source = Source::PublicHostname { address, interface: interface.id.clone() };
        Some(self.exists(Soa::hosted(public_domain(region)), [record], source))
    }

    fn local_zone(&self) -> Option<Answer> {
        let zone = LOCAL_ZONES.iter().find(|zone| self.name.within(zone).is_some())?;
        let region_zone = private_domain(&self.vpc.scope.region);
        let exists = self.name.as_str() == *zone || self.name.is_above(&region_zone);
        Some(if exists {
            self.exists(Soa::local(*zone), [], Source::Ancestor)
        } else {
            self.missing(Soa::local(*zone), Absence::LocalZone)
        })
    }

    /// A name that is not the lab's. Names above the lab's own exist, so that no cache takes the lab's names for absent.
    fn outside(&self) -> Outcome {
        let zones = self.view.private.get(&self.vpc.id);
        // `ecr.{r}.amazonaws.com` above the zone of `api.ecr`.
        let is_above_private = || zones.is_some_and(|zones| zones.iter().any(|zone| self.name.is_above(&zone.name)));
        let exists = ANCESTORS_OF.iter().any(|zone| self.name.is_above(zone)) || self.is_region_of_aws() || is_above_private();
        Outcome::Outside(if exists { self.exists(Soa::root(), [], Source::Ancestor) } else { self.missing(Soa::root(), Absence::Unknown) })
    }

    /// `{r}.amazonaws.com`
    fn is_region_of_aws(&self) -> bool {
        self.name.within("amazonaws.com").is_some_and(|before| before.parse::<Region>().is_ok())
    }

    fn published(&self, soa: Soa, published: &public::Published) -> Answer {
        let records = published.addresses.iter().copied().map(RecordData::A);
        self.exists(soa, records, published.source.clone())
    }

    /// A name that exists: its records of the type asked, or none with the zone's start.
    fn exists(&self, soa: Soa, records: impl IntoIterator<Item = RecordData>, source: Source) -> Answer {
        let mut all: Vec<RecordData> = records.into_iter().collect();
        if self.name.as_str() == soa.zone {
            all.push(RecordData::Ns(soa.mname.clone()));
            all.push(RecordData::Soa(soa.clone()));
        }
        let asked = self.question.record_type;
        all.retain(|record| asked == RecordType::ANY || record.record_type() == asked);
        Answer { rcode: Rcode::NoError, chain: Vec::new(), authority: all.is_empty().then_some(soa), records: all, ttl: TTL, source }
    }

    fn missing(&self, soa: Soa, absence: Absence) -> Answer {
        Answer::without_records(Rcode::NxDomain, Some(soa), Source::Nothing(absence))
    }
}

impl RecordData {
    /// The record's type.
    #[must_use]
    pub fn record_type(&self) -> RecordType {
        match self {
            Self::A(_) => RecordType::A,
            Self::Aaaa(_) => RecordType::AAAA,
            Self::Ptr(_) => RecordType::PTR,
            Self::Ns(_) => RecordType::NS,
            Self::Soa(_) => RecordType::SOA,
            Self::Cname(_) => RecordType::CNAME,
            Self::Txt(_) => RecordType::TXT,
            Self::Spf(_) => RecordType::SPF,
            Self::Mx { .. } => RecordType::MX,
            Self::Srv { .. } => RecordType::SRV,
            Self::Caa { .. } => RecordType::CAA,
        }
    }
}

impl Answer {
    /// An answer of a name itself that has no records to give.
    pub(crate) fn without_records(rcode: Rcode, authority: Option<Soa>, source: Source) -> Self {
        Self { rcode, chain: Vec::new(), records: Vec::new(), ttl: TTL, authority, source }
    }
}

/// `{api}-{vpce}` as one label.
fn alias(label: &str) -> Option<(RestApiId, VpcEndpointId)> {
    let (api, endpoint) = label.split_once('-')?;
    Some((api.parse().ok()?, endpoint.parse().ok()?))
}
