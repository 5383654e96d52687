//! One request: through the gates of [`vpclab_api::judge`], its body read, its integration asked, its answer written.

use crate::authorizer::Authorized;
use crate::call::{Call, Connection, Fields, Routed, text};
use crate::fate::Fate;
use crate::gateway_response::Worded;
use crate::log::{Record, shown_path};
use crate::mock::{Answer, MockFailure, MockView};
use crate::request_id::RequestId;
use crate::server::Shared;
use crate::signature::{Claim, Sent};
use crate::sink::Ended;
use crate::throttle::Throttle;
use crate::told::{Answered, ErrorText, Integrated, Told, Trail};
use crate::view::{IntegrationView, Served, View};
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Request, Response, Version};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Body;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;
use vpclab_api::identity::Signer;
use vpclab_api::judge::{self, Admitted, Authorization, Carrier, First, MethodView, Refusal, SignatureRefusal, Signed, Watch};
use vpclab_api::route::{Matched, NoRoute};
use vpclab_cloud::stage::MethodSettings;

/// 10 MB
const BODY_MAX: usize = 10_485_760;
/// Bodies up to this size need no permit.
const SMALL_BODY: u64 = 65_536;
/// How long a body may take to arrive, so that slow ones do not hold the room of others.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

static REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
static GATEWAY_ID: HeaderName = HeaderName::from_static("x-amz-apigw-id");
static ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// Milliseconds since the epoch, for the keys of policies that speak of the time.
#[expect(clippy::disallowed_methods, reason = "a request's time is when it came")]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Answers one request and writes it to the log.
pub(crate) async fn respond<B>(shared: &Shared, connection: &Connection, request: Request<B>) -> Response<Full<Bytes>>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (parts, body) = request.into_parts();
    let view = shared.view.load_full();
    let now = now();
    let id = RequestId::fresh();
    let started = Instant::now();
    let fields = Fields(&parts.headers);
    let carrier = Carrier {
        endpoint: &connection.endpoint,
        region: &connection.region,
        server_name: connection.server_name.as_deref(),
        peer: Some(&connection.peer_ip),
    };
    let asked = judge::Request::new(carrier, parts.method.as_str(), parts.uri.path(), parts.uri.query(), &fields, Some(now));
    let (api, mut response, fate) = match judge::identify(&view, &asked, &mut First).map_err(Fate::from) {
        Ok(called) => {
            let (body, signed) = authenticated(shared, &view, &asked, &parts, Incoming::Coming(body)).await;
            let signed = match &signed {
                None => Signed::Unsaid,
                Some(Ok(signer)) => Signed::By(signer),
                Some(Err(why)) => Signed::Refused(why),
            };
            let api = called.api.id.as_str();
            let call = Call::new(&parts, connection, asked.signed(signed), called, id, now);
            let (response, fate) = judged(shared, &call, body, started).await;
            (api, response, fate)
        }
        Err(fate) => ("", refused(&fate, fate.error().as_ref().map(Worded::plain)), fate),
    };
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id.uuid()) {
        headers.insert(REQUEST_ID.clone(), value);
    }
    if let Ok(value) = HeaderValue::from_str(&id.gateway_id()) {
        headers.insert(GATEWAY_ID.clone(), value);
    }
    if stays_open(&parts) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("keep-alive"));
    }
    let status = response.status().as_u16();
    let host = text(&parts.headers, &header::HOST).unwrap_or_default();
    let path = shown_path(parts.uri.path_and_query().map_or("", |p| p.as_str()));
    report(connection, id, status, host, parts.method.as_str(), &path, &fate);
    shared.log.write(Record {
        at: now,
        latency: started.elapsed(),
        id,
        endpoint: &connection.endpoint,
        peer: connection.peer,
        host,
        method: parts.method.as_str(),
        path: &path,
        api,
        status,
        fate,
    });
    response
}

/// A request's body.
enum Incoming<B> {
    /// It was not read yet.
    Coming(B),
    /// It was, or could not be.
    Read(Result<Bytes, Fate>),
}

/// Who signed a request, if it is signed. What a signature is made of includes the body, which is read for that.
async fn authenticated<B>(
    shared: &Shared,
    view: &View,
    asked: &judge::Request<'_>,
    parts: &Parts,
    body: Incoming<B>,
) -> (Incoming<B>, Option<Result<Signer, SignatureRefusal>>)
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let sent = Sent { method: &parts.method, uri: &parts.uri, headers: &parts.headers };
    let now = asked.now.unwrap_or_default();
    let found = match Claim::read(sent, asked.region, now) {
        Ok(None) => return (body, None),
        Ok(Some(claim)) => claim.signer(&view.identities, now).map(|signer| (claim, signer)),
        Err(why) => Err(why),
    };
    let (claim, signer) = match found {
        Ok(found) => found,
        Err(why) => return (body, Some(Err(why))),
    };
    match body.read(shared, parts).await {
        Ok(bytes) => {
            let verified = claim.verify(&bytes, &shared.secrets).map(|()| signer);
            (Incoming::Read(Ok(bytes)), Some(verified))
        }
        Err(fate) => (Incoming::Read(Err(fate)), None),
    }
}

