//! Lambda authorizers of a document: security schemes that declare one, and the operations that require them.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html>
use super::read::{self, Object};
use super::settings::not_served;
use super::{ImportError, Importer, extension};
use crate::token::whole;
use serde_json::Value;
use vpclab_cloud::authorizer::{Authorizer, AuthorizerType, DEFAULT_TTL};

impl Importer<'_> {
    /// The authorizer that a security scheme declares, if it declares one.
    pub(super) fn note_authorizer(&mut self, name: &str, scheme: &Object, place: &str) -> Result<(), ImportError> {
        let Some(given) = scheme.get(extension::AUTHORIZER) else { return Ok(()) };
        let here = read::under(place, extension::AUTHORIZER);
        let given = read::object(given, &here)?;
        let illegal = |why: String| ImportError::Illegal { place: here.clone(), why };
        for member in given.keys() {
            let served = [
                "type",
                "authorizerUri",
                "authorizerCredentials",
                "authorizerResultTtlInSeconds",
                "identitySource",
                "identityValidationExpression",
            ];
            let empty = member == "authorizerCredentials" && given.get(member).is_some_and(|value| !value.is_null());
            if !served.contains(&member.as_str()) || empty {
                return Err(not_served(member, &here));
            }
        }
        let text = |member: &str| read::optional_text(given, &here, member);
        let kind = text("type")?.unwrap_or_default().to_ascii_uppercase();
        let kind = AuthorizerType::parse(&kind).map_err(|why| match kind.as_str() {
            "COGNITO_USER_POOLS" | "JWT" => not_served(&format!("{}: {kind}", extension::AUTHORIZER), place),
            _ => illegal(why.to_string()),
        })?;
        let identity_source = match (text("identitySource")?, kind) {
            (Some(given), _) => Some(given),
            // A token's header is named by the scheme itself.
            (None, AuthorizerType::Token) => {
                read::optional_text(scheme, place, "name")?.map(|header| format!("method.request.header.{header}"))
            }
            (None, AuthorizerType::Request) => None,
        };
        let ttl = text("authorizerResultTtlInSeconds")?.map(|text| text.parse().map_err(|_| illegal(format!("`{text}` is no time"))));
        let authorizer = Authorizer {
            name: name.to_owned(),
            kind,
            uri: text("authorizerUri")?.unwrap_or_default(),
            auth_type: read::optional_text(scheme, place, extension::AUTHTYPE)?,
            identity_source,
            validation_expression: text("identityValidationExpression")?,
            ttl_seconds: ttl.transpose()?.unwrap_or(DEFAULT_TTL),
        };
        authorizer.check().map_err(|why| illegal(why.to_string()))?;
        authorizer.validation_expression.as_deref().map(whole).transpose().map_err(illegal)?;
        self.authorizers.insert(name.to_owned(), authorizer);
        Ok(())
    }

    /// Notes which authorizer each method of a path has.
    pub(super) fn note_authorizers(&mut self, path: &str, item: &Object) -> Result<(), ImportError> {
        for (name, operation) in item {
            let method = match name.as_str() {
                "get" | "put" | "post" | "delete" | "options" | "head" | "patch" => name.to_ascii_uppercase(),
                extension::ANY_METHOD => "ANY".to_owned(),
                _ => continue,
            };
            let required = operation.get("security").and_then(Value::as_array).into_iter().flatten();
            let names = required.filter_map(Value::as_object).flat_map(|requirement| requirement.keys());
            if let Some(chosen) = names.into_iter().find(|name| self.authorizers.contains_key(*name)) {
                self.authorizer_of.insert((path.to_owned(), method), chosen.clone());
            }
        }
        Ok(())
    }
}
