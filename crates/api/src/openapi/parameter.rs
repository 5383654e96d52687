//! Parameters of operations.
use super::read::{self, Object};
use super::{ImportError, Importer, extension};
use serde_json::Value;

/// A parameter that API Gateway records.
#[derive(Clone, Debug)]
pub(super) struct Parameter<'a> {
    pub(super) name: String,
    pub(super) place: ParameterPlace<'a>,
    pub(super) required: bool,
}

#[derive(Clone, Debug)]
pub(super) enum ParameterPlace<'a> {
    /// `path`, `querystring` or `header`, as API Gateway says.
    Request(&'static str),
    /// Swagger 2: the body, by its schema.
    Body(Option<&'a Value>),
}

impl<'a> Importer<'a> {
    pub(super) fn parameters<'v>(&mut self, list: &'v Value, place: &str) -> Result<Vec<Parameter<'v>>, ImportError>
    where
        'a: 'v,
    {
        let mut parameters = Vec::new();
        for (index, item) in read::array(list, place)?.iter().enumerate() {
            let here = format!("{place}.{index}");
            let parameter = self.resolve_object(item, &here)?;
            if let Some(parameter) = self.parameter(parameter, &here)? {
                parameters.push(parameter);
            }
        }
        Ok(parameters)
    }

    fn parameter<'v>(&mut self, parameter: &'v Object, place: &str) -> Result<Option<Parameter<'v>>, ImportError> {
        for name in parameter.keys() {
            extension::refuse_aws(name, place, &[])?;
        }
        let name = read::text(read::member(parameter, place, "name")?, place)?;
        let kind = read::text(read::member(parameter, place, "in")?, place)?;
        let at = match kind.as_str() {
            "path" => ParameterPlace::Request("path"),
            "query" => ParameterPlace::Request("querystring"),
            "header" => ParameterPlace::Request("header"),
            "body" => ParameterPlace::Body(parameter.get("schema")),
            other => {
                self.warnings
                    .push(format!("The parameter '{name}' in {place} was ignored: API Gateway does not know parameters in '{other}'"));
                return Ok(None);
            }
        };
        let required = parameter.get("required").map_or(Ok(false), |value| read::truth(value, place))?;
        Ok(Some(Parameter { name, place: at, required }))
    }
}
