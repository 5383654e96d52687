use super::*;
use crate::fixture::Lab;

fn document(text: &str) -> PolicyDocument {
    PolicyDocument::checked(text.to_owned(), Vec::new())
}
fn role(name: &str) -> CreateRole {
    let tags = Tags::new();
    CreateRole { name: name.into(), path: None, trust: document("{}"), description: None, max_session: None, boundary: None, tags }
}
fn policy(name: &str) -> CreatePolicy {
    CreatePolicy { name: name.into(), path: Some("/team/".into()), document: document("{}"), description: None, tags: Tags::new() }
}
fn not_found<T>(answer: Result<T, Refusal>) -> bool {
    matches!(answer, Err(Refusal::Iam(IamRefusal::NotFound(_))))
}
fn conflict<T>(answer: Result<T, Refusal>) -> bool {
    matches!(answer, Err(Refusal::Iam(IamRefusal::DeleteConflict(_))))
}
fn limit<T>(answer: Result<T, Refusal>) -> bool {
    matches!(answer, Err(Refusal::Iam(IamRefusal::Limit(_))))
}

#[test]
fn a_role_is_the_accounts_in_every_region() {
    let mut lab = Lab::new();
    let made = lab.run(|cloud, cx| cloud.create_role(cx, CreateRole { path: Some("/a/".into()), ..role("R") })).unwrap();
    assert_eq!(made.arn(), "arn:aws:iam::111111111111:role/a/R");
    assert!(made.identity.id.starts_with("AROA") && made.identity.id.len() == 21);
    lab.go("1/us-west-2");
    assert!(matches!(lab.run(|cloud, cx| cloud.create_role(cx, role("r"))), Err(Refusal::Iam(IamRefusal::Exists(_)))));
    assert!(not_found(lab.cloud.role(&lab.cx.scope.account, "r")));
    assert!(lab.cloud.role_of_arn("arn:aws:iam::111111111111:role/a/R").is_some());
    assert!(lab.cloud.role_of_arn("arn:aws:iam::111111111111:role/R").is_none());
    lab.go("2/us-west-2");
    assert!(not_found(lab.run(|cloud, cx| cloud.delete_role(cx, "R"))));
    lab.run(|cloud, cx| cloud.create_role(cx, role("R"))).unwrap();
}

#[test]
fn a_role_goes_when_nothing_hangs_on_it() {
    let mut lab = Lab::new();
    let holder = Holder::Role("r".into());
    lab.run(|cloud, cx| cloud.create_role(cx, role("r"))).unwrap();
    let arn = lab.run(|cloud, cx| cloud.create_policy(cx, policy("p"))).unwrap().arn();
    lab.run(|cloud, cx| cloud.create_instance_profile(cx, "i", None, Tags::new())).unwrap();
    lab.run(|cloud, cx| cloud.add_role_to_instance_profile(cx, "i", "r")).unwrap();
    assert!(limit(lab.run(|cloud, cx| cloud.add_role_to_instance_profile(cx, "i", "r"))));
    lab.run(|cloud, cx| cloud.put_inline_policy(cx, &holder, "inline", document("{}"))).unwrap();
    lab.run(|cloud, cx| cloud.attach_policy(cx, &holder, &arn)).unwrap();
    assert!(conflict(lab.run(|cloud, cx| cloud.delete_policy(cx, &arn))));
    assert!(conflict(lab.run(|cloud, cx| cloud.delete_instance_profile(cx, "i"))));
    assert!(conflict(lab.run(|cloud, cx| cloud.delete_role(cx, "r"))));
    lab.run(|cloud, cx| cloud.remove_role_from_instance_profile(cx, "i", "r")).unwrap();
    assert!(conflict(lab.run(|cloud, cx| cloud.delete_role(cx, "r"))));
    lab.run(|cloud, cx| cloud.detach_policy(cx, &holder, &arn)).unwrap();
    assert!(not_found(lab.run(|cloud, cx| cloud.detach_policy(cx, &holder, &arn))));
    assert!(conflict(lab.run(|cloud, cx| cloud.delete_role(cx, "r"))));
    lab.run(|cloud, cx| cloud.delete_inline_policy(cx, &holder, "inline")).unwrap();
    lab.run(|cloud, cx| cloud.delete_role(cx, "r")).unwrap();
    lab.run(|cloud, cx| cloud.delete_policy(cx, &arn)).unwrap();
    lab.run(|cloud, cx| cloud.delete_instance_profile(cx, "i")).unwrap();
}

#[test]
fn policies_of_aws_are_attached_by_name() {
    let mut lab = Lab::new();
    let holder = Holder::Role("r".into());
    lab.run(|cloud, cx| cloud.create_role(cx, role("r"))).unwrap();
    let mut attach = |arn: &str| lab.run(|cloud, cx| cloud.attach_policy(cx, &holder, arn));
    attach("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole").unwrap();
    assert!(not_found(attach("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole")));
    assert!(not_found(attach("arn:aws:iam::111111111111:policy/p")));
    assert!(matches!(attach("p"), Err(Refusal::Iam(IamRefusal::InvalidInput(_)))));
    let names: Vec<&str> = aws_policy::ALL.iter().map(|policy| policy.name).collect();
    assert!(names.is_sorted() && aws_policy::ALL.iter().all(of_arn_finds));
}

