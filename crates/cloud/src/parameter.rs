//! Parameters of Systems Manager's Parameter Store, with their versions.
//!
//! Secure strings are kept as they are: a lab has no keys to encrypt with. They are not shown unless decryption is asked for.
//! Source: <https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-parameter-store.html>
use crate::{Cloud, Context, Refusal, Scope, Tags, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

mod check;
mod put;
#[cfg(test)]
mod tests;

pub use put::PutParameter;

/// The most parameters of an account in a region.
const MOST: usize = 10_000;
/// The most versions that are kept of a parameter.
const VERSIONS_MOST: u64 = 100;
/// The only key of a lab.
pub const DEFAULT_KEY: &str = "alias/aws/ssm";

/// A parameter; its values are its versions'.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its account and region.
    pub scope: Scope,
    /// Its name, which begins with `/` when it has levels.
    pub name: String,
    /// The number of its newest version.
    pub version: u64,
    /// Its tags.
    pub tags: Tags,
}

impl Parameter {
    /// `arn:aws:ssm:REGION:ACCOUNT:parameter/NAME`
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:ssm:{}:{}:parameter/{}", self.scope.region, self.scope.account, self.name.trim_start_matches('/'))
    }
}

/// A version of a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterVersion {
    /// What kind of value it is.
    pub kind: ParameterKind,
    /// The value.
    pub value: String,
    /// The description.
    pub description: Option<String>,
    /// What values have to match as a whole.
    pub allowed_pattern: Option<String>,
    /// How long a value may be.
    pub tier: Tier,
    /// Whether it names an image.
    pub data_type: DataType,
    /// When it was put.
    pub modified: Timestamp,
    /// The ARN of who put it.
    pub user: String,
}

/// The kinds of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParameterKind {
    /// `String`
    String,
    /// `StringList`: separated by commas.
    StringList,
    /// `SecureString`
    SecureString,
}

impl ParameterKind {
    /// All of them, as AWS lists them.
    pub const ALL: [Self; 3] = [Self::SecureString, Self::StringList, Self::String];

    /// As AWS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::StringList => "StringList",
            Self::SecureString => "SecureString",
        }
    }
}

/// How long values may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tier {
    /// 4 KB
    Standard,
    /// 8 KB
    Advanced,
}

impl Tier {
    /// As AWS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "Standard",
            Self::Advanced => "Advanced",
        }
    }
}

/// Which tier a value is put in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TierChoice {
    /// The one that the parameter is in, and the standard one for a new parameter.
    #[default]
    AsIs,
    /// The smallest that takes the value; an advanced parameter stays one.
    Intelligent,
    /// This one.
    Only(Tier),
}

/// What a value is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DataType {
    /// Any text.
    Text,
    /// The id of an image.
    Image,
}

impl DataType {
    /// As AWS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "aws:ec2:image",
        }
    }
}

/// Why an operation on parameters was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParameterRefusal {
    /// `ParameterNotFound`
    #[error("Parameter {0} not found.")]
    NotFound(String),
    /// `ParameterVersionNotFound`
    #[error("Systems Manager could not find version {version} of {name}. Verify the version and try again.")]
    VersionNotFound {
        /// The parameter.
        name: String,
        /// The version or the label.
        version: String,
    },
    /// `ParameterAlreadyExists`
    #[error("The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")]
    Exists,
    /// `ParameterLimitExceeded`
    #[error("You have exceeded the number of parameters for this Amazon Web Services account. The limit is {MOST}.")]
    Limit,
    /// `HierarchyLevelLimitExceededException`
    #[error("A hierarchy can have a maximum of 15 levels.")]
    Levels,
    /// `HierarchyTypeMismatchException`
    #[error("Parameter Store doesn't support changing a parameter type in a hierarchy.")]
    KindChanges,
    /// `ParameterPatternMismatchException`
    #[error("Parameter value, cannot be validated against allowedPattern: {0}")]
    PatternMismatch(String),
    /// `InvalidAllowedPatternException`
    #[error("The request does not meet the regular expression requirement: {0}")]
    InvalidPattern(String),
    /// `InvalidKeyId`
    #[error("{0}")]
    InvalidKey(String),
    /// `AccessDeniedException`
    #[error("{0}")]
    Reserved(String),
    /// `TooManyTagsError`
    #[error("A resource can have at most 50 tags")]
    TooManyTags,
    /// `ValidationException`
    #[error("{0}")]
    Invalid(String),
}

