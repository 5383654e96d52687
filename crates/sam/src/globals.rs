//! The section `Globals`: properties that every resource of a type gets.
//!
//! AWS SAM developer guide, "Globals section": maps are merged, lists put one after the other, anything else is the resource's own.
use crate::{
    fault::{Fault, Out},
    intrinsic, print,
    text::Text,
    value::{Dict, Kind, Val},
};

const PREFIX: &str = "AWS::Serverless::";

/// Types and the properties that may be global.
const SUPPORTED: &[(&str, &[&str])] = &[
    (
        "Function",
        &[
            "Handler",
            "Runtime",
            "CodeUri",
            "DeadLetterQueue",
            "Description",
            "MemorySize",
            "Timeout",
            "VpcConfig",
            "Environment",
            "Tags",
            "PropagateTags",
            "Tracing",
            "KmsKeyArn",
            "AutoPublishAlias",
            "AutoPublishAliasAllProperties",
            "Layers",
            "DeploymentPreference",
            "RolePath",
            "PermissionsBoundary",
            "ReservedConcurrentExecutions",
            "ProvisionedConcurrencyConfig",
            "AssumeRolePolicyDocument",
            "EventInvokeConfig",
            "FileSystemConfigs",
            "CodeSigningConfigArn",
            "Architectures",
            "SnapStart",
            "EphemeralStorage",
            "FunctionUrlConfig",
            "RuntimeManagementConfig",
            "LoggingConfig",
            "RecursiveLoop",
            "SourceKMSKeyArn",
            "TenancyConfig",
            "DurableConfig",
            "CapacityProviderConfig",
            "FunctionScalingConfig",
            "PublishToLatestPublished",
            "VersionDeletionPolicy",
        ],
    ),
    (
        "Api",
        &[
            "Auth",
            "Name",
            "DefinitionUri",
            "CacheClusterEnabled",
            "CacheClusterSize",
            "MergeDefinitions",
            "Variables",
            "EndpointConfiguration",
            "MethodSettings",
            "BinaryMediaTypes",
            "MinimumCompressionSize",
            "Cors",
            "GatewayResponses",
            "AccessLogSetting",
            "CanarySetting",
            "TracingEnabled",
            "OpenApiVersion",
            "Domain",
            "AlwaysDeploy",
            "PropagateTags",
            "SecurityPolicy",
            "EndpointAccessMode",
        ],
    ),
    (
        "HttpApi",
        &[
            "Auth",
            "AccessLogSettings",
            "StageVariables",
            "Tags",
            "CorsConfiguration",
            "DefaultRouteSettings",
            "Domain",
            "RouteSettings",
            "FailOnWarnings",
            "PropagateTags",
        ],
    ),
    ("SimpleTable", &["SSESpecification"]),
    ("StateMachine", &["PropagateTags"]),
    ("LayerVersion", &["PublishLambdaVersion"]),
    (
        "CapacityProvider",
        &[
            "VpcConfig",
            "OperatorRole",
            "Tags",
            "InstanceRequirements",
            "ScalingConfig",
            "KmsKeyArn",
            "PropagateTags",
            "LoggingConfig",
            "ManagedResourceTags",
        ],
    ),
    (
        "MicrovmImage",
        &[
            "BuildRoleArn",
            "BaseImageArn",
            "BaseImageVersion",
            "Logging",
            "EgressNetworkConnectors",
            "CpuConfigurations",
            "Resources",
            "AdditionalOsCapabilities",
            "Hooks",
            "EnvironmentVariables",
            "Tags",
            "PropagateTags",
        ],
    ),
    ("NetworkConnector", &["OperatorRole", "Tags", "PropagateTags"]),
    (
        "WebSocketApi",
        &[
            "AccessLogSettings",
            "ApiKeySelectionExpression",
            "DefaultRouteSettings",
            "DisableExecuteApiEndpoint",
            "DisableSchemaValidation",
            "Domain",
            "FailOnWarnings",
            "IpAddressType",
            "PropagateTags",
            "RouteSelectionExpression",
            "RouteSettings",
            "StageVariables",
            "Tags",
        ],
    ),
];

