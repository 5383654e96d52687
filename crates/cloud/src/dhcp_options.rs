//! DHCP options: what the instances of a VPC are told when they start.
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_DHCP_Options.html>
use crate::{Cloud, Context, DhcpOptionsId, Refusal, Scope, Tags, Vpc, VpcId, zone};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, net::Ipv4Addr, sync::Arc};

#[cfg(test)]
mod tests;

/// The most sets of options of an account in a region.
pub const MAX_SETS: usize = 100;
/// The value of `domain-name-servers` that stands for the VPC's own resolver.
pub const AMAZON_PROVIDED_DNS: &str = "AmazonProvidedDNS";

/// A set of DHCP options. A set never changes; a VPC is given another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DhcpOptions {
    /// Its id.
    pub id: DhcpOptionsId,
    /// Its account and region.
    pub scope: Scope,
    /// The options by name, such as `domain-name`, in order of name.
    pub configurations: BTreeMap<String, Vec<String>>,
    /// Its tags.
    pub tags: Tags,
}

/// What an instance is told about names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameSettings {
    /// The servers to ask, in order.
    pub servers: Vec<Ipv4Addr>,
    /// The domains to look unqualified names up in.
    pub search: Vec<String>,
}

impl Cloud {
    /// `CreateDhcpOptions`.
    ///
    /// # Errors
    /// No option, an unknown one, values that it cannot have, too many sets.
    pub fn create_dhcp_options(
        &mut self,
        cx: &mut Context,
        configurations: BTreeMap<String, Vec<String>>,
        tags: Tags,
    ) -> Result<DhcpOptionsId, Refusal> {
        if configurations.is_empty() {
            return Err(Refusal::MissingParameter("The request must contain the parameter dhcpConfigurationSet".to_owned()));
        }
        for (name, values) in &configurations {
            check(name, values)?;
        }
        if self.dhcp_options.values().filter(|options| options.scope == cx.scope).count() >= MAX_SETS {
            return Err(Refusal::DhcpOptionsLimit);
        }
        let id = DhcpOptionsId::fresh(&mut cx.ids);
        let options = DhcpOptions { id: id.clone(), scope: cx.scope.clone(), configurations, tags };
        self.dhcp_options.insert(id.clone(), Arc::new(options));
        Ok(id)
    }

    /// `DeleteDhcpOptions`.
    ///
    /// # Errors
    /// An unknown set, or one that a VPC has.
    pub fn delete_dhcp_options(&mut self, cx: &mut Context, id: &DhcpOptionsId) -> Result<(), Refusal> {
        self.visible_dhcp_options(&cx.scope, id)?;
        if self.vpcs.values().any(|vpc| vpc.dhcp_options.as_ref() == Some(id)) {
            return Err(Refusal::DependencyViolation { resource: format!("dhcpOptions '{id}'") });
        }
        self.dhcp_options.remove(id);
        Ok(())
    }

    /// `AssociateDhcpOptions`; `None` is the region's default set. Instances take notice when they start, as with a lease.
    ///
    /// # Errors
    /// An unknown VPC or set.
    pub fn associate_dhcp_options(&mut self, cx: &mut Context, vpc: &VpcId, id: Option<&DhcpOptionsId>) -> Result<(), Refusal> {
        self.visible_vpc(&cx.scope, vpc)?;
        if let Some(id) = id {
            self.visible_dhcp_options(&cx.scope, id)?;
        }
        if let Some(vpc) = self.vpcs.get_mut(vpc) {
            Arc::make_mut(vpc).dhcp_options = id.cloned();
        }
        Ok(())
    }

    /// What the instances of a VPC are told about names: by its set, else the VPC's resolver and the region's private domain. A
    /// set without an option tells nothing about it.
    #[must_use]
    pub fn name_settings(&self, vpc: &Vpc) -> NameSettings {
        let Some(options) = vpc.dhcp_options.as_ref().and_then(|id| self.dhcp_options.get(id)) else {
            return NameSettings { servers: vec![vpc.resolver_address()], search: vec![zone::private_domain(&vpc.scope.region)] };
        };
        let of = |name: &str| options.configurations.get(name).map_or(&[][..], Vec::as_slice);
        let server = |value: &String| match is_amazon_dns(value) {
            true => Some(vpc.resolver_address()),
            false => value.parse().ok(),
        };
        NameSettings {
            servers: of("domain-name-servers").iter().filter_map(server).collect(),
            // Linux takes several names in one value, with blanks between them.
            search: of("domain-name").iter().flat_map(|value| value.split_whitespace()).map(str::to_owned).collect(),
        }
    }
}

fn is_amazon_dns(value: &str) -> bool {
    value.eq_ignore_ascii_case(AMAZON_PROVIDED_DNS)
}

fn check(name: &str, values: &[String]) -> Result<(), Refusal> {
    let refuse =
        |value: &str, why: &str| Err(Refusal::InvalidParameterValue(format!("Value ({value}) for parameter {name} is invalid. {why}")));
    let addresses = |most: usize, is_one: fn(&str) -> bool| match values.iter().find(|value| !is_one(value)) {
        Some(wrong) => refuse(wrong, "Invalid IPv4 address."),
        None if values.len() > most => refuse(&values.join(", "), &format!("There may be at most {most} addresses.")),
        None => Ok(()),
    };
    let is_address = |value: &str| value.parse::<Ipv4Addr>().is_ok();
    match (name, values) {
        (_, []) => refuse("", "A DHCP option must have a value."),
        ("domain-name", [one]) if is_domain_name(one) => Ok(()),
        ("domain-name", _) => refuse(&values.join(", "), "Invalid domain name."),
        ("domain-name-servers", _) => addresses(4, |value| is_amazon_dns(value) || value.parse::<Ipv4Addr>().is_ok()),
        ("ntp-servers" | "netbios-name-servers", _) => addresses(4, is_address),
        ("netbios-node-type", [one]) if matches!(one.as_str(), "1" | "2" | "4" | "8") => Ok(()),
        ("netbios-node-type", _) => refuse(&values.join(", "), "Invalid NetBIOS node type: 1, 2, 4 or 8."),
        ("ipv6-address-preferred-lease-time", _) => refuse(&values.join(", "), "vpclab does not serve IPv6 yet."),
        _ => Err(Refusal::InvalidParameterValue(format!("Value ({name}) for parameter name is invalid. Unknown DHCP option"))),
    }
}

/// What can stand in a resolver's configuration without being taken for something else.
fn is_domain_name(value: &str) -> bool {
    let is_one = |name: &str| name.len() <= 253 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    !value.trim().is_empty() && value.len() <= 1024 && value.split(' ').all(is_one)
}
