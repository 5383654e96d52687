use super::{Given, Pseudo};
use crate::{Attributes, Bound, Facts, Template, TemplateError, parse};
use std::collections::BTreeMap;

fn bind(yaml: &str, given: &[(&str, &str)]) -> Result<Bound, TemplateError> {
    let given = given.iter().map(|(name, value)| ((*name).to_owned(), Given::Value((*value).to_owned()))).collect();
    let looked_up = BTreeMap::from([("/ami".to_owned(), "ami-1".to_owned()), ("/nets".to_owned(), "a,b".to_owned())]);
    Template::read(&parse(yaml)?)?.bind(&given, &Pseudo { region: "r".to_owned(), ..Pseudo::default() }, &looked_up)
}

fn refused(yaml: &str, given: &[(&str, &str)]) -> String {
    bind(yaml, given).expect_err(yaml).message
}

const RESOURCE: &str = "\nResources:\n  R: {Type: 'AWS::EC2::VPC'}\n";

fn one(parameter: &str, value: &str) -> Result<Bound, TemplateError> {
    bind(&format!("Parameters:\n  P: {parameter}{RESOURCE}"), &[("P", value)])
}

#[test]
fn parameters_fit_or_are_refused() {
    for (parameter, good, bad, why) in [
        ("{Type: String, AllowedValues: [a, 1]}", "1", "b", "Parameter 'P' must be one of AllowedValues"),
        ("{Type: String, AllowedPattern: '[a-z]+'}", "abc", "abc1", "Parameter 'P' must match pattern [a-z]+"),
        ("{Type: String, AllowedPattern: '(?=.*[0-9]).{3,}'}", "ab1", "abc", "Parameter 'P' must match pattern (?=.*[0-9]).{3,}"),
        ("{Type: String, AllowedPattern: 'a|b'}", "b", "ax", "Parameter 'P' must match pattern a|b"),
        ("{Type: String, MinLength: 2}", "ab", "é", "Parameter 'P' must contain at least 2 characters"),
        ("{Type: String, MaxLength: '2'}", "éé", "abc", "Parameter 'P' must contain at most 2 characters"),
        ("{Type: Number}", "-1.5", "x", "Parameter 'P' must be a number"),
        ("{Type: Number, MinValue: 2}", "2", "1", "Parameter 'P' must be a number not less than 2"),
        ("{Type: Number, MaxValue: 2}", "2", "2.5", "Parameter 'P' must be a number not greater than 2"),
        ("{Type: List<Number>}", "1, 2", "1,x", "Parameter 'P' must be a number"),
        ("{Type: CommaDelimitedList, AllowedValues: [a, b]}", "b,a", "a,c", "Parameter 'P' must be one of AllowedValues"),
        ("{Type: CommaDelimitedList, AllowedPattern: '[a-z]'}", "b, a", "a,cc", "Parameter 'P' must match pattern [a-z]"),
        ("{Type: String, MinLength: 2, ConstraintDescription: longer}", "ab", "a", "Parameter P failed to satisfy constraint: longer"),
    ] {
        one(parameter, good).unwrap_or_else(|why| panic!("{parameter} {good}: {why}"));
        assert_eq!(one(parameter, bad).expect_err(parameter).message, why, "{parameter}");
    }
    assert!(one("{Type: String, AllowedPattern: '('}", "x").is_err());
    // A pattern that would try for ever.
    assert!(one("{Type: String, AllowedPattern: '(?=a)(a+)+\\1b'}", &"a".repeat(200)).is_err());
}

#[test]
fn parameters_have_values() {
    let yaml = &format!("Parameters:\n  A: {{Type: String}}\n  B: {{Type: String}}\n  C: {{Type: String, Default: c}}{RESOURCE}");
    assert_eq!(refused(yaml, &[]), "Parameters: [A, B] must have values");
    assert_eq!(refused(yaml, &[("X", ""), ("Y", "")]), "Parameters: [X, Y] do not exist in the template");
    let bound = bind(yaml, &[("A", ""), ("B", "b")]).unwrap();
    let values: Vec<&str> = bound.parameters().iter().map(|parameter| parameter.value.as_str()).collect();
    assert_eq!(values, ["", "b", "c"]);
    let template = Template::read(&parse(yaml).unwrap()).unwrap();
    let previous = |value: Option<&str>| {
        let given = ["A", "B"].map(|name| (name.to_owned(), Given::Previous(value.map(str::to_owned)))).into();
        template.bind(&given, &Pseudo::default(), &BTreeMap::new())
    };
    assert_eq!(previous(Some("p")).unwrap().parameters()[0].value, "p");
    assert!(previous(None).unwrap_err().message.starts_with("Invalid input for parameter key A."));
}

