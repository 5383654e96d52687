//! `RunInstances`.
use super::shown;
use crate::ec2::errors::{self, invalid_combination, invalid_value, missing, parse_id, parse_ids};
use crate::ec2::network_interface::{description, parse_address};
use crate::ec2::{image, launch_template, route_table, tag};
use crate::request::RequestContext;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use vpclab_cloud::instance::{LaunchInterface, RunInstances};
use vpclab_cloud::{ClientToken, ImageId, Refusal, Scope, zone};
use vpclab_wire::{WireError, ec2};

/// The most user data, decoded.
const MAX_USER_DATA: usize = 16 * 1024;
/// What a launch can tag. A lab's instances have no volumes and are not bought on the spot market: those tags have no bearer.
const TAGGED: &[&str] = &["instance", "network-interface", "volume", "spot-instances-request", "elastic-gpu"];
/// EC2's type of a launch that names none.
const DEFAULT_TYPE: &str = "m1.small";

/// `RunInstances`: answers `pending`; the instances run already.
pub async fn run_instances(cx: &RequestContext, req: ec2::RunInstancesRequest) -> Result<ec2::Reservation, WireError> {
    let client_token = token(&req)?;
    let mut req = ec2::RunInstancesRequest { client_token: None, ..req };
    let of_template = launch_template::fill(&cx.snapshot(), &cx.scope, &mut req)?;
    let mut input = RunInstances { client_token, ..read(&cx.scope, req)? };
    input.tags.extend(of_template);
    cx.change(errors::word, |cloud, c| {
        let ids = cloud.run_instances(c, input)?;
        let made: Vec<_> = ids.iter().filter_map(|id| cloud.instances.get(id)).collect();
        let pending = made.iter().map(|instance| ec2::Instance {
            state: Some(shown::state_of(0, "pending")),
            state_reason: Some(ec2::StateReason { code: Some("pending".into()), message: Some("pending".into()) }),
            ..shown::instance(cloud, instance)
        });
        Ok(made.first().map_or_else(ec2::Reservation::default, |first| shown::reservation(first, pending.collect())))
    })
    .await
}

fn token(req: &ec2::RunInstancesRequest) -> Result<Option<ClientToken>, WireError> {
    route_table::token(req.client_token.as_deref(), &ec2::RunInstancesRequest { client_token: None, ..req.clone() })
}

/// A launch as the cloud takes it; its token is the caller's to add.
pub(crate) fn read(scope: &Scope, req: ec2::RunInstancesRequest) -> Result<RunInstances, WireError> {
    let image: ImageId = parse_id(req.image_id.as_deref().ok_or_else(|| missing("ImageId"))?)?;
    if image != image::id_of(&scope.region) {
        return Err(errors::word(&Refusal::ImageNotFound(image.to_string())));
    }
    if let Some(name) = req.instance_type.as_deref().filter(|name| *name != DEFAULT_TYPE && !image::instance_type::is_instance_type(name)) {
        return Err(invalid_value(format!("Invalid value '{name}' for InstanceType.")));
    }
    let count = |value: i32, parameter: &str| {
        u32::try_from(value).map_err(|_| invalid_value(format!("Invalid value '{value}' for {parameter}. It must be at least 1.")))
    };
    let mut tags = tag::by_type(&req.tag_specifications, TAGGED)?;
    Ok(RunInstances {
        image,
        min_count: count(req.min_count, "MinCount")?,
        max_count: count(req.max_count, "MaxCount")?,
        interface: interface(&req)?,
        availability_zone: availability_zone(scope, req.placement.as_ref())?,
        key_name: req.key_name.clone(),
        profile: profile(req.iam_instance_profile.as_ref())?,
        user_data: req.user_data.map(user_data).transpose()?,
        instance_type: req.instance_type.unwrap_or_else(|| DEFAULT_TYPE.into()),
        client_token: None,
        tags: tags.remove("instance").unwrap_or_default(),
        interface_tags: tags.remove("network-interface").unwrap_or_default(),
    })
}

