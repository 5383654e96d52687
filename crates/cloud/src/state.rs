//! The [`Cloud`] value: one ordered persistent map a resource, and the differences between two values.
use crate::bucket::{MultipartUpload, ObjectKey, ObjectVersion, UploadPart};
use crate::function::{Alias, Function, LayerVersion, PublishedVersion};
use crate::hosted_zone::{HostedZone, HostedZoneId, RecordKind, RecordSet};
use crate::stage::ApiAccount;
use crate::{
    Bucket, BucketName, ChangeSet, ChangeSetId, Deployment, DeploymentId, Instance, InstanceId, NetworkAcl, NetworkAclId, NetworkInterface,
    NetworkInterfaceId, Resource, ResourceId, RestApi, RestApiId, RouteTable, RouteTableId, SecurityGroup, SecurityGroupId, Stack,
    StackEvent, StackId, StackResource, StackTemplate, Stage, Subnet, SubnetId, Vpc, VpcEndpoint, VpcEndpointId, VpcId,
    VpcPeeringConnection, VpcPeeringConnectionId,
};
use crate::{
    DhcpOptions, DhcpOptionsId, InternetGateway, InternetGatewayId, KeyPair, KeyPairId, LaunchTemplate, LaunchTemplateId,
    LaunchTemplateVersion, NatGateway, NatGatewayId, PublicAddress,
};
use crate::{DomainName, LogGroup, Scope};
use imbl::{OrdMap, ordmap::DiffItem};
use serde::{Deserialize, Serialize};
use std::{net::Ipv4Addr, sync::Arc};

