//! `explain`: why a call works or does not, and what mends it; the command, and the daemon's side of it.
mod apply;
mod compare;

use crate::signed::{self, LabVerifier};
use crate::{client, lab::Lab, plane::Plane, probe, report::Failure};
use anstream::{print, println};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    net::Ipv4Addr,
    path::PathBuf,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use vpclab_cloud::{Cloud, Timestamp};
use vpclab_explain::{Call, Explanation, Judge, NoSource, Source, render};
use vpclab_probe::Prober;
use vpclab_wire::sigv4::AccessKeySecrets;

/// Exit code of a call that is blocked.
const BLOCKED: u8 = 2;
/// Exit code of a call whose verdict hangs on what is not known.
const UNDETERMINED: u8 = 3;

/// What `explain` takes.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Exit codes: 0 reachable; 2 blocked; 3 undetermined; 1 when nothing was judged: wrong usage, no lab, no such source, a \
fix that failed, or packets that disagree with the judgement."
)]
pub struct ExplainArgs {
    /// From where: an instance (i-… or its Name tag), a network interface (eni-…), a function (name or ARN), an address, or ADDRESS@pcx-…
    #[arg(long, value_name = "SOURCE")]
    pub from: String,
    /// The method [default: GET]
    #[arg(short = 'X', long, value_name = "METHOD")]
    pub request: Option<String>,
    /// A header, as `Name: value`
    #[arg(short = 'H', long, value_name = "HEADER")]
    pub header: Vec<String>,
    /// Connect to this address instead of asking for the name, as `curl --resolve` does
    #[arg(long, value_name = "ADDRESS")]
    pub connect_to: Option<Ipv4Addr>,
    /// Judge a snapshot (`vpclab import`, `vpclab export`) instead of the running lab
    #[arg(long, value_name = "FILE", conflicts_with_all = ["probe", "apply"])]
    pub snapshot: Option<PathBuf>,
    /// The call is signed by this user, role or role session; with --probe it is, with credentials of the lab
    #[arg(long, value_name = "ARN")]
    pub signed_by: Option<String>,
    /// As JSON (docs/explain-schema.md)
    #[arg(long)]
    pub json: bool,
    /// Every step with what it rests on
    #[arg(long)]
    pub all_steps: bool,
    /// Make the call too, and say whether the packets agree
    #[arg(long, conflicts_with = "connect_to")]
    pub probe: bool,
    /// Run the commands of the fixes against the lab, after asking
    #[arg(long)]
    pub apply: bool,
    /// Do not ask
    #[arg(long, requires = "apply")]
    pub yes: bool,
    /// The AWS CLI that runs them
    #[arg(long, value_name = "PATH", env = "VPCLAB_AWS", default_value = "aws")]
    pub aws: PathBuf,
    /// The URL
    pub url: String,
}

/// What `POST /_vpclab/explain` takes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Asked {
    /// As the command's `--from`.
    pub from: String,
    /// The URL.
    pub url: String,
    /// The method; `GET` when absent.
    #[serde(default)]
    pub method: Option<String>,
    /// Names and values.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The address to connect to instead of asking for the name.
    #[serde(default)]
    pub connect_to: Option<Ipv4Addr>,
    /// The ARN of who signs the call; nobody when absent.
    #[serde(default)]
    pub signed_by: Option<String>,
    /// Whether the prose tells every step in full.
    #[serde(default)]
    pub all_steps: bool,
    /// Whether the call is made too.
    #[serde(default)]
    pub probe: bool,
}

/// Explains a call and prints what was found.
pub fn run(lab: &Lab, args: &ExplainArgs) -> Result<ExitCode, Failure> {
    judged(lab, args).map_err(|why| why.code(crate::report::FAILED))
}

