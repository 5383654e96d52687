//! Domain names as they are compared.
use serde::{Deserialize, Serialize};
use std::{cmp::Ordering, fmt, sync::Arc};

/// The longest name, dots counted, as Route 53 takes it.
const MAX_NAME: usize = 255;
/// The longest label.
const MAX_LABEL: usize = 63;

/// A domain name in lower case without the last dot; the root is empty.
///
/// A byte of a label that is no letter, digit, hyphen or underscore is written `\OOO`, its three octal digits, as Route 53 answers it: so
/// a label with a dot in it is never taken for two labels, and a wildcard is the label `\052`. Names are ordered by their labels from the
/// right: what lies below a name follows it directly.
/// Source: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html>
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DomainName(Arc<str>);

/// Why text is no domain name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDomainName {
    /// Nothing, or the root.
    #[error("DomainNameEmpty (Domain name is empty)")]
    Empty,
    /// More than 255 characters.
    #[error("DomainNameTooLong (Domain name is too long)")]
    TooLong,
    /// Two dots in a row, or a dot at the start.
    #[error("DomainLabelEmpty (Domain label is empty)")]
    LabelEmpty,
    /// A label of more than 63 characters.
    #[error("DomainLabelTooLong (Domain label is too long)")]
    LabelTooLong,
    /// A character outside ASCII, a blank or a control character.
    #[error("UnsupportedCharacter (Value contains unsupported characters)")]
    Character,
    /// A backslash without three octal digits.
    #[error("InvalidEscapeCode (Value contains an invalid escape code)")]
    Escape,
}

impl DomainName {
    /// The label of a wildcard.
    pub const WILDCARD: &'static str = "\\052";

    /// A name from its labels, the leftmost first.
    pub fn from_labels<'a>(labels: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut text = String::new();
        for (n, label) in labels.into_iter().enumerate() {
            if n > 0 {
                text.push('.');
            }
            for byte in label {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => text.push(char::from(byte.to_ascii_lowercase())),
                    _ => text.push_str(&format!("\\{byte:03o}")),
                }
            }
        }
        Self(text.into())
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

    /// Reads a name as Route 53 does: with or without the last dot, other characters as they are or as `\OOO`.
    ///
    /// # Errors
    /// Text that is no name.
    pub fn parse(text: &str) -> Result<Self, NoDomainName> {
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.is_empty() {
            return Err(NoDomainName::Empty);
        }
        let mut labels: Vec<Vec<u8>> = vec![Vec::new()];
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            let byte = match byte {
                b'.' => {
                    labels.push(Vec::new());
                    continue;
                }
                b'\\' => octal([bytes.next(), bytes.next(), bytes.next()]).ok_or(NoDomainName::Escape)?,
                0x21..=0x7e => byte,
                _ => return Err(NoDomainName::Character),
            };
            if let Some(label) = labels.last_mut() {
                label.push(byte);
            }
        }
        for label in &labels {
            match label.len() {
                0 => return Err(NoDomainName::LabelEmpty),
                1..=MAX_LABEL => {}
                _ => return Err(NoDomainName::LabelTooLong),
            }
        }
        if labels.iter().map(|label| label.len() + 1).sum::<usize>() > MAX_NAME {
            return Err(NoDomainName::TooLong);
        }
        Ok(Self::from_labels(labels.iter().map(Vec::as_slice)))
    }

    /// The name as text without the last dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name with its last dot.
    #[must_use]
    pub fn with_dot(&self) -> String {
        format!("{}.", self.0)
    }

    /// The labels, the leftmost first.
    pub fn labels(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('.').filter(|label| !label.is_empty())
    }

    /// The name without its first label; the root has none above it.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        if self.0.is_empty() {
            return None;
        }
        Some(Self(self.0.split_once('.').map_or("", |(_, rest)| rest).into()))
    }

    /// The wildcard that stands directly below this name.
    #[must_use]
    pub fn wildcard(&self) -> Self {
        Self(format!("{}.{}", Self::WILDCARD, self.0).into())
    }

    /// Whether the first label is a wildcard's.
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.labels().next() == Some(Self::WILDCARD)
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
        self.0.is_empty() && !zone.is_empty() || zone.strip_suffix(&*self.0).is_some_and(|before| before.ends_with('.'))
    }
}

/// The byte of three octal digits.
pub(crate) fn octal(digits: [Option<u8>; 3]) -> Option<u8> {
    digits.into_iter().try_fold(0u8, |sum, digit| {
        let digit = digit?.checked_sub(b'0').filter(|digit| *digit < 8)?;
        sum.checked_mul(8)?.checked_add(digit)
    })
}

impl Default for DomainName {
    fn default() -> Self {
        Self("".into())
    }
}

impl Ord for DomainName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.labels().rev().cmp(other.labels().rev())
    }
}

impl PartialOrd for DomainName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl TryFrom<String> for DomainName {
    type Error = NoDomainName;
    fn try_from(text: String) -> Result<Self, NoDomainName> {
        if text.is_empty() { Ok(Self::default()) } else { Self::parse(&text) }
    }
}

impl From<DomainName> for String {
    fn from(name: DomainName) -> Self {
        name.0.as_ref().to_owned()
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
        assert_eq!(name.as_str(), "a\\056b.com");
        assert_eq!(DomainName::from_text("Foo.COM.").as_str(), "foo.com");
        assert_eq!(DomainName::from_text(".").as_str(), "");
    }

    #[test]
    fn text_is_read_as_route_53_does() {
        let read = |text: &str| DomainName::parse(text).map(|name| name.as_str().to_owned());
        for wildcard in ["*.Example.com.", "\\052.example.com"] {
            assert_eq!(read(wildcard).unwrap(), "\\052.example.com");
            assert!(DomainName::parse(wildcard).unwrap().is_wildcard());
        }
        assert_eq!(read("_x.a-b.com").unwrap(), "_x.a-b.com");
        assert_eq!(read("a/b.com").unwrap(), "a\\057b.com");
        assert_eq!(read("\\101b.com").unwrap(), "ab.com", "an escaped letter is that letter");
        assert_eq!(read("."), Err(NoDomainName::Empty));
        assert_eq!(read("a..b"), Err(NoDomainName::LabelEmpty));
        assert_eq!(read("a b"), Err(NoDomainName::Character));
        assert_eq!(read("é.com"), Err(NoDomainName::Character));
        for escape in ["a\\", "a\\05", "a\\08a", "a\\777"] {
            assert_eq!(read(escape), Err(NoDomainName::Escape), "{escape}");
        }
        assert_eq!(read(&"x".repeat(64)), Err(NoDomainName::LabelTooLong));
        assert_eq!(read(&vec!["x".repeat(63); 4].join(".")), Err(NoDomainName::TooLong));
        let kept = DomainName::parse("*.a.b").unwrap();
        assert_eq!(DomainName::try_from(String::from(kept.clone())), Ok(kept), "what is kept can be read again");
    }

    #[test]
    fn what_lies_below_a_name_follows_it() {
        let mut names: Vec<_> =
            ["b.com", "a.b.com", "z.a.b.com", "a-b.com", "c.com", "*.b.com", "com", "a.b.org"].map(DomainName::from_text).into();
        names.sort();
        let names: Vec<_> = names.iter().map(DomainName::as_str).collect();
        assert_eq!(names, ["com", "a-b.com", "b.com", "\\052.b.com", "a.b.com", "z.a.b.com", "c.com", "a.b.org"]);
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
