//! A policy that refuses a call, changed so that it allows this call and as little else as possible.
use serde_json::{Map, Value, json};
use vpclab_policy::{DecisionEffect, Effect, Policy, Request as Question, parse_json};

/// The call that a policy is to allow.
pub(super) struct Wish<'a> {
    /// What the policy is asked.
    pub(super) question: &'a Question<'a>,
    /// The endpoint that carries it.
    pub(super) endpoint: &'a str,
    /// The VPC of that endpoint.
    pub(super) vpc: &'a str,
    /// The address it comes from.
    pub(super) peer: &'a str,
    /// The condition of a new statement: operator, key, value.
    pub(super) only: (&'a str, &'a str, &'a str),
    /// Who calls, as a statement names it.
    pub(super) principal: Value,
}

/// The corrected policy. `None` where none was found that allows the call.
///
/// A statement that denies gets an exception: the value of this call in a condition that lists who is spared, else a condition that
/// spares this address. Where then nothing allows, a statement is added for this one resource.
pub(super) fn corrected(text: Option<&str>, wish: &Wish<'_>) -> Option<Value> {
    let mut document = text.and_then(|text| parse_json(text).ok()).unwrap_or_else(|| json!({"Version": "2012-10-17", "Statement": []}));
    // A document that cannot be read is written anew.
    if text.is_some() && Policy::from_value(&document).is_err() {
        document = json!({"Version": "2012-10-17", "Statement": []});
    }
    let statements = document.as_object_mut()?.get_mut("Statement")?;
    if statements.is_object() {
        *statements = Value::Array(vec![statements.take()]);
    }
    // Two turns: away with what denies, then in with what allows.
    for _ in 0..2 {
        let statements = document.get_mut("Statement")?.as_array_mut()?;
        if statements.is_empty() {
            statements.push(allowing(wish));
        }
        let policy = Policy::from_value(&document).ok()?;
        let decision = policy.evaluate(wish.question);
        let statements = document.get_mut("Statement")?.as_array_mut()?;
        match decision.effect {
            DecisionEffect::Allow => return Some(document),
            DecisionEffect::Undetermined => return None,
            DecisionEffect::ImplicitDeny => statements.push(allowing(wish)),
            DecisionEffect::ExplicitDeny => {
                for at in decision.deciding.iter().filter(|at| at.effect == Effect::Deny) {
                    spare(statements.get_mut(at.index)?.as_object_mut()?, wish);
                }
            }
        }
    }
    let policy = Policy::from_value(&document).ok()?;
    (policy.decide(wish.question).effect == DecisionEffect::Allow).then_some(document)
}

/// A statement that allows this call.
fn allowing(wish: &Wish<'_>) -> Value {
    let (operator, key, value) = wish.only;
    json!({
        "Effect": "Allow",
        "Principal": wish.principal,
        "Action": wish.question.action,
        "Resource": wish.question.resource,
        "Condition": { operator: { key: value } },
    })
}

/// Makes a statement that denies spare this call.
fn spare(statement: &mut Map<String, Value>, wish: &Wish<'_>) {
    let address = format!("{}/32", wish.peer);
    let Some(condition) = statement.entry("Condition").or_insert_with(|| json!({})).as_object_mut() else { return };
    // The narrowest of the lists that it has: an address, an endpoint, a VPC.
    let lists = [("aws:vpcsourceip", address.as_str()), ("aws:sourcevpce", wish.endpoint), ("aws:sourcevpc", wish.vpc)];
    for (key, value) in lists {
        for (operator, keys) in condition.iter_mut().filter(|(operator, _)| is_negated(operator)) {
            let Some(keys) = keys.as_object_mut() else { continue };
            let Some(name) = keys.keys().find(|name| name.eq_ignore_ascii_case(key)).cloned() else { continue };
            if operator.starts_with("String") == (key == "aws:vpcsourceip") {
                continue;
            }
            if let Some(values) = keys.get_mut(&name) {
                add(values, value);
                return;
            }
        }
    }
    // `aws:SourceIp` is not there on a private API, so that such a condition spares nobody: `aws:VpcSourceIp` is what was meant.
    for (_, keys) in condition.iter_mut().filter(|(operator, _)| operator.as_str() == "NotIpAddress") {
        let Some(keys) = keys.as_object_mut() else { continue };
        if let Some(name) = keys.keys().find(|name| name.eq_ignore_ascii_case("aws:SourceIp")).cloned()
            && let Some(mut values) = keys.shift_remove(&name)
        {
            add(&mut values, &address);
            keys.insert("aws:VpcSourceIp".to_owned(), values);
            return;
        }
    }
    let spared = condition.entry("NotIpAddress").or_insert_with(|| json!({}));
    if let Some(keys) = spared.as_object_mut() {
        keys.insert("aws:VpcSourceIp".to_owned(), json!([address]));
    }
}

