//! What is not known about resources, as an import leaves it.
use ipnet::Ipv4Net;
use std::{collections::BTreeMap, net::Ipv4Addr};
use vpclab_cloud::{Direction, DomainName, RouteTableId, SecurityGroupId, VpcId};

/// Facts that were not understood, by the id of the resource they are about, for a function its ARN: a route to a transit gateway, a rule with a prefix list.
/// A step whose evidence names such a resource is undetermined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unknowns {
    facts: BTreeMap<String, Vec<String>>,
    routes: BTreeMap<RouteTableId, Vec<(Option<Ipv4Net>, String)>>,
    rules: BTreeMap<(SecurityGroupId, Direction), Vec<String>>,
    methods: BTreeMap<String, Vec<String>>,
    forwards: BTreeMap<VpcId, Vec<Forward>>,
    hosts: Vec<(String, String)>,
}

/// Names that a VPC's resolver asks another server for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Forward {
    domain: Option<DomainName>,
    except: Vec<DomainName>,
    what: String,
}

impl Forward {
    /// How many characters of the name the rule names; `None` where it is about other names.
    fn length(&self, name: &DomainName) -> Option<usize> {
        if self.except.iter().any(|except| name.within(except.as_str()).is_some()) {
            return None;
        }
        match &self.domain {
            None => Some(0),
            Some(domain) => name.within(domain.as_str()).map(|_| domain.as_str().len()),
        }
    }
}

impl Unknowns {
    /// Nothing is unknown.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
    /// Notes what is not understood about a resource, in one line.
    pub fn note(&mut self, id: impl Into<String>, what: impl Into<String>) {
        self.facts.entry(id.into()).or_default().push(what.into());
    }
    /// Notes a route that leads where nobody knows; without a destination it may be any. It matters only to what it would be chosen for.
    pub fn note_route(&mut self, table: RouteTableId, destination: Option<Ipv4Net>, what: impl Into<String>) {
        self.routes.entry(table).or_default().push((destination, what.into()));
    }
    /// Notes a rule that may allow more than the group's known rules do. It matters only where none of those allows.
    pub fn note_rules(&mut self, group: SecurityGroupId, direction: Direction, what: impl Into<String>) {
        self.rules.entry((group, direction)).or_default().push(what.into());
    }
    /// Notes what is not known of a method: `ANY` or a verb, and the path of its resource.
    pub fn note_method(&mut self, api: &str, method: &str, path: &str, what: impl Into<String>) {
        self.methods.entry(method_key(api, method, path)).or_default().push(what.into());
    }
    /// Notes that a VPC's resolver asks another server for the names of a domain (`None`: for all), but for those of the domains in `except`.
    pub fn note_forward(&mut self, vpc: VpcId, domain: Option<DomainName>, except: Vec<DomainName>, what: impl Into<String>) {
        self.forwards.entry(vpc).or_default().push(Forward { domain, except, what: what.into() });
    }
    /// Notes that nobody knows to which API a host name leads; `*.example.com` is every name one label below.
    pub fn note_host(&mut self, host: &str, what: impl Into<String>) {
        self.hosts.push((host.to_ascii_lowercase(), what.into()));
    }
    /// Why it is not known what a name resolves to in a VPC, where the zone that knows it has a name of `length` characters: a rule for a
    /// domain wins over the zones of the same domain and of those above it.
    /// Source: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html>
    #[must_use]
    pub fn forwarded(&self, vpc: &VpcId, name: &DomainName, length: Option<usize>) -> Option<&str> {
        let wins = |of: usize| length.is_none_or(|length| of >= length);
        self.forwards.get(vpc)?.iter().find(|forward| forward.length(name).is_some_and(wins)).map(|forward| forward.what.as_str())
    }
    /// Why it is not known to which API a `Host` leads.
    #[must_use]
    pub fn of_host(&self, host: &str) -> Option<&str> {
        let host = host.split(':').next().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
        let is = |pattern: &str| match pattern.strip_prefix("*.") {
            Some(domain) => host.split_once('.').is_some_and(|(label, rest)| !label.is_empty() && rest == domain),
            None => pattern == host,
        };
        self.hosts.iter().find(|(pattern, _)| is(pattern)).map(|(_, what)| what.as_str())
    }
    /// What is not known of a method.
    #[must_use]
    pub fn of_method(&self, api: &str, method: &str, path: &str) -> &[String] {
        self.methods.get(&method_key(api, method, path)).map_or(&[], Vec::as_slice)
    }
    /// The unknown routes that would be chosen for an address, where the known one that is chosen has a prefix of `length` bits.
    pub fn routes_to(&self, table: &RouteTableId, to: Ipv4Addr, length: Option<u8>) -> impl Iterator<Item = &str> {
        let routes = self.routes.get(table).map_or(&[][..], Vec::as_slice).iter();
        let wins = move |destination: &Ipv4Net| destination.contains(&to) && length.is_none_or(|length| destination.prefix_len() >= length);
        routes.filter(move |(destination, _)| destination.as_ref().is_none_or(wins)).map(|(_, what)| what.as_str())
    }
    /// The destinations of all unknown routes.
    pub fn destinations(&self) -> impl Iterator<Item = Ipv4Net> {
        self.routes.values().flatten().filter_map(|(destination, _)| *destination)
    }
    /// The unknown rules of a group in a direction.
    #[must_use]
    pub fn rules_of(&self, group: &SecurityGroupId, direction: Direction) -> &[String] {
        self.rules.get(&(group.clone(), direction)).map_or(&[], Vec::as_slice)
    }
    /// What is not known about a resource.
    #[must_use]
    pub fn about(&self, id: &str) -> &[String] {
        self.facts.get(id).map_or(&[], Vec::as_slice)
    }
    /// Whether everything is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
    /// What is not known about resources as a whole, by resource.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.facts.iter().map(|(id, facts)| (id.as_str(), facts.as_slice()))
    }
}

