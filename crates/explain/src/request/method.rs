//! Resource and method in the deployment, who may call it, and the limits of the stage.
use super::stage::{deploy, deployed, rest_api};
use super::{Arrival, DeploymentView, Known, StageView, Trail, outcome};
use crate::walk::Walk;
use crate::{Blocker, Cause, EvidenceKind, Fix, Step, StepKind, fix::quoted};
use serde_json::json;
use vpclab_api::judge::{Authorization, MethodView, Refusal};
use vpclab_api::route::Matched;
use vpclab_cloud::stage::ALL_METHODS;

const CITES: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html";
const CITES_ACCESS: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html";
const CITES_SIGNATURE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html";
const CITES_VALIDATION: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html";
const CITES_THROTTLE: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html";

type Route<'t, 'p> = Matched<'t, 'p, MethodView<Known>>;

/// A signature that is refused, or that nothing here can check.
pub(super) fn write_signature(walk: &mut Walk<'_>, at: &Arrival<'_>, trail: &Trail) {
    let step = |summary: String| {
        Step::new(StepKind::Authorization, summary, CITES_SIGNATURE).with(EvidenceKind::Header, "authorization", "AWS Signature Version 4")
    };
    for refusal in &trail.refused {
        match refusal {
            Refusal::UnknownSignature => {
                walk.unknown(step("the request is signed, and whose signature it is was not said".to_owned()), "whose signature it is");
            }
            Refusal::Signature(why) => {
                let step = step(format!("the signature is refused: {why}"));
                let blocker = Blocker::of(&step, Cause::SignatureRefused, why.to_string());
                let fix = signed_anew(walk, at);
                // The stage's own words for it are its deployment's.
                let stage = at.called.api.stages.get(at.request.stage);
                let seen = outcome::of(refusal, stage.map(|stage| &*stage.deployment));
                walk.block(step, seen, fix.into_iter().fold(blocker, Blocker::mended_by));
            }
            _ => {}
        }
    }
}

/// Resource and method. Answers the route: of the deployment, else of the API as it stands.
pub(super) fn write<'t, 'p>(
    walk: &mut Walk<'_>,
    at: &Arrival<'p>,
    stage: &StageView,
    trail: &Trail,
    route: Option<Route<'t, 'p>>,
    live: Option<&'t DeploymentView>,
) -> Option<Route<'t, 'p>> {
    let (api, request) = (at.called.api, &at.request);
    let step = |summary: String| {
        Step::new(StepKind::Method, summary, CITES).with(EvidenceKind::RestApi, &api.id, "").with(
            EvidenceKind::Deployment,
            &stage.deployment.id,
            "",
        )
    };
    if let Some(route) = route {
        let summary = format!("{} {} by {} {}", request.method, request.path, route.method_name, route.resource_path);
        let method = format!("{}/{}{}", api.id, route.method_name, route.resource_path);
        walk.pass(step(summary).with(EvidenceKind::Resource, route.resource, route.resource_path).with(EvidenceKind::Method, method, ""));
        return Some(route);
    }
    let refusal = trail.find(|refusal| match refusal {
        Refusal::UnknownResource | Refusal::UnknownMethod { .. } => Some(refusal),
        _ => None,
    })?;
    let wanted = format!("{} {}", request.method, request.path);
    let step = step(format!("{wanted}: {refusal}"));
    let live = live.and_then(|live| live.routes.route(request.method, request.path).ok());
    let seen = outcome::of(refusal, Some(&stage.deployment));
    let stored = rest_api(walk.judge.cloud(), api).cloned();
    let blocker = match (&live, refusal) {
        (Some(route), _) => {
            let detail = format!("the API has {} {}, and the deployment of {} has not", route.method_name, route.resource_path, stage.name);
            let blocker = Blocker::of(&step, Cause::MethodNotDeployed, detail);
            match stored {
                Some(stored) => {
                    let summary = format!("deploy the API {} as it stands now to {}", stored.id, stage.name);
                    blocker.mended_by(deployed(&stored, &stage.name, summary))
                }
                None => blocker,
            }
        }
        (None, Refusal::UnknownMethod { resource_path }) => {
            Blocker::of(&step, Cause::MethodNotFound, format!("{resource_path} has no method {} and no ANY", request.method))
        }
        (None, _) => {
            Blocker::of(&step, Cause::ResourceNotFound, format!("no resource of the API {} has the path {}", api.id, request.path))
        }
    };
    walk.block(step, seen, blocker);
    live
}

