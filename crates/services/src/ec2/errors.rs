//! EC2's error codes and texts: the only place where a [`Refusal`] meets them.
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>
use std::str::FromStr;
use vpclab_cloud::launch_template::TemplateName;
use vpclab_cloud::{MalformedId, Refusal};
use vpclab_wire::WireError;

/// The code and the text of a refusal. EC2 answers every one of them with status 400.
#[must_use]
pub fn word(refusal: &Refusal) -> WireError {
    use Refusal as R;
    let (code, message): (&'static str, String) = match refusal {
        // VPCs, subnets, tags.
        R::VpcNotFound(id) => ("InvalidVpcID.NotFound", format!("The vpc ID '{id}' does not exist")),
        R::VpcRange(cidr) => ("InvalidVpc.Range", format!("The CIDR '{cidr}' is invalid.")),
        R::HostnamesNeedSupport => (
            "InvalidParameterValue",
            "Invalid value 'true' for enableDnsHostnames. You cannot enable DNS hostnames while DNS support is disabled.".into(),
        ),
        R::SubnetNotFound(id) => ("InvalidSubnetID.NotFound", format!("The subnet ID '{id}' does not exist")),
        R::SubnetRange(cidr) => ("InvalidSubnet.Range", format!("The CIDR '{cidr}' is invalid.")),
        R::SubnetConflict(cidr) => ("InvalidSubnet.Conflict", format!("The CIDR '{cidr}' conflicts with another subnet")),
        R::ZoneNotFound { parameter, asked, zones } => (
            "InvalidParameterValue",
            format!(
                "Value ({asked}) for parameter {parameter} is invalid. Subnets can currently only be created in the following \
                 availability zones: {zones}."
            ),
        ),
        R::VpcLimit => ("VpcLimitExceeded", "The maximum number of VPCs has been reached.".into()),
        R::SubnetLimit(vpc) => ("SubnetLimitExceeded", format!("The maximum number of subnets has been reached for {vpc}.")),
        R::NetworkAclNotFound(id) => ("InvalidNetworkAclID.NotFound", format!("The networkAcl ID '{id}' does not exist")),
        R::InvalidId(id) => ("InvalidID", format!("The ID '{id}' is not valid")),
        R::TagLimit(id) => ("TagLimitExceeded", format!("The maximum number of Tags for a resource has been reached: {id}")),
        R::DependencyViolation { resource } => ("DependencyViolation", format!("The {resource} has dependencies and cannot be deleted.")),
        // Security groups.
        R::SecurityGroupNotFound(id) => ("InvalidGroup.NotFound", format!("The security group '{id}' does not exist")),
        R::SecurityGroupRuleNotFound(id) => {
            ("InvalidSecurityGroupRuleId.NotFound", format!("The security group rule ID '{id}' does not exist"))
        }
        R::GroupDuplicate { name, vpc } => {
            ("InvalidGroup.Duplicate", format!("The security group '{name}' already exists for VPC '{vpc}'"))
        }
        R::GroupCannotDelete(id) => {
            ("CannotDelete", format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user"))
        }
        R::RuleDuplicate(rule) => ("InvalidPermission.Duplicate", format!("the specified rule \"{rule}\" already exists")),
        R::RuleNotFound => ("InvalidPermission.NotFound", "The specified rule does not exist in this security group.".into()),
        R::RulesLimit => ("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached.".into()),
        R::GroupsPerInterfaceLimit => {
            ("SecurityGroupsPerInterfaceLimitExceeded", "The maximum number of security groups per interface has been reached.".into())
        }
        R::GroupInUse(id) => ("DependencyViolation", format!("resource {id} has a dependent object")),
        R::DifferentNetworks => ("InvalidGroup.NotFound", "You have specified two resources that belong to different networks.".into()),
        R::PermissionMalformed(text) => ("InvalidPermission.Malformed", text.clone()),
        R::SecurityGroupLimit => ("SecurityGroupLimitExceeded", "The maximum number of security groups has been reached.".into()),
        // Route tables.
        R::RouteTableNotFound(id) => ("InvalidRouteTableID.NotFound", format!("The routeTable ID '{id}' does not exist")),
        R::RouteTableAssociationNotFound(id) => ("InvalidAssociationID.NotFound", format!("The association ID '{id}' does not exist")),
        R::RouteAlreadyExists(cidr) => ("RouteAlreadyExists", format!("The route identified by {cidr} already exists.")),
        R::RouteNotFound { cidr, table } => {
            ("InvalidRoute.NotFound", format!("no route with destination-cidr-block {cidr} in route table {table}"))
        }
        // Peering connections.
        R::PeeringNotFound(id) => ("InvalidVpcPeeringConnectionID.NotFound", format!("The vpcPeeringConnection ID '{id}' does not exist")),
        R::InvalidStateTransition { peering, from, to } => {
            ("InvalidStateTransition", format!("Invalid state transition for {peering}, attempted to transition from {from} to {to}"))
        }
        R::PeeringAlreadyExists(id) => {
            ("VpcPeeringConnectionAlreadyExists", format!("A VPC peering connection {id} already exists between these VPCs"))
        }
        R::OperationNotPermitted(text) => ("OperationNotPermitted", text.clone()),
        R::PeeringNotActive(id) => {
            ("OperationNotPermitted", format!("Peering {id} is not active. Peering options can be added only to active peerings."))
        }
        R::PeeringDnsHostnamesDisabled(vpc) => {
            ("InvalidVpcPeeringConnectionState.DnsHostnamesDisabled", format!("DNS hostnames are disabled for the VPC {vpc}"))
        }
        // Interface endpoints.
        R::VpcEndpointNotFound(id) => ("InvalidVpcEndpointId.NotFound", format!("The Vpc Endpoint Id '{id}' does not exist")),
        R::DuplicateSubnetsInSameZone(subnet) => (
            "DuplicateSubnetsInSameZone",
            format!(
                "Found another VPC endpoint subnet in the availability zone of {subnet}. VPC endpoint subnets should be in different \
                 availability zones supported by the VPC endpoint service."
            ),
        ),
        R::PrivateDnsNeedsAttributes(vpc) => (
            "InvalidParameter",
            format!("Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {vpc}"),
        ),
        R::PrivateDnsConflict { domain, vpc } => (
            "InvalidParameter",
            format!("private-dns-enabled cannot be set because there is already a conflicting DNS domain for {domain} in the VPC {vpc}"),
        ),
        R::ServiceNotFound(name) => ("InvalidServiceName", format!("The Vpc Endpoint Service '{name}' does not exist")),
        R::EndpointLimit(vpc) => ("VpcEndpointLimitExceeded", format!("The maximum number of VPC endpoints in {vpc} has been reached.")),
        R::InvalidPolicyDocument(text) => ("InvalidPolicyDocument", text.clone()),
        R::IdempotentParameterMismatch => {
            ("IdempotentParameterMismatch", "The request uses the same client token as a previous, but non-identical request.".into())
        }
        // Network interfaces and instances.
        R::NetworkInterfaceNotFound(id) => ("InvalidNetworkInterfaceID.NotFound", format!("The networkInterface ID '{id}' does not exist")),
        R::AddressInUse(ip) => ("InvalidIPAddress.InUse", format!("Address {ip} is in use.")),
        R::InsufficientFreeAddresses(subnet) => (
            "InsufficientFreeAddressesInSubnet",
            format!("There are not enough free addresses in subnet '{subnet}' to satisfy the requested number of instances."),
        ),
        R::InstanceNotFound(id) => ("InvalidInstanceID.NotFound", format!("The instance ID '{id}' does not exist")),
        R::ImageNotFound(id) => ("InvalidAMIID.NotFound", format!("The image id '[{id}]' does not exist")),
        R::IncorrectInstanceState { instance, action } => {
            ("IncorrectInstanceState", format!("The instance '{instance}' is not in a state from which it can be {action}."))
        }
        // Route tables, peerings, endpoints, interfaces: limits and states.
        R::RouteLimit(table) => ("RouteLimitExceeded", format!("The maximum number of routes has been reached in {table}.")),
        R::RouteTableLimit(vpc) => ("RouteTableLimitExceeded", format!("The maximum number of route tables has been reached in {vpc}.")),
        R::AlreadyAssociated(table) => (
            "Resource.AlreadyAssociated",
            format!("the specified association for route table {table} conflicts with an existing association"),
        ),
        R::ActivePeeringLimit(vpc) => (
            "ActiveVpcPeeringConnectionPerVpcLimitExceeded",
            format!("The maximum number of active VPC peering connections has been reached for {vpc}."),
        ),
        R::OutstandingPeeringLimit => (
            "OutstandingVpcPeeringConnectionLimitExceeded",
            "The maximum number of outstanding VPC peering connection requests has been reached.".into(),
        ),
        R::GatewayEndpointNotBuilt(name) => (
            "UnsupportedOperation",
            format!("vpclab makes no VPC endpoints of the type Gateway yet (service '{name}'): instances and functions would not reach it"),
        ),
        R::NetworkInterfaceInUse(id) => ("InvalidParameterValue", format!("Network interface '{id}' is currently in use.")),
        R::NetworkInterfaceInUseByOther(id) => ("InvalidNetworkInterface.InUse", format!("Interface: [{id}] in use.")),
        R::InstancesNotFound(ids) => {
            let ids: Vec<_> = ids.iter().map(|id| id.as_str()).collect();
            ("InvalidInstanceID.NotFound", format!("The instance IDs '{}' do not exist", ids.join(", ")))
        }
        // Network ACLs.
        R::NetworkAclAssociationNotFound(id) => ("InvalidAssociationID.NotFound", format!("The association ID '{id}' does not exist")),
        R::NetworkAclEntryExists(number) => {
            ("NetworkAclEntryAlreadyExists", format!("The network acl entry identified by {number} already exists."))
        }
        R::NetworkAclEntryNotFound { acl, number, egress } => (
            "InvalidNetworkAclEntry.NotFound",
            format!("The network acl entry identified by {number} with egress {egress} does not exist in {acl}"),
        ),
        R::NetworkAclEntryLimit(acl) => {
            ("NetworkAclEntryLimitExceeded", format!("The maximum number of network acl entries has been reached in {acl}."))
        }
        R::NetworkAclLimit(vpc) => ("NetworkAclLimitExceeded", format!("The maximum number of network acls has been reached in {vpc}.")),
        // Secondary CIDR blocks.
        R::VpcCidrRestricted(cidr) => (
            "InvalidVpc.Range",
            format!(
                "The CIDR '{cidr}' is restricted. Use a CIDR from the same private address range as the current VPC CIDR, or use a \
                 publicly-routable CIDR. For additional restrictions, see \
                 https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"
            ),
        ),
        R::VpcCidrConflict(cidr) => {
            ("CidrConflict", format!("The CIDR '{cidr}' conflicts with another CIDR of the VPC, of a VPC peered with it, or a route"))
        }
        R::VpcCidrLimit(vpc) => (
            "CidrLimitExceeded",
            format!("This network '{vpc}' has met its maximum number of allowed CIDRs: {}", vpclab_cloud::vpc::MAX_CIDRS),
        ),
        R::VpcCidrAssociationNotFound(id) => {
            ("InvalidVpcCidrBlockAssociationID.NotFound", format!("The vpc CIDR block association ID '{id}' does not exist"))
        }
        R::VpcCidrInUse { vpc, cidr } => {
            ("InvalidCidrBlock.InUse", format!("The vpc {vpc} currently has a subnet within CIDR block {cidr}"))
        }
        R::AttachmentNotFound(id) => ("InvalidAttachmentID.NotFound", format!("The attachment ID '{id}' does not exist")),
        // Key pairs and launch templates.
        R::KeyPairNotFound(name) => ("InvalidKeyPair.NotFound", format!("The key pair '{name}' does not exist")),
        R::KeyPairIdNotFound(id) => ("InvalidKeyPair.NotFound", format!("The key pair ID '{id}' does not exist")),
        R::KeyPairDuplicate(name) => ("InvalidKeyPair.Duplicate", format!("The keypair '{name}' already exists")),
        R::KeyPairLimit => ("KeyPairLimitExceeded", "The maximum number of key pairs has been reached.".into()),
        R::LaunchTemplateNotFound(TemplateName::Id(id)) | R::LaunchTemplateIdNotFound(id) => {
            ("InvalidLaunchTemplateId.NotFound", format!("The specified launch template, with template ID {id}, does not exist."))
        }
        R::LaunchTemplateNotFound(TemplateName::Name(name)) => (
            "InvalidLaunchTemplateName.NotFoundException",
            format!("The specified launch template, with template name {name}, does not exist."),
        ),
        R::LaunchTemplateVersionNotFound { template, number } => (
            "InvalidLaunchTemplateId.VersionNotFound",
            format!("Could not find the specified version {number} for the launch template with ID {template}."),
        ),
        R::LaunchTemplateNameTaken => ("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.".into()),
        R::LaunchTemplateNameMalformed(name) => (
            "InvalidLaunchTemplateName.MalformedException",
            format!("The launch template name '{name}' is invalid. A name has 3 to 128 characters: letters, numbers and ()./_-"),
        ),
        R::LaunchTemplateLimit => ("LaunchTemplateLimitExceeded", "The maximum number of launch templates has been reached.".into()),
        R::LaunchTemplateVersionLimit(id) => {
            ("VersionLimitExceeded", format!("The maximum number of versions has been reached for the launch template {id}."))
        }
        // DHCP options.
        R::DhcpOptionsNotFound(id) => ("InvalidDhcpOptionID.NotFound", format!("The dhcpOption ID '{id}' does not exist")),
        R::DhcpOptionsLimit => ("DhcpOptionsLimitExceeded", "The maximum number of DHCP options sets has been reached.".into()),
        // Gateways and public addresses.
        R::InternetGatewayNotFound(id) => ("InvalidInternetGatewayID.NotFound", format!("The internetGateway ID '{id}' does not exist")),
        R::InternetGatewayLimit => ("InternetGatewayLimitExceeded", "The maximum number of internet gateways has been reached.".into()),
        R::GatewayNotAttached(text) => ("Gateway.NotAttached", text.clone()),
        R::AlreadyAttached { resource, to } => {
            ("Resource.AlreadyAssociated", format!("resource {resource} is already attached to network {to}"))
        }
        R::AlreadyAssociatedWith { resource, with } => {
            ("Resource.AlreadyAssociated", format!("resource {resource} is already associated with {with}"))
        }
        R::DependencyText(text) => ("DependencyViolation", text.clone()),
        R::NatGatewayNotFound(id) => ("NatGatewayNotFound", format!("The Nat Gateway {id} was not found")),
        R::NatGatewayLimit(zone) => ("NatGatewayLimitExceeded", format!("The maximum number of NAT gateways has been reached in {zone}.")),
        R::AllocationNotFound(id) => ("InvalidAllocationID.NotFound", format!("The allocation ID '{id}' does not exist")),
        R::AddressAssociationNotFound(id) => ("InvalidAssociationID.NotFound", format!("The association ID '{id}' does not exist")),
        R::AddressNotFound(ip) => ("InvalidAddress.NotFound", format!("Address '{ip}' not found.")),
        R::AddressLimit => ("AddressLimitExceeded", "The maximum number of addresses has been reached.".into()),
        // Flow logs.
        R::FlowLogsNotFound(ids) => {
            let list: Vec<_> = ids.iter().map(|id| id.as_str()).collect();
            let (count, list) = (ids.len(), list.join(", "));
            ("InvalidFlowLogId.NotFound", format!("These flow log ids in the input list are not found: [TotalCount: {count}] {list}"))
        }
        R::FlowLogNotFound(id) => ("InvalidFlowLogId.NotFound", format!("The flow log ID '{id}' does not exist")),
        R::FlowLogAlreadyExists => {
            ("FlowLogAlreadyExists", "Error. There is an existing Flow Log with the same configuration and log destination.".into())
        }
        R::FlowLogLimit(id) => ("FlowLogsLimitExceeded", format!("The maximum number of flow logs has been reached for {id}.")),
        // The Reachability Analyzer.
        R::NetworkInsightsPathNotFound(id) => {
            ("InvalidNetworkInsightsPathId.NotFound", format!("The network insights path ID '{id}' does not exist"))
        }
        R::NetworkInsightsAnalysisNotFound(id) => {
            ("InvalidNetworkInsightsAnalysisId.NotFound", format!("The network insights analysis ID '{id}' does not exist"))
        }
        R::AnalysisExistsForPath(id) => (
            "AnalysisExistsForNetworkInsightsPath",
            format!("The network insights path {id} has analyses. Delete them before you delete the path."),
        ),
        R::NetworkInsightsLimit("paths") => {
            ("NetworkInsightsPathLimitExceeded", "The maximum number of network insights paths has been reached.".into())
        }
        R::NetworkInsightsLimit(_) => {
            ("NetworkInsightsAnalysisLimitExceeded", "The maximum number of network insights analyses has been reached.".into())
        }
        R::InvalidInstance { instance, why } => ("InvalidInstanceID", format!("Invalid instance '{instance}'. {why}")),
        // Texts of their own.
        R::InvalidParameterValue(text) => ("InvalidParameterValue", text.clone()),
        R::MissingParameter(text) => ("MissingParameter", text.clone()),
        R::InvalidParameter(text) => ("InvalidParameter", text.clone()),
        R::InvalidParameterCombination(text) => ("InvalidParameterCombination", text.clone()),
        // A refusal of another service, or one without a row: the caller sees what it is, and that it is our fault.
        other => return WireError::new(500, "InternalError", other.to_string()),
    };
    WireError::new(400, code, message)
}

/// An id of EC2, and the code with which a malformed one is refused.
pub trait ResourceId: FromStr<Err = MalformedId> {
    /// The code.
    const MALFORMED: &'static str;
}

macro_rules! malformed {
    ($($id:ident = $code:literal;)*) => {
        $(impl ResourceId for vpclab_cloud::$id { const MALFORMED: &'static str = $code; })*
    };
}
malformed! {
    VpcId = "InvalidVpcID.Malformed";
    SubnetId = "InvalidSubnetId.Malformed";
    SecurityGroupId = "InvalidGroupId.Malformed";
    SecurityGroupRuleId = "InvalidSecurityGroupRuleId.Malformed";
    RouteTableId = "InvalidRouteTableId.Malformed";
    RouteTableAssociationId = "InvalidRouteTableAssociationId.Malformed";
    NetworkAclId = "InvalidNetworkAclId.Malformed";
    NetworkAclAssociationId = "InvalidNetworkAclAssociationId.Malformed";
    VpcCidrAssociationId = "InvalidVpcCidrBlockAssociationID.Malformed";
    AttachmentId = "InvalidAttachmentID.Malformed";
    KeyPairId = "InvalidKeyPairId.Malformed";
    LaunchTemplateId = "InvalidLaunchTemplateId.Malformed";
    DhcpOptionsId = "InvalidDhcpOptionsId.Malformed";
    InternetGatewayId = "InvalidInternetGatewayId.Malformed";
    NatGatewayId = "NatGatewayMalformed";
    AllocationId = "InvalidAllocationID.Malformed";
    AddressAssociationId = "InvalidAssociationID.Malformed";
    VpcPeeringConnectionId = "InvalidVpcPeeringConnectionId.Malformed";
    VpcEndpointId = "InvalidVpcEndpointId.Malformed";
    NetworkInterfaceId = "InvalidNetworkInterfaceId.Malformed";
    InstanceId = "InvalidInstanceID.Malformed";
    FlowLogId = "InvalidFlowLogId.Malformed";
    NetworkInsightsPathId = "InvalidNetworkInsightsPathId.Malformed";
    NetworkInsightsAnalysisId = "InvalidNetworkInsightsAnalysisId.Malformed";
    ImageId = "InvalidAMIID.Malformed";
}

/// Parses an id of a request.
///
/// # Errors
/// The kind's `….Malformed`.
pub fn parse_id<I: ResourceId>(text: &str) -> Result<I, WireError> {
    text.parse().map_err(|MalformedId { prefix, text }| {
        WireError::new(400, I::MALFORMED, format!("Invalid id: \"{text}\" (expecting \"{prefix}...\")"))
    })
}

/// Parses the ids of a request.
///
/// # Errors
/// As [`parse_id`], for the first that is malformed.
pub fn parse_ids<I: ResourceId>(texts: &[String]) -> Result<Vec<I>, WireError> {
    texts.iter().map(|text| parse_id(text)).collect()
}

/// `MissingParameter` for a parameter, named as EC2 does.
#[must_use]
pub fn missing(parameter: &str) -> WireError {
    WireError::new(400, "MissingParameter", format!("The request must contain the parameter {parameter}"))
}

/// `InvalidParameterValue` with this text.
#[must_use]
pub fn invalid_value(message: impl Into<String>) -> WireError {
    WireError::new(400, "InvalidParameterValue", message)
}

/// `InvalidParameterCombination` with this text.
#[must_use]
pub fn invalid_combination(message: impl Into<String>) -> WireError {
    WireError::new(400, "InvalidParameterCombination", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vpclab_cloud::{SecurityGroupId, VpcId};

    #[test]
    fn malformed_ids_have_the_code_of_their_kind() {
        let error = parse_id::<VpcId>("sg-0123456789abcdef0").unwrap_err();
        assert_eq!(error.code, "InvalidVpcID.Malformed");
        assert_eq!(error.message, "Invalid id: \"sg-0123456789abcdef0\" (expecting \"vpc-...\")");
        assert_eq!(parse_id::<SecurityGroupId>("sg-x").unwrap_err().code, "InvalidGroupId.Malformed");
        assert!(parse_id::<VpcId>("vpc-0123456789abcdef0").is_ok());
    }

    #[test]
    fn a_refusal_is_worded_as_ec2_does() {
        let error = word(&Refusal::VpcNotFound("vpc-0123456789abcdef0".parse().unwrap()));
        assert_eq!(error, WireError::new(400, "InvalidVpcID.NotFound", "The vpc ID 'vpc-0123456789abcdef0' does not exist"));
        assert_eq!(word(&Refusal::ApiNotFound("x".into())).status, 500, "not one of EC2's");
    }
}