impl<B> Incoming<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    async fn read(self, shared: &Shared, parts: &Parts) -> Result<Bytes, Fate> {
        match self {
            Self::Coming(body) => read(shared, parts, body).await,
            Self::Read(done) => done,
        }
    }
}

/// Answers a call of a known API and writes the logs that its stage asks for.
async fn judged<B>(shared: &Shared, call: &Call<'_>, body: Incoming<B>, started: Instant) -> (Response<Full<Bytes>>, Fate)
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let trail = Trail::default();
    let (answer, fate) = match answer(shared, call, body, &trail).await {
        Ok((answer, fate)) => (Some(answer), fate),
        Err(fate) => (None, fate),
    };
    let error = fate.error();
    // Without its stage an API has neither responses of its own nor logs.
    let Some(stage) = call.api.stages.get(call.stage) else {
        return (refused(&fate, error.as_ref().map(Worded::plain)), fate);
    };
    let route = stage.deployment.routes.route(call.method, call.path);
    let resource_path = match &route {
        Ok(route) => route.resource_path,
        Err(NoRoute::UnknownMethod { resource_path }) => resource_path,
        Err(NoRoute::UnknownResource) => "",
    };
    let routed = Routed {
        call,
        stage,
        resource_id: route.as_ref().map_or("", |route| route.resource.as_str()),
        resource_path,
        method: call.method,
        path_parameters: route.as_ref().map_or(&[], |route| route.parameters.as_slice()),
        authorization: route.as_ref().map_or(&Authorization::Open, |route| &route.method.authorization),
        body: trail.body.get().map_or(&[], |body| body),
        authorized: trail.authorized.get(),
    };
    let mut told = Told { routed, trail: &trail, error: error.as_ref().map(|error| ErrorText::of(&fate, error)), answer: None };
    let worded = error.as_ref().map(|error| stage.deployment.kept.word(&fate, error, &told));
    let (response, body) = match (answer, &worded) {
        (Some(answer), _) => {
            let body = answer.body.clone();
            (answered(answer), body)
        }
        (None, Some(worded)) => (refused(&fate, Some(worded.clone())), worded.body.clone()),
        (None, None) => (refused(&fate, None), Bytes::new()),
    };
    if let Some(sink) = shared.sink.get() {
        told.answer = Some(Answered { status: response.status().as_u16(), length: body.len(), latency: started.elapsed() });
        let headers = response.headers();
        Ended { told: &told, stage, fate: &fate, worded: worded.as_ref(), headers, body: &body }.write(&**sink);
    }
    (response, fate)
}

fn report(connection: &Connection, id: RequestId, status: u16, host: &str, method: &str, path: &str, fate: &Fate) {
    let endpoint = &*connection.endpoint;
    let peer = connection.peer;
    match fate {
        Fate::Answered { .. } => {
            tracing::debug!(request = %id.uuid(), endpoint, %peer, host, method, path, status, "answered");
        }
        Fate::NotBuilt(what) => {
            tracing::warn!(request = %id.uuid(), endpoint, %peer, host, method, path, status, what, "not built");
        }
        Fate::Misconfigured(why) => {
            tracing::warn!(request = %id.uuid(), endpoint, %peer, host, method, path, status, why, "the API cannot answer");
        }
        other => {
            tracing::info!(request = %id.uuid(), endpoint, %peer, host, method, path, status, fate = %other, "refused");
        }
    }
}

async fn answer<B>(shared: &Shared, call: &Call<'_>, body: Incoming<B>, trail: &Trail) -> Result<(Answer, Fate), Fate>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let parts = call.parts;
    // A signed request whose body cannot be read cannot be judged: that is its end, before any gate.
    let body = match body {
        Incoming::Read(Err(fate)) => return Err(fate),
        body => body,
    };
    let mut gates = Gates { throttle: &shared.throttle, api: &call.api.id, method: call.method, now: call.now, awaits_authorizer: false };
    let admitted = judge::admit(call.called(), &call.request, &mut gates)?;
    let (route, served) = (&admitted.route, &admitted.route.method.kept);
    if let Some(of_resource) = admitted.awaits_authorizer {
        let routed = routed_of(call, &admitted, &[], None);
        let authorizer = match &served.authorizer {
            Some(Ok(authorizer)) => authorizer,
            Some(Err(what)) => return Err(Fate::NotBuilt(what.clone())),
            None => return Err(Fate::AuthorizerBroken("the method names no authorizer".to_owned())),
        };
        let authorized = authorizer.admit(shared.functions.get(), &shared.authorized, &routed, of_resource).await?;
        let _first = trail.authorized.set(authorized);
        gates.awaits_authorizer = false;
        if let Some(settings) = admitted.stage.method_settings(route.resource_path, call.method)
            && !gates.within_limits(settings, &admitted.stage.name, route.resource_path)
        {
            return Err(Fate::Refused(Refusal::Throttled));
        }
    }
    let body = body.read(shared, parts).await?;
    let _first = trail.body.set(body.clone());
    let missing = call.request.missing(&served.required, &route.parameters);
    if !missing.is_empty() {
        return Err(Fate::MissingParameters(missing));
    }
    served.body.check(text(&parts.headers, &header::CONTENT_TYPE), &body)?;
    let routed = routed_of(call, &admitted, &body, trail.authorized.get());
    let fate = Fate::Answered { endpoint_statement: admitted.endpoint_statement, resource_statement: admitted.resource_statement };
    let started = Instant::now();
    let answered = match &served.integration {
        IntegrationView::Mock(mock) => simulated(mock, parts, &routed),
        IntegrationView::LambdaProxy(lambda) => lambda.answer(shared.functions.get(), &routed).await,
        IntegrationView::NotBuilt(what) => return Err(Fate::NotBuilt(what.clone())),
    };
    let status = answered.as_ref().ok().map(|answer| answer.status.as_u16());
    let _first = trail.integration.set(Integrated { status, latency: started.elapsed() });
    Ok((answered?, fate))
}

