//! Lambda authorizers: what they are asked, what their answers mean, and how long these are kept.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html>
use crate::call::{Call, Routed};
use crate::fate::Fate;
use crate::lambda::{request_event, shown_header, trace_id_of};
use bytes::Bytes;
use regex_lite::Regex;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use vpclab_api::function_policy::API_GATEWAY;
use vpclab_api::judge::{INVOKE, RequestKeys};
use vpclab_api::lambda_proxy::function_of;
use vpclab_api::template::{Reference, Values};
use vpclab_api::token::whole;
use vpclab_cloud::authorizer::{Authorizer, AuthorizerType, IdentitySource};
use vpclab_functions::{Caller, FunctionCall, FunctionFault, Invocation, Invoke};
use vpclab_policy::{Accounts, DecisionEffect, Policy, Request as Question, authorize};

mod cache;

pub(crate) use cache::{Cache, Key};

/// How long an authorizer may take.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html>
const PATIENCE: Duration = Duration::from_secs(30);
/// The most bytes of the names and values of a context; AWS names no figure.
const CONTEXT_MAX: usize = 65_536;

/// A compiled Lambda authorizer.
#[derive(Debug)]
pub struct AuthorizerView {
    id: String,
    kind: AuthorizerType,
    uri: String,
    sources: Vec<IdentitySource>,
    /// A whole token has to match.
    expression: Option<Regex>,
    ttl: Duration,
}

/// What an authorizer said of a caller.
#[derive(Debug, Clone)]
pub(crate) struct Authorized {
    pub(crate) principal: String,
    /// The flat values that integrations see.
    pub(crate) context: BTreeMap<String, String>,
    policy: Arc<Policy>,
    /// How many bytes its answer had.
    size: usize,
    /// How long the function took; nothing when the answer was kept.
    pub(crate) latency: Duration,
}

impl AuthorizerView {
    /// Compiles one.
    ///
    /// # Errors
    /// What cannot be compiled.
    pub fn compile(id: &str, authorizer: &Authorizer) -> Result<Self, String> {
        let expression = authorizer.validation_expression.as_deref().filter(|text| !text.is_empty());
        Ok(Self {
            id: id.to_owned(),
            kind: authorizer.kind,
            uri: authorizer.uri.clone(),
            sources: authorizer.sources().map_err(|why| why.to_string())?,
            expression: expression.map(|text| whole(text).map_err(|_| format!("identity validation expression `{text}`"))).transpose()?,
            ttl: Duration::from_secs(authorizer.ttl_seconds.into()),
        })
    }

    /// Asks whether a call may go on: the kept answer, or the function's, weighed with what the resource policy said.
    pub(crate) async fn admit(
        &self,
        functions: Option<&Arc<dyn Invoke>>,
        cache: &Cache,
        routed: &Routed<'_>,
        of_resource: DecisionEffect,
    ) -> Result<Authorized, Fate> {
        let call = routed.call;
        let identity = self.identity(routed).ok_or(Fate::Unauthorized)?;
        let function = function_of(&self.uri, &routed.stage.variables)
            .ok_or_else(|| Fate::AuthorizerBroken(format!("`{}` names no Lambda function", self.uri)))?;
        let arn = call.request.arn(call.api);
        let token = token(&identity).map(str::to_owned);
        let key = (!self.ttl.is_zero()).then(|| Key {
            api: call.api.id.clone(),
            stage: routed.stage.name.clone(),
            deployment: routed.stage.deployment.id.clone(),
            authorizer: self.id.clone(),
            function: function.clone(),
            identity,
        });
        let kept = key.as_ref().and_then(|key| cache.get(key, call.now));
        let authorized = match kept {
            Some(kept) => Authorized { latency: Duration::ZERO, ..kept },
            None => {
                let asked = self.ask(functions, routed, &arn, function, token.as_deref()).await?;
                if let Some(key) = key {
                    cache.keep(key, asked.clone(), call.now, self.ttl);
                }
                asked
            }
        };
        // As for the resource policy, nobody's signature is asked for.
        let seen = call.request.seen_by(routed.authorization);
        let keys = RequestKeys { request: &seen, endpoint: call.endpoint, region: &call.api.region, account: &call.api.account };
        let question = Question { principal: seen.principal(), action: INVOKE, resource: &arn, keys: &keys };
        let own = authorized.policy.decide(&question).effect;
        match authorize(Accounts::Same, own, of_resource).effect {
            DecisionEffect::Allow => Ok(authorized),
            DecisionEffect::ExplicitDeny => Err(Fate::AuthorizerDenied { explicit: true }),
            DecisionEffect::ImplicitDeny => Err(Fate::AuthorizerDenied { explicit: false }),
            DecisionEffect::Undetermined => {
                let missing = authorized.policy.evaluate(&question).missing.join(", ");
                Err(Fate::NotBuilt(format!("what the authorizer's policy asks for ({missing})")))
            }
        }
    }

