//! CloudWatch log groups. Their streams and events are no records: the store keeps them apart.
use crate::{Cloud, Context, Refusal, Scope, Tags, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most log groups of an account in a region.
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
pub const MAX_GROUPS: usize = 10_000;
/// The days for which events can be kept.
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
pub const RETENTION_DAYS: &[u32] =
    &[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// A log group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroup {
    /// Its account and region.
    pub scope: Scope,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// For how many days events are kept; `None` is for ever.
    pub retention_days: Option<u32>,
    /// Its tags.
    pub tags: Tags,
}

impl LogGroup {
    /// `arn:aws:logs:REGION:ACCOUNT:log-group:NAME`, without the `:*` that some answers put behind it.
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:logs:{}:{}:log-group:{}", self.scope.region, self.scope.account, self.name)
    }
}

/// Why an operation on log groups was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogsRefusal {
    /// A group of that name is there.
    #[error("The specified log group already exists")]
    GroupExists,
    /// No such group.
    #[error("The specified log group does not exist.")]
    GroupNotFound,
    /// Too many groups.
    #[error("Resource limit exceeded.")]
    Limit,
    /// A parameter that cannot be.
    #[error("{0}")]
    Invalid(String),
}

impl Cloud {
    /// A log group of an account in a region.
    ///
    /// # Errors
    /// When there is none.
    pub fn log_group(&self, scope: &Scope, name: &str) -> Result<&Arc<LogGroup>, Refusal> {
        Ok(self.log_groups.get(&(scope.clone(), name.to_owned())).ok_or(LogsRefusal::GroupNotFound)?)
    }

    /// The log groups of an account in a region, by name.
    pub fn log_groups_of(&self, scope: &Scope) -> impl Iterator<Item = &Arc<LogGroup>> {
        let scope = scope.clone();
        self.log_groups.range((scope.clone(), String::new())..).take_while(move |((of, _), _)| *of == scope).map(|(_, group)| group)
    }

    /// `CreateLogGroup`.
    ///
    /// # Errors
    /// A name that cannot be, one that is taken, or too many groups.
    pub fn create_log_group(&mut self, cx: &mut Context, name: &str, retention_days: Option<u32>, tags: Tags) -> Result<(), Refusal> {
        check_name(name)?;
        check_retention(retention_days)?;
        let key = (cx.scope.clone(), name.to_owned());
        if self.log_groups.contains_key(&key) {
            return Err(LogsRefusal::GroupExists.into());
        }
        if self.log_groups_of(&cx.scope).count() >= MAX_GROUPS {
            return Err(LogsRefusal::Limit.into());
        }
        let group = LogGroup { scope: cx.scope.clone(), name: name.to_owned(), created: cx.now, retention_days, tags };
        self.log_groups.insert(key, Arc::new(group));
        Ok(())
    }

    /// `DeleteLogGroup`; its events go with it.
    ///
    /// # Errors
    /// When there is none.
    pub fn delete_log_group(&mut self, cx: &mut Context, name: &str) -> Result<(), Refusal> {
        match self.log_groups.remove(&(cx.scope.clone(), name.to_owned())) {
            Some(_) => Ok(()),
            None => Err(LogsRefusal::GroupNotFound.into()),
        }
    }

    /// `PutRetentionPolicy`, or `DeleteRetentionPolicy` with `None`.
    ///
    /// # Errors
    /// An unknown group, or a number of days that AWS does not offer.
    pub fn set_log_retention(&mut self, cx: &mut Context, name: &str, days: Option<u32>) -> Result<(), Refusal> {
        check_retention(days)?;
        self.edit_log_group(&cx.scope, name, |group| group.retention_days = days)
    }

    /// Changes the tags of a group.
    ///
    /// # Errors
    /// An unknown group, or more than 50 tags.
    pub fn edit_log_group_tags(&mut self, cx: &mut Context, name: &str, edit: impl FnOnce(&mut Tags)) -> Result<(), Refusal> {
        let mut tags = self.log_group(&cx.scope, name)?.tags.clone();
        edit(&mut tags);
        if tags.keys().filter(|key| !key.starts_with("aws:")).count() > 50 {
            return Err(LogsRefusal::Invalid("A resource can have at most 50 tags".to_owned()).into());
        }
        self.edit_log_group(&cx.scope, name, |group| group.tags = tags)
    }

    fn edit_log_group(&mut self, scope: &Scope, name: &str, edit: impl FnOnce(&mut LogGroup)) -> Result<(), Refusal> {
        let group = self.log_groups.get_mut(&(scope.clone(), name.to_owned())).ok_or(LogsRefusal::GroupNotFound)?;
        edit(Arc::make_mut(group));
        Ok(())
    }
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let legal = |c: char| c.is_ascii_alphanumeric() || ".-_/#".contains(c);
    if (1..=512).contains(&name.len()) && name.chars().all(legal) {
        return Ok(());
    }
    Err(LogsRefusal::Invalid(format!(
        "1 validation error detected: Value '{name}' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression \
         pattern: [\\.\\-_/#A-Za-z0-9]+"
    ))
    .into())
}

fn check_retention(days: Option<u32>) -> Result<(), Refusal> {
    match days {
        Some(days) if !RETENTION_DAYS.contains(&days) => {
            let legal: Vec<String> = RETENTION_DAYS.iter().map(u32::to_string).collect();
            Err(LogsRefusal::Invalid(format!(
                "1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value \
                 set: [{}]",
                legal.join(", ")
            ))
            .into())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Lab, scope};

    #[test]
    fn groups_are_made_once_and_belong_to_a_scope() {
        let Lab { mut cloud, mut cx } = Lab::new();
        cloud.create_log_group(&mut cx, "/aws/lambda/f", Some(7), Tags::new()).unwrap();
        assert_eq!(cloud.create_log_group(&mut cx, "/aws/lambda/f", None, Tags::new()), Err(LogsRefusal::GroupExists.into()));
        assert!(cloud.create_log_group(&mut cx, "a b", None, Tags::new()).is_err());
        assert!(cloud.set_log_retention(&mut cx, "/aws/lambda/f", Some(2)).is_err());
        cloud.set_log_retention(&mut cx, "/aws/lambda/f", None).unwrap();
        assert_eq!(cloud.log_group(&cx.scope, "/aws/lambda/f").unwrap().retention_days, None);
        let mut other = Lab::new().cx;
        other.scope = scope("1/us-west-2");
        assert_eq!(cloud.delete_log_group(&mut other, "/aws/lambda/f"), Err(LogsRefusal::GroupNotFound.into()));
        cloud.delete_log_group(&mut cx, "/aws/lambda/f").unwrap();
        assert_eq!(cloud.log_groups_of(&cx.scope).count(), 0);
    }
}
