//! XML documents as a tree of elements, and decoding from it.

use quick_xml::XmlVersion;
use quick_xml::events::Event;
use quick_xml::reader::Reader;

use crate::protocol::At;
use crate::query::MAX_LIST;
use crate::scalar::FromText;
use crate::{Blob, Timestamp, WireError};

/// The deepest nesting of elements.
const MAX_DEPTH: usize = 32;
/// The most elements of one document. 1,000 records of Route 53, or 1,000 keys to delete, stay far below.
const MAX_ELEMENTS: usize = 100_000;

/// An element: its name without prefix, its text and the elements in it. Attributes (namespaces) are not kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// Reads a document. Document types are refused, so that no entity can be defined.
    pub fn parse(body: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(body).map_err(|_| "it is not UTF-8".to_owned())?;
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        let mut open: Vec<Self> = Vec::new();
        let mut root = None;
        let mut count = 0;
        loop {
            match reader.read_event().map_err(|error| error.to_string())? {
                Event::Start(tag) => {
                    count += 1;
                    if open.len() >= MAX_DEPTH || count > MAX_ELEMENTS || (open.is_empty() && root.is_some()) {
                        return Err("it has too many elements".into());
                    }
                    open.push(Self { name: tag.local_name().as_ref().to_owned(), ..Self::default() });
                }
                Event::Empty(tag) => {
                    count += 1;
                    if count > MAX_ELEMENTS {
                        return Err("it has too many elements".into());
                    }
                    let element = Self { name: tag.local_name().as_ref().to_owned(), ..Self::default() };
                    close(element, &mut open, &mut root)?;
                }
                Event::End(_) => {
                    let element = open.pop().ok_or("an element ends that has not begun")?;
                    close(element, &mut open, &mut root)?;
                }
                Event::Text(part) => say(&mut open, &part.xml_content(XmlVersion::Implicit1_0))?,
                Event::CData(part) => say(&mut open, &part.xml_content(XmlVersion::Implicit1_0))?,
                Event::GeneralRef(part) => {
                    let c = match part.resolve_char_ref().map_err(|error| error.to_string())? {
                        Some(c) => c.to_string(),
                        None => quick_xml::escape::resolve_predefined_entity(part.as_ref()).ok_or("an entity is not defined")?.to_owned(),
                    };
                    say(&mut open, &c)?;
                }
                Event::DocType(_) => return Err("a document type is not accepted".into()),
                Event::Eof => break,
                _ => {}
            }
        }
        if open.is_empty() { root.ok_or_else(|| "it has no element".into()) } else { Err("an element does not end".into()) }
    }

    /// The name without prefix.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text directly in it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The elements in it, in order.
    #[must_use]
    pub fn children(&self) -> &[Self] {
        &self.children
    }

    /// Refuses by name what is not served.
    pub fn check(&self, at: &At<'_>, served: &[&str], refused: &[&str], only: &[(&str, &[&str])]) -> Result<(), WireError> {
        for child in &self.children {
            let name = child.name.as_str();
            if served.contains(&name) {
                continue;
            }
            let place = at.member(name);
            if let Some((_, accepted)) = only.iter().find(|(known, _)| *known == name) {
                let value = child.text.trim();
                if !accepted.contains(&value) {
                    return Err(place.unserved_value(value, accepted));
                }
            } else if refused.contains(&name) {
                return Err(place.unserved());
            } else {
                return Err(at.malformed(&format!("the element {place} is not known")));
            }
        }
        Ok(())
    }

    /// A member that may be absent.
    pub fn optional<T: FromXml>(&self, at: &At<'_>, name: &str) -> Result<Option<T>, WireError> {
        let mut found = self.children.iter().filter(|child| child.name == name);
        let (first, second) = (found.next(), found.next());
        if second.is_some() {
            return Err(at.malformed(&format!("the element {} is there more than once", at.member(name))));
        }
        first.map(|child| T::from_xml(child, &at.member(name))).transpose()
    }

    /// A member that has to be there.
    pub fn required<T: FromXml>(&self, at: &At<'_>, name: &str) -> Result<T, WireError> {
        self.optional(at, name)?.ok_or_else(|| at.malformed(&format!("the element {} is missing", at.member(name))))
    }

    /// A list: `<name><item/><item/></name>`, or, without `item`, `<name/><name/>`.
    pub fn list<T: FromXml>(&self, at: &At<'_>, name: &str, item: Option<&str>, required: bool) -> Result<Vec<T>, WireError> {
        let place = at.member(name);
        let lists = self.children.iter().filter(|child| child.name == name);
        let items: Vec<&Self> = match item {
            None => lists.collect(),
            Some(item) => {
                let items: Vec<&Self> = lists.flat_map(|list| &list.children).collect();
                if let Some(other) = items.iter().find(|child| child.name != item) {
                    return Err(at.malformed(&format!("the element {place}.{} is not known", other.name)));
                }
                items
            }
        };
        if items.len() > MAX_LIST {
            return Err(place.invalid(&format!("{} items", items.len()), &format!("at most {MAX_LIST} items")));
        }
        if required && !self.children.iter().any(|child| child.name == name) {
            return Err(at.malformed(&format!("the element {place} is missing")));
        }
        items.into_iter().map(|item| T::from_xml(item, &place)).collect()
    }
}

