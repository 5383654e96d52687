use super::extend;
use crate::{Given, Pseudo, Template, TemplateError, parse};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn extended(yaml: &str) -> Result<Value, TemplateError> {
    let yaml = format!(
        "
Transform: [AWS::LanguageExtensions]
Parameters:
  Names: {{Type: CommaDelimitedList, Default: 'a,b'}}
  Policy: {{Type: String, Default: Retain}}
  Secret: {{Type: String, Default: s, NoEcho: true}}
Mappings: {{M: {{k: {{list: [x, y]}}}}}}
{yaml}"
    );
    let pseudo = Pseudo { region: "r".to_owned(), ..Pseudo::default() };
    let done = extend(&parse(&yaml)?, &BTreeMap::<String, Given>::new(), &pseudo, &BTreeMap::new())?;
    // What comes out is a template that CloudFormation itself understands.
    Template::read(&done)?;
    assert!(done.get("Transform").is_none());
    Ok(done.to_json())
}

fn resources(yaml: &str) -> Value {
    extended(&format!("Resources:\n{yaml}")).unwrap_or_else(|why| panic!("{yaml}: {why}"))["Resources"].take()
}

fn value(yaml: &str) -> Value {
    resources(&format!("  O: {{Type: T}}\n  R: {{Type: T, Properties: {{V: {yaml}}}}}"))["R"]["Properties"]["V"].take()
}

#[test]
fn loops_are_written_out() {
    let topics = "
  Fn::ForEach::Topics:
    - Name
    - !Ref Names
    - 'Topic${Name}':
        Type: AWS::SNS::Topic
        Properties: {TopicName: !Join ['.', [!Ref Name, fifo]], Other: !GetAtt ['Topic${Name}', Arn], 'k${Name}': !Sub '${Name}-${AWS::Region}'}
";
    let topic = |name: &str| {
        let mut topic = json!({"Type": "AWS::SNS::Topic", "Properties": {
            "TopicName": {"Fn::Join": [".", [name, "fifo"]]},
            "Other": {"Fn::GetAtt": [format!("Topic{name}"), "Arn"]},
        }});
        topic["Properties"][format!("k{name}")] = json!({"Fn::Sub": format!("{name}-${{AWS::Region}}")});
        topic
    };
    assert_eq!(resources(topics), json!({"Topica": topic("a"), "Topicb": topic("b")}));
    let nested = "
  Fn::ForEach::Outer:
    - X
    - [a, b]
    - Fn::ForEach::Inner:
        - Y
        - !FindInMap [M, k, list]
        - 'R${X}${Y}': {Type: T, Properties: {v: '${X}-${Y}', Fn::ForEach::Props: [P, [c, d], {'Prop${P}': '${P}${X}'}]}}
";
    let nested = resources(nested);
    assert_eq!(nested.as_object().unwrap().keys().collect::<Vec<_>>(), ["Rax", "Ray", "Rbx", "Rby"]);
    assert_eq!(nested["Rby"]["Properties"], json!({"v": "b-y", "Propc": "cb", "Propd": "db"}));
    let stripped = "  Fn::ForEach::Nets: [Net, [10.0.0.0/16], {'Vpc&{Net}': {Type: T, Properties: {CidrBlock: !Ref Net}}}]";
    assert_eq!(resources(stripped), json!({"Vpc1000016": {"Type": "T", "Properties": {"CidrBlock": "10.0.0.0/16"}}}));
    let all = extended(
        "Conditions: {Fn::ForEach::C: [X, [a], {'Is${X}': !Equals [a, '${X}']}]}\nResources: {R: {Type: T, Condition: Isa}}\nOutputs: {Fn::ForEach::O: [X, [a], {'O${X}': {Value: '${X}'}}]}",
    );
    assert_eq!(all.unwrap()["Outputs"], json!({"Oa": {"Value": "a"}}));
}

