//! One call over HTTP: signed, tried again when the service is busy, bounded.
use crate::interface::{self, Interface, Operation};
use crate::{Credentials, answer, request};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::legacy::{Client as HttpClient, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use vpclab_import::calls::Call;
use vpclab_wire::sigv4::SigningContext;

/// The largest answer.
const MAX_BODY: usize = 64 * 1024 * 1024;
/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a call is tried.
const TRIES: u32 = 8;
/// The first pause between two tries; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// Errors that ask for another try.
/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
const BUSY: [&str; 11] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "PriorRequestNotComplete",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "SlowDown",
];

/// Who is asked: AWS, or an endpoint of one's own.
#[derive(Clone, Debug)]
pub enum Target {
    /// The services' own hosts.
    Aws,
    /// One endpoint for all, such as `http://127.0.0.1:4566`.
    Endpoint(Uri),
}

/// Asks AWS. Cloning is cheap.
#[derive(Clone)]
pub struct Client {
    http: HttpClient<HttpsConnector<HttpConnector>, Full<Bytes>>,
    credentials: Arc<Credentials>,
    target: Arc<Target>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The service refuses.
    #[error("{operation} in {region}: {code}: {message}")]
    Refused {
        /// The operation.
        operation: &'static str,
        /// The region.
        region: String,
        /// The service's code.
        code: String,
        /// Its message.
        message: String,
    },
    /// There was no answer, or none that can be read.
    #[error("{operation} in {region}: {why}")]
    Failed {
        /// The operation.
        operation: &'static str,
        /// The region.
        region: String,
        /// How.
        why: String,
    },
    /// No certificate authority is trusted.
    #[error("the certificates that this machine trusts cannot be read: {0}")]
    Roots(String),
}

/// How one try ended.
enum Ending {
    Answer(Value),
    Refused { status: StatusCode, code: String, message: String },
    Broken(String),
}

