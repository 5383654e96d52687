//! One saved answer, and the account and region it is of.
use crate::item::Item;
use serde_json::Value;
use std::collections::BTreeSet;
use vpclab_cloud::{AccountId, Region, Scope};

/// One answer of AWS, as the CLI prints it.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Where it is from: a path below the directory, such as `111122223333/us-west-2/apigateway/get-resources.a1b2c3.json`. Account
    /// ids, regions and the ids of APIs and zones in it say what an answer is of that does not say so itself.
    pub origin: String,
    /// The answer.
    pub value: Value,
}

/// An answer that does not say which account or region it is of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPlace {
    /// No region.
    #[error("`{0}` does not say which region it is of")]
    Region(String),
    /// No account.
    #[error("`{0}` does not say which account it is of")]
    Account(String),
}

/// What an answer is about, in the order in which answers are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Caller,
    Vpcs,
    VpcAttribute,
    DhcpOptions,
    InternetGateways,
    Subnets,
    RouteTables,
    NetworkAcls,
    SecurityGroups,
    SecurityGroupRules,
    VpcEndpoints,
    NatGateways,
    Reservations,
    NetworkInterfaces,
    Addresses,
    Peerings,
    ResolverRules,
    ResolverRuleAssociations,
    DomainNames,
    RestApis,
    RequestValidators,
    Models,
    GatewayResponses,
    Resources,
    Deployment,
    Export,
    Deployments,
    Stages,
    Functions,
    Versions,
    FunctionPolicy,
    Aliases,
    HostedZones,
    HostedZone,
    RecordSets,
}

impl Kind {
    /// Recognises an answer by its members.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        let has = |member: &str| value.get(member).is_some();
        let first = || value.get("items").and_then(Value::as_array)?.first().map(Item);
        Some(match () {
            () if has("UserId") && has("Account") => Self::Caller,
            () if has("Vpcs") => Self::Vpcs,
            () if has("VpcId") && (has("EnableDnsSupport") || has("EnableDnsHostnames")) => Self::VpcAttribute,
            () if has("DhcpOptions") => Self::DhcpOptions,
            () if has("InternetGateways") => Self::InternetGateways,
            () if has("Subnets") => Self::Subnets,
            () if has("RouteTables") => Self::RouteTables,
            () if has("NetworkAcls") => Self::NetworkAcls,
            () if has("SecurityGroups") => Self::SecurityGroups,
            () if has("SecurityGroupRules") => Self::SecurityGroupRules,
            () if has("VpcEndpoints") => Self::VpcEndpoints,
            () if has("NatGateways") => Self::NatGateways,
            () if has("Reservations") => Self::Reservations,
            () if has("NetworkInterfaces") => Self::NetworkInterfaces,
            () if has("Addresses") => Self::Addresses,
            () if has("VpcPeeringConnections") => Self::Peerings,
            () if has("openapi") || has("swagger") => Self::Export,
            () if has("apiSummary") || (has("id") && has("createdDate") && !has("name")) => Self::Deployment,
            () if has("item") => Self::Stages,
            () if has("items") => match first() {
                Some(item) if item.has("path") => Self::Resources,
                Some(item) if item.has("domainName") => Self::DomainNames,
                Some(item) if item.has("responseType") => Self::GatewayResponses,
                Some(item) if item.has("validateRequestBody") || item.has("validateRequestParameters") => Self::RequestValidators,
                Some(item) if item.has("schema") && item.has("contentType") => Self::Models,
                Some(item) if item.has("name") => Self::RestApis,
                Some(item) if item.has("createdDate") => Self::Deployments,
                Some(_) => return None,
                // An empty page says nothing of any kind.
                None => Self::Deployments,
            },
            () if has("ResolverRules") => Self::ResolverRules,
            () if has("ResolverRuleAssociations") => Self::ResolverRuleAssociations,
            () if has("Functions") => Self::Functions,
            () if has("Versions") => Self::Versions,
            () if has("Aliases") => Self::Aliases,
            () if has("Policy") => Self::FunctionPolicy,
            () if has("HostedZones") => Self::HostedZones,
            () if has("HostedZone") => Self::HostedZone,
            () if has("ResourceRecordSets") => Self::RecordSets,
            () => return None,
        })
    }

    /// Whether what it is about lives in no region.
    pub(crate) fn is_global(self) -> bool {
        matches!(self, Self::Caller | Self::HostedZones | Self::HostedZone | Self::RecordSets)
    }
}

