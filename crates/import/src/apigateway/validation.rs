//! What an API does before and in the place of an integration: request validators, models, gateway responses; and its custom names.
use crate::Affected;
use crate::ec2::security_group::seed;
use crate::item::{Item, Unreadable};
use crate::read::{Import, Source};
use std::collections::BTreeMap;
use std::sync::Arc;
use vpclab_api::model::REFERENCE;
use vpclab_api::openapi::{Imported, MODELS_OF_THIS_API};
use vpclab_cloud::gateway_response::{GatewayResponse, GatewayResponseType};
use vpclab_cloud::model::Model;
use vpclab_cloud::request_validator::{RequestValidator, Validation};
use vpclab_cloud::rest_api::ApiSettings;
use vpclab_cloud::{IdSource, ModelId, RequestValidatorId, RestApi, RestApiId};

fn edit(import: &mut Import, api: &RestApiId, edit: impl FnOnce(&mut ApiSettings)) {
    if let Some(api) = import.cloud.rest_apis.get_mut(api).map(Arc::make_mut) {
        edit(&mut api.settings);
    }
}

/// A member of `GetRequestValidators`.
pub(crate) fn read_validator(import: &mut Import, api: &RestApiId, item: Item<'_>) -> Result<(), Unreadable> {
    let id: RequestValidatorId = item.read("id")?;
    let validator = RequestValidator {
        name: item.owned("name"),
        body: item.flag("validateRequestBody"),
        parameters: item.flag("validateRequestParameters"),
    };
    edit(import, api, |settings| {
        settings.validation.validators.insert(id, validator);
    });
    Ok(())
}

/// A member of `GetModels`.
pub(crate) fn read_model(import: &mut Import, api: &RestApiId, item: Item<'_>) -> Result<(), Unreadable> {
    let name = item.owned("name").ok_or(Unreadable::Missing("name"))?;
    let model = Model {
        id: item.read("id")?,
        description: item.owned("description"),
        content_type: item.owned("contentType").unwrap_or_default(),
        schema: item.owned("schema").unwrap_or_else(|| "{}".to_owned()),
    };
    edit(import, api, |settings| {
        settings.validation.models.insert(name, model);
    });
    Ok(())
}

/// A member of `GetGatewayResponses`, which has those that nobody set too.
pub(crate) fn read_gateway_response(import: &mut Import, api: &RestApiId, item: Item<'_>) -> Result<(), Unreadable> {
    if item.flag("defaultResponse") {
        return Ok(());
    }
    let kind = item.text("responseType").ok_or(Unreadable::Missing("responseType"))?;
    let kind = GatewayResponseType::parse(kind).ok_or(Unreadable::Malformed { member: "responseType", value: kind.to_owned() })?;
    let status = item
        .text("statusCode")
        .map(|text| text.parse().map_err(|_| Unreadable::Malformed { member: "statusCode", value: text.to_owned() }));
    let response = GatewayResponse {
        status: status.transpose()?,
        parameters: item.map("responseParameters"),
        templates: item.map("responseTemplates"),
    };
    edit(import, api, |settings| {
        settings.gateway_responses.insert(kind, response);
    });
    Ok(())
}

/// A member of `GetDomainNames`: to which API it leads vpclab does not know.
pub(crate) fn read_domain_name(import: &mut Import, _source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let host = item.owned("domainName").ok_or(Unreadable::Missing("domainName"))?.to_ascii_lowercase();
    import.note(&host.clone(), "vpclab knows no custom domain names: to which API this one leads is not known", [Affected::Host(host)]);
    Ok(())
}

/// The settings of a stage's export: all that it does not say was not set when the stage was deployed.
pub(super) fn of_export(api: &RestApi, imported: &mut Imported) -> ApiSettings {
    let live = &api.settings;
    let mut ids = IdSource::new(seed(&format!("{} deployed validation", api.id)));
    let prefix = format!("{REFERENCE}{}/models/", api.id);
    let mut validation = Validation { models: live.validation.models.clone(), validators: BTreeMap::new(), authorizers: BTreeMap::new() };
    for new in std::mem::take(&mut imported.models) {
        let id = live.validation.models.get(&new.name).map_or_else(|| ModelId::fresh(&mut ids), |known| known.id.clone());
        let schema = new.schema.replace(MODELS_OF_THIS_API, &prefix);
        validation.models.insert(new.name, Model { id, description: new.description, content_type: new.content_type, schema });
    }
    let mut by_name = BTreeMap::new();
    for (name, validator) in std::mem::take(&mut imported.validators) {
        let known = live.validation.validators.iter().find(|(_, known)| known.name.as_deref() == Some(&name));
        let id = known.map_or_else(|| RequestValidatorId::fresh(&mut ids), |(id, _)| id.clone());
        validation.validators.insert(id.clone(), RequestValidator { name: Some(name.clone()), ..validator });
        by_name.insert(name, id);
    }
    for ((path, name), validator) in std::mem::take(&mut imported.validator_of) {
        if let Some(method) = imported.definition.get_mut(&path).and_then(|methods| methods.get_mut(&name)) {
            method.request_validator = by_name.get(&validator).cloned();
        }
    }
    ApiSettings { validation, gateway_responses: imported.gateway_responses.take().unwrap_or_default(), ..live.clone() }
}