/// The name or the ARN of an instance profile.
fn profile(asked: Option<&ec2::IamInstanceProfileSpecification>) -> Result<Option<String>, WireError> {
    match asked.map(|asked| (asked.arn.clone(), asked.name.clone())) {
        Some((Some(_), Some(_))) => {
            Err(invalid_combination("The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'"))
        }
        Some((arn, name)) => Ok(arn.or(name)),
        None => Ok(None),
    }
}

/// The primary interface: of the launch's own parameters or of its one interface specification, never of both.
fn interface(req: &ec2::RunInstancesRequest) -> Result<LaunchInterface, WireError> {
    if !req.security_groups.is_empty() {
        return Err(match req.subnet_id {
            Some(_) => invalid_combination("The parameter groupName cannot be used with the parameter subnet"),
            None => no_default_vpc(),
        });
    }
    let specification = match req.network_interfaces.as_slice() {
        [] => {
            return Ok(LaunchInterface::New {
                subnet: parse_id(req.subnet_id.as_deref().ok_or_else(no_default_vpc)?)?,
                security_groups: parse_ids(&req.security_group_ids)?,
                private_ip: req.private_ip_address.as_deref().map(|text| parse_address(text, "privateIpAddress")).transpose()?,
                description: String::new(),
                delete_on_termination: true,
                public_address: None,
            });
        }
        [one] => one,
        _ => {
            let message = "vpclab gives an instance one network interface; NetworkInterface.2 is not served yet";
            return Err(WireError::new(400, "UnsupportedOperation", message));
        }
    };
    let twice = |what: &str| {
        invalid_combination(format!("Network interfaces and an instance-level {what} may not be specified on the same request"))
    };
    if req.subnet_id.is_some() {
        return Err(twice("subnet ID"));
    }
    if !req.security_group_ids.is_empty() {
        return Err(twice("security groups"));
    }
    if req.private_ip_address.is_some() {
        return Err(twice("private address"));
    }
    of_specification(specification)
}

fn of_specification(one: &ec2::InstanceNetworkInterfaceSpecification) -> Result<LaunchInterface, WireError> {
    match one.device_index {
        None => return Err(missing("NetworkInterface.1.DeviceIndex")),
        Some(0) => {}
        Some(other) => return Err(invalid_value(format!("Invalid device index '{other}': the first network interface is device 0."))),
    }
    let private_ip = one.private_ip_address.as_deref().map(|text| parse_address(text, "privateIpAddress")).transpose()?;
    let Some(existing) = one.network_interface_id.as_deref() else {
        return Ok(LaunchInterface::New {
            subnet: parse_id(one.subnet_id.as_deref().ok_or_else(no_default_vpc)?)?,
            security_groups: parse_ids(&one.groups)?,
            private_ip,
            description: description(one.description.clone().unwrap_or_default())?,
            delete_on_termination: one.delete_on_termination.unwrap_or(true),
            public_address: one.associate_public_ip_address,
        });
    };
    if one.subnet_id.is_some() || !one.groups.is_empty() || private_ip.is_some() || one.description.is_some() {
        return Err(invalid_combination(
            "A network interface specification may not name an existing interface and the properties of a new one",
        ));
    }
    if one.associate_public_ip_address == Some(true) {
        return Err(invalid_combination(
            "The associatePublicIPAddress parameter cannot be specified when launching with a specific network interface",
        ));
    }
    if one.delete_on_termination == Some(true) {
        return Err(invalid_combination("DeleteOnTermination can be set only for a network interface that the launch makes"));
    }
    Ok(LaunchInterface::Existing(parse_id(existing)?))
}

fn no_default_vpc() -> WireError {
    let message = "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.";
    WireError::new(400, "VPCIdNotSpecified", message)
}

