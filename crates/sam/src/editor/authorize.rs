//! Who may call: authorizers, API keys, and the methods that ask for them.
use super::Editor;
use crate::{
    expect,
    fault::{Fault, Out},
    intrinsic, print,
    text::Text,
    value::{Dict, Kind, Val},
};

/// One authorizer of an API.
pub(crate) struct Authorizer {
    api: Text,
    name: Text,
    kind: AuthorizerKind,
    identity: Option<Val>,
    pub(crate) scopes: Val,
    /// The function that decides, unless the API shall not give it its permission.
    pub(crate) permitted_function: Option<Val>,
}

enum AuthorizerKind {
    Iam,
    Cognito { pools: Val },
    Token { function: Val, role: Option<Val> },
    Request { function: Val, role: Option<Val> },
}

impl Authorizer {
    pub(crate) fn iam(api: &Text, name: &Text) -> Authorizer {
        let scopes = Vec::new().into();
        Authorizer { api: api.clone(), name: name.clone(), kind: AuthorizerKind::Iam, identity: None, scopes, permitted_function: None }
    }

    /// Reads an entry of `Auth.Authorizers`.
    pub(crate) fn read(api: &Text, name: &Text, entry: &Dict) -> Out<Authorizer> {
        let identity = entry.get("Identity").cloned();
        let payload = entry.get("FunctionPayloadType");
        if payload.is_some_and(|payload| !payload.is("TOKEN") && !payload.is("REQUEST")) {
            let payload = payload.map(print::str).unwrap_or_default();
            return Err(Fault::resource(api, format!("{name} Authorizer has invalid 'FunctionPayloadType': {payload}.")));
        }
        let request = payload.is_some_and(|payload| payload.is("REQUEST"));
        if request && lacks_source(api, name, identity.as_ref())? {
            let message =
                format!("{name} Authorizer must specify Identity with at least one of Headers, QueryStrings, StageVariables, or Context.");
            return Err(Fault::resource(api, message));
        }
        let scopes = entry.get("AuthorizationScopes").cloned().unwrap_or_else(|| Vec::new().into());
        expect::Type::List.of(&scopes, api, &format!("Authorizers.{name}.AuthorizationScopes"))?;
        let disabled = entry.get("DisableFunctionDefaultPermissions");
        if let Some(disabled) = disabled {
            expect::Type::Boolean.of(disabled, api, &format!("Authorizers.{name}.DisableFunctionDefaultPermissions"))?;
        }
        let function = entry.get("FunctionArn").cloned();
        let permitted_function = function.clone().filter(|function| function.truthy() && !disabled.is_some_and(Val::truthy));
        let function = function.unwrap_or(Val::NULL);
        let role = entry.truthy("FunctionInvokeRole").filter(|role| !role.is("NONE")).cloned();
        let kind = match entry.truthy("UserPoolArn") {
            Some(pools) if pools.list().is_some() => AuthorizerKind::Cognito { pools: pools.clone() },
            Some(pool) => AuthorizerKind::Cognito { pools: vec![pool.clone()].into() },
            None if request => AuthorizerKind::Request { function, role },
            None => AuthorizerKind::Token { function, role },
        };
        Ok(Authorizer { api: api.clone(), name: name.clone(), kind, identity, scopes, permitted_function })
    }

    fn identity(&self, name: &str) -> Option<&Val> {
        self.identity.as_ref().filter(|identity| identity.truthy())?.get(name)
    }

    /// The entry of the definition's `securityDefinitions`.
    fn definition(&self, partition: &str) -> Out<Dict> {
        let (header, kind) = match &self.kind {
            AuthorizerKind::Request { .. } => (Val::from("Unused"), "custom"),
            AuthorizerKind::Token { .. } => (self.header()?, "custom"),
            AuthorizerKind::Cognito { .. } => (self.header()?, "cognito_user_pools"),
            AuthorizerKind::Iam => (self.header()?, "awsSigv4"),
        };
        let mut out =
            Dict::old().with("type", "apiKey").with("name", header).with("in", "header").with("x-amazon-apigateway-authtype", kind);
        let mut authorizer = match &self.kind {
            AuthorizerKind::Iam => return Ok(out),
            AuthorizerKind::Cognito { pools } => Dict::old().with("type", "cognito_user_pools").with("providerARNs", pools),
            AuthorizerKind::Token { function, role } => self.function("token", function, role.as_ref(), partition),
            AuthorizerKind::Request { function, role } => {
                let mut authorizer = self.function("request", function, role.as_ref(), partition);
                let source = self.identity_source()?;
                if !source.is_empty() {
                    authorizer.insert("identitySource", source);
                }
                authorizer
            }
        };
        if !matches!(self.kind, AuthorizerKind::Request { .. })
            && let Some(expression) = self.identity("ValidationExpression").filter(|expression| expression.truthy())
        {
            authorizer.insert("identityValidationExpression", expression);
        }
        out.insert("x-amazon-apigateway-authorizer", authorizer);
        Ok(out)
    }