#[test]
fn ssm_parameters_are_looked_up() {
    let yaml = &format!(
        "Parameters:\n  Ami: {{Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: /ami}}\n  Nets: {{Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: /nets}}{RESOURCE}"
    );
    let template = Template::read(&parse(yaml).unwrap()).unwrap();
    assert_eq!(template.ssm_parameters(&BTreeMap::new()).unwrap(), ["/ami", "/nets"]);
    let bound = bind(yaml, &[]).unwrap();
    assert_eq!(bound.parameters()[0].resolved.as_deref(), Some("ami-1"));
    assert_eq!(bound.resolve(&crate::Node::call("Ref", "Nets"), &super::Nothing).unwrap(), serde_json::json!(["a", "b"]));
    assert_eq!(refused(yaml, &[("Ami", "/x")]), "Unable to fetch parameters [/x] from parameter store for this account.");
}

fn order(yaml: &str) -> Vec<String> {
    bind(yaml, &[]).unwrap().resources().map(|resource| resource.logical.clone()).collect()
}

#[test]
fn resources_are_ordered() {
    let yaml = "
Resources:
  A: {Type: T, Properties: {x: !Ref C}}
  B: {Type: T, DependsOn: [A], Properties: {x: [{y: !Sub '${D.Arn}'}]}}
  C: {Type: T}
  D: {Type: T, Metadata: {x: !GetAtt C.Arn}}
";
    assert_eq!(order(yaml), ["C", "A", "D", "B"]);
    assert_eq!(bind(yaml, &[]).unwrap().dependencies("B"), ["A", "D"]);
    let circle = "Resources:\n  A: {Type: T, Properties: {x: !Ref B}}\n  B: {Type: T, DependsOn: A}\n  C: {Type: T, DependsOn: A}\n";
    assert_eq!(refused(circle, &[]), "Circular dependency between resources: [A, B]");
    assert_eq!(refused("Resources:\n  A: {Type: T, Properties: {x: !Ref A}}\n", &[]), "Circular dependency between resources: [A]");
}

#[test]
fn conditions_choose_resources_and_branches() {
    let yaml = "
Parameters: {P: {Type: String, Default: prod}}
Conditions:
  Test: !Not [!Condition Prod]
  Prod: !Equals [!Ref P, prod]
Resources:
  A: {Type: T, Properties: {x: !If [Test, !Ref B, no]}, DependsOn: B}
  B: {Type: T, Condition: Test, Properties: {x: !If [Test, !Ref A, no]}}
Outputs:
  O: {Condition: Test, Value: !Ref B}
";
    assert_eq!(order(yaml), ["A"], "neither a circle nor a missing resource: the branch is not taken");
    assert_eq!(bind(yaml, &[]).unwrap().condition("Test"), Some(false));
    assert_eq!(refused(yaml, &[("P", "test")]), "Circular dependency between resources: [A, B]");
    let missing = yaml.replace("!If [Test, !Ref B, no]", "!Ref B");
    assert_eq!(
        refused(&missing, &[]),
        "Template format error: Unresolved resource dependencies [B] in the Resources block of the template"
    );
    let missing = yaml.replace("O: {Condition: Test,", "O: {");
    assert_eq!(refused(&missing, &[]), "Template format error: Unresolved resource dependencies [B] in the Outputs block of the template");
    let circle = "Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}\nResources: {R: {Type: T}}";
    assert_eq!(refused(circle, &[]), "Template format error: Circular dependency between conditions: [A, B]");
}

#[test]
fn a_long_chain_of_conditions_does_not_recurse() {
    let mut yaml = "Resources: {R: {Type: T}}\nConditions:\n  C0: !Equals [a, a]\n".to_owned();
    for i in 1..5_000 {
        yaml += &format!("  C{i}: !Not [!Condition C{}]\n", i - 1);
    }
    assert_eq!(bind(&yaml, &[]).unwrap().condition("C4999"), Some(false));
}

struct Stack;

impl Attributes for Stack {
    fn reference(&self, logical: &str) -> Option<serde_json::Value> {
        Some(logical.to_lowercase().into())
    }
    fn attribute(&self, _: &str, _: &str) -> Option<serde_json::Value> {
        Some(serde_json::json!(["x"]))
    }
    fn import(&self, export: &str) -> Option<String> {
        Some(format!("imported {export}"))
    }
    fn zones(&self, _: &str) -> Vec<String> {
        vec![]
    }
}

