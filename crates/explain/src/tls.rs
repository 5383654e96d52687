//! TLS at an endpoint: the certificate and the name that the client asked for.
use crate::packet::Arrived;
use crate::{Blocker, Cause, EvidenceKind, Outcome, Scheme, Step, StepKind, walk::Walk};
use std::{net::Ipv4Addr, sync::Arc};
use vpclab_cloud::VpcEndpoint;

const CITES: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html";

/// A connection over which HTTP is spoken with an endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Talking {
    /// The endpoint whose interface took the connection.
    pub(crate) endpoint: Arc<VpcEndpoint>,
    /// The client's address, as policies see it.
    pub(crate) peer: Ipv4Addr,
    /// The TLS server name.
    pub(crate) server_name: Option<String>,
}

/// Judges the handshake of a connection. `None` where no endpoint took it.
pub(crate) fn shake_hands(walk: &mut Walk<'_>, arrived: Option<&Arrived>) -> Option<Talking> {
    let Some(arrived) = arrived else {
        walk.skip(StepKind::Tls, "no interface is known that would take the connection", CITES);
        return None;
    };
    let endpoint = &arrived.endpoint;
    let url = &walk.call.url;
    let names = endpoint.certificate_names();
    let step = |summary: String| {
        Step::new(StepKind::Tls, summary, CITES)
            .with(EvidenceKind::VpcEndpoint, &endpoint.id, format!("certificate for {}", names.join(" and ")))
            .with(EvidenceKind::Name, &url.host, "")
    };
    if url.scheme == Scheme::Http && url.port == 443 {
        let step = step("HTTP in the clear is sent to the TLS port".to_owned());
        let blocker = Blocker::of(&step, Cause::TlsExpected, "port 443 of an endpoint speaks TLS").mended_by(with_https(walk, endpoint));
        walk.block(step, Outcome::TlsFailed, blocker);
    } else if url.scheme == Scheme::Http {
        walk.skip(StepKind::Tls, "HTTP in the clear: judged as if it were HTTPS", CITES);
    } else if covers(&names, &url.host) {
        walk.pass(step(format!("the certificate carries {}", url.host)));
    } else if let Some(what) = walk.judge.unknowns().of_host(&url.host) {
        walk.unknown(step(format!("{} is a custom domain name, which has a certificate of its own", url.host)), what);
    } else {
        let step = step(format!("the certificate carries {}, not {}", names.join(" and "), url.host));
        let blocker = Blocker::of(
            &step,
            Cause::TlsNameMismatch,
            format!("clients that check certificates refuse the one of {} for {}", endpoint.id, url.host),
        );
        walk.block(step, Outcome::TlsNameMismatch, blocker);
    }
    Some(Talking { endpoint: Arc::clone(endpoint), peer: arrived.peer, server_name: walk.call.server_name().map(str::to_owned) })
}

/// Whether one of the names, some with a star in place of their first label, is the host's.
fn covers(names: &[String], host: &str) -> bool {
    names.iter().any(|name| {
        let (star, rest) = name.split_once('.').unwrap_or_default();
        let (label, of) = host.split_once('.').unwrap_or_default();
        name.eq_ignore_ascii_case(host) || (star == "*" && !label.is_empty() && rest.eq_ignore_ascii_case(of))
    })
}

/// The same call by HTTPS.
pub(crate) fn with_https(walk: &Walk<'_>, endpoint: &VpcEndpoint) -> crate::Fix {
    let url = &walk.call.url;
    let query = url.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    crate::Fix::new(&endpoint.scope.account, "call it by HTTPS")
        .instead(crate::fix::quoted(&format!("https://{}{}{query}", url.host, url.path)))
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_star_is_one_label_and_other_names_are_themselves() {
        let names = ["ssm.ap-northeast-2.amazonaws.com".to_owned(), "*.ssm.ap-northeast-2.vpce.amazonaws.com".to_owned()];
        for (host, covered) in [
            ("SSM.ap-northeast-2.amazonaws.com", true),
            ("vpce-1.ssm.ap-northeast-2.vpce.amazonaws.com", true),
            ("a.b.ssm.ap-northeast-2.vpce.amazonaws.com", false),
            ("x.ssm.ap-northeast-2.amazonaws.com", false),
        ] {
            assert_eq!(covers(&names, host), covered, "{host}");
        }
    }
}
