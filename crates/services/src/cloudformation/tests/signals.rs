//! Wait conditions and the signals they wait for.
use super::*;
use crate::cloudformation::signal::receive;
use bytes::Bytes;

fn waiting(count: u32, timeout: u32) -> Value {
    json!({
        "Resources": {
            "Handle": { "Type": "AWS::CloudFormation::WaitConditionHandle" },
            "Wait": { "Type": "AWS::CloudFormation::WaitCondition",
                      "Properties": { "Handle": { "Ref": "Handle" }, "Count": count, "Timeout": timeout.to_string() } },
            "Vpc": { "Type": "AWS::EC2::VPC", "DependsOn": "Wait", "Properties": { "CidrBlock": "10.0.0.0/16" } },
        },
        "Outputs": { "Data": { "Value": { "Fn::GetAtt": ["Wait", "Data"] } } },
    })
}

/// Begins a stack and answers the path of its handle.
async fn begun(cx: &RequestContext, template: &Value) -> (vpclab_cloud::StackId, String) {
    let req = wire::CreateStackInput { stack_name: "web".into(), template_body: Some(template.to_string()), ..Default::default() };
    let made = create_stack(cx, req).await.unwrap();
    let id = vpclab_cloud::StackId::named(&made.stack_id.unwrap());
    let handle = cx.snapshot().stack_resource(&id, "Handle").unwrap().physical.clone().unwrap();
    (id, handle.get("http://".len()..).unwrap().to_owned())
}

async fn signal(cx: &RequestContext, path: &str, body: &Value) -> Result<(), String> {
    let body = Bytes::from(body.to_string());
    receive(Arc::clone(&cx.engine), path, &body, "request").await.map_err(|why| format!("{} {}", why.status, why.message))
}

