//! Customers' zones: which one answers for a name in a VPC, and what.
//! Source: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html>; wildcards:
//! <https://www.rfc-editor.org/rfc/rfc4592>
use crate::{
    Absence, Answer, DomainName, Hop, Outcome, Rcode, RecordData, RecordType, Soa, Source, TTL, View,
    look_up::{LookUp, Step},
};
use vpclab_cloud::{
    HostedZoneId, RecordSet, Vpc, VpcId,
    hosted_zone::{AliasTarget, Content, RecordData as Data, RecordKind, RecordValue},
};

/// The most aliases on the way to values.
const MAX_ALIASES: usize = 8;

/// What a zone whose name a name lies under has to do with it in a VPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ZoneStanding {
    /// It answers, alone.
    Answers,
    /// A longer zone answers: a customer's, or one of the resolver's own.
    Shadowed,
    /// Not both DNS attributes of the VPC are on.
    AttributesOff,
    /// The VPC is not associated with it.
    NotAssociated,
    /// It is public, and no public DNS leads to it.
    Public,
}

/// A zone over a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneOver {
    /// The zone.
    pub zone: HostedZoneId,
    /// Its name.
    pub name: DomainName,
    /// What it has to do with the name.
    pub standing: ZoneStanding,
}

impl View {
    /// The customers' zones that a name lies in or would lie in, the longest first: those that the VPC is associated with, and others of
    /// its account.
    #[must_use]
    pub fn zones_over(&self, vpc: &VpcId, name: &DomainName) -> Vec<ZoneOver> {
        let Some(vpc) = self.cloud.vpcs.get(vpc) else {
            return Vec::new();
        };
        let question = crate::Question::new(name.clone(), RecordType::A);
        let answers = LookUp { view: self, vpc, question: &question, name, shorter_than: None }.hosted_zone();
        let mut over: Vec<_> = self
            .cloud
            .hosted_zones
            .values()
            .filter(|zone| name.within(zone.name.as_str()).is_some())
            .filter_map(|zone| {
                let associated = zone.vpcs.iter().any(|at| at.vpc == vpc.id);
                let standing = match answers {
                    _ if !associated && zone.account != vpc.scope.account => return None,
                    _ if !zone.private => ZoneStanding::Public,
                    _ if !associated => ZoneStanding::NotAssociated,
                    _ if !vpc.private_dns_possible() => ZoneStanding::AttributesOff,
                    Some((_, found)) if found == &zone.id => ZoneStanding::Answers,
                    _ => ZoneStanding::Shadowed,
                };
                Some(ZoneOver { zone: zone.id.clone(), name: zone.name.clone(), standing })
            })
            .collect();
        over.sort_by_key(|zone| std::cmp::Reverse(zone.name.as_str().len()));
        over
    }

    /// The longest of the VPC's zones that a name lies in, among those with shorter names than `shorter_than`.
    fn longest_zone<'a>(
        &'a self,
        vpc: &Vpc,
        name: &DomainName,
        shorter_than: Option<&DomainName>,
    ) -> Option<(&'a DomainName, &'a HostedZoneId)> {
        let of_vpc = (vpc.id.clone(), DomainName::default());
        self.zones.range(of_vpc..).next().filter(|((of, _), _)| of == &vpc.id)?;
        let mut at = match shorter_than {
            Some(zone) => zone.parent()?,
            None => name.clone(),
        };
        loop {
            let key = (vpc.id.clone(), at);
            if let Some(((_, name), zone)) = self.zones.get_key_value(&key) {
                return Some((name, zone));
            }
            at = key.1.parent()?;
        }
    }
}

impl<'a> LookUp<'a> {
    /// The customer's zone that answers, if one does: the longest, longer than the zone of an endpoint's private names, and not shorter
    /// than a zone that the resolver serves of itself. It takes both DNS attributes.
    pub(crate) fn hosted_zone(&self) -> Option<(&'a DomainName, &'a HostedZoneId)> {
        let (name, zone) = self.view.longest_zone(self.vpc, self.name, self.shorter_than)?;
        let hidden = self.view.private_zone(&self.vpc.id, self.name);
        let longer = hidden.is_none_or(|hidden| name.as_str().len() > hidden.name.len())
            && self.own_zone().is_none_or(|own| name.as_str().len() >= own.len());
        (longer && self.vpc.private_dns_possible()).then_some((name, zone))
    }