#[test]
fn loops_that_fail() {
    for (yaml, why) in [
        ("Fn::ForEach::X: [A, [a, b], {Same: {Type: T}}]", "Duplicate key 'Same' when merging keys to parent object in Fn::ForEach"),
        ("Fn::ForEach::X: [A, [a]]", "Fn::ForEach layout is incorrect"),
        ("Fn::ForEach::X: [A, !Ref Policy, {'R${A}': {Type: T}}]", "Fn::ForEach collection must be a list"),
        (
            "Fn::ForEach::X: [A, !Ref R, {'R${A}': {Type: T}}]",
            "Template format error: Unresolved resource dependencies [R] in the Resources block of the template",
        ),
    ] {
        let message = extended(&format!("Resources:\n  R: {{Type: T}}\n  {yaml}\n")).unwrap_err().message;
        assert_eq!(message, format!("Transform AWS::LanguageExtensions failed with: {why}"), "{yaml}");
    }
    let ten = "[a, b, c, d, e, f, g, h, i, j]";
    let inner = format!("{{'R${{A}}${{B}}': {{Type: T, Properties: {{x: {}}}}}}}", "x".repeat(100_000));
    let inner = format!("{{Fn::ForEach::LA: [A, {ten}, {{Fn::ForEach::LB: [B, {ten}, {inner}]}}]}}");
    assert!(extended(&format!("Resources: {inner}")).unwrap_err().message.contains("Fn::ForEach writes too much"));
}

#[test]
fn functions_are_resolved() {
    for (yaml, wanted) in [
        ("!Length [a, b, c]", json!(3)),
        ("!Length {Ref: Names}", json!(2)),
        ("!FindInMap [M, k, list]", json!(["x", "y"])),
        ("!FindInMap [M, !Sub '${Policy}', z, {DefaultValue: !Ref Policy}]", json!("Retain")),
        ("!FindInMap [M, no, z, {DefaultValue: !GetAtt O.Arn}]", json!({"Fn::GetAtt": ["O", "Arn"]})),
        ("!ToJsonString {a: !Ref Policy, b: [1]}", json!("{\"a\":\"Retain\",\"b\":[1]}")),
        (
            "!ToJsonString {a: !GetAtt O.Arn, n: 1, s: !Ref Secret}",
            json!({"Fn::Join": ["", ["{\"a\":\"", {"Fn::GetAtt": ["O", "Arn"]}, "\",\"n\":1,\"s\":\"", {"Ref": "Secret"}, "\"}"]]}),
        ),
        ("{Ref: !Sub '${Policy}'}", json!({"Ref": "Retain"})),
        ("{'Fn::GetAtt': [!Select [0, [O, P]], Arn]}", json!({"Fn::GetAtt": ["O", "Arn"]})),
        ("!Sub '${Policy}'", json!({"Fn::Sub": "${Policy}"})),
    ] {
        if yaml.starts_with("{Ref") {
            assert!(
                extended(&format!("Resources: {{R: {{Type: T, Properties: {{V: {yaml}}}}}}}")).unwrap_err().message.contains("[Retain]")
            );
        } else {
            assert_eq!(value(yaml), wanted, "{yaml}");
        }
    }
    let all = "Conditions: {C: !Equals [!Ref Policy, Retain]}\nResources: {R: {Type: T, DeletionPolicy: !Ref Policy, UpdateReplacePolicy: !If [C, Snapshot, Delete]}}";
    let policies = extended(all).unwrap()["Resources"]["R"].take();
    assert_eq!(policies, json!({"Type": "T", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Snapshot"}));
}

#[test]
fn without_the_transform_these_functions_are_unknown() {
    for yaml in ["!Length [a]", "!ToJsonString {a: b}", "!FindInMap [M, no, z, {DefaultValue: a}]", "{'Fn::ForEach::X': [A, [a], {}]}"] {
        let template = format!("Mappings: {{M: {{k: {{list: [x]}}}}}}\nResources: {{R: {{Type: T, Properties: {{V: {yaml}}}}}}}");
        let why = parse(&template).and_then(|node| Template::read(&node)).expect_err(yaml).message;
        assert!(why.contains("unsupported function") || why.contains("requires three parameters"), "{yaml}: {why}");
    }
}
