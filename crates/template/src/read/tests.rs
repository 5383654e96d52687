use super::parse;
use crate::{Node, Span};
use proptest::prelude::*;
use serde_json::{Value, json};

fn value(yaml: &str) -> Value {
    parse(&format!("k: {yaml}\n")).unwrap_or_else(|why| panic!("{yaml}: {why}")).get("k").unwrap().to_json()
}

fn refused(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn plain_words() {
    for (yaml, wanted) in [
        ("x", json!("x")),
        ("yes", json!(true)),
        ("Off", json!(false)),
        ("y", json!("y")),
        ("~", json!(null)),
        ("", json!(null)),
        ("80", json!(80)),
        ("-1", json!(-1)),
        ("1_000", json!(1000)),
        ("0755", json!(493)),
        ("0o755", json!("0o755")),
        ("0x1F", json!(31)),
        ("0b11", json!(3)),
        ("0", json!(0)),
        ("08", json!("08")),
        ("012345678901", json!("012345678901")),
        ("001234567012", json!("001234567012")),
        ("123456789012", json!(123_456_789_012_i64)),
        ("2012-10-17", json!("2012-10-17")),
        ("10.0.0.0/16", json!("10.0.0.0/16")),
        ("1.5", json!(1.5)),
        ("-.5", json!(-0.5)),
        ("1e3", json!(1000.0)),
        (".inf", json!(".inf")),
        ("22:30", json!("22:30")),
        ("1.2.3", json!("1.2.3")),
        ("'80'", json!("80")),
        ("\"yes\"", json!("yes")),
        ("99999999999999999999", json!("99999999999999999999")),
        ("18446744073709551615", json!(u64::MAX)),
        ("!!str 80", json!("80")),
        ("!!int \"80\"", json!(80)),
        ("! 80", json!("80")),
        ("e3", json!("e3")),
        ("1e", json!("1e")),
        ("...5", json!("...5")),
    ] {
        assert_eq!(value(yaml), wanted, "{yaml}");
    }
}

#[test]
fn tags_become_functions() {
    for (yaml, wanted) in [
        ("!Ref A", json!({"Ref": "A"})),
        ("!Ref 1", json!({"Ref": "1"})),
        ("!Condition C", json!({"Condition": "C"})),
        ("!GetAtt A.B.C", json!({"Fn::GetAtt": ["A", "B.C"]})),
        ("!GetAtt [A, !Ref B]", json!({"Fn::GetAtt": ["A", {"Ref": "B"}]})),
        ("!GetAtt A", json!({"Fn::GetAtt": "A"})),
        ("!GetAZs", json!({"Fn::GetAZs": ""})),
        ("!Sub '${A}'", json!({"Fn::Sub": "${A}"})),
        ("!If [C, 1, !Ref AWS::NoValue]", json!({"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]})),
        ("!Transform {Name: AWS::Include}", json!({"Fn::Transform": {"Name": "AWS::Include"}})),
        ("!Select [0, !GetAZs '']", json!({"Fn::Select": [0, {"Fn::GetAZs": ""}]})),
        ("&x !Ref A\nl: *x", json!({"Ref": "A"})),
    ] {
        assert_eq!(value(yaml), wanted, "{yaml}");
    }
    assert_eq!(
        refused("a: 1\nb: !Reff A"),
        "Template format error: YAML not well-formed. (line 2, column 4): the tag `!Reff` is not supported in a template"
    );
    assert!(refused("a: !!binary aGk=").contains("!!binary"));
}

#[test]
fn aliases_and_merges() {
    let node = parse("base: &b {x: 1, y: 2}\none:\n  <<: *b\n  y: 3\ntwo:\n  <<: [*b, {z: 4}]\n").unwrap();
    assert_eq!(node.get("one").unwrap().to_json(), json!({"y": 3, "x": 1}));
    assert_eq!(node.get("two").unwrap().to_json(), json!({"x": 1, "y": 2, "z": 4}));
    assert!(refused("a: &a [*a]").contains("YAML not well-formed"));
    assert!(refused("a:\n  <<: 1").contains("`<<` merges objects"));
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..9 {
        let aliases = vec![format!("*a{}", i - 1); 10].join(", ");
        bomb += &format!("a{i}: &a{i} [{aliases}]\n");
    }
    assert!(refused(&bomb).contains("too large once its aliases are written out"));
}

#[test]
fn places() {
    let span = |line, column, end_line, end_column| Span { line, column, end_line, end_column };
    let yaml = parse("A:\n  é: [x, yz]\n  B: !GetAtt Q.R\n").unwrap();
    let a = yaml.get("A").unwrap();
    assert_eq!(yaml.as_map().unwrap().key_at("A"), span(1, 1, 1, 2));
    assert_eq!(a.as_map().unwrap().key_at("é"), span(2, 3, 2, 4));
    assert_eq!(a.get("é").unwrap().at, span(2, 6, 2, 13));
    assert_eq!(a.get("é").unwrap().as_list().unwrap()[1].at, span(2, 10, 2, 12));
    assert_eq!(a.get("B").unwrap().at.line, 3);
    let json = parse("{\n \"é\": [true,\n  -1.5],\r\n\t\"B\": \"x\"}").unwrap();
    assert_eq!(json.as_map().unwrap().key_at("é"), span(2, 2, 2, 5));
    assert_eq!(json.get("é").unwrap().at, span(2, 7, 3, 8));
    assert_eq!(json.get("é").unwrap().as_list().unwrap()[1].at, span(3, 3, 3, 7));
    assert_eq!(json.get("B").unwrap().at, span(4, 7, 4, 10));
}

#[test]
fn refusals_say_where() {
    for (text, wanted) in [
        ("{\"a\": 1,}", "Template format error: JSON not well-formed. (line 1, column 9): a key in double quotes is expected"),
        ("{\"a\": 1\n \"b\": 2}", "Template format error: JSON not well-formed. (line 2, column 2): `,` or `}` is expected"),
        ("{\"a\": 1, \"a\": 2}", "Template format error: the key `a` occurs twice (line 1, column 10)"),
        ("a: 1\na: 2\n", "Template format error: the key `a` occurs twice (line 2, column 1)"),
        ("- a\n", "Template format error: unsupported structure. (line 1, column 1)"),
        ("hello", "Template format error: unsupported structure. (line 1, column 1)"),
        ("", "Template format error: the template is empty"),
    ] {
        assert_eq!(refused(text), wanted, "{text}");
    }
    assert!(refused("a:\n\tb: 1").starts_with("Template format error: YAML not well-formed. (line 2"));
    assert!(refused("a: 1\n---\nb: 2").contains("more than one document"));
    assert!(refused(&format!("a: {}", "[".repeat(200))).contains("nested deeper than 100"));
    assert!(refused(&format!("{{\"a\": {}", "[".repeat(200_000))).contains("nested deeper than 100"));
    assert!(refused(&"a".repeat(1_000_001)).contains("may not exceed"));
    assert_eq!(parse("{a: 1}").unwrap().to_json(), json!({"a": 1}), "flow YAML begins with a brace, too");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e6..1e6f64).prop_map(Value::from),
        "[ -~é\n\t\"\\\\]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[ -~é]{0,8}", inner, 0..5).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn json_reads_as_itself_and_as_yaml(value in any_json()) {
        let text = json!({ "k": value }).to_string();
        prop_assert_eq!(super::json::read(&text).unwrap().to_json(), json!({ "k": value }));
        prop_assert_eq!(super::yaml::read(&text).unwrap().to_json(), json!({ "k": value }));
        let node = Node::from_json(&value);
        prop_assert_eq!(node.to_json(), value);
        prop_assert!(node.same(&node.clone()));
    }

    #[test]
    fn nothing_panics(text in "[ -~\n\t{}\\[\\]:,&*!é]{0,200}") {
        let _ = parse(&text);
        let _ = parse(&format!("{{{text}"));
    }
}
