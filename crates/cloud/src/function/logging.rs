//! In which form and how much a function writes to its log.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html>
use super::check::{constraint, invalid};
use crate::Refusal;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Names that AWS gives to the values of an enum, in the order of the enum.
macro_rules! named {
    ($kind:ident, $member:literal, $($value:ident = $name:literal),+) => {
        impl $kind {
            /// AWS's name for it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$value => $name),+ }
            }
        }

        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $kind {
            type Err = Refusal;

            fn from_str(text: &str) -> Result<Self, Refusal> {
                match text {
                    $($name => Ok(Self::$value),)+
                    _ => Err(constraint(text, $member, format_args!("satisfy enum value set: [{}]", [$($name),+].join(", ")))),
                }
            }
        }
    };
}

/// `ApplicationLogLevel`: of what the function's own code writes; what is less is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "AWS's names")]
pub enum ApplicationLogLevel {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

named!(
    ApplicationLogLevel,
    "loggingConfig.applicationLogLevel",
    Trace = "TRACE",
    Debug = "DEBUG",
    Info = "INFO",
    Warn = "WARN",
    Error = "ERROR",
    Fatal = "FATAL"
);

/// `SystemLogLevel`: of what Lambda writes about the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "AWS's names")]
pub enum SystemLogLevel {
    Debug,
    Info,
    Warn,
}

named!(SystemLogLevel, "loggingConfig.systemLogLevel", Debug = "DEBUG", Info = "INFO", Warn = "WARN");

/// `LogFormat`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines as they come.
    Text,
    /// An object a line.
    Json,
}

named!(LogFormat, "loggingConfig.logFormat", Text = "Text", Json = "JSON");

/// What is kept of a log in the format JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JsonLog {
    /// Of the function's own lines.
    pub application: ApplicationLogLevel,
    /// Of Lambda's lines.
    pub system: SystemLogLevel,
}

impl Default for JsonLog {
    fn default() -> Self {
        Self { application: ApplicationLogLevel::Info, system: SystemLogLevel::Info }
    }
}

/// `LoggingConfig` as a request says it; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggingChange {
    /// `LogFormat`
    pub format: Option<LogFormat>,
    /// `ApplicationLogLevel`
    pub application: Option<ApplicationLogLevel>,
    /// `SystemLogLevel`
    pub system: Option<SystemLogLevel>,
    /// `LogGroup`
    pub group: Option<String>,
}

impl LoggingChange {
    /// Reads its words.
    ///
    /// # Errors
    /// A word that is none of AWS's.
    pub fn parse(format: Option<&str>, application: Option<&str>, system: Option<&str>, group: Option<String>) -> Result<Self, Refusal> {
        Ok(Self {
            format: format.map(str::parse).transpose()?,
            application: application.map(str::parse).transpose()?,
            system: system.map(str::parse).transpose()?,
            group,
        })
    }

    /// The levels after the change; none in the format Text, which has no levels.
    pub(super) fn levels(&self, before: Option<JsonLog>) -> Result<Option<JsonLog>, Refusal> {
        let format = self.format.unwrap_or(if before.is_some() { LogFormat::Json } else { LogFormat::Text });
        if format == LogFormat::Text {
            if self.application.is_some() || self.system.is_some() {
                return Err(invalid(
                    "LogLevel is not supported when LogFormat is set to \"Text\". Remove LogLevel from your request or change the \
                     LogFormat to \"JSON\" and try again.",
                ));
            }
            return Ok(None);
        }
        let before = before.unwrap_or_default();
        Ok(Some(JsonLog { application: self.application.unwrap_or(before.application), system: self.system.unwrap_or(before.system) }))
    }
}
