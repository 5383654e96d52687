use super::*;

/// Names near those of the lab, so that random questions meet its records.
fn names() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let word = prop_oneof![
        Just("execute-api"),
        Just("amazonaws"),
        Just("com"),
        Just("vpce"),
        Just(SEOUL),
        Just("us-west-2"),
        Just("compute"),
        Just("internal"),
        Just("ec2"),
        Just("in-addr"),
        Just("arpa"),
        Just("10"),
        Just("0"),
        Just("1"),
        Just("50"),
        Just("a1b2c3d4e5"),
        Just("ip-10-0-1-10"),
        Just("vpce-00000001-abcd1234"),
        Just("a1b2c3d4e5-vpce-00000001"),
        Just("localhost"),
        Just("*"),
        Just("172"),
    ]
    .prop_map(|word: &str| word.as_bytes().to_vec());
    let label = prop_oneof![9 => word, 1 => prop::collection::vec(any::<u8>(), 1..64)];
    let suffix = prop_oneof![
        Just(""),
        Just("execute-api.ap-northeast-2.amazonaws.com"),
        Just("execute-api.ap-northeast-2.vpce.amazonaws.com"),
        Just("ap-northeast-2.compute.internal"),
        Just("10.in-addr.arpa"),
    ];
    (prop::collection::vec(label, 0..8), suffix).prop_map(|(mut labels, suffix): (Vec<_>, &str)| {
        labels.extend(suffix.split('.').filter(|s| !s.is_empty()).map(|s| s.as_bytes().to_vec()));
        labels
    })
}

fn question(labels: &[Vec<u8>], record_type: u16) -> Question {
    Question::new(DomainName::from_labels(labels.iter().map(Vec::as_slice)), RecordType(record_type))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_question_has_a_well_formed_answer(labels in names(), record_type: u16, class in 0u16..5, vpc in 0usize..5) {
        let mut question = question(&labels, record_type);
        question.class = Class(class);
        let outcome = VIEW.with(|view| view.answer(&EVERY[vpc].parse().unwrap(), &question));
        let answer = outcome.answer().unwrap();
        if answer.rcode != Rcode::Refused {
            prop_assert_eq!(answer.records.is_empty(), answer.authority.is_some());
            if let Some(soa) = &answer.authority {
                prop_assert!(question.name.within(&soa.zone).is_some(), "{} denies {}", soa.zone, question.name);
            }
        }
        prop_assert!(answer.rcode == Rcode::NoError || answer.records.is_empty());
        prop_assert_eq!(answer.rcode == Rcode::NxDomain, matches!(answer.source, Source::Nothing(_)));
    }

    #[test]
    fn case_does_not_matter(labels in names(), record_type in 0u16..30, vpc in 0usize..5, upper in any::<u64>()) {
        let mixed: Vec<Vec<u8>> = labels.iter().map(|label| {
            label.iter().enumerate().map(|(n, b)| if upper >> (n % 64) & 1 == 1 { b.to_ascii_uppercase() } else { *b }).collect()
        }).collect();
        let vpc = EVERY[vpc].parse().unwrap();
        VIEW.with(|view| {
            assert_eq!(view.answer(&vpc, &question(&labels, record_type)), view.answer(&vpc, &question(&mixed, record_type)));
        });
    }

    /// Under `execute-api.{r}.amazonaws.com`, no VPC but the endpoint's own gets an address, the published alias apart.
    #[test]
    fn no_other_vpc_sees_private_names(labels in names(), vpc in 1usize..5) {
        let question = question(&labels, 1);
        let answer = VIEW.with(|view| view.answer(&EVERY[vpc].parse().unwrap(), &question));
        let answer = answer.answer().unwrap();
        let private_dns = matches!(answer.source, Source::PrivateDns { .. });
        prop_assert!(!private_dns);
        if question.name.within("execute-api.ap-northeast-2.amazonaws.com").is_some() && !answer.records.is_empty() {
            let alias = matches!(answer.source, Source::ApiAlias { .. });
            prop_assert!(alias);
        }
    }

    /// What the lab could own is never asked of anybody else.
    #[test]
    fn own_names_are_never_outside(labels in names(), record_type: u16, vpc in 0usize..5) {
        let question = question(&labels, record_type);
        let own = ["internal", "10.in-addr.arpa", "localhost", "vpce.amazonaws.com", "execute-api.ap-northeast-2.amazonaws.com", "execute-api.us-west-2.amazonaws.com"];
        if own.iter().any(|zone| question.name.within(zone).is_some()) {
            let answered = VIEW.with(|view| view.answer(&EVERY[vpc].parse().unwrap(), &question));
            let outside = matches!(answered, Outcome::Outside(_));
            prop_assert!(!outside);
        }
    }

    /// A view led from snapshot to snapshot equals one made anew.
    #[test]
    fn the_next_view_equals_a_new_one(steps in prop::collection::vec((0u8..9, 0u8..4), 1..12)) {
        let mut cloud = lab();
        let mut view = View::compile(&cloud);
        for (what, n) in steps {
            change(&mut cloud, what, n);
            view = view.next(&cloud);
            let anew = View::compile(&cloud);
            prop_assert_eq!(&view.reverse, &anew.reverse);
            prop_assert_eq!(&view.public, &anew.public);
            prop_assert_eq!(&view.private, &anew.private);
            prop_assert_eq!(&view.zones, &anew.zones);
        }
    }
}

thread_local! {
    static VIEW: View = View::compile(&lab());
}

fn change(cloud: &mut Cloud, what: u8, n: u8) {
    let vpc = EVERY[usize::from(n)];
    let ip = Ipv4Addr::new(10, 9, 0, n);
    let with_ip = cloud.network_interfaces.values().find(|interface| interface.private_ip == ip).map(|interface| interface.id.clone());
    match what {
        0 => edit_vpc(cloud, vpc, |vpc| vpc.enable_dns_hostnames = !vpc.enable_dns_hostnames),
        1 if with_ip.is_none() => {
            add_interface(cloud, vpc, &ip.to_string(), "zone", InterfaceKind::Customer);
        }
        2 => {
            if let Some(id) = with_ip {
                cloud.network_interfaces.remove(&id);
            }
        }
        3 => {
            let id = format!("vpce-0000000{n}").parse::<VpcEndpointId>().unwrap();
            if let Some(endpoint) = cloud.vpc_endpoints.get(&id) {
                let mut endpoint = (**endpoint).clone();
                endpoint.private_dns_enabled = !endpoint.private_dns_enabled;
                cloud.vpc_endpoints.insert(id, Arc::new(endpoint));
            }
        }
        4 => edit_api(cloud, API, |api| {
            api.settings = settings(EndpointType::Private, if n < 2 { &[PLAIN_ENDPOINT] } else { &[] });
        }),
        5 => deploy(cloud, API, "prod"),
        6 => {
            let key = (API.parse().unwrap(), "prod".to_owned());
            cloud.stages.remove(&key);
        }
        // The same name moves from zone to zone, and a zone from VPC to VPC.
        7 => super::hosted_zones::add_zone(cloud, &format!("Z{}", n % 2), "example.com", &[vpc]),
        8 => {
            cloud.hosted_zones.remove(&format!("Z{}", n % 2).parse::<HostedZoneId>().unwrap());
        }
        _ => {}
    }
}
