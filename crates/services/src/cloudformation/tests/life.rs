//! Stacks are made, updated, rolled back and removed.
use super::*;

#[tokio::test]
async fn a_stack_is_made_and_removed_in_the_order_of_its_references() {
    let cx = lab().await;
    let id = create(&cx, "web", &template(&[("A", "10.0.0.0/24")])).await.unwrap();
    assert_eq!(
        events(&cx, "web").await,
        [
            "web CREATE_IN_PROGRESS",
            "Vpc CREATE_IN_PROGRESS",
            "Vpc CREATE_IN_PROGRESS",
            "Vpc CREATE_COMPLETE",
            "A CREATE_IN_PROGRESS",
            "A CREATE_IN_PROGRESS",
            "A CREATE_COMPLETE",
            "web CREATE_COMPLETE"
        ]
    );
    let cloud = cx.snapshot();
    let tags = &cloud.subnets.values().next().unwrap().tags;
    assert_eq!((tags["aws:cloudformation:stack-id"].as_str(), tags["aws:cloudformation:logical-id"].as_str()), (id.as_str(), "A"));
    delete(&cx, "web").await.unwrap();
    assert_eq!(status(&cx, &id).await, "DELETE_COMPLETE");
    assert_eq!(
        events(&cx, &id).await[8..],
        [
            "web DELETE_IN_PROGRESS",
            "A DELETE_IN_PROGRESS",
            "A DELETE_COMPLETE",
            "Vpc DELETE_IN_PROGRESS",
            "Vpc DELETE_COMPLETE",
            "web DELETE_COMPLETE"
        ]
    );
    assert!(cx.snapshot().vpcs.is_empty());
}

#[tokio::test]
async fn a_failed_creation_is_rolled_back() {
    let cx = lab().await;
    create(&cx, "web", &template(&[("A", "10.0.0.0/24"), ("B", "192.168.0.0/24")])).await.unwrap();
    assert_eq!(status(&cx, "web").await, "ROLLBACK_COMPLETE");
    let why = reason(&cx, "web", "B", "CREATE_FAILED").await;
    assert!(why.starts_with("Resource handler returned message: \"The CIDR '192.168.0.0/24' is invalid. (Service: Ec2,"), "{why}");
    let why = reason(&cx, "web", "web", "ROLLBACK_IN_PROGRESS").await;
    assert_eq!(why, "The following resource(s) failed to create: [B]. Rollback requested by user.");
    assert!(cx.snapshot().vpcs.is_empty() && cx.snapshot().subnets.is_empty());
    let refused = update(&cx, "web", &template(&[])).await.unwrap_err();
    assert!(refused.message.ends_with("is in ROLLBACK_COMPLETE state and can not be updated."), "{refused}");
}

#[tokio::test]
async fn what_the_data_plane_refuses_fails_alone_and_rolls_back() {
    let cx = lab().await;
    create(&cx, "web", &template(&[("A", "10.0.0.0/24"), ("B", "10.0.66.0/24")])).await.unwrap();
    assert_eq!(status(&cx, "web").await, "ROLLBACK_COMPLETE");
    let why = reason(&cx, "web", "B", "CREATE_FAILED").await;
    assert!(why.contains("no room") && why.contains("HandlerErrorCode: InternalFailure"), "{why}");
    assert!(events(&cx, "web").await.contains(&"A CREATE_COMPLETE".to_owned()));
    assert!(cx.snapshot().vpcs.is_empty());
}

