//! What the properties of an API write into its definition.
use super::Api;
use crate::{
    editor::{self, Authorizer, Cors, Editor},
    expect,
    fault::{Fault, Out},
    intrinsic,
    made::{Made, PERMISSION},
    text::Text,
    value::{Dict, Kind, Val},
};

const AUTH: [&str; 8] = [
    "Authorizers",
    "DefaultAuthorizer",
    "InvokeRole",
    "AddDefaultAuthorizerToCorsPreflight",
    "AddApiKeyRequiredToCorsPreflight",
    "ApiKeyRequired",
    "ResourcePolicy",
    "UsagePlan",
];
const CORS: [&str; 5] = ["AllowMethods", "AllowHeaders", "AllowOrigin", "MaxAge", "AllowCredentials"];

impl Api {
    fn body(&self) -> Option<&Val> {
        self.source.get("DefinitionBody")
    }

    /// An editor of the definition that `property` needs.
    fn editor_for(&self, property: &str, what: &str) -> Out<Editor> {
        if self.source.truthy("DefinitionBody").is_none() {
            let message = format!("{property} works only with inline Swagger specified in 'DefinitionBody' property.");
            return Err(self.source.fault(message));
        }
        if !editor::is_definition(self.body()) {
            let message = format!("Unable to add {what} because 'DefinitionBody' does not contain a valid Swagger definition.");
            return Err(self.source.fault(message));
        }
        Editor::new(self.body())
    }

    fn write(&mut self, editor: Editor) {
        self.source.properties.insert("DefinitionBody", editor.finish());
    }

    pub(super) fn add_cors(&mut self) -> Out<()> {
        let Some(own) = self.source.truthy("Cors").cloned() else { return Ok(()) };
        if self.source.truthy("DefinitionBody").is_none() {
            return Err(self.source.fault("Cors works only with inline Swagger specified in 'DefinitionBody' property."));
        }
        let cors = self.read_cors(&own)?;
        let mut editor = self.editor_for("Cors", "Cors configuration")?;
        if cors.credentials && cors.origin.is("'*'") {
            return Err(self.source.fault(
                "Unable to add Cors configuration because 'AllowCredentials' can not be true when 'AllowOrigin' is \"'*'\" or not set",
            ));
        }
        let mut seen: Vec<String> = Vec::new();
        for path in editor.path_names() {
            let normal = if path.as_str() == "/" { "/".to_owned() } else { path.trim_end_matches('/').to_owned() };
            if seen.contains(&normal) {
                continue;
            }
            seen.push(normal);
            editor.cors(&path, &cors).map_err(|fault| match fault {
                Fault::Template(_) => self.source.fault(fault.message()),
                other => other,
            })?;
        }
        self.write(editor);
        Ok(())
    }

    /// An origin, or a map of everything.
    fn read_cors(&self, own: &Val) -> Out<Cors> {
        let mut cors = Cors { origin: "'*'".into(), headers: None, methods: None, max_age: None, credentials: false };
        match &own.kind {
            Kind::Text(_) => cors.origin = own.clone(),
            Kind::Dict(_) if intrinsic::is_function(own) => cors.origin = own.clone(),
            Kind::Dict(map) => {
                if let Some(key) = map.keys().find(|key| !CORS.contains(&key.as_str())) {
                    return Err(self.source.fault(format!("Invalid key '{key}' for 'Cors' property.")));
                }
                if let Some(origin) = map.raw("AllowOrigin") {
                    cors.origin = origin.clone();
                }
                cors.headers = map.get("AllowHeaders").cloned();
                cors.methods = map.get("AllowMethods").cloned();
                cors.max_age = map.get("MaxAge").cloned();
                cors.credentials = map.get("AllowCredentials").is_some_and(Val::is_true);
            }
            _ => return Err(self.source.fault("Invalid value for 'Cors' property")),
        }
        Ok(cors)
    }

