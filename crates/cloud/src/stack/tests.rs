use super::*;
use crate::{Context, IdSource};

fn cx() -> Context {
    let scope = Scope { account: "111111111111".parse().unwrap(), region: "ap-northeast-2".parse().unwrap() };
    Context { scope, now: Timestamp(0), ids: IdSource::new(1) }
}

fn add(cloud: &mut Cloud, cx: &mut Context, name: &str, status: StackStatus) -> StackId {
    let id = StackId::fresh(&cx.scope, name, &mut cx.ids);
    let stack = Stack {
        id: id.clone(),
        name: name.into(),
        scope: cx.scope.clone(),
        created: cx.now,
        updated: None,
        deleted: (status == StackStatus::DeleteComplete).then_some(cx.now),
        status,
        reason: None,
        spec: StackSpec::default(),
        previous: None,
        outputs: vec![],
        disable_rollback: false,
        timeout_minutes: None,
        termination_protection: false,
        policy: None,
        parent: None,
        root: None,
        change_set: None,
        operation: None,
    };
    cloud.stacks.insert(id.clone(), Arc::new(stack));
    id
}

#[test]
fn a_name_finds_the_living_stack_and_an_id_any() {
    let (mut cloud, mut cx) = (Cloud::default(), cx());
    let dead = add(&mut cloud, &mut cx, "web", StackStatus::DeleteComplete);
    assert!(cloud.stack_named(&cx.scope, "web").is_none());
    let living = add(&mut cloud, &mut cx, "web", StackStatus::CreateComplete);
    add(&mut cloud, &mut cx, "web-2", StackStatus::CreateComplete);
    assert_eq!(cloud.stack_named(&cx.scope, "web").unwrap().id, living);
    assert_eq!(cloud.stack_named(&cx.scope, dead.as_str()).unwrap().id, dead);
    assert_eq!(cloud.stacks_of(&cx.scope).count(), 3);
    let other = Scope { region: "us-west-2".parse().unwrap(), ..cx.scope.clone() };
    assert!(cloud.stack_named(&other, "web").is_none() && cloud.stack_named(&other, living.as_str()).is_none());
}

#[test]
fn events_are_in_order_and_bounded() {
    let (mut cloud, mut cx) = (Cloud::default(), cx());
    let id = add(&mut cloud, &mut cx, "web", StackStatus::ReviewInProgress);
    cloud.set_stack_status(&mut cx, &id, StackStatus::CreateInProgress, Some("User Initiated"));
    cloud.set_stack_status(&mut cx, &id, StackStatus::CreateComplete, None);
    let seen: Vec<_> = cloud.events_of_stack(&id).map(|(_, event)| event.status.clone()).collect();
    assert_eq!(seen, ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]);
    assert_eq!(cloud.stacks[&id].status, StackStatus::CreateComplete);
    let last = cloud.stack_events.get(&(id.clone(), 2)).unwrap().clone();
    cloud.stack_events.insert((id.clone(), event::MAX_EVENTS), last);
    cloud.set_stack_status(&mut cx, &id, StackStatus::DeleteInProgress, None);
    assert_eq!(cloud.events_of_stack(&id).next().unwrap().0, 2, "the oldest went");
}

#[test]
fn deleted_stacks_are_forgotten_after_ninety_days() {
    let (mut cloud, mut cx) = (Cloud::default(), cx());
    let id = add(&mut cloud, &mut cx, "web", StackStatus::DeleteComplete);
    let living = add(&mut cloud, &mut cx, "web", StackStatus::CreateComplete);
    cloud.set_stack_status(&mut cx, &id, StackStatus::DeleteComplete, None);
    let scope = cx.scope.clone();
    cloud.forget_deleted_stacks(&scope, Timestamp(DELETED_SHOWN_FOR));
    assert!(cloud.stacks.contains_key(&id));
    cloud.forget_deleted_stacks(&scope, Timestamp(DELETED_SHOWN_FOR + 1));
    assert!(!cloud.stacks.contains_key(&id) && cloud.stacks.contains_key(&living));
    assert_eq!(cloud.events_of_stack(&id).count(), 0);
}
