//! Unquoted words of YAML 1.1 -> values.
//!
//! As AWS reads them but where AWS's reading only loses something: a date stays a text, and so does an account number (twelve
//! digits that begin with zero), a number that JSON could not hold, and `22:30`, which YAML 1.1 would count in sixties. (The words of `sam` and `aws cloudformation deploy`, which are PyYAML's, agree but for
//! these and floats without a point.)
use crate::Value;
use serde_json::Number;

/// The value of an unquoted word.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Value::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Value::Bool(false),
        _ => {}
    }
    integer(text).or_else(|| float(text)).map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

/// `10`, `-1_000`, `0x1f`, `0b11` and `0755` (octal).
pub(super) fn integer(text: &str) -> Option<Number> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => ("-", text.get(1..)?),
        b'+' => ("", text.get(1..)?),
        _ => ("", text),
    };
    let (radix, digits) = match digits {
        "0" => (10, digits),
        _ if digits.starts_with("0x") => (16, digits.get(2..)?),
        _ if digits.starts_with("0b") => (2, digits.get(2..)?),
        // An account number, which as an octal number would be another one.
        _ if digits.starts_with('0') && digits.len() == 12 => return None,
        _ if digits.starts_with('0') => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    if !digits.starts_with(|c: char| c.is_digit(radix)) || !digits.chars().all(|c| c == '_' || c.is_digit(radix)) {
        return None;
    }
    let digits = format!("{sign}{}", digits.replace('_', ""));
    i64::from_str_radix(&digits, radix).map(Number::from).or_else(|_| u64::from_str_radix(&digits, radix).map(Number::from)).ok()
}

/// `1.5`, `-.5`, `1e3`; not `.inf` and `.nan`, which JSON cannot hold.
pub(super) fn float(text: &str) -> Option<Number> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let written = |c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | 'e' | 'E' | '+' | '-');
    // A float begins with a digit or a point, and has a point or an exponent: `1-2` and `2012-10-17` are texts.
    let begins = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if !begins || !digits.contains(['.', 'e', 'E']) || !digits.chars().all(written) || !digits.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    text.replace('_', "").parse::<f64>().ok().filter(|number| number.is_finite()).and_then(Number::from_f64)
}
