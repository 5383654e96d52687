//! Expectations about who can call what, read from YAML and held against a snapshot (`docs/check.md`).
//!
//! A file says of sources and a call what is to come of it. Each check gives [`Finding`]s: one for the sources that nothing tells apart.
//! A check whose sources are nobody fails, unless it says that this may be: one that looks at nothing must not pass by accident.
mod read;
mod selector;

pub use read::{CheckError, read};
pub use selector::Selector;

use crate::reach::{Classes, Request, source_name};
use crate::{Cause, Explanation, Judge, Outcome, Source, Verdict, render};
use vpclab_cloud::Timestamp;
use vpclab_template::Span;

/// What is said of a call whose integration alone knows the status.
pub const STATUS_NOT_JUDGED: &str = ", and its status is not judged";
/// What follows on [`STATUS_NOT_JUDGED`] while no packets were asked for.
pub const WITHOUT_PROBE: &str = " without --probe";

/// One expectation.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// What it is called.
    pub name: String,
    /// Where it stands in its file.
    pub at: Span,
    /// Whom it is about.
    pub from: Vec<Who>,
    /// Where they are named.
    pub from_at: Span,
    /// Whether it may be about nobody.
    pub or_none: bool,
    /// The method.
    pub method: String,
    /// The URL, in which `${…}` may stand.
    pub url: String,
    /// Where the call is written.
    pub call_at: Span,
    /// Headers, in whose values `${…}` may stand.
    pub headers: Vec<(String, String)>,
    /// What is to come of it.
    pub expect: Expect,
}

/// Whom a check is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Who {
    /// One source, as `vpclab explain --from` takes it; `${…}` may stand in it.
    One(String),
    /// All that match.
    All(Selector),
}

/// What is to come of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// An answer with this status, from the integration or from API Gateway.
    Status(u16),
    /// An answer of the integration, whatever its status.
    Reachable,
    /// None.
    Blocked,
    /// None, and this is one of the causes.
    BlockedBy(Cause),
}

/// Whether what was expected is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// The integration is asked, and its status is not to be known without asking.
    NotJudged,
}

/// What came of a check for some sources.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The check's place in its file, from 0.
    pub check: usize,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub at: Span,
    /// `GET https://…`, as it is made.
    pub call: String,
    /// The request that each source makes; `None` where it could not be made out.
    pub request: Option<Request>,
    /// The sources; nothing tells them apart.
    pub sources: Vec<Source>,
    /// What was expected.
    pub expect: Expect,
    /// Whether it is so.
    pub met: Met,
    /// What is so instead, or why nothing was judged.
    pub said: String,
    /// The explanation, for the first source.
    pub explanation: Option<Explanation>,
}

impl Expect {
    /// As it is written in a file.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Status(status) => status.to_string(),
            Self::Reachable => "reachable".to_owned(),
            Self::Blocked => "blocked".to_owned(),
            Self::BlockedBy(cause) => format!("blocked-by {cause}"),
        }
    }

    /// Whether an explanation is as expected. What is undetermined never is.
    #[must_use]
    pub fn met(&self, explanation: &Explanation) -> Met {
        let is_met = match (self, explanation.verdict, &explanation.outcome) {
            (Self::Reachable, verdict, _) => verdict == Verdict::Reachable,
            (Self::Status(wanted), Verdict::Reachable, Some(Outcome::Answered { status: Some(status) })) => wanted == status,
            (Self::Status(_), Verdict::Reachable, Some(Outcome::Answered { status: None })) => return Met::NotJudged,
            (Self::Status(wanted), Verdict::Blocked, Some(Outcome::Http { status, .. })) => wanted == status,
            (Self::Status(_), _, _) => false,
            (Self::Blocked, verdict, _) => verdict == Verdict::Blocked,
            (Self::BlockedBy(cause), verdict, _) => {
                verdict == Verdict::Blocked && explanation.blockers.iter().any(|blocker| blocker.cause == *cause)
            }
        };
        if is_met { Met::Yes } else { Met::No }
    }

    /// Whether a status that was really seen is as expected; `None` where there was no answer. Where the integration was judged to be
    /// asked, a status of API Gateway's own is not what was expected, except of the errors that tell of the integration.
    #[must_use]
    pub fn is_met_by_packets(&self, status: Option<u16>, comes_from_integration: bool, judged: Verdict) -> bool {
        match self {
            Self::Status(wanted) => {
                let tells_of_integration = comes_from_integration || matches!(wanted, 502 | 504);
                status == Some(*wanted) && (judged != Verdict::Reachable || tells_of_integration)
            }
            Self::Reachable => comes_from_integration,
            Self::Blocked | Self::BlockedBy(_) => !comes_from_integration,
        }
    }
}

