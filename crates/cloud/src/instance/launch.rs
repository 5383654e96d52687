//! How instances are launched.
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html>
use super::{Instance, InstanceState, LaunchedProfile};
use crate::network_interface::{Addresses, NewInterface};
use crate::{
    Attachment, AttachmentId, ClientToken, Cloud, Context, ImageId, InstanceId, InterfaceKind, NetworkInterface, NetworkInterfaceId,
    Refusal, ReservationId, Scope, SecurityGroupId, Subnet, SubnetId, Tags, Timestamp,
};
use std::{collections::BTreeSet, net::Ipv4Addr, sync::Arc};

/// The most instances of one launch.
pub const MAX_COUNT: u32 = 1000;

/// What `RunInstances` takes. That the image exists is the caller's to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunInstances {
    /// The image.
    pub image: ImageId,
    /// The type. Recorded.
    pub instance_type: String,
    /// The least number of instances that will do.
    pub min_count: u32,
    /// The number wanted.
    pub max_count: u32,
    /// The primary network interface.
    pub interface: LaunchInterface,
    /// The zone asked for, which the subnet has to be in.
    pub availability_zone: Option<String>,
    /// The name of a key pair.
    pub key_name: Option<String>,
    /// The name or the ARN of its instance profile.
    pub profile: Option<String>,
    /// User data in base64, already checked.
    pub user_data: Option<String>,
    /// The idempotency token.
    pub client_token: Option<ClientToken>,
    /// The tags of the instances.
    pub tags: Tags,
    /// The tags of the interfaces made for them.
    pub interface_tags: Tags,
}

/// Where the primary interface of an instance comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LaunchInterface {
    /// It is there already, and stays when the instance goes.
    Existing(NetworkInterfaceId),
    /// It is made for the instance.
    New {
        /// The subnet.
        subnet: SubnetId,
        /// The security groups; the VPC's default one when empty.
        security_groups: Vec<SecurityGroupId>,
        /// The address; the lowest free one when not said.
        private_ip: Option<Ipv4Addr>,
        /// The description.
        description: String,
        /// Whether it goes with the instance.
        delete_on_termination: bool,
        /// Whether it is lent a public address; as the subnet says when not said.
        public_address: Option<bool>,
    },
}

impl Cloud {
    /// `RunInstances`: they run when the call returns. As many as there are addresses for, at least `min_count`.
    ///
    /// # Errors
    /// Counts that are out of order, an unknown subnet, group or interface, one of another VPC, an address or interface in use,
    /// too few addresses, a token used otherwise.
    pub fn run_instances(&mut self, cx: &mut Context, input: RunInstances) -> Result<Vec<InstanceId>, Refusal> {
        self.forget_terminated_instances(cx.now);
        if let Some(made) = self.launched_with(cx, input.client_token.as_ref())? {
            return Ok(made);
        }
        let (least, most) = (input.min_count, input.max_count);
        if least == 0 || most == 0 || least > most {
            return Err(Refusal::InvalidParameterValue(format!(
                "Invalid value '{least}' for MinCount. It must be at least 1 and at most MaxCount ('{most}')."
            )));
        }
        if most > MAX_COUNT {
            return Err(Refusal::InvalidParameterValue(format!("Invalid value '{most}' for MaxCount. It must be at most {MAX_COUNT}.")));
        }
        if let Some(name) = &input.key_name {
            self.key_pair(&cx.scope, name)?;
        }
        self.launched_profile(&cx.scope, input.profile.as_deref())?;
        match input.interface.clone() {
            LaunchInterface::Existing(id) => self.launch_on(cx, &input, &id),
            LaunchInterface::New { subnet, security_groups, private_ip, description, delete_on_termination, public_address } => {
                let subnet = Arc::clone(self.visible_subnet(&cx.scope, &subnet)?);
                in_zone(&input, &subnet.availability_zone)?;
                let vpc = self.visible_vpc(&cx.scope, &subnet.vpc)?;
                let foreign = |group: &SecurityGroupId| {
                    Refusal::InvalidParameter(format!("Security group {group} and subnet {} belong to different networks.", subnet.id))
                };
                let new = NewInstanceInterface {
                    security_groups: self.groups_or_default(vpc, &security_groups, foreign)?,
                    description,
                    delete_on_termination,
                    public_address: public_address.unwrap_or(subnet.map_public_ip_on_launch),
                };
                self.launch_in(cx, &input, &subnet, &new, private_ip)
            }
        }
    }

    fn launch_on(&mut self, cx: &mut Context, input: &RunInstances, id: &NetworkInterfaceId) -> Result<Vec<InstanceId>, Refusal> {
        if input.max_count != 1 {
            return Err(Refusal::InvalidParameterCombination(
                "Network interfaces and an instance-level count of more than one may not be specified on the same request".to_owned(),
            ));
        }
        let mut interface = NetworkInterface::clone(self.visible_interface(&cx.scope, id)?);
        in_zone(input, &interface.availability_zone)?;
        if interface.is_in_use() {
            return Err(Refusal::NetworkInterfaceInUseByOther(id.clone()));
        }
        let instance = InstanceId::fresh(&mut cx.ids);
        interface.attachment = Some(attachment(cx, &instance, false));
        let reservation = ReservationId::fresh(&mut cx.ids);
        self.add_instance(cx, input, (instance.clone(), 0), &reservation, &interface);
        self.network_interfaces.insert(id.clone(), Arc::new(interface));
        Ok(vec![instance])
    }

