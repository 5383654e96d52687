//! Condition operators: what is compared, over which of several values, and what a missing key means.

use std::fmt;
use std::str::FromStr;

use crate::PolicyError;

/// A condition operator with its qualifier and suffix, `ForAnyValue:StringLikeIfExists`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator {
    /// `ForAllValues:` or `ForAnyValue:`.
    pub qualifier: Option<SetQualifier>,
    /// What is compared.
    pub comparison: Comparison,
    /// Whether a missing key matches.
    pub if_exists: bool,
}

/// Over which of the values of a multivalued key the comparison must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetQualifier {
    /// Every value; also when there is none.
    ForAllValues,
    /// At least one value.
    ForAnyValue,
}

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// What an operator compares.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the names are IAM's own")]
        pub enum Comparison { $($(#[$doc])* $name),* }

        impl Comparison {
            /// Every comparison.
            pub const ALL: &[Comparison] = &[$(Comparison::$name),*];

            /// The name in a document.
            pub fn name(self) -> &'static str {
                match self { $(Comparison::$name => stringify!($name)),* }
            }

            fn from_name(name: &str) -> Option<Self> {
                match name { $(stringify!($name) => Some(Comparison::$name),)* _ => None }
            }
        }
    };
}

comparisons! {
    StringEquals, StringNotEquals, StringEqualsIgnoreCase, StringNotEqualsIgnoreCase, StringLike, StringNotLike,
    NumericEquals, NumericNotEquals, NumericLessThan, NumericLessThanEquals, NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals, DateNotEquals, DateLessThan, DateLessThanEquals, DateGreaterThan, DateGreaterThanEquals,
    Bool, BinaryEquals, IpAddress, NotIpAddress, ArnEquals, ArnLike, ArnNotEquals, ArnNotLike, Null,
}

impl Comparison {
    /// Whether the comparison holds when *no* value matches: a missing key then matches, several values are NOR.
    pub fn is_negated(self) -> bool {
        use Comparison as C;
        match self {
            C::StringNotEquals
            | C::StringNotEqualsIgnoreCase
            | C::StringNotLike
            | C::NumericNotEquals
            | C::DateNotEquals
            | C::NotIpAddress
            | C::ArnNotEquals
            | C::ArnNotLike => true,
            C::StringEquals
            | C::StringEqualsIgnoreCase
            | C::StringLike
            | C::NumericEquals
            | C::NumericLessThan
            | C::NumericLessThanEquals
            | C::NumericGreaterThan
            | C::NumericGreaterThanEquals
            | C::DateEquals
            | C::DateLessThan
            | C::DateLessThanEquals
            | C::DateGreaterThan
            | C::DateGreaterThanEquals
            | C::Bool
            | C::BinaryEquals
            | C::IpAddress
            | C::ArnEquals
            | C::ArnLike
            | C::Null => false,
        }
    }
}

impl FromStr for Operator {
    type Err = PolicyError;

    fn from_str(written: &str) -> Result<Self, PolicyError> {
        let unknown = || PolicyError::Operator(written.to_owned());
        let (qualifier, rest) = match written.split_once(':') {
            None => (None, written),
            Some(("ForAllValues", rest)) => (Some(SetQualifier::ForAllValues), rest),
            Some(("ForAnyValue", rest)) => (Some(SetQualifier::ForAnyValue), rest),
            Some(_) => return Err(unknown()),
        };
        let (name, if_exists) = match rest.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let comparison = Comparison::from_name(name).ok_or_else(unknown)?;
        // `Null` asks for existence itself, so neither suffix nor qualifier has a meaning for it.
        if comparison == Comparison::Null && (if_exists || qualifier.is_some()) {
            return Err(unknown());
        }
        Ok(Self { qualifier, comparison, if_exists })
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.qualifier {
            None => "",
            Some(SetQualifier::ForAllValues) => "ForAllValues:",
            Some(SetQualifier::ForAnyValue) => "ForAnyValue:",
        })?;
        f.write_str(self.comparison.name())?;
        f.write_str(if self.if_exists { "IfExists" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_reads_and_prints() {
        for comparison in Comparison::ALL {
            let plain = comparison.name().to_owned();
            assert_eq!(plain.parse::<Operator>().unwrap().to_string(), plain);
            let full = format!("ForAnyValue:{plain}IfExists");
            assert_eq!(full.parse::<Operator>().is_ok(), *comparison != Comparison::Null);
        }
        for bad in ["stringequals", "StringMatches", "ForSome:StringEquals", "", "IfExists", "StringEqualsIfexists"] {
            assert!(bad.parse::<Operator>().is_err(), "{bad}");
        }
    }
}
