//! What differs between two states in who can call what.
use crate::reach::source_name;
use crate::{Blocker, Judge, Source, Verdict};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use vpclab_cloud::{Cloud, RestApiId, Tags, Timestamp};

/// A call that one source could make in one state and not in the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Who.
    pub from: Source,
    /// Its `Name` tag.
    pub name: Option<String>,
    /// The API.
    pub api: RestApiId,
    /// The stage.
    pub stage: String,
    /// The method; `ANY` is any.
    pub method: String,
    /// The declared path.
    pub path: String,
    /// The call, by the way to write it that leads farthest.
    pub url: String,
    /// The headers that it needs.
    pub headers: Vec<(String, String)>,
    /// The verdict before; `None` when there was no such source or method.
    pub before: Option<Verdict>,
    /// The verdict after.
    pub after: Option<Verdict>,
    /// What blocks it, in the state in which it is blocked.
    pub blockers: Vec<Blocker>,
    /// What would have to be known.
    pub missing: Vec<String>,
}

/// What [`differences`] finds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// In the order of source, API, stage, path and method.
    pub found: Vec<Difference>,
    /// Pairs of a source and a method that were not judged in the state before: there are too many.
    pub left_out_before: usize,
    /// The same in the state after.
    pub left_out_after: usize,
}

impl Differences {
    /// Whether every pair was compared.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.left_out_before == 0 && self.left_out_after == 0
    }

    /// All that was found, and what was left out.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text: String = self.found.iter().map(Difference::text).collect();
        if !self.is_whole() {
            let (before, after) = (self.left_out_before, self.left_out_after);
            let _ = writeln!(text, "left out: {before} pairs of a source and a method before and {after} after, which were not judged");
        }
        text
    }

    /// `{"format": "vpclab.diff/1", "differences": […], "leftOut": {"before": 0, "after": 0}}`
    #[must_use]
    pub fn json(&self) -> Value {
        let found: Vec<Value> = self.found.iter().map(Difference::json).collect();
        let left_out = json!({"before": self.left_out_before, "after": self.left_out_after});
        json!({"format": "vpclab.diff/1", "differences": found, "leftOut": left_out})
    }
}

/// What one source can do with one method.
type Key = (Source, RestApiId, String, String, String);

/// What the sources of one state can do.
#[derive(Default)]
struct Reaches {
    of: BTreeMap<Key, Reach>,
    /// Stages of which not every method was judged.
    parts: BTreeSet<(Source, RestApiId, String)>,
    left_out: usize,
}

impl Reaches {
    /// Whether a pair is not there only because it was not judged.
    fn leaves_out(&self, (source, api, stage, ..): &Key) -> bool {
        !self.parts.is_empty() && self.parts.contains(&(source.clone(), api.clone(), stage.clone()))
    }
}

struct Reach {
    verdict: Verdict,
    url: String,
    headers: Vec<(String, String)>,
    blockers: Vec<Blocker>,
    missing: Vec<String>,
}

/// Compares every pair of a source and a method of a private API that was judged in both states. Times come in with `now`.
#[must_use]
pub fn differences(before: &Judge, after: &Judge, now: Timestamp) -> Differences {
    let (mut was_all, mut is_all) = (reaches(before, now), reaches(after, now));
    let mut keys: Vec<Key> = was_all.of.keys().chain(is_all.of.keys()).cloned().collect();
    keys.sort();
    keys.dedup();
    let mut found = Vec::new();
    for key in keys {
        let (was, is) = (was_all.of.remove(&key), is_all.of.remove(&key));
        if (was.is_none() && was_all.leaves_out(&key)) || (is.is_none() && is_all.leaves_out(&key)) {
            continue;
        }
        let verdicts = (was.as_ref().map(|reach| reach.verdict), is.as_ref().map(|reach| reach.verdict));
        // A pair that comes or goes without ever being able to call changes nothing of who can.
        let counts = |verdict: Option<Verdict>| verdict.filter(|verdict| *verdict != Verdict::Blocked);
        if counts(verdicts.0) == counts(verdicts.1) {
            continue;
        }
        let (from, api, stage, path, method) = key;
        let (blocked, shown) = match (was, is) {
            (Some(was), Some(is)) if is.verdict == Verdict::Reachable => (Some(was), is),
            (was, Some(is)) => (None, is_or(was, is)),
            (Some(was), None) => (None, was),
            (None, None) => continue,
        };
        let Reach { url, headers, blockers, missing, .. } = shown;
        let blockers = blocked.map_or(blockers, |blocked| blocked.blockers);
        let name = name(after.cloud(), &from).or_else(|| name(before.cloud(), &from));
        found.push(Difference {
            from,
            name,
            api,
            stage,
            method,
            path,
            url,
            headers,
            before: verdicts.0,
            after: verdicts.1,
            blockers,
            missing,
        });
    }
    Differences { found, left_out_before: was_all.left_out, left_out_after: is_all.left_out }
}

