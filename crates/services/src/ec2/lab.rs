//! A lab for tests: an engine that keeps its state in memory and has no data plane, asked by forms as clients send them.
use crate::dispatch::dispatch;
use crate::engine::{DataPlane, DataPlaneError, Engine, Kept};
use bytes::Bytes;
use std::{future::Future, pin::Pin, sync::Arc};
use vpclab_cloud::{Cloud, InstanceId};

/// Obeys at once and does nothing.
struct Nothing;

type Obeyed<'a> = Pin<Box<dyn Future<Output = Result<(), DataPlaneError>> + Send + 'a>>;

impl DataPlane for Nothing {
    fn apply<'a>(&'a self, _: Arc<Cloud>) -> Obeyed<'a> {
        Box::pin(async { Ok(()) })
    }
    fn console_output(&self, _: &InstanceId) -> Vec<u8> {
        Vec::new()
    }
    fn reboot<'a>(&'a self, _: &'a InstanceId, _: Arc<Cloud>) -> Obeyed<'a> {
        Box::pin(async { Ok(()) })
    }
}

/// A caller of a lab.
pub(crate) struct Lab {
    engine: Arc<Engine>,
    account: &'static str,
    region: &'static str,
}

/// An answer's XML.
#[derive(Debug)]
pub(crate) struct Answer(String);

impl Lab {
    pub(crate) async fn new() -> Self {
        let engine = Engine::start(Kept::in_memory().unwrap(), Arc::new(Nothing), true).await.unwrap();
        Self { engine, account: "111111111111", region: "ap-northeast-2" }
    }

    /// Another caller of the same lab.
    pub(crate) fn of(&self, account: &'static str, region: &'static str) -> Self {
        Self { engine: Arc::clone(&self.engine), account, region }
    }

    pub(crate) fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.engine)
    }

    pub(crate) fn cloud(&self) -> Arc<Cloud> {
        self.engine.snapshot()
    }

    /// Asks, and expects to be answered.
    pub(crate) async fn ask(&self, action: &str, form: &[(&str, &str)]) -> Answer {
        let (status, body) = self.send(action, form).await;
        assert_eq!(status, 200, "{action}: {body}");
        Answer(body)
    }

    /// Asks, and expects to be refused: the code and the text.
    pub(crate) async fn refused(&self, action: &str, form: &[(&str, &str)]) -> (String, String) {
        let (status, body) = self.send(action, form).await;
        assert_eq!(status, 400, "{action}: {body}");
        let answer = Answer(body);
        (answer.one("Code"), answer.one("Message").replace("&quot;", "\"").replace("&apos;", "'").replace("&lt;", "<"))
    }

    /// The status and the body of an answer of any kind.
    pub(crate) async fn send(&self, action: &str, form: &[(&str, &str)]) -> (u16, String) {
        let mut body = format!("Action={action}&Version=2016-11-15");
        for (name, value) in form {
            let value = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
            body.push_str(&format!("&{name}={value}"));
        }
        let credential = format!("{}/20261123/{}/ec2/aws4_request", self.account, self.region);
        let header = format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0");
        let request = http::Request::post("/").header(http::header::AUTHORIZATION, header).body(()).unwrap();
        let (parts, ()) = request.into_parts();
        let answer = dispatch(Arc::clone(&self.engine), &parts, Bytes::from(body), "request").await;
        (answer.status().as_u16(), String::from_utf8(answer.body().to_vec()).unwrap())
    }

    /// The status and the body of a REST service's answer.
    pub(crate) async fn rest(&self, service: &str, method: http::Method, uri: &str, body: &str) -> (u16, String) {
        let credential = format!("{}/20261123/{}/{service}/aws4_request", self.account, self.region);
        let header = format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0");
        let request = http::Request::builder().method(method).uri(uri).header(http::header::AUTHORIZATION, header).body(()).unwrap();
        let (parts, ()) = request.into_parts();
        let answer = dispatch(Arc::clone(&self.engine), &parts, Bytes::from(body.to_owned()), "request").await;
        (answer.status().as_u16(), String::from_utf8(answer.body().to_vec()).unwrap())
    }

    /// The id of an instance in a subnet.
    pub(crate) async fn launch(&self, subnet: &str) -> String {
        let image = super::image::id_of(&self.region.parse().unwrap()).to_string();
        let form = [("ImageId", image.as_str()), ("MinCount", "1"), ("MaxCount", "1"), ("SubnetId", subnet)];
        self.ask("RunInstances", &form).await.one("instanceId")
    }

    /// A VPC's id.
    pub(crate) async fn vpc(&self, cidr: &str) -> String {
        self.ask("CreateVpc", &[("CidrBlock", cidr)]).await.one("vpcId")
    }
}

impl Answer {
    /// The texts of all elements of a name that hold text.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let parts = self.0.split(&open).skip(1);
        parts.filter_map(|part| part.split_once(&close)).map(|(text, _)| text.to_owned()).collect()
    }
    /// The text of the first element of a name.
    pub(crate) fn one(&self, name: &str) -> String {
        self.all(name).into_iter().next().unwrap_or_else(|| panic!("no <{name}> in {}", self.0))
    }
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains(&format!("<{name}"))
    }
}
