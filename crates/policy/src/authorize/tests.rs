use super::*;
use crate::{CallerPrincipal, MapKeys, expand_short_form, parse_json};
use DecisionEffect::{Allow, ExplicitDeny, ImplicitDeny, Undetermined};

/// The two tables as the page prints them: identity policy, resource policy, table A, table B.
const TABLES: [(DecisionEffect, DecisionEffect, DecisionEffect, DecisionEffect); 9] = [
    (Allow, Allow, Allow, Allow),
    (Allow, ImplicitDeny, Allow, ImplicitDeny),
    (Allow, ExplicitDeny, ExplicitDeny, ExplicitDeny),
    (ImplicitDeny, Allow, Allow, ImplicitDeny),
    (ImplicitDeny, ImplicitDeny, ImplicitDeny, ImplicitDeny),
    (ImplicitDeny, ExplicitDeny, ExplicitDeny, ExplicitDeny),
    (ExplicitDeny, Allow, ExplicitDeny, ExplicitDeny),
    (ExplicitDeny, ImplicitDeny, ExplicitDeny, ExplicitDeny),
    (ExplicitDeny, ExplicitDeny, ExplicitDeny, ExplicitDeny),
];

#[test]
fn the_eighteen_cells() {
    for (identity, resource, same, different) in TABLES {
        assert_eq!(authorize(Accounts::Same, identity, resource).effect, same, "A: {identity:?}, {resource:?}");
        assert_eq!(authorize(Accounts::Different, identity, resource).effect, different, "B: {identity:?}, {resource:?}");
    }
}

/// Whatever stands in the place of the unknown: a certain answer is the answer for each.
#[test]
fn the_unknown_is_never_guessed() {
    for accounts in [Accounts::Same, Accounts::Different] {
        for known in [Allow, ImplicitDeny, ExplicitDeny] {
            for identity_known in [true, false] {
                let ask = |other| {
                    let (identity, resource) = if identity_known { (known, other) } else { (other, known) };
                    authorize(accounts, identity, resource).effect
                };
                let unknown = ask(Undetermined);
                for other in [Allow, ImplicitDeny, ExplicitDeny] {
                    assert!(unknown == Undetermined || unknown == ask(other), "{accounts:?} {known:?} {other:?}");
                }
            }
        }
        assert_eq!(authorize(accounts, Undetermined, Undetermined).effect, Undetermined);
    }
    // Behind a limit too: whatever the resource's policy says then, a denial that may be there is not taken for silence.
    for known in [Allow, ImplicitDeny, ExplicitDeny] {
        for own_known in [true, false] {
            let ask = |other| if own_known { within(known, other) } else { within(other, known) };
            let unknown = ask(Undetermined);
            for other in [Allow, ImplicitDeny, ExplicitDeny] {
                assert!(unknown == Undetermined || unknown == ask(other), "{known:?} {other:?}");
            }
        }
    }
    assert_eq!(within(Undetermined, Undetermined), Undetermined);
}

#[test]
fn who_decided_is_said() {
    let by = |accounts, identity, resource| authorize(accounts, identity, resource).by;
    assert_eq!(by(Accounts::Same, ImplicitDeny, Allow), Decider::Resource);
    assert_eq!(by(Accounts::Different, ImplicitDeny, Allow), Decider::Identity, "its silence refuses");
    assert_eq!(by(Accounts::Different, Allow, ImplicitDeny), Decider::Resource);
    assert_eq!(by(Accounts::Same, Allow, ExplicitDeny), Decider::Resource);
    assert_eq!(by(Accounts::Same, ImplicitDeny, ImplicitDeny), Decider::Both);
}

const ARN: &str = "arn:aws:execute-api:us-west-2:123456789012:abcde12345";
const DEVELOPER: CallerPrincipal<'_> = CallerPrincipal::Aws {
    account: "111122223333",
    arn: "arn:aws:sts::111122223333:assumed-role/developer/me",
    role: Some("arn:aws:iam::111122223333:role/developer"),
};

fn policy(text: &str) -> Policy {
    Policy::from_value(&expand_short_form(&parse_json(text).unwrap(), ARN)).unwrap()
}

fn says(policy: &Policy, principal: CallerPrincipal<'_>, path: &str, keys: &MapKeys) -> DecisionEffect {
    let resource = format!("{ARN}/{path}");
    policy.decide(&Request { principal, action: "execute-api:Invoke", resource: &resource, keys }).effect
}

/// The examples of <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html>
#[test]
fn roles_of_another_account() {
    let roles = policy(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":[
            "arn:aws:iam::111122223333:role/developer","arn:aws:iam::111122223333:role/Admin"]},
            "Action":"execute-api:Invoke","Resource":["execute-api:/stage/GET/pets"]}]}"#,
    );
    let none = MapKeys::new();
    assert_eq!(says(&roles, DEVELOPER, "stage/GET/pets", &none), Allow);
    assert_eq!(says(&roles, DEVELOPER, "stage/POST/pets", &none), ImplicitDeny);
    assert_eq!(says(&roles, CallerPrincipal::Anonymous, "stage/GET/pets", &none), ImplicitDeny);
    assert_eq!(says(&roles, CallerPrincipal::Unknown, "stage/GET/pets", &none), Undetermined);
}

