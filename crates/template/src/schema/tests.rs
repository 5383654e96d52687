use super::{Change, FILES, Recreation, Schema, Tags, exists, of, schemas};
use crate::parse;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[test]
fn all_files_are_read() {
    let count: usize = FILES.iter().map(|file| serde_json::from_str::<BTreeMap<String, Value>>(file).unwrap().len()).sum();
    assert_eq!(schemas().len(), count);
    for (kind, schema) in schemas() {
        assert!(exists(kind), "{kind}");
        let paths = schema.read_only.iter().chain(&schema.create_only).chain(&schema.conditional_create_only).chain(&schema.identifier);
        for path in paths {
            let first = path.split('/').next().unwrap();
            assert!(schema.shape.properties.contains_key(first), "{kind}: {path}");
        }
    }
    assert!(exists("AWS::DynamoDB::Table") && of("AWS::DynamoDB::Table").is_none());
    assert!(!exists("AWS::EC2::Vpc"));
    assert!(exists("Custom::Mine"));
}

fn schema(kind: &str) -> &'static Schema {
    of(kind).unwrap_or_else(|| panic!("{kind}"))
}

fn problems(kind: &str, yaml: &str) -> Vec<String> {
    let node = parse(&format!("P: {yaml}")).unwrap();
    let problems = schema(kind).check(node.get("P").unwrap());
    problems.into_iter().map(|problem| format!("{} ({}, {})", problem.message, problem.path, problem.at)).collect()
}

#[test]
fn properties_fit_or_not() {
    for (kind, yaml, wanted) in [
        ("AWS::EC2::VPC", "{CidrBlock: 10.0.0.0/16, EnableDnsSupport: 'true', Tags: [{Key: a, Value: 1}]}", &[][..]),
        ("AWS::EC2::VPC", "{Cidr: 10.0.0.0/16}", &["Encountered unsupported property Cidr (Cidr, line 1, column 5)"]),
        ("AWS::EC2::VPC", "{VpcId: vpc-1}", &["Encountered unsupported property VpcId (VpcId, line 1, column 5)"]),
        ("AWS::EC2::VPC", "{CidrBlock: [a]}", &["Value of property CidrBlock must be of type String (CidrBlock, line 1, column 16)"]),
        (
            "AWS::EC2::VPC",
            "{EnableDnsSupport: 7}",
            &["Value of property EnableDnsSupport must be of type Boolean (EnableDnsSupport, line 1, column 23)"],
        ),
        ("AWS::EC2::VPC", "{Tags: {a: b}}", &["Value of property Tags must be of type List (Tags, line 1, column 11)"]),
        ("AWS::EC2::VPC", "{Tags: [{Key: a}]}", &["Property Value cannot be empty. (Tags/0/Value, line 1, column 12)"]),
        ("AWS::EC2::VPC", "{Tags: [{Key: a, Value: b, C: d}]}", &["Encountered unsupported property C (Tags/0/C, line 1, column 31)"]),
        ("AWS::EC2::Subnet", "{CidrBlock: a}", &["Property VpcId cannot be empty. (VpcId, line 1, column 4)"]),
        (
            "AWS::EC2::Subnet",
            "{VpcId: !Ref V, CidrBlock: !If [A, [x], y]}",
            &["Value of property CidrBlock must be of type String (CidrBlock, line 1, column 39)"],
        ),
        (
            "AWS::EC2::VPCEndpoint",
            "{VpcId: v, ServiceName: s, SubnetIds: s}",
            &["Value of property SubnetIds must be of type List of String (SubnetIds, line 1, column 42)"],
        ),
        (
            "AWS::EC2::SecurityGroup",
            "{GroupDescription: d, SecurityGroupIngress: [{IpProtocol: tcp, FromPort: '443', ToPort: x}]}",
            &["Value of property ToPort must be of type Integer (SecurityGroupIngress/0/ToPort, line 1, column 92)"],
        ),
        ("AWS::ApiGateway::RestApi", "{Body: {openapi: 3, paths: {}}, Policy: {a: b}, EndpointConfiguration: {Types: [PRIVATE]}}", &[]),
        (
            "AWS::ApiGateway::RestApi",
            "{EndpointConfiguration: PRIVATE}",
            &["Value of property EndpointConfiguration must be an object (EndpointConfiguration, line 1, column 28)"],
        ),
        (
            "AWS::SSM::Parameter",
            "{Type: Text, Value: a, Tags: {a: b}}",
            &["#/Type: Text is not a valid enum value; valid values are [String, StringList] (Type, line 1, column 11)"],
        ),
        ("AWS::Lambda::Function", "{Code: {ZipFile: x}, Role: r, Environment: {Variables: {A: 1, B: true}}}", &[]),
        ("AWS::IAM::Role", "{AssumeRolePolicyDocument: {Version: 2012-10-17, Statement: []}}", &[]),
        ("Custom::Mine", "{ServiceToken: t, Anything: {a: [b]}}", &[]),
        ("Custom::Mine", "{}", &["Property ServiceToken cannot be empty. (ServiceToken, line 1, column 4)"]),
        ("AWS::CloudFormation::Stack", "{TemplateURL: u, Parameters: {A: b, C: 1}}", &[]),
        ("AWS::EC2::VPC", "{CidrBlock: 'a-{{changeSet:KNOWN_AFTER_APPLY}}', EnableDnsSupport: '{{changeSet:KNOWN_AFTER_APPLY}}'}", &[]),
    ] {
        assert_eq!(problems(kind, yaml), wanted, "{kind} {yaml}");
    }
}