    fn launch_in(
        &mut self,
        cx: &mut Context,
        input: &RunInstances,
        subnet: &Subnet,
        new: &NewInstanceInterface,
        private_ip: Option<Ipv4Addr>,
    ) -> Result<Vec<InstanceId>, Refusal> {
        if private_ip.is_some() && input.max_count != 1 {
            return Err(Refusal::InvalidParameterCombination(
                "The parameter PrivateIpAddress cannot be used when launching more than one instance".to_owned(),
            ));
        }
        let mut addresses = Addresses::of(self, subnet);
        let count = u32::try_from(addresses.free()).unwrap_or(u32::MAX).min(input.max_count);
        if count < input.min_count {
            return Err(Refusal::InsufficientFreeAddresses(subnet.id.clone()));
        }
        let reservation = ReservationId::fresh(&mut cx.ids);
        let mut launched = Vec::new();
        for index in 0..count {
            let private_ip = addresses.take(private_ip)?;
            let id = InstanceId::fresh(&mut cx.ids);
            let interface = NewInterface {
                private_ip,
                security_groups: new.security_groups.clone(),
                kind: InterfaceKind::Customer,
                attachment: Some(attachment(cx, &id, new.delete_on_termination)),
                description: new.description.clone(),
                client_token: None,
                tags: input.interface_tags.clone(),
            };
            let interface = self.add_interface(cx, subnet, interface);
            let Some(interface) = self.network_interfaces.get(&interface).map(Arc::clone) else { continue };
            self.add_instance(cx, input, (id.clone(), index), &reservation, &interface);
            if new.public_address {
                self.lend_public_address(cx, &interface);
                if let Some(instance) = self.instances.get_mut(&id) {
                    Arc::make_mut(instance).has_public_address = true;
                }
            }
            launched.push(id);
        }
        Ok(launched)
    }

    fn add_instance(
        &mut self,
        cx: &Context,
        input: &RunInstances,
        (id, launch_index): (InstanceId, u32),
        reservation: &ReservationId,
        interface: &NetworkInterface,
    ) {
        let instance = Instance {
            id: id.clone(),
            scope: cx.scope.clone(),
            reservation: reservation.clone(),
            launch_index,
            image: input.image.clone(),
            instance_type: input.instance_type.clone(),
            vpc: interface.vpc.clone(),
            subnet: interface.subnet.clone(),
            interface: Some(interface.id.clone()),
            has_public_address: false,
            state: InstanceState::Running,
            state_reason: None,
            key_name: input.key_name.clone(),
            user_data: input.user_data.clone(),
            profile: self.launched_profile(&cx.scope, input.profile.as_deref()).ok().flatten(),
            launched: cx.now,
            terminated: None,
            client_token: input.client_token.clone(),
            tags: input.tags.clone(),
        };
        self.instances.insert(id, Arc::new(instance));
    }

    /// The instance profile that a launch names.
    ///
    /// # Errors
    /// When the account has none of that name or ARN, or it has no role.
    pub fn launched_profile(&self, scope: &Scope, asked: Option<&str>) -> Result<Option<LaunchedProfile>, Refusal> {
        let Some(asked) = asked else { return Ok(None) };
        let by_arn = asked.starts_with("arn:");
        let name = if by_arn { asked.rsplit('/').next().unwrap_or_default() } else { asked };
        let found = self.instance_profile(&scope.account, name).ok().filter(|profile| !by_arn || profile.arn() == asked);
        let Some(profile) = found else {
            let (member, what) = if by_arn { ("arn", "ARN") } else { ("name", "name") };
            return Err(Refusal::InvalidParameterValue(format!(
                "Value ({asked}) for parameter iamInstanceProfile.{member} is invalid. Invalid IAM Instance Profile {what}"
            )));
        };
        if profile.role.is_none() {
            return Err(Refusal::InvalidParameterValue(format!("IAM Instance Profile \"{}\" has no associated IAM Roles", profile.arn())));
        }
        Ok(Some(LaunchedProfile { arn: profile.arn(), id: profile.id.clone() }))
    }

    /// What an earlier launch with this token made.
    fn launched_with(&self, cx: &Context, token: Option<&ClientToken>) -> Result<Option<Vec<InstanceId>>, Refusal> {
        let own = || self.instances.values().filter(|instance| instance.scope == cx.scope);
        let Some(reservation) = ClientToken::find(token, own().map(|instance| (instance.client_token.as_ref(), &instance.reservation)))?
        else {
            return Ok(None);
        };
        let mut made: Vec<_> = own().filter(|instance| &instance.reservation == reservation).collect();
        made.sort_by_key(|instance| instance.launch_index);
        Ok(Some(made.into_iter().map(|instance| instance.id.clone()).collect()))
    }

    fn forget_terminated_instances(&mut self, now: Timestamp) {
        let gone: Vec<_> = self.instances.values().filter(|instance| !instance.is_shown(now)).map(|instance| instance.id.clone()).collect();
        for id in gone {
            self.instances.remove(&id);
        }
    }
}

/// What the interfaces of one launch have in common.
struct NewInstanceInterface {
    security_groups: BTreeSet<SecurityGroupId>,
    description: String,
    delete_on_termination: bool,
    public_address: bool,
}

fn attachment(cx: &mut Context, instance: &InstanceId, delete_on_termination: bool) -> Attachment {
    Attachment { id: AttachmentId::fresh(&mut cx.ids), instance: instance.clone(), device_index: 0, delete_on_termination, since: cx.now }
}

fn in_zone(input: &RunInstances, zone: &str) -> Result<(), Refusal> {
    match &input.availability_zone {
        Some(asked) if asked != zone => Err(Refusal::InvalidParameterValue(format!(
            "The availability zone '{asked}' is not that of the subnet or network interface, '{zone}'"
        ))),
        _ => Ok(()),
    }
}
