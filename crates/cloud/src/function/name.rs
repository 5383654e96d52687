//! How requests name functions and layers.
use super::{check, not_found};
use crate::{Refusal, Scope};

/// A function as a request names it: `name`, `name:qualifier`, `ACCOUNT:function:name[:qualifier]` or an ARN, qualified or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionName {
    /// The account, where the request names one.
    pub account: Option<String>,
    /// The region, where the request names one.
    pub region: Option<String>,
    /// The function's name.
    pub name: String,
    /// A version or an alias.
    pub qualifier: Option<String>,
}

/// The pattern as Lambda's refusal shows it.
const PATTERN: &str = "(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?\
                       ([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?";

impl FunctionName {
    /// Reads a name and the qualifier given beside it.
    ///
    /// # Errors
    /// Text that is no name, and two qualifiers that differ.
    pub fn parse(text: &str, beside: Option<&str>) -> Result<Self, Refusal> {
        let refused = || check::constraint(text, "functionName", format_args!("satisfy regular expression pattern: {PATTERN}"));
        let mut rest: Vec<&str> = text.split(':').collect();
        let (mut region, mut account) = (None, None);
        if let ["arn", partition, "lambda", ..] = rest.as_slice() {
            if !partition.starts_with("aws") {
                return Err(refused());
            }
            rest.drain(..3);
        }
        let is_region = |text: &str| text.split('-').count() >= 3 && text.ends_with(|c: char| c.is_ascii_digit());
        if rest.len() > 1 && rest.first().is_some_and(|first| is_region(first)) {
            region = Some(rest.remove(0).to_owned());
        }
        let is_account = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        if rest.len() > 1 && rest.first().is_some_and(|first| is_account(first)) {
            account = Some(rest.remove(0).to_owned());
        }
        if rest.len() > 1 && rest.first() == Some(&"function") {
            rest.remove(0);
        }
        let (name, qualifier) = match rest.as_slice() {
            [name] => (*name, None),
            [name, qualifier] => (*name, Some(*qualifier)),
            _ => return Err(refused()),
        };
        if !check::is_word(name, 140) || qualifier.is_some_and(|qualifier| qualifier != super::LATEST && !check::is_word(qualifier, 128)) {
            return Err(refused());
        }
        if let Some(beside) = beside
            && beside != super::LATEST
            && !check::is_word(beside, 128)
        {
            return Err(check::constraint(beside, "qualifier", "satisfy regular expression pattern: (|[a-zA-Z0-9$_-]+)"));
        }
        match (qualifier, beside) {
            (Some(one), Some(other)) if one != other => {
                Err(check::invalid("The derived qualifier from the function name does not match the specified qualifier."))
            }
            (one, other) => Ok(Self { account, region, name: name.to_owned(), qualifier: one.or(other).map(str::to_owned) }),
        }
    }

    /// The account and region of the function, for one who asks in `scope`.
    ///
    /// # Errors
    /// A function of another region.
    pub fn scope(&self, scope: &Scope) -> Result<Scope, Refusal> {
        if let Some(region) = &self.region
            && region != scope.region.as_str()
        {
            return Err(Refusal::FunctionNotFound(format!(
                "Functions from '{region}' are not reachable in this region ('{}')",
                scope.region
            )));
        }
        let account = match &self.account {
            Some(account) => account.parse().map_err(|_| not_found(scope, &self.name, self.qualifier.as_deref()))?,
            None => scope.account.clone(),
        };
        Ok(Scope { account, region: scope.region.clone() })
    }
}

/// A layer as a request names it: a name or an ARN, of a version or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerName {
    /// The account and region, where an ARN names them.
    pub scope: Option<Scope>,
    /// The layer's name.
    pub name: String,
    /// The version's number.
    pub version: Option<u64>,
}

impl LayerName {
    /// Reads a name, or `arn:aws:lambda:REGION:ACCOUNT:layer:NAME[:VERSION]`.
    ///
    /// # Errors
    /// Text that is neither.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let refused = || {
            check::constraint(
                text,
                "layerName",
                "satisfy regular expression pattern: (arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+",
            )
        };
        let parts: Vec<&str> = text.split(':').collect();
        match parts.as_slice() {
            [name] if check::is_word(name, 140) => Ok(Self { scope: None, name: (*name).to_owned(), version: None }),
            ["arn", "aws", "lambda", region, account, "layer", name, rest @ ..] if check::is_word(name, 140) && rest.len() <= 1 => {
                let scope = Scope { account: account.parse().map_err(|_| refused())?, region: region.parse().map_err(|_| refused())? };
                let version = rest.first().map(|version| version.parse()).transpose().map_err(|_| refused())?;
                Ok(Self { scope: Some(scope), name: (*name).to_owned(), version })
            }
            _ => Err(refused()),
        }
    }
}
