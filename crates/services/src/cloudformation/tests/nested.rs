//! Change sets of nested stacks.
use super::super::change_set::delete_change_set;
use super::*;

#[tokio::test]
async fn a_nested_change_set_that_fails_fails_those_around_it() {
    let cx = lab().await;
    let child = json!({ "Type": "AWS::CloudFormation::Stack", "Properties": { "TemplateURL": "https://s3.amazonaws.com/none/k" } });
    let req = wire::CreateChangeSetInput {
        stack_name: "web".into(),
        change_set_name: "one".into(),
        change_set_type: Some("CREATE".into()),
        template_body: Some(json!({ "Resources": { "Vpc": vpc(), "Child": child } }).to_string()),
        include_nested_stacks: Some(true),
        ..Default::default()
    };
    let root = create_change_set(&cx, req).await.unwrap().id.unwrap();
    let describe = async |name: &str| {
        let req = wire::DescribeChangeSetInput { change_set_name: name.into(), ..Default::default() };
        describe_change_set(&cx, req).await.unwrap()
    };
    let outer = describe(&root).await;
    let change = outer.changes.iter().find_map(|one| one.resource_change.as_ref().filter(|one| one.change_set_id.is_some())).unwrap();
    let nested = change.change_set_id.clone().unwrap();
    assert_eq!(outer.status.as_deref(), Some("FAILED"));
    let why = format!("Nested change set {nested} was not successfully created: Currently in FAILED.");
    assert_eq!(outer.status_reason.as_deref(), Some(why.as_str()));
    let inner = describe(&nested).await;
    assert!(inner.change_set_name.as_ref().unwrap().starts_with("one-Child-"));
    assert_eq!((inner.parent_change_set_id.as_ref(), inner.root_change_set_id.as_ref()), (Some(&root), Some(&root)));
    assert!(inner.status_reason.unwrap().starts_with("S3 error: "));
    let stack = inner.stack_name.unwrap();
    assert!(stack.starts_with("web-Child-") && change.physical_resource_id == inner.stack_id);
    assert_eq!(status(&cx, &stack).await, "REVIEW_IN_PROGRESS");

    let req = wire::ExecuteChangeSetInput { change_set_name: nested.clone(), ..Default::default() };
    assert!(execute_change_set(&cx, req).await.unwrap_err().message.contains("from its root change set"));
    let delete =
        async |name: &str| delete_change_set(&cx, wire::DeleteChangeSetInput { change_set_name: name.into(), stack_name: None }).await;
    assert!(delete(&nested).await.unwrap_err().message.contains("from its root change set"));
    delete(&root).await.unwrap();
    let cloud = cx.snapshot();
    assert!(cloud.change_sets.is_empty() && cloud.stacks.len() == 1, "the outer stack stays to be reviewed");
}

/// What was reviewed is made, though there is no template at its place any more.
#[tokio::test]
async fn a_nested_change_set_is_executed_as_it_was_reviewed() {
    let cx = lab().await;
    let child = json!({ "Type": "AWS::CloudFormation::Stack", "Properties": { "TemplateURL": "https://s3.amazonaws.com/none/k" } });
    let req = wire::CreateChangeSetInput {
        stack_name: "web".into(),
        change_set_name: "one".into(),
        change_set_type: Some("CREATE".into()),
        template_body: Some(json!({ "Resources": { "Child": child } }).to_string()),
        include_nested_stacks: Some(true),
        ..Default::default()
    };
    let made = create_change_set(&cx, req.clone()).await.unwrap();
    let child = cx.snapshot().stacks.values().find(|stack| stack.parent.is_some()).unwrap().clone();
    let taken = wire::CreateChangeSetInput { stack_name: child.name.clone(), change_set_name: "two".into(), ..req };
    let why = create_change_set(&cx, taken).await.unwrap_err().message;
    assert!(why.contains("is a nested stack"), "{why}");
    errors::change(&cx, |cloud, _| {
        let sets: Vec<_> = cloud.change_sets.values().map(|set| vpclab_cloud::ChangeSet::clone(set)).collect();
        for mut set in sets {
            set.status = vpclab_cloud::change_set::ChangeSetStatus::CreateComplete;
            set.execution = vpclab_cloud::change_set::ExecutionStatus::Available;
            if set.nested.is_some() {
                Arc::make_mut(&mut set.template).original = template(&[]).to_string();
            }
            cloud.change_sets.insert(set.id.clone(), Arc::new(set));
        }
        Ok(())
    })
    .await
    .unwrap();
    let req = wire::ExecuteChangeSetInput { change_set_name: made.id.unwrap(), ..Default::default() };
    execute_change_set(&cx, req).await.unwrap();
    cx.engine.runners().wait(&vpclab_cloud::StackId::named(&made.stack_id.unwrap()), Duration::from_secs(20)).await;
    assert_eq!(status(&cx, "web").await, "CREATE_COMPLETE", "{:?}", events(&cx, "web").await);
    assert_eq!(status(&cx, &child.name).await, "CREATE_COMPLETE");
}
