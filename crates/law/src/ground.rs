//! The real thing: namespaces, routes and packet filters, resolvers and gateways, led to a topology as the daemon leads them. Instances
//! and functions have no processes here; the prober makes their calls in their interfaces' namespaces.
use arc_swap::ArcSwap;
use bytes::Bytes;
use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    net::{Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::Arc,
};
use vpclab_cloud::{Cloud, NetworkInterfaceId, Scope, VpcId, function::FunctionName};
use vpclab_fabric::{Fabric, FabricError, Place, plan};
use vpclab_functions::{FunctionAnswer, FunctionCall, FunctionFault, Invoke};
use vpclab_gateway::{Gateway, GatewayError, LabCa, Serving, View};
use vpclab_policy::{CallerPrincipal, DecisionEffect, MapKeys, Policy, Request};
use vpclab_probe::Prober;
use vpclab_resolver::{Resolver, Serving as Answering};
use vpclab_wire::sigv4::AccessKeySecrets;

const LINK_LOCAL_RESOLVER: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 253);
/// Calls at a time.
const AT_ONCE: usize = 256;

/// A data plane of one topology at a time.
pub struct Ground {
    fabric: Arc<Fabric>,
    resolver: Resolver,
    gateway: Gateway,
    /// The secrets that calls are signed with and signatures are verified with.
    pub secrets: Arc<AccessKeySecrets>,
    functions: Arc<Functions>,
    /// Makes the calls.
    pub prober: Prober,
    resolvers: BTreeMap<VpcId, Vec<Answering>>,
    endpoints: BTreeMap<NetworkInterfaceId, Serving>,
}

/// Why the machine could not be led to a topology.
#[derive(Debug, thiserror::Error)]
pub enum GroundError {
    /// The network.
    #[error(transparent)]
    Fabric(#[from] FabricError),
    /// A socket.
    #[error(transparent)]
    Socket(#[from] std::io::Error),
    /// An endpoint.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The authority.
    #[error("the authority: {0}")]
    Authority(String),
}

impl Ground {
    /// One with nothing on it.
    pub fn new() -> Result<Self, GroundError> {
        let authority = Arc::new(LabCa::ephemeral().map_err(|why| GroundError::Authority(why.to_string()))?);
        let fabric = Arc::new(Fabric::start()?);
        let prober =
            Prober::new(Arc::clone(&fabric), authority.cert_pem(), AT_ONCE).map_err(|why| GroundError::Authority(why.to_string()))?;
        let secrets = Arc::new(AccessKeySecrets::fresh().map_err(|_| GroundError::Authority("no randomness".to_owned()))?);
        let gateway = Gateway::new(authority, Arc::clone(&secrets));
        let functions = Arc::new(Functions::default());
        gateway.set_functions(Arc::clone(&functions) as _);
        let resolver = Resolver::new(&Cloud::default(), None);
        Ok(Self { fabric, resolver, gateway, secrets, functions, prober, resolvers: BTreeMap::new(), endpoints: BTreeMap::new() })
    }

    /// Leads the data plane to a topology; returns when packets, names and requests obey it.
    pub async fn lead(&mut self, cloud: &Cloud) -> Result<(), GroundError> {
        let wanted: BTreeMap<NetworkInterfaceId, _> =
            cloud.vpc_endpoints.values().flat_map(|e| e.interfaces.values().map(move |eni| (eni.clone(), e))).collect();
        self.resolvers.retain(|vpc, _| cloud.vpcs.contains_key(vpc));
        let gone: BTreeSet<NetworkInterfaceId> = self.endpoints.keys().filter(|eni| !wanted.contains_key(*eni)).cloned().collect();
        for eni in gone {
            if let Some(serving) = self.endpoints.remove(&eni) {
                serving.stop().await;
            }
        }
        self.fabric.apply(plan::plan(cloud)).await?;
        self.resolver.apply(cloud);
        self.functions.cloud.store(Arc::new(cloud.clone()));
        self.gateway.publish(View::compile(cloud, Some(&self.gateway.view())));
        for (id, vpc) in &cloud.vpcs {
            if self.resolvers.contains_key(id) {
                continue;
            }
            let mut answering = Vec::new();
            for address in [vpc.resolver_address(), LINK_LOCAL_RESOLVER] {
                let socket = self.fabric.bind_udp(Place::Router(id.clone()), SocketAddr::from((address, 53))).await?;
                answering.push(self.resolver.serve_udp(socket, id.clone())?);
            }
            self.resolvers.insert(id.clone(), answering);
        }
        for (eni, endpoint) in wanted {
            let Some(interface) = cloud.network_interfaces.get(&eni).filter(|_| !self.endpoints.contains_key(&eni)) else { continue };
            let listener = self.fabric.bind_tcp(Place::Interface(eni.clone()), SocketAddr::from((interface.private_ip, 443))).await?;
            let serving = self.gateway.serve(listener, &endpoint.id, &endpoint.scope.region)?;
            self.endpoints.insert(eni, serving);
        }
        Ok(())
    }
}

/// Functions that answer at once, where their resource policies let the caller invoke them.
#[derive(Default)]
struct Functions {
    cloud: ArcSwap<Cloud>,
}

impl Functions {
    fn answer(&self, call: &FunctionCall) -> Result<FunctionAnswer, FunctionFault> {
        let missing = || FunctionFault::NotFound(call.function.clone());
        let name = FunctionName::parse(&call.function, None).map_err(|_| missing())?;
        let (Some(account), Some(region)) = (&name.account, &name.region) else { return Err(missing()) };
        let scope = Scope { account: account.parse().map_err(|_| missing())?, region: region.parse().map_err(|_| missing())? };
        let cloud = self.cloud.load();
        let function = cloud.function(&scope, &name.name).map_err(|_| missing())?;
        let refused = || FunctionFault::NotPermitted(call.caller.service.clone());
        let document = function.policy_document(None).ok_or_else(refused)?.to_string();
        let policy = Policy::parse(&document).map_err(|_| refused())?;
        let keys = MapKeys::new()
            .with("aws:SourceArn", call.caller.source_arn.clone())
            .with("aws:SourceAccount", call.caller.source_account.clone());
        let arn = function.arn();
        let principal = CallerPrincipal::Service(&call.caller.service);
        let question = Request { principal, action: "lambda:InvokeFunction", resource: &arn, keys: &keys };
        if policy.evaluate(&question).effect != DecisionEffect::Allow {
            return Err(refused());
        }
        let payload = Bytes::from_static(br#"{"statusCode": 200, "body": "by function"}"#);
        Ok(FunctionAnswer { request_id: "law".into(), payload, error: None, executed_version: "$LATEST".into() })
    }
}

impl Invoke for Functions {
    fn invoke(&self, call: FunctionCall) -> Pin<Box<dyn Future<Output = Result<FunctionAnswer, FunctionFault>> + Send + '_>> {
        Box::pin(async move { self.answer(&call) })
    }
}
