//! `trace`: the packets of a client, live, gate by gate, with the ids of the rules that let them pass or dropped them.
mod daemon;
mod leg;
mod show;

pub use daemon::answer;

use crate::{client, lab::Lab, report::Failure};
use anstream::println;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    process::ExitCode,
};

/// The longest trace, in seconds.
pub const MOST_SECONDS: f64 = 86_400.0;
/// The shortest.
pub const SHORTEST: f64 = 0.01;
/// Traces at once; each has taps in the routers and buffers of its own.
pub const AT_ONCE: usize = 8;
/// Ways that are remembered so that they are shown once; when there are more, all are forgotten and shown again.
const REMEMBERED: usize = 4096;

/// What `trace` takes.
#[derive(Args)]
pub struct TraceArgs {
    /// Whose packets: an instance (i-… or its Name tag), a network interface (eni-…), a function (name or ARN)
    #[arg(long, value_name = "SOURCE")]
    pub from: String,
    /// Every packet as a line of JSON
    #[arg(long)]
    pub json: bool,
    /// End after so many seconds, 0.01 to 86400; Ctrl-C ends it sooner [default: 86400]
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub seconds: Option<f64>,
    /// Only packets to and from there: a URL, an address, or ADDRESS:PORT
    #[arg(value_name = "TARGET")]
    pub to: Option<String>,
}

/// How long a trace may last.
fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok().filter(|seconds| (SHORTEST..=MOST_SECONDS).contains(seconds));
    seconds.ok_or_else(|| format!("a trace lasts {SHORTEST} to {MOST_SECONDS} seconds"))
}

/// What `POST /_vpclab/trace` takes; it answers with lines of JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// An instance's id or Name tag, a network interface's id, a function's name or ARN.
    pub from: String,
    /// A URL, an address, or `ADDRESS:PORT`.
    #[serde(default)]
    pub to: Option<String>,
    /// How long.
    #[serde(default)]
    pub seconds: Option<f64>,
}

/// Shows packets until the time is over or the user interrupts. Each way is shown once, of many one again now and then.
pub fn run(lab: &Lab, args: TraceArgs) -> Result<ExitCode, Failure> {
    let asked = serde_json::to_value(Asked { from: args.from, to: args.to, seconds: args.seconds }).map_err(Failure::new)?;
    let mut shown: BTreeSet<String> = BTreeSet::new();
    let mut forgotten = false;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    client::lines(&lab.running()?, "/_vpclab/trace", &asked, |line| {
        if args.json {
            println!("{line}");
            return Ok(());
        }
        let value: Value = serde_json::from_str(line).map_err(Failure::new)?;
        if let Some(outcome) = value.get("outcome").and_then(Value::as_str) {
            *counts.entry(outcome.to_owned()).or_default() += 1;
        }
        let text = show::text(&value);
        let way = show::way(&value);
        if shown.len() >= REMEMBERED && !shown.contains(&way) {
            shown.clear();
            forgotten = true;
        }
        if shown.insert(way) {
            println!("{text}");
        }
        Ok(())
    })?;
    if !args.json {
        let counts: Vec<String> = counts.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
        let counts = if counts.is_empty() { "no packets".to_owned() } else { counts.join(", ") };
        let ways =
            if forgotten { format!("of more than {REMEMBERED} ways some were shown again") } else { "each way was shown once".to_owned() };
        println!("packets: {counts}; {ways}");
    }
    Ok(ExitCode::SUCCESS)
}
