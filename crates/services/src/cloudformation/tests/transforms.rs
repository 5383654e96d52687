//! Macros that fail: what is made of such a template fails, and is not refused.
use super::*;

const WHY: &str = "Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document.";

/// A function without code.
fn broken() -> Value {
    json!({
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": { "F": { "Type": "AWS::Serverless::Function", "Properties": { "Handler": "a.b", "Runtime": "python3.12" } } },
    })
}

fn capabilities() -> Vec<String> {
    ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"].map(str::to_owned).into()
}

#[tokio::test]
async fn a_change_set_fails_with_the_reason() {
    let cx = lab().await;
    let req = wire::CreateChangeSetInput {
        stack_name: "web".into(),
        change_set_name: "one".into(),
        change_set_type: Some("CREATE".into()),
        template_body: Some(broken().to_string()),
        capabilities: capabilities(),
        ..Default::default()
    };
    let made = create_change_set(&cx, req).await.unwrap();
    let asked = wire::DescribeChangeSetInput { change_set_name: made.id.unwrap(), ..Default::default() };
    let seen = describe_change_set(&cx, asked.clone()).await.unwrap();
    assert_eq!((seen.status.as_deref(), seen.execution_status.as_deref()), (Some("FAILED"), Some("UNAVAILABLE")));
    let why = seen.status_reason.unwrap();
    assert!(why.starts_with(WHY), "{why}");
    assert_eq!(status(&cx, "web").await, "REVIEW_IN_PROGRESS");
    let execute = wire::ExecuteChangeSetInput { change_set_name: asked.change_set_name, ..Default::default() };
    assert_eq!(execute_change_set(&cx, execute).await.unwrap_err().code, "InvalidChangeSetStatus");
}

#[tokio::test]
async fn a_stack_turns_back_with_the_reason() {
    let cx = lab().await;
    let (text, capabilities) = (Some(broken().to_string()), capabilities());
    let req = wire::CreateStackInput { template_body: text.clone(), capabilities: capabilities.clone(), ..named("web") };
    create_stack(&cx, req).await.unwrap();
    assert_eq!(events(&cx, "web").await, ["web CREATE_IN_PROGRESS", "web ROLLBACK_IN_PROGRESS", "web ROLLBACK_COMPLETE"]);
    let why = reason(&cx, "web", "web", "ROLLBACK_IN_PROGRESS").await;
    assert!(why.starts_with(WHY) && why.ends_with("Rollback requested by user."), "{why}");
    create(&cx, "two", &template(&[("A", "10.0.1.0/24")])).await.unwrap();
    let req = wire::UpdateStackInput { stack_name: "two".into(), template_body: text, capabilities, ..Default::default() };
    update_stack(&cx, req).await.unwrap();
    assert_eq!((status(&cx, "two").await.as_str(), blocks(&cx)), ("UPDATE_ROLLBACK_COMPLETE", vec!["10.0.1.0/24".to_owned()]));
    assert!(reason(&cx, "two", "two", "UPDATE_ROLLBACK_IN_PROGRESS").await.starts_with(WHY));
    // The stack is as it was, and can be updated.
    update(&cx, "two", &template(&[("A", "10.0.2.0/24")])).await.unwrap();
    assert_eq!((status(&cx, "two").await.as_str(), blocks(&cx)), ("UPDATE_COMPLETE", vec!["10.0.2.0/24".to_owned()]));
}

fn named(name: &str) -> wire::CreateStackInput {
    wire::CreateStackInput { stack_name: name.into(), ..Default::default() }
}