#[tokio::test]
async fn a_condition_is_met_by_as_many_signals_as_it_counts() {
    let cx = lab().await;
    let (id, path) = begun(&cx, &waiting(2, 600)).await;
    assert!(path.starts_with("/cloudformation-waitcondition-ap-northeast-2/web/Handle/"), "{path}");
    let say = |id: &str, data: &str| json!({ "Status": "SUCCESS", "UniqueId": id, "Data": data, "Reason": "" });
    assert!(signal(&cx, "/cloudformation-waitcondition-ap-northeast-2/web/Handle/x", &say("a", "1")).await.unwrap_err().starts_with("404"));
    assert!(signal(&cx, &path, &json!({ "Status": "FINE", "UniqueId": "a" })).await.unwrap_err().starts_with("400"));
    signal(&cx, &path, &say("a", "1")).await.unwrap();
    signal(&cx, &path, &say("a", "again")).await.unwrap();
    assert_eq!(status(&cx, "web").await, "CREATE_IN_PROGRESS");
    signal(&cx, &path, &say("b", "2")).await.unwrap();
    cx.engine.runners().wait(&id, Duration::from_secs(20)).await;
    assert_eq!(status(&cx, "web").await, "CREATE_COMPLETE");
    let outputs = cx.snapshot().stacks.get(&id).unwrap().outputs.clone();
    assert_eq!(outputs[0].value, r#"{"a":"1","b":"2"}"#);
}

#[tokio::test]
async fn a_failure_or_a_time_out_fails_the_stack() {
    let cx = lab().await;
    let (id, path) = begun(&cx, &waiting(1, 600)).await;
    signal(&cx, &path, &json!({ "Status": "FAILURE", "UniqueId": "a", "Reason": "no luck" })).await.unwrap();
    cx.engine.runners().wait(&id, Duration::from_secs(20)).await;
    let why = reason(&cx, "web", "Wait", "CREATE_FAILED").await;
    assert_eq!(why, "WaitCondition received failed message: 'no luck' for uniqueId: a");
    delete(&cx, "web").await.unwrap();
    let (id, _) = begun(&cx, &waiting(1, 1)).await;
    cx.engine.runners().wait(&id, Duration::from_secs(20)).await;
    let why = reason(&cx, "web", "Wait", "CREATE_FAILED").await;
    assert_eq!(why, "WaitCondition timed out. Received 0 conditions when expecting 1");
    assert_eq!(status(&cx, "web").await, "ROLLBACK_COMPLETE");
}

#[tokio::test]
async fn a_condition_counts_at_least_one_signal() {
    let cx = lab().await;
    let asked = |count: serde_json::Value| {
        let mut template = waiting(1, 600);
        template["Resources"]["Wait"]["Properties"]["Count"] = count;
        wire::CreateStackInput { stack_name: "web".into(), template_body: Some(template.to_string()), ..Default::default() }
    };
    let refused = create_stack(&cx, asked(json!("abc"))).await.unwrap_err();
    assert!(refused.message.contains("Value of property Count must be of type Integer"), "{refused:?}");
    for count in [json!(0), json!("-1")] {
        let req = asked(count);
        let id = vpclab_cloud::StackId::named(&create_stack(&cx, req).await.unwrap().stack_id.unwrap());
        cx.engine.runners().wait(&id, Duration::from_secs(20)).await;
        let why = reason(&cx, "web", "Wait", "CREATE_FAILED").await;
        assert!(why.contains("Value of property Count must be at least 1"), "{why}");
        delete(&cx, "web").await.unwrap();
    }
}

/// A wait condition without a handle, which waits for so many signals by `SignalResource`.
fn awaiting(count: Value, timeout: &str) -> Value {
    let policy = json!({ "ResourceSignal": { "Count": count, "Timeout": timeout } });
    let wait = json!({ "Type": "AWS::CloudFormation::WaitCondition", "CreationPolicy": policy });
    json!({ "Parameters": { "Count": { "Type": "Number", "Default": 2 } }, "Resources": { "Vpc": vpc(), "Wait": wait } })
}

async fn begin(cx: &RequestContext, template: &Value) -> vpclab_cloud::StackId {
    let req = wire::CreateStackInput { stack_name: "web".into(), template_body: Some(template.to_string()), ..Default::default() };
    let id = vpclab_cloud::StackId::named(&create_stack(cx, req).await.unwrap().stack_id.unwrap());
    for _ in 0..12_000 {
        if !cx.snapshot().stacks[&id].status.is_running()
            || cx.snapshot().stack_resource(&id, "Wait").is_some_and(|one| one.signals.is_some())
        {
            return id;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the resource does not wait");
}

async fn resource_signal(cx: &RequestContext, logical: &str, id: &str, status: &str) -> Result<(), String> {
    let (logical_resource_id, unique_id) = (logical.into(), id.into());
    let req = wire::SignalResourceInput { stack_name: "web".into(), logical_resource_id, unique_id, status: status.into() };
    super::super::creation_policy::signal_resource(cx, req).await.map_err(|why| why.message)
}

#[tokio::test]
async fn a_creation_policy_waits_for_signals() {
    let cx = lab().await;
    let id = begin(&cx, &awaiting(json!({ "Ref": "Count" }), "PT10M")).await;
    resource_signal(&cx, "Wait", "a", "SUCCESS").await.unwrap();
    let twice = resource_signal(&cx, "Wait", "a", "SUCCESS").await.unwrap_err();
    assert_eq!(twice, "Signal with ID a for resource Wait already exists. Signals may only be updated with a FAILURE status.");
    assert_eq!(
        resource_signal(&cx, "Vpc", "a", "SUCCESS").await.unwrap_err(),
        "Resource Vpc is of type AWS::EC2::VPC and cannot be signaled"
    );
    assert_eq!(resource_signal(&cx, "No", "a", "SUCCESS").await.unwrap_err(), "Resource No does not exist for stack web");
    assert!(resource_signal(&cx, "Wait", "a", "FINE").await.unwrap_err().contains("[SUCCESS, FAILURE]"));
    assert_eq!(status(&cx, "web").await, "CREATE_IN_PROGRESS");
    assert_eq!(reason(&cx, "web", "Wait", "CREATE_IN_PROGRESS").await, "Received SUCCESS signal with UniqueId a");
    resource_signal(&cx, "Wait", "b", "SUCCESS").await.unwrap();
    cx.engine.runners().wait(&id, Duration::from_secs(20)).await;
    assert_eq!(status(&cx, "web").await, "CREATE_COMPLETE");
    let late = resource_signal(&cx, "Wait", "c", "SUCCESS").await.unwrap_err();
    assert_eq!(late, format!("Stack:{id} is in CREATE_COMPLETE state and can not be signaled."));
}

#[tokio::test]
async fn a_creation_policy_fails_by_a_signal_or_by_none() {
    let cx = lab().await;
    let id = begin(&cx, &awaiting(json!(3), "PT10M")).await;
    resource_signal(&cx, "Wait", "a", "SUCCESS").await.unwrap();
    resource_signal(&cx, "Wait", "a", "FAILURE").await.unwrap();
    cx.engine.runners().wait(&id, Duration::from_secs(20)).await;
    assert_eq!(reason(&cx, "web", "Wait", "CREATE_FAILED").await, "Received FAILURE signal with UniqueId a");
    delete(&cx, "web").await.unwrap();
    let id = begin(&cx, &awaiting(json!(2), "PT1S")).await;
    cx.engine.runners().wait(&id, Duration::from_secs(20)).await;
    let why = reason(&cx, "web", "Wait", "CREATE_FAILED").await;
    assert_eq!(why, "Failed to receive 2 resource signal(s) within the specified duration");
    delete(&cx, "web").await.unwrap();
    for (count, timeout, what) in [(json!(0), "PT1M", "Count must be"), (json!(1), "5 minutes", "Timeout must be")] {
        let id = begin(&cx, &awaiting(count, timeout)).await;
        cx.engine.runners().wait(&id, Duration::from_secs(20)).await;
        let why = reason(&cx, "web", "Wait", "CREATE_FAILED").await;
        assert!(why.contains(what), "{why}");
        delete(&cx, "web").await.unwrap();
    }
}

async fn put(cx: &RequestContext, value: &str) {
    let req = vpclab_wire::ssm::PutParameterRequest {
        name: "/seconds".into(),
        value: value.into(),
        type_: Some("String".into()),
        overwrite: Some(true),
        ..Default::default()
    };
    crate::ssm::put_parameter(cx, req).await.unwrap();
}

#[tokio::test]
async fn what_a_resource_refers_to_may_change_while_it_waits() {
    let cx = lab().await;
    put(&cx, "60").await;
    let mut template = awaiting(json!(2), "PT10M");
    template["Resources"]["Wait"]["Properties"] = json!({ "Timeout": "{{resolve:ssm:/seconds}}" });
    let id = begin(&cx, &template).await;
    put(&cx, "70").await;
    resource_signal(&cx, "Wait", "a", "SUCCESS").await.unwrap();
    resource_signal(&cx, "Wait", "b", "SUCCESS").await.unwrap();
    cx.engine.runners().wait(&id, Duration::from_secs(20)).await;
    assert_eq!(status(&cx, "web").await, "CREATE_COMPLETE", "{:?}", events(&cx, "web").await);
}

#[tokio::test]
async fn a_replacement_without_its_signals_is_replaced_by_the_next_update() {
    let cx = lab().await;
    let id = begin(&cx, &awaiting(json!(1), "PT10M")).await;
    resource_signal(&cx, "Wait", "a", "SUCCESS").await.unwrap();
    cx.engine.runners().wait(&id, Duration::from_secs(20)).await;
    // As an update leaves it that was not to be rolled back.
    errors::change(&cx, |cloud, _| {
        let mut found = vpclab_cloud::StackResource::clone(cloud.stack_resource(&id, "Wait").unwrap());
        found.status = vpclab_cloud::stack::ResourceStatus::UpdateFailed;
        found.signals.as_mut().unwrap().got.clear();
        cloud.put_stack_resource(found);
        Ok(())
    })
    .await
    .unwrap();
    let mut template = awaiting(json!(1), "PT1S");
    template["Resources"]["Subnet"] = subnet("10.0.1.0/24");
    update(&cx, "web", &template).await.unwrap();
    let why = reason(&cx, "web", "Wait", "UPDATE_FAILED").await;
    assert_eq!(why, "Failed to receive 1 resource signal(s) within the specified duration", "{:?}", events(&cx, "web").await);
}
