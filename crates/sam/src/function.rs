//! `AWS::Serverless::Function`: a function, its role, its version and alias, and what its events make.
use crate::{
    context::Context,
    expect,
    fault::{Fault, Out},
    intrinsic,
    made::{self, ALIAS, FUNCTION, Made, Shape, Transformed, VERSION},
    source::{Form, Source, Want},
    value::{Dict, Kind, Val},
};

mod code;
mod destination;
mod event;
mod role;
mod version;

pub(crate) use event::{Links, link};

pub(crate) static FORM: Form = Form {
    kind: "AWS::Serverless::Function",
    properties: &[
        ("FunctionName", false, Want::TextOrMap),
        ("Handler", false, Want::Any),
        ("Runtime", false, Want::Any),
        ("CodeUri", false, Want::Any),
        ("ImageUri", false, Want::Any),
        ("PackageType", false, Want::Any),
        ("InlineCode", false, Want::Any),
        ("DeadLetterQueue", false, Want::Map),
        ("Description", false, Want::Any),
        ("MemorySize", false, Want::Any),
        ("Timeout", false, Want::Any),
        ("VpcConfig", false, Want::Any),
        ("Role", false, Want::Text),
        ("AssumeRolePolicyDocument", false, Want::Map),
        ("Policies", false, Want::Policies),
        ("RolePath", false, Want::Any),
        ("PermissionsBoundary", false, Want::Text),
        ("Environment", false, Want::MapOfMaps),
        ("Events", false, Want::MapOfMaps),
        ("Tags", false, Want::Map),
        ("PropagateTags", false, Want::Bool),
        ("Tracing", false, Want::TextOrMap),
        ("KmsKeyArn", false, Want::Any),
        ("DeploymentPreference", false, Want::Map),
        ("ReservedConcurrentExecutions", false, Want::Any),
        ("Layers", false, Want::Items),
        ("EventInvokeConfig", false, Want::Map),
        ("EphemeralStorage", false, Want::Any),
        ("AutoPublishAlias", false, Want::OneText),
        ("AutoPublishCodeSha256", false, Want::OneText),
        ("AutoPublishAliasAllProperties", false, Want::PlainBool),
        ("VersionDescription", false, Want::Any),
        ("ProvisionedConcurrencyConfig", false, Want::Any),
        ("FileSystemConfigs", false, Want::Any),
        ("ImageConfig", false, Want::Any),
        ("CodeSigningConfigArn", false, Want::Any),
        ("Architectures", false, Want::Any),
        ("SnapStart", false, Want::Map),
        ("FunctionUrlConfig", false, Want::Map),
        ("RuntimeManagementConfig", false, Want::Any),
        ("LoggingConfig", false, Want::Any),
        ("RecursiveLoop", false, Want::Any),
        ("SourceKMSKeyArn", false, Want::Any),
        ("CapacityProviderConfig", false, Want::Map),
        ("FunctionScalingConfig", false, Want::Map),
        ("VersionDeletionPolicy", false, Want::Either("Delete", "Retain")),
        ("PublishToLatestPublished", false, Want::Any),
        ("TenancyConfig", false, Want::Any),
        ("DurableConfig", false, Want::Map),
    ],
};

/// Properties that AWS transforms and vpclab does not build.
const UNBUILT: [&str; 6] =
    ["FunctionUrlConfig", "CapacityProviderConfig", "FunctionScalingConfig", "PublishToLatestPublished", "TenancyConfig", "DurableConfig"];

/// The words after a function's id that other resources may use.
const WORDS: [(&str, &Shape); 4] =
    [("Alias", &ALIAS), ("Version", &VERSION), ("DestinationTopic", &made::TOPIC), ("DestinationQueue", &made::QUEUE)];

