//! What came of checks: for people, as JUnit XML, as annotations of GitHub Actions.
use super::NotRead;
use anstream::println;
use serde_json::Value;
use std::fmt::Write as _;

/// How many sources of a finding are named.
const NAMED_MAX: usize = 5;

/// A finding as the daemon tells it.
pub struct Told {
    pub file: String,
    pub line: u64,
    pub column: u64,
    pub name: String,
    pub call: String,
    pub expected: String,
    pub holds: bool,
    pub not_judged: bool,
    pub said: String,
    pub sources: Vec<String>,
}

/// Reads the findings of an answer.
pub fn findings(value: &Value) -> Vec<Told> {
    let list = value.get("findings").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    list.iter().map(told).collect()
}

fn told(value: &Value) -> Told {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |key: &str| value.get(key).and_then(Value::as_u64).unwrap_or(1);
    let sources = value.get("sources").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    Told {
        file: text("file"),
        line: number("line"),
        column: number("column"),
        name: text("name"),
        call: text("call"),
        expected: text("expected"),
        holds: value.get("holds") == Some(&Value::Bool(true)),
        not_judged: value.get("notJudged") == Some(&Value::Bool(true)),
        said: text("said"),
        sources: sources.iter().filter_map(|source| source.as_str().map(str::to_owned)).collect(),
    }
}

impl Told {
    /// Whether it holds, or may: it is not judged.
    pub fn is_unbroken(&self) -> bool {
        self.holds || self.not_judged
    }

    fn sources(&self) -> String {
        let mut named: Vec<&str> = self.sources.iter().take(NAMED_MAX).map(String::as_str).collect();
        let more = self.sources.len().saturating_sub(NAMED_MAX);
        let rest = format!("{more} more");
        if more > 0 {
            named.push(&rest);
        }
        named.join(", ")
    }

    fn why(&self) -> String {
        let from = if self.sources.is_empty() { String::new() } else { format!(" from {}", self.sources()) };
        format!("{}{from}: expected {}, and {}", self.call, self.expected, self.said)
    }
}

/// For people: one line each, and why where it does not hold.
pub fn tell(findings: &[Told], by_packets: bool) {
    for told in findings {
        let mark = match (told.holds, told.not_judged) {
            (true, _) => "\x1b[32mok  \x1b[0m",
            (false, true) => "\x1b[33m?   \x1b[0m",
            (false, false) => "\x1b[31;1mFAIL\x1b[0m",
        };
        println!("{mark} {}:{} {}: {}", told.file, told.line, told.name, told.sources());
        if !told.holds {
            println!("     {}", told.why());
        }
    }
    let count = |of: fn(&Told) -> bool| findings.iter().filter(|told| of(told)).count();
    println!("{} of {} hold{}", count(|told| told.holds), findings.len(), not_judged(count(|told| told.not_judged), by_packets));
}

/// How many are not judged, and why.
fn not_judged(count: usize, by_packets: bool) -> String {
    match (count, by_packets) {
        (0, _) => String::new(),
        (count, false) => format!("; {count} not judged without --probe"),
        (count, true) => format!("; {count} not judged, for a source does not run"),
    }
}

/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>
pub fn annotate(findings: &[Told]) {
    for told in findings.iter().filter(|told| !told.holds) {
        let level = if told.not_judged { "warning" } else { "error" };
        println!("{}", annotation(level, &told.file, (told.line, told.column), &told.name, &told.why()));
    }
}

/// A file that cannot be read.
pub fn annotate_file(why: &NotRead) {
    println!("{}", annotation("error", &why.file, (why.line.into(), why.column.into()), "the file cannot be read", &why.message));
}

fn annotation(level: &str, file: &str, (line, column): (u64, u64), title: &str, message: &str) -> String {
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    format!("::{level} file={},line={line},col={column},title={}::{}", property(file), property(title), data(message))
}

/// JUnit XML: a suite for each file, a case for each finding.
pub fn junit(findings: &[Told]) -> String {
    let mut files: Vec<&str> = Vec::new();
    for told in findings {
        if !files.contains(&told.file.as_str()) {
            files.push(&told.file);
        }
    }
    let counts = |of: &[&Told]| {
        let count = |of_kind: fn(&Told) -> bool| of.iter().filter(|told| of_kind(told)).count();
        let (failures, skipped) = (count(|told| !told.is_unbroken()), count(|told| told.not_judged));
        format!("tests=\"{}\" failures=\"{failures}\" skipped=\"{skipped}\"", of.len())
    };
    let all: Vec<&Told> = findings.iter().collect();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(out, "<testsuites name=\"vpclab check\" {}>", counts(&all));
    for file in files {
        let of: Vec<&Told> = findings.iter().filter(|told| told.file == file).collect();
        let _ = writeln!(out, "  <testsuite name=\"{}\" {}>", escaped(file), counts(&of));
        for told in of {
            let name = format!("{}: {} from {}", told.name, told.call, told.sources());
            let open = format!(
                "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\"",
                escaped(file),
                escaped(&name),
                escaped(file),
                told.line
            );
            if told.holds {
                let _ = writeln!(out, "{open}/>");
            } else if told.not_judged {
                let _ = writeln!(out, "{open}>\n      <skipped message=\"{}\"/>\n    </testcase>", escaped(&told.why()));
            } else {
                let why = escaped(&told.why());
                let _ = writeln!(out, "{open}>\n      <failure message=\"{why}\">{why}</failure>\n    </testcase>");
            }
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// XML text, without what XML 1.0 cannot hold.
fn escaped(text: &str) -> String {
    let legal: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r')).collect();
    quick_xml::escape::escape(legal).into_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn one(holds: bool) -> Told {
        Told {
            file: "a,b.yaml".into(),
            line: 3,
            column: 5,
            name: "no <pets>".into(),
            call: "GET https://n/".into(),
            expected: "blocked".into(),
            holds,
            not_judged: false,
            said: "100%\nanswered & well".into(),
            sources: (0..7).map(|at| format!("i-{at}")).collect(),
        }
    }

    #[test]
    fn reports() {
        let xml = junit(&[one(true), one(false)]);
        assert!(
            xml.contains("tests=\"2\" failures=\"1\" skipped=\"0\"")
                && xml.contains("no &lt;pets&gt;")
                && xml.contains("answered &amp; well"),
            "{xml}"
        );
        assert!(xml.contains("i-4, 2 more"), "{xml}");
        let told = one(false);
        let line = annotation("error", &told.file, (told.line, told.column), &told.name, &told.why());
        assert!(line.starts_with("::error file=a%2Cb.yaml,line=3,col=5,title=no <pets>::GET https://n/ from"), "{line}");
        assert!(line.ends_with("100%25%0Aanswered & well"), "{line}");
        assert_eq!(
            [(0, true), (2, false), (2, true)].map(|(count, by_packets)| not_judged(count, by_packets)),
            ["", "; 2 not judged without --probe", "; 2 not judged, for a source does not run"]
        );
        let open = Told { not_judged: true, ..one(false) };
        let xml = junit(&[open, one(false)]);
        assert!(xml.contains("tests=\"2\" failures=\"1\" skipped=\"1\"") && xml.contains("<skipped message=\"GET https://n/"), "{xml}");
    }
}