#[test]
fn outputs_and_imports() {
    let yaml = "
Resources:
  A: {Type: T, Properties: {x: !ImportValue in}}
Outputs:
  O: {Value: !Ref A, Description: d, Export: {Name: !Sub '${AWS::Region}-x'}}
  P: {Value: 8080}
  Q: {Value: !ImportValue {'Fn::Sub': '${AWS::Region}-y'}}
";
    let bound = bind(yaml, &[]).unwrap();
    let outputs = bound.outputs(&Stack).unwrap();
    assert_eq!(outputs.iter().map(|output| output.value.as_str()).collect::<Vec<_>>(), ["a", "8080", "imported r-y"]);
    assert_eq!((outputs[0].export.as_deref(), outputs[0].description.as_deref()), (Some("r-x"), Some("d")));
    let imports: Vec<String> = bound.imports().unwrap().into_iter().map(|(name, _)| name).collect();
    assert_eq!(imports, ["in", "r-y"]);
    let list = bind("Resources: {A: {Type: T}}\nOutputs: {O: {Value: !GetAtt A.L}}", &[]).unwrap();
    assert_eq!(
        list.outputs(&Stack).unwrap_err().message,
        "Template format error: The Value field of every Outputs member must evaluate to a String and not a List."
    );
}

struct Account;

impl Facts for Account {
    fn all(&self, kind: &str) -> Option<Vec<String>> {
        (kind == "AWS::EC2::VPC::Id").then(|| vec!["vpc-1".to_owned(), "vpc-2".to_owned()])
    }
    fn of(&self, _: &str, id: &str, attribute: &str) -> Option<String> {
        (attribute == "VpcId").then(|| format!("vpc-{}", id.trim_start_matches("subnet-")))
    }
}

#[test]
fn rules() {
    let check = |assertion: &str, subnets: &str| {
        let yaml = format!(
            "
Parameters:
  Env: {{Type: String, Default: prod}}
  Vpc: {{Type: 'AWS::EC2::VPC::Id', Default: vpc-1}}
  Subnets: {{Type: 'List<AWS::EC2::Subnet::Id>', Default: '{subnets}'}}
Rules:
  Mine:
    RuleCondition: !Equals [!Ref Env, prod]
    Assertions: [{{Assert: {assertion}, AssertDescription: no good}}]
Resources: {{R: {{Type: T}}}}"
        );
        let template = Template::read(&parse(&yaml).unwrap()).unwrap();
        template.bind_with(&BTreeMap::new(), &Pseudo::default(), &BTreeMap::new(), &Account).map(drop).map_err(|why| why.message)
    };
    let fails = Err("no good".to_owned());
    assert_eq!(check("!Contains [[a, prod], !Ref Env]", "subnet-1"), Ok(()));
    assert_eq!(check("!Contains [[a], !Ref Env]", "subnet-1"), fails);
    assert_eq!(check("!Not [!Contains [['1', '2'], !Ref Env]]", "subnet-1"), Ok(()));
    assert_eq!(check("!EachMemberIn [!ValueOfAll ['AWS::EC2::VPC::Id', VpcId], !RefAll 'AWS::EC2::VPC::Id']", "subnet-1"), fails);
    assert_eq!(check("!EachMemberEquals [!ValueOf [Subnets, VpcId], !Ref Vpc]", "subnet-1,subnet-1"), Ok(()));
    assert_eq!(check("!EachMemberEquals [!ValueOf [Subnets, VpcId], !Ref Vpc]", "subnet-1,subnet-2"), fails);
    assert_eq!(check("!And [!Contains [!RefAll 'AWS::EC2::VPC::Id', !Ref Vpc], !Equals [a, a]]", "subnet-1"), Ok(()));
    assert!(check("!Equals [!ValueOf [Vpc, Colour], red]", "subnet-1").unwrap_err().contains("asks for Colour of vpc-1"));
    // A rule that does not count.
    let yaml = "Parameters: {Env: {Type: String, Default: test}}\nRules: {R: {RuleCondition: !Equals [!Ref Env, prod], Assertions: [{Assert: !Equals [a, b]}]}}\nResources: {R: {Type: T}}";
    assert!(bind(yaml, &[]).is_ok());
    assert_eq!(refused(yaml, &[("Env", "prod")]), "Template error: an assertion of the rule R failed");
}
