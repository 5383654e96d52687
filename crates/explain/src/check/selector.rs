//! Whom a check is about, and the values that stand for names in it.
use super::Who;
use crate::{Judge, Source};
use ipnet::Ipv4Net;
use std::collections::{BTreeMap, BTreeSet};
use vpclab_cloud::{Cloud, Tags};

/// Sources by what they are and where; every part that is given has to match.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selector {
    /// Instances by id or Name tag.
    pub instances: Vec<String>,
    /// Functions by name.
    pub functions: Vec<String>,
    /// In one of these VPCs.
    pub vpcs: Vec<String>,
    /// In one of these subnets.
    pub subnets: Vec<String>,
    /// With one of these security groups, by id or name.
    pub groups: Vec<String>,
    /// With an address in one of these.
    pub cidrs: Vec<Ipv4Net>,
    /// With all of these tags; `*` is any value.
    pub tags: BTreeMap<String, String>,
    /// And not these.
    pub not: Option<Box<Selector>>,
}

impl Selector {
    fn matches(&self, judge: &Judge, source: &Source) -> Result<bool, String> {
        let cloud = judge.cloud();
        let (Some(interface), Some(place)) = (judge.interface_of(source), judge.place(source)) else { return Ok(false) };
        let given = |list: &[String], is: &dyn Fn(&str) -> bool| -> Result<bool, String> {
            for text in list {
                if is(&filled(cloud, text)?) {
                    return Ok(true);
                }
            }
            Ok(list.is_empty())
        };
        let (tags, name) = match source {
            Source::Instance(id) => (cloud.instances.get(id).map(|instance| &instance.tags), None),
            Source::Function(scope, name) => {
                (cloud.functions.get(&(scope.clone(), name.clone())).map(|function| &function.tags), Some(name.as_str()))
            }
            Source::Interface(_) | Source::Address { .. } => (None, None),
        };
        let instance = match source {
            Source::Instance(id) => Some(id.as_str()),
            Source::Function(..) | Source::Interface(_) | Source::Address { .. } => None,
        };
        let is_instance = |text: &str| instance.is_some_and(|id| id == text || tag(tags, "Name") == Some(text));
        let has_group = |text: &str| {
            let named =
                |id| cloud.security_groups.get(id).is_some_and(|group: &std::sync::Arc<vpclab_cloud::SecurityGroup>| group.name == text);
            place.groups.iter().any(|id| id.as_str() == text || named(id))
        };
        let vpc_tags = cloud.vpcs.get(&place.vpc).map(|vpc| &vpc.tags);
        let subnet_tags = cloud.subnets.get(&place.subnet).map(|subnet| &subnet.tags);
        // Both lists given: a source is one or the other.
        let kinds = match (self.instances.is_empty(), self.functions.is_empty()) {
            (true, true) => true,
            (false, true) => given(&self.instances, &is_instance)?,
            (true, false) => given(&self.functions, &|text| name == Some(text))?,
            (false, false) => given(&self.instances, &is_instance)? || given(&self.functions, &|text| name == Some(text))?,
        };
        Ok(kinds
            && given(&self.vpcs, &|text| place.vpc.as_str() == text || tag(vpc_tags, "Name") == Some(text))?
            && given(&self.subnets, &|text| place.subnet.as_str() == text || tag(subnet_tags, "Name") == Some(text))?
            && given(&self.groups, &has_group)?
            && (self.cidrs.is_empty() || self.cidrs.iter().any(|cidr| cidr.contains(&interface.private_ip)))
            && self.tags.iter().all(|(key, value)| tag(tags, key).is_some_and(|seen| value == "*" || seen == value))
            && match &self.not {
                Some(not) => !not.matches(judge, source)?,
                None => true,
            })
    }
}

fn tag<'t>(tags: Option<&'t Tags>, key: &str) -> Option<&'t str> {
    tags?.get(key).map(String::as_str)
}

/// The sources that a check is about, each once.
///
/// # Errors
/// One that is named and not there, or a name in `${…}` that stands for nothing.
pub(super) fn sources(judge: &Judge, from: &[Who]) -> Result<Vec<Source>, String> {
    let mut found = BTreeSet::new();
    for who in from {
        match who {
            Who::One(text) => {
                let text = filled(judge.cloud(), text)?;
                found.insert(Source::find(judge.cloud(), &text).map_err(|why| why.to_string())?);
            }
            Who::All(selector) => {
                for source in judge.sources() {
                    if selector.matches(judge, &source)? {
                        found.insert(source);
                    }
                }
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// A text with its names replaced: `${api:NAME}` by the id of the API, `${output:STACK.KEY}` by an output of a stack.
///
/// # Errors
/// A name that stands for nothing, or for several things.
pub(super) fn filled(cloud: &Cloud, text: &str) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, behind) = after.split_once('}').ok_or_else(|| format!("`{text}` has a `${{` without its `}}`"))?;
        out.push_str(before);
        out.push_str(&value(cloud, name)?);
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

fn value(cloud: &Cloud, name: &str) -> Result<String, String> {
    let nothing = || format!("`${{{name}}}` stands for nothing in this snapshot");
    let one = |found: Vec<String>| match found.as_slice() {
        [] => Err(nothing()),
        [one] => Ok(one.clone()),
        _ => Err(format!("`${{{name}}}` stands for several things")),
    };
    match name.split_once(':') {
        Some(("api", wanted)) => {
            one(cloud.rest_apis.values().filter(|api| api.name == wanted).map(|api| api.id.to_string()).take(2).collect())
        }
        Some(("output", path)) => {
            let (stack, key) = path.rsplit_once('.').ok_or_else(|| format!("`${{{name}}}`: write `output:STACK.KEY`"))?;
            let stacks = cloud
                .stacks
                .values()
                .filter(|known| known.name == stack && known.status != vpclab_cloud::stack::StackStatus::DeleteComplete);
            let outputs = stacks.flat_map(|stack| &stack.outputs).filter(|output| output.key == key);
            one(outputs.map(|output| output.value.clone()).take(2).collect())
        }
        _ => Err(format!("`${{{name}}}` is neither `${{api:NAME}}` nor `${{output:STACK.KEY}}`")),
    }
}
