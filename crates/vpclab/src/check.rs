//! `check`: expectations about who can call what, judged, and with `--probe` by packets too; the command, and the daemon's side of it.
mod report;

use crate::{
    client, explain::NotExplained, files, lab::Lab, local::aside, plane::Plane, probe, reach::not_judged, report::Failure, snapshot,
};
use anstream::println;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{collections::HashMap, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};
use tokio::task::{Id, JoinSet};
use vpclab_cloud::{Cloud, Timestamp};
use vpclab_explain::check::{self, Check, Finding, Met, STATUS_NOT_JUDGED, WITHOUT_PROBE};
use vpclab_explain::{Judge, Source, Verdict, reach::source_name};
use vpclab_probe::{Outcome, Probe, Prober};

/// The largest file of checks.
const MAX_FILE: u64 = 1_000_000;
/// Calls that are made at a time.
const AT_ONCE: usize = 16;
/// The most calls of one run.
const CALLS_MAX: usize = 2_000;
/// How long a run may take.
const PATIENCE: Duration = Duration::from_secs(3_600);
/// Exit code of a file that cannot be read.
const USAGE: u8 = 2;
/// Exit code where nothing fails, and not all was judged.
const NOT_JUDGED: u8 = 5;

/// What `check` takes.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Exit codes: 0 all hold; 1 some do not; 2 a file cannot be read; 3 no lab is running; 5 all that is judged holds, and some is not judged: without --probe, or for want of a source that runs."
)]
pub struct CheckArgs {
    /// Make the calls too: an expectation holds where packets and judgement agree with it
    #[arg(long, conflicts_with = "snapshot")]
    pub probe: bool,
    /// Check this snapshot rather than the running lab
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,
    /// Write a JUnit report
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Print what does not hold as annotations of GitHub Actions too
    #[arg(long)]
    pub github: bool,
    /// As JSON
    #[arg(long)]
    pub json: bool,
    /// Files of expectations (docs/check.md)
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// What `POST /_vpclab/check` takes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Asked {
    /// The files: name and text.
    pub files: Vec<(String, String)>,
    /// Whether the calls are made too.
    #[serde(default)]
    pub probe: bool,
}

/// Checks, reports, and ends with 0 when all holds.
pub fn run(lab: &Lab, args: &CheckArgs) -> Result<ExitCode, Failure> {
    let mut files = Vec::new();
    for path in &args.files {
        let name = path.display().to_string();
        let failed = |why: &dyn std::fmt::Display| Failure::new(format!("cannot read `{name}`: {why}")).code(USAGE);
        let text = files::text(path, MAX_FILE).map_err(|why| failed(&why))?;
        files.push((name, text));
    }
    if let Err(why) = read(&files) {
        if args.github {
            report::annotate_file(&why);
        }
        return Err(Failure::new(why).code(USAGE));
    }
    let asked = Asked { files, probe: args.probe };
    let value = match &args.snapshot {
        Some(file) => judged(&snapshot::judge(file)?, vpclab_services::engine::clock(), &asked).map_err(not_judged)?.value(),
        None => client::post(&lab.running()?, "/_vpclab/check", &serde_json::to_value(&asked).map_err(Failure::new)?, PATIENCE)?,
    };
    let findings = report::findings(&value);
    if args.json {
        println!("{}", serde_json::to_string_pretty(&value).map_err(Failure::new)?);
    } else {
        report::tell(&findings, args.probe);
    }
    if args.github {
        report::annotate(&findings);
    }
    if let Some(file) = &args.junit {
        std::fs::write(file, report::junit(&findings)).map_err(|why| Failure::new(format!("cannot write `{}`: {why}", file.display())))?;
    }
    Ok(match (findings.is_empty(), findings.iter().all(report::Told::is_unbroken), findings.iter().all(|finding| finding.holds)) {
        (false, _, true) => ExitCode::SUCCESS,
        (false, true, false) => ExitCode::from(NOT_JUDGED),
        _ => ExitCode::FAILURE,
    })
}

/// Where a file cannot be read, and why.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
struct NotRead {
    file: String,
    line: u32,
    column: u32,
    message: String,
}

fn read(files: &[(String, String)]) -> Result<Vec<(String, Vec<Check>)>, NotRead> {
    let one = |(name, text): &(String, String)| match check::read(text) {
        Ok(checks) => Ok((name.clone(), checks)),
        Err(why) => Err(NotRead { file: name.clone(), line: why.at.line.max(1), column: why.at.column.max(1), message: why.message }),
    };
    files.iter().map(one).collect()
}

/// Findings by file.
struct Judged(Vec<(String, Finding, Option<Value>)>);

