//! What is wrong with a template, and where.
use crate::Span;
use std::fmt;

/// Why a template was refused: AWS's text, and the place in the template's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// AWS's text.
    pub message: String,
    /// Where; [`Span::NONE`] if it is no place in the text, such as a parameter's value.
    pub at: Span,
    /// What AWS does not tell: more about the cause.
    pub detail: Option<String>,
}

impl TemplateError {
    /// An error with AWS's text at a place.
    pub fn new(message: impl Into<String>, at: Span) -> TemplateError {
        TemplateError { message: message.into(), at, detail: None }
    }

    /// An error "Template format error: …" at a place.
    pub fn format(why: impl fmt::Display, at: Span) -> TemplateError {
        TemplateError::new(format!("Template format error: {why}"), at)
    }

    /// An error that has no place in the text.
    pub fn nowhere(message: impl Into<String>) -> TemplateError {
        TemplateError::new(message, Span::NONE)
    }

    /// The same with more about the cause.
    #[must_use]
    pub fn because(mut self, detail: impl Into<String>) -> TemplateError {
        self.detail = Some(detail.into());
        self
    }
}

/// AWS's text, then `(line 3, column 5)`, then the detail.
impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if self.at != Span::NONE {
            write!(f, " ({})", self.at)?;
        }
        self.detail.as_ref().map_or(Ok(()), |detail| write!(f, ": {detail}"))
    }
}

impl std::error::Error for TemplateError {}
