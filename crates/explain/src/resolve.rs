//! Name resolution: which address the call goes to, who said so, and why nobody does.
mod absent;
mod mend;

use crate::client::{At, Client};
use crate::{Blocker, Cause, EvidenceKind, Outcome, Step, StepKind, walk::Walk};
use absent::Way;
use std::net::Ipv4Addr;
use vpclab_cloud::{Cloud, HostedZoneId, VpcEndpointId, VpcId};
use vpclab_names::{Answer, DomainName, Question, Rcode, RecordData, RecordType, Silence, Source, View};

const RESOLVER: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html";
const ATTRIBUTES: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns-support.html";
const PRIVATE_DNS: &str = "https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html";
const FORMS: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html";
const ZONES: &str = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html";
const FORWARDING: &str =
    "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-forward-vpc-to-network-domain-name-matches.html";
const OPTIONS: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSet.html";

/// The link-local address of every VPC's resolver.
const LINK_LOCAL: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 253);
/// The most things that are mended one after the other before the name resolves.
const MAX_MENDS: usize = 6;

/// Where the call goes.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The addresses to connect to, in order.
    pub(crate) addresses: Vec<Ipv4Addr>,
    /// The VPC that has them, if the name says so.
    pub(crate) vpc: Option<VpcId>,
}

/// The addresses of the call's host. `None` when the name has none and nothing says where it would lead once mended.
pub(crate) fn address(walk: &mut Walk<'_>, client: &Client) -> Option<Target> {
    if let Some(address) = walk.call.connect_to.or_else(|| walk.call.url.address()) {
        let step = Step::new(StepKind::NameResolution, format!("{address}: no name is asked for"), RESOLVER);
        walk.pass(step.with(EvidenceKind::Address, address, ""));
        return Some(Target { addresses: vec![address], vpc: None });
    }
    let Ok(name) = DomainName::parse(&walk.call.url.host) else {
        let step = host_step(walk, format!("`{}` is no domain name", walk.call.url.host), RESOLVER);
        let blocker = Blocker::of(&step, Cause::NameNotFound, step.summary.clone());
        walk.block(step, Outcome::NoSuchName, blocker);
        return None;
    };
    match &client.at {
        At::Outside(_) => outside(walk, &name),
        At::Interface(interface) => inside(walk, &interface.vpc.clone(), name),
    }
}

/// A step about the call's host.
fn host_step(walk: &Walk<'_>, summary: String, cites: &'static str) -> Step {
    Step::new(StepKind::NameResolution, summary, cites).with(EvidenceKind::Name, &walk.call.url.host, "")
}

/// From a network outside only the public DNS is asked.
fn outside(walk: &mut Walk<'_>, name: &DomainName) -> Option<Target> {
    let judge = walk.judge;
    match judge.names().published(name) {
        Some((addresses, source)) => {
            let target = Target { addresses: addresses.to_vec(), vpc: endpoint_of(source).and_then(|id| vpc_of(judge.cloud(), id)) };
            let step = host_step(walk, format!("the public DNS has {}", list(addresses)), FORMS);
            walk.pass(tell(step, source));
            Some(target)
        }
        None => {
            let step = host_step(walk, format!("the public DNS has no {}", name.as_str()), FORMS);
            let mut blocker = Blocker::of(&step, Cause::NameNotFound, step.summary.clone());
            let way = mend::any_endpoint(walk, None);
            blocker.fixes.extend(way.as_ref().and_then(|endpoint| mend::instead(walk, endpoint)));
            walk.block(step, Outcome::NoSuchName, blocker);
            let endpoint = way?;
            Some(Target { addresses: addresses_of(judge.cloud(), &endpoint), vpc: vpc_of(judge.cloud(), &endpoint) })
        }
    }
}

