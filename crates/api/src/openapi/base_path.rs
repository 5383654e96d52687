//! The base path of a document and what becomes of it.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-basePath.html>
use super::{Family, ImportError, Importer, read};
use serde_json::Value;

/// What becomes of the base path: the parameter `basepath`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BasePathMode {
    /// It is ignored.
    #[default]
    Ignore,
    /// It stands before every path.
    Prepend,
    /// Its first part is ignored, the rest stands before every path.
    Split,
}

impl BasePathMode {
    /// The mode of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "ignore" => Some(Self::Ignore),
            "prepend" => Some(Self::Prepend),
            "split" => Some(Self::Split),
            _ => None,
        }
    }
}

/// What stands before every path: empty, or `/a/b` without a slash at its end.
pub(super) struct BasePath(String);

impl BasePath {
    pub(super) fn join(&self, path: &str) -> String {
        let path = path.trim_end_matches('/');
        match (self.0.as_str(), path) {
            ("", "") => "/".to_owned(),
            (base, path) => format!("{base}{path}"),
        }
    }
}

impl Importer<'_> {
    pub(super) fn base_path(&self) -> Result<BasePath, ImportError> {
        let whole = match (self.options.base_path, self.family) {
            (BasePathMode::Ignore, _) => return Ok(BasePath(String::new())),
            (_, Family::Swagger2) => read::optional_text(self.root, "", "basePath")?.unwrap_or_default(),
            (_, Family::OpenApi3) => self.server_path()?,
        };
        let parts: Vec<&str> = whole.split('/').filter(|part| !part.is_empty()).collect();
        let kept = match self.options.base_path {
            BasePathMode::Split => parts.get(1..).unwrap_or_default(),
            BasePathMode::Ignore | BasePathMode::Prepend => parts.as_slice(),
        };
        Ok(BasePath(kept.iter().map(|part| format!("/{part}")).collect()))
    }

    /// The path of the first server's URL, its variables by their defaults.
    fn server_path(&self) -> Result<String, ImportError> {
        let Some(server) = self.root.get("servers").and_then(Value::as_array).and_then(|list| list.first()) else {
            return Ok(String::new());
        };
        let server = read::object(server, "servers.0")?;
        let mut url = read::optional_text(server, "servers.0", "url")?.unwrap_or_default();
        if let Some(variables) = server.get("variables") {
            for (name, variable) in read::object(variables, "servers.0.variables")? {
                let place = format!("servers.0.variables.{name}");
                let default = read::text(read::member(read::object(variable, &place)?, &place, "default")?, &place)?;
                // A default may begin with the slash that stands before the variable, too.
                url = url.replace(&format!("/{{{name}}}"), &format!("/{}", default.trim_start_matches('/')));
                url = url.replace(&format!("{{{name}}}"), &default);
            }
        }
        let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        Ok(rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default().to_owned())
    }
}
