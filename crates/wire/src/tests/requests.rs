//! Requests as botocore writes them.

use serde_json::Value;

use super::decode;
use crate::{apigateway, ec2, sts};

fn fixtures() -> Vec<Value> {
    serde_json::from_str(include_str!("../../tests/fixtures/requests.json")).unwrap()
}

#[test]
fn every_operation_decodes_what_botocore_writes() {
    let fixtures = fixtures();
    let all = ec2::Operation::ALL.len() + sts::Operation::ALL.len() + apigateway::Operation::ALL.len();
    assert_eq!(fixtures.len(), all, "run tools/sample_requests.py");
    for request in &fixtures {
        let text = |key: &str| request[key].as_str().unwrap();
        let name = text("operation");
        let decoded = decode(text("service"), text("method"), text("uri"), text("body"))
            .unwrap_or_else(|| panic!("{name} is not found"))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        // Each value sent is one of the input's values: none was dropped on the way.
        let sent = values(text("uri")) + values(text("body"));
        assert_eq!(values(&decoded), sent, "{name}: {decoded}");
    }
}

/// How often one of the values of `tools/sample_requests.py` occurs.
fn values(text: &str) -> usize {
    ["text", "true", "7"].iter().map(|value| text.matches(value).count()).sum()
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
    let matched = crate::rest::route(apigateway::ROUTES, "PATCH", &uri).unwrap();
    let body = r#"{"patchOperations":[{"op":"replace","path":"/policy","value":"{}"}]}"#;
    let request = crate::rest::Request::new(matched, &uri, http::HeaderMap::new(), body.into());
    let decoded = <apigateway::UpdateRestApiRequest as crate::Call>::decode(&request).unwrap();
    let operation =
        apigateway::PatchOperation { op: Some("replace".into()), path: Some("/policy".into()), value: Some("{}".into()), from: None };
    assert_eq!(decoded.request, apigateway::UpdateRestApiRequest { rest_api_id: "a1b2c3".into(), patch_operations: vec![operation] });
}