/// Holds checks against a snapshot.
#[must_use]
pub fn judge(judge: &Judge, checks: &[Check], now: Timestamp) -> Vec<Finding> {
    let classes = Classes::of(judge);
    checks.iter().enumerate().flat_map(|(at, check)| judge_one(judge, &classes, at, check, now)).collect()
}

fn judge_one(judge: &Judge, classes: &Classes, at: usize, check: &Check, now: Timestamp) -> Vec<Finding> {
    let failed = |at_span: Span, said: String| Finding {
        check: at,
        name: check.name.clone(),
        at: at_span,
        call: format!("{} {}", check.method, check.url),
        request: None,
        sources: Vec::new(),
        expect: check.expect.clone(),
        met: Met::No,
        said,
        explanation: None,
    };
    let request = match request(judge, check, now) {
        Ok(request) => request,
        Err(why) => return vec![failed(check.call_at, why)],
    };
    let sources = match selector::sources(judge, &check.from) {
        Ok(sources) => sources,
        Err(why) => return vec![failed(check.from_at, why)],
    };
    if sources.is_empty() && check.or_none {
        return vec![Finding {
            met: Met::Yes,
            request: Some(request),
            ..failed(check.from_at, "no source matches, which may be".to_owned())
        }];
    }
    if sources.is_empty() {
        return vec![failed(check.from_at, "no source matches; write `or-none: true` where that may be".to_owned())];
    }
    let found = classes.of_all(judge, &sources).into_iter().filter_map(|sources| {
        let explanation = judge.explain(&request.from(sources.first()?.clone()));
        Some(Finding {
            request: Some(request.clone()),
            call: format!("{} {}", request.method, request.url.text),
            sources,
            met: check.expect.met(&explanation),
            said: match check.expect.met(&explanation) {
                Met::NotJudged => format!("{}{STATUS_NOT_JUDGED}{WITHOUT_PROBE}", said(&explanation)),
                Met::Yes | Met::No => said(&explanation),
            },
            explanation: Some(explanation),
            ..failed(check.at, String::new())
        })
    });
    found.collect()
}

fn request(judge: &Judge, check: &Check, now: Timestamp) -> Result<Request, String> {
    let filled = |text: &str| selector::filled(judge.cloud(), text);
    let url = filled(&check.url)?;
    let headers = check.headers.iter().map(|(name, value)| Ok((name.clone(), filled(value)?))).collect::<Result<_, String>>()?;
    let url = url.parse().map_err(|why: crate::CallError| why.to_string())?;
    let request = Request { method: check.method.clone(), url, headers, now };
    request.check().map_err(|why| why.to_string())?;
    Ok(request)
}

/// An explanation in one line.
fn said(explanation: &Explanation) -> String {
    match explanation.verdict {
        Verdict::Reachable => render::outcome_text(explanation),
        Verdict::Undetermined => format!("undetermined, for it hangs on {}", explanation.missing.join("; ")),
        Verdict::Blocked => {
            let causes = explanation.blockers.iter().map(|blocker| format!("{}: {}", blocker.cause, blocker.detail));
            format!("{} ({})", render::outcome_text(explanation), causes.collect::<Vec<_>>().join("; "))
        }
    }
}

/// The names of a finding's sources, at most so many.
#[must_use]
pub fn sources_text(sources: &[Source], most: usize) -> String {
    let mut names: Vec<String> = sources.iter().take(most).map(source_name).collect();
    if sources.len() > most {
        names.push(format!("{} more", sources.len() - most));
    }
    names.join(", ")
}

#[cfg(test)]
mod tests;
