//! The lifecycle rules of a bucket.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-s3-bucket-rule.html>
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::Failure;
use std::collections::BTreeMap;
use vpclab_cloud::bucket::{Expiration, LifecycleFilter, LifecycleRule};

pub(super) fn rules(properties: &Properties<'_>) -> Result<Vec<LifecycleRule>, Failure> {
    let Some(given) = properties.object("LifecycleConfiguration")? else { return Ok(Vec::new()) };
    given.objects("Rules")?.into_iter().enumerate().map(|(index, rule)| read(&rule, index)).collect()
}

fn read(rule: &Properties<'_>, index: usize) -> Result<LifecycleRule, Failure> {
    let days = rule.number("ExpirationInDays")?;
    let markers = rule.truth("ExpiredObjectDeleteMarker")?;
    let noncurrent = match rule.object("NoncurrentVersionExpiration")? {
        Some(given) => Some((given.number("NoncurrentDays")?, given.number("NewerNoncurrentVersions")?)),
        None => rule.number("NoncurrentVersionExpirationInDays")?.map(|days| (Some(days), None)),
    };
    let abort = rule.object("AbortIncompleteMultipartUpload")?.map_or(Ok(None), |given| given.number("DaysAfterInitiation"))?;
    if days.is_none() && markers.is_none() && noncurrent.is_none() && abort.is_none() {
        return Err(Failure::invalid("At least one action needs to be specified in a rule"));
    }
    Ok(LifecycleRule {
        id: rule.text("Id")?.unwrap_or_else(|| format!("rule-{}", index + 1)),
        enabled: rule.required("Status")? == "Enabled",
        prefix: None,
        filter: Some(filter(rule)?),
        expiration: days.map(Expiration::Days).or(markers.map(Expiration::DeleteMarkers)),
        noncurrent_expiration: noncurrent,
        abort_uploads_after: abort,
    })
}

fn filter(rule: &Properties<'_>) -> Result<LifecycleFilter, Failure> {
    let tag = |tag: Properties<'_>| Ok((tag.required("Key")?, tag.text("Value")?.unwrap_or_default()));
    let tags: BTreeMap<_, _> = rule.objects("TagFilters")?.into_iter().map(tag).collect::<Result<_, Failure>>()?;
    let (prefix, larger, smaller) = (rule.text("Prefix")?, rule.number("ObjectSizeGreaterThan")?, rule.number("ObjectSizeLessThan")?);
    let conditions = usize::from(prefix.is_some()) + usize::from(larger.is_some()) + usize::from(smaller.is_some()) + tags.len();
    Ok(LifecycleFilter { and: conditions > 1, prefix, tags, larger, smaller })
}
