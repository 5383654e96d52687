//! `Invoke`: by clients, by other services of the lab ([`Invoker`]), and later ([`super::event`]).
use super::errors::{fault, invalid, not_run, word};
use super::event::{self, Keep};
use super::function::denied;
use super::runner::runnable;
use crate::engine::Engine;
use crate::request::RequestContext;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Weak},
};
use vpclab_api::function_policy;
use vpclab_cloud::function::{FunctionName, Resolved};
use vpclab_cloud::{Cloud, Scope};
use vpclab_functions::{Event, FunctionAnswer, FunctionCall, FunctionFault, Invocation, Invoke, Outcome};
use vpclab_policy::{CallerPrincipal, MapKeys};
use vpclab_wire::{Blob, WireError, lambda as wire};

/// The most bytes of an event that is waited for.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const PAYLOAD_MAX: usize = 6_291_456;
/// The most bytes of an event that is not.
pub const EVENT_MAX: usize = 1_048_576;
/// The most bytes of a client's context.
const CONTEXT_MAX: usize = 3583;

/// What is invoked: a function of an account and region, and the version or alias of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) scope: Scope,
    pub(super) name: String,
    pub(super) qualifier: Option<String>,
}

impl Target {
    /// `arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]`
    pub(super) fn arn(&self) -> String {
        let arn = vpclab_cloud::function::function_arn(&self.scope, &self.name);
        self.qualifier.as_ref().map_or_else(|| arn.clone(), |qualifier| format!("{arn}:{qualifier}"))
    }

    pub(super) fn resolve(&self, cloud: &Cloud, request_id: &str) -> Result<Resolved, WireError> {
        cloud.resolve_function(&self.scope, &self.name, self.qualifier.as_deref(), turn(request_id)).map_err(|why| word(&why))
    }
}

/// `Invoke`.
pub async fn invoke(cx: &RequestContext, req: wire::InvocationRequest) -> Result<wire::InvocationResponse, WireError> {
    accept(cx, req, Keep::Recorded).await
}

/// As [`invoke`], for what is asked again after the lab's end: its event is not kept.
pub(crate) async fn ask(cx: &RequestContext, req: wire::InvocationRequest) -> Result<wire::InvocationResponse, WireError> {
    accept(cx, req, Keep::Asked).await
}

async fn accept(cx: &RequestContext, req: wire::InvocationRequest, keep: Keep) -> Result<wire::InvocationResponse, WireError> {
    let name = FunctionName::parse(&req.function_name, req.qualifier.as_deref()).map_err(|why| word(&why))?;
    let scope = name.scope(&cx.scope).map_err(|why| word(&why))?;
    let target = Target { scope, name: name.name.clone(), qualifier: name.qualifier.clone() };
    let cloud = cx.snapshot();
    if target.scope != cx.scope {
        let arn = format!("arn:aws:iam::{}:root", cx.scope.account);
        let caller = CallerPrincipal::Aws { account: cx.scope.account.as_str(), arn: &arn, role: None };
        let allowed = target.resolve(&cloud, &cx.request_id).is_ok_and(|found| allows(&found, &target, caller, &MapKeys::new()));
        if !allowed {
            return Err(denied(&cx.scope, &target.scope, &name, "InvokeFunction"));
        }
    }
    let found = target.resolve(&cloud, &cx.request_id)?;
    let kind = req.invocation_type.as_deref().unwrap_or("RequestResponse");
    let payload = payload(req.payload, kind)?;
    let event = Event {
        request_id: cx.request_id.clone(),
        invoked_arn: target.arn(),
        payload,
        trace_id: Some(trace_id(&cx.request_id)),
        client_context: req.client_context.as_deref().map(client_context).transpose()?,
    };
    let tail = match req.log_type.as_deref() {
        None | Some("None") => false,
        Some("Tail") => true,
        Some(other) => return Err(not_in(other, "logType", "[None, Tail]")),
    };
    match kind {
        "RequestResponse" => {
            let outcome = run(&cx.engine, &cloud, &found, event, tail).await?;
            Ok(wire::InvocationResponse {
                status_code: Some(200),
                function_error: outcome.error.map(str::to_owned),
                log_result: outcome.tail.filter(|_| tail).map(|tail| STANDARD.encode(tail)),
                payload: Some(Blob(outcome.payload)),
                executed_version: Some(found.version),
            })
        }
        "Event" => {
            event::enqueue(&cx.engine, target, event, keep).await?;
            Ok(wire::InvocationResponse { status_code: Some(202), ..wire::InvocationResponse::default() })
        }
        "DryRun" => Ok(wire::InvocationResponse { status_code: Some(204), ..wire::InvocationResponse::default() }),
        other => Err(not_in(other, "invocationType", "[Event, RequestResponse, DryRun]")),
    }
}

/// Gives an event to the version that was found, and waits.
pub(super) async fn run(engine: &Arc<Engine>, cloud: &Cloud, found: &Resolved, event: Event, tail: bool) -> Result<Outcome, WireError> {
    let Some(runner) = engine.runner() else {
        return Err(WireError::new(500, "ServiceException", "this lab runs no functions"));
    };
    let version = Arc::new(runnable(engine, cloud, found)?);
    let own = found.function.reserved_concurrency.unwrap_or(0);
    let others = cloud.reserved_concurrency(&found.function.scope).saturating_sub(own);
    runner.functions().invoke(version, event, others, tail).await.map_err(|why| not_run(&why))
}

