//! Which handler answers a request: one table per service, told apart as AWS's SDKs send them.
//!
//! The service is the one of the signature's credential scope; the operation is `Action` for
//! EC2 and query services, `X-Amz-Target` for JSON services, method and path for REST services. `docs/coverage.md` is written
//! from the same tables ([`crate::coverage`]), so that it cannot promise more than is here.

pub(crate) mod apigateway;
pub(crate) mod cloudcontrol;
pub(crate) mod cloudformation;
pub(crate) mod ec2;
pub(crate) mod ecr;
pub(crate) mod iam;
pub(crate) mod lambda;
pub(crate) mod logs;
pub(crate) mod route53;
pub(crate) mod s3;
pub(crate) mod ssm;
pub(crate) mod sts;
#[cfg(test)]
mod tests;

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Response, Uri};
use vpclab_cloud::{Region, Scope};
use vpclab_wire::query::Params;
use vpclab_wire::sigv4::Signature;
use vpclab_wire::{Call, Protocol, WireError, json, rest};

use crate::caller::{self, Caller};
use crate::engine::{Engine, clock};
use crate::request::RequestContext;

/// What a handler's table entry gives back.
pub(crate) type Answer = Pin<Box<dyn Future<Output = Result<Response<Bytes>, WireError>> + Send>>;
/// Decodes, handles and encodes one operation.
pub(crate) type Handler<I> = fn(RequestContext, I) -> Answer;

/// Makes a service's table of `(Operation, Handler)` from `Operation => handler` lines. The
/// operation's name chooses the input and result types, so a handler cannot stand in the
/// wrong line.
macro_rules! table {
    ($service:ident, $input:ty, { $($operation:ident => $handler:path,)* }) => {
        /// The operations served and their handlers.
        pub(crate) const TABLE: &[(vpclab_wire::$service::Operation, $crate::dispatch::Handler<$input>)] = &[$((
            vpclab_wire::$service::Operation::$operation,
            |mut cx, input| Box::pin(async move {
                type Input = vpclab_wire::$service::call::$operation;
                let decoded = <Input as vpclab_wire::Call>::decode(&input)?;
                cx.dry_run = decoded.dry_run;
                let output = $handler(&cx, decoded.request).await?;
                $crate::dispatch::finish::<Input>(&cx, &output)
            }),
        )),*];
    };
}
pub(crate) use table;

