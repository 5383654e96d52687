//! Finds the source that a person names.
use crate::Source;
use std::{net::Ipv4Addr, sync::Arc};
use vpclab_cloud::{Cloud, Function, Instance, InstanceState, NetworkInterfaceId, function::FunctionName};

/// Why a text names no source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSource {
    /// Nothing has this name.
    #[error("there is no instance, network interface, function or address `{0}`")]
    Unknown(String),
    /// Several things have it.
    #[error("several things have the name `{0}`")]
    Ambiguous(String),
}

impl NoSource {
    /// What a person can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "`vpclab topology` lists what there is; an address outside is written ADDRESS@PEERING, as 10.9.0.5@pcx-…",
            Self::Ambiguous(_) => "use an id (i-…, eni-…) or the function's ARN",
        }
    }
}

impl Source {
    /// An instance by its id or Name tag, a network interface by its id, a function by its name or ARN, an address that one interface has,
    /// or `ADDRESS@pcx-…`, an address outside that comes by a peering connection.
    ///
    /// # Errors
    /// Nothing or several things of that name.
    pub fn find(cloud: &Cloud, text: &str) -> Result<Self, NoSource> {
        let unknown = || NoSource::Unknown(text.to_owned());
        if let Some((address, peering)) = text.split_once('@') {
            let (ip, via) = (address.parse().map_err(|_| unknown())?, peering.parse().map_err(|_| unknown())?);
            return if cloud.peerings.contains_key(&via) { Ok(Self::Address { ip, via }) } else { Err(unknown()) };
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return at_address(cloud, address, text);
        }
        if let Ok(id) = text.parse::<NetworkInterfaceId>() {
            return if cloud.network_interfaces.contains_key(&id) { Ok(Self::Interface(id)) } else { Err(unknown()) };
        }
        let instances: Vec<&Arc<Instance>> = cloud.instances.values().filter(|instance| is_named(instance, text)).take(2).collect();
        let functions = functions(cloud, text);
        match (instances.as_slice(), functions.as_slice()) {
            ([], []) => Err(unknown()),
            ([instance], []) => Ok(Self::Instance(instance.id.clone())),
            ([], [function]) => Ok(Self::Function(function.scope.clone(), function.name.clone())),
            _ => Err(NoSource::Ambiguous(text.to_owned())),
        }
    }
}

/// The interface that has an address, or the only peering connection to a network that is not described and has it.
fn at_address(cloud: &Cloud, address: Ipv4Addr, text: &str) -> Result<Source, NoSource> {
    let interfaces: Vec<_> = cloud.network_interfaces.values().filter(|one| one.private_ip == address).take(2).collect();
    let outside = cloud.peerings.values().filter(|peering| {
        let sides = [&peering.requester, &peering.accepter];
        sides.iter().any(|side| !cloud.vpcs.contains_key(&side.vpc) && side.cidrs.iter().any(|block| block.contains(&address)))
    });
    let outside: Vec<_> = outside.take(2).collect();
    match (interfaces.as_slice(), outside.as_slice()) {
        ([], []) => Err(NoSource::Unknown(text.to_owned())),
        ([interface], []) => Ok(Source::Interface(interface.id.clone())),
        ([], [peering]) => Ok(Source::Address { ip: address, via: peering.id.clone() }),
        _ => Err(NoSource::Ambiguous(text.to_owned())),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{WORLD, network::Network};

    #[test]
    fn sources_by_id_and_address() {
        let network = Network::of(WORLD);
        let find = |text: &str| Source::find(&network.cloud, text);
        let here: vpclab_cloud::InstanceId = network.id("here");
        let interface = network.cloud.instances[&here].interface.clone().unwrap();
        assert_eq!(find(here.as_str()), Ok(Source::Instance(here.clone())));
        assert_eq!(find("10.0.1.4"), Ok(Source::Interface(interface.clone())));
        assert_eq!(find(interface.as_str()), Ok(Source::Interface(interface)));
        let pcx: vpclab_cloud::VpcPeeringConnectionId = network.id("pcx");
        assert_eq!(find(&format!("10.1.9.9@{pcx}")), Ok(Source::Address { ip: [10, 1, 9, 9].into(), via: pcx }));
        for nobody in ["10.0.1.99", "eni-00000000000000000", "i-00000000000000000", "10.1.9.9@pcx-00000000000000000", "x@y", "web"] {
            assert_eq!(find(nobody), Err(NoSource::Unknown(nobody.into())));
        }
    }
}
