//! Form parameters (`Filter.1.Value.2=x`) as a tree, and decoding from it.

use std::collections::BTreeMap;

use crate::protocol::{At, Protocol};
use crate::scalar::FromText;
use crate::{Blob, Timestamp, WireError, form};

/// The longest list a request may carry.
pub const MAX_LIST: usize = 1000;
/// The most parameters one request may carry.
pub const MAX_PARAMETERS: usize = 10_000;
/// The deepest nesting of a parameter's name.
pub const MAX_DEPTH: usize = 16;

/// A request of the EC2 or query protocol, parsed but not typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params {
    action: String,
    version: String,
    dry_run: Option<String>,
    root: Node,
}

impl Params {
    /// Parses `application/x-www-form-urlencoded` text (body or query string).
    pub fn parse(text: &[u8]) -> Result<Self, WireError> {
        Self::from_pairs(form::pairs(text))
    }

    /// Builds the tree from names and values.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, WireError> {
        let mut params = Self::default();
        for (count, (name, value)) in pairs.into_iter().enumerate() {
            if count >= MAX_PARAMETERS {
                return Err(WireError::new(
                    400,
                    "RequestLimitExceeded",
                    format!("a request may carry at most {MAX_PARAMETERS} parameters"),
                ));
            }
            match name.as_str() {
                "Action" => params.action = value,
                "Version" => params.version = value,
                "DryRun" => params.dry_run = Some(value),
                // Signatures in the query string are not parameters of the operation.
                "AWSAccessKeyId" | "Signature" | "SignatureVersion" | "SignatureMethod" | "SecurityToken" | "Timestamp" | "Expires" => {}
                _ if name.starts_with("X-Amz-") => {}
                _ => params.insert(&name, value)?,
            }
        }
        Ok(params)
    }

    fn insert(&mut self, name: &str, value: String) -> Result<(), WireError> {
        let mut node = &mut self.root;
        for (depth, segment) in name.split('.').enumerate() {
            if segment.is_empty() || depth >= MAX_DEPTH {
                return Err(WireError::new(400, "UnknownParameter", format!("The parameter {} is not recognized", shorten(name))));
            }
            node = node.children.entry(segment.to_owned()).or_default();
        }
        if node.value.replace(value).is_some() {
            return Err(WireError::new(
                400,
                "InvalidParameterCombination",
                format!("The parameter {} is given more than once", shorten(name)),
            ));
        }
        Ok(())
    }

    /// The operation asked for.
    #[must_use]
    pub fn action(&self) -> &str {
        &self.action
    }

    /// The version of the interface that the client speaks.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The parameters of the operation.
    #[must_use]
    pub const fn root(&self) -> &Node {
        &self.root
    }

    /// `DryRun`, for operations that take it.
    pub fn dry_run(&self, at: &At<'_>, known: bool) -> Result<bool, WireError> {
        match &self.dry_run {
            None => Ok(false),
            Some(text) if known => bool::from_text(text, &at.member("DryRun")),
            Some(_) => Err(at.member("DryRun").unknown()),
        }
    }
}

fn shorten(name: &str) -> String {
    name.chars().take(200).collect()
}

/// One place in the tree of parameters: a value, members below it, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    value: Option<String>,
    children: BTreeMap<String, Node>,
}

impl Node {
    /// Refuses by name what is not served. `only` holds parameters that are accepted with
    /// the values that are vpclab's behaviour anyway.
    pub fn check(&self, at: &At<'_>, served: &[&str], refused: &[&str], only: &[(&str, &[&str])]) -> Result<(), WireError> {
        if let Some(value) = self.value.as_deref()
            && !value.is_empty()
        {
            return Err(at.invalid(value, "a structure, such as Name.Member=value"));
        }
        for (name, child) in &self.children {
            let name = name.as_str();
            if served.contains(&name) {
                continue;
            }
            let place = at.member(name);
            if let Some((_, accepted)) = only.iter().find(|(known, _)| *known == name) {
                let value = child.leaf(&place)?;
                if !accepted.iter().any(|known| known.eq_ignore_ascii_case(value)) {
                    return Err(place.unserved_value(value, accepted));
                }
            } else if refused.contains(&name) {
                return Err(place.unserved());
            } else {
                return Err(place.unknown());
            }
        }
        Ok(())
    }

    /// A member that may be absent.
    pub fn optional<T: FromQuery>(&self, at: &At<'_>, name: &str) -> Result<Option<T>, WireError> {
        self.children.get(name).map(|node| T::from_query(node, &at.member(name))).transpose()
    }

    /// A member that has to be there.
    pub fn required<T: FromQuery>(&self, at: &At<'_>, name: &str) -> Result<T, WireError> {
        self.optional(at, name)?.ok_or_else(|| at.member(name).missing())
    }

    /// A list; absent is empty.
    pub fn list<T: FromQuery>(&self, at: &At<'_>, name: &str) -> Result<Vec<T>, WireError> {
        match self.children.get(name) {
            Some(node) => node.items(&at.member(name)),
            None => Ok(Vec::new()),
        }
    }

    /// A list with at least one item.
    pub fn required_list<T: FromQuery>(&self, at: &At<'_>, name: &str) -> Result<Vec<T>, WireError> {
        let items = self.list(at, name)?;
        if items.is_empty() { Err(at.member(name).missing()) } else { Ok(items) }
    }