/// The name of the zone asked for by name or id.
fn availability_zone(scope: &Scope, placement: Option<&ec2::Placement>) -> Result<Option<String>, WireError> {
    let Some(placement) = placement else { return Ok(None) };
    let zones = zone::zones(&scope.region);
    let (found, asked) = match (&placement.availability_zone, &placement.availability_zone_id) {
        (Some(_), Some(_)) => return Err(invalid_combination("AvailabilityZone and AvailabilityZoneId may not be specified together")),
        (Some(name), None) => (zones.into_iter().find(|zone| &zone.name == name), name),
        (None, Some(id)) => (zones.into_iter().find(|zone| &zone.id == id), id),
        (None, None) => return Ok(None),
    };
    let found = found.ok_or_else(|| invalid_value(format!("Invalid availability zone: [{asked}]")))?;
    Ok(Some(found.name))
}

fn user_data(text: String) -> Result<String, WireError> {
    // Clients wrap long base64 in lines; EC2 takes that.
    let packed: String = text.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
    match STANDARD.decode(&packed) {
        Err(_) => Err(WireError::new(400, "InvalidUserData.Malformed", "Invalid BASE64 encoding of user data")),
        Ok(bytes) if bytes.len() > MAX_USER_DATA => Err(invalid_value(format!("User data is limited to {MAX_USER_DATA} bytes"))),
        Ok(_) => Ok(packed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope { account: "111111111111".parse().unwrap(), region: "ap-northeast-2".parse().unwrap() }
    }
    fn request() -> ec2::RunInstancesRequest {
        ec2::RunInstancesRequest {
            image_id: Some(image::id_of(&scope().region).to_string()),
            min_count: 1,
            max_count: 1,
            subnet_id: Some("subnet-0123456789abcdef0".into()),
            ..Default::default()
        }
    }
    fn code(request: ec2::RunInstancesRequest) -> String {
        read(&scope(), request).map_or_else(|error| error.code.into_owned(), |_| "ok".into())
    }

    #[test]
    fn a_launch_is_read() {
        assert_eq!(code(request()), "ok");
        let other = || "ami-0123456789abcdef0".to_owned();
        assert_eq!(code(ec2::RunInstancesRequest { image_id: Some(other()), ..request() }), "InvalidAMIID.NotFound");
        assert_eq!(code(ec2::RunInstancesRequest { image_id: Some("ami".into()), ..request() }), "InvalidAMIID.Malformed");
        assert_eq!(code(ec2::RunInstancesRequest { subnet_id: None, ..request() }), "VPCIdNotSpecified");
        assert_eq!(code(ec2::RunInstancesRequest { user_data: Some("%".into()), ..request() }), "InvalidUserData.Malformed");
        let long = STANDARD.encode(vec![b'x'; MAX_USER_DATA + 1]);
        assert_eq!(code(ec2::RunInstancesRequest { user_data: Some(long), ..request() }), "InvalidParameterValue");
        let lines = Some("IyEv\nYmlu\n".into());
        assert_eq!(read(&scope(), ec2::RunInstancesRequest { user_data: lines, ..request() }).unwrap().user_data.unwrap(), "IyEvYmlu");
    }

    #[test]
    fn an_interface_is_described_in_one_place_only() {
        let one = ec2::InstanceNetworkInterfaceSpecification {
            device_index: Some(0),
            subnet_id: Some("subnet-0123456789abcdef0".into()),
            ..Default::default()
        };
        let with = |list: Vec<_>| ec2::RunInstancesRequest { network_interfaces: list, subnet_id: None, ..request() };
        assert_eq!(code(with(vec![one.clone()])), "ok");
        assert_eq!(code(with(vec![one.clone(), one.clone()])), "UnsupportedOperation");
        let both = ec2::RunInstancesRequest { subnet_id: one.subnet_id.clone(), ..with(vec![one.clone()]) };
        assert_eq!(code(both), "InvalidParameterCombination");
        let second = ec2::InstanceNetworkInterfaceSpecification { device_index: Some(1), ..one.clone() };
        assert_eq!(code(with(vec![second])), "InvalidParameterValue");
        let mixed = ec2::InstanceNetworkInterfaceSpecification { network_interface_id: Some("eni-0123456789abcdef0".into()), ..one };
        assert_eq!(code(with(vec![mixed])), "InvalidParameterCombination");
    }
}
