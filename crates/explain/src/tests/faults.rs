//! Single faults, pairs of them, and what the explanation says beside the cause.
use super::{FROM_OREGON, FROM_SEOUL, WORLD, causes, network::Network};
use crate::{Outcome, StepVerdict, Unknowns, Verdict, render};

fn world(change: &str) -> String {
    format!("{WORLD}{change}")
}

#[track_caller]
fn check(change: &str, call: (&str, &str), wanted: &[&str]) {
    assert_eq!(causes(&world(change), call), wanted, "{change}");
}

/// All that is said of the fixes: `commands; …`, with ids turned back into names.
fn commands(change: &str, (from, url): (&str, &str)) -> Vec<String> {
    let network = Network::of(&world(change));
    network
        .explain(from, url)
        .fixes
        .iter()
        .flat_map(|fix| fix.commands.iter().chain(&fix.instead))
        .map(|line| network.named_in(line))
        .collect()
}

#[test]
fn the_world_works() {
    for (from, url) in [FROM_SEOUL, FROM_OREGON] {
        let explanation = Network::of(WORLD).explain(from, url);
        assert_eq!(explanation.blockers, [], "{}", render::text(&explanation, render::Style { all_steps: true }));
        assert!(explanation.outcome.is_none_or(|outcome| matches!(outcome, Outcome::Answered { .. })));
    }
}

#[test]
fn groups() {
    check("close endpoint in", FROM_SEOUL, &["ingress-groups ENI_SG_RULES_MISMATCH"]);
    check("close endpoint in", FROM_OREGON, &["ingress-groups ENI_SG_RULES_MISMATCH"]);
    check("close client out", FROM_SEOUL, &["egress-groups ENI_SG_RULES_MISMATCH"]);
    check("close client out", FROM_OREGON, &[]);
    // Replies need no rule, and an endpoint opens nothing.
    check("close endpoint out", FROM_SEOUL, &[]);
    check("close client out\nout client tcp 443 10.0.2.0/24", FROM_SEOUL, &[]);
    check("close client out\nout client tcp 80 0.0.0.0/0", FROM_SEOUL, &["egress-groups ENI_SG_RULES_MISMATCH"]);
    check("close client out\nout client tcp 443 @endpoint", FROM_SEOUL, &[]);
    check("group other of seoul\nclose endpoint in\nin endpoint tcp 443 @other", FROM_SEOUL, &["ingress-groups ENI_SG_RULES_MISMATCH"]);
}

#[test]
fn a_group_fix_opens_to_the_clients_group_or_its_address() {
    assert_eq!(
        commands("close endpoint in", FROM_SEOUL),
        ["aws ec2 authorize-security-group-ingress --group-id <endpoint> --ip-permissions \
          'IpProtocol=tcp,FromPort=443,ToPort=443,UserIdGroupPairs=[{GroupId=<client>}]' --region ap-northeast-2"]
    );
    // Groups cannot be named over a peering between regions.
    assert_eq!(
        commands("close endpoint in", FROM_OREGON),
        ["aws ec2 authorize-security-group-ingress --group-id <endpoint> --ip-permissions \
          'IpProtocol=tcp,FromPort=443,ToPort=443,IpRanges=[{CidrIp=10.1.1.4/32}]' --region ap-northeast-2"]
    );
    assert_eq!(
        commands("close remote out", FROM_OREGON),
        ["aws ec2 authorize-security-group-egress --group-id <remote> --ip-permissions \
          'IpProtocol=tcp,FromPort=443,ToPort=443,IpRanges=[{CidrIp=10.0.2.4/32}]' --region us-west-2"]
    );
}

