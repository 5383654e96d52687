use super::*;
use crate::fixture::Lab;

fn put(name: &str, value: &str) -> PutParameter {
    PutParameter {
        name: name.into(),
        value: value.into(),
        kind: Some(ParameterKind::String),
        description: None,
        allowed_pattern: None,
        tier: TierChoice::AsIs,
        data_type: None,
        key: None,
        overwrite: false,
        tags: Tags::new(),
        user: "arn:aws:iam::111111111111:root".into(),
    }
}
fn over(name: &str, value: &str) -> PutParameter {
    PutParameter { overwrite: true, kind: None, ..put(name, value) }
}
fn refusal<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> ParameterRefusal {
    match answer.unwrap_err() {
        Refusal::Parameter(why) => why,
        other => panic!("{other}"),
    }
}

#[test]
fn versions_follow_and_the_oldest_go() {
    let mut lab = Lab::new();
    assert_eq!(lab.run(|cloud, cx| cloud.put_parameter(cx, put("/a/b", "1"))), Ok((1, Tier::Standard)));
    assert_eq!(refusal(lab.run(|cloud, cx| cloud.put_parameter(cx, put("/a/b", "2")))), ParameterRefusal::Exists);
    for number in 2..=102 {
        assert_eq!(lab.run(|cloud, cx| cloud.put_parameter(cx, over("/a/b", "2"))), Ok((number, Tier::Standard)));
    }
    let numbers: Vec<u64> = lab.cloud.versions_of_parameter(&lab.cx.scope, "/a/b").map(|(number, _)| number).collect();
    assert_eq!((numbers.len(), numbers[0]), (100, 3));
    let gone = lab.cloud.parameter_version(&lab.cx.scope, "/a/b", Some(2)).map(|(_, number, _)| number);
    assert!(matches!(refusal(gone), ParameterRefusal::VersionNotFound { .. }));
    assert_eq!(lab.cloud.parameter(&lab.cx.scope, "/a/b").unwrap().arn(), "arn:aws:ssm:ap-northeast-2:111111111111:parameter/a/b");
    lab.run(|cloud, cx| cloud.delete_parameter(cx, "/a/b")).unwrap();
    assert!(lab.cloud.parameter_versions.is_empty());
    assert_eq!(
        lab.run(|cloud, cx| cloud.put_parameter(cx, over("/a/b", "1"))),
        Err(check::invalid("A parameter type is required when you create a parameter."))
    );
}

#[test]
fn names_have_their_rules() {
    let mut lab = Lab::new();
    let mut refused = |name: &str| refusal(lab.run(|cloud, cx| cloud.put_parameter(cx, put(name, "v"))));
    assert!(matches!(refused("aws-thing"), ParameterRefusal::Invalid(_)));
    assert!(matches!(refused("a b"), ParameterRefusal::Invalid(_)));
    assert!(matches!(refused("a/b"), ParameterRefusal::Invalid(_)));
    assert!(matches!(refused("/a/"), ParameterRefusal::Invalid(_)));
    assert!(matches!(refused("/AWS/x"), ParameterRefusal::Reserved(_)));
    assert_eq!(refused(&"/x".repeat(16)), ParameterRefusal::Levels);
    for name in ["a.b-c_D", &"/x".repeat(15), "/cdk-bootstrap/hnb659fds/version"] {
        lab.run(|cloud, cx| cloud.put_parameter(cx, put(name, "v"))).unwrap();
    }
}

#[test]
fn values_have_their_rules() {
    let mut lab = Lab::new();
    let mut ask = |input: PutParameter| lab.run(|cloud, cx| cloud.put_parameter(cx, input));
    let long = "x".repeat(4097);
    assert!(matches!(refusal(ask(put("s", &long))), ParameterRefusal::Invalid(_)));
    assert_eq!(ask(PutParameter { tier: TierChoice::Intelligent, ..put("s", &long) }), Ok((1, Tier::Advanced)));
    assert!(matches!(
        refusal(ask(PutParameter { tier: TierChoice::Only(Tier::Standard), ..over("s", "v") })),
        ParameterRefusal::Invalid(_)
    ));
    assert_eq!(ask(over("s", "v")), Ok((2, Tier::Advanced)));
    assert!(matches!(refusal(ask(over("s", &"x".repeat(8193)))), ParameterRefusal::Invalid(_)));
    assert!(ask(put("empty", "")).is_err());
    let secure = PutParameter { kind: Some(ParameterKind::SecureString), ..over("s", "v") };
    assert_eq!(refusal(ask(secure)), ParameterRefusal::KindChanges);

    let digits = |value: &str| PutParameter { allowed_pattern: Some(r"\d+".into()), ..put("p", value) };
    assert_eq!(refusal(ask(digits("1a"))), ParameterRefusal::PatternMismatch(r"\d+".into()));
    ask(digits("12")).unwrap();
    assert_eq!(refusal(ask(over("p", "a"))), ParameterRefusal::PatternMismatch(r"\d+".into()));
    let broken = PutParameter { allowed_pattern: Some("(".into()), ..put("q", "v") };
    assert_eq!(refusal(ask(broken)), ParameterRefusal::InvalidPattern("(".into()));

    let image = |value: &str| PutParameter { data_type: Some(DataType::Image), ..put("i", value) };
    assert!(ask(image("v")).is_err());
    ask(image("ami-0123456789abcdef0")).unwrap();
    let key = |kind, key: &str| PutParameter { kind: Some(kind), key: Some(key.into()), ..put("k", "v") };
    assert!(matches!(refusal(ask(key(ParameterKind::SecureString, "alias/mine"))), ParameterRefusal::InvalidKey(_)));
    assert!(ask(key(ParameterKind::String, DEFAULT_KEY)).is_err());
    ask(key(ParameterKind::SecureString, DEFAULT_KEY)).unwrap();
}

#[test]
fn tags_come_with_a_new_parameter() {
    let mut lab = Lab::new();
    let tags: Tags = [("k".to_owned(), "v".to_owned())].into();
    lab.run(|cloud, cx| cloud.put_parameter(cx, PutParameter { tags: tags.clone(), ..put("p", "v") })).unwrap();
    assert!(lab.run(|cloud, cx| cloud.put_parameter(cx, PutParameter { tags, ..over("p", "v") })).is_err());
    lab.run(|cloud, cx| cloud.edit_parameter_tags(cx, "p", |tags| tags.clear())).unwrap();
    lab.go("1/us-west-2");
    assert!(lab.run(|cloud, cx| cloud.edit_parameter_tags(cx, "p", |tags| tags.clear())).is_err());
}