/// What is lost is told by the URL that worked, and why it does no more.
fn is_or(was: Option<Reach>, is: Reach) -> Reach {
    match was {
        Some(was) if was.verdict == Verdict::Reachable => Reach { url: was.url, headers: was.headers, ..is },
        _ => is,
    }
}

fn reaches(judge: &Judge, now: Timestamp) -> Reaches {
    let mut found = Reaches::default();
    for source in judge.sources() {
        for callable in judge.what_can(&source, now) {
            if callable.left_out > 0 {
                found.left_out += callable.left_out;
                found.parts.insert((source.clone(), callable.api.clone(), callable.stage.clone()));
            }
            for method in callable.methods {
                let key = (source.clone(), callable.api.clone(), callable.stage.clone(), method.path.clone(), method.method);
                let standing = method.standing;
                let reach = Reach {
                    verdict: standing.verdict,
                    url: format!("{}/{}{}", callable.base, callable.stage, method.path),
                    headers: callable.headers.clone(),
                    blockers: standing.blockers,
                    missing: standing.missing,
                };
                found.of.insert(key, reach);
            }
        }
    }
    found
}

fn name(cloud: &Cloud, source: &Source) -> Option<String> {
    let of = |tags: &Tags| tags.get("Name").cloned();
    match source {
        Source::Instance(id) => of(&cloud.instances.get(id)?.tags),
        Source::Interface(id) => of(&cloud.network_interfaces.get(id)?.tags),
        Source::Function(..) | Source::Address { .. } => None,
    }
}