    pub(super) fn add_auth(&mut self) -> Out<()> {
        let Some(auth) = self.source.truthy("Auth").and_then(Val::dict).cloned() else { return Ok(()) };
        if self.source.truthy("DefinitionBody").is_some() && auth.keys().any(|key| !AUTH.contains(&key.as_str())) {
            return Err(self.source.fault("Invalid value for 'Auth' property"));
        }
        let mut editor = self.editor_for("Auth", "Auth configuration")?;
        let preflight = |name: &str| auth.raw(name).is_none_or(Val::truthy);
        let default = auth.get("DefaultAuthorizer");
        if let Some(authorizers) = self.authorizers(&auth, default)? {
            editor.define_authorizers(&authorizers, self.partition)?;
            if let Some(default) = default.filter(|default| default.truthy()) {
                let name = default.text().ok_or_else(|| self.source.fault("DefaultAuthorizer is not a string."))?;
                if name.as_str() != "AWS_IAM" && !authorizers.iter().any(|(own, _)| own == name) {
                    let message = format!("Unable to set DefaultAuthorizer because '{name}' was not defined in 'Authorizers'.");
                    return Err(self.source.fault(message));
                }
                for path in editor.path_names() {
                    editor.default_authorizer(&path, name, &authorizers, preflight("AddDefaultAuthorizerToCorsPreflight"))?;
                }
            }
        }
        if auth.truthy("ApiKeyRequired").is_some() {
            editor.define_api_key();
            for path in editor.path_names() {
                editor.default_api_key(&path, preflight("AddApiKeyRequiredToCorsPreflight"))?;
            }
        }
        if let Some(policy) = auth.truthy("ResourcePolicy") {
            if policy.dict().is_none() {
                return Err(Fault::document("ResourcePolicy must be a map (ResourcePolicyStatement)."));
            }
            let stage = self.source.get("StageName").cloned().unwrap_or(Val::NULL);
            for path in editor.path_names() {
                editor.resource_policy(policy, &path, &stage)?;
            }
            if let Some(statements) = policy.get("CustomStatements").filter(|statements| statements.truthy()) {
                editor.custom_statements(statements);
            }
        }
        self.write(editor);
        self.as_version_3()
    }

    /// The authorizers by name; nothing if there are none.
    fn authorizers(&self, auth: &Dict, default: Option<&Val>) -> Out<Option<Vec<(Text, Authorizer)>>> {
        let id = &self.source.id;
        let mut known: Dict = Dict::old();
        let mut read: Vec<(Text, Authorizer)> = Vec::new();
        if let Some(name) = default.and_then(Val::text).filter(|name| name.as_str() == "AWS_IAM") {
            known.insert(name.clone(), true);
            read.push((name.clone(), Authorizer::iam(id, name)));
        }
        let Some(config) = auth.truthy("Authorizers") else { return Ok(if read.is_empty() { None } else { Some(read) }) };
        for (name, entry) in expect::map(config, id, "Auth.Authorizers")?.iter() {
            let entry = expect::map(entry, id, &format!("Auth.Authorizers.{name}"))?;
            let authorizer = Authorizer::read(id, name, entry)?;
            known.insert(name.clone(), true);
            read.retain(|(own, _)| own != name);
            read.push((name.clone(), authorizer));
        }
        let position = |name: &Text| known.keys().position(|own| own == name);
        read.sort_by_key(|(name, _)| position(name));
        Ok(Some(read))
    }

