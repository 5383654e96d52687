//! Records of customers' zones on the wire.
use super::*;
use vpclab_cloud::hosted_zone::{ChangeAction, Content, CreateHostedZone, RecordChange, RecordValue, ZoneVpc};

/// The lab with a zone of its VPC.
fn with_zone(records: &[(&str, &str, &[&str])]) -> Cloud {
    let mut cloud = lab(1);
    let scope = Scope { account: AccountId::unnamed(), region: "ap-northeast-2".parse().unwrap() };
    let mut cx = Context { scope, now: Timestamp(0), ids: IdSource::new(1) };
    let name = |text: &str| DomainName::parse(text).unwrap();
    let vpc = Some(ZoneVpc { vpc: vpc(), region: cx.scope.region.clone() });
    let input = CreateHostedZone { name: name("corp.test"), caller_reference: "1".into(), comment: None, vpc, tags: Tags::new() };
    let zone = cloud.create_hosted_zone(&mut cx, input).unwrap();
    let create = |(at, kind, texts): &(&str, &str, &[&str])| {
        let kind = kind.parse().unwrap();
        let values = texts.iter().map(|text| RecordValue::parse(kind, text).unwrap()).collect();
        RecordChange { action: ChangeAction::Create, name: name(at), kind, content: Content::Values { ttl: 17, values } }
    };
    cloud.change_record_sets(&mut cx, &zone, records.iter().map(create).collect()).unwrap();
    cloud
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_every_type_are_as_dig_reads_them() {
    let records: &[(&str, &str, &[&str])] = &[
        ("a.corp.test", "A", &["10.0.0.9"]),
        ("a.corp.test", "AAAA", &["fd00::9"]),
        ("c.corp.test", "CNAME", &["A.corp.test"]),
        ("m.corp.test", "MX", &["10 a.corp.test"]),
        ("t.corp.test", "TXT", &[r#""one two" "\"3\"""#]),
        ("t.corp.test", "SPF", &[r#""v=spf1""#]),
        ("_s._tcp.corp.test", "SRV", &["1 2 443 a.corp.test"]),
        ("a.corp.test", "CAA", &[r#"128 issue "ca.test""#]),
        ("p.corp.test", "PTR", &["a.corp.test"]),
    ];
    let served = serve(&with_zone(records), None);
    let at = served.at;
    client(move || {
        let short = |name: &str, kind: &str| {
            let port = at.port().to_string();
            let dig = std::process::Command::new("dig").args(["@127.0.0.1", "-p", &port, "+tries=1", "+short", name, kind]).output();
            dig.ok().map(|output| String::from_utf8(output.stdout).unwrap())
        };
        for (name, kind, expected) in [
            ("a", "A", "10.0.0.9\n"),
            ("a", "AAAA", "fd00::9\n"),
            ("c", "A", "a.corp.test.\n10.0.0.9\n"),
            ("c", "CNAME", "a.corp.test.\n"),
            ("m", "MX", "10 a.corp.test.\n"),
            ("t", "TXT", "\"one two\" \"\\\"3\\\"\"\n"),
            ("t", "SPF", "\"v=spf1\"\n"),
            ("_s._tcp", "SRV", "1 2 443 a.corp.test.\n"),
            ("a", "CAA", "128 issue \"ca.test\"\n"),
            ("p", "PTR", "a.corp.test.\n"),
            ("none", "A", ""),
        ] {
            let Some(found) = short(&format!("{name}.corp.test"), kind) else {
                println!("skipped: there is no dig here");
                return;
            };
            assert_eq!(found, expected, "{name} {kind}");
        }
        assert_eq!(short("corp.test", "SOA").unwrap(), "ns-1536.awsdns-00.co.uk. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400\n");
    })
    .await;
}

/// The addresses of one name turn; the CNAME that leads there stays in front.
#[tokio::test(flavor = "multi_thread")]
async fn a_chain_comes_before_what_it_leads_to() {
    let served = serve(&with_zone(&[("c.corp.test", "CNAME", &["a.corp.test"]), ("a.corp.test", "A", &["10.0.0.1", "10.0.0.2"])]), None);
    let at = served.at;
    client(move || {
        for _ in 0..4 {
            let answer = ask_udp(at, &question("C.corp.test.", RecordType::A)).unwrap();
            let seen: Vec<_> = answer.answers.iter().map(|record| (record.name.to_ascii(), record.record_type(), record.ttl)).collect();
            let a = ("a.corp.test.".to_owned(), RecordType::A, 17);
            assert_eq!(seen, [("C.corp.test.".to_owned(), RecordType::CNAME, 17), a.clone(), a]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_out_of_the_lab_is_followed_elsewhere() {
    let records: &[(&str, &str, &[&str])] = &[("out.corp.test", "CNAME", &["in.corp.test"]), ("in.corp.test", "CNAME", &["example.com"])];
    let served = serve(&with_zone(records), Some(Forwarder::new(vec![forward::upstream()])));
    let alone = serve(&with_zone(records), None);
    let (at, nobody) = (served.at, alone.at);
    client(move || {
        let answer = ask_udp(at, &question("out.corp.test.", RecordType::A)).unwrap();
        let owners: Vec<_> = answer.answers.iter().map(|record| record.name.to_ascii()).collect();
        assert_eq!(owners, ["out.corp.test.", "in.corp.test.", "example.com."]);
        assert_eq!(answer.queries[0].name().to_ascii(), "out.corp.test.");
        let answer = ask_udp(nobody, &question("out.corp.test.", RecordType::A)).unwrap();
        assert_eq!((answer.metadata.response_code, answer.answers.len()), (ResponseCode::NXDomain, 2));
        // A name of the zone itself is never asked elsewhere.
        let answer = ask_udp(at, &question("none.corp.test.", RecordType::A)).unwrap();
        assert_eq!(answer.metadata.response_code, ResponseCode::NXDomain);
    })
    .await;
}