#[tokio::test]
async fn an_update_replaces_and_cleans_up_and_a_failed_one_takes_back() {
    let cx = lab().await;
    create(&cx, "web", &template(&[("A", "10.0.0.0/24")])).await.unwrap();
    update(&cx, "web", &template(&[("A", "10.0.1.0/24")])).await.unwrap();
    assert_eq!((status(&cx, "web").await.as_str(), blocks(&cx)), ("UPDATE_COMPLETE", vec!["10.0.1.0/24".to_owned()]));
    let kept = cx.snapshot().subnets.keys().next().unwrap().clone();
    update(&cx, "web", &template(&[("A", "10.0.2.0/24"), ("N", "10.0.3.0/24"), ("Z", "192.168.0.0/24")])).await.unwrap();
    assert_eq!((status(&cx, "web").await.as_str(), blocks(&cx)), ("UPDATE_ROLLBACK_COMPLETE", vec!["10.0.1.0/24".to_owned()]));
    assert!(cx.snapshot().subnets.contains_key(&kept), "what was replaced came back");
    let id = cx.snapshot().stack_named(&cx.scope, "web").unwrap().id.clone();
    let names: Vec<_> = cx.snapshot().resources_of_stack(&id).map(|one| one.logical.clone()).collect();
    assert_eq!(names, ["A", "Vpc"]);
    assert_eq!(cx.snapshot().stack_templates.iter().filter(|((stack, _), _)| *stack == id).count(), 1, "old templates are dropped");
    let refused = update(&cx, "web", &template(&[("A", "10.0.1.0/24")])).await.unwrap_err();
    assert_eq!(refused.message, "No updates are to be performed.");
}

#[tokio::test]
async fn policies_keep_what_leaves_a_stack() {
    let cx = lab().await;
    let mut kept = template(&[("A", "10.0.0.0/24")]);
    kept["Resources"]["A"]["DeletionPolicy"] = json!("Retain");
    kept["Resources"]["A"]["UpdateReplacePolicy"] = json!("Retain");
    create(&cx, "web", &kept).await.unwrap();
    kept["Resources"]["A"]["Properties"]["CidrBlock"] = json!("10.0.1.0/24");
    update(&cx, "web", &kept).await.unwrap();
    assert_eq!(blocks(&cx), ["10.0.0.0/24", "10.0.1.0/24"]);
    assert!(events(&cx, "web").await.contains(&"A DELETE_SKIPPED".to_owned()));
    update(&cx, "web", &template(&[])).await.unwrap();
    assert_eq!((status(&cx, "web").await.as_str(), blocks(&cx).len()), ("UPDATE_COMPLETE", 2));
}

#[tokio::test]
async fn a_new_process_goes_on_with_what_the_last_one_began() {
    let cx = lab().await;
    let asked = Asked { template: template(&[("A", "10.0.0.0/24")]).to_string(), ..Asked::default() };
    let id = errors::change(&cx, |cloud, c| {
        let id = start::blank(cloud, c, "web", None)?;
        let made = draft(cloud, &c.scope, (&id, "web"), &asked)?;
        start::create(cloud, c, &id, made.into(), Manner::default());
        Ok(id)
    })
    .await
    .unwrap();
    assert_eq!(status(&cx, "web").await, "CREATE_IN_PROGRESS", "nobody works on it");
    run::resume(&cx.engine);
    cx.engine.runners().wait(&id, Duration::from_secs(20)).await;
    assert_eq!(status(&cx, "web").await, "CREATE_COMPLETE");
    errors::change(&cx, |cloud, c| start::delete(cloud, c, &id, Default::default(), None)).await.unwrap();
    run::resume(&cx.engine);
    cx.engine.runners().wait(&id, Duration::from_secs(20)).await;
    assert_eq!(status(&cx, id.as_str()).await, "DELETE_COMPLETE");
}

#[tokio::test]
async fn exports_in_use_stay_as_they_are() {
    let cx = lab().await;
    let mut exporting = template(&[("A", "10.0.0.0/24")]);
    exporting["Outputs"] = json!({ "A": { "Value": { "Ref": "A" }, "Export": { "Name": "subnet" } } });
    create(&cx, "net", &exporting).await.unwrap();
    let user = json!({ "Resources": { "Table": { "Type": "AWS::EC2::VPC", "Properties": {
        "CidrBlock": "10.9.0.0/16", "Tags": [{ "Key": "of", "Value": { "Fn::ImportValue": "subnet" } }] } } } });
    create(&cx, "user", &user).await.unwrap();
    assert_eq!(status(&cx, "user").await, "CREATE_COMPLETE");
    assert_eq!(delete(&cx, "net").await.unwrap_err().message, "Export subnet cannot be deleted as it is in use by user");
    exporting["Resources"]["A"]["Properties"]["CidrBlock"] = json!("10.0.1.0/24");
    update(&cx, "net", &exporting).await.unwrap();
    assert_eq!((status(&cx, "net").await.as_str(), blocks(&cx)), ("UPDATE_ROLLBACK_COMPLETE", vec!["10.0.0.0/24".to_owned()]));
    let imports = export::list_imports(&cx, wire::ListImportsInput { export_name: "subnet".into(), next_token: None }).await.unwrap();
    assert_eq!(imports.imports, ["user"]);
    delete(&cx, "user").await.unwrap();
    delete(&cx, "net").await.unwrap();
    assert!(cx.snapshot().vpcs.is_empty());
}

