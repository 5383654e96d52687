//! The console's routes.
use crate::{
    answer, assets, events, origin, policy, state,
    terminal::{ShellOf, Terminals},
};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use std::sync::Arc;
use tokio::sync::Semaphore;
use vpclab_gateway::Gateway;
use vpclab_services::{
    engine::{Engine, clock},
    http::AnswerBody,
};
use vpclab_topology::{Look, draw};

/// Pages that listen at once; a further one is told to come again.
const MAX_LISTENERS: usize = 32;

/// The console of a lab.
pub struct Console {
    pub(crate) engine: Arc<Engine>,
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) listeners: Arc<Semaphore>,
    terminals: Terminals,
}

impl Console {
    /// The console over a lab's state and the requests through its endpoints; `shell_of` tells how a shell in an instance is opened.
    #[must_use]
    pub fn new(engine: Arc<Engine>, gateway: Arc<Gateway>, shell_of: ShellOf) -> Self {
        Self { engine, gateway, listeners: Arc::new(Semaphore::new(MAX_LISTENERS)), terminals: Terminals::new(shell_of) }
    }

    /// Whether a request is for the console: a path of its own, and nobody has signed it (a bucket may have the name `console`).
    #[must_use]
    pub fn takes<B>(request: &Request<B>) -> bool {
        let path = request.uri().path();
        let own = path == "/console" || path.starts_with("/console/") || path.starts_with("/_vpclab/console/");
        let signed = request.headers().contains_key(header::AUTHORIZATION)
            || request.uri().query().is_some_and(|query| query.contains("X-Amz-") || query.contains("AWSAccessKeyId="));
        own && !signed
    }

    /// Answers a request that [`Console::takes`].
    pub async fn handle(&self, request: Request<Incoming>) -> Response<AnswerBody> {
        if let Err(why) = origin::check_console(request.headers()) {
            return answer::refusal(StatusCode::FORBIDDEN, why.message());
        }
        let path = request.uri().path();
        let query = request.uri().query().unwrap_or_default().to_owned();
        if path == "/_vpclab/console/policy" && request.method() == Method::POST {
            return match Limited::new(request.into_body(), policy::MAX_TEXT).collect().await {
                Ok(body) => policy::check(&query, &body.to_bytes()),
                Err(_) => answer::refusal(StatusCode::PAYLOAD_TOO_LARGE, "the text is too long or did not arrive"),
            };
        }
        if path == "/_vpclab/console/terminal" {
            return match *request.method() {
                Method::POST => self.terminals.token(&self.engine.snapshot(), &query),
                _ => self.terminals.open(request),
            };
        }
        if request.method() != Method::GET && request.method() != Method::HEAD {
            return answer::refusal(StatusCode::METHOD_NOT_ALLOWED, "the console changes things through the AWS APIs only");
        }
        if path == "/console" {
            let mut there = answer::answer(StatusCode::PERMANENT_REDIRECT, "text/plain", "");
            there.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/console/"));
            return there;
        }
        if let Some(file) = path.strip_prefix("/console/") {
            return assets::serve(file, request.headers());
        }
        match path.strip_prefix("/_vpclab/console/").unwrap_or_default() {
            "state" => state::serve(&self.engine, &query),
            "events" => events::serve(self),
            "topology.svg" => self.picture(if query == "standalone" { Look::Standalone } else { Look::Embedded }),
            other => answer::refusal(StatusCode::NOT_FOUND, &format!("the console has no path `{other}`")),
        }
    }

    fn picture(&self, look: Look) -> Response<AnswerBody> {
        answer::answer(StatusCode::OK, "image/svg+xml", draw(&self.engine.snapshot(), clock(), look))
    }
}
