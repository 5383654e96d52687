//! Sessions: what temporary credentials say. The token says it itself, so that a session needs no record; that nobody changed the token
//! is shown by the secret, which is made of it.
use crate::{Tags, Timestamp};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// What a session token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The ARN of who calls: of an assumed role, a user or an account's root.
    pub arn: String,
    /// Its unique id; of an assumed role with the session's name behind it.
    #[serde(rename = "id")]
    pub user_id: String,
    /// The ARN of the role that was assumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// When it was issued.
    #[serde(default)]
    pub issued: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// The session policy: the session may do what both it and the role's own policies allow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The ARNs of managed policies that limit it as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy_arns: Vec<String>,
    /// Its session tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// Its source identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_identity: Option<String>,
}

/// The longest token that is read, in characters.
const TOKEN_MAX: usize = 16 * 1024;

impl Session {
    /// The session as a token.
    #[must_use]
    pub fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// The session of a token; `None` when it is none of a lab's.
    #[must_use]
    pub fn read(token: &str) -> Option<Self> {
        let text = URL_SAFE_NO_PAD.decode(Some(token).filter(|token| token.len() <= TOKEN_MAX)?).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_what_it_was_made_of() {
        let session = Session {
            arn: "arn:aws:sts::111122223333:assumed-role/r/s".into(),
            user_id: "AROA1:s".into(),
            role: Some("arn:aws:iam::111122223333:role/r".into()),
            issued: Timestamp(5),
            expires: Timestamp(9),
            policy: Some("{}".into()),
            policy_arns: vec!["arn:aws:iam::aws:policy/x".into()],
            tags: Tags::from([("team".into(), "a".into())]),
            source_identity: None,
        };
        assert_eq!(Session::read(&session.token()), Some(session));
        for other in ["", "x", "e30", &"A".repeat(TOKEN_MAX + 1)] {
            assert_eq!(Session::read(other), None);
        }
    }
}