/// What refuses before the resource policy is asked: no signature, or the signer's own policies. Answers whether it did.
pub(super) fn write_early(walk: &mut Walk<'_>, at: &Arrival<'_>, stage: &StageView, trail: &Trail) -> bool {
    let refusal = trail.find(|refusal| match refusal {
        Refusal::Unsigned | Refusal::IdentityPolicy { .. } => Some(refusal),
        _ => None,
    });
    let Some(refusal) = refusal else { return false };
    let step =
        Step::new(StepKind::Authorization, format!("AWS_IAM: {refusal}"), CITES_ACCESS).with(EvidenceKind::RestApi, &at.called.api.id, "");
    let seen = outcome::of(refusal, Some(&stage.deployment));
    match refusal {
        Refusal::IdentityPolicy { effect: vpclab_policy::DecisionEffect::Undetermined, missing, .. } => {
            walk.unknown(step, missing.join(", "));
        }
        Refusal::IdentityPolicy { caller, resource, .. } => {
            let blocker = Blocker::of(&step, Cause::IdentityPolicyRefuses, refusal.to_string());
            let fix = allowed_by_itself(at, caller, resource);
            walk.block(step, seen, fix.into_iter().fold(blocker, Blocker::mended_by));
        }
        _ => {
            let blocker =
                Blocker::of(&step, Cause::SignatureMissing, "the method's authorisation type is AWS_IAM, and the call is not signed");
            let fixes = signed_or_open(walk, at, stage);
            walk.block(step, seen, fixes.into_iter().fold(blocker, Blocker::mended_by));
        }
    }
    true
}

fn allowed_by_itself(at: &Arrival<'_>, caller: &str, resource: &str) -> Option<Fix> {
    let signer = at.request.signer()?;
    let holder = signer.role.as_ref().unwrap_or(&signer.arn);
    let name = holder.rsplit('/').next()?;
    let (kind, option) = if holder.contains(":role/") { ("role", "--role-name") } else { ("user", "--user-name") };
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource}]});
    let account = signer.account.parse().ok()?;
    let fix = Fix::new(&account, format!("let the {kind} {name} call this method")).command(format!(
        "aws iam put-{kind}-policy {option} {} --policy-name invoke-{} --policy-document {}",
        quoted(name),
        at.called.api.id,
        quoted(&document.to_string())
    ));
    Some(fix.property(if kind == "role" { "AWS::IAM::Role" } else { "AWS::IAM::User" }, caller, "Policies", document))
}

/// The call signed, with keys that the lab gave out.
fn signed_anew(walk: &Walk<'_>, at: &Arrival<'_>) -> Option<Fix> {
    let stored = rest_api(walk.judge.cloud(), at.called.api)?;
    let call = format!(
        "--aws-sigv4 'aws:amz:{}:execute-api' --user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\" {}",
        stored.scope.region,
        quoted(&walk.call.url.text)
    );
    let summary = "sign the call with keys of the lab: `aws iam create-access-key`, `aws sts assume-role`, a function's own";
    Some(Fix::new(&stored.scope.account, summary).instead(call))
}

/// Signing is the narrowest; without it everyone may call whom the resource policy allows.
fn signed_or_open(walk: &Walk<'_>, at: &Arrival<'_>, stage: &StageView) -> Vec<Fix> {
    let api = at.called.api;
    let Some(stored) = rest_api(walk.judge.cloud(), api) else { return Vec::new() };
    let (account, region) = (&stored.scope.account, &stored.scope.region);
    let mut fixes: Vec<Fix> = signed_anew(walk, at).into_iter().collect();
    let route = stage.deployment.routes.route(at.request.method, at.request.path);
    if let Ok(route) = route {
        fixes.push(
            Fix::new(account, "ask for no signature: everyone whom the resource policy allows may call")
                .command(format!(
                    "aws apigateway update-method --rest-api-id {} --resource-id {} --http-method {} --patch-operations \
                     op=replace,path=/authorizationType,value=NONE --region {region}",
                    stored.id,
                    quoted(route.resource.as_str()),
                    quoted(route.method_name)
                ))
                .command(deploy(stored, &stage.name))
                .property(
                    "AWS::ApiGateway::Method",
                    format!("{} {}", route.method_name, route.resource_path),
                    "AuthorizationType",
                    json!("NONE"),
                ),
        );
    }
    fixes
}

