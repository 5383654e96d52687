//! The whole template.
use crate::{
    Input, api, application, compatible,
    context::{self, Context},
    fault::{Cause, Failure, Fault, Out},
    function,
    globals::Globals,
    implicit, layer,
    made::Made,
    policy,
    resolve::{Parameters, Renamed},
    source::Source,
    text::Text,
    value::{Dict, Val},
};
use indexmap::IndexMap;
use vpclab_template::Span;

const PREFIX: &str = "AWS::Serverless::";
/// Types that AWS's transform reads.
const TYPES: [&str; 14] = [
    "Api",
    "Application",
    "CapacityProvider",
    "Connector",
    "Function",
    "GraphQLApi",
    "HttpApi",
    "LayerVersion",
    "MicrovmImage",
    "NetworkConnector",
    "SimpleTable",
    "StateMachine",
    "WebFunction",
    "WebSocketApi",
];

pub(crate) fn transform(mut template: Val, input: &Input) -> Result<Val, Failure> {
    let written = template.clone();
    match run(&mut template, input) {
        Ok(()) => Ok(template),
        Err(Fault::Internal) => Err(Failure::Internal),
        Err(Fault::Document(faults)) => Err(Failure::Invalid(causes(faults, &written))),
        Err(fault) => Err(Failure::Invalid(causes(vec![fault], &written))),
    }
}

/// Each text once, with the place of the resource that it names.
fn causes(faults: Vec<Fault>, template: &Val) -> Vec<Cause> {
    let mut causes: Vec<Cause> = Vec::new();
    for fault in faults {
        let message = fault.message();
        if causes.iter().any(|cause| cause.message == message) {
            continue;
        }
        let logical_id = fault.logical_id().map(ToString::to_string);
        let resources = template.get("Resources").and_then(Val::dict);
        let at = resources.zip(logical_id.as_ref()).map_or(Span::NONE, |(resources, id)| resources.key_at(id));
        causes.push(Cause { message, logical_id, at });
    }
    causes
}

fn resources(template: &mut Dict) -> Out<&mut Dict> {
    template.get_mut("Resources").and_then(Val::dict_mut).ok_or(Fault::Internal)
}

fn kind(resource: &Val) -> &str {
    resource.get("Type").and_then(Val::text).map_or("", Text::as_str)
}

/// The last word of a type that AWS's transform reads.
fn serverless(kind: &str) -> Option<&str> {
    kind.strip_prefix(PREFIX).filter(|kind| TYPES.contains(kind))
}

fn check(template: &Val) -> Out<&Dict> {
    let template = template.dict().ok_or(Fault::Internal)?;
    let resources = template.get("Resources").and_then(Val::dict).filter(|resources| !resources.is_empty());
    let resources = resources.ok_or_else(|| Fault::document("'Resources' section is required"))?;
    if resources.values().any(|resource| resource.dict().is_none()) {
        let message = "All 'Resources' must be Objects. If you're using YAML, this may be an indentation issue.";
        return Err(Fault::document(message));
    }
    for (id, resource) in resources.iter() {
        if resource.get("Condition").is_some_and(|condition| condition.truthy() && condition.text().is_none()) {
            return Err(Fault::document("Every Condition member must be a string."));
        }
        let properties = resource.dict().and_then(|resource| resource.raw("Properties"));
        let plain = !matches!(kind(resource), "AWS::Serverless::Connector" | "AWS::Serverless::GraphQLApi");
        if plain && serverless(kind(resource)).is_some() && properties.is_some_and(|properties| properties.dict().is_none()) {
            return Err(Fault::Document(vec![Fault::resource(id, "Attribute 'Properties' should be a map.")]));
        }
    }
    Ok(template)
}

fn run(whole: &mut Val, input: &Input) -> Out<()> {
    let old = compatible::has_api(check(whole)?);
    let Some(template) = whole.dict_mut() else { return Err(Fault::Internal) };
    if old {
        compatible::convert(template);
    }
    let parameters = parameters(template, input, old);
    implicit::default_definitions(resources(template)?);
    implicit::add_events(template)?;
    implicit::pass_http_api(resources(template)?);
    add_globals(template)?;
    for (id, resource) in resources(template)?.iter() {
        if resource.get("Connectors").is_some() {
            return Err(Fault::Document(vec![Fault::unbuilt(id, "connectors")]));
        }
    }
    let mut out = template.deep_copy();
    let mut context = Context {
        partition: context::partition(input.region),
        parameters,
        managed_policies: input.managed_policies,
        now: input.now,
        conditions: out.get("Conditions").and_then(Val::dict).cloned(),
        originals: resources(&mut out)?.clone(),
        function_names: IndexMap::new(),
        record_sets: IndexMap::new(),
        usage_plan: context::SharedUsagePlan::default(),
    };
    let renamed = each_resource(template, &mut out, &mut context)?;
    if let Some(conditions) = context.conditions {
        out.insert("Conditions", conditions);
    }
    out.remove("Transform");
    let at = whole.at;
    *whole = out.into();
    whole.at = at;
    renamed.apply(whole)
}

