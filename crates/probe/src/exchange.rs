//! One request and its answer over HTTP/1.1.
use crate::{
    Call,
    stage::{HttpFailure, MAX_RESPONSE, Response},
};
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

/// Sends the request and reads the answer; the caller bounds the time.
pub(crate) async fn exchange<S>(stream: S, call: &Call) -> Result<Response, (HttpFailure, String)>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |why: &dyn std::fmt::Display| (HttpFailure::Broken, why.to_string());
    let mut request = Request::new(Full::new(Bytes::from(call.body.clone())));
    *request.method_mut() = call.method.clone();
    *request.uri_mut() = call.target.clone().into();
    *request.headers_mut() = call.headers.clone();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|why| broken(&why))?;
    let driver = Driver(tokio::spawn(async move {
        let _ended = connection.await;
    }));
    let answer = sender.send_request(request).await.map_err(|why| broken(&why))?;
    let (parts, mut body) = answer.into_parts();
    let mut bytes = Vec::new();
    let mut truncated = false;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|why| broken(&why))?.into_data() else { continue };
        let room = MAX_RESPONSE - bytes.len();
        bytes.extend(data.iter().take(room));
        if data.len() > room {
            truncated = true;
            break;
        }
    }
    drop(driver);
    let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let body = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Response { status: parts.status.as_u16(), headers: headers.collect(), body, truncated })
}

/// The task that moves a connection's bytes; it ends with the exchange.
struct Driver(tokio::task::JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}
