//! What the pages read: lists of the published snapshot, one a kind of resource, with the member names of AWS's describe calls.
//!
//! `GET /_vpclab/console/state?vpcs&subnets&stack_events=ARN` answers `{"revision", "kinds": {"vpcs": […], …}, "truncated": []}`. A kind that
//! belongs to one resource is asked for with that resource's id. All accounts and regions are there; each item says its own.
use crate::answer;
use http::{Response, StatusCode};
use serde_json::{Map, Value, json};
use vpclab_cloud::{Cloud, Scope, Tags, Timestamp};
use vpclab_services::{
    engine::{Engine, clock},
    http::AnswerBody,
};

mod deployment;
mod function;
mod hosted_zone;
mod instance;
mod network_acl;
mod network_interface;
mod peering;
mod resource;
mod rest_api;
mod route_table;
mod security_group;
mod stack;
mod stage;
mod subnet;
mod vpc;
mod vpc_endpoint;

/// The most items of one kind in an answer; what is left out is said.
pub const MAX_ITEMS: usize = 5_000;
/// The most kinds of one request.
const MAX_KINDS: usize = 64;

pub(crate) type Items<'a> = Box<dyn Iterator<Item = Value> + 'a>;

/// What a list is made from: the snapshot, the time, and the resource it belongs to.
pub(crate) struct Asked<'a> {
    pub(crate) cloud: &'a Cloud,
    pub(crate) now: Timestamp,
    pub(crate) of: &'a str,
}

struct Kind {
    name: &'static str,
    list: for<'a> fn(&'a Asked<'a>) -> Items<'a>,
    changed: fn(&Cloud, &Cloud) -> bool,
}

macro_rules! kinds {
    ($($name:literal from $list:path, reads $($table:ident)+;)*) => {
        const KINDS: &[Kind] = &[$(Kind {
            name: $name,
            list: $list,
            changed: |a, b| $(!a.$table.ptr_eq(&b.$table))||+,
        }),*];
    };
}

kinds! {
    "vpcs" from vpc::list, reads vpcs;
    "subnets" from subnet::list, reads subnets network_interfaces;
    "route_tables" from route_table::list, reads route_tables peerings internet_gateways nat_gateways network_interfaces instances vpcs;
    "security_groups" from security_group::list, reads security_groups;
    "network_acls" from network_acl::list, reads network_acls subnets;
    "peerings" from peering::list, reads peerings;
    "vpc_endpoints" from vpc_endpoint::list, reads vpc_endpoints network_interfaces subnets;
    "network_interfaces" from network_interface::list, reads network_interfaces;
    "hosted_zones" from hosted_zone::list, reads hosted_zones;
    "record_sets" from hosted_zone::records, reads record_sets;
    "instances" from instance::list, reads instances network_interfaces;
    "rest_apis" from rest_api::list, reads rest_apis;
    "resources" from resource::list, reads resources;
    "stages" from stage::list, reads stages deployments rest_apis resources;
    "deployments" from deployment::list, reads deployments rest_apis resources;
    "functions" from function::list, reads functions;
    "stacks" from stack::list, reads stacks;
    "stack_events" from stack::events, reads stack_events;
    "stack_resources" from stack::resources, reads stack_resources;
    "stack_templates" from stack::template, reads stack_templates stacks;
}

/// The names of all kinds.
pub(crate) fn names() -> Vec<&'static str> {
    KINDS.iter().map(|kind| kind.name).collect()
}

/// The kinds whose lists may read otherwise in `next`.
pub(crate) fn changed(before: &Cloud, next: &Cloud) -> Vec<&'static str> {
    KINDS.iter().filter(|kind| (kind.changed)(before, next)).map(|kind| kind.name).collect()
}

/// Answers a query such as `vpcs&subnets`.
pub(crate) fn serve(engine: &Engine, query: &str) -> Response<AnswerBody> {
    // Read before the snapshot: a page that hears of a later revision reads again.
    let revision = *engine.revisions().borrow();
    match lists(&engine.snapshot(), clock(), query) {
        Ok((kinds, truncated)) => {
            answer::json_answer(StatusCode::OK, &json!({ "revision": revision, "kinds": kinds, "truncated": truncated }))
        }
        Err(message) => answer::refusal(StatusCode::BAD_REQUEST, &message),
    }
}

fn lists(cloud: &Cloud, now: Timestamp, query: &str) -> Result<(Map<String, Value>, Vec<&'static str>), String> {
    let (mut lists, mut truncated) = (Map::new(), Vec::new());
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    for (count, pair) in pairs.enumerate() {
        if count >= MAX_KINDS {
            return Err(format!("more than {MAX_KINDS} kinds are asked for"));
        }
        let (name, of) = pair.split_once('=').unwrap_or((pair, ""));
        let kind = KINDS.iter().find(|kind| kind.name == name).ok_or_else(|| format!("there is no kind `{name}`"))?;
        let of = percent_encoding::percent_decode_str(of).decode_utf8_lossy();
        let asked = Asked { cloud, now, of: &of };
        let mut items: Vec<Value> = (kind.list)(&asked).take(MAX_ITEMS + 1).collect();
        if items.len() > MAX_ITEMS {
            items.truncate(MAX_ITEMS);
            truncated.push(kind.name);
        }
        lists.insert(name.to_owned(), Value::Array(items));
    }
    Ok((lists, truncated))
}

/// A resource's account, region, name tag and tags, with members of its own.
pub(crate) fn item(scope: &Scope, tags: &Tags, own: Value) -> Value {
    let mut all = Map::new();
    all.insert("OwnerId".into(), scope.account.as_str().into());
    all.insert("Region".into(), scope.region.as_str().into());
    all.insert("Tags".into(), json!(tags));
    if let Value::Object(own) = own {
        all.extend(own);
    }
    Value::Object(all)
}

#[cfg(test)]
mod tests;