impl Judged {
    /// `{"schema": "vpclab.check/1", "holds": …, "findings": […]}`
    fn value(&self) -> Value {
        let shown = self.0.iter().map(|(file, finding, made)| {
            json!({
                "file": file, "line": finding.at.line, "column": finding.at.column,
                "name": finding.name, "call": finding.call, "expected": finding.expect.words(),
                "holds": finding.met == Met::Yes, "notJudged": finding.met == Met::NotJudged, "said": finding.said,
                "sources": finding.sources.iter().map(source_name).collect::<Vec<_>>(),
                "verdict": finding.explanation.as_ref().map(|explanation| explanation.verdict.word()),
                "causes": finding.explanation.as_ref().map(|explanation| {
                    explanation.blockers.iter().map(|blocker| blocker.cause.code()).collect::<Vec<_>>()
                }),
                "probes": made,
            })
        });
        let holds = self.0.iter().all(|(_, finding, _)| finding.met == Met::Yes);
        json!({"schema": "vpclab.check/1", "holds": holds, "findings": shown.collect::<Vec<_>>()})
    }
}

fn judged(judge: &Judge, now: Timestamp, asked: &Asked) -> Result<Judged, NotExplained> {
    let files = read(&asked.files).map_err(|why| NotExplained { status: 400, message: why.to_string(), hint: None })?;
    let mut all = Vec::new();
    for (file, mut checks) in files {
        for check in checks.iter_mut().filter(|_| asked.probe) {
            // Policies may ask for it: both are to speak of the same request.
            if !check.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("user-agent")) {
                check.headers.push(("User-Agent".to_owned(), concat!("vpclab-probe/", env!("CARGO_PKG_VERSION")).to_owned()));
            }
        }
        all.extend(check::judge(judge, &checks, now).into_iter().map(|finding| (file.clone(), finding, None)));
    }
    Ok(Judged(all))
}

/// Answers `POST /_vpclab/check`.
///
/// # Errors
/// Files that cannot be read, more calls than are made in one run.
pub async fn answer(
    judge: Judge,
    prober: &Prober,
    plane: &Arc<Plane>,
    cloud: &Arc<Cloud>,
    now: Timestamp,
    asked: Asked,
) -> Result<Value, NotExplained> {
    let by_packets = asked.probe;
    let mut judged = aside(judge, move |judge| judged(judge, now, &asked)).await?;
    if by_packets {
        make(&mut judged, prober, plane, cloud).await?;
    }
    Ok(judged.value())
}

/// Makes the calls of all findings, and holds what came of them against what was expected.
async fn make(judged: &mut Judged, prober: &Prober, plane: &Arc<Plane>, cloud: &Arc<Cloud>) -> Result<(), NotExplained> {
    let mut wanted = Vec::new();
    for (at, (_, finding, _)) in judged.0.iter().enumerate() {
        let Some(request) = &finding.request else { continue };
        for source in &finding.sources {
            let call = probe::Asked {
                from: source_word(source),
                url: request.url.text.clone(),
                method: Some(request.method.clone()),
                headers: request.headers.clone(),
                body: None,
                timeout: None,
            };
            wanted.push((at, source_name(source), call));
        }
    }
    if wanted.len() > CALLS_MAX {
        let message = format!("the checks are about {} calls; at most {CALLS_MAX} are made", wanted.len());
        return Err(NotExplained { status: 400, message, hint: Some("select fewer sources, or check without --probe".to_owned()) });
    }
    for (_, finding, _) in &mut judged.0 {
        shorten(&mut finding.said, WITHOUT_PROBE);
    }
    let stood: Vec<Met> = judged.0.iter().map(|(_, finding, _)| finding.met).collect();
    for Probed { at, source, made } in made_all(wanted, prober, plane, cloud).await {
        let Some((_, finding, probes)) = judged.0.get_mut(at) else { continue };
        let stood = stood.get(at).copied().unwrap_or(Met::No);
        let first = probes.is_none();
        let (shown, met) = match &made {
            Ok(made) => {
                let (status, own) = match &made.outcome {
                    Outcome::Answered { status, error_type } => (Some(*status), error_type.is_none()),
                    _ => (None, false),
                };
                shorten(&mut finding.said, STATUS_NOT_JUDGED);
                let verdict = finding.explanation.as_ref().map_or(Verdict::Undetermined, |explanation| explanation.verdict);
                let met = finding.expect.is_met_by_packets(status, own, verdict);
                (serde_json::to_value(&made.outcome).unwrap_or_default(), if met { Met::Yes } else { Met::No })
            }
            Err(why) => (json!({"notMade": why.message}), unmade(stood, why)),
        };
        if met != Met::Yes {
            let what = match (&made, stood) {
                (Err(_), _) => "no packets could be sent",
                (Ok(_), Met::Yes) => "the packets disagree",
                (Ok(_), Met::No | Met::NotJudged) => "and by packets",
            };
            finding.said = format!("{}; {what}: {source}: {shown}", finding.said);
        }
        finding.met = together(finding.met, stood, met, first);
        if let Value::Array(list) = probes.get_or_insert_with(|| json!([])) {
            list.push(json!({"source": source, "outcome": shown, "met": met == Met::Yes}));
        }
    }
    Ok(())
}