    fn function(&self, kind: &str, function: &Val, role: Option<&Val>, partition: &str) -> Dict {
        let uri = format!("arn:{partition}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{__FunctionArn__}}/invocations");
        let mut out = Dict::old().with("type", kind).with("authorizerUri", intrinsic::sub_with(uri, Dict::of("__FunctionArn__", function)));
        if let Some(seconds) = self.identity("ReauthorizeEvery") {
            out.insert("authorizerResultTtlInSeconds", seconds);
        }
        if let Some(role) = role {
            out.insert("authorizerCredentials", role);
        }
        out
    }

    fn header(&self) -> Out<Val> {
        if self.identity.as_ref().is_some_and(|identity| identity.truthy() && identity.dict().is_none()) {
            let message = "Auth.Authorizers.<Authorizer>.Identity must be a dict (LambdaTokenAuthorizationIdentity, \
                           LambdaRequestAuthorizationIdentity or CognitoAuthorizationIdentity).";
            return Err(Fault::resource(&self.api, message));
        }
        Ok(self.identity("Header").filter(|header| header.truthy()).cloned().unwrap_or_else(|| "Authorization".into()))
    }

    fn identity_source(&self) -> Out<Text> {
        const PREFIXES: [(&str, &str); 4] = [
            ("Headers", "method.request.header."),
            ("QueryStrings", "method.request.querystring."),
            ("StageVariables", "stageVariables."),
            ("Context", "context."),
        ];
        let mut sources: Vec<String> = Vec::new();
        let mut given = false;
        for (name, prefix) in PREFIXES {
            let Some(items) = self.identity(name).filter(|items| items.truthy()) else { continue };
            let path = format!("Auth.Authorizers.{}.Identity.{name}", self.name);
            for (index, item) in expect::list(items, &self.api, &path)?.iter().enumerate() {
                expect::Type::String.of(item, &self.api, &format!("{path}[{index}]"))?;
                let Some(text) = item.text() else { continue };
                given |= text.given;
                sources.push(format!("{prefix}{text}"));
            }
        }
        let joined = sources.join(", ");
        Ok(if given { Text::given(joined) } else { Text::own(joined) })
    }
}

/// Whether a `REQUEST` authorizer lacks what it looks at. It may, if its answers are not kept.
fn lacks_source(api: &Text, name: &Text, identity: Option<&Val>) -> Out<bool> {
    let Some(identity) = identity.filter(|identity| identity.truthy()) else { return Ok(true) };
    let identity = expect::map(identity, api, &format!("Authorizer.{name}.Identity"))?;
    let missing = ["Headers", "QueryStrings", "StageVariables", "Context"].iter().all(|name| identity.truthy(name).is_none());
    let seconds = match identity.get("ReauthorizeEvery").map(|val| &val.kind) {
        Some(Kind::Number(number)) => number.as_f64(),
        Some(Kind::Bool(value)) => Some(f64::from(u8::from(*value))),
        Some(Kind::Text(text)) => text.trim().parse::<i64>().ok().map(|_| 0.0).and(text.trim().parse().ok()),
        _ => None,
    };
    Ok(missing && seconds.is_none_or(|seconds| seconds.trunc() > 0.0))
}

/// `Authorizer` and `AuthorizationScopes` of an event.
pub(crate) struct MethodAuthorizer<'a> {
    pub(crate) name: &'a Text,
    pub(crate) scopes: Option<&'a Val>,
    /// The authorizers of the API, as they are written.
    pub(crate) known: Option<&'a Val>,
}

impl Editor {
    pub(crate) fn define_authorizers(&mut self, authorizers: &[(Text, Authorizer)], partition: &str) -> Out<()> {
        for (name, authorizer) in authorizers {
            self.security_definitions.insert(name.clone(), authorizer.definition(partition)?);
        }
        Ok(())
    }

    fn define(&mut self, name: &str, definition: Dict) {
        if !self.security_definitions.contains(name) {
            self.security_definitions.update(&Dict::old().with(name, definition));
        }
    }

    fn define_iam(&mut self) {
        let definition = Dict::old()
            .with("x-amazon-apigateway-authtype", "awsSigv4")
            .with("type", "apiKey")
            .with("name", "Authorization")
            .with("in", "header");
        self.define("AWS_IAM", definition);
    }

    pub(crate) fn define_api_key(&mut self) {
        self.define("api_key", Dict::old().with("type", "apiKey").with("name", "x-api-key").with("in", "header"));
    }

