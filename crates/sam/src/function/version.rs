//! `AutoPublishAlias`: a version whose logical id changes with the code, and the alias that follows it.
use crate::{
    context::Context,
    digest,
    fault::{Fault, Out},
    intrinsic,
    made::{ALIAS, Made, VERSION},
    source::Source,
    text::Text,
    value::{Dict, Val},
};

pub(super) fn publish(source: &mut Source, function: &mut Made, context: &Context) -> Out<(Made, Made)> {
    let name = source.properties.get_mut("AutoPublishAlias").map(|name| context.parameters.resolve(name)).transpose()?;
    let wrong = || source.fault("'AutoPublishAlias' must be a string or a Ref to a template parameter");
    let name = name.as_ref().and_then(Val::text).cloned().ok_or_else(wrong)?;
    let sha256 = code_sha256(source, function, context)?;
    let version = version(source, function, sha256, context)?;
    let alias = alias(source, function, &version, &name)?;
    Ok((version, alias))
}

/// `AutoPublishCodeSha256`, which goes to the description too: Lambda makes no version of a function that did not change.
fn code_sha256(source: &mut Source, function: &mut Made, context: &Context) -> Out<Option<Text>> {
    let Some(given) = source.properties.get_mut("AutoPublishCodeSha256").filter(|given| given.truthy()) else { return Ok(None) };
    let Some(digest) = context.parameters.resolve(given)?.text().cloned() else {
        return Err(source.fault("AutoPublishCodeSha256 must be a string"));
    };
    let description = source.properties.get_mut("Description").map(|own| context.parameters.resolve(own)).transpose()?;
    let description: Val = match description.filter(Val::truthy) {
        None => digest.clone().into(),
        Some(own) => match own.text() {
            Some(text) => format!("{text} {digest}").into(),
            None => Dict::of("Fn::Join", vec![" ".into(), vec![own, digest.clone().into()].into()]).into(),
        },
    };
    function.set("Description", description)?;
    Ok(Some(digest))
}

fn version(source: &Source, function: &mut Made, sha256: Option<Text>, context: &Context) -> Out<Made> {
    // The values of parameters stay in the code: a new value makes a new version.
    if let Some(code) = function.get_mut("Code") {
        context.parameters.replace(code)?;
    }
    let suffix = match sha256.filter(|digest| !digest.is_empty()) {
        Some(digest) => digest.chars().take(10).collect(),
        None => digest::of(&hashed(source, function, context).into()),
    };
    let id = Text::own(format!("{}Version{suffix}", source.id));
    let mut attributes = source.passed();
    if !attributes.contains("DeletionPolicy") {
        attributes.insert("DeletionPolicy", source.get("VersionDeletionPolicy").cloned().unwrap_or_else(|| "Retain".into()));
    }
    let mut version = Made::new(id, &VERSION, attributes)?;
    version.set("FunctionName", function.reference())?;
    version.put("Description", source.get("VersionDescription"))?;
    Ok(version)
}

/// What makes a version another.
fn hashed(source: &Source, function: &Made, context: &Context) -> Dict {
    if source.truthy("AutoPublishAliasAllProperties").is_some() {
        let mut all = function.properties();
        let layers = function.get("Layers").and_then(Val::visit).unwrap_or_default();
        for id in layers.iter().filter_map(intrinsic::named) {
            let own = context.originals.get(&id).map(|layer| layer.get("Properties").cloned().unwrap_or_else(|| Dict::new().into()));
            if let Some(own) = own.filter(|own| own.get("PublishLambdaVersion").is_some_and(Val::truthy)) {
                all.insert(id, own);
            }
        }
        return all;
    }
    let mut own = function.get("Code").and_then(Val::dict).cloned().unwrap_or_default();
    if let Some(environment) = function.get("Environment").and_then(Val::dict) {
        own.update(environment);
    }
    if let Some(memory) = function.get("MemorySize").filter(|memory| memory.truthy()) {
        own.insert("MemorySize", memory);
    }
    if let Some(snap) = function.get("SnapStart").filter(|snap| snap.get("ApplyOn").is_some_and(|on| !on.is("None"))) {
        own.insert("SnapStart", snap);
    }
    own
}

fn alias(source: &Source, function: &Made, version: &Made, name: &Text) -> Out<Made> {
    if name.is_empty() {
        return Err(source.fault("Alias name is required to create an alias"));
    }
    let valid = name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_') && !name.bytes().all(|c| c.is_ascii_digit());
    if !valid {
        return Err(Fault::resource(
            &source.id,
            format!(
                "AutoPublishAlias name ('{name}') must contain only alphanumeric characters, hyphens, or underscores matching \
                 (?!^[0-9]+$)([a-zA-Z0-9-_]+) pattern."
            ),
        ));
    }
    let id = format!("{}Alias{}", function.id, name.replace('-', "D").replace('_', "U"));
    let mut alias = Made::new(Text::own(id), &ALIAS, source.passed())?;
    alias.set("Name", name)?;
    alias.set("FunctionName", function.reference())?;
    alias.set("FunctionVersion", intrinsic::get_att(&version.id, "Version"))?;
    alias.put("ProvisionedConcurrencyConfig", source.truthy("ProvisionedConcurrencyConfig"))?;
    Ok(alias)
}
