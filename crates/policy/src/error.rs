//! Why a document was refused.

/// Why a policy document was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The text is not JSON, or an object names one key twice.
    #[error("not a JSON document: {0}")]
    Json(String),
    /// The document is longer than allowed.
    #[error("document of {length} characters exceeds the limit of {limit}")]
    TooLong {
        /// How long it is.
        length: usize,
        /// How long it may be.
        limit: usize,
    },
    /// There are more statements than [`crate::STATEMENTS_MAX`].
    #[error("more than {0} statements")]
    TooManyStatements(usize),
    /// The document is not an object.
    #[error("the policy document must be an object")]
    NotAnObject,
    /// `Version` is neither `2012-10-17` nor `2008-10-17`.
    #[error("unknown policy version `{0}`")]
    Version(String),
    /// An element has a name that IAM does not know.
    #[error("unknown element `{element}` in {place}")]
    UnknownElement {
        /// The name that was written.
        element: String,
        /// Where: `the policy` or `statement N`.
        place: String,
    },
    /// A required element is missing.
    #[error("missing element `{element}` in {place}")]
    Missing {
        /// The element.
        element: &'static str,
        /// Where.
        place: String,
    },
    /// Two elements exclude each other, as `Action` and `NotAction`.
    #[error("`{0}` and `{1}` exclude each other in statement {2}")]
    Both(&'static str, &'static str, usize),
    /// An element holds a value of the wrong shape.
    #[error("element `{element}` of statement {statement} must be {wanted}")]
    Shape {
        /// The element.
        element: String,
        /// Index of the statement, from 0.
        statement: usize,
        /// What it must be.
        wanted: &'static str,
    },
    /// `Effect` is neither `Allow` nor `Deny`.
    #[error("effect `{0}` is neither `Allow` nor `Deny`")]
    Effect(String),
    /// A condition operator that IAM does not know.
    #[error("unknown condition operator `{0}`")]
    Operator(String),
    /// The value of a condition cannot be read by its operator.
    #[error("`{value}` is no value for condition operator `{operator}`")]
    ConditionValue {
        /// The operator as written.
        operator: String,
        /// The value as written.
        value: String,
    },
    /// A policy variable is not closed or names nothing.
    #[error("invalid policy variable in `{0}`")]
    Variable(String),
    /// A principal that cannot be one.
    #[error("invalid principal `{0}`")]
    Principal(String),
    /// An action that is not `service:Name` or `*`.
    #[error("invalid action `{0}`")]
    Action(String),
    /// A resource that is neither `*`, an ARN nor (where allowed) a short form.
    #[error("invalid resource `{0}`")]
    Resource(String),
}
