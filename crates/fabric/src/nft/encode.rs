//! Rules and elements as netlink attributes. Constants are those of `linux/netfilter/nf_tables.h`; the type numbers of keys are
//! what `nft` uses to print them.
use super::{Element, Field, Key, Look, Maps, Part, Rule, Set, TABLE, Verdict};
use crate::netlink::Attributes;

/// The first of the 4-byte registers.
const REGISTER: u32 = 8;
const VERDICT_REGISTER: u32 = 0;
const EQUAL: u32 = 0;
const NOT_EQUAL: u32 = 1;
const AT_MOST: u32 = 3;
const AT_LEAST: u32 = 5;

const FIB_DESTINATION: u32 = 2;
const FIB_MARK: u32 = 4;
const FIB_RESULT_DEVICE: u32 = 1;
const FIB_RESULT_TYPE: u32 = 3;
const ROUTE_LOCAL: u32 = 2;
/// The NFLOG group of every router.
pub const LOG_GROUP: u16 = 1;
/// How much of a packet is told: its IP header, with options, and the ports and flags behind it.
pub const LOG_BYTES: u32 = 80;

impl Field {
    /// Bytes that count, and the type number `nft` prints by.
    fn shape(self) -> (u32, u32) {
        match self {
            Self::Address => (4, 7),
            Self::Protocol => (1, 12),
            Self::Port => (2, 13),
            Self::IcmpTypeCode => (2, 4),
            Self::Device => (16, 41),
            Self::Group => (4, 35),
        }
    }
}

impl Look {
    /// The expression that loads it into a register, and how many bytes that gives.
    fn load(self, register: u32) -> (Attributes, u32) {
        let payload = |base: u32, offset: u32, length: u32| {
            let data = Attributes::default().be32(1, register).be32(2, base).be32(3, offset).be32(4, length);
            (expression("payload", &data), length)
        };
        let meta = |key: u32, length: u32| (expression("meta", &Attributes::default().be32(2, key).be32(1, register)), length);
        match self {
            Self::Source => payload(1, 12, 4),
            Self::Destination => payload(1, 16, 4),
            Self::Port => payload(2, 2, 2),
            Self::IcmpTypeCode | Self::SourcePort => payload(2, 0, 2),
            Self::Protocol => meta(16, 1),
            Self::InDevice => meta(6, 16),
            Self::OutDevice => meta(7, 16),
            Self::InGroup => meta(21, 4),
            Self::OutGroup => meta(22, 4),
        }
    }
}

fn expression(name: &str, data: &Attributes) -> Attributes {
    Attributes::default().text(1, name).nest(2, data)
}

fn value(bytes: &[u8]) -> Attributes {
    Attributes::default().put(1, bytes)
}

fn verdict(verdict: &Verdict) -> Attributes {
    let (code, chain): (i32, _) = match verdict {
        Verdict::Drop => (0, None),
        Verdict::Accept => (1, None),
        Verdict::Jump(chain) => (-3, Some(chain)),
        Verdict::Goto(chain) => (-4, Some(chain)),
    };
    let inner = Attributes::default().put(1, &code.to_be_bytes()).when(chain, |inner, chain| inner.text(2, chain));
    Attributes::default().nest(2, &inner)
}

fn compare(operation: u32, bytes: &[u8]) -> Attributes {
    expression("cmp", &Attributes::default().be32(1, REGISTER).be32(2, operation).nest(3, &value(bytes)))
}

fn lookup(set: &str, into: Option<u32>) -> Attributes {
    expression("lookup", &Attributes::default().text(1, set).be32(2, REGISTER).when(into, |data, register| data.be32(3, register)))
}

fn fib(flags: u32, result: u32) -> Attributes {
    expression("fib", &Attributes::default().be32(1, REGISTER).be32(2, result).be32(3, flags))
}

fn is_ipv4(operation: u32) -> Vec<Attributes> {
    const NFPROTO: u32 = 15;
    vec![expression("meta", &Attributes::default().be32(2, NFPROTO).be32(1, REGISTER)), compare(operation, &[2])]
}