fn method_key(api: &str, method: &str, path: &str) -> String {
    format!("{api}/{method}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_route_matters_where_it_would_be_chosen() {
        let table: RouteTableId = "rtb-0000000a".parse().unwrap();
        let mut unknowns = Unknowns::new();
        assert!(unknowns.is_empty());
        unknowns.note_route(table.clone(), Some("10.0.0.0/8".parse().unwrap()), "wide");
        assert!(!unknowns.is_empty());
        let to = |text: &str, length| unknowns.routes_to(&table, text.parse().unwrap(), length).collect::<Vec<_>>();
        assert_eq!(to("10.1.2.3", None), ["wide"]);
        assert_eq!(to("10.1.2.3", Some(8)), ["wide"]);
        assert!(to("10.1.2.3", Some(16)).is_empty(), "a known route is more specific");
        assert!(to("11.1.2.3", None).is_empty());
        let mut any = unknowns.clone();
        any.note_route(table.clone(), None, "a prefix list");
        assert_eq!(any.routes_to(&table, "11.1.2.3".parse().unwrap(), Some(32)).collect::<Vec<_>>(), ["a prefix list"]);
    }

    fn named(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    #[test]
    fn a_forwarding_rule_wins_over_zones_that_are_not_below_it() {
        let (vpc, name): (VpcId, DomainName) = ("vpc-0000000a".parse().unwrap(), named("a.corp.test"));
        let mut unknowns = Unknowns::new();
        unknowns.note_forward(vpc.clone(), Some(named("corp.test")), vec![named("aws.corp.test")], "forwarded");
        let of = |name: &str, zone: Option<&str>| unknowns.forwarded(&vpc, &named(name), zone.map(str::len));
        assert_eq!(unknowns.forwarded(&vpc, &name, None), Some("forwarded"));
        assert_eq!(of("a.corp.test", Some("corp.test")), Some("forwarded"), "of the same domain");
        assert_eq!(of("a.corp.test", Some("a.corp.test")), None, "the zone is more specific");
        assert_eq!((of("x.aws.corp.test", None), of("xcorp.test", None)), (None, None));
        assert_eq!(unknowns.forwarded(&"vpc-0000000b".parse().unwrap(), &name, None), None, "of another VPC");
    }

    #[test]
    fn custom_names_are_known_with_and_without_a_port_and_by_a_star() {
        let mut unknowns = Unknowns::new();
        unknowns.note_host("api.corp.test", "one");
        unknowns.note_host("*.many.test", "many");
        let hosts = ["API.corp.test:443", "x.many.test", "x.y.many.test", "many.test", "other.corp.test"];
        assert_eq!(hosts.map(|host| unknowns.of_host(host)), [Some("one"), Some("many"), None, None, None]);
    }
}
