//! What AWS's front doors check before an operation runs: lengths, ranges, enumerations and patterns of the interface.
//!
//! The words are those of AWS's common validation:
//! `1 validation error detected: Value 'x' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [A, B]`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use fancy_regex::Regex;

use crate::WireError;
use crate::protocol::At;

/// The most violations that one answer lists.
const MOST_NAMED: usize = 20;

/// The limits of one shape: of a text's length, a number's value, or a list's or map's count.
#[derive(Debug)]
pub struct Limit {
    least: Option<i64>,
    most: Option<i64>,
    values: &'static [&'static str],
    pattern: Option<&'static str>,
    compiled: OnceLock<Option<Regex>>,
    secret: bool,
}

impl Limit {
    /// No limit.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "`Default::default` cannot build a static")]
    pub const fn new() -> Self {
        Self { least: None, most: None, values: &[], pattern: None, compiled: OnceLock::new(), secret: false }
    }

    /// At least this long, large or many.
    #[must_use]
    pub const fn least(mut self, least: i64) -> Self {
        self.least = Some(least);
        self
    }

    /// At most this long, large or many.
    #[must_use]
    pub const fn most(mut self, most: i64) -> Self {
        self.most = Some(most);
        self
    }

    /// One of these texts.
    #[must_use]
    pub const fn one_of(mut self, values: &'static [&'static str]) -> Self {
        self.values = values;
        self
    }

    /// A text that the whole of a regular expression matches, in Java's syntax.
    #[must_use]
    pub const fn pattern(mut self, pattern: &'static str) -> Self {
        self.pattern = Some(pattern);
        self
    }

    /// A value that no message repeats.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// What a text violates.
    fn of_text(&self, text: &str) -> Option<String> {
        if !self.values.is_empty() && !self.values.contains(&text) {
            return Some(format!("Member must satisfy enum value set: [{}]", self.values.join(", ")));
        }
        if let Some(why) = self.of_number(count(text.encode_utf16().count()), "length") {
            return Some(why);
        }
        let (pattern, regex) = self.pattern.zip(self.regex())?;
        // A text on which the search gives up is not one that the pattern is seen to match.
        (!regex.is_match(text).unwrap_or(false)).then(|| format!("Member must satisfy regular expression pattern: {pattern}"))
    }

    fn of_number(&self, number: i64, what: &str) -> Option<String> {
        match (self.least, self.most) {
            (Some(least), _) if number < least => Some(format!("Member must have {what} greater than or equal to {least}")),
            (_, Some(most)) if number > most => Some(format!("Member must have {what} less than or equal to {most}")),
            _ => None,
        }
    }

    fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| self.pattern.and_then(|pattern| compile(pattern).ok())).as_ref()
    }

    fn shown(&self, text: &str) -> String {
        if self.secret { "***Sensitive Data Redacted***".to_owned() } else { text.to_owned() }
    }
}

