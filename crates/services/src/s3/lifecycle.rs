//! Lifecycle rules: judged, kept and shown. A lab does not run them; on AWS they act at midnight of the day after at the earliest.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html>
use super::errors::{Fault, invalid_argument, invalid_request, malformed};
use super::serve::S3Call;
use super::setting::{not_set, set, settings};
use super::tagging;
use std::collections::BTreeSet;
use vpclab_cloud::bucket::{Expiration, LifecycleFilter, LifecycleRule, Setting};
use vpclab_wire::{Timestamp, s3 as wire};

const MAX_RULES: usize = 1000;
const MAX_TAGS: usize = 10;

/// `GetBucketLifecycleConfiguration`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLifecycleConfiguration.html>
pub async fn get_bucket_lifecycle_configuration(
    call: &S3Call,
    input: wire::GetBucketLifecycleConfigurationRequest,
) -> Result<wire::GetBucketLifecycleConfigurationOutput, Fault> {
    let rules = settings(call, &input.bucket)?.lifecycle;
    if rules.is_empty() {
        return Err(not_set(Setting::Lifecycle));
    }
    Ok(wire::GetBucketLifecycleConfigurationOutput { rules: rules.into_iter().map(shown).collect() })
}

/// `PutBucketLifecycleConfiguration`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html>
pub async fn put_bucket_lifecycle_configuration(
    call: &S3Call,
    input: wire::PutBucketLifecycleConfigurationRequest,
) -> Result<wire::PutBucketLifecycleConfigurationOutput, Fault> {
    let sent = input.lifecycle_configuration.unwrap_or_default().rules;
    if sent.is_empty() || sent.len() > MAX_RULES {
        return Err(malformed());
    }
    let mut names = BTreeSet::new();
    let mut rules = Vec::with_capacity(sent.len());
    for (index, rule) in sent.into_iter().enumerate() {
        let rule = read(rule, index)?;
        if !names.insert(rule.id.clone()) {
            return Err(invalid_argument("Rule ID must be unique. Found same ID for more than one rule"));
        }
        rules.push(rule);
    }
    set(call, &input.bucket, |settings| {
        settings.lifecycle = rules;
        Ok(())
    })
    .await?;
    Ok(wire::PutBucketLifecycleConfigurationOutput::default())
}

/// `DeleteBucketLifecycle`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketLifecycle.html>
pub async fn delete_bucket_lifecycle(call: &S3Call, input: wire::DeleteBucketLifecycleRequest) -> Result<(), Fault> {
    set(call, &input.bucket, |settings| {
        settings.lifecycle.clear();
        Ok(())
    })
    .await
}

fn read(rule: wire::LifecycleRule, index: usize) -> Result<LifecycleRule, Fault> {
    let enabled = match rule.status.as_deref() {
        Some("Enabled") => true,
        Some("Disabled") => false,
        _ => return Err(malformed()),
    };
    let days = |days: Option<i32>, what: &str| match days {
        Some(days) if days < 1 => Err(invalid_argument(format!("'{what}' for Expiration action must be a positive integer"))),
        days => Ok(days),
    };
    let expiration = match rule.expiration {
        None => None,
        Some(wire::LifecycleExpiration { days: Some(count), date: None, expired_object_delete_marker: None }) => {
            days(Some(count), "Days")?.map(Expiration::Days)
        }
        Some(wire::LifecycleExpiration { days: None, date: Some(date), expired_object_delete_marker: None }) => {
            if date.0.rem_euclid(86_400_000) != 0 {
                return Err(invalid_argument("'Date' must be at midnight GMT"));
            }
            Some(Expiration::Date(date.0))
        }
        Some(wire::LifecycleExpiration { days: None, date: None, expired_object_delete_marker: Some(set) }) => {
            Some(Expiration::DeleteMarkers(set))
        }
        Some(_) => return Err(malformed()),
    };
    let noncurrent_expiration = match rule.noncurrent_version_expiration {
        None => None,
        Some(noncurrent) => Some((days(noncurrent.noncurrent_days, "NoncurrentDays")?, noncurrent.newer_noncurrent_versions)),
    };
    let abort_uploads_after = match rule.abort_incomplete_multipart_upload {
        None => None,
        Some(abort) => Some(days(abort.days_after_initiation, "DaysAfterInitiation")?.ok_or_else(malformed)?),
    };
    if expiration.is_none() && noncurrent_expiration.is_none() && abort_uploads_after.is_none() {
        return Err(invalid_request("At least one action needs to be specified in a rule"));
    }
    if rule.filter.is_some() == rule.prefix.is_some() {
        return Err(malformed());
    }
    Ok(LifecycleRule {
        id: rule.id.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("rule-{}", index + 1)),
        enabled,
        prefix: rule.prefix,
        filter: rule.filter.map(filter).transpose()?,
        expiration,
        noncurrent_expiration,
        abort_uploads_after,
    })
}

