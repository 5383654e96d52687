//! Text -> checks, each part with its place.
use super::{Check, Expect, Selector, Who};
use crate::Cause;
use vpclab_template::{Map, Node, Span, Value};

/// The most checks of a file.
const CHECKS_MAX: usize = 10_000;

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CheckError {
    /// What.
    pub message: String,
    /// Where.
    pub at: Span,
}

fn wrong<T>(at: Span, message: impl Into<String>) -> Result<T, CheckError> {
    Err(CheckError { message: message.into(), at })
}

/// Reads a file of checks.
///
/// # Errors
/// Text that is no YAML, members that are not known, values that are none.
pub fn read(text: &str) -> Result<Vec<Check>, CheckError> {
    let node = vpclab_template::parse(text).map_err(|why| {
        let message = why.message.strip_prefix("Template format error: ").unwrap_or(&why.message).to_owned();
        CheckError { message: why.detail.map_or(message.clone(), |detail| format!("{message}: {detail}")), at: why.at }
    })?;
    let root = map(&node, "the file")?;
    known(root, &["checks"])?;
    let Some(list) = root.get("checks") else { return wrong(node.at, "`checks` is missing") };
    let Value::List(items) = &list.value else { return wrong(list.at, "`checks` is no list") };
    if items.is_empty() || items.len() > CHECKS_MAX {
        return wrong(list.at, format!("a file has 1 to {CHECKS_MAX} checks"));
    }
    items.iter().enumerate().map(|(number, node)| check(number, node)).collect()
}

fn check(number: usize, node: &Node) -> Result<Check, CheckError> {
    let members = map(node, "a check")?;
    known(members, &["name", "from", "never", "call", "headers", "expect", "or-none"])?;
    let call = match members.get("call") {
        Some(call) => call,
        None => return wrong(node.at, "`call` is missing: write `call: GET https://…`"),
    };
    let text = string(call, "`call`")?;
    let (method, url) = match text.trim().split_once(char::is_whitespace) {
        Some((method, url)) => (method.to_owned(), url.trim().to_owned()),
        None => ("GET".to_owned(), text.trim().to_owned()),
    };
    let (from, from_at, expect) = match (members.get("from"), members.get("never"), members.get("expect")) {
        (Some(from), None, Some(expect)) => (from, from.at, self::expect(expect)?),
        (None, Some(never), None) => (never, never.at, Expect::Blocked),
        (Some(_), Some(never), _) => return wrong(never.at, "a check has `from` with `expect`, or `never`"),
        (None, Some(_), Some(expect)) => return wrong(expect.at, "`never` says what is expected; `expect` does not belong there"),
        (Some(from), None, None) => return wrong(from.at, "`expect` is missing: 200, reachable, blocked, or {blocked-by: CAUSE}"),
        (None, None, _) => return wrong(node.at, "`from` or `never` is missing"),
    };
    let name = match members.get("name") {
        Some(name) => string(name, "`name`")?,
        None => format!("check {}", number + 1),
    };
    let or_none = match members.get("or-none") {
        Some(node) => match node.as_bool() {
            Some(on) => on,
            None => return wrong(node.at, "`or-none` is true or false"),
        },
        None => false,
    };
    let headers = match members.get("headers") {
        Some(node) => pairs(node, "`headers`")?,
        None => Vec::new(),
    };
    Ok(Check { name, at: node.at, from: whos(from)?, from_at, or_none, method, url, call_at: call.at, headers, expect })
}

fn expect(node: &Node) -> Result<Expect, CheckError> {
    const WHAT: &str = "an expectation is a status such as 200, `reachable`, `blocked`, or {blocked-by: CAUSE}";
    if let Some(number) = node.as_i64() {
        return match u16::try_from(number) {
            Ok(status @ 100..=599) => Ok(Expect::Status(status)),
            _ => wrong(node.at, format!("{number} is no HTTP status")),
        };
    }
    if let Some(members) = node.as_map() {
        known(members, &["blocked-by"])?;
        let Some(code) = members.get("blocked-by") else { return wrong(node.at, WHAT) };
        let text = string(code, "`blocked-by`")?;
        return match Cause::ALL.iter().find(|cause| cause.code() == text) {
            Some(cause) => Ok(Expect::BlockedBy(*cause)),
            None => wrong(code.at, format!("`{text}` is no cause; docs/causes has a page for each")),
        };
    }
    match node.as_str() {
        Some("reachable") => Ok(Expect::Reachable),
        Some("blocked") => Ok(Expect::Blocked),
        _ => wrong(node.at, WHAT),
    }
}