#[tokio::test]
async fn a_change_set_tells_what_it_does() {
    let cx = lab().await;
    let set = |name: &str, kind: &str, template: &Value| wire::CreateChangeSetInput {
        stack_name: "web".into(),
        change_set_name: name.into(),
        change_set_type: Some(kind.into()),
        template_body: Some(template.to_string()),
        ..Default::default()
    };
    let named =
        |name: &str| wire::DescribeChangeSetInput { change_set_name: name.into(), stack_name: Some("web".into()), ..Default::default() };
    create_change_set(&cx, set("one", "CREATE", &template(&[("A", "10.0.0.0/24")]))).await.unwrap();
    assert_eq!(status(&cx, "web").await, "REVIEW_IN_PROGRESS");
    let execute =
        |name: &str| wire::ExecuteChangeSetInput { change_set_name: name.into(), stack_name: Some("web".into()), ..Default::default() };
    execute_change_set(&cx, execute("one")).await.unwrap();
    assert_eq!(status(&cx, "web").await, "CREATE_COMPLETE");
    create_change_set(&cx, set("same", "UPDATE", &template(&[("A", "10.0.0.0/24")]))).await.unwrap();
    let same = describe_change_set(&cx, named("same")).await.unwrap();
    assert_eq!((same.status.as_deref(), same.execution_status.as_deref()), (Some("FAILED"), Some("UNAVAILABLE")));
    assert!(same.status_reason.unwrap().starts_with("The submitted information didn't contain changes."));
    assert_eq!(execute_change_set(&cx, execute("same")).await.unwrap_err().code, "InvalidChangeSetStatus");
    create_change_set(&cx, set("two", "UPDATE", &template(&[("A", "10.0.1.0/24"), ("B", "10.0.2.0/24")]))).await.unwrap();
    let two = describe_change_set(&cx, named("two")).await.unwrap();
    let shown: Vec<_> = two.changes.into_iter().filter_map(|one| one.resource_change).collect();
    let told: Vec<_> = shown
        .iter()
        .map(|one| (one.action.as_deref().unwrap(), one.logical_resource_id.as_deref().unwrap(), one.replacement.as_deref()))
        .collect();
    assert_eq!(told, [("Modify", "A", Some("True")), ("Add", "B", None)]);
    execute_change_set(&cx, execute("two")).await.unwrap();
    assert_eq!(blocks(&cx), ["10.0.1.0/24", "10.0.2.0/24"]);
    assert_eq!(describe_change_set(&cx, named("same")).await.unwrap_err().code, "ChangeSetNotFound");
}

#[tokio::test]
async fn two_hundred_resources() {
    let cx = lab().await;
    let blocks: Vec<_> = (0..=199_u8).filter(|n| *n != 66).map(|n| (format!("S{n}"), format!("10.0.{n}.0/24"))).collect();
    let subnets: Vec<_> = blocks.iter().map(|(name, cidr)| (name.as_str(), cidr.as_str())).collect();
    create(&cx, "big", &template(&subnets)).await.unwrap();
    assert_eq!((status(&cx, "big").await.as_str(), cx.snapshot().subnets.len()), ("CREATE_COMPLETE", 199));
}

