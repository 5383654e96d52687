//! What a stack operation would make of the lab: the template engine runs on a shadow of the state, which nothing obeys.
use crate::report::Failure;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use vpclab_cloud::stack::StackStatus;
use vpclab_cloud::{AccountId, Region, Scope, Stack};
use vpclab_import::Snapshot;
use vpclab_services::{
    caller::Caller,
    cloudformation::{
        stack::{create_stack, update_stack},
        template::get_template_summary,
    },
    engine::{Engine, clock},
    request::RequestContext,
};
use vpclab_wire::cloudformation as wire;

/// How long the operation may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// The ends at which all that was asked for is made.
const DONE: [StackStatus; 2] = [StackStatus::CreateComplete, StackStatus::UpdateComplete];

/// What `POST /_vpclab/what-if` takes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Asked {
    /// The template's text.
    pub template: String,
    /// The stack's name.
    pub stack: String,
    /// Its account; the one that has the stack when absent.
    #[serde(default)]
    pub account: Option<AccountId>,
    /// Its region; the one that has the stack when absent.
    #[serde(default)]
    pub region: Option<Region>,
    /// Values of parameters. A stack keeps those that are not given.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
}

/// The states before and after.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WhatIf {
    /// The lab as it is.
    pub before: Snapshot,
    /// As it would be.
    pub after: Snapshot,
}

/// Tries the operation.
///
/// # Errors
/// Why it would fail, or cannot be tried.
pub async fn what_if(engine: &Engine, body: &[u8]) -> Result<WhatIf, Failure> {
    let asked: Asked = serde_json::from_slice(body).map_err(|why| Failure::new(format!("the request cannot be read: {why}")))?;
    let before = engine.snapshot();
    let named: Vec<&Stack> = (before.stacks.values().map(AsRef::as_ref))
        .filter(|stack| stack.is_living() && stack.name == asked.stack)
        .filter(|stack| asked.region.as_ref().is_none_or(|region| &stack.scope.region == region))
        .filter(|stack| asked.account.as_ref().is_none_or(|account| &stack.scope.account == account))
        .collect();
    let scope = match (named.as_slice(), &asked.region) {
        ([one], _) => one.scope.clone(),
        ([], Some(region)) => Scope { account: asked.account.clone().unwrap_or_else(AccountId::unnamed), region: region.clone() },
        ([], None) => {
            return Err(
                Failure::new(format!("there is no stack `{}`", asked.stack)).hint("a new one needs --region, and perhaps --account")
            );
        }
        _ => {
            return Err(
                Failure::new(format!("several stacks have the name `{}`", asked.stack)).hint("tell them apart by --region or --account")
            );
        }
    };
    let shadow = engine.shadow().map_err(Failure::new)?;
    let cx = RequestContext {
        engine: shadow.clone(),
        scope: scope.clone(),
        caller: Caller::default(),
        request_id: "what-if".to_owned(),
        dry_run: false,
    };
    if operate(&cx, &asked, named.first().copied()).await? {
        let made = shadow.snapshot().stack_named(&scope, &asked.stack).cloned();
        let made = made.ok_or_else(|| Failure::new("the stack was not made"))?;
        shadow.runners().wait(&made.id, PATIENCE).await;
        let ended = shadow.snapshot();
        let stack = ended.stacks.get(&made.id).ok_or_else(|| Failure::new("the stack did not stay"))?;
        if !DONE.contains(&stack.status) {
            return Err(failed(&ended, stack));
        }
    }
    let now = clock();
    Ok(WhatIf { before: Snapshot::of(&before, now, Vec::new()), after: Snapshot::of(&shadow.snapshot(), now, Vec::new()) })
}

/// Begins the operation; `false` when there is nothing to do.
async fn operate(cx: &RequestContext, asked: &Asked, stack: Option<&Stack>) -> Result<bool, Failure> {
    let kept = match stack {
        Some(stack) => kept(cx, asked, stack).await?,
        None => Vec::new(),
    };
    let named = asked.parameters.iter().map(|(key, value)| wire::Parameter {
        parameter_key: Some(key.clone()),
        parameter_value: Some(value.clone()),
        ..Default::default()
    });
    let parameters = kept.into_iter().chain(named).collect();
    let capabilities = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"].map(str::to_owned).to_vec();
    let (stack_name, template_body) = (asked.stack.clone(), Some(asked.template.clone()));
    let done = match stack {
        Some(_) => {
            let request = wire::UpdateStackInput { stack_name, template_body, parameters, capabilities, ..Default::default() };
            update_stack(cx, request).await.map(drop)
        }
        None => {
            let request = wire::CreateStackInput { stack_name, template_body, parameters, capabilities, ..Default::default() };
            create_stack(cx, request).await.map(drop)
        }
    };
    match done {
        Ok(()) => Ok(true),
        Err(why) if why.message == "No updates are to be performed." => Ok(false),
        Err(why) => Err(refused(&why.message)),
    }
}

fn refused(why: &str) -> Failure {
    Failure::new(format!("the stack operation would be refused: {why}"))
}

/// The parameters that a stack keeps: those that are not given, as far as the new template declares them.
async fn kept(cx: &RequestContext, asked: &Asked, stack: &Stack) -> Result<Vec<wire::Parameter>, Failure> {
    let request = wire::GetTemplateSummaryInput { template_body: Some(asked.template.clone()), ..Default::default() };
    let summary = get_template_summary(cx, request).await.map_err(|why| refused(&why.message))?;
    let declared: BTreeSet<&str> = summary.parameters.iter().filter_map(|declared| declared.parameter_key.as_deref()).collect();
    let kept =
        stack.spec.parameters.iter().filter(|kept| !asked.parameters.contains_key(&kept.key) && declared.contains(kept.key.as_str()));
    let previous =
        |key: &String| wire::Parameter { parameter_key: Some(key.clone()), use_previous_value: Some(true), ..Default::default() };
    Ok(kept.map(|kept| previous(&kept.key)).collect())
}

/// The first resource that failed.
fn failed(cloud: &vpclab_cloud::Cloud, stack: &Stack) -> Failure {
    let first = cloud.events_of_stack(&stack.id).map(|(_, event)| event).find(|event| event.status.ends_with("_FAILED"));
    let why = first.map(|event| format!("{}: {}", event.logical, event.reason.as_deref().unwrap_or("it failed")));
    let why = why.or_else(|| stack.reason.clone()).unwrap_or_else(|| stack.status.as_str().to_owned());
    Failure::new(format!("the stack operation would fail: {why}"))
        .hint("functions behind custom resources do not run when a change is only tried")
}
