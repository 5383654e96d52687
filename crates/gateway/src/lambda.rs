//! The `AWS_PROXY` integration with a Lambda function: the event, the call, and what the answer becomes.
use crate::call::{Call, Routed, log_time};
use crate::fate::Fate;
use crate::mock::Answer;
use crate::request_id::RequestId;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use percent_encoding::percent_decode_str;
use std::sync::Arc;
use std::time::Duration;
use vpclab_api::function_policy::API_GATEWAY;
use vpclab_api::judge::{Authorization, source_arn};
use vpclab_api::lambda_proxy::{ProxyAnswer, ProxyRequest, function_of, is_added};
use vpclab_functions::{Caller, FunctionCall, FunctionFault, Invocation, Invoke};

/// A compiled Lambda proxy integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LambdaProxyView {
    /// The integration's URI, in which stage variables may stand.
    pub uri: String,
    /// How long the function may take.
    pub timeout: Duration,
}

static TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");

impl LambdaProxyView {
    /// Asks the function.
    pub(crate) async fn answer(&self, functions: Option<&Arc<dyn Invoke>>, routed: &Routed<'_>) -> Result<Answer, Fate> {
        let call = routed.call;
        let functions = functions.ok_or_else(|| Fate::NotBuilt("running functions without a daemon".to_owned()))?;
        let function = function_of(&self.uri, &routed.stage.variables)
            .ok_or_else(|| Fate::Misconfigured(format!("`{}` names no Lambda function", self.uri)))?;
        let trace_id = trace_id_of(call);
        let source_arn = source_arn(call.api, &routed.stage.name, routed.method, routed.resource_path);
        let caller = Caller { service: API_GATEWAY.to_owned(), source_arn, source_account: call.api.account.clone() };
        let payload = Bytes::from(request_event(routed, &trace_id).to_string());
        let asked = functions.invoke(FunctionCall {
            function,
            payload,
            caller,
            trace_id: Some(trace_id.clone()),
            patience: self.timeout,
            invocation: Invocation::Synchronous,
        });
        // The function is told to be answered within this time; a little more is waited for its own word that it was not.
        let answer = match tokio::time::timeout(self.timeout + Duration::from_millis(500), asked).await {
            Err(_) | Ok(Err(FunctionFault::TimedOut)) => return Err(Fate::IntegrationTimeout),
            Ok(Err(FunctionFault::TooLarge(_))) => return Err(Fate::BodyTooLarge),
            Ok(Err(fault)) => return Err(Fate::Function(fault)),
            Ok(Ok(answer)) => answer,
        };
        if answer.error.is_some() {
            let text = String::from_utf8_lossy(&answer.payload).chars().take(500).collect();
            return Err(Fate::FunctionFailed(text));
        }
        let types = &routed.stage.deployment.binary_media_types;
        let read = ProxyAnswer::read(&answer.payload, types, call.header("accept")).map_err(|why| Fate::Malformed(why.to_string()))?;
        let malformed = |what: &str| Fate::Malformed(format!("{what} is not allowed in HTTP"));
        let mut headers = Vec::with_capacity(read.headers.len() + 1);
        for (name, value) in &read.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| malformed(&format!("the header name `{name}`")))?;
            let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| malformed(&format!("the value of header `{name}`")))?;
            headers.push((name, value));
        }
        if let Ok(value) = HeaderValue::from_str(&trace_id) {
            headers.push((TRACE_ID.clone(), value));
        }
        let status = StatusCode::from_u16(read.status).map_err(|_| malformed("the status"))?;
        Ok(Answer { status, content_type: None, headers, body: read.body.into() })
    }
}

/// The trace id of a call.
pub(crate) fn trace_id_of(call: &Call<'_>) -> String {
    trace_id(call.header(TRACE_ID.as_str()), call.id, call.now)
}

/// The event of a call, with what an authorizer said of the caller.
pub(crate) fn request_event(routed: &Routed<'_>, trace_id: &str) -> serde_json::Value {
    let mut event = event(routed, trace_id);
    if let (Some(authorized), Some(context)) =
        (routed.authorized, event.get_mut("requestContext").and_then(|context| context.as_object_mut()))
    {
        context.insert("authorizer".to_owned(), authorized.shown());
    }
    event
}

/// All values of a header, named in lower case, as an event shows them: those of the gateway instead of a client's.
pub(crate) fn shown_header(routed: &Routed<'_>, name: &str) -> Vec<String> {
    if is_added(name) {
        return proxied(routed, &trace_id_of(routed.call), |request| request.shown_header(name));
    }
    routed.call.parts.headers.get_all(name).iter().filter_map(|value| Some(value.to_str().ok()?.to_owned())).collect()
}

fn event(routed: &Routed<'_>, trace_id: &str) -> serde_json::Value {
    proxied(routed, trace_id, |request| request.event())
}

fn proxied<T>(routed: &Routed<'_>, trace_id: &str, read: impl FnOnce(&ProxyRequest<'_>) -> T) -> T {
    let call = routed.call;
    let hidden = hides_authorization(routed);
    let headers = call.parts.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let headers = headers.filter(|(name, _)| !hidden || *name != header::AUTHORIZATION);
    let path = percent_decode_str(call.path).decode_utf8_lossy();
    let request = ProxyRequest {
        resource_path: routed.resource_path,
        resource_id: routed.resource_id,
        path: &path,
        method: call.method,
        headers: headers.collect(),
        query: call.query().map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
        path_parameters: routed.path_parameters.iter().map(|(name, value)| (*name, value.clone().into_owned())).collect(),
        stage_variables: Some(&routed.stage.variables),
        stage: &routed.stage.name,
        deployment_id: &routed.stage.deployment.id,
        api_id: &call.api.id,
        account: &call.api.account,
        source_ip: &call.connection.peer_ip,
        signer: routed.signer(),
        vpc: &call.endpoint.vpc,
        vpc_endpoint: &call.endpoint.id,
        request_id: &call.id.uuid(),
        extended_request_id: &call.id.gateway_id(),
        trace_id,
        request_time: &log_time(call.now),
        request_time_epoch: call.now,
        body: routed.body,
        binary_media_types: &routed.stage.deployment.binary_media_types,
    };
    read(&request)
}

/// Whether the function does not see `Authorization`: it holds a signature, or the method asks for one.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>
fn hides_authorization(routed: &Routed<'_>) -> bool {
    let signed = |text: &str| text.trim_start().get(..5).is_some_and(|begin| begin.eq_ignore_ascii_case("AWS4-"));
    *routed.authorization == Authorization::Iam || routed.call.header(header::AUTHORIZATION.as_str()).is_some_and(signed)
}

/// The client's trace id where it sent one, else a new one: `Root=1-{seconds in hex}-{24 hex digits}`.
/// Source: <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html>
fn trace_id(sent: Option<&str>, id: RequestId, now: u64) -> String {
    match sent.filter(|sent| sent.contains("Root=")) {
        Some(sent) => sent.to_owned(),
        None => {
            let digits: String = id.uuid().chars().filter(char::is_ascii_hexdigit).take(24).collect();
            format!("Root=1-{:08x}-{digits}", now / 1000)
        }
    }
}
