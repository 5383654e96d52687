//! The generated codecs against what AWS's own client writes and reads.
//!
//! `tests/fixtures/requests.json` holds a request per operation as botocore serialises it
//! (`tools/sample_requests.py`); `tests/fixtures/answers.json` holds our answers with every
//! member set, which `tools/check_answers.py` gives to botocore's parser.

mod answers;
mod limits;
mod refusals;
mod requests;

use std::collections::BTreeMap;

use http::{HeaderMap, Uri};
use proptest::prelude::*;
use quick_xml::events::Event;

use crate::query::Params;
use crate::{Blob, Timestamp, WireError, apigateway, ec2, json, rest};

/// A value with every member set.
pub(crate) trait Sample: Sized {
    fn sample() -> Self;

    /// A value that a header can carry.
    fn in_header() -> Self {
        Self::sample()
    }
}

macro_rules! samples {
    ($($type:ty => $value:expr),* $(,)?) => {$(
        impl Sample for $type {
            fn sample() -> Self {
                $value
            }
        }
    )*};
}
samples!(
    () => (),
    bool => true,
    i32 => 7,
    i64 => 7,
    f64 => 7.5,
    Timestamp => Timestamp(1_769_860_800_000),
    Blob => Blob("bytes".into()),
);

impl Sample for String {
    fn sample() -> Self {
        "text <&> é".to_owned()
    }

    fn in_header() -> Self {
        "text".to_owned()
    }
}

impl<T: Sample> Sample for Option<T> {
    fn sample() -> Self {
        Some(T::sample())
    }

    fn in_header() -> Self {
        Some(T::in_header())
    }
}

impl<T: Sample> Sample for Vec<T> {
    fn sample() -> Self {
        vec![T::sample(), T::sample()]
    }
}

impl<T: Sample> Sample for BTreeMap<String, T> {
    fn sample() -> Self {
        [("key".to_owned(), T::sample())].into()
    }

    fn in_header() -> Self {
        [("key".to_owned(), T::in_header())].into()
    }
}

/// Every service by the kind of its protocol: `$do!(form, name)`, `$do!(json, name)`, `$do!(rest, name)`.
macro_rules! each_service {
    ($do:ident) => {
        $do!(rest, apigateway);
        $do!(json, cloudcontrol);
        $do!(form, cloudformation);
        $do!(form, ec2);
        $do!(json, ecr);
        $do!(form, iam);
        $do!(rest, lambda);
        $do!(json, logs);
        $do!(rest, route53);
        $do!(rest, s3);
        $do!(json, ssm);
        $do!(form, sts);
    };
}
pub(crate) use each_service;

/// A request as a client puts it on the wire.
#[derive(Debug, Default)]
struct Sent {
    service: String,
    method: String,
    uri: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// Decodes a request of any service; `None` when it names no served operation.
fn decode(sent: &Sent) -> Option<Result<String, WireError>> {
    macro_rules! one {
        (form, $service:ident) => {
            if sent.service == stringify!($service) {
                return match Params::parse(&sent.body) {
                    Ok(params) => crate::$service::Operation::from_name(params.action()).map(|op| crate::$service::decode_any(op, &params)),
                    Err(error) => Some(Err(error)),
                };
            }
        };
        (json, $service:ident) => {
            if sent.service == stringify!($service) {
                let operation = crate::$service::Operation::from_name(json::target(&sent.headers, crate::$service::TARGET)?)?;
                return Some(json::Request::parse(&sent.body).and_then(|request| crate::$service::decode_any(operation, &request)));
            }
        };
        (rest, $service:ident) => {
            if sent.service == stringify!($service) {
                let uri: Uri = sent.uri.parse().ok()?;
                let matched = rest::route(crate::$service::ROUTES, &sent.method, &uri, &sent.headers)?;
                let operation = crate::$service::Operation::from_name(matched.operation)?;
                let request = rest::Request::new(matched, &uri, sent.headers.clone(), sent.body.clone().into());
                return Some(crate::$service::decode_any(operation, &request));
            }
        };
    }
    each_service!(one);
    None
}

proptest! {
    #[test]
    fn form_decoders_never_panic(
        operation in proptest::sample::select(ec2::Operation::ALL),
        pairs in proptest::collection::vec(
            ("(Filter|IpPermissions|VpcId|TagSpecification|NetworkInterface|InstanceId|MaxCount)?(\\.([0-9]{1,3}|Value|Name|Groups|Tag|Key)){0,4}", ".{0,8}"), 0..8),
        dry_run in proptest::option::of("true|false|maybe"),
    ) {
        let pairs = pairs.into_iter().chain(dry_run.map(|text| ("DryRun".to_owned(), text)));
        if let Ok(params) = Params::from_pairs(pairs) {
            let _ = ec2::decode_any(operation, &params);
        }
    }

    #[test]
    fn any_bytes_parse_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Params::parse(&bytes);
    }

