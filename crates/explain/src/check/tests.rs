use super::*;
use crate::tests::{FROM_OREGON, WORLD, network::Network};

/// `line:column message` of a file that cannot be read.
#[track_caller]
fn refused(text: &str) -> String {
    let why = read(text).unwrap_err();
    format!("{}:{} {}", why.at.line, why.at.column, why.message)
}

#[test]
fn errors_say_where() {
    assert_eq!(
        refused("checks:\n  - from: a\n    call: GET https://b/\n    expcet: 200\n"),
        "4:5 `expcet` is not known here; known are name, from, never, call, headers, expect, or-none"
    );
    assert_eq!(
        refused("checks:\n  - from: a\n    call: GET https://b/\n"),
        "2:11 `expect` is missing: 200, reachable, blocked, or {blocked-by: CAUSE}"
    );
    assert_eq!(
        refused("checks:\n  - from: a\n    call: https://b/\n    expect: {blocked-by: NONSENSE}\n"),
        "4:26 `NONSENSE` is no cause; docs/causes has a page for each"
    );
    assert_eq!(refused("checks:\n  - never: {}\n    call: https://b/\n"), "2:12 an empty selector; write {any: true} for every source");
    assert_eq!(refused("checks:\n  - never: {cidr: 10.0.0.0/33}\n    call: https://b/\n"), "2:19 `10.0.0.0/33` is no IPv4 CIDR");
    assert_eq!(refused("checks:\n  - from: a\n    call: https://b/\n    expect: 99\n"), "4:13 99 is no HTTP status");
    assert!(refused("checks: [").contains("not well-formed"));
    assert!(refused("checks: []").contains("1 to 10000 checks"));
}

/// `holds: sources: what is so` of each finding.
fn findings(text: &str) -> Vec<String> {
    let network = Network::of(&format!("{WORLD}instance lone in clients with endpoint\n"));
    let text = text.replace("ALIAS", &network.call("there", FROM_OREGON.1).url.text);
    let text = ["here", "there", "lone", "seoul", "pets"]
        .iter()
        .fold(text, |text, name| text.replace(&format!("<{name}>"), &network.id::<String>(name)));
    let judge = Judge::new(&network.cloud, None);
    let findings = super::judge(&judge, &read(&text).unwrap(), network.call("here", FROM_OREGON.1).now);
    findings.iter().map(|finding| format!("{} {} {}", finding.at.line, finding.met == Met::Yes, finding.sources.len())).collect()
}

const PRIVATE: &str = "https://${api:pets}.execute-api.ap-northeast-2.amazonaws.com/dev/pets";

#[test]
fn what_holds_and_what_does_not() {
    let text = format!(
        "checks:
  - from: <here>
    call: GET {PRIVATE}
    expect: 200
  - from: <lone>
    call: {PRIVATE}
    expect: {{blocked-by: ENI_SG_RULES_MISMATCH}}
  - from: [<lone>, <there>]
    call: {PRIVATE}
    expect: blocked
  - from: <there>
    call: {PRIVATE}
    expect: {{blocked-by: ENI_SG_RULES_MISMATCH}}
  - never: {{vpc: <seoul>, not: {{instance: <here>}}}}
    call: {PRIVATE}
  - never: {{any: true}}
    call: {PRIVATE}
"
    );
    assert_eq!(
        findings(&text),
        ["2 true 1", "5 true 1", "8 true 1", "8 true 1", "11 false 1", "14 true 1", "16 false 1", "16 true 1", "16 true 1"]
    );
}

#[test]
fn nobody_is_a_failure_unless_it_is_said() {
    assert_eq!(findings(&format!("checks:\n  - never: {{vpc: vpc-0}}\n    call: {PRIVATE}\n")), ["2 false 0"]);
    assert_eq!(findings(&format!("checks:\n  - never: {{vpc: vpc-0}}\n    or-none: true\n    call: {PRIVATE}\n")), ["2 true 0"]);
    assert_eq!(findings(&format!("checks:\n  - from: i-00000000000000000\n    expect: 200\n    call: {PRIVATE}\n")), ["2 false 0"]);
    assert_eq!(findings("checks:\n  - from: <here>\n    expect: 200\n    call: https://${api:cats}.x/\n"), ["4 false 0"]);
}

/// What is not known is never what was expected, not even of a call that must not be made.
#[test]
fn undetermined_is_no_answer() {
    let network = Network::of(WORLD);
    let mut explanation = network.explain("here", crate::tests::FROM_SEOUL.1);
    assert_eq!(explanation.verdict, Verdict::Reachable);
    let all = [Expect::Status(200), Expect::Reachable, Expect::Blocked, Expect::BlockedBy(Cause::NoRouteToDestination)];
    assert_eq!(all.iter().map(|expect| expect.met(&explanation)).collect::<Vec<_>>(), [Met::Yes, Met::Yes, Met::No, Met::No]);
    assert_eq!(Expect::Status(201).met(&explanation), Met::No, "the mock's status is known");
    explanation.outcome = Some(Outcome::Answered { status: None });
    let open = [200, 404].map(|status| Expect::Status(status).met(&explanation));
    assert_eq!(open, [Met::NotJudged, Met::NotJudged], "a function may answer with any status");
    explanation.verdict = Verdict::Undetermined;
    explanation.outcome = None;
    assert!(all.iter().all(|expect| expect.met(&explanation) == Met::No));
}

/// A gateway's own error is not the status that an integration which is asked was to answer with.
#[test]
fn packets_that_contradict_the_judgement_do_not_meet_a_status() {
    let is_met = |wanted, own, judged| Expect::Status(wanted).is_met_by_packets(Some(wanted), own, judged);
    assert!(!is_met(403, false, Verdict::Reachable));
    assert!(is_met(403, true, Verdict::Reachable) && is_met(403, false, Verdict::Blocked));
    assert!(is_met(502, false, Verdict::Reachable) && is_met(504, false, Verdict::Reachable), "errors of the integration");
    assert!(!Expect::Status(502).is_met_by_packets(Some(403), false, Verdict::Reachable));
}
