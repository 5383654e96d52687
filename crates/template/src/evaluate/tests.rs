use super::{Attributes, UNKNOWN};
use crate::{Given, Pseudo, Template, parse};
use serde_json::{Value, json};
use std::collections::BTreeMap;

struct Stack;

impl Attributes for Stack {
    fn reference(&self, logical: &str) -> Option<Value> {
        (logical == "Vpc").then(|| json!("vpc-1"))
    }
    fn attribute(&self, logical: &str, path: &str) -> Option<Value> {
        match (logical, path) {
            ("Vpc", "CidrBlock") => Some(json!("10.0.0.0/16")),
            ("Vpc", "CidrBlockAssociations") => Some(json!(["a-1", "a-2"])),
            ("Nested", "Outputs.Arn") => Some(json!("arn:x")),
            _ => None,
        }
    }
    fn import(&self, export: &str) -> Option<String> {
        (export == "net-Vpc").then(|| "vpc-9".to_owned())
    }
    fn zones(&self, region: &str) -> Vec<String> {
        vec![format!("{region}a"), format!("{region}c")]
    }
}

const TEMPLATE: &str = "
Parameters:
  Name: {Type: String, Default: net}
  Nets: {Type: CommaDelimitedList, Default: 'a, b ,c'}
  Count: {Type: Number, Default: 3}
Mappings:
  M: {ap-northeast-2: {Ami: ami-1, List: [x, 1]}}
Conditions:
  Is: !Equals [!Ref Name, net]
  Isnt: !Not [!Condition Is]
  Both: !And [!Condition Is, !Not [!Condition Isnt], !Or [!Condition Isnt, !Equals [true, 'true']]]
  Lists: !Equals [!Join [',', !Ref Nets], 'a,b,c']
Resources:
  Vpc: {Type: 'AWS::EC2::VPC', Properties: {}}
  Nested: {Type: 'AWS::CloudFormation::Stack'}
  Later: {Type: T}
  Tested:
    Type: Custom::Tested
    Properties:
      V: ";

fn bound(yaml: &str) -> Result<crate::Bound, crate::TemplateError> {
    let pseudo = Pseudo {
        account_id: "012345678901".to_owned(),
        region: "ap-northeast-2".to_owned(),
        partition: "aws".to_owned(),
        url_suffix: "amazonaws.com".to_owned(),
        stack_name: "story".to_owned(),
        stack_id: "arn:aws:cloudformation:ap-northeast-2:012345678901:stack/story/1".to_owned(),
        notification_arns: vec![],
    };
    Template::read(&parse(&format!("{TEMPLATE}{yaml}\n"))?)?.bind(&BTreeMap::<String, Given>::new(), &pseudo, &BTreeMap::new())
}

fn value(yaml: &str) -> Value {
    let evaluated = bound(yaml).and_then(|bound| bound.resolve(&bound.resource("Tested").unwrap().properties, &Stack));
    evaluated.unwrap_or_else(|why| panic!("{yaml}: {why}"))["V"].take()
}

fn refused(yaml: &str) -> String {
    match bound(yaml).and_then(|bound| bound.resolve(&bound.resource("Tested").unwrap().properties, &Stack)) {
        Err(why) => why.message,
        Ok(value) => panic!("{yaml} is {value}"),
    }
}

