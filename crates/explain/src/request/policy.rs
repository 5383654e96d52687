//! The two policies on a request's way: the endpoint's, and the API's as it was deployed.
use super::mend::{self, Wish};
use super::stage::{deploy, deployed, deployment, rest_api, span};
use super::{Arrival, StageView, Trail, outcome};
use crate::walk::Walk;
use crate::{Blocker, Cause, EvidenceKind, Fix, Step, StepKind, fix::quoted};
use serde_json::{Value, json};
use vpclab_api::judge::{Authorization, GateVerdict, INVOKE, PolicyGate, PolicyRefusal, Refusal, RefusalReason, Request, RequestKeys};
use vpclab_cloud::RestApi;
use vpclab_policy::{Decision, DecisionEffect, Effect, Element, ElementTrace, Outcome, Request as Question, Seen, StatementTrace};

const CITES_ENDPOINT: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-endpoint-policies.html";
const CITES_API: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html";

/// The endpoint's policy.
pub(super) fn write_endpoint(walk: &mut Walk<'_>, at: &Arrival<'_>, trail: &Trail) {
    let endpoint = &at.talking.endpoint;
    let step = |summary: String| {
        let step = Step::new(StepKind::EndpointPolicy, summary, CITES_ENDPOINT).with(EvidenceKind::VpcEndpoint, &endpoint.id, "");
        match &trail.endpoint {
            Some(decision) => decision.trace.iter().fold(step, with_statement),
            None => step,
        }
    };
    let refused = trail.find(|refusal| match refusal {
        Refusal::EndpointPolicy(policy) => Some((refusal, policy)),
        _ => None,
    });
    let Some((refusal, policy)) = refused else {
        let summary = match &trail.endpoint {
            Some(decision) => format!("{}: {}", endpoint.id, allowed(decision)),
            None => format!("{} has no policy of its own: full access", endpoint.id),
        };
        return walk.pass(step(summary));
    };
    let step = step(format!("the policy of {} {}", endpoint.id, refuses(policy)));
    if let Some(missing) = unknown(policy) {
        return walk.unknown(step, missing);
    }
    let cause = match &policy.reason {
        RefusalReason::Unreadable(_) => Cause::PolicyUnreadable,
        RefusalReason::Decision(decision) if decision.effect == DecisionEffect::ExplicitDeny => Cause::EndpointPolicyDeny,
        RefusalReason::Decision(_) | RefusalReason::NoPolicy => Cause::EndpointPolicySilent,
    };
    let mut blocker = Blocker::of(&step, cause, detail("endpoint policy", policy));
    let peer = at.talking.peer.to_string();
    let only = ("IpAddress", "aws:VpcSourceIp", format!("{peer}/32"));
    let fix = asked(at, &at.request, |question| mended(at, &at.request, question, endpoint.policy.as_deref(), (only.0, only.1, &only.2)));
    if let Some(document) = fix {
        blocker = blocker.mended_by(
            Fix::new(&endpoint.scope.account, format!("let the endpoint policy allow {} from {peer}", short(&policy.resource)))
                .command(format!(
                    "aws ec2 modify-vpc-endpoint --vpc-endpoint-id {} --policy-document {} --region {}",
                    endpoint.id,
                    quoted(&document.to_string()),
                    endpoint.scope.region
                ))
                .property("AWS::EC2::VPCEndpoint", &endpoint.id, "PolicyDocument", document),
        );
    }
    walk.block(step, outcome::of(refusal, None), blocker);
}