/// From a VPC its resolver is asked. What keeps it from answering is mended in a copy of the snapshot, until it does.
fn inside(walk: &mut Walk<'_>, vpc: &VpcId, name: DomainName) -> Option<Target> {
    let judge = walk.judge;
    let resolver = judge.cloud().vpcs.get(vpc).map(|vpc| vpc.resolver_address());
    if let Some(step) = other_server(walk, vpc) {
        walk.unknown(step, "what the name servers of the VPC's DHCP options answer");
        return None;
    }
    let question = Question::new(name, RecordType::A);
    // Nothing is copied while the name resolves.
    let mut mended: Option<(Cloud, View)> = None;
    for _ in 0..MAX_MENDS {
        let (cloud, names) = mended.as_ref().map_or((judge.cloud(), judge.names()), |(cloud, names)| (cloud, names));
        let outcome = names.answer(vpc, &question);
        let Some(answer) = outcome.answer() else {
            let mut next = cloud.clone();
            let silent = outcome == vpclab_names::Outcome::Silent(Silence::DnsSupportOff);
            if !silent || !mend::set_attributes(&mut next, vpc, true, None) {
                return None;
            }
            dns_support_off(walk, vpc);
            mended = Some((next.clone(), names.next(&next)));
            continue;
        };
        if let Some(what) = forwarded(walk, cloud, vpc, &question.name, answer) {
            walk.unknown(host_step(walk, format!("a rule of {vpc} may forward the name"), FORWARDING), what);
            return None;
        }
        let addresses: Vec<Ipv4Addr> = answer.records.iter().filter_map(address_record).collect();
        if !addresses.is_empty() {
            let target = Target { vpc: endpoint_of(&answer.source).and_then(|id| vpc_of(cloud, id)), addresses };
            if mended.is_none() {
                walk.pass(answered(walk, resolver, answer, &target.addresses));
            }
            return Some(target);
        }
        if judge.forwards() && matches!(outcome, vpclab_names::Outcome::Outside(_)) {
            let step = host_step(walk, "the lab does not know the name and asks the machine's resolver".to_owned(), RESOLVER);
            walk.unknown(step, format!("what the machine's resolver answers for {}", walk.call.url.host));
            return None;
        }
        let answer = answer.clone();
        match absent::blocked(walk, cloud, vpc, resolver, &answer) {
            Way::Mended(next) => {
                let view = names.next(&next);
                mended = Some((*next, view));
            }
            Way::By(endpoint) => return Some(Target { addresses: addresses_of(cloud, &endpoint), vpc: vpc_of(cloud, &endpoint) }),
            Way::None => return None,
        }
    }
    None
}

/// Why it is not known what the name resolves to: a rule forwards it, or a name that it leads to.
fn forwarded(walk: &Walk<'_>, cloud: &Cloud, vpc: &VpcId, name: &DomainName, answer: &Answer) -> Option<String> {
    let unknowns = walk.judge.unknowns();
    let zone_of = |zone: &HostedZoneId| cloud.hosted_zones.get(zone).filter(|zone| zone.private).map(|zone| zone.name.as_str().len());
    let last = match &answer.source {
        Source::HostedZone { zone, .. } => zone_of(zone),
        // The zone of an endpoint is the private name of its service.
        Source::PrivateDns { endpoint } => {
            let endpoint = cloud.vpc_endpoints.get(endpoint)?;
            Some(endpoint.private_apex().len())
        }
        _ => None,
    };
    let mut name = name;
    for hop in &answer.chain {
        if let Some(what) = unknowns.forwarded(vpc, name, zone_of(&hop.zone)) {
            return Some(what.to_owned());
        }
        name = &hop.target;
    }
    unknowns.forwarded(vpc, name, last).map(str::to_owned)
}

/// The step of a VPC whose instances are told to ask another server than its own.
fn other_server(walk: &Walk<'_>, vpc: &VpcId) -> Option<Step> {
    let cloud = walk.judge.cloud();
    let vpc = cloud.vpcs.get(vpc)?;
    let servers = cloud.name_settings(vpc).servers;
    let first = servers.first();
    if first.is_some_and(|first| *first == vpc.resolver_address() || *first == LINK_LOCAL) {
        return None;
    }
    let who = first.map_or_else(|| "nobody".to_owned(), ToString::to_string);
    Some(host_step(walk, format!("the DHCP options of {} name {who} as name server", vpc.id), OPTIONS).with(EvidenceKind::Vpc, &vpc.id, ""))
}

fn dns_support_off(walk: &mut Walk<'_>, vpc: &VpcId) {
    let step = host_step(walk, format!("the resolver of {vpc} is silent: enableDnsSupport is off"), ATTRIBUTES).with(
        EvidenceKind::Vpc,
        vpc,
        "enableDnsSupport is false",
    );
    let mut blocker = Blocker::of(&step, Cause::DnsSupportOff, step.summary.clone());
    blocker.fixes.extend(mend::attribute(walk.judge.cloud(), vpc, "enable-dns-support", "EnableDnsSupport"));
    walk.block(step, Outcome::NoResolver, blocker);
}

