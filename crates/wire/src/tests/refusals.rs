//! What is refused is named, in AWS's words where AWS has them.

use super::{Sent, decode};
use crate::{Protocol, WireError, apigateway};

fn refused(service: &str, method: &str, uri: &str, body: &str) -> (u16, String, String) {
    let sent = Sent { service: service.into(), method: method.into(), uri: uri.into(), body: body.into(), ..Sent::default() };
    let error = decode(&sent).unwrap().unwrap_err();
    (error.status, error.code.into_owned(), error.message)
}

#[track_caller]
fn ec2(body: &str, code: &str, message: &str) {
    let expected = (400, code.to_owned(), message.to_owned());
    assert_eq!(refused("ec2", "POST", "/", body), expected, "{body}");
}

#[track_caller]
fn api(method: &str, uri: &str, body: &str, message: &str) {
    let expected = (400, "BadRequestException".to_owned(), message.to_owned());
    assert_eq!(refused("apigateway", method, uri, body), expected, "{uri} {body}");
}

#[test]
fn ec2_parameters() {
    ec2("Action=CreateVpc&CidrBlocks=x", "UnknownParameter", "The parameter CidrBlocks is not recognized");
    ec2(
        "Action=CreateVpc&Ipv4IpamPoolId=ipam-pool-1",
        "UnsupportedOperation",
        "vpclab does not serve the parameter `Ipv4IpamPoolId` of `CreateVpc` yet",
    );
    ec2(
        "Action=CreateVpc&InstanceTenancy=dedicated",
        "UnsupportedOperation",
        "vpclab does not serve the value `dedicated` of the parameter `InstanceTenancy` of `CreateVpc` yet; it accepts `default`",
    );
    ec2("Action=DeleteVpc", "MissingParameter", "The request must contain the parameter VpcId");
    ec2("Action=DeleteVpcEndpoints", "MissingParameter", "The request must contain the parameter VpcEndpointId");
    ec2(
        "Action=AuthorizeSecurityGroupEgress&GroupId=sg-1&IpPermissions.1.Ipv6Ranges.1.CidrIpv6=%3A%3A%2F0",
        "UnsupportedOperation",
        "vpclab does not serve the parameter `IpPermissions.1.Ipv6Ranges` of `AuthorizeSecurityGroupEgress` yet",
    );
    ec2(
        "Action=AuthorizeSecurityGroupEgress&GroupId=sg-1&IpPermissions.2.FromPort=https",
        "InvalidParameterValue",
        "Value (https) for parameter IpPermissions.2.FromPort is invalid. Expected a 32-bit integer.",
    );
    ec2(
        "Action=CreateVpcEndpoint&VpcId=vpc-1&PrivateDnsEnabled=yes",
        "InvalidParameterValue",
        "Value (yes) for parameter PrivateDnsEnabled is invalid. Expected true or false.",
    );
    ec2(
        "Action=DeleteVpc&VpcId=vpc-1&DryRun=perhaps",
        "InvalidParameterValue",
        "Value (perhaps) for parameter DryRun is invalid. Expected true or false.",
    );
    // ModifyVpcAttribute has no DryRun in AWS either.
    ec2("Action=ModifyVpcAttribute&VpcId=vpc-1&DryRun=true", "UnknownParameter", "The parameter DryRun is not recognized");
    ec2("Action=DescribeVpcs&VpcId.first=vpc-1", "UnknownParameter", "The parameter VpcId.first is not recognized");
}

#[test]
fn api_gateway_parameters() {
    api("POST", "/restapis", r#"{"name":"a","colour":"red"}"#, "The parameter colour of CreateRestApi is not recognized");
    api(
        "POST",
        "/restapis",
        r#"{"name":"a","minimumCompressionSize":10}"#,
        "vpclab does not serve the parameter `minimumCompressionSize` of `CreateRestApi` yet",
    );
    api("POST", "/restapis", "", "The request must contain the parameter name");
    api("GET", "/restapis?limit=many", "", "Value (many) for parameter limit is invalid. Expected a 32-bit integer.");
    api("GET", "/restapis?page=2", "", "The parameter page of GetRestApis is not recognized");
    api(
        "PUT",
        "/restapis/a/resources/b/methods/GET",
        r#"{"authorizationType":"NONE","apiKeyRequired":true}"#,
        "vpclab does not serve the value `true` of the parameter `apiKeyRequired` of `PutMethod` yet; it accepts `false`",
    );
    api(
        "POST",
        "/restapis",
        r#"{"name":"a","endpointConfiguration":{"types":"PRIVATE"}}"#,
        r#"Value ("PRIVATE") for parameter endpointConfiguration.types is invalid. Expected a list."#,
    );
}

#[test]
fn a_body_that_is_not_json_or_too_deep_is_refused() {
    let deep = format!(r#"{{"name":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
    for body in ["{", "name=a", deep.as_str()] {
        assert_eq!(refused("apigateway", "POST", "/restapis", body).1, "SerializationException");
    }
}

#[test]
fn envelopes() {
    let error = || WireError::new(400, "InvalidVpcID.NotFound", "The vpc ID '<x>' does not exist");
    let body = |protocol| {
        let answer = error().into_response(protocol, "r-1");
        assert_eq!(answer.status(), 400);
        assert_eq!(answer.headers()["x-amzn-requestid"], "r-1");
        String::from_utf8(answer.body().to_vec()).unwrap()
    };
    assert_eq!(
        body(Protocol::Ec2),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>\
         <Code>InvalidVpcID.NotFound</Code>\
         <Message>The vpc ID '&lt;x&gt;' does not exist</Message></Error></Errors>\
         <RequestID>r-1</RequestID></Response>"
    );
    assert_eq!(
        body(Protocol::Query { namespace: "urn:x" }),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ErrorResponse xmlns=\"urn:x\"><Error>\
         <Type>Sender</Type><Code>InvalidVpcID.NotFound</Code>\
         <Message>The vpc ID '&lt;x&gt;' does not exist</Message></Error>\
         <RequestId>r-1</RequestId></ErrorResponse>"
    );
    let answer = error().into_response(apigateway::PROTOCOL, "r-1");
    assert_eq!(answer.headers()["x-amzn-errortype"], "InvalidVpcID.NotFound");
    let json: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(json["message"], "The vpc ID '<x>' does not exist");
}
