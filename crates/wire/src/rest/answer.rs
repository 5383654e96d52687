//! An answer of a REST protocol: status, headers and body from one result.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};

use crate::response;
use crate::xml::{ToXml, XmlWriter};
use crate::{Blob, Timestamp};

/// The result of an operation of a REST service.
pub trait Output {
    /// Writes status, headers and body.
    fn write(&self, answer: &mut Answer);
}

impl Output for () {
    fn write(&self, _: &mut Answer) {}
}

/// What the result has written so far.
#[derive(Debug)]
pub struct Answer(Response<Bytes>);

impl Answer {
    /// An empty answer of this status.
    #[must_use]
    pub fn new(status: u16) -> Self {
        let mut answer = Response::new(Bytes::new());
        *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        Self(answer)
    }

    /// The answer.
    #[must_use]
    pub fn finish(self) -> Response<Bytes> {
        self.0
    }

    /// A status other than the operation's, if the result has one.
    pub fn status(&mut self, status: Option<i32>) {
        if let Some(status) = status.and_then(|s| u16::try_from(s).ok()).and_then(|s| StatusCode::from_u16(s).ok()) {
            *self.0.status_mut() = status;
        }
    }

    /// A header that is written when it is set. A value that no header can carry is left out.
    pub fn header<T: ToHeader>(&mut self, name: &str, value: Option<&T>) {
        let value = value.and_then(|value| HeaderValue::from_maybe_shared(Bytes::from(value.to_header())).ok());
        if let (Ok(name), Some(value)) = (name.parse::<HeaderName>(), value) {
            self.0.headers_mut().insert(name, value);
        }
    }

    /// One header for each entry, its name begun by `prefix`.
    pub fn headers(&mut self, prefix: &str, values: &BTreeMap<String, String>) {
        for (name, value) in values {
            self.header(&format!("{prefix}{name}"), Some(value));
        }
    }

    /// A body of bytes.
    pub fn blob(&mut self, body: Option<&Blob>) {
        if let Some(body) = body {
            *self.0.body_mut() = body.0.clone();
        }
    }

    /// A body of text.
    pub fn text(&mut self, body: Option<&str>) {
        if let Some(body) = body {
            *self.0.body_mut() = Bytes::from(body.to_owned());
        }
    }

    /// A body of JSON.
    pub fn json(&mut self, body: serde_json::Value) {
        self.body(response::json(body));
    }

    /// A body of one XML element.
    pub fn xml<T: ToXml>(&mut self, root: &str, namespace: &str, value: &T) {
        let mut xml = XmlWriter::document();
        xml.element_in(root, namespace, |xml| value.to_xml(xml));
        self.body(response::xml(xml.finish()));
    }

    fn body(&mut self, answer: Response<Bytes>) {
        let (parts, body) = answer.into_parts();
        self.0.headers_mut().extend(parts.headers);
        *self.0.body_mut() = body;
    }
}

/// A scalar as a header's value.
pub trait ToHeader {
    /// The text; times are HTTP dates.
    fn to_header(&self) -> String;
}

impl ToHeader for Timestamp {
    fn to_header(&self) -> String {
        self.http_date()
    }
}

macro_rules! plain {
    ($($type:ty),*) => {$(
        impl ToHeader for $type {
            fn to_header(&self) -> String {
                let value: &dyn fmt::Display = self;
                value.to_string()
            }
        }
    )*};
}
plain!(String, bool, i32, i64, f64);
