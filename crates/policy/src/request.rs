//! What a policy is asked about: who calls, which action, which resource, and the context keys of the call.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// One question to a policy.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Who calls.
    pub principal: CallerPrincipal<'a>,
    /// `service:Name`.
    pub action: &'a str,
    /// The full ARN of what is called.
    pub resource: &'a str,
    /// The context keys.
    pub keys: &'a dyn ContextKeys,
}

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerPrincipal<'a> {
    /// No signature.
    Anonymous,
    /// An AWS identity.
    Aws {
        /// Its 12-digit account.
        account: &'a str,
        /// Its ARN.
        arn: &'a str,
        /// For a role session, the ARN of the role.
        role: Option<&'a str>,
    },
    /// An AWS service, `lambda.amazonaws.com`.
    Service(&'a str),
    /// The caller does not know who would call.
    Unknown,
}

/// What the context holds for one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<'a> {
    /// The key is not in the context.
    Absent,
    /// The caller cannot say; the answer may be [`crate::DecisionEffect::Undetermined`].
    Unknown,
    /// The key has one value.
    One(Cow<'a, str>),
    /// The key is multivalued.
    Many(Cow<'a, [String]>),
}

impl Found<'_> {
    pub(crate) fn values(&self) -> FoundValues<'_> {
        match self {
            Found::Absent | Found::Unknown => FoundValues { one: None, many: [].iter() },
            Found::One(value) => FoundValues { one: Some(value.as_ref()), many: [].iter() },
            Found::Many(values) => FoundValues { one: None, many: values.iter() },
        }
    }
}

#[derive(Clone)]
pub(crate) struct FoundValues<'a> {
    one: Option<&'a str>,
    many: std::slice::Iter<'a, String>,
}

impl<'a> Iterator for FoundValues<'a> {
    type Item = &'a str;
    fn next(&mut self) -> Option<&'a str> {
        self.one.take().or_else(|| self.many.next().map(String::as_str))
    }
}

/// The context of a call: a lookup by lower-case key (`aws:sourcevpce`), because IAM compares keys without case.
pub trait ContextKeys {
    /// The value of the key, which is given in lower case.
    fn find(&self, lower_case_key: &str) -> Found<'_>;
}

/// A context without keys.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoKeys;

impl ContextKeys for NoKeys {
    fn find(&self, _lower_case_key: &str) -> Found<'_> {
        Found::Absent
    }
}

/// A context held in a map, for tests and for questions asked in advance.
#[derive(Debug, Clone, Default)]
pub struct MapKeys(BTreeMap<String, Held>);

#[derive(Debug, Clone)]
enum Held {
    Unknown,
    One(String),
    Many(Vec<String>),
}

impl MapKeys {
    /// An empty context.
    pub fn new() -> Self {
        Self::default()
    }
    /// Adds a key with one value.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.0.insert(key.to_lowercase(), Held::One(value.into()));
        self
    }
    /// Adds a multivalued key.
    #[must_use]
    pub fn with_many<S: Into<String>>(mut self, key: &str, values: impl IntoIterator<Item = S>) -> Self {
        self.0.insert(key.to_lowercase(), Held::Many(values.into_iter().map(Into::into).collect()));
        self
    }
    /// Marks a key as unknown to the caller.
    #[must_use]
    pub fn with_unknown(mut self, key: &str) -> Self {
        self.0.insert(key.to_lowercase(), Held::Unknown);
        self
    }
}

impl ContextKeys for MapKeys {
    fn find(&self, lower_case_key: &str) -> Found<'_> {
        match self.0.get(lower_case_key) {
            None => Found::Absent,
            Some(Held::Unknown) => Found::Unknown,
            Some(Held::One(value)) => Found::One(Cow::Borrowed(value)),
            Some(Held::Many(values)) => Found::Many(Cow::Borrowed(values)),
        }
    }
}
