//! What functions find outside of their environments: AWS's APIs, and where custom resources answer.
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
    collections::BTreeMap,
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};
use tokio::net::{TcpListener, TcpStream};
use vpclab_functions::Outside;
use vpclab_gateway::LabCa;
use vpclab_listen::{Door, Visitor};
use vpclab_services::{engine::Engine, http::LocalRoutes};

/// Connections of one environment to AWS's APIs.
const CONNECTIONS: usize = 64;

/// The lab as its functions see it.
pub(crate) struct Lab {
    ca: Arc<LabCa>,
    // The engine runs the functions.
    engine: Weak<Engine>,
    configs: Mutex<BTreeMap<String, Arc<rustls::ServerConfig>>>,
}

impl Lab {
    pub(crate) fn new(ca: Arc<LabCa>, engine: &Arc<Engine>) -> Self {
        Self { ca, engine: Arc::downgrade(engine), configs: Mutex::default() }
    }
}

impl Outside for Lab {
    fn tls(&self, host: &str) -> Result<Arc<rustls::ServerConfig>, String> {
        let mut configs = self.configs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = configs.get(host) {
            return Ok(Arc::clone(config));
        }
        let config = self.ca.server_config(host, &[host.to_owned()]).map_err(|why| why.to_string())?;
        configs.insert(host.to_owned(), Arc::clone(&config));
        Ok(config)
    }

    fn serve(&self, listener: TcpListener) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(accept(listener, Weak::clone(&self.engine)))
    }
}

async fn accept(listener: TcpListener, engine: Weak<Engine>) {
    let door = Door::new(listener, CONNECTIONS);
    while let Some(Visitor { stream, place, .. }) = door.next().await {
        let engine = Weak::clone(&engine);
        tokio::spawn(async move {
            let _place = place;
            serve(stream, engine).await;
        });
    }
}

async fn serve(stream: TcpStream, engine: Weak<Engine>) {
    let Some(engine) = engine.upgrade() else { return };
    let service = hyper::service::service_fn(move |request| {
        let engine = Arc::clone(&engine);
        async move { Ok::<_, Infallible>(vpclab_services::http::handle(engine, request, &nothing_local()).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(60))
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(why) = served {
        tracing::debug!(%why, "a function's connection ended badly");
    }
}

/// What is vpclab's own is neither for functions nor for what comes in by an endpoint.
pub(crate) fn nothing_local() -> LocalRoutes {
    Arc::new(|_, _| {
        Box::pin(async {
            let mut answer = http::Response::new(http_body_util::Full::default());
            *answer.status_mut() = http::StatusCode::NOT_FOUND;
            answer
        })
    })
}
