//! Methods of a resource.
use crate::integration::{Integration, IntegrationType};
use crate::rest_api::{bad_request, not_found};
use crate::{AuthorizerId, Cloud, Context, Refusal, RequestValidatorId, Resource, ResourceId, RestApiId, Scope};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The methods that can be put, as API Gateway lists them.
pub const METHOD_NAMES: [&str; 8] = ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY"];

/// A method.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// `NONE`, `AWS_IAM`, `CUSTOM`, `COGNITO_USER_POOLS`.
    pub authorization_type: String,
    /// The authorizer of a method of the type `CUSTOM`.
    #[serde(default)]
    pub authorizer: Option<AuthorizerId>,
    /// Whether an API key is required.
    pub api_key_required: bool,
    /// `operationName`
    pub operation_name: Option<String>,
    /// `method.request.{querystring|path|header}.{name}` -> required.
    pub request_parameters: BTreeMap<String, bool>,
    /// Content type -> model name.
    pub request_models: BTreeMap<String, String>,
    /// What checks requests.
    #[serde(default)]
    pub request_validator: Option<RequestValidatorId>,
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

/// Where a method is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodKey {
    /// Its API.
    pub api: RestApiId,
    /// Its resource.
    pub resource: ResourceId,
    /// Its name: `GET`, …, `ANY`.
    pub name: String,
}

impl Method {
    /// A method that anybody may call whom the resource policy lets.
    #[must_use]
    pub fn open() -> Self {
        Self { authorization_type: "NONE".to_owned(), ..Self::default() }
    }

    /// Whether the method and what hangs on it are legal and can be enforced. What would only be recorded is refused.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        match self.authorization_type.as_str() {
            "NONE" | "AWS_IAM" => {}
            "CUSTOM" if self.authorizer.is_some() => {}
            "CUSTOM" => {
                return Err(bad_request(
                    "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.",
                ));
            }
            kind @ "COGNITO_USER_POOLS" => {
                return Err(bad_request(format!(
                    "vpclab does not serve the authorization type `{kind}` yet; it accepts `NONE`, `AWS_IAM` and `CUSTOM`"
                )));
            }
            _ => {
                return Err(bad_request(
                    "Invalid authorization type specified. Valid options are NONE, AWS_IAM, CUSTOM, COGNITO_USER_POOLS",
                ));
            }
        }
        if self.api_key_required {
            return Err(bad_request("vpclab does not serve methods that require an API key yet"));
        }
        let mut names = BTreeSet::new();
        for key in self.request_parameters.keys() {
            let named = key.strip_prefix("method.request.").and_then(|rest| {
                let (place, name) = rest.split_once('.')?;
                matches!(place, "querystring" | "header" | "path").then_some(name)
            });
            let name = named.filter(|name| !name.is_empty()).ok_or_else(|| bad_mapping(key))?;
            if !names.insert(name) {
                return Err(bad_request("Parameter names must be unique across querystring, header and path"));
            }
        }
        for response in self.responses.iter() {
            check_response(response)?;
        }
        if let Some(integration) = &self.integration {
            integration.check()?;
            // A proxy answers by itself: documents keep a response of it that no method declares, as AWS's own examples do.
            // <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-create-api-as-simple-proxy-for-lambda.html>
            let is_proxy = matches!(integration.kind, IntegrationType::AwsProxy | IntegrationType::HttpProxy);
            for (status, response) in &integration.responses {
                match self.responses.get(status) {
                    Some(declared) => response.check(declared)?,
                    None if is_proxy => check_status(status)?,
                    None => return Err(unknown_status()),
                }
            }
        }
        Ok(())
    }
}

impl Cloud {
    /// A method of an API of the account and region.
    ///
    /// # Errors
    /// When the resource or the method is not there.
    pub fn method(&self, scope: &Scope, key: &MethodKey) -> Result<&Method, Refusal> {
        let resource = self.resource(scope, &key.api, &key.resource)?;
        resource.methods.get(&key.name).ok_or_else(unknown_method)
    }

    /// Makes a method; it has no integration yet.
    ///
    /// # Errors
    /// When it is there already, or is not legal.
    pub fn put_method(&mut self, cx: &mut Context, key: &MethodKey, method: Method) -> Result<(), Refusal> {
        self.resource(&cx.scope, &key.api, &key.resource)?;
        self.check_names(&cx.scope, key, &method)?;
        self.edit_resource(&cx.scope, &key.api, &key.resource, |resource| {
            check_name(&key.name)?;
            method.check()?;
            if resource.methods.contains_key(&key.name) {
                return Err(Refusal::ApiConflict("Method already exists for this resource".to_owned()));
            }
            resource.methods.insert(key.name.clone(), method);
            Ok(())
        })
    }