#[test]
fn acls_are_asked_between_subnets_both_ways() {
    let acl = |entries: &str| format!("acl near of clients\n{entries}");
    check(&acl(""), FROM_SEOUL, &["acl-out SUBNET_ACL_RESTRICTION", "return-acl-in SUBNET_ACL_RESTRICTION"]);
    check(&acl("allow near out 100 443 0.0.0.0/0"), FROM_SEOUL, &["return-acl-in SUBNET_ACL_RESTRICTION"]);
    check(&acl("allow near out 100 443 0.0.0.0/0\nallow near in 100 1024-65535 10.0.2.0/24"), FROM_SEOUL, &[]);
    check(
        &acl("deny near out 90 443 10.0.2.4/32\nallow near out 100 0-65535 0.0.0.0/0\nallow near in 100 0-65535 0.0.0.0/0"),
        FROM_SEOUL,
        &["acl-out SUBNET_ACL_RESTRICTION"],
    );
    check("acl gate of endpoints\nallow gate in 100 443 10.0.0.0/8", FROM_OREGON, &["return-acl-out SUBNET_ACL_RESTRICTION"]);
    assert_eq!(
        commands("acl gate of endpoints\nallow gate in 100 443 10.0.0.0/8\nallow gate out 10 443 10.0.0.0/8", FROM_OREGON),
        ["aws ec2 create-network-acl-entry --network-acl-id <gate> --egress --rule-number 100 --protocol tcp \
          --port-range From=32768,To=60999 --cidr-block 10.1.1.4/32 --rule-action allow --region ap-northeast-2"]
    );
    // Within one subnet none is asked.
    let beside = "instance near in endpoints with client\nacl gate of endpoints";
    check(beside, ("near", FROM_SEOUL.1), &[]);
}

#[test]
fn replies_to_a_part_of_the_ports_are_undetermined() {
    let text = world("acl near of clients\nallow near out 100 443 0.0.0.0/0\nallow near in 100 40000-50000 0.0.0.0/0");
    let explanation = Network::of(&text).explain(FROM_SEOUL.0, FROM_SEOUL.1);
    assert!(explanation.blockers.is_empty());
    assert_eq!(explanation.verdict, Verdict::Undetermined);
    assert_eq!(explanation.outcome, None);
    assert_eq!(explanation.warnings.len(), 1);
}

#[test]
fn routes() {
    check("unroute oregon 10.0.0.0/16", FROM_OREGON, &["route NO_ROUTE_TO_DESTINATION"]);
    check("unroute seoul 10.1.0.0/16", FROM_OREGON, &["return-route NO_ROUTE_TO_DESTINATION"]);
    check("unroute seoul 10.1.0.0/16", FROM_SEOUL, &[]);
    check(
        "unroute seoul 10.1.0.0/16\nunroute oregon 10.0.0.0/16",
        FROM_OREGON,
        &["route NO_ROUTE_TO_DESTINATION", "return-route NO_ROUTE_TO_DESTINATION"],
    );
    // A table of the subnet's own takes the place of the main one.
    check("table own of far", FROM_OREGON, &["route NO_ROUTE_TO_DESTINATION"]);
    check("table own of far\nroute own 10.0.0.0/8 pcx", FROM_OREGON, &[]);
    assert_eq!(
        commands("unroute seoul 10.1.0.0/16", FROM_OREGON),
        [format!(
            "aws ec2 create-route --route-table-id {} --destination-cidr-block 10.1.1.0/24 --vpc-peering-connection-id <pcx> --region ap-northeast-2",
            Network::of(WORLD).main_table("seoul")
        )]
    );
}

#[test]
fn a_more_specific_route_leads_elsewhere() {
    // An instance takes packets for others only without the check.
    let by = "instance box in clients with client\nroute seoul 10.0.2.0/24 box";
    check(by, FROM_SEOUL, &["route ENI_SOURCE_DEST_CHECK_RESTRICTION"]);
    check(&format!("{by}\nstop box"), FROM_SEOUL, &["route BAD_STATE_ROUTE"]);
    assert!(commands(&format!("{by}\nstop box"), FROM_SEOUL)[0].starts_with("aws ec2 delete-route"));
}

