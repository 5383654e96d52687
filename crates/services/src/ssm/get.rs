//! Values of parameters.
use super::{invalid, public, word};
use crate::request::RequestContext;
use vpclab_cloud::parameter::{DataType, Parameter, ParameterKind, ParameterVersion};
use vpclab_cloud::{Cloud, ParameterRefusal, Refusal, Scope, Timestamp};
use vpclab_wire::{WireError, ssm as wire};

/// A parameter's value as `GetParameter` finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Its name.
    pub name: String,
    /// `:3`, when a version was asked for.
    pub selector: Option<String>,
    /// Its ARN.
    pub arn: String,
    /// The version's number.
    pub version: u64,
    /// What kind of value it is.
    pub kind: ParameterKind,
    /// The value in plain text.
    pub value: String,
    /// What the value is about.
    pub data_type: DataType,
    /// When it was put.
    pub modified: Timestamp,
}

impl Resolved {
    pub(super) fn of(parameter: &Parameter, number: u64, version: &ParameterVersion) -> Self {
        Self {
            name: parameter.name.clone(),
            selector: None,
            arn: parameter.arn(),
            version: number,
            kind: version.kind,
            value: version.value.clone(),
            data_type: version.data_type,
            modified: version.modified,
        }
    }

    pub(super) fn of_public(scope: &Scope, name: &str) -> Option<Self> {
        Some(Self {
            name: name.to_owned(),
            selector: None,
            arn: public::arn(&scope.region, name),
            version: 1,
            kind: ParameterKind::String,
            value: public::value(&scope.region, name)?,
            data_type: DataType::Image,
            modified: public::MODIFIED,
        })
    }

    pub(super) fn show(self, decrypt: bool) -> wire::Parameter {
        wire::Parameter {
            value: Some(shown_value(&self.arn, self.version, self.kind, &self.value, decrypt)),
            name: Some(self.name),
            type_: Some(self.kind.as_str().to_owned()),
            version: i64::try_from(self.version).ok(),
            selector: self.selector,
            last_modified_date: Some(vpclab_wire::Timestamp::from_millis(self.modified.0)),
            arn: Some(self.arn),
            data_type: Some(self.data_type.as_str().to_owned()),
        }
    }
}

/// The value, or where a secure string is not to be decrypted a text that hides it.
pub(super) fn shown_value(arn: &str, version: u64, kind: ParameterKind, value: &str, decrypt: bool) -> String {
    if kind != ParameterKind::SecureString || decrypt {
        return value.to_owned();
    }
    // Of the name only: a fingerprint of the value would tell short values.
    let seed = arn.bytes().fold(version, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("AQICAH{}", vpclab_cloud::IdSource::new(seed).alphanumeric(90))
}

/// The value of a parameter named as clients name it: a name or an ARN, with `:VERSION` behind it or not.
///
/// # Errors
/// When the parameter or the version is not there.
pub fn resolve(cloud: &Cloud, scope: &Scope, asked: &str) -> Result<Resolved, Refusal> {
    let (name, selector) = split(scope, asked);
    if let Some(found) = Resolved::of_public(scope, &name) {
        return match selector.as_deref() {
            None | Some("1") => Ok(Resolved { selector: selector.map(|version| format!(":{version}")), ..found }),
            Some(version) => Err(ParameterRefusal::VersionNotFound { name, version: version.to_owned() }.into()),
        };
    }
    let version = match &selector {
        None => None,
        Some(version) => {
            cloud.parameter(scope, &name)?;
            // What is no number is a label; labels cannot be given, so there is none.
            let number = version.parse::<u64>();
            Some(number.map_err(|_| ParameterRefusal::VersionNotFound { name: name.clone(), version: version.clone() })?)
        }
    };
    let (parameter, number, found) = cloud.parameter_version(scope, &name, version)?;
    Ok(Resolved { selector: selector.map(|version| format!(":{version}")), ..Resolved::of(parameter, number, found) })
}

/// Name and selector. In an ARN the `/` that a name of levels begins with stands once only, behind `parameter`.
pub(super) fn split(scope: &Scope, asked: &str) -> (String, Option<String>) {
    let own = format!("arn:aws:ssm:{}:{}:parameter/", scope.region, scope.account);
    let public = format!("arn:aws:ssm:{}::parameter/", scope.region);
    let rest = asked.strip_prefix(&own).or_else(|| asked.strip_prefix(&public));
    let (name, selector) = match rest.unwrap_or(asked).split_once(':') {
        Some((name, selector)) if rest.is_some() || !asked.starts_with("arn:") => (name, Some(selector.to_owned())),
        _ => (rest.unwrap_or(asked), None),
    };
    let levels = rest.is_some() && name.contains('/');
    (if levels { format!("/{name}") } else { name.to_owned() }, selector)
}

/// `GetParameter`
pub async fn get_parameter(cx: &RequestContext, req: wire::GetParameterRequest) -> Result<wire::GetParameterResult, WireError> {
    let found = resolve(&cx.snapshot(), &cx.scope, &req.name).map_err(|refusal| word(&refusal))?;
    Ok(wire::GetParameterResult { parameter: Some(found.show(req.with_decryption.unwrap_or(false))) })
}

/// `GetParameters`: what is not there is listed as such.
pub async fn get_parameters(cx: &RequestContext, req: wire::GetParametersRequest) -> Result<wire::GetParametersResult, WireError> {
    if !(1..=10).contains(&req.names.len()) {
        return Err(invalid(format!(
            "1 validation error detected: Value '[{}]' at 'names' failed to satisfy constraint: Member must have length less than or equal to 10",
            req.names.join(", ")
        )));
    }
    let cloud = cx.snapshot();
    let mut answer = wire::GetParametersResult::default();
    for name in req.names {
        match resolve(&cloud, &cx.scope, &name) {
            Ok(found) => answer.parameters.push(found.show(req.with_decryption.unwrap_or(false))),
            Err(_) => answer.invalid_parameters.push(name),
        }
    }
    Ok(answer)
}