/// `aws:SourceIp` denies addresses on public APIs; a private API does not have the key, so that the denial never applies, and
/// `aws:VpcSourceIp` is what denies there.
#[test]
fn addresses_by_the_key_of_private_apis() {
    let example = |key: &str| {
        policy(
            &r#"{"Version":"2012-10-17","Statement":[
                {"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":["execute-api:/*"]},
                {"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":["execute-api:/*"],
                 "Condition":{"IpAddress":{"KEY":["192.0.2.0/24","198.51.100.0/24"]}}}]}"#
                .replace("KEY", key),
        )
    };
    let from = |address: &str| MapKeys::new().with("aws:VpcSourceIp", address);
    let ask = |policy: &Policy, keys: &MapKeys| says(policy, CallerPrincipal::Anonymous, "stage/GET/pets", keys);
    let private = example("aws:VpcSourceIp");
    assert_eq!(ask(&private, &from("192.0.2.7")), ExplicitDeny);
    assert_eq!(ask(&private, &from("10.0.0.7")), Allow);
    assert_eq!(ask(&private, &MapKeys::new()), Allow, "a positive operator does not match a missing key");
    assert_eq!(ask(&private, &MapKeys::new().with_unknown("aws:VpcSourceIp")), Undetermined);
    assert_eq!(ask(&example("aws:SourceIp"), &from("192.0.2.7")), Allow);
}

#[test]
fn one_vpc_or_one_endpoint() {
    let example = |key: &str, value: &str| {
        policy(
            &r#"{"Version":"2012-10-17","Statement":[
                {"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":["execute-api:/*"]},
                {"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":["execute-api:/*"],
                 "Condition":{"StringNotEquals":{"KEY":"VALUE"}}}]}"#
                .replace("KEY", key)
                .replace("VALUE", value),
        )
    };
    let ask = |policy: &Policy, keys: &MapKeys| says(policy, CallerPrincipal::Anonymous, "stage/GET/pets", keys);
    for (key, value) in [("aws:SourceVpc", "vpc-1a2b3c4d"), ("aws:SourceVpce", "vpce-1a2b3c4d")] {
        let fence = example(key, value);
        assert_eq!(ask(&fence, &MapKeys::new().with(key, value)), Allow);
        assert_eq!(ask(&fence, &MapKeys::new().with(key, "other")), ExplicitDeny);
        assert_eq!(ask(&fence, &MapKeys::new()), ExplicitDeny, "a negated operator matches a missing key");
        assert_eq!(ask(&fence, &MapKeys::new().with_unknown(key)), Undetermined);
    }
}

/// The endpoint policies of <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-endpoint-policies.html>
#[test]
fn endpoint_policies() {
    let two = policy(
        r#"{"Statement":[{"Principal":"*","Action":["execute-api:Invoke"],"Effect":"Allow","Resource":[
            "arn:aws:execute-api:us-west-2:123456789012:abcde12345/*/GET/pets",
            "arn:aws:execute-api:us-west-2:123456789012:zzzzzzzzzz/*"]}]}"#,
    );
    let none = MapKeys::new();
    assert_eq!(says(&two, CallerPrincipal::Anonymous, "prod/GET/pets", &none), Allow);
    assert_eq!(says(&two, CallerPrincipal::Anonymous, "prod/GET/cats", &none), ImplicitDeny);
    let organization = policy(
        r#"{"Statement":[{"Principal":"*","Action":"execute-api:Invoke","Effect":"Allow","Resource":"*",
            "Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-12345"}}}]}"#,
    );
    assert_eq!(says(&organization, CallerPrincipal::Anonymous, "prod/GET/pets", &none), ImplicitDeny);
    assert_eq!(says(&organization, DEVELOPER, "prod/GET/pets", &MapKeys::new().with("aws:PrincipalOrgID", "o-12345")), Allow);
}

#[test]
fn policies_of_one_identity() {
    let allow = policy(r#"{"Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]}"#);
    let deny = policy(r#"{"Statement":[{"Effect":"Deny","Action":"execute-api:*","Resource":"*/DELETE/*"}]}"#);
    let other = policy(r#"{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#);
    let ask = |policies: &[&Policy], boundary: Option<&Policy>, method: &str| {
        let resource = format!("{ARN}/prod/{method}/pets");
        let keys = MapKeys::new();
        let request = Request { principal: DEVELOPER, action: "execute-api:Invoke", resource: &resource, keys: &keys };
        decide_identity(policies, boundary, &request)
    };
    assert_eq!(ask(&[], None, "GET"), ImplicitDeny);
    assert_eq!(ask(&[&other, &allow], None, "GET"), Allow);
    assert_eq!(ask(&[&allow, &deny], None, "DELETE"), ExplicitDeny);
    assert_eq!(ask(&[&allow], Some(&other), "GET"), ImplicitDeny, "outside of the boundary");
    assert_eq!(ask(&[&other], Some(&allow), "GET"), ImplicitDeny, "a boundary gives nothing");
    assert_eq!(ask(&[&allow], Some(&deny), "DELETE"), ExplicitDeny);
}
