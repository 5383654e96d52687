//! The data plane of a lab: leads the kernel, the resolver, the gateway and the instances to a snapshot.
//!
//! `apply` compares what runs with what the snapshot wants, so it can be called again with the snapshot before when something failed.
use crate::{flow_logs::Taps, service_endpoint::ServiceEndpoints};
use imbl::OrdMap;
use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use vpclab_cloud::{Cloud, Instance, InstanceId, InstanceState, NetworkInterfaceId, VpcEndpointId, VpcId, zone};
use vpclab_cloud::{Function, Scope, function::PublishedVersion};
use vpclab_fabric::{
    Fabric, FabricError, Place,
    instance::{InstanceError, InstanceHandle, InstanceSpec, Instances, LayerMode},
};
use vpclab_functions::Functions;
use vpclab_gateway::{Gateway, Serving, View as GatewayView};
use vpclab_resolver::{Resolver, Serving as Answering};
use vpclab_services::engine::{DataPlane, DataPlaneError};

/// The address of the VPC resolver beside base + 2.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>
const LINK_LOCAL_RESOLVER: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 253);
const DNS: u16 = 53;
const HTTPS: u16 = 443;
/// Instances that are started or ended at the same time.
const AT_ONCE: usize = 32;

/// How long the end of a lab waits for the last records of flow logs.
const LAST_FLOWS: std::time::Duration = std::time::Duration::from_secs(2);

/// Everything that obeys a snapshot.
pub struct Plane {
    fabric: Arc<Fabric>,
    instances: Arc<Instances>,
    resolver: Arc<Resolver>,
    gateway: Arc<Gateway>,
    services: Arc<ServiceEndpoints>,
    functions: Arc<Functions>,
    taps: Taps,
    /// Where the instances' layers are kept, unless in memory: one that has a layer has booted before.
    layers: Option<PathBuf>,
    running: Mutex<Running>,
}

#[derive(Default)]
struct Running {
    /// Instances that booted since the daemon started.
    booted: BTreeSet<InstanceId>,
    /// Instances that may have files, running or not.
    layered: BTreeSet<InstanceId>,
    resolvers: BTreeMap<VpcId, Vec<Answering>>,
    endpoints: BTreeMap<NetworkInterfaceId, Serving>,
    instances: BTreeMap<InstanceId, InstanceHandle>,
    /// The functions and versions that environments were last compared with.
    functions: FunctionTables,
}

type FunctionTables = (OrdMap<(Scope, String), Arc<Function>>, OrdMap<(Scope, String, u64), Arc<PublishedVersion>>);

impl Plane {
    /// A data plane that runs nothing yet.
    pub fn new(
        fabric: Arc<Fabric>,
        instances: Arc<Instances>,
        resolver: Arc<Resolver>,
        (gateway, services): (Arc<Gateway>, Arc<ServiceEndpoints>),
        functions: Arc<Functions>,
        taps: Taps,
        layers: Option<PathBuf>,
    ) -> Self {
        Self { fabric, instances, resolver, gateway, services, functions, taps, layers, running: Mutex::new(Running::default()) }
    }

    /// The network.
    pub fn fabric(&self) -> Arc<Fabric> {
        Arc::clone(&self.fabric)
    }

    /// The first process of a running instance and when it started (clock ticks since boot), so that its id cannot be mistaken.
    pub fn process(&self, instance: &InstanceId) -> Option<(u32, u64)> {
        let running = self.running();
        let handle = running.instances.get(instance)?;
        handle.is_running().then(|| (handle.init_pid(), handle.start_time()))
    }

    /// The instances some of whose directories are read-only, and which directories.
    pub fn read_only_instances(&self) -> BTreeMap<String, String> {
        let running = self.running();
        let mut found = BTreeMap::new();
        for (id, handle) in &running.instances {
            if let LayerMode::ReadOnly { directories } = handle.layer_mode() {
                found.insert(id.to_string(), directories.iter().map(|d| d.display().to_string()).collect::<Vec<_>>().join(" "));
            }
        }
        found
    }

