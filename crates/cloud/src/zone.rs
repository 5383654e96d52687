//! Availability zones of the regions served.
use crate::Region;

pub use crate::scope::REGIONS;

/// One availability zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AvailabilityZone {
    /// Its name, such as `ap-northeast-2a`.
    pub name: String,
    /// Its account-independent id, such as `apne2-az1`.
    pub id: String,
}

/// The zones of a region, in order of name. Names are mapped to zone ids in order, alike for every account.
#[must_use]
pub fn zones(region: &Region) -> Vec<AvailabilityZone> {
    let letters: &[char] = match region.as_str() {
        "us-east-1" => &['a', 'b', 'c', 'd', 'e', 'f'],
        "us-west-2" | "ap-northeast-2" => &['a', 'b', 'c', 'd'],
        "us-west-1" => &['a', 'c'],
        "ap-northeast-1" => &['a', 'c', 'd'],
        "ca-central-1" => &['a', 'b', 'd'],
        _ => &['a', 'b', 'c'],
    };
    let short = short_name(region.as_str());
    letters
        .iter()
        .enumerate()
        .map(|(n, letter)| AvailabilityZone { name: format!("{region}{letter}"), id: format!("{short}-az{}", n + 1) })
        .collect()
}

/// `ap-northeast-2` -> `apne2`, as zone ids begin.
fn short_name(region: &str) -> String {
    let mut parts = region.split('-');
    let area = parts.next().unwrap_or_default();
    let side = parts.next().unwrap_or_default();
    let number = parts.next().unwrap_or_default();
    let side = match side {
        "north" => "n",
        "south" => "s",
        "east" => "e",
        "west" => "w",
        "central" => "c",
        "northeast" => "ne",
        "southeast" => "se",
        other => other,
    };
    format!("{area}{side}{number}")
}

/// The public host name suffix of a region's private names: `{r}.compute.internal`, in us-east-1 `ec2.internal`.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>
#[must_use]
pub fn private_domain(region: &Region) -> String {
    if region.as_str() == "us-east-1" { "ec2.internal".to_owned() } else { format!("{region}.compute.internal") }
}

/// The private name of an address: `ip-10-0-1-10.ap-northeast-2.compute.internal`.
#[must_use]
pub fn private_dns_name(region: &Region, ip: std::net::Ipv4Addr) -> String {
    format!("{}.{}", private_host_name(ip), private_domain(region))
}

/// What a region's public names end with: `{r}.compute.amazonaws.com`, in us-east-1 `compute-1.amazonaws.com`.
#[must_use]
pub fn public_domain(region: &Region) -> String {
    if region.as_str() == "us-east-1" { "compute-1.amazonaws.com".to_owned() } else { format!("{region}.compute.amazonaws.com") }
}

/// The public name of a public address: `ec2-203-0-113-1.ap-northeast-2.compute.amazonaws.com`.
#[must_use]
pub fn public_dns_name(region: &Region, ip: std::net::Ipv4Addr) -> String {
    let [a, b, c, d] = ip.octets();
    format!("ec2-{a}-{b}-{c}-{d}.{}", public_domain(region))
}

/// The host name of an instance with this address: `ip-10-0-1-10`.
#[must_use]
pub fn private_host_name(ip: std::net::Ipv4Addr) -> String {
    let [a, b, c, d] = ip.octets();
    format!("ip-{a}-{b}-{c}-{d}")
}
