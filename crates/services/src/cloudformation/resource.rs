//! Resource types: what CloudFormation makes, one file a type.
//!
//! A type works on a clone of the cloud inside one engine change, in which the stack's record of it is written too: after a
//! crash a resource and its record are both there or both not. What needs waiting (an object of S3, a function's answer) is
//! fetched before the change, by [`ResourceType::prepare`].
//!
//! To serve another type: write its file, name it in `types!` below.
use super::properties::Properties;
use crate::request::RequestContext;
use serde_json::{Map, Value};
use std::{any::Any, fmt, future::Future, pin::Pin, sync::Arc};
use vpclab_cloud::{Cloud, Context, Refusal, Scope, Stack, Tags, Timestamp, tag::user_tags};
use vpclab_wire::WireError;

pub use failure::Failure;

pub mod apigateway;
pub mod cloudformation;
pub mod ec2;
pub mod ecr;
mod failure;
pub mod iam;
pub mod lambda;
pub mod logs;
pub mod route53;
pub mod s3;
pub mod ssm;

macro_rules! types {
    ($($name:literal => $handler:expr,)*) => {
        /// The types served, in order of name.
        pub const TYPES: &[(&str, &dyn ResourceType)] = &[$(($name, &$handler),)*];
    };
}
types! {
    "AWS::ApiGateway::Account" => apigateway::account::Account,
    "AWS::ApiGateway::Authorizer" => apigateway::authorizer::Authorizer,
    "AWS::ApiGateway::Deployment" => apigateway::deployment::Deployment,
    "AWS::ApiGateway::GatewayResponse" => apigateway::gateway_response::GatewayResponse,
    "AWS::ApiGateway::Method" => apigateway::method::Method,
    "AWS::ApiGateway::Model" => apigateway::model::Model,
    "AWS::ApiGateway::RequestValidator" => apigateway::request_validator::RequestValidator,
    "AWS::ApiGateway::Resource" => apigateway::resource::Resource,
    "AWS::ApiGateway::RestApi" => apigateway::rest_api::RestApi,
    "AWS::ApiGateway::Stage" => apigateway::stage::Stage,
    "AWS::CDK::Metadata" => cloudformation::cdk_metadata::CdkMetadata,
    "AWS::CloudFormation::CustomResource" => cloudformation::custom_resource::CustomResource,
    "AWS::CloudFormation::Stack" => cloudformation::stack::Stack,
    "AWS::CloudFormation::WaitCondition" => cloudformation::wait_condition::WaitCondition,
    "AWS::CloudFormation::WaitConditionHandle" => cloudformation::wait_condition_handle::WaitConditionHandle,
    "AWS::EC2::DHCPOptions" => ec2::dhcp_options::DhcpOptions,
    "AWS::EC2::EIP" => ec2::eip::Eip,
    "AWS::EC2::EIPAssociation" => ec2::eip::association::Association,
    "AWS::EC2::FlowLog" => ec2::flow_log::FlowLog,
    "AWS::EC2::Instance" => ec2::instance::Instance,
    "AWS::EC2::InternetGateway" => ec2::internet_gateway::InternetGateway,
    "AWS::EC2::KeyPair" => ec2::key_pair::KeyPair,
    "AWS::EC2::LaunchTemplate" => ec2::launch_template::LaunchTemplate,
    "AWS::EC2::NatGateway" => ec2::nat_gateway::NatGateway,
    "AWS::EC2::NetworkAcl" => ec2::network_acl::NetworkAcl,
    "AWS::EC2::NetworkAclEntry" => ec2::network_acl::entry::Entry,
    "AWS::EC2::NetworkInsightsAnalysis" => ec2::network_insights::analysis::Analysis,
    "AWS::EC2::NetworkInsightsPath" => ec2::network_insights::path::Path,
    "AWS::EC2::NetworkInterface" => ec2::network_interface::NetworkInterface,
    "AWS::EC2::Route" => ec2::route::Route,
    "AWS::EC2::RouteTable" => ec2::route_table::RouteTable,
    "AWS::EC2::SecurityGroup" => ec2::security_group::SecurityGroup,
    "AWS::EC2::SecurityGroupEgress" => ec2::security_group::rule::Egress,
    "AWS::EC2::SecurityGroupIngress" => ec2::security_group::rule::Ingress,
    "AWS::EC2::Subnet" => ec2::subnet::Subnet,
    "AWS::EC2::SubnetNetworkAclAssociation" => ec2::network_acl::association::Association,
    "AWS::EC2::SubnetRouteTableAssociation" => ec2::subnet_route_table_association::Association,
    "AWS::EC2::VPC" => ec2::vpc::Vpc,
    "AWS::EC2::VPCCidrBlock" => ec2::vpc_cidr_block::VpcCidrBlock,
    "AWS::EC2::VPCDHCPOptionsAssociation" => ec2::dhcp_options::association::Association,
    "AWS::EC2::VPCEndpoint" => ec2::vpc_endpoint::VpcEndpoint,
    "AWS::EC2::VPCGatewayAttachment" => ec2::internet_gateway::attachment::Attachment,
    "AWS::EC2::VPCPeeringConnection" => ec2::vpc_peering_connection::Peering,
    "AWS::ECR::Repository" => ecr::repository::Repository,
    "AWS::IAM::InstanceProfile" => iam::instance_profile::InstanceProfile,
    "AWS::IAM::ManagedPolicy" => iam::managed_policy::ManagedPolicy,
    "AWS::IAM::Policy" => iam::policy::Policy,
    "AWS::IAM::Role" => iam::role::Role,
    "AWS::Lambda::Alias" => lambda::alias::Alias,
    "AWS::Lambda::EventInvokeConfig" => lambda::event_invoke_config::EventInvokeConfig,
    "AWS::Lambda::Function" => lambda::function::Function,
    "AWS::Lambda::LayerVersion" => lambda::layer_version::LayerVersion,
    "AWS::Lambda::LayerVersionPermission" => lambda::layer_version_permission::LayerVersionPermission,
    "AWS::Lambda::Permission" => lambda::permission::Permission,
    "AWS::Lambda::Version" => lambda::version::Version,
    "AWS::Logs::LogGroup" => logs::log_group::LogGroup,
    "AWS::Route53::HostedZone" => route53::hosted_zone::HostedZone,
    "AWS::Route53::RecordSet" => route53::record_set::RecordSet,
    "AWS::Route53::RecordSetGroup" => route53::record_set_group::RecordSetGroup,
    "AWS::S3::Bucket" => s3::bucket::Bucket,
    "AWS::S3::BucketPolicy" => s3::bucket_policy::BucketPolicy,
    "AWS::SSM::Parameter" => ssm::parameter::Parameter,
}

