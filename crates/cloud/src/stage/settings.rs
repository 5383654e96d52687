//! Settings of a stage beside what it serves: logs, tracing, and settings of its methods.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/api/API_MethodSetting.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>
use super::Stage;
use crate::rest_api::bad_request;
use crate::{Cloud, Context, Refusal, Scope};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// The key of the settings of all methods that have none of their own.
pub const ALL_METHODS: &str = "*/*";
/// How many methods have settings of their own: as many as an API has methods at most.
const METHOD_SETTINGS_MAX: usize = 3_000;
/// The longest format of access logs, in bytes.
const FORMAT_MAX: usize = 3_072;

/// Settings of a stage that act at once, without a deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageSettings {
    /// `tracingEnabled`: kept and shown, without effect, for a lab has no X-Ray.
    #[serde(default)]
    pub tracing_enabled: bool,
    /// Where access logs go, and how.
    #[serde(default)]
    pub access_log: AccessLog,
    /// Settings of methods by `{resourcePath}/{httpMethod}`, in which `*/*` stands for all.
    #[serde(default)]
    pub methods: BTreeMap<String, MethodSettings>,
}

/// `accessLogSettings`; on when the destination is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessLog {
    /// The ARN of a log group.
    pub destination: Option<String>,
    /// A line with `$context` variables.
    pub format: Option<String>,
}

/// How much of a method's execution is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LoggingLevel {
    /// `OFF`
    #[default]
    Off,
    /// `ERROR`
    Error,
    /// `INFO`
    Info,
}

/// Settings of a method in a stage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodSettings {
    /// `metricsEnabled`: kept and shown, without effect, for a lab has no metrics.
    pub metrics_enabled: bool,
    /// `loggingLevel`
    pub logging: LoggingLevel,
    /// `dataTraceEnabled`: headers and bodies are logged too.
    pub data_trace_enabled: bool,
    /// `throttlingBurstLimit`; none is the account's.
    pub burst_limit: Option<u32>,
    /// `throttlingRateLimit` in thousandths of a request a second; none is the account's.
    pub rate_limit_milli: Option<u64>,
}

/// One change of a method's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MethodSettingEdit {
    /// `metrics/enabled`
    Metrics(bool),
    /// `logging/loglevel`
    Logging(LoggingLevel),
    /// `logging/dataTrace`
    DataTrace(bool),
    /// `throttling/burstLimit`
    BurstLimit(Option<u32>),
    /// `throttling/rateLimit`, in thousandths
    RateLimit(Option<u64>),
    /// What is off already.
    Nothing,
}

impl LoggingLevel {
    /// `OFF`, `ERROR`, `INFO`
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "OFF",
            Self::Error => "ERROR",
            Self::Info => "INFO",
        }
    }

    /// The level of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Off, Self::Error, Self::Info].into_iter().find(|level| level.as_str() == text)
    }
}

impl AccessLog {
    /// The log group that the destination names.
    #[must_use]
    pub fn group(&self) -> Option<&str> {
        group_of(self.destination.as_deref()?)
    }
}

impl MethodSettings {
    /// Changes one of them.
    pub fn apply(&mut self, edit: MethodSettingEdit) {
        match edit {
            MethodSettingEdit::Metrics(on) => self.metrics_enabled = on,
            MethodSettingEdit::Logging(level) => self.logging = level,
            MethodSettingEdit::DataTrace(on) => self.data_trace_enabled = on,
            MethodSettingEdit::BurstLimit(limit) => self.burst_limit = limit,
            MethodSettingEdit::RateLimit(limit) => self.rate_limit_milli = limit,
            MethodSettingEdit::Nothing => {}
        }
    }
}

impl StageSettings {
    /// The settings of a method: its own, else those of all.
    #[must_use]
    pub fn of(&self, resource_path: &str, method: &str) -> Option<&MethodSettings> {
        self.methods.get(&format!("{resource_path}/{method}")).or_else(|| self.methods.get(ALL_METHODS))
    }

    /// Changes a setting of a method; one that had none of its own starts with those of all.
    pub fn edit_method(&mut self, key: &str, edit: MethodSettingEdit) {
        let all = self.methods.get(ALL_METHODS).cloned().unwrap_or_default();
        self.methods.entry(key.to_owned()).or_insert(all).apply(edit);
    }

    /// Whether something is written to logs.
    fn logs(&self) -> bool {
        self.access_log.destination.is_some() || self.methods.values().any(|method| method.logging != LoggingLevel::Off)
    }