fn is_negated(operator: &str) -> bool {
    let plain = operator.strip_suffix("IfExists").unwrap_or(operator);
    matches!(plain, "StringNotEquals" | "StringNotLike" | "StringNotEqualsIgnoreCase" | "NotIpAddress")
}

fn add(values: &mut Value, value: &str) {
    match values {
        Value::Array(list) => list.push(json!(value)),
        other => *other = json!([other.take(), value]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vpclab_policy::{CallerPrincipal, MapKeys};

    const ARN: &str = "arn:aws:execute-api:us-west-2:123456789012:abcde12345/prod/GET/pets";

    fn keys(endpoint: &str, peer: &str) -> MapKeys {
        MapKeys::new().with("aws:SourceVpce", endpoint).with("aws:SourceVpc", "vpc-1").with("aws:VpcSourceIp", peer)
    }

    fn says(document: &Value, keys: &MapKeys, resource: &str) -> DecisionEffect {
        let question = Question { principal: CallerPrincipal::Anonymous, action: "execute-api:Invoke", resource, keys };
        Policy::from_value(document).unwrap().decide(&question).effect
    }

    /// Corrects, and checks that the call passes and that nobody else's answer is another one than before.
    fn check(text: Option<&str>) -> Value {
        let keys_of_call = keys("vpce-2", "10.0.0.9");
        let question = Question { principal: CallerPrincipal::Anonymous, action: "execute-api:Invoke", resource: ARN, keys: &keys_of_call };
        let wish = Wish {
            question: &question,
            endpoint: "vpce-2",
            vpc: "vpc-1",
            peer: "10.0.0.9",
            only: ("StringEquals", "aws:SourceVpce", "vpce-2"),
            principal: json!("*"),
        };
        let mended = corrected(text, &wish).unwrap();
        assert_eq!(says(&mended, &keys_of_call, ARN), DecisionEffect::Allow);
        if let Some(before) = text.and_then(|text| parse_json(text).ok()).filter(|before| Policy::from_value(before).is_ok()) {
            for (endpoint, resource) in [("vpce-3", ARN), ("vpce-3", "arn:aws:execute-api:us-west-2:123456789012:zzzzzzzzzz/prod/GET/pets")]
            {
                let other =
                    MapKeys::new().with("aws:SourceVpce", endpoint).with("aws:SourceVpc", "vpc-2").with("aws:VpcSourceIp", "10.9.9.9");
                assert_eq!(says(&mended, &other, resource), says(&before, &other, resource), "{mended}");
            }
        }
        mended
    }

    fn fence(condition: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[
                {{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}},
                {{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"*","Condition":{condition}}}]}}"#
        )
    }

    #[test]
    fn the_fence_lets_one_more_endpoint_in() {
        let mended = check(Some(&fence(r#"{"StringNotEquals":{"aws:sourceVpce":"vpce-1"}}"#)));
        assert_eq!(mended["Statement"][1]["Condition"], json!({"StringNotEquals": {"aws:sourceVpce": ["vpce-1", "vpce-2"]}}));
        let mended = check(Some(&fence(r#"{"StringNotEquals":{"aws:SourceVpc":["vpc-9"]}}"#)));
        assert_eq!(mended["Statement"][1]["Condition"], json!({"StringNotEquals": {"aws:SourceVpc": ["vpc-9", "vpc-1"]}}));
    }

    #[test]
    fn addresses_are_spared_one_by_one() {
        let mended = check(Some(&fence(r#"{"NotIpAddress":{"aws:VpcSourceIp":["10.1.0.0/16"]}}"#)));
        assert_eq!(mended["Statement"][1]["Condition"], json!({"NotIpAddress": {"aws:VpcSourceIp": ["10.1.0.0/16", "10.0.0.9/32"]}}));
        // The key of public APIs, which is never there.
        let mended = check(Some(&fence(r#"{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/24"}}"#)));
        assert_eq!(mended["Statement"][1]["Condition"], json!({"NotIpAddress": {"aws:VpcSourceIp": ["10.0.0.0/24", "10.0.0.9/32"]}}));
        let mended = check(Some(&fence(r#"{"IpAddress":{"aws:VpcSourceIp":"10.0.0.0/24"}}"#)));
        assert_eq!(mended["Statement"][1]["Condition"]["NotIpAddress"], json!({"aws:VpcSourceIp": ["10.0.0.9/32"]}));
    }

    #[test]
    fn silence_gets_one_statement() {
        let text = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*",
            "Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1"}}}}"#;
        let mended = check(Some(text));
        assert_eq!(mended["Statement"].as_array().unwrap().len(), 2);
        assert_eq!(mended["Statement"][1]["Resource"], ARN);
        assert_eq!(check(None)["Statement"].as_array().unwrap().len(), 1);
        assert_eq!(check(Some("no policy"))["Statement"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn a_denial_in_silence_takes_both() {
        let text = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"*",
            "Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}}]}"#;
        assert_eq!(check(Some(text))["Statement"].as_array().unwrap().len(), 2);
    }
}
