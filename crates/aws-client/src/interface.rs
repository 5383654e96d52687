//! How the operations are asked and answered: `interface.json`, read once.
use serde::Deserialize;
use std::{collections::BTreeMap, sync::OnceLock};
use vpclab_import::calls::Service;

const TEXT: &str = include_str!("../interface.json");

/// A service.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Interface {
    pub(crate) protocol: Protocol,
    pub(crate) api_version: String,
    pub(crate) endpoint_prefix: String,
    /// The host of a service without regions; the STS has one besides its regional ones.
    #[serde(default)]
    pub(crate) global_endpoint: Option<String>,
    pub(crate) signing_name: String,
    /// What stands before the operation in `X-Amz-Target`, and the version of JSON.
    #[serde(default)]
    pub(crate) target_prefix: Option<String>,
    #[serde(default)]
    pub(crate) json_version: Option<String>,
    pub(crate) operations: BTreeMap<String, Operation>,
    pub(crate) shapes: BTreeMap<String, Shape>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Protocol {
    Ec2,
    Query,
    RestJson,
    RestXml,
    Json,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) uri: String,
    #[serde(default)]
    pub(crate) input: BTreeMap<String, Member>,
    #[serde(default)]
    pub(crate) result_wrapper: Option<String>,
    pub(crate) output: String,
}

/// A member of a structure, or the items of a list or map.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member {
    pub(crate) shape: String,
    #[serde(default)]
    pub(crate) location_name: Option<String>,
    #[serde(default)]
    pub(crate) location: Option<String>,
    #[serde(default)]
    pub(crate) flattened: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase", tag = "type")]
pub(crate) enum Shape {
    Structure {
        members: BTreeMap<String, Member>,
        #[serde(default)]
        payload: Option<String>,
    },
    List {
        member: Member,
        #[serde(default)]
        flattened: bool,
    },
    Map {
        key: Member,
        value: Member,
    },
    String,
    Boolean,
    Integer,
    Long,
    Float,
    Double,
    Timestamp,
    Blob,
}

/// The description of a service.
pub(crate) fn of(service: Service) -> Result<&'static Interface, String> {
    static ALL: OnceLock<Result<BTreeMap<String, serde_json::Value>, String>> = OnceLock::new();
    static READ: OnceLock<BTreeMap<&'static str, Interface>> = OnceLock::new();
    let all = ALL.get_or_init(|| serde_json::from_str(TEXT).map_err(|why| why.to_string())).as_ref()?;
    let read = READ.get_or_init(|| {
        let services = [Service::Sts, Service::Ec2, Service::ApiGateway, Service::Lambda, Service::Route53, Service::Route53Resolver];
        let one = |service: Service| Some((service.name(), serde_json::from_value(all.get(service.name())?.clone()).ok()?));
        services.into_iter().filter_map(one).collect()
    });
    read.get(service.name()).ok_or_else(|| format!("the description of {} cannot be read", service.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vpclab_import::calls::CALLS;

    #[test]
    fn the_policy_allows_the_paths_that_are_read() {
        let policy = vpclab_import::calls::policy();
        let statement = policy["Statement"].as_array().unwrap().iter().find(|one| one["Sid"] == "VpclabImportApis").unwrap();
        let allowed: Vec<&str> = statement["Resource"].as_array().unwrap().iter().map(|arn| arn.as_str().unwrap()).collect();
        for call in CALLS.iter().filter(|call| call.service == Service::ApiGateway) {
            let path = of(call.service).unwrap().operations[call.operation].uri.split('?').next().unwrap();
            let arn = format!("arn:aws:apigateway:*::{path}");
            let is_allowed = |allowed: &&str| allowed.strip_suffix('*').map_or(*allowed == arn, |start| arn.starts_with(start));
            assert!(allowed.iter().any(is_allowed), "{arn} of {allowed:?}");
        }
    }

    #[test]
    fn every_call_is_described() {
        for call in CALLS {
            let interface = of(call.service).unwrap();
            let operation = interface.operations.get(call.operation).unwrap_or_else(|| panic!("{}", call.operation));
            assert!(interface.shapes.contains_key(&operation.output));
            let members = call
                .arguments
                .iter()
                .map(|(name, _)| *name)
                .chain(call.pages.iter().map(|(name, _)| *name))
                .chain(call.limit.map(|limit| limit.0));
            for name in members {
                assert!(operation.input.contains_key(name), "{} {name}", call.operation);
            }
        }
    }
}