impl Difference {
    /// `+ i-… (here) can now GET https://…`, and below it why it could not before, or cannot any more.
    #[must_use]
    pub fn text(&self) -> String {
        let who = match &self.name {
            Some(name) => format!("{} ({name})", source_name(&self.from)),
            None => source_name(&self.from),
        };
        let (sign, can) = match self.after {
            Some(Verdict::Reachable) => ("+", "can now"),
            Some(Verdict::Undetermined) => ("?", "may or may not be able to"),
            Some(Verdict::Blocked) | None => ("-", "can no longer"),
        };
        let mut text = format!("{sign} {who} {can} {} {}", self.method, self.url);
        for (header, value) in &self.headers {
            let _ = write!(text, " with `{header}: {value}`");
        }
        text.push('\n');
        for blocker in &self.blockers {
            let _ = writeln!(text, "    {} at {}: {}", blocker.cause.code(), blocker.step.word(), blocker.detail);
        }
        for missing in &self.missing {
            let _ = writeln!(text, "    not known: {missing}");
        }
        if self.after.is_none() {
            text.push_str("    the source or the method is gone\n");
        }
        text
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let verdict = |verdict: Option<Verdict>| verdict.map(Verdict::word);
        let blocker = |blocker: &Blocker| json!({"cause": blocker.cause.code(), "step": blocker.step.word(), "detail": blocker.detail});
        json!({
            "from": source_name(&self.from), "name": self.name, "api": self.api.as_str(), "stage": self.stage, "method": self.method,
            "path": self.path, "url": self.url, "headers": self.headers, "before": verdict(self.before), "after": verdict(self.after),
            "blockers": self.blockers.iter().map(blocker).collect::<Vec<_>>(), "missing": self.missing,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{WORLD, network::Network};

    fn told(before: &str, after: &str) -> Vec<String> {
        // The same ids stand for the same names in both.
        let (before, after) = (Network::of(before), Network::of(after));
        let judge = |network: &Network| Judge::new(&network.cloud, None);
        differences(&judge(&before), &judge(&after), Timestamp(2_000_000)).found.iter().map(|one| after.named_in(&one.text())).collect()
    }

    #[test]
    fn calls_that_come_and_go_are_told_with_why() {
        let closed = format!("{WORLD}close endpoint in");
        assert_eq!(told(WORLD, WORLD), Vec::<String>::new());
        let lost = told(WORLD, &closed);
        assert_eq!(lost.len(), 2, "{lost:?}");
        assert!(lost.iter().all(|text| text.starts_with("- ") && text.contains("ENI_SG_RULES_MISMATCH at ingress-groups")), "{lost:?}");
        let won = told(&closed, WORLD);
        assert!(won.len() == 2 && won.iter().all(|text| text.starts_with("+ ") && text.contains(" can now ")), "{won:?}");
        let mut fewer = Network::of(WORLD);
        let there: vpclab_cloud::InstanceId = fewer.id("there");
        fewer.cloud.instances.remove(&there);
        let judge = |cloud: &Cloud| Judge::new(cloud, None);
        let gone = differences(&judge(&Network::of(WORLD).cloud), &judge(&fewer.cloud), Timestamp(2_000_000));
        let gone: Vec<String> = gone.found.iter().map(Difference::text).collect();
        assert!(gone.len() == 1 && gone[0].ends_with("the source or the method is gone\n"), "{gone:?}");
    }

    /// A network with so many more resources in each deployment, in one order or the other.
    fn with_resources(more: usize, reversed: bool) -> Network {
        let mut network = Network::of(WORLD);
        let mut deployments = network.cloud.deployments.clone();
        for (id, deployment) in &network.cloud.deployments {
            let mut many = deployment.as_ref().clone();
            let mut snapshot = many.snapshot.as_ref().clone();
            let pattern = snapshot.resources.iter().find(|resource| !resource.methods.is_empty()).unwrap().clone();
            snapshot.resources.extend((0..more).map(|at| {
                let mut resource = pattern.clone();
                resource.path = format!("{}{at}", pattern.path);
                resource
            }));
            if reversed {
                snapshot.resources.reverse();
            }
            many.snapshot = std::sync::Arc::new(snapshot);
            deployments.insert(id.clone(), std::sync::Arc::new(many));
        }
        network.cloud.deployments = deployments;
        network
    }

    #[test]
    fn what_is_left_out_is_said_and_no_difference() {
        let (few, many) = (with_resources(0, false), with_resources(600, false));
        let judge = |network: &Network| Judge::new(&network.cloud, None);
        let same = differences(&judge(&few), &judge(&few), Timestamp(2_000_000));
        assert!(same.is_whole() && same.text().is_empty(), "{}", same.text());
        let grown = differences(&judge(&few), &judge(&many), Timestamp(2_000_000));
        assert!(!grown.is_whole() && grown.left_out_before == 0 && grown.left_out_after >= 200, "{grown:?}");
        assert!(!grown.found.is_empty());
        assert!(grown.text().contains(&format!("left out: 0 pairs of a source and a method before and {} after", grown.left_out_after)));
        assert_eq!(grown.json()["leftOut"]["after"], grown.left_out_after);
        // In another order others are left out: those that were not judged before are not new, and those that are not any more not gone.
        let other = differences(&judge(&many), &judge(&with_resources(600, true)), Timestamp(2_000_000));
        assert!(other.found.is_empty() && other.left_out_before == other.left_out_after, "{}", other.text());
    }

    #[test]
    fn what_is_not_known_is_no_loss() {
        let network = Network::of(WORLD);
        let before = Judge::new(&network.cloud, None);
        let mut unknowns = crate::Unknowns::new();
        let api = network.cloud.rest_apis.keys().next().unwrap().clone();
        unknowns.note(api.to_string(), "a web ACL");
        let after = Judge::new(&network.cloud, None).with_unknowns(unknowns);
        let found = differences(&before, &after, Timestamp(2_000_000)).found;
        assert!(!found.is_empty());
        assert!(found.iter().all(|one| one.text().starts_with("? ") && one.json()["after"] == "undetermined"), "{found:?}");
    }
}