#[test]
fn peerings() {
    let again = "unpeer pcx\npeering two seoul oregon";
    let routes = "unroute seoul 10.1.0.0/16\nunroute oregon 10.0.0.0/16\nroute seoul 10.1.0.0/16 two\nroute oregon 10.0.0.0/16 two";
    check(&format!("{again}\n{routes}"), FROM_OREGON, &["peering BAD_STATE"]);
    assert_eq!(
        commands(&format!("{again}\n{routes}"), FROM_OREGON),
        ["aws ec2 accept-vpc-peering-connection --vpc-peering-connection-id <two> --region us-west-2"]
    );
    check(&format!("{again}\n{routes}\naccept two"), FROM_OREGON, &[]);
    let over = ["route BAD_STATE_ROUTE", "return-route BAD_STATE_ROUTE"];
    check(&format!("{again}\n{routes}\nreject two"), FROM_OREGON, &over);
    check("unpeer pcx", FROM_OREGON, &over);
    // One new connection mends both.
    let lines = commands("unpeer pcx", FROM_OREGON);
    assert_eq!(lines.len(), 5, "{lines:#?}");
    assert!(lines[0].starts_with("pcx=$(aws ec2 create-vpc-peering-connection") && lines[3].starts_with("aws ec2 replace-route"));
}

#[test]
fn peering_is_not_transitive() {
    let third = "
        vpc tokyo ap-northeast-1 10.2.0.0/16
        subnet third of tokyo 10.2.1.0/24
        group guest of tokyo
        instance guest in third with guest
        peering side oregon tokyo
        accept side
        route tokyo 10.0.0.0/16 side
        route seoul 10.2.0.0/16 pcx
        in endpoint tcp 443 10.2.0.0/16";
    check(third, ("guest", FROM_OREGON.1), &["peering PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", "return-route NO_ROUTE_TO_DESTINATION"]);
}

#[test]
fn names() {
    check("attribute seoul hostnames off", FROM_SEOUL, &["name-resolution DNS_HOSTNAMES_OFF"]);
    check("private-dns vpce off", FROM_SEOUL, &["name-resolution PRIVATE_DNS_OFF"]);
    check("private-dns vpce off", FROM_OREGON, &[]);
    check("", ("there", FROM_SEOUL.1), &["name-resolution PRIVATE_NAME_OVER_PEERING"]);
    check("attribute seoul support off", FROM_SEOUL, &["name-resolution DNS_SUPPORT_OFF"]);
    check(
        "private-dns vpce off\nattribute seoul hostnames off",
        FROM_SEOUL,
        &["name-resolution DNS_HOSTNAMES_OFF", "name-resolution PRIVATE_DNS_OFF"],
    );
    check("", ("here", "https://nobody.example/"), &["name-resolution NAME_NOT_FOUND"]);
    let explanation = Network::of(&world("attribute seoul support off")).explain(FROM_SEOUL.0, FROM_SEOUL.1);
    assert_eq!(explanation.outcome, Some(Outcome::NoResolver));
    assert_eq!(commands("", ("there", FROM_SEOUL.1)), ["https://<pets>-<vpce>.execute-api.ap-northeast-2.amazonaws.com/dev/pets"]);
}

#[test]
fn faults_of_several_layers_are_all_named() {
    check(
        "private-dns vpce off\nclose endpoint in",
        FROM_SEOUL,
        &["name-resolution PRIVATE_DNS_OFF", "ingress-groups ENI_SG_RULES_MISMATCH"],
    );
    check(
        "unroute seoul 10.1.0.0/16\nclose remote out\nclose endpoint in",
        FROM_OREGON,
        &["egress-groups ENI_SG_RULES_MISMATCH", "ingress-groups ENI_SG_RULES_MISMATCH", "return-route NO_ROUTE_TO_DESTINATION"],
    );
}

#[test]
fn clients_and_ports() {
    check("stop here", FROM_SEOUL, &["client BAD_STATE"]);
    let http = FROM_SEOUL.1.replace("https", "http");
    check("", ("here", &http), &["destination-interface ENDPOINT_PORT_NOT_SERVED"]);
    check("", ("here", "https://10.0.2.99/dev/pets"), &["destination-interface NO_SUCH_ADDRESS"]);
    check("", ("here", "https://192.168.0.1/"), &["route NO_ROUTE_TO_DESTINATION", "destination-interface NO_SUCH_ADDRESS"]);
}

