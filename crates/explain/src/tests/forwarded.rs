//! Names that nobody knows: those that a VPC forwards, and the custom ones of APIs.
use super::{FROM_OREGON, FROM_SEOUL, Network, WORLD};
use crate::{Call, Judge, Source, Unknowns, Verdict};

fn judged(call: (&str, &str), note: impl Fn(&Network, &mut Unknowns)) -> (Verdict, Vec<String>) {
    let network = Network::of(WORLD);
    let mut unknowns = Unknowns::new();
    note(&network, &mut unknowns);
    let explanation = Judge::new(&network.cloud, None).with_unknowns(unknowns).explain(&network.call(call.0, call.1));
    (explanation.verdict, explanation.missing)
}

#[test]
fn only_names_that_are_forwarded_are_undetermined() {
    let rule = |vpc: &'static str, domain: Option<&'static str>| {
        move |network: &Network, unknowns: &mut Unknowns| {
            unknowns.note_forward(
                network.id(vpc),
                domain.map(|domain| vpclab_cloud::DomainName::parse(domain).unwrap()),
                Vec::new(),
                "rule",
            );
        }
    };
    let forwarded = (Verdict::Undetermined, vec!["rule".to_owned()]);
    let reachable = (Verdict::Reachable, Vec::new());
    let zone = Some("execute-api.ap-northeast-2.amazonaws.com");
    assert_eq!(judged(FROM_SEOUL, rule("seoul", zone)), forwarded, "the rule wins over the zone of its domain");
    assert_eq!(judged(FROM_SEOUL, rule("seoul", Some("amazonaws.com"))), reachable, "the endpoint's zone is more specific");
    assert_eq!(judged(FROM_SEOUL, rule("oregon", zone)), reachable, "another VPC's rule");
    assert_eq!(judged(FROM_OREGON, rule("oregon", None)), forwarded, "a public name, and all names are forwarded");
    assert_eq!(judged(FROM_OREGON, rule("oregon", Some("corp.test"))), reachable);
}

#[test]
fn a_custom_name_leads_to_an_api_that_is_not_known() {
    let network = Network::of(WORLD);
    let address = network.cloud.network_interfaces.values().find(|interface| interface.attachment.is_none()).unwrap().private_ip;
    let mut call: Call = network.call("here", "https://api.corp.test/pets");
    call.connect_to = Some(address);
    assert!(matches!(call.from, Source::Instance(_)));
    let verdict = |unknowns: Unknowns| Judge::new(&network.cloud, None).with_unknowns(unknowns).explain(&call).verdict;
    assert_eq!(verdict(Unknowns::new()), Verdict::Blocked, "no API has that name");
    let mut unknowns = Unknowns::new();
    unknowns.note_host("api.corp.test", "a custom name");
    assert_eq!(verdict(unknowns), Verdict::Undetermined);
}
