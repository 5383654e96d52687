//! `Principal` and `NotPrincipal`.

use crate::PolicyError;
use crate::pattern::Hit;
use crate::request::CallerPrincipal;

/// One entry of a principal element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PrincipalEntry {
    /// As written, with its kind: `AWS:123456789012`, `*`.
    pub(crate) written: String,
    matcher: Matcher,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Matcher {
    /// `"*"` or `{"AWS": "*"}`: everybody, unsigned callers too.
    Everyone,
    /// A 12-digit account or its root ARN: every identity of the account.
    Account(String),
    /// One user, role or session.
    Arn(String),
    /// `lambda.amazonaws.com`.
    Service(String),
    /// Federated and canonical users and unique ids: valid, but no caller of this lab is one.
    Other,
}

impl PrincipalEntry {
    pub(crate) fn everyone() -> Self {
        Self { written: "*".to_owned(), matcher: Matcher::Everyone }
    }

    pub(crate) fn parse(kind: &str, value: &str) -> Result<Self, PolicyError> {
        let matcher = match kind {
            "AWS" => aws(value),
            "Service" => {
                let host = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'-';
                let valid = value.contains('.') && value.bytes().all(host);
                valid.then(|| Matcher::Service(value.to_owned()))
            }
            "Federated" | "CanonicalUser" => (!value.is_empty() && !value.contains('*')).then_some(Matcher::Other),
            _ => None,
        };
        let matcher = matcher.ok_or_else(|| PolicyError::Principal(format!("{kind}:{value}")))?;
        Ok(Self { written: format!("{kind}:{value}"), matcher })
    }

    pub(crate) fn matches(&self, caller: CallerPrincipal<'_>) -> Hit {
        match (&self.matcher, caller) {
            (Matcher::Everyone, _) => Hit::Yes,
            (_, CallerPrincipal::Unknown) => Hit::Unknown("principal".to_owned()),
            (Matcher::Account(wanted), CallerPrincipal::Aws { account, .. }) => (wanted == account).into(),
            (Matcher::Arn(wanted), CallerPrincipal::Aws { arn, role, .. }) => (wanted == arn || role == Some(wanted.as_str())).into(),
            (Matcher::Service(wanted), CallerPrincipal::Service(name)) => (wanted == name).into(),
            (
                Matcher::Account(_) | Matcher::Arn(_) | Matcher::Service(_) | Matcher::Other,
                CallerPrincipal::Anonymous | CallerPrincipal::Aws { .. } | CallerPrincipal::Service(_),
            ) => Hit::No,
        }
    }
}

/// `*`, an account, an ARN without wildcards, or a unique id.
fn aws(value: &str) -> Option<Matcher> {
    let account = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    if value == "*" {
        return Some(Matcher::Everyone);
    }
    if account(value) {
        return Some(Matcher::Account(value.to_owned()));
    }
    if value.starts_with("AIDA") || value.starts_with("AROA") {
        let valid = value.len() >= 16 && value.bytes().all(|b| b.is_ascii_alphanumeric());
        return valid.then_some(Matcher::Other);
    }
    let mut parts = value.splitn(6, ':');
    let (scheme, partition) = (parts.next()?, parts.next()?);
    let (service, region) = (parts.next()?, parts.next()?);
    let (owner, resource) = (parts.next()?, parts.next()?);
    let named = |prefix: &str| resource.strip_prefix(prefix).is_some_and(|name| !name.is_empty());
    if scheme != "arn" || !partition.starts_with("aws") || !region.is_empty() || !account(owner) {
        return None;
    }
    if resource.contains(['*', '?']) {
        return None;
    }
    match service {
        "iam" if resource == "root" => Some(Matcher::Account(owner.to_owned())),
        "iam" if named("user/") || named("role/") => Some(Matcher::Arn(value.to_owned())),
        "sts" if named("assumed-role/") || named("federated-user/") => Some(Matcher::Arn(value.to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: CallerPrincipal<'_> =
        CallerPrincipal::Aws { account: "123456789012", arn: "arn:aws:iam::123456789012:user/alice", role: None };

    fn hit(kind: &str, value: &str, caller: CallerPrincipal<'_>) -> Hit {
        PrincipalEntry::parse(kind, value).unwrap().matches(caller)
    }

    #[test]
    fn who_is_meant() {
        assert_eq!(hit("AWS", "*", CallerPrincipal::Anonymous), Hit::Yes);
        assert_eq!(hit("AWS", "123456789012", ALICE), Hit::Yes);
        assert_eq!(hit("AWS", "arn:aws:iam::123456789012:root", ALICE), Hit::Yes);
        assert_eq!(hit("AWS", "123456789012", CallerPrincipal::Anonymous), Hit::No);
        assert_eq!(hit("AWS", "arn:aws:iam::123456789012:user/bob", ALICE), Hit::No);
        let session = CallerPrincipal::Aws {
            account: "123456789012",
            arn: "arn:aws:sts::123456789012:assumed-role/r/s",
            role: Some("arn:aws:iam::123456789012:role/r"),
        };
        assert_eq!(hit("AWS", "arn:aws:iam::123456789012:role/r", session), Hit::Yes);
        assert_eq!(hit("Service", "lambda.amazonaws.com", CallerPrincipal::Service("lambda.amazonaws.com")), Hit::Yes);
        assert!(matches!(hit("AWS", "123456789012", CallerPrincipal::Unknown), Hit::Unknown(_)));
    }

    #[test]
    fn what_is_no_principal() {
        for (kind, value) in [
            ("AWS", "alice"),
            ("AWS", "arn:aws:iam::123456789012:user/*"),
            ("AWS", "arn:aws:iam::1234:user/a"),
            ("AWS", "arn:aws:s3:::bucket"),
            ("AWS", ""),
            ("Service", "*"),
            ("Everyone", "*"),
        ] {
            assert!(PrincipalEntry::parse(kind, value).is_err(), "{kind}:{value}");
        }
    }
}