#[test]
fn an_address_of_several_that_is_blocked_is_a_warning() {
    let two = "
        subnet more of seoul 10.0.3.0/24 b
        group both of seoul
        in both tcp 443 10.0.0.0/8
        endpoint second in endpoints more with both
        acl shut of more";
    let network = Network::of(&format!(
        "{}{two}\napi cats at second",
        WORLD.replace("endpoint vpce in endpoints with endpoint\n", "").replace("api pets at vpce\n", "")
    ));
    let explanation = network.explain("here", "https://{cats}.execute-api.ap-northeast-2.amazonaws.com/dev/pets");
    assert!(explanation.blockers.is_empty(), "{:?}", explanation.blockers);
    assert_eq!(explanation.warnings.len(), 2, "{:?}", explanation.warnings);
}

#[test]
fn what_is_not_known_is_said() {
    let network = Network::of(&world("close endpoint in"));
    let mut unknowns = Unknowns::new();
    unknowns.note(network.id::<vpclab_cloud::SecurityGroupId>("endpoint").to_string(), "a rule names a prefix list");
    let judge = crate::Judge::new(&network.cloud, None).with_unknowns(unknowns);
    let explanation = judge.explain(&network.call(FROM_SEOUL.0, FROM_SEOUL.1));
    assert_eq!((explanation.verdict, explanation.outcome), (Verdict::Undetermined, None));
    assert!(explanation.steps.iter().any(|step| step.verdict == StepVerdict::Undetermined));
    assert!(explanation.missing[0].ends_with("a rule names a prefix list"), "{:?}", explanation.missing);
}

#[test]
fn an_unknown_route_or_rule_matters_where_it_would_decide() {
    let missing = |change: &str, note: &dyn Fn(&Network, &mut Unknowns)| {
        let network = Network::of(&world(change));
        let mut unknowns = Unknowns::new();
        note(&network, &mut unknowns);
        let judge = crate::Judge::new(&network.cloud, None).with_unknowns(unknowns);
        let explanation = judge.explain(&network.call(FROM_SEOUL.0, FROM_SEOUL.1));
        (explanation.verdict, explanation.missing)
    };
    let rule = |network: &Network, unknowns: &mut Unknowns| {
        unknowns.note_rules(network.id("endpoint"), vpclab_cloud::Direction::Ingress, "a prefix list");
    };
    assert_eq!(missing("", &rule), (Verdict::Reachable, vec![]), "a known rule allows");
    assert_eq!(missing("close endpoint in", &rule), (Verdict::Undetermined, vec!["a prefix list".to_owned()]));
    let route = |destination: &'static str| {
        move |network: &Network, unknowns: &mut Unknowns| {
            let tables: Vec<_> = network.cloud.route_tables.keys().cloned().collect();
            for table in tables {
                unknowns.note_route(table, Some(destination.parse().unwrap()), "a transit gateway");
            }
        }
    };
    assert_eq!(missing("", &route("0.0.0.0/0")), (Verdict::Reachable, vec![]), "the local route is more specific");
    assert_eq!(missing("", &route("10.0.0.0/14")), (Verdict::Reachable, vec![]));
    assert_eq!(missing("", &route("10.0.0.0/20")).0, Verdict::Undetermined);
    let method = |network: &Network, unknowns: &mut Unknowns| {
        let api = network.cloud.rest_apis.keys().next().unwrap().clone();
        unknowns.note_method(api.as_str(), "GET", "/pets", "an authorizer");
    };
    assert_eq!(missing("", &method), (Verdict::Undetermined, vec!["an authorizer".to_owned()]));
}

