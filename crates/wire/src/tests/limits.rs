//! What AWS's common validation says.

use http::HeaderMap;

use crate::query::Params;
use crate::{Call, WireError, cloudformation, iam, json, lambda, logs, rest, route53};

#[test]
fn every_pattern_is_a_regular_expression() {
    macro_rules! one {
        ($kind:ident, $service:ident) => {
            for pattern in crate::$service::PATTERNS {
                crate::limits::compile(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
            }
        };
    }
    super::each_service!(one);
}

#[track_caller]
fn says<T>(decoded: Result<T, WireError>, code: &str, message: &str) {
    let error = decoded.map(|_| ()).unwrap_err();
    assert_eq!((error.status, error.code.as_ref(), error.message.as_str()), (400, code, message));
}

fn form(body: &str) -> Params {
    Params::parse(body.as_bytes()).unwrap()
}

fn routed(routes: &[rest::Route], method: &str, uri: &str, body: &str) -> rest::Request {
    let uri: http::Uri = uri.parse().unwrap();
    let matched = rest::route(routes, method, &uri, &HeaderMap::new()).unwrap();
    rest::Request::new(matched, &uri, HeaderMap::new(), body.to_owned().into())
}

#[test]
fn query_services() {
    says(
        <cloudformation::call::DescribeChangeSet as Call>::decode(&form("ChangeSetName=c&StackName=a_b")),
        "ValidationError",
        "1 validation error detected: Value 'a_b' at 'stackName' failed to satisfy constraint: Member must satisfy regular \
         expression pattern: ([a-zA-Z][-a-zA-Z0-9]*)|(arn:\\b(aws|aws-us-gov|aws-cn)\\b:[-a-zA-Z0-9:/._+]*)",
    );
    says(
        <cloudformation::call::CancelUpdateStack as Call>::decode(&form("")),
        "ValidationError",
        "1 validation error detected: Value null at 'stackName' failed to satisfy constraint: Member must not be null",
    );
    let create = <cloudformation::call::CreateStack as Call>::decode;
    says(
        create(&form("StackName=s&Capabilities.member.1=CAPABILITY_ALL&TimeoutInMinutes=0&Tags.member.1.Key=&Tags.member.1.Value=v")),
        "ValidationError",
        "3 validation errors detected: Value '0' at 'timeoutInMinutes' failed to satisfy constraint: Member must have value greater \
         than or equal to 1; Value '[CAPABILITY_ALL]' at 'capabilities' failed to satisfy constraint: Member must satisfy constraint: \
         [Member must satisfy enum value set: [CAPABILITY_IAM, CAPABILITY_NAMED_IAM, CAPABILITY_AUTO_EXPAND]]; Value '' at \
         'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
    assert!(create(&form("StackName=s&Capabilities.member.1=CAPABILITY_IAM&TemplateBody=x&Tags=")).is_ok());
    let name = "r".repeat(65);
    says(
        <iam::call::GetRole as Call>::decode(&form(&format!("RoleName={name}"))),
        "ValidationError",
        &format!(
            "1 validation error detected: Value '{name}' at 'roleName' failed to satisfy constraint: Member must have length less than \
             or equal to 64"
        ),
    );
}

#[test]
fn json_services() {
    let parse = |body: &str| json::Request::parse(body.as_bytes()).unwrap();
    says(
        <logs::call::CreateLogGroup as Call>::decode(&parse(r#"{"logGroupName":"a b"}"#)),
        "InvalidParameterException",
        "1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular \
         expression pattern: [\\.\\-_/#A-Za-z0-9]+",
    );
    assert!(<logs::call::CreateLogGroup as Call>::decode(&parse(r#"{"logGroupName":"/aws/lambda/f_1"}"#)).is_ok());
}

#[test]
fn rest_services() {
    let uri = "/2015-03-31/functions/f/concurrency";
    let request = routed(lambda::ROUTES, "PUT", &uri.replace("2015-03-31", "2017-10-31"), r#"{"ReservedConcurrentExecutions":-1}"#);
    says(
        <lambda::call::PutFunctionConcurrency as Call>::decode(&request),
        "ValidationException",
        "1 validation error detected: Value '-1' at 'reservedConcurrentExecutions' failed to satisfy constraint: Member must have value \
         greater than or equal to 0",
    );
    let request = routed(lambda::ROUTES, "PUT", "/2017-10-31/functions/a%20b/concurrency", "{}");
    let error = <lambda::call::PutFunctionConcurrency as Call>::decode(&request).unwrap_err();
    assert_eq!(error.code, "ValidationException");
    assert!(error.message.contains("Value null at 'reservedConcurrentExecutions'"), "{}", error.message);
    let zone = "Z".repeat(33);
    says(
        <route53::call::GetHostedZone as Call>::decode(&routed(route53::ROUTES, "GET", &format!("/2013-04-01/hostedzone/{zone}"), "")),
        "InvalidInput",
        &format!(
            "1 validation error detected: Value '{zone}' at 'id' failed to satisfy constraint: Member must have length less than or equal \
             to 32"
        ),
    );
}
