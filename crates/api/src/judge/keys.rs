//! The context keys of a request through an endpoint.
use super::request::Request;
use super::view::EndpointView;
use crate::identity::{Signer, Term};
use std::borrow::Cow;
use vpclab_policy::{ContextKeys, Found};

/// The documented keys. `aws:SourceIp` is absent: the endpoint hides it, and `aws:VpcSourceIp` is there instead.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html>
#[derive(Clone, Copy)]
pub struct RequestKeys<'k> {
    /// The request.
    pub request: &'k Request<'k>,
    /// The endpoint that carried it.
    pub endpoint: &'k EndpointView,
    /// The API's region.
    pub region: &'k str,
    /// The API's account.
    pub account: &'k str,
}

impl ContextKeys for RequestKeys<'_> {
    fn find(&self, lower_case_key: &str) -> Found<'_> {
        let text = |text: &'static str| Found::One(Cow::Borrowed(text));
        let headers = self.request.headers;
        let header = |name: &str| match headers.text(name) {
            Some(value) => Found::One(Cow::Borrowed(value)),
            None if headers.is_known(name) => Found::Absent,
            None => Found::Unknown,
        };
        let signer = self.request.signer();
        let time = |shown: fn(u64) -> String| self.request.now.map_or(Found::Unknown, |now| Found::One(Cow::Owned(shown(now))));
        match lower_case_key {
            "aws:sourcevpce" => Found::One(Cow::Borrowed(&self.endpoint.id)),
            "aws:sourcevpc" => Found::One(Cow::Borrowed(&self.endpoint.vpc)),
            "aws:vpcsourceip" => self.request.peer.map_or(Found::Unknown, |peer| Found::One(Cow::Borrowed(peer))),
            "aws:securetransport" => text("true"),
            "aws:viaawsservice" => text("false"),
            key if of_signer(key) => signer.map_or_else(|| of_nobody(key), |signer| of(signer, key)),
            "aws:useragent" => header("user-agent"),
            "aws:referer" => header("referer"),
            "aws:epochtime" => time(|now| (now / 1000).to_string()),
            "aws:currenttime" => time(iso_time),
            "aws:requestedregion" => Found::One(Cow::Borrowed(self.region)),
            "aws:resourceaccount" => Found::One(Cow::Borrowed(self.account)),
            _ => Found::Absent,
        }
    }
}

/// Whether a key tells of who signed.
fn of_signer(key: &str) -> bool {
    const KEYS: [&str; 13] = [
        "aws:principaltype",
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principalisawsservice",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:userid",
        "aws:username",
        "aws:tokenissuetime",
        "aws:multifactorauthpresent",
        "aws:multifactorauthage",
        "aws:sourceidentity",
        "aws:assumedroot",
    ];
    KEYS.contains(&key) || key.starts_with(TAG)
}

const TAG: &str = "aws:principaltag/";

fn of_nobody(key: &str) -> Found<'static> {
    match key {
        "aws:principaltype" => Found::One(Cow::Borrowed("Anonymous")),
        "aws:userid" => Found::One(Cow::Borrowed("anonymous")),
        _ => Found::Absent,
    }
}

/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
fn of<'s>(signer: &'s Signer, key: &str) -> Found<'s> {
    let one = |text: &'s str| Found::One(Cow::Borrowed(text));
    match key {
        "aws:principaltype" if signer.is_root() => one("Account"),
        "aws:principaltype" => one(if signer.role.is_some() { "AssumedRole" } else { "User" }),
        "aws:principalarn" => one(signer.role.as_deref().unwrap_or(&signer.arn)),
        "aws:principalaccount" => one(&signer.account),
        "aws:principalisawsservice" => one("false"),
        "aws:userid" => signer.user_id.as_deref().map_or(Found::Unknown, one),
        "aws:username" => signer.user_name().map_or(Found::Absent, one),
        // Sessions say whether they were begun with a second factor, which no lab asks for; long-term keys say nothing.
        "aws:multifactorauthpresent" if signer.term == Term::Long => Found::Absent,
        "aws:multifactorauthpresent" => one("false"),
        "aws:multifactorauthage" => Found::Absent,
        "aws:tokenissuetime" => match signer.term {
            Term::Long => Found::Absent,
            Term::Session(issued) => issued.map_or(Found::Unknown, |at| Found::One(Cow::Owned(iso_time(u64::try_from(at).unwrap_or(0))))),
        },
        "aws:sourceidentity" => signer.source_identity.as_deref().map_or(Found::Absent, one),
        // Whether the account is in an organization no state says.
        "aws:principalorgid" | "aws:principalorgpaths" => Found::Unknown,
        _ => key.strip_prefix(TAG).and_then(|tag| signer.tag(tag)).map_or(Found::Absent, one),
    }
}

/// `2026-11-23T10:00:00Z`, by the civil calendar: days are counted from the start of an era of 400 years in March.
fn iso_time(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    let (days, time) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", time / 3600, time / 60 % 60, time % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(iso_time(0), "1970-01-01T00:00:00Z");
        assert_eq!(iso_time(1_372_550_400_999), "2013-06-30T00:00:00Z");
        assert_eq!(iso_time(951_782_399_000), "2000-02-28T23:59:59Z");
        assert_eq!(iso_time(951_868_799_000), "2000-02-29T23:59:59Z");
        assert_eq!(iso_time(1_795_689_060_000), "2026-11-26T10:31:00Z");
    }
}
