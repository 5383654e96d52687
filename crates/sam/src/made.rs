//! Resources that the transform makes.
use crate::{
    fault::{Fault, Out},
    intrinsic,
    text::Text,
    value::{Dict, Val},
};
use std::collections::BTreeMap;

/// A type of CloudFormation and its properties in the order in which they are written.
pub(crate) struct Shape {
    pub(crate) kind: &'static str,
    properties: &'static [&'static str],
}

macro_rules! shapes {
    ($($name:ident = $kind:literal: $($property:ident)*;)*) => {$(
        pub(crate) static $name: Shape = Shape { kind: $kind, properties: &[$(stringify!($property)),*] };
    )*};
}

shapes! {
    REST_API = "AWS::ApiGateway::RestApi": Body BodyS3Location CloneFrom Description FailOnWarnings Name Parameters EndpointConfiguration
        BinaryMediaTypes MinimumCompressionSize Mode ApiKeySourceType Tags Policy SecurityPolicy EndpointAccessMode;
    STAGE = "AWS::ApiGateway::Stage": AccessLogSetting CacheClusterEnabled CacheClusterSize CanarySetting ClientCertificateId DeploymentId
        Description RestApiId StageName Tags TracingEnabled Variables MethodSettings;
    DEPLOYMENT = "AWS::ApiGateway::Deployment": Description RestApiId StageDescription StageName;
    DOMAIN_NAME = "AWS::ApiGateway::DomainName": RegionalCertificateArn DomainName EndpointConfiguration MutualTlsAuthentication
        SecurityPolicy EndpointAccessMode CertificateArn Tags OwnershipVerificationCertificateArn;
    DOMAIN_NAME_V2 = "AWS::ApiGateway::DomainNameV2": DomainName EndpointConfiguration SecurityPolicy EndpointAccessMode CertificateArn
        Tags Policy;
    BASE_PATH_MAPPING = "AWS::ApiGateway::BasePathMapping": BasePath DomainName RestApiId Stage;
    BASE_PATH_MAPPING_V2 = "AWS::ApiGateway::BasePathMappingV2": BasePath DomainNameArn RestApiId Stage;
    ACCESS_ASSOCIATION = "AWS::ApiGateway::DomainNameAccessAssociation": AccessAssociationSource AccessAssociationSourceType
        DomainNameArn Tags;
    USAGE_PLAN = "AWS::ApiGateway::UsagePlan": ApiStages Description Quota Tags Throttle UsagePlanName;
    USAGE_PLAN_KEY = "AWS::ApiGateway::UsagePlanKey": KeyId KeyType UsagePlanId;
    API_KEY = "AWS::ApiGateway::ApiKey": CustomerId Description Enabled GenerateDistinctId Name Tags StageKeys Value;
    RECORD_SET_GROUP = "AWS::Route53::RecordSetGroup": HostedZoneId HostedZoneName RecordSets;
    FUNCTION = "AWS::Lambda::Function": Code PackageType DeadLetterConfig Description FunctionName Handler MemorySize Role Runtime Timeout
        VpcConfig Environment Tags TracingConfig KmsKeyArn Layers ReservedConcurrentExecutions FileSystemConfigs CodeSigningConfigArn
        ImageConfig Architectures SnapStart EphemeralStorage RuntimeManagementConfig LoggingConfig RecursiveLoop;
    VERSION = "AWS::Lambda::Version": CodeSha256 Description FunctionName;
    ALIAS = "AWS::Lambda::Alias": Description Name FunctionName FunctionVersion ProvisionedConcurrencyConfig;
    PERMISSION = "AWS::Lambda::Permission": Action FunctionName Principal SourceAccount SourceArn EventSourceToken;
    EVENT_INVOKE_CONFIG = "AWS::Lambda::EventInvokeConfig": DestinationConfig FunctionName MaximumEventAgeInSeconds MaximumRetryAttempts
        Qualifier;
    LAYER_VERSION = "AWS::Lambda::LayerVersion": Content Description LayerName CompatibleArchitectures CompatibleRuntimes LicenseInfo;
    NESTED_STACK = "AWS::CloudFormation::Stack": TemplateURL Parameters NotificationARNs Tags TimeoutInMinutes;
    ROLE = "AWS::IAM::Role": AssumeRolePolicyDocument ManagedPolicyArns Path Policies PermissionsBoundary Tags;
    QUEUE = "AWS::SQS::Queue": FifoQueue Tags;
    TOPIC = "AWS::SNS::Topic": TopicName Tags;
}

