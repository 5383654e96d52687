//! Domain names as they are compared.
use std::fmt;

/// A domain name in lower case without the last dot; the root is empty.
///
/// A byte of a label that is no printable character, or that is a dot or a backslash, is written `\DDD`, so that a label with a dot
/// in it is never taken for two labels.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(String);

impl DomainName {
    /// A name from its labels, the leftmost first.
    pub fn from_labels<'a>(labels: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut text = String::new();
        for (n, label) in labels.into_iter().enumerate() {
            if n > 0 {
                text.push('.');
            }
            for byte in label {
                match byte {
                    b'.' | b'\\' => text.push_str(&format!("\\{byte:03}")),
                    0x21..=0x7e => text.push(char::from(byte.to_ascii_lowercase())),
                    _ => text.push_str(&format!("\\{byte:03}")),
                }
            }
        }
        Self(text)
    }

    /// A name from text as people write it; a last dot is left away. Escapes are not read.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.is_empty() {
            return Self::default();
        }
        Self::from_labels(text.split('.').map(str::as_bytes))
    }

    /// The name as text without the last dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The labels, the leftmost first.
    pub fn labels(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('.').filter(|label| !label.is_empty())
    }

    /// What stands before a zone: `Some("")` for the zone itself, `None` for a name outside.
    #[must_use]
    pub fn within(&self, zone: &str) -> Option<&str> {
        if zone.is_empty() {
            return Some(&self.0);
        }
        match self.0.strip_suffix(zone)? {
            "" => Some(""),
            before => before.strip_suffix('.'),
        }
    }

    /// Whether the name lies strictly above a zone, so that it exists without records of its own.
    #[must_use]
    pub fn is_above(&self, zone: &str) -> bool {
        self.0.is_empty() && !zone.is_empty() || zone.strip_suffix(&self.0).is_some_and(|before| before.ends_with('.'))
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str(".") } else { f.write_str(&self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fold_case_and_escape_dots() {
        let name = DomainName::from_labels([b"A.b".as_slice(), b"Com"]);
        assert_eq!(name.as_str(), "a\\046b.com");
        assert_eq!(DomainName::from_text("Foo.COM.").as_str(), "foo.com");
        assert_eq!(DomainName::from_text(".").as_str(), "");
    }

    #[test]
    fn zones_begin_at_label_boundaries() {
        let name = DomainName::from_text("a.example.com");
        assert_eq!(name.within("example.com"), Some("a"));
        assert_eq!(name.within("a.example.com"), Some(""));
        assert_eq!(name.within("ample.com"), None);
        assert_eq!(name.within(""), Some("a.example.com"));
        assert!(DomainName::from_text("com").is_above("example.com"));
        assert!(!DomainName::from_text("om").is_above("example.com"));
        assert!(!DomainName::from_text("example.com").is_above("example.com"));
        assert!(DomainName::from_text("").is_above("com"));
    }
}
