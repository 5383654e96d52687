//! Which API a request names: by the header `x-apigw-api-id`, else by its `Host`.
//!
//! The four ways of calling a private API (docs: "Invoke a private API"):
//!
//! | connects to | `Host` | header | form |
//! | --- | --- | --- | --- |
//! | the API's private name | `{api}.execute-api.{region}.amazonaws.com` | | [`InvocationForm::ApiHost`] |
//! | the alias | `{api}-{vpce}.execute-api.{region}.amazonaws.com` | | [`InvocationForm::Alias`] |
//! | the endpoint's name | `{api}.execute-api.{region}.amazonaws.com` | | [`InvocationForm::ApiHostAtEndpointName`] |
//! | the endpoint's name | anything | `x-apigw-api-id` | [`InvocationForm::ApiIdHeader`] |

use std::borrow::Cow;

/// The header that names an API whatever the `Host` is.
pub const API_ID_HEADER: &str = "x-apigw-api-id";

/// An API that a request names. Whether it exists is not known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedApi<'a> {
    /// The id, in lower case.
    pub api_id: Cow<'a, str>,
    /// How it was named.
    pub form: InvocationForm,
}

/// How a request names its API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvocationForm {
    /// By the API's own name, which the private hosted zone resolves.
    ApiHost,
    /// By the alias of API and endpoint. The endpoint in the name plays no part in policies: the one that carried the
    /// packet does.
    Alias,
    /// By `Host`, after connecting to a public name of the endpoint (told by the TLS server name).
    ApiHostAtEndpointName,
    /// By `x-apigw-api-id`. It goes before the `Host` when both are there.
    ApiIdHeader,
}

/// Why a request names no API; the caller sees `Forbidden` for all of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotNamed {
    /// No `Host`.
    #[error("the request has no `Host`")]
    NoHost,
    /// The `Host` is a name of the endpoint and no header names an API.
    #[error("`Host` is the endpoint's name and `x-apigw-api-id` is missing")]
    EndpointHost,
    /// The `Host` lies in another region than the endpoint.
    #[error("`Host` names an API in `{region}`")]
    OtherRegion {
        /// That region.
        region: String,
    },
    /// The `Host` is no name of API Gateway.
    #[error("`{host}` is no execute-api name")]
    OtherHost {
        /// The host as sent.
        host: String,
    },
    /// The name has the right shape but no API id can look like that.
    #[error("`{id}` is no API id")]
    BadApiId {
        /// What was sent.
        id: String,
    },
}

/// The API that a request to an endpoint of `region` names.
///
/// `server_name` is the TLS server name, `header` the value of `x-apigw-api-id`, `host` the `Host` with or without port.
pub fn named_api<'a>(
    server_name: Option<&str>,
    header: Option<&'a str>,
    host: Option<&'a str>,
    region: &str,
) -> Result<NamedApi<'a>, NotNamed> {
    if let Some(id) = header {
        return Ok(NamedApi { api_id: api_id(id.trim())?, form: InvocationForm::ApiIdHeader });
    }
    let host = without_port(host.ok_or(NotNamed::NoHost)?);
    let other = || NotNamed::OtherHost { host: host.to_owned() };
    let (label, zone) = host.split_once('.').ok_or_else(other)?;
    let zone = zone.strip_suffix('.').unwrap_or(zone);
    let prefix = zone.get(.."execute-api.".len()).ok_or_else(other)?;
    if !prefix.eq_ignore_ascii_case("execute-api.") {
        return Err(other());
    }
    let rest = zone.get(prefix.len()..).unwrap_or_default();
    let (named_region, suffix) = rest.split_once('.').ok_or_else(other)?;
    if suffix.eq_ignore_ascii_case("vpce.amazonaws.com") {
        return Err(NotNamed::EndpointHost);
    }
    if !suffix.eq_ignore_ascii_case("amazonaws.com") {
        return Err(other());
    }
    if !named_region.eq_ignore_ascii_case(region) {
        return Err(NotNamed::OtherRegion { region: named_region.to_owned() });
    }
    if let Some((id, endpoint)) = label.split_once('-') {
        let hex = endpoint.get(.."vpce-".len()).filter(|p| p.eq_ignore_ascii_case("vpce-"));
        let hex = hex.and_then(|p| endpoint.get(p.len()..)).unwrap_or_default();
        if hex.is_empty() || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(NotNamed::BadApiId { id: label.to_owned() });
        }
        return Ok(NamedApi { api_id: api_id(id)?, form: InvocationForm::Alias });
    }
    let form = match server_name {
        Some(name) if is_endpoint_name(name) => InvocationForm::ApiHostAtEndpointName,
        Some(_) | None => InvocationForm::ApiHost,
    };
    Ok(NamedApi { api_id: api_id(label)?, form })
}

