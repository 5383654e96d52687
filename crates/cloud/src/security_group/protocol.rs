//! What a rule says about protocol and ports, as EC2 reads it.
use super::{IpProtocol, PortRange};
use crate::Refusal;

const ICMPV6: IpProtocol = IpProtocol::Number(58);

impl IpProtocol {
    /// Reads `tcp`, `udp`, `icmp`, `icmpv6`, `-1`, `all`, or a number.
    /// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html>
    ///
    /// # Errors
    /// Text that names no protocol.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        match text.to_ascii_lowercase().as_str() {
            "-1" | "all" => Ok(Self::All),
            "tcp" => Ok(Self::TCP),
            "udp" => Ok(Self::UDP),
            "icmp" => Ok(Self::ICMP),
            "icmpv6" => Ok(ICMPV6),
            number => number
                .parse()
                .map(Self::Number)
                .map_err(|_| Refusal::InvalidParameterValue(format!("Invalid value '{text}' for IP protocol. Unknown protocol."))),
        }
    }

    /// As EC2 shows it: `tcp`, `udp`, `icmp`, `icmpv6`, `-1`, or a number.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::All => "-1".to_owned(),
            Self::TCP => "tcp".to_owned(),
            Self::UDP => "udp".to_owned(),
            Self::ICMP => "icmp".to_owned(),
            ICMPV6 => "icmpv6".to_owned(),
            Self::Number(number) => number.to_string(),
        }
    }

    /// The ports (type and code for ICMP) that a rule of this protocol has, given what the caller wrote. `None` is all: for `-1`
    /// and for protocols without ports EC2 disregards what is written.
    ///
    /// # Errors
    /// Missing, reversed or out of range.
    pub fn ports(self, from: Option<i32>, to: Option<i32>) -> Result<Option<PortRange>, Refusal> {
        let value = |text: String| Err(Refusal::InvalidParameterValue(text));
        match self {
            Self::TCP | Self::UDP => {
                let (Some(from), Some(to)) = (from, to) else {
                    return value("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.".to_owned());
                };
                if let Some(port) = [from, to].into_iter().find(|port| !(0..=65535).contains(port)) {
                    return value(format!("TCP/UDP port ({port}) out of range"));
                }
                if from > to {
                    return value(format!("Invalid TCP/UDP port range ({from}:{to})"));
                }
                Ok(Some(PortRange { from, to }))
            }
            Self::ICMP | ICMPV6 => {
                let (from, to) = match (from, to) {
                    (None, None) if self == ICMPV6 => (-1, -1),
                    (Some(from), Some(to)) => (from, to),
                    _ => return value("Invalid value 'Must specify both type and code with ICMP.' for portRange.".to_owned()),
                };
                if !(-1..=255).contains(&from) {
                    return value(format!("ICMP type ({from}) out of range"));
                }
                if !(-1..=255).contains(&to) {
                    return value(format!("ICMP code ({to}) out of range"));
                }
                if from == -1 && to != -1 {
                    return value(format!("ICMP code ({to}) must be -1 when the ICMP type is -1"));
                }
                Ok(Some(PortRange { from, to }))
            }
            Self::All | Self::Number(_) => Ok(None),
        }
    }

    /// Protocol and ports as the text of `InvalidPermission.Duplicate` has them.
    pub(super) fn words(self, ports: Option<PortRange>) -> String {
        let all_or = |value: i32| if value == -1 { "ALL".to_owned() } else { value.to_string() };
        match (self, ports) {
            (Self::All, _) => "ALL".to_owned(),
            (Self::ICMP | ICMPV6, Some(PortRange { from, to })) => {
                format!("{}, type: {}, code: {}", self.name().to_uppercase(), all_or(from), all_or(to))
            }
            (_, Some(PortRange { from, to })) => format!("{}, from port: {from}, to port: {to}", self.name().to_uppercase()),
            (_, None) => self.name().to_uppercase(),
        }
    }
}