#[test]
fn functions() {
    for (yaml, wanted) in [
        ("!Ref Name", json!("net")),
        ("!Ref Nets", json!(["a", "b", "c"])),
        ("!Ref Count", json!("3")),
        ("!Ref Vpc", json!("vpc-1")),
        ("!Ref AWS::AccountId", json!("012345678901")),
        ("!Ref AWS::NotificationARNs", json!([])),
        ("!Ref AWS::NoValue", json!(null)),
        ("[1, !Ref AWS::NoValue, {a: !Ref AWS::NoValue, b: x}]", json!([1, {"b": "x"}])),
        ("!GetAtt Vpc.CidrBlock", json!("10.0.0.0/16")),
        ("!GetAtt [Vpc, !Sub 'Cidr${X}']", json!(null)),
        ("!GetAtt Nested.Outputs.Arn", json!("arn:x")),
        ("{'Fn::GetAtt': [Nested.Outputs, Arn]}", json!("arn:x")),
        ("!Sub 'a-${Name}-${AWS::Region}-${Vpc}-${Vpc.CidrBlock}-${!Name}-${'", json!("a-net-ap-northeast-2-vpc-1-10.0.0.0/16-${Name}-${")),
        ("!Sub ['${a}/${Name}/${c.d}', {a: !Ref Count, c.d: true}]", json!("3/net/true")),
        ("!Join ['-', [a, 1, !Ref Name, !Ref AWS::NoValue]]", json!("a-1-net")),
        ("!Join ['', !GetAtt Vpc.CidrBlockAssociations]", json!("a-1a-2")),
        ("!Join [',', []]", json!("")),
        ("!Select [1, !Ref Nets]", json!("b")),
        ("!Select ['0', [!Ref Vpc, x]]", json!("vpc-1")),
        ("!Select [1, !Split [':', 'Z1:name']]", json!("name")),
        ("!Split [',', 'a,,b']", json!(["a", "", "b"])),
        ("!If [Is, a, b]", json!("a")),
        ("!If [Both, {x: 1}, !Ref AWS::NoValue]", json!({"x": 1})),
        ("!If [Isnt, a, !Ref AWS::NoValue]", json!(null)),
        ("!If [Lists, a, b]", json!("a")),
        ("!FindInMap [M, !Ref AWS::Region, Ami]", json!("ami-1")),
        ("!FindInMap [M, !Ref AWS::Region, List]", json!(["x", 1])),
        ("!ImportValue net-Vpc", json!("vpc-9")),
        ("!ImportValue {'Fn::Sub': '${Name}-Vpc'}", json!("vpc-9")),
        ("!GetAZs ''", json!(["ap-northeast-2a", "ap-northeast-2c"])),
        ("!GetAZs us-west-2", json!(["us-west-2a", "us-west-2c"])),
        ("!Base64 aé", json!("YcOp")),
        ("!Cidr [10.0.0.0/16, 2, 8]", json!(["10.0.0.0/24", "10.0.1.0/24"])),
        ("!Cidr [!GetAtt Vpc.CidrBlock, !Ref Count, '5']", json!(["10.0.0.0/27", "10.0.0.32/27", "10.0.0.64/27"])),
        ("!Cidr ['2001:db8::/56', 2, 64]", json!(["2001:db8::/64", "2001:db8:0:1::/64"])),
        ("!Cidr [192.168.255.0/24, 1, 8]", json!(["192.168.255.0/24"])),
        ("{Condition: {StringEquals: {a: b}}}", json!({"Condition": {"StringEquals": {"a": "b"}}})),
        ("{Ref: a, Other: b}", json!({"Ref": "a", "Other": "b"})),
    ] {
        if yaml.contains("${X}") {
            assert!(refused(yaml).contains("Unresolved resource dependencies [X]"), "{yaml}");
        } else {
            assert_eq!(value(yaml), wanted, "{yaml}");
        }
    }
}