/// The API's resource policy, as the stage's deployment has it.
pub(super) fn write_resource(walk: &mut Walk<'_>, at: &Arrival<'_>, stage: &StageView, trail: &Trail) {
    let (api, deployment_id) = (at.called.api, &stage.deployment.id);
    let step = |summary: String| {
        let step = Step::new(StepKind::ResourcePolicy, summary, CITES_API).with(EvidenceKind::RestApi, &api.id, "").with(
            EvidenceKind::Deployment,
            deployment_id,
            "",
        );
        match &trail.api {
            Some(decision) => decision.trace.iter().fold(step, with_statement),
            None => step,
        }
    };
    let refused = trail.find(|refusal| match refusal {
        Refusal::ResourcePolicy(policy) => Some((refusal, policy)),
        _ => None,
    });
    let edit = Edit::of(walk, at, stage);
    let Some((refusal, policy)) = refused else {
        let summary = match &trail.api {
            Some(decision) if decision.effect.allows() => format!("{}: {}", api.id, allowed(decision)),
            // The authorizer's policy is weighed with it.
            Some(_) | None if awaits_authorizer(at, stage) => format!("{} is silent: the authorizer's policy decides", api.id),
            Some(_) | None => format!("{}: the caller's own policies allow it, and the resource policy does not deny", api.id),
        };
        let step = step(summary);
        if let Some(edit) = edit.filter(|edit| !edit.allows) {
            let detail = format!("{}; deployed as it stands now it would refuse this call", edit.said);
            walk.warn(Blocker::of(&step, Cause::PolicyNotDeployed, detail));
        }
        return walk.pass(step);
    };
    let step = step(format!("the resource policy of {} {}", api.id, refuses(policy)));
    if let Some(missing) = unknown(policy) {
        return walk.unknown(step, missing);
    }
    let stored = rest_api(walk.judge.cloud(), api).cloned();
    let (cause, text) = match (&edit, &policy.reason) {
        (Some(edit), _) if edit.allows => (Cause::PolicyNotDeployed, format!("{}; {}", edit.said, detail("deployed policy", policy))),
        (_, RefusalReason::Unreadable(_)) => (Cause::PolicyUnreadable, detail("resource policy", policy)),
        (_, RefusalReason::NoPolicy) => (Cause::ResourcePolicyMissing, "a private API without a resource policy lets nobody in".to_owned()),
        (_, RefusalReason::Decision(decision)) => match decision.effect {
            DecisionEffect::ExplicitDeny => (Cause::ResourcePolicyDeny, detail("resource policy", policy)),
            DecisionEffect::Allow | DecisionEffect::ImplicitDeny | DecisionEffect::Undetermined => {
                (Cause::ResourcePolicySilent, detail("resource policy", policy))
            }
        },
    };
    let mut blocker = Blocker::of(&step, cause, text);
    if let Some(stored) = stored {
        blocker.fixes.extend(match cause {
            Cause::PolicyNotDeployed => {
                Some(deployed(&stored, &stage.name, format!("deploy the API {} as it stands now to {}", stored.id, stage.name)))
            }
            _ => rewritten(at, stage, &stored, policy),
        });
    }
    walk.block(step, outcome::of(refusal, Some(&stage.deployment)), blocker);
}

/// A policy that was edited and is not deployed.
struct Edit {
    /// `edited 3 minutes after the last deployment`
    said: String,
    /// Whether it allows the call.
    allows: bool,
}

impl Edit {
    fn of(walk: &Walk<'_>, at: &Arrival<'_>, stage: &StageView) -> Option<Self> {
        let cloud = walk.judge.cloud();
        let stored = rest_api(cloud, at.called.api)?;
        let served = deployment(cloud, at.called.api, &stage.deployment)?;
        if stored.settings.policy == served.snapshot.settings.policy {
            return None;
        }
        let gate = PolicyGate::of_api(stored.settings.policy.as_deref());
        // Where another policy can allow too, silence refuses nothing.
        let seen = seen(at, stage);
        let own = seen.signer().is_some_and(|signer| signer.account == at.called.api.account);
        let either = own || awaits_authorizer(at, stage);
        let allows = asked(at, &seen, |question| match gate.ask(question) {
            GateVerdict::Pass(_) => true,
            GateVerdict::Missing => either,
            GateVerdict::Refused(refused) => either && refused.effect == DecisionEffect::ImplicitDeny,
            GateVerdict::Broken => false,
        });
        let newest = cloud.deployments_of(&stored.id).max_by_key(|deployment| deployment.created);
        let said = match (stored.policy_edited, newest) {
            (Some(edited), Some(newest)) if newest.id != served.id && newest.created >= edited => {
                format!("the policy was edited, and {} still serves the deployment {} from before", stage.name, served.id)
            }
            (Some(edited), _) if edited >= served.created => {
                format!("the policy was edited {} after the last deployment", span(served.created, edited))
            }
            _ => format!("the policy is another one than {} has deployed", stage.name),
        };
        Some(Self { said, allows })
    }
}

