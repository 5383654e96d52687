//! The words about an invocation: in its log, and to its caller when the function failed.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html>
use super::super::{FunctionVersion, Outcome};
use crate::clock::{iso, now};
use bytes::Bytes;
use serde_json::json;
use std::time::Duration;
use vpclab_fabric::instance::sandbox::GuardWord;

/// How an invocation went wrong, other than by an error that the program told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// The program ended.
    Exited(Option<GuardWord>),
    /// Its time was over.
    TimedOut,
    /// The answer was too large.
    TooLarge,
}

impl Wrong {
    /// AWS's word for it.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Exited(_) => "Runtime.ExitError",
            Self::TimedOut => "Sandbox.Timedout",
            Self::TooLarge => "Function.ResponseSizeTooLarge",
        }
    }

    fn text(self, function: &FunctionVersion) -> String {
        match self {
            Self::Exited(word) => format!("Error: {}", exit(word)),
            Self::TimedOut => format!("Error: Task timed out after {:.2} seconds", function.timeout.as_secs_f64()),
            Self::TooLarge => {
                format!("Response payload size exceeded maximum allowed payload size ({} bytes).", crate::runtime_api::ANSWER_MAX)
            }
        }
    }

    /// What the caller gets.
    pub(super) fn payload(self, function: &FunctionVersion, id: &str) -> Bytes {
        let text = match self {
            Self::TooLarge => self.text(function),
            Self::Exited(_) | Self::TimedOut => format!("RequestId: {id} {}", self.text(function)),
        };
        json!({ "errorType": self.kind(), "errorMessage": text }).to_string().into()
    }

    /// The line before the report.
    pub(super) fn line(self, function: &FunctionVersion, id: &str) -> String {
        match self {
            Self::TimedOut => {
                format!("{} {id} Task timed out after {:.2} seconds\n\n", iso(now()), function.timeout.as_secs_f64())
            }
            Self::Exited(_) | Self::TooLarge => format!("RequestId: {id} {}\n{}\n", self.text(function), self.kind()),
        }
    }

    fn status(self) -> String {
        match self {
            Self::TimedOut => "\tStatus: timeout".to_owned(),
            Self::Exited(_) | Self::TooLarge => format!("\tStatus: error\tError Type: {}", self.kind()),
        }
    }
}

/// How a program ended, in AWS's words.
fn exit(word: Option<GuardWord>) -> String {
    match word {
        Some(GuardWord::Exited(0)) | None => "Runtime exited without providing a reason".to_owned(),
        Some(GuardWord::Exited(status)) => format!("Runtime exited with error: exit status {status}"),
        Some(GuardWord::OutOfMemory | GuardWord::TooManyProcesses) => "Runtime exited with error: signal: killed".to_owned(),
        Some(GuardWord::Killed(signal)) => format!("Runtime exited with error: signal: {}", signal_name(signal)),
        Some(GuardWord::NotStarted(error)) => {
            format!("Couldn't start the program: {}", std::io::Error::from_raw_os_error(error))
        }
        Some(GuardWord::Used(_)) => "Runtime exited".to_owned(),
    }
}

fn signal_name(signal: i32) -> String {
    match signal {
        6 => "aborted".to_owned(),
        9 => "killed".to_owned(),
        11 => "segmentation fault".to_owned(),
        15 => "terminated".to_owned(),
        other => other.to_string(),
    }
}

/// An answer that is an error's description.
pub(super) fn failed(payload: Bytes) -> Outcome {
    Outcome { payload, error: Some("Unhandled"), tail: None }
}

/// The milliseconds that are paid for; the start of an environment is one of them since August 2025.
pub(super) fn billed(took: Duration, init: Option<Duration>) -> u128 {
    (took + init.unwrap_or_default()).as_micros().div_ceil(1000)
}

/// The MB of memory used, at most what the function has.
pub(super) fn used(function: &FunctionVersion, bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20).min(u64::from(function.memory_mb))
}

/// The last line of an invocation.
pub(super) fn report(
    id: &str,
    function: &FunctionVersion,
    took: Duration,
    init: Option<Duration>,
    used: u64,
    wrong: Option<Wrong>,
) -> String {
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    let mut line = format!(
        "REPORT RequestId: {id}\tDuration: {:.2} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: {} MB",
        millis(took),
        billed(took, init),
        function.memory_mb,
        self::used(function, used),
    );
    if let Some(init) = init {
        line.push_str(&format!("\tInit Duration: {:.2} ms", millis(init)));
    }
    line.push_str(&wrong.map(Wrong::status).unwrap_or_default());
    line.push('\n');
    line
}
