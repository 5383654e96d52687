//! `AWS::EC2::DHCPOptions`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-dhcpoptions.html>
use super::{attributes, physical};
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use vpclab_cloud::{Cloud, Context};

pub mod association;

/// The type.
pub struct DhcpOptions;

/// Property -> option.
const OPTIONS: &[(&str, &str)] = &[
    ("DomainName", "domain-name"),
    ("DomainNameServers", "domain-name-servers"),
    ("Ipv6AddressPreferredLeaseTime", "ipv6-address-preferred-lease-time"),
    ("NetbiosNameServers", "netbios-name-servers"),
    ("NetbiosNodeType", "netbios-node-type"),
    ("NtpServers", "ntp-servers"),
];

impl ResourceType for DhcpOptions {
    fn served(&self) -> &'static [&'static str] {
        &["DomainName", "DomainNameServers", "Ipv6AddressPreferredLeaseTime", "NetbiosNameServers", "NetbiosNodeType", "NtpServers", "Tags"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let mut options = BTreeMap::new();
        for (property, option) in OPTIONS {
            let values = want.properties.texts(property)?;
            if !values.is_empty() {
                options.insert((*option).to_owned(), values);
            }
        }
        cloud.create_dhcp_options(c, options, want.tags()?).map(Made::new).map_err(by_ec2)
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        cloud.set_tags(c, is.physical, want.tags()?).map_err(by_ec2)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        cloud.delete_dhcp_options(c, &physical(is.physical)?).map_err(by_ec2)
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        attributes(json!({ "DhcpOptionsId": is.physical }))
    }
}
