//! `AWS::EC2::NetworkAclEntry`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-networkaclentry.html>
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::ec2::{attributes, id};
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2, wire_by_ec2};
use crate::ec2::network_acl::entry::entry;
use serde_json::{Map, Value, json};
use vpclab_cloud::{Cloud, Context, NetworkAclEntry};
use vpclab_wire::ec2;

/// The type. Its physical id is `{ACL}|{rule number}|{egress}`.
pub struct Entry;

impl ResourceType for Entry {
    fn served(&self) -> &'static [&'static str] {
        &[
            "CidrBlock",
            "Egress",
            "Icmp",
            "Icmp.Code",
            "Icmp.Type",
            "NetworkAclId",
            "PortRange",
            "PortRange.From",
            "PortRange.To",
            "Protocol",
            "RuleAction",
            "RuleNumber",
        ]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let acl = id(&want.properties, "NetworkAclId")?;
        let entry = read(&want.properties)?;
        let made = Made::new(format!("{acl}|{}|{}", entry.number, entry.egress));
        cloud.create_network_acl_entry(c, &acl, entry).map_err(by_ec2)?;
        Ok(made)
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let acl = id(&want.properties, "NetworkAclId")?;
        cloud.replace_network_acl_entry(c, &acl, read(&want.properties)?).map_err(by_ec2)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let acl = id(&is.properties, "NetworkAclId")?;
        let entry = read(&is.properties)?;
        cloud.delete_network_acl_entry(c, &acl, entry.number, entry.egress).map_err(by_ec2)
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        attributes(json!({ "Id": is.physical }))
    }
}

fn read(properties: &Properties<'_>) -> Result<NetworkAclEntry, Failure> {
    let ports = match properties.object("PortRange")? {
        None => None,
        Some(range) => Some(ec2::PortRange { from: range.number("From")?, to: range.number("To")? }),
    };
    let icmp = match properties.object("Icmp")? {
        None => None,
        Some(icmp) => Some(ec2::IcmpTypeCode { type_: icmp.number("Type")?, code: icmp.number("Code")? }),
    };
    let number = properties.number("RuleNumber")?.ok_or_else(|| Failure::invalid("Property RuleNumber cannot be empty."))?;
    let cidr = properties.text("CidrBlock")?;
    let traffic = (properties.required("Protocol")?, ports, icmp);
    let traffic = (traffic.0.as_str(), traffic.1.as_ref(), traffic.2.as_ref());
    let action = properties.required("RuleAction")?;
    entry(number, properties.truth("Egress")?.unwrap_or(false), &action, cidr.as_deref(), traffic).map_err(wire_by_ec2)
}
