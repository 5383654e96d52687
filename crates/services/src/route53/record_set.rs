//! Record sets.
use super::errors::{check_length, invalid_input, not_in_enum, word, word_zone, zone_id};
use super::hosted_zone::{change_info, found};
use super::page::page;
use crate::request::RequestContext;
use vpclab_cloud::hosted_zone::{
    AliasTarget, ChangeAction, ChangeProblem, Content, NoRecordKind, RecordChange, RecordKind, RecordValue, ZoneRefusal,
};
use vpclab_cloud::{DomainName, NoDomainName, RecordSet};
use vpclab_wire::{WireError, route53 as wire};

/// Items on a page at most.
const PAGE: usize = 300;
/// The longest time to live.
const MAX_TTL: i64 = 2_147_483_647;

/// `ChangeResourceRecordSets`
pub async fn change_resource_record_sets(
    cx: &RequestContext,
    req: wire::ChangeResourceRecordSetsRequest,
) -> Result<wire::ChangeResourceRecordSetsResponse, WireError> {
    let id = zone_id(&req.hosted_zone_id)?;
    let wire::ChangeBatch { comment, changes } = req.change_batch;
    check_length("changeBatch.comment", comment.as_deref().unwrap_or_default(), 0..=256)?;
    if changes.is_empty() {
        return Err(invalid_input("The request must contain at least one change"));
    }
    let mut problems = Vec::new();
    let mut read = Vec::new();
    for one in changes {
        match change(one)? {
            Ok(change) => read.push(change),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        // A zone that is not there is the first thing to say.
        found(cx, &cx.snapshot(), &req.hosted_zone_id)?;
        return Err(word_zone(&ZoneRefusal::InvalidChangeBatch(problems)));
    }
    let change = cx
        .change(word, |cloud, c| {
            cloud.change_record_sets(c, &id, read)?;
            Ok(change_info(c, comment))
        })
        .await?;
    Ok(wire::ChangeResourceRecordSetsResponse { change_info: Some(change) })
}

/// `ListResourceRecordSets`
pub async fn list_resource_record_sets(
    cx: &RequestContext,
    req: wire::ListResourceRecordSetsRequest,
) -> Result<wire::ListResourceRecordSetsResponse, WireError> {
    let cloud = cx.snapshot();
    let zone = found(cx, &cloud, &req.hosted_zone_id)?;
    let name = req.start_record_name.as_deref().map(|text| name(text).map_err(|why| fatal(why, text))).transpose()?;
    let kind = req.start_record_type.as_deref().map(kind).transpose()?;
    if req.start_record_identifier.is_some() || (kind.is_some() && name.is_none()) {
        return Err(invalid_input("The request specifies a type without a name, or an identifier that no record set has"));
    }
    let (name, kind) = (name.unwrap_or_default(), kind.unwrap_or(RecordKind::A));
    let from = cloud.record_sets_from(&zone.id, &name).skip_while(|set| set.name == name && set.kind < kind);
    let (sets, next, size) = page(from, req.max_items.as_deref(), PAGE)?;
    Ok(wire::ListResourceRecordSetsResponse {
        resource_record_sets: sets.into_iter().map(|set| shown(set)).collect(),
        is_truncated: Some(next.is_some()),
        next_record_name: next.map(|set| set.name.with_dot()),
        next_record_type: next.map(|set| set.kind.to_string()),
        next_record_identifier: None,
        max_items: Some(size.to_string()),
    })
}

/// Reads a change; the inner error is one of those that are told together.
pub(crate) fn change(change: wire::Change) -> Result<Result<RecordChange, ChangeProblem>, WireError> {
    let action = match change.action.as_str() {
        "CREATE" => ChangeAction::Create,
        "DELETE" => ChangeAction::Delete,
        "UPSERT" => ChangeAction::Upsert,
        other => return Err(not_in_enum(other, "changeBatch.changes.1.member.action", &["CREATE", "DELETE", "UPSERT"])),
    };
    let set = change.resource_record_set;
    let (name_text, kind_text) = (set.name.unwrap_or_default(), set.type_.unwrap_or_default());
    let kind = kind(&kind_text)?;
    let one_of = |found: &str| {
        invalid_input(format!(
            "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but \
             found {found} in Change with [Action={}, Name={name_text}, Type={kind}, SetIdentifier=null]",
            change.action
        ))
    };
    let has_values = set.ttl.is_some() || !set.resource_records.is_empty();
    let content = match (set.alias_target, set.ttl) {
        (Some(_), _) if has_values => return Err(one_of("more than one")),
        (Some(target), _) => alias(target).map(Content::Alias),
        (None, Some(ttl)) if !set.resource_records.is_empty() => {
            if !(0..=MAX_TTL).contains(&ttl) {
                return Err(invalid_input(format!("Invalid TTL: {ttl}. It must be between 0 and {MAX_TTL}")));
            }
            let texts = set.resource_records.into_iter().map(|record| record.value.unwrap_or_default());
            let values = texts.map(|text| RecordValue::parse(kind, &text)).collect::<Result<_, _>>();
            values.map(|values| Content::Values { ttl: u32::try_from(ttl).unwrap_or_default(), values })
        }
        (None, _) => return Err(one_of("none")),
    };
    let name = name(&name_text).map_err(|why| fatal(why, &name_text))?;
    Ok(content.map(|content| RecordChange { action, name, kind, content }))
}

fn alias(target: wire::AliasTarget) -> Result<AliasTarget, ChangeProblem> {
    let text = target.dns_name.unwrap_or_default();
    let name = name(&text).map_err(|why| ChangeProblem::InvalidValue { problem: why.to_string(), value: text })?;
    let zone = target.hosted_zone_id.unwrap_or_default();
    let zone = zone.strip_prefix("/hostedzone/").unwrap_or(&zone).to_owned();
    Ok(AliasTarget { zone, name, evaluate_target_health: target.evaluate_target_health.unwrap_or_default() })
}

fn name(text: &str) -> Result<DomainName, NoDomainName> {
    DomainName::parse(text)
}

fn kind(text: &str) -> Result<RecordKind, WireError> {
    text.parse().map_err(|why: NoRecordKind| invalid_input(why.to_string()))
}

/// A name that is none.
fn fatal(why: NoDomainName, text: &str) -> WireError {
    WireError::new(400, "InvalidChangeBatch", format!("[FATAL problem: {why} encountered with '{text}']"))
}

/// A record set as answers show it.
fn shown(set: &RecordSet) -> wire::ResourceRecordSet {
    let (ttl, resource_records, alias_target) = match &set.content {
        Content::Values { ttl, values } => {
            let records = values.iter().map(|value| wire::ResourceRecord { value: Some(value.text.clone()) });
            (Some(i64::from(*ttl)), records.collect(), None)
        }
        Content::Alias(target) => (
            None,
            Vec::new(),
            Some(wire::AliasTarget {
                hosted_zone_id: Some(target.zone.clone()),
                dns_name: Some(target.name.with_dot()),
                evaluate_target_health: Some(target.evaluate_target_health),
            }),
        ),
    };
    wire::ResourceRecordSet { name: Some(set.name.with_dot()), type_: Some(set.kind.to_string()), ttl, resource_records, alias_target }
}
