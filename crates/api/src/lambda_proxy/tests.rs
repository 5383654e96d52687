use super::*;

fn request<'a>() -> ProxyRequest<'a> {
    ProxyRequest {
        resource_path: "/pets/{id}",
        resource_id: "abc123",
        path: "/pets/7",
        method: "GET",
        stage: "dev",
        deployment_id: "d1",
        api_id: "a1b2c3d4e5",
        account: "111122223333",
        source_ip: "10.0.1.5",
        vpc: "vpc-1",
        vpc_endpoint: "vpce-1",
        request_id: "r",
        extended_request_id: "x=",
        trace_id: "Root=1-0-0",
        request_time: "23/Nov/2026:10:00:00 +0000",
        request_time_epoch: 1,
        ..ProxyRequest::default()
    }
}

#[test]
fn an_event_of_nothing_has_nulls() {
    let event = request().event();
    for member in ["queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables", "body"] {
        assert_eq!(event[member], Value::Null, "{member}");
    }
    assert_eq!(event["isBase64Encoded"], false);
    assert_eq!(event["requestContext"]["path"], "/dev/pets/7");
    assert_eq!(event["requestContext"]["identity"]["vpceId"], "vpce-1");
    assert_eq!(event["requestContext"]["identity"]["vpcId"], "vpc-1");
    assert_eq!(event["requestContext"]["identity"]["sourceIp"], "10.0.1.5");
    assert_eq!(event["headers"]["x-amzn-vpce-id"], "vpce-1");
}

#[test]
fn an_event_of_everything() {
    let variables = BTreeMap::from([("color".to_owned(), "red".to_owned())]);
    let event = ProxyRequest {
        headers: vec![
            ("host", "abc.execute-api.ap-northeast-2.amazonaws.com"),
            ("user-agent", "curl/8"),
            ("x-pet", "a"),
            ("x-pet", "b"),
            ("connection", "close"),
            ("x-forwarded-for", "1.2.3.4"),
            ("x-amzn-vpce-id", "vpce-forged"),
        ],
        query: vec![("a".into(), "1".into()), ("a".into(), "2".into()), ("b".into(), String::new())],
        path_parameters: vec![("id", "7".into())],
        stage_variables: Some(&variables),
        body: b"{}",
        ..request()
    }
    .event();
    assert_eq!(event["headers"]["Host"], "abc.execute-api.ap-northeast-2.amazonaws.com");
    assert_eq!(event["requestContext"]["domainPrefix"], "abc");
    assert_eq!(event["requestContext"]["identity"]["userAgent"], "curl/8");
    assert_eq!((&event["headers"]["x-pet"], &event["multiValueHeaders"]["x-pet"]), (&json!("b"), &json!(["a", "b"])));
    assert_eq!(event["headers"]["connection"], Value::Null);
    assert_eq!(event["headers"]["X-Forwarded-For"], "1.2.3.4, 10.0.1.5");
    assert_eq!(event["multiValueHeaders"]["x-amzn-vpce-id"], json!(["vpce-1"]), "a client cannot say where it comes from");
    assert_eq!(event["queryStringParameters"], json!({"a": "2", "b": ""}));
    assert_eq!(event["multiValueQueryStringParameters"], json!({"a": ["1", "2"], "b": [""]}));
    assert_eq!(event["pathParameters"], json!({"id": "7"}));
    assert_eq!(event["stageVariables"], json!({"color": "red"}));
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("{}"), &json!(false)));
}

#[test]
fn bodies_of_binary_media_types_are_base64() {
    let types = ["image/*".to_owned(), "application/octet-stream".to_owned()];
    let event = |content_type| {
        ProxyRequest { headers: vec![("content-type", content_type)], body: &[0, 255], binary_media_types: &types, ..request() }.event()
    };
    for binary in ["image/png", "application/octet-stream; x=y"] {
        assert_eq!((&event(binary)["body"], &event(binary)["isBase64Encoded"]), (&json!("AP8="), &json!(true)), "{binary}");
    }
    assert_eq!(event("text/plain")["isBase64Encoded"], false);
    let everything = ["*/*".to_owned()];
    assert!(is_binary(&everything, None));
    assert!(!is_binary(&types, None));
}

fn read(answer: Value) -> Result<ProxyAnswer, Malformed> {
    ProxyAnswer::read(answer.to_string().as_bytes(), &[], None)
}

#[test]
fn answers_are_read() {
    let answer = read(json!({"statusCode": "201", "headers": {"X-A": 1, "Date": "now", "Via": "me"}, "body": "hi"})).unwrap();
    assert_eq!(answer.status, 201);
    assert_eq!(answer.body, b"hi");
    let expected = [("X-A", "1"), ("x-amzn-Remapped-Date", "now"), ("Content-Type", "application/json")];
    assert_eq!(answer.headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let many = read(
        json!({"statusCode": 200, "multiValueHeaders": {"Set-Cookie": ["a", "b"]}, "headers": {"set-cookie": "b", "content-type": "text/plain"}}),
    );
    let names: Vec<_> = many.unwrap().headers.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(names, ["Set-Cookie=a", "Set-Cookie=b", "content-type=text/plain"]);
    assert_eq!(read(json!({})).unwrap().status, 200);
}

#[test]
fn answers_that_are_none() {
    for bad in [
        json!("text"),
        json!(null),
        json!([1]),
        json!({"statusCode": "many"}),
        json!({"statusCode": 99}),
        json!({"statusCode": 200, "body": {"a": 1}}),
        json!({"statusCode": 200, "headers": ["a"]}),
        json!({"statusCode": 200, "headers": {"a": {}}}),
        json!({"statusCode": 200, "multiValueHeaders": {"a": "b"}}),
        json!({"statusCode": 200, "isBase64Encoded": "yes"}),
        json!({"pets": []}),
    ] {
        assert!(read(bad.clone()).is_err(), "{bad}");
    }
    assert!(ProxyAnswer::read(b"not json", &[], None).is_err());
}

#[test]
fn base64_is_decoded_where_the_client_accepts_it() {
    let types = ["image/png".to_owned()];
    let payload = json!({"statusCode": 200, "body": "AP8=", "isBase64Encoded": true}).to_string();
    let body = |accept| ProxyAnswer::read(payload.as_bytes(), &types, accept).unwrap().body;
    assert_eq!(body(Some("image/png, */*")), [0, 255]);
    assert_eq!(body(Some("*/*")), b"AP8=");
    assert_eq!(body(None), b"AP8=");
}

#[test]
fn the_function_of_a_uri() {
    let variables = BTreeMap::from([("alias".to_owned(), "live".to_owned())]);
    let uri = |arn: &str| format!("arn:aws:apigateway:ap-northeast-2:lambda:path/2015-03-31/functions/{arn}/invocations");
    let arn = "arn:aws:lambda:ap-northeast-2:111122223333:function:pets";
    assert_eq!(function_of(&uri(arn), &variables).as_deref(), Some(arn));
    let aliased = format!("{arn}:${{stageVariables.alias}}");
    assert_eq!(function_of(&uri(&aliased), &variables), Some(format!("{arn}:live")));
    assert_eq!(function_of(&uri(&aliased), &BTreeMap::new()), None);
    for bad in ["https://example.com", "arn:aws:apigateway:eu-west-1:s3:path/bucket", &uri("pets")] {
        assert_eq!(function_of(bad, &variables), None, "{bad}");
    }
}
