use super::{DeletionPolicy, Template};
use crate::{TemplateError, parse};

fn read(yaml: &str) -> Result<Template, TemplateError> {
    Template::read(&parse(yaml)?)
}

fn refused(yaml: &str) -> String {
    read(yaml).expect_err(yaml).to_string()
}

#[test]
fn all_sections() {
    let template = read(
        "
AWSTemplateFormatVersion: 2010-09-09
Description: d
Metadata: {x: 1}
Parameters:
  P: {Type: String, Default: 1, NoEcho: true, AllowedValues: [1, a], Description: p}
Mappings: {M: {a: {b: c}}}
Conditions: {C: !Equals [!Ref P, '1']}
Rules: {R: {Assertions: [{Assert: !Equals [a, a]}]}}
Resources:
  A: {Type: T, DependsOn: B, DeletionPolicy: RetainExceptOnCreate, UpdateReplacePolicy: Retain, Condition: C, Metadata: {y: 2}}
  B: {Type: 'Custom::T', Version: '1.0', Properties: {x: 1}}
Outputs: {O: {Value: !Ref A, Condition: C}}
",
    )
    .unwrap();
    assert_eq!((template.version.as_deref(), template.description.as_deref()), (Some("2010-09-09"), Some("d")));
    let p = template.parameter("P").unwrap();
    assert_eq!((p.default.as_deref(), p.no_echo, p.constraints.allowed_values.len()), (Some("1"), true, 2));
    let a = template.resource("A").unwrap();
    assert_eq!((a.deletion_policy, a.update_replace_policy), (DeletionPolicy::RetainExceptOnCreate, DeletionPolicy::Retain));
    assert_eq!((a.depends_on.as_slice(), a.condition.as_deref(), a.at.line, a.kind_at.column), (&["B".to_owned()][..], Some("C"), 11, 13));
}

