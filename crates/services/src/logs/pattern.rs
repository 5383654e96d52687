//! Filter patterns of unstructured events: terms that must, may or must not be there.
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

/// A filter pattern.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pattern {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

impl Pattern {
    /// Reads a pattern. Patterns over JSON, space-delimited fields and regular expressions are refused by name.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(kind) = [('{', "JSON events"), ('[', "space-delimited events"), ('%', "regular expressions")]
            .iter()
            .find_map(|(start, kind)| text.starts_with(*start).then_some(kind))
        {
            return Err(format!("vpclab does not serve filter patterns of {kind} yet: {text}"));
        }
        if text.len() > 1024 {
            return Err("The filter pattern is longer than 1024 characters".to_owned());
        }
        let mut pattern = Self::default();
        let mut rest = text;
        while !rest.is_empty() {
            let (list, after) = match rest.split_at_checked(1) {
                Some(("?", after)) => (&mut pattern.any, after),
                Some(("-", after)) => (&mut pattern.none, after),
                _ => (&mut pattern.all, rest),
            };
            let (term, after) = match after.strip_prefix('"') {
                Some(quoted) => {
                    quoted.split_once('"').ok_or_else(|| format!("Invalid character(s) in term '{rest}': a quotation mark is missing"))?
                }
                None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
            };
            if !term.is_empty() {
                list.push(term.to_owned());
            }
            rest = after.trim_start();
        }
        Ok(pattern)
    }

    /// Whether an event passes. Terms are case-sensitive; with `?` terms one is enough, unless others must be there: then they do not count.
    pub(super) fn matches(&self, message: &str) -> bool {
        let there = |term: &String| message.contains(term.as_str());
        let may = self.any.is_empty() || !self.all.is_empty() || self.any.iter().any(there);
        self.all.iter().all(there) && !self.none.iter().any(there) && may
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn terms() {
        let passes = |pattern: &str, message: &str| Pattern::read(pattern).unwrap().matches(message);
        assert!(passes("", "anything"));
        assert!(passes("ERROR", "[ERROR] no"));
        assert!(!passes("ERROR", "error"));
        assert!(passes("ERROR timeout", "timeout ERROR") && !passes("ERROR timeout", "ERROR"));
        assert!(passes("?ERROR ?WARN", "WARN x") && !passes("?ERROR ?WARN", "INFO"));
        assert!(passes("-INFO", "ERROR") && !passes("-INFO ERROR", "INFO ERROR"));
        assert!(passes("\"two words\"", "has two words") && !passes("\"two words\"", "two other words"));
        for bad in ["{ $.x = 1 }", "[a, b]", "%x%", "\"open"] {
            assert!(Pattern::read(bad).is_err(), "{bad}");
        }
    }
}
