//! Requests as botocore writes them.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Sent, decode};
use crate::{apigateway, ec2};

fn fixtures() -> Vec<Value> {
    serde_json::from_str(include_str!("../../tests/fixtures/requests.json")).unwrap()
}

fn sent(request: &Value) -> Sent {
    let text = |key: &str| request[key].as_str().unwrap().to_owned();
    let headers = request["headers"].as_object().unwrap().iter();
    Sent {
        service: text("service"),
        method: text("method"),
        uri: text("uri"),
        headers: headers.map(|(name, value)| (name.parse().unwrap(), value.as_str().unwrap().parse().unwrap())).collect(),
        body: text("body").into(),
    }
}

#[test]
fn every_operation_decodes_what_botocore_writes() {
    let fixtures = fixtures();
    let mut all = 0;
    macro_rules! one {
        ($kind:ident, $service:ident) => {
            all += crate::$service::Operation::ALL.len();
        };
    }
    super::each_service!(one);
    assert_eq!(fixtures.len(), all, "run tools/sample_requests.py");
    for request in &fixtures {
        let name = format!("{}.{}", request["service"].as_str().unwrap(), request["operation"].as_str().unwrap());
        let sent = sent(request);
        let decoded = decode(&sent).unwrap_or_else(|| panic!("{name} is not found")).unwrap_or_else(|error| panic!("{name}: {error}"));
        // Each value sent is one of the input's values: none was dropped on the way.
        let body = String::from_utf8(sent.body).unwrap();
        let headers: usize = sent.headers.values().map(|value| values(value.to_str().unwrap())).sum();
        let plain = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8().unwrap().into_owned();
        let given = values(&plain(&sent.uri)) + values(&plain(&body)) + headers;
        assert_eq!(values(&decoded), given, "{name}: {decoded}");
    }
}

/// How often one of the values of `tools/sample_requests.py` occurs, in any of the forms that protocols write.
fn values(text: &str) -> usize {
    let forms = ["t3xt", "true", "7531", "0.25", "bl0b", "YmwwYg==", "1769860801", "2026-01-31T12:00:01Z", "31 Jan 2026 12:00:01"];
    forms.iter().map(|value| text.matches(value).count()).sum()
}

#[test]
fn create_vpc() {
    let body = "Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0%2F16&DryRun=true\
                &InstanceTenancy=default\
                &TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=Name\
                &TagSpecification.1.Tag.1.Value=seoul";
    let params = crate::query::Params::parse(body.as_bytes()).unwrap();
    let decoded = <ec2::CreateVpcRequest as crate::Call>::decode(&params).unwrap();
    let tag = ec2::Tag { key: Some("Name".into()), value: Some("seoul".into()) };
    let specification = ec2::TagSpecification { resource_type: Some("vpc".into()), tags: vec![tag] };
    assert_eq!(
        decoded,
        crate::Decoded {
            request: ec2::CreateVpcRequest { cidr_block: Some("10.0.0.0/16".into()), tag_specifications: vec![specification] },
            dry_run: true
        }
    );
}

#[test]
fn update_rest_api() {
    let uri: http::Uri = "/restapis/a1b2c3".parse().unwrap();
    let matched = crate::rest::route(apigateway::ROUTES, "PATCH", &uri, &http::HeaderMap::new()).unwrap();
    let body = r#"{"patchOperations":[{"op":"replace","path":"/policy","value":"{}"}]}"#;
    let request = crate::rest::Request::new(matched, &uri, http::HeaderMap::new(), body.into());
    let decoded = <apigateway::UpdateRestApiRequest as crate::Call>::decode(&request).unwrap();
    let operation =
        apigateway::PatchOperation { op: Some("replace".into()), path: Some("/policy".into()), value: Some("{}".into()), from: None };
    assert_eq!(decoded.request, apigateway::UpdateRestApiRequest { rest_api_id: "a1b2c3".into(), patch_operations: vec![operation] });
}
