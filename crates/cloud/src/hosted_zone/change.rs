//! `ChangeResourceRecordSets`: a batch of changes, all or none.
//! Source: <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html>
use super::{
    AliasTarget, ChangeProblem, Content, HostedZone, HostedZoneId, MAX_RECORD_SETS, RecordData, RecordKind, RecordSet, ZoneRefusal,
};
use crate::{Cloud, Context, DomainName, Refusal, Region, VpcEndpoint, VpcEndpointId, vpc_endpoint::public_zone_id};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The most records of a batch; an UPSERT counts twice.
const MAX_RECORDS: usize = 1000;
/// The most characters of all values of a batch; an UPSERT counts twice.
const MAX_TEXT: usize = 32_000;

/// What becomes of a record set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeAction {
    /// It must not be there.
    Create,
    /// It must be there, with this content.
    Delete,
    /// It is made, or its content replaced.
    Upsert,
}

/// One change of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordChange {
    /// What to do.
    pub action: ChangeAction,
    /// The name.
    pub name: DomainName,
    /// The type.
    pub kind: RecordKind,
    /// The content.
    pub content: Content,
}

impl Cloud {
    /// Applies a batch to a zone: all of it or nothing.
    ///
    /// # Errors
    /// An unknown zone, or all that is wrong with the changes.
    pub fn change_record_sets(&mut self, cx: &mut Context, id: &HostedZoneId, changes: Vec<RecordChange>) -> Result<(), Refusal> {
        let zone = Arc::clone(self.hosted_zone(&cx.scope.account, id)?);
        let mut problems = too_much(&changes);
        problems.extend(wrong_by_itself(&zone, &changes));
        let touched: BTreeSet<_> = changes.iter().map(|change| (change.name.clone(), change.kind)).collect();
        for change in changes {
            problems.extend(self.apply_change(&zone, change));
        }
        for (name, kind) in &touched {
            problems.extend(self.wrong_in_zone(&zone, name, *kind));
        }
        if self.record_sets_of(id).count() > MAX_RECORD_SETS {
            problems.push(ChangeProblem::TooManySets);
        }
        if problems.is_empty() { Ok(()) } else { Err(ZoneRefusal::InvalidChangeBatch(problems).into()) }
    }

    fn apply_change(&mut self, zone: &HostedZone, change: RecordChange) -> Option<ChangeProblem> {
        let RecordChange { action, name, kind, content } = change;
        let key = (zone.id.clone(), name.clone(), kind);
        let found = self.record_sets.get(&key);
        match (action, found) {
            (ChangeAction::Create, Some(_)) => return Some(ChangeProblem::Exists { name, kind }),
            (ChangeAction::Delete, None) => return Some(ChangeProblem::NotFound { name, kind }),
            (ChangeAction::Delete, Some(set)) if !same(&set.content, &content) => return Some(ChangeProblem::OtherValues { name, kind }),
            (ChangeAction::Delete, Some(_)) => {
                self.record_sets.remove(&key);
            }
            (ChangeAction::Create | ChangeAction::Upsert, _) => {
                self.record_sets.insert(key, Arc::new(RecordSet { zone: zone.id.clone(), name, kind, content }));
            }
        }
        None
    }

    /// What is wrong with a changed record set among those of its zone, once all changes are made.
    fn wrong_in_zone(&self, zone: &HostedZone, name: &DomainName, kind: RecordKind) -> Vec<ChangeProblem> {
        let Some(set) = self.record_sets.get(&(zone.id.clone(), name.clone(), kind)) else {
            return match kind {
                RecordKind::Ns if name == &zone.name => vec![ChangeProblem::NameServersGone],
                RecordKind::Soa if name == &zone.name => vec![ChangeProblem::OneSoa],
                _ => vec![],
            };
        };
        let mut problems = Vec::new();
        let mut others = self.record_sets_from(&zone.id, name).take_while(|other| &other.name == name).filter(|other| other.kind != kind);
        if kind == RecordKind::Cname && name == &zone.name {
            problems.push(ChangeProblem::CnameAtApex { zone: name.clone() });
        } else if kind == RecordKind::Cname && others.next().is_some() {
            problems.push(ChangeProblem::CnameNotAlone { name: name.clone(), zone: zone.name.clone() });
        } else if others.any(|other| other.kind == RecordKind::Cname) {
            problems.push(ChangeProblem::BesideCname { kind, name: name.clone(), zone: zone.name.clone() });
        }
        if let Content::Alias(target) = &set.content {
            problems.extend(self.wrong_alias(zone, name, kind, target));
        }
        problems
    }