impl Cloud {
    /// A parameter of an account in a region.
    ///
    /// # Errors
    /// When there is none.
    pub fn parameter(&self, scope: &Scope, name: &str) -> Result<&Arc<Parameter>, Refusal> {
        Ok(self.parameters.get(&(scope.clone(), name.to_owned())).ok_or_else(|| ParameterRefusal::NotFound(name.to_owned()))?)
    }

    /// A version of a parameter, the newest when none is named.
    ///
    /// # Errors
    /// When the parameter or the version is not there.
    pub fn parameter_version(
        &self,
        scope: &Scope,
        name: &str,
        version: Option<u64>,
    ) -> Result<(&Arc<Parameter>, u64, &Arc<ParameterVersion>), Refusal> {
        let parameter = self.parameter(scope, name)?;
        let number = version.unwrap_or(parameter.version);
        let found = self.parameter_versions.get(&(scope.clone(), name.to_owned(), number));
        let missing = || ParameterRefusal::VersionNotFound { name: name.to_owned(), version: number.to_string() };
        Ok((parameter, number, found.ok_or_else(missing)?))
    }

    /// The parameters of an account in a region whose names begin so, by name.
    pub fn parameters_below(&self, scope: &Scope, prefix: &str) -> impl Iterator<Item = &Arc<Parameter>> {
        let (scope, prefix) = (scope.clone(), prefix.to_owned());
        let from = self.parameters.range((scope.clone(), prefix.clone())..);
        from.take_while(move |((of, name), _)| *of == scope && name.starts_with(&prefix)).map(|(_, parameter)| parameter)
    }

    /// The kept versions of a parameter, the oldest first.
    pub fn versions_of_parameter(&self, scope: &Scope, name: &str) -> impl Iterator<Item = (u64, &Arc<ParameterVersion>)> {
        let (scope, name) = (scope.clone(), name.to_owned());
        let from = self.parameter_versions.range((scope.clone(), name.clone(), 0)..);
        from.take_while(move |((of, whose, _), _)| *of == scope && *whose == name).map(|((_, _, number), version)| (*number, version))
    }

    /// `DeleteParameter`.
    ///
    /// # Errors
    /// When there is none.
    pub fn delete_parameter(&mut self, cx: &mut Context, name: &str) -> Result<(), Refusal> {
        self.parameter(&cx.scope, name)?;
        let numbers: Vec<u64> = self.versions_of_parameter(&cx.scope, name).map(|(number, _)| number).collect();
        for number in numbers {
            self.parameter_versions.remove(&(cx.scope.clone(), name.to_owned(), number));
        }
        self.parameters.remove(&(cx.scope.clone(), name.to_owned()));
        Ok(())
    }

    /// Changes the tags of a parameter.
    ///
    /// # Errors
    /// An unknown parameter, or more than 50 tags.
    pub fn edit_parameter_tags(&mut self, cx: &mut Context, name: &str, edit: impl FnOnce(&mut Tags)) -> Result<(), Refusal> {
        let mut tags = self.parameter(&cx.scope, name)?.tags.clone();
        edit(&mut tags);
        check::tags(&tags)?;
        if let Some(parameter) = self.parameters.get_mut(&(cx.scope.clone(), name.to_owned())) {
            Arc::make_mut(parameter).tags = tags;
        }
        Ok(())
    }
}
