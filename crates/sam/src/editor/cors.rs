//! `OPTIONS` methods that answer preflights.
use super::{Editor, INTEGRATION, path_item};
use crate::{
    fault::{Fault, Out},
    intrinsic,
    text::Text,
    value::{Dict, Val},
};

/// What the answers say.
pub(crate) struct Cors {
    pub(crate) origin: Val,
    pub(crate) headers: Option<Val>,
    pub(crate) methods: Option<Val>,
    pub(crate) max_age: Option<Val>,
    pub(crate) credentials: bool,
}

const ALL_METHODS: &str = "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT";

impl Editor {
    /// Adds `OPTIONS` to a path that has none.
    pub(crate) fn cors(&mut self, path: &Text, cors: &Cors) -> Out<()> {
        let mut methods = cors.methods.clone().filter(Val::truthy);
        for item in intrinsic::branches_mut(self.path(path)?)? {
            let item = path_item(item, path)?;
            if item.contains("options") {
                continue;
            }
            if !cors.origin.truthy() {
                return Err(Fault::Template("Invalid input. Value for AllowedOrigins is required".to_owned()));
            }
            let methods = methods.get_or_insert_with(|| format!("'{}'", allowed_methods(item)).into());
            item.insert("options", preflight(cors, methods));
        }
        Ok(())
    }
}

fn allowed_methods(item: &Dict) -> String {
    if item.contains(super::ANY_METHOD) {
        return ALL_METHODS.to_owned();
    }
    let mut methods: Vec<String> = item.keys().map(|method| method.to_uppercase()).chain(["OPTIONS".to_owned()]).collect();
    methods.sort();
    methods.dedup();
    methods.join(",")
}

fn preflight(cors: &Cors, methods: &Val) -> Dict {
    let mut parameters = Dict::old();
    let mut headers = Dict::old();
    let mut header = |name: &str, val: &Val, kind: &str| {
        parameters.insert(format!("method.response.header.{name}"), val);
        headers.insert(name, Dict::of("type", kind));
    };
    header("Access-Control-Allow-Origin", &cors.origin, "string");
    if let Some(allowed) = cors.headers.as_ref().filter(|headers| headers.truthy()) {
        header("Access-Control-Allow-Headers", allowed, "string");
    }
    header("Access-Control-Allow-Methods", methods, "string");
    if let Some(age) = &cors.max_age {
        header("Access-Control-Max-Age", age, "integer");
    }
    if cors.credentials {
        header("Access-Control-Allow-Credentials", &"'true'".into(), "string");
    }
    let json = || vec![Val::from("application/json")];
    let default = Dict::old()
        .with("statusCode", "200")
        .with("responseParameters", parameters)
        .with("responseTemplates", Dict::of("application/json", "{}\n"));
    let integration = Dict::old()
        .with("type", "mock")
        .with("requestTemplates", Dict::of("application/json", "{\n  \"statusCode\" : 200\n}\n"))
        .with("responses", Dict::old().with("default", default));
    let response = Dict::old().with("description", "Default response for CORS method").with("headers", headers);
    Dict::old()
        .with("summary", "CORS support")
        .with("consumes", json())
        .with("produces", json())
        .with(INTEGRATION, integration)
        .with("responses", Dict::old().with("200", response))
}