    /// Ends every function and instance; the rest ends with the process.
    pub async fn end(&self) {
        self.functions.end().await;
        if tokio::time::timeout(LAST_FLOWS, self.taps.end()).await.is_err() {
            tracing::warn!("the last records of flow logs are lost");
        }
        let ids: Vec<InstanceId> = std::mem::take(&mut self.running().instances).into_keys().collect();
        self.end_all(ids.into_iter().map(|id| (id, true)).collect()).await;
        let (endpoints, resolvers) = {
            let mut running = self.running();
            (std::mem::take(&mut running.endpoints), std::mem::take(&mut running.resolvers))
        };
        drop((endpoints, resolvers));
    }

    /// Ends instances, several at once; with `true` their files are kept. Answers the failures.
    async fn end_all(&self, ids: Vec<(InstanceId, bool)>) -> Vec<DataPlaneError> {
        let mut ending = tokio::task::JoinSet::new();
        let mut failures = Vec::new();
        for (id, keep) in ids {
            if ending.len() >= AT_ONCE {
                failures.extend(ending.join_next().await.and_then(failure));
            }
            let instances = Arc::clone(&self.instances);
            ending.spawn_blocking(move || {
                let done = if keep { instances.stop(id.as_str()) } else { instances.terminate(id.as_str()) };
                done.map_err(|why| DataPlaneError(format!("{id}: {why}")))
            });
        }
        while let Some(done) = ending.join_next().await {
            failures.extend(failure(done));
        }
        for why in &failures {
            tracing::warn!(%why, "an instance did not end well");
        }
        failures
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn lead(&self, cloud: &Arc<Cloud>) -> Result<(), DataPlaneError> {
        // What is not wanted any more ends first: its sockets and processes hold the namespaces that the kernel is about to lose.
        self.end_unwanted(cloud).await?;
        let plan = vpclab_fabric::plan::plan(cloud);
        let logged = Taps::wanted(&plan);
        if let Err(why) = self.fabric.apply(plan).await {
            if matches!(why, FabricError::Torn { .. }) {
                self.taps.forget();
            }
            return Err(failed("the network")(why));
        }
        self.taps.keep(&self.fabric, logged, cloud).await.map_err(failed("flow logs"))?;
        self.resolver.apply(cloud);
        self.keep_functions(cloud);
        self.gateway.publish(GatewayView::compile(cloud, Some(&self.gateway.view())));
        self.serve_wanted(cloud).await?;
        self.start_wanted(cloud).await
    }

    /// Ends the environments of functions that have changed or are gone.
    fn keep_functions(&self, cloud: &Cloud) {
        let mut running = self.running();
        let same = running.functions.0.ptr_eq(&cloud.functions) && running.functions.1.ptr_eq(&cloud.function_versions);
        if !same {
            running.functions = (cloud.functions.clone(), cloud.function_versions.clone());
            drop(running);
            self.functions.keep(vpclab_services::lambda::wanted(cloud));
        }
    }

    async fn end_unwanted(&self, cloud: &Cloud) -> Result<(), DataPlaneError> {
        let mut ending = Vec::new();
        let closing = {
            let mut running = self.running();
            running.resolvers.retain(|vpc, _| cloud.vpcs.contains_key(vpc));
            let wanted = endpoint_interfaces(cloud);
            let (kept, closing): (BTreeMap<_, _>, BTreeMap<_, _>) =
                std::mem::take(&mut running.endpoints).into_iter().partition(|(eni, _)| wanted.contains_key(eni));
            running.endpoints = kept;
            let unwanted: Vec<InstanceId> = running.instances.keys().filter(|id| !wants(cloud, id)).cloned().collect();
            for id in unwanted {
                running.instances.remove(&id);
                let keep = cloud.instances.get(&id).is_some_and(|i| i.state == InstanceState::Stopped);
                ending.push((id, keep));
            }
            // Instances that were terminated while stopped have no process, but files.
            let gone: Vec<InstanceId> = running.layered.iter().filter(|id| !exists(cloud, id)).cloned().collect();
            for id in gone {
                running.layered.remove(&id);
                running.booted.remove(&id);
                if !ending.iter().any(|(other, _)| other == &id) {
                    ending.push((id, false));
                }
            }
            closing
        };
        for serving in closing.into_values() {
            serving.stop().await;
        }
        match self.end_all(ending).await.into_iter().next() {
            Some(why) => Err(why),
            None => Ok(()),
        }
    }

    /// Removes what a crash left of instances that were terminated.
    pub async fn sweep(&self, cloud: &Cloud) {
        let existing: BTreeSet<InstanceId> = cloud.instances.keys().filter(|id| exists(cloud, id)).cloned().collect();
        let known: BTreeSet<String> = existing.iter().map(ToString::to_string).collect();
        self.running().layered.extend(existing);
        let instances = Arc::clone(&self.instances);
        let left = match tokio::task::spawn_blocking(move || instances.sweep(&known)).await {
            Ok(Ok(())) => return,
            Ok(Err(left)) => left.iter().map(ToString::to_string).collect(),
            Err(why) => vec![why.to_string()],
        };
        for why in left {
            tracing::warn!(why, "what terminated instances left could not be removed");
        }
    }

    async fn serve_wanted(&self, cloud: &Cloud) -> Result<(), DataPlaneError> {
        let new: Vec<VpcId> = {
            let running = self.running();
            cloud.vpcs.keys().filter(|vpc| !running.resolvers.contains_key(*vpc)).cloned().collect()
        };
        for id in new {
            let Some(vpc) = cloud.vpcs.get(&id) else { continue };
            let mut answering = Vec::new();
            for address in [vpc.resolver_address(), LINK_LOCAL_RESOLVER] {
                let at = SocketAddr::from((address, DNS));
                let udp = self.fabric.bind_udp(Place::Router(id.clone()), at).await.map_err(failed("a resolver's socket"))?;
                answering.push(self.resolver.serve_udp(udp, id.clone()).map_err(failed("a resolver"))?);
                let tcp = self.fabric.bind_tcp(Place::Router(id.clone()), at).await.map_err(failed("a resolver's socket"))?;
                answering.push(self.resolver.serve_tcp(tcp, id.clone()).map_err(failed("a resolver"))?);
            }
            self.running().resolvers.insert(id, answering);
        }
        for (eni, endpoint) in endpoint_interfaces(cloud) {
            if self.running().endpoints.contains_key(&eni) {
                continue;
            }
            let (Some(interface), Some(endpoint)) = (cloud.network_interfaces.get(&eni), cloud.vpc_endpoints.get(&endpoint)) else {
                continue;
            };
            let at = SocketAddr::from((interface.private_ip, HTTPS));
            let listener = self.fabric.bind_tcp(Place::Interface(eni.clone()), at).await.map_err(failed("an endpoint's socket"))?;
            let serving = match endpoint.is_execute_api() {
                true => self.gateway.serve(listener, &endpoint.id, &endpoint.scope.region),
                false => self.services.serve(listener, endpoint),
            };
            let serving = serving.map_err(failed(&endpoint.id))?;
            self.running().endpoints.insert(eni, serving);
        }
        Ok(())
    }

    async fn start_wanted(&self, cloud: &Cloud) -> Result<(), DataPlaneError> {
        let new: Vec<Arc<Instance>> = {
            let mut running = self.running();
            running.instances.retain(|_, handle| handle.is_running());
            cloud
                .instances
                .values()
                .filter(|i| i.state == InstanceState::Running && !running.instances.contains_key(&i.id))
                .cloned()
                .collect()
        };
        let mut starting = tokio::task::JoinSet::new();
        let mut failed = None;
        for instance in new {
            let spec = match self.spec(cloud, &instance).await {
                Ok(spec) => spec,
                Err(why) => {
                    failed = Some(why);
                    break;
                }
            };
            if starting.len() >= AT_ONCE
                && let Some(done) = starting.join_next().await
            {
                failed = failed.or(self.started(done));
            }
            if failed.is_some() {
                break;
            }
            let instances = Arc::clone(&self.instances);
            starting.spawn_blocking(move || instances.start(spec).map(|handle| (instance.id.clone(), handle)));
        }
        while let Some(done) = starting.join_next().await {
            failed = failed.or(self.started(done));
        }
        failed.map_or(Ok(()), Err)
    }

    /// Notes a start; answers what went wrong.
    fn started(&self, done: Result<Result<(InstanceId, InstanceHandle), InstanceError>, tokio::task::JoinError>) -> Option<DataPlaneError> {
        match done {
            Ok(Ok((id, handle))) => {
                let mut running = self.running();
                running.booted.insert(id.clone());
                running.layered.insert(id.clone());
                running.instances.insert(id, handle);
                None
            }
            Ok(Err(why)) => Some(DataPlaneError(why.to_string())),
            Err(why) => Some(DataPlaneError(why.to_string())),
        }
    }

    /// What an instance is started with.
    async fn spec(&self, cloud: &Cloud, instance: &Instance) -> Result<InstanceSpec, DataPlaneError> {
        let missing = |what: &str| DataPlaneError(format!("instance `{}` has no {what}", instance.id));
        let eni =
            instance.interface.as_ref().and_then(|id| cloud.network_interfaces.get(id)).ok_or_else(|| missing("network interface"))?;
        let vpc = cloud.vpcs.get(&instance.vpc).ok_or_else(|| missing("VPC"))?;
        let network = self.fabric.netns_fd(Place::Interface(eni.id.clone())).await.map_err(failed(&instance.id))?;
        let region = &instance.scope.region;
        let names = cloud.name_settings(vpc);
        Ok(InstanceSpec {
            id: instance.id.to_string(),
            hostname: zone::private_host_name(eni.private_ip),
            full_name: zone::private_dns_name(region, eni.private_ip),
            private_ip: eni.private_ip,
            nameservers: names.servers,
            search_domains: names.search,
            network,
            user_data: decoded(instance.user_data.as_deref()),
            first_boot: !self.has_booted(&instance.id),
            environment: vec![("AWS_DEFAULT_REGION".to_owned(), region.to_string())],
        })
    }

    fn has_booted(&self, id: &InstanceId) -> bool {
        self.running().booted.contains(id) || self.layers.as_ref().is_some_and(|dir| dir.join(id.as_str()).exists())
    }
}

impl DataPlane for Plane {
    fn apply<'a>(&'a self, cloud: Arc<Cloud>) -> Pin<Box<dyn Future<Output = Result<(), DataPlaneError>> + Send + 'a>> {
        Box::pin(async move { self.lead(&cloud).await })
    }

    fn console_output(&self, instance: &InstanceId) -> Vec<u8> {
        self.instances.console(instance.as_str())
    }

    fn reboot<'a>(
        &'a self,
        instance: &'a InstanceId,
        cloud: Arc<Cloud>,
    ) -> Pin<Box<dyn Future<Output = Result<(), DataPlaneError>> + Send + 'a>> {
        Box::pin(async move {
            self.running().instances.remove(instance);
            match self.end_all(vec![(instance.clone(), true)]).await.into_iter().next() {
                Some(why) => Err(why),
                None => self.start_wanted(&cloud).await,
            }
        })
    }
}