/// The step of a name that has addresses.
fn answered(walk: &Walk<'_>, resolver: Option<Ipv4Addr>, answer: &Answer, addresses: &[Ipv4Addr]) -> Step {
    let resolver = resolver.map(|address| address.to_string()).unwrap_or_default();
    let (who, cites) = match &answer.source {
        Source::PrivateDns { endpoint } => (format!("the private zone of {endpoint}"), PRIVATE_DNS),
        Source::HostedZone { zone, .. } => (format!("the hosted zone {}", zone.as_str()), ZONES),
        Source::EndpointName { endpoint, .. } => (format!("the public name of {endpoint}"), FORMS),
        Source::ApiAlias { api, endpoint } => (format!("the public alias of {api} at {endpoint}"), FORMS),
        Source::PrivateHostname { .. } | Source::PublicHostname { .. } => ("the name of an address".to_owned(), ATTRIBUTES),
        Source::Localhost => ("`localhost`".to_owned(), RESOLVER),
        Source::Reverse { .. } | Source::EndlessChain | Source::Ancestor | Source::Nothing(_) | Source::NotServed => {
            ("the resolver".to_owned(), RESOLVER)
        }
    };
    let mut step = host_step(walk, format!("{} by {who}", list(addresses)), cites).with(EvidenceKind::Resolver, resolver, "");
    for hop in &answer.chain {
        step = step.with(EvidenceKind::HostedZone, hop.zone.as_str(), format!("{} CNAME {}", hop.name.as_str(), hop.target.as_str()));
    }
    tell(step, &answer.source)
}

/// With where the answer comes from.
fn tell(step: Step, source: &Source) -> Step {
    match source {
        Source::PrivateDns { endpoint } => step.with(EvidenceKind::VpcEndpoint, endpoint, "private DNS"),
        Source::EndpointName { endpoint, .. } => step.with(EvidenceKind::VpcEndpoint, endpoint, "its public name"),
        Source::ApiAlias { api, endpoint } => step.with(EvidenceKind::RestApi, api, "alias").with(EvidenceKind::VpcEndpoint, endpoint, ""),
        Source::HostedZone { zone, matched, alias } => {
            let record = matched.as_ref().map(|name| format!("record {}", name.as_str())).unwrap_or_default();
            let step = step.with(EvidenceKind::HostedZone, zone.as_str(), record);
            match alias {
                Some(alias) => tell(step, alias),
                None => step,
            }
        }
        Source::PublicHostname { interface, .. } | Source::Reverse { interface } => {
            step.with(EvidenceKind::NetworkInterface, interface, "")
        }
        Source::PrivateHostname { .. }
        | Source::Localhost
        | Source::EndlessChain
        | Source::Ancestor
        | Source::Nothing(_)
        | Source::NotServed => step,
    }
}

fn address_record(record: &RecordData) -> Option<Ipv4Addr> {
    match record {
        RecordData::A(address) => Some(*address),
        _ => None,
    }
}

/// The endpoint that an answer leads to.
fn endpoint_of(source: &Source) -> Option<&VpcEndpointId> {
    match source {
        Source::PrivateDns { endpoint } | Source::EndpointName { endpoint, .. } | Source::ApiAlias { endpoint, .. } => Some(endpoint),
        Source::HostedZone { alias, .. } => alias.as_deref().and_then(endpoint_of),
        Source::PrivateHostname { .. }
        | Source::PublicHostname { .. }
        | Source::Reverse { .. }
        | Source::Localhost
        | Source::EndlessChain
        | Source::Ancestor
        | Source::Nothing(_)
        | Source::NotServed => None,
    }
}

fn vpc_of(cloud: &Cloud, endpoint: &VpcEndpointId) -> Option<VpcId> {
    cloud.vpc_endpoints.get(endpoint).map(|endpoint| endpoint.vpc.clone())
}

fn addresses_of(cloud: &Cloud, endpoint: &VpcEndpointId) -> Vec<Ipv4Addr> {
    let interfaces = cloud.vpc_endpoints.get(endpoint).into_iter().flat_map(|endpoint| endpoint.interfaces.values());
    interfaces.filter_map(|id| cloud.network_interfaces.get(id)).map(|interface| interface.private_ip).collect()
}

fn list(addresses: &[Ipv4Addr]) -> String {
    let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

/// Whether the answer is that there is no such name, rather than one without addresses.
fn is_missing(answer: &Answer) -> bool {
    answer.rcode == Rcode::NxDomain
}
