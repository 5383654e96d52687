//! Answers as botocore reads them.

use std::collections::BTreeMap;
use std::fs;

use http::Response;
use serde_json::{Value, json};

use crate::{Call as _, Timestamp, apigateway, ec2, sts};

fn record(answer: &Response<bytes::Bytes>) -> Value {
    let body = String::from_utf8(answer.body().to_vec()).unwrap();
    let headers: BTreeMap<&str, &str> = answer.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    json!({ "status": answer.status().as_u16(), "headers": headers, "body": body })
}

/// Every answer with every member set. `UPDATE_FIXTURES=1` writes the file, which
/// `tools/check_answers.py` then gives to botocore.
#[test]
fn answers_are_the_ones_that_botocore_was_seen_to_read() {
    let mut answers = BTreeMap::new();
    macro_rules! one {
        ($kind:ident, $service:ident) => {
            for operation in crate::$service::Operation::ALL {
                let answer = record(&crate::$service::sample_answer(*operation));
                answers.insert(format!("{}.{}", stringify!($service), operation.name()), answer);
            }
        };
    }
    super::each_service!(one);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/answers.json");
    let text = serde_json::to_string_pretty(&answers).unwrap() + "\n";
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(path, &text).unwrap();
    }
    let known = fs::read_to_string(path).unwrap();
    assert!(known == text, "answers changed: UPDATE_FIXTURES=1, then tools/check_answers.py");
}

#[test]
fn describe_vpcs() {
    let result = ec2::DescribeVpcsResult {
        vpcs: vec![ec2::Vpc {
            vpc_id: Some("vpc-1".into()),
            is_default: Some(false),
            tags: vec![ec2::Tag { key: Some("Name".into()), value: Some("a&b".into()) }],
            ..Default::default()
        }],
        next_token: None,
    };
    let answer = ec2::DescribeVpcsRequest::encode(&result, "r-1");
    assert_eq!(
        std::str::from_utf8(answer.body()).unwrap(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <DescribeVpcsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
         <requestId>r-1</requestId><vpcSet><item>\
         <ipv6CidrBlockAssociationSet></ipv6CidrBlockAssociationSet>\
         <cidrBlockAssociationSet></cidrBlockAssociationSet>\
         <isDefault>false</isDefault>\
         <tagSet><item><key>Name</key><value>a&amp;b</value></item></tagSet>\
         <vpcId>vpc-1</vpcId></item></vpcSet></DescribeVpcsResponse>"
    );
}

#[test]
fn an_operation_without_a_result_says_true() {
    let answer = ec2::DeleteVpcRequest::encode(&(), "r-1");
    let body = std::str::from_utf8(answer.body()).unwrap();
    assert!(body.ends_with("<requestId>r-1</requestId><return>true</return></DeleteVpcResponse>"));
}

#[test]
fn get_caller_identity() {
    let result = sts::GetCallerIdentityResponse {
        user_id: Some("AIDA".into()),
        account: Some("111122223333".into()),
        arn: Some("arn:aws:iam::111122223333:root".into()),
    };
    let answer = sts::GetCallerIdentityRequest::encode(&result, "r-1");
    assert_eq!(
        std::str::from_utf8(answer.body()).unwrap(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <GetCallerIdentityResult><UserId>AIDA</UserId><Account>111122223333</Account>\
         <Arn>arn:aws:iam::111122223333:root</Arn></GetCallerIdentityResult>\
         <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>\
         </GetCallerIdentityResponse>"
    );
}

#[test]
fn rest_answers_have_the_statuses_of_the_interface() {
    let api = apigateway::RestApi { id: Some("a1".into()), created_date: Some(Timestamp(1_769_860_800_999)), ..Default::default() };
    let created = apigateway::CreateRestApiRequest::encode(&api, "r");
    assert_eq!(created.status(), 201);
    assert_eq!(created.body().as_ref(), br#"{"id":"a1","createdDate":1769860800}"#);
    assert_eq!(apigateway::GetRestApiRequest::encode(&api, "r").status(), 200);
    let deleted = apigateway::DeleteRestApiRequest::encode(&(), "r");
    assert_eq!((deleted.status().as_u16(), deleted.body().len()), (202, 0));
    let none = apigateway::GetRestApisRequest::encode(&apigateway::RestApis::default(), "r");
    assert_eq!(none.body().as_ref(), br#"{"item":[]}"#);
}

#[test]
fn times_are_iso_8601_in_ec2() {
    assert_eq!(Timestamp(1_795_428_000_000).to_string(), "2026-11-23T10:00:00.000Z");
    assert_eq!(Timestamp::parse("2026-11-23T10:00:00Z"), Some(Timestamp(1_795_428_000_000)));
    assert_eq!(Timestamp::parse("1795428000"), Some(Timestamp(1_795_428_000_000)));
    assert_eq!(Timestamp::parse("soon"), None);
}

#[test]
fn times_in_headers_and_in_json() {
    use crate::json::ToJson as _;
    let time = Timestamp(1_795_428_000_250);
    assert_eq!(time.http_date(), "Mon, 23 Nov 2026 10:00:00 GMT");
    assert_eq!(Timestamp::parse(&time.http_date()), Some(time.whole_seconds()));
    assert_eq!(time.to_json().to_string(), "1795428000.25");
    assert_eq!(time.whole_seconds().to_json().to_string(), "1795428000");
    assert_eq!(Timestamp::parse("1795428000.25"), Some(time));
    for text in ["NaN", "inf", "1e300", "9223372036854775807"] {
        assert_eq!(Timestamp::parse(text), None, "{text}");
    }
}

#[test]
fn an_invocation_is_status_headers_and_payload() {
    let output = crate::lambda::InvocationResponse {
        status_code: Some(202),
        function_error: Some("Unhandled".into()),
        payload: Some(crate::Blob("{}".into())),
        ..Default::default()
    };
    let answer = crate::lambda::InvocationRequest::encode(&output, "r");
    assert_eq!((answer.status().as_u16(), answer.body().as_ref()), (202, b"{}".as_slice()));
    assert_eq!(answer.headers()["x-amz-function-error"], "Unhandled");
    assert!(!answer.headers().contains_key("x-amz-log-result"));
}