/// The endpoints' network interfaces.
fn endpoint_interfaces(cloud: &Cloud) -> BTreeMap<NetworkInterfaceId, VpcEndpointId> {
    cloud.vpc_endpoints.values().flat_map(|e| e.interfaces.values().map(|eni| (eni.clone(), e.id.clone()))).collect()
}

fn exists(cloud: &Cloud, instance: &InstanceId) -> bool {
    cloud.instances.get(instance).is_some_and(|i| i.state != InstanceState::Terminated)
}

fn failure(done: Result<Result<(), DataPlaneError>, tokio::task::JoinError>) -> Option<DataPlaneError> {
    match done {
        Ok(Ok(())) => None,
        Ok(Err(why)) => Some(why),
        Err(why) => Some(DataPlaneError(why.to_string())),
    }
}

fn wants(cloud: &Cloud, instance: &InstanceId) -> bool {
    cloud.instances.get(instance).is_some_and(|i| i.state == InstanceState::Running)
}

/// The user data's bytes; what is no base64 was refused when it was given.
fn decoded(user_data: Option<&str>) -> Vec<u8> {
    use base64::Engine as _;
    user_data.and_then(|text| base64::engine::general_purpose::STANDARD.decode(text).ok()).unwrap_or_default()
}

fn failed<E: std::fmt::Display>(what: impl std::fmt::Display) -> impl FnOnce(E) -> DataPlaneError {
    move |why| DataPlaneError(format!("{what}: {why}"))
}
