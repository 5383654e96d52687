//! The Lambda proxy integration: the event that a function gets, and what its answer means.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>
mod answer;
mod header;
#[cfg(test)]
mod tests;

pub use answer::{Malformed, ProxyAnswer};
pub use header::is_added;

use crate::identity::Signer;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A request, as the event shows it. Names and values are decoded.
#[derive(Clone, Debug, Default)]
pub struct ProxyRequest<'a> {
    /// The resource's path as declared, such as `/pets/{id}`.
    pub resource_path: &'a str,
    /// The resource's id.
    pub resource_id: &'a str,
    /// The path inside the stage, with a leading slash.
    pub path: &'a str,
    /// The method as routed.
    pub method: &'a str,
    /// The headers as they came, in order; names in lower case.
    pub headers: Vec<(&'a str, &'a str)>,
    /// The query's names and values, in order.
    pub query: Vec<(String, String)>,
    /// Path parameters.
    pub path_parameters: Vec<(&'a str, String)>,
    /// Stage variables.
    pub stage_variables: Option<&'a BTreeMap<String, String>>,
    /// The stage.
    pub stage: &'a str,
    /// The deployment.
    pub deployment_id: &'a str,
    /// The API.
    pub api_id: &'a str,
    /// Its account.
    pub account: &'a str,
    /// The caller's address.
    pub source_ip: &'a str,
    /// Who signed it, where the method asks for a signature.
    pub signer: Option<&'a Signer>,
    /// The endpoint's VPC.
    pub vpc: &'a str,
    /// The endpoint.
    pub vpc_endpoint: &'a str,
    /// `x-amzn-RequestId`
    pub request_id: &'a str,
    /// `x-amz-apigw-id`
    pub extended_request_id: &'a str,
    /// `X-Amzn-Trace-Id`
    pub trace_id: &'a str,
    /// `23/Nov/2026:10:00:00 +0000`
    pub request_time: &'a str,
    /// Milliseconds since the epoch.
    pub request_time_epoch: u64,
    /// The body.
    pub body: &'a [u8],
    /// The API's binary media types.
    pub binary_media_types: &'a [String],
}

