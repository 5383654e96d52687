//! From one table to another: the messages of a transaction.
use super::{Chain, Element, Hook, Key, Part, Point, Rule, Set, TABLE, Table, Verdict, encode};
use crate::netlink::{ACK, APPEND, Attributes, CREATE, DUMP, Message};

const INET: u8 = 1;
const SUBSYSTEM: u16 = 10;
const NEW_TABLE: u16 = 0;
const NEW_CHAIN: u16 = 3;
const DELETE_CHAIN: u16 = 5;
const NEW_RULE: u16 = 6;
const DELETE_RULE: u16 = 8;
const NEW_SET: u16 = 9;
const DELETE_SET: u16 = 11;
const NEW_ELEMENTS: u16 = 12;
const DELETE_ELEMENTS: u16 = 14;
/// An attribute's length is a 16-bit number; elements are sent in lists below it.
const ELEMENTS_BYTES: usize = 32 << 10;

/// The messages that make `new` of `old`; `None` when there is no table yet. Empty when they are equal.
/// Base chains come last, so that a table sent in pieces decides nothing before it is whole.
#[must_use]
pub fn transaction(old: Option<&Table>, new: &Table) -> Vec<Message> {
    let nothing = Table::default();
    let was = old.unwrap_or(&nothing);
    let mut out = Vec::new();
    if old.is_none() {
        out.push(message(NEW_TABLE, CREATE, header().text(1, TABLE)));
    }
    for (number, (name, set)) in new.sets.iter().filter(|(name, _)| !was.sets.contains_key(*name)).enumerate() {
        out.push(message(NEW_SET, CREATE, encode::set(name, set, u32::try_from(number).unwrap_or(u32::MAX))));
    }
    let (bases, others): (Vec<_>, Vec<_>) = new.chains.iter().partition(|(_, chain)| chain.hook.is_some());
    for (name, _) in others.iter().filter(|(name, _)| !was.chains.contains_key(*name)) {
        out.push(message(NEW_CHAIN, CREATE, named(name, 3)));
    }
    for (name, _) in was.chains.iter().filter(|(name, _)| !new.chains.contains_key(*name)) {
        out.push(message(DELETE_RULE, 0, named(name, 2)));
    }
    for (name, chain) in others {
        rules(&mut out, name, was.chains.get(name), chain);
    }
    for (name, set) in &was.sets {
        let after = new.sets.get(name);
        let gone = set.elements.iter().filter(|(key, element)| after.is_none_or(|after| after.elements.get(*key) != Some(*element)));
        // What a verdict map leads to is held by it; so its elements go before the chains do.
        elements(&mut out, DELETE_ELEMENTS, name, set, gone);
    }
    for (name, set) in &new.sets {
        let before = was.sets.get(name);
        let come = set.elements.iter().filter(|(key, element)| before.is_none_or(|before| before.elements.get(*key) != Some(*element)));
        elements(&mut out, NEW_ELEMENTS, name, set, come);
    }
    for (name, chain) in bases {
        if let (None, Some(hook)) = (was.chains.get(name), chain.hook) {
            out.push(message(NEW_CHAIN, CREATE, base_chain(name, hook)));
        }
        rules(&mut out, name, was.chains.get(name), chain);
    }
    for (name, _) in was.chains.iter().filter(|(name, _)| !new.chains.contains_key(*name)) {
        out.push(message(DELETE_CHAIN, 0, named(name, 3)));
    }
    for (name, _) in was.sets.iter().filter(|(name, _)| !new.sets.contains_key(*name)) {
        out.push(message(DELETE_SET, 0, named(name, 2)));
    }
    out
}

/// Packs messages into transactions of at most `capacity` bytes: one, unless the machine caps the socket's buffer.
#[must_use]
pub fn batches(messages: Vec<Message>, capacity: usize) -> Vec<Vec<Message>> {
    const FRAME: usize = 64;
    let mut out: Vec<Vec<Message>> = Vec::new();
    let mut size = usize::MAX;
    for message in messages {
        size = size.saturating_add(message.size());
        if size > capacity.saturating_sub(FRAME) {
            out.push(Vec::new());
            size = message.size();
        }
        if let Some(last) = out.last_mut() {
            last.push(message);
        }
    }
    for batch in &mut out {
        if let Some(last) = batch.last_mut() {
            last.flags |= ACK;
        }
        batch.insert(0, edge(0x10));
        batch.push(edge(0x11));
    }
    out
}

