//! IAM asked as clients send it: the status and the code of refusals, and pages.
use crate::ec2::lab::Lab;
use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

const TRUST: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole"}}"#;

async fn ask(lab: &Lab, service: &str, action: &str, form: &[(&str, &str)]) -> (u16, String) {
    let version = if service == "iam" { "2010-05-08" } else { "2011-06-15" };
    let mut body = format!("Action={action}&Version={version}");
    for (name, value) in form {
        body.push_str(&format!("&{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
    }
    lab.rest(service, Method::POST, "/", &body).await
}

fn text<'a>(body: &'a str, name: &str) -> &'a str {
    let from = body.split_once(&format!("<{name}>")).map_or("", |(_, rest)| rest);
    from.split_once(&format!("</{name}>")).map_or("", |(text, _)| text)
}

/// The status and the code of a refusal.
async fn refused(lab: &Lab, service: &str, action: &str, form: &[(&str, &str)]) -> (u16, String) {
    let (status, body) = ask(lab, service, action, form).await;
    (status, text(&body, "Code").to_owned())
}

#[tokio::test]
async fn a_role_as_clients_see_it() {
    let lab = Lab::new().await;
    let role = [("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)];
    let (status, made) = ask(&lab, "iam", "CreateRole", &role).await;
    assert_eq!((status, text(&made, "Arn")), (200, "arn:aws:iam::111111111111:role/r"), "{made}");
    assert!(text(&made, "AssumeRolePolicyDocument").starts_with("%7B%22Version%22"), "{made}");
    assert_eq!(refused(&lab, "iam", "CreateRole", &role).await, (409, "EntityAlreadyExists".into()));
    assert_eq!(refused(&lab, "iam", "GetRole", &[("RoleName", "x")]).await, (404, "NoSuchEntity".into()));
    let bad = [("RoleName", "s"), ("AssumeRolePolicyDocument", "{}")];
    assert_eq!(refused(&lab, "iam", "CreateRole", &bad).await, (400, "MalformedPolicyDocument".into()));
    assert_eq!(refused(&lab, "iam", "CreateRole", &[("RoleName", "!"), role[1]]).await, (400, "ValidationError".into()));
    let attach = [("RoleName", "r"), ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess")];
    assert_eq!(ask(&lab, "iam", "AttachRolePolicy", &attach).await.0, 200);
    assert_eq!(refused(&lab, "iam", "DeleteRole", &[("RoleName", "r")]).await, (409, "DeleteConflict".into()));
    let simulate = [("PolicySourceArn", "arn:aws:iam::111111111111:role/r"), ("ActionNames.member.1", "s3:*")];
    let (status, body) = ask(&lab, "iam", "SimulatePrincipalPolicy", &simulate).await;
    assert!(status == 400 && body.contains("SimulatePrincipalPolicy"), "{body}");
}

#[tokio::test]
async fn pages_go_on_where_they_ended() {
    let lab = Lab::new().await;
    for name in ["b", "A", "c"] {
        ask(&lab, "iam", "CreateUser", &[("UserName", name)]).await;
    }
    let (_, first) = ask(&lab, "iam", "ListUsers", &[("MaxItems", "2")]).await;
    assert_eq!((text(&first, "UserName"), text(&first, "IsTruncated")), ("A", "true"));
    let marker = text(&first, "Marker");
    ask(&lab, "iam", "DeleteUser", &[("UserName", "b")]).await;
    let (_, second) = ask(&lab, "iam", "ListUsers", &[("MaxItems", "2"), ("Marker", marker)]).await;
    assert_eq!((text(&second, "UserName"), text(&second, "IsTruncated")), ("c", "false"));
    assert_eq!(refused(&lab, "iam", "ListUsers", &[("Marker", "!")]).await, (400, "ValidationError".into()));
    assert_eq!(refused(&lab, "iam", "ListUsers", &[("MaxItems", "0")]).await, (400, "ValidationError".into()));
}

#[tokio::test]
async fn a_trust_policy_decides_who_assumes_a_role() {
    let lab = Lab::new().await;
    ask(&lab, "iam", "CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)]).await;
    let assume = [("RoleArn", "arn:aws:iam::111111111111:role/r"), ("RoleSessionName", "me")];
    let (status, body) = ask(&lab, "sts", "AssumeRole", &assume).await;
    assert_eq!((status, text(&body, "Arn")), (200, "arn:aws:sts::111111111111:assumed-role/r/me"), "{body}");
    let other = lab.of("222222222222", "us-west-2");
    assert_eq!(refused(&other, "sts", "AssumeRole", &assume).await, (403, "AccessDenied".into()));
    let external = TRUST.replace(r#""sts:AssumeRole"}"#, r#""sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"secret"}}}"#);
    let update = [("RoleName", "r"), ("PolicyDocument", external.as_str())];
    assert_eq!(ask(&lab, "iam", "UpdateAssumeRolePolicy", &update).await.0, 200);
    assert_eq!(refused(&lab, "sts", "AssumeRole", &assume).await, (403, "AccessDenied".into()));
    let known = [assume[0], assume[1], ("ExternalId", "secret")];
    assert_eq!(ask(&lab, "sts", "AssumeRole", &known).await.0, 200);
    let long = [known[0], known[1], known[2], ("DurationSeconds", "7200")];
    assert_eq!(refused(&lab, "sts", "AssumeRole", &long).await, (400, "ValidationError".into()));
    let address = external.replace(r#""StringEquals":{"sts:ExternalId":"secret"}"#, r#""IpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#);
    ask(&lab, "iam", "UpdateAssumeRolePolicy", &[("RoleName", "r"), ("PolicyDocument", &address)]).await;
    let (status, body) = ask(&lab, "sts", "AssumeRole", &assume).await;
    assert!(status == 403 && body.to_lowercase().contains("aws:sourceip"), "{body}");
}
