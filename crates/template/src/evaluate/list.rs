//! `Fn::Select`, `Fn::Split`, `Fn::Cidr`, `Fn::Length`.
use super::{Evaluated, Evaluator, UNKNOWN, is_unknown};
use crate::{Node, Span, TemplateError};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const SELECT: &str = "Template error: Fn::Select requires a list argument with two elements: an integer index and a list";
const SPLIT: &str = "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a \
                     function that returns a string to be split.";
pub(super) const CIDR: &str = "Template error: every Fn::Cidr object requires three parameters, (1) a string CIDR block, (2) the number of CIDRs to \
                    generate, from 1 to 256, and (3) the number of host bits of each";

impl Evaluator<'_> {
    pub(super) fn select(&mut self, argument: &Node, at: Span) -> Evaluated {
        let wrong = || TemplateError::new(SELECT, at);
        let Some([index, items]) = argument.as_list() else { return Err(wrong()) };
        let index_wrong = "Template error: Fn::Select requires a list argument with a valid index value as its first element";
        let index = self.text(index, index_wrong)?;
        let items = self.value(items)?.ok_or_else(wrong)?;
        if index == UNKNOWN || is_unknown(&items) {
            return Ok(Some(Node::from(UNKNOWN).at(at)));
        }
        let index: i64 = index.trim().parse().map_err(|_| TemplateError::new(index_wrong, at))?;
        let items = items.as_list().ok_or_else(wrong)?;
        let item = usize::try_from(index).ok().and_then(|index| items.get(index)).cloned();
        let none = || TemplateError::new(format!("Template error: Fn::Select cannot select nonexistent value at index {index}"), at);
        item.map(Some).ok_or_else(none)
    }

    pub(super) fn split(&mut self, argument: &Node, at: Span) -> Evaluated<Node> {
        let wrong = || TemplateError::new(SPLIT, at);
        let Some([delimiter, text]) = argument.as_list() else { return Err(wrong()) };
        let delimiter = delimiter.as_str().filter(|delimiter| !delimiter.is_empty()).ok_or_else(wrong)?;
        let text = self.text(text, SPLIT)?;
        // A part of the text that is not known yet may hold the delimiter.
        if text.contains(UNKNOWN) {
            return Ok(UNKNOWN.into());
        }
        let mut parts = Vec::new();
        for part in text.split(delimiter) {
            self.spend(16 + part.len(), at)?;
            parts.push(Node::from(part));
        }
        Ok(parts.into())
    }

    /// Of `AWS::LanguageExtensions` (intrinsic-function-reference-length.html).
    pub(super) fn length(&mut self, argument: &Node, at: Span) -> Evaluated<Node> {
        let wrong = || TemplateError::new("Template error: Fn::Length requires a list or a function that returns a list", at);
        let items = self.value(argument)?.ok_or_else(wrong)?;
        if is_unknown(&items) {
            return Ok(items);
        }
        let length = items.as_list().ok_or_else(wrong)?.len();
        Ok(u64::try_from(length).unwrap_or(u64::MAX).into())
    }

    /// The first blocks of a size in a block (intrinsic-function-reference-cidr.html).
    pub(super) fn cidr(&mut self, argument: &Node, at: Span) -> Evaluated<Node> {
        let wrong = || TemplateError::new(CIDR, at);
        let Some([block, count, bits]) = argument.as_list() else { return Err(wrong()) };
        let (block, count, bits) = (self.text(block, CIDR)?, self.text(count, CIDR)?, self.text(bits, CIDR)?);
        if [&block, &count, &bits].into_iter().any(|text| text == UNKNOWN) {
            return Ok(UNKNOWN.into());
        }
        let count: u128 = count.trim().parse().ok().filter(|count| (1..=256).contains(count)).ok_or_else(wrong)?;
        let bits: u32 = bits.trim().parse().map_err(|_| wrong())?;
        let (address, length) = block.split_once('/').ok_or_else(wrong)?;
        let (address, length): (IpAddr, u32) = (address.parse().map_err(|_| wrong())?, length.parse().map_err(|_| wrong())?);
        let (width, first) = match address {
            IpAddr::V4(v4) => (32, u128::from(u32::from(v4))),
            IpAddr::V6(v6) => (128, u128::from(v6)),
        };
        if length > width || bits == 0 || bits >= width || bits > width - length {
            return Err(wrong().because(format!("blocks of {bits} bits do not fit in {block}")));
        }
        let room = 1_u128.checked_shl(width - length - bits).unwrap_or(u128::MAX);
        if count > room {
            return Err(wrong().because(format!("{block} holds {room} blocks of {bits} bits, not {count}")));
        }
        let mask = u128::MAX.checked_shl(width - length).unwrap_or(0);
        let nth = |index: u128| {
            let start = (first & mask).wrapping_add(index << bits);
            let address = match address {
                IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::from(u32::try_from(start).unwrap_or(u32::MAX))),
                IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::from(start)),
            };
            Node::from(format!("{address}/{}", width - bits))
        };
        Ok((0..count).map(nth).collect::<Vec<_>>().into())
    }
}
