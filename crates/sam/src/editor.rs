//! Changes to the definition of an API.
//!
//! The deployment's logical id is a digest of the definition as Python prints it, and the order of Python 2.7's maps depends on their
//! history, so an editor copies the definition when it begins and again when it ends, as AWS's transform does.
use crate::{
    fault::{Fault, Out},
    intrinsic, print,
    text::Text,
    value::{Dict, Val},
};

mod authorize;
mod cors;
mod policy;
mod request;

pub(crate) use authorize::{Authorizer, MethodAuthorizer};
pub(crate) use cors::Cors;
pub(crate) use request::Parameter;

pub(crate) const INTEGRATION: &str = "x-amazon-apigateway-integration";
pub(crate) const ANY_METHOD: &str = "x-amazon-apigateway-any-method";
const POLICY: &str = "x-amazon-apigateway-policy";
const GATEWAY_RESPONSES: &str = "x-amazon-apigateway-gateway-responses";
const ENDPOINT_CONFIGURATION: &str = "x-amazon-apigateway-endpoint-configuration";

/// A definition under change.
pub(crate) struct Editor {
    doc: Dict,
    paths: Dict,
    security_definitions: Dict,
    gateway_responses: Dict,
    policy: Dict,
    definitions: Dict,
}

/// `\A3(\.\d)(\.\d)?$` of what Python prints.
pub(crate) fn is_version_3(version: &Val) -> bool {
    is_version(version, &['3'])
}

pub(crate) fn is_version(version: &Val, major: &[char]) -> bool {
    let version = print::str(version);
    let mut parts = version.split('.');
    let digit = |part: &str| part.chars().count() == 1 && part.chars().all(char::is_numeric);
    parts.next().is_some_and(|part| part.chars().count() == 1 && part.starts_with(major))
        && parts.next().is_some_and(digit)
        && parts.next().is_none_or(digit)
        && parts.next().is_none()
}

/// Whether a value is a definition: paths, and a version.
pub(crate) fn is_definition(val: Option<&Val>) -> bool {
    let Some(doc) = val.and_then(Val::dict) else { return false };
    doc.get("paths").and_then(Val::dict).is_some() && (doc.truthy("swagger").is_some() || doc.truthy("openapi").is_some_and(is_version_3))
}

/// An empty definition.
pub(crate) fn skeleton() -> Dict {
    let info = Dict::old().with("version", "1.0").with("title", intrinsic::reference(&"AWS::StackName".into()));
    Dict::old().with("swagger", "2.0").with("info", info).with("paths", Dict::old())
}

/// A method in a definition's words: lower case, `ANY` by its extension.
pub(crate) fn method_key(method: &Text) -> Text {
    let lower = method.to_lowercase();
    if lower == "any" { Text::own(ANY_METHOD) } else { method.like(lower) }
}

/// The path with every `{part}` as `*`.
pub(crate) fn wildcards(path: &Text) -> Text {
    let mut out = String::new();
    let mut rest = path.as_str();
    while let Some(open) = rest.find('{') {
        let (before, inside) = rest.split_at(open);
        out.push_str(before);
        let inside = inside.get(1..).unwrap_or("");
        let name = inside.find('}').and_then(|end| inside.get(..end));
        let named = |c: u8| c.is_ascii_alphanumeric() || b"._-".contains(&c);
        let part = name.filter(|name| {
            let name = name.strip_suffix('+').unwrap_or(name);
            !name.is_empty() && name.bytes().all(named)
        });
        if let Some(part) = part {
            out.push('*');
            rest = inside.get(part.len() + 1..).unwrap_or("");
        } else {
            out.push('{');
            rest = inside;
        }
    }
    out.push_str(rest);
    path.like(out)
}

fn path_item<'a>(item: &'a mut Val, path: &str) -> Out<&'a mut Dict> {
    let message = || Fault::document(format!("Value of '{path}' path must be a dictionary according to Swagger spec."));
    item.dict_mut().ok_or_else(message)
}

