//! `AWS::EC2::…`
use super::{Failure, wire_by_ec2};
use crate::cloudformation::properties::Properties;
use crate::ec2::errors::{self, parse_id};
use serde_json::{Map, Value};

pub mod dhcp_options;
pub mod eip;
pub mod flow_log;
pub mod instance;
pub mod internet_gateway;
pub mod key_pair;
pub mod launch_template;
pub mod nat_gateway;
pub mod network_acl;
pub mod network_insights;
pub mod network_interface;
pub mod route;
pub mod route_table;
pub mod security_group;
pub mod subnet;
pub mod subnet_route_table_association;
pub mod vpc;
pub mod vpc_cidr_block;
pub mod vpc_endpoint;
pub mod vpc_peering_connection;

/// An id that is a property.
fn id<I: errors::ResourceId>(properties: &Properties<'_>, name: &str) -> Result<I, Failure> {
    parse_id(&properties.required(name)?).map_err(wire_by_ec2)
}

/// The id of what is there.
fn physical<I: errors::ResourceId>(text: &str) -> Result<I, Failure> {
    parse_id(text).map_err(wire_by_ec2)
}

/// Attributes from a JSON object.
/// Accepts the metadata options that a lab meets anyway: no instance has a metadata service, whatever it would ask of its callers.
fn check_metadata_options(properties: &Properties<'_>) -> Result<(), Failure> {
    let Some(options) = properties.object("MetadataOptions")? else { return Ok(()) };
    options.only("HttpProtocolIpv6", &["disabled"])?;
    match options.number::<i32>("HttpPutResponseHopLimit")? {
        Some(limit) if !(1..=64).contains(&limit) => {
            Err(Failure::invalid(format!("Value ({limit}) for parameter HttpPutResponseHopLimit is invalid. It must be between 1 and 64.")))
        }
        _ => Ok(()),
    }
}

fn attributes(values: Value) -> Map<String, Value> {
    match values {
        Value::Object(values) => values,
        _ => Map::new(),
    }
}