    /// Lets every method of a path that names no authorizer of its own ask the default one.
    pub(crate) fn default_authorizer(&mut self, path: &Text, default: &Text, known: &[(Text, Authorizer)], preflight: bool) -> Out<()> {
        let scopes = known.iter().find(|(name, _)| name == default).map_or_else(|| Vec::new().into(), |(_, own)| own.scopes.clone());
        let authorizes = |name: &Text| name.as_str() == "AWS_IAM" || known.iter().any(|(own, _)| own == name);
        let mut iam = false;
        self.each_method(path, None, |method, definition| {
            if !preflight && method.as_str() == "options" {
                return Ok(());
            }
            let (own, mut others) = split_security(definition, path, method, &authorizes)?;
            let own = if let Some(none) = others.iter().position(|entry| entry.dict().is_some_and(|entry| entry.contains("NONE"))) {
                others.remove(none);
                Vec::new()
            } else if own.is_empty() {
                vec![Dict::old().with(default.clone(), scopes.clone()).into()]
            } else {
                own
            };
            iam |= set_security(definition, others.into_iter().chain(own).collect());
            Ok(())
        })?;
        if iam {
            self.define_iam();
        }
        Ok(())
    }

    /// Lets every method of a path ask for an API key, save those that will not.
    pub(crate) fn default_api_key(&mut self, path: &Text, preflight: bool) -> Out<()> {
        self.each_method(path, None, |method, definition| {
            let is_key = |name: &Text| matches!(name.as_str(), "api_key" | "api_key_false");
            let (keys, mut security) = split_security(definition, path, method, &is_key)?;
            let refuses = keys.iter().any(|entry| entry.dict().is_some_and(|entry| entry.contains("api_key_false")));
            if !refuses && (preflight || method.as_str() != "options") {
                security.push(Dict::old().with("api_key", Vec::new()).into());
            }
            replace_security(definition, security);
            Ok(())
        })
    }

    pub(crate) fn method_authorizer(&mut self, path: &Text, method: &Text, authorizer: &MethodAuthorizer) -> Out<()> {
        let mut iam = false;
        let known = authorizer.known.filter(|known| known.truthy() && authorizer.name.as_str() != "NONE");
        let entry = known.and_then(|known| known.get(authorizer.name));
        let mut scopes: Val = Vec::new().into();
        if let Some(entry) = entry {
            let wrong = || Fault::document(format!("Type of authorizer '{}' must be a dictionary", authorizer.name));
            let own = entry.dict().ok_or_else(wrong)?.get("AuthorizationScopes");
            if let Some(wanted) = authorizer.scopes.or(own) {
                scopes = wanted.clone();
            }
        }
        self.each_method(path, Some(method), |_, definition| {
            let mut security = security(definition, path, method)?;
            security.push(Dict::old().with(authorizer.name.clone(), scopes.clone()).into());
            iam |= set_security(definition, security);
            Ok(())
        })?;
        if iam {
            self.define_iam();
        }
        Ok(())
    }

    pub(crate) fn method_api_key(&mut self, path: &Text, method: &Text, required: bool) -> Out<()> {
        if required {
            self.define_api_key();
        }
        let name = if required { "api_key" } else { "api_key_false" };
        self.each_method(path, Some(method), |_, definition| {
            let mut security = security(definition, path, method)?;
            security.push(Dict::old().with(name, Vec::new()).into());
            definition.insert("security", security);
            Ok(())
        })
    }
}

fn security(definition: &Dict, path: &Text, method: &Text) -> Out<Vec<Val>> {
    let Some(security) = definition.raw("security") else { return Ok(Vec::new()) };
    let wrong = || Fault::document(format!("Type of security for path {path} method {method} must be a list"));
    security.list().map(<[Val]>::to_vec).ok_or_else(wrong)
}

/// The entries of a method's security that name something of a kind, and the others.
fn split_security(definition: &Dict, path: &Text, method: &Text, own: &dyn Fn(&Text) -> bool) -> Out<(Vec<Val>, Vec<Val>)> {
    let (mut of_kind, mut others) = (Vec::new(), Vec::new());
    for entry in security(definition, path, method)? {
        let wrong = || {
            let entry = print::str(&entry);
            Fault::document(format!("{entry} in Security for path {path} method {method} is not a valid dictionary."))
        };
        let is_own = entry.dict().ok_or_else(wrong)?.keys().any(own);
        if is_own { of_kind.push(entry) } else { others.push(entry) }
    }
    Ok((of_kind, others))
}

/// Sets a security that is not empty; says whether it begins with IAM.
fn set_security(definition: &mut Dict, security: Vec<Val>) -> bool {
    let Some(first) = security.first() else { return false };
    let iam = first.dict().is_some_and(|first| first.contains("AWS_IAM"));
    definition.insert("security", security);
    iam
}

fn replace_security(definition: &mut Dict, security: Vec<Val>) {
    if definition.raw("security").and_then(Val::list).unwrap_or(&[]) != security {
        definition.insert("security", security);
    }
}