fn method_definition<'a>(definition: &'a mut Val, path: &str, method: &str) -> Out<&'a mut Dict> {
    let message = || Fault::document(format!("Definition of method '{method}' for path '{path}' should be a map."));
    definition.dict_mut().ok_or_else(message)
}

impl Editor {
    pub(crate) fn new(definition: Option<&Val>) -> Out<Editor> {
        let doc = definition.filter(|val| is_definition(Some(val))).and_then(Val::dict).ok_or_else(|| {
            Fault::document("Invalid Swagger document or the Swagger document is not explicitly defined in 'DefinitionBody'.")
        })?;
        let doc = doc.deep_copy();
        let part = |name: &str| doc.truthy(name).and_then(Val::dict).cloned().unwrap_or_else(Dict::old);
        let mut editor = Editor {
            paths: part("paths"),
            security_definitions: part("securityDefinitions"),
            gateway_responses: part(GATEWAY_RESPONSES),
            policy: part(POLICY),
            definitions: part("definitions"),
            doc,
        };
        for path in editor.path_names() {
            for item in intrinsic::branches_mut(editor.path(&path)?)? {
                path_item(item, &path)?;
            }
        }
        Ok(editor)
    }

    /// The changed definition.
    pub(crate) fn finish(mut self) -> Val {
        self.doc.insert("paths", self.paths);
        let parts = [
            ("securityDefinitions", self.security_definitions),
            (GATEWAY_RESPONSES, self.gateway_responses),
            ("definitions", self.definitions),
        ];
        for (name, part) in parts {
            if !part.is_empty() {
                self.doc.insert(name, part);
            }
        }
        self.doc.deep_copy().into()
    }

    pub(crate) fn path_names(&self) -> Vec<Text> {
        self.paths.keys().cloned().collect()
    }

    fn path(&mut self, path: &str) -> Out<&mut Val> {
        self.paths.get_mut(path).ok_or(Fault::Internal)
    }

    /// Adds a method that does nothing yet.
    pub(crate) fn add_path(&mut self, path: &Text, method: &Text) -> Out<()> {
        let method = method_key(method);
        let item = self.paths.or_insert(path.clone(), || Dict::old().into()).ok_or(Fault::Internal)?;
        path_item(item, path)?;
        for item in intrinsic::branches_mut(item)? {
            item.dict_mut().ok_or(Fault::Internal)?.or_insert(method.clone(), || Dict::old().into());
        }
        Ok(())
    }

    /// Lets a whole path exist only under a condition.
    pub(crate) fn condition_path(&mut self, path: &Text, condition: &Text) {
        let item = self.paths.raw(path).cloned().unwrap_or(Val::NULL);
        self.paths.insert(path.clone(), intrinsic::when(condition, item));
    }

