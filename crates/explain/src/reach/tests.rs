use super::*;
use crate::tests::{FROM_OREGON, FROM_SEOUL, WORLD, network::Network};

fn request(network: &Network, url: &str) -> Request {
    let call = network.call("here", url);
    Request { method: call.method, url: call.url, headers: call.headers, now: call.now }
}

/// The law of classes: each source stands as it would if it were judged alone.
#[track_caller]
fn each_alone(network: &Network, request: &Request) -> Vec<Standing> {
    let judge = Judge::new(&network.cloud, None);
    let standings = judge.who_can(request);
    let mut seen = 0;
    for standing in &standings {
        let causes: Vec<_> = standing.blockers.iter().map(|blocker| (blocker.step, blocker.cause)).collect();
        for source in &standing.sources {
            seen += 1;
            let alone = judge.explain(&request.from(source.clone()));
            let own: Vec<_> = alone.blockers.iter().map(|blocker| (blocker.step, blocker.cause)).collect();
            assert_eq!((alone.verdict, own), (standing.verdict, causes.clone()), "{source:?}");
        }
    }
    assert_eq!(seen, judge.sources().len());
    standings
}

fn many() -> String {
    let more: String = (0..20).map(|at| format!("instance more{at} in clients with client\n")).collect();
    format!("{WORLD}{more}instance lone in clients with endpoint\n")
}

#[test]
fn equal_sources_are_judged_once() {
    let network = Network::of(&many());
    let standings = each_alone(&network, &request(&network, FROM_SEOUL.1));
    // The clients' group, the one with another group, the one behind the peering.
    assert_eq!(standings.iter().map(|standing| standing.sources.len()).collect::<Vec<_>>(), [21, 1, 1]);
    assert_eq!(counts(&standings)[0], 21);
    let lone = Source::Instance(network.id("lone"));
    let nearly: Vec<&Standing> = standings.iter().filter(|standing| standing.is_one_setting_away()).collect();
    assert!(nearly.iter().any(|standing| standing.sources == [lone.clone()]), "{nearly:?}");
    // Behind the peering another name is what is missing.
    assert!(nearly.iter().any(|standing| standing.fixes[0].instead.is_some()), "{nearly:?}");
    let text = who_can_text(&request(&network, FROM_SEOUL.1), &standings);
    assert!(text.contains("can call it: 21\n") && text.contains("could but for one setting: 2\n"), "{text}");
    assert!(text.contains("and 13 more") && text.contains("ENI_SG_RULES_MISMATCH at ingress-groups"), "{text}");
}

#[test]
fn a_cidr_that_parts_a_subnet_parts_its_sources() {
    for change in [
        // In a rule, a network ACL, a route back and a policy.
        "close endpoint in\nin endpoint tcp 443 10.0.1.4/30\n",
        "acl gate of endpoints\nallow gate in 100 443 10.0.1.0/29\nallow gate out 100 0-65535 0.0.0.0/0\n",
        "unroute seoul 10.1.0.0/16\n",
    ] {
        let network = Network::of(&format!("{}{change}", many()));
        let standings = each_alone(&network, &request(&network, FROM_SEOUL.1));
        if change.contains("10.0.1") {
            assert!(standings.iter().any(|standing| standing.verdict == Verdict::Reachable), "{change}");
            assert!(counts(&standings)[0] < 21, "{change}");
        }
    }
}

#[test]
fn a_policy_that_looks_at_addresses_parts_them_too() {
    let mut network = Network::of(&many());
    let policy = |condition: &str| {
        format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*","Condition":{condition}}}]}}"#
        )
    };
    for condition in
        [r#"{"IpAddress":{"aws:VpcSourceIp":["10.0.1.4/31","10.0.1.9"]}}"#, r#"{"StringLike":{"aws:VpcSourceIp":"10.0.1.1*"}}"#]
    {
        let id: vpclab_cloud::VpcEndpointId = network.id("vpce");
        let mut endpoint = VpcEndpoint::clone(&network.cloud.vpc_endpoints[&id]);
        endpoint.policy = Some(policy(condition));
        network.cloud.vpc_endpoints.insert(id, endpoint.into());
        let standings = each_alone(&network, &request(&network, FROM_SEOUL.1));
        let can = counts(&standings)[0];
        assert!(can > 0 && can < 21, "{condition}: {can}");
    }
}

#[test]
fn functions_are_told_apart_by_all_their_interfaces() {
    let more = "subnet more of seoul 10.0.3.0/24 b\nacl shut of more\nfunction one in clients with client\nfunction two in clients more with client\n";
    let network = Network::of(&format!("{WORLD}{more}"));
    let standings = each_alone(&network, &request(&network, FROM_SEOUL.1));
    assert_eq!(counts(&standings)[1], 1, "{standings:?}");
}

#[test]
fn what_one_source_can_call() {
    let network = Network::of(WORLD);
    let judge = Judge::new(&network.cloud, None);
    let from = |name: &str| Source::Instance(network.id(name));
    let now = network.call("here", FROM_SEOUL.1).now;
    let here = judge.what_can(&from("here"), now);
    let [pets] = here.as_slice() else { panic!("{here:?}") };
    assert_eq!((pets.stage.as_str(), pets.methods.len(), pets.headers.len()), ("dev", 1, 0));
    assert_eq!(pets.methods[0].standing.verdict, Verdict::Reachable);
    // Behind the peering the private name is not known: the alias is what leads there.
    let there = judge.what_can(&from("there"), now);
    let alias = network.call("there", FROM_OREGON.1).url;
    assert_eq!(there[0].base, format!("https://{}", alias.host));
    assert_ne!(there[0].methods[0].standing.verdict, Verdict::Blocked);
    assert!(what_can_text(&from("there"), &there).contains("GET     /pets"));
    assert_eq!(what_can_json(&from("here"), &here)["apis"][0]["methods"][0]["verdict"], "reachable");
}

#[test]
fn parameters_of_a_path_have_values() {
    assert_eq!(concrete("/pets/{id}/toys/{proxy+}"), "/pets/id/toys/proxy");
    assert_eq!(concrete("/"), "/");
}