/// One resource to be written.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) id: Text,
    pub(crate) shape: &'static Shape,
    pub(crate) depends_on: Option<Val>,
    pub(crate) attributes: Dict,
    properties: BTreeMap<&'static str, Val>,
}

impl Made {
    /// A resource without properties. Logical ids are letters and digits.
    pub(crate) fn new(id: Text, shape: &'static Shape, attributes: Dict) -> Out<Made> {
        check_id(&id)?;
        Ok(Made { id, shape, depends_on: None, attributes, properties: BTreeMap::new() })
    }

    /// Sets a property; `null` and nothing leave it out.
    pub(crate) fn set(&mut self, name: &str, val: impl Into<Val>) -> Out<()> {
        let Some(name) = self.shape.properties.iter().find(|own| **own == name) else {
            let message = format!("property {name} not defined for resource of type {}", self.shape.kind);
            return Err(Fault::resource(&self.id, message));
        };
        let val = val.into();
        if val.is_null() {
            self.properties.remove(name);
        } else {
            self.properties.insert(name, val);
        }
        Ok(())
    }

    pub(crate) fn put(&mut self, name: &str, val: Option<&Val>) -> Out<()> {
        val.map_or(Ok(()), |val| self.set(name, val))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Val> {
        self.properties.get(name)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Val> {
        self.properties.get_mut(name)
    }

    pub(crate) fn reference(&self) -> Val {
        intrinsic::reference(&self.id)
    }

    /// The properties as they are written.
    pub(crate) fn properties(&self) -> Dict {
        let mut properties = Dict::new();
        for name in self.shape.properties {
            if let Some(val) = self.properties.get(name) {
                properties.insert(*name, val);
            }
        }
        properties
    }

    /// As it stands under its id.
    pub(crate) fn write(&self) -> Val {
        let mut out = Dict::of("Type", self.shape.kind);
        if let Some(depends_on) = self.depends_on.as_ref().filter(|val| val.truthy()) {
            out.insert("DependsOn", depends_on);
        }
        out.update(&self.attributes);
        out.insert("Properties", self.properties());
        out.into()
    }
}

/// What one resource of AWS SAM makes.
pub(crate) struct Transformed {
    pub(crate) made: Vec<Made>,
    /// The words after its id by which other resources may name what it made: `Alias`, `Stage`.
    pub(crate) parts: Vec<(&'static str, Text)>,
}

impl Transformed {
    /// `words`: what may be named, and the types for which they stand.
    pub(crate) fn new(made: Vec<Made>, words: &[(&'static str, &Shape)]) -> Transformed {
        let last = |shape: &Shape| made.iter().rev().find(|made| made.shape.kind == shape.kind).map(|made| made.id.clone());
        let parts = words.iter().filter_map(|(word, shape)| Some((*word, last(shape)?))).collect();
        Transformed { made, parts }
    }
}

pub(crate) fn check_id(id: &Text) -> Out<()> {
    if !id.is_empty() && id.bytes().all(|c| c.is_ascii_alphanumeric()) {
        return Ok(());
    }
    Err(Fault::resource(id, "Logical ids must be alphanumeric."))
}

/// `Tags` of a map: a list of keys and values; `null` is empty.
pub(crate) fn tag_list(tags: Option<&Val>) -> Out<Vec<Val>> {
    let Some(tags) = tags else { return Ok(Vec::new()) };
    let tags = tags.dict().ok_or(Fault::Internal)?;
    let tag = |(key, val): (&Text, &Val)| {
        let val = if val.is_null() { "".into() } else { val.clone() };
        Dict::of("Key", key).with("Value", val).into()
    };
    Ok(tags.iter().map(tag).collect())
}

/// Writes the tags of the origin to everything that it made and that has tags.
pub(crate) fn propagate_tags(made: &mut [Made], tags: Option<&Val>, wanted: Option<&Val>) -> Out<()> {
    let Some(tags) = tags.filter(|tags| tags.truthy() && wanted.is_some_and(Val::truthy)) else { return Ok(()) };
    for resource in made.iter_mut().filter(|resource| resource.shape.properties.contains(&"Tags")) {
        resource.set("Tags", tag_list(Some(tags))?)?;
    }
    Ok(())
}
