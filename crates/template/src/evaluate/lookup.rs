//! `Ref`, `Fn::GetAtt`, `Fn::ImportValue`, `Fn::FindInMap`, `Fn::GetAZs`.
use super::{Evaluated, Evaluator, UNKNOWN, is_unknown};
use crate::{Node, Span, TemplateError, Value};

impl Evaluator<'_> {
    pub(super) fn reference(&mut self, argument: &Node, at: Span) -> Evaluated {
        let name =
            argument.as_str().ok_or_else(|| TemplateError::new("Template error: every Ref object must have a single String value.", at))?;
        if name == "AWS::NoValue" {
            return Ok(None);
        }
        self.named(name, at).map(|node| Some(node.originating(at)))
    }

    /// A parameter, a pseudo parameter or a resource.
    pub(super) fn named(&mut self, name: &str, at: Span) -> Evaluated<Node> {
        let known = self.scope.pseudo.get(name).or_else(|| self.scope.parameters.get(name).map(super::ParameterValue::node));
        let node = match known {
            Some(node) => node,
            None => self.made(self.attributes.reference(name), || {
                TemplateError::format(format_args!("Unresolved resource dependencies [{name}] in the Resources block of the template"), at)
            })?,
        };
        self.spend_node(&node, at)?;
        Ok(node)
    }

    pub(super) fn get_att(&mut self, argument: &Node, at: Span) -> Evaluated<Node> {
        let wrong =
            "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute";
        let wrong = || TemplateError::new(wrong, at);
        match &argument.value {
            Value::String(path) => {
                let (logical, attribute) = path.split_once('.').ok_or_else(wrong)?;
                self.attribute(logical, attribute, at)
            }
            Value::List(items) => {
                let [logical, attribute] = items.as_slice() else { return Err(wrong()) };
                let logical = logical.as_str().filter(|text| !text.is_empty()).ok_or_else(wrong)?;
                let attribute = self.text(attribute, &wrong().message)?;
                // `[Nested.Outputs, Name]` says the same as `[Nested, Outputs.Name]`.
                match logical.split_once('.') {
                    Some((logical, begin)) => self.attribute(logical, &format!("{begin}.{attribute}"), at),
                    None if attribute.is_empty() => Err(wrong()),
                    None => self.attribute(logical, &attribute, at),
                }
            }
            _ => Err(wrong()),
        }
    }

    pub(super) fn attribute(&mut self, logical: &str, attribute: &str, at: Span) -> Evaluated<Node> {
        let node = self.made(self.attributes.attribute(logical, attribute), || {
            let message = format!("Template error: resource {logical} does not support attribute type {attribute} in Fn::GetAtt");
            TemplateError::new(message, at)
        })?;
        self.spend_node(&node, at)?;
        Ok(node)
    }

    /// What a resource tells; what it does not tell yet is unknown in a preview.
    fn made(&self, value: Option<serde_json::Value>, missing: impl FnOnce() -> TemplateError) -> Evaluated<Node> {
        match value {
            Some(value) => Ok(Node::from_json(&value)),
            None if self.preview => Ok(UNKNOWN.into()),
            None => Err(missing()),
        }
    }

    /// The name of the export that an argument of `Fn::ImportValue` says.
    pub(crate) fn export(&mut self, argument: &Node) -> Evaluated<String> {
        self.text(argument, "Template error: the attribute in Fn::ImportValue must be a string")
    }

    pub(super) fn import(&mut self, argument: &Node, at: Span) -> Evaluated<Node> {
        let name = self.export(argument)?;
        let value = self.attributes.import(&name);
        let value = value.ok_or_else(|| TemplateError::new(format!("No export named {name} found."), at))?;
        self.spend(value.len(), at)?;
        Ok(value.into())
    }

    /// Four arguments, the last of them `{DefaultValue: …}`, are of `AWS::LanguageExtensions`.
    pub(super) fn find_in_map(&mut self, argument: &Node, at: Span) -> Evaluated {
        let wrong = "Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value";
        let items = argument.as_list().unwrap_or_default();
        let (names, default) = match items {
            [a, b, c] => ([a, b, c], None),
            [a, b, c, last] if self.extended => ([a, b, c], Some(last.get("DefaultValue").ok_or_else(|| TemplateError::new(wrong, at))?)),
            _ => return Err(TemplateError::new(wrong, at)),
        };
        let mut texts = Vec::with_capacity(3);
        for name in names {
            texts.push(self.text(name, wrong)?);
        }
        let [map, key, attribute] = texts.as_slice() else { return Err(TemplateError::new(wrong, at)) };
        let mappings = &self.scope.mappings;
        let found = mappings.get(map).and_then(|map| map.get(key)).and_then(|key| key.get(attribute));
        match (found, default) {
            (Some(found), _) => {
                self.spend_node(found, at)?;
                Ok(Some(found.clone()))
            }
            (None, Some(default)) => self.value(default),
            (None, None) if !mappings.contains(map) => {
                let message = format!("Template error: Mapping named '{map}' is not present in the 'Mappings' section of template.");
                Err(TemplateError::new(message, at))
            }
            (None, None) => Err(TemplateError::new(format!("Template error: Unable to get mapping for {map}::{key}::{attribute}"), at)),
        }
    }

    pub(super) fn zones(&mut self, argument: &Node, at: Span) -> Evaluated<Node> {
        let region = self.text(argument, "Template error: every Fn::GetAZs object must have a String-typed value.")?;
        let region = if region.is_empty() { self.scope.pseudo.region.clone() } else { region };
        if is_unknown(&region.as_str().into()) {
            return Ok(UNKNOWN.into());
        }
        let zones: Vec<Node> = self.attributes.zones(&region).into_iter().map(Node::from).collect();
        self.spend(16 * zones.len(), at)?;
        Ok(zones.into())
    }
}