    /// A map: `Name.entry.1.key=k&Name.entry.1.value=v`, without `entry` if flattened; absent is empty.
    pub fn map<T: FromQuery>(
        &self,
        at: &At<'_>,
        name: &str,
        key: &str,
        value: &str,
        flattened: bool,
    ) -> Result<BTreeMap<String, T>, WireError> {
        let at = at.member(name);
        let Some(node) = self.children.get(name) else {
            return Ok(BTreeMap::new());
        };
        let entries = match (flattened, node.children.get("entry")) {
            (true, _) => node,
            (false, Some(entries)) if node.children.len() == 1 => entries,
            (false, _) if node.children.is_empty() => return Ok(BTreeMap::new()),
            (false, _) => return Err(at.invalid("…", "a map, such as Name.entry.1.key=k and Name.entry.1.value=v")),
        };
        if entries.children.len() > MAX_LIST {
            return Err(at.invalid(&format!("{} entries", entries.children.len()), &format!("at most {MAX_LIST} entries")));
        }
        let mut map = BTreeMap::new();
        for (number, entry) in &entries.children {
            let place = at.member(number);
            entry.check(&place, &[key, value], &[], &[])?;
            map.insert(entry.required(&place, key)?, entry.required(&place, value)?);
        }
        Ok(map)
    }

    fn items<T: FromQuery>(&self, at: &At<'_>) -> Result<Vec<T>, WireError> {
        if let Some(value) = self.value.as_deref()
            && !value.is_empty()
        {
            return Err(at.invalid(value, "a list, such as Name.1=value"));
        }
        // The query protocol puts `member` between the name and the number; EC2 does not.
        if let Protocol::Query { .. } = at.protocol()
            && let Some(member) = self.children.get("member")
            && self.children.len() == 1
        {
            return member.items(&at.member("member"));
        }
        if self.children.len() > MAX_LIST {
            return Err(at.invalid(&format!("{} items", self.children.len()), &format!("at most {MAX_LIST} items")));
        }
        let mut numbered = BTreeMap::new();
        for (name, node) in &self.children {
            let place = at.member(name);
            let number: u32 = name.parse().map_err(|_| place.unknown())?;
            if numbered.insert(number, T::from_query(node, &place)?).is_some() {
                return Err(place.invalid(name, "each number of the list once"));
            }
        }
        Ok(numbered.into_values().collect())
    }

    fn leaf<'n>(&'n self, at: &At<'_>) -> Result<&'n str, WireError> {
        if let Some(name) = self.children.keys().next() {
            return Err(at.member(name).unknown());
        }
        Ok(self.value.as_deref().unwrap_or_default())
    }
}

/// A value read from the tree of parameters.
pub trait FromQuery: Sized {
    /// Reads the value that stands at `node`.
    fn from_query(node: &Node, at: &At<'_>) -> Result<Self, WireError>;
}

macro_rules! scalar {
    ($($type:ty),*) => {$(
        impl FromQuery for $type {
            fn from_query(node: &Node, at: &At<'_>) -> Result<Self, WireError> {
                Self::from_text(node.leaf(at)?, at)
            }
        }
    )*};
}
scalar!(String, bool, i32, i64, f64, Timestamp, Blob);

#[cfg(test)]
mod tests {
    use super::*;

    const EC2: At<'static> = At::top(Protocol::Ec2, "Test");

    #[test]
    fn lists_are_read_in_numeric_order() {
        let params = Params::parse(b"Action=X&Id.10=j&Id.2=b&Id.1=a").unwrap();
        let ids: Vec<String> = params.root().list(&EC2, "Id").unwrap();
        assert_eq!(ids, ["a", "b", "j"]);
    }

    #[test]
    fn maps_are_read_in_both_forms() {
        const QUERY: At<'static> = At::top(Protocol::Query { namespace: "" }, "Test");
        let params = Params::parse(b"M.entry.1.key=a&M.entry.1.value=1&M.entry.2.key=b&M.entry.2.value=2&F.1.Name=c&F.1.V=3&E=").unwrap();
        let node = params.root();
        assert_eq!(node.map::<i32>(&QUERY, "M", "key", "value", false).unwrap(), [("a".into(), 1), ("b".into(), 2)].into());
        assert_eq!(node.map::<i32>(&QUERY, "F", "Name", "V", true).unwrap(), [("c".into(), 3)].into());
        assert_eq!(node.map::<i32>(&QUERY, "E", "key", "value", false).unwrap(), BTreeMap::new());
        assert_eq!(node.map::<i32>(&QUERY, "F", "key", "value", false).unwrap_err().code, "InvalidParameterValue");
        assert_eq!(node.map::<i32>(&QUERY, "F", "key", "V", true).unwrap_err().code, "ValidationError");
    }

    #[test]
    fn a_list_is_bounded() {
        let text: String = (1..=MAX_LIST + 1).map(|n| format!("Id.{n}=x&")).collect();
        let params = Params::parse(text.trim_end_matches('&').as_bytes()).unwrap();
        let error = params.root().list::<String>(&EC2, "Id").unwrap_err();
        assert_eq!(error.code, "InvalidParameterValue");
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("{}=x", vec!["a"; MAX_DEPTH + 1].join("."));
        assert_eq!(Params::parse(deep.as_bytes()).unwrap_err().code, "UnknownParameter");
    }

    #[test]
    fn a_scalar_with_members_is_refused_by_name() {
        let params = Params::parse(b"CidrBlock.Value=x").unwrap();
        let error = params.root().optional::<String>(&EC2, "CidrBlock").unwrap_err();
        assert_eq!(error.message, "The parameter CidrBlock.Value is not recognized");
    }

    #[test]
    fn a_parameter_given_twice_is_refused() {
        assert_eq!(Params::parse(b"A=1&A=2").unwrap_err().code, "InvalidParameterCombination");
    }
}
