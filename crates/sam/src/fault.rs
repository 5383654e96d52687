//! Why a template is refused, in the words of AWS SAM.
use crate::text::Text;
use std::fmt;
use vpclab_template::Span;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// AWS's text.
    pub message: String,
    /// The logical id that it names.
    pub logical_id: Option<String>,
    /// Where the resource is written; [`Span::NONE`] if it is not known.
    pub at: Span,
}

/// A template that could not be transformed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The template is wrong, or asks for what vpclab does not build.
    Invalid(Vec<Cause>),
    /// The template has a shape that AWS's transform does not answer either.
    Internal,
}

/// What stands after `Transform AWS::Serverless-2016-10-31 failed with: `.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure::Invalid(causes) = self else { return f.write_str("Internal transform failure.") };
        write!(f, "Invalid Serverless Application Specification document. Number of errors found: {}.", causes.len())?;
        causes.iter().try_for_each(|cause| write!(f, " {}", cause.message))
    }
}

impl std::error::Error for Failure {}

/// What stops a step of the transform.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// A resource is wrong; the others go on.
    Resource(Text, String),
    /// An event is wrong: its resource is.
    Event(Text, String),
    /// The structure is wrong; other resources go on.
    Template(String),
    /// The whole document ends.
    Document(Vec<Fault>),
    /// A mistake in the words of its own.
    Other(String),
    /// A shape that raises an exception in AWS's transform.
    Internal,
}

pub(crate) type Out<T> = Result<T, Fault>;

impl Fault {
    pub(crate) fn resource(id: &Text, message: impl Into<String>) -> Fault {
        Fault::Resource(id.clone(), message.into())
    }

    pub(crate) fn event(id: &Text, message: impl Into<String>) -> Fault {
        Fault::Event(id.clone(), message.into())
    }

    /// The structure is wrong, and the document ends.
    pub(crate) fn document(message: impl Into<String>) -> Fault {
        Fault::Document(vec![Fault::Template(message.into())])
    }

    /// What AWS transforms and vpclab does not.
    pub(crate) fn unbuilt(id: &Text, what: impl fmt::Display) -> Fault {
        Fault::resource(id, format!("vpclab does not build {what}."))
    }

    pub(crate) fn message(&self) -> String {
        match self {
            Fault::Resource(id, message) => format!("Resource with id [{id}] is invalid. {message}"),
            Fault::Event(id, message) => format!("Event with id [{id}] is invalid. {message}"),
            Fault::Template(message) => format!("Structure of the SAM template is invalid. {message}"),
            Fault::Other(message) => message.clone(),
            Fault::Document(_) | Fault::Internal => String::new(),
        }
    }

    pub(crate) fn logical_id(&self) -> Option<&Text> {
        if let Fault::Resource(id, _) = self { Some(id) } else { None }
    }
}
