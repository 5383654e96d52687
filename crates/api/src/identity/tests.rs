use super::*;
use vpclab_cloud::iam::{CreatePolicy, CreateRole, CreateUser, Holder, PolicyDocument};
use vpclab_cloud::{Context, IdSource, Scope, Timestamp};
use vpclab_policy::{CallerPrincipal, DecisionEffect, NoKeys, Request as Question};

const ALLOW: &str = r#"{"Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]}"#;
const DENY: &str = r#"{"Statement":[{"Effect":"Deny","Action":"execute-api:Invoke","Resource":"*"}]}"#;
const OTHER: &str = r#"{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;

fn document(text: &str) -> PolicyDocument {
    PolicyDocument::checked(text.to_owned(), Vec::new())
}

fn context() -> Context {
    let scope = Scope { account: "111122223333".parse().unwrap(), region: "us-west-2".parse().unwrap() };
    Context { scope, now: Timestamp(0), ids: IdSource::new(7) }
}

/// A role and a user, without policies.
fn cloud(cx: &mut Context) -> Cloud {
    let mut cloud = Cloud::default();
    let role = CreateRole {
        name: "r".into(),
        path: Some("/team/".into()),
        trust: document("{}"),
        description: None,
        max_session: None,
        boundary: None,
        tags: Tags::from([("Team".into(), "a".into())]),
    };
    cloud.create_role(cx, role).unwrap();
    cloud.create_user(cx, CreateUser { name: "u".into(), path: None, boundary: None, tags: Tags::new() }).unwrap();
    cloud
}

fn decide(signer: &Signer) -> DecisionEffect {
    let principal = CallerPrincipal::Aws { account: &signer.account, arn: &signer.arn, role: signer.role.as_deref() };
    signer.decide(&Question { principal, action: "execute-api:Invoke", resource: "arn:aws:execute-api:x", keys: &NoKeys })
}

fn session(cloud: &Cloud, cx: &Context) -> Session {
    let role = cloud.role(&cx.scope.account, "r").unwrap();
    Session {
        arn: "arn:aws:sts::111122223333:assumed-role/r/s".into(),
        user_id: format!("{}:s", role.identity.id),
        role: Some(role.arn()),
        issued: Timestamp(1),
        expires: Timestamp(1000),
        policy: None,
        policy_arns: Vec::new(),
        tags: Tags::new(),
        source_identity: None,
    }
}

#[test]
fn policies_of_all_kinds_are_judged_together() {
    let mut cx = context();
    let mut cloud = cloud(&mut cx);
    let user = Holder::User("u".into());
    let said = |cloud: &Cloud| decide(&Identities::compile(cloud, None).named("111122223333", "arn:aws:iam::111122223333:user/u", None));
    assert_eq!(said(&cloud), DecisionEffect::ImplicitDeny);
    let input = CreatePolicy { name: "p".into(), path: None, document: document(ALLOW), description: None, tags: Tags::new() };
    let policy = cloud.create_policy(&mut cx, input).unwrap();
    cloud.attach_policy(&mut cx, &user, &policy.arn()).unwrap();
    assert_eq!(said(&cloud), DecisionEffect::Allow);
    let limit = CreatePolicy { name: "limit".into(), path: None, document: document(OTHER), description: None, tags: Tags::new() };
    let limit = cloud.create_policy(&mut cx, limit).unwrap().arn();
    cloud.set_permissions_boundary(&mut cx, &user, Some(limit)).unwrap();
    assert_eq!(said(&cloud), DecisionEffect::ImplicitDeny);
    cloud.set_permissions_boundary(&mut cx, &user, None).unwrap();
    cloud.put_inline_policy(&mut cx, &user, "never", document(DENY)).unwrap();
    assert_eq!(said(&cloud), DecisionEffect::ExplicitDeny);
}

#[test]
fn a_policy_that_the_lab_does_not_hold_leaves_it_open_and_is_named() {
    let mut cx = context();
    let mut cloud = cloud(&mut cx);
    let unheld = vpclab_cloud::iam::aws_policy::ALL.iter().find(|policy| policy.document.is_none()).unwrap();
    cloud.attach_policy(&mut cx, &Holder::User("u".into()), &unheld.arn()).unwrap();
    let signer = Identities::compile(&cloud, None).named("111122223333", "arn:aws:iam::111122223333:user/u", None);
    assert_eq!(decide(&signer), DecisionEffect::Undetermined);
    let question = Question { principal: CallerPrincipal::Anonymous, action: "a:b", resource: "c", keys: &NoKeys };
    assert_eq!(signer.missing(&question), [format!("the policy {}", unheld.arn())]);
}

