use super::*;
use crate::MemoryStore;
use vpclab_cloud::{RecordKey, RestApiId, Stage, Timestamp};

fn stage(name: &str, created: i64) -> Record {
    let api: RestApiId = "a1b2c3d4e5".parse().unwrap();
    Record::Stage(
        (api.clone(), name.to_owned()),
        std::sync::Arc::new(Stage {
            api,
            name: name.to_owned(),
            deployment: "abc123".parse().unwrap(),
            description: None,
            disable_execute_api_endpoint: false,
            variables: Default::default(),
            settings: Default::default(),
            created: Timestamp(created),
            updated: Timestamp(created),
            tags: Default::default(),
        }),
    )
}

fn write(records: &[Record]) -> Change {
    Change { written: records.to_vec(), removed: vec![] }
}

#[test]
fn both_stores_keep_overwrite_and_remove() {
    let dir = tempfile::tempdir().unwrap();
    let stores: [Box<dyn Store>; 2] = [Box::new(RedbStore::open(dir.path().join("lab.redb")).unwrap()), Box::new(MemoryStore::new())];
    for store in stores {
        assert_eq!(store.revision().unwrap(), 0);
        assert_eq!(store.load().unwrap(), []);
        store.commit(&write(&[stage("b", 1), stage("a", 1)])).unwrap();
        assert_eq!(store.load().unwrap(), [stage("a", 1), stage("b", 1)]);
        store.commit(&Change { written: vec![stage("a", 2)], removed: vec![stage("b", 1).key()] }).unwrap();
        assert_eq!(store.load().unwrap(), [stage("a", 2)]);
        assert_eq!(store.revision().unwrap(), 2);
        store.commit(&Change::default()).unwrap();
        assert_eq!(store.revision().unwrap(), 2, "nothing changed");
    }
}

#[test]
fn a_store_opened_again_has_everything() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deeper").join("lab.redb");
    let store = RedbStore::open(&path).unwrap();
    store.commit(&write(&[stage("prod", 7)])).unwrap();
    drop(store);
    let store = RedbStore::open(&path).unwrap();
    assert_eq!(store.load().unwrap(), [stage("prod", 7)]);
    assert_eq!(store.revision().unwrap(), 1);
}

#[test]
fn a_lab_that_is_open_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lab.redb");
    let _held = RedbStore::open(&path).unwrap();
    assert!(matches!(RedbStore::open(&path), Err(StoreError::InUse(p)) if p == path));
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lab.redb");
    let database = Database::create(&path).unwrap();
    let write = database.begin_write().unwrap();
    write.open_table(ABOUT).unwrap().insert(FORMAT, CURRENT_FORMAT + 1).unwrap();
    write.commit().unwrap();
    drop(database);
    let refused = RedbStore::open(&path).unwrap_err();
    assert!(matches!(refused, StoreError::NewerFormat { found: 2, .. }));
    let refused = RedbStore::open(&path).unwrap_err();
    assert!(matches!(refused, StoreError::NewerFormat { found: 2, .. }));
}

#[test]
fn other_files_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lab.redb");
    for bytes in [b"x".to_vec(), b"not a store".repeat(1000)] {
        std::fs::write(&path, &bytes).unwrap();
        let refused = RedbStore::open(&path).unwrap_err();
        assert!(matches!(refused, StoreError::Corrupt { .. }), "{refused}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "left as it was");
    }
    let other = dir.path().join("other.redb");
    let database = Database::create(&other).unwrap();
    let write = database.begin_write().unwrap();
    write.open_table(TableDefinition::<&str, &str>::new("theirs")).unwrap();
    write.commit().unwrap();
    drop(database);
    assert!(matches!(RedbStore::open(&other), Err(StoreError::Corrupt { .. })));
    assert!(matches!(RedbStore::open(dir.path()), Err(StoreError::Open { .. })));
}

#[test]
fn a_truncated_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lab.redb");
    let store = RedbStore::open(&path).unwrap();
    for n in 0..200 {
        store.commit(&write(&[stage(&format!("s{n}"), n)])).unwrap();
    }
    drop(store);
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..2000]).unwrap();
    let refused = RedbStore::open(&path).unwrap_err();
    assert!(matches!(refused, StoreError::Corrupt { .. }), "{refused}");
}

#[test]
fn a_record_that_cannot_be_read_names_itself() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lab.redb");
    let store = RedbStore::open(&path).unwrap();
    let put = |name: &str, value: &[u8]| {
        let write = store.database.begin_write().unwrap();
        write.open_table(RECORDS).unwrap().insert(name, value).unwrap();
        write.commit().unwrap();
    };
    put("Stage/a1b2c3d4e5/x", &serde_json::to_vec(&stage("y", 1)).unwrap());
    let refused = store.load().unwrap_err().to_string();
    assert!(refused.contains("`Stage/a1b2c3d4e5/x`"), "{refused}");
    put("Stage/a1b2c3d4e5/x", b"{");
    let refused = store.load().unwrap_err().to_string();
    assert!(refused.contains("`Stage/a1b2c3d4e5/x`"), "{refused}");
}

#[test]
fn a_change_is_kept_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lab.redb");
    let store = RedbStore::open(&path).unwrap();
    store.commit(&write(&[stage("a", 1)])).unwrap();
    // What a commit does up to its last step, then the process's end.
    let transaction = store.database.begin_write().unwrap();
    transaction.open_table(RECORDS).unwrap().remove("Stage/a1b2c3d4e5/a").unwrap();
    drop(transaction);
    assert_eq!(store.load().unwrap(), [stage("a", 1)]);
    let removed: Vec<RecordKey> = vec![stage("a", 1).key(), stage("none", 1).key()];
    store.commit(&Change { written: vec![], removed }).unwrap();
    assert_eq!(store.load().unwrap(), []);
}

#[test]
fn a_file_damaged_anywhere_is_never_a_panic() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lab.redb");
    let store = RedbStore::open(&path).unwrap();
    for n in 0..50 {
        store.commit(&write(&[stage(&format!("s{n}"), n)])).unwrap();
    }
    let all = store.load().unwrap();
    drop(store);
    let whole = std::fs::read(&path).unwrap();
    let used = whole.iter().rposition(|b| *b != 0).unwrap();
    let mut refused = 0;
    for at in (0..used).step_by(1021) {
        let mut bytes = whole.clone();
        for b in bytes.iter_mut().skip(at).take(300) {
            *b = !*b;
        }
        std::fs::write(&path, &bytes).unwrap();
        match RedbStore::open(&path).and_then(|store| store.load()) {
            Ok(records) => assert!(records.len() <= all.len()),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 0);
}
