//! A process is killed while it writes: whatever it acknowledged is there, and nothing is there by half.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    sync::Arc,
};
use vpclab_cloud::{Change, Record, Stage, Timestamp};
use vpclab_store::{RedbStore, Store};

const PATH: &str = "VPCLAB_TEST_KILLED_STORE";

fn record(api: &str, n: usize) -> Record {
    let api: vpclab_cloud::RestApiId = api.parse().unwrap();
    Record::Stage(
        (api.clone(), format!("{n}")),
        Arc::new(Stage {
            api,
            name: format!("{n}"),
            deployment: "abc123".parse().unwrap(),
            description: Some("x".repeat(500)),
            disable_execute_api_endpoint: false,
            variables: Default::default(),
            settings: Default::default(),
            created: Timestamp(0),
            updated: Timestamp(0),
            tags: Default::default(),
        }),
    )
}

/// The process that is killed: it writes pairs and says each number once the pair is committed.
#[test]
#[ignore = "run by the other test, in a process of its own"]
fn writer() {
    let Ok(path) = std::env::var(PATH) else {
        return;
    };
    let store = RedbStore::open(path).unwrap();
    // Bounded, so that a test that dies does not leave a process that writes for ever.
    for n in 0..20_000 {
        store.commit(&Change { written: vec![record("left000000", n), record("right00000", n)], removed: vec![] }).unwrap();
        println!("\nkept {n}");
        std::io::stdout().flush().unwrap();
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lab.redb");
    let mut known = 0;
    for round in 1..=3 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "writer", "--ignored", "--nocapture"])
            .env(PATH, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut acknowledged = None;
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for line in lines.by_ref() {
            if let Some(n) = line.unwrap().strip_prefix("kept ") {
                let n: usize = n.parse().unwrap();
                acknowledged = Some(n);
                if n >= 40 * round {
                    break;
                }
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What was still in the pipe was acknowledged too.
        for line in lines {
            if let Some(n) = line.unwrap().strip_prefix("kept ") {
                acknowledged = n.parse().ok().or(acknowledged);
            }
        }
        let acknowledged = acknowledged.expect("the writer wrote");

        let store = RedbStore::open(&path).unwrap();
        let records = store.load().unwrap();
        let of = |name: &str| -> BTreeSet<usize> {
            records
                .iter()
                .filter_map(|record| match record {
                    Record::Stage((api, n), _) if api.as_str() == name => n.parse().ok(),
                    _ => None,
                })
                .collect()
        };
        let (left, right) = (of("left000000"), of("right00000"));
        assert_eq!(left, right, "pairs are whole");
        assert!((0..=acknowledged).all(|n| left.contains(&n)));
        let revision = store.revision().unwrap();
        assert!(revision > known + acknowledged as u64, "revisions rise");
        known = revision;
    }
}