    /// What a zone answers.
    pub(crate) fn in_zone(&self, zone_name: &DomainName, zone: &HostedZoneId) -> Step {
        let from = |matched: Option<DomainName>, alias| Source::HostedZone { zone: zone.clone(), matched, alias };
        let no_records = |rcode, source| {
            let answer = Answer::without_records(rcode, Some(self.start(zone_name, zone)), source);
            Step::Done(Outcome::Answered(answer))
        };
        let matched = match self.node(zone_name, zone) {
            Node::Records(name) => name,
            Node::Above => return no_records(Rcode::NoError, from(None, None)),
            Node::None => {
                let hides = self.hidden_by(zone_name).map(Box::new);
                return no_records(Rcode::NxDomain, Source::Nothing(Absence::NotInZone { zone: zone.clone(), hides }));
            }
        };
        let asked = self.question.record_type;
        if asked != RecordType::CNAME
            && asked != RecordType::ANY
            && let Some(set) = self.view.cloud.record_sets.get(&(zone.clone(), matched.clone(), RecordKind::Cname))
            && let (ttl, Some(Data::Cname(target))) = {
                let found = self.values(set);
                (found.ttl, found.values.first().map(|value| &value.data))
            }
        {
            return Step::Onward(Hop { name: self.name.clone(), target: target.clone(), ttl, zone: zone.clone() });
        }
        let mut answer = Answer { ttl: u32::MAX, ..Answer::without_records(Rcode::NoError, None, Source::NotServed) };
        let mut alias = None;
        for set in self.sets_at(zone, &matched).filter(|set| asked == RecordType::ANY || number(set.kind) == asked) {
            let found = self.values(set);
            answer.ttl = answer.ttl.min(found.ttl);
            answer.records.extend(found.values.iter().map(|value| record(set.kind, value, zone_name, found.ttl)));
            if let Some((published, source)) = found.published {
                answer.records.extend(published.iter().copied().map(RecordData::A));
                alias = Some(Box::new(source.clone()));
            }
        }
        if answer.records.is_empty() {
            return no_records(Rcode::NoError, from(Some(matched), None));
        }
        answer.source = from(Some(matched), alias);
        Step::Done(Outcome::Answered(answer))
    }

    /// What would answer if the zone of this name were not there; `None` when nothing would.
    fn hidden_by(&self, zone_name: &DomainName) -> Option<Source> {
        if self.shorter_than.is_some() {
            return None;
        }
        match (LookUp { shorter_than: Some(zone_name), ..*self }).step() {
            Step::Onward(hop) => Some(Source::HostedZone { zone: hop.zone, matched: Some(hop.name), alias: None }),
            Step::Done(outcome) => outcome.answer().filter(|answer| answer.rcode == Rcode::NoError).map(|answer| answer.source.clone()),
        }
    }

    /// The records that a name has in a zone: its own, else those of the wildcard below the closest name above it that exists.
    fn node(&self, zone_name: &DomainName, zone: &HostedZoneId) -> Node {
        match self.at(zone, self.name) {
            Node::None => {}
            found => return found,
        }
        let mut above = self.name.parent();
        while let Some(name) = above.filter(|name| name.within(zone_name.as_str()).is_some()) {
            if !matches!(self.at(zone, &name), Node::None) {
                let wildcard = name.wildcard();
                return if self.sets_at(zone, &wildcard).next().is_some() { Node::Records(wildcard) } else { Node::None };
            }
            above = name.parent();
        }
        Node::None
    }

    /// What stands at a name itself.
    fn at(&self, zone: &HostedZoneId, name: &DomainName) -> Node {
        match self.view.cloud.record_sets_from(zone, name).next() {
            Some(set) if &set.name == name => Node::Records(name.clone()),
            Some(set) if name.is_above(set.name.as_str()) => Node::Above,
            _ => Node::None,
        }
    }

