//! The client: who makes the call, and from which address.
use crate::{Blocker, Cause, EvidenceKind, Fix, Judge, Outcome, Source, Step, StepKind, walk::Walk};
use std::{net::Ipv4Addr, sync::Arc};
use vpclab_cloud::function::function_arn;
use vpclab_cloud::{Cloud, Function, InstanceState, InterfaceKind, NetworkInterface, NetworkInterfaceId, VpcId, VpcPeeringConnectionId};

const CITES: &str = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html";
const CITES_FUNCTION: &str = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html";

/// The client of a call.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    /// Its address.
    pub(crate) address: Ipv4Addr,
    /// Where its packets start.
    pub(crate) at: At,
}

/// Where packets start.
#[derive(Clone, Debug)]
pub(crate) enum At {
    /// At a network interface.
    Interface(Arc<NetworkInterface>),
    /// In a network behind a peering connection.
    Outside(VpcPeeringConnectionId),
}

impl Client {
    /// Its interface.
    pub(crate) fn interface(&self) -> Option<&Arc<NetworkInterface>> {
        match &self.at {
            At::Interface(interface) => Some(interface),
            At::Outside(_) => None,
        }
    }
    /// Its VPC.
    pub(crate) fn vpc(&self) -> Option<&VpcId> {
        self.interface().map(|interface| &interface.vpc)
    }
}

/// The interface that a source calls from.
pub(crate) fn interface_of<'j>(judge: &'j Judge, source: &Source) -> Option<&'j Arc<NetworkInterface>> {
    let cloud = judge.cloud();
    let id = match source {
        Source::Instance(id) => cloud.instances.get(id)?.interface.as_ref()?,
        Source::Function(scope, name) => cloud.functions.get(&(scope.clone(), name.clone()))?.latest.vpc.as_ref()?.interfaces.first()?,
        Source::Interface(id) => return cloud.network_interfaces.get(id),
        Source::Address { .. } => return None,
    };
    cloud.network_interfaces.get(id)
}

/// The interfaces of a function.
pub(crate) fn interfaces<'c>(cloud: &'c Cloud, source: &Source) -> &'c [NetworkInterfaceId] {
    let Source::Function(scope, name) = source else { return &[] };
    let vpc = cloud.functions.get(&(scope.clone(), name.clone())).and_then(|function| function.latest.vpc.as_ref());
    vpc.map(|vpc| vpc.interfaces.as_slice()).unwrap_or_default()
}

/// The interfaces of a function beside the first.
pub(crate) fn others<'c>(cloud: &'c Cloud, source: &Source) -> &'c [NetworkInterfaceId] {
    interfaces(cloud, source).get(1..).unwrap_or_default()
}

/// Writes the client's step down. `None` when there is none whose packets could be followed.
pub(crate) fn find(walk: &mut Walk<'_>) -> Option<Client> {
    let judge = walk.judge;
    let cloud = judge.cloud();
    match walk.call.from.clone() {
        Source::Instance(id) => match cloud.instances.get(&id).and_then(|instance| instance.interface.as_ref()) {
            Some(interface) => at_interface(walk, interface.as_str()),
            None => nobody(walk, EvidenceKind::Instance, id.as_str(), "there is no such instance, or it was terminated"),
        },
        Source::Interface(id) => at_interface(walk, id.as_str()),
        Source::Function(scope, name) => match cloud.functions.get(&(scope.clone(), name.clone())) {
            None => nobody(walk, EvidenceKind::Function, &function_arn(&scope, &name), "there is no such function"),
            Some(function) => match function.latest.vpc.as_ref().and_then(|vpc| vpc.interfaces.first()) {
                Some(interface) => at_interface(walk, interface.as_str()),
                None => without_vpc(walk, function),
            },
        },
        Source::Address { ip, via } => {
            let step = Step::new(StepKind::Client, format!("an address outside, {ip}, by {via}"), CITES)
                .with(EvidenceKind::Address, ip, "")
                .with(EvidenceKind::Peering, &via, "");
            if cloud.peerings.contains_key(&via) {
                walk.pass(step);
                return Some(Client { address: ip, at: At::Outside(via) });
            }
            let blocker = Blocker::of(&step, Cause::SourceNotFound, format!("there is no peering connection {via}"));
            walk.block(step, Outcome::NoClient, blocker);
            None
        }
    }
}

