use super::*;
use crate::fixture::Lab;

fn make(lab: &mut Lab, options: &[(&str, &[&str])]) -> Result<DhcpOptionsId, Refusal> {
    let text = |value: &&str| (*value).to_owned();
    let configurations = options.iter().map(|(name, values)| ((*name).to_owned(), values.iter().map(text).collect())).collect();
    lab.run(|cloud, cx| cloud.create_dhcp_options(cx, configurations, Tags::new()))
}

#[test]
fn a_set_tells_instances_what_it_has_and_nothing_else() {
    let mut lab = Lab::new();
    let vpc = lab.vpc("10.0.0.0/16");
    let told = |lab: &Lab| {
        let NameSettings { servers, search } = lab.cloud.name_settings(&lab.cloud.vpcs[&vpc]);
        (servers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), search.join(" "))
    };
    assert_eq!(told(&lab), ("10.0.0.2".into(), "ap-northeast-2.compute.internal".into()));
    let set = make(&mut lab, &[("domain-name", &["a.test b.test"]), ("domain-name-servers", &["10.0.1.53", "AmazonProvidedDNS"])]).unwrap();
    lab.run(|cloud, cx| cloud.associate_dhcp_options(cx, &vpc, Some(&set))).unwrap();
    assert_eq!(told(&lab), ("10.0.1.53 10.0.0.2".into(), "a.test b.test".into()));
    assert!(matches!(lab.run(|cloud, cx| cloud.delete_dhcp_options(cx, &set)), Err(Refusal::DependencyViolation { .. })));
    let time = make(&mut lab, &[("ntp-servers", &["10.0.1.9"])]).unwrap();
    lab.run(|cloud, cx| cloud.associate_dhcp_options(cx, &vpc, Some(&time))).unwrap();
    assert_eq!(told(&lab), (String::new(), String::new()));
    lab.run(|cloud, cx| cloud.associate_dhcp_options(cx, &vpc, None)).unwrap();
    lab.run(|cloud, cx| cloud.delete_dhcp_options(cx, &set)).unwrap();
    lab.go("1/us-east-1");
    let other = lab.run(|cloud, cx| cloud.delete_dhcp_options(cx, &time));
    assert_eq!(other, Err(Refusal::DhcpOptionsNotFound(time)));
}

#[test]
fn what_no_set_can_have_is_refused() {
    let mut lab = Lab::new();
    let wrong: [(&str, &[&str]); 9] = [
        ("domain-name", &[]),
        ("domain-name", &["a\nnameserver 1.2.3.4"]),
        ("domain-name", &["a", "b"]),
        ("domain-name-servers", &["x"]),
        ("domain-name-servers", &["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4", "1.1.1.5"]),
        ("ntp-servers", &["AmazonProvidedDNS"]),
        ("netbios-node-type", &["3"]),
        ("ipv6-address-preferred-lease-time", &["140"]),
        ("colour", &["red"]),
    ];
    for one in wrong {
        assert!(matches!(make(&mut lab, &[one]), Err(Refusal::InvalidParameterValue(_))), "{one:?}");
    }
    assert!(matches!(make(&mut lab, &[]), Err(Refusal::MissingParameter(_))));
}