    /// Whether the method has an integration in every branch.
    pub(crate) fn has_integration(&self, path: &Text, method: &Text) -> Out<bool> {
        let method = method_key(method);
        let Some(item) = self.paths.raw(path) else { return Ok(false) };
        for item in intrinsic::branches(item)? {
            let Some(definition) = item.dict().and_then(|item| item.raw(&method)).filter(|val| val.dict().is_some()) else {
                return Ok(false);
            };
            let mut integrated = false;
            for definition in intrinsic::branches(definition)? {
                let definition = definition
                    .dict()
                    .ok_or_else(|| Fault::document(format!("Definition of method '{method}' for path '{path}' should be a map.")))?;
                if definition.truthy(INTEGRATION).is_some() {
                    integrated = true;
                    break;
                }
            }
            if !integrated {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Runs on every definition of one method, or of all (`None`), that has an integration. With the method's key.
    fn each_method(&mut self, path: &Text, only: Option<&Text>, mut change: impl FnMut(&Text, &mut Dict) -> Out<()>) -> Out<()> {
        let only = only.map(method_key);
        for item in intrinsic::branches_mut(self.paths.get_mut(path).ok_or(Fault::Internal)?)? {
            let item = path_item(item, path)?;
            let names: Vec<Text> = match &only {
                Some(method) => vec![method.clone()],
                None => item.keys().filter(|key| !["summary", "description", "parameters"].contains(&key.as_str())).cloned().collect(),
            };
            for name in names {
                let missing = || Fault::document(format!("Definition of method '{name}' for path '{path}' should be a map."));
                for definition in intrinsic::branches_mut(item.get_mut(&name).ok_or_else(missing)?)? {
                    let definition = method_definition(definition, path, &name)?;
                    if definition.truthy(INTEGRATION).is_some() {
                        change(&method_key(&name), definition)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Gives a method a function as its integration.
    pub(crate) fn integrate(&mut self, path: &Text, method: &Text, integration: Dict, condition: Option<&Text>) -> Out<()> {
        let key = method_key(method);
        if self.has_integration(path, &key)? {
            return Err(Fault::document(format!("Lambda integration already exists on Path={path}, Method={key}")));
        }
        self.add_path(path, &key)?;
        for item in intrinsic::branches_mut(self.path(path)?)? {
            let item = path_item(item, path)?;
            let definition = item.get_mut(&key).and_then(Val::dict_mut).ok_or(Fault::Internal)?;
            definition.insert(INTEGRATION, integration.clone());
            definition.or_insert("responses", || Dict::old().into());
            if let Some(condition) = condition {
                let whole = definition.clone();
                item.insert(key.clone(), intrinsic::when(condition, whole.into()));
            }
        }
        Ok(())
    }

    /// Closes the default name of the API.
    pub(crate) fn disable_execute_api_endpoint(&mut self, value: &Val) -> Out<()> {
        let set = |doc: &mut Dict, whose: &str| {
            let configuration = doc.or_insert(ENDPOINT_CONFIGURATION, || Dict::new().into()).and_then(Val::dict_mut);
            let wrong = || {
                let message = format!("Invalid OpenAPI definition{whose}: The value of '{ENDPOINT_CONFIGURATION}' should be a map.");
                Fault::document(message)
            };
            configuration.ok_or_else(wrong)?.insert("disableExecuteApiEndpoint", value);
            Ok(())
        };
        if self.doc.truthy("openapi").is_none_or(|version| !is_version_3(version)) {
            return set(&mut self.doc, "");
        }
        let servers = self.doc.or_insert("servers", || vec![Dict::old().into()].into()).and_then(Val::list_mut);
        for (index, server) in servers.ok_or(Fault::Internal)?.iter_mut().enumerate() {
            let wrong = || Fault::document(format!("Invalid OpenAPI definition of 'servers[{index}]': It should be a map."));
            set(server.dict_mut().ok_or_else(wrong)?, &format!(" of 'servers[{index}]'"))?;
        }
        Ok(())
    }

    /// Media types that are bytes; `~1` stands for `/`.
    pub(crate) fn binary_media_types(&mut self, types: &Val) {
        self.doc.insert("x-amazon-apigateway-binary-media-types", slashes(types));
    }

    pub(crate) fn gateway_response(&mut self, kind: &Text, response: Dict) {
        self.gateway_responses.insert(kind.clone(), response);
    }

    pub(crate) fn models(&mut self, models: &Dict) -> Out<()> {
        for (name, schema) in models.iter() {
            if schema.dict().is_none_or(|schema| schema.truthy("type").is_none()) {
                return Err(Fault::document("'Models' schema is missing 'type'."));
            }
            self.definitions.insert(name.like(name.to_lowercase()), schema);
        }
        Ok(())
    }
}

fn slashes(val: &Val) -> Val {
    use crate::value::Kind;
    let kind = match &val.kind {
        Kind::Text(text) => Kind::Text(Text::given(text.replace("~1", "/"))),
        Kind::List(items) => Kind::List(items.iter().map(slashes).collect()),
        Kind::Dict(dict) => {
            let mut new = Dict::old();
            for (key, val) in dict.iter() {
                new.insert(Text::given(key.replace("~1", "/")), slashes(val));
            }
            Kind::Dict(new)
        }
        kind => kind.clone(),
    };
    Val { kind, at: val.at }
}
