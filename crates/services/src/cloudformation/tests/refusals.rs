//! What is refused before anything is made.
use super::*;

async fn refused(template: Value) -> String {
    let cx = lab().await;
    let error = create(&cx, "web", &template).await.unwrap_err();
    assert!(cx.snapshot().stacks.is_empty(), "nothing is left of a refused stack");
    format!("{}: {}", error.code, error.message)
}

fn one(kind: &str, properties: Value) -> Value {
    json!({ "Resources": { "One": { "Type": kind, "Properties": properties } } })
}

#[tokio::test]
async fn types_and_properties_that_are_not_served_are_named_with_their_place() {
    assert_eq!(
        refused(one("AWS::Not::There", json!({}))).await,
        "ValidationError: Template format error: Unrecognized resource types: [AWS::Not::There]"
    );
    let text = refused(one("AWS::RDS::DBInstance", json!({}))).await;
    assert!(
        text.starts_with("ValidationError: vpclab does not serve the resource type AWS::RDS::DBInstance of the resource One yet (line 1"),
        "{text}"
    );
    let text = refused(one("AWS::EC2::VPC", json!({ "CidrBlock": "10.0.0.0/16", "Nope": 1 }))).await;
    assert!(text.starts_with("ValidationError: Encountered unsupported property Nope"), "{text}");
    let text = refused(one("AWS::EC2::VPC", json!({ "Ipv4IpamPoolId": "x" }))).await;
    assert!(text.contains("vpclab does not serve the property Ipv4IpamPoolId of AWS::EC2::VPC (resource One) yet (line 1"), "{text}");
    let text = refused(one("AWS::EC2::VPC", json!({ "Fn::If": ["A", {}, {}] }))).await;
    assert!(text.starts_with("ValidationError: Template"), "{text}");
}

#[tokio::test]
async fn names_parameters_and_capabilities() {
    let cx = lab().await;
    let error = create(&cx, "a_b", &template(&[])).await.unwrap_err();
    assert!(error.message.contains("Value 'a_b' at 'stackName' failed to satisfy constraint"), "{error}");
    create(&cx, "web", &template(&[])).await.unwrap();
    let error = create(&cx, "web", &template(&[])).await.unwrap_err();
    assert_eq!((error.code.as_ref(), error.message.as_str()), ("AlreadyExistsException", "Stack [web] already exists"));
    let mut with = template(&[]);
    with["Parameters"] = json!({ "Size": { "Type": "String" } });
    assert_eq!(create(&cx, "two", &with).await.unwrap_err().message, "Parameters: [Size] must have values");
    let error = update(&cx, "none", &template(&[])).await.unwrap_err();
    assert_eq!(error.message, "Stack [none] does not exist");
    let role = one("AWS::IAM::Role", json!({ "AssumeRolePolicyDocument": {} }));
    let error = create(&cx, "role", &role).await.unwrap_err();
    assert_eq!(
        (error.code.as_ref(), error.message.as_str()),
        ("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]")
    );
}

#[test]
fn a_stack_policy_is_obeyed() {
    use crate::cloudformation::policy::check;
    use vpclab_cloud::change_set::{ChangeAction, Replacement, ResourceChange};
    let change = |logical: &str, replacement| ResourceChange {
        action: ChangeAction::Modify,
        logical: logical.into(),
        physical: Some("x".into()),
        kind: "AWS::EC2::VPC".into(),
        replacement: Some(replacement),
        policy_action: None,
        scope: vec![],
        details: vec![],
        before: None,
        after: None,
        change_set: None,
    };
    let policy = json!({ "Statement": [
        { "Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*" },
        { "Effect": "Deny", "Action": ["Update:Replace", "Update:Delete"], "Principal": "*", "Resource": "LogicalResourceId/Vpc*" },
    ] })
    .to_string();
    assert!(check(Some(&policy), &[change("Vpc", Replacement::False), change("Other", Replacement::True)]).is_ok());
    assert!(check(Some(&policy), &[change("Vpc", Replacement::True)]).is_err());
    assert!(check(Some(&policy), &[change("VpcTwo", Replacement::Conditional)]).is_err());
    assert!(check(None, &[change("Vpc", Replacement::True)]).is_ok());
}

#[tokio::test]
async fn policies_of_creation_and_update_are_named() {
    for name in ["CreationPolicy", "UpdatePolicy"] {
        let mut template = one("AWS::EC2::VPC", json!({ "CidrBlock": "10.0.0.0/16" }));
        template["Resources"]["One"][name] = json!({ "ResourceSignal": { "Count": 1 } });
        let text = refused(template).await;
        let expected = format!("ValidationError: vpclab does not serve the attribute {name} of the resource One yet (line 1");
        assert!(text.starts_with(&expected), "{text}");
    }
}

#[tokio::test]
async fn parameters_of_change_sets_that_are_not_served_are_named() {
    let cx = lab().await;
    let asked = |change_set_type: Option<&str>| wire::CreateChangeSetInput {
        stack_name: "web".into(),
        change_set_name: "one".into(),
        change_set_type: change_set_type.map(Into::into),
        template_body: Some(template(&[]).to_string()),
        ..Default::default()
    };
    let refused = async |req| create_change_set(&cx, req).await.unwrap_err().message;
    assert_eq!(refused(asked(Some("IMPORT"))).await, "vpclab does not serve the parameter ChangeSetType IMPORT yet");
    let topics = vec!["arn:aws:sns:us-east-1:111111111111:topic".to_owned()];
    let text = refused(wire::CreateChangeSetInput { notification_ar_ns: topics, ..asked(Some("CREATE")) }).await;
    assert_eq!(text, "vpclab does not serve the parameter NotificationARNs yet");
    let triggers = wire::RollbackConfiguration {
        rollback_triggers: vec![wire::RollbackTrigger {
            arn: Some("arn:aws:cloudwatch:x".into()),
            type_: Some("AWS::CloudWatch::Alarm".into()),
        }],
        ..Default::default()
    };
    let text = refused(wire::CreateChangeSetInput { rollback_configuration: Some(triggers), ..asked(Some("CREATE")) }).await;
    assert_eq!(text, "vpclab does not serve the parameter RollbackConfiguration.RollbackTriggers yet");
}
