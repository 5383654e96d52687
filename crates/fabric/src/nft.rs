//! The packet filter of a router as data: sets, chains and rules of the table `inet vpc`.
//!
//! [`compile`] makes the table from a plan, [`transaction`] the netlink messages from one table to another. A table is a value
//! of ordered maps, so that a changed security group rule is a changed set element and nothing else.
mod compile;
mod disjoint;
mod encode;
mod transaction;

pub use compile::{compile, prefix};
pub(crate) use encode::{LOG_BYTES, LOG_GROUP};
pub use transaction::{batches, remove_table, transaction};
pub(crate) use transaction::{list_rules, trace_table};

use std::{collections::BTreeMap, net::Ipv4Addr};

/// The name of the table in every router.
pub const TABLE: &str = "vpc";

/// The table of a router.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Sets and maps by name.
    pub sets: BTreeMap<String, Set>,
    /// Chains by name.
    pub chains: BTreeMap<String, Chain>,
}

/// One field of a set's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// IPv4 address.
    Address,
    /// IP protocol.
    Protocol,
    /// Port.
    Port,
    /// ICMP type and code, one number.
    IcmpTypeCode,
    /// Device name.
    Device,
    /// Interface group.
    Group,
}

/// What a map leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maps {
    /// A packet mark.
    Mark,
    /// A verdict.
    Verdict,
}

/// A set, or a map when it leads to something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// Its key.
    pub key: Vec<Field>,
    /// Whether elements are ranges.
    pub ranges: bool,
    /// What it leads to.
    pub maps: Option<Maps>,
    /// Its elements.
    pub elements: BTreeMap<Key, Element>,
}

/// An element's key, low and high end; they are equal in sets without ranges.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Low end, fields padded to four bytes.
    pub low: Vec<u8>,
    /// High end.
    pub high: Vec<u8>,
}

/// What an element leads to, and where it came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// A mark.
    pub mark: Option<u32>,
    /// A verdict.
    pub verdict: Option<Verdict>,
    /// The ids it stands for.
    pub comment: String,
}

/// A chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// Where packets enter it, for a base chain.
    pub hook: Option<Hook>,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// The place of a base chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Where.
    pub point: Point,
    /// When, among the chains of the same place.
    pub priority: i32,
    /// Whether what no rule decides passes.
    pub accept: bool,
}

/// A place in a packet's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// As it comes in.
    Prerouting,
    /// On to a process here.
    Input,
    /// Through.
    Forward,
}

/// One rule: conditions, then what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// All of it, in order.
    pub parts: Vec<Part>,
    /// The ids it stands for.
    pub comment: String,
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Source address.
    Source,
    /// Destination address.
    Destination,
    /// IP protocol.
    Protocol,
    /// Destination port of TCP and UDP.
    Port,
    /// Source port of TCP and UDP.
    SourcePort,
    /// ICMP type and code.
    IcmpTypeCode,
    /// The device it came in by.
    InDevice,
    /// The device it goes out by.
    OutDevice,
    /// The interface group of the device it came in by.
    InGroup,
    /// The interface group of the device it goes out by.
    OutGroup,
}

/// A part of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Only IPv4.
    Ipv4,
    /// Only other than IPv4.
    NotIpv4,
    /// Only packets of established or related flows.
    Established,
    /// What is looked at lies between two values of the same length (a prefix for device names).
    Between(Look, Vec<u8>, Vec<u8>),
    /// What is looked at is not this.
    Not(Look, Vec<u8>),
    /// What is looked at is in a set.
    In(Vec<Look>, String),
    /// The verdict that a map holds for what is looked at.
    VerdictOf(Look, String),
    /// Sets the mark that a map holds for what is looked at.
    MarkOf(Look, String),
    /// Only packets that have a route to another machine.
    Routed,
    /// Only packets for an address of the router.
    Local,
    /// Has the kernel tell each step from here on.
    Trace,
    /// Tells user space the packet's headers, with a prefix.
    Log(String),
    /// Counts.
    Count,
    /// Decides.
    Decide(Verdict),
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Passes this base chain.
    Accept,
    /// Vanishes.
    Drop,
    /// On in another chain, and back.
    Jump(String),
    /// On in another chain.
    Goto(String),
}

impl Table {
    /// The set of a name; made when it is not there.
    pub(crate) fn set(&mut self, name: &str, key: &[Field], ranges: bool, maps: Option<Maps>) -> &mut Set {
        self.sets.entry(name.to_owned()).or_insert_with(|| Set { key: key.to_vec(), ranges, maps, elements: BTreeMap::new() })
    }
}

impl Set {
    /// Adds an element without a range.
    pub(crate) fn add(&mut self, key: Vec<u8>, element: Element) {
        self.elements.insert(Key { low: key.clone(), high: key }, element);
    }
    /// Adds a range.
    pub(crate) fn add_range(&mut self, low: Vec<u8>, high: Vec<u8>, element: Element) {
        self.elements.insert(Key { low, high }, element);
    }
}

impl Element {
    pub(crate) fn comment(comment: impl Into<String>) -> Self {
        Self { comment: comment.into(), ..Self::default() }
    }
}

impl Rule {
    pub(crate) fn new(parts: impl Into<Vec<Part>>) -> Self {
        Self { parts: parts.into(), comment: String::new() }
    }
    pub(crate) fn because(mut self, comment: impl Into<String>) -> Self {
        self.comment = comment.into();
        self
    }
}

/// A device name as a key: 16 bytes.
pub(crate) fn device_key(name: &str) -> Vec<u8> {
    let mut bytes = name.as_bytes().to_vec();
    bytes.resize(16, 0);
    bytes
}

/// An address as a key.
pub(crate) fn address_key(address: Ipv4Addr) -> Vec<u8> {
    address.octets().to_vec()
}

/// A number of one or two bytes as a key, padded to four.
pub(crate) fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.resize(4, 0);
    bytes
}
