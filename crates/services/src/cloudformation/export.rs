//! Exports and their users.
use super::errors::invalid;
use super::request;
use crate::request::RequestContext;
use vpclab_wire::{WireError, cloudformation as wire};

/// How many exports or users a page has.
const PAGE: usize = 100;

/// `ListExports`
pub async fn list_exports(cx: &RequestContext, req: wire::ListExportsInput) -> Result<wire::ListExportsOutput, WireError> {
    let cloud = cx.snapshot();
    let mut exports: Vec<_> = cloud.exports_of(&cx.scope).collect();
    exports.sort_by(|(_, a), (_, b)| a.export.cmp(&b.export));
    let (exports, next_token) = request::page(exports.into_iter(), req.next_token.as_deref(), PAGE)?;
    let exports = exports.into_iter().map(|(stack, output)| wire::Export {
        exporting_stack_id: Some(stack.id.to_string()),
        name: output.export.clone(),
        value: Some(output.value.clone()),
    });
    Ok(wire::ListExportsOutput { exports: exports.collect(), next_token })
}

/// `ListImports`
pub async fn list_imports(cx: &RequestContext, req: wire::ListImportsInput) -> Result<wire::ListImportsOutput, WireError> {
    let cloud = cx.snapshot();
    if cloud.export(&cx.scope, &req.export_name).is_none() {
        return Err(invalid(format!("Export '{}' does not exist.", req.export_name)));
    }
    let users = cloud.importers_of(&cx.scope, &req.export_name).map(|stack| stack.name.clone());
    let (imports, next_token) = request::page(users, req.next_token.as_deref(), PAGE)?;
    if imports.is_empty() && req.next_token.is_none() {
        return Err(invalid(format!("Export '{}' is not imported by any stack.", req.export_name)));
    }
    Ok(wire::ListImportsOutput { imports, next_token })
}