/// Transforms a function. The definitions of the APIs in `resources` get the paths of its events.
pub(crate) fn transform(mut source: Source, links: &Links, resources: &mut Dict, context: &mut Context) -> Out<Transformed> {
    if source.get("VersionDeletionPolicy").is_some() && source.get("AutoPublishAlias").is_none() {
        return Err(source.fault("'VersionDeletionPolicy' requires 'AutoPublishAlias'."));
    }
    dead_letter_queue(&source)?;
    if let Some(name) = UNBUILT.iter().find(|name| source.get(name).is_some()) {
        return Err(Fault::unbuilt(&source.id, format_args!("the property '{name}'")));
    }
    let mut function = function(&mut source, context)?;
    if source.truthy("ProvisionedConcurrencyConfig").is_some() && source.truthy("AutoPublishAlias").is_none() {
        return Err(source.fault("To set ProvisionedConcurrencyConfig AutoPublishALias must be defined on the function"));
    }
    let mut rest = Vec::new();
    let alias = if source.truthy("AutoPublishAlias").is_some() {
        let (version, alias) = version::publish(&mut source, &mut function, context)?;
        rest.push(version);
        rest.push(alias.clone());
        Some(alias)
    } else {
        None
    };
    let preference = source.get("DeploymentPreference");
    let off = |val: &Val| matches!(val.kind, Kind::Bool(false)) || val.is("false") || val.is("False");
    if preference.is_some_and(|preference| preference.truthy() && !preference.get("Enabled").is_some_and(off)) {
        return Err(Fault::unbuilt(&source.id, "the property 'DeploymentPreference'"));
    }
    let mut event_policies = Vec::new();
    if source.truthy("EventInvokeConfig").is_some() {
        rest.extend(destination::configure(&mut source, &function, alias.as_ref(), context, &mut event_policies)?);
    }
    let mut role = role::construct(&mut source, event_policies, context)?;
    match function.get("Role").cloned() {
        None => {
            function.set("Role", intrinsic::get_att(&role.id, "Arn"))?;
            rest.push(role);
        }
        Some(mut own) if intrinsic::if_argument(&own).is_some() => {
            if role::choose(&source, &mut function, &mut own, &mut role, context)? {
                rest.push(role);
            }
        }
        Some(_) => {}
    }
    let mut events = event::transform(&source, links, &function, alias.as_ref(), resources, context);
    if let Err(Fault::Event(id, message)) = events {
        events = Err(source.fault(Fault::Event(id, message).message()));
    }
    rest.extend(events?);
    rest.insert(0, function);
    made::propagate_tags(&mut rest, source.get("Tags"), source.get("PropagateTags"))?;
    Ok(Transformed::new(rest, &WORDS))
}

fn dead_letter_queue(source: &Source) -> Out<()> {
    let Some(queue) = source.truthy("DeadLetterQueue") else { return Ok(()) };
    let part = |name: &str| queue.get(name).filter(|val| val.truthy());
    let (Some(kind), Some(_)) = (part("Type"), part("TargetArn")) else {
        return Err(source.fault("'DeadLetterQueue' requires Type and TargetArn properties to be specified."));
    };
    expect::Type::String.of(kind, &source.id, "DeadLetterQueue.Type")?;
    if role::queue_action(kind).is_none() {
        return Err(source.fault("'DeadLetterQueue' requires Type of ['SQS', 'SNS']"));
    }
    Ok(())
}

/// The mode of tracing, unless it is off.
fn tracing(source: &mut Source, context: &Context) -> Out<Option<Val>> {
    let Some(mode) = source.properties.get_mut("Tracing").filter(|mode| mode.truthy()) else { return Ok(None) };
    let off = context.parameters.resolve(mode)?.is("Disabled");
    Ok(if off { None } else { Some(mode.clone()) })
}

/// The tags of something that AWS SAM makes.
pub(crate) fn tags(source: &Source) -> Out<Vec<Val>> {
    const RESERVED: [&str; 3] = ["lambda:createdBy", "serverlessrepo:applicationId", "serverlessrepo:semanticVersion"];
    let tags = source.truthy("Tags");
    if let Some(name) = RESERVED.iter().find(|name| tags.and_then(Val::dict).is_some_and(|tags| tags.contains(name))) {
        return Err(source.fault(format!(
            "{name} is a reserved Tag key name and cannot be set on your resource. Please change the tag key in the input."
        )));
    }
    let own = Dict::of("Key", "lambda:createdBy").with("Value", "SAM");
    Ok(std::iter::once(own.into()).chain(made::tag_list(tags)?).collect())
}

fn function(source: &mut Source, context: &Context) -> Out<Made> {
    let mut function = Made::new(source.id.clone(), &FUNCTION, source.attributes.clone())?;
    function.depends_on = source.depends_on.clone();
    function.put("FunctionName", source.truthy("FunctionName"))?;
    const SAME: [&str; 20] = [
        "Handler",
        "Runtime",
        "Description",
        "MemorySize",
        "Timeout",
        "VpcConfig",
        "Role",
        "Environment",
        "KmsKeyArn",
        "ReservedConcurrentExecutions",
        "Layers",
        "FileSystemConfigs",
        "ImageConfig",
        "PackageType",
        "Architectures",
        "SnapStart",
        "EphemeralStorage",
        "CodeSigningConfigArn",
        "RuntimeManagementConfig",
        "LoggingConfig",
    ];
    for name in SAME {
        function.put(name, source.get(name))?;
    }
    function.put("RecursiveLoop", source.get("RecursiveLoop"))?;
    function.set("Code", code::construct(source)?)?;
    function.set("Tags", tags(source)?)?;
    if let Some(mode) = tracing(source, context)? {
        function.set("TracingConfig", Dict::of("Mode", mode))?;
    }
    if let Some(target) = source.truthy("DeadLetterQueue").and_then(|queue| queue.get("TargetArn")) {
        function.set("DeadLetterConfig", Dict::of("TargetArn", target))?;
    }
    code::check_package(&function)?;
    Ok(function)
}
