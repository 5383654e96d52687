use super::*;
use crate::{MapKeys, NoKeys};
use proptest::prelude::*;

const FULL: Reading = Reading { wildcards: true, variables: true };

fn hit(pattern: &str, text: &str) -> bool {
    Pattern::compile(pattern, FULL).unwrap().matches(text, Fold::Exact, &NoKeys) == Hit::Yes
}

#[test]
fn wildcards_cross_slashes() {
    assert!(hit("arn:*/prod/*", "arn:aws:execute-api:us-west-2:1:abc/prod/GET/pets/1"));
    assert!(hit("a?c", "abc"));
    assert!(hit("a?c", "a/c"));
    assert!(hit("a?c", "aéc"));
    assert!(!hit("a?c", "ac"));
    assert!(hit("*", ""));
    assert!(hit("a*", "a"));
    assert!(!hit("a*b", "abc"));
    assert!(hit("*a*b*c", "xxaxxbxxbc"));
    assert!(!hit("", "x"));
}

#[test]
fn hostile_patterns_are_quick() {
    let text = "a".repeat(8_192);
    assert!(!hit(&format!("{}b", "*a".repeat(60)), &text));
    assert!(!hit(&format!("*{}b", "a".repeat(400)), &text));
}

#[test]
fn variables() {
    let keys = MapKeys::new().with("aws:username", "jo*n").with_many("aws:list", ["a", "b"]).with_unknown("aws:x");
    let check = |pattern: &str, text: &str| Pattern::compile(pattern, FULL).unwrap().matches(text, Fold::Exact, &keys);
    assert_eq!(check("home/${aws:UserName}/*", "home/jo*n/x"), Hit::Yes);
    assert_eq!(check("home/${aws:username}/*", "home/john/x"), Hit::No, "a value is no wildcard");
    assert_eq!(check("${*}${?}${$}", "*?$"), Hit::Yes);
    assert_eq!(check("${*}", "x"), Hit::No);
    assert_eq!(check("x/${aws:nothing}", "x/"), Hit::Unresolved("aws:nothing".into()));
    assert_eq!(check("x/${aws:nothing, 'team'}", "x/team"), Hit::Yes);
    assert_eq!(check("${aws:list}", "a"), Hit::Unresolved("aws:list".into()));
    assert_eq!(check("${aws:x}", "a"), Hit::Unknown("aws:x".into()));
    assert_eq!(check("$5", "$5"), Hit::Yes);
    for bad in ["${aws:username", "${}", "${nothing}", "${aws:a,b}", "${${aws:a}}"] {
        assert!(Pattern::compile(bad, FULL).is_err(), "{bad}");
    }
    let old = Pattern::compile("${aws:username}", Reading { wildcards: true, variables: false }).unwrap();
    assert_eq!(old.matches("${aws:username}", Fold::Exact, &keys), Hit::Yes, "2008 policies take it literally");
}

#[test]
fn arn_parts_match_each_on_its_own() {
    let arn = |pattern: &str, text: &str| Pattern::compile(pattern, FULL).unwrap().matches_arn(text, &NoKeys) == Hit::Yes;
    assert!(arn("arn:aws:iam::123456789012:role/*", "arn:aws:iam::123456789012:role/a/b"));
    assert!(arn("arn:aws:sns:*:*:topic", "arn:aws:sns:eu-west-1:1:topic"));
    assert!(!arn("arn:aws:*:topic", "arn:aws:sns:eu-west-1:1:topic"), "a star does not cross a colon of the ARN");
    assert!(!arn("*", "topic"));
}

/// The definition, written the slow and obvious way.
fn slow(pattern: &[char], text: &[char]) -> bool {
    match (pattern.first(), text.first()) {
        (None, None) => true,
        (Some('*'), _) => slow(&pattern[1..], text) || (!text.is_empty() && slow(pattern, &text[1..])),
        (Some('?'), Some(_)) => slow(&pattern[1..], &text[1..]),
        (Some(a), Some(b)) if a == b => slow(&pattern[1..], &text[1..]),
        _ => false,
    }
}

proptest! {
    #[test]
    fn agrees_with_the_definition(pattern in "[ab*?]{0,8}", text in "[ab]{0,10}") {
        let p: Vec<char> = pattern.chars().collect();
        let t: Vec<char> = text.chars().collect();
        prop_assert_eq!(hit(&pattern, &text), slow(&p, &t));
    }

    #[test]
    fn never_panics(pattern in "\\PC{0,40}", text in "\\PC{0,40}") {
        if let Ok(pattern) = Pattern::compile(&pattern, FULL) {
            let _ = pattern.matches(&text, Fold::IgnoreCase, &NoKeys);
            let _ = pattern.matches_arn(&text, &NoKeys);
        }
    }
}