    /// The permissions of functions that authorize.
    pub(super) fn authorizer_permissions(&self) -> Out<Vec<Made>> {
        let Some(auth) = self.source.truthy("Auth").and_then(Val::dict) else { return Ok(Vec::new()) };
        let mut made = Vec::new();
        for (name, authorizer) in self.authorizers(auth, None)?.unwrap_or_default() {
            let Some(function) = authorizer.permitted_function else { continue };
            let id = self.source.id.plus(&name).plus("AuthorizerPermission");
            let mut permission = Made::new(id, &PERMISSION, self.source.passed())?;
            let arn = format!("arn:{}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{__ApiId__}}/authorizers/*", self.partition);
            let api = Dict::of("__ApiId__", intrinsic::reference(&self.source.id));
            permission.set("Action", "lambda:InvokeFunction")?;
            permission.set("FunctionName", function)?;
            permission.set("Principal", "apigateway.amazonaws.com")?;
            permission.set("SourceArn", intrinsic::sub_with(arn, api))?;
            made.push(permission);
        }
        Ok(made)
    }

    pub(super) fn add_binary_media_types(&mut self) -> Out<()> {
        let (Some(types), Some(_)) = (self.source.truthy("BinaryMediaTypes").cloned(), self.source.truthy("DefinitionBody")) else {
            return Ok(());
        };
        let mut editor = Editor::new(self.body())?;
        editor.binary_media_types(&types);
        self.write(editor);
        Ok(())
    }

    pub(super) fn add_models(&mut self) -> Out<()> {
        let Some(models) = self.source.truthy("Models").and_then(Val::dict).cloned() else { return Ok(()) };
        let mut editor = self.editor_for("Models", "Models definitions")?;
        if models.values().any(|model| model.dict().is_none()) {
            return Err(self.source.fault("Invalid value for 'Models' property"));
        }
        editor.models(&models)?;
        self.write(editor);
        self.as_version_3()
    }

    pub(super) fn add_gateway_responses(&mut self) -> Out<()> {
        let Some(responses) = self.source.truthy("GatewayResponses").and_then(Val::dict).cloned() else { return Ok(()) };
        if self.source.truthy("DefinitionBody").is_none() {
            return Err(self.source.fault("GatewayResponses works only with inline Swagger specified in 'DefinitionBody' property."));
        }
        for (kind, response) in responses.iter() {
            if intrinsic::is_function(response) {
                let message = "Unable to set GatewayResponses attribute because intrinsic functions are not supported for this field.";
                return Err(self.source.fault(message));
            }
            let Some(map) = response.dict() else {
                let kind = crate::print::type_name(response);
                let message = format!("Invalid property type '{kind}' for GatewayResponses. Expected an object of type 'GatewayResponse'.");
                return Err(self.source.fault(message));
            };
            if let Some(key) = map.keys().find(|key| !["ResponseParameters", "ResponseTemplates", "StatusCode"].contains(&key.as_str())) {
                return Err(self.source.fault(format!("Invalid property '{key}' in 'GatewayResponses' property '{kind}'.")));
            }
        }
        let mut editor = self.editor_for("GatewayResponses", "Auth configuration")?;
        let mut read = Dict::old();
        for (kind, response) in responses.iter() {
            read.insert(kind.clone(), self.gateway_response(kind, response)?);
        }
        for (kind, response) in read.iter() {
            editor.gateway_response(kind, response.dict().cloned().unwrap_or_default());
        }
        self.write(editor);
        Ok(())
    }