/// Whether the resource policy of what is invoked allows a caller.
fn allows(found: &Resolved, target: &Target, principal: CallerPrincipal<'_>, keys: &MapKeys) -> bool {
    function_policy::allows(&found.function, target.qualifier.as_deref(), &target.arn(), principal, keys)
}

/// Invokes functions for the lab's other services: the resource policy decides.
#[derive(Clone)]
pub struct Invoker(Weak<Engine>);

impl Invoker {
    /// One that knows the functions of a lab.
    #[must_use]
    pub fn new(engine: &Arc<Engine>) -> Self {
        Self(Arc::downgrade(engine))
    }

    async fn call(&self, call: FunctionCall) -> Result<FunctionAnswer, FunctionFault> {
        // Who calls may be a part of the lab: this must not keep it alive.
        let engine = self.0.upgrade().ok_or_else(|| FunctionFault::Unavailable("the lab is ending".to_owned()))?;
        let missing = || FunctionFault::NotFound(call.function.clone());
        let name = FunctionName::parse(&call.function, None).map_err(|_| missing())?;
        let (Some(account), Some(region)) = (&name.account, &name.region) else { return Err(missing()) };
        let scope = Scope { account: account.parse().map_err(|_| missing())?, region: region.parse().map_err(|_| missing())? };
        let target = Target { scope, name: name.name, qualifier: name.qualifier };
        let cloud = engine.snapshot();
        let request_id = crate::http::request_id();
        let found = target.resolve(&cloud, &request_id).map_err(fault)?;
        let keys = function_policy::source_keys(&call.caller.source_arn, &call.caller.source_account);
        if !allows(&found, &target, CallerPrincipal::Service(&call.caller.service), &keys) {
            return Err(FunctionFault::NotPermitted(call.caller.service));
        }
        let most = if call.invocation == Invocation::Event { EVENT_MAX } else { PAYLOAD_MAX };
        if call.payload.len() > most {
            return Err(FunctionFault::TooLarge(most));
        }
        let event = Event {
            request_id: request_id.clone(),
            invoked_arn: target.arn(),
            payload: call.payload,
            trace_id: call.trace_id.or_else(|| Some(trace_id(&request_id))),
            client_context: None,
        };
        if call.invocation == Invocation::Event {
            event::enqueue(&engine, target, event, Keep::Recorded).await.map_err(fault)?;
            return Ok(FunctionAnswer { request_id, payload: Bytes::new(), error: None, executed_version: found.version });
        }
        let outcome = tokio::time::timeout(call.patience, run(&engine, &cloud, &found, event, false)).await;
        let outcome = outcome.map_err(|_| FunctionFault::TimedOut)?.map_err(fault)?;
        Ok(FunctionAnswer { request_id, payload: outcome.payload, error: outcome.error, executed_version: found.version })
    }
}

impl Invoke for Invoker {
    fn invoke(&self, call: FunctionCall) -> Pin<Box<dyn Future<Output = Result<FunctionAnswer, FunctionFault>> + Send + '_>> {
        Box::pin(self.call(call))
    }
}

fn payload(payload: Option<Blob>, kind: &str) -> Result<Bytes, WireError> {
    let payload = payload.map(|payload| payload.0).filter(|payload| !payload.is_empty()).unwrap_or_else(|| Bytes::from_static(b"{}"));
    let most = if kind == "Event" { EVENT_MAX } else { PAYLOAD_MAX };
    if payload.len() > most {
        return Err(WireError::new(
            413,
            "RequestTooLargeException",
            format!("{} byte payload is too large for the {kind} invocation type (limit {most} bytes)", payload.len()),
        ));
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(&payload) {
        Ok(_) => Ok(payload),
        Err(why) => Err(WireError::new(
            400,
            "InvalidRequestContentException",
            format!("Could not parse request body into json: Could not parse payload into json: {why}"),
        )),
    }
}

fn client_context(text: &str) -> Result<String, WireError> {
    let refused = || WireError::new(400, "InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object.");
    if text.len() > CONTEXT_MAX {
        return Err(invalid(format!("Client context must be less than {CONTEXT_MAX} bytes.")));
    }
    let bytes = STANDARD.decode(text).map_err(|_| refused())?;
    // As one line: it is carried by a header.
    let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(|_| refused())?;
    if !value.is_object() {
        return Err(refused());
    }
    let line = value.to_string();
    if line.is_ascii() { Ok(line) } else { Ok(escaped(&line)) }
}

/// JSON with what is not ASCII written as `\u….`
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

fn not_in(value: &str, member: &str, legal: &str) -> WireError {
    WireError::new(
        400,
        "ValidationException",
        format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must satisfy enum value set: {legal}"
        ),
    )
}

/// Digits of a request's id, which are random.
fn digits(request_id: &str) -> String {
    request_id.chars().filter(char::is_ascii_hexdigit).collect()
}

/// A number from 0 to 999 for the weights of an alias.
fn turn(request_id: &str) -> u32 {
    let digits = digits(request_id);
    digits.get(..6).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(0) % 1000
}

/// `Root=1-…;Parent=…;Sampled=0`
fn trace_id(request_id: &str) -> String {
    let seconds = crate::engine::clock().0 / 1000;
    let digits = format!("{:0<32}", digits(request_id));
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default().to_owned();
    format!("Root=1-{seconds:08x}-{};Parent={};Sampled=0", part(8, 32), part(0, 16))
}