fn filter(filter: wire::LifecycleRuleFilter) -> Result<LifecycleFilter, Fault> {
    let one = usize::from(filter.prefix.is_some())
        + usize::from(filter.tag.is_some())
        + usize::from(filter.object_size_greater_than.is_some())
        + usize::from(filter.object_size_less_than.is_some());
    match (filter.and, one) {
        (Some(and), 0) => Ok(LifecycleFilter {
            and: true,
            prefix: and.prefix,
            tags: tagging::tags(and.tags, MAX_TAGS)?,
            larger: and.object_size_greater_than,
            smaller: and.object_size_less_than,
        }),
        (None, 0 | 1) => Ok(LifecycleFilter {
            and: false,
            prefix: filter.prefix,
            tags: tagging::tags(filter.tag.into_iter().collect(), MAX_TAGS)?,
            larger: filter.object_size_greater_than,
            smaller: filter.object_size_less_than,
        }),
        _ => Err(malformed()),
    }
}

fn shown(rule: LifecycleRule) -> wire::LifecycleRule {
    let expiration = rule.expiration.map(|expiration| match expiration {
        Expiration::Days(days) => wire::LifecycleExpiration { days: Some(days), ..Default::default() },
        Expiration::Date(date) => wire::LifecycleExpiration { date: Some(Timestamp(date)), ..Default::default() },
        Expiration::DeleteMarkers(set) => wire::LifecycleExpiration { expired_object_delete_marker: Some(set), ..Default::default() },
    });
    wire::LifecycleRule {
        id: Some(rule.id),
        status: Some(if rule.enabled { "Enabled" } else { "Disabled" }.to_owned()),
        prefix: rule.prefix,
        filter: rule.filter.map(shown_filter),
        expiration,
        noncurrent_version_expiration: rule.noncurrent_expiration.map(|(noncurrent_days, newer_noncurrent_versions)| {
            wire::NoncurrentVersionExpiration { noncurrent_days, newer_noncurrent_versions }
        }),
        abort_incomplete_multipart_upload: rule
            .abort_uploads_after
            .map(|days| wire::AbortIncompleteMultipartUpload { days_after_initiation: Some(days) }),
        ..Default::default()
    }
}

fn shown_filter(filter: LifecycleFilter) -> wire::LifecycleRuleFilter {
    let tags = tagging::shown(&filter.tags);
    if filter.and {
        let and = wire::LifecycleRuleAndOperator {
            prefix: filter.prefix,
            tags,
            object_size_greater_than: filter.larger,
            object_size_less_than: filter.smaller,
        };
        return wire::LifecycleRuleFilter { and: Some(and), ..Default::default() };
    }
    wire::LifecycleRuleFilter {
        prefix: filter.prefix,
        tag: tags.into_iter().next(),
        object_size_greater_than: filter.larger,
        object_size_less_than: filter.smaller,
        ..Default::default()
    }
}
