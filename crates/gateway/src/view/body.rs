//! What a method's request validator asks of bodies.
use crate::fate::Fate;
use std::collections::BTreeMap;
use std::sync::Arc;
use vpclab_api::model::{Neighbours, Schema, of_content_type};
use vpclab_cloud::method::Method;
use vpclab_cloud::request_validator::Validation;

/// The models of a method's bodies by content type; empty where none are asked for.
#[derive(Debug, Default)]
pub struct BodyView {
    models: BTreeMap<String, Result<Schema, String>>,
}

impl BodyView {
    /// Compiles the models that a method names, as a deployment froze them.
    pub(super) fn compile(method: &Method, api: &str, validation: &Validation) -> Self {
        let schemas = validation.models.iter().map(|(name, model)| (name.clone(), model.schema.clone())).collect();
        let neighbours = Neighbours { api: api.to_owned(), schemas: Arc::new(schemas) };
        let compiled = method.request_models.iter().filter_map(|(kind, name)| {
            let model = validation.models.get(name)?;
            Some((kind.clone(), Schema::compile(&model.schema, &neighbours).map_err(|why| format!("model `{name}`: {why}"))))
        });
        Self { models: compiled.collect() }
    }

    /// Whether a body is as the model of its content type says. Without one anything passes.
    pub(crate) fn check(&self, content_type: Option<&str>, body: &[u8]) -> Result<(), Fate> {
        match of_content_type(&self.models, content_type) {
            None => Ok(()),
            Some(Ok(schema)) => schema.check(body).map_err(Fate::InvalidBody),
            Some(Err(why)) => Err(Fate::Misconfigured(why.clone())),
        }
    }
}
