use super::*;
use crate::MapKeys;

/// `key` is `aws:k`; `None` is an absent key.
fn test(operator: &str, written: &[&str], values: Option<&[&str]>) -> bool {
    let operator: Operator = operator.parse().unwrap();
    let written: Vec<String> = written.iter().map(|s| (*s).to_owned()).collect();
    let condition = Condition::compile(operator, "aws:K", &written, true).unwrap();
    let keys = match values {
        None => MapKeys::new(),
        Some([one]) => MapKeys::new().with("aws:k", *one),
        Some(many) => MapKeys::new().with_many("aws:k", many.iter().copied()),
    };
    let outcome = condition.test(Effect::Allow, &keys);
    assert_eq!(outcome, condition.test(Effect::Deny, &keys), "no variable, so the effect plays no part");
    outcome == Outcome::Match
}

#[test]
fn strings() {
    assert!(test("StringEquals", &["a", "b"], Some(&["b"])));
    assert!(!test("StringEquals", &["a"], Some(&["A"])));
    assert!(!test("StringEquals", &["*"], Some(&["a"])), "no wildcards in StringEquals");
    assert!(test("StringEqualsIgnoreCase", &["a"], Some(&["A"])));
    assert!(test("StringLike", &["vpce-*"], Some(&["vpce-1"])));
    assert!(!test("StringNotEquals", &["a", "b"], Some(&["a"])), "several values of a negation are NOR");
    assert!(test("StringNotEquals", &["a", "b"], Some(&["c"])));
    assert!(!test("StringNotLike", &["x*"], Some(&["xy"])));
    assert!(!test("StringNotEquals", &["a"], Some(&["a", "x"])), "no value of the key may match");
}

#[test]
fn missing_keys() {
    for comparison in Comparison::ALL.iter().filter(|c| **c != Comparison::Null) {
        let name = comparison.name();
        let value = match comparison {
            Comparison::IpAddress | Comparison::NotIpAddress => "10.0.0.0/8",
            Comparison::Bool => "true",
            _ => "2020",
        };
        assert_eq!(test(name, &[value], None), comparison.is_negated(), "{name}");
        assert!(test(&format!("{name}IfExists"), &[value], None), "{name}IfExists");
        assert!(test(&format!("ForAllValues:{name}"), &[value], None));
        assert!(!test(&format!("ForAnyValue:{name}"), &[value], None));
        assert!(!test(&format!("ForAnyValue:{name}"), &[value], Some(&[])));
    }
    assert!(test("Null", &["true"], None));
    assert!(!test("Null", &["false"], None));
    assert!(test("Null", &["false"], Some(&["x"])));
}

#[test]
fn numbers_dates_and_booleans() {
    assert!(test("NumericLessThan", &["10"], Some(&["9.5"])));
    assert!(!test("NumericLessThan", &["10"], Some(&["10"])));
    assert!(test("NumericLessThanEquals", &["10"], Some(&["10"])));
    assert!(test("NumericGreaterThan", &["9"], Some(&["10"])), "not compared as text");
    assert!(test("NumericNotEquals", &["1", "2"], Some(&["3"])));
    assert!(!test("NumericEquals", &["1"], Some(&["one"])));
    assert!(test("DateGreaterThan", &["2013-06-30T00:00:00Z"], Some(&["2013-06-30T00:00:01Z"])));
    assert!(test("DateLessThan", &["2013-06-30"], Some(&["1"])));
    assert!(test("DateEquals", &["1372550400"], Some(&["2013-06-30T00:00:00Z"])));
    assert!(test("Bool", &["true"], Some(&["TRUE"])));
    assert!(!test("Bool", &["true"], Some(&["false"])));
    assert!(test("BinaryEquals", &["QmluYXJ5"], Some(&["QmluYXJ5"])));
}

#[test]
fn addresses() {
    assert!(test("IpAddress", &["10.0.0.0/8", "192.168.1.1"], Some(&["10.9.8.7"])));
    assert!(test("IpAddress", &["10.0.0.5/8"], Some(&["10.9.8.7"])), "host bits are ignored");
    assert!(test("IpAddress", &["192.168.1.1"], Some(&["192.168.1.1"])));
    assert!(!test("IpAddress", &["10.0.0.0/8"], Some(&["11.0.0.1"])));
    assert!(test("IpAddress", &["fd00::/8"], Some(&["fd00::1"])));
    assert!(test("IpAddress", &["10.0.0.0/8"], Some(&["::ffff:10.0.0.1"])));
    assert!(test("NotIpAddress", &["10.0.0.0/8"], Some(&["11.0.0.1"])));
    assert!(!test("NotIpAddress", &["10.0.0.0/8", "11.0.0.0/8"], Some(&["11.0.0.1"])));
}

#[test]
fn arns() {
    for operator in ["ArnEquals", "ArnLike"] {
        assert!(test(operator, &["arn:aws:sns:*:123:t-*"], Some(&["arn:aws:sns:eu-west-1:123:t-1"])));
        assert!(!test(operator, &["arn:aws:sns:*:t-*"], Some(&["arn:aws:sns:eu-west-1:123:t-1"])));
    }
    assert!(test("ArnNotLike", &["arn:aws:sns:*:123:x"], Some(&["arn:aws:sns:eu-west-1:123:y"])));
}

#[test]
fn sets() {
    assert!(test("ForAllValues:StringEquals", &["a", "b"], Some(&["a", "b"])));
    assert!(!test("ForAllValues:StringEquals", &["a", "b"], Some(&["a", "c"])));
    assert!(test("ForAnyValue:StringEquals", &["a", "b"], Some(&["x", "b"])));
    assert!(!test("ForAnyValue:StringEquals", &["a"], Some(&["x", "y"])));
    assert!(test("ForAllValues:StringNotEquals", &["a"], Some(&["x", "y"])));
    assert!(!test("ForAllValues:StringNotEquals", &["a"], Some(&["x", "a"])));
    assert!(test("ForAnyValue:StringNotEquals", &["a"], Some(&["x", "a"])));
}

#[test]
fn a_variable_without_value_helps_deny_and_never_allow() {
    let condition = |operator: &str| Condition::compile(operator.parse().unwrap(), "aws:k", &["${aws:none}".to_owned()], true).unwrap();
    let keys = MapKeys::new().with("aws:k", "x");
    assert_eq!(condition("StringEquals").test(Effect::Allow, &keys), Outcome::NoMatch);
    assert_eq!(condition("StringNotEquals").test(Effect::Allow, &keys), Outcome::NoMatch);
    assert_eq!(condition("StringNotEquals").test(Effect::Deny, &keys), Outcome::Match);
    assert_eq!(condition("ForAllValues:StringNotLike").test(Effect::Allow, &keys), Outcome::NoMatch);
}

#[test]
fn values_that_no_operator_reads_are_refused() {
    for (operator, value) in [
        ("NumericEquals", "ten"),
        ("DateEquals", "soon"),
        ("Bool", "yes"),
        ("IpAddress", "10.0.0.0/33"),
        ("Null", "maybe"),
        ("StringEquals", "${oops"),
        ("NumericEquals", "inf"),
    ] {
        let made = Condition::compile(operator.parse().unwrap(), "aws:k", &[value.to_owned()], true);
        assert!(made.is_err(), "{operator} {value}");
    }
}