    #[test]
    fn rest_decoders_never_panic(
        route in proptest::sample::select(apigateway::ROUTES),
        label in "[a-z0-9%]{1,6}",
        query in "[a-z=&%0-9]{0,20}",
        body in "\\PC{0,20}|\\{\"(name|tags|type|statusCode|patchOperations|variables)\": *(1|null|\"x\"|\\[1\\]|\\{\"a\":1\\}|\\[\\{\"op\":\"add\"\\}\\])\\}",
    ) {
        let path: Vec<&str> =
            route.template.split('/').map(|part| if part.starts_with('{') { &label } else { part }).collect();
        let uri = format!("{}?{query}", path.join("/"));
        let sent = Sent { service: "apigateway".into(), method: route.method.into(), uri, body: body.into(), ..Sent::default() };
        let _ = decode(&sent);
    }

    #[test]
    fn xml_decoders_never_panic(
        route in proptest::sample::select(crate::s3::ROUTES),
        body in "\\PC{0,20}|(</?(Delete|Tagging|TagSet|Tag|Key|Object|Quiet)/?>|<!\\[CDATA\\[|\\]\\]>|&[a-z#0-9]{0,4};|[a-z<>&]){0,20}",
    ) {
        let path: Vec<&str> = route.template.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect();
        let query: Vec<String> = route.fixed.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let uri = format!("{}?{}", path.join("/"), query.join("&"));
        let sent = Sent { service: "s3".into(), method: route.method.into(), uri, body: body.into(), ..Sent::default() };
        let _ = decode(&sent);
    }

    #[test]
    fn json_decoders_never_panic(
        operation in proptest::sample::select(crate::ssm::Operation::ALL),
        body in "\\PC{0,20}|\\{\"(Name|Names|Tags|ParameterFilters|MaxResults|Overwrite)\": *(1|1e99|null|\"x\"|\\[1\\]|\\{\"a\":1\\}|\\[\\{\"Key\":\"a\"\\}\\])\\}",
    ) {
        if let Ok(request) = json::Request::parse(body.as_bytes()) {
            let _ = crate::ssm::decode_any(operation, &request);
        }
    }

    #[test]
    fn text_survives_xml_both_ways(text in "\\PC{0,40}") {
        let mut xml = crate::xml::XmlWriter::document();
        xml.element("a", |xml| xml.text("b", &text));
        let root = crate::xml::Element::parse(xml.finish().as_bytes()).unwrap();
        let at = crate::At::top(crate::Protocol::S3, "Test");
        prop_assert_eq!(root.required::<String>(&at, "b").unwrap(), text);
    }

    #[test]
    fn text_survives_xml(text in "\\PC{0,40}") {
        let result = ec2::CreateSecurityGroupResult { group_id: Some(text.clone()), ..Default::default() };
        let answer = <ec2::CreateSecurityGroupRequest as crate::Call>::encode(&result, "r");
        let body = std::str::from_utf8(answer.body()).unwrap();
        prop_assert_eq!(text_of(body, "groupId"), text);
    }
}

/// The text of the first element called `name`, as an XML reader sees it.
fn text_of(xml: &str, name: &str) -> String {
    let mut reader = quick_xml::Reader::from_str(xml);
    let (mut seen, mut inside) = (String::new(), false);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) if tag.name().as_ref() == name => inside = true,
            Event::End(_) if inside => return seen,
            Event::Text(part) if inside => seen.push_str(part.as_ref()),
            Event::GeneralRef(part) if inside => seen.push_str(match part.as_ref() {
                "lt" => "<",
                "gt" => ">",
                "amp" => "&",
                "quot" => "\"",
                other => panic!("an entity that we do not write: {other}"),
            }),
            Event::Eof => panic!("no {name}"),
            _ => {}
        }
    }
}