/// The answer of a handler that succeeded.
pub(crate) fn finish<C: Call>(cx: &RequestContext, output: &C::Output) -> Result<Response<Bytes>, WireError> {
    if cx.dry_run {
        return Err(WireError::new(412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set."));
    }
    Ok(C::encode(output, &cx.request_id))
}

/// Answers a request of any service.
pub async fn dispatch(engine: Arc<Engine>, parts: &Parts, body: Bytes, request_id: &str) -> Response<Bytes> {
    let (protocol, answer) = match Signature::of(&parts.headers, &parts.uri) {
        Err(error) => (guess(parts, &body), Err(error)),
        Ok(signature) => serve(engine, parts, body, request_id, &signature).await,
    };
    answer.unwrap_or_else(|error| {
        tracing::debug!(request_id, %error, "refused");
        error.into_response(protocol, request_id)
    })
}

async fn serve(
    engine: Arc<Engine>,
    parts: &Parts,
    body: Bytes,
    request_id: &str,
    signature: &Signature,
) -> (Protocol, Result<Response<Bytes>, WireError>) {
    let service = signature.service.as_str();
    let Some(protocol) = protocol(service) else {
        return unserved_service(service, parts, &body);
    };
    let scope = match scope(signature) {
        Ok(scope) => scope,
        Err(error) => return (protocol, Err(error)),
    };
    let caller = match Caller::of(signature, &engine.snapshot(), clock(), protocol) {
        Ok(caller) => caller,
        Err(error) => return (protocol, Err(error)),
    };
    let cx = RequestContext { engine, scope, caller, request_id: request_id.to_owned(), dry_run: false };
    let answer = match service {
        "apigateway" => start(cx, apigateway::choose(parts, body)),
        "cloudcontrolapi" => start(cx, cloudcontrol::choose(parts, &body)),
        "cloudformation" => start(cx, cloudformation::choose(parts, &body)),
        "ec2" => start(cx, ec2::choose(parts, &body)),
        "ecr" => start(cx, ecr::choose(parts, &body)),
        "iam" => start(cx, iam::choose(parts, &body)),
        "lambda" => start(cx, lambda::choose(parts, body)),
        "logs" => start(cx, logs::choose(parts, &body)),
        "route53" => start(cx, route53::choose(parts, body)),
        "ssm" => start(cx, ssm::choose(parts, &body)),
        _ => start(cx, sts::choose(parts, &body)),
    };
    (protocol, answer.await)
}

/// How the clients of a service speak; `None` when the service is not built.
#[must_use]
pub fn protocol(service: &str) -> Option<Protocol> {
    Some(match service {
        "apigateway" => vpclab_wire::apigateway::PROTOCOL,
        "cloudcontrolapi" => vpclab_wire::cloudcontrol::PROTOCOL,
        "cloudformation" => vpclab_wire::cloudformation::PROTOCOL,
        "ec2" => vpclab_wire::ec2::PROTOCOL,
        "ecr" => vpclab_wire::ecr::PROTOCOL,
        "iam" => vpclab_wire::iam::PROTOCOL,
        "lambda" => vpclab_wire::lambda::PROTOCOL,
        "logs" => vpclab_wire::logs::PROTOCOL,
        "route53" => vpclab_wire::route53::PROTOCOL,
        "ssm" => vpclab_wire::ssm::PROTOCOL,
        "sts" => vpclab_wire::sts::PROTOCOL,
        _ => return None,
    })
}

/// Calls the handler that was chosen.
fn start<I>(cx: RequestContext, chosen: Result<(Handler<I>, I), WireError>) -> Answer {
    match chosen {
        Ok((handler, input)) => handler(cx, input),
        Err(error) => Box::pin(std::future::ready(Err(error))),
    }
}

/// Form parameters from the body, or from the query string of a GET.
fn params(uri: &Uri, body: &[u8]) -> Result<Params, WireError> {
    let query = uri.query().unwrap_or_default().as_bytes();
    Params::from_pairs(vpclab_wire::form::pairs(query).chain(vpclab_wire::form::pairs(body)))
}

/// The account and region that the request is about.
fn scope(signature: &Signature) -> Result<Scope, WireError> {
    let account = caller::account_of_key(&signature.access_key);
    let region: Region = signature.region.parse().map_err(|_| {
        WireError::new(403, "SignatureDoesNotMatch", format!("Credential should be scoped to a valid region, not '{}'.", signature.region))
    })?;
    Ok(Scope { account, region })
}

/// The handler of a form-parameter service's action, or the refusal that names it.
fn by_action<O: Copy + PartialEq>(
    service: &str,
    table: &[(O, Handler<Params>)],
    operation: impl Fn(&str) -> Option<O>,
    unserved: &[&str],
    (protocol, version): (Protocol, &str),
    (parts, body): (&Parts, &[u8]),
) -> Result<(Handler<Params>, Params), WireError> {
    let params = params(&parts.uri, body)?;
    let action = params.action();
    if action.is_empty() {
        return Err(WireError::new(400, "MissingAction", "The request must contain the parameter Action"));
    }
    let operation = operation(action);
    match operation.and_then(|wanted| handler(table, wanted)) {
        Some(_) if params.version() != version => Err(WireError::new(
            400,
            "NoSuchVersion",
            format!("The requested version ({}) of service {service} does not exist; vpclab serves {version}", params.version()),
        )),
        Some(handler) => Ok((handler, params)),
        None if operation.is_some() || unserved.binary_search(&action).is_ok() => Err(protocol.unserved_operation(service, action)),
        None => Err(WireError::new(400, "InvalidAction", format!("The action {action} is not valid for this web service."))),
    }
}

/// The handler of the operation in `X-Amz-Target`, or the refusal that names it.
fn by_target<O: Copy + PartialEq>(
    service: &str,
    table: &[(O, Handler<json::Request>)],
    operation: impl Fn(&str) -> Option<O>,
    unserved: &[&str],
    (protocol, prefix): (Protocol, &str),
    (parts, body): (&Parts, &[u8]),
) -> Result<(Handler<json::Request>, json::Request), WireError> {
    let Some(target) = json::target(&parts.headers, prefix) else {
        let message = format!("{service} is asked by the header X-Amz-Target: {prefix}.<operation>");
        return Err(WireError::new(400, "UnknownOperationException", message));
    };
    let operation = operation(target);
    match operation.and_then(|wanted| handler(table, wanted)) {
        Some(handler) => Ok((handler, json::Request::parse(body)?)),
        None if operation.is_some() || unserved.binary_search(&target).is_ok() => Err(protocol.unserved_operation(service, target)),
        None => Err(WireError::new(400, "UnknownOperationException", format!("{service} has no operation {target}"))),
    }
}

fn handler<O: Copy + PartialEq, I>(table: &[(O, Handler<I>)], wanted: O) -> Option<Handler<I>> {
    table.iter().find(|(known, _)| *known == wanted).map(|(_, handler)| *handler)
}

/// The protocol to refuse in when the service is unknown: that which the request looks like.
fn guess(parts: &Parts, body: &[u8]) -> Protocol {
    if parts.headers.contains_key("x-amz-target") {
        return Protocol::Json { version: "1.1", invalid: "ValidationException" };
    }
    match params(&parts.uri, body) {
        Ok(params) if params.version() == vpclab_wire::ec2::VERSION => Protocol::Ec2,
        Ok(params) if !params.action().is_empty() => vpclab_wire::sts::PROTOCOL,
        _ => vpclab_wire::apigateway::PROTOCOL,
    }
}

/// A service that is not built, named with what was asked of it.
fn unserved_service(service: &str, parts: &Parts, body: &[u8]) -> (Protocol, Result<Response<Bytes>, WireError>) {
    let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let action = params(&parts.uri, body).unwrap_or_default().action().to_owned();
    let (code, asked) = match target {
        Some(target) => ("UnknownOperationException", target.to_owned()),
        None if !action.is_empty() => ("UnsupportedOperation", action),
        None => ("UnsupportedOperation", format!("{} {}", parts.method, parts.uri.path())),
    };
    let protocol = match service {
        // Services of the REST-XML protocol, whose clients read the query services' errors.
        "s3express" | "cloudfront" => vpclab_wire::sts::PROTOCOL,
        _ => guess(parts, body),
    };
    let message = format!("vpclab does not serve the AWS service `{service}` yet (asked: {asked})");
    (protocol, Err(WireError::new(400, code, message)))
}

/// The handler of a REST service's method and path, or the refusal that names it.
fn by_route<O: Copy + PartialEq>(
    service: &str,
    table: &[(O, Handler<rest::Request>)],
    operation: impl Fn(&str) -> Option<O>,
    (protocol, routes): (Protocol, &[rest::Route]),
    (parts, body): (&Parts, Bytes),
) -> Result<(Handler<rest::Request>, rest::Request), WireError> {
    let Some(matched) = rest::route(routes, parts.method.as_str(), &parts.uri, &parts.headers) else {
        let asked = format!("{} {}", parts.method, parts.uri.path());
        let message = format!("{service} has no operation at {asked}");
        return Err(match service {
            "apigateway" if parts.uri.path().starts_with("/v2/") => {
                let message = format!("vpclab does not serve HTTP and WebSocket APIs yet: {asked}");
                WireError::new(400, "BadRequestException", message)
            }
            "apigateway" => WireError::new(403, "MissingAuthenticationTokenException", message),
            _ => WireError::new(404, "UnknownOperationException", message),
        });
    };
    match operation(matched.operation).and_then(|wanted| handler(table, wanted)) {
        Some(handler) => Ok((handler, rest::Request::new(matched, &parts.uri, parts.headers.clone(), body))),
        None => Err(protocol.unserved_operation(service, matched.operation)),
    }
}
