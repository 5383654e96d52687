//! `Auth` of an event.
use super::Event;
use crate::{
    editor::{Editor, MethodAuthorizer},
    expect::{Type, map},
    fault::Out,
    print,
    text::Text,
    value::{Dict, Val},
};

impl Event<'_> {
    /// The credentials of the integration when IAM decides who calls: the caller's, or those of a role.
    pub(super) fn credentials(&self, auth: &Val, api_auth: &Dict) -> Option<Val> {
        let own = auth.get("Authorizer").is_some_and(|authorizer| authorizer.is("AWS_IAM"));
        let default = api_auth.get("DefaultAuthorizer").is_some_and(|authorizer| authorizer.is("AWS_IAM"));
        if !own && (auth.truthy() || !default) {
            return None;
        }
        // A role that is written as nothing means no credentials.
        let role = |auth: &Dict| auth.raw("InvokeRole").map(|role| if role.truthy() { role.clone() } else { "NONE".into() });
        let role = auth.dict().and_then(role).or_else(|| role(api_auth)).filter(|role| !role.is("CALLER_CREDENTIALS"));
        let role = role.unwrap_or_else(|| format!("arn:{}:iam::*:user/*", self.context.partition).into());
        Some(role).filter(|role| !role.is("NONE"))
    }

    /// Writes what `Auth` asks into the definition.
    pub(super) fn authorize(&self, auth: &Val, api: &mut Dict, editor: &mut Editor) -> Out<()> {
        let api_auth = match api.get_mut("Auth") {
            Some(own) => self.context.parameters.resolve(own)?,
            None => Val::NULL,
        };
        let name = auth.get("Authorizer").filter(|name| name.truthy());
        let known = api_auth.get("Authorizers").filter(|known| known.truthy());
        if let Some(name) = name {
            if let Some(known) = known {
                map(known, self.api, "Auth.Authorizers")?;
            }
            self.check_authorizer(name, known, &api_auth)?;
        }
        let scopes = auth.get("AuthorizationScopes");
        if let Some(scopes) = scopes.filter(|scopes| scopes.truthy()) {
            Type::List.of_event(scopes, &self.id, "Auth.AuthorizationScopes")?;
            if name.is_none() {
                return Err(self.fault("AuthorizationScopes works only when Authorizer is set"));
            }
        }
        let key = auth.get("ApiKeyRequired");
        if key.is_some_and(|key| !key.truthy()) && !api_auth.get("ApiKeyRequired").is_some_and(Val::truthy) {
            return Err(self.unable("ApiKeyRequired [False]", "because the related API does not specify any ApiKeyRequired."));
        }
        if let Some(name) = name.and_then(Val::text) {
            // The authorizers as the API has them now, with the values of parameters.
            let known = api.get("Auth").and_then(|own| own.get("Authorizers"));
            editor.method_authorizer(&self.path, &self.method, &MethodAuthorizer { name, scopes, known })?;
        }
        if let Some(key) = key {
            editor.method_api_key(&self.path, &self.method, key.truthy())?;
        }
        if let Some(policy) = auth.get("ResourcePolicy").filter(|policy| policy.truthy()) {
            map(policy, &self.id, "Auth.ResourcePolicy")?;
            editor.resource_policy(policy, &self.path, self.stage)?;
            if let Some(statements) = policy.get("CustomStatements").filter(|statements| statements.truthy()) {
                editor.custom_statements(statements);
            }
        }
        Ok(())
    }

    fn unable(&self, what: &str, why: &str) -> crate::fault::Fault {
        self.fault(format!("Unable to set {what} on API method [{}] for path [{}] {why}", self.method, self.path))
    }

    fn check_authorizer(&self, name: &Val, known: Option<&Val>, api_auth: &Val) -> Out<()> {
        if name.is("AWS_IAM") {
            return Ok(());
        }
        if name.is("NONE") {
            if api_auth.get("DefaultAuthorizer").is_some_and(Val::truthy) {
                return Ok(());
            }
            return Err(self.unable("Authorizer", "because 'NONE' is only a valid value when a DefaultAuthorizer on the API is specified."));
        }
        let what = format!("Authorizer [{}]", print::str(name));
        let Some(known) = known else { return Err(self.unable(&what, "because the related API does not define any Authorizers.")) };
        let Some(own) = name.text().map(Text::as_str) else {
            return Err(self.fault(format!(
                "Unable to set {what} on API method [{}] for path [{}]. The method authorizer must be a string with a corresponding dict \
                 entry in the api authorizer.",
                self.method, self.path
            )));
        };
        if known.get(own).is_some_and(Val::truthy) {
            return Ok(());
        }
        Err(self.unable(&what, "because it wasn't defined in the API's Authorizers."))
    }
}
