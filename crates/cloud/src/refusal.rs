//! Why an operation was refused, as data. Codes, statuses and texts of AWS are in the services' tables.
use crate::*;
use ipnet::Ipv4Net;
use std::net::Ipv4Addr;

/// A refused operation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// No VPC of that id for this account and region.
    #[error("the VPC `{0}` does not exist")]
    VpcNotFound(VpcId),
    /// No subnet of that id.
    #[error("the subnet `{0}` does not exist")]
    SubnetNotFound(SubnetId),
    /// No security group of that id.
    #[error("the security group `{0}` does not exist")]
    SecurityGroupNotFound(SecurityGroupId),
    /// No security group rule of that id.
    #[error("the security group rule `{0}` does not exist")]
    SecurityGroupRuleNotFound(SecurityGroupRuleId),
    /// No route table of that id.
    #[error("the route table `{0}` does not exist")]
    RouteTableNotFound(RouteTableId),
    /// No association of that id.
    #[error("the association `{0}` does not exist")]
    RouteTableAssociationNotFound(RouteTableAssociationId),
    /// No peering connection of that id.
    #[error("the peering connection `{0}` does not exist")]
    PeeringNotFound(VpcPeeringConnectionId),
    /// No endpoint of that id.
    #[error("the VPC endpoint `{0}` does not exist")]
    VpcEndpointNotFound(VpcEndpointId),
    /// No network interface of that id.
    #[error("the network interface `{0}` does not exist")]
    NetworkInterfaceNotFound(NetworkInterfaceId),
    /// No instance of that id.
    #[error("the instance `{0}` does not exist")]
    InstanceNotFound(InstanceId),
    /// No image of that id.
    #[error("the image `{0}` does not exist")]
    ImageNotFound(String),
    /// Something still uses it.
    #[error("`{resource}` has dependencies and cannot be deleted")]
    DependencyViolation {
        /// What was to be deleted, as `vpc 'vpc-…'`.
        resource: String,
    },
    /// A VPC's block is not between /16 and /28.
    #[error("the CIDR `{0}` is invalid for a VPC")]
    VpcRange(Ipv4Net),
    /// A subnet's block is not within its VPC or of a wrong size.
    #[error("the CIDR `{0}` is invalid for the subnet")]
    SubnetRange(Ipv4Net),
    /// A subnet's block overlaps another subnet's.
    #[error("the CIDR `{0}` conflicts with another subnet")]
    SubnetConflict(Ipv4Net),
    /// DNS hostnames need DNS support.
    #[error("DNS hostnames cannot be enabled while DNS support is disabled")]
    HostnamesNeedSupport,
    /// A group of that name is in the VPC already.
    #[error("the security group `{name}` already exists for VPC `{vpc}`")]
    GroupDuplicate {
        /// Its name.
        name: String,
        /// The VPC.
        vpc: VpcId,
    },
    /// A default group cannot be deleted.
    #[error("the specified group `{0}` name: `default` cannot be deleted by a user")]
    GroupCannotDelete(SecurityGroupId),
    /// The same rule is there already; the text says which as EC2 does.
    #[error("the specified rule `{0}` already exists")]
    RuleDuplicate(String),
    /// No such rule to revoke.
    #[error("the specified rule does not exist in this security group")]
    RuleNotFound,
    /// Too many rules in one direction of a group.
    #[error("the maximum number of rules per security group has been reached")]
    RulesLimit,
    /// Too many groups on an interface.
    #[error("the maximum number of security groups per interface has been reached")]
    GroupsPerInterfaceLimit,
    /// The route exists.
    #[error("the route identified by `{0}` already exists")]
    RouteAlreadyExists(Ipv4Net),
    /// No such route.
    #[error("no route with destination-cidr-block `{cidr}` in route table `{table}`")]
    RouteNotFound {
        /// The destination.
        cidr: Ipv4Net,
        /// The table.
        table: RouteTableId,
    },
    /// The address is taken.
    #[error("the address `{0}` is in use")]
    AddressInUse(Ipv4Addr),
    /// The subnet has no free address.
    #[error("insufficient free addresses in subnet `{0}`")]
    InsufficientFreeAddresses(SubnetId),
    /// A peering's status does not allow it.
    #[error("invalid state transition for `{peering}`, attempted to transition from {from} to {to}")]
    InvalidStateTransition {
        /// The peering connection.
        peering: VpcPeeringConnectionId,
        /// Its status, as EC2 words it.
        from: &'static str,
        /// The status asked for.
        to: &'static str,
    },
    /// A second peering of the same two VPCs.
    #[error("a peering connection `{0}` between these VPCs exists")]
    PeeringAlreadyExists(VpcPeeringConnectionId),
    /// Wrong account or region for it.
    #[error("{0}")]
    OperationNotPermitted(String),
    /// Options of a peering that is not active.
    #[error("peering `{0}` is not active")]
    PeeringNotActive(VpcPeeringConnectionId),
    /// Peering DNS resolution needs DNS hostnames in the VPC.
    #[error("VPC `{0}` has DNS hostnames disabled")]
    PeeringDnsHostnamesDisabled(VpcId),
    /// Two subnets of an endpoint in one zone.
    #[error("another VPC endpoint subnet is in the availability zone of `{0}`")]
    DuplicateSubnetsInSameZone(SubnetId),
    /// Private DNS needs both VPC attributes.
    #[error("private DNS requires both VPC attributes in `{0}`")]
    PrivateDnsNeedsAttributes(VpcId),
    /// The private name is taken in the VPC.
    #[error("a conflicting DNS domain for `{domain}` is in the VPC `{vpc}`")]
    PrivateDnsConflict {
        /// The wildcard name.
        domain: String,
        /// The VPC.
        vpc: VpcId,
    },
    /// The service does not exist.
    #[error("the VPC endpoint service `{0}` does not exist")]
    ServiceNotFound(String),
    /// Too many endpoints in the VPC.
    #[error("too many endpoints in `{0}`")]
    EndpointLimit(VpcId),
    /// The policy does not parse or has no principal.
    #[error("invalid policy document: {0}")]
    InvalidPolicyDocument(String),
    /// The token was used with other arguments.
    #[error("the client token was used with different parameters")]
    IdempotentParameterMismatch,
    /// A parameter's value is wrong; code `InvalidParameterValue` with this text.
    #[error("{0}")]
    InvalidParameterValue(String),
    /// Code `InvalidParameter` with this text.
    #[error("{0}")]
    InvalidParameter(String),
    /// Code `InvalidParameterCombination` with this text.
    #[error("{0}")]
    InvalidParameterCombination(String),
    /// The state of the instance does not allow it.
    #[error("the instance `{instance}` is not in a state from which it can be {action}")]
    IncorrectInstanceState {
        /// The instance.
        instance: InstanceId,
        /// `started`, `stopped`, …
        action: &'static str,
    },
    /// A zone that the region does not have.
    #[error("no availability zone `{asked}`; subnets can be created in: {zones}")]
    ZoneNotFound {
        /// `availabilityZone` or `availabilityZoneId`.
        parameter: &'static str,
        /// What was asked for.
        asked: String,
        /// The zones there are, with commas.
        zones: String,
    },
    /// The two groups of a rule cannot reach each other: they are in VPCs without an active peering in the region.
    #[error("the two resources belong to different networks")]
    DifferentNetworks,
    /// Code `InvalidPermission.Malformed` with this text.
    #[error("{0}")]
    PermissionMalformed(String),
    /// A group that another group's rule or an interface uses.
    #[error("`{0}` has a dependent object")]
    GroupInUse(SecurityGroupId),
    /// Text that is the id of nothing that can be tagged.
    #[error("the id `{0}` is not valid")]
    InvalidId(String),
    /// Too many tags on a resource.
    #[error("the maximum number of tags for `{0}` has been reached")]
    TagLimit(String),
    /// No network ACL of that id.
    #[error("the network ACL `{0}` does not exist")]
    NetworkAclNotFound(NetworkAclId),
    /// Too many VPCs in the region.
    #[error("the maximum number of VPCs has been reached")]
    VpcLimit,
    /// Too many subnets in the VPC.
    #[error("the maximum number of subnets for `{0}` has been reached")]
    SubnetLimit(VpcId),
    /// Too many security groups in the region.
    #[error("the maximum number of security groups has been reached")]
    SecurityGroupLimit,
    /// A parameter is missing; code `MissingParameter` with this text.
    #[error("{0}")]
    MissingParameter(String),
    /// An interface that an instance or an endpoint uses.
    #[error("the network interface `{0}` is in use")]
    NetworkInterfaceInUse(NetworkInterfaceId),
    /// An interface for a launch that is another instance's, or an endpoint's.
    #[error("the network interface `{0}` is in use")]
    NetworkInterfaceInUseByOther(NetworkInterfaceId),
    /// Too many routes in a route table.
    #[error("the maximum number of routes has been reached in `{0}`")]
    RouteLimit(RouteTableId),
    /// Too many route tables in a VPC.
    #[error("the maximum number of route tables has been reached in `{0}`")]
    RouteTableLimit(VpcId),
    /// The subnet is associated with another route table by a request.
    #[error("the association for route table `{0}` conflicts with an existing association")]
    AlreadyAssociated(RouteTableId),
    /// A VPC would have too many active peering connections.
    #[error("the maximum number of active peering connections of `{0}` has been reached")]
    ActivePeeringLimit(VpcId),
    /// An account has too many peering requests that nobody answered.
    #[error("the maximum number of outstanding peering requests has been reached")]
    OutstandingPeeringLimit,
    /// A gateway endpoint of a service that has one.
    #[error("vpclab makes no gateway endpoint yet (of `{0}`)")]
    GatewayEndpointNotBuilt(String),
    /// Some of several instances are not there.
    #[error("the instances {} do not exist", .0.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", "))]
    InstancesNotFound(Vec<InstanceId>),
    /// No association of a network ACL of that id.
    #[error("the association `{0}` does not exist")]
    NetworkAclAssociationNotFound(NetworkAclAssociationId),
    /// A network ACL has an entry of that number in that direction.
    #[error("the network ACL entry identified by {0} already exists")]
    NetworkAclEntryExists(u16),
    /// A network ACL has no entry of that number in that direction.
    #[error("the network ACL `{acl}` has no entry {number} with egress {egress}")]
    NetworkAclEntryNotFound {
        /// The network ACL.
        acl: NetworkAclId,
        /// The entry's number.
        number: u16,
        /// The direction.
        egress: bool,
    },
    /// Too many entries in one direction of a network ACL.
    #[error("the maximum number of network ACL entries has been reached in `{0}`")]
    NetworkAclEntryLimit(NetworkAclId),
    /// Too many network ACLs in a VPC.
    #[error("the maximum number of network ACLs has been reached in `{0}`")]
    NetworkAclLimit(VpcId),
    /// A block that the VPC's others forbid.
    #[error("the CIDR `{0}` is restricted")]
    VpcCidrRestricted(Ipv4Net),
    /// A block over another of the VPC's, a peer's or a route's.
    #[error("the CIDR `{0}` conflicts with another block or a route")]
    VpcCidrConflict(Ipv4Net),
    /// Too many blocks in a VPC.
    #[error("the maximum number of CIDR blocks has been reached in `{0}`")]
    VpcCidrLimit(VpcId),
    /// No association of a VPC's block of that id.
    #[error("the VPC CIDR block association `{0}` does not exist")]
    VpcCidrAssociationNotFound(VpcCidrAssociationId),
    /// A block with subnets in it.
    #[error("the VPC `{vpc}` has a subnet within `{cidr}`")]
    VpcCidrInUse {
        /// The VPC.
        vpc: VpcId,
        /// The block.
        cidr: Ipv4Net,
    },
    /// No set of DHCP options of that id.
    #[error("the DHCP options `{0}` do not exist")]
    DhcpOptionsNotFound(DhcpOptionsId),
    /// Too many sets of DHCP options.
    #[error("the maximum number of sets of DHCP options has been reached")]
    DhcpOptionsLimit,
    /// No attachment of a network interface of that id.
    #[error("the attachment `{0}` does not exist")]
    AttachmentNotFound(AttachmentId),
    /// No key pair of that name.
    #[error("the key pair `{0}` does not exist")]
    KeyPairNotFound(String),
    /// No key pair of that id.
    #[error("the key pair `{0}` does not exist")]
    KeyPairIdNotFound(KeyPairId),
    /// A key pair of that name is there already.
    #[error("the key pair `{0}` already exists")]
    KeyPairDuplicate(String),
    /// Too many key pairs.
    #[error("the maximum number of key pairs has been reached")]
    KeyPairLimit,
    /// No launch template of that id or name.
    #[error("the launch template {0:?} does not exist")]
    LaunchTemplateNotFound(crate::launch_template::TemplateName),
    /// No launch template of that id, for an operation that knows ids only.
    #[error("the launch template `{0}` does not exist")]
    LaunchTemplateIdNotFound(LaunchTemplateId),
    /// No such version of a launch template.
    #[error("the launch template `{template}` has no version {number}")]
    LaunchTemplateVersionNotFound {
        /// The template.
        template: LaunchTemplateId,
        /// The version's number.
        number: u64,
    },
    /// A launch template's name that is taken.
    #[error("the launch template's name is in use")]
    LaunchTemplateNameTaken,
    /// A launch template's name that is not permitted.
    #[error("the launch template's name `{0}` is not permitted")]
    LaunchTemplateNameMalformed(String),
    /// Too many launch templates.
    #[error("the maximum number of launch templates has been reached")]
    LaunchTemplateLimit,
    /// Too many versions of a launch template.
    #[error("the maximum number of versions has been reached in `{0}`")]
    LaunchTemplateVersionLimit(LaunchTemplateId),
    /// No internet gateway of that id.
    #[error("the internet gateway `{0}` does not exist")]
    InternetGatewayNotFound(InternetGatewayId),
    /// Too many internet gateways in the region.
    #[error("the maximum number of internet gateways has been reached")]
    InternetGatewayLimit,
    /// `Gateway.NotAttached` with this text.
    #[error("{0}")]
    GatewayNotAttached(String),
    /// A gateway that is attached to a VPC already.
    #[error("`{resource}` is attached to `{to}` already")]
    AlreadyAttached {
        /// The gateway.
        resource: String,
        /// The VPC.
        to: VpcId,
    },
    /// What is associated already, and is not to be moved.
    #[error("`{resource}` is associated with {with} already")]
    AlreadyAssociatedWith {
        /// An Elastic IP address or a network interface.
        resource: String,
        /// As EC2 words it.
        with: String,
    },
    /// `DependencyViolation` with this text.
    #[error("{0}")]
    DependencyText(String),
    /// No NAT gateway of that id.
    #[error("the NAT gateway `{0}` does not exist")]
    NatGatewayNotFound(NatGatewayId),
    /// Too many NAT gateways in a zone.
    #[error("the maximum number of NAT gateways has been reached in `{0}`")]
    NatGatewayLimit(String),
    /// No Elastic IP address of that id.
    #[error("the allocation `{0}` does not exist")]
    AllocationNotFound(AllocationId),
    /// No association of an Elastic IP address of that id.
    #[error("the association `{0}` does not exist")]
    AddressAssociationNotFound(AddressAssociationId),
    /// No Elastic IP address of the account is this one.
    #[error("the address `{0}` was not found")]
    AddressNotFound(Ipv4Addr),
    /// Too many Elastic IP addresses.
    #[error("the maximum number of addresses has been reached")]
    AddressLimit,
    /// Unknown flow logs; code `InvalidFlowLogId.NotFound`.
    #[error("there are no flow logs {0:?}")]
    FlowLogsNotFound(Vec<FlowLogId>),
    /// No flow log of that id.
    #[error("the flow log `{0}` does not exist")]
    FlowLogNotFound(FlowLogId),
    /// The resource has one to the same log group already.
    #[error("there is a flow log with the same configuration and destination")]
    FlowLogAlreadyExists,
    /// The resource has as many as it can.
    #[error("the maximum number of flow logs has been reached for `{0}`")]
    FlowLogLimit(String),
    /// No path of the Reachability Analyzer of that id.
    #[error("the network insights path `{0}` does not exist")]
    NetworkInsightsPathNotFound(NetworkInsightsPathId),
    /// No analysis of the Reachability Analyzer of that id.
    #[error("the network insights analysis `{0}` does not exist")]
    NetworkInsightsAnalysisNotFound(NetworkInsightsAnalysisId),
    /// A path with analyses cannot be deleted.
    #[error("the network insights path `{0}` has analyses")]
    AnalysisExistsForPath(NetworkInsightsPathId),
    /// Too many paths, or too many analyses.
    #[error("the maximum number of network insights {0} has been reached")]
    NetworkInsightsLimit(&'static str),
    /// An instance that the operation cannot use; code `InvalidInstanceID`.
    #[error("the instance `{instance}` cannot be used: {why}")]
    InvalidInstance {
        /// The instance.
        instance: InstanceId,
        /// Why not, as EC2 words it.
        why: &'static str,
    },
    /// Something of API Gateway was not found; the text is AWS's.
    #[error("{0}")]
    ApiNotFound(String),
    /// `BadRequestException` of API Gateway with this text.
    #[error("{0}")]
    ApiBadRequest(String),
    /// `ConflictException` of API Gateway with this text.
    #[error("{0}")]
    ApiConflict(String),
    /// `LimitExceededException` of API Gateway with this text.
    #[error("{0}")]
    ApiLimitExceeded(String),
    /// Something of Route 53.
    #[error(transparent)]
    HostedZone(#[from] hosted_zone::ZoneRefusal),
    /// `ResourceNotFoundException` of Lambda with this text.
    #[error("{0}")]
    FunctionNotFound(String),
    /// `ResourceConflictException` of Lambda with this text.
    #[error("{0}")]
    FunctionConflict(String),
    /// `InvalidParameterValueException` of Lambda with this text.
    #[error("{0}")]
    FunctionInvalid(String),
    /// `ValidationException` of Lambda with this text.
    #[error("{0}")]
    FunctionConstraint(String),
    /// `PreconditionFailedException` of Lambda with this text.
    #[error("{0}")]
    FunctionPrecondition(String),
    /// `PolicyLengthExceededException` of Lambda with this text.
    #[error("{0}")]
    FunctionPolicyLength(String),
    /// `AccessDeniedException` of Lambda with this text.
    #[error("{0}")]
    FunctionAccessDenied(String),
    /// Of Elastic Container Registry.
    #[error(transparent)]
    Repository(#[from] repository::RepositoryRefusal),
    /// Of Parameter Store.
    #[error(transparent)]
    Parameter(#[from] parameter::ParameterRefusal),
    /// Of IAM.
    #[error(transparent)]
    Iam(#[from] iam::IamRefusal),
    /// Of CloudWatch Logs.
    #[error(transparent)]
    Logs(#[from] log_group::LogsRefusal),
    /// S3 refuses.
    #[error(transparent)]
    Bucket(bucket::BucketRefusal),
}