fn part(part: &Part) -> Vec<Attributes> {
    match part {
        Part::Ipv4 => is_ipv4(EQUAL),
        Part::NotIpv4 => is_ipv4(NOT_EQUAL),
        Part::Established => {
            const ESTABLISHED_OR_RELATED: u32 = 2 | 4;
            let load = expression("ct", &Attributes::default().be32(2, 0).be32(1, REGISTER));
            let mask = Attributes::default()
                .be32(1, REGISTER)
                .be32(2, REGISTER)
                .be32(3, 4)
                .nest(4, &value(&ESTABLISHED_OR_RELATED.to_ne_bytes()))
                .nest(5, &value(&[0; 4]));
            vec![load, expression("bitwise", &mask), compare(NOT_EQUAL, &[0; 4])]
        }
        Part::Between(look, low, high) if low == high => vec![look.load(REGISTER).0, compare(EQUAL, low)],
        Part::Between(look, low, high) => vec![look.load(REGISTER).0, compare(AT_LEAST, low), compare(AT_MOST, high)],
        Part::Not(look, bytes) => vec![look.load(REGISTER).0, compare(NOT_EQUAL, bytes)],
        Part::In(looks, set) => {
            let mut register = REGISTER;
            let mut out: Vec<Attributes> = Vec::new();
            for look in looks {
                let (load, length) = look.load(register);
                out.push(load);
                register += length.div_ceil(4);
            }
            out.push(lookup(set, None));
            out
        }
        Part::VerdictOf(look, map) => vec![look.load(REGISTER).0, lookup(map, Some(VERDICT_REGISTER))],
        Part::MarkOf(look, map) => {
            const MARK: u32 = 3;
            let set = expression("meta", &Attributes::default().be32(2, MARK).be32(3, REGISTER));
            vec![look.load(REGISTER).0, lookup(map, Some(REGISTER)), set]
        }
        Part::Routed => vec![fib(FIB_DESTINATION | FIB_MARK, FIB_RESULT_DEVICE), compare(NOT_EQUAL, &[0; 4])],
        Part::Local => vec![fib(FIB_DESTINATION, FIB_RESULT_TYPE), compare(EQUAL, &ROUTE_LOCAL.to_ne_bytes())],
        Part::Trace => {
            const TRACE: u32 = 12;
            let one = expression("immediate", &Attributes::default().be32(1, REGISTER).nest(2, &value(&[1])));
            vec![one, expression("meta", &Attributes::default().be32(2, TRACE).be32(3, REGISTER))]
        }
        Part::Log(prefix) => {
            let data = Attributes::default().put(1, &LOG_GROUP.to_be_bytes()).text(2, prefix).be32(3, LOG_BYTES);
            vec![expression("log", &data)]
        }
        Part::Count => vec![expression("counter", &Attributes::default())],
        Part::Decide(decision) => {
            vec![expression("immediate", &Attributes::default().be32(1, VERDICT_REGISTER).nest(2, &verdict(decision)))]
        }
    }
}

/// A comment as `nft` keeps it: type, length, text with NUL, all within 256 bytes.
fn comment(text: &str) -> Option<Vec<u8>> {
    const LONGEST: usize = 120;
    let mut bytes: Vec<u8> = text.bytes().take(LONGEST).collect();
    bytes.push(0);
    let length = u8::try_from(bytes.len()).ok()?;
    (!text.is_empty()).then(|| [0, length].into_iter().chain(bytes).collect())
}

/// A rule behind the others of its chain.
pub fn rule(chain: &str, rule: &Rule) -> Attributes {
    rule_in(TABLE, chain, rule)
}

/// A rule of a chain of any table.
pub fn rule_in(table: &str, chain: &str, rule: &Rule) -> Attributes {
    let parts = rule.parts.iter().flat_map(part).fold(Attributes::default(), |list, part| list.nest(1, &part));
    super::transaction::named_in(table, chain, 2).nest(4, &parts).when(comment(&rule.comment), |body, comment| body.put(7, &comment))
}

/// A set without its elements.
pub fn set(name: &str, set: &Set, id: u32) -> Attributes {
    const INTERVAL: u32 = 4;
    const MAP: u32 = 8;
    const CONCAT: u32 = 0x80;
    let shapes: Vec<(u32, u32)> = set.key.iter().map(|field| field.shape()).collect();
    let several = shapes.len() > 1;
    let flags = if set.ranges { INTERVAL } else { 0 } | if set.maps.is_some() { MAP } else { 0 } | if several { CONCAT } else { 0 };
    let key_type = shapes.iter().fold(0, |all, (_, kind)| (all << 6) | kind);
    let key_length = match shapes.as_slice() {
        [(length, _)] => *length,
        many => many.iter().map(|(length, _)| length.next_multiple_of(4)).sum(),
    };
    let mut body = super::transaction::named(name, 2).be32(3, flags).be32(4, key_type).be32(5, key_length).be32(10, id);
    body = match set.maps {
        Some(Maps::Verdict) => body.be32(6, 0xffff_ff00).be32(7, 16),
        Some(Maps::Mark) => body.be32(6, 19).be32(7, 4),
        None => body,
    };
    if several {
        let fields = shapes.iter().fold(Attributes::default(), |list, (length, _)| list.nest(1, &Attributes::default().be32(1, *length)));
        body = body.nest(9, &Attributes::default().nest(2, &fields));
    }
    // How `nft` prints key and data: 1 is the machine's byte order, 2 the network's, 0 none.
    let key_order: u32 = if matches!(set.key.as_slice(), [Field::Group | Field::Device]) { 1 } else { 2 };
    let data_order: Option<u32> = set.maps.map(|maps| u32::from(maps == Maps::Mark));
    let hint = |kind: u8, order: u32| [kind, 4].into_iter().chain(order.to_ne_bytes());
    let hints: Vec<u8> = hint(0, key_order).chain(data_order.into_iter().flat_map(|order| hint(1, order))).collect();
    body = body.put(13, &hints);
    body
}

/// An element of a set.
pub fn element(ranges: bool, key: &Key, element: &Element) -> Attributes {
    Attributes::default()
        .nest(1, &value(&key.low))
        .when(ranges.then_some(&key.high), |body, high| body.nest(10, &value(high)))
        .when(element.mark, |body, mark| body.nest(2, &value(&mark.to_ne_bytes())))
        .when(element.verdict.as_ref(), |body, decision| body.nest(2, &verdict(decision)))
        .when(comment(&element.comment), |body, comment| body.put(6, &comment))
}
