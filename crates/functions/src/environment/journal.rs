//! What is written to an environment's log: the program's lines and Lambda's own, in the function's format and from its levels on.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>
use super::event::Event;
use crate::{
    clock::{iso, now},
    log::{Line, LogLine, LogPlace, LogSink, Tail},
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
    pub(super) fn program(&mut self, mut lines: Vec<Line>) {
        if let Some(levels) = self.function.json_log {
            lines.retain(|line| is_kept(line, levels.application));
        }
        self.write(lines.into_iter().map(|line| line.text).collect());
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

/// Whether a program's line is written. Pieces of a line always are: which level it has is not to be read from them.
fn is_kept(line: &Line, from: ApplicationLogLevel) -> bool {
    line.cut || level(&line.text) >= from
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
    fn pieces_of_a_long_line_are_kept() {
        let mut lines = crate::log::Lines::default();
        let long = format!("{{\"level\":\"ERROR\",\"msg\":\"{}\"}}\n{{\"level\":\"INFO\"}}\n", "x".repeat(300 * 1024));
        let kept: Vec<bool> = lines.push(long.as_bytes()).iter().map(|line| is_kept(line, ApplicationLogLevel::Error)).collect();
        assert_eq!(kept, [true, true, false]);
    }

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
