//! What a stack gives to others, and takes from them.
use super::{Bound, OutputValue};
use crate::evaluate::{Attributes, Evaluator, Nothing};
use crate::reference::{self, Kind};
use crate::{Output, Span, TemplateError};

impl Bound {
    /// The outputs that are there, and their values.
    ///
    /// # Errors
    /// As [`Bound::resolve`]; a value that is no text.
    pub fn outputs(&self, attributes: &dyn Attributes) -> Result<Vec<OutputValue>, TemplateError> {
        self.template.outputs.iter().map(|output| self.output(output, attributes)).collect()
    }

    fn output(&self, output: &Output, attributes: &dyn Attributes) -> Result<OutputValue, TemplateError> {
        let value = self.resolve_node(&output.value, attributes)?;
        let wrong = || {
            let kind = value.value.kind();
            TemplateError::format(
                format_args!("The Value field of every Outputs member must evaluate to a String and not a {kind}."),
                output.value.at,
            )
        };
        let export = output.export.as_ref().map(|export| {
            let name = self.resolve_node(export, attributes)?;
            let wrong = || {
                TemplateError::format(
                    format_args!(
                        "Output {} is malformed. The Name field of every Export member must be specified and must evaluate to a String.",
                        output.name
                    ),
                    export.at,
                )
            };
            name.scalar_text().ok_or_else(wrong)
        });
        Ok(OutputValue {
            name: output.name.clone(),
            value: value.scalar_text().ok_or_else(wrong)?,
            description: output.description.clone(),
            export: export.transpose()?,
        })
    }

    /// The names of the exports that the stack uses.
    ///
    /// # Errors
    /// As [`Bound::resolve`].
    pub fn imports(&self) -> Result<Vec<(String, Span)>, TemplateError> {
        let taken = |name: &str| self.condition(name);
        let mut evaluator = Evaluator::new(&self.scope, &Nothing, false);
        let mut imports = Vec::new();
        let resources = self.resources().flat_map(reference::expressions);
        for expression in resources.chain(self.template.outputs.iter().map(|output| &output.value)) {
            reference::each(expression, false, &taken, &mut |reference| {
                if reference.kind == Kind::Import {
                    imports.push((evaluator.export(reference.node)?, reference.at));
                }
                Ok(())
            })?;
        }
        Ok(imports)
    }
}
