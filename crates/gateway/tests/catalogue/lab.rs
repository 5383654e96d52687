//! A gateway with one private API, and a client that speaks raw HTTP over TLS to it.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use vpclab_cloud::deployment::ApiSnapshot;
use vpclab_cloud::integration::{Integration, IntegrationResponse, IntegrationType, Passthrough};
use vpclab_cloud::method::Method;
use vpclab_cloud::rest_api::{ApiSettings, EndpointType};
use vpclab_cloud::{Cloud, Deployment, DeploymentId, EndpointState, Resource, RestApi, RestApiId, Scope, Stage, Timestamp, VpcEndpoint};
use vpclab_gateway::{Gateway, LabCa, RequestEntry, Serving, View};
use vpclab_wire::sigv4::AccessKeySecrets;

pub const API: &str = "abcde12345";
pub const ENDPOINT: &str = "vpce-0123456789abcdef0";
pub const HOST: &str = "abcde12345.execute-api.us-west-2.amazonaws.com";
pub const ENDPOINT_HOST: &str = "vpce-0123456789abcdef0-abcdefgh.execute-api.us-west-2.vpce.amazonaws.com";
/// Allows everyone.
pub const OPEN: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Sid":"all","Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}]}"#;

pub struct Lab {
    pub gateway: Gateway,
    pub cloud: Cloud,
    pub serving: Option<Serving>,
    pub address: SocketAddr,
    ca_pem: String,
}

pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

pub fn secrets() -> AccessKeySecrets {
    AccessKeySecrets::of_lab(&[7; 32])
}

pub fn scope() -> Scope {
    Scope { account: "123456781234".parse().unwrap(), region: "us-west-2".parse().unwrap() }
}

/// A `MOCK` that answers 200 with a body.
pub fn mock(body: &str) -> Method {
    let response = IntegrationResponse {
        response_templates: BTreeMap::from([("application/json".into(), body.into())]),
        response_parameters: BTreeMap::from([("method.response.header.X-Lab".into(), "'yes'".into())]),
        ..IntegrationResponse::default()
    };
    Method {
        authorization_type: "NONE".into(),
        integration: Some(Integration {
            kind: IntegrationType::Mock,
            http_method: None,
            uri: None,
            passthrough: Passthrough::WhenNoTemplates,
            content_handling: None,
            timeout_millis: 29_000,
            cache_namespace: None,
            cache_key_parameters: vec![],
            request_parameters: BTreeMap::new(),
            request_templates: BTreeMap::from([("application/json".into(), "{\"statusCode\": 200}".into())]),
            responses: BTreeMap::from([("200".into(), response)]),
        }),
        ..Method::default()
    }
}

pub fn resource(id: &str, path: &str, methods: Vec<(&str, Method)>) -> Resource {
    Resource {
        api: API.parse().unwrap(),
        id: id.parse().unwrap(),
        parent: None,
        path_part: path.rsplit('/').next().unwrap_or_default().into(),
        path: path.into(),
        methods: methods.into_iter().map(|(n, m)| (n.to_owned(), m)).collect(),
    }
}

impl Lab {
    /// One endpoint, one private API with the stage `prod`, everything allowed.
    pub async fn new() -> Lab {
        let ca = Arc::new(LabCa::ephemeral().unwrap());
        let ca_pem = ca.cert_pem().to_owned();
        let gateway = Gateway::new(ca, Arc::new(secrets()));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let serving = gateway.serve(listener, &ENDPOINT.parse().unwrap(), &scope().region).unwrap();
        let address = serving.address();
        let mut lab = Lab { gateway, cloud: Cloud::default(), serving: Some(serving), address, ca_pem };
        let id: vpclab_cloud::VpcEndpointId = ENDPOINT.parse().unwrap();
        lab.cloud.vpc_endpoints.insert(
            id.clone(),
            Arc::new(VpcEndpoint {
                id,
                scope: scope(),
                vpc: "vpc-0123456789abcdef0".parse().unwrap(),
                service_name: "com.amazonaws.us-west-2.execute-api".into(),
                interfaces: BTreeMap::new(),
                security_groups: BTreeSet::new(),
                policy: None,
                private_dns_enabled: true,
                dns_suffix: "abcdefgh".into(),
                state: EndpointState::Available,
                created: Timestamp(0),
                client_token: None,
                tags: BTreeMap::new(),
            }),
        );
        lab.api(API, EndpointType::Private, Some(OPEN));
        lab.deploy(
            "d1",
            Some(OPEN),
            vec![
                resource("root", "/", vec![("GET", mock("{\"at\":\"root\"}"))]),
                resource("pets", "/pets", vec![("GET", mock("{\"pets\":[]}")), ("POST", mock("{}"))]),
                resource(
                    "pet",
                    "/pets/{id}",
                    vec![("GET", mock("{\"pet\":\"$input.params('id')\",\"from\":\"$context.identity.vpceId\"}"))],
                ),
                resource("any", "/any/{proxy+}", vec![("ANY", mock("{\"rest\":\"$input.params('proxy')\"}"))]),
            ],
        );
        lab.publish();
        lab
    }