fn whos(node: &Node) -> Result<Vec<Who>, CheckError> {
    match &node.value {
        Value::String(text) => Ok(vec![Who::One(text.clone())]),
        Value::Map(_) => Ok(vec![Who::All(selector(node)?)]),
        Value::List(items) if !items.is_empty() => Ok(items.iter().map(whos).collect::<Result<Vec<_>, _>>()?.concat()),
        Value::List(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {
            wrong(node.at, "a source is a text such as i-…, a selector such as {vpc: vpc-…}, or a list of these")
        }
    }
}

fn selector(node: &Node) -> Result<Selector, CheckError> {
    let members = map(node, "a selector")?;
    known(members, &["any", "instance", "function", "vpc", "subnet", "group", "cidr", "tag", "not"])?;
    let list = |key: &str| members.get(key).map_or_else(|| Ok(Vec::new()), |node| strings(node, key));
    let mut cidrs = Vec::new();
    if let Some(node) = members.get("cidr") {
        for text in strings(node, "cidr")? {
            match text.parse().or_else(|_| text.parse::<std::net::Ipv4Addr>().map(ipnet::Ipv4Net::from)) {
                Ok(cidr) => cidrs.push(cidr),
                Err(_) => return wrong(node.at, format!("`{text}` is no IPv4 CIDR")),
            }
        }
    }
    let any = members.get("any");
    if let Some(node) = any.filter(|node| node.as_bool() != Some(true)) {
        return wrong(node.at, "`any` is true, or not there");
    }
    let tags = members.get("tag").map_or_else(|| Ok(Vec::new()), |node| pairs(node, "`tag`"))?;
    let selector = Selector {
        instances: list("instance")?,
        functions: list("function")?,
        vpcs: list("vpc")?,
        subnets: list("subnet")?,
        groups: list("group")?,
        cidrs,
        tags: tags.into_iter().collect(),
        not: members.get("not").map(|node| Ok(Box::new(self::selector(node)?))).transpose()?,
    };
    // An empty selector is more likely a slip than everyone.
    if selector == Selector::default() && any.is_none() {
        return wrong(node.at, "an empty selector; write {any: true} for every source");
    }
    Ok(selector)
}

fn map<'n>(node: &'n Node, what: &str) -> Result<&'n Map, CheckError> {
    match node.as_map() {
        Some(map) => Ok(map),
        None => wrong(node.at, format!("{what} has to be a mapping, and is {}", node.value.kind())),
    }
}

fn known(members: &Map, names: &[&str]) -> Result<(), CheckError> {
    match members.iter().find(|(key, _)| !names.contains(key)) {
        Some((key, _)) => wrong(members.key_at(key), format!("`{key}` is not known here; known are {}", names.join(", "))),
        None => Ok(()),
    }
}

fn string(node: &Node, what: &str) -> Result<String, CheckError> {
    match node.scalar_text() {
        Some(text) => Ok(text),
        None => wrong(node.at, format!("{what} has to be a text")),
    }
}

fn strings(node: &Node, key: &str) -> Result<Vec<String>, CheckError> {
    match &node.value {
        Value::List(items) if !items.is_empty() => items.iter().map(|item| string(item, key)).collect(),
        Value::List(_) => wrong(node.at, format!("`{key}` is an empty list")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Map(_) => Ok(vec![string(node, &format!("`{key}`"))?]),
    }
}

fn pairs(node: &Node, what: &str) -> Result<Vec<(String, String)>, CheckError> {
    map(node, what)?.iter().map(|(key, value)| Ok((key.to_owned(), string(value, what)?))).collect()
}
