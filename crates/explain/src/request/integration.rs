//! The integration, and whether API Gateway may call it.
use super::{Arrival, DeploymentView, Known, StageView, outcome};
use crate::walk::Walk;
use crate::{Blocker, Cause, EvidenceKind, Fix, Outcome, Step, StepKind, fix::quoted};
use serde_json::json;
use std::sync::Arc;
use vpclab_api::function_policy::{API_GATEWAY, INVOKE_FUNCTION, policy_of, source_keys};
use vpclab_api::judge::{MethodView, Refusal, source_arn};
use vpclab_api::lambda_proxy::function_of;
use vpclab_api::mock::{self, Answer};
use vpclab_api::route::Matched;
use vpclab_cloud::function::{FunctionName, function_arn};
use vpclab_cloud::gateway_response::GatewayResponseType;
use vpclab_cloud::integration::IntegrationType;
use vpclab_cloud::{Function, Scope};
use vpclab_policy::{CallerPrincipal, Request as Question};

const CITES: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html";
const CITES_PERMISSION: &str = "https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html";

type Route<'t, 'p> = Matched<'t, 'p, MethodView<Known>>;

/// A function as an integration names it.
struct Target {
    arn: String,
    scope: Scope,
    name: FunctionName,
}

/// Writes both steps.
pub(super) fn write(walk: &mut Walk<'_>, at: &Arrival<'_>, stage: &StageView, route: &Route<'_, '_>) {
    let step = |summary: String| {
        Step::new(StepKind::Integration, summary, CITES).with(EvidenceKind::Resource, route.resource, route.resource_path)
    };
    let nothing = |walk: &mut Walk<'_>, why: &str| walk.skip(StepKind::IntegrationPermission, why, CITES_PERMISSION);
    let Some(integration) = &route.method.kept.integration else {
        let step = step("the method has no integration".to_owned());
        let refusal = Refusal::NotBuilt("a method without integration".to_owned());
        let blocker =
            Blocker::of(&step, Cause::IntegrationMissing, format!("{} {} has no integration", route.method_name, route.resource_path));
        walk.block(step, outcome::of(&refusal, None), blocker);
        return nothing(walk, "there is no integration");
    };
    let kind = integration.kind.as_str();
    match integration.kind {
        IntegrationType::Mock => {
            let content_type = walk.call.header("content-type").unwrap_or("application/json");
            match mock::answer(integration, content_type) {
                Answer::Status(status) => {
                    walk.answers_with(status);
                    walk.pass(step(format!("{kind} answers {status}")));
                }
                Answer::Open => walk.pass(step(format!("{kind} answers"))),
                Answer::UnsupportedMediaType => {
                    let why =
                        format!("no request template is for `{}`, and bodies without one are refused", mock::media_type(content_type));
                    no_answer(walk, step, kind, why, unsupported(&stage.deployment));
                }
                Answer::Nothing(why) => no_answer(walk, step, kind, why, outcome::internal(&stage.deployment)),
            }
            nothing(walk, "a mock needs no permission");
        }
        IntegrationType::Http | IntegrationType::HttpProxy | IntegrationType::Aws => {
            let refusal = Refusal::NotBuilt(format!("integration type `{kind}`"));
            let step = step(refusal.to_string());
            let blocker = Blocker::of(&step, Cause::NotBuilt, refusal.to_string());
            walk.block(step, outcome::of(&refusal, None), blocker);
            nothing(walk, "the integration is not judged");
        }
        IntegrationType::AwsProxy => {
            let uri = integration.uri.as_deref().unwrap_or_default();
            let Some(target) = target(uri, stage) else {
                let step = step(format!("`{uri}` names no Lambda function"));
                let detail = format!("the integration's URI names no function once the stage variables of {} are put in", stage.name);
                let blocker = Blocker::of(&step, Cause::IntegrationMissing, detail);
                walk.block(step, outcome::internal(&stage.deployment), blocker);
                return nothing(walk, "no function is named");
            };
            let Some(function) = found(walk, &target) else {
                let step = step(format!("{} does not exist", target.arn)).with(
                    EvidenceKind::Function,
                    function_arn(&target.scope, &target.name.name),
                    &target.arn,
                );
                let blocker = Blocker::of(&step, Cause::FunctionNotFound, format!("there is no function {}", target.arn));
                walk.block(step, outcome::internal(&stage.deployment), blocker);
                return nothing(walk, "there is no function");
            };
            let step = step(format!("the function {}", target.arn)).with(
                EvidenceKind::Function,
                function_arn(&target.scope, &target.name.name),
                &target.arn,
            );
            if function.reserved_concurrency == Some(0) {
                let (account, region) = (&function.scope.account, &function.scope.region);
                let blocker = Blocker::of(&step, Cause::FunctionThrottled, "the function's reserved concurrency is 0").mended_by(
                    Fix::new(account, "let the function take calls")
                        .command(format!(
                            "aws lambda delete-function-concurrency --function-name {} --region {region}",
                            quoted(&function.name)
                        ))
                        .property("AWS::Lambda::Function", &function.name, "ReservedConcurrentExecutions", json!(null)),
                );
                walk.block(step, outcome::internal(&stage.deployment), blocker);
            } else {
                walk.pass(step);
            }
            permission(walk, at, stage, route, &target, &function);
        }
    }
}

