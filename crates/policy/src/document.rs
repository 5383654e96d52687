//! A policy document, typed and compiled.

use crate::condition::Condition;
use crate::pattern::Pattern;
use crate::principal::PrincipalEntry;

/// A policy document, ready to answer requests. It is immutable and cheap to share.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    pub(crate) version: Version,
    pub(crate) id: Option<String>,
    pub(crate) statements: Vec<Statement>,
}

/// The language version of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// Also the one of a document without `Version`. Policy variables are plain text in it.
    V2008,
    /// The present version.
    V2012,
}

/// What a statement does when it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It lets the request pass unless another statement denies.
    Allow,
    /// It refuses the request, whatever others say.
    Deny,
}

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    pub(crate) sid: Option<String>,
    pub(crate) effect: Effect,
    /// `None` in identity policies, whose principal is their holder.
    pub(crate) principal: Option<Listed<PrincipalEntry>>,
    pub(crate) action: Listed<Pattern>,
    /// `None` in trust policies, whose resource is their holder.
    pub(crate) resource: Option<Listed<Pattern>>,
    pub(crate) conditions: Vec<Condition>,
}

/// A list, or with `negated` everything that is not in it (`NotAction`, …).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Listed<T> {
    pub(crate) negated: bool,
    pub(crate) entries: Vec<T>,
}

impl Policy {
    /// The language version.
    pub fn version(&self) -> Version {
        self.version
    }
    /// The `Id` element.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
    /// The statements, in the order written.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }
}

impl Statement {
    /// The `Sid` element.
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }
    /// Allow or deny.
    pub fn effect(&self) -> Effect {
        self.effect
    }
}
