//! Who may invoke a function besides its account: resource policies, one statement a permission.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html>
use super::{Function, check, revision};
use crate::{Cloud, Context, Refusal, Scope};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most characters of a policy.
const POLICY_MAX: usize = 20_480;

/// A resource policy of a function, a version or an alias.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionPolicy {
    /// Another one after each change.
    pub revision: String,
    /// The statements in the order in which they came.
    pub statements: Vec<Permission>,
}

/// One statement of a resource policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// Its id.
    pub sid: String,
    /// `lambda:InvokeFunction`
    pub action: String,
    /// A service, an account, an ARN or `*`.
    pub principal: String,
    /// The ARN that the call must come from.
    pub source_arn: Option<String>,
    /// The account that the call must come from.
    pub source_account: Option<String>,
    /// The organization that the caller must belong to.
    pub organization: Option<String>,
}

impl Permission {
    /// The statement as `GetPolicy` shows it, for the ARN that the policy is on.
    #[must_use]
    pub fn statement(&self, resource: &str) -> serde_json::Value {
        use serde_json::{Map, Value, json};
        let account = self.principal.len() == 12 && self.principal.bytes().all(|b| b.is_ascii_digit());
        let principal = if self.principal == "*" {
            json!("*")
        } else if account {
            json!({ "AWS": format!("arn:aws:iam::{}:root", self.principal) })
        } else if self.principal.starts_with("arn:") {
            json!({ "AWS": self.principal })
        } else {
            json!({ "Service": self.principal })
        };
        let mut condition = Map::new();
        let mut equals = Map::new();
        equals.extend(self.source_account.as_ref().map(|account| ("AWS:SourceAccount".to_owned(), json!(account))));
        equals.extend(self.organization.as_ref().map(|id| ("aws:PrincipalOrgID".to_owned(), json!(id))));
        if !equals.is_empty() {
            condition.insert("StringEquals".to_owned(), Value::Object(equals));
        }
        if let Some(arn) = &self.source_arn {
            condition.insert("ArnLike".to_owned(), json!({ "AWS:SourceArn": arn }));
        }
        let mut statement = json!({
            "Sid": self.sid,
            "Effect": "Allow",
            "Principal": principal,
            "Action": self.action,
            "Resource": resource,
        });
        if let Some(object) = statement.as_object_mut().filter(|_| !condition.is_empty()) {
            object.insert("Condition".to_owned(), Value::Object(condition));
        }
        statement
    }
}

impl Function {
    /// The resource policy of the function (`None`) or of one of its versions or aliases, as a document.
    #[must_use]
    pub fn policy_document(&self, qualifier: Option<&str>) -> Option<serde_json::Value> {
        let policy = self.policies.get(qualifier.unwrap_or_default())?;
        let resource = match qualifier {
            Some(qualifier) => format!("{}:{qualifier}", self.arn()),
            None => self.arn(),
        };
        let statements: Vec<_> = policy.statements.iter().map(|permission| permission.statement(&resource)).collect();
        Some(serde_json::json!({ "Version": "2012-10-17", "Id": "default", "Statement": statements }))
    }
}

impl Cloud {
    /// The function, and the name of its policy: a version or an alias must be there.
    fn policy_of(&self, scope: &Scope, name: &str, qualifier: Option<&str>) -> Result<Function, Refusal> {
        if qualifier == Some(super::LATEST) {
            return Err(check::invalid("We currently do not support adding policies for $LATEST."));
        }
        Ok(Function::clone(&self.resolve_function(scope, name, qualifier, 0)?.function))
    }