/// Asks what the policies of a request are asked: the endpoint's of the request itself, the API's of [`seen`].
fn asked<T>(at: &Arrival<'_>, request: &Request<'_>, ask: impl FnOnce(&Question<'_>) -> T) -> T {
    let api = at.called.api;
    let arn = request.arn(api);
    let keys = RequestKeys { request, endpoint: at.called.endpoint, region: &api.region, account: &api.account };
    ask(&Question { principal: request.principal(), action: INVOKE, resource: &arn, keys: &keys })
}

/// The request as the API's resource policy is asked about it.
fn seen<'a>(at: &Arrival<'a>, stage: &StageView) -> Request<'a> {
    let route = stage.deployment.routes.route(at.request.method, at.request.path);
    at.request.seen_by(route.as_ref().map_or(&Authorization::Open, |route| &route.method.authorization))
}

/// Whether the method that is called has a Lambda authorizer.
fn awaits_authorizer(at: &Arrival<'_>, stage: &StageView) -> bool {
    let route = stage.deployment.routes.route(at.request.method, at.request.path);
    route.is_ok_and(|route| matches!(route.method.authorization, Authorization::Custom(_)))
}

fn mended(at: &Arrival<'_>, request: &Request<'_>, question: &Question<'_>, text: Option<&str>, only: (&str, &str, &str)) -> Option<Value> {
    let peer = at.talking.peer.to_string();
    let principal = match request.signer() {
        None => json!("*"),
        Some(signer) => json!({"AWS": signer.role.as_ref().unwrap_or(&signer.arn)}),
    };
    let endpoint = at.called.endpoint;
    mend::corrected(text, &Wish { question, endpoint: &endpoint.id, vpc: &endpoint.vpc, peer: &peer, only, principal })
}

/// The policy corrected, and deployed.
fn rewritten(at: &Arrival<'_>, stage: &StageView, stored: &RestApi, refused: &PolicyRefusal) -> Option<Fix> {
    let endpoint = at.called.endpoint.id.as_str();
    let text = stored.settings.policy.as_deref();
    let request = seen(at, stage);
    let document = asked(at, &request, |question| mended(at, &request, question, text, ("StringEquals", "aws:SourceVpce", endpoint)))?;
    let patch = json!([{"op": "replace", "path": "/policy", "value": document.to_string()}]);
    let fix =
        Fix::new(&stored.scope.account, format!("let the resource policy allow {} by {endpoint}, and deploy", short(&refused.resource)))
            .command(format!(
                "aws apigateway update-rest-api --rest-api-id {} --patch-operations {} --region {}",
                stored.id,
                quoted(&patch.to_string()),
                stored.scope.region
            ))
            .command(deploy(stored, &stage.name))
            .property("AWS::ApiGateway::RestApi", &stored.id, "Policy", document);
    Some(fix)
}

/// `prod/GET/pets` of an ARN.
fn short(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).and_then(|rest| rest.split_once('/')).map_or(arn, |(_, path)| path)
}

fn name(statement: &StatementTrace) -> String {
    let at = &statement.statement;
    let word = match at.effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    match &at.sid {
        Some(sid) => format!("statement {} `{sid}` ({word})", at.index),
        None => format!("statement {} ({word})", at.index),
    }
}

fn deciders(decision: &Decision) -> Vec<&StatementTrace> {
    decision.trace.iter().filter(|trace| decision.deciding.iter().any(|at| at.index == trace.statement.index)).collect()
}

fn allowed(decision: &Decision) -> String {
    let names: Vec<String> = deciders(decision).into_iter().map(name).collect();
    format!("allowed by {}", names.join(", "))
}

fn refuses(policy: &PolicyRefusal) -> String {
    match &policy.reason {
        RefusalReason::NoPolicy => "is missing, so that nobody may call".to_owned(),
        RefusalReason::Unreadable(why) => format!("cannot be read: {why}"),
        RefusalReason::Decision(decision) => match decision.effect {
            DecisionEffect::ExplicitDeny => {
                let names: Vec<String> = deciders(decision).into_iter().map(name).collect();
                format!("denies {}: {}", short(&policy.resource), names.join(", "))
            }
            DecisionEffect::ImplicitDeny => format!("has no statement that allows {}", short(&policy.resource)),
            DecisionEffect::Undetermined => format!("may or may not allow {}", short(&policy.resource)),
            DecisionEffect::Allow => format!("allows {}", short(&policy.resource)),
        },
    }
}