/// A mock that gives no answer to a request without a body.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html>
fn no_answer(walk: &mut Walk<'_>, step: impl Fn(String) -> Step, kind: &str, why: String, outcome: Outcome) {
    let step = step(format!("{kind} gives no answer: {why}"));
    let blocker = Blocker::of(&step, Cause::MockGivesNoAnswer, why);
    walk.block(step, outcome, blocker);
}

fn unsupported(deployment: &DeploymentView) -> Outcome {
    let body = r#"{"message":"Unsupported Media Type"}"#;
    outcome::worded(415, "BadRequestException", body, Some(GatewayResponseType::UnsupportedMediaType), Some(deployment))
}

fn target(uri: &str, stage: &StageView) -> Option<Target> {
    let arn = function_of(uri, &stage.variables)?;
    let name = FunctionName::parse(&arn, None).ok()?;
    let scope = Scope { account: name.account.as_deref()?.parse().ok()?, region: name.region.as_deref()?.parse().ok()? };
    Some(Target { arn, scope, name })
}

fn found(walk: &Walk<'_>, target: &Target) -> Option<Arc<Function>> {
    let cloud = walk.judge.cloud();
    cloud.resolve_function(&target.scope, &target.name.name, target.name.qualifier.as_deref(), 0).ok().map(|found| found.function)
}

/// Whether the function's resource policy lets API Gateway invoke it in the name of this method.
fn permission(walk: &mut Walk<'_>, at: &Arrival<'_>, stage: &StageView, route: &Route<'_, '_>, target: &Target, function: &Function) {
    let api = at.called.api;
    let source = source_arn(api, &stage.name, at.request.method, route.resource_path);
    let keys = source_keys(&source, &api.account);
    let qualifier = target.name.qualifier.as_deref();
    let question =
        Question { principal: CallerPrincipal::Service(API_GATEWAY), action: INVOKE_FUNCTION, resource: &target.arn, keys: &keys };
    let decision = policy_of(function, qualifier).map(|policy| policy.evaluate(&question));
    let step = |summary: String| {
        Step::new(StepKind::IntegrationPermission, summary, CITES_PERMISSION).with(
            EvidenceKind::Function,
            function_arn(&target.scope, &target.name.name),
            &target.arn,
        )
    };
    if let Some(by) = decision.as_ref().filter(|decision| decision.effect.allows()).and_then(|decision| decision.deciding.first()) {
        let sid = by.sid.clone().unwrap_or_default();
        return walk.pass(step(format!("the function's policy allows {API_GATEWAY} by `{sid}`")).with(
            EvidenceKind::Statement,
            by.index,
            sid,
        ));
    }
    let step = step(format!("the function's policy does not let {API_GATEWAY} invoke it for {source}"));
    let detail = match decision {
        Some(_) => format!("no statement of the policy of {} allows {API_GATEWAY} for {source}", target.arn),
        None => format!("{} has no resource policy, so that API Gateway may not invoke it", target.arn),
    };
    let blocker = Blocker::of(&step, Cause::FunctionPermissionMissing, detail).mended_by(granted(at, stage, route, target, function));
    walk.block(step, outcome::internal(&stage.deployment), blocker);
}

/// The characters of a text that Lambda takes in a statement's id, at most 90 of them: of a method, a client may write others.
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html>
fn statement_id(text: &str) -> String {
    let kept: String = text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).take(90).collect();
    kept.trim_end_matches('-').to_owned()
}

/// `aws lambda add-permission` for this method of this stage.
fn granted(at: &Arrival<'_>, stage: &StageView, route: &Route<'_, '_>, target: &Target, function: &Function) -> Fix {
    let api = at.called.api;
    // Parameters of a path are written as stars.
    let path: Vec<&str> = route.resource_path.split('/').map(|part| if part.starts_with('{') { "*" } else { part }).collect();
    let source = source_arn(api, &stage.name, at.request.method, &path.join("/"));
    let word: String = path.join("-").chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let base = statement_id(&format!("{}-{}-{}{word}", api.id, stage.name, at.request.method));
    let policy = function.policies.get(target.name.qualifier.as_deref().unwrap_or_default());
    let taken = |sid: &str| policy.is_some_and(|policy| policy.statements.iter().any(|statement| statement.sid == sid));
    let mut statement = base.clone();
    let mut number = 2;
    while taken(&statement) && number < 1_000 {
        statement = format!("{base}-{number}");
        number += 1;
    }
    let qualifier = target.name.qualifier.as_ref().map(|qualifier| format!(" --qualifier {}", quoted(qualifier))).unwrap_or_default();
    Fix::new(
        &target.scope.account,
        format!("let API Gateway invoke {} for {} {}", target.name.name, at.request.method, route.resource_path),
    )
    .command(format!(
        "aws lambda add-permission --function-name {}{qualifier} --statement-id {statement} --action {INVOKE_FUNCTION} \
             --principal {API_GATEWAY} --source-arn {} --region {}",
        quoted(&target.name.name),
        quoted(&source),
        target.scope.region
    ))
    .property(
        "AWS::Lambda::Permission",
        format!("for {}", target.name.name),
        "",
        json!({"FunctionName": target.arn, "Action": INVOKE_FUNCTION, "Principal": API_GATEWAY, "SourceArn": source}),
    )
}
