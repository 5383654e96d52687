//! Scalars written as text: form parameters, path labels, query strings and headers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::protocol::At;
use crate::{Timestamp, WireError};

/// Bytes that protocols write as base64, or raw as the payload of a REST request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blob(pub bytes::Bytes);

impl Blob {
    /// The bytes in base64.
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode(&self.0)
    }
}

/// A value read from its text.
pub trait FromText: Sized {
    /// Reads the value, or says what `at` should have held.
    fn from_text(text: &str, at: &At<'_>) -> Result<Self, WireError>;
}

impl FromText for String {
    fn from_text(text: &str, _: &At<'_>) -> Result<Self, WireError> {
        Ok(text.to_owned())
    }
}

impl FromText for bool {
    fn from_text(text: &str, at: &At<'_>) -> Result<Self, WireError> {
        if text.eq_ignore_ascii_case("true") {
            Ok(true)
        } else if text.eq_ignore_ascii_case("false") {
            Ok(false)
        } else {
            Err(at.invalid(text, "true or false"))
        }
    }
}

impl FromText for Timestamp {
    fn from_text(text: &str, at: &At<'_>) -> Result<Self, WireError> {
        Timestamp::parse(text).ok_or_else(|| at.invalid(text, "a time such as 2026-01-31T12:00:00Z"))
    }
}

impl FromText for Blob {
    fn from_text(text: &str, at: &At<'_>) -> Result<Self, WireError> {
        match STANDARD.decode(text) {
            Ok(bytes) => Ok(Self(bytes.into())),
            Err(_) => Err(at.invalid(text, "base64")),
        }
    }
}

macro_rules! number {
    ($($type:ty => $expected:literal),*) => {$(
        impl FromText for $type {
            fn from_text(text: &str, at: &At<'_>) -> Result<Self, WireError> {
                text.parse().map_err(|_| at.invalid(text, $expected))
            }
        }
    )*};
}
number!(i32 => "a 32-bit integer", i64 => "a 64-bit integer", f64 => "a number");
