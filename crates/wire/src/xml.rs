//! XML: elements, text, and the traits by which generated types read and write themselves.

mod read;

use std::collections::BTreeMap;
use std::fmt::Write as _;

pub use read::{Element, FromXml};

use crate::{Blob, Timestamp};

/// Writes one document into a string. Elements nest by closures, so every one is closed.
#[derive(Debug, Default)]
pub struct XmlWriter {
    out: String,
}

impl XmlWriter {
    /// A writer that has written the XML declaration.
    #[must_use]
    pub fn document() -> Self {
        Self { out: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") }
    }

    /// The text written.
    #[must_use]
    pub fn finish(self) -> String {
        self.out
    }

    /// `<name>…</name>` with what `content` writes inside.
    pub fn element(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        let _ = write!(self.out, "<{name}>");
        content(self);
        let _ = write!(self.out, "</{name}>");
    }

    /// An element that declares `namespace` as its default namespace.
    pub fn element_in(&mut self, name: &str, namespace: &str, content: impl FnOnce(&mut Self)) {
        let _ = write!(self.out, "<{name} xmlns=\"");
        self.escape(namespace);
        self.out.push_str("\">");
        content(self);
        let _ = write!(self.out, "</{name}>");
    }

    /// `<name>text</name>`.
    pub fn text(&mut self, name: &str, text: &str) {
        self.element(name, |xml| xml.escape(text));
    }

    /// A member that is written when it is set.
    pub fn optional<T: ToXml>(&mut self, name: &str, value: Option<&T>) {
        if let Some(value) = value {
            self.value(name, value);
        }
    }

    /// `<name attribute="…">…</name>`
    fn value<T: ToXml>(&mut self, name: &str, value: &T) {
        let _ = write!(self.out, "<{name}");
        value.attributes(self);
        self.out.push('>');
        value.to_xml(self);
        let _ = write!(self.out, "</{name}>");
    }

    /// An attribute of the element that is being opened; see [`ToXml::attributes`].
    pub fn attribute(&mut self, name: &str, value: &str) {
        let _ = write!(self.out, " {name}=\"");
        self.escape(value);
        self.out.push('"');
    }

    /// A map: `<name><entry><key/><value/></entry></name>`, or flattened `<name><key/><value/></name>` for each entry.
    pub fn map<T: ToXml>(&mut self, name: &str, key: &str, value: &str, flattened: bool, map: &BTreeMap<String, T>) {
        let entries = |xml: &mut Self, entry: &str| {
            for (known, item) in map {
                xml.element(entry, |xml| {
                    xml.text(key, known);
                    xml.value(value, item);
                });
            }
        };
        if flattened { entries(self, name) } else { self.element(name, |xml| entries(xml, "entry")) }
    }

    /// A list as `<name><item>…</item>…</name>`; written also when empty, as AWS does.
    pub fn list<T: ToXml>(&mut self, name: &str, item: &str, values: &[T]) {
        self.element(name, |xml| xml.flat_list(item, values));
    }

    /// A list without a wrapper element.
    pub fn flat_list<T: ToXml>(&mut self, item: &str, values: &[T]) {
        for value in values {
            self.value(item, value);
        }
    }

    /// Character data. Characters that XML cannot carry are written as U+FFFD.
    fn escape(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\r' => self.out.push_str("&#xD;"),
                '\t' | '\n' => self.out.push(c),
                '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => self.out.push('\u{fffd}'),
                _ => self.out.push(c),
            }
        }
    }
}

/// Writes the content of an element that the caller has opened.
pub trait ToXml {
    /// Writes the content.
    fn to_xml(&self, xml: &mut XmlWriter);

    /// Writes the attributes of the element, if the value has such.
    fn attributes(&self, _: &mut XmlWriter) {}
}

impl ToXml for String {
    fn to_xml(&self, xml: &mut XmlWriter) {
        xml.escape(self);
    }
}

impl ToXml for Timestamp {
    fn to_xml(&self, xml: &mut XmlWriter) {
        let _ = write!(xml.out, "{self}");
    }
}

impl ToXml for Blob {
    fn to_xml(&self, xml: &mut XmlWriter) {
        xml.out.push_str(&self.to_base64());
    }
}

macro_rules! plain {
    ($($type:ty),*) => {$(
        impl ToXml for $type {
            fn to_xml(&self, xml: &mut XmlWriter) {
                let _ = write!(xml.out, "{self}");
            }
        }
    )*};
}
plain!(bool, i32, i64, f64);
