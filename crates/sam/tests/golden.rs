//! What AWS's own transform made of some templates is what this one makes. `tests/sam/oracle.py --store` writes the answers;
//! `tests/test_sam_transform.py` compares every template with AWS's transform itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::Path};
use vpclab_sam::{Failure, Input, include, includes, transform};
use vpclab_template::{Node, Span};

const NOTHING: &BTreeMap<String, String> = &BTreeMap::new();
const INPUT: Input = Input { parameters: NOTHING, region: "ap-northeast-2", managed_policies: NOTHING, now: 0 };

fn transformed(template: &str) -> Node {
    transform(&vpclab_template::parse(template).unwrap(), &INPUT).unwrap()
}

#[test]
fn as_aws() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sam");
    let mut seen = 0;
    for entry in fs::read_dir(root.join("golden")).unwrap() {
        let golden = entry.unwrap().path();
        let expected: Value = serde_json::from_str(&fs::read_to_string(&golden).unwrap()).unwrap();
        let name = golden.file_stem().unwrap().to_str().unwrap();
        let text = fs::read_to_string(root.join("templates").join(format!("{name}.yaml"))).unwrap();
        let made = match transform(&vpclab_template::parse(&text).unwrap(), &INPUT) {
            Ok(output) => json!({ "output": output.to_json() }),
            Err(failure) => json!({ "error": failure.to_string() }),
        };
        assert_eq!(made, expected, "{name}");
        seen += 1;
    }
    assert!(seen >= 12, "{seen}");
}

/// A generated part stands where its origin does.
#[test]
fn every_part_has_a_place() {
    let output = transformed(
        "Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: a.b
      InlineCode: x
      AutoPublishAlias: live
      Events: {E: {Type: Api, Properties: {Path: /x, Method: get, RestApiId: !Ref A}}}
  A: {Type: AWS::Serverless::Api, Properties: {StageName: prod}}
",
    );
    let resources = output.get("Resources").unwrap().as_map().unwrap();
    for (id, at, resource) in resources.entries() {
        let line = if id.starts_with('F') { 2 } else { 10 };
        assert_eq!(at.line, line, "{id}");
        assert_eq!(resource.at.line, line, "{id}");
        assert_ne!(resource.get("Properties").unwrap().at, Span::NONE, "{id}");
    }
    assert_eq!(resources.get("F").unwrap().get("Properties").unwrap().get("Runtime").unwrap().at.line, 5);
}

/// A mistake names its resource and its place.
#[test]
fn mistakes_have_places() {
    let template =
        "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Colour: blue}}\n  Q: {Type: AWS::Serverless::HttpApi}\n";
    let failure = transform(&vpclab_template::parse(template).unwrap(), &INPUT).unwrap_err();
    assert_eq!(
        failure.to_string(),
        "Invalid Serverless Application Specification document. Number of errors found: 2. Resource with id [F] is invalid. property \
         Colour not defined for resource of type AWS::Serverless::Function Resource with id [Q] is invalid. vpclab does not build the \
         type 'AWS::Serverless::HttpApi'."
    );
    let Failure::Invalid(causes) = failure else { panic!("{failure:?}") };
    let places: Vec<_> = causes.iter().map(|cause| (cause.logical_id.as_deref(), cause.at.line)).collect();
    assert_eq!(places, [(Some("F"), 2), (Some("Q"), 3)]);
}

/// The values that are given come before the defaults, and both into the logical ids.
#[test]
fn parameters_make_other_versions() {
    let template = vpclab_template::parse(
        "Parameters: {Key: {Type: String, Default: one}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: x, Handler: y, CodeUri: {Bucket: b, Key: !Ref Key}, AutoPublishAlias: live}
",
    )
    .unwrap();
    let version = |value: Option<&str>| {
        let parameters = value.map(|value| ("Key".to_owned(), value.to_owned())).into_iter().collect();
        let output = transform(&template, &Input { parameters: &parameters, ..INPUT }).unwrap();
        let resources = output.get("Resources").unwrap().as_map().unwrap();
        let id = resources.keys().find(|id| id.starts_with("FVersion")).unwrap().to_owned();
        (id, resources.get("F").unwrap().get("Properties").unwrap().get("Code").unwrap().to_json())
    };
    assert_eq!(version(None), version(Some("one")));
    assert_ne!(version(None).0, version(Some("two")).0);
    assert_eq!(version(Some("two")).1, json!({"S3Bucket": "b", "S3Key": "two"}));
}