/// What is given, then the defaults, then the region and its partition.
pub(crate) fn parameters(template: &Dict, input: &Input, old: bool) -> Parameters {
    let given = |text: &str| if old { Val::from(Text::given(text)) } else { text.into() };
    let mut all: IndexMap<String, Val> = input.parameters.iter().map(|(name, value)| (name.clone(), given(value))).collect();
    for (name, parameter) in template.get("Parameters").and_then(Val::dict).into_iter().flat_map(Dict::iter) {
        if let Some(default) = parameter.dict().and_then(|parameter| parameter.raw("Default")) {
            all.entry(name.to_string()).or_insert_with(|| default.clone());
        }
    }
    all.entry("AWS::Region".to_owned()).or_insert_with(|| input.region.into());
    all.entry("AWS::Partition".to_owned()).or_insert_with(|| context::partition(input.region).into());
    Parameters::new(all)
}

fn add_globals(template: &mut Dict) -> Out<()> {
    let globals = Globals::read(template.raw("Globals"))?;
    let resources = resources(template)?;
    let ids: Vec<Text> = resources.keys().cloned().collect();
    for id in ids {
        let Some(resource) = resources.get_mut(&id) else { continue };
        let kind = kind(resource).to_owned();
        let Some(resource) = resource.dict_mut().filter(|_| serverless(&kind).is_some()) else { continue };
        let none = Dict::new();
        let at = resource.raw("Properties").map_or(Span::NONE, |own| own.at);
        let own = resource.get("Properties").and_then(Val::dict).unwrap_or(&none);
        let mut merged: Val = globals.merge(&kind, &id, resource, own)?.into();
        merged.at = at;
        resource.insert("Properties", merged);
    }
    template.remove("Globals");
    resources_of_version_3(template);
    Ok(())
}

/// Definitions that the transform manages get the version that their APIs ask for.
fn resources_of_version_3(template: &mut Dict) {
    let Ok(resources) = resources(template) else { return };
    for api in resources.values_mut().filter(|resource| kind(resource) == implicit::API) {
        let Some(own) = api.get_mut("Properties").and_then(Val::dict_mut) else { continue };
        if !own.contains(implicit::MANAGED) {
            continue;
        }
        let Some(version) = own.raw("OpenApiVersion").filter(|version| crate::editor::is_version_3(version)).cloned() else { continue };
        let version = if version.text().is_some() { version } else { crate::print::str(&version).into() };
        own.insert("OpenApiVersion", &version);
        if let Some(body) = own.get_mut("DefinitionBody").and_then(Val::dict_mut) {
            body.insert("openapi", version);
            if body.truthy("swagger").is_some() {
                body.remove("swagger");
            }
        }
    }
}

/// Functions first, for their events change the definitions of APIs; then APIs, then the others.
fn each_resource(template: &mut Dict, out: &mut Dict, context: &mut Context) -> Out<Renamed> {
    let resources = resources(template)?;
    let rank = |resource: &Val| match serverless(kind(resource)) {
        Some("Function") => Some(0),
        Some("WebFunction") => Some(1),
        Some("StateMachine") => Some(2),
        Some("Api" | "HttpApi" | "WebSocketApi") => Some(3),
        Some("Connector") => Some(5),
        Some(_) => Some(4),
        None => None,
    };
    let mut order: Vec<(i32, Text)> = resources.iter().filter_map(|(id, resource)| Some((rank(resource)?, id.clone()))).collect();
    order.sort_by_key(|(rank, _)| *rank);
    let mut renamed = Renamed::default();
    let mut faults = Vec::new();
    for (_, id) in order {
        match one_resource(resources, &id, context, &mut renamed) {
            Ok(made) => place(&id, made, resources, out, &mut faults)?,
            Err(fault @ (Fault::Resource(..) | Fault::Event(..) | Fault::Template(_))) => faults.push(fault),
            Err(fault) => return Err(fault),
        }
    }
    if faults.is_empty() { Ok(renamed) } else { Err(Fault::Document(faults)) }
}

