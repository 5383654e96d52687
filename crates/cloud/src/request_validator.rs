//! Request validators of a REST API: what of a request is checked before its integration is asked.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html>
use crate::authorizer::Authorizer;
use crate::model::{DEFAULT_MODELS, Model, NewModel};
use crate::rest_api::{PutMode, bad_request, not_found};
use crate::{AuthorizerId, Cloud, Context, ModelId, Refusal, RequestValidatorId, RestApi, RestApiId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Models, request validators and authorizers: a deployment freezes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validation {
    /// The models by name.
    pub models: BTreeMap<String, Model>,
    /// The request validators.
    pub validators: BTreeMap<RequestValidatorId, RequestValidator>,
    /// The authorizers.
    #[serde(default)]
    pub authorizers: BTreeMap<AuthorizerId, Authorizer>,
}

/// A request validator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestValidator {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Whether bodies are checked against the method's models.
    pub body: bool,
    /// Whether required parameters have to be there.
    pub parameters: bool,
}

/// What API Gateway says of a request validator that is not there.
#[must_use]
pub fn unknown_validator() -> Refusal {
    not_found("Invalid Request Validator identifier specified")
}

impl RestApi {
    /// A request validator of the API.
    ///
    /// # Errors
    /// When there is none of that id.
    pub fn request_validator(&self, id: &RequestValidatorId) -> Result<&RequestValidator, Refusal> {
        self.settings.validation.validators.get(id).ok_or_else(unknown_validator)
    }
}

impl Cloud {
    /// `CreateRequestValidator`
    ///
    /// # Errors
    /// An API that is not there.
    pub fn create_request_validator(
        &mut self,
        cx: &mut Context,
        api: &RestApiId,
        new: RequestValidator,
    ) -> Result<RequestValidatorId, Refusal> {
        let id = RequestValidatorId::fresh(&mut cx.ids);
        self.edit_validation(&cx.scope, api, |validation| {
            validation.validators.insert(id.clone(), new);
            Ok(id)
        })
    }

    /// `UpdateRequestValidator`
    ///
    /// # Errors
    /// An API or a validator that is not there.
    pub fn update_request_validator(
        &mut self,
        cx: &mut Context,
        api: &RestApiId,
        id: &RequestValidatorId,
        edit: impl FnOnce(&mut RequestValidator),
    ) -> Result<(), Refusal> {
        self.edit_validation(&cx.scope, api, |validation| validation.validators.get_mut(id).map(edit).ok_or_else(unknown_validator))
    }

    /// `DeleteRequestValidator`
    ///
    /// # Errors
    /// An API or a validator that is not there, or a validator that a method names.
    pub fn delete_request_validator(&mut self, cx: &mut Context, api: &RestApiId, id: &RequestValidatorId) -> Result<(), Refusal> {
        self.rest_api(&cx.scope, api)?.request_validator(id)?;
        for resource in self.resources_of(api) {
            if let Some((verb, _)) = resource.methods.iter().find(|(_, method)| method.request_validator.as_ref() == Some(id)) {
                let text = format!("Cannot delete request validator '{id}', is referenced in method: {}/{verb}", resource.path);
                return Err(Refusal::ApiConflict(text));
            }
        }
        self.edit_validation(&cx.scope, api, |validation| {
            validation.validators.remove(id);
            Ok(())
        })
    }

    /// Puts the models and the named validators of an OpenAPI document. What keeps its name keeps its id. Answers the validators' ids.
    ///
    /// # Errors
    /// An API that is not there, a model that is not legal.
    pub fn put_validation(
        &mut self,
        cx: &mut Context,
        api: &RestApiId,
        (models, validators): (Vec<NewModel>, BTreeMap<String, RequestValidator>),
        mode: PutMode,
    ) -> Result<BTreeMap<String, RequestValidatorId>, Refusal> {
        let before = self.rest_api(&cx.scope, api)?.settings.validation.clone();
        let mut after = before.clone();
        if mode == PutMode::Overwrite {
            after.models.retain(|name, _| DEFAULT_MODELS.contains(&name.as_str()));
            after.validators.clear();
        }
        for new in models {
            let errors =
                |why: Refusal| bad_request(format!("Errors found during import:\n\tUnable to create model for '{}': {why}", new.name));
            crate::model::check(&new).map_err(errors)?;
            let id = before.models.get(&new.name).map_or_else(|| ModelId::fresh(&mut cx.ids), |known| known.id.clone());
            let model = Model { id, description: new.description, content_type: new.content_type, schema: new.schema };
            after.models.insert(new.name, model);
        }
        let mut ids = BTreeMap::new();
        for (name, validator) in validators {
            let known = before.validators.iter().find(|(_, known)| known.name.as_deref() == Some(&name));
            let id = known.map_or_else(|| RequestValidatorId::fresh(&mut cx.ids), |(id, _)| id.clone());
            after.validators.insert(id.clone(), RequestValidator { name: Some(name.clone()), ..validator });
            ids.insert(name, id);
        }
        self.edit_validation(&cx.scope, api, |validation| {
            *validation = after;
            Ok(ids)
        })
    }
}