/// Whether a name is one of the public names of an endpoint, `vpce-….execute-api.{region}.vpce.amazonaws.com`.
pub fn is_endpoint_name(name: &str) -> bool {
    let suffix = ".vpce.amazonaws.com";
    name.len().checked_sub(suffix.len()).and_then(|at| name.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(suffix))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        Some(_) | None => host,
    }
}

fn api_id(text: &str) -> Result<Cow<'_, str>, NotNamed> {
    let valid = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    if !valid {
        return Err(NotNamed::BadApiId { id: text.chars().take(80).collect() });
    }
    Ok(if text.bytes().any(|b| b.is_ascii_uppercase()) { Cow::Owned(text.to_ascii_lowercase()) } else { Cow::Borrowed(text) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(header: Option<&str>, host: &str) -> Result<(String, InvocationForm), NotNamed> {
        named_api(None, header, Some(host), "us-west-2").map(|n| (n.api_id.into_owned(), n.form))
    }

    #[test]
    fn four_forms() {
        let api = "abcde12345";
        let host = "abcde12345.execute-api.us-west-2.amazonaws.com";
        assert_eq!(named(None, host), Ok((api.into(), InvocationForm::ApiHost)));
        assert_eq!(named(None, "ABCDE12345.Execute-API.us-west-2.amazonaws.com:443"), named(None, host));
        assert_eq!(named(None, &format!("{host}.")), named(None, host));
        assert_eq!(
            named(None, "abcde12345-vpce-01234567abcdef012.execute-api.us-west-2.amazonaws.com"),
            Ok((api.into(), InvocationForm::Alias))
        );
        let endpoint = "vpce-01234567abcdef012-abcdefgh.execute-api.us-west-2.vpce.amazonaws.com";
        assert_eq!(named(Some(api), endpoint), Ok((api.into(), InvocationForm::ApiIdHeader)));
        assert_eq!(named(Some(api), "zzzzzzzzzz.execute-api.us-west-2.amazonaws.com").unwrap().0, api);
        let got = named_api(Some(endpoint), None, Some(host), "us-west-2").unwrap();
        assert_eq!(got.form, InvocationForm::ApiHostAtEndpointName);
    }

    #[test]
    fn what_names_no_api() {
        assert_eq!(named(None, "vpce-0123-abcdefgh-us-west-2a.execute-api.us-west-2.vpce.amazonaws.com"), Err(NotNamed::EndpointHost));
        assert_eq!(
            named(None, "abcde12345.execute-api.ap-northeast-2.amazonaws.com"),
            Err(NotNamed::OtherRegion { region: "ap-northeast-2".into() })
        );
        for host in ["", "localhost", "10.0.0.1", "api.example.com", "a.execute-api.us-west-2.amazonaws.com.evil.org", "é.é"] {
            assert!(matches!(named(None, host), Err(NotNamed::OtherHost { .. })), "{host}");
        }
        for host in ["a_b", "", "abc-def", "abc-vpce-", "abc-vpce-xyz"] {
            let host = format!("{host}.execute-api.us-west-2.amazonaws.com");
            assert!(matches!(named(None, &host), Err(NotNamed::BadApiId { .. })), "{host}");
        }
        assert_eq!(named_api(None, None, None, "us-west-2"), Err(NotNamed::NoHost));
        assert!(matches!(named(Some(""), "x"), Err(NotNamed::BadApiId { .. })));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(header in proptest::option::of("\\PC{0,20}"), host in "\\PC{0,60}") {
            let _ = named(header.as_deref(), &host);
        }
    }
}