    /// An alias leads to a record set of the same type in its own zone, or to a public name of an endpoint.
    fn wrong_alias(&self, zone: &HostedZone, name: &DomainName, kind: RecordKind, alias: &AliasTarget) -> Vec<ChangeProblem> {
        let target = alias.name.clone();
        let outside = ChangeProblem::AliasOutsideZone { target: target.clone(), kind, zone: alias.zone.clone() };
        let missing = ChangeProblem::AliasNotFound { target: target.clone(), kind, zone: alias.zone.clone() };
        if matches!(kind, RecordKind::Ns | RecordKind::Soa) {
            return vec![ChangeProblem::AliasOfType(kind)];
        }
        if alias.zone == zone.id.as_str() {
            return if target.within(zone.name.as_str()).is_none() {
                vec![outside, missing]
            } else if &target == name || !self.record_sets.contains_key(&(zone.id.clone(), target, kind)) {
                vec![missing]
            } else {
                vec![]
            };
        }
        match region_of_endpoint_name(&target) {
            Some(region) if public_zone_id(&region) == alias.zone => {
                if kind == RecordKind::A && self.endpoint_of_name(&target).is_some() {
                    vec![]
                } else {
                    vec![missing]
                }
            }
            _ => vec![outside, missing],
        }
    }

    /// The endpoint that has this public name, regional or of one of its zones, whoever's it is.
    #[must_use]
    pub fn endpoint_of_name(&self, name: &DomainName) -> Option<&Arc<VpcEndpoint>> {
        let mut parts = name.labels().next()?.splitn(3, '-');
        let id: VpcEndpointId = format!("{}-{}", parts.next()?, parts.next()?).parse().ok()?;
        self.vpc_endpoints.get(&id).filter(|endpoint| {
            let mut interfaces = endpoint.interfaces.values().filter_map(|id| self.network_interfaces.get(id));
            name.as_str() == endpoint.regional_name()
                || interfaces.any(|interface| name.as_str() == endpoint.zonal_name(&interface.availability_zone))
        })
    }
}

/// The region in `….{service}.{r}.vpce.amazonaws.com`.
fn region_of_endpoint_name(name: &DomainName) -> Option<Region> {
    let (before, region) = name.within("vpce.amazonaws.com")?.rsplit_once('.')?;
    before.contains('.').then(|| region.parse().ok())?
}

/// Whether a DELETE names the content that is there, in whatever order.
fn same(there: &Content, named: &Content) -> bool {
    match (there, named) {
        (Content::Values { ttl: a, values: left }, Content::Values { ttl: b, values: right }) => {
            let set = |values: &'_ [super::RecordValue]| values.iter().map(|value| value.data.clone()).collect::<BTreeSet<RecordData>>();
            a == b && set(left) == set(right)
        }
        (Content::Alias(a), Content::Alias(b)) => a == b,
        _ => false,
    }
}

fn too_much(changes: &[RecordChange]) -> Vec<ChangeProblem> {
    let (mut records, mut text) = (0, 0);
    for change in changes {
        let times = if change.action == ChangeAction::Upsert { 2 } else { 1 };
        if let Content::Values { values, .. } = &change.content {
            records += times * values.len();
            text += times * values.iter().map(|value| value.text.len()).sum::<usize>();
        } else {
            records += times;
        }
    }
    let mut problems = Vec::new();
    if records > MAX_RECORDS {
        problems.push(ChangeProblem::TooManyRecords);
    }
    if text > MAX_TEXT {
        problems.push(ChangeProblem::TooMuchText);
    }
    problems
}

/// What is wrong with the changes whatever is in the zone.
fn wrong_by_itself(zone: &HostedZone, changes: &[RecordChange]) -> Vec<ChangeProblem> {
    let mut problems = Vec::new();
    let mut actions: BTreeMap<_, Vec<ChangeAction>> = BTreeMap::new();
    for RecordChange { action, name, kind, content } in changes {
        actions.entry((name, kind)).or_default().push(*action);
        if name.within(zone.name.as_str()).is_none() {
            problems.push(ChangeProblem::OutsideZone { name: name.clone(), zone: zone.name.clone() });
        }
        if *kind == RecordKind::Soa && name != &zone.name {
            problems.push(ChangeProblem::OneSoa);
        }
        if let Content::Values { values, .. } = content {
            if kind.is_single() && values.len() > 1 {
                problems.push(ChangeProblem::OneValue { kind: *kind, name: name.clone() });
            }
            let mut seen = BTreeSet::new();
            let again = values.iter().filter(|value| !seen.insert(&value.data));
            problems.extend(again.map(|value| ChangeProblem::DuplicateValue(value.text.clone())));
        }
    }
    for ((name, kind), actions) in actions {
        if !matches!(actions.as_slice(), [_] | [ChangeAction::Delete, ChangeAction::Create]) {
            problems.push(ChangeProblem::ChangedTwice { name: name.clone(), kind: *kind });
        }
    }
    problems
}