#[test]
fn keys_stand_for_users_while_they_are_active() {
    let mut cx = context();
    let mut cloud = cloud(&mut cx);
    let key = cloud.create_access_key(&mut cx, "u").unwrap().id;
    let of = |cloud: &Cloud, key: &str, token: Option<&str>| {
        Identities::compile(cloud, None).of_credentials(key, token, 0).map(|signer| (signer.arn, signer.user_id))
    };
    let id = cloud.user(&cx.scope.account, "u").unwrap().identity.id.clone();
    assert_eq!(of(&cloud, &key, None), Ok(("arn:aws:iam::111122223333:user/u".to_owned(), Some(id))));
    assert_eq!(of(&cloud, &key, Some("token")), Err(SignatureRefusal::UnknownKey));
    for unknown in ["111122223333", "AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE"] {
        assert_eq!(of(&cloud, unknown, None), Err(SignatureRefusal::UnknownKey));
    }
    cloud.set_access_key_active(&mut cx, "u", &key, false).unwrap();
    assert_eq!(of(&cloud, &key, None), Err(SignatureRefusal::UnknownKey));
}

#[test]
fn sessions_stand_for_roles_until_they_end_or_the_role_is_another() {
    let mut cx = context();
    let mut cloud = cloud(&mut cx);
    cloud.put_inline_policy(&mut cx, &Holder::Role("r".into()), "p", document(ALLOW)).unwrap();
    let key = access_key::issue(access_key::SESSION, &cx.scope.account, &mut cx.ids);
    let of = |cloud: &Cloud, session: &Session, now| Identities::compile(cloud, None).of_credentials(&key, Some(&session.token()), now);
    let whole = session(&cloud, &cx);
    let signer = of(&cloud, &whole, 999).unwrap();
    assert_eq!((decide(&signer), signer.tag("team")), (DecisionEffect::Allow, Some("a")));
    assert_eq!(signer.role.as_deref(), Some("arn:aws:iam::111122223333:role/team/r"));
    let limited = Session { policy: Some(OTHER.into()), tags: Tags::from([("team".into(), "b".into())]), ..whole.clone() };
    let limited = of(&cloud, &limited, 0).unwrap();
    assert_eq!((decide(&limited), limited.tag("team")), (DecisionEffect::ImplicitDeny, Some("b")));
    assert_eq!(of(&cloud, &whole, 1000).unwrap_err(), SignatureRefusal::ExpiredToken);
    let before = Session { user_id: "AROAOTHER:s".into(), ..whole.clone() };
    assert_eq!(of(&cloud, &before, 0).unwrap_err(), SignatureRefusal::UnknownKey);
    let root = Session { arn: "arn:aws:iam::111122223333:root".into(), user_id: "111122223333".into(), role: None, ..whole };
    assert_eq!(decide(&of(&cloud, &root, 0).unwrap()), DecisionEffect::Allow);
    let foreign = Session { arn: "arn:aws:iam::444455556666:root".into(), ..root };
    assert_eq!(of(&cloud, &foreign, 0).unwrap_err(), SignatureRefusal::UnknownKey);
}

#[test]
fn a_session_is_named_without_its_roles_path() {
    let mut cx = context();
    let cloud = cloud(&mut cx);
    let role = Some("arn:aws:iam::111122223333:role/r");
    let signer = Identities::compile(&cloud, None).named("111122223333", "arn:aws:sts::111122223333:assumed-role/r/s", role);
    let id = &cloud.role(&cx.scope.account, "r").unwrap().identity.id;
    assert_eq!((signer.role.as_deref(), signer.user_id), (Some("arn:aws:iam::111122223333:role/team/r"), Some(format!("{id}:s"))));
}

#[test]
fn only_what_differs_is_compiled_again() {
    let mut cx = context();
    let mut cloud = cloud(&mut cx);
    let first = Identities::compile(&cloud, None);
    assert!(Arc::ptr_eq(&Identities::compile(&cloud.clone(), Some(&first)), &first));
    cloud.put_inline_policy(&mut cx, &Holder::User("u".into()), "p", document(ALLOW)).unwrap();
    let second = Identities::compile(&cloud, Some(&first));
    let (role, user) = ("arn:aws:iam::111122223333:role/team/r", "arn:aws:iam::111122223333:user/u");
    assert!(Arc::ptr_eq(&first.known[role], &second.known[role]) && !Arc::ptr_eq(&first.known[user], &second.known[user]));
    assert_eq!(decide(&second.named("111122223333", user, None)), DecisionEffect::Allow);
}
