//! The section `Parameters`.
//!
//! Source: AWS CloudFormation User Guide, parameters-section-structure.html, cloudformation-supplied-parameter-types.html.
use super::{alphanumeric, text, unknown};
use crate::{Map, Node, Span, TemplateError};
use fancy_regex::Regex;
use std::fmt;

const MEMBERS: &[&str] = &[
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "Default",
    "Description",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
    "NoEcho",
    "Type",
];
/// What a parameter may name in the account (cloudformation-supplied-parameter-types.html).
const AWS: &[&str] = &[
    "AWS::EC2::AvailabilityZone::Name",
    "AWS::EC2::Image::Id",
    "AWS::EC2::Instance::Id",
    "AWS::EC2::KeyPair::KeyName",
    "AWS::EC2::SecurityGroup::GroupName",
    "AWS::EC2::SecurityGroup::Id",
    "AWS::EC2::Subnet::Id",
    "AWS::EC2::Volume::Id",
    "AWS::EC2::VPC::Id",
    "AWS::Route53::HostedZone::Id",
];

/// A parameter's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParameterType {
    /// `String`.
    String,
    /// `Number`.
    Number,
    /// `List<Number>`.
    NumberList,
    /// `List<String>`.
    StringList,
    /// `CommaDelimitedList`.
    CommaDelimitedList,
    /// `AWS::EC2::VPC::Id`, …: must name something in the account.
    Aws(&'static str),
    /// `List<AWS::EC2::Subnet::Id>`, …
    AwsList(&'static str),
    /// `AWS::SSM::Parameter::Name`.
    SsmName,
    /// `AWS::SSM::Parameter::Value<…>`: what the named parameter holds, of that type.
    SsmValue(Box<ParameterType>),
}

impl ParameterType {
    fn read(text: &str) -> Option<ParameterType> {
        let aws = |name: &str| AWS.iter().copied().find(|known| *known == name);
        let inside = |prefix: &str| text.strip_prefix(prefix).and_then(|rest| rest.strip_suffix('>'));
        match text {
            "String" => return Some(ParameterType::String),
            "Number" => return Some(ParameterType::Number),
            "List<Number>" => return Some(ParameterType::NumberList),
            "List<String>" => return Some(ParameterType::StringList),
            "CommaDelimitedList" => return Some(ParameterType::CommaDelimitedList),
            "AWS::SSM::Parameter::Name" => return Some(ParameterType::SsmName),
            _ => {}
        }
        if let Some(held) = inside("AWS::SSM::Parameter::Value<") {
            let held = ParameterType::read(held)?;
            let fits =
                !matches!(held, ParameterType::Number | ParameterType::NumberList | ParameterType::SsmName | ParameterType::SsmValue(_));
            return fits.then(|| ParameterType::SsmValue(Box::new(held)));
        }
        inside("List<").map_or_else(|| aws(text).map(ParameterType::Aws), |name| aws(name).map(ParameterType::AwsList))
    }

    /// Whether a value is a list, written with commas.
    #[must_use]
    pub fn is_list(&self) -> bool {
        match self {
            ParameterType::NumberList | ParameterType::StringList | ParameterType::CommaDelimitedList | ParameterType::AwsList(_) => true,
            ParameterType::String | ParameterType::Number | ParameterType::Aws(_) | ParameterType::SsmName => false,
            ParameterType::SsmValue(held) => held.is_list(),
        }
    }
}

/// As it is written in a template.
impl fmt::Display for ParameterType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParameterType::String => f.write_str("String"),
            ParameterType::Number => f.write_str("Number"),
            ParameterType::NumberList => f.write_str("List<Number>"),
            ParameterType::StringList => f.write_str("List<String>"),
            ParameterType::CommaDelimitedList => f.write_str("CommaDelimitedList"),
            ParameterType::Aws(name) => f.write_str(name),
            ParameterType::AwsList(name) => write!(f, "List<{name}>"),
            ParameterType::SsmName => f.write_str("AWS::SSM::Parameter::Name"),
            ParameterType::SsmValue(held) => write!(f, "AWS::SSM::Parameter::Value<{held}>"),
        }
    }
}

/// What a value must satisfy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Constraints {
    /// The values that there are; none: any.
    pub allowed_values: Vec<String>,
    /// What the whole value must match.
    pub allowed_pattern: Option<String>,
    /// The fewest characters.
    pub min_length: Option<u64>,
    /// The most characters.
    pub max_length: Option<u64>,
    /// The least number.
    pub min_value: Option<f64>,
    /// The greatest number.
    pub max_value: Option<f64>,
    /// What to tell about a value that fails.
    pub description: Option<String>,
}

/// A parameter as the template declares it.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: ParameterType,
    /// The value if none is given.
    pub default: Option<String>,
    /// Whether its value is shown as `****`.
    pub no_echo: bool,
    /// The description.
    pub description: Option<String>,
    /// What a value must satisfy.
    pub constraints: Constraints,
    /// Where the name is written.
    pub at: Span,
}

