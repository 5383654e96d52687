//! `Fn::ForEach`: a fragment once for each value of a collection.
use crate::{
    Map, Node, Span, TemplateError, Value,
    evaluate::{Evaluator, Nothing, Scope},
};

/// How much all loops of a template may write, in bytes and values.
pub(super) const BUDGET: usize = 8 << 20;
const KEY: &str = "Fn::ForEach::";

/// The node with its loops written out. Each round substitutes the loop's identifier and goes on inside the fragment, so that the
/// recursion follows the tree, whose depth is bounded.
pub(super) fn expand(node: &Node, scope: &Scope, budget: &mut usize) -> Result<Node, TemplateError> {
    spend(budget, 16, node.at)?;
    let value = match &node.value {
        Value::List(items) => Value::List(items.iter().map(|item| expand(item, scope, budget)).collect::<Result<_, _>>()?),
        Value::Map(map) => {
            let mut done = Map::new();
            for (key, key_at, item) in map.entries() {
                if key.starts_with(KEY) {
                    rounds(item, scope, budget, &mut done)?;
                } else {
                    put(&mut done, key, key_at, expand(item, scope, budget)?)?;
                }
            }
            Value::Map(done)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => node.value.clone(),
    };
    Ok(Node { value, at: node.at })
}

fn rounds(argument: &Node, scope: &Scope, budget: &mut usize, done: &mut Map) -> Result<(), TemplateError> {
    let wrong = || TemplateError::new("Fn::ForEach layout is incorrect", argument.at);
    let Some([identifier, collection, fragment]) = argument.as_list() else { return Err(wrong()) };
    let identifier = identifier.as_str().filter(|name| !name.is_empty()).ok_or_else(wrong)?;
    if fragment.as_map().is_none() {
        return Err(wrong());
    }
    let collection = Evaluator::extended(scope, &Nothing).value(collection)?.ok_or_else(wrong)?;
    let collection = collection.as_list().ok_or_else(|| TemplateError::new("Fn::ForEach collection must be a list", argument.at))?;
    for value in collection {
        let value =
            value.scalar_text().ok_or_else(|| TemplateError::new("Fn::ForEach collection must be a list of strings", argument.at))?;
        let round = Round { identifier, plain: format!("${{{identifier}}}"), stripped: format!("&{{{identifier}}}"), value: &value };
        let written = expand(&round.substitute(fragment, budget)?, scope, budget)?;
        for (key, key_at, node) in written.as_map().into_iter().flat_map(Map::entries) {
            put(done, key, key_at, node.clone())?;
        }
    }
    Ok(())
}

fn put(done: &mut Map, key: &str, key_at: Span, node: Node) -> Result<(), TemplateError> {
    if done.contains(key) {
        return Err(TemplateError::new(format!("Duplicate key '{key}' when merging keys to parent object in Fn::ForEach"), key_at));
    }
    done.insert_at(key, key_at, node);
    Ok(())
}

/// One value of a loop.
struct Round<'a> {
    identifier: &'a str,
    /// `${Identifier}`.
    plain: String,
    /// `&{Identifier}`, which stands for the letters and digits of the value.
    stripped: String,
    value: &'a str,
}

impl Round<'_> {
    fn substitute(&self, node: &Node, budget: &mut usize) -> Result<Node, TemplateError> {
        spend(budget, 16, node.at)?;
        let value = match &node.value {
            Value::String(text) => Value::String(self.text(text, budget, node.at)?),
            Value::List(items) => Value::List(items.iter().map(|item| self.substitute(item, budget)).collect::<Result<_, _>>()?),
            Value::Map(map) => match node.function() {
                Some(("Ref", Node { value: Value::String(name), .. })) if name == self.identifier => Value::String(self.value.to_owned()),
                _ => {
                    let mut done = Map::new();
                    for (key, key_at, item) in map.entries() {
                        let key = self.text(key, budget, key_at)?;
                        put(&mut done, &key, key_at, self.substitute(item, budget)?)?;
                    }
                    Value::Map(done)
                }
            },
            Value::Null | Value::Bool(_) | Value::Number(_) => node.value.clone(),
        };
        Ok(Node { value, at: node.at })
    }

    fn text(&self, text: &str, budget: &mut usize, at: Span) -> Result<String, TemplateError> {
        let mut done = text.replace(&self.plain, self.value);
        if done.contains(&self.stripped) {
            let letters: String = self.value.chars().filter(char::is_ascii_alphanumeric).collect();
            done = done.replace(&self.stripped, &letters);
        }
        spend(budget, done.len(), at)?;
        Ok(done)
    }
}

fn spend(budget: &mut usize, cost: usize, at: Span) -> Result<(), TemplateError> {
    *budget = budget.checked_sub(cost).ok_or_else(|| TemplateError::new("Fn::ForEach writes too much", at))?;
    Ok(())
}
