//! `who-can` and `what-can`: the commands, and the daemon's side of them.
use crate::{client, explain::NotExplained, lab::Lab, report::Failure, snapshot};
use anstream::{print, println};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{path::PathBuf, process::ExitCode, time::Duration};
use vpclab_cloud::Timestamp;
use vpclab_explain::reach::{self, Request};
use vpclab_explain::{Judge, Source};

/// What `who-can` takes.
#[derive(Args, Clone, Debug)]
pub struct WhoCanArgs {
    /// The method [default: GET]
    #[arg(short = 'X', long, value_name = "METHOD")]
    pub request: Option<String>,
    /// A header, as `Name: value`
    #[arg(short = 'H', long, value_name = "HEADER")]
    pub header: Vec<String>,
    /// Ask this snapshot rather than the running lab
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,
    /// As JSON (docs/explain-schema.md)
    #[arg(long)]
    pub json: bool,
    /// The URL
    pub url: String,
}

/// What `what-can` takes.
#[derive(Args, Clone, Debug)]
pub struct WhatCanArgs {
    /// Ask this snapshot rather than the running lab
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,
    /// As JSON (docs/explain-schema.md)
    #[arg(long)]
    pub json: bool,
    /// From where: an instance (i-… or its Name tag), a network interface (eni-…), a function (name or ARN), an address, or ADDRESS@pcx-…
    pub from: String,
}

/// What `POST /_vpclab/who-can` takes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WhoCan {
    /// The URL.
    pub url: String,
    /// The method; `GET` when absent.
    #[serde(default)]
    pub method: Option<String>,
    /// Names and values.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
}

/// What `POST /_vpclab/what-can` takes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WhatCan {
    /// As the command takes it.
    pub from: String,
}

/// Tells who can make a call.
pub fn run_who_can(lab: &Lab, args: &WhoCanArgs) -> Result<ExitCode, Failure> {
    let headers = args.header.iter().map(|text| header(text)).collect::<Result<_, _>>()?;
    let asked = WhoCan { url: args.url.clone(), method: args.request.clone(), headers };
    let value = match &args.snapshot {
        Some(file) => who_can(&snapshot::judge(file)?, vpclab_services::engine::clock(), asked).map_err(not_judged)?,
        None => client::post(&lab.running()?, "/_vpclab/who-can", &serde_json::to_value(&asked).map_err(Failure::new)?, PATIENCE)?,
    };
    show(&value, args.json)
}

/// Tells what a source can call.
pub fn run_what_can(lab: &Lab, args: &WhatCanArgs) -> Result<ExitCode, Failure> {
    let asked = WhatCan { from: args.from.clone() };
    let value = match &args.snapshot {
        Some(file) => what_can(&snapshot::judge(file)?, vpclab_services::engine::clock(), &asked).map_err(not_judged)?,
        None => client::post(&lab.running()?, "/_vpclab/what-can", &serde_json::to_value(&asked).map_err(Failure::new)?, PATIENCE)?,
    };
    show(&value, args.json)
}

const PATIENCE: Duration = Duration::from_secs(120);

/// `Name: value`
fn header(text: &str) -> Result<(String, String), Failure> {
    let (name, value) = text.split_once(':').ok_or_else(|| Failure::new(format!("`{text}` is no header: write `Name: value`")))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn show(value: &Value, as_json: bool) -> Result<ExitCode, Failure> {
    if as_json {
        println!("{}", serde_json::to_string_pretty(value.get("answer").unwrap_or(value)).map_err(Failure::new)?);
    } else {
        print!("{}", value.get("text").and_then(Value::as_str).unwrap_or_default());
    }
    Ok(ExitCode::SUCCESS)
}

/// A refusal of the daemon's side, where it was asked without a daemon.
pub fn not_judged(why: NotExplained) -> Failure {
    let failure = Failure::new(why.message);
    match why.hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

fn invalid(why: impl std::fmt::Display) -> NotExplained {
    NotExplained { status: 400, message: why.to_string(), hint: None }
}

/// Reads what a path takes.
///
/// # Errors
/// Text that is none of that.
pub fn asked<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, NotExplained> {
    serde_json::from_slice(body).map_err(|why| invalid(format!("the request cannot be read: {why}")))
}

/// Answers `POST /_vpclab/who-can`: `{"answer": …, "text": …}`.
///
/// # Errors
/// What is no call.
pub fn who_can(judge: &Judge, now: Timestamp, asked: WhoCan) -> Result<Value, NotExplained> {
    let request = Request {
        method: asked.method.unwrap_or_else(|| "GET".to_owned()),
        url: asked.url.parse().map_err(invalid)?,
        headers: asked.headers,
        now,
    };
    request.check().map_err(invalid)?;
    let standings = judge.who_can(&request);
    Ok(json!({"answer": reach::who_can_json(&request, &standings), "text": reach::who_can_text(&request, &standings)}))
}

/// Answers `POST /_vpclab/what-can`: `{"answer": …, "text": …}`.
///
/// # Errors
/// A source that is not there.
pub fn what_can(judge: &Judge, now: Timestamp, asked: &WhatCan) -> Result<Value, NotExplained> {
    let from = Source::find(judge.cloud(), &asked.from).map_err(|why| NotExplained {
        status: 404,
        message: why.to_string(),
        hint: Some(why.hint().to_owned()),
    })?;
    let callables = judge.what_can(&from, now);
    Ok(json!({"answer": reach::what_can_json(&from, &callables), "text": reach::what_can_text(&from, &callables)}))
}