#[tokio::test]
async fn a_cancelled_update_is_rolled_back() {
    let cx = lab().await;
    create(&cx, "web", &template(&[("A", "10.0.0.0/24")])).await.unwrap();
    let asked = Asked { template: template(&[("A", "10.0.1.0/24"), ("B", "10.0.2.0/24")]).to_string(), ..Asked::default() };
    let id = errors::change(&cx, |cloud, c| {
        let stack = Arc::clone(cloud.stack_named(&c.scope, "web").unwrap());
        let made = start::draft_update(cloud, &stack, &asked)?;
        start::update(cloud, c, &stack.id, made.draft.into(), Manner::default());
        Ok(stack.id.clone())
    })
    .await
    .unwrap();
    let cancel = || wire::CancelUpdateStackInput { stack_name: "web".into(), client_request_token: None };
    rollback::cancel_update_stack(&cx, cancel()).await.unwrap();
    run::resume(&cx.engine);
    cx.engine.runners().wait(&id, Duration::from_secs(20)).await;
    assert_eq!((status(&cx, "web").await.as_str(), blocks(&cx)), ("UPDATE_ROLLBACK_COMPLETE", vec!["10.0.0.0/24".to_owned()]));
    let refused = rollback::cancel_update_stack(&cx, cancel()).await.unwrap_err();
    assert_eq!(refused.message, "CancelUpdateStack cannot be called from current stack status");
}

#[tokio::test]
async fn a_rollback_that_fails_goes_on_without_what_it_is_told_to_skip() {
    let cx = lab().await;
    let with = |tag: &str, more: &[(&str, &str)]| {
        let mut made = template(more);
        made["Resources"]["Other"] =
            json!({ "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": "10.9.0.0/16", "Tags": [{ "Key": "a", "Value": tag }] } });
        made
    };
    create(&cx, "web", &with("1", &[("A", "10.0.0.0/24")])).await.unwrap();
    let mut failing = with("2", &[("A", "10.0.1.0/24"), ("Z", "192.168.0.0/24")]);
    failing["Resources"]["Z"]["DependsOn"] = json!(["A", "Other"]);
    let req = wire::UpdateStackInput {
        stack_name: "web".into(),
        template_body: Some(failing.to_string()),
        disable_rollback: Some(true),
        ..Default::default()
    };
    update_stack(&cx, req).await.unwrap();
    assert_eq!(status(&cx, "web").await, "UPDATE_FAILED");
    // Someone removes by hand what the rollback would touch.
    errors::change(&cx, |cloud, c| {
        let other = cloud.vpcs.values().find(|vpc| vpc.primary_cidr().to_string() == "10.9.0.0/16").unwrap().id.clone();
        cloud.delete_vpc(c, &other).unwrap();
        Ok(())
    })
    .await
    .unwrap();
    rollback::rollback_stack(&cx, wire::RollbackStackInput { stack_name: "web".into(), ..Default::default() }).await.unwrap();
    assert_eq!(status(&cx, "web").await, "UPDATE_ROLLBACK_FAILED");
    assert_eq!(reason(&cx, "web", "web", "UPDATE_ROLLBACK_FAILED").await, "The following resource(s) failed to update: [Other]. ");
    let go_on = |skip: &[&str]| wire::ContinueUpdateRollbackInput {
        stack_name: "web".into(),
        resources_to_skip: skip.iter().map(|name| (*name).to_owned()).collect(),
        ..Default::default()
    };
    assert!(rollback::continue_update_rollback(&cx, go_on(&["A"])).await.is_err(), "it did not fail");
    rollback::continue_update_rollback(&cx, go_on(&["Other"])).await.unwrap();
    assert_eq!((status(&cx, "web").await.as_str(), blocks(&cx)), ("UPDATE_ROLLBACK_COMPLETE", vec!["10.0.0.0/24".to_owned()]));
}

#[tokio::test]
async fn conditions_leave_out_what_others_name_and_wait_for() {
    let cx = lab().await;
    let mut made = template(&[("A", "10.0.0.0/24"), ("B", "10.0.1.0/24")]);
    made["Conditions"] = json!({ "Never": { "Fn::Equals": ["a", "b"] } });
    made["Resources"]["A"]["Condition"] = json!("Never");
    made["Resources"]["B"]["DependsOn"] = json!("A");
    create(&cx, "web", &made).await.unwrap();
    assert_eq!((status(&cx, "web").await.as_str(), blocks(&cx)), ("CREATE_COMPLETE", vec!["10.0.1.0/24".to_owned()]));
}