/// Puts an element that has ended where it belongs.
fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) -> Result<(), String> {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None if root.is_none() => *root = Some(element),
        None => return Err("it has more than one outermost element".into()),
    }
    Ok(())
}

fn say(open: &mut [Element], text: &str) -> Result<(), String> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err("text stands outside of the elements".into()),
    }
    Ok(())
}

/// A value read from an element.
pub trait FromXml: Sized {
    /// Reads the value of `element`.
    fn from_xml(element: &Element, at: &At<'_>) -> Result<Self, WireError>;
}

impl FromXml for String {
    fn from_xml(element: &Element, at: &At<'_>) -> Result<Self, WireError> {
        leaf(element, at).map(str::to_owned)
    }
}

macro_rules! scalar {
    ($($type:ty),*) => {$(
        impl FromXml for $type {
            fn from_xml(element: &Element, at: &At<'_>) -> Result<Self, WireError> {
                Self::from_text(leaf(element, at)?.trim(), at)
            }
        }
    )*};
}
scalar!(bool, i32, i64, f64, Timestamp, Blob);

fn leaf<'e>(element: &'e Element, at: &At<'_>) -> Result<&'e str, WireError> {
    match element.children.first() {
        Some(child) => Err(at.malformed(&format!("the element {at}.{} is not known", child.name))),
        None => Ok(&element.text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Protocol;

    const AT: At<'static> = At::top(Protocol::S3, "Test");

    fn parse(text: &str) -> Element {
        Element::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn text_is_put_together_from_its_parts() {
        let root = parse("<?xml version='1.0'?>\n<a xmlns='urn:x'><x:b>1 &lt;<![CDATA[&]]>&#x41;<!-- c --></x:b><c/></a>\n");
        assert_eq!(root.name(), "a");
        assert_eq!(root.required::<String>(&AT, "b").unwrap(), "1 <&A");
        assert_eq!(root.required::<String>(&AT, "c").unwrap(), "");
        assert_eq!(root.optional::<String>(&AT, "d").unwrap(), None);
    }

    #[test]
    fn lists_with_and_without_a_wrapper() {
        let root = parse("<a><l><i>1</i><i>2</i></l><f>3</f><f>4</f></a>");
        assert_eq!(root.list::<i32>(&AT, "l", Some("i"), true).unwrap(), [1, 2]);
        assert_eq!(root.list::<i32>(&AT, "f", None, true).unwrap(), [3, 4]);
        assert_eq!(root.list::<i32>(&AT, "l", Some("j"), true).unwrap_err().code, "MalformedXML");
        assert_eq!(root.list::<i32>(&AT, "m", None, true).unwrap_err().code, "MalformedXML");
    }

    #[test]
    fn what_is_no_document_is_refused() {
        let deep = format!("{}{}", "<a>".repeat(MAX_DEPTH + 1), "</a>".repeat(MAX_DEPTH + 1));
        let doctype = "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>";
        for text in ["", "<a>", "</a>", "<a></b>", "<a/><b/>", "x<a/>", "<a>&b;</a>", doctype, &deep] {
            assert!(Element::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_not_served_is_named() {
        let root = parse("<a><b>x</b></a>");
        assert!(root.check(&AT, &["b"], &[], &[]).is_ok());
        assert!(root.check(&AT, &[], &["b"], &[]).unwrap_err().message.contains("`b`"));
        assert!(root.check(&AT, &[], &[], &[("b", &["x"])]).is_ok());
        assert!(root.check(&AT, &[], &[], &[("b", &["y"])]).unwrap_err().message.contains("`x`"));
        assert_eq!(root.check(&AT, &[], &[], &[]).unwrap_err().code, "MalformedXML");
    }
}
