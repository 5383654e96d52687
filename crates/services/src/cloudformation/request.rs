//! The parts that requests of several operations have.
use super::draft::Asked;
use super::errors::{constraint, invalid, unserved};
use crate::engine::clock;
use crate::request::RequestContext;
use crate::s3;
use std::collections::BTreeMap;
use vpclab_cloud::tag::user_tags;
use vpclab_cloud::{Stack, Tags};
use vpclab_template::{BODY_MAX, Given, TEXT_MAX, parse};
use vpclab_wire::{WireError, cloudformation as wire};

/// The template of a request: its text, or where it is.
///
/// # Errors
/// None or several of them, one that is too long, one that is not there.
pub async fn template(
    cx: &RequestContext,
    body: Option<String>,
    url: Option<String>,
    previous: Option<String>,
) -> Result<String, WireError> {
    match (body, url, previous) {
        (Some(body), None, None) if body.len() > BODY_MAX => {
            // AWS puts the whole text in the message.
            let constraint_text = format!("Member must have length less than or equal to {BODY_MAX}");
            let shown: String = body.chars().take(200).collect();
            Err(constraint(&format!("{shown}…"), "templateBody", &constraint_text))
        }
        (Some(body), None, None) => Ok(body),
        (None, Some(url), None) => at(cx, &url).await,
        (None, None, Some(previous)) => Ok(previous),
        (None, None, None) => Err(invalid("Either Template URL or Template Body must be specified.")),
        _ => Err(invalid("Specify exactly one of 'templateBody', 'templateUrl', 'usePreviousTemplate'.")),
    }
}

/// A text in S3, as the caller may read it.
///
/// # Errors
/// A URL that is none of S3's, an object that is not there or too long.
pub async fn at(cx: &RequestContext, url: &str) -> Result<String, WireError> {
    let place = s3::parse_s3_url(url).ok_or_else(|| invalid("TemplateURL must be a supported URL."))?;
    let limit = u64::try_from(TEXT_MAX).unwrap_or(u64::MAX);
    let read = s3::read_bytes(cx, &place.bucket, &place.key, place.version.as_deref(), limit).await;
    let bytes = read.map_err(|error| match error.code.as_ref() {
        "EntityTooLarge" => invalid(format!("Template may not exceed {TEXT_MAX} bytes in size.")),
        _ => {
            let more = "For more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html";
            invalid(format!("S3 error: {}\n{more}", error.message))
        }
    })?;
    String::from_utf8(bytes).map_err(|_| invalid("Template format error: the template is not UTF-8"))
}

/// The files that a template includes, by URL.
///
/// # Errors
/// One that is not there.
pub async fn files(cx: &RequestContext, template: &str) -> Result<BTreeMap<String, String>, WireError> {
    let mut files = BTreeMap::new();
    // Most templates have none: the text says so before it is parsed.
    if template.contains("AWS::Include") {
        let node = parse(template).map_err(|why| super::errors::template(&why))?;
        for url in super::transform::locations(&node) {
            let text = at(cx, &url).await?;
            files.insert(url, text);
        }
    }
    Ok(files)
}

/// Refuses what vpclab does not do about an operation.
///
/// # Errors
/// A parameter that is not served, by name.
pub fn refuse(arns: &[String], types: &[String], rollback: Option<&wire::RollbackConfiguration>) -> Result<(), WireError> {
    if !arns.is_empty() {
        return Err(unserved("NotificationARNs"));
    }
    if !types.is_empty() {
        return Err(unserved("ResourceTypes"));
    }
    if rollback.is_some_and(|rollback| !rollback.rollback_triggers.is_empty()) {
        return Err(unserved("RollbackConfiguration.RollbackTriggers"));
    }
    Ok(())
}

/// The parameters of a request; those with `UsePreviousValue` have the stack's.
///
/// # Errors
/// A parameter without a name or given twice.
pub fn parameters(given: Vec<wire::Parameter>, stack: Option<&Stack>) -> Result<BTreeMap<String, Given>, WireError> {
    let mut values = BTreeMap::new();
    for one in given {
        let key = one.parameter_key.ok_or_else(|| invalid("Parameter key is required"))?;
        let before = || stack.and_then(|stack| stack.spec.parameters.iter().find(|kept| kept.key == key)).map(|kept| kept.value.clone());
        let value = match (one.parameter_value, one.use_previous_value) {
            (None, Some(true)) => Given::Previous(before()),
            (Some(_), Some(true)) => {
                return Err(invalid(format!(
                    "Invalid input for parameter key {key}. Cannot specify usePreviousValue as true and non empty value for a parameter"
                )));
            }
            (value, _) => Given::Value(value.unwrap_or_default()),
        };
        if values.insert(key.clone(), value).is_some() {
            return Err(invalid(format!("Parameter {key} is specified more than once")));
        }
    }
    Ok(values)
}

/// The tags of a request.
///
/// # Errors
/// Tags that break the rules.
pub fn tags(given: Vec<wire::Tag>) -> Result<Tags, WireError> {
    let pairs = given.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
    user_tags(pairs).map_err(|why| invalid(why.to_string()))
}

/// Capabilities of a request.
///
/// # Errors
/// One that there is not.
pub fn capabilities(given: &[String]) -> Result<(), WireError> {
    let known = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"];
    match given.iter().find(|one| !known.contains(&one.as_str())) {
        None => Ok(()),
        Some(other) => {
            let all = "Member must satisfy constraint: [Member must satisfy enum value set: [CAPABILITY_IAM, CAPABILITY_NAMED_IAM, CAPABILITY_AUTO_EXPAND]]";
            Err(constraint(&format!("[{other}]"), "capabilities", all))
        }
    }
}

/// What is asked of a stack.
///
/// # Errors
/// As its parts.
pub async fn asked(
    cx: &RequestContext,
    template: String,
    parameters: BTreeMap<String, Given>,
    capabilities: Vec<String>,
    tags: Tags,
    role_arn: Option<String>,
) -> Result<Asked, WireError> {
    self::capabilities(&capabilities)?;
    let files = files(cx, &template).await?;
    Ok(Asked { template, parameters, capabilities, tags, role_arn, needs_auto_expand: true, processed: None, files, now: clock() })
}

/// A page of a list, by position.
///
/// # Errors
/// A token that is none.
pub fn page<T>(items: impl Iterator<Item = T>, token: Option<&str>, size: usize) -> Result<(Vec<T>, Option<String>), WireError> {
    let from: usize = match token {
        None => 0,
        Some(token) => token.parse().map_err(|_| invalid("NextToken is invalid"))?,
    };
    let mut items: Vec<T> = items.skip(from).take(size.saturating_add(1)).collect();
    let more = items.len() > size;
    items.truncate(size);
    Ok((items, more.then(|| from.saturating_add(size).to_string())))
}