    fn check(&self, scope: &Scope) -> Result<(), Refusal> {
        if self.methods.len() > METHOD_SETTINGS_MAX {
            return Err(bad_request(format!("A stage can have settings of at most {METHOD_SETTINGS_MAX} methods")));
        }
        let AccessLog { destination, format } = &self.access_log;
        let Some(destination) = destination else { return Ok(()) };
        if destination.starts_with("arn:aws:firehose:") {
            return Err(bad_request("vpclab does not serve access logs to Amazon Data Firehose yet; name a log group"));
        }
        let start = format!("arn:aws:logs:{}:{}:log-group:", scope.region, scope.account);
        if !destination.starts_with(&start) || group_of(destination).is_none() {
            return Err(bad_request(format!(
                "Invalid ARN specified in the request. ARNs must start with '{start}' and must name a log group in the same account and region as \
                 the API"
            )));
        }
        let Some(format) = format else { return Ok(()) };
        let body = format.strip_suffix('\n').unwrap_or(format);
        if body.contains('\n') {
            return Err(bad_request("Access Log format must be single line, new line character is allowed only at end of the format"));
        }
        if format.len() > FORMAT_MAX {
            return Err(bad_request(format!("Access Log format must be at most {FORMAT_MAX} bytes")));
        }
        if !["$context.requestId", "$context.extendedRequestId"].iter().any(|variable| format.contains(variable)) {
            return Err(bad_request("Access Log format must contain at least $context.requestId or $context.extendedRequestId"));
        }
        Ok(())
    }
}

/// What API Gateway has of an account in a region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiAccount {
    /// `cloudwatchRoleArn`: without it no stage logs.
    pub cloudwatch_role: Option<String>,
}

impl Cloud {
    /// The account's settings.
    #[must_use]
    pub fn api_account(&self, scope: &Scope) -> ApiAccount {
        self.api_accounts.get(scope).map(|account| ApiAccount::clone(account)).unwrap_or_default()
    }

    /// Says with which role API Gateway writes logs; none takes it away.
    ///
    /// # Errors
    /// When it is not the ARN of a role.
    pub fn set_api_cloudwatch_role(&mut self, cx: &mut Context, role: Option<String>) -> Result<(), Refusal> {
        let legal = |arn: &str| {
            let rest = arn.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(":role/"));
            rest.is_some_and(|(account, name)| account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()) && !name.is_empty())
        };
        match role {
            Some(arn) if !legal(&arn) => return Err(bad_request(format!("Invalid ARN specified in the request: {arn}"))),
            Some(arn) => drop(self.api_accounts.insert(cx.scope.clone(), Arc::new(ApiAccount { cloudwatch_role: Some(arn) }))),
            None => drop(self.api_accounts.remove(&cx.scope)),
        }
        Ok(())
    }

    /// Whether a stage's settings are legal; `before` are those it had.
    pub(super) fn check_stage_settings(&self, cx: &Context, before: Option<&Stage>, stage: &Stage) -> Result<(), Refusal> {
        stage.settings.check(&cx.scope)?;
        let logged = before.is_some_and(|stage| stage.settings.logs());
        if stage.settings.logs() && !logged && self.api_account(&cx.scope).cloudwatch_role.is_none() {
            return Err(bad_request("CloudWatch Logs role ARN must be set in account settings to enable logging"));
        }
        Ok(())
    }
}

/// `arn:aws:logs:{region}:{account}:log-group:{name}`, with or without `:*` behind it.
fn group_of(arn: &str) -> Option<&str> {
    let name = arn.splitn(7, ':').nth(6)?;
    let name = name.strip_suffix(":*").unwrap_or(name);
    (!name.is_empty() && !name.contains(':')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_starts_with_the_settings_of_all() {
        let mut settings = StageSettings::default();
        assert_eq!(settings.of("/pets", "GET"), None);
        settings.edit_method(ALL_METHODS, MethodSettingEdit::Logging(LoggingLevel::Info));
        settings.edit_method("/pets/GET", MethodSettingEdit::BurstLimit(Some(1)));
        let own = settings.of("/pets", "GET").unwrap();
        assert_eq!((own.logging, own.burst_limit), (LoggingLevel::Info, Some(1)));
        assert_eq!(settings.of("/pets", "POST").unwrap().burst_limit, None);
    }

    #[test]
    fn access_logs_name_a_group_and_a_request() {
        let scope = crate::fixture::scope("1/ap-northeast-2");
        let with = |destination: &str, format: &str| {
            let access_log = AccessLog { destination: Some(destination.into()), format: Some(format.into()) };
            StageSettings { access_log, ..StageSettings::default() }.check(&scope)
        };
        let arn = format!("arn:aws:logs:{}:{}:log-group:/api/access", scope.region, scope.account);
        assert_eq!(with(&arn, "$context.requestId"), Ok(()));
        assert_eq!(with(&format!("{arn}:*"), "$context.extendedRequestId\n"), Ok(()));
        assert!(with(&arn, "$context.status").is_err());
        assert!(with(&arn, "$context.requestId\n$context.status").is_err());
        assert!(with("arn:aws:logs:eu-west-1:1:log-group:x", "$context.requestId").is_err());
        let log = AccessLog { destination: Some(format!("{arn}:*")), format: None };
        assert_eq!(log.group(), Some("/api/access"));
    }
}