#[test]
fn a_function_runs_behind_any_of_its_interfaces() {
    let two = "
        subnet more of seoul 10.0.3.0/24 b
        function fn in clients more with client";
    let warned = |change: &str| {
        let network = Network::of(&world(&format!("{two}\n{change}")));
        let explanation = crate::Judge::new(&network.cloud, None).explain(&network.call_of_function("fn", FROM_SEOUL.1));
        assert!(explanation.blockers.is_empty(), "{:?}", explanation.blockers);
        explanation.warnings.iter().map(|warning| warning.step.word()).collect::<Vec<_>>()
    };
    assert_eq!(warned(""), Vec::<&str>::new());
    assert_eq!(warned("acl shut of more"), ["acl-out", "return-acl-in"]);
    // The same where it is the first that is blocked.
    assert_eq!(warned("acl shut of clients"), ["acl-out", "return-acl-in"]);
}

#[test]
fn where_some_interfaces_of_a_function_are_blocked_the_verdict_is_open() {
    let said = |change: &str| {
        let two = "subnet more of seoul 10.0.3.0/24 b\nfunction fn in clients more with client";
        let network = Network::of(&world(&format!("{two}\n{change}")));
        crate::Judge::new(&network.cloud, None).explain(&network.call_of_function("fn", FROM_SEOUL.1))
    };
    for change in ["acl shut of more", "acl shut of clients"] {
        let explanation = said(change);
        assert_eq!((explanation.verdict, &explanation.outcome), (Verdict::Undetermined, &None), "{change}");
        assert_eq!(explanation.missing, ["behind which of its interfaces the function runs"], "{change}");
        assert!(explanation.fixes.is_empty() && explanation.warnings[0].detail.starts_with("where the function runs behind eni-"));
    }
    assert_eq!(said("").verdict, Verdict::Reachable);
    // Blocked whichever it is.
    let explanation = said("close endpoint in");
    assert_eq!((explanation.verdict, explanation.outcome), (Verdict::Blocked, Some(Outcome::Timeout)));
    assert!(explanation.missing.is_empty() && explanation.warnings.is_empty());
}

#[test]
fn a_function_of_which_not_all_is_known_is_undetermined_as_a_client() {
    let mut network = Network::of(&world("function fn in clients with client"));
    let call = network.call_of_function("fn", FROM_SEOUL.1);
    let key = network.cloud.functions.keys().next().unwrap().clone();
    let mut function = vpclab_cloud::Function::clone(&network.cloud.functions[&key]);
    function.latest.vpc = None;
    let mut unknowns = Unknowns::new();
    unknowns.note(function.arn(), "no answer holds the function's network interface");
    network.cloud.functions.insert(key, function.into());
    let judge = crate::Judge::new(&network.cloud, None);
    assert_eq!(judge.explain(&call).verdict, Verdict::Blocked);
    assert_eq!(judge.with_unknowns(unknowns).explain(&call).verdict, Verdict::Undetermined);
}

#[test]
fn names_that_are_forwarded_are_not_known() {
    let network = Network::of(WORLD);
    let judge = crate::Judge::default().forwarding_names(true);
    let judge = crate::Judge::new(&network.cloud, Some(&judge));
    assert_eq!(judge.explain(&network.call("here", "https://nobody.example/")).verdict, Verdict::Undetermined);
    // What the lab knows is not asked of others.
    assert_eq!(judge.explain(&network.call("there", FROM_SEOUL.1)).outcome, Some(Outcome::NoSuchName));
}

#[test]
fn a_judge_made_from_the_one_before_says_the_same() {
    let before = crate::Judge::new(&Network::of(WORLD).cloud, None);
    for change in ["close endpoint in", "unroute seoul 10.1.0.0/16", "private-dns vpce off", "table own of far", "stop here"] {
        let network = Network::of(&world(change));
        for (from, url) in [FROM_SEOUL, FROM_OREGON] {
            let call = network.call(from, url);
            assert_eq!(
                crate::Judge::new(&network.cloud, Some(&before)).explain(&call),
                crate::Judge::new(&network.cloud, None).explain(&call),
                "{change}"
            );
        }
    }
}
