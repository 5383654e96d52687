//! What a record holds: read from the text that Route 53's callers write, by type.
//! Source: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html>
use super::ChangeProblem;
use crate::DomainName;
use crate::domain_name::octal;
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// The longest value.
const MAX_VALUE: usize = 4000;
/// The longest character string of a TXT record.
const MAX_STRING: usize = 255;

/// The types served, in the order of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RecordKind {
    /// `A`
    A,
    /// `AAAA`
    Aaaa,
    /// `CAA`
    Caa,
    /// `CNAME`
    Cname,
    /// `MX`
    Mx,
    /// `NS`
    Ns,
    /// `PTR`
    Ptr,
    /// `SOA`
    Soa,
    /// `SPF`
    Spf,
    /// `SRV`
    Srv,
    /// `TXT`
    Txt,
}

/// Types that Route 53 has and a lab does not serve.
const NOT_SERVED: [&str; 6] = ["DS", "HTTPS", "NAPTR", "SSHFP", "SVCB", "TLSA"];

/// A type that is not served, or that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRecordKind {
    /// Route 53 has it.
    #[error("vpclab does not serve records of type {0} yet")]
    NotServed(String),
    /// There is no such type.
    #[error(
        "Value '{0}' failed to satisfy constraint: Member must satisfy enum value set: [SPF, MX, AAAA, SRV, CNAME, PTR, CAA, TXT, SOA, NS, A]"
    )]
    Unknown(String),
}

/// One value of a record set: the text as it was given, and what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordValue {
    /// The text.
    pub text: String,
    /// What it says.
    pub data: RecordData,
}

/// What a value says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RecordData {
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// Who may issue certificates: `0 issue "ca.example.net"`.
    Caa {
        /// Bit 7: critical.
        flags: u8,
        /// `issue`, `issuewild`, `iodef`.
        tag: String,
        /// The tag's value.
        value: Vec<u8>,
    },
    /// The name's true name.
    Cname(DomainName),
    /// `10 mail.example.com`
    Mx {
        /// Lower ones first.
        preference: u16,
        /// The mail server.
        exchange: DomainName,
    },
    /// A name server.
    Ns(DomainName),
    /// The name of an address.
    Ptr(DomainName),
    /// The start of the zone.
    Soa(Box<StartOfAuthority>),
    /// `10 5 443 server.example.com`
    Srv {
        /// Lower ones first.
        priority: u16,
        /// Share among those of one priority.
        weight: u16,
        /// The port.
        port: u16,
        /// The server.
        target: DomainName,
    },
    /// Character strings, of a TXT or an SPF record.
    Txt(Vec<Vec<u8>>),
}

/// The fields of an SOA record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StartOfAuthority {
    /// The primary name server.
    pub mname: DomainName,
    /// The mailbox of who is responsible, as a name.
    pub rname: DomainName,
    /// Serial number, and the seconds of refresh, retry, expiry and negative answers.
    pub numbers: [u32; 5],
}

impl RecordValue {
    /// Reads a value of a type.
    ///
    /// # Errors
    /// Text that the type does not have, as Route 53 says it.
    pub fn parse(kind: RecordKind, text: &str) -> Result<Self, ChangeProblem> {
        let data = if text.chars().count() > MAX_VALUE { Err("ValueTooLong (Value is too long)".to_owned()) } else { read(kind, text) };
        match data {
            Ok(data) => Ok(Self { text: text.to_owned(), data }),
            Err(problem) => Err(ChangeProblem::InvalidValue { problem, value: text.to_owned() }),
        }
    }
}

impl RecordKind {
    /// The type's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Caa => "CAA",
            Self::Cname => "CNAME",
            Self::Mx => "MX",
            Self::Ns => "NS",
            Self::Ptr => "PTR",
            Self::Soa => "SOA",
            Self::Spf => "SPF",
            Self::Srv => "SRV",
            Self::Txt => "TXT",
        }
    }

    /// Whether a record set of the type has one value only.
    pub(super) const fn is_single(self) -> bool {
        matches!(self, Self::Cname | Self::Soa)
    }
}

