use super::*;
use crate::{MapKeys, PolicyError, expand_short_form, parse_json};
use proptest::prelude::*;

const ARN: &str = "arn:aws:execute-api:us-west-2:123456789012:abcde12345";

fn policy(text: &str) -> Policy {
    Policy::from_value(&expand_short_form(&parse_json(text).unwrap(), ARN)).unwrap()
}

fn ask(policy: &Policy, path: &str, keys: &MapKeys) -> DecisionEffect {
    let resource = format!("{ARN}/{path}");
    let request = Request { principal: CallerPrincipal::Anonymous, action: "execute-api:Invoke", resource: &resource, keys };
    let decision = policy.evaluate(&request);
    let verdict = policy.decide(&request);
    assert_eq!(decision.effect, verdict.effect, "with and without reasons");
    assert_eq!(decision.trace.len(), policy.statements().len());
    if verdict.effect.allows() {
        assert_eq!(decision.deciding.first().map(|s| s.index), verdict.deciding);
    }
    decision.effect
}

/// The two statements of the private API page: allow everyone, deny all but one endpoint.
const FENCE: &str = r#"{"Version":"2012-10-17","Statement":[
 {"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"},
 {"Sid":"fence","Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*",
  "Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}}]}"#;

#[test]
fn the_documented_fence() {
    let fence = policy(FENCE);
    assert_eq!(ask(&fence, "prod/GET/pets", &MapKeys::new().with("aws:SourceVpce", "vpce-1")), DecisionEffect::Allow);
    let wrong = MapKeys::new().with("aws:SourceVpce", "vpce-2");
    assert_eq!(ask(&fence, "prod/GET/pets", &wrong), DecisionEffect::ExplicitDeny);
    assert_eq!(ask(&fence, "prod/GET/pets", &MapKeys::new()), DecisionEffect::ExplicitDeny, "a missing key differs");
    let unknown = MapKeys::new().with_unknown("aws:SourceVpce");
    assert_eq!(ask(&fence, "prod/GET/pets", &unknown), DecisionEffect::Undetermined);
}

#[test]
fn reasons_name_statement_condition_and_value() {
    let resource = format!("{ARN}/prod/GET/pets");
    let keys = MapKeys::new().with("aws:SourceVpce", "vpce-2");
    let request = Request { principal: CallerPrincipal::Anonymous, action: "execute-api:Invoke", resource: &resource, keys: &keys };
    let decision = policy(FENCE).evaluate(&request);
    let [decider] = decision.deciding.as_slice() else { panic!("one statement decides") };
    assert_eq!((decider.index, decider.sid.as_deref(), decider.effect), (1, Some("fence"), Effect::Deny));
    let last = decision.trace[1].elements.last().unwrap();
    assert_eq!(last.seen, Seen::Values(vec!["vpce-2".to_owned()]));
    assert_eq!(
        last.element,
        Element::Condition { operator: "StringNotEquals".into(), key: "aws:SourceVpce".into(), written: vec!["vpce-1".into()] }
    );
    assert_eq!(decision.trace[0].outcome, Outcome::Match);
}

#[test]
fn allow_list_with_silence_around() {
    let one = policy(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},
        "Action":["execute-api:invoke"],"Resource":["execute-api:/prod/GET/pets/*","execute-api:/*/POST/orders"],
        "Condition":{"IpAddress":{"aws:VpcSourceIp":["10.0.0.0/16","10.2.0.0/16"]},"StringEquals":{"AWS:sourcevpc":"vpc-1"}}}}"#,
    );
    let keys = MapKeys::new().with("aws:VpcSourceIp", "10.2.3.4").with("aws:SourceVpc", "vpc-1");
    assert_eq!(ask(&one, "prod/GET/pets/1/toys", &keys), DecisionEffect::Allow);
    assert_eq!(ask(&one, "a/b/POST/orders", &keys), DecisionEffect::Allow, "the stage wildcard spans slashes");
    assert_eq!(ask(&one, "prod/GET/pets", &keys), DecisionEffect::ImplicitDeny);
    assert_eq!(ask(&one, "prod/get/pets/1", &keys), DecisionEffect::ImplicitDeny, "resources are case-sensitive");
    let outside = MapKeys::new().with("aws:VpcSourceIp", "10.1.0.1").with("aws:SourceVpc", "vpc-1");
    assert_eq!(ask(&one, "prod/GET/pets/1", &outside), DecisionEffect::ImplicitDeny);
    let half = MapKeys::new().with("aws:VpcSourceIp", "10.2.3.4");
    assert_eq!(ask(&one, "prod/GET/pets/1", &half), DecisionEffect::ImplicitDeny, "operators are ANDed");
}