    /// The values of the identity, all that each source has, as the function would see them; `None` when one is missing, empty, or no
    /// legal token: then nobody is asked.
    fn identity(&self, routed: &Routed<'_>) -> Option<Vec<Vec<String>>> {
        let identity: Option<Vec<Vec<String>>> = self.sources.iter().map(|source| values(source, routed)).collect();
        let identity = identity?;
        let token = token(&identity).unwrap_or_default();
        let legal = self.expression.as_ref().is_none_or(|expression| expression.is_match(token));
        legal.then_some(identity)
    }

    async fn ask(
        &self,
        functions: Option<&Arc<dyn Invoke>>,
        routed: &Routed<'_>,
        arn: &str,
        function: String,
        token: Option<&str>,
    ) -> Result<Authorized, Fate> {
        let call = routed.call;
        let functions = functions.ok_or_else(|| Fate::NotBuilt("running functions without a daemon".to_owned()))?;
        let trace_id = trace_id_of(call);
        let payload = match self.kind {
            AuthorizerType::Token => json!({"type": "TOKEN", "methodArn": arn, "authorizationToken": token}),
            AuthorizerType::Request => {
                let mut event = request_event(routed, &trace_id);
                if let Some(event) = event.as_object_mut() {
                    // An authorizer does not see the body.
                    event.remove("body");
                    event.remove("isBase64Encoded");
                    event.insert("type".into(), "REQUEST".into());
                    event.insert("methodArn".into(), arn.into());
                }
                event
            }
        };
        let caller =
            Caller { service: API_GATEWAY.to_owned(), source_arn: source_arn(call, &self.id), source_account: call.api.account.clone() };
        let started = tokio::time::Instant::now();
        let asked = functions.invoke(FunctionCall {
            function,
            payload: Bytes::from(payload.to_string()),
            caller,
            trace_id: Some(trace_id),
            patience: PATIENCE,
            invocation: Invocation::Synchronous,
        });
        let answer = match tokio::time::timeout(PATIENCE + Duration::from_millis(500), asked).await {
            Err(_) | Ok(Err(FunctionFault::TimedOut)) => return Err(Fate::AuthorizerFailed("it took too long".to_owned())),
            Ok(Err(fault)) => return Err(Fate::AuthorizerBroken(fault.to_string())),
            Ok(Ok(answer)) => answer,
        };
        let said: Option<Value> = serde_json::from_slice(&answer.payload).ok();
        if answer.error.is_some() {
            let message = said.as_ref().and_then(|said| said.get("errorMessage")).and_then(Value::as_str).unwrap_or_default();
            // The one word by which a function asks for 401.
            return Err(match message {
                "Unauthorized" => Fate::Unauthorized,
                other => Fate::AuthorizerFailed(other.chars().take(500).collect()),
            });
        }
        let authorized = said.as_ref().ok_or("it is no JSON".to_owned()).and_then(read);
        let (latency, size) = (started.elapsed(), answer.payload.len());
        authorized.map(|authorized| Authorized { latency, size, ..authorized }).map_err(Fate::AuthorizerFailed)
    }
}