macro_rules! tables {
    ($($(#[$doc:meta])* $field:ident, $kind:ident: $key:ty => $value:ty;)*) => {
        /// Everything there is: all accounts, regions and resources. Cloning is cheap.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Cloud {
            $($(#[$doc])* pub $field: OrdMap<$key, Arc<$value>>,)*
        }

        /// The key of one record in the store.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum RecordKey { $($(#[$doc])* $kind($key),)* }

        /// One record in the store.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Record { $($(#[$doc])* $kind($key, Arc<$value>),)* }

        impl Cloud {
            /// What has to be written and removed to get from `self` to `next`.
            #[must_use]
            pub fn diff(&self, next: &Self) -> Change {
                let mut change = Change::default();
                $(if !self.$field.ptr_eq(&next.$field) {
                    for item in self.$field.diff(&next.$field) {
                        match item {
                            DiffItem::Add(key, value) => change.written.push(Record::$kind(key.clone(), Arc::clone(value))),
                            DiffItem::Update { new: (key, value), .. } => change.written.push(Record::$kind(key.clone(), Arc::clone(value))),
                            DiffItem::Remove(key, _) => change.removed.push(RecordKey::$kind(key.clone())),
                        }
                    }
                })*
                change
            }

            /// Puts a record in its table, as loading from the store does.
            pub fn put(&mut self, record: Record) {
                match record { $(Record::$kind(key, value) => { self.$field.insert(key, value); })* }
            }
        }

        impl Record {
            /// The record's key.
            #[must_use]
            pub fn key(&self) -> RecordKey {
                match self { $(Self::$kind(key, _) => RecordKey::$kind(key.clone()),)* }
            }
        }
    };
}

tables! {
    /// VPCs.
    vpcs, Vpc: VpcId => Vpc;
    /// Subnets.
    subnets, Subnet: SubnetId => Subnet;
    /// Network ACLs.
    network_acls, NetworkAcl: NetworkAclId => NetworkAcl;
    /// Security groups with their rules.
    security_groups, SecurityGroup: SecurityGroupId => SecurityGroup;
    /// Route tables with routes and associations.
    route_tables, RouteTable: RouteTableId => RouteTable;
    /// VPC peering connections.
    peerings, Peering: VpcPeeringConnectionId => VpcPeeringConnection;
    /// Interface VPC endpoints.
    vpc_endpoints, VpcEndpoint: VpcEndpointId => VpcEndpoint;
    /// Network interfaces.
    network_interfaces, NetworkInterface: NetworkInterfaceId => NetworkInterface;
    /// DHCP options.
    dhcp_options, DhcpOptions: DhcpOptionsId => DhcpOptions;
    /// Internet gateways.
    internet_gateways, InternetGateway: InternetGatewayId => InternetGateway;
    /// Key pairs.
    key_pairs, KeyPair: KeyPairId => KeyPair;
    /// Launch templates.
    launch_templates, LaunchTemplate: LaunchTemplateId => LaunchTemplate;
    /// The versions of launch templates, by template and number.
    launch_template_versions, LaunchTemplateVersion: (LaunchTemplateId, u64) => LaunchTemplateVersion;
    /// NAT gateways.
    nat_gateways, NatGateway: NatGatewayId => NatGateway;
    /// Elastic IP addresses and lent public addresses, by address.
    public_addresses, PublicAddress: Ipv4Addr => PublicAddress;
    /// VPC flow logs.
    flow_logs, FlowLog: crate::FlowLogId => crate::FlowLog;
    /// Paths of the Reachability Analyzer.
    network_insights_paths, NetworkInsightsPath: crate::NetworkInsightsPathId => crate::NetworkInsightsPath;
    /// Analyses of the Reachability Analyzer.
    network_insights_analyses, NetworkInsightsAnalysis: crate::NetworkInsightsAnalysisId => crate::NetworkInsightsAnalysis;
    /// Instances.
    instances, Instance: InstanceId => Instance;
    /// Lambda functions.
    functions, Function: (Scope, String) => Function;
    /// Published versions of functions.
    function_versions, FunctionVersion: (Scope, String, u64) => PublishedVersion;
    /// Aliases of functions.
    function_aliases, FunctionAlias: (Scope, String, String) => Alias;
    /// Versions of layers.
    layer_versions, LayerVersion: (Scope, String, u64) => LayerVersion;
    /// REST APIs.
    rest_apis, RestApi: RestApiId => RestApi;
    /// Resources of REST APIs.
    resources, Resource: (RestApiId, ResourceId) => Resource;
    /// Deployments of REST APIs.
    deployments, Deployment: (RestApiId, DeploymentId) => Deployment;
    /// IAM roles; names in lower case, as in the tables that follow.
    roles, Role: (crate::AccountId, String) => crate::iam::Role;
    /// IAM users.
    users, User: (crate::AccountId, String) => crate::iam::User;
    /// IAM policies of accounts.
    managed_policies, ManagedPolicy: (crate::AccountId, String) => crate::iam::ManagedPolicy;
    /// IAM instance profiles.
    instance_profiles, InstanceProfile: (crate::AccountId, String) => crate::iam::InstanceProfile;
    /// Events that functions are to take later.
    accepted_events, AcceptedEvent: (Scope, String) => crate::function::AcceptedEvent;
    /// Repositories of Elastic Container Registry.
    repositories, Repository: (Scope, String) => crate::repository::Repository;
    /// Parameters of Systems Manager.
    parameters, Parameter: (Scope, String) => crate::parameter::Parameter;
    /// Versions of parameters.
    parameter_versions, ParameterVersion: (Scope, String, u64) => crate::parameter::ParameterVersion;
    /// CloudWatch log groups.
    log_groups, LogGroup: (Scope, String) => LogGroup;
    /// Stages of REST APIs.
    stages, Stage: (RestApiId, String) => Stage;
    /// What API Gateway has of an account in a region.
    api_accounts, ApiAccount: Scope => ApiAccount;
    /// CloudFormation stacks.
    stacks, Stack: StackId => Stack;
    /// The templates of stacks.
    stack_templates, StackTemplate: (StackId, u64) => StackTemplate;
    /// The resources of stacks, by logical id.
    stack_resources, StackResource: (StackId, String) => StackResource;
    /// What happened to stacks.
    stack_events, StackEvent: (StackId, u64) => StackEvent;
    /// Change sets.
    change_sets, ChangeSet: ChangeSetId => ChangeSet;
    /// Hosted zones: an account's, of no region.
    hosted_zones, HostedZone: HostedZoneId => HostedZone;
    /// Record sets of hosted zones; in a zone a name is followed by the names below it.
    record_sets, RecordSet: (HostedZoneId, DomainName, RecordKind) => RecordSet;
    /// S3 buckets.
    buckets, Bucket: BucketName => Bucket;
    /// Versions of S3 objects.
    objects, Object: ObjectKey => ObjectVersion;
    /// Uploads of S3 objects in parts: bucket, key, id.
    uploads, Upload: (BucketName, String, String) => MultipartUpload;
    /// Parts of uploads: the upload's id, the part's number.
    upload_parts, UploadPart: (String, u16) => UploadPart;
}

/// What one operation changed: one transaction of the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Records written anew or over an old one.
    pub written: Vec<Record>,
    /// Records that are gone.
    pub removed: Vec<RecordKey>,
}

impl Change {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.written.is_empty() && self.removed.is_empty()
    }
}