impl fmt::Display for RecordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for RecordKind {
    type Err = NoRecordKind;
    fn from_str(text: &str) -> Result<Self, NoRecordKind> {
        use RecordKind as K;
        let all = [K::A, K::Aaaa, K::Caa, K::Cname, K::Mx, K::Ns, K::Ptr, K::Soa, K::Spf, K::Srv, K::Txt];
        all.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
            if NOT_SERVED.contains(&text) { NoRecordKind::NotServed(text.to_owned()) } else { NoRecordKind::Unknown(text.to_owned()) }
        })
    }
}

fn read(kind: RecordKind, text: &str) -> Result<RecordData, String> {
    Ok(match kind {
        RecordKind::A => RecordData::A(text.parse().map_err(|_| "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)")?),
        RecordKind::Aaaa => RecordData::Aaaa(text.parse().map_err(|_| "AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)")?),
        RecordKind::Cname => RecordData::Cname(name(text)?),
        RecordKind::Ns => RecordData::Ns(name(text)?),
        RecordKind::Ptr => RecordData::Ptr(name(text)?),
        RecordKind::Txt | RecordKind::Spf => RecordData::Txt(strings(text)?),
        RecordKind::Mx => {
            let [preference, exchange] = fields(text, "MXRRDATANotTwoFields (MX record doesn't have 2 fields)")?;
            RecordData::Mx { preference: number(preference)?, exchange: name(exchange)? }
        }
        RecordKind::Srv => {
            let [priority, weight, port, target] = fields(text, "SRVRRDATANotFourFields (SRV record doesn't have 4 fields)")?;
            RecordData::Srv { priority: number(priority)?, weight: number(weight)?, port: number(port)?, target: name(target)? }
        }
        RecordKind::Caa => caa(text)?,
        RecordKind::Soa => {
            let [mname, rname, n @ ..] = fields::<7>(text, "SOARRDATANotSevenFields (SOA record doesn't have 7 fields)")?;
            let mut numbers = [0; 5];
            for (number_of, text) in numbers.iter_mut().zip(n) {
                *number_of = number(text)?;
            }
            RecordData::Soa(Box::new(StartOfAuthority { mname: name(mname)?, rname: name(rname)?, numbers }))
        }
    })
}

fn caa(text: &str) -> Result<RecordData, String> {
    const SHAPE: &str = "CAARRDATANotThreeFields (CAA record doesn't have 3 fields)";
    let (flags, rest) = text.trim().split_once(char::is_whitespace).ok_or(SHAPE)?;
    let (tag, value) = rest.trim_start().split_once(char::is_whitespace).ok_or(SHAPE)?;
    if tag.is_empty() || tag.len() > MAX_STRING || !tag.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err("CAARRDATAInvalidTag (CAA tag is not valid)".to_owned());
    }
    match strings(value)?.as_slice() {
        [value] => Ok(RecordData::Caa { flags: number(flags)?, tag: tag.to_owned(), value: value.clone() }),
        _ => Err(SHAPE.to_owned()),
    }
}

fn name(text: &str) -> Result<DomainName, String> {
    DomainName::parse(text).map_err(|why| why.to_string())
}

fn number<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| "InvalidNumber (Value is not a valid number)".to_owned())
}

fn fields<'a, const N: usize>(text: &'a str, otherwise: &str) -> Result<[&'a str; N], String> {
    text.split_ascii_whitespace().collect::<Vec<_>>().try_into().map_err(|_| otherwise.to_owned())
}