/// All values that a source has in a request, in order; `None` when there is none, or an empty one.
fn values(source: &IdentitySource, routed: &Routed<'_>) -> Option<Vec<String>> {
    let call = routed.call;
    let values: Vec<String> = match source {
        IdentitySource::Header(name) => shown_header(routed, &name.to_ascii_lowercase()),
        IdentitySource::Query(name) => call.query().filter(|(known, _)| known == name).map(|(_, value)| value.into_owned()).collect(),
        IdentitySource::StageVariable(name) => routed.stage.variables.get(name).cloned().into_iter().collect(),
        IdentitySource::Context(name) => {
            let mut text = String::new();
            routed.append(&Reference::Context(name.clone()), &mut text).then_some(text).into_iter().collect()
        }
    };
    (!values.is_empty() && values.iter().all(|value| !value.is_empty())).then_some(values)
}

/// The token of an identity: of a header that came several times the last, as everywhere in an event.
fn token(identity: &[Vec<String>]) -> Option<&str> {
    identity.first()?.last().map(String::as_str)
}

/// The ARN from which an authorizer's function is called.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html>
fn source_arn(call: &Call<'_>, authorizer: &str) -> String {
    format!("arn:aws:execute-api:{}:{}:{}/authorizers/{authorizer}", call.api.region, call.api.account, call.api.id)
}

/// An authorizer's answer: who it is, a policy, and flat values.
fn read(answer: &Value) -> Result<Authorized, String> {
    let principal = answer.get("principalId").and_then(Value::as_str).filter(|id| !id.is_empty());
    let principal = principal.ok_or("its answer has no principalId")?;
    let document = answer.get("policyDocument").filter(|document| document.is_object()).ok_or("its answer has no policyDocument")?;
    let policy = Policy::parse(&document.to_string()).map_err(|why| format!("its policy cannot be read: {why}"))?;
    let mut context = BTreeMap::new();
    match answer.get("context") {
        None | Some(Value::Null) => {}
        Some(Value::Object(values)) => {
            for (name, value) in values {
                let text = match value {
                    Value::String(text) => text.clone(),
                    Value::Number(_) | Value::Bool(_) => value.to_string(),
                    Value::Null => continue,
                    Value::Array(_) | Value::Object(_) => return Err(format!("the value of `{name}` in its context is not flat")),
                };
                context.insert(name.clone(), text);
            }
            if context.iter().map(|(name, text)| name.len() + text.len()).sum::<usize>() > CONTEXT_MAX {
                return Err(format!("its context has more than {CONTEXT_MAX} bytes"));
            }
        }
        Some(_) => return Err("its context is no object".to_owned()),
    }
    Ok(Authorized { principal: principal.to_owned(), context, policy: Arc::new(policy), size: 0, latency: Duration::ZERO })
}

impl Authorized {
    /// `requestContext.authorizer` of a proxy's event.
    pub(crate) fn shown(&self) -> Value {
        let mut shown: serde_json::Map<String, Value> =
            self.context.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
        shown.insert("principalId".into(), self.principal.clone().into());
        shown.insert("integrationLatency".into(), self.latency.as_millis().to_string().parse().unwrap_or(0_u64).into());
        Value::Object(shown)
    }

    /// `$context.authorizer.NAME`
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        match name {
            "principalId" => Some(&self.principal),
            _ => self.context.get(name).map(String::as_str),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}]});
        let said = json!({"principalId": "me", "policyDocument": policy, "context": {"team": "pets", "level": 3, "admin": true}});
        let read_one = read(&said).unwrap();
        assert_eq!((read_one.value("principalId"), read_one.value("level"), read_one.value("none")), (Some("me"), Some("3"), None));
        assert_eq!(read_one.shown(), json!({"principalId": "me", "team": "pets", "level": "3", "admin": "true", "integrationLatency": 0}));
        for wrong in [
            json!({"policyDocument": policy}),
            json!({"principalId": "me"}),
            json!({"principalId": "me", "policyDocument": {"Statement": "x"}}),
            json!({"principalId": "me", "policyDocument": policy, "context": {"a": {}}}),
            json!({"principalId": "me", "policyDocument": policy, "context": {"a": "x".repeat(CONTEXT_MAX)}}),
            json!("Allow"),
        ] {
            assert!(read(&wrong).is_err(), "{wrong}");
        }
    }
}
