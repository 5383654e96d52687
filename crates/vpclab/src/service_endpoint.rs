//! Interface endpoints of AWS's services other than execute-api: TLS by the service's names, and the lab's own APIs behind it. A service
//! that the lab does not run answers so itself, by name, in the protocol of its clients.
//! Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html>
use crate::outside::nothing_local;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
    convert::Infallible,
    net::TcpListener,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};
use tokio::{net::TcpStream, task::JoinSet};
use tokio_rustls::TlsAcceptor;
use vpclab_cloud::VpcEndpoint;
use vpclab_gateway::{GatewayError, LabCa, Serving};
use vpclab_listen::{Door, Visitor};
use vpclab_services::{
    engine::Engine,
    http::{AnswerBody, full, handle},
};
use vpclab_wire::sigv4::Signature;

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
        let tls = self.ca.server_config(&kept, &certificate_names(endpoint))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let behind = Behind { service: endpoint.service().to_owned(), engine: Arc::clone(&self.engine) };
        Ok(Serving::of(runtime.spawn(accept(listener, TlsAcceptor::from(tls), Arc::new(behind))), address))
    }
}

/// The names of a service's certificate: its own, and the public names of its endpoints.
fn certificate_names(endpoint: &VpcEndpoint) -> Vec<String> {
    let mut names = endpoint.private_names();
    names.push(format!("*.{}", endpoint.public_domain()));
    if endpoint.service() == "s3" {
        // `bucket.vpce-….s3.{r}.vpce.amazonaws.com` has one label more than a wildcard covers.
        names.push(format!("bucket.{}", endpoint.regional_name()));
    }
    names
}

/// What a service's requests are signed for, where that is not what its endpoint is called.
fn signed_for(service: &str) -> &str {
    match service {
        "ecr.api" => "ecr",
        "kinesis-streams" => "kinesis",
        "kinesis-firehose" => "firehose",
        "ecs-agent" | "ecs-telemetry" => "ecs",
        "email-smtp" => "ses",
        other => other.split('.').next().unwrap_or(other),
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
        let Some(engine) = self.engine.get().and_then(Weak::upgrade) else {
            return refusal(&request, 503, "ServiceUnavailable", "the lab is not up yet");
        };
        let wanted = signed_for(&self.service);
        match Signature::of(request.headers(), request.uri()) {
            Ok(signature) if signature.service == wanted => {}
            // S3 takes requests of nobody, for what is public; no other service does.
            Err(_) if wanted == "s3" => {}
            Err(_) => return refusal(&request, 403, "MissingAuthenticationToken", "Request is missing Authentication Token"),
            Ok(_) => {
                let message = format!("Credential should be scoped to correct service: '{wanted}'. ");
                return refusal(&request, 403, "InvalidSignatureException", &message);
            }
        }
        handle(engine, request, &nothing_local()).await
    }
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
    fn endpoints_and_signatures_have_names_of_their_own() {
        for (service, signed) in [("ssm", "ssm"), ("ecr.api", "ecr"), ("ecr.dkr", "ecr"), ("kinesis-streams", "kinesis")] {
            assert_eq!(signed_for(service), signed);
        }
    }
}