/// The authorisation type, an API key, and the stage's limits.
pub(super) fn write_authorization(
    walk: &mut Walk<'_>,
    at: &Arrival<'_>,
    stage: &StageView,
    trail: &Trail,
    route: &Route<'_, '_>,
    early: bool,
) {
    let step = |summary: &str| Step::new(StepKind::Authorization, summary, CITES_ACCESS).with(EvidenceKind::RestApi, &at.called.api.id, "");
    if let Some(refusal) = trail.find(|refusal| (*refusal == Refusal::Throttled).then_some(refusal)) {
        let step = Step::new(StepKind::Authorization, "the stage's limits let no request of the method pass", CITES_THROTTLE).with(
            EvidenceKind::Stage,
            format!("{}/{}", at.called.api.id, stage.name),
            "throttling",
        );
        let blocker = Blocker::of(&step, Cause::Throttled, "the burst limit of the method is 0");
        let fix = unthrottled(walk, at, stage, route);
        walk.block(step, outcome::of(refusal, Some(&stage.deployment)), fix.into_iter().fold(blocker, Blocker::mended_by));
    } else if trail.starved {
        let step = step("the rate limit of the method is 0");
        walk.warn(Blocker::of(&step, Cause::Throttled, "the rate limit of the method is 0: only a burst of requests passes"));
    }
    let said = at.request.signer().is_none() && at.request.is_signed();
    let refused = match &route.method.authorization {
        Authorization::NotBuilt(kind) => Some(format!("authorization type `{kind}`")),
        Authorization::Open | Authorization::Iam | Authorization::Custom(_) if route.method.api_key_required => {
            Some("checking API keys".to_owned())
        }
        Authorization::Open | Authorization::Iam | Authorization::Custom(_) => None,
    };
    if let Some(what) = refused {
        let refusal = Refusal::NotBuilt(what);
        let step = step(&refusal.to_string());
        let blocker = Blocker::of(&step, Cause::NotBuilt, refusal.to_string());
        walk.block(step, outcome::of(&refusal, None), blocker);
    } else if !early && !said {
        match (&route.method.authorization, at.request.signer()) {
            (Authorization::Iam, Some(signer)) => walk.pass(step(&format!("AWS_IAM: signed by {}", signer.arn))),
            (Authorization::Custom(id), _) => {
                let step = step(&format!("CUSTOM: the Lambda authorizer {id} says who may call, together with the resource policy"));
                walk.unknown(step, format!("what the Lambda authorizer {id} answers"));
            }
            _ => walk.pass(step("NONE: the resource policy alone decides")),
        }
    }
}

/// What a request validator asks for. Bodies are not known, so that where a model checks them nothing is said.
pub(super) fn write_validation(walk: &mut Walk<'_>, at: &Arrival<'_>, stage: &StageView, route: &Route<'_, '_>) {
    let kept = &route.method.kept;
    let step = |summary: String| {
        Step::new(StepKind::Method, summary, CITES_VALIDATION).with(EvidenceKind::Resource, route.resource, route.resource_path)
    };
    let missing = at.request.missing(&kept.required, &route.parameters);
    if !missing.is_empty() {
        let step = step(format!("the request validator misses {}", missing.join(", ")));
        let detail = format!("the method requires the parameters {}", missing.join(", "));
        let blocker = Blocker::of(&step, Cause::RequiredParametersMissing, detail);
        walk.block(step, outcome::missing(&missing, &stage.deployment), blocker);
    }
    let content_type = at.request.headers.text("content-type");
    if let Some(model) = vpclab_api::model::of_content_type(&kept.models, content_type) {
        walk.unknown(step(format!("the body is checked by the model {model}")), format!("whether the body is as the model {model} says"));
    }
}

/// The limit of the setting that acts, raised to the account's.
fn unthrottled(walk: &Walk<'_>, at: &Arrival<'_>, stage: &StageView, route: &Route<'_, '_>) -> Option<Fix> {
    let stored = rest_api(walk.judge.cloud(), at.called.api)?;
    let keys = [at.request.method, "ANY"].map(|method| format!("{}/{method}", route.resource_path));
    let key = keys.into_iter().find(|key| stage.settings.methods.contains_key(key)).unwrap_or_else(|| ALL_METHODS.to_owned());
    let (path, method) = key.rsplit_once('/')?;
    let patch = format!("op=replace,path=/{}/{method}/throttling/burstLimit,value=5000", path.replace('~', "~0").replace('/', "~1"));
    let line = format!(
        "aws apigateway update-stage --rest-api-id {} --stage-name {} --patch-operations {} --region {}",
        stored.id,
        quoted(&stage.name),
        quoted(&patch),
        stored.scope.region
    );
    Some(Fix::new(&stored.scope.account, format!("let requests of {key} pass")).command(line).property(
        "AWS::ApiGateway::Stage",
        &stage.name,
        "MethodSettings",
        json!([{"ResourcePath": path, "HttpMethod": method, "ThrottlingBurstLimit": 5000}]),
    ))
}
