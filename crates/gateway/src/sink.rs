//! Access and execution logs of stages, as lines for whoever keeps them.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>
use crate::fate::Fate;
use crate::gateway_response::Worded;
use crate::log::{HIDDEN, is_credential};
use crate::told::Told;
use crate::view::StageView;
use http::HeaderMap;
use vpclab_cloud::stage::{LoggingLevel, MethodSettings};
use vpclab_functions::FunctionFault;

/// An event of an execution log is cut at this length.
const EVENT_MAX: usize = 1_024;

/// Lines for one stream of a log group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLines {
    /// The account of the group.
    pub account: String,
    /// Its region.
    pub region: String,
    /// The group's name.
    pub group: String,
    /// The stream's name.
    pub stream: String,
    /// Milliseconds since 1970.
    pub at: u64,
    /// The lines.
    pub lines: Vec<String>,
}

/// Keeps lines. It must not wait: a request is on its way.
pub trait LogSink: Send + Sync {
    /// Takes lines; what it has no room for it drops.
    fn write(&self, lines: LogLines);
}

/// How a request ended, for its logs.
pub(crate) struct Ended<'a> {
    pub(crate) told: &'a Told<'a>,
    pub(crate) stage: &'a StageView,
    pub(crate) fate: &'a Fate,
    pub(crate) worded: Option<&'a Worded>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

impl Ended<'_> {
    /// Writes what the stage asks to be logged.
    pub(crate) fn write(&self, sink: &dyn LogSink) {
        let call = self.told.routed.call;
        let lines_to = |group: String, lines: Vec<String>| LogLines {
            account: call.api.account.clone(),
            region: call.api.region.clone(),
            stream: stream(&call.api.id, &self.stage.name),
            at: call.now,
            group,
            lines,
        };
        if let Some((group, format)) = &self.stage.kept {
            sink.write(lines_to(group.clone(), vec![format.render(self.told, "-")]));
        }
        let routed = &self.told.routed;
        if let Some(settings) = self.stage.method_settings(routed.resource_path, routed.method) {
            let lines = self.execution(settings);
            if !lines.is_empty() {
                sink.write(lines_to(format!("API-Gateway-Execution-Logs_{}/{}", call.api.id, self.stage.name), lines));
            }
        }
    }

    fn execution(&self, settings: &MethodSettings) -> Vec<String> {
        let (told, call) = (self.told, self.told.routed.call);
        let info = settings.logging == LoggingLevel::Info;
        let trace = info && settings.data_trace_enabled;
        let failure = failure(self.fate, told);
        if settings.logging == LoggingLevel::Off || (!info && failure.is_none()) {
            return Vec::new();
        }
        let mut lines = vec![format!("Extended Request Id: {}", call.id.gateway_id())];
        if info {
            lines.push(format!("Starting execution for request: {}", call.id.uuid()));
            lines.push(format!("HTTP Method: {}, Resource Path: {}", call.method, call.path));
        }
        if trace {
            let pairs = |pairs: Vec<(String, String)>| {
                let list: Vec<String> = pairs.into_iter().map(|(name, value)| pair(&name, &value)).collect();
                format!("{{{}}}", list.join(", "))
            };
            let path = told.routed.path_parameters.iter().map(|(name, value)| ((*name).to_owned(), value.to_string()));
            lines.push(format!("Method request path: {}", pairs(path.collect())));
            let query = call.query().map(|(name, value)| (name.into_owned(), value.into_owned()));
            lines.push(format!("Method request query string: {}", pairs(query.collect())));
            lines.push(format!("Method request headers: {}", pairs(texts(&call.parts.headers))));
            let body = told.trail.body.get().map(|body| String::from_utf8_lossy(body));
            lines.push(format!("Method request body before transformations: {}", body.unwrap_or_default()));
        }
        if info && let Some(done) = told.trail.integration.get() {
            let status = done.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
            lines.push(format!("Received response. Status: {status}, Integration latency: {} ms", done.latency.as_millis()));
        }
        if let Some(text) = &failure {
            lines.push(text.clone());
        }
        if let (Some(worded), true) = (self.worded, info) {
            let kind = told.error.as_ref().map_or("-", |error| error.response_type);
            lines.push(format!("Gateway response type: {kind} with status code: {}", worded.status.as_u16()));
            lines.push(format!("Gateway response body: {}", String::from_utf8_lossy(&worded.body)));
        } else if trace {
            lines.push(format!("Method response body after transformations: {}", String::from_utf8_lossy(self.body)));
            let list: Vec<String> = texts(self.headers).into_iter().map(|(name, value)| pair(&name, &value)).collect();
            lines.push(format!("Method response headers: {{{}}}", list.join(", ")));
        }
        if info && failure.is_none() {
            lines.push("Successfully completed execution".to_owned());
        }
        lines.push(format!("Method completed with status: {}", told.answer.map_or(0, |answer| answer.status)));
        let id = call.id.uuid();
        lines.into_iter().map(|line| cut(format!("({id}) {line}"))).collect()
    }
}

/// What an execution log says of a failure; a deliberate answer is none.
fn failure(fate: &Fate, told: &Told<'_>) -> Option<String> {
    const CONFIGURATION: &str = "Execution failed due to configuration error:";
    Some(match fate {
        Fate::Answered { .. } => return None,
        Fate::Misconfigured(why) => format!("{CONFIGURATION} {why}"),
        Fate::Function(FunctionFault::NotPermitted(_)) => format!("{CONFIGURATION} Invalid permissions on Lambda function"),
        Fate::Function(fault) => format!("{CONFIGURATION} {fault}"),
        Fate::FunctionFailed(text) => format!("Lambda execution failed with status 200 due to customer function error: {text}"),
        Fate::Malformed(why) => format!("{CONFIGURATION} Malformed Lambda proxy response ({why})"),
        Fate::IntegrationTimeout => "Execution failed due to a timeout error".to_owned(),
        other => told.error.as_ref().and_then(|error| error.message.clone()).unwrap_or_else(|| other.to_string()),
    })
}

/// `name=value`, without the value of a credential: execution logs are redacted.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>
fn pair(name: &str, value: &str) -> String {
    format!("{name}={}", if is_credential(name) { HIDDEN } else { value })
}

fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect()
}

fn cut(mut line: String) -> String {
    const MARK: &str = " [TRUNCATED]";
    if line.len() > EVENT_MAX {
        let mut end = EVENT_MAX - MARK.len();
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        line.truncate(end);
        line.push_str(MARK);
    }
    line
}

/// A name of 32 hexadecimal digits, one for each stage, as API Gateway's streams have.
fn stream(api: &str, stage: &str) -> String {
    let digest = |seed: u64| {
        let bytes = api.bytes().chain([b'/']).chain(stage.bytes());
        bytes.fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    };
    format!("{:016x}{:016x}", digest(0xcbf2_9ce4_8422_2325), digest(0x6c62_272e_07bb_0142))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_redacted() {
        assert_eq!(pair("X-Amz-Security-Token", "T"), "X-Amz-Security-Token=*****");
        assert_eq!((pair("authorization", "AWS4-…"), pair("host", "h")), ("authorization=*****".to_owned(), "host=h".to_owned()));
    }

    #[test]
    fn long_events_are_cut_between_characters() {
        assert_eq!(cut("short".into()), "short");
        let long = cut("ä".repeat(EVENT_MAX));
        assert!(long.len() <= EVENT_MAX && long.ends_with("ä [TRUNCATED]"));
        assert_eq!(stream("a", "b").len(), 32);
    }
}