fn unknown(policy: &PolicyRefusal) -> Option<String> {
    match &policy.reason {
        RefusalReason::Decision(decision) if decision.effect == DecisionEffect::Undetermined => {
            Some(format!("the value of {}", decision.missing.join(", ")))
        }
        RefusalReason::Decision(_) | RefusalReason::NoPolicy | RefusalReason::Unreadable(_) => None,
    }
}

/// What decides, with the values seen; for silence, what keeps each statement that allows from applying.
fn detail(which: &str, policy: &PolicyRefusal) -> String {
    let RefusalReason::Decision(decision) = &policy.reason else { return format!("the {which} {}", refuses(policy)) };
    let said: Vec<String> = if decision.effect == DecisionEffect::ExplicitDeny {
        deciders(decision).into_iter().map(|trace| format!("{}{}", name(trace), conditions(trace, &Outcome::Match))).collect()
    } else {
        let allows = decision.trace.iter().filter(|trace| trace.statement.effect == Effect::Allow);
        allows.map(|trace| format!("{} does not apply{}", name(trace), conditions(trace, &Outcome::NoMatch))).collect()
    };
    let verb = if decision.effect == DecisionEffect::ExplicitDeny { "denies" } else { "does not allow" };
    match said.as_slice() {
        [] => format!("the {which} {verb} {}", short(&policy.resource)),
        said => format!("the {which} {verb} {}: {}", short(&policy.resource), said.join("; ")),
    }
}

/// The elements of a statement with an outcome, in brackets.
fn conditions(trace: &StatementTrace, outcome: &Outcome) -> String {
    let told = trace.elements.iter().filter(|element| element.outcome == *outcome);
    let told: Vec<String> = match outcome {
        Outcome::Match => told.filter(|element| matches!(element.element, Element::Condition { .. })).map(words).collect(),
        Outcome::NoMatch | Outcome::Unknown { .. } => told.map(words).collect(),
    };
    if told.is_empty() { String::new() } else { format!(" [{}]", told.join("; ")) }
}

fn words(trace: &ElementTrace) -> String {
    let seen = match &trace.seen {
        Seen::Values(values) => format!("it is {}", values.join(", ")),
        Seen::Absent => "it is absent".to_owned(),
        Seen::Unknown => "it is not known".to_owned(),
    };
    let not = |negated: bool| if negated { "Not" } else { "" };
    match &trace.element {
        Element::Principal { negated, written } => format!("{}Principal {}: {seen}", not(*negated), written.join(", ")),
        Element::Action { negated, written } => format!("{}Action {}: {seen}", not(*negated), written.join(", ")),
        Element::Resource { negated, written } => format!("{}Resource {}: {seen}", not(*negated), written.join(", ")),
        Element::Condition { operator, key, written } => format!("{operator} {key} {}: {seen}", written.join(", ")),
    }
}

/// A statement with its conditions as evidence.
fn with_statement(step: Step, trace: &StatementTrace) -> Step {
    let applies = match &trace.outcome {
        Outcome::Match => "applies".to_owned(),
        Outcome::NoMatch => format!("does not apply{}", conditions(trace, &Outcome::NoMatch)),
        Outcome::Unknown { missing } => format!("hangs on {missing}"),
    };
    let step = step.with(EvidenceKind::Statement, trace.statement.index, format!("{} {applies}", name(trace)));
    let conditions = trace.elements.iter().filter_map(|element| match &element.element {
        Element::Condition { key, .. } => Some((key.clone(), element)),
        Element::Principal { .. } | Element::Action { .. } | Element::Resource { .. } => None,
    });
    conditions.fold(step, |step, (key, element)| {
        let matches = match &element.outcome {
            Outcome::Match => "matches",
            Outcome::NoMatch => "does not match",
            Outcome::Unknown { .. } => "is not known",
        };
        step.with(EvidenceKind::Condition, key, format!("{}: {matches}", words(element)))
    })
}