#[test]
fn refusals() {
    let resources = "Resources: {R: {Type: T}}\n";
    let with = |more: &str| format!("{resources}{more}");
    let resource = |more: &str| format!("Resources:\n  R: {{Type: T, {more}}}\n");
    for (yaml, wanted) in [
        ("Foo: 1\nBar: 2\n".to_owned() + resources, "Invalid template property or properties [Foo, Bar] (line 1, column 1)"),
        ("Globals: {}\n".to_owned() + resources, "Invalid template property or properties [Globals] (line 1, column 1)"),
        ("Description: x".to_owned(), "Template format error: At least one Resources member must be defined."),
        (
            format!("Description: {}\n{resources}", "é".repeat(1025)),
            "Template format error: 'Description' length is greater than 1024. (line 1, column 1)",
        ),
        ("Resources: {}".to_owned(), "Template format error: At least one Resources member must be defined. (line 1, column 1)"),
        (
            "AWSTemplateFormatVersion: '2011-01-01'\n".to_owned() + resources,
            "Template format error: 2011-01-01 is not a supported value for AWSTemplateFormatVersion. (line 1, column 27)",
        ),
        ("Resources:\n  A_b: {Type: T}".to_owned(), "Template format error: Resource name A_b is non alphanumeric. (line 2, column 3)"),
        (
            "Resources:\n  A: {Properties: {}}".to_owned(),
            "Template format error: [/Resources/A] Every Resources object must contain a Type member. (line 2, column 3)",
        ),
        (resource("Foo: 1"), "Invalid template resource property 'Foo' (line 2, column 16)"),
        (
            resource("Properties: []"),
            "Template format error: [/Resources/R] Every Properties member must be an object. (line 2, column 28)",
        ),
        (resource("DependsOn: {}"), "Template format error: DependsOn must be a string or list of strings. (line 2, column 27)"),
        (resource("DeletionPolicy: Foo"), "Template format error: Unrecognized DeletionPolicy Foo (line 2, column 32)"),
        (resource("DeletionPolicy: !Ref P"), "Template format error: Every DeletionPolicy member must be a string. (line 2, column 32)"),
        (
            resource("UpdateReplacePolicy: RetainExceptOnCreate"),
            "Template format error: Unrecognized UpdateReplacePolicy RetainExceptOnCreate (line 2, column 37)",
        ),
        (
            resource("DependsOn: [X, Y, X]"),
            "Template format error: Unresolved resource dependencies [X, Y] in the Resources block of the template (line 2, column 3)",
        ),
        (resource("Condition: Gone"), "Template format error: Condition Gone is not defined. (line 2, column 3)"),
        (
            resource("Properties: {x: {y: null}}"),
            "[/Resources/R/Properties/x/y] 'null' values are not allowed in templates (line 2, column 36)",
        ),
        (
            resource("Properties: {x: !Ref AWS::Foo}"),
            "Template format error: Unresolved resource dependencies [AWS::Foo] in the Resources block of the template (line 2, column 32)",
        ),
        (
            resource("Properties: {x: !Sub '${R.A} ${b-c}'}"),
            "Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons (line 2, column 32): `${b-c}`",
        ),
        (
            resource("Properties: {x: !ImportValue {Ref: R}}"),
            "Template error: the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs (line 2, column 32)",
        ),
        (
            with("Parameters: {P: {Default: a}}"),
            "Template format error: Every Parameters object must contain a Type member. (line 2, column 14)",
        ),
        (with("Parameters: {P: {Type: Foo}}"), "Template format error: Unrecognized parameter type: Foo (line 2, column 24)"),
        (
            with("Parameters: {P: {Type: 'AWS::SSM::Parameter::Value<Number>'}}"),
            "Template format error: Unrecognized parameter type: AWS::SSM::Parameter::Value<Number> (line 2, column 24)",
        ),
        (with("Parameters: {P-q: {Type: String}}"), "Template format error: Parameter name P-q is non alphanumeric. (line 2, column 14)"),
        (
            with("Parameters: {P: {Type: String, Default: [a]}}"),
            "Template format error: Every Default member must be a string. (line 2, column 41)",
        ),
        (with("Parameters: {P: {Type: String, Foo: a}}"), "Invalid template parameter property 'Foo' (line 2, column 32)"),
        (
            with("Parameters: {R: {Type: String}}"),
            "Template format error: R is the name of a parameter and of a resource (line 1, column 13)",
        ),
        (
            with("Mappings: {M: {a: {b: {c: d}}}}"),
            "Template format error: Every Mappings attribute must be a String or a List. (line 2, column 23)",
        ),
        (
            with("Conditions: {C: yes}"),
            "Template format error: Conditions can only be boolean operations on parameters and other conditions (line 2, column 17)",
        ),
        (
            with("Conditions: {C: !Equals [!Ref R, a]}"),
            "Template format error: Unresolved dependencies [R]. Cannot reference resources in the Conditions block of the template (line 2, column 26)",
        ),
        (
            with("Outputs: {O: {Description: x}}"),
            "Template format error: Every Outputs member must contain a Value object (line 2, column 14)",
        ),
        (
            with("Outputs: {O: {Value: !Ref X}}"),
            "Template format error: Unresolved resource dependencies [X] in the Outputs block of the template (line 2, column 22)",
        ),
        (
            with("Outputs: {O: {Value: x, Export: {Name: !Ref R}}}"),
            "Template error: the Name field of Export must not depend on any resources, imported values, or Fn::GetAZs (line 2, column 40)",
        ),
        (with("Transform: {Name: !Ref X}"), "Key Name of transform definition must be a string. (line 2, column 19)"),
    ] {
        assert_eq!(refused(&yaml), wanted, "{yaml}");
    }
}

#[test]
fn quotas() {
    let many = |section: &str, entry: &str, count: usize| {
        let mut yaml = format!("{section}:\n");
        (0..count).for_each(|i| yaml += &format!("  N{i}: {entry}\n"));
        yaml
    };
    let resources = |count| many("Resources", "{Type: T}", count);
    assert_eq!(read(&resources(500)).unwrap().resources.len(), 500);
    assert_eq!(
        refused(&resources(501)),
        "Template format error: Number of resources, 501, is greater than maximum allowed, 500 (line 2, column 3)"
    );
    let parameters = many("Parameters", "{Type: String}", 201);
    assert!(
        refused(&format!("{parameters}Resources: {{R: {{Type: T}}}}"))
            .contains("Number of parameters, 201, is greater than maximum allowed, 200")
    );
    let outputs = many("Outputs", "{Value: a}", 201);
    assert!(refused(&format!("{outputs}Resources: {{R: {{Type: T}}}}")).contains("Number of outputs, 201,"));
}

#[test]
fn what_macros_will_replace_passes() {
    let template = read(
        "
Transform: [AWS::LanguageExtensions, {Name: 'AWS::Serverless-2016-10-31', Parameters: {a: b}}]
Globals: {Function: {Timeout: 3}}
Resources:
  Fn::ForEach::Topics: [X, [a], {'T${X}': {Type: T}}]
  F: {Type: 'AWS::Serverless::Function', Connectors: {}, Properties: {x: !Ref ServerlessRestApi}, DeletionPolicy: !Ref P}
",
    )
    .unwrap();
    let names: Vec<&str> = template.transforms.iter().map(|transform| transform.name.as_str()).collect();
    assert_eq!(names, ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"]);
    assert_eq!(template.resources.len(), 1);
}
