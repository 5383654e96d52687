//! Parameters of requests, and those that a request validator asks for.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html>
use super::{Request, decoded};
use std::borrow::Cow;
use vpclab_cloud::deployment::ApiSnapshot;
use vpclab_cloud::method::Method;

/// A parameter that a method requires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredParameter {
    /// Where it must be.
    pub place: ParameterPlace,
    /// Its name.
    pub name: String,
}

/// Where a request parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterPlace {
    /// In the path.
    Path,
    /// In the query string.
    QueryString,
    /// In a header.
    Header,
}

/// What a method's request validator asks for; nothing without one that checks parameters.
#[must_use]
pub fn required(method: &Method, snapshot: &ApiSnapshot) -> Vec<RequiredParameter> {
    let validator = method.request_validator.as_ref().and_then(|id| snapshot.settings.validation.validators.get(id));
    match validator {
        Some(validator) if validator.parameters => method.request_parameters.iter().filter_map(one).collect(),
        Some(_) | None => Vec::new(),
    }
}

/// `method.request.{place}.{name}` -> whether it is required.
fn one((key, required): (&String, &bool)) -> Option<RequiredParameter> {
    let (place, name) = key.strip_prefix("method.request.")?.split_once('.')?;
    let place = match place {
        "path" => ParameterPlace::Path,
        "querystring" => ParameterPlace::QueryString,
        "header" => ParameterPlace::Header,
        _ => return None,
    };
    required.then(|| RequiredParameter { place, name: name.to_owned() })
}

impl<'r> Request<'r> {
    /// The query's names and values, decoded, in order.
    pub fn query_pairs(&self) -> impl Iterator<Item = (Cow<'r, str>, Cow<'r, str>)> {
        let pairs = self.query.unwrap_or_default().split(['&', ';']).filter(|p| !p.is_empty());
        pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
    }

    /// The names of the required parameters that are missing or empty.
    pub fn missing(&self, required: &[RequiredParameter], path: &[(&str, Cow<'_, str>)]) -> Vec<String> {
        let present = |parameter: &&RequiredParameter| {
            let name = parameter.name.as_str();
            match parameter.place {
                ParameterPlace::Path => path.iter().any(|(n, v)| *n == name && !v.is_empty()),
                ParameterPlace::QueryString => self.query_pairs().any(|(n, v)| n == name && !v.is_empty()),
                ParameterPlace::Header => self.headers.text(name).is_some_and(|v| !v.is_empty()),
            }
        };
        required.iter().filter(|p| !present(p)).map(|p| p.name.clone()).collect()
    }
}
