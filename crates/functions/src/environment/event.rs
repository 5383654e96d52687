//! What Lambda writes of a function's life, as text and as JSON.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html>
use super::report::{Wrong, report};
use crate::version::FunctionVersion;
use serde_json::{Map, Value, json};
use std::time::Duration;
use vpclab_cloud::function::SystemLogLevel;

const MB: u64 = 1 << 20;

/// How something ended: well, or with AWS's word for the error.
pub(super) type Ended<'a> = Result<(), &'a str>;

pub(super) enum Event<'a> {
    /// An environment starts.
    InitStart,
    /// Its program asked for a first event, or told why it cannot.
    InitDone { took: Duration, ended: Ended<'a> },
    /// The program gets an event.
    Start { id: &'a str },
    /// Something went wrong that only Lambda can tell.
    Wrong { id: &'a str, wrong: Wrong },
    /// The program has done with an event, or its time was over.
    RuntimeDone { id: &'a str, took: Duration, status: Status<'a>, produced: usize },
    /// What it took.
    Report { id: &'a str, took: Duration, init: Option<Duration>, used: u64, wrong: Option<Wrong>, status: Status<'a> },
}

/// How an invocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status<'a> {
    Success,
    TimedOut,
    /// With AWS's or the program's own word for the error.
    Error(&'a str),
}

impl Status<'_> {
    fn put(self, record: &mut Map<String, Value>) {
        let word = match self {
            Self::Success => "success",
            Self::TimedOut => "timeout",
            Self::Error(_) => "error",
        };
        record.insert("status".to_owned(), json!(word));
        if let Self::Error(kind) = self {
            record.insert("errorType".to_owned(), json!(kind));
        }
    }
}

fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

impl Event<'_> {
    /// From which level on it is written.
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>, "System log level event mapping"
    pub(super) fn level(&self) -> SystemLogLevel {
        match self {
            Self::InitDone { ended: Ok(()), .. } | Self::RuntimeDone { status: Status::Success, .. } => SystemLogLevel::Debug,
            Self::InitStart | Self::Start { .. } | Self::Report { status: Status::Success, .. } => SystemLogLevel::Info,
            Self::InitDone { .. } | Self::Wrong { .. } | Self::RuntimeDone { .. } | Self::Report { .. } => SystemLogLevel::Warn,
        }
    }

    /// The lines of the format Text, if it has any.
    pub(super) fn text(&self, function: &FunctionVersion) -> Option<String> {
        match self {
            Self::InitStart => Some(format!("INIT_START Runtime Version: {}\n", function.runtime.describe())),
            Self::InitDone { took, ended: Err(kind) } => Some(format!(
                "INIT_REPORT Init Duration: {:.2} ms\tPhase: init\tStatus: error\tError Type: {kind}\n",
                took.as_secs_f64() * 1000.0
            )),
            Self::InitDone { ended: Ok(()), .. } => None,
            Self::Start { id } => Some(format!("START RequestId: {id} Version: {}\n", function.version)),
            Self::Wrong { id, wrong } => Some(wrong.line(function, id)),
            Self::RuntimeDone { id, .. } => Some(format!("END RequestId: {id}\n")),
            Self::Report { id, took, init, used, wrong, .. } => Some(report(id, function, *took, *init, *used, *wrong)),
        }
    }

    /// The kind and the record of the format JSON.
    pub(super) fn records(&self, function: &FunctionVersion, stream: &str) -> Vec<(&'static str, Value)> {
        let init = || Map::from_iter([("initializationType".to_owned(), json!("on-demand")), ("phase".to_owned(), json!("init"))]);
        match self {
            Self::InitStart => {
                let mut record = init();
                record.extend([
                    ("runtimeVersion".to_owned(), json!(function.runtime.describe())),
                    ("functionName".to_owned(), json!(function.name)),
                    ("functionVersion".to_owned(), json!(function.version)),
                    ("instanceId".to_owned(), json!(stream)),
                    ("instanceMaxMemory".to_owned(), json!(u64::from(function.memory_mb) * MB)),
                ]);
                vec![("initStart", record.into())]
            }
            Self::InitDone { took, ended } => {
                let mut done = init();
                let status = ended.map_or_else(Status::Error, |()| Status::Success);
                status.put(&mut done);
                let mut report = done.clone();
                report.insert("metrics".to_owned(), json!({ "durationMs": millis(*took) }));
                vec![("initRuntimeDone", done.into()), ("initReport", report.into())]
            }
            Self::Start { id } => {
                vec![("start", json!({ "requestId": id, "functionArn": function.function_arn(), "version": function.version }))]
            }
            // What comes next says it, too.
            Self::Wrong { .. } => Vec::new(),
            Self::RuntimeDone { id, took, status, produced } => {
                let mut record = Map::from_iter([("requestId".to_owned(), json!(id))]);
                status.put(&mut record);
                record.insert("metrics".to_owned(), json!({ "durationMs": millis(*took), "producedBytes": produced }));
                vec![("runtimeDone", record.into())]
            }
            Self::Report { id, took, init, used, status, .. } => {
                let mut metrics = json!({
                    "durationMs": millis(*took),
                    "billedDurationMs": super::report::billed(*took, *init),
                    "memorySizeMB": function.memory_mb,
                    "maxMemoryUsedMB": super::report::used(function, *used),
                });
                if let (Some(init), Some(metrics)) = (init, metrics.as_object_mut()) {
                    metrics.insert("initDurationMs".to_owned(), json!(millis(*init)));
                }
                let mut record = Map::from_iter([("requestId".to_owned(), json!(id)), ("metrics".to_owned(), metrics)]);
                status.put(&mut record);
                vec![("report", record.into())]
            }
        }
    }
}
