//! What a method asks of requests: a body, parameters, a validator, time.
use super::{Editor, INTEGRATION, is_version_3};
use crate::{
    fault::{Fault, Out},
    text::Text,
    value::{Dict, Kind, Val},
};

/// One parameter: `method.request.header.X`.
pub(crate) struct Parameter {
    pub(crate) name: Text,
    pub(crate) required: Val,
    pub(crate) caching: Val,
}

impl Editor {
    pub(crate) fn timeout(&mut self, path: &Text, method: &Text, milliseconds: &Val) -> Out<()> {
        self.each_method(path, Some(method), |_, definition| {
            let integration = definition.get_mut(INTEGRATION).and_then(Val::dict_mut).ok_or(Fault::Internal)?;
            integration.insert("timeoutInMillis", milliseconds);
            Ok(())
        })
    }

    pub(crate) fn request_model(&mut self, path: &Text, method: &Text, model: &Text, required: Option<&Val>) -> Out<()> {
        let name = model.like(model.to_lowercase());
        let swagger = self.doc.get("swagger").is_some();
        let version_3 = self.doc.truthy("openapi").is_some_and(is_version_3);
        self.each_method(path, Some(method), |_, definition| {
            if swagger {
                let schema = Dict::of("$ref", format!("#/definitions/{name}"));
                let mut parameter = Dict::old().with("in", "body").with("name", &name).with("schema", schema);
                if let Some(required) = required {
                    parameter.insert("required", required);
                }
                parameters(definition)?.push(parameter.into());
            } else if version_3 {
                let schema = Dict::of("$ref", format!("#/components/schemas/{name}"));
                let mut body = Dict::of("content", Dict::of("application/json", Dict::of("schema", schema)));
                if let Some(required) = required {
                    body.insert("required", required);
                }
                definition.insert("requestBody", body);
            }
            Ok(())
        })
    }

    pub(crate) fn request_validator(&mut self, path: &Text, method: &Text, body: bool, parameters: bool) -> Out<()> {
        const VALIDATORS: &str = "x-amazon-apigateway-request-validators";
        let name = match (body, parameters) {
            (true, true) => "body-and-params",
            (true, false) => "body-only",
            (false, true) => "params-only",
            (false, false) => "no-validation",
        };
        let validator = Dict::old().with("validateRequestBody", body).with("validateRequestParameters", parameters);
        if self.doc.truthy(VALIDATORS).is_none() {
            self.doc.insert(VALIDATORS, Dict::old());
        }
        let validators = self.doc.get_mut(VALIDATORS).and_then(Val::dict_mut).ok_or(Fault::Internal)?;
        if validators.truthy(name).is_none() {
            validators.update(&Dict::old().with(name, validator));
        }
        let own = Dict::old().with("x-amazon-apigateway-request-validator", name);
        self.each_method(path, Some(method), |_, definition| {
            definition.update(&own);
            Ok(())
        })
    }

    pub(crate) fn request_parameters(&mut self, path: &Text, method: &Text, wanted: &[Parameter]) -> Out<()> {
        self.each_method(path, Some(method), |_, definition| {
            for parameter in wanted {
                let place = parameter.name.replace("method.request.", "");
                let (place, name) = place.split_once('.').ok_or(Fault::Internal)?;
                let place = if place == "querystring" { Text::own("query") } else { parameter.name.like(place) };
                let own = Dict::old()
                    .with("in", place)
                    .with("name", parameter.name.like(name))
                    .with("required", &parameter.required)
                    .with("type", "string");
                parameters(definition)?.push(own.into());
                if parameter.caching.truthy() {
                    let integration = definition.get_mut(INTEGRATION).and_then(Val::dict_mut).ok_or(Fault::Internal)?;
                    let keys = integration.or_insert("cacheKeyParameters", || Vec::new().into()).and_then(Val::list_mut);
                    keys.ok_or(Fault::Internal)?.push(parameter.name.clone().into());
                }
            }
            parameters(definition).map(drop)
        })
    }
}

fn parameters(definition: &mut Dict) -> Out<&mut Vec<Val>> {
    match definition.or_insert("parameters", || Vec::new().into()).map(|val| &mut val.kind) {
        Some(Kind::List(items)) => Ok(items),
        _ => Err(Fault::Internal),
    }
}
