//! Members whose names begin with `x-`.
use super::ImportError;
use serde_json::Value;

pub(super) const ANY_METHOD: &str = "x-amazon-apigateway-any-method";
pub(super) const API_KEY_SOURCE: &str = "x-amazon-apigateway-api-key-source";
pub(super) const AUTH: &str = "x-amazon-apigateway-auth";
pub(super) const AUTHORIZER: &str = "x-amazon-apigateway-authorizer";
pub(super) const AUTHTYPE: &str = "x-amazon-apigateway-authtype";
pub(super) const BINARY_MEDIA_TYPES: &str = "x-amazon-apigateway-binary-media-types";
pub(super) const DOCUMENTATION: &str = "x-amazon-apigateway-documentation";
pub(super) const ENDPOINT_CONFIGURATION: &str = "x-amazon-apigateway-endpoint-configuration";
pub(super) const GATEWAY_RESPONSES: &str = "x-amazon-apigateway-gateway-responses";
pub(super) const INTEGRATION: &str = "x-amazon-apigateway-integration";
pub(super) const INTEGRATIONS: &str = "x-amazon-apigateway-integrations";
pub(super) const MINIMUM_COMPRESSION_SIZE: &str = "x-amazon-apigateway-minimum-compression-size";
pub(super) const POLICY: &str = "x-amazon-apigateway-policy";
pub(super) const REQUEST_VALIDATOR: &str = "x-amazon-apigateway-request-validator";
pub(super) const REQUEST_VALIDATORS: &str = "x-amazon-apigateway-request-validators";
pub(super) const TAG_VALUE: &str = "x-amazon-apigateway-tag-value";

const AWS: &str = "x-amazon-";

/// Refuses an extension of AWS that is not among those which the place serves. Other vendors' are passed over.
pub(super) fn refuse_aws(name: &str, place: &str, served: &[&str]) -> Result<(), ImportError> {
    if name.to_ascii_lowercase().starts_with(AWS) && !served.contains(&name) {
        let place = if place.is_empty() { "the document" } else { place };
        return Err(ImportError::NotServed { what: name.to_owned(), place: place.to_owned() });
    }
    Ok(())
}

/// Refuses the extensions of AWS anywhere in a part of which nothing else is read. The depth of documents is bounded.
pub(super) fn refuse_within(value: &Value, place: &str) -> Result<(), ImportError> {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                refuse_aws(name, place, &[])?;
                refuse_within(value, place)?;
            }
            Ok(())
        }
        Value::Array(items) => items.iter().try_for_each(|item| refuse_within(item, place)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}
