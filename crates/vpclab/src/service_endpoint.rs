//! Interface endpoints of AWS's services other than execute-api: TLS by the service's names, and the lab's own APIs behind it. A service
//! that the lab does not run answers so itself, by name, in the protocol of its clients.
//! Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html>
use crate::outside::nothing_local;
use bytes::Bytes;
use http::{header::AUTHORIZATION, request::Parts};
use http_body_util::Full;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
    convert::Infallible,
    net::TcpListener,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};
use tokio::{net::TcpStream, task::JoinSet};
use tokio_rustls::TlsAcceptor;
use vpclab_api::judge::SignatureRefusal;
use vpclab_cloud::VpcEndpoint;
use vpclab_gateway::{
    GatewayError, LabCa, Serving,
    signature::{Sent, verify_for},
};
use vpclab_listen::{Door, Visitor};
use vpclab_services::{
    cloudformation::signal,
    dispatch::protocol,
    ec2::vpc_endpoint::RUN,
    engine::{Engine, clock},
    http::{AnswerBody, MAX_BODY, MAX_LAMBDA_BODY, full, handle, read, request_id},
};
use vpclab_wire::{Protocol, WireError, form};

/// Connections of one interface at a time.
const CONNECTIONS: usize = 256;
/// How long a TLS handshake, or the head of a request, may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Serves the endpoints of services.
pub struct ServiceEndpoints {
    ca: Arc<LabCa>,
    /// Set once the engine runs: endpoints of the state before it are served from the start.
    engine: Arc<OnceLock<Weak<Engine>>>,
}

/// One endpoint: what its requests must be signed for.
struct Behind {
    service: String,
    region: String,
    engine: Arc<OnceLock<Weak<Engine>>>,
}

impl ServiceEndpoints {
    /// Endpoints that no engine stands behind yet.
    pub fn new(ca: Arc<LabCa>) -> Self {
        Self { ca, engine: Arc::default() }
    }

    /// Gives the engine; a second time changes nothing.
    pub fn set_engine(&self, engine: &Arc<Engine>) {
        let _kept = self.engine.set(Arc::downgrade(engine));
    }

    /// Serves one interface of an endpoint.
    ///
    /// # Errors
    /// The certificate or the listener.
    pub fn serve(&self, listener: TcpListener, endpoint: &VpcEndpoint) -> Result<Serving, GatewayError> {
        let runtime = tokio::runtime::Handle::try_current()?;
        // Only a certificate of S3 names its endpoint.
        let kept = if endpoint.service() == "s3" { endpoint.id.to_string() } else { endpoint.private_apex() };
        let tls = self.ca.server_config(&kept, &endpoint.certificate_names())?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let (service, region) = (endpoint.service().to_owned(), endpoint.scope.region.to_string());
        let behind = Behind { service, region, engine: Arc::clone(&self.engine) };
        Ok(Serving::of(runtime.spawn(accept(listener, TlsAcceptor::from(tls), Arc::new(behind))), address))
    }
}

/// What a service's requests are signed for, where that is not what its endpoint is called.
fn signed_for(service: &str) -> &str {
    match service {
        "ecr.api" => "ecr",
        other => other,
    }
}

async fn accept(listener: tokio::net::TcpListener, tls: TlsAcceptor, behind: Arc<Behind>) {
    let door = Door::new(listener, CONNECTIONS);
    let mut connections = JoinSet::new();
    while let Some(Visitor { stream, place, .. }) = door.next().await {
        while connections.try_join_next().is_some() {}
        let (tls, behind) = (tls.clone(), Arc::clone(&behind));
        connections.spawn(async move {
            let _place = place;
            serve(stream, tls, behind).await;
        });
    }
}

