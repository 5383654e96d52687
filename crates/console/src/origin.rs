//! Who may ask: programs, and the lab's own page; no page from elsewhere.
//!
//! Browsers say where a request comes from by `Origin` (on everything but plain reads) and `Sec-Fetch-Site`; programs send neither. A name
//! that someone has pointed at 127.0.0.1 is an origin of its own, so `Host` has to be a loopback address or `localhost`.
use http::{HeaderMap, Method, Uri, header};
use std::net::IpAddr;

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// `Host` is a name that anyone may have pointed here.
    Host,
    /// The page that asks came from elsewhere.
    Page,
}

impl Foreign {
    /// What the caller is told.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::Host => "the console answers to 127.0.0.1, [::1] and localhost only",
            Self::Page => "requests of web pages from elsewhere are refused here",
        }
    }
}

/// Checks a request for the console: its own page or a program, by a loopback name.
///
/// # Errors
/// When it comes from elsewhere.
pub fn check_console(headers: &HeaderMap) -> Result<(), Foreign> {
    let host = text(headers, header::HOST.as_str()).ok_or(Foreign::Host)?;
    if !is_loopback(host) {
        return Err(Foreign::Host);
    }
    let other_origin = text(headers, header::ORIGIN.as_str()).is_some_and(|origin| origin.strip_prefix("http://") != Some(host));
    if headers.get_all(header::ORIGIN).iter().count() > 1 || other_origin || fetched_from_elsewhere(headers) {
        return Err(Foreign::Page);
    }
    Ok(())
}

/// Checks a request for an AWS API or one of the lab's own paths. Programs pass, by whatever name they know the lab; so does the lab's page.
/// Of other pages' requests only reads pass, and no read that is an operation (`?Action=`): a link to an object may be followed.
///
/// # Errors
/// When a page from elsewhere asks.
pub fn check_api(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Foreign> {
    let by_page = headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site");
    if !by_page || check_console(headers).is_ok() {
        return Ok(());
    }
    let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let operation = uri.query().is_some_and(|query| query.split('&').any(|pair| pair.starts_with("Action=")));
    if reads && !operation && !uri.path().starts_with("/_vpclab/") { Ok(()) } else { Err(Foreign::Page) }
}

/// Whether the browser says that another site's page, or another origin's of this site, asks. Typed addresses and bookmarks are `none`.
fn fetched_from_elsewhere(headers: &HeaderMap) -> bool {
    let from = text(headers, "sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none");
    // A link that somebody follows to the page is no harm: what answers is the page, and the one that links cannot read it.
    let followed = text(headers, "sec-fetch-mode") == Some("navigate") && text(headers, "sec-fetch-dest") == Some("document");
    from && !followed
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("\u{fffd}"))
}

/// `127.0.0.1:4566`, `[::1]`, `localhost:80`.
fn is_loopback(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => (address, rest.strip_prefix(':').or(rest.is_empty().then_some(""))),
        None => match host.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (host, Some("")),
        },
    };
    let port_is_plain = port.is_some_and(|port| port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit()));
    port_is_plain && (name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn hosts() {
        for own in ["127.0.0.1:4566", "127.0.0.1", "localhost:4566", "LOCALHOST", "[::1]:4566", "[::1]", "127.1.2.3:1"] {
            assert!(is_loopback(own), "{own}");
        }
        for other in
            ["", "evil.example:4566", "localhost.evil.example", "10.0.0.1:4566", "127.0.0.1.nip.io", "localhost:", "[::1]x", "[::2]"]
        {
            assert_eq!(is_loopback(other), other == "localhost:", "{other}");
        }
    }

    #[test]
    fn the_console_answers_its_own_page_and_programs() {
        let host = ("host", "127.0.0.1:4566");
        assert_eq!(check_console(&headers(&[host])), Ok(()));
        assert_eq!(check_console(&headers(&[host, ("origin", "http://127.0.0.1:4566"), ("sec-fetch-site", "same-origin")])), Ok(()));
        assert_eq!(check_console(&headers(&[host, ("sec-fetch-site", "none")])), Ok(()));
        for origin in ["http://127.0.0.1:8000", "https://127.0.0.1:4566", "null", "http://localhost:4566", "http://evil.example", ""] {
            assert_eq!(check_console(&headers(&[host, ("origin", origin)])), Err(Foreign::Page), "{origin}");
        }
        for site in ["cross-site", "same-site"] {
            assert_eq!(check_console(&headers(&[host, ("sec-fetch-site", site)])), Err(Foreign::Page), "{site}");
        }
        let link = [host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        assert_eq!(check_console(&headers(&link)), Ok(()));
        let framed = [host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")];
        assert_eq!(check_console(&headers(&framed)), Err(Foreign::Page));
    }

    #[test]
    fn a_name_pointed_here_is_foreign() {
        let rebound = headers(&[("host", "evil.example:4566"), ("origin", "http://evil.example:4566"), ("sec-fetch-site", "same-origin")]);
        assert_eq!(check_console(&rebound), Err(Foreign::Host));
        assert_eq!(check_api(&Method::POST, &Uri::from_static("/"), &rebound), Err(Foreign::Page));
        assert_eq!(check_console(&HeaderMap::new()), Err(Foreign::Host));
    }

    #[test]
    fn the_api_answers_programs_by_any_name_and_no_foreign_page() {
        let check =
            |method: Method, uri: &'static str, pairs: &[(&'static str, &str)]| check_api(&method, &Uri::from_static(uri), &headers(pairs));
        assert_eq!(check(Method::POST, "/", &[("host", "lab.internal:4566")]), Ok(()));
        assert_eq!(check(Method::POST, "/", &[("host", "localhost:4566"), ("origin", "http://localhost:4566")]), Ok(()));
        let page = [("host", "localhost:4566"), ("origin", "http://localhost:3000"), ("sec-fetch-site", "same-site")];
        assert_eq!(check(Method::POST, "/", &page), Err(Foreign::Page));
        assert_eq!(check(Method::DELETE, "/restapis/a", &page), Err(Foreign::Page));
        assert_eq!(check(Method::GET, "/bucket/key", &page), Ok(()));
        assert_eq!(check(Method::GET, "/_vpclab/topology", &page), Err(Foreign::Page));
        let image = [("host", "localhost:4566"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")];
        assert_eq!(check(Method::GET, "/?Action=DeleteVpc&VpcId=vpc-1", &image), Err(Foreign::Page));
    }
}
