//! Tags: at most 50 a resource, as EC2 has them.
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions>
use crate::{Cloud, Context, Refusal, Scope};
use std::{collections::BTreeMap, sync::Arc};

/// The tags of a resource.
pub type Tags = BTreeMap<String, String>;

/// The most tags of a resource; those whose keys begin with `aws:` do not count.
pub const MAX_TAGS: usize = 50;

/// Which tags are to be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagRemoval {
    /// The key.
    pub key: String,
    /// Only if the value is this; `None` removes it whatever its value.
    pub value: Option<String>,
}

/// The tags that a caller gives, in order: each key once, of a permitted length, and not AWS's own.
///
/// # Errors
/// The first rule that a tag breaks.
pub fn user_tags(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Tags, Refusal> {
    let mut tags = Tags::new();
    for (key, value) in pairs {
        if key.is_empty() {
            return Err(Refusal::InvalidParameterValue("Tag key cannot be null or empty.".to_owned()));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Refusal::InvalidParameterValue(format!(
                "Value ( {key} ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use."
            )));
        }
        if key.chars().count() > 128 {
            return Err(Refusal::InvalidParameterValue("Tag key exceeds the maximum length of 128 characters.".to_owned()));
        }
        if value.chars().count() > 256 {
            return Err(Refusal::InvalidParameterValue("Tag value exceeds the maximum length of 256 characters.".to_owned()));
        }
        if tags.contains_key(&key) {
            return Err(Refusal::InvalidParameterValue(format!("Duplicate tag key '{key}' specified.")));
        }
        tags.insert(key, value);
    }
    if tags.len() > MAX_TAGS {
        return Err(Refusal::TagLimit("the request".to_owned()));
    }
    Ok(tags)
}

impl Cloud {
    /// `CreateTags`: adds tags to resources of the scope, or overwrites their values. All or nothing.
    ///
    /// # Errors
    /// An id that is not there, or a resource that would have too many tags.
    pub fn create_tags(&mut self, cx: &mut Context, resources: &[String], tags: &Tags) -> Result<(), Refusal> {
        self.edit_tags(&cx.scope, resources, |own| {
            own.extend(tags.iter().map(|(k, v)| (k.clone(), v.clone())));
        })
    }

    /// `DeleteTags`: removes tags from resources of the scope; without any named, all that are the caller's own.
    ///
    /// # Errors
    /// An id that is not there.
    pub fn delete_tags(&mut self, cx: &mut Context, resources: &[String], tags: &[TagRemoval]) -> Result<(), Refusal> {
        self.edit_tags(&cx.scope, resources, |own| {
            if tags.is_empty() {
                own.retain(|key, _| key.starts_with("aws:"));
            }
            for TagRemoval { key, value } in tags {
                if value.as_ref().is_none_or(|wanted| own.get(key) == Some(wanted)) {
                    own.remove(key);
                }
            }
        })
    }

    /// Gives a resource of the scope these tags and no others, AWS's own included.
    ///
    /// # Errors
    /// An id that is not there, or too many tags.
    pub fn set_tags(&mut self, cx: &mut Context, resource: &str, tags: Tags) -> Result<(), Refusal> {
        self.edit_tags(&cx.scope, &[resource.to_owned()], |own| own.clone_from(&tags))
    }

    fn edit_tags(&mut self, scope: &Scope, resources: &[String], edit: impl Fn(&mut Tags)) -> Result<(), Refusal> {
        for id in resources {
            let edit = |own: &mut Tags| {
                edit(own);
                if own.keys().filter(|key| !key.starts_with("aws:")).count() > MAX_TAGS {
                    return Err(Refusal::TagLimit(id.clone()));
                }
                Ok(())
            };
            self.with_tags(scope, id, edit)?;
        }
        Ok(())
    }