async fn serve(stream: TcpStream, tls: TlsAcceptor, behind: Arc<Behind>) {
    let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, tls.accept(stream)).await else { return };
    let service = hyper::service::service_fn(move |request| {
        let behind = Arc::clone(&behind);
        async move { Ok::<_, Infallible>(behind.answer(request).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(why) = served {
        tracing::debug!(%why, "a connection to a service's endpoint ended badly");
    }
}

impl Behind {
    async fn answer(&self, request: http::Request<hyper::body::Incoming>) -> http::Response<AnswerBody> {
        if !RUN.contains(&self.service.as_str()) {
            let code = if request.headers().contains_key("x-amz-target") { "UnknownOperationException" } else { "UnsupportedOperation" };
            return refusal(&request, 400, code, &format!("vpclab does not serve the AWS service `{}` yet", self.service));
        }
        let Some(engine) = self.engine.get().and_then(Weak::upgrade) else {
            return refusal(&request, 503, "ServiceUnavailable", "the lab is not up yet");
        };
        let service = signed_for(&self.service);
        let (parts, body) = request.into_parts();
        if service == "s3" {
            return match self.verified(&engine, &parts, b"") {
                Ok(()) => handle(engine, http::Request::from_parts(parts, body), &nothing_local()).await,
                Err(why) => refused(why, service).map(full),
            };
        }
        let most = if service == "lambda" { MAX_LAMBDA_BODY } else { MAX_BODY };
        let body = match read(body, most).await {
            Ok(body) => body,
            Err((status, message)) => return refusal(&http::Request::from_parts(parts, ()), status.as_u16(), "InvalidRequest", &message),
        };
        if let Err(why) = self.verified(&engine, &parts, &body) {
            return refused(why, service).map(full);
        }
        if parts.uri.path().starts_with(signal::PREFIX) {
            // The handle of a wait condition is an object of S3.
            return refusal(&http::Request::from_parts(parts, ()), 404, "UnknownOperationException", "the service has no such path");
        }
        handle(engine, http::Request::from_parts(parts, Full::new(body)), &nothing_local()).await
    }

    /// That the request is signed for this service in this region, by a key that the lab gave out. S3 takes requests of nobody too, for
    /// what is public; no other service does.
    fn verified(&self, engine: &Engine, parts: &Parts, body: &[u8]) -> Result<(), Unsigned> {
        let sent = Sent { method: &parts.method, uri: &parts.uri, headers: &parts.headers };
        let now = u64::try_from(clock().0).unwrap_or(0);
        let service = signed_for(&self.service);
        let is_signed = verify_for(sent, body, (service, &self.region), now, engine.secrets()).map_err(Unsigned::Refused)?;
        let names_key = |name: &str| ["AWSAccessKeyId", "X-Amz-Credential"].iter().any(|known| name.eq_ignore_ascii_case(known));
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let asks = form::pairs(query).filter(|(name, _)| names_key(name)).map(|(name, _)| name).collect::<Vec<_>>();
        if asks.iter().any(|name| name.eq_ignore_ascii_case("AWSAccessKeyId")) {
            return Err(Unsigned::OldVersion);
        }
        let is_anonymous = asks.is_empty() && !parts.headers.contains_key(AUTHORIZATION);
        match is_signed {
            true => Ok(()),
            false if service == "s3" && is_anonymous => Ok(()),
            false if service == "s3" => Err(Unsigned::OldVersion),
            false => Err(Unsigned::Missing),
        }
    }
}

/// Why a request is not taken for one of somebody known.
#[derive(Debug, PartialEq, Eq)]
enum Unsigned {
    /// It has no signature.
    Missing,
    /// It has one that is not of version 4.
    OldVersion,
    /// It has one that is not right.
    Refused(SignatureRefusal),
}

/// What a service says of it, in its own protocol.
fn refused(why: Unsigned, service: &str) -> http::Response<Bytes> {
    let protocol = match service {
        "s3" => vpclab_wire::s3::PROTOCOL,
        other => protocol(other).unwrap_or(vpclab_wire::sts::PROTOCOL),
    };
    worded(why, protocol).into_response(protocol, &request_id())
}

/// Sources: <https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>,
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>
fn worded(why: Unsigned, protocol: Protocol) -> WireError {
    let refusal = match why {
        Unsigned::Missing => return WireError::new(403, "MissingAuthenticationToken", "Request is missing Authentication Token"),
        Unsigned::OldVersion => {
            let message = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
            return WireError::new(400, "InvalidRequest", message);
        }
        Unsigned::Refused(refusal) => refusal,
    };
    let (status, code) = match (protocol, &refusal) {
        (Protocol::Ec2, SignatureRefusal::UnknownKey | SignatureRefusal::Mismatch { .. }) => {
            return WireError::new(401, "AuthFailure", "AWS was not able to validate the provided access credentials");
        }
        (Protocol::S3, SignatureRefusal::UnknownKey) => {
            let message = "The AWS Access Key Id you provided does not exist in our records.";
            return WireError::new(403, "InvalidAccessKeyId", message);
        }
        (Protocol::S3, SignatureRefusal::Scope(_) | SignatureRefusal::Incomplete(_)) => (400, "AuthorizationHeaderMalformed"),
        (Protocol::S3, SignatureRefusal::Time(_)) => (403, "RequestTimeTooSkewed"),
        (Protocol::Json { .. }, refusal) => (400, refusal.error_type()),
        (Protocol::RestJson { .. }, refusal) => (403, refusal.error_type()),
        (_, SignatureRefusal::UnknownKey) => (403, "InvalidClientTokenId"),
        (_, SignatureRefusal::ExpiredToken) => (403, "ExpiredToken"),
        (_, SignatureRefusal::Incomplete(_)) => (400, "IncompleteSignature"),
        _ => (403, "SignatureDoesNotMatch"),
    };
    let message = match &refusal {
        SignatureRefusal::Mismatch { .. } => {
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing \
             method. Consult the service documentation for details."
                .to_owned()
        }
        other => other.message(),
    };
    WireError::new(status, code, message)
}

/// A refusal before the service is asked: in XML to those who send forms, in JSON to all others.
fn refusal<B>(request: &http::Request<B>, status: u16, code: &str, message: &str) -> http::Response<AnswerBody> {
    let content_type = request.headers().get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (body, kind) = if content_type.starts_with("application/x-www-form-urlencoded") {
        let text = message.replace('&', "&amp;").replace('<', "&lt;");
        let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{text}</Message></Error>");
        (format!("<ErrorResponse>{error}</ErrorResponse>"), "text/xml")
    } else {
        (serde_json::json!({ "__type": code, "message": message }).to_string(), "application/x-amz-json-1.1")
    };
    let mut answer = http::Response::new(full(body.into()));
    *answer.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::FORBIDDEN);
    answer.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(kind));
    if let Ok(value) = http::HeaderValue::from_str(code) {
        answer.headers_mut().insert("x-amzn-errortype", value);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_lab_runs_has_a_protocol_to_refuse_in() {
        for service in RUN.iter().copied().filter(|service| *service != "s3") {
            assert!(protocol(signed_for(service)).is_some(), "{service}");
        }
    }

    #[test]
    fn each_service_refuses_in_its_own_words() {
        let refused = |why: Unsigned, protocol| worded(why, protocol).code.into_owned();
        let wrong = || Unsigned::Refused(SignatureRefusal::Mismatch { canonical: String::new(), to_sign: String::new() });
        let unknown = || Unsigned::Refused(SignatureRefusal::UnknownKey);
        for (service, of_wrong, of_unknown) in [
            ("sts", "SignatureDoesNotMatch", "InvalidClientTokenId"),
            ("ssm", "InvalidSignatureException", "UnrecognizedClientException"),
            ("lambda", "InvalidSignatureException", "UnrecognizedClientException"),
            ("ec2", "AuthFailure", "AuthFailure"),
        ] {
            let protocol = protocol(service).unwrap();
            assert_eq!(
                (refused(wrong(), protocol), refused(unknown(), protocol)),
                (of_wrong.to_owned(), of_unknown.to_owned()),
                "{service}"
            );
        }
        let s3 = vpclab_wire::s3::PROTOCOL;
        assert_eq!((refused(wrong(), s3), refused(unknown(), s3)), ("SignatureDoesNotMatch".to_owned(), "InvalidAccessKeyId".to_owned()));
    }
}