fn judged(lab: &Lab, args: &ExplainArgs) -> Result<ExitCode, Failure> {
    let header = |text: &String| match text.split_once(':') {
        Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
        None => Err(Failure::new(format!("`{text}` is no header: write `Name: value`"))),
    };
    let asked = Asked {
        from: args.from.clone(),
        url: args.url.clone(),
        method: args.request.clone(),
        headers: args.header.iter().map(header).collect::<Result<_, _>>()?,
        connect_to: args.connect_to,
        signed_by: args.signed_by.clone(),
        all_steps: args.all_steps,
        probe: args.probe,
    };
    if let Some(path) = &args.snapshot {
        let (cloud, unknowns) = crate::snapshot::load_snapshot(path)?;
        let call = asked.call(&cloud, vpclab_services::engine::clock()).map_err(NotExplained::failure)?;
        let explanation = Judge::new(&cloud, None).with_unknowns(unknowns).explain(&call);
        let (text, json) = (render::text(&explanation, render::Style { all_steps: args.all_steps }), render::json(&explanation));
        if args.json {
            println!("{json:#}");
        } else {
            print!("{text}");
        }
        return Ok(code(&json));
    }
    let note = lab.running()?;
    let asked = serde_json::to_value(&asked).map_err(Failure::new)?;
    let value = client::post(&note, "/_vpclab/explain", &asked, Duration::from_secs(600))?;
    let explanation = value.get("explanation").ok_or_else(|| Failure::new("the daemon's answer has no explanation"))?;
    if args.json {
        let shown = if args.probe { &value } else { explanation };
        println!("{}", serde_json::to_string_pretty(shown).map_err(Failure::new)?);
    } else {
        print!("{}", value.get("text").and_then(Value::as_str).unwrap_or_default());
    }
    if args.probe {
        compare::tell(&value, args.json)?;
    }
    if args.apply && apply::run(&note, args, explanation)? {
        return judged_again(&note, args, asked);
    }
    Ok(code(explanation))
}

/// The verdict of the same call once the fixes were made, as a line and as the exit code.
fn judged_again(note: &crate::lab::Note, args: &ExplainArgs, mut asked: Value) -> Result<ExitCode, Failure> {
    if let Some(members) = asked.as_object_mut() {
        members.insert("probe".to_owned(), Value::Bool(false));
    }
    let value = client::post(note, "/_vpclab/explain", &asked, Duration::from_secs(600))?;
    let explanation = value.get("explanation").ok_or_else(|| Failure::new("the daemon's answer has no explanation"))?;
    let line = verdict_line(&value);
    if args.json {
        // The document on standard output stays one.
        anstream::eprintln!("now {line}");
    } else {
        println!("now {line}");
    }
    Ok(code(explanation))
}

/// `blocked: the client's connection times out`, of the prose of an answer.
fn verdict_line(answer: &Value) -> &str {
    let verdict = answer.pointer("/explanation/verdict").and_then(Value::as_str).unwrap_or("undetermined");
    let text = answer.get("text").and_then(Value::as_str).unwrap_or_default();
    let is_verdict = |line: &&str| line.strip_prefix(verdict).is_some_and(|rest| rest.starts_with(": "));
    text.lines().find(is_verdict).unwrap_or(verdict)
}

fn code(explanation: &Value) -> ExitCode {
    match explanation.get("verdict").and_then(Value::as_str) {
        Some("reachable") => ExitCode::SUCCESS,
        Some("blocked") => ExitCode::from(BLOCKED),
        _ => ExitCode::from(UNDETERMINED),
    }
}

impl Asked {
    /// The call that is asked about.
    fn call(&self, cloud: &Cloud, now: Timestamp) -> Result<Call, NotExplained> {
        let invalid = |why: &dyn std::fmt::Display| NotExplained { status: 400, message: why.to_string(), hint: None };
        let from = Source::find(cloud, &self.from).map_err(|why: NoSource| NotExplained {
            status: 404,
            message: why.to_string(),
            hint: Some(why.hint().to_owned()),
        })?;
        let call = Call {
            from,
            method: self.method.clone().unwrap_or_else(|| "GET".to_owned()),
            url: self.url.parse().map_err(|why| invalid(&why))?,
            headers: self.headers.clone(),
            connect_to: self.connect_to,
            credentials: self.signed_by.as_deref().map(str::parse).transpose().map_err(|why| invalid(&why))?,
            now,
        };
        call.check().map_err(|why| invalid(&why))?;
        Ok(call)
    }
}