/// The type of that name, when it is served.
#[must_use]
pub fn of(name: &str) -> Option<&'static dyn ResourceType> {
    let name = if name.starts_with("Custom::") { cloudformation::custom_resource::NAME } else { name };
    TYPES.iter().find(|(known, _)| *known == name).map(|(_, found)| *found)
}

/// What a type of resources can do.
pub trait ResourceType: Send + Sync {
    /// The properties served. `A.B` says which members of the object `A`, or of the objects in the list `A`, are served; without
    /// such a line all of them are. `*` alone serves whatever there is. Any other property fails the stack before anything is made.
    fn served(&self) -> &'static [&'static str];

    /// Makes the resource.
    ///
    /// # Errors
    /// Why it cannot be made; the cloud is then thrown away.
    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure>;

    /// Brings the resource to new properties, none of which needs a replacement. Tags of the stack may have changed too.
    ///
    /// # Errors
    /// Why it cannot.
    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure>;

    /// Removes the resource. One that is not there any more is [`Failure::not_found`] or `Ok`: both are fine.
    ///
    /// # Errors
    /// Why it cannot be removed.
    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure>;

    /// What `Fn::GetAtt` answers, by attribute; nested ones as `A.B`.
    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        is.attributes.clone()
    }

    /// What `Ref` answers.
    fn reference(&self, _cloud: &Cloud, is: &Existing<'_>) -> String {
        is.physical.to_owned()
    }

    /// Whether a resource that was made or updated is ready.
    fn stable(&self, _cloud: &Cloud, _now: Timestamp, _is: &Existing<'_>) -> Stability {
        Stability::Ready
    }

    /// Whether [`ResourceType::stable`] ends the waiting itself; else an hour does.
    fn limits_itself(&self) -> bool {
        false
    }

    /// Whether a resource whose removal was asked for is gone.
    fn gone(&self, _cloud: &Cloud, _now: Timestamp, _is: &Existing<'_>) -> Stability {
        Stability::Ready
    }

    /// Whether this action needs [`ResourceType::prepare`].
    fn prepares(&self, _action: Action, _properties: &Properties<'_>) -> bool {
        false
    }

    /// Fetches what the change needs and what only waiting gets: objects, a function's answer.
    fn prepare<'a>(&'a self, _ask: Ask<'a>) -> Preparing<'a> {
        Box::pin(async { Ok(Prepared::default()) })
    }

    /// Whether an update looks into it although its properties are the same: a nested stack, whose template may be another.
    fn is_always_visited(&self) -> bool {
        false
    }

    /// Properties of which a change needs a replacement although the schema does not say so.
    fn replaces(&self, _old: &Properties<'_>, _new: &Properties<'_>) -> bool {
        false
    }
}

/// What is being done to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is made.
    Create,
    /// It is brought to new properties.
    Update,
    /// It is removed.
    Delete,
}

/// How a resource is wanted.
pub struct Wanted<'a> {
    /// Its stack.
    pub stack: &'a Stack,
    /// Its name in the template.
    pub logical: &'a str,
    /// Its properties, resolved.
    pub properties: Properties<'a>,
    /// The tags it gets from the stack, `aws:cloudformation:…` included.
    pub stack_tags: &'a Tags,
    /// What was fetched for it.
    pub prepared: Prepared,
    /// Whether its template says that it waits for signals.
    pub awaits_signals: bool,
}