    fn sets_at<'b>(&'b self, zone: &'b HostedZoneId, name: &'b DomainName) -> impl Iterator<Item = &'b RecordSet> {
        self.view.cloud.record_sets_from(zone, name).take_while(move |set| &set.name == name).map(AsRef::as_ref)
    }

    /// The values of a record set, by however many aliases.
    fn values(&self, set: &'a RecordSet) -> Found<'a> {
        let nothing = Found { ttl: TTL, values: &[], published: None };
        let mut set = set;
        for _ in 0..MAX_ALIASES {
            match &set.content {
                Content::Values { ttl, values } => return Found { ttl: *ttl, values, published: None },
                Content::Alias(AliasTarget { zone, name, .. }) if zone == set.zone.as_str() => {
                    match self.view.cloud.record_sets.get(&(set.zone.clone(), name.clone(), set.kind)) {
                        Some(next) => set = next,
                        None => return nothing,
                    }
                }
                Content::Alias(AliasTarget { name, .. }) => {
                    let published = self.view.public.get(name.as_str()).filter(|_| set.kind == RecordKind::A);
                    return Found { published: published.map(|found| (&*found.addresses, &found.source)), ..nothing };
                }
            }
        }
        nothing
    }

    /// The zone's start, of negative answers.
    fn start(&self, zone_name: &DomainName, zone: &HostedZoneId) -> Soa {
        let set = self.view.cloud.record_sets.get(&(zone.clone(), zone_name.clone(), RecordKind::Soa));
        let found = set.and_then(|set| match &set.content {
            Content::Values { ttl, values } => values.first().map(|value| record(RecordKind::Soa, value, zone_name, *ttl)),
            Content::Alias(_) => None,
        });
        match found {
            Some(RecordData::Soa(soa)) => Soa { ttl: soa.ttl.min(soa.minimum), ..soa },
            _ => Soa::hosted(zone_name.as_str()),
        }
    }
}

/// What stands at a name.
enum Node {
    /// Records of this name.
    Records(DomainName),
    /// Nothing but names below.
    Above,
    /// Nothing.
    None,
}

/// What a record set comes to.
struct Found<'a> {
    ttl: u32,
    values: &'a [RecordValue],
    /// The addresses of a public name of an endpoint, which an alias leads to.
    published: Option<(&'a [std::net::Ipv4Addr], &'a Source)>,
}

fn number(kind: RecordKind) -> RecordType {
    match kind {
        RecordKind::A => RecordType::A,
        RecordKind::Aaaa => RecordType::AAAA,
        RecordKind::Caa => RecordType::CAA,
        RecordKind::Cname => RecordType::CNAME,
        RecordKind::Mx => RecordType::MX,
        RecordKind::Ns => RecordType::NS,
        RecordKind::Ptr => RecordType::PTR,
        RecordKind::Soa => RecordType::SOA,
        RecordKind::Spf => RecordType::SPF,
        RecordKind::Srv => RecordType::SRV,
        RecordKind::Txt => RecordType::TXT,
    }
}

/// A value as a record.
fn record(kind: RecordKind, value: &RecordValue, zone: &DomainName, ttl: u32) -> RecordData {
    match &value.data {
        Data::A(address) => RecordData::A(*address),
        Data::Aaaa(address) => RecordData::Aaaa(*address),
        Data::Caa { flags, tag, value } => RecordData::Caa { flags: *flags, tag: tag.clone(), value: value.clone() },
        Data::Cname(name) => RecordData::Cname(name.clone()),
        Data::Mx { preference, exchange } => RecordData::Mx { preference: *preference, exchange: exchange.clone() },
        Data::Ns(name) => RecordData::Ns(name.as_str().to_owned()),
        Data::Ptr(name) => RecordData::Ptr(name.as_str().to_owned()),
        Data::Srv { priority, weight, port, target } => {
            RecordData::Srv { priority: *priority, weight: *weight, port: *port, target: target.clone() }
        }
        Data::Txt(strings) if kind == RecordKind::Spf => RecordData::Spf(strings.clone()),
        Data::Txt(strings) => RecordData::Txt(strings.clone()),
        Data::Soa(start) => {
            let [serial, refresh, retry, expire, minimum] = start.numbers;
            let seconds = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
            RecordData::Soa(Soa {
                zone: zone.as_str().to_owned(),
                mname: start.mname.as_str().to_owned(),
                rname: start.rname.as_str().to_owned(),
                serial,
                refresh: seconds(refresh),
                retry: seconds(retry),
                expire: seconds(expire),
                minimum,
                ttl,
            })
        }
    }
}
