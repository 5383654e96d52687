//! A call -> an HTTP request.
use crate::interface::{Interface, Operation, Protocol};
use http::HeaderValue;
use serde_json::Value;
use vpclab_wire::sigv4::canonical::encode;

/// Path and query, headers, body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plain {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// Writes a request as the service's protocol wants it.
pub(crate) fn write(interface: &Interface, name: &str, operation: &Operation, members: &[(&str, Value)]) -> Plain {
    match interface.protocol {
        Protocol::Ec2 | Protocol::Query => form(interface, name, operation, members),
        Protocol::RestJson | Protocol::RestXml => rest(operation, members),
        Protocol::Json => json(interface, name, operation, members),
    }
}

/// The members in the body, the operation in a header.
fn json(interface: &Interface, name: &str, operation: &Operation, members: &[(&str, Value)]) -> Plain {
    let body: serde_json::Map<String, Value> = members.iter().map(|(member, value)| ((*member).to_owned(), value.clone())).collect();
    let target = format!("{}.{name}", interface.target_prefix.as_deref().unwrap_or_default());
    let content_type = format!("application/x-amz-json-{}", interface.json_version.as_deref().unwrap_or("1.1"));
    Plain {
        method: operation.method.clone(),
        target: operation.uri.clone(),
        headers: vec![("content-type", content_type), ("x-amz-target", target)],
        body: Value::Object(body).to_string(),
    }
}

/// The members are texts and numbers: no call has lists.
fn form(interface: &Interface, name: &str, operation: &Operation, members: &[(&str, Value)]) -> Plain {
    let mut pairs = vec![("Action".to_owned(), name.to_owned()), ("Version".to_owned(), interface.api_version.clone())];
    pairs.extend(members.iter().map(|(member, value)| ((*member).to_owned(), text(value))));
    let body: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{}={}", encode(&name), encode(&value))).collect();
    Plain {
        method: operation.method.clone(),
        target: operation.uri.clone(),
        headers: vec![("content-type", "application/x-www-form-urlencoded; charset=utf-8".to_owned())],
        body: body.join("&"),
    }
}

fn rest(operation: &Operation, members: &[(&str, Value)]) -> Plain {
    let (mut path, mut query) = (operation.uri.clone(), Vec::new());
    let mut headers = Vec::new();
    for (member, value) in members {
        let described = operation.input.get(*member);
        let located = described.and_then(|member| member.location_name.as_deref()).unwrap_or(member);
        match described.and_then(|member| member.location.as_deref()) {
            Some("uri") => path = path.replace(&format!("{{{located}}}"), &encode(&text(value))),
            Some("header") => headers.push(("accept", text(value))),
            _ => match value {
                Value::Array(items) => query.extend(items.iter().map(|item| (located.to_owned(), text(item)))),
                Value::Object(entries) => query.extend(entries.iter().map(|(key, value)| (key.clone(), text(value)))),
                other => query.push((located.to_owned(), text(other))),
            },
        }
    }
    // Without it API Gateway answers in another dialect of JSON.
    if !headers.iter().any(|(name, _)| *name == "accept") {
        headers.push(("accept", "application/json".to_owned()));
    }
    headers.retain(|(_, value)| HeaderValue::from_str(value).is_ok());
    let query: Vec<String> = query.into_iter().map(|(name, value)| format!("{}={}", encode(&name), encode(&value))).collect();
    let separator = if query.is_empty() { "" } else { "?" };
    Plain { method: operation.method.clone(), target: format!("{path}{separator}{}", query.join("&")), headers, body: String::new() }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interface;
    use vpclab_import::calls::{CALLS, Subject};

    fn plain(operation: &str) -> Plain {
        let call = CALLS.iter().find(|call| call.operation == operation).unwrap();
        let described = interface::of(call.service).unwrap();
        let subject = Subject { id: "x:1/2".into(), stage: "dev".into(), deployment: "d1".into(), qualifier: "live".into() };
        write(described, operation, &described.operations[operation], &call.request(&subject))
    }

    #[test]
    fn each_protocol_is_written() {
        assert_eq!(
            plain("DescribeVpcAttribute").body,
            "Action=DescribeVpcAttribute&Version=2016-11-15&VpcId=x%3A1%2F2&Attribute=enableDnsSupport"
        );
        assert_eq!(plain("GetResources").target, "/restapis/x%3A1%2F2/resources?embed=methods");
        let export = plain("GetExport");
        assert_eq!(export.target, "/restapis/x%3A1%2F2/stages/dev/exports/oas30?extensions=apigateway");
        assert_eq!(export.headers, [("accept", "application/json".to_owned())]);
        assert_eq!(plain("GetPolicy").target, "/2015-03-31/functions/x%3A1%2F2/policy");
        let rules = plain("ListResolverRules");
        assert_eq!((rules.target.as_str(), rules.body.as_str()), ("/", "{}"));
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", "Route53Resolver.ListResolverRules")];
        assert_eq!(rules.headers, headers.map(|(name, value)| (name, value.to_owned())));
        assert_eq!(plain("GetHostedZone").target, "/2013-04-01/hostedzone/x%3A1%2F2");
    }
}
