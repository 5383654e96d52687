//! The control plane's HTTP service: reads a bounded body, names the request, dispatches.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Body;

use vpclab_wire::sigv4::Signature;

use crate::cloudformation::signal;
use crate::dispatch::dispatch;
use crate::engine::Engine;
use crate::s3;

/// The largest body of a request. API Gateway's imports, the largest of all, end at 6 MB.
pub const MAX_BODY: usize = 16 * 1024 * 1024;
/// The largest body of a request to Lambda, whose zips of code come in base64.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const MAX_LAMBDA_BODY: usize = 70_167_211;
/// How long a client may take to send its body.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

/// What answers the paths that are vpclab's own, not AWS's; see [`is_local`].
pub type LocalRoutes = Arc<dyn Fn(Parts, Bytes) -> Pin<Box<dyn Future<Output = Response<Full<Bytes>>> + Send>> + Send + Sync>;

/// The body of an answer: at hand, or read from disk as the client takes it.
pub type AnswerBody = UnsyncBoxBody<Bytes, std::io::Error>;

/// A body that is at hand.
#[must_use]
pub fn full(bytes: Bytes) -> AnswerBody {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

/// Whether a path is one of vpclab's own (health, reset and the like), or one by which test
/// suites written for moto's server mode or for LocalStack ask the same.
#[must_use]
pub fn is_local(path: &str) -> bool {
    ["/_vpclab/", "/moto-api/", "/_localstack/"].iter().any(|prefix| path.starts_with(prefix))
}

/// Answers one request.
pub async fn handle<B>(engine: Arc<Engine>, request: Request<B>, local: &LocalRoutes) -> Response<AnswerBody>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let request_id = request_id();
    let (parts, body) = request.into_parts();
    if parts.method == http::Method::PUT && parts.uri.path().starts_with(signal::PREFIX) {
        return signalled(engine, &parts, body, &request_id).await.map(full_of);
    }
    if !is_local(parts.uri.path()) && s3::is_s3(&parts, &engine) {
        let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
        let answer = s3::serve(engine, parts, body, &request_id).await;
        tracing::debug!(request_id, %method, path, status = answer.status().as_u16(), "answered");
        return answer;
    }
    let signature = Signature::of(&parts.headers, &parts.uri);
    let most = if signature.is_ok_and(|signature| signature.service == "lambda") { MAX_LAMBDA_BODY } else { MAX_BODY };
    let body = match read(body, most).await {
        Ok(body) => body,
        Err((status, message)) => return refuse(status, &message, &request_id).map(full_of),
    };
    if is_local(parts.uri.path()) {
        return local(parts, body).await.map(full_of);
    }
    let answer = dispatch(engine, &parts, body, &request_id).await;
    tracing::debug!(
        request_id,
        method = %parts.method,
        path = parts.uri.path(),
        status = answer.status().as_u16(),
        "answered"
    );
    answer.map(full)
}

/// Takes a signal for a wait condition.
async fn signalled<B>(engine: Arc<Engine>, parts: &Parts, body: B, request_id: &str) -> Response<Full<Bytes>>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let body = match read(body, signal::SIGNAL_MAX).await {
        Ok(body) => body,
        Err((status, message)) => return refuse(status, &message, request_id),
    };
    match signal::receive(engine, parts.uri.path(), &body, request_id).await {
        Ok(()) => Response::new(Full::default()),
        Err(error) => refuse(StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), &error.message, request_id),
    }
}

fn full_of(body: Full<Bytes>) -> AnswerBody {
    body.map_err(|never| match never {}).boxed_unsync()
}

/// The whole body, unless it is longer than that or takes too long.
///
/// # Errors
/// The status and the message of the refusal.
pub async fn read<B>(body: B, most: usize) -> Result<Bytes, (StatusCode, String)>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let collected = tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, most).collect()).await;
    match collected {
        Err(_) => Err((StatusCode::REQUEST_TIMEOUT, "the body took too long to arrive".into())),
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err((StatusCode::PAYLOAD_TOO_LARGE, format!("Request must be smaller than {most} bytes")))
        }
        Ok(Err(_)) => Err((StatusCode::BAD_REQUEST, "the body could not be read".into())),
    }
}

/// A refusal before the protocol is known; `message` is plain enough for any client to print.
fn refuse(status: StatusCode, message: &str, request_id: &str) -> Response<Full<Bytes>> {
    let body = serde_json::json!({ "message": message }).to_string();
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", value);
    }
    answer
}

/// A random id in the form of AWS's request ids (a UUID of version 4).
#[must_use]
pub fn request_id() -> String {
    let mut bytes = [0u8; 16];
    // The id only names the request in logs: should the kernel give no randomness, zeros do.
    let _ = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty());
    let random = u128::from_be_bytes(bytes);
    let versioned = (random & !(0xf << 76) | (0x4 << 76)) & !(0x3 << 62) | (0x2 << 62);
    let hex = format!("{versioned:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_are_uuids() {
        let id = request_id();
        let parts: Vec<&str> = id.split('-').collect();
        assert_eq!(parts.iter().map(|p| p.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert!(parts[2].starts_with('4'), "{id}");
        assert!(parts[3].starts_with(['8', '9', 'a', 'b']), "{id}");
        assert_ne!(id, request_id());
    }

    #[tokio::test]
    async fn a_body_over_the_cap_is_413() {
        let body = Full::new(Bytes::from(vec![0; MAX_BODY + 1]));
        assert_eq!(read(body, MAX_BODY).await.unwrap_err().0, StatusCode::PAYLOAD_TOO_LARGE);
        let body = Full::new(Bytes::from(vec![0; MAX_BODY]));
        assert_eq!(read(body, MAX_BODY).await.unwrap().len(), MAX_BODY);
    }

    #[tokio::test]
    async fn a_signal_is_read_no_further_than_one_can_be_long() {
        let engine = crate::ec2::lab::Lab::new().await.engine();
        let (parts, ()) = Request::put(format!("{}ap-northeast-2/web/Handle/x", signal::PREFIX)).body(()).unwrap().into_parts();
        let long = Full::new(Bytes::from(vec![b' '; signal::SIGNAL_MAX + 1]));
        let answer = signalled(Arc::clone(&engine), &parts, long, "r").await;
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
        let fits = Full::new(Bytes::from(vec![b' '; signal::SIGNAL_MAX]));
        assert_eq!(signalled(engine, &parts, fits, "r").await.status(), StatusCode::BAD_REQUEST, "it is no JSON");
    }

    #[test]
    fn local_paths() {
        assert!(is_local("/_vpclab/health") && is_local("/moto-api/reset"));
        assert!(!is_local("/restapis") && !is_local("/"));
    }
}