/// One or more strings in quotation marks: `"v=1" "more"`; within, `\"`, `\\` and `\OOO`.
fn strings(text: &str) -> Result<Vec<Vec<u8>>, String> {
    const QUOTES: &str = "InvalidCharacterString (Value should be enclosed in quotation marks)";
    let mut strings = Vec::new();
    let mut bytes = text.trim().bytes().peekable();
    while bytes.peek().is_some() {
        if bytes.next() != Some(b'"') {
            return Err(QUOTES.to_owned());
        }
        let mut string = Vec::new();
        loop {
            match bytes.next().ok_or(QUOTES)? {
                b'"' => break,
                b'\\' => match bytes.next().ok_or(QUOTES)? {
                    digit @ b'0'..=b'7' => {
                        let byte = octal([Some(digit), bytes.next(), bytes.next()]);
                        string.push(byte.ok_or("InvalidEscapeCode (Value contains an invalid escape code)")?);
                    }
                    other => string.push(other),
                },
                other => string.push(other),
            }
        }
        if string.len() > MAX_STRING {
            return Err("CharacterStringTooLong (Value is too long)".to_owned());
        }
        strings.push(string);
        while bytes.next_if(u8::is_ascii_whitespace).is_some() {}
    }
    if strings.is_empty() { Err(QUOTES.to_owned()) } else { Ok(strings) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: &str, text: &str) -> Result<RecordData, String> {
        match RecordValue::parse(kind.parse().unwrap(), text) {
            Ok(value) => Ok(value.data),
            Err(why) => Err(why.to_string()),
        }
    }

    fn named(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    #[test]
    fn values_are_read_by_type() {
        assert_eq!(of("A", "10.0.0.1"), Ok(RecordData::A([10, 0, 0, 1].into())));
        assert_eq!(of("AAAA", "fd00::1").unwrap(), RecordData::Aaaa("fd00::1".parse().unwrap()));
        assert_eq!(of("CNAME", "Www.Example.com."), Ok(RecordData::Cname(named("www.example.com"))));
        assert_eq!(of("MX", "10 mail.a.com").unwrap(), RecordData::Mx { preference: 10, exchange: named("mail.a.com") });
        assert_eq!(of("SRV", "1 2 443 s.a.com").unwrap(), RecordData::Srv { priority: 1, weight: 2, port: 443, target: named("s.a.com") });
        assert_eq!(of("TXT", r#""a b" "\"\\\101""#).unwrap(), RecordData::Txt(vec![b"a b".to_vec(), b"\"\\A".to_vec()]));
        assert_eq!(of("SPF", r#""""#).unwrap(), RecordData::Txt(vec![vec![]]));
        assert_eq!(
            of("CAA", r#"0 issue "ca.a.com""#).unwrap(),
            RecordData::Caa { flags: 0, tag: "issue".into(), value: b"ca.a.com".to_vec() }
        );
        let soa = of("SOA", "ns.a.com. host.a.com. 1 7200 900 1209600 86400").unwrap();
        assert!(matches!(soa, RecordData::Soa(soa) if soa.numbers == [1, 7200, 900, 1_209_600, 86400]));
    }

    #[test]
    fn what_is_no_value_is_refused_in_route_53s_words() {
        for (kind, text, problem) in [
            ("A", "10.0.0", "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)"),
            ("AAAA", "10.0.0.1", "AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)"),
            ("CNAME", "", "DomainNameEmpty (Domain name is empty)"),
            ("MX", "mail.a.com", "MXRRDATANotTwoFields (MX record doesn't have 2 fields)"),
            ("TXT", "plain", "InvalidCharacterString (Value should be enclosed in quotation marks)"),
            ("TXT", "\"open", "InvalidCharacterString (Value should be enclosed in quotation marks)"),
            ("SRV", "1 2 3 4 5", "SRVRRDATANotFourFields (SRV record doesn't have 4 fields)"),
        ] {
            let expected = format!("Invalid Resource Record: 'FATAL problem: {problem} encountered with '{text}''");
            assert_eq!(of(kind, text), Err(expected));
        }
        assert!(of("TXT", &format!("\"{}\"", "x".repeat(256))).unwrap_err().contains("CharacterStringTooLong"));
        for (kind, text) in [("MX", "70000 a.com"), ("CAA", "0 issue"), ("CAA", "0 issue \"a\" \"b\""), ("SOA", "a b 1 2 3 4 x")] {
            assert!(of(kind, text).is_err(), "{kind} {text}");
        }
    }

    #[test]
    fn types_that_are_not_served_are_named() {
        assert!(matches!("NAPTR".parse::<RecordKind>(), Err(NoRecordKind::NotServed(_))));
        assert!(matches!("a".parse::<RecordKind>(), Err(NoRecordKind::Unknown(_))));
    }
}
