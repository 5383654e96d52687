//! Each row of the error catalogue, and the four ways of calling, over real TLS on a loopback socket.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod authorizer;
mod lab;
mod lambda;
mod stage;

use lab::{API, Answer, ENDPOINT_HOST, HOST, Lab, OPEN, exchange, mock, resource};
use vpclab_cloud::integration::IntegrationType;
use vpclab_cloud::rest_api::EndpointType;
use vpclab_gateway::{Fate, Refusal};

const ARN: &str = "arn:aws:execute-api:us-west-2:********1234:abcde12345";

fn check(answer: &Answer, status: u16, error_type: &str, body: &str) {
    assert_eq!(answer.body, body);
    assert_eq!(answer.status, status);
    assert_eq!(answer.headers["x-amzn-errortype"], error_type);
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.headers["connection"], "keep-alive");
    assert_eq!(answer.headers["x-amzn-requestid"].len(), 36);
    assert_eq!(answer.headers["x-amz-apigw-id"].len(), 16);
    assert!(answer.headers.contains_key("date"));
}

fn forbidden(answer: &Answer) {
    check(answer, 403, "ForbiddenException", r#"{"message":"Forbidden"}"#);
}

fn denied(answer: &Answer, path: &str, suffix: &str) {
    let body =
        format!(r#"{{"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: {ARN}/{path}{suffix}"}}"#);
    check(answer, 403, "AccessDeniedException", &body);
}

#[tokio::test]
async fn four_ways_of_calling() {
    let lab = Lab::new().await;
    let answer = lab.get("/prod/pets").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"pets":[]}"#));
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.headers["x-lab"], "yes");
    assert!(matches!(lab.last().fate, Fate::Answered { endpoint_statement: None, resource_statement: Some(0) }));
    for head in [
        "GET /prod/pets HTTP/1.1\r\nHost: abcde12345-vpce-0123456789abcdef0.execute-api.us-west-2.amazonaws.com\r\n".to_owned(),
        format!("GET /prod/pets HTTP/1.1\r\nHost: {ENDPOINT_HOST}\r\nx-apigw-api-id: {API}\r\n"),
        format!("GET /prod/pets HTTP/1.1\r\nHost: nlb.example.com\r\nx-apigw-api-id: {API}\r\n"),
    ] {
        assert_eq!(lab.send(&head, b"").await.status, 200, "{head}");
    }
    let mut stream = lab.connect(ENDPOINT_HOST, rustls::ALL_VERSIONS).await;
    let answer = exchange(&mut stream, &format!("GET /prod/pets HTTP/1.1\r\nHost: {HOST}\r\n"), b"").await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn tls_versions_and_protocol() {
    let lab = Lab::new().await;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut stream = lab.connect(HOST, &[version]).await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
        assert_eq!(stream.get_ref().1.protocol_version(), Some(version.version));
        for _ in 0..3 {
            let answer = exchange(&mut stream, &format!("GET /prod HTTP/1.1\r\nHost: {HOST}\r\n"), b"").await;
            assert_eq!(answer.body, r#"{"at":"root"}"#);
        }
    }
}

#[tokio::test]
async fn paths_and_parameters() {
    let lab = Lab::new().await;
    assert_eq!(lab.get("/prod/pets/a%20b").await.body, r#"{"pet":"a b","from":"vpce-0123456789abcdef0"}"#);
    assert_eq!(lab.get("/prod/any/x/y?z=1").await.body, r#"{"rest":"x/y"}"#);
    let overridden = format!("GET /prod/pets HTTP/1.1\r\nHost: {HOST}\r\nX-HTTP-Method-Override: POST\r\n");
    assert_eq!(lab.send(&overridden, b"").await.body, "{}");
}

#[tokio::test]
async fn forbidden_before_an_api_is_chosen() {
    let mut lab = Lab::new().await;
    lab.api("regional12", EndpointType::Regional, None);
    lab.publish();
    for host in [
        "zzzzzzzzzz.execute-api.us-west-2.amazonaws.com",
        "regional12.execute-api.us-west-2.amazonaws.com",
        "abcde12345.execute-api.ap-northeast-2.amazonaws.com",
        "example.com",
        ENDPOINT_HOST,
    ] {
        forbidden(&lab.send(&format!("GET /prod/pets HTTP/1.1\r\nHost: {host}\r\n"), b"").await);
    }
    forbidden(&lab.send(&format!("GET /prod/pets HTTP/1.1\r\nHost: {HOST}\r\nx-apigw-api-id: nothere\r\n"), b"").await);
    forbidden(&lab.send(&format!("GET /prod/pets HTTP/1.1\r\nHost: {HOST}\r\nHost: other.example\r\n"), b"").await);
    // The same API, its stage still there, is not answered once it is no longer private.
    lab.api(API, EndpointType::Edge, None);
    lab.publish();
    forbidden(&lab.get("/prod/pets").await);
    assert_eq!(lab.last().fate, Fate::Refused(Refusal::NotPrivate));
    lab.cloud.vpc_endpoints.clear();
    lab.publish();
    forbidden(&lab.get("/prod/pets").await);
    assert_eq!(lab.last().fate, Fate::Refused(Refusal::NoEndpoint));
}

#[tokio::test]
async fn stages() {
    let mut lab = Lab::new().await;
    for path in ["/", "/nope/pets", "//prod/pets", "/Prod/pets"] {
        forbidden(&lab.get(path).await);
        assert!(matches!(lab.last().fate, Fate::Refused(Refusal::UnknownStage { .. })));
    }
    lab.stage(|stage| stage.disable_execute_api_endpoint = true);
    lab.publish();
    forbidden(&lab.get("/prod/pets").await);
    assert_eq!(lab.last().fate, Fate::Refused(Refusal::DefaultEndpointDisabled));
}

#[tokio::test]
async fn missing_authentication_token() {
    let mut lab = Lab::new().await;
    let missing = |answer: &Answer| {
        check(answer, 403, "MissingAuthenticationTokenException", r#"{"message":"Missing Authentication Token"}"#);
    };
    missing(&lab.get("/prod/cats").await);
    missing(&lab.send(&format!("DELETE /prod/pets HTTP/1.1\r\nHost: {HOST}\r\n"), b"").await);
    let mut signed = mock("{}");
    signed.authorization_type = "AWS_IAM".into();
    lab.deploy("d2", Some(OPEN), vec![resource("pets", "/pets", vec![("GET", signed)])]);
    lab.publish();
    missing(&lab.get("/prod/pets").await);
}

#[tokio::test]
async fn resource_policy() {
    let mut lab = Lab::new().await;
    let resources = || vec![resource("pets", "/pets", vec![("GET", mock("{}"))]), resource("admin", "/admin", vec![("GET", mock("{}"))])];
    let fence = |vpce: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}},
        {{"Sid":"fence","Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"*","Condition":{{"StringNotEquals":{{"aws:SourceVpce":"{vpce}"}}}}}}]}}"#
        )
    };
    lab.deploy("d2", Some(&fence("vpce-0123456789abcdef0")), resources());
    lab.publish();
    assert_eq!(lab.get("/prod/pets").await.status, 200);
    lab.deploy("d3", Some(&fence("vpce-0ffffffffffffffff")), resources());
    lab.publish();
    denied(&lab.get("/prod/pets").await, "prod/GET/pets", " with an explicit deny");
    let Fate::Refused(Refusal::ResourcePolicy(refusal)) = lab.last().fate else { panic!("{:?}", lab.last()) };
    let vpclab_gateway::RefusalReason::Decision(decision) = refusal.reason else { panic!() };
    assert_eq!(decision.deciding[0].sid.as_deref(), Some("fence"));

    let only_vpc = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:us-west-2:123456781234:abcde12345/*",
      "Condition":{"StringEquals":{"aws:SourceVpc":"vpc-0123456789abcdef0"},"IpAddress":{"aws:VpcSourceIp":"127.0.0.0/8"},"Null":{"aws:SourceIp":"true"}}}}"#;
    lab.deploy("d4", Some(only_vpc), resources());
    lab.publish();
    assert_eq!(lab.get("/prod/pets").await.status, 200);
    lab.deploy("d5", Some(&only_vpc.replace("127.0.0.0/8", "10.0.0.0/8")), resources());
    lab.publish();
    denied(&lab.get("/prod/pets").await, "prod/GET/pets", "");

    // No other spelling of a path slips past a deny.
    let no_admin = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},
      {"Effect":"Deny","Principal":"*","Action":"*","Resource":"arn:aws:execute-api:*:*:*/prod/GET/admin"}]}"#;
    lab.deploy("d6", Some(no_admin), resources());
    lab.publish();
    for path in ["/prod/admin", "/prod/admin/", "/prod//admin", "/prod/%61dmin", "/prod/admin?x=1"] {
        denied(&lab.get(path).await, "prod/GET/admin", " with an explicit deny");
    }
    assert_eq!(lab.get("/prod/pets").await.status, 200);

    lab.deploy("d7", None, resources());
    lab.publish();
    denied(&lab.get("/prod/pets").await, "prod/GET/pets", "");
    lab.deploy("d8", Some("{not json"), resources());
    lab.publish();
    check(&lab.get("/prod/pets").await, 500, "InternalServerErrorException", r#"{"message": "Internal server error"}"#);
}

#[tokio::test]
async fn a_policy_acts_only_once_deployed() {
    let mut lab = Lab::new().await;
    lab.api(API, EndpointType::Private, Some(r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#));
    lab.publish();
    assert_eq!(lab.get("/prod/pets").await.status, 200);
}

#[tokio::test]
async fn endpoint_policy_comes_first_and_acts_at_once() {
    let mut lab = Lab::new().await;
    let mut stream = lab.connect(HOST, rustls::ALL_VERSIONS).await;
    let head = format!("GET /prod/pets HTTP/1.1\r\nHost: {HOST}\r\n");
    assert_eq!(exchange(&mut stream, &head, b"").await.status, 200);
    lab.endpoint_policy(
        r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:execute-api:us-west-2:123456781234:other/*"}}"#,
    );
    lab.publish();
    denied(&exchange(&mut stream, &head, b"").await, "prod/GET/pets", "");
    denied(&lab.get("/nope/x").await, "nope/GET/x", "");
    lab.endpoint_policy(r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#);
    lab.publish();
    denied(&lab.get("/prod/pets").await, "prod/GET/pets", " with an explicit deny");
    lab.endpoint_policy(OPEN);
    lab.publish();
    assert_eq!(lab.get("/prod/pets").await.status, 200);
}

#[tokio::test]
async fn sizes_and_media_types() {
    let lab = Lab::new().await;
    let post = |length: usize| {
        format!("POST /prod/pets HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n")
    };
    assert_eq!(lab.send(&post(2), b"{}").await.status, 200);
    let large = lab.send(&post(10_485_761), b"").await;
    check(&large, 413, "RequestTooLargeException", r#"{"message":"HTTP content length exceeded 10485760 bytes."}"#);
    let chunked = format!("POST /prod/pets HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n");
    let mut body = b"a00001\r\n".to_vec();
    body.extend(std::iter::repeat_n(b'x', 0xa0_0001));
    body.extend(b"\r\n0\r\n\r\n");
    assert_eq!(lab.send(&chunked, &body).await.status, 413);
    let text = format!("POST /prod/pets HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n");
    check(&lab.send(&text, b"hi").await, 415, "BadRequestException", r#"{"message":"Unsupported Media Type"}"#);
    assert_eq!(lab.get(&format!("/prod/pets?{}", "a".repeat(8_192))).await.status, 414);
    let headers = format!("GET /prod/pets HTTP/1.1\r\nHost: {HOST}\r\nX-A: {}\r\n", "a".repeat(8_000));
    assert_eq!(lab.send(&headers, b"").await.status, 431);
}

#[tokio::test]
async fn what_cannot_be_answered_fails_by_name() {
    let mut lab = Lab::new().await;
    let mut http = mock("{}");
    http.integration.as_mut().unwrap().kind = IntegrationType::HttpProxy;
    let mut custom = mock("{}");
    custom.authorization_type = "CUSTOM".into();
    let mut keyed = mock("{}");
    keyed.api_key_required = true;
    let mut empty = mock("{}");
    empty.integration.as_mut().unwrap().responses.clear();
    lab.deploy(
        "d2",
        Some(OPEN),
        vec![resource(
            "pets",
            "/pets",
            vec![("GET", http), ("PUT", custom), ("PATCH", keyed), ("POST", empty), ("DELETE", mock("#set($x = 1)$x"))],
        )],
    );
    lab.publish();
    let internal = r#"{"message": "Internal server error"}"#;
    for (method, body) in [
        ("GET", r#"{"message": "vpclab: integration type `HTTP_PROXY` is not built"}"#),
        ("PUT", r#"{"message": "vpclab: authorization type `CUSTOM` is not built"}"#),
        ("PATCH", r#"{"message": "vpclab: checking API keys is not built"}"#),
        ("POST", internal),
        ("DELETE", internal),
    ] {
        let answer = lab.send(&format!("{method} /prod/pets HTTP/1.1\r\nHost: {HOST}\r\n"), b"").await;
        check(&answer, 500, "InternalServerErrorException", body);
    }
    let signed = format!("GET /prod/pets HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: AWS4-HMAC-SHA256 Credential=x\r\n");
    let answer = lab.send(&signed, b"").await;
    assert_eq!((answer.status, answer.headers["x-amzn-errortype"].as_str()), (403, "IncompleteSignatureException"));
}

#[tokio::test]
async fn dropping_it_ends_listener_and_connections() {
    let mut lab = Lab::new().await;
    let mut stream = lab.connect(HOST, rustls::ALL_VERSIONS).await;
    assert_eq!(exchange(&mut stream, &format!("GET /prod HTTP/1.1\r\nHost: {HOST}\r\n"), b"").await.status, 200);
    lab.serving.take().unwrap().stop().await;
    let mut byte = [0];
    let read = tokio::io::AsyncReadExt::read(&mut stream, &mut byte);
    let read = tokio::time::timeout(std::time::Duration::from_secs(5), read).await.expect("the connection ends");
    assert!(!matches!(read, Ok(n) if n > 0));
    assert!(tokio::net::TcpStream::connect(lab.address).await.is_err());
}