    fn gateway_response(&self, kind: &Text, response: &Val) -> Out<Dict> {
        const PLACES: [(&str, &str); 3] = [("Headers", "header"), ("Paths", "path"), ("QueryStrings", "querystring")];
        let id = &self.source.id;
        let given = response.get("ResponseParameters").filter(|given| given.truthy());
        let none = Dict::old();
        let given = match given {
            Some(given) => expect::map(given, id, &format!("GatewayResponses.{kind}.ResponseParameters"))?,
            None => &none,
        };
        if let Some(key) = given.keys().find(|key| !PLACES.iter().any(|(name, _)| *name == key.as_str())) {
            return Err(self.source.fault(format!("Invalid gateway response parameter '{key}'")));
        }
        let status = response.get("StatusCode").map(crate::print::str);
        let digits = |status: &String| (1..=3).contains(&status.len()) && status.bytes().all(|c| c.is_ascii_digit());
        if response.get("StatusCode").is_some_and(Val::truthy) && !status.as_ref().is_some_and(digits) {
            return Err(self.source.fault("Property 'StatusCode' must be numeric"));
        }
        let mut parameters = Dict::old();
        for (name, place) in PLACES {
            let Some(own) = given.raw(name) else { continue };
            for (key, val) in expect::map(own, id, &format!("ResponseParameters.{name}"))?.iter() {
                parameters.insert(key.like(format!("gatewayresponse.{place}.{key}")), val);
            }
        }
        let templates = response.get("ResponseTemplates").filter(|own| own.truthy()).cloned().unwrap_or_else(|| Dict::old().into());
        let mut out = Dict::old().with("responseParameters", parameters).with("responseTemplates", templates);
        if let Some(status) = status.filter(|status| !status.is_empty()) {
            out.insert("statusCode", status);
        }
        Ok(out)
    }

    /// Moves what OpenAPI 3 has in other places, if that is the version.
    pub(super) fn as_version_3(&mut self) -> Out<()> {
        let version = self.source.truthy("OpenApiVersion").cloned();
        let Some(body) = self.source.properties.get_mut("DefinitionBody").and_then(Val::dict_mut) else { return Ok(()) };
        if body.get("swagger").is_some() {
            return Ok(());
        }
        let version = version.or_else(|| body.get("openapi").cloned()).filter(Val::truthy);
        if !version.as_ref().is_some_and(editor::is_version_3) {
            return Ok(());
        }
        for (from, to) in [("securityDefinitions", "securitySchemes"), ("definitions", "schemas")] {
            let Some(own) = body.truthy(from).cloned() else { continue };
            let mut components = body.truthy("components").and_then(Val::dict).cloned().unwrap_or_else(Dict::old);
            components.insert(to, own);
            body.insert("components", components);
            body.remove(from);
        }
        if let Some(paths) = body.get_mut("paths").filter(|paths| paths.truthy()) {
            let paths =
                paths.dict_mut().ok_or_else(|| Fault::document("Value of paths must be a dictionary according to Swagger spec."))?;
            let names: Vec<Text> = paths.keys().cloned().collect();
            for path in names {
                options_in_version_3(paths, &path)?;
            }
        }
        Ok(())
    }
}

/// `OPTIONS` names no types of content, and its headers have schemas.
fn options_in_version_3(paths: &mut Dict, path: &Text) -> Out<()> {
    let wrong = |what: &str| Fault::document(format!("Value of {what} for path {path} must be a dictionary according to Swagger spec."));
    let item = paths.get_mut(path).and_then(Val::dict_mut);
    let item = item.ok_or_else(|| Fault::document(format!("Value of '{path}' path must be a dictionary according to Swagger spec.")))?;
    let Some(options) = item.get_mut("options").filter(|options| options.truthy()) else { return Ok(()) };
    let options = options.dict_mut().ok_or_else(|| wrong("options method"))?;
    options.remove("produces");
    options.remove("consumes");
    let Some(responses) = options.get_mut("responses") else { return Ok(()) };
    let invalid = |what: &str| Fault::document(format!("Invalid responses in options method for path {path}: {what}."));
    let responses = responses.dict_mut().ok_or_else(|| invalid("It should be a map"))?;
    let Some(ok) = responses.get_mut("200") else { return Ok(()) };
    let ok = ok.dict_mut().ok_or_else(|| invalid("The value of '200' should be a map"))?;
    let Some(headers) = ok.get_mut("headers").filter(|headers| headers.truthy()) else { return Ok(()) };
    let headers = headers.dict_mut().ok_or_else(|| wrong("response's headers in options method"))?;
    for header in headers.values_mut() {
        *header = Dict::old().with("schema", &*header).into();
    }
    Ok(())
}
