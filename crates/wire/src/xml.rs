//! Writing XML: elements, text, and the traits by which generated types write themselves.

use std::fmt::Write as _;

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
            self.element(name, |xml| value.to_xml(xml));
        }
    }

    /// A list as `<name><item>…</item>…</name>`; written also when empty, as AWS does.
    pub fn list<T: ToXml>(&mut self, name: &str, item: &str, values: &[T]) {
        self.element(name, |xml| xml.flat_list(item, values));
    }

    /// A list without a wrapper element.
    pub fn flat_list<T: ToXml>(&mut self, item: &str, values: &[T]) {
        for value in values {
            self.element(item, |xml| value.to_xml(xml));
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
