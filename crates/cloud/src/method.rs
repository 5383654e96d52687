//! Methods of a resource.
use crate::integration::Integration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A method.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// `NONE`, `AWS_IAM`, `CUSTOM`, `COGNITO_USER_POOLS`.
    pub authorization_type: String,
    /// Whether an API key is required.
    pub api_key_required: bool,
    /// `operationName`
    pub operation_name: Option<String>,
    /// `method.request.{querystring|path|header}.{name}` -> required.
    pub request_parameters: BTreeMap<String, bool>,
    /// Content type -> model name.
    pub request_models: BTreeMap<String, String>,
    /// Its responses by status code.
    pub responses: BTreeMap<String, MethodResponse>,
    /// Its integration; a deployment needs one.
    pub integration: Option<Integration>,
}

/// A response that a method declares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodResponse {
    /// `method.response.header.{name}` -> required.
    pub response_parameters: BTreeMap<String, bool>,
    /// Content type -> model name.
    pub response_models: BTreeMap<String, String>,
}
