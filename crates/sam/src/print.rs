//! How Python writes values: `str`, `repr` and `json.dumps`.
use crate::{
    text::Text,
    value::{Kind, Val},
};
use serde_json::Number;
use std::fmt::Write as _;

/// `str(value)`.
pub(crate) fn str(val: &Val) -> String {
    match &val.kind {
        Kind::Text(text) => text.to_string(),
        _ => repr(val),
    }
}

/// `repr(value)`.
pub(crate) fn repr(val: &Val) -> String {
    let mut out = String::new();
    write_repr(val, &mut out);
    out
}

fn write_repr(val: &Val, out: &mut String) {
    match &val.kind {
        Kind::Null => out.push_str("None"),
        Kind::Bool(true) => out.push_str("True"),
        Kind::Bool(false) => out.push_str("False"),
        Kind::Number(number) => {
            out.push_str(&number_text(number));
            if number.as_i64().is_none() && number.as_u64().is_some() {
                out.push('L');
            }
        }
        Kind::Text(text) => write_text(text, out),
        Kind::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                write_repr(item, out);
            }
            out.push(']');
        }
        Kind::Dict(dict) => {
            out.push('{');
            for (index, (key, val)) in dict.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                write_text(key, out);
                out.push_str(": ");
                write_repr(val, out);
            }
            out.push('}');
        }
    }
}

/// `['a', 'b']`.
pub(crate) fn names(names: &[&str]) -> String {
    repr(&names.iter().map(|name| Val::from(*name)).collect::<Vec<_>>().into())
}

fn write_text(text: &Text, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    if text.given {
        out.push('u');
    }
    out.push(quote);
    for c in text.chars() {
        let code = u32::from(c);
        let _ = match c {
            '\\' => write!(out, "\\\\"),
            '\n' => write!(out, "\\n"),
            '\r' => write!(out, "\\r"),
            '\t' => write!(out, "\\t"),
            _ if c == quote => write!(out, "\\{c}"),
            ' '..='~' => write!(out, "{c}"),
            _ if !text.given && printable(c) => write!(out, "{c}"),
            _ if code <= 0xff => write!(out, "\\x{code:02x}"),
            _ if code <= 0xffff => write!(out, "\\u{code:04x}"),
            _ => write!(out, "\\U{code:08x}"),
        };
    }
    out.push(quote);
}

/// Whether Python 3 writes the letter itself; without the rarer unassigned ones.
fn printable(c: char) -> bool {
    !c.is_control()
        && !c.is_whitespace()
        && !matches!(u32::from(c), 0xad | 0x600..=0x605 | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xe000..=0xf8ff | 0xfeff | 0xfff9..=0xfffb | 0xfffe | 0xffff | 0xe0000..=0x0010_ffff)
}

fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => float_text(float),
        _ => number.to_string(),
    }
}

/// `repr(float)`: the shortest digits; an exponent below `1e-4` and from `1e16`.
fn float_text(float: f64) -> String {
    let scientific = format!("{float:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if float != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.unsigned_abs());
    }
    let plain = format!("{float}");
    if plain.contains('.') { plain } else { format!("{plain}.0") }
}

/// `json.dumps(value)`.
pub(crate) fn json(val: &Val) -> String {
    let mut out = String::new();
    write_json(val, &Style { comma: ", ", colon: ": ", sorted: false }, &mut out);
    out
}

/// `json.dumps(value, separators=(",", ":"), sort_keys=True)`.
pub(crate) fn compact_json(val: &Val) -> String {
    let mut out = String::new();
    write_json(val, &Style { comma: ",", colon: ":", sorted: true }, &mut out);
    out
}

struct Style {
    comma: &'static str,
    colon: &'static str,
    sorted: bool,
}

fn write_json(val: &Val, style: &Style, out: &mut String) {
    match &val.kind {
        Kind::Null => out.push_str("null"),
        Kind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Kind::Number(number) => out.push_str(&number_text(number)),
        Kind::Text(text) => write_json_text(text, out),
        Kind::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { style.comma } else { "" });
                write_json(item, style, out);
            }
            out.push(']');
        }
        Kind::Dict(dict) => {
            let mut entries: Vec<_> = dict.iter().collect();
            if style.sorted {
                entries.sort_by_key(|(key, _)| *key);
            }
            out.push('{');
            for (index, (key, val)) in entries.into_iter().enumerate() {
                out.push_str(if index > 0 { style.comma } else { "" });
                write_json_text(key, out);
                out.push_str(style.colon);
                write_json(val, style, out);
            }
            out.push('}');
        }
    }
}

fn write_json_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        let _ = match c {
            '"' => write!(out, "\\\""),
            '\\' => write!(out, "\\\\"),
            '\n' => write!(out, "\\n"),
            '\r' => write!(out, "\\r"),
            '\t' => write!(out, "\\t"),
            '\u{8}' => write!(out, "\\b"),
            '\u{c}' => write!(out, "\\f"),
            ' '..='~' => write!(out, "{c}"),
            _ => c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}")),
        };
    }
    out.push('"');
}

/// `type(value).__name__`.
pub(crate) fn type_name(val: &Val) -> &'static str {
    match &val.kind {
        Kind::Null => "NoneType",
        Kind::Bool(_) => "bool",
        Kind::Number(number) if number.is_f64() => "float",
        Kind::Number(number) if number.as_i64().is_none() => "Py27LongInt",
        Kind::Number(_) => "int",
        Kind::Text(text) if text.given => "Py27UniStr",
        Kind::Text(_) => "str",
        Kind::List(_) => "list",
        Kind::Dict(dict) if dict.is_old() => "Py27Dict",
        Kind::Dict(_) => "dict",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Dict;

    #[test]
    fn as_python_prints() {
        let number = |float: f64| Val::from(&vpclab_template::Node::from(Number::from_f64(float).unwrap()));
        for (float, text) in [(1.0, "1.0"), (1e16, "1e+16"), (1e15, "1000000000000000.0"), (0.0001, "0.0001"), (1e-5, "1e-05")] {
            assert_eq!(repr(&number(float)), text);
        }
        for (text, own, given) in [
            ("a", "'a'", "u'a'"),
            ("it's", "\"it's\"", "u\"it's\""),
            ("'\"", "'\\'\"'", "u'\\'\"'"),
            ("\n\\ü", "'\\n\\\\ü'", "u'\\n\\\\\\xfc'"),
            ("日\u{1f600}", "'日\u{1f600}'", "u'\\u65e5\\U0001f600'"),
        ] {
            assert_eq!(repr(&text.into()), own);
            assert_eq!(repr(&Text::given(text).into()), given);
        }
        let map = Dict::of("a", vec![true.into(), Val::NULL]).with("b", number(7.0));
        assert_eq!(str(&map.clone().into()), "{'a': [True, None], 'b': 7.0}");
        assert_eq!(json(&map.with("ü", "x").into()), r#"{"a": [true, null], "b": 7.0, "\u00fc": "x"}"#);
    }
}
