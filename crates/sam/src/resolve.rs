//! References to parameters, where AWS's transform replaces them; then those to resources whose ids it made.
use crate::{
    fault::{Fault, Out},
    print,
    text::Text,
    value::{Dict, Kind, Val},
};
use indexmap::IndexMap;
use std::ops::Range;

/// Values of parameters.
pub(crate) struct Parameters(IndexMap<String, Val>);

impl Parameters {
    pub(crate) fn new(values: impl IntoIterator<Item = (String, Val)>) -> Parameters {
        Parameters(values.into_iter().collect())
    }

    fn get(&self, name: &str) -> Option<&Val> {
        self.0.get(name).filter(|val| !val.text().is_some_and(|text| text.starts_with("{{IntrinsicFunction:")))
    }

    /// The value with its references to parameters replaced. Inside of the given value they are replaced too, save when it is itself
    /// a `Ref`; so what AWS's transform replaces while it looks shows in its output, and here.
    pub(crate) fn resolve(&self, val: &mut Val) -> Out<Val> {
        if let Some(replacement) = self.reference(val) {
            let mut replacement = replacement.clone();
            self.inside(&mut replacement)?;
            return Ok(replacement);
        }
        self.replace(val)?;
        Ok(val.clone())
    }

    pub(crate) fn replace(&self, val: &mut Val) -> Out<()> {
        if let Some(replacement) = self.reference(val) {
            let at = val.at;
            *val = replacement.clone();
            val.at = at.or(val.at);
        } else {
            substitute(val, |whole, name| self.get(name).cloned().unwrap_or_else(|| whole.into()))?;
        }
        self.inside(val)
    }

    fn inside(&self, val: &mut Val) -> Out<()> {
        match &mut val.kind {
            Kind::List(items) => items.iter_mut().try_for_each(|item| self.replace(item)),
            Kind::Dict(dict) => dict.values_mut().try_for_each(|val| self.replace(val)),
            _ => Ok(()),
        }
    }

    fn reference(&self, val: &Val) -> Option<&Val> {
        let (name, argument) = val.dict()?.only()?;
        if name.as_str() == "Ref" { self.get(argument.text()?) } else { None }
    }
}

/// The variables `${A.b}` and `${AWS::B}` of a text and their places.
fn variables(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(open) = text.get(start..).and_then(|rest| rest.find("${")).map(|offset| start + offset) {
        let inside = text.get(open + 2..).unwrap_or("");
        let name = inside.find('}').and_then(|end| inside.get(..end)).filter(|name| is_variable(name));
        start = open + 2;
        if let Some(name) = name {
            start += name.len() + 1;
            found.push((open..start, name));
        }
    }
    found
}

fn is_variable(name: &str) -> bool {
    let plain = !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'.');
    plain
        || name
            .strip_prefix("AWS::")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()) && rest.bytes().all(|c| c.is_ascii_alphabetic()))
}

/// Replaces the variables of a `Fn::Sub`.
fn substitute(val: &mut Val, replacement: impl Fn(&str, &str) -> Val) -> Out<()> {
    if val.dict().and_then(Dict::only).is_none_or(|(name, _)| name.as_str() != "Fn::Sub") {
        return Ok(());
    }
    let Some(argument) = val.get_mut("Fn::Sub") else { return Ok(()) };
    let template = match &mut argument.kind {
        Kind::List(items) => match items.first_mut() {
            Some(first) => first,
            None => return Ok(()),
        },
        _ => argument,
    };
    let Kind::Text(text) = &mut template.kind else { return Ok(()) };
    let mut out = text.to_string();
    for (place, name) in variables(text) {
        let whole = text.get(place).unwrap_or("");
        let new = replacement(whole, name);
        let Some(new) = new.text() else {
            return Err(Fault::document(format!(
                "Invalid Fn::Sub variable value {}. Fn::Sub expects all variables to be strings.",
                print::str(&new)
            )));
        };
        out = out.replacen(whole, new, 1);
    }
    *text = text.like(out);
    Ok(())
}

