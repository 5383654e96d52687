use super::*;

pub(super) fn values(kind: &str, texts: &[&str]) -> Content {
    let kind = kind.parse().unwrap();
    Content::Values { ttl: 300, values: texts.iter().map(|text| RecordValue::parse(kind, text).unwrap()).collect() }
}

fn one(action: ChangeAction, at: &str, kind: &str, content: Content) -> RecordChange {
    RecordChange { action, name: name(at), kind: kind.parse().unwrap(), content }
}

fn batch(net: &mut Net, zone: &HostedZoneId, changes: Vec<RecordChange>) -> Result<(), Refusal> {
    net.lab.run(|cloud, cx| cloud.change_record_sets(cx, zone, changes))
}

pub(super) fn change(
    net: &mut Net,
    zone: &HostedZoneId,
    action: ChangeAction,
    at: &str,
    kind: &str,
    texts: &[&str],
) -> Result<(), Refusal> {
    batch(net, zone, vec![one(action, at, kind, values(kind, texts))])
}

pub(super) fn create(net: &mut Net, zone: &HostedZoneId, at: &str, kind: &str, texts: &[&str]) -> Result<(), Refusal> {
    change(net, zone, ChangeAction::Create, at, kind, texts)
}

fn refused(result: Result<(), Refusal>) -> String {
    match result {
        Err(Refusal::HostedZone(why @ ZoneRefusal::InvalidChangeBatch(_))) => why.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn create_delete_upsert() {
    let mut net = net();
    let id = net.private("example.com");
    create(&mut net, &id, "a.example.com", "A", &["10.0.0.1", "10.0.0.2"]).unwrap();
    let again = create(&mut net, &id, "A.example.com.", "A", &["10.0.0.3"]);
    assert_eq!(refused(again), "[Tried to create resource record set [name='a.example.com.', type='A'] but it already exists]");
    let other = change(&mut net, &id, ChangeAction::Delete, "a.example.com", "A", &["10.0.0.1"]);
    assert_eq!(
        refused(other),
        "[Tried to delete resource record set [name='a.example.com.', type='A'] but the values provided do not match the current values]"
    );
    change(&mut net, &id, ChangeAction::Delete, "a.example.com", "A", &["10.0.0.2", "10.0.0.1"]).unwrap();
    let gone = change(&mut net, &id, ChangeAction::Delete, "a.example.com", "A", &["10.0.0.1"]);
    assert_eq!(refused(gone), "[Tried to delete resource record set [name='a.example.com.', type='A'] but it was not found]");
    for address in ["10.0.0.1", "10.0.0.9"] {
        change(&mut net, &id, ChangeAction::Upsert, "*.example.com", "A", &[address]).unwrap();
    }
    let last = net.lab.cloud.record_sets_of(&id).last().unwrap();
    assert_eq!((last.name.as_str(), &last.content), ("\\052.example.com", &values("A", &["10.0.0.9"])));
}

#[test]
fn a_batch_is_all_or_nothing_and_says_all_that_is_wrong() {
    let mut net = net();
    let id = net.private("example.com");
    let create = |at: &str, kind: &str, texts: &[&str]| one(ChangeAction::Create, at, kind, values(kind, texts));
    let before = net.lab.cloud.clone();
    let result = batch(
        &mut net,
        &id,
        vec![
            create("ok.example.com", "A", &["10.0.0.1"]),
            create("a.other.com", "A", &["10.0.0.1"]),
            create("example.com", "CNAME", &["a.com"]),
            create("two.example.com", "A", &["10.0.0.1", "10.0.0.1"]),
        ],
    );
    assert_eq!(
        refused(result),
        "[RRSet with DNS name a.other.com. is not permitted in zone example.com., Duplicate Resource Record: '10.0.0.1', \
         RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com.]"
    );
    assert_eq!(net.lab.cloud, before);
    let twice = vec![create("a.example.com", "A", &["10.0.0.1"]), create("a.example.com", "A", &["10.0.0.2"])];
    assert!(refused(batch(&mut net, &id, twice)).contains("invalid set of changes for a resource record set 'A a.example.com.'"));
    let delete = |at: &str, kind: &str, texts: &[&str]| one(ChangeAction::Delete, at, kind, values(kind, texts));
    batch(&mut net, &id, vec![create("a.example.com", "A", &["10.0.0.1"])]).unwrap();
    batch(&mut net, &id, vec![delete("a.example.com", "A", &["10.0.0.1"]), create("a.example.com", "CNAME", &["b.com"])]).unwrap();
    let many = (0..1001).map(|n| create(&format!("n{n}.example.com"), "A", &["10.0.0.1"])).collect();
    assert_eq!(refused(batch(&mut net, &id, many)), "[Number of records limit of 1000 exceeded.]");
}

#[test]
fn a_cname_is_alone() {
    let mut net = net();
    let id = net.private("example.com");
    create(&mut net, &id, "c.example.com", "CNAME", &["x.com"]).unwrap();
    assert!(refused(create(&mut net, &id, "c.example.com", "TXT", &["\"t\""])).contains("conflicting RRSet of type CNAME with the same"));
    create(&mut net, &id, "a.example.com", "A", &["10.0.0.1"]).unwrap();
    assert!(refused(create(&mut net, &id, "a.example.com", "CNAME", &["x.com"])).contains("conflicts with other records"));
    create(&mut net, &id, "below.c.example.com", "A", &["10.0.0.1"]).unwrap();
    assert!(refused(create(&mut net, &id, "d.example.com", "CNAME", &["x.com", "y.com"])).contains("more than one"));
}

#[test]
fn a_zone_keeps_its_start_and_servers() {
    let mut net = net();
    let id = net.private("example.com");
    let sets: Vec<_> = net.lab.cloud.record_sets_of(&id).cloned().collect();
    for (set, expected) in sets.iter().zip(["at least one NS record", "exactly one SOA record"]) {
        let delete = RecordChange { action: ChangeAction::Delete, name: set.name.clone(), kind: set.kind, content: set.content.clone() };
        assert!(refused(batch(&mut net, &id, vec![delete])).contains(expected));
    }
    let start = "ns.a.com. host.a.com. 2 7200 900 1209600 60";
    assert!(refused(create(&mut net, &id, "a.example.com", "SOA", &[start])).contains("exactly one SOA"));
    change(&mut net, &id, ChangeAction::Upsert, "example.com", "SOA", &[start]).unwrap();
}

#[test]
fn an_alias_leads_to_an_endpoint_or_within_its_zone() {
    let mut net = net();
    let id = net.private(APEX);
    let endpoint = net.endpoint(false).unwrap();
    let endpoint = net.lab.cloud.vpc_endpoints[&endpoint].clone();
    let alias = |zone: &str, to: &str| Content::Alias(AliasTarget { zone: zone.into(), name: name(to), evaluate_target_health: false });
    let mut create = |at: &str, kind: &str, content| batch(&mut net, &id, vec![one(ChangeAction::Create, at, kind, content)]);
    let public = endpoint.public_zone();
    create(APEX, "A", alias(&public, &endpoint.regional_name())).unwrap();
    let wildcard = format!("*.{APEX}");
    create(&wildcard, "A", alias(&public, &endpoint.zonal_name("ap-northeast-2a"))).unwrap();
    create(&format!("x.{APEX}"), "A", alias(id.as_str(), APEX)).unwrap();
    let found = |zone: &str, to: &str, kind: &str| format!("Tried to create an alias that targets {to}., type {kind} in zone {zone}, but");
    let at = format!("y.{APEX}");
    // The endpoint has no interface in that zone, and no IPv6 address.
    for (to, kind) in [(endpoint.zonal_name("ap-northeast-2b"), "A"), (endpoint.regional_name(), "AAAA")] {
        assert_eq!(refused(create(&at, kind, alias(&public, &to))), format!("[{} that target was not found]", found(&public, &to, kind)));
    }
    let regional = endpoint.regional_name();
    for (zone, to) in [("Z000", regional.as_str()), (&public, "a.com"), (id.as_str(), "a.com")] {
        let start = found(zone, to, "A");
        let both = format!("[{start} the alias target name does not lie within the target zone, {start} that target was not found]");
        assert_eq!(refused(create(&at, "A", alias(zone, to))), both);
    }
    for to in [format!("none.{APEX}"), at.clone()] {
        assert!(refused(create(&at, "A", alias(id.as_str(), &to))).contains("that target was not found"));
    }
    assert!(refused(create(&at, "NS", alias(id.as_str(), APEX))).contains("not supported"));
}
