//! What runs functions, and what the lab's state says they are.
use super::errors::no_runtime;
use crate::engine::{Engine, clock};
use crate::sts::Credentials;
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;
use vpclab_cloud::function::{FunctionCode, FunctionSettings, LATEST, Resolved};
use vpclab_cloud::{Cloud, Timestamp};
use vpclab_functions::{Archive, FunctionKeys, FunctionNetwork, FunctionVersion, Functions, Runtime, Wanted};
use vpclab_wire::WireError;

/// Bytes of events that wait to be given to functions; further ones are throttled.
const WAITING_KB: usize = 256 * 1024;

/// How long the credentials of an environment are good: longer than most environments live.
const SESSION_MS: i64 = 7 * 24 * 3600 * 1000;

/// Runs functions, at once or later.
pub struct Runner {
    functions: Arc<Functions>,
    waiting: Arc<Semaphore>,
}

impl Runner {
    /// A runner with nothing to do.
    #[must_use]
    pub fn new(functions: Arc<Functions>) -> Self {
        Self { functions, waiting: Arc::new(Semaphore::new(WAITING_KB)) }
    }

    /// Where functions put what somebody waits for.
    #[must_use]
    pub fn replies(&self) -> &Arc<vpclab_functions::Replies> {
        self.functions.replies()
    }

    pub(super) fn functions(&self) -> &Functions {
        &self.functions
    }

    /// Room for events that wait, a permit a kilobyte.
    pub(super) fn waiting(&self) -> &Arc<Semaphore> {
        &self.waiting
    }
}

/// The environments and the code that a state has use for.
#[must_use]
pub fn wanted(cloud: &Cloud) -> Vec<Wanted> {
    let one = |scope: &vpclab_cloud::Scope, name: &str, version: String, settings: &FunctionSettings| Wanted {
        scope: scope.clone(),
        name: name.to_owned(),
        version,
        revision: settings.revision.clone(),
        code: settings.code.sha256.to_string(),
        layers: settings.layers.iter().map(|layer| layer.code.sha256.to_string()).collect(),
    };
    let latest = cloud.functions.values().map(|function| one(&function.scope, &function.name, LATEST.to_owned(), &function.latest));
    let published = cloud.function_versions.values();
    let published = published.map(|version| one(&version.scope, &version.function, version.number.to_string(), &version.settings));
    latest.chain(published).collect()
}

/// A version as it is run.
pub(super) fn runnable(engine: &Engine, cloud: &Cloud, found: &Resolved) -> Result<FunctionVersion, WireError> {
    let settings = &found.settings;
    // A lab that began as a snapshot holds functions without their code.
    if !engine.blobs().path(&settings.code.sha256).exists() {
        let text = format!("The code of the function {} is not in this lab. Give it some by UpdateFunctionCode", found.function.name);
        return Err(WireError::new(502, "InvalidZipFileException", text));
    }
    let archive = |code: &FunctionCode| Archive { sha256: code.sha256.to_string(), path: engine.blobs().path(&code.sha256) };
    let network = match &settings.vpc {
        None => FunctionNetwork::Isolated,
        Some(chosen) => {
            let vpc = cloud.vpcs.get(&chosen.vpc).ok_or_else(|| {
                WireError::new(502, "EC2UnexpectedException", format!("The VPC {} of the function does not exist", chosen.vpc))
            })?;
            let names = cloud.name_settings(vpc);
            FunctionNetwork::Vpc { interfaces: chosen.interfaces.clone(), nameservers: names.servers, search_domains: names.search }
        }
    };
    let role = cloud.role_of_arn(&settings.role);
    let expires = Timestamp(clock().0 + SESSION_MS);
    let keys = role.map(|role| Credentials::of_role(role, &found.function.name, expires, engine.secrets()));
    let keys = keys.map(|keys| FunctionKeys { access_key: keys.access_key_id, secret: keys.secret_access_key, token: keys.session_token });
    Ok(FunctionVersion {
        scope: found.function.scope.clone(),
        name: found.function.name.clone(),
        version: found.version.clone(),
        revision: settings.revision.clone(),
        runtime: Runtime::find(&settings.runtime).map_err(|why| no_runtime(&why))?,
        handler: settings.handler.clone(),
        code: archive(&settings.code),
        layers: settings.layers.iter().map(|layer| archive(&layer.code)).collect(),
        timeout: Duration::from_secs(u64::from(settings.timeout)),
        memory_mb: settings.memory,
        storage_mb: settings.storage,
        variables: settings.variables.clone(),
        keys: keys.unwrap_or_default(),
        network,
        log_group: settings.log_group(&found.function.name),
        json_log: settings.json_log,
        reserved: found.function.reserved_concurrency,
    })
}