fn of_arn_finds(policy: &AwsPolicy) -> bool {
    aws_policy::of_arn(&policy.arn()) == Some(policy)
}

#[test]
fn five_versions_and_one_in_force() {
    let mut lab = Lab::new();
    let arn = lab.run(|cloud, cx| cloud.create_policy(cx, policy("p"))).unwrap().arn();
    assert_eq!(arn, "arn:aws:iam::111111111111:policy/team/p");
    for number in 2..=5 {
        assert_eq!(lab.run(|cloud, cx| cloud.create_policy_version(cx, &arn, document("{}"), number == 3)), Ok(number));
    }
    assert!(limit(lab.run(|cloud, cx| cloud.create_policy_version(cx, &arn, document("{}"), false))));
    assert!(conflict(lab.run(|cloud, cx| cloud.delete_policy_version(cx, &arn, 3))));
    lab.run(|cloud, cx| cloud.delete_policy_version(cx, &arn, 5)).unwrap();
    assert_eq!(lab.run(|cloud, cx| cloud.create_policy_version(cx, &arn, document("{}"), false)), Ok(6));
    assert!(not_found(lab.run(|cloud, cx| cloud.set_default_policy_version(cx, &arn, 5))));
    assert!(conflict(lab.run(|cloud, cx| cloud.delete_policy(cx, &arn))));
    let long = document(&"x".repeat(6145));
    assert!(limit(lab.run(|cloud, cx| cloud.create_policy_version(cx, &arn, long, false))));
}

#[test]
fn a_trust_policy_names_who_is_there() {
    let mut lab = Lab::new();
    let arn = "arn:aws:iam::111111111111:role/r";
    let naming = || CreateRole { trust: PolicyDocument::checked("{}".into(), vec![arn.into()]), ..role("other") };
    let refused = lab.run(|cloud, cx| cloud.create_role(cx, naming()));
    assert_eq!(refused, Err(IamRefusal::MalformedPolicy(format!("Invalid principal in policy: \"AWS\":\"{arn}\"")).into()));
    lab.run(|cloud, cx| cloud.create_role(cx, role("r"))).unwrap();
    lab.run(|cloud, cx| cloud.create_role(cx, naming())).unwrap();
    let long = lab.run(|cloud, cx| cloud.create_role(cx, CreateRole { trust: document(&"x".repeat(2049)), ..role("long") }));
    assert!(limit(long));
}

#[test]
fn users_have_two_keys_that_name_them() {
    let mut lab = Lab::new();
    let user = CreateUser { name: "u".into(), path: None, boundary: None, tags: Tags::new() };
    lab.run(|cloud, cx| cloud.create_user(cx, user)).unwrap();
    let first = lab.run(|cloud, cx| cloud.create_access_key(cx, "u")).unwrap();
    let second = lab.run(|cloud, cx| cloud.create_access_key(cx, "u")).unwrap();
    assert!(limit(lab.run(|cloud, cx| cloud.create_access_key(cx, "u"))));
    assert_eq!(lab.cloud.user_of_key(&second.id).unwrap().0.arn(), "arn:aws:iam::111111111111:user/u");
    assert!(conflict(lab.run(|cloud, cx| cloud.delete_user(cx, "u"))));
    lab.run(|cloud, cx| cloud.update_user(cx, "u", Some("U".into()), Some("/x/".into()))).unwrap();
    assert_eq!(lab.cloud.user_of_key(&first.id).unwrap().0.arn(), "arn:aws:iam::111111111111:user/x/U");
    for key in [first, second] {
        lab.run(|cloud, cx| cloud.delete_access_key(cx, "U", &key.id)).unwrap();
        assert!(lab.cloud.user_of_key(&key.id).is_none());
    }
    lab.run(|cloud, cx| cloud.delete_user(cx, "U")).unwrap();
}

#[test]
fn names_paths_sessions_and_tags_have_their_rules() {
    let mut lab = Lab::new();
    let mut refused = |input: CreateRole| lab.run(|cloud, cx| cloud.create_role(cx, input)).is_err();
    assert!(refused(role("a b")) && refused(role("")) && refused(role(&"r".repeat(65))));
    assert!(refused(CreateRole { path: Some("a".into()), ..role("r") }));
    assert!(refused(CreateRole { max_session: Some(60), ..role("r") }));
    let tags = [("K".to_owned(), String::new()), ("k".to_owned(), String::new())].into();
    assert!(refused(CreateRole { tags, ..role("r") }));
    assert!(refused(CreateRole { boundary: Some("arn:aws:iam::aws:policy/Nope".into()), ..role("r") }));
    assert!(!refused(role(&"r".repeat(64))));
}
