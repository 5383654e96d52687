//! Where a call comes from: an instance, a function or any network interface that has a namespace.
use std::{net::Ipv4Addr, sync::Arc};
use vpclab_cloud::{
    Cloud, Function, Instance, InstanceId, InstanceState, NetworkInterface, NetworkInterfaceId, dhcp_options::NameSettings,
    function::FunctionName,
};

/// A source, found in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What was named.
    pub kind: SourceKind,
    /// The interface whose namespace the call is made in.
    pub interface: NetworkInterfaceId,
    /// Its address.
    pub address: Ipv4Addr,
    /// What it was told about names.
    pub names: NameSettings,
}

/// What was named as the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// An instance.
    Instance(InstanceId),
    /// A function's first network interface.
    Function(String),
    /// A network interface itself.
    Interface,
}

/// Why a call cannot be made from there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSource {
    /// Nothing has this name.
    #[error("there is no instance, network interface or function `{0}`")]
    Unknown(String),
    /// Several things have it.
    #[error("several instances or functions have the name `{0}`")]
    Ambiguous(String),
    /// An address: packets from outside of the lab cannot be sent.
    #[error(
        "`{0}` is an address outside of the lab's interfaces (as one that comes over a peering): there is nothing there to send packets from"
    )]
    Outside(String),
    /// The instance does not run.
    #[error("the instance `{0}` is not running")]
    NotRunning(InstanceId),
    /// The function has no VPC and so no network.
    #[error("the function `{0}` is in no VPC, so it has no network at all")]
    NoVpc(String),
    /// The interface belongs to nothing that runs, so it has no namespace.
    #[error("the network interface `{0}` is attached to nothing that runs")]
    Idle(NetworkInterfaceId),
}

impl NoSource {
    /// What a person can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "`vpclab topology` lists what there is",
            Self::Ambiguous(_) => "use the instance's id or the function's ARN",
            Self::Outside(_) => "`vpclab explain` judges such calls without packets",
            Self::NotRunning(_) => "start it with `aws ec2 start-instances`",
            Self::NoVpc(_) => "give it one with `aws lambda update-function-configuration --vpc-config …`",
            Self::Idle(_) => "attach it to an instance that runs",
        }
    }
}

impl Source {
    /// Finds a source by an instance's id or Name tag, a network interface's id, or a function's name or ARN.
    ///
    /// # Errors
    /// Nothing or several things of that name, and what has no network.
    pub fn find(cloud: &Cloud, text: &str) -> Result<Self, NoSource> {
        if text.parse::<Ipv4Addr>().is_ok() || text.parse::<ipnet::IpNet>().is_ok() {
            return Err(NoSource::Outside(text.to_owned()));
        }
        if let Ok(id) = text.parse::<NetworkInterfaceId>() {
            let interface = cloud.network_interfaces.get(&id).ok_or_else(|| NoSource::Unknown(text.to_owned()))?;
            return Self::at(cloud, SourceKind::Interface, interface);
        }
        let instances: Vec<&Arc<Instance>> = cloud.instances.values().filter(|instance| is_named(instance, text)).take(2).collect();
        let functions: Vec<&Arc<Function>> = functions(cloud, text);
        match (instances.as_slice(), functions.as_slice()) {
            ([], []) => Err(NoSource::Unknown(text.to_owned())),
            ([instance], []) => Self::of_instance(cloud, instance),
            ([], [function]) => Self::of_function(cloud, function),
            _ => Err(NoSource::Ambiguous(text.to_owned())),
        }
    }

    fn of_instance(cloud: &Cloud, instance: &Instance) -> Result<Self, NoSource> {
        let stopped = || NoSource::NotRunning(instance.id.clone());
        if instance.state != InstanceState::Running {
            return Err(stopped());
        }
        let interface = instance.interface.as_ref().and_then(|id| cloud.network_interfaces.get(id)).ok_or_else(stopped)?;
        Self::at(cloud, SourceKind::Instance(instance.id.clone()), interface)
    }

    fn of_function(cloud: &Cloud, function: &Function) -> Result<Self, NoSource> {
        let none = || NoSource::NoVpc(function.name.clone());
        let vpc = function.latest.vpc.as_ref().ok_or_else(none)?;
        let interface = vpc.interfaces.first().and_then(|id| cloud.network_interfaces.get(id)).ok_or_else(none)?;
        Self::at(cloud, SourceKind::Function(function.name.clone()), interface)
    }

    fn at(cloud: &Cloud, kind: SourceKind, interface: &NetworkInterface) -> Result<Self, NoSource> {
        let vpc = cloud.vpcs.get(&interface.vpc).ok_or_else(|| NoSource::Idle(interface.id.clone()))?;
        Ok(Self { kind, interface: interface.id.clone(), address: interface.private_ip, names: cloud.name_settings(vpc) })
    }
}

fn is_named(instance: &Instance, text: &str) -> bool {
    let by_name = || instance.state != InstanceState::Terminated && instance.tags.get("Name").is_some_and(|name| name == text);
    instance.id.as_str() == text || by_name()
}

/// The functions that a name or an ARN names, at most two: any account's and region's, unless it says which.
fn functions<'a>(cloud: &'a Cloud, text: &str) -> Vec<&'a Arc<Function>> {
    let Ok(named) = FunctionName::parse(text, None) else { return Vec::new() };
    let is_it = |function: &&Arc<Function>| {
        function.name == named.name
            && named.account.as_ref().is_none_or(|account| account == function.scope.account.as_str())
            && named.region.as_ref().is_none_or(|region| region == function.scope.region.as_str())
    };
    cloud.functions.values().filter(is_it).take(2).collect()
}
