//! What names, values and tags may be.
//! Source: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html>
use super::{DataType, ParameterRefusal, Tier};
use crate::{ImageId, Refusal, Tags};
use fancy_regex::Regex;

/// The most levels of a name.
const LEVELS: usize = 15;
/// The most characters of a name, counted with the ARN before it.
const NAME_MOST: usize = 1011;
/// The most characters of a standard value, and of an advanced one.
const STANDARD: usize = 4096;
const ADVANCED: usize = 8192;

pub(super) fn invalid(text: impl Into<String>) -> Refusal {
    ParameterRefusal::Invalid(text.into()).into()
}

pub(super) fn name(name: &str) -> Result<(), Refusal> {
    let plain = name.trim_start_matches('/').to_ascii_lowercase();
    if let Some(first) = plain.split('/').next().filter(|_| name.starts_with('/'))
        && (first == "aws" || first == "ssm")
    {
        return Err(ParameterRefusal::Reserved(format!("No access to reserved parameter name: {name}.")).into());
    }
    let legal = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
    let prefixed = plain.starts_with("aws") || plain.starts_with("ssm");
    if name.is_empty() || !name.chars().all(legal) || prefixed || name.ends_with('/') || name.contains("//") {
        return Err(invalid(
            "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths \
             divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_",
        ));
    }
    if name.len() > NAME_MOST {
        return Err(invalid(format!("Parameter name must not be longer than {NAME_MOST} characters")));
    }
    if name.contains('/') && !name.starts_with('/') {
        return Err(invalid("Parameter name must be a fully qualified name."));
    }
    if name.matches('/').count() > LEVELS { Err(ParameterRefusal::Levels.into()) } else { Ok(()) }
}

/// The tier that a value is put in: the asked one, or with `None` the smallest that takes it.
pub(super) fn tier(asked: Option<Tier>, value: &str) -> Result<Tier, Refusal> {
    let length = value.chars().count();
    if length == 0 {
        return Err(invalid(
            "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ));
    }
    match asked {
        _ if length > ADVANCED => {
            Err(invalid(format!("Advanced tier parameters support a maximum parameter value of {ADVANCED} characters.")))
        }
        Some(Tier::Standard) if length > STANDARD => Err(invalid(format!(
            "Standard tier parameters support a maximum parameter value of {STANDARD} characters. To create a larger parameter value, upgrade \
             the parameter to use the advanced-parameter tier. For more information, see \
             https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"
        ))),
        Some(tier) => Ok(tier),
        None if length > STANDARD => Ok(Tier::Advanced),
        None => Ok(Tier::Standard),
    }
}

/// A value matches its pattern as a whole.
pub(super) fn pattern(pattern: Option<&str>, value: &str) -> Result<(), Refusal> {
    let Some(pattern) = pattern else { return Ok(()) };
    if pattern.chars().count() > 1024 {
        return Err(invalid(
            "1 validation error detected: Value at 'allowedPattern' failed to satisfy constraint: Member must have length less than or equal to 1024",
        ));
    }
    let wrong = || ParameterRefusal::InvalidPattern(pattern.to_owned());
    let regex = Regex::new(&format!("^(?:{pattern})$")).map_err(|_| wrong())?;
    match regex.is_match(value) {
        Ok(true) => Ok(()),
        Ok(false) => Err(ParameterRefusal::PatternMismatch(pattern.to_owned()).into()),
        Err(_) => Err(wrong().into()),
    }
}

pub(super) fn data_type(data_type: DataType, value: &str) -> Result<(), Refusal> {
    match data_type {
        DataType::Image if value.parse::<ImageId>().is_err() => {
            Err(invalid(format!("The following parameter value is not valid for the data type aws:ec2:image: {value}")))
        }
        DataType::Image | DataType::Text => Ok(()),
    }
}

pub(super) fn description(text: Option<&str>) -> Result<(), Refusal> {
    if text.is_some_and(|text| text.chars().count() > 1024) {
        return Err(invalid(
            "1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have length less than or equal to 1024",
        ));
    }
    Ok(())
}

pub(super) fn tags(tags: &Tags) -> Result<(), Refusal> {
    let own = tags.keys().filter(|key| !key.starts_with("aws:")).count();
    if own > crate::tag::MAX_TAGS { Err(ParameterRefusal::TooManyTags.into()) } else { Ok(()) }
}