    /// Runs `edit` on the tags of the resource that `id` names.
    fn with_tags(&mut self, scope: &Scope, id: &str, edit: impl Fn(&mut Tags) -> Result<(), Refusal>) -> Result<(), Refusal> {
        macro_rules! one {
            ($table:ident, $missing:ident) => {{
                let id = id.parse().map_err(|_| Refusal::InvalidId(id.to_owned()))?;
                match self.$table.get_mut(&id) {
                    Some(found) if &found.scope == scope => edit(&mut Arc::make_mut(found).tags),
                    _ => Err(Refusal::$missing(id)),
                }
            }};
        }
        match id.rsplit_once('-').map_or("", |(prefix, _)| prefix) {
            "vpc" => one!(vpcs, VpcNotFound),
            "subnet" => one!(subnets, SubnetNotFound),
            "sg" => one!(security_groups, SecurityGroupNotFound),
            "rtb" => one!(route_tables, RouteTableNotFound),
            "acl" => one!(network_acls, NetworkAclNotFound),
            "vpce" => one!(vpc_endpoints, VpcEndpointNotFound),
            "eni" => one!(network_interfaces, NetworkInterfaceNotFound),
            "i" => one!(instances, InstanceNotFound),
            "dopt" => one!(dhcp_options, DhcpOptionsNotFound),
            "key" => one!(key_pairs, KeyPairIdNotFound),
            "lt" => one!(launch_templates, LaunchTemplateIdNotFound),
            "igw" => one!(internet_gateways, InternetGatewayNotFound),
            "nip" => one!(network_insights_paths, NetworkInsightsPathNotFound),
            "nia" => one!(network_insights_analyses, NetworkInsightsAnalysisNotFound),
            "fl" => one!(flow_logs, FlowLogNotFound),
            "nat" => one!(nat_gateways, NatGatewayNotFound),
            "eipalloc" => self.with_address_tags(scope, id, edit),
            "sgr" => self.with_rule_tags(scope, id, edit),
            "pcx" => self.with_peering_tags(scope, id, edit),
            _ => Err(Refusal::InvalidId(id.to_owned())),
        }
    }

    fn with_rule_tags(&mut self, scope: &Scope, id: &str, edit: impl Fn(&mut Tags) -> Result<(), Refusal>) -> Result<(), Refusal> {
        let id = id.parse().map_err(|_| Refusal::InvalidId(id.to_owned()))?;
        let owner = self
            .security_groups
            .values()
            .find(|group| &group.scope == scope && group.rules.iter().any(|rule| rule.id == id))
            .map(|group| group.id.clone());
        let rule = owner
            .and_then(|owner| self.security_groups.get_mut(&owner))
            .and_then(|group| Arc::make_mut(group).rules.iter_mut().find(|rule| rule.id == id));
        match rule {
            Some(rule) => edit(&mut rule.tags),
            None => Err(Refusal::SecurityGroupRuleNotFound(id)),
        }
    }

    fn with_address_tags(&mut self, scope: &Scope, id: &str, edit: impl Fn(&mut Tags) -> Result<(), Refusal>) -> Result<(), Refusal> {
        let id = id.parse().map_err(|_| Refusal::InvalidId(id.to_owned()))?;
        let ip = self.elastic_address(scope, &id)?.ip;
        match self.public_addresses.get_mut(&ip) {
            Some(address) => edit(&mut Arc::make_mut(address).tags),
            None => Err(Refusal::AllocationNotFound(id)),
        }
    }

