//! Every cause has its page and every page its cause; the schema's page names every word.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
use std::{collections::BTreeSet, fs, path::Path};
use vpclab_explain::{Cause, EvidenceKind, StepKind};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

#[test]
fn causes_and_pages_are_the_same() {
    let pages: BTreeSet<String> = fs::read_dir(root().join("docs/causes"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    let causes: BTreeSet<String> = Cause::ALL.iter().map(|cause| format!("{}.md", cause.code())).collect();
    assert_eq!(pages, causes);
}

#[test]
fn a_page_says_what_one_needs() {
    for cause in Cause::ALL {
        let text = fs::read_to_string(root().join(cause.page())).unwrap();
        assert!(text.starts_with(&format!("# {}: ", cause.code())), "{cause}");
        for part in ["**Symptom.** ", "**Cause.** ", "**How to see it.** ", "**How to mend it.** "] {
            assert!(text.contains(part), "{cause} has no {part}");
        }
    }
}

#[test]
fn the_schema_names_every_word() {
    let text = fs::read_to_string(root().join("docs/explain-schema.md")).unwrap();
    let words = StepKind::ALL.iter().map(|kind| kind.word()).chain(EvidenceKind::ALL.iter().map(|kind| kind.word()));
    for word in words {
        assert!(text.contains(&format!("`{word}`")), "docs/explain-schema.md does not name `{word}`");
    }
}