/// An answer whose place is known.
#[derive(Clone, Debug)]
pub(crate) struct Placed<'a> {
    pub(crate) kind: Kind,
    pub(crate) scope: Scope,
    pub(crate) document: &'a Document,
}

impl Document {
    /// The words of its path.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.origin.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')
    }

    fn directory(&self) -> &str {
        self.origin.rsplit_once('/').map_or("", |(directory, _)| directory)
    }

    fn account_in_path(&self) -> Option<AccountId> {
        self.words().find_map(|word| word.parse().ok())
    }

    fn region_in_path(&self) -> Option<Region> {
        self.words().find_map(|word| word.parse().ok())
    }
}

/// Finds out of which account and region each answer is: by its path, then by what it and its neighbours name.
pub(crate) fn place<'a>(documents: &'a [Document], unknown: &mut Vec<&'a Document>) -> Result<Vec<Placed<'a>>, NoPlace> {
    let mut placed = Vec::new();
    for document in documents {
        let Some(kind) = Kind::of(&document.value) else {
            unknown.push(document);
            continue;
        };
        let near = || documents.iter().filter(|other| other.directory() == document.directory());
        let region = match document.region_in_path() {
            Some(region) => Some(region),
            None => only(regions(std::iter::once(document))).or_else(|| only(regions(near()))).or_else(|| only(regions(documents.iter()))),
        };
        // What has no region is filed under the first.
        let region = region.or_else(|| kind.is_global().then(|| "us-east-1".parse().ok()).flatten());
        let region = region.ok_or_else(|| NoPlace::Region(document.origin.clone()))?;
        let account = match document.account_in_path() {
            Some(account) => Some(account),
            None => {
                only(accounts(std::iter::once(document))).or_else(|| only(accounts(near()))).or_else(|| only(accounts(documents.iter())))
            }
        };
        let account = account.ok_or_else(|| NoPlace::Account(document.origin.clone()))?;
        placed.push(Placed { kind, scope: Scope { account, region }, document });
    }
    placed.sort_by_key(|placed| placed.kind);
    Ok(placed)
}

fn only<T: Ord>(mut found: BTreeSet<T>) -> Option<T> {
    let one = found.pop_first();
    one.filter(|_| found.is_empty())
}

/// The accounts that answers name as the caller's, or as the owner of VPCs.
fn accounts<'a>(documents: impl Iterator<Item = &'a Document>) -> BTreeSet<AccountId> {
    let mut found = BTreeSet::new();
    for document in documents {
        let item = Item(&document.value);
        match Kind::of(&document.value) {
            Some(Kind::Caller) => found.extend(item.maybe("Account").ok().flatten()),
            Some(Kind::Vpcs) => found.extend(item.list("Vpcs").filter_map(|vpc| vpc.maybe("OwnerId").ok().flatten())),
            _ => {}
        }
    }
    found
}

/// The regions that availability zones of answers are in.
fn regions<'a>(documents: impl Iterator<Item = &'a Document>) -> BTreeSet<Region> {
    let zones = documents.flat_map(|document| {
        let item = Item(&document.value);
        item.list("Subnets").chain(item.list("NetworkInterfaces")).filter_map(|item| item.text("AvailabilityZone"))
    });
    zones.filter_map(region_of_zone).collect()
}

fn region_of_zone(zone: &str) -> Option<Region> {
    zone.trim_end_matches(|c: char| c.is_ascii_lowercase()).parse().ok()
}