/// A managed policy that only the caller knows.
#[test]
fn policies_of_the_caller() {
    let template =
        "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Runtime: x, Handler: y, InlineCode: z, Policies: [Own, Other]}}\n";
    let known = BTreeMap::from([("Own".to_owned(), "arn:aws:iam::aws:policy/a/Own".to_owned())]);
    let output = transform(&vpclab_template::parse(template).unwrap(), &Input { managed_policies: &known, ..INPUT }).unwrap();
    let role = output.get("Resources").unwrap().get("FRole").unwrap().get("Properties").unwrap().to_json();
    assert_eq!(role["ManagedPolicyArns"][1], "arn:aws:iam::aws:policy/a/Own");
    assert_eq!(role["ManagedPolicyArns"][2], "Other");
}

#[test]
fn included_definition() {
    let template = vpclab_template::parse(
        "Parameters: {Bucket: {Type: String, Default: b}}
Transform: [AWS::Serverless-2016-10-31, {Name: AWS::Include, Parameters: {Location: 's3://b/more.yaml'}}]
Resources:
  A:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: !Sub 's3://${Bucket}/api.yaml'}}}
      Tags: {own: x, Fn::Transform: {Name: AWS::Include, Parameters: {Location: 's3://b/tags.yaml'}}}
",
    )
    .unwrap();
    let found: Vec<String> = includes(&template, &INPUT).unwrap().into_iter().map(|include| include.location).collect();
    assert_eq!(found, ["s3://b/more.yaml", "s3://b/api.yaml", "s3://b/tags.yaml"]);
    let texts = [
        ("s3://b/more.yaml", "Outputs: {O: {Value: x}}"),
        ("s3://b/api.yaml", "{swagger: '2.0', paths: {/x: {get: {responses: {}}}}}"),
        ("s3://b/tags.yaml", "{a: b}"),
    ];
    let contents = texts.map(|(location, text)| (location.to_owned(), vpclab_template::parse(text).unwrap())).into();
    let whole = include(&template, &INPUT, &contents).unwrap();
    let output = transform(&whole, &INPUT).unwrap().to_json();
    assert_eq!(output["Resources"]["A"]["Properties"]["Body"], json!({"swagger": "2.0", "paths": {"/x": {"get": {"responses": {}}}}}));
    let tags = &output["Resources"]["AprodStage"]["Properties"]["Tags"];
    assert_eq!(*tags, json!([{"Key": "a", "Value": "b"}, {"Key": "own", "Value": "x"}]));
    assert_eq!(output["Outputs"]["O"]["Value"], "x");
    let error = include(&template, &INPUT, &BTreeMap::new()).unwrap_err();
    assert_eq!(error.message, "Transform AWS::Include failed with: nothing lies at s3://b/more.yaml.");
    assert_eq!(error.at.line, 2);
}

/// No template makes the transform panic: pieces of templates in wrong places.
#[test]
fn wrong_places_do_no_harm() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sam/templates");
    let pieces = ["text", "[]", "{}", "~", "7", "{Ref: X}", "{Fn::If: [C]}", "{Fn::Sub: []}", "{Fn::GetAtt: [1, 2]}"];
    let pieces = pieces.map(|piece| vpclab_template::parse(&format!("{{x: {piece}}}")).unwrap().get("x").unwrap().clone());
    for (seed, entry) in fs::read_dir(root).unwrap().enumerate() {
        let template = vpclab_template::parse(&fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap();
        let size = count(&template);
        for index in (seed % 5..size).step_by(5) {
            let mut wrong = template.clone();
            put(&mut wrong, &mut { index }, &pieces[(index + seed) % pieces.len()]);
            let _ = transform(&wrong, &INPUT);
        }
    }
}

fn count(node: &Node) -> usize {
    let inside: usize = node.as_list().map_or(0, |items| items.iter().map(count).sum());
    1 + inside + node.as_map().map_or(0, |map| map.values().map(count).sum())
}

fn put(node: &mut Node, index: &mut usize, piece: &Node) {
    if *index == 0 {
        *node = piece.clone();
    }
    *index = index.wrapping_sub(1);
    if *index > usize::MAX / 2 {
        return;
    }
    if let Some(items) = node.as_list_mut() {
        items.iter_mut().for_each(|item| put(item, index, piece));
    } else if let Some(map) = node.as_map_mut() {
        map.values_mut().for_each(|node| put(node, index, piece));
    }
}
