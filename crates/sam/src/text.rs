//! Texts, as the transform's Python sees them.
use std::{
    borrow::Borrow,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

/// A text. Deployments are named by a digest of the definition as Python 2.7 printed it, so a text of the template (`u'a'`) is told
/// from one of the transform itself (`'a'`). Equality and order ask for the letters alone.
#[derive(Clone)]
pub(crate) struct Text {
    letters: Arc<str>,
    /// Written in the template.
    pub(crate) given: bool,
}

impl Text {
    pub(crate) fn own(letters: impl Into<Arc<str>>) -> Text {
        Text { letters: letters.into(), given: false }
    }

    pub(crate) fn given(letters: impl Into<Arc<str>>) -> Text {
        Text { letters: letters.into(), given: true }
    }

    /// Other letters of the same origin.
    pub(crate) fn like(&self, letters: impl Into<Arc<str>>) -> Text {
        Text { letters: letters.into(), given: self.given }
    }

    pub(crate) fn plus(&self, suffix: impl fmt::Display) -> Text {
        self.like(format!("{}{suffix}", self.letters))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.letters
    }
}

impl std::ops::Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        &self.letters
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.letters
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.letters.hash(state);
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        self.letters == other.letters
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Text) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Text) -> std::cmp::Ordering {
        self.letters.cmp(&other.letters)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.letters)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl From<&str> for Text {
    fn from(letters: &str) -> Text {
        Text::own(letters)
    }
}

impl From<String> for Text {
    fn from(letters: String) -> Text {
        Text::own(letters)
    }
}

impl From<&Text> for Text {
    fn from(text: &Text) -> Text {
        text.clone()
    }
}
