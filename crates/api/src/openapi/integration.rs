//! `x-amazon-apigateway-integration`
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html>
use super::read::{self, Object};
use super::settings::not_served;
use super::{ImportError, Importer};
use serde_json::Value;
use vpclab_cloud::integration::{Integration, IntegrationResponse, IntegrationType, Passthrough};

impl<'a> Importer<'a> {
    pub(super) fn integration(&mut self, value: &Value, place: &str) -> Result<Integration, ImportError> {
        let object = self.resolve_object(value, place)?;
        let kind = read::text(read::member(object, place, "type")?, &read::under(place, "type"))?;
        let kind = IntegrationType::parse(&kind.to_ascii_uppercase()).ok_or_else(|| illegal(place, "type", &kind))?;
        let mut integration = Integration {
            http_method: read::optional_text(object, place, "httpMethod")?.map(|name| name.to_ascii_uppercase()),
            uri: read::optional_text(object, place, "uri")?,
            cache_namespace: read::optional_text(object, place, "cacheNamespace")?,
            request_parameters: read::text_map(object, place, "requestParameters")?,
            request_templates: read::text_map(object, place, "requestTemplates")?,
            ..Integration::new(kind)
        };
        for (name, value) in object {
            let here = read::under(place, name);
            match name.as_str() {
                "type" | "httpMethod" | "uri" | "cacheNamespace" | "requestParameters" | "requestTemplates" => {}
                "passthroughBehavior" => {
                    let text = read::text(value, &here)?;
                    integration.passthrough = Passthrough::parse(&text.to_ascii_uppercase()).ok_or_else(|| illegal(place, name, &text))?;
                }
                "timeoutInMillis" => {
                    let text = read::text(value, &here)?;
                    integration.timeout_millis = text.parse().map_err(|_| illegal(place, name, &text))?;
                }
                "cacheKeyParameters" => integration.cache_key_parameters = read::texts(value, &here)?,
                "connectionType" => {
                    let text = read::text(value, &here)?;
                    if text != "INTERNET" {
                        return Err(not_served(&format!("connectionType: {text}"), place));
                    }
                }
                "responses" => self.integration_responses(read::object(value, &here)?, &here, &mut integration)?,
                // Other vendors' members do not stand in here.
                other => return Err(not_served(other, place)),
            }
        }
        Ok(integration)
    }

    fn integration_responses(&mut self, responses: &Object, place: &str, integration: &mut Integration) -> Result<(), ImportError> {
        for (pattern, response) in responses {
            let here = read::under(place, pattern);
            let object = read::object(response, &here)?;
            for name in object.keys() {
                if !matches!(name.as_str(), "statusCode" | "responseParameters" | "responseTemplates") {
                    return Err(not_served(name, &here));
                }
            }
            let status = read::text(read::member(object, &here, "statusCode")?, &read::under(&here, "statusCode"))?;
            let response = IntegrationResponse {
                selection_pattern: (pattern != "default").then(|| pattern.clone()),
                response_parameters: read::text_map(object, &here, "responseParameters")?,
                response_templates: read::text_map(object, &here, "responseTemplates")?,
                content_handling: None,
            };
            if integration.responses.insert(status.clone(), response).is_some() {
                return Err(ImportError::Illegal { place: place.to_owned(), why: format!("two responses have the status code {status}") });
            }
        }
        Ok(())
    }
}

fn illegal(place: &str, name: &str, text: &str) -> ImportError {
    ImportError::Illegal { place: read::under(place, name), why: format!("`{text}` is not known") }
}
