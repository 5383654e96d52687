//! Policy documents of IAM, checked before they come here: this crate does not read them.
use super::IamRefusal;
use crate::{AccountId, Cloud, Refusal};
use serde::{Deserialize, Serialize};

/// A policy document as it was written, and the users and roles that it names as principals.
///
/// It is made where documents are read and checked, so that an operation that takes one takes a valid one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyDocument {
    text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    identities: Vec<String>,
}

impl PolicyDocument {
    /// A document whose text was checked, with the ARNs of users and roles among its principals.
    #[must_use]
    pub fn checked(text: String, identities: Vec<String>) -> Self {
        Self { text, identities }
    }

    /// The document's text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its length as quotas count it: without white space.
    #[must_use]
    pub fn counted(&self) -> usize {
        self.text.chars().filter(|c| !c.is_whitespace()).count()
    }
}

impl Cloud {
    /// Refuses a document that names users or roles that are not there.
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
    pub(super) fn check_principals(&self, document: &PolicyDocument) -> Result<(), Refusal> {
        match document.identities.iter().find(|arn| !self.iam_identity_exists(arn)) {
            None => Ok(()),
            Some(arn) => Err(IamRefusal::MalformedPolicy(format!("Invalid principal in policy: \"AWS\":\"{arn}\"")).into()),
        }
    }

    /// Whether the user or the role of an ARN is there, in whatever account.
    #[must_use]
    pub fn iam_identity_exists(&self, arn: &str) -> bool {
        let Some((account, resource)) = arn.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(':')) else { return false };
        let Ok(account) = account.parse::<AccountId>() else { return false };
        let name = resource.rsplit('/').next().unwrap_or_default();
        match resource.split('/').next() {
            Some("role") => self.role(&account, name).is_ok_and(|role| role.arn() == arn),
            Some("user") => self.user(&account, name).is_ok_and(|user| user.arn() == arn),
            _ => false,
        }
    }
}