    /// `AddPermission`.
    ///
    /// # Errors
    /// No such function, version or alias, an id that is taken, a statement that is not legal, a policy that gets too long.
    pub fn add_permission(
        &mut self,
        cx: &mut Context,
        name: &str,
        qualifier: Option<&str>,
        expected_revision: Option<&str>,
        permission: Permission,
    ) -> Result<(), Refusal> {
        let mut function = self.policy_of(&cx.scope, name, qualifier)?;
        check_permission(&permission)?;
        let policy = function.policies.entry(qualifier.unwrap_or_default().to_owned()).or_default();
        check::revision(expected_revision, &policy.revision)?;
        if policy.statements.iter().any(|other| other.sid == permission.sid) {
            return Err(Refusal::FunctionConflict(format!(
                "The statement id ({}) provided already exists. Please provide a new statement id, or remove the existing statement.",
                permission.sid
            )));
        }
        policy.statements.push(permission);
        policy.revision = revision(&mut cx.ids);
        let size = function.policy_document(qualifier).map_or(0, |document| document.to_string().len());
        if size > POLICY_MAX {
            return Err(Refusal::FunctionPolicyLength(format!("The final policy size ({size}) is bigger than the limit ({POLICY_MAX}).")));
        }
        self.save_function(function);
        Ok(())
    }

    /// `RemovePermission`.
    ///
    /// # Errors
    /// No such function, version, alias or statement.
    pub fn remove_permission(
        &mut self,
        cx: &mut Context,
        name: &str,
        qualifier: Option<&str>,
        expected_revision: Option<&str>,
        sid: &str,
    ) -> Result<(), Refusal> {
        let mut function = self.policy_of(&cx.scope, name, qualifier)?;
        let key = qualifier.unwrap_or_default();
        let policy = function.policies.get_mut(key).ok_or_else(no_policy)?;
        check::revision(expected_revision, &policy.revision)?;
        let before = policy.statements.len();
        policy.statements.retain(|statement| statement.sid != sid);
        if policy.statements.len() == before {
            return Err(Refusal::FunctionNotFound(format!("Statement {sid} is not found in resource policy.")));
        }
        policy.revision = revision(&mut cx.ids);
        if policy.statements.is_empty() {
            function.policies.remove(key);
        }
        self.save_function(function);
        Ok(())
    }

    /// `GetPolicy`: the document and its revision.
    ///
    /// # Errors
    /// No such function, version or alias, or one without a policy.
    pub fn function_policy(&self, scope: &Scope, name: &str, qualifier: Option<&str>) -> Result<(String, String), Refusal> {
        let function: Arc<Function> = self.resolve_function(scope, name, qualifier, 0)?.function;
        let policy = function.policies.get(qualifier.unwrap_or_default()).ok_or_else(no_policy)?;
        let document = function.policy_document(qualifier).ok_or_else(no_policy)?;
        Ok((document.to_string(), policy.revision.clone()))
    }
}

fn no_policy() -> Refusal {
    Refusal::FunctionNotFound("The resource you requested does not exist.".to_owned())
}

fn check_permission(permission: &Permission) -> Result<(), Refusal> {
    if !check::is_word(&permission.sid, 100) {
        return Err(check::constraint(&permission.sid, "statementId", "satisfy regular expression pattern: ([a-zA-Z0-9-_]+)"));
    }
    let action = permission.action.strip_prefix("lambda:");
    if !action.is_some_and(|name| name == "*" || !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic())) {
        return Err(check::constraint(
            &permission.action,
            "action",
            "satisfy regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])",
        ));
    }
    let principal = &permission.principal;
    let account = principal.len() == 12 && principal.bytes().all(|b| b.is_ascii_digit());
    let service = principal.ends_with(".amazonaws.com") && !principal.starts_with('.');
    let identity = principal.strip_prefix("arn:aws:iam::").or_else(|| principal.strip_prefix("arn:aws:sts::"));
    let identity = identity.and_then(|rest| rest.split_once(':')).is_some_and(|(account, name)| account.len() == 12 && !name.is_empty());
    if !(principal == "*" || account || service || identity) {
        return Err(check::invalid("The provided principal was invalid. Please check the principal and try again."));
    }
    if let Some(arn) = &permission.source_arn
        && (!arn.starts_with("arn:") || arn.split(':').count() < 6)
    {
        return Err(check::constraint(
            arn,
            "sourceArn",
            "satisfy regular expression pattern: arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)",
        ));
    }
    if let Some(account) = &permission.source_account
        && !(account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()))
    {
        return Err(check::constraint(account, "sourceAccount", "satisfy regular expression pattern: \\d{12}"));
    }
    Ok(())
}
