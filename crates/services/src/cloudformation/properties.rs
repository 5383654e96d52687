//! Reading resolved properties. Templates write numbers and booleans as strings and the other way round; so does this read them.
use super::resource::Failure;
use serde_json::{Map, Value};

/// The properties of a resource, or an object among them.
#[derive(Clone, Copy, Debug)]
pub struct Properties<'a> {
    values: &'a Map<String, Value>,
    /// Where they stand, for messages: empty, or `Ebs.`.
    path: &'a str,
}

impl<'a> Properties<'a> {
    /// The properties of a resource.
    #[must_use]
    pub fn new(values: &'a Map<String, Value>) -> Self {
        Self { values, path: "" }
    }

    /// Them all.
    #[must_use]
    pub fn all(&self) -> &'a Map<String, Value> {
        self.values
    }

    /// A property's value; none when it is not there or null.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }

    /// Whether it is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn wrong(&self, name: &str, expected: &str) -> Failure {
        Failure::invalid(format!("Value of property {}{name} must be {expected}", self.path))
    }

    /// A text; numbers and booleans are written out.
    ///
    /// # Errors
    /// A list or an object.
    pub fn text(&self, name: &str) -> Result<Option<String>, Failure> {
        self.get(name).map(|value| text_of(value).ok_or_else(|| self.wrong(name, "of type String"))).transpose()
    }

    /// A text that has to be there.
    ///
    /// # Errors
    /// When it is not, or is none.
    pub fn required(&self, name: &str) -> Result<String, Failure> {
        self.text(name)?.ok_or_else(|| Failure::invalid(format!("Property {}{name} cannot be empty.", self.path)))
    }

    /// Yes or no.
    ///
    /// # Errors
    /// Anything else.
    pub fn truth(&self, name: &str) -> Result<Option<bool>, Failure> {
        self.get(name)
            .map(|value| match value {
                Value::Bool(truth) => Ok(*truth),
                Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
                Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(false),
                _ => Err(self.wrong(name, "of type Boolean")),
            })
            .transpose()
    }

    /// A whole number.
    ///
    /// # Errors
    /// Anything else, or one out of range.
    pub fn number<N: TryFrom<i64>>(&self, name: &str) -> Result<Option<N>, Failure> {
        self.get(name)
            .map(|value| {
                let number = match value {
                    Value::Number(number) => number.as_i64(),
                    Value::String(text) => text.trim().parse().ok(),
                    _ => None,
                };
                number.and_then(|number| N::try_from(number).ok()).ok_or_else(|| self.wrong(name, "of type Integer"))
            })
            .transpose()
    }

    /// A list of texts; a single one counts as a list of one.
    ///
    /// # Errors
    /// Anything else.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, Failure> {
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => {
                list.iter().map(|one| text_of(one).ok_or_else(|| self.wrong(name, "a list of type String"))).collect()
            }
            Some(one) => Ok(vec![text_of(one).ok_or_else(|| self.wrong(name, "of type List"))?]),
        }
    }

    /// An object.
    ///
    /// # Errors
    /// Anything else.
    pub fn object(&self, name: &'a str) -> Result<Option<Properties<'a>>, Failure> {
        self.get(name)
            .map(|value| value.as_object().map(|values| Self { values, path: "" }).ok_or_else(|| self.wrong(name, "an object")))
            .transpose()
    }

    /// A list of objects; a single one counts as a list of one.
    ///
    /// # Errors
    /// Anything else.
    pub fn objects(&self, name: &str) -> Result<Vec<Properties<'a>>, Failure> {
        let one =
            |value: &'a Value| value.as_object().map(|values| Self { values, path: "" }).ok_or_else(|| self.wrong(name, "of type List"));
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => list.iter().map(one).collect(),
            Some(value) => Ok(vec![one(value)?]),
        }
    }

    /// Texts by name.
    ///
    /// # Errors
    /// Anything else.
    pub fn map(&self, name: &str) -> Result<std::collections::BTreeMap<String, String>, Failure> {
        match self.get(name) {
            None => Ok(Default::default()),
            Some(Value::Object(values)) => values
                .iter()
                .map(|(key, value)| Ok((key.clone(), text_of(value).ok_or_else(|| self.wrong(name, "of type Map of String"))?)))
                .collect(),
            Some(_) => Err(self.wrong(name, "of type Map")),
        }
    }

    /// A JSON document that a template gives as an object or as its text.
    ///
    /// # Errors
    /// A list or a number.
    pub fn document(&self, name: &str) -> Result<Option<String>, Failure> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(object @ Value::Object(_)) => Ok(Some(object.to_string())),
            Some(_) => Err(self.wrong(name, "an object")),
        }
    }

    /// A list of keys and values, or an object of them.
    ///
    /// # Errors
    /// Anything else.
    pub fn tags(&self, name: &str) -> Result<Vec<(String, String)>, Failure> {
        if let Some(Value::Object(_)) = self.get(name) {
            return Ok(self.map(name)?.into_iter().collect());
        }
        self.objects(name)?.iter().map(|tag| Ok((tag.required("Key")?, tag.text("Value")?.unwrap_or_default()))).collect()
    }

    /// Refuses a property that vpclab has one value of, when it has another.
    ///
    /// # Errors
    /// That value, named.
    pub fn only(&self, name: &str, served: &[&str]) -> Result<(), Failure> {
        match self.text(name)? {
            Some(value) if !served.contains(&value.as_str()) => {
                Err(Failure::invalid(format!("vpclab does not serve the value '{value}' of the property {}{name} yet", self.path)))
            }
            _ => Ok(()),
        }
    }
}

/// A scalar as text, as CloudFormation writes it.
#[must_use]
pub fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn scalars_are_read_as_templates_write_them() {
        let values = json!({"t": "true", "n": "7", "i": 7, "l": "one", "o": {"Statement": []}, "z": null});
        let properties = Properties::new(values.as_object().unwrap());
        assert_eq!(properties.truth("t"), Ok(Some(true)));
        assert_eq!(properties.number::<u16>("n"), Ok(Some(7)));
        assert_eq!(properties.text("i"), Ok(Some("7".into())));
        assert_eq!(properties.texts("l"), Ok(vec!["one".into()]));
        assert_eq!(properties.document("o"), Ok(Some("{\"Statement\":[]}".into())));
        assert!(!properties.has("z") && properties.truth("n").is_err() && properties.number::<u16>("t").is_err());
        assert_eq!(properties.required("x").unwrap_err().message, "Property x cannot be empty.");
    }
}