/// The pattern over the whole text; `\w` and `\d` are ASCII in Java.
pub(crate) fn compile(pattern: &str) -> Result<Regex, Box<fancy_regex::Error>> {
    let ascii = pattern.replace(r"\w", "[A-Za-z0-9_]").replace(r"\d", "[0-9]");
    Regex::new(&format!("^(?:{ascii})$")).map_err(Box::new)
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A scalar that has limits.
pub trait Limited: fmt::Display {
    /// What it violates.
    fn violates(&self, limit: &Limit) -> Option<String>;
}

impl Limited for String {
    fn violates(&self, limit: &Limit) -> Option<String> {
        limit.of_text(self)
    }
}

impl Limited for i32 {
    fn violates(&self, limit: &Limit) -> Option<String> {
        limit.of_number(i64::from(*self), "value")
    }
}

impl Limited for i64 {
    fn violates(&self, limit: &Limit) -> Option<String> {
        limit.of_number(*self, "value")
    }
}

/// A structure whose members have limits.
pub trait Limits {
    /// Notes what its members violate.
    fn limits(&self, at: &At<'_>, wrong: &mut Wrong);
}

/// The violations found so far.
#[derive(Debug, Default)]
pub struct Wrong(Vec<String>);

impl Wrong {
    /// The refusal of everything that `request` violates.
    pub fn check<T: Limits>(request: &T, at: &At<'_>) -> Result<(), WireError> {
        let mut wrong = Self::default();
        request.limits(at, &mut wrong);
        let found = wrong.0.len();
        if found == 0 {
            return Ok(());
        }
        wrong.0.truncate(MOST_NAMED);
        let plural = if found == 1 { "" } else { "s" };
        Err(at.violated(format!("{found} validation error{plural} detected: {}", wrong.0.join("; "))))
    }

    fn add(&mut self, at: &At<'_>, value: &str, why: &str) {
        let value: String = value.chars().take(1000).collect();
        self.0.push(format!("Value '{value}' at '{}' failed to satisfy constraint: {why}", at.member_path()));
    }

    /// A scalar.
    pub fn one<T: Limited>(&mut self, at: &At<'_>, name: &str, value: Option<&T>, limit: &Limit) {
        if let Some(value) = value
            && let Some(why) = value.violates(limit)
        {
            self.add(&at.member(name), &limit.shown(&value.to_string()), &why);
        }
    }

    /// A list of texts.
    pub fn list(&mut self, at: &At<'_>, name: &str, values: &[String], limit: Option<&Limit>, items: Option<&Limit>) {
        let at = at.member(name);
        self.count(&at, values.len(), || format!("[{}]", values.join(", ")), limit);
        if let Some(items) = items
            && let Some(why) = values.iter().find_map(|value| items.of_text(value))
        {
            self.add(&at, &items.shown(&format!("[{}]", values.join(", "))), &format!("Member must satisfy constraint: [{why}]"));
        }
    }

    /// A list of structures.
    pub fn structures<T: Limits + fmt::Debug>(&mut self, at: &At<'_>, name: &str, values: &[T], limit: Option<&Limit>) {
        let at = at.member(name);
        self.count(&at, values.len(), || format!("[{} items]", values.len()), limit);
        for (index, value) in values.iter().enumerate() {
            let number = (index + 1).to_string();
            value.limits(&at.member(&number).member("member"), self);
        }
    }

    /// A map of texts.
    pub fn map(
        &mut self,
        at: &At<'_>,
        name: &str,
        map: &BTreeMap<String, String>,
        limit: Option<&Limit>,
        keys: Option<&Limit>,
        values: Option<&Limit>,
    ) {
        let at = at.member(name);
        let secret = [keys, values].iter().any(|limit| limit.is_some_and(|limit| limit.secret));
        let shown = || {
            let pairs: Vec<String> = map.iter().map(|(key, value)| format!("{key}={value}")).collect();
            if secret { "***Sensitive Data Redacted***".to_owned() } else { format!("{{{}}}", pairs.join(", ")) }
        };
        self.count(&at, map.len(), shown, limit);
        if let Some(why) = keys.and_then(|limit| map.keys().find_map(|key| limit.of_text(key))) {
            self.add(&at, &shown(), &format!("Map keys must satisfy constraint: [{why}]"));
        }
        if let Some(why) = values.and_then(|limit| map.values().find_map(|value| limit.of_text(value))) {
            self.add(&at, &shown(), &format!("Map value must satisfy constraint: [{why}]"));
        }
    }

    /// A list or map that is not there is empty here, so an empty one is let through.
    fn count(&mut self, at: &At<'_>, number: usize, shown: impl Fn() -> String, limit: Option<&Limit>) {
        if number > 0
            && let Some(why) = limit.and_then(|limit| limit.of_number(count(number), "length"))
        {
            self.add(at, &shown(), &why);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        static NAME: Limit = Limit::new().least(1).most(4).pattern(r"[\w-]+");
        assert_eq!(NAME.of_text("a-b_"), None);
        assert_eq!(NAME.of_text("").unwrap(), "Member must have length greater than or equal to 1");
        assert_eq!(NAME.of_text("abcde").unwrap(), "Member must have length less than or equal to 4");
        assert_eq!(NAME.of_text("a b").unwrap(), r"Member must satisfy regular expression pattern: [\w-]+");
        assert_eq!(NAME.of_text("é").unwrap(), r"Member must satisfy regular expression pattern: [\w-]+");
        static STATUS: Limit = Limit::new().one_of(&["Active", "Inactive"]);
        assert_eq!(STATUS.of_text("active").unwrap(), "Member must satisfy enum value set: [Active, Inactive]");
    }
}