fn one_resource(resources: &mut Dict, id: &Text, context: &mut Context, renamed: &mut Renamed) -> Out<Vec<Made>> {
    let resource = resources.get(id).and_then(Val::dict).cloned().ok_or(Fault::Internal)?;
    let at = resources.key_at(id);
    let mut properties = resource.get("Properties").and_then(Val::dict).cloned().unwrap_or_default();
    let kind = resource.get("Type").and_then(Val::text).map_or("", Text::as_str);
    match kind {
        "AWS::Serverless::Function" => {
            crate::made::check_id(id)?;
            if let Some(policies) = policy::expand_templates(id, properties.get("Policies"))? {
                properties.insert("Policies", policies);
            }
            let source = Source::read(&function::FORM, id, &resource, properties, at)?;
            let links = function::link(&source, resources)?;
            note_function_name(&source, context)?;
            let function = function::transform(source, &links, resources, context)?;
            renamed.parts.extend(function.parts.into_iter().map(|(word, made)| ((id.clone(), word), made)));
            Ok(function.made)
        }
        "AWS::Serverless::Api" => {
            let source = Source::read(&api::FORM, id, &resource, properties, at)?;
            let api = api::transform(source, context)?;
            renamed.parts.extend(api.parts.into_iter().map(|(word, made)| ((id.clone(), word), made)));
            Ok(api.made)
        }
        "AWS::Serverless::LayerVersion" => {
            let made = layer::transform(Source::read(&layer::FORM, id, &resource, properties, at)?, context)?;
            renamed.ids.insert(id.clone(), made.id.clone());
            Ok(vec![made])
        }
        "AWS::Serverless::Application" => application::transform(id, &resource, properties, at).map(|made| vec![made]),
        other => Err(Fault::unbuilt(id, format_args!("the type '{other}'"))),
    }
}

/// The names of an API's functions are a part of its deployment's digest.
fn note_function_name(source: &Source, context: &mut Context) -> Out<()> {
    let Some(events) = source.get("Events").and_then(Val::dict) else { return Ok(()) };
    let mut name = source.get("FunctionName").cloned().unwrap_or(Val::NULL);
    let name = context.parameters.resolve(&mut name)?;
    for event in events.values().filter(|event| event.get("Type").is_some_and(|kind| kind.is("Api"))) {
        let api = event.get("Properties").and_then(Val::dict).and_then(implicit::api_id).and_then(Val::text);
        if let Some(api) = api.filter(|_| name.truthy()) {
            context.function_names.entry(api.clone()).or_default().push_str(&crate::print::str(&name));
        }
    }
    Ok(())
}

/// Puts what a resource made in its place.
fn place(id: &Text, made: Vec<Made>, originals: &Dict, out: &mut Dict, faults: &mut Vec<Fault>) -> Out<()> {
    let at = originals.key_at(id);
    let target = resources(out)?;
    target.remove(id);
    for resource in made {
        if originals.get(&resource.id).is_some_and(|taken| !may_replace(resource.shape.kind, kind(taken))) {
            faults.push(Fault::Other(format!(
                "Transforming resource with id [{id}] attempts to create a new resource with id [{}] and type \"{}\". A resource with \
                 that id already exists within this template. Please use a different id for that resource.",
                resource.id, resource.shape.kind
            )));
            continue;
        }
        let mut written = resource.write();
        written.originate(at);
        let mut one = Dict::new();
        one.insert_at(resource.id, at, written);
        target.update(&one);
    }
    Ok(())
}

/// Whether a generated resource may have the id of one in the template.
fn may_replace(made: &str, original: &str) -> bool {
    matches!(
        (made, original),
        ("AWS::Lambda::Function", "AWS::Serverless::Function")
            | ("AWS::Lambda::LayerVersion", "AWS::Serverless::LayerVersion")
            | ("AWS::ApiGateway::RestApi", "AWS::Serverless::Api")
            | ("AWS::CloudFormation::Stack", "AWS::Serverless::Application")
    ) || (made == original
        && matches!(
            made,
            "AWS::SNS::Topic"
                | "AWS::ApiGateway::DomainName"
                | "AWS::ApiGateway::BasePathMapping"
                | "AWS::ApiGateway::DomainNameV2"
                | "AWS::ApiGateway::BasePathMappingV2"
        ))
}