impl Wanted<'_> {
    /// The stack's tags and those of the property `Tags`, a list of keys and values; the latter win.
    ///
    /// # Errors
    /// Tags that break the rules.
    pub fn tags(&self) -> Result<Tags, Failure> {
        self.tags_with(self.properties.tags("Tags")?)
    }

    /// The stack's tags and these.
    ///
    /// # Errors
    /// Tags that break the rules.
    pub fn tags_with(&self, own: Vec<(String, String)>) -> Result<Tags, Failure> {
        let own = user_tags(own).map_err(|why| Failure::invalid(why.to_string()))?;
        let mut tags = self.stack_tags.clone();
        tags.extend(own);
        Ok(tags)
    }

    /// A name for a resource that the template gives none: `{stack}-{logical id}-{random}`, within a length.
    #[must_use]
    pub fn physical_name(&self, c: &mut Context, longest: usize) -> String {
        generated_name((&self.stack.name, self.logical), c, longest)
    }
}

/// `{first}-{second}-{random}`, within a length.
pub fn generated_name((first, second): (&str, &str), c: &mut Context, longest: usize) -> String {
    let random = c.ids.alphanumeric(12).to_ascii_uppercase();
    let room = longest.saturating_sub(random.len() + 2);
    let half = room.div_ceil(2);
    let (for_first, for_second) = match (first.len() + second.len() <= room, first.len() < half) {
        (true, _) => (first.len(), second.len()),
        (false, true) => (first.len(), room.saturating_sub(first.len())),
        (false, false) => (room.saturating_sub(second.len().min(half)), second.len().min(half)),
    };
    let cut = |text: &str, len: usize| text.chars().take(len).collect::<String>();
    format!("{}-{}-{random}", cut(first, for_first), cut(second, for_second))
}

/// How a resource is.
pub struct Existing<'a> {
    /// Its account and region.
    pub scope: &'a Scope,
    /// Its stack.
    pub stack: &'a Stack,
    /// Its name in the template.
    pub logical: &'a str,
    /// Its id.
    pub physical: &'a str,
    /// The properties it was made with.
    pub properties: Properties<'a>,
    /// The attributes noted when it was made.
    pub attributes: &'a Map<String, Value>,
    /// What was fetched for its removal.
    pub prepared: Prepared,
}

/// What [`ResourceType::prepare`] is asked for.
pub struct Ask<'a> {
    /// The engine, in the stack's account and region.
    pub cx: &'a RequestContext,
    /// What will be done.
    pub action: Action,
    /// The stack.
    pub stack: &'a Stack,
    /// The resource's name in the template.
    pub logical: &'a str,
    /// Its type.
    pub kind: &'a str,
    /// The id of what is there; none before it is made.
    pub physical: Option<&'a str>,
    /// The properties wanted; those it has when it is to be removed.
    pub properties: Properties<'a>,
    /// The properties it has, for an update.
    pub old: Option<Properties<'a>>,
}

/// A running [`ResourceType::prepare`].
pub type Preparing<'a> = Pin<Box<dyn Future<Output = Result<Prepared, Failure>> + Send + 'a>>;

/// What was fetched before a change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prepared {
    /// As the type wrote it.
    pub value: Value,
    /// What has to live until the change is made.
    pub kept: Option<Kept>,
}

/// Something that is there as long as this is: bytes that no record names yet.
#[derive(Clone)]
pub struct Kept(Arc<dyn Any + Send + Sync>);

impl Kept {
    /// Keeps a value.
    pub fn new(value: impl Any + Send + Sync) -> Self {
        Self(Arc::new(value))
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// What was made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Made {
    /// Its id.
    pub physical: String,
    /// Attributes to be noted, for types whose attributes are not read from the cloud.
    pub attributes: Map<String, Value>,
    /// Whether an update gave it this other id, and the former one names nothing any more.
    pub renamed: bool,
}

impl Made {
    /// Something of that id.
    #[must_use]
    pub fn new(physical: impl ToString) -> Self {
        Self { physical: physical.to_string(), ..Self::default() }
    }
}

/// Whether something is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stability {
    /// It is.
    Ready,
    /// Not yet.
    Waiting,
    /// It never will be.
    Failed(String),
}

/// EC2's refusal.
pub(super) fn by_ec2(refusal: Refusal) -> Failure {
    Failure::of("Ec2", crate::ec2::word(&refusal))
}

/// API Gateway's refusal.
pub(super) fn by_apigateway(refusal: Refusal) -> Failure {
    Failure::of("ApiGateway", crate::apigateway::word(&refusal))
}

/// API Gateway's refusal of an input.
pub(super) fn wire_by_apigateway(error: WireError) -> Failure {
    Failure::of("ApiGateway", error)
}

/// EC2's refusal of an input.
pub(super) fn wire_by_ec2(error: WireError) -> Failure {
    Failure::of("Ec2", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_in_order_and_found() {
        let names: Vec<_> = TYPES.iter().map(|(name, _)| *name).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        assert_eq!(names, sorted);
        assert!(of("AWS::EC2::VPC").is_some() && of("AWS::EC2::Vpc").is_none());
    }
}
