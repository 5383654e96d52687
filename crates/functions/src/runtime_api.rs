//! The Runtime API of one environment: what a function's program asks for events and gives its answers.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, sync::Arc};
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
};
use vpclab_listen::{Door, Visitor};

/// The largest answer of a function that is waited for: 6 MB and what AWS allows beside it.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub(crate) const ANSWER_MAX: usize = 6_291_556;
/// Nothing is read further than this.
const READ_MAX: usize = 256 << 20;
/// Connections of one environment.
const CONNECTIONS: usize = 16;
const PREFIX: &str = "/2018-06-01/runtime/";

/// An event as the program gets it.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What the program said.
#[derive(Debug)]
pub(crate) enum Said {
    /// It waits for an event.
    Next,
    /// The answer to a request.
    Response { id: String, body: Bytes },
    /// An answer that is too large.
    TooLarge { id: String },
    /// It failed to answer a request.
    Error { id: String, kind: String, body: Bytes },
    /// It could not start.
    InitError { kind: String, body: Bytes },
}

/// One environment's side of the API.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) deliveries: Mutex<mpsc::Receiver<Delivery>>,
    pub(crate) said: mpsc::Sender<Said>,
}

/// Serves until the task is ended.
pub(crate) async fn serve(listener: TcpListener, api: Arc<Api>) {
    let door = Door::new(listener, CONNECTIONS);
    while let Some(Visitor { stream, place, .. }) = door.next().await {
        let api = Arc::clone(&api);
        tokio::spawn(async move {
            let _place = place;
            let service = hyper::service::service_fn(move |request| {
                let api = Arc::clone(&api);
                async move { Ok::<_, Infallible>(answer(&api, request).await) }
            });
            // The program went away, or ends the connection as it likes.
            let _ended = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(api: &Api, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().strip_prefix(PREFIX).unwrap_or_default().to_owned();
    let words: Vec<&str> = path.split('/').collect();
    let kind = || {
        let value = parts.headers.get("lambda-runtime-function-error-type").and_then(|value| value.to_str().ok());
        value.unwrap_or("Unhandled").to_owned()
    };
    match (&parts.method, words.as_slice()) {
        (&Method::GET, ["invocation", "next"]) => next(api).await,
        (&Method::POST, ["invocation", id, "response"]) => {
            if parts.headers.get("lambda-runtime-function-response-mode").is_some_and(|mode| mode == "streaming") {
                return refuse(StatusCode::BAD_REQUEST, "Runtime.Unsupported", "vpclab does not serve response streaming yet");
            }
            let id = (*id).to_owned();
            match read(body).await {
                Ok(body) => accept(api, Said::Response { id, body }).await,
                Err(true) => {
                    let text = format!("Exceeded maximum allowed payload size ({ANSWER_MAX} bytes).");
                    accept(api, Said::TooLarge { id }).await;
                    refuse(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &text)
                }
                Err(false) => refuse(StatusCode::BAD_REQUEST, "InvalidRequest", "the body could not be read"),
            }
        }
        (&Method::POST, ["invocation", id, "error"]) => {
            let id = (*id).to_owned();
            match read(body).await {
                Ok(body) => accept(api, Said::Error { id, body: described(body, &kind()), kind: kind() }).await,
                Err(_) => refuse(StatusCode::BAD_REQUEST, "InvalidRequest", "the body could not be read"),
            }
        }
        (&Method::POST, ["init", "error"]) => match read(body).await {
            Ok(body) => accept(api, Said::InitError { body: described(body, &kind()), kind: kind() }).await,
            Err(_) => refuse(StatusCode::BAD_REQUEST, "InvalidRequest", "the body could not be read"),
        },
        _ => refuse(StatusCode::NOT_FOUND, "InvalidPath", "vpclab's Runtime API has no such path"),
    }
}

async fn next(api: &Api) -> Response<Full<Bytes>> {
    if api.said.send(Said::Next).await.is_err() {
        return refuse(StatusCode::GONE, "Ending", "the environment is ending");
    }
    let Some(delivery) = api.deliveries.lock().await.recv().await else {
        return refuse(StatusCode::GONE, "Ending", "the environment is ending");
    };
    let mut answer = Response::new(Full::new(delivery.body));
    *answer.headers_mut() = delivery.headers;
    answer.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

async fn accept(api: &Api, said: Said) -> Response<Full<Bytes>> {
    if api.said.send(said).await.is_err() {
        return refuse(StatusCode::GONE, "Ending", "the environment is ending");
    }
    json(StatusCode::ACCEPTED, &serde_json::json!({ "status": "OK" }))
}

/// An error's description; programs may send none, or one that is no JSON.
fn described(body: Bytes, kind: &str) -> Bytes {
    match serde_json::from_slice::<serde_json::Value>(&body) {
        Ok(_) => body,
        Err(_) => {
            let text = String::from_utf8_lossy(&body);
            serde_json::json!({ "errorMessage": text, "errorType": kind }).to_string().into()
        }
    }
}

/// The body; `true` when it is too large.
async fn read(body: Incoming) -> Result<Bytes, bool> {
    let mut body = body;
    let (mut read, mut length) = (BytesMut::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| false)?.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length <= ANSWER_MAX {
            read.extend_from_slice(&data);
        } else {
            // A program that is cut off in its answer would end; read on, so that it hears why.
            read = BytesMut::new();
            if length > READ_MAX {
                return Err(true);
            }
        }
    }
    if length > ANSWER_MAX { Err(true) } else { Ok(read.freeze()) }
}

pub(crate) fn refuse(status: StatusCode, kind: &str, text: &str) -> Response<Full<Bytes>> {
    json(status, &serde_json::json!({ "errorMessage": text, "errorType": kind }))
}

fn json(status: StatusCode, body: &serde_json::Value) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(Bytes::from(body.to_string())));
    *answer.status_mut() = status;
    answer.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// The headers of an event.
pub(crate) fn headers(event: &crate::Event, deadline_ms: i64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let deadline = deadline_ms.to_string();
    for (name, value) in [
        ("lambda-runtime-aws-request-id", Some(&event.request_id)),
        ("lambda-runtime-deadline-ms", Some(&deadline)),
        ("lambda-runtime-invoked-function-arn", Some(&event.invoked_arn)),
        ("lambda-runtime-trace-id", event.trace_id.as_ref()),
        ("lambda-runtime-client-context", event.client_context.as_ref()),
    ] {
        // What cannot stand in a header was refused where it came in.
        if let Some(Ok(value)) = value.map(|value| HeaderValue::from_str(value)) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}
