//! Route 53 Resolver's answers: rules that forward names to other servers, and the VPCs in which they act. What those servers answer
//! nobody here knows.
//! Source: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-forward-vpc-to-network-domain-name-matches.html>
use crate::Affected;
use crate::item::{Item, Unreadable};
use crate::read::{Import, Source};
use std::collections::{BTreeMap, BTreeSet};
use vpclab_cloud::{DomainName, VpcId};

/// The rule that every VPC has, and that forwards nothing.
const INTERNET: &str = "rslvr-autodefined-rr-internet-resolver";

/// What is told of rules.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    rules: BTreeMap<String, Rule>,
    by_vpc: BTreeMap<VpcId, BTreeSet<String>>,
}

#[derive(Debug)]
struct Rule {
    /// `None` for the root: all names.
    domain: Option<DomainName>,
    /// Whether the resolver answers by itself.
    is_system: bool,
}

/// A `ResolverRules` member.
pub(crate) fn read_rule(import: &mut Import, _source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let id = item.owned("Id").ok_or(Unreadable::Missing("Id"))?;
    let domain = match item.text("DomainName").ok_or(Unreadable::Missing("DomainName"))? {
        "." => None,
        text => Some(DomainName::parse(text).map_err(|_| Unreadable::Malformed { member: "DomainName", value: text.to_owned() })?),
    };
    // `RECURSIVE` is the resolver's own rule for the internet. What is delegated is answered elsewhere, too.
    let is_system = matches!(item.text("RuleType"), Some("SYSTEM" | "RECURSIVE"));
    import.rules.rules.insert(id, Rule { domain, is_system });
    Ok(())
}

/// A `ResolverRuleAssociations` member.
pub(crate) fn read_association(import: &mut Import, _source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let rule = item.owned("ResolverRuleId").ok_or(Unreadable::Missing("ResolverRuleId"))?;
    if rule != INTERNET {
        import.rules.by_vpc.entry(item.read("VPCId")?).or_default().insert(rule);
    }
    Ok(())
}

/// Notes the names that are forwarded: those of a rule's domain, but for those of a system rule below it.
pub(crate) fn check(import: &mut Import) {
    let Rules { rules, by_vpc } = std::mem::take(&mut import.rules);
    for (vpc, ids) in by_vpc {
        let known: Vec<&Rule> = ids.iter().filter_map(|id| rules.get(id)).collect();
        for id in &ids {
            let domain = match rules.get(id) {
                Some(rule) if rule.is_system => continue,
                Some(rule) => rule.domain.clone(),
                None => None,
            };
            let within = |other: &DomainName| domain.as_ref().is_none_or(|domain| other.within(domain.as_str()).is_some());
            let except = known.iter().filter(|rule| rule.is_system).filter_map(|rule| rule.domain.clone());
            let except = except.filter(|name| within(name) && Some(name) != domain.as_ref()).collect();
            let what = match (rules.contains_key(id), &domain) {
                (false, _) => format!("no answer holds the resolver rule, which is associated with {vpc}"),
                (true, domain) => {
                    let domain = domain.as_ref().map_or(".", DomainName::as_str);
                    format!("vpclab does not know what is answered for {domain}: the resolver rule forwards it from {vpc}")
                }
            };
            import.note(id, what, [Affected::Forwarded { vpc: vpc.clone(), domain, except }]);
        }
    }
}
