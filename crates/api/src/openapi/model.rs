//! Schemas of a document: models.
use super::read;
use super::settings::broken;
use super::{Family, ImportError, Importer, MODELS_OF_THIS_API, extension};
use serde_json::Value;
use vpclab_cloud::model::NewModel;

impl Importer<'_> {
    /// Those that the document names.
    pub(super) fn models(&mut self) -> Result<(), ImportError> {
        let (place, found) = match self.family {
            Family::Swagger2 => ("definitions", self.root.get("definitions")),
            Family::OpenApi3 => ("components.schemas", self.root.get("components").and_then(|components| components.get("schemas"))),
        };
        let Some(found) = found else { return Ok(()) };
        for (name, schema) in read::object(found, place)? {
            self.add_model(name, schema, &read::under(place, name))?;
        }
        Ok(())
    }

    fn add_model(&mut self, name: &str, schema: &Value, place: &str) -> Result<(), ImportError> {
        let described = schema.get("description").and_then(Value::as_str).map(str::to_owned);
        let mut schema = schema.clone();
        self.localize(&mut schema, place)?;
        let model = NewModel {
            name: name.to_owned(),
            description: described,
            content_type: "application/json".to_owned(),
            schema: schema.to_string(),
        };
        self.models.insert(name.to_owned(), model);
        Ok(())
    }

    /// The name of a schema's model: the one it refers to, or one made from it, as API Gateway makes one.
    pub(super) fn model(&mut self, schema: &Value, place: &str) -> Result<String, ImportError> {
        extension::refuse_within(schema, place)?;
        let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
            let name = format!("MODEL{:06x}", digest(&schema.to_string()) & 0x00ff_ffff);
            self.add_model(&name, schema, place)?;
            return Ok(name);
        };
        self.named(reference).map(str::to_owned).ok_or_else(|| broken(reference, place))
    }

    /// The name of the document's schema that a reference names.
    fn named<'r>(&self, reference: &'r str) -> Option<&'r str> {
        self.target(reference)?;
        let prefix = match self.family {
            Family::Swagger2 => "#/definitions/",
            Family::OpenApi3 => "#/components/schemas/",
        };
        reference.strip_prefix(prefix).filter(|name| !name.contains('/'))
    }

    /// References of a document become references to models.
    fn localize(&self, schema: &mut Value, place: &str) -> Result<(), ImportError> {
        match schema {
            Value::Object(object) => {
                for (name, value) in object {
                    match value {
                        Value::String(reference) if name == "$ref" && reference.starts_with('#') => {
                            let model = self.named(reference).ok_or_else(|| broken(reference, place))?;
                            *reference = format!("{MODELS_OF_THIS_API}{model}");
                        }
                        other => self.localize(other, place)?,
                    }
                }
                Ok(())
            }
            Value::Array(items) => items.iter_mut().try_for_each(|item| self.localize(item, place)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        }
    }
}

/// FNV-1a: the same schema has the same name.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