/// The global properties by type.
pub(crate) struct Globals(Vec<(&'static str, Dict)>);

impl Globals {
    pub(crate) fn read(section: Option<&Val>) -> Out<Globals> {
        let wrong = |message: String| Fault::Document(vec![Fault::Other(format!("'Globals' section is invalid. {message}"))]);
        let Some(section) = section else { return Ok(Globals(Vec::new())) };
        let section = section.dict().ok_or_else(|| wrong("It must be a non-empty dictionary".to_owned()))?;
        let mut types = Vec::new();
        for (name, properties) in section.iter() {
            let Some((kind, supported)) = SUPPORTED.iter().find(|(kind, _)| *kind == name.as_str()) else {
                let mut kinds: Vec<&str> = SUPPORTED.iter().map(|(kind, _)| *kind).collect();
                kinds.sort_unstable();
                let kinds = print::names(&kinds);
                return Err(wrong(format!("'{name}' is not supported. Must be one of the following values - {kinds}")));
            };
            let properties = properties.dict().ok_or_else(|| wrong("Value of ${section} must be a dictionary".to_owned()))?;
            if let Some(key) = properties.keys().find(|key| !supported.contains(&key.as_str())) {
                let supported = print::names(supported);
                let message = format!("'{key}' is not a supported property of '{name}'. Must be one of the following values - {supported}");
                return Err(wrong(message));
            }
            types.push((*kind, properties.clone()));
        }
        Ok(Globals(types))
    }

    /// The properties of a resource, with the global ones.
    pub(crate) fn merge(&self, kind: &str, id: &Text, resource: &Dict, local: &Dict) -> Out<Dict> {
        let kind = kind.strip_prefix(PREFIX).unwrap_or(kind);
        let Some((_, global)) = self.0.iter().find(|(name, _)| *name == kind) else { return Ok(local.clone()) };
        let global = without_ignored(global, id, resource)?;
        Ok(merge_dict(kind, "", &global, local))
    }
}

/// The resource attribute `IgnoreGlobals`: `*`, or a list of properties.
fn without_ignored(global: &Dict, id: &Text, resource: &Dict) -> Out<Dict> {
    let wrong = |item: &str| {
        let message = format!("Resource {id} has invalid resource attribute 'IgnoreGlobals'{item}.");
        Fault::Document(vec![Fault::resource(id, message)])
    };
    let Some(ignored) = resource.truthy("IgnoreGlobals") else { return Ok(global.clone()) };
    if ignored.is("*") {
        return Ok(Dict::new());
    }
    let mut left = global.deep_copy();
    for key in ignored.list().ok_or_else(|| wrong(""))? {
        let name = key.text().map_or("", Text::as_str);
        left.remove(name).ok_or_else(|| wrong(&format!(" on item '{}'", print::str(key))))?;
    }
    Ok(left)
}

fn merge_dict(kind: &str, path: &str, global: &Dict, local: &Dict) -> Dict {
    let mut merged = global.copy();
    for (key, val) in local.iter() {
        let path = format!("{path}.{key}");
        let val = merged.raw(key).map_or_else(|| val.clone(), |global| merge(kind, &path, global, val));
        merged.insert_at(key.clone(), local.key_at(key), val);
    }
    merged
}

fn merge(kind: &str, path: &str, global: &Val, local: &Val) -> Val {
    match (&global.kind, &local.kind) {
        // Architectures are replaced, not added to.
        _ if kind == "Function" && path == ".Architectures" => local.clone(),
        (Kind::List(global), Kind::List(items)) => Val { kind: Kind::List(global.iter().chain(items).cloned().collect()), at: local.at },
        (Kind::Dict(old), Kind::Dict(new)) if !intrinsic::is_function(global) && !intrinsic::is_function(local) => {
            Val { kind: Kind::Dict(merge_dict(kind, path, old, new)), at: local.at }
        }
        _ => local.clone(),
    }
}
