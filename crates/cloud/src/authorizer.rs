//! Lambda authorizers of a REST API: functions that say who may call a method.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html>
use crate::rest_api::{PutMode, bad_request, not_found};
use crate::{AuthorizerId, Cloud, Context, Refusal, RestApi, RestApiId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most authorizers of an API.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
const MAX_AUTHORIZERS: usize = 10;
/// The longest that an answer is kept, in seconds.
pub const MAX_TTL: u32 = 3_600;
/// How long an answer is kept where nothing is said.
pub const DEFAULT_TTL: u32 = 300;

/// A Lambda authorizer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorizer {
    /// Its name, one of its kind in the API.
    pub name: String,
    /// What it is given.
    pub kind: AuthorizerType,
    /// The function's URI.
    pub uri: String,
    /// `authType`: a customer's word, without effect.
    pub auth_type: Option<String>,
    /// Where the identity stands, as it was given: one mapping expression, or several with commas.
    pub identity_source: Option<String>,
    /// The expression that a whole token has to match.
    pub validation_expression: Option<String>,
    /// How long an answer is kept; 0 is not at all.
    pub ttl_seconds: u32,
}

/// What an authorizer is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuthorizerType {
    /// `TOKEN`: one header.
    Token,
    /// `REQUEST`: the request.
    Request,
}

/// A place of an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentitySource {
    /// `method.request.header.NAME`
    Header(String),
    /// `method.request.querystring.NAME`
    Query(String),
    /// `stageVariables.NAME`
    StageVariable(String),
    /// `context.NAME`
    Context(String),
}

impl AuthorizerType {
    /// `TOKEN`, `REQUEST`
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "TOKEN",
            Self::Request => "REQUEST",
        }
    }

    /// The type of that name.
    ///
    /// # Errors
    /// One that is not served, or that there is not.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        match text {
            "TOKEN" => Ok(Self::Token),
            "REQUEST" => Ok(Self::Request),
            "COGNITO_USER_POOLS" => Err(bad_request("vpclab does not serve the authorizer type `COGNITO_USER_POOLS` yet")),
            _ => Err(bad_request("Invalid authorizer type specified. Valid options are TOKEN, REQUEST, COGNITO_USER_POOLS")),
        }
    }
}

impl IdentitySource {
    fn parse(text: &str) -> Option<Self> {
        let named = |prefix: &str| text.strip_prefix(prefix).filter(|name| !name.is_empty()).map(str::to_owned);
        named("method.request.header.")
            .map(Self::Header)
            .or_else(|| named("method.request.querystring.").map(Self::Query))
            .or_else(|| named("stageVariables.").map(Self::StageVariable))
            .or_else(|| named("context.").map(Self::Context))
    }
}

impl Authorizer {
    /// The places of the identity, in order.
    ///
    /// # Errors
    /// A mapping expression that is none.
    pub fn sources(&self) -> Result<Vec<IdentitySource>, Refusal> {
        let given = self.identity_source.as_deref().unwrap_or_default();
        let parts = given.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| IdentitySource::parse(part).ok_or_else(|| crate::method::bad_mapping(part))).collect()
    }

    /// That it is legal.
    ///
    /// # Errors
    /// What is not.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.name.is_empty() {
            return Err(bad_request("Authorizer name cannot be empty"));
        }
        let is_function = self.uri.starts_with("arn:") && self.uri.contains(":lambda:path/") && self.uri.ends_with("/invocations");
        if !is_function {
            return Err(bad_request(format!(
                "Invalid Authorizer URI: {}. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation.",
                self.uri
            )));
        }
        if self.ttl_seconds > MAX_TTL {
            return Err(bad_request(format!("Authorizer result TTL must be between 0 and {MAX_TTL} seconds")));
        }
        let sources = self.sources()?;
        match (self.kind, sources.as_slice()) {
            (AuthorizerType::Token, [IdentitySource::Header(_)]) => Ok(()),
            (AuthorizerType::Token, _) => Err(bad_request(
                "Invalid identity source specified for a TOKEN authorizer: it is one mapping expression of the form \
                 method.request.header.[headerName]",
            )),
            (AuthorizerType::Request, []) if self.ttl_seconds > 0 => {
                Err(bad_request("Identity source is required for a REQUEST authorizer with authorization caching enabled"))
            }
            (AuthorizerType::Request, _) if self.validation_expression.is_some() => {
                Err(bad_request("Identity validation expression is only supported for TOKEN authorizers"))
            }
            (AuthorizerType::Request, _) => Ok(()),
        }
    }
}

/// What API Gateway says of an authorizer that is not there.
#[must_use]
pub fn unknown_authorizer() -> Refusal {
    not_found("Invalid Authorizer identifier specified")
}

impl RestApi {
    /// An authorizer of the API.
    ///
    /// # Errors
    /// When there is none of that id.
    pub fn authorizer(&self, id: &AuthorizerId) -> Result<&Authorizer, Refusal> {
        self.settings.validation.authorizers.get(id).ok_or_else(unknown_authorizer)
    }

    /// That a name is free, but for the authorizer `own`.
    fn check_authorizer_name(&self, name: &str, own: Option<&AuthorizerId>) -> Result<(), Refusal> {
        let taken = self.settings.validation.authorizers.iter().any(|(id, found)| found.name == name && Some(id) != own);
        if taken {
            let text = format!("Authorizer name must be unique. Authorizer {name} already exists in this RestApi.");
            return Err(bad_request(text));
        }
        Ok(())
    }
}