impl Client {
    /// A client that trusts what this machine trusts, or the authorities of a file (`AWS_CA_BUNDLE`).
    ///
    /// # Errors
    /// When there is nothing to trust.
    pub fn new(credentials: Credentials, target: Target, bundle: Option<&std::path::Path>) -> Result<Self, ClientError> {
        let mut roots = rustls::RootCertStore::empty();
        let found = match bundle {
            Some(path) => rustls_native_certs::load_certs_from_paths(Some(path), None),
            None => rustls_native_certs::load_native_certs(),
        };
        let (added, _) = roots.add_parsable_certificates(found.certs);
        let needs_none = matches!(&target, Target::Endpoint(uri) if uri.scheme_str() == Some("http"));
        if added == 0 && !needs_none {
            let why = found.errors.first().map_or_else(|| "there are none".to_owned(), ToString::to_string);
            return Err(ClientError::Roots(why));
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|why| ClientError::Roots(why.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build();
        let http = HttpClient::builder(TokioExecutor::new()).build(connector);
        Ok(Self { http, credentials: Arc::new(credentials), target: Arc::new(target) })
    }

    /// Makes a call in a region; `None` when its error says that there is nothing.
    ///
    /// # Errors
    /// When the service refuses, or does not answer after several tries.
    pub async fn call(&self, call: &Call, region: &str, members: &[(&str, Value)]) -> Result<Option<Value>, ClientError> {
        let failed = |why: String| ClientError::Failed { operation: call.operation, region: region.to_owned(), why };
        let interface = interface::of(call.service).map_err(failed)?;
        let operation = interface.operations.get(call.operation).ok_or_else(|| failed("it is not described".to_owned()))?;
        let mut pause = FIRST_PAUSE;
        for tries in 1..=TRIES {
            let ending = match tokio::time::timeout(PATIENCE, self.once(interface, call, operation, region, members)).await {
                Ok(ending) => ending,
                Err(_) => Ending::Broken(format!("no answer in {} seconds", PATIENCE.as_secs())),
            };
            match ending {
                Ending::Answer(value) => return Ok(Some(value)),
                Ending::Refused { code, .. } if call.absent.contains(&code.as_str()) => return Ok(None),
                Ending::Refused { status, code, .. } if tries < TRIES && is_busy(status, &code) => {}
                Ending::Refused { code, message, .. } => {
                    return Err(ClientError::Refused { operation: call.operation, region: region.to_owned(), code, message });
                }
                Ending::Broken(why) if tries == TRIES => return Err(failed(why)),
                Ending::Broken(why) => tracing::debug!(why, call.operation, "trying again"),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(10));
        }
        Err(failed("it was tried too often".to_owned()))
    }

    async fn once(&self, interface: &Interface, call: &Call, operation: &Operation, region: &str, members: &[(&str, Value)]) -> Ending {
        let sent = match self.signed(interface, call, operation, region, members) {
            Ok(sent) => sent,
            Err(why) => return Ending::Broken(why),
        };
        let answer = match self.http.request(sent).await {
            Ok(answer) => answer,
            Err(why) => return Ending::Broken(chain(&why)),
        };
        let status = answer.status();
        let kind = answer.headers().get("x-amzn-errortype").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let body = match Limited::new(answer.into_body(), MAX_BODY).collect().await {
            Ok(body) => body.to_bytes(),
            Err(why) => return Ending::Broken(why.to_string()),
        };
        if !status.is_success() {
            let (code, message) = answer::error(interface, kind.as_deref(), &body);
            let code = if code.is_empty() { status.to_string() } else { code };
            return Ending::Refused { status, code, message };
        }
        answer::read(interface, operation, &body).map_or_else(Ending::Broken, Ending::Answer)
    }

    fn signed(
        &self,
        interface: &Interface,
        call: &Call,
        operation: &Operation,
        region: &str,
        members: &[(&str, Value)],
    ) -> Result<Request<Full<Bytes>>, String> {
        let text = |why: &dyn std::fmt::Display| why.to_string();
        let plain = request::write(interface, call.operation, operation, members);
        let is_regional = interface.global_endpoint.is_none() || interface.endpoint_prefix == "sts";
        let region = if is_regional { region } else { "us-east-1" };
        let base = match &*self.target {
            Target::Endpoint(uri) => uri.to_string().trim_end_matches('/').to_owned(),
            Target::Aws if is_regional => format!("https://{}.{region}.amazonaws.com", interface.endpoint_prefix),
            Target::Aws => format!("https://{}", interface.global_endpoint.as_deref().unwrap_or_default()),
        };
        let uri: Uri = format!("{base}{}", plain.target).parse().map_err(|why| text(&why))?;
        let method: Method = plain.method.parse().map_err(|why| text(&why))?;
        let mut headers = HeaderMap::new();
        let host = uri.authority().ok_or("the endpoint has no host")?.as_str();
        headers.insert(header::HOST, HeaderValue::from_str(host).map_err(|why| text(&why))?);
        for (name, value) in &plain.headers {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).map_err(|why| text(&why))?);
        }
        let time = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
        let at = SigningContext { region, service: &interface.signing_name, time: &time };
        self.credentials.keys.sign(&method, &uri, &mut headers, plain.body.as_bytes(), &at).map_err(|why| text(&why))?;
        let mut made = Request::new(Full::new(Bytes::from(plain.body)));
        (*made.method_mut(), *made.uri_mut(), *made.headers_mut()) = (method, uri, headers);
        Ok(made)
    }
}

fn is_busy(status: StatusCode, code: &str) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || matches!(status.as_u16(), 500 | 502 | 503 | 504) || BUSY.contains(&code)
}

/// An error with those behind it.
fn chain(why: &dyn std::error::Error) -> String {
    let mut text = why.to_string();
    let mut source = why.source();
    while let Some(why) = source {
        text.push_str(&format!(": {why}"));
        source = why.source();
    }
    text
}
