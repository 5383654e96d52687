//! The letters at the end of generated logical ids.
use crate::{print, value::Val};
use sha1::{Digest as _, Sha1};
use std::fmt::Write as _;

/// The SHA-1 of a text in hexadecimal.
pub(crate) fn sha1(text: &str) -> String {
    Sha1::digest(text.as_bytes()).iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The first ten digits of a value's digest: of a text itself, of anything else as JSON. Empty for what counts as false.
pub(crate) fn of(val: &Val) -> String {
    if !val.truthy() {
        return String::new();
    }
    let mut digits = sha1(&val.text().map_or_else(|| print::compact_json(val), |text| text.to_string()));
    digits.truncate(10);
    digits
}