impl Cloud {
    /// `CreateAuthorizer`
    ///
    /// # Errors
    /// An API that is not there, an authorizer that is not legal or whose name is taken, too many of them.
    pub fn create_authorizer(&mut self, cx: &mut Context, api: &RestApiId, new: Authorizer) -> Result<AuthorizerId, Refusal> {
        let found = self.rest_api(&cx.scope, api)?;
        new.check()?;
        found.check_authorizer_name(&new.name, None)?;
        if found.settings.validation.authorizers.len() >= MAX_AUTHORIZERS {
            return Err(bad_request(format!("Maximum number of Authorizers per REST API has been reached: {MAX_AUTHORIZERS}")));
        }
        let id = AuthorizerId::fresh(&mut cx.ids);
        self.edit_validation(&cx.scope, api, |validation| {
            validation.authorizers.insert(id.clone(), new);
            Ok(id)
        })
    }

    /// Puts the authorizers of an OpenAPI document. What keeps its name keeps its id. Answers the ids by name.
    ///
    /// # Errors
    /// An API that is not there, too many authorizers.
    pub fn put_authorizers(
        &mut self,
        cx: &mut Context,
        api: &RestApiId,
        authorizers: BTreeMap<String, Authorizer>,
        mode: PutMode,
    ) -> Result<BTreeMap<String, AuthorizerId>, Refusal> {
        let before = self.rest_api(&cx.scope, api)?.settings.validation.authorizers.clone();
        let mut after = if mode == PutMode::Overwrite { BTreeMap::new() } else { before.clone() };
        let mut ids = BTreeMap::new();
        for (name, authorizer) in authorizers {
            let known = before.iter().find(|(_, known)| known.name == name).map(|(id, _)| id.clone());
            let id = known.unwrap_or_else(|| AuthorizerId::fresh(&mut cx.ids));
            after.insert(id.clone(), authorizer);
            ids.insert(name, id);
        }
        if after.len() > MAX_AUTHORIZERS {
            return Err(bad_request(format!("Maximum number of Authorizers per REST API has been reached: {MAX_AUTHORIZERS}")));
        }
        if after == before {
            return Ok(ids);
        }
        self.edit_validation(&cx.scope, api, |validation| {
            validation.authorizers = after;
            Ok(ids)
        })
    }

    /// `UpdateAuthorizer`
    ///
    /// # Errors
    /// An API or an authorizer that is not there, or what is left is not legal.
    pub fn update_authorizer(
        &mut self,
        cx: &mut Context,
        api: &RestApiId,
        id: &AuthorizerId,
        edit: impl FnOnce(&mut Authorizer) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let found = self.rest_api(&cx.scope, api)?;
        let mut authorizer = found.authorizer(id)?.clone();
        edit(&mut authorizer)?;
        authorizer.check()?;
        found.check_authorizer_name(&authorizer.name, Some(id))?;
        self.edit_validation(&cx.scope, api, |validation| {
            validation.authorizers.insert(id.clone(), authorizer);
            Ok(())
        })
    }

    /// `DeleteAuthorizer`
    ///
    /// # Errors
    /// An API or an authorizer that is not there, or an authorizer that a method names.
    pub fn delete_authorizer(&mut self, cx: &mut Context, api: &RestApiId, id: &AuthorizerId) -> Result<(), Refusal> {
        self.rest_api(&cx.scope, api)?.authorizer(id)?;
        for resource in self.resources_of(api) {
            if let Some((verb, _)) = resource.methods.iter().find(|(_, method)| method.authorizer.as_ref() == Some(id)) {
                let text = format!("Cannot delete authorizer '{id}', is referenced in method: {}/{verb}", resource.path);
                return Err(Refusal::ApiConflict(text));
            }
        }
        self.edit_validation(&cx.scope, api, |validation| {
            validation.authorizers.remove(id);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Authorizer {
        Authorizer {
            name: "door".into(),
            kind: AuthorizerType::Token,
            uri:
                "arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/arn:aws:lambda:us-west-2:111122223333:function:f/invocations"
                    .into(),
            auth_type: None,
            identity_source: Some("method.request.header.Authorization".into()),
            validation_expression: None,
            ttl_seconds: DEFAULT_TTL,
        }
    }

    #[test]
    fn what_is_legal() {
        token().check().unwrap();
        let request = Authorizer { kind: AuthorizerType::Request, ..token() };
        let several = "method.request.header.a, method.request.querystring.b,stageVariables.c,context.identity.sourceIp";
        let many = Authorizer { identity_source: Some(several.into()), ..request.clone() };
        many.check().unwrap();
        assert_eq!(many.sources().unwrap().len(), 4);
        Authorizer { identity_source: None, ttl_seconds: 0, ..request.clone() }.check().unwrap();
        for wrong in [
            Authorizer { name: String::new(), ..token() },
            Authorizer { uri: "arn:aws:lambda:us-west-2:111122223333:function:f".into(), ..token() },
            Authorizer { ttl_seconds: 3_601, ..token() },
            Authorizer { identity_source: None, ..token() },
            Authorizer { identity_source: Some("method.request.querystring.a".into()), ..token() },
            Authorizer { identity_source: Some("header.a".into()), ..request.clone() },
            Authorizer { identity_source: None, ..request.clone() },
            Authorizer { validation_expression: Some(".*".into()), ..request },
        ] {
            assert!(matches!(wrong.check(), Err(Refusal::ApiBadRequest(_))), "{wrong:?}");
        }
    }
}