impl Parameter {
    pub(super) fn read(name: &str, at: Span, node: &Node) -> Result<Parameter, TemplateError> {
        if !alphanumeric(name) {
            return Err(TemplateError::format(format_args!("Parameter name {name} is non alphanumeric."), at));
        }
        let missing = || TemplateError::format("Every Parameters object must contain a Type member.", at);
        let map = node.as_map().ok_or_else(missing)?;
        if let Some(first) = unknown(map, MEMBERS).first() {
            return Err(TemplateError::new(format!("Invalid template parameter property '{first}'"), map.key_at(first)));
        }
        let kind = map.get("Type").ok_or_else(missing)?;
        let written = text(kind, "Type")?;
        let unrecognized = || TemplateError::format(format_args!("Unrecognized parameter type: {written}"), kind.at);
        let kind = ParameterType::read(&written).ok_or_else(unrecognized)?;
        let words = |key: &str| map.get(key).map(|node| text(node, key)).transpose();
        let allowed = |node: &Node| {
            let items = node.as_list().ok_or_else(|| TemplateError::format("Every AllowedValues member must be a list.", node.at))?;
            items.iter().map(|item| text(item, "AllowedValues")).collect::<Result<_, _>>()
        };
        let constraints = Constraints {
            allowed_values: map.get("AllowedValues").map(allowed).transpose()?.unwrap_or_default(),
            allowed_pattern: words("AllowedPattern")?,
            min_length: number(map, "MinLength")?,
            max_length: number(map, "MaxLength")?,
            min_value: number(map, "MinValue")?,
            max_value: number(map, "MaxValue")?,
            description: words("ConstraintDescription")?,
        };
        Ok(Parameter {
            name: name.to_owned(),
            kind,
            default: words("Default")?,
            no_echo: words("NoEcho")?.is_some_and(|text| text.eq_ignore_ascii_case("true")),
            description: words("Description")?,
            constraints,
            at,
        })
    }

    /// The members of a value: one, or those of a list.
    #[must_use]
    pub fn members<'a>(&self, value: &'a str) -> Vec<&'a str> {
        if self.kind.is_list() { value.split(',').map(str::trim).collect() } else { vec![value] }
    }

    /// Whether a value satisfies the type and the constraints.
    ///
    /// # Errors
    /// `Parameter 'X' must be one of AllowedValues`, … or, with a description, `Parameter X failed to satisfy constraint: …`.
    pub fn check(&self, value: &str) -> Result<(), TemplateError> {
        let name = &self.name;
        let wrong = |why: &dyn fmt::Display| {
            let described = self.constraints.description.as_ref();
            let described = described.map(|why| format!("Parameter {name} failed to satisfy constraint: {why}"));
            TemplateError::nowhere(described.unwrap_or_else(|| format!("Parameter '{name}' {why}")))
        };
        let pattern = self.constraints.allowed_pattern.as_ref().map(|pattern| {
            let invalid = |_| TemplateError::new(format!("Parameter '{name}' AllowedPattern must be a valid regular expression."), self.at);
            Ok::<_, TemplateError>((pattern, Regex::new(&format!(r"\A(?:{pattern})\z")).map_err(invalid)?))
        });
        let pattern = pattern.transpose()?;
        for member in self.members(value) {
            self.check_member(member).map_err(|why| wrong(&why))?;
            // A pattern that takes too long to try is not matched.
            if let Some((written, _)) = pattern.as_ref().filter(|(_, regex)| !regex.is_match(member).unwrap_or(false)) {
                return Err(wrong(&format_args!("must match pattern {written}")));
            }
        }
        Ok(())
    }

    fn check_member(&self, value: &str) -> Result<(), String> {
        let Constraints { allowed_values, min_length, max_length, min_value, max_value, .. } = &self.constraints;
        if !allowed_values.is_empty() && !allowed_values.iter().any(|allowed| allowed == value) {
            return Err("must be one of AllowedValues".to_owned());
        }
        if matches!(self.kind, ParameterType::Number | ParameterType::NumberList) {
            let number = value.trim().parse::<f64>().ok().filter(|number| number.is_finite()).ok_or("must be a number")?;
            if let Some(min) = min_value.filter(|min| number < *min) {
                return Err(format!("must be a number not less than {min}"));
            }
            if let Some(max) = max_value.filter(|max| number > *max) {
                return Err(format!("must be a number not greater than {max}"));
            }
        }
        let length = u64::try_from(value.chars().count()).unwrap_or(u64::MAX);
        if let Some(min) = min_length.filter(|min| length < *min) {
            return Err(format!("must contain at least {min} characters"));
        }
        if let Some(max) = max_length.filter(|max| length > *max) {
            return Err(format!("must contain at most {max} characters"));
        }
        Ok(())
    }
}

/// A number, written as one or as a text.
fn number<T: std::str::FromStr>(map: &Map, key: &str) -> Result<Option<T>, TemplateError> {
    let Some(node) = map.get(key) else { return Ok(None) };
    let number = node.scalar_text().and_then(|text| text.trim().parse().ok());
    number.map(Some).ok_or_else(|| TemplateError::format(format_args!("Every {key} member must be a number."), node.at))
}
