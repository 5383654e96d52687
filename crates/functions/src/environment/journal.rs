//! What is written to an environment's log: the program's lines and Lambda's own, in the function's format and from its levels on.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>
use super::event::Event;
use crate::{
    clock::{iso, now},
    log::{LogLine, LogPlace, LogSink, Tail},
    version::FunctionVersion,
};
use serde_json::{Value, json};
use std::sync::Arc;
use vpclab_cloud::function::ApplicationLogLevel;

pub(super) struct Journal {
    function: Arc<FunctionVersion>,
    place: LogPlace,
    sink: Arc<dyn LogSink>,
    tail: Tail,
}

impl Journal {
    pub(super) fn new(function: Arc<FunctionVersion>, place: LogPlace, sink: Arc<dyn LogSink>) -> Self {
        Self { function, place, sink, tail: Tail::default() }
    }

    /// What follows belongs to another invocation.
    pub(super) fn turn(&mut self) {
        self.tail = Tail::default();
    }

    /// The last bytes that this invocation wrote.
    pub(super) fn tail(&mut self) -> Vec<u8> {
        self.tail.take()
    }

    /// Lines of the program.
    pub(super) fn program(&mut self, mut lines: Vec<String>) {
        if let Some(levels) = self.function.json_log {
            lines.retain(|line| level(line) >= levels.application);
        }
        self.write(lines);
    }

    /// What happened, in Lambda's words.
    pub(super) fn system(&mut self, event: &Event<'_>) {
        let lines = match self.function.json_log {
            None => event.text(&self.function).into_iter().collect(),
            Some(levels) if event.level() < levels.system => Vec::new(),
            Some(_) => {
                let time = iso(now());
                let line = |(kind, record): (&str, Value)| {
                    format!("{}\n", json!({ "time": time, "type": format!("platform.{kind}"), "record": record }))
                };
                event.records(&self.function, &self.place.stream).into_iter().map(line).collect()
            }
        };
        self.write(lines);
    }

    fn write(&mut self, lines: Vec<String>) {
        if lines.is_empty() {
            return;
        }
        let time = now();
        for line in &lines {
            self.tail.push(line);
        }
        self.sink.write(&self.place, lines.into_iter().map(|text| LogLine { time, text }).collect());
    }
}

/// The level of a program's line: of what is no JSON object, or has no level that Lambda knows, `INFO`.
/// Python's `WARNING` and `CRITICAL` are Lambda's `WARN` and `FATAL`.
fn level(line: &str) -> ApplicationLogLevel {
    let object = line.starts_with('{').then(|| serde_json::from_str::<Value>(line).ok()).flatten();
    let word = object.as_ref().and_then(|object| object.get("level")).and_then(Value::as_str).unwrap_or_default().to_ascii_uppercase();
    match word.as_str() {
        "WARNING" => ApplicationLogLevel::Warn,
        "CRITICAL" => ApplicationLogLevel::Fatal,
        word => word.parse().unwrap_or(ApplicationLogLevel::Info),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_its_level() {
        for (line, expected) in [
            ("{\"level\":\"debug\",\"msg\":\"x\"}\n", ApplicationLogLevel::Debug),
            ("{\"level\":\"WARNING\"}\n", ApplicationLogLevel::Warn),
            ("{\"level\":\"CRITICAL\"}", ApplicationLogLevel::Fatal),
            ("{\"level\":7}", ApplicationLogLevel::Info),
            ("{\"level\":\"loud\"}", ApplicationLogLevel::Info),
            ("{\"level\":\"ERROR\"", ApplicationLogLevel::Info),
            ("ERROR: x\n", ApplicationLogLevel::Info),
        ] {
            assert_eq!(level(line), expected, "{line}");
        }
    }
}