    /// Each side of a peering connection has tags of its own; in one scope both sides are the caller's.
    fn with_peering_tags(&mut self, scope: &Scope, id: &str, edit: impl Fn(&mut Tags) -> Result<(), Refusal>) -> Result<(), Refusal> {
        let id = id.parse().map_err(|_| Refusal::InvalidId(id.to_owned()))?;
        let found =
            self.peerings.get_mut(&id).filter(|peering| [&peering.requester, &peering.accepter].iter().any(|side| &side.scope == scope));
        let Some(peering) = found.map(Arc::make_mut) else {
            return Err(Refusal::PeeringNotFound(id));
        };
        for side in [&mut peering.requester, &mut peering.accepter] {
            if &side.scope == scope {
                edit(&mut side.tags)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IdSource;
    use crate::vpc::CreateVpc;

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }
    fn cx(region: &str) -> Context {
        Context {
            scope: Scope { account: "111111111111".parse().unwrap(), region: region.parse().unwrap() },
            now: crate::Timestamp(0),
            ids: IdSource::new(1),
        }
    }

    #[test]
    fn user_tags_keep_the_rules() {
        assert!(user_tags(pairs(&[("Name", "a"), ("name", "")])).is_ok());
        assert!(user_tags(pairs(&[("", "a")])).is_err());
        assert!(user_tags(pairs(&[("aws:x", "a")])).is_err());
        assert!(user_tags(pairs(&[("a", "1"), ("a", "2")])).is_err());
        assert!(user_tags(vec![("k".repeat(129), String::new())]).is_err());
        assert!(user_tags(vec![("k".into(), "v".repeat(257))]).is_err());
        assert!(user_tags((0..51).map(|n| (n.to_string(), String::new()))).is_err());
    }

    #[test]
    fn tags_are_added_overwritten_and_removed() {
        let mut cloud = Cloud::default();
        let mut cx = cx("us-west-2");
        let cidr = "10.0.0.0/16".parse().unwrap();
        let tags = Tags::new();
        let vpc = cloud.create_vpc(&mut cx, CreateVpc { cidr, tags }).unwrap();
        let group = cloud.vpcs[&vpc].default_security_group.clone();
        let rule = cloud.security_groups[&group].rules[0].id.clone();
        let all = [vpc.to_string(), group.to_string(), rule.to_string()];
        let tags = user_tags(pairs(&[("Name", "a"), ("Team", "b")])).unwrap();
        cloud.create_tags(&mut cx, &all, &tags).unwrap();
        assert_eq!(cloud.vpcs[&vpc].tags, tags);
        assert_eq!(cloud.security_groups[&group].rules[0].tags, tags);
        let removal = |key: &str, value: Option<&str>| TagRemoval { key: key.into(), value: value.map(Into::into) };
        let ask = [removal("Name", Some("other")), removal("Team", None)];
        cloud.delete_tags(&mut cx, &all, &ask).unwrap();
        assert_eq!(cloud.vpcs[&vpc].tags, user_tags(pairs(&[("Name", "a")])).unwrap());
        cloud.delete_tags(&mut cx, &all, &[]).unwrap();
        assert!(cloud.vpcs[&vpc].tags.is_empty());
    }

    #[test]
    fn tags_of_other_regions_are_out_of_reach() {
        let mut cloud = Cloud::default();
        let cidr = "10.0.0.0/16".parse().unwrap();
        let tags = Tags::new();
        let vpc = cloud.create_vpc(&mut cx("us-west-2"), CreateVpc { cidr, tags }).unwrap();
        let refused = cloud.create_tags(&mut cx("us-east-1"), &[vpc.to_string()], &Tags::new());
        assert_eq!(refused, Err(Refusal::VpcNotFound(vpc)));
        for id in ["vpc-1", "ami-0123456789abcdef0", "x", ""] {
            let refused = cloud.create_tags(&mut cx("us-west-2"), &[id.to_owned()], &Tags::new());
            assert_eq!(refused, Err(Refusal::InvalidId(id.into())));
        }
    }

    #[test]
    fn fifty_tags_and_no_more() {
        let mut cloud = Cloud::default();
        let mut cx = cx("us-west-2");
        let cidr = "10.0.0.0/16".parse().unwrap();
        let tags = (0..50).map(|n| (n.to_string(), String::new())).collect();
        let vpc = cloud.create_vpc(&mut cx, CreateVpc { cidr, tags }).unwrap();
        let one_more = user_tags(pairs(&[("Name", "a")])).unwrap();
        let ids = [vpc.to_string()];
        assert!(matches!(cloud.create_tags(&mut cx, &ids, &one_more), Err(Refusal::TagLimit(_))));
    }
}
