//! An answer -> the JSON that the AWS CLI prints of it.
use crate::interface::{Interface, Member, Operation, Protocol, Shape};
use serde_json::{Map, Value, json};
use vpclab_wire::xml::Element;

/// Reads the body of an answer.
pub(crate) fn read(interface: &Interface, operation: &Operation, body: &[u8]) -> Result<Value, String> {
    let output = interface.shapes.get(&operation.output);
    // A whole body that is a document, such as an export.
    if let Some(Shape::Structure { payload: Some(payload), members, .. }) = output
        && members.get(payload).is_some_and(|member| matches!(interface.shapes.get(&member.shape), Some(Shape::Blob)))
    {
        return serde_json::from_slice(body).map_err(|why| why.to_string());
    }
    match interface.protocol {
        Protocol::RestJson | Protocol::Json => {
            let value: Value = if body.is_empty() { json!({}) } else { serde_json::from_slice(body).map_err(|why| why.to_string())? };
            Ok(renamed(interface, &operation.output, value))
        }
        Protocol::Ec2 | Protocol::Query | Protocol::RestXml => {
            let root = Element::parse(body)?;
            let result = match &operation.result_wrapper {
                Some(wrapper) => root.children().iter().find(|child| child.name() == wrapper).ok_or("the answer has no result")?,
                None => &root,
            };
            Ok(of_xml(interface, &operation.output, result))
        }
    }
}

/// The error that an answer tells: code and message.
pub(crate) fn error(interface: &Interface, header: Option<&str>, body: &[u8]) -> (String, String) {
    if matches!(interface.protocol, Protocol::RestJson | Protocol::Json) {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |names: &[&str]| names.iter().find_map(|name| value.get(*name).and_then(Value::as_str)).unwrap_or_default().to_owned();
        let code = header.map_or_else(|| text(&["code", "__type"]), str::to_owned);
        // `ResourceNotFoundException:http://…`, `com.amazonaws.lambda#ResourceNotFoundException`
        let code = code.split(':').next().and_then(|code| code.rsplit('#').next()).unwrap_or_default().to_owned();
        return (code, text(&["message", "Message"]));
    }
    let Ok(root) = Element::parse(body) else { return (String::new(), String::from_utf8_lossy(body).chars().take(300).collect()) };
    let text = |name: &str| find(&root, name, 4).map(|element| element.text().trim().to_owned()).unwrap_or_default();
    (text("Code"), text("Message"))
}

fn find<'a>(element: &'a Element, name: &str, depth: usize) -> Option<&'a Element> {
    if element.name() == name {
        return Some(element);
    }
    if depth == 0 { None } else { element.children().iter().find_map(|child| find(child, name, depth - 1)) }
}

/// JSON with the names of members in place of those on the wire.
fn renamed(interface: &Interface, shape: &str, value: Value) -> Value {
    match (interface.shapes.get(shape), value) {
        (Some(Shape::Structure { members, .. }), Value::Object(mut object)) => {
            let mut made = Map::new();
            for (name, member) in members {
                if let Some(value) = object.remove(member.location_name.as_deref().unwrap_or(name)).filter(|value| !value.is_null()) {
                    made.insert(name.clone(), renamed(interface, &member.shape, value));
                }
            }
            Value::Object(made)
        }
        (Some(Shape::List { member, .. }), Value::Array(items)) => {
            items.into_iter().map(|item| renamed(interface, &member.shape, item)).collect()
        }
        (Some(Shape::Map { value: member, .. }), Value::Object(object)) => {
            object.into_iter().map(|(key, value)| (key, renamed(interface, &member.shape, value))).collect()
        }
        (_, value) => value,
    }
}

fn of_xml(interface: &Interface, shape: &str, element: &Element) -> Value {
    match interface.shapes.get(shape) {
        Some(Shape::Structure { members, .. }) => {
            let mut made = Map::new();
            for (name, member) in members {
                made.extend(member_of_xml(interface, name, member, element).map(|value| (name.clone(), value)));
            }
            Value::Object(made)
        }
        Some(Shape::List { member, .. }) => element.children().iter().map(|child| of_xml(interface, &member.shape, child)).collect(),
        Some(Shape::Map { key, value }) => {
            let child = |entry: &Element, member: &Member, usual: &str| {
                let name = member.location_name.as_deref().unwrap_or(usual);
                entry.children().iter().find(|child| child.name() == name).map(|child| of_xml(interface, &member.shape, child))
            };
            let entries = element.children().iter().filter_map(|entry| {
                let key = child(entry, key, "key")?.as_str()?.to_owned();
                Some((key, child(entry, value, "value").unwrap_or_default()))
            });
            Value::Object(entries.collect())
        }
        Some(Shape::Boolean) => json!(element.text().trim() == "true"),
        Some(Shape::Integer | Shape::Long) => element.text().trim().parse::<i64>().map_or(Value::Null, Value::from),
        Some(Shape::Float | Shape::Double) => element.text().trim().parse::<f64>().map_or(Value::Null, Value::from),
        Some(Shape::String | Shape::Timestamp | Shape::Blob) | None => json!(element.text()),
    }
}