#[test]
fn not_forms() {
    let others = policy(
        r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","NotPrincipal":{"AWS":"999999999999"},"NotAction":"s3:*","NotResource":"execute-api:/prod/DELETE/*"}]}"#,
    );
    let keys = MapKeys::new();
    assert_eq!(ask(&others, "prod/GET/x", &keys), DecisionEffect::Allow);
    assert_eq!(ask(&others, "prod/DELETE/x", &keys), DecisionEffect::ImplicitDeny);
}

#[test]
fn unresolved_variables_never_allow() {
    let keys = MapKeys::new();
    for (element, effect) in [("Resource", "Allow"), ("NotResource", "Allow")] {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Principal":"*","Action":"*","{element}":"execute-api:/*/${{aws:username}}*"}}}}"#
        );
        assert_eq!(ask(&policy(&text), "prod/GET/x", &keys), DecisionEffect::ImplicitDeny, "{element}");
        assert_eq!(ask(&policy(&text), "prod/GET/x", &MapKeys::new().with_unknown("aws:username")), DecisionEffect::Undetermined);
    }
    let old = policy(r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"execute-api:/*/${aws:username}"}}"#);
    assert_eq!(ask(&old, "prod/GET/${aws:username}", &keys), DecisionEffect::Allow, "plain text before 2012-10-17");
}

