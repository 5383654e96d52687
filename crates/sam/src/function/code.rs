//! A function's code, and whether the rest fits it.
use crate::{
    fault::{Fault, Out},
    location,
    made::Made,
    source::Source,
    value::{Dict, Val},
};

pub(super) fn construct(source: &Source) -> Out<Dict> {
    let package = source.truthy("PackageType");
    let image = package.is_some_and(|package| package.is("Image"));
    if let Some(other) = package.filter(|package| !image && !package.is("Zip")) {
        return Err(source.fault(format!("invalid 'PackageType' : {}", crate::print::str(other))));
    }
    if image {
        let uri = source.get("ImageUri").ok_or_else(|| source.fault("'ImageUri' must be set."))?;
        if !uri.truthy() {
            return Err(source.fault("'ImageUri' requires that a image hosted at a registry be specified."));
        }
        return Ok(Dict::of("ImageUri", uri));
    }
    let mut code = match (source.get("InlineCode"), source.get("CodeUri")) {
        (Some(inline), _) => Dict::of("ZipFile", inline),
        (None, Some(uri)) => location::code(Some(uri), &source.id, "CodeUri")?,
        (None, None) => return Err(source.fault("Only one of 'InlineCode' or 'CodeUri' can be set.")),
    };
    if let Some(key) = source.truthy("SourceKMSKeyArn") {
        code.insert("SourceKMSKeyArn", key);
    }
    Ok(code)
}

pub(super) fn check_package(function: &Made) -> Out<()> {
    let has = |name: &str| function.get(name).is_some_and(Val::truthy);
    let fail = |message: &str| Err(Fault::resource(&function.id, message));
    if function.get("PackageType").is_some_and(|package| package.is("Image")) {
        if ["Handler", "Runtime", "Layers"].into_iter().any(has) {
            return fail("Runtime, Handler, Layers cannot be present when PackageType is of type `Image`");
        }
        return Ok(());
    }
    if !has("Runtime") || !has("Handler") {
        return fail("Runtime and Handler needs to be present when PackageType is of type `Zip`");
    }
    if has("ImageConfig") {
        return fail("ImageUri or ImageConfig cannot be present when PackageType is of type `Zip`");
    }
    Ok(())
}
