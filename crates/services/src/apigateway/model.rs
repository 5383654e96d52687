//! Models.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/api/API_Model.html>
use super::errors::{api_id, word};
use super::page::page;
use super::patch::{self, Op};
use crate::request::RequestContext;
use std::sync::Arc;
use vpclab_api::model::{Neighbours, Schema};
use vpclab_cloud::model::{Model, NewModel};
use vpclab_cloud::{Cloud, Context, Refusal, RestApi, RestApiId};
use vpclab_wire::{WireError, apigateway as wire};

/// `CreateModel`
pub async fn create_model(cx: &RequestContext, req: wire::CreateModelRequest) -> Result<wire::Model, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    // A model without a schema says nothing.
    let schema = req.schema.filter(|text| !text.is_empty()).unwrap_or_else(|| "{}".to_owned());
    let new = NewModel { name: req.name, description: req.description, content_type: req.content_type, schema };
    cx.change(word, |cloud, c| create(cloud, c, &api, new)).await
}

/// Makes a model whose schema is one.
pub(crate) fn create(cloud: &mut Cloud, c: &mut Context, api: &RestApiId, new: NewModel) -> Result<wire::Model, Refusal> {
    let name = new.name.clone();
    cloud.create_model(c, api, new)?;
    let api = cloud.rest_api(&c.scope, api)?;
    let model = api.model(&name)?;
    check(model, &neighbours(api))?;
    Ok(view(&name, model))
}

/// `GetModel`
pub async fn get_model(cx: &RequestContext, req: wire::GetModelRequest) -> Result<wire::Model, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    let cloud = cx.snapshot();
    let found = cloud.rest_api(&cx.scope, &api).and_then(|api| api.model(&req.model_name));
    found.map(|model| view(&req.model_name, model)).map_err(|why| word(&why))
}

/// `GetModels`
pub async fn get_models(cx: &RequestContext, req: wire::GetModelsRequest) -> Result<wire::Models, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    let cloud = cx.snapshot();
    let api = cloud.rest_api(&cx.scope, &api).map_err(|why| word(&why))?;
    let models = api.settings.validation.models.iter().map(|(name, model)| (name.clone(), view(name, model)));
    let (items, position) = page(models, req.limit, req.position.as_deref())?;
    Ok(wire::Models { items, position })
}

/// `UpdateModel`
pub async fn update_model(cx: &RequestContext, req: wire::UpdateModelRequest) -> Result<wire::Model, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    let (mut schema, mut description) = (None, None);
    for patch in patch::read(req.patch_operations)? {
        match patch.target() {
            (Op::Replace, parts) if parts == ["schema"] => schema = Some(patch.value()?),
            (Op::Replace, parts) if parts == ["description"] => description = Some(patch.optional()),
            _ => return Err(patch.wrong_path(&["/description", "/schema"])),
        }
    }
    cx.change(word, |cloud, c| update(cloud, c, &api, &req.model_name, (schema, description))).await
}

/// Changes a model; its schema, and those that refer to it, have to be schemas still.
pub(crate) fn update(
    cloud: &mut Cloud,
    c: &mut Context,
    api: &RestApiId,
    name: &str,
    (schema, description): (Option<String>, Option<Option<String>>),
) -> Result<wire::Model, Refusal> {
    cloud.update_model(c, api, name, |model| {
        model.schema = schema.unwrap_or_else(|| std::mem::take(&mut model.schema));
        model.description = description.unwrap_or_else(|| model.description.take());
    })?;
    let api = cloud.rest_api(&c.scope, api)?;
    let near = neighbours(api);
    api.settings.validation.models.values().try_for_each(|model| check(model, &near))?;
    Ok(view(name, api.model(name)?))
}

/// `DeleteModel`
pub async fn delete_model(cx: &RequestContext, req: wire::DeleteModelRequest) -> Result<(), WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    cx.change(word, |cloud, c| cloud.delete_model(c, &api, &req.model_name)).await
}

/// Whether a model's schema is one.
fn check(model: &Model, near: &Neighbours) -> Result<(), Refusal> {
    let compiled = Schema::compile(&model.schema, near);
    compiled
        .map(drop)
        .map_err(|why| Refusal::ApiBadRequest(format!("Invalid model specified: Validation Result: warnings : [], errors : [{why}]")))
}

/// Whether the schemas of all models of an API are: an import names those that are not.
pub(super) fn check_all(api: &RestApi) -> Result<(), Refusal> {
    let near = neighbours(api);
    for (name, model) in &api.settings.validation.models {
        Schema::compile(&model.schema, &near).map_err(|why| {
            Refusal::ApiBadRequest(format!(
                "Errors found during import:\n\tUnable to create model for '{name}': Invalid model specified: Validation Result: warnings : \
                 [], errors : [{why}]"
            ))
        })?;
    }
    Ok(())
}

fn neighbours(api: &RestApi) -> Neighbours {
    let schemas = api.settings.validation.models.iter().map(|(name, model)| (name.clone(), model.schema.clone())).collect();
    Neighbours { api: api.id.to_string(), schemas: Arc::new(schemas) }
}

fn view(name: &str, model: &Model) -> wire::Model {
    wire::Model {
        id: Some(model.id.to_string()),
        name: Some(name.to_owned()),
        description: model.description.clone(),
        schema: Some(model.schema.clone()),
        content_type: Some(model.content_type.clone()),
    }
}