#[test]
fn an_incomplete_arn_stands_for_any() {
    let open = policy(r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:execute-api"}}"#);
    assert_eq!(ask(&open, "prod/GET/x", &MapKeys::new()), DecisionEffect::Allow);
}

#[test]
fn what_is_refused() {
    for text in [
        "null",
        "{}",
        r#"{"Statement":[]}"#,
        r#"{"Version":"2020-01-01","Statement":{"Effect":"Allow","Action":"*"}}"#,
        r#"{"Statement":{"Effect":"allow","Action":"*"}}"#,
        r#"{"Statement":{"Effect":"Allow"}}"#,
        r#"{"Statement":{"Effect":"Allow","Action":"*","NotAction":"*"}}"#,
        r#"{"Statement":{"Effect":"Allow","Action":"*","Conditions":{}}}"#,
        r#"{"Statement":{"Effect":"Allow","Action":"*","Condition":{"StringIs":{"a:b":"c"}}}}"#,
        r#"{"Statement":{"Effect":"Allow","Action":"*","Condition":{"StringEquals":{"a:b":{"x":1}}}}}"#,
        r#"{"Statement":{"Effect":"Allow","Action":"*","Principal":"bob"}}"#,
        r#"{"Statement":{"Effect":"Allow","Action":"*","Principal":{}}}"#,
        r#"{"Statement":{"Effect":"Allow","Action":"invoke"}}"#,
        r#"{"Statement":{"Effect":"Allow","Action":[]}}"#,
        r#"{"Statement":{"Effect":"Allow","Action":"*","Condition":{},"Condition":{}}}"#,
    ] {
        assert!(Policy::parse(text).is_err(), "{text}");
    }
    let many = format!(r#"{{"Statement":[{}]}}"#, vec![r#"{"Effect":"Deny","Action":"*"}"#; 1_025].join(","));
    assert_eq!(Policy::parse(&many), Err(PolicyError::TooManyStatements(1_024)));
}

fn any_statement() -> impl Strategy<Value = String> {
    let condition = prop_oneof![
        Just(String::new()),
        (
            prop_oneof![
                Just("StringEquals"),
                Just("StringNotEquals"),
                Just("StringLikeIfExists"),
                Just("ForAllValues:StringNotLike"),
                Just("ForAnyValue:StringEquals"),
            ],
            prop_oneof![Just("aws:a"), Just("aws:b"), Just("aws:c")],
            prop_oneof![Just("1"), Just("2"), Just("${aws:b}"), Just("*")],
        )
            .prop_map(|(o, k, v)| format!(r#","Condition":{{"{o}":{{"{k}":"{v}"}}}}"#)),
    ];
    (any::<bool>(), any::<bool>(), prop_oneof![Just("*"), Just("prod/GET/*"), Just("${aws:a}/*")], condition).prop_map(
        |(deny, not, resource, condition)| {
            let effect = if deny { "Deny" } else { "Allow" };
            let element = if not { "NotResource" } else { "Resource" };
            format!(r#"{{"Effect":"{effect}","Principal":"*","Action":"*","{element}":"execute-api:/{resource}"{condition}}}"#)
        },
    )
}

fn any_keys() -> impl Strategy<Value = MapKeys> {
    prop::collection::vec((prop_oneof![Just("aws:a"), Just("aws:b"), Just("aws:c")], 0..4u8), 0..3).prop_map(|pairs| {
        pairs.into_iter().fold(MapKeys::new(), |keys, (key, value)| match value {
            0 => keys.with_unknown(key),
            1 => keys.with_many(key, ["1", "2"]),
            n => keys.with(key, n.to_string()),
        })
    })
}

fn document(statements: &[String]) -> Policy {
    policy(&format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(",")))
}

proptest! {
    #[test]
    fn order_does_not_matter(
        (statements, shuffled) in prop::collection::vec(any_statement(), 1..6)
            .prop_flat_map(|s| (Just(s.clone()), Just(s).prop_shuffle())),
        keys in any_keys(),
    ) {
        let (a, b) = (document(&statements), document(&shuffled));
        prop_assert_eq!(ask(&a, "prod/GET/x", &keys), ask(&b, "prod/GET/x", &keys));
    }

    #[test]
    fn deny_wins(statements in prop::collection::vec(any_statement(), 0..5), keys in any_keys()) {
        let mut all = statements;
        all.push(r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}"#.to_owned());
        prop_assert_eq!(ask(&document(&all), "prod/GET/x", &keys), DecisionEffect::ExplicitDeny);
    }

    #[test]
    fn without_allow_nothing_passes(statements in prop::collection::vec(any_statement(), 1..5), keys in any_keys()) {
        let all: Vec<String> = statements.iter().map(|s| s.replace("Allow", "Deny")).collect();
        prop_assert!(!ask(&document(&all), "prod/GET/x", &keys).allows());
    }

    /// Knowing more never turns a certain answer around.
    #[test]
    fn certain_answers_stay(statements in prop::collection::vec(any_statement(), 1..5), value in "[123]") {
        let unknown = ask(&document(&statements), "prod/GET/x", &MapKeys::new().with_unknown("aws:a"));
        if unknown != DecisionEffect::Undetermined {
            for keys in [MapKeys::new(), MapKeys::new().with("aws:a", value)] {
                prop_assert_eq!(ask(&document(&statements), "prod/GET/x", &keys), unknown);
            }
        }
    }

    #[test]
    fn parsing_never_panics(text in "\\PC{0,80}") {
        let _ = Policy::parse(&text);
    }

    #[test]
    fn parsing_mutated_documents_never_panics(at in 0..400usize, c in any::<char>()) {
        let mut text: Vec<char> = FENCE.chars().collect();
        if let Some(slot) = text.get_mut(at) { *slot = c; }
        let text: String = text.into_iter().collect();
        if let Ok(policy) = Policy::parse(&text) {
            let _ = ask(&policy, "prod/GET/x", &MapKeys::new());
        }
    }
}