impl NotExplained {
    fn failure(self) -> Failure {
        let failure = Failure::new(self.message);
        match self.hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// Why the daemon explains nothing: status, what it says, and what a person can do about it.
#[derive(Debug)]
pub struct NotExplained {
    /// 400 or 404, or the prober's.
    pub status: u16,
    /// Why.
    pub message: String,
    /// Advice.
    pub hint: Option<String>,
}

/// The judge of the newest snapshot that was asked about; the next is made from it.
#[derive(Debug)]
pub struct Explainer {
    newest: Mutex<Judge>,
    secrets: Arc<AccessKeySecrets>,
}

impl Explainer {
    /// The explainer of a lab that forwards names it does not know, or does not.
    pub fn of_lab(forwards_names: bool, secrets: Arc<AccessKeySecrets>) -> Self {
        let verifier = Arc::new(LabVerifier(Arc::clone(&secrets)));
        Self { newest: Mutex::new(Judge::default().forwarding_names(forwards_names).verifying(verifier)), secrets }
    }

    /// The judge of a snapshot.
    pub fn of(&self, cloud: &Cloud) -> Judge {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let judge = Judge::new(cloud, Some(&newest));
        newest.clone_from(&judge);
        judge
    }

    /// Answers `POST /_vpclab/explain`: `{"explanation": …, "text": …}`, with `probe` and `agreement` when the call was made too.
    ///
    /// # Errors
    /// What cannot be read, and a source that is not there.
    pub async fn answer(
        &self,
        prober: &Prober,
        plane: &Plane,
        cloud: &Arc<Cloud>,
        now: Timestamp,
        body: &[u8],
    ) -> Result<Value, NotExplained> {
        let invalid = |why: &dyn std::fmt::Display| NotExplained { status: 400, message: why.to_string(), hint: None };
        let mut asked: Asked = serde_json::from_slice(body).map_err(|why| invalid(&format!("the request cannot be read: {why}")))?;
        if asked.probe && !asked.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("user-agent")) {
            // Policies may ask for it: both are to speak of the same request.
            asked.headers.push(("User-Agent".to_owned(), concat!("vpclab-probe/", env!("CARGO_PKG_VERSION")).to_owned()));
        }
        let mut call = asked.call(cloud, now)?;
        if let (true, Some(who)) = (asked.probe, call.credentials.clone()) {
            signed::sign(cloud, &self.secrets, &mut call, &who)?;
            asked.headers.clone_from(&call.headers);
        }
        let explanation = self.of(cloud).explain(&call);
        let text = render::text(&explanation, render::Style { all_steps: asked.all_steps });
        let mut answer = json!({"explanation": render::json(&explanation), "text": text});
        if asked.probe {
            self.probed(prober, plane, cloud, asked, &explanation, &mut answer).await?;
        }
        Ok(answer)
    }

    /// Makes the call and adds what came of it, and whether it agrees.
    async fn probed(
        &self,
        prober: &Prober,
        plane: &Plane,
        cloud: &Arc<Cloud>,
        asked: Asked,
        explanation: &Explanation,
        answer: &mut Value,
    ) -> Result<(), NotExplained> {
        let call =
            probe::Asked { from: asked.from, url: asked.url, method: asked.method, headers: asked.headers, body: None, timeout: None };
        let made = probe::probe(prober, plane, cloud, call).await;
        let made = made.map_err(|why| NotExplained { status: why.status, message: why.message, hint: why.hint })?;
        let agreement = compare::agreement(explanation, &made);
        if let Some(members) = answer.as_object_mut() {
            members.insert("probe".to_owned(), serde_json::to_value(&made).unwrap_or_default());
            members.insert("probeText".to_owned(), Value::String(made.to_string()));
            members.insert("agreement".to_owned(), agreement);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_with_the_verdict_is_found_in_the_prose() {
        let of = |verdict: &str, text: &str| verdict_line(&json!({"explanation": {"verdict": verdict}, "text": text})).to_owned();
        let text = "GET https://a/\n  ok client   blocked: no\nblocked: the client's connection times out\nblocker 1: X\n";
        assert_eq!(of("blocked", text), "blocked: the client's connection times out");
        assert_eq!(of("reachable", text), "reachable");
    }
}
