//! Operations: a method with its responses and its integration.
use super::parameter::{Parameter, ParameterPlace};
use super::read::{self, Object};
use super::{Family, ImportError, Importer, extension};
use serde_json::Value;
use std::collections::BTreeMap;
use vpclab_cloud::method::{Method, MethodResponse};

impl<'a> Importer<'a> {
    pub(super) fn operation(&mut self, operation: &Object, shared: &[Parameter<'_>], place: &str) -> Result<Method, ImportError> {
        for name in operation.keys() {
            extension::refuse_aws(name, place, &[extension::AUTH, extension::INTEGRATION, extension::REQUEST_VALIDATOR])?;
        }
        let authorization_type = self.authorization(operation, place)?.to_owned();
        let operation_name = read::optional_text(operation, place, "operationId")?;
        let mut method = Method { authorization_type, operation_name, ..Method::open() };
        for parameter in shared {
            self.add_parameter(&mut method, parameter, operation, place)?;
        }
        if let Some(list) = operation.get("parameters") {
            // An operation's own parameters go over those of its path.
            for parameter in self.parameters(list, &read::under(place, "parameters"))? {
                self.add_parameter(&mut method, &parameter, operation, place)?;
            }
        }
        if let (Family::OpenApi3, Some(body)) = (self.family, operation.get("requestBody")) {
            let here = read::under(place, "requestBody");
            method.request_models = self.content_models(self.resolve_object(body, &here)?, &here)?;
        }
        if let Some(responses) = operation.get("responses") {
            method.responses = self.responses(responses, operation, &read::under(place, "responses"))?;
        }
        if let Some(integration) = operation.get(extension::INTEGRATION) {
            method.integration = Some(self.integration(integration, &read::under(place, extension::INTEGRATION))?);
        }
        Ok(method)
    }

    fn add_parameter(
        &mut self,
        method: &mut Method,
        parameter: &Parameter<'_>,
        operation: &Object,
        place: &str,
    ) -> Result<(), ImportError> {
        match parameter.place {
            ParameterPlace::Request(at) => {
                let key = format!("method.request.{at}.{}", parameter.name);
                method.request_parameters.insert(key, parameter.required);
            }
            ParameterPlace::Body(None) => {}
            ParameterPlace::Body(Some(schema)) => {
                let model = self.model(schema, place)?;
                method.request_models = self.media_types("consumes", operation)?.into_iter().map(|kind| (kind, model.clone())).collect();
            }
        }
        Ok(())
    }

    /// Swagger 2: what an operation takes or gives, else what the document says of all, else JSON.
    fn media_types(&self, member: &str, operation: &Object) -> Result<Vec<String>, ImportError> {
        match operation.get(member).or_else(|| self.root.get(member)) {
            Some(list) => read::texts(list, member),
            None => Ok(vec!["application/json".to_owned()]),
        }
    }

    /// OpenAPI 3: `content: {application/json: {schema: …}}` -> content type -> model.
    fn content_models(&mut self, holder: &Object, place: &str) -> Result<BTreeMap<String, String>, ImportError> {
        let mut models = BTreeMap::new();
        let Some(content) = holder.get("content") else { return Ok(models) };
        let place = read::under(place, "content");
        for (kind, media) in read::object(content, &place)? {
            let here = read::under(&place, kind);
            if let Some(schema) = read::object(media, &here)?.get("schema") {
                models.insert(kind.clone(), self.model(schema, &here)?);
            }
        }
        Ok(models)
    }

    fn responses(&mut self, responses: &Value, operation: &Object, place: &str) -> Result<BTreeMap<String, MethodResponse>, ImportError> {
        let mut declared = BTreeMap::new();
        for (status, response) in read::object(responses, place)? {
            let here = read::under(place, status);
            if status.starts_with("x-") {
                extension::refuse_aws(status, place, &[])?;
                continue;
            }
            if status.len() != 3 || !status.bytes().all(|b| b.is_ascii_digit()) {
                self.warnings.push(format!("The response '{status}' of {place} was ignored: API Gateway takes status codes only"));
                continue;
            }
            let response = self.resolve_object(response, &here)?;
            declared.insert(status.clone(), self.response(response, operation, &here)?);
        }
        Ok(declared)
    }

    fn response(&mut self, response: &Object, operation: &Object, place: &str) -> Result<MethodResponse, ImportError> {
        for name in response.keys() {
            extension::refuse_aws(name, place, &[])?;
        }
        let mut declared = MethodResponse::default();
        if let Some(headers) = response.get("headers") {
            for name in read::object(headers, &read::under(place, "headers"))?.keys() {
                declared.response_parameters.insert(format!("method.response.header.{name}"), false);
            }
        }
        declared.response_models = match self.family {
            Family::OpenApi3 => self.content_models(response, place)?,
            Family::Swagger2 => match response.get("schema") {
                None => BTreeMap::new(),
                Some(schema) => {
                    let model = self.model(schema, place)?;
                    self.media_types("produces", operation)?.into_iter().map(|kind| (kind, model.clone())).collect()
                }
            },
        };
        Ok(declared)
    }
}
