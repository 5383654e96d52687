//! Telling services and operations apart, and naming those that are not served.

use super::*;

fn signature(region: &str) -> Signature {
    let header = format!("AWS4-HMAC-SHA256 Credential=111122223333/20261123/{region}/ec2/aws4_request, SignedHeaders=host, Signature=0");
    let mut headers = http::HeaderMap::new();
    headers.insert(http::header::AUTHORIZATION, header.parse().unwrap());
    Signature::of(&headers, &Uri::from_static("/")).unwrap()
}

fn parts(method: &str, uri: &str, headers: &[(&'static str, &str)]) -> Parts {
    let mut request = http::Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

fn sts_refusal(body: &str) -> (String, String) {
    let error = sts::choose(&parts("POST", "/", &[]), body.as_bytes()).map(|_| ()).unwrap_err();
    (error.code.into_owned(), error.message)
}

#[test]
fn account_and_region_come_from_the_signature() {
    let scope = scope(&signature("ap-northeast-2")).unwrap();
    assert_eq!(scope.account.as_str(), "111122223333");
    assert_eq!(scope.region.as_str(), "ap-northeast-2");
    assert_eq!(super::scope(&signature("mars-1")).unwrap_err().code, "SignatureDoesNotMatch");
}

#[test]
fn an_action_is_found_in_the_body_and_in_the_query_string() {
    assert!(sts::choose(&parts("GET", "/?Action=GetCallerIdentity&Version=2011-06-15", &[]), b"").is_ok());
    assert!(sts::choose(&parts("POST", "/", &[]), b"Action=GetCallerIdentity&Version=2011-06-15").is_ok());
}

#[test]
fn actions_that_aws_has_are_told_from_those_it_has_not() {
    assert_eq!(
        sts_refusal("Action=AssumeRoleWithSAML&Version=2011-06-15"),
        ("UnsupportedOperation".to_owned(), "vpclab does not serve sts:AssumeRoleWithSAML yet".to_owned())
    );
    assert_eq!(
        sts_refusal("Action=AssumeRoll&Version=2011-06-15"),
        ("InvalidAction".to_owned(), "The action AssumeRoll is not valid for this web service.".to_owned())
    );
    assert_eq!(sts_refusal("Version=2011-06-15").0, "MissingAction");
    assert_eq!(sts_refusal("Action=GetCallerIdentity&Version=2010-01-01").0, "NoSuchVersion");
}

#[test]
fn every_action_of_ec2_is_served_or_named() {
    for action in vpclab_wire::ec2::UNSERVED {
        let body = format!("Action={action}&Version=2016-11-15");
        let error = ec2::choose(&parts("POST", "/", &[]), body.as_bytes()).map(|_| ()).unwrap_err();
        assert_eq!(error.message, format!("vpclab does not serve ec2:{action} yet"));
    }
}

#[test]
fn rest_operations_that_are_not_served_are_named() {
    let refusal = |method: &str, uri: &str| {
        let error = apigateway::choose(&parts(method, uri, &[]), Bytes::new()).map(|_| ()).unwrap_err();
        (error.status, error.message)
    };
    assert_eq!(refusal("POST", "/apikeys"), (400, "vpclab does not serve apigateway:CreateApiKey yet".to_owned()));
    assert_eq!(refusal("GET", "/v2/apis"), (400, "vpclab does not serve HTTP and WebSocket APIs yet: GET /v2/apis".to_owned()));
    assert_eq!(refusal("GET", "/nothing").0, 403);
}

#[test]
fn operations_of_json_services_are_found_by_their_target() {
    let refusal = |target: &str| {
        let parts = parts("POST", "/", &[("x-amz-target", target)]);
        let error = logs::choose(&parts, b"{}").map(|_| ()).unwrap_err();
        (error.code.into_owned(), error.message)
    };
    let unknown = |message: &str| ("UnknownOperationException".to_owned(), message.to_owned());
    assert_eq!(refusal("Logs_20140328.StartLiveTail"), unknown("vpclab does not serve logs:StartLiveTail yet"));
    assert_eq!(refusal("Logs_20140328.StartLive"), unknown("logs has no operation StartLive"));
    assert_eq!(refusal("AmazonSSM.GetParameter"), unknown("logs is asked by the header X-Amz-Target: Logs_20140328.<operation>"));
}

#[test]
fn a_refusal_comes_in_the_protocol_that_the_request_looks_like() {
    let json = parts("POST", "/", &[("x-amz-target", "Logs_20140328.DescribeLogGroups")]);
    assert_eq!(guess(&json, b""), Protocol::Json { version: "1.1", invalid: "ValidationException" });
    let form = parts("POST", "/", &[]);
    assert_eq!(guess(&form, b"Action=DescribeVpcs&Version=2016-11-15"), Protocol::Ec2);
    let query = guess(&form, b"Action=ListStacks&Version=2010-05-15");
    assert_eq!(query, vpclab_wire::sts::PROTOCOL);
    assert_eq!(guess(&parts("GET", "/restapis", &[]), b""), vpclab_wire::apigateway::PROTOCOL);

    let (protocol, answer) = unserved_service("logs", &json, b"");
    assert_eq!(protocol, Protocol::Json { version: "1.1", invalid: "ValidationException" });
    let error = answer.unwrap_err();
    assert_eq!(error.code, "UnknownOperationException");
    assert!(error.message.contains("`logs`") && error.message.contains("DescribeLogGroups"));
    let (protocol, _) = unserved_service("cloudfront", &parts("GET", "/2020-05-31/distribution", &[]), b"");
    assert_eq!(protocol, vpclab_wire::sts::PROTOCOL);
}
