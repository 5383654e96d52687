//! Users and roles with their policies, and the keys that they sign with.
use super::{Done, Passed, Thing, World, read};
use crate::case::Step;
use serde_json::json;
use vpclab_cloud::{
    AccountId, Cloud, Region, Scope, Session, Tags, Timestamp, access_key,
    iam::{CreatePolicy, CreateRole, CreateUser, Holder, PolicyDocument},
};
use vpclab_wire::sigv4::{AccessKeySecrets, SigningKeys};

/// How long a session lasts.
const SESSION_MS: i64 = 3_600_000;

impl World {
    pub(super) fn apply_identity(&mut self, step: &Step) -> Done {
        match step {
            Step::Identity { is, account, role, policy, managed } => {
                let account: AccountId = read(account)?;
                self.go(&Scope { account: account.clone(), region: super::region("us-east-1") });
                let holder = if *role { Holder::Role(is.clone()) } else { Holder::User(is.clone()) };
                if *role {
                    let input = CreateRole {
                        name: is.clone(),
                        path: None,
                        trust: document("{}"),
                        description: None,
                        max_session: None,
                        boundary: None,
                        tags: Tags::from([("team".to_owned(), is.clone())]),
                    };
                    self.cloud.create_role(&mut self.cx, input)?;
                } else {
                    let tags = Tags::from([("team".to_owned(), is.clone())]);
                    self.cloud.create_user(&mut self.cx, CreateUser { name: is.clone(), path: None, boundary: None, tags })?;
                    self.cloud.create_access_key(&mut self.cx, is)?;
                }
                match policy {
                    None => {}
                    Some(policy) if *managed => {
                        let arn = self.managed(&format!("p{is}"), &policy.to_string())?;
                        self.cloud.attach_policy(&mut self.cx, &holder, &arn)?;
                    }
                    Some(policy) => self.cloud.put_inline_policy(&mut self.cx, &holder, "p", document(&policy.to_string()))?,
                }
                self.named(is, Thing::Identity(account, holder));
            }
            Step::Boundary { identity, execute_api } => {
                let Some(Thing::Identity(account, holder)) = self.things.get(identity).cloned() else {
                    return Err(Passed::Label(identity.clone()));
                };
                self.go(&Scope { account, region: super::region("us-east-1") });
                let action = if *execute_api { "execute-api:*" } else { "s3:*" };
                let text = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]});
                let arn = self.managed(&format!("b{identity}"), &text.to_string())?;
                self.cloud.set_permissions_boundary(&mut self.cx, &holder, Some(arn))?;
            }
            _ => {}
        }
        Ok(())
    }

    fn managed(&mut self, name: &str, text: &str) -> Result<String, Passed> {
        let input = CreatePolicy { name: name.to_owned(), path: None, document: document(text), description: None, tags: Tags::new() };
        Ok(self.cloud.create_policy(&mut self.cx, input)?.arn())
    }

    pub(super) fn identity_arn(&self, account: &AccountId, holder: &Holder) -> Option<String> {
        Some(match holder {
            Holder::User(name) => self.cloud.user(account, name).ok()?.arn(),
            Holder::Role(name) => self.cloud.role(account, name).ok()?.arn(),
        })
    }

    /// The keys that a label's user has, or a session of its role.
    pub fn keys(&self, label: &str, now: Timestamp, secrets: &AccessKeySecrets) -> Option<SigningKeys> {
        let Some(Thing::Identity(account, holder)) = self.things.get(label) else { return None };
        let (access_key, session_token) = match holder {
            Holder::User(name) => (self.cloud.user(account, name).ok()?.access_keys.first()?.id.clone(), None),
            Holder::Role(name) => {
                let token = session(&self.cloud, account, name, now)?.token();
                (access_key::issue(access_key::SESSION, account, &mut self.cx.ids.clone()), Some(token))
            }
        };
        let secret_key = secrets.secret(&access_key, session_token.as_deref());
        Some(SigningKeys { access_key, secret_key, session_token })
    }

    /// Another region than one.
    pub fn other_region(region: &str) -> Region {
        super::region(if region == "us-west-2" { "eu-west-1" } else { "us-west-2" })
    }
}

fn session(cloud: &Cloud, account: &AccountId, name: &str, now: Timestamp) -> Option<Session> {
    let role = cloud.role(account, name).ok()?;
    Some(Session {
        arn: format!("arn:aws:sts::{account}:assumed-role/{name}/law"),
        user_id: format!("{}:law", role.identity.id),
        role: Some(role.arn()),
        issued: now,
        expires: Timestamp(now.0 + SESSION_MS),
        policy: None,
        policy_arns: Vec::new(),
        tags: Tags::new(),
        source_identity: None,
    })
}

fn document(text: &str) -> PolicyDocument {
    PolicyDocument::checked(text.to_owned(), Vec::new())
}