/// A transaction that removes the table with all that is in it.
#[must_use]
pub fn remove_table() -> Vec<Message> {
    const DELETE_TABLE: u16 = 2;
    batches(vec![message(DELETE_TABLE, 0, header().text(1, TABLE))], usize::MAX).into_iter().flatten().collect()
}

/// The beginning or end of a transaction.
fn edge(kind: u16) -> Message {
    Message { kind, flags: 0, body: Attributes::header(&[0, 0, 0, 10]) }
}

fn message(kind: u16, flags: u16, body: Attributes) -> Message {
    Message { kind: (SUBSYSTEM << 8) | kind, flags, body }
}

fn header() -> Attributes {
    Attributes::header(&[INET, 0, 0, 0])
}

/// The table's name, and the name of a thing in it.
pub(super) fn named(name: &str, kind: u16) -> Attributes {
    named_in(TABLE, name, kind)
}

/// A table's name, and the name of a thing in it.
pub(super) fn named_in(table: &str, name: &str, kind: u16) -> Attributes {
    header().text(1, table).text(kind, name)
}

/// A transaction that makes a table of its own for a trace: it vanishes with the socket that sends it. What is marked is traced from
/// the beginning, and what has no route is dropped by a rule that says so, where it would vanish in silence a moment later.
pub(crate) fn trace_table(table: &str, marking: Vec<Rule>) -> Vec<Message> {
    /// `NFT_TABLE_F_OWNER`
    const OWNER: u32 = 2;
    let others = [Rule::new([Part::NotIpv4, Part::Decide(Verdict::Accept)]), Rule::new([Part::Local, Part::Decide(Verdict::Accept)])];
    let routed = Rule::new([Part::Routed, Part::Decide(Verdict::Accept)]);
    let lost = Rule::new([Part::Count, Part::Decide(Verdict::Drop)]).because("no route");
    let unrouted: Vec<Rule> = others.into_iter().chain([routed, lost]).collect();
    let mut messages = vec![message(NEW_TABLE, CREATE, header().text(1, table).be32(2, OWNER))];
    for (name, priority, rules) in [("mark", -400, marking), ("unrouted", -140, unrouted)] {
        let hook = Hook { point: Point::Prerouting, priority, accept: true };
        messages.push(message(NEW_CHAIN, CREATE, base_chain_in(table, name, hook)));
        messages.extend(rules.iter().map(|rule| message(NEW_RULE, CREATE | APPEND, encode::rule_in(table, name, rule))));
    }
    batches(messages, usize::MAX).into_iter().flatten().collect()
}

/// Asks for all rules of the router's table.
pub(crate) fn list_rules() -> Message {
    const GET_RULE: u16 = 7;
    message(GET_RULE, DUMP, header().text(1, TABLE))
}

fn base_chain(name: &str, hook: Hook) -> Attributes {
    base_chain_in(TABLE, name, hook)
}

fn base_chain_in(table: &str, name: &str, hook: Hook) -> Attributes {
    let point = match hook.point {
        Point::Prerouting => 0,
        Point::Input => 1,
        Point::Forward => 2,
    };
    let place = Attributes::default().be32(1, point).put(2, &hook.priority.to_be_bytes());
    named_in(table, name, 3).nest(4, &place).be32(5, u32::from(hook.accept)).text(7, "filter")
}

/// Replaces a chain's rules when they changed.
fn rules(out: &mut Vec<Message>, name: &str, before: Option<&Chain>, chain: &Chain) {
    if before.is_some_and(|before| before.rules == chain.rules) {
        return;
    }
    if before.is_some_and(|before| !before.rules.is_empty()) {
        out.push(message(DELETE_RULE, 0, named(name, 2)));
    }
    out.extend(chain.rules.iter().map(|rule| message(NEW_RULE, CREATE | APPEND, encode::rule(name, rule))));
}

fn elements<'a>(out: &mut Vec<Message>, kind: u16, name: &str, set: &Set, each: impl Iterator<Item = (&'a Key, &'a Element)>) {
    let flags = if kind == NEW_ELEMENTS { CREATE } else { 0 };
    let mut list = Attributes::default();
    let plain = Element::default();
    for (key, element) in each {
        let wanted = if kind == NEW_ELEMENTS { element } else { &plain };
        list = list.nest(1, &encode::element(set.ranges, key, wanted));
        if list.size() > ELEMENTS_BYTES {
            out.push(message(kind, flags, named(name, 2).nest(3, &std::mem::take(&mut list))));
        }
    }
    if list.size() > 0 {
        out.push(message(kind, flags, named(name, 2).nest(3, &list)));
    }
}