/// Takes away the end of what was said: packets say it.
fn shorten(said: &mut String, end: &str) {
    if let Some(rest) = said.strip_suffix(end) {
        said.truncate(rest.len());
    }
}

/// What stands of an expectation for which no packet was sent: what was judged, where there is nobody to send any.
fn unmade(judged: Met, why: &probe::NotMade) -> Met {
    if why.nobody_there { judged } else { Met::No }
}

/// What stands of a finding of which one more call was made: where its status was not judged, the calls say it, all of them.
fn together(so_far: Met, judged: Met, met: Met, first: bool) -> Met {
    match (so_far, met) {
        (Met::No, _) | (_, Met::No) => Met::No,
        (_, Met::NotJudged) => Met::NotJudged,
        (Met::NotJudged, Met::Yes) if judged == Met::NotJudged && first => Met::Yes,
        (so_far, Met::Yes) => so_far,
    }
}

/// A call that is to be made: the finding it is for, its source, what is asked.
type Wanted = (usize, String, probe::Asked);

/// What came of one call of a finding.
struct Probed {
    /// The place of the finding.
    at: usize,
    source: String,
    made: Result<Probe, probe::NotMade>,
}

/// Makes the calls, some at a time; what came of them in the order of findings and sources.
async fn made_all(wanted: Vec<Wanted>, prober: &Prober, plane: &Arc<Plane>, cloud: &Arc<Cloud>) -> Vec<Probed> {
    let mut running = JoinSet::new();
    let mut begun: Vec<(Id, usize, String)> = Vec::new();
    let mut ended = Vec::new();
    for (at, source, call) in wanted {
        if running.len() >= AT_ONCE {
            ended.extend(running.join_next_with_id().await);
        }
        let (prober, plane, cloud) = (prober.clone(), Arc::clone(plane), Arc::clone(cloud));
        let task = running.spawn(async move { probe::probe(&prober, &plane, &cloud, call).await });
        begun.push((task.id(), at, source));
    }
    while let Some(one) = running.join_next_with_id().await {
        ended.push(one);
    }
    let mut made: HashMap<Id, Result<Probe, probe::NotMade>> = HashMap::new();
    for one in ended {
        let (id, one) = one.unwrap_or_else(|why| (why.id(), Err(gave_up(&why))));
        made.insert(id, one);
    }
    let missing = || Err(gave_up(&"nothing came of it"));
    let mut all: Vec<Probed> =
        begun.into_iter().map(|(id, at, source)| Probed { at, source, made: made.remove(&id).unwrap_or_else(missing) }).collect();
    all.sort_by(|a, b| (a.at, &a.source).cmp(&(b.at, &b.source)));
    all
}

/// The prober itself failed.
fn gave_up(why: &dyn std::fmt::Display) -> probe::NotMade {
    probe::NotMade { status: 500, message: format!("the prober failed: {why}"), hint: None, nobody_there: false }
}

/// How the prober finds a source.
fn source_word(source: &Source) -> String {
    match source {
        Source::Function(scope, name) => vpclab_cloud::function::function_arn(scope, name),
        Source::Instance(_) | Source::Interface(_) | Source::Address { .. } => source_name(source),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_source_that_does_not_run_is_answered_by_judgement_alone() {
        let failed = gave_up(&"no file descriptor");
        assert_eq!(unmade(Met::Yes, &failed), Met::No);
        let stopped = probe::NotMade { nobody_there: true, ..failed };
        let stands = [Met::Yes, Met::No, Met::NotJudged].map(|judged| unmade(judged, &stopped));
        assert_eq!(stands, [Met::Yes, Met::No, Met::NotJudged]);
    }

    #[test]
    fn calls_say_what_was_not_judged_all_of_them() {
        let all = |judged: Met, calls: &[Met]| {
            let step = |so_far: Met, (at, met): (usize, &Met)| together(so_far, judged, *met, at == 0);
            calls.iter().enumerate().fold(judged, step)
        };
        assert_eq!(all(Met::NotJudged, &[]), Met::NotJudged);
        assert_eq!(all(Met::NotJudged, &[Met::Yes, Met::Yes]), Met::Yes);
        assert_eq!(all(Met::NotJudged, &[Met::Yes, Met::No, Met::Yes]), Met::No);
        assert_eq!(all(Met::NotJudged, &[Met::Yes, Met::NotJudged, Met::Yes]), Met::NotJudged);
        assert_eq!(all(Met::NotJudged, &[Met::NotJudged, Met::Yes]), Met::NotJudged);
        assert_eq!((all(Met::Yes, &[Met::Yes, Met::No]), all(Met::No, &[Met::Yes])), (Met::No, Met::No));
    }
}
