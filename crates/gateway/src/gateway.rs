//! The gateway as the daemon holds it.

use crate::ca::{CaError, LabCa};
use crate::log::RequestLog;
use crate::server::{self, Endpoint, Shared};
use crate::sink::LogSink;
use crate::view::View;
use rustls::ServerConfig;
use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinHandle;
use vpclab_cloud::{Region, VpcEndpointId};
use vpclab_functions::Invoke;
use vpclab_wire::sigv4::AccessKeySecrets;

/// Serves execute-api on the listeners it is given.
pub struct Gateway {
    ca: Arc<LabCa>,
    shared: Arc<Shared>,
    /// TLS configurations by region.
    tls: Mutex<HashMap<String, Arc<ServerConfig>>>,
}

/// Why an endpoint cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// Its certificate.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// Its listener.
    #[error("listener: {0}")]
    Listener(#[from] io::Error),
    /// There is no runtime to serve on.
    #[error("no tokio runtime")]
    NoRuntime(#[from] tokio::runtime::TryCurrentError),
}

/// An endpoint being served; dropping it closes the listener and every connection.
#[derive(Debug)]
pub struct Serving {
    task: JoinHandle<()>,
    address: SocketAddr,
}

impl Gateway {
    /// A gateway that serves nothing yet. It verifies signatures with the lab's secrets.
    pub fn new(ca: Arc<LabCa>, secrets: Arc<AccessKeySecrets>) -> Self {
        Self { ca, shared: Arc::new(Shared::new(secrets)), tls: Mutex::new(HashMap::new()) }
    }

    /// Gives what runs functions; a second time changes nothing.
    pub fn set_functions(&self, functions: Arc<dyn Invoke>) {
        let _kept = self.shared.functions.set(functions);
    }

    /// Gives what keeps the logs of stages; a second time changes nothing.
    pub fn set_log_sink(&self, sink: Arc<dyn LogSink>) {
        let _kept = self.shared.sink.set(sink);
    }

    /// Swaps in a new state. Requests that start after this see it.
    pub fn publish(&self, view: View) {
        self.shared.view.store(Arc::new(view));
    }

    /// The state being served.
    pub fn view(&self) -> Arc<View> {
        self.shared.view.load_full()
    }

    /// The last requests.
    pub fn requests(&self) -> &RequestLog {
        &self.shared.log
    }

    /// Serves an endpoint of a region on a listener, on the current tokio runtime.
    pub fn serve(&self, listener: TcpListener, endpoint: &VpcEndpointId, region: &Region) -> Result<Serving, GatewayError> {
        self.serve_on(&tokio::runtime::Handle::try_current()?, listener, endpoint, region)
    }

    /// The same on a given runtime, for callers outside of one.
    pub fn serve_on(
        &self,
        runtime: &tokio::runtime::Handle,
        listener: TcpListener,
        endpoint: &VpcEndpointId,
        region: &Region,
    ) -> Result<Serving, GatewayError> {
        let tls = self.tls(region.as_str())?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let _guard = runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let endpoint = Endpoint { id: endpoint.as_str().into(), region: region.as_str().into(), tls };
        let task = runtime.spawn(server::run(listener, endpoint, Arc::clone(&self.shared)));
        Ok(Serving { task, address })
    }

    fn tls(&self, region: &str) -> Result<Arc<ServerConfig>, CaError> {
        let mut made = self.tls.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = made.get(region) {
            return Ok(Arc::clone(config));
        }
        let config = self.ca.execute_api_config(region)?;
        made.insert(region.to_owned(), Arc::clone(&config));
        Ok(config)
    }
}

impl Serving {
    /// What another server of endpoints runs.
    pub fn of(task: JoinHandle<()>, address: SocketAddr) -> Self {
        Self { task, address }
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it and returns once the listener is closed and every connection is being closed.
    pub async fn stop(mut self) {
        self.task.abort();
        // The only way for the task to end is to be aborted.
        let _ = (&mut self.task).await;
    }

    /// Whether it has ended.
    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
    }
}
