//! Stacks from request to end, on an engine that keeps its state in memory.
use super::change_set::{create_change_set, describe_change_set, execute_change_set};
use super::draft::{Asked, draft};
use super::event::describe_stack_events;
use super::stack::{create_stack, delete_stack, describe_stacks, rollback, update_stack};
use super::start::{self, Manner};
use super::{errors, export, run};
use crate::engine::{DataPlane, DataPlaneError, Engine, Kept};
use crate::request::RequestContext;
use serde_json::{Value, json};
use std::{future::Future, pin::Pin, sync::Arc, time::Duration};
use vpclab_cloud::{Cloud, InstanceId};
use vpclab_wire::{WireError, cloudformation as wire};

mod life;
mod nested;
mod refusals;
mod signals;
mod transforms;

/// A data plane that cannot obey a subnet of this block.
struct Plane(&'static str);

type Obeyed<'a> = Pin<Box<dyn Future<Output = Result<(), DataPlaneError>> + Send + 'a>>;

impl DataPlane for Plane {
    fn apply<'a>(&'a self, cloud: Arc<Cloud>) -> Obeyed<'a> {
        let bad = cloud.subnets.values().any(|subnet| subnet.cidr.to_string() == self.0);
        Box::pin(async move { if bad { Err(DataPlaneError("no room".to_owned())) } else { Ok(()) } })
    }
    fn console_output(&self, _: &InstanceId) -> Vec<u8> {
        Vec::new()
    }
    fn reboot<'a>(&'a self, _: &'a InstanceId, _: Arc<Cloud>) -> Obeyed<'a> {
        Box::pin(async { Ok(()) })
    }
}

/// A caller of a lab whose data plane refuses a subnet `10.0.66.0/24`.
async fn lab() -> RequestContext {
    let engine = Engine::start(Kept::in_memory().unwrap(), Arc::new(Plane("10.0.66.0/24")), true).await.unwrap();
    let scope = vpclab_cloud::Scope { account: "111111111111".parse().unwrap(), region: "ap-northeast-2".parse().unwrap() };
    RequestContext { engine, scope, caller: Default::default(), request_id: "request".into(), dry_run: false }
}

fn vpc() -> Value {
    json!({ "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": "10.0.0.0/16" } })
}

fn subnet(cidr: &str) -> Value {
    json!({ "Type": "AWS::EC2::Subnet", "Properties": { "VpcId": { "Ref": "Vpc" }, "CidrBlock": cidr } })
}

/// A VPC and subnets of these names and blocks.
fn template(subnets: &[(&str, &str)]) -> Value {
    let mut resources = json!({ "Vpc": vpc() });
    for (name, cidr) in subnets {
        resources[*name] = subnet(cidr);
    }
    json!({ "Resources": resources })
}

async fn create(cx: &RequestContext, name: &str, template: &Value) -> Result<String, WireError> {
    let req = wire::CreateStackInput { stack_name: name.into(), template_body: Some(template.to_string()), ..Default::default() };
    let made = create_stack(cx, req).await?;
    cx.engine.runners().wait(&vpclab_cloud::StackId::named(made.stack_id.as_deref().unwrap()), Duration::from_secs(20)).await;
    Ok(made.stack_id.unwrap())
}

async fn update(cx: &RequestContext, name: &str, template: &Value) -> Result<(), WireError> {
    let req = wire::UpdateStackInput { stack_name: name.into(), template_body: Some(template.to_string()), ..Default::default() };
    let made = update_stack(cx, req).await?;
    cx.engine.runners().wait(&vpclab_cloud::StackId::named(made.stack_id.as_deref().unwrap()), Duration::from_secs(20)).await;
    Ok(())
}

async fn delete(cx: &RequestContext, name: &str) -> Result<(), WireError> {
    delete_stack(cx, wire::DeleteStackInput { stack_name: name.into(), ..Default::default() }).await
}

async fn status(cx: &RequestContext, name: &str) -> String {
    let req = wire::DescribeStacksInput { stack_name: Some(name.into()), next_token: None };
    describe_stacks(cx, req).await.unwrap().stacks.remove(0).stack_status.unwrap()
}

/// The events, the oldest first: `{logical} {status}`.
async fn events(cx: &RequestContext, name: &str) -> Vec<String> {
    let req = wire::DescribeStackEventsInput { stack_name: name.into(), next_token: None };
    let found = describe_stack_events(cx, req).await.unwrap().stack_events;
    found.into_iter().rev().map(|one| format!("{} {}", one.logical_resource_id.unwrap(), one.resource_status.unwrap())).collect()
}

/// Why a resource or the stack last came to a status.
async fn reason(cx: &RequestContext, name: &str, logical: &str, status: &str) -> String {
    let req = wire::DescribeStackEventsInput { stack_name: name.into(), next_token: None };
    let found = describe_stack_events(cx, req).await.unwrap().stack_events;
    let is_it =
        |one: &wire::StackEvent| one.logical_resource_id.as_deref() == Some(logical) && one.resource_status.as_deref() == Some(status);
    found.into_iter().find(is_it).and_then(|one| one.resource_status_reason).unwrap_or_default()
}

/// The blocks of the subnets there are.
fn blocks(cx: &RequestContext) -> Vec<String> {
    let mut blocks: Vec<_> = cx.snapshot().subnets.values().map(|subnet| subnet.cidr.to_string()).collect();
    blocks.sort();
    blocks
}