    /// Changes a method. What `edit` leaves must be legal.
    ///
    /// # Errors
    /// When it is not there, or what is left is not legal.
    pub fn update_method<T>(
        &mut self,
        cx: &mut Context,
        key: &MethodKey,
        edit: impl FnOnce(&mut Method) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut method = self.method(&cx.scope, key)?.clone();
        let before = method.clone();
        let answer = edit(&mut method)?;
        let named = |of: &Method| (of.request_models.clone(), of.request_validator.clone(), of.authorizer.clone());
        if named(&method) != named(&before) {
            self.check_names(&cx.scope, key, &method)?;
        }
        self.edit_method(&cx.scope, key, |found| {
            method.check()?;
            *found = method;
            Ok(answer)
        })
    }

    /// Whether the models and the validator that a method names are there.
    fn check_names(&self, scope: &Scope, key: &MethodKey, method: &Method) -> Result<(), Refusal> {
        self.check_models(scope, &key.api, method.request_models.values())?;
        if let Some(id) = &method.authorizer {
            self.rest_api(scope, &key.api)?.authorizer(id).map_err(|why| bad_request(why.to_string()))?;
        }
        match &method.request_validator {
            None => Ok(()),
            Some(id) => {
                let found = self.rest_api(scope, &key.api)?.request_validator(id);
                found.map(drop).map_err(|why| bad_request(why.to_string()))
            }
        }
    }

    /// Deletes a method with its integration and responses.
    ///
    /// # Errors
    /// When it is not there.
    pub fn delete_method(&mut self, cx: &mut Context, key: &MethodKey) -> Result<(), Refusal> {
        self.edit_resource(&cx.scope, &key.api, &key.resource, |resource: &mut Resource| {
            resource.methods.remove(&key.name).map(drop).ok_or_else(unknown_method)
        })
    }

    /// Declares a response of a method.
    ///
    /// # Errors
    /// When the method is not there, the status is declared already, or something is not legal.
    pub fn put_method_response(
        &mut self,
        cx: &mut Context,
        key: &MethodKey,
        status: String,
        response: MethodResponse,
    ) -> Result<(), Refusal> {
        self.method(&cx.scope, key)?;
        self.check_models(&cx.scope, &key.api, response.response_models.values())?;
        self.update_method(cx, key, |method| {
            if method.responses.contains_key(&status) {
                return Err(Refusal::ApiConflict("Response already exists for this resource".to_owned()));
            }
            method.responses.insert(status, response);
            Ok(())
        })
    }

    /// Takes a declared response away, and with it the integration's response of that status.
    ///
    /// # Errors
    /// When it is not there.
    pub fn delete_method_response(&mut self, cx: &mut Context, key: &MethodKey, status: &str) -> Result<(), Refusal> {
        self.update_method(cx, key, |method| {
            method.responses.remove(status).ok_or_else(unknown_status)?;
            if let Some(integration) = &mut method.integration {
                integration.responses.remove(status);
            }
            Ok(())
        })
    }

    pub(crate) fn edit_method<T>(
        &mut self,
        scope: &Scope,
        key: &MethodKey,
        edit: impl FnOnce(&mut Method) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.edit_resource(scope, &key.api, &key.resource, |resource| edit(resource.methods.get_mut(&key.name).ok_or_else(unknown_method)?))
    }
}

/// What API Gateway says of a method that is not there.
#[must_use]
pub fn unknown_method() -> Refusal {
    not_found("Invalid Method identifier specified")
}

/// What API Gateway says of a response that is not there.
#[must_use]
pub fn unknown_status() -> Refusal {
    not_found("Invalid Response status code specified")
}

pub(crate) fn check_name(name: &str) -> Result<(), Refusal> {
    if METHOD_NAMES.contains(&name) {
        Ok(())
    } else {
        Err(bad_request(format!("Invalid HttpMethod specified. Valid options are {}", METHOD_NAMES.join(","))))
    }
}

pub(crate) fn bad_mapping(expression: &str) -> Refusal {
    bad_request(format!(
        "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: {expression}]"
    ))
}

fn check_response((status, response): (&String, &MethodResponse)) -> Result<(), Refusal> {
    check_status(status)?;
    let bad = |key: &&String| key.strip_prefix("method.response.header.").is_none_or(str::is_empty);
    match response.response_parameters.keys().find(bad) {
        None => Ok(()),
        Some(key) => Err(bad_mapping(key)),
    }
}

fn check_status(status: &str) -> Result<(), Refusal> {
    let digits = status.len() == 3 && status.bytes().all(|b| b.is_ascii_digit());
    if digits && matches!(status.as_bytes().first(), Some(b'1'..=b'5')) {
        Ok(())
    } else {
        Err(bad_request(format!("Invalid status code specified: {status}")))
    }
}
