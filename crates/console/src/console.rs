//! The console's routes.
use crate::{answer, assets, events, origin, state};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use std::sync::Arc;
use tokio::sync::Semaphore;
use vpclab_services::{engine::Engine, http::AnswerBody};

/// Pages that listen at once; a further one is told to come again.
const MAX_LISTENERS: usize = 32;

/// The console of a lab.
pub struct Console {
    pub(crate) engine: Arc<Engine>,
    pub(crate) listeners: Arc<Semaphore>,
}

impl Console {
    /// The console over a lab's state.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Self {
        Self { engine, listeners: Arc::new(Semaphore::new(MAX_LISTENERS)) }
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
            "state" => state::serve(&self.engine, request.uri().query().unwrap_or_default()),
            "events" => events::serve(self),
            other => answer::refusal(StatusCode::NOT_FOUND, &format!("the console has no path `{other}`")),
        }
    }
}