#[test]
fn refusals() {
    let join = "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.";
    for (yaml, wanted) in [
        ("!Join [a]", join),
        ("!Join ['', !Ref Name]", join),
        ("!Join ['', [!Ref Nets]]", join),
        ("!Select [3, !Ref Nets]", "Template error: Fn::Select cannot select nonexistent value at index 3"),
        ("!Select [-1, [a]]", "Template error: Fn::Select cannot select nonexistent value at index -1"),
        ("!Select [a, [a]]", "Template error: Fn::Select requires a list argument with a valid index value as its first element"),
        ("!Select [0, a]", "Template error: Fn::Select requires a list argument with two elements: an integer index and a list"),
        ("!FindInMap [N, a, b]", "Template error: Mapping named 'N' is not present in the 'Mappings' section of template."),
        ("!FindInMap [M, a, b]", "Template error: Unable to get mapping for M::a::b"),
        (
            "!FindInMap [M, a]",
            "Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value",
        ),
        ("!ImportValue nothing", "No export named nothing found."),
        ("!GetAtt Vpc.Nothing", "Template error: resource Vpc does not support attribute type Nothing in Fn::GetAtt"),
        ("!GetAtt Gone.X", "Template error: instance of Fn::GetAtt references undefined resource Gone"),
        ("!Ref Gone", "Template format error: Unresolved resource dependencies [Gone] in the Resources block of the template"),
        ("!Sub '${Gone} ${Other.X}'", "Template error: instance of Fn::Sub references invalid resource attribute Other"),
        ("!Sub ['${a}', {a: !Ref Nets}]", super::text::SUB),
        ("!Sub [1, 2]", super::text::SUB),
        ("!If [Gone, a, b]", "Template error: unresolved condition dependency Gone in Fn::If"),
        ("!If [Is, a]", "Template error: Fn::If requires a list argument with three elements"),
        ("!GetAZs [a]", "Template error: every Fn::GetAZs object must have a String-typed value."),
        ("!Base64 [a]", "Template error: every Fn::Base64 object must have a String-typed value."),
        ("!Cidr [10.0.0.0/24, 3, 7]", super::list::CIDR),
        ("!Cidr [10.0.0.0/24, 1, 9]", super::list::CIDR),
        ("!Cidr [10.0.0.0/16, 257, 4]", super::list::CIDR),
        ("!Cidr [x, 1, 4]", super::list::CIDR),
        ("{'Fn::Transform': {Name: Mine}}", "No transform named 012345678901::Mine found."),
        ("{a: b, 'Fn::Transform': {Name: 'AWS::Include'}}", "No transform named AWS::Include found."),
    ] {
        assert_eq!(refused(yaml), wanted, "{yaml}");
    }
    assert!(
        refused("{'Fn::Foo': 1}")
            .starts_with("Template error: Encountered unsupported function: Fn::Foo Supported functions are: [Fn::Base64")
    );
    assert!(refused("!Equals [1, 1]").contains("unsupported function: Fn::Equals"));
}

#[test]
fn a_preview_knows_what_it_does_not_know() {
    let preview = |yaml: &str| {
        bound(yaml).and_then(|bound| bound.preview(&bound.resource("Tested").unwrap().properties, &Stack)).unwrap().to_json()["V"].take()
    };
    for (yaml, wanted) in [
        ("!Ref Later", json!(UNKNOWN)),
        ("!GetAtt Later.SubnetId", json!(UNKNOWN)),
        ("!Sub 'a-${Later}'", json!(format!("a-{UNKNOWN}"))),
        ("!Join ['-', [a, !Ref Later]]", json!(format!("a-{UNKNOWN}"))),
        ("!Select [0, !Split ['-', !Ref Later]]", json!(UNKNOWN)),
        ("!Select [!Ref Later, [a]]", json!(UNKNOWN)),
        ("!Join [',', !GetAtt Later.List]", json!(UNKNOWN)),
        ("!Base64 {Ref: Later}", json!(UNKNOWN)),
        ("!Cidr [!GetAtt Later.CidrBlock, 1, 8]", json!(UNKNOWN)),
        ("!Ref Vpc", json!("vpc-1")),
    ] {
        assert_eq!(preview(yaml), wanted, "{yaml}");
    }
    assert!(refused("!Ref Later").contains("Later"), "without a preview it is an error");
}

#[test]
fn values_remember_their_places() {
    let bound = bound("{a: !Join ['', [x, y]]}").unwrap();
    let tested = bound.resource("Tested").unwrap();
    let value = bound.resolve_node(&tested.properties, &Stack).unwrap();
    let line = u32::try_from(TEMPLATE.lines().count()).unwrap();
    assert_eq!(value.get("V").unwrap().get("a").unwrap().at.line, line);
    assert_eq!(value.get("V").unwrap().as_map().unwrap().key_at("a").line, line);
}

#[test]
fn a_value_has_a_budget() {
    let mut template = TEMPLATE.replace("Default: net", &format!("Default: {}", "x".repeat(400_000)));
    template += &format!("!Join ['', [{}]]", vec!["!Ref Name"; 45].join(", "));
    let bound = Template::read(&parse(&template).unwrap()).unwrap().bind(&BTreeMap::new(), &Pseudo::default(), &BTreeMap::new()).unwrap();
    let why = bound.resolve(&bound.resource("Tested").unwrap().properties, &Stack).unwrap_err();
    assert_eq!(why.message, "Template error: the value of an expression is too large");
}
