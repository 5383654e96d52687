//! `AWS::Serverless::LayerVersion`: a layer whose logical id changes with its content.
use crate::{
    context::Context,
    digest,
    fault::Out,
    intrinsic, location,
    made::{LAYER_VERSION, Made},
    source::{Form, Source, Want},
    text::Text,
    value::{Dict, Kind, Val},
};

pub(crate) static FORM: Form = Form {
    kind: "AWS::Serverless::LayerVersion",
    properties: &[
        ("LayerName", false, Want::TextOrMap),
        ("Description", false, Want::Text),
        ("PublishLambdaVersion", false, Want::Bool),
        ("ContentUri", true, Want::TextOrMap),
        ("CompatibleArchitectures", false, Want::Items),
        ("CompatibleRuntimes", false, Want::Items),
        ("LicenseInfo", false, Want::Text),
        ("RetentionPolicy", false, Want::Text),
    ],
};

const POLICIES: [&str; 2] = ["Retain", "Delete"];

/// The layer, under its new id.
pub(crate) fn transform(mut source: Source, context: &Context) -> Out<Made> {
    for name in ["LayerName", "LicenseInfo", "Description", "RetentionPolicy"] {
        let Some(val) = source.properties.get_mut(name).filter(|val| val.truthy()) else { continue };
        let resolved = context.parameters.resolve(val)?;
        if !matches!(resolved.kind, Kind::Text(_) | Kind::Dict(_)) {
            return Err(source.fault(format!("Could not resolve parameter for '{name}' or parameter is not a String.")));
        }
        source.properties.insert(name, resolved);
    }
    let retention = retention(&source)?;
    let mut attributes = source.passed();
    if let Some(policy) = retention {
        attributes.insert("DeletionPolicy", policy);
    } else if !attributes.contains("DeletionPolicy") {
        attributes.insert("DeletionPolicy", "Retain");
    }
    let old = source.id.clone();
    let id = old.plus(digest::of(&Dict::of(&old, hashed(&source)).into()));
    let mut layer = Made::new(id.clone(), &LAYER_VERSION, attributes)?;
    layer.depends_on = source.depends_on.clone();
    layer.set("LayerName", source.truthy("LayerName").cloned().unwrap_or_else(|| old.into()))?;
    layer.put("Description", source.get("Description"))?;
    layer.set("Content", location::code(source.get("ContentUri"), &id, "ContentUri")?)?;
    layer.put("CompatibleArchitectures", source.get("CompatibleArchitectures"))?;
    architectures(&id, source.truthy("CompatibleArchitectures"))?;
    layer.put("CompatibleRuntimes", source.get("CompatibleRuntimes"))?;
    layer.put("LicenseInfo", source.get("LicenseInfo"))?;
    Ok(layer)
}

/// What the new id depends on: the resource as it is written, but for what does not make a layer another.
fn hashed(source: &Source) -> Dict {
    let mut out = Dict::of("Type", FORM.kind);
    if let Some(depends_on) = source.depends_on.as_ref().filter(|val| val.truthy()) {
        out.insert("DependsOn", depends_on);
    }
    for name in ["UpdatePolicy", "Condition"] {
        if let Some(val) = source.attributes.raw(name) {
            out.insert(name, val);
        }
    }
    let mut properties = Dict::new();
    for (name, ..) in FORM.properties {
        if let Some(val) = source.get(name) {
            properties.insert(*name, val);
        }
    }
    out.with("Properties", properties)
}

fn retention(source: &Source) -> Out<Option<&'static str>> {
    let options = crate::print::names(&POLICIES);
    let Some(policy) = source.get("RetentionPolicy") else { return Ok(None) };
    if intrinsic::is_function(policy) {
        return Err(source
            .fault(format!("'RetentionPolicy' does not accept intrinsic functions, please use one of the following options: {options}")));
    }
    let Some(policy) = policy.text() else {
        return Err(source.fault(format!("Invalid 'RetentionPolicy' type, please use one of the following options: {options}")));
    };
    let known = POLICIES.into_iter().find(|option| option.to_lowercase() == policy.to_lowercase());
    known.map(Some).ok_or_else(|| source.fault(format!("'RetentionPolicy' must be one of the following options: {options}.")))
}

fn architectures(id: &Text, val: Option<&Val>) -> Out<()> {
    let Some(val) = val.filter(|val| !intrinsic::is_function(val)) else { return Ok(()) };
    let known = |item: &Val| intrinsic::is_function(item) || item.is("arm64") || item.is("x86_64");
    if val.visit().unwrap_or_default().iter().all(known) {
        return Ok(());
    }
    Err(crate::fault::Fault::resource(id, "CompatibleArchitectures needs to be a list of 'x86_64' or 'arm64'"))
}