impl ProxyRequest<'_> {
    /// The event, format 1.0.
    #[must_use]
    pub fn event(&self) -> Value {
        let headers = self.shown_headers();
        let host = self.header("host").unwrap_or_default();
        let prefix = host.split('.').next().unwrap_or_default();
        let user_agent = self.header("user-agent");
        let binary = is_binary(self.binary_media_types, self.header("content-type"));
        let body = match (self.body, binary) {
            ([], _) => Value::Null,
            (body, true) => Value::String(STANDARD.encode(body)),
            (body, false) => Value::String(String::from_utf8_lossy(body).into_owned()),
        };
        let pairs = |of: &[(String, String)]| of.iter().map(|(name, value)| (name.clone(), value.clone())).collect::<Vec<_>>();
        let parameters: Vec<(String, String)> =
            self.path_parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let variables = self.stage_variables.filter(|variables| !variables.is_empty());
        json!({
            "resource": self.resource_path,
            "path": self.path,
            "httpMethod": self.method,
            "headers": single(headers.clone()),
            "multiValueHeaders": multiple(headers),
            "queryStringParameters": single(pairs(&self.query)),
            "multiValueQueryStringParameters": multiple(pairs(&self.query)),
            "pathParameters": single(parameters),
            "stageVariables": variables,
            "requestContext": {
                "resourceId": self.resource_id,
                "resourcePath": self.resource_path,
                "httpMethod": self.method,
                "extendedRequestId": self.extended_request_id,
                "requestTime": self.request_time,
                "path": format!("/{}{}", self.stage, self.path),
                "accountId": self.account,
                "protocol": "HTTP/1.1",
                "stage": self.stage,
                "domainPrefix": prefix,
                "requestTimeEpoch": self.request_time_epoch,
                "requestId": self.request_id,
                "identity": {
                    "cognitoIdentityPoolId": null,
                    "accountId": self.signer.map(|signer| &signer.account),
                    "vpceId": self.vpc_endpoint,
                    "cognitoIdentityId": null,
                    "caller": self.signer.and_then(|signer| signer.user_id.as_ref()),
                    "sourceIp": self.source_ip,
                    "principalOrgId": null,
                    "accessKey": self.signer.and_then(|signer| signer.access_key.as_ref()),
                    "cognitoAuthenticationType": null,
                    "cognitoAuthenticationProvider": null,
                    "userArn": self.signer.map(|signer| &signer.arn),
                    "userAgent": user_agent,
                    "user": self.signer.and_then(|signer| signer.user_id.as_ref()),
                    "vpcId": self.vpc,
                },
                "domainName": host,
                "deploymentId": self.deployment_id,
                "apiId": self.api_id,
            },
            "body": body,
            "isBase64Encoded": binary && !self.body.is_empty(),
        })
    }

    /// All values of a header as the event shows them.
    #[must_use]
    pub fn shown_header(&self, name: &str) -> Vec<String> {
        let shown = self.shown_headers().into_iter();
        shown.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// The headers a function sees: the client's without those of the connection, and the gateway's own.
    fn shown_headers(&self) -> Vec<(String, String)> {
        let mut shown: Vec<(String, String)> = Vec::new();
        for (name, value) in &self.headers {
            if !header::is_of_connection(name) && !header::is_added(name) {
                shown.push((header::shown(name).into_owned(), (*value).to_owned()));
            }
        }
        let came_by = match self.header("x-forwarded-for") {
            Some(before) => format!("{before}, {}", self.source_ip),
            None => self.source_ip.to_owned(),
        };
        for (name, value) in [
            ("X-Amzn-Trace-Id", self.trace_id),
            ("x-amzn-vpc-id", self.vpc),
            ("x-amzn-vpce-id", self.vpc_endpoint),
            ("x-amzn-vpce-config", "1"),
            ("X-Forwarded-For", &came_by),
            ("X-Forwarded-Port", "443"),
            ("X-Forwarded-Proto", "https"),
        ] {
            shown.push((name.to_owned(), value.to_owned()));
        }
        shown.sort_by(|(a, _), (b, _)| a.cmp(b));
        shown
    }
}

/// Name -> last value; null where there is none.
fn single(pairs: Vec<(String, String)>) -> Value {
    let map: Map<String, Value> = pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    if map.is_empty() { Value::Null } else { Value::Object(map) }
}

/// Name -> all values; null where there is none.
fn multiple(pairs: Vec<(String, String)>) -> Value {
    let mut map: Map<String, Value> = Map::new();
    for (name, value) in pairs {
        if let Value::Array(values) = map.entry(name).or_insert_with(|| Value::Array(Vec::new())) {
            values.push(Value::String(value));
        }
    }
    if map.is_empty() { Value::Null } else { Value::Object(map) }
}

/// Whether a media type is one of the API's binary ones. What says nothing is `application/json`.
fn is_binary(types: &[String], media_type: Option<&str>) -> bool {
    let media = media_type.unwrap_or("application/json").split(';').next().unwrap_or_default().trim();
    types.iter().any(|known| {
        let family = known.strip_suffix("/*").unwrap_or(known);
        known == "*/*" || known.eq_ignore_ascii_case(media) || (family != known && media.split('/').next() == Some(family))
    })
}

/// The function, and its version or alias, of an integration's URI: `arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations`.
/// `${stageVariables.NAME}` in it is replaced.
#[must_use]
pub fn function_of(uri: &str, variables: &BTreeMap<String, String>) -> Option<String> {
    let mut uri = uri.to_owned();
    for (name, value) in variables {
        uri = uri.replace(&format!("${{stageVariables.{name}}}"), value);
    }
    let (head, rest) = uri.split_once(":lambda:path/")?;
    let arn = rest.strip_prefix("2015-03-31/functions/")?.strip_suffix("/invocations")?;
    let of_lambda = arn.split(':').nth(2) == Some("lambda") && arn.split(':').nth(5) == Some("function");
    (head.starts_with("arn:") && of_lambda && !arn.contains("${")).then(|| arn.to_owned())
}