/// A member's value; a list that is flattened has its items beside the other members.
fn member_of_xml(interface: &Interface, name: &str, member: &Member, parent: &Element) -> Option<Value> {
    let located = member.location_name.as_deref().unwrap_or(name);
    let mut found = parent.children().iter().filter(|child| child.name() == located).peekable();
    if let Some(Shape::List { member: items, flattened }) = interface.shapes.get(&member.shape)
        && (*flattened || member.flattened)
    {
        found.peek()?;
        return Some(found.map(|child| of_xml(interface, &items.shape, child)).collect());
    }
    found.next().map(|child| of_xml(interface, &member.shape, child))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interface::of;
    use vpclab_import::calls::Service;

    fn answer(service: Service, operation: &str, body: &str) -> Value {
        let interface = of(service).unwrap();
        read(interface, &interface.operations[operation], body.as_bytes()).unwrap()
    }

    #[test]
    fn answers_read_as_the_cli_prints_them() {
        let tables = answer(
            Service::Ec2,
            "DescribeRouteTables",
            "<DescribeRouteTablesResponse xmlns=\"x\"><routeTableSet><item><routeTableId>rtb-1</routeTableId><routeSet><item>\
             <destinationCidrBlock>10.0.0.0/8</destinationCidrBlock><transitGatewayId>tgw-1</transitGatewayId></item></routeSet>\
             <associationSet><item><main>true</main></item></associationSet></item></routeTableSet><nextToken>n</nextToken></DescribeRouteTablesResponse>",
        );
        let expected = json!({"NextToken": "n", "RouteTables": [{"RouteTableId": "rtb-1", "Associations": [{"Main": true}],
            "Routes": [{"DestinationCidrBlock": "10.0.0.0/8", "TransitGatewayId": "tgw-1"}]}]});
        assert_eq!(tables, expected);
        let apis = answer(
            Service::ApiGateway,
            "GetRestApis",
            r#"{"item":[{"id":"abc","endpointConfiguration":{"types":["PRIVATE"]},"unknown":1}],"position":"p"}"#,
        );
        assert_eq!(apis, json!({"position": "p", "items": [{"id": "abc", "endpointConfiguration": {"types": ["PRIVATE"]}}]}));
        let zone = answer(
            Service::Route53,
            "GetHostedZone",
            "<GetHostedZoneResponse><HostedZone><Id>/hostedzone/Z1</Id><Config><PrivateZone>true</PrivateZone></Config></HostedZone>\
             <VPCs><VPC><VPCRegion>us-west-2</VPCRegion><VPCId>vpc-1</VPCId></VPC></VPCs></GetHostedZoneResponse>",
        );
        assert_eq!(zone["VPCs"], json!([{"VPCRegion": "us-west-2", "VPCId": "vpc-1"}]));
        assert_eq!(zone["HostedZone"]["Config"]["PrivateZone"], json!(true));
        let caller = "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
        assert_eq!(answer(Service::Sts, "GetCallerIdentity", caller), json!({"Account": "111122223333"}));
        assert_eq!(answer(Service::ApiGateway, "GetExport", r#"{"openapi":"3.0.1"}"#), json!({"openapi": "3.0.1"}));
    }

    #[test]
    fn errors_are_read_in_every_dialect() {
        let of_service = |service, header, body: &str| error(of(service).unwrap(), header, body.as_bytes());
        let told = ("UnauthorizedOperation".to_owned(), "no".to_owned());
        assert_eq!(
            of_service(
                Service::Ec2,
                None,
                "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>"
            ),
            told
        );
        let missing = ("ResourceNotFoundException".to_owned(), "no".to_owned());
        assert_eq!(of_service(Service::Lambda, Some("ResourceNotFoundException:http://x"), r#"{"Message":"no"}"#), missing);
        assert_eq!(of_service(Service::ApiGateway, None, r#"{"__type":"a#ResourceNotFoundException","message":"no"}"#), missing);
        assert_eq!(of_service(Service::Sts, None, "nonsense"), (String::new(), "nonsense".to_owned()));
    }
}