/// The ids that the transform gave to resources.
#[derive(Default)]
pub(crate) struct Renamed {
    /// A resource by its old id.
    pub(crate) ids: IndexMap<Text, Text>,
    /// What stands for `Api.Stage`: by id and word.
    pub(crate) parts: IndexMap<(Text, &'static str), Text>,
}

impl Renamed {
    /// Writes the new ids into the whole template.
    pub(crate) fn apply(&self, template: &mut Val) -> Out<()> {
        if !self.ids.is_empty() {
            self.depends_on(template);
            self.each(template, &|val| self.by_id(val))?;
        }
        if self.parts.is_empty() { Ok(()) } else { self.each(template, &|val| self.by_part(val)) }
    }

    fn part(&self, id: &str, word: &str) -> Option<&Text> {
        self.parts.iter().find(|((own, name), _)| own.as_str() == id && *name == word).map(|(_, made)| made)
    }

    fn depends_on(&self, val: &mut Val) {
        if let Some(list) = val.get_mut("DependsOn") {
            let items = match &mut list.kind {
                Kind::List(items) => items.as_mut_slice(),
                _ => std::slice::from_mut(list),
            };
            for item in items {
                if let Some(new) = item.text().and_then(|id| self.ids.get(id.as_str())) {
                    item.kind = Kind::Text(new.clone());
                }
            }
        }
        match &mut val.kind {
            Kind::List(items) => items.iter_mut().for_each(|item| self.depends_on(item)),
            Kind::Dict(dict) => dict.values_mut().for_each(|val| self.depends_on(val)),
            _ => {}
        }
    }

    fn each(&self, val: &mut Val, change: &impl Fn(&mut Val) -> Out<()>) -> Out<()> {
        change(val)?;
        match &mut val.kind {
            Kind::List(items) => items.iter_mut().try_for_each(|item| self.each(item, change)),
            Kind::Dict(dict) => dict.values_mut().try_for_each(|val| self.each(val, change)),
            _ => Ok(()),
        }
    }

    fn by_id(&self, val: &mut Val) -> Out<()> {
        if let Some(new) = ref_argument(val).filter(|id| !id.contains('.')).and_then(|id| self.ids.get(id.as_str())).cloned() {
            set(val, "Ref", new.into());
        } else if let Some(path) = attribute_path(val)
            && let Some((id, rest)) = path.split_first()
            && let Some(new) = self.ids.get(id.as_str())
        {
            let path = std::iter::once(new.clone()).chain(rest.iter().map(|part| part.as_str().into()));
            set(val, "Fn::GetAtt", path.map(Val::from).collect::<Vec<_>>().into());
        }
        substitute(val, |whole, name| {
            let id = name.split('.').next().unwrap_or("");
            self.ids.get(id).map_or_else(|| whole.into(), |new| whole.replace(id, new).into())
        })
    }

    fn by_part(&self, val: &mut Val) -> Out<()> {
        if let Some(new) = ref_argument(val).and_then(|path| path.split_once('.')).and_then(|(id, word)| self.part(id, word)).cloned() {
            set(val, "Ref", new.into());
        } else if let Some(path) = attribute_path(val)
            && let [id, word, rest @ ..] = path.as_slice()
            && let Some(new) = self.part(id, word)
        {
            let path = std::iter::once(new.clone()).chain(rest.iter().map(|part| part.as_str().into()));
            set(val, "Fn::GetAtt", path.map(Val::from).collect::<Vec<_>>().into());
        }
        substitute(val, |whole, name| {
            let mut parts = name.split('.');
            match (parts.next(), parts.next()) {
                (Some(id), Some(word)) => {
                    self.part(id, word).map_or_else(|| whole.into(), |new| whole.replace(&format!("{id}.{word}"), new).into())
                }
                _ => whole.into(),
            }
        })
    }
}

fn ref_argument(val: &Val) -> Option<&Text> {
    val.dict()?.only().filter(|(name, _)| name.as_str() == "Ref")?.1.text()
}

/// The parts of a `Fn::GetAtt` that is a list of texts.
fn attribute_path(val: &Val) -> Option<Vec<String>> {
    let (_, argument) = val.dict()?.only().filter(|(name, _)| name.as_str() == "Fn::GetAtt")?;
    let items = argument.list().filter(|items| items.len() >= 2)?;
    let texts: Option<Vec<&str>> = items.iter().map(|item| item.text().map(Text::as_str)).collect();
    Some(texts?.join(".").split('.').map(str::to_owned).collect())
}

fn set(val: &mut Val, name: &str, argument: Val) {
    if let Some(dict) = val.dict_mut() {
        dict.insert(name, argument);
    }
}