#[test]
fn values_take_the_form_that_is_asked_for() {
    let conform = |kind: &str, yaml: &str| schema(kind).conform(parse(&format!("P: {yaml}")).unwrap().get("P").unwrap()).to_json();
    assert_eq!(
        conform("AWS::EC2::VPC", "{CidrBlock: 10, EnableDnsSupport: 'true', EnableDnsHostnames: no, Tags: [{Key: 1, Value: false}]}"),
        json!({"CidrBlock": "10", "EnableDnsSupport": true, "EnableDnsHostnames": false, "Tags": [{"Key": "1", "Value": "false"}]})
    );
    assert_eq!(
        conform("AWS::Lambda::Function", "{Timeout: '30', MemorySize: 1e3, Environment: {Variables: {A: 1, B: 012345678901}}}"),
        json!({"Timeout": 30, "MemorySize": 1000, "Environment": {"Variables": {"A": "1", "B": "012345678901"}}})
    );
    let body = json!({"openapi": "3.0.1", "paths": {"/": {"get": {"x": 1.5, "y": true}}}});
    assert_eq!(conform("AWS::ApiGateway::RestApi", &json!({ "Body": body }).to_string()), json!({ "Body": body }));
}

#[test]
fn changes() {
    let change = |kind: &str, old: Value, new: Value| schema(kind).change(&old, &new);
    let vpc = |cidr: &str, dns: bool| json!({"CidrBlock": cidr, "EnableDnsSupport": dns});
    assert_eq!(change("AWS::EC2::VPC", vpc("a", true), vpc("a", true)), Change::None);
    let Change::InPlace(changed) = change("AWS::EC2::VPC", vpc("a", true), vpc("a", false)) else { panic!() };
    assert_eq!((changed[0].property.as_str(), changed[0].recreation), ("EnableDnsSupport", Recreation::Never));
    let Change::Replace(changed) = change("AWS::EC2::VPC", vpc("a", true), json!({"CidrBlock": "b"})) else { panic!() };
    assert_eq!(changed.iter().map(|changed| changed.recreation).collect::<Vec<_>>(), [Recreation::Always, Recreation::Never]);
    assert!(matches!(change("AWS::EC2::VPC", json!({}), json!({"InstanceTenancy": "default"})), Change::Conditional(_)));
    // A path below a property.
    let dns = |preference: &str, kind: &str| json!({"DnsOptions": {"PrivateDnsPreference": preference, "DnsRecordIpType": kind}});
    assert!(matches!(change("AWS::EC2::VPCEndpoint", dns("a", "b"), dns("a", "c")), Change::InPlace(_)));
    assert!(matches!(change("AWS::EC2::VPCEndpoint", dns("a", "b"), dns("c", "b")), Change::Replace(_)));
    assert_eq!(super::change::at(&["*", "a"], &json!([{"a": 1}, {"b": 2}, {"a": 3}])), [&json!(1), &json!(3)]);
}

#[test]
fn attributes_and_tags() {
    for (kind, attribute, wanted) in [
        ("AWS::EC2::VPCEndpoint", "DnsEntries", true),
        ("AWS::EC2::VPC", "DefaultSecurityGroup", true),
        ("AWS::EC2::VPC", "CidrBlock", true),
        ("AWS::EC2::VPCEndpoint", "VpcId", false),
        ("AWS::Lambda::Function", "Arn", true),
        ("AWS::Lambda::Function", "Handler", false),
        ("AWS::CloudFormation::Stack", "Outputs.Url", true),
        ("Custom::Mine", "Anything", true),
    ] {
        assert_eq!(schema(kind).is_attribute(attribute), wanted, "{kind} {attribute}");
        assert!(
            schema(kind).attributes().any(|name| name == attribute) == wanted || attribute.contains("Outputs") || kind == "Custom::Mine"
        );
    }
    assert_eq!(schema("AWS::EC2::VPC").tags(), Some(("Tags", Tags::List)));
    assert_eq!(schema("AWS::SSM::Parameter").tags(), Some(("Tags", Tags::Map)));
    assert_eq!(schema("AWS::EC2::Route").tags(), None);
    assert_eq!(schema("AWS::EC2::VPC").identifier(), ["VpcId"]);
    assert!(schema("AWS::EC2::VPC").properties().all(|name| name != "VpcId"));
}