    pub fn publish(&self) {
        let before = self.gateway.view();
        self.gateway.publish(View::compile(&self.cloud, Some(&before)));
    }

    pub fn api(&mut self, id: &str, endpoint_type: EndpointType, policy: Option<&str>) {
        let id: RestApiId = id.parse().unwrap();
        self.cloud.rest_apis.insert(
            id.clone(),
            Arc::new(RestApi {
                id,
                scope: scope(),
                name: "pets".into(),
                description: None,
                version: None,
                created: Timestamp(0),
                root: "root".parse().unwrap(),
                settings: settings(endpoint_type, policy),
                policy_edited: None,
                tags: BTreeMap::new(),
            }),
        );
    }

    /// Deploys resources to the stage `prod`.
    pub fn deploy(&mut self, id: &str, policy: Option<&str>, resources: Vec<Resource>) {
        let api: RestApiId = API.parse().unwrap();
        let deployment: DeploymentId = id.parse().unwrap();
        let snapshot = Arc::new(ApiSnapshot { settings: settings(EndpointType::Private, policy), resources });
        self.cloud.deployments.insert(
            (api.clone(), deployment.clone()),
            Arc::new(Deployment { api: api.clone(), id: deployment.clone(), created: Timestamp(0), description: None, snapshot }),
        );
        self.cloud.stages.insert(
            (api.clone(), "prod".into()),
            Arc::new(Stage {
                api,
                name: "prod".into(),
                deployment,
                description: None,
                disable_execute_api_endpoint: false,
                variables: BTreeMap::new(),
                settings: Default::default(),
                created: Timestamp(0),
                updated: Timestamp(0),
                tags: BTreeMap::new(),
            }),
        );
    }

    /// Changes the stage `prod`.
    pub fn stage(&mut self, change: impl FnOnce(&mut Stage)) {
        let key = (API.parse().unwrap(), "prod".to_owned());
        let mut stage = Stage::clone(&self.cloud.stages[&key]);
        change(&mut stage);
        self.cloud.stages.insert(key, Arc::new(stage));
    }

    /// Changes the endpoint's policy.
    pub fn endpoint_policy(&mut self, policy: &str) {
        let id: vpclab_cloud::VpcEndpointId = ENDPOINT.parse().unwrap();
        let mut endpoint = VpcEndpoint::clone(&self.cloud.vpc_endpoints[&id]);
        endpoint.policy = Some(policy.to_owned());
        self.cloud.vpc_endpoints.insert(id, Arc::new(endpoint));
    }

    /// Connects with TLS; gives the stream and the protocols agreed on.
    pub async fn connect(&self, server_name: &str, versions: &[&'static rustls::SupportedProtocolVersion]) -> TlsStream<TcpStream> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.ca_pem.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let stream = TcpStream::connect(self.address).await.unwrap();
        let name = ServerName::try_from(server_name.to_owned()).unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
    }

    /// Sends a head (lines without the empty one) and a body on a connection of its own.
    pub async fn send(&self, head: &str, body: &[u8]) -> Answer {
        let mut stream = self.connect(HOST, rustls::ALL_VERSIONS).await;
        exchange(&mut stream, head, body).await
    }

    /// `GET path` with the API's own host.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\n"), b"").await
    }

    pub fn last(&self) -> RequestEntry {
        self.gateway.requests().recent().pop().unwrap()
    }
}

fn settings(endpoint_type: EndpointType, policy: Option<&str>) -> ApiSettings {
    ApiSettings {
        endpoint_type,
        vpc_endpoint_ids: vec![],
        policy: policy.map(str::to_owned),
        disable_execute_api_endpoint: false,
        binary_media_types: vec![],
        gateway_responses: Default::default(),
        validation: Default::default(),
    }
}

pub async fn exchange(stream: &mut TlsStream<TcpStream>, head: &str, body: &[u8]) -> Answer {
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(b"\r\n").await.unwrap();
    // The server may answer and close before it has read everything.
    let _ = stream.write_all(body).await;
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(answer) = parse(&bytes) {
            return answer;
        }
        let read = stream.read(&mut buffer).await.unwrap_or(0);
        assert!(read > 0, "connection closed after {}", String::from_utf8_lossy(&bytes));
        bytes.extend_from_slice(&buffer[..read]);
    }
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: BTreeMap<String, String> =
        lines.filter_map(|l| l.split_once(": ")).map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned())).collect();
    let length: usize = headers.get("content-length").map_or(0, |l| l.parse().unwrap());
    let body = body.get(..length)?.to_owned();
    Some(Answer { status, headers, body })
}