fn nobody(walk: &mut Walk<'_>, kind: EvidenceKind, id: &str, why: &str) -> Option<Client> {
    let step = Step::new(StepKind::Client, format!("{id}: {why}"), CITES).with(kind, id, why);
    let blocker = Blocker::of(&step, Cause::SourceNotFound, format!("{id}: {why}"));
    walk.block(step, Outcome::NoClient, blocker);
    None
}

fn without_vpc(walk: &mut Walk<'_>, function: &Function) -> Option<Client> {
    let (name, region) = (&function.name, &function.scope.region);
    let step = Step::new(StepKind::Client, format!("the function `{name}` is in no VPC"), CITES_FUNCTION).with(
        EvidenceKind::Function,
        function.arn(),
        "",
    );
    let fix = Fix::new(&function.scope.account, "put the function into a VPC that reaches the API: name a subnet and a security group of it")
        .command(format!(
            "aws lambda update-function-configuration --function-name {} --vpc-config SubnetIds=SUBNET,SecurityGroupIds=GROUP --region {region}",
            crate::fix::quoted(name)
        ))
        .property("AWS::Lambda::Function", name, "VpcConfig", serde_json::json!({"SubnetIds": ["SUBNET"], "SecurityGroupIds": ["GROUP"]}));
    let blocker =
        Blocker::of(&step, Cause::FunctionWithoutVpc, format!("the function `{name}` has no network interface in a VPC")).mended_by(fix);
    walk.block(step, Outcome::NoSuchName, blocker);
    None
}

fn at_interface(walk: &mut Walk<'_>, id: &str) -> Option<Client> {
    let judge = walk.judge;
    let cloud = judge.cloud();
    let Some(interface) = cloud.network_interfaces.get(id) else {
        return nobody(walk, EvidenceKind::NetworkInterface, id, "there is no such network interface");
    };
    let client = Client { address: interface.private_ip, at: At::Interface(Arc::clone(interface)) };
    let instance = interface.attachment.as_ref().and_then(|attachment| cloud.instances.get(&attachment.instance));
    let named = match (&walk.call.from, instance) {
        (Source::Function(_, name), _) => format!("the function `{name}`, by {id}"),
        (_, Some(instance)) => format!("{}, by {id}", instance.id),
        _ => id.to_owned(),
    };
    let mut step = Step::new(StepKind::Client, format!("{named}, {} in {}", interface.private_ip, interface.subnet), CITES)
        .with(EvidenceKind::NetworkInterface, id, interface.private_ip.to_string())
        .with(EvidenceKind::Subnet, &interface.subnet, "")
        .with(EvidenceKind::Vpc, &interface.vpc, "");
    if let Some(instance) = instance {
        step = step.with(EvidenceKind::Instance, &instance.id, instance.state.name());
    }
    let (account, region) = (&interface.scope.account, &interface.scope.region);
    let problem = match (&interface.kind, instance) {
        (InterfaceKind::Lambda, _) => None,
        (InterfaceKind::Customer, Some(instance)) => match instance.state {
            InstanceState::Running => None,
            InstanceState::Stopped => Some((
                format!("the instance {} is stopped", instance.id),
                Some(
                    Fix::new(account, "start the instance")
                        .command(format!("aws ec2 start-instances --instance-ids {} --region {region}", instance.id)),
                ),
            )),
            InstanceState::Terminated => Some((format!("the instance {} is terminated", instance.id), None)),
        },
        (InterfaceKind::Customer, None) => Some((format!("{id} is attached to no instance"), None)),
        (InterfaceKind::VpcEndpoint(_) | InterfaceKind::NatGateway(_), _) => {
            Some((format!("{id} belongs to a service that opens no connections of its own"), None))
        }
    };
    match problem {
        None => walk.pass(step),
        Some((why, fix)) => {
            let mut blocker = Blocker::of(&step, Cause::BadState, why);
            blocker.fixes.extend(fix);
            walk.block(step, Outcome::NoClient, blocker);
        }
    }
    Some(client)
}