fn routed_of<'a>(
    call: &'a Call<'a>,
    admitted: &'a Admitted<'a, 'a, Served>,
    body: &'a [u8],
    authorized: Option<&'a Authorized>,
) -> Routed<'a> {
    let route = &admitted.route;
    Routed {
        call,
        stage: admitted.stage,
        resource_id: route.resource.as_str(),
        resource_path: route.resource_path,
        method: call.method,
        path_parameters: &route.parameters,
        authorization: &route.method.authorization,
        body,
        authorized,
    }
}

fn simulated(mock: &MockView, parts: &Parts, routed: &Routed<'_>) -> Result<Answer, Fate> {
    let content_type = text(&parts.headers, &header::CONTENT_TYPE);
    let accept = text(&parts.headers, &header::ACCEPT);
    mock.answer(content_type, accept, routed.body, routed).map_err(|failure| match failure {
        MockFailure::UnsupportedMediaType { content_type } => Fate::UnsupportedMediaType { content_type },
        // The service fails here, and its text stays the service's: the log says what is missing.
        MockFailure::NotBuilt(_) | MockFailure::NoStatusCode | MockFailure::NoResponse(_) | MockFailure::Parameter(_) => {
            Fate::Misconfigured(failure.to_string())
        }
    })
}

/// The gates of the gateway: the first refusal ends the walk, and limits are counted.
struct Gates<'a> {
    throttle: &'a Throttle,
    api: &'a str,
    method: &'a str,
    now: u64,
    /// Whether a Lambda authorizer is still to be asked: limits come after it, so that no stranger uses them up.
    awaits_authorizer: bool,
}

impl Watch<Served> for Gates<'_> {
    fn refused(&mut self, refusal: Refusal) -> Result<(), Refusal> {
        Err(refusal)
    }

    fn routed(&mut self, route: &Matched<'_, '_, MethodView<Served>>) {
        self.awaits_authorizer = matches!(route.method.authorization, Authorization::Custom(_));
    }

    fn within_limits(&mut self, settings: &MethodSettings, stage: &str, resource_path: &str) -> bool {
        if self.awaits_authorizer {
            return true;
        }
        let key = || format!("{}/{stage}/{resource_path}/{}", self.api, self.method);
        self.throttle.admits(settings, key, self.now)
    }
}

async fn read<B>(shared: &Shared, parts: &Parts, body: B) -> Result<Bytes, Fate>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let announced = text(&parts.headers, &header::CONTENT_LENGTH).and_then(|l| l.parse::<u64>().ok());
    if announced.is_some_and(|length| length > BODY_MAX as u64) {
        return Err(Fate::BodyTooLarge);
    }
    // Large bodies, and those of unknown length, are held by a bounded number of requests at a time.
    let _room = if announced.is_some_and(|length| length <= SMALL_BODY) {
        None
    } else {
        Some(shared.large_bodies.acquire().await.map_err(|_| Fate::BodyBroken)?)
    };
    match tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, BODY_MAX).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Fate::BodyTooLarge),
        Ok(Err(_)) | Err(_) => Err(Fate::BodyBroken),
    }
}

fn stays_open(parts: &Parts) -> bool {
    let asked = text(&parts.headers, &header::CONNECTION);
    parts.version == Version::HTTP_11 && !asked.is_some_and(|c| c.to_ascii_lowercase().contains("close"))
}

fn answered(mock: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(mock.body));
    *response.status_mut() = mock.status;
    let headers = response.headers_mut();
    if let Some(value) = mock.content_type {
        headers.insert(header::CONTENT_TYPE, value);
    }
    for (name, value) in mock.headers {
        headers.append(name, value);
    }
    response
}

/// An error, worded by the API or by nobody.
fn refused(fate: &Fate, worded: Option<Worded>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::new()));
    if let (Some(error), Some(worded)) = (fate.error(), worded) {
        *response.status_mut() = worded.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, worded.content_type);
        headers.insert(header::SERVER, HeaderValue::from_static("Server"));
        headers.insert(ERROR_TYPE.clone(), HeaderValue::from_static(error.error_type));
        for (name, value) in worded.headers {
            headers.insert(name, value);
        }
        *response.body_mut() = Full::new(worded.body);
    }
    response
}
