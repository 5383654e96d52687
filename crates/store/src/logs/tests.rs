use super::*;

fn group(name: &str) -> LogGroupKey {
    LogGroupKey {
        scope: Scope { account: "111122223333".parse().unwrap(), region: "ap-northeast-2".parse().unwrap() },
        name: name.to_owned(),
    }
}

fn events(of: &[(i64, &str)]) -> Vec<NewLogEvent> {
    of.iter().map(|(timestamp, message)| NewLogEvent { timestamp: *timestamp, message: (*message).to_owned() }).collect()
}

fn messages(of: &[LogEvent]) -> Vec<&str> {
    of.iter().map(|event| event.message.as_str()).collect()
}

#[test]
fn events_are_read_by_time_in_both_directions() {
    let logs = Logs::in_memory().unwrap();
    let here = group("/aws/lambda/f");
    logs.append(&here, "s", &events(&[(20, "b"), (-5, "z"), (20, "c"), (10, "a")]), 100, Durability::Soon).unwrap();
    let stream = logs.stream(&here, "s").unwrap().unwrap();
    assert_eq!((stream.first_event, stream.last_event, stream.last_ingestion, stream.bytes), (Some(-5), Some(20), Some(100), 4));
    let all = logs.after(&stream, Position::START, 10).unwrap();
    assert_eq!(messages(&all), ["z", "a", "b", "c"]);
    assert_eq!(messages(&logs.after(&stream, all[1].position, 1).unwrap()), ["b"]);
    assert_eq!(messages(&logs.before(&stream, Position::END, 2).unwrap()), ["b", "c"]);
    assert_eq!(messages(&logs.before(&stream, all[2].position, 10).unwrap()), ["z", "a"]);
    assert_eq!(logs.after(&stream, all[3].position, 10).unwrap(), []);
}

#[test]
fn streams_are_found_by_prefix_and_groups_are_apart() {
    let logs = Logs::in_memory().unwrap();
    for name in ["b", "a/2", "a/1"] {
        assert!(logs.create_stream(&group("g"), name, 1).unwrap());
    }
    assert!(!logs.create_stream(&group("g"), "b", 2).unwrap());
    // A group whose name begins as another's is another group.
    logs.append(&group("g2"), "a/3", &events(&[(1, "other")]), 1, Durability::Now).unwrap();
    let names = |prefix: &str| logs.streams(&group("g"), prefix).unwrap().into_iter().map(|s| s.name).collect::<Vec<_>>();
    assert_eq!(names(""), ["a/1", "a/2", "b"]);
    assert_eq!(names("a/"), ["a/1", "a/2"]);
    logs.delete_group(&group("g")).unwrap();
    assert_eq!(names(""), [""; 0]);
    assert_eq!(logs.streams(&group("g2"), "").unwrap().len(), 1);
}

#[test]
fn streams_merge_in_order_of_time_page_by_page() {
    let logs = Logs::in_memory().unwrap();
    let here = group("g");
    logs.append(&here, "one", &events(&[(1, "1"), (3, "3"), (5, "5")]), 9, Durability::Soon).unwrap();
    logs.append(&here, "two", &events(&[(2, "2"), (3, "3'"), (8, "8")]), 9, Durability::Soon).unwrap();
    let streams = logs.streams(&here, "").unwrap();
    let (mut from, mut seen) = (Position::START, Vec::new());
    loop {
        let (page, next) = logs.merged(&streams, from, 8, (2, 100), |event| event.message != "2").unwrap();
        assert!(page.len() <= 2);
        seen.extend(page.into_iter().map(|event| event.message));
        let Some(next) = next else { break };
        from = next;
    }
    assert_eq!(seen, ["1", "3", "3'", "5"]);
    // A page may be empty where only few events may be looked at.
    let (page, next) = logs.merged(&streams, Position::START, 100, (10, 1), |_| false).unwrap();
    assert!(page.is_empty() && next.is_some());
}

#[test]
fn old_events_expire_and_deleted_streams_are_gone() {
    let logs = Logs::in_memory().unwrap();
    let here = group("g");
    logs.append(&here, "s", &events(&[(1, "old"), (5, "new")]), 9, Durability::Now).unwrap();
    logs.expire(&here, 5).unwrap();
    let stream = logs.stream(&here, "s").unwrap().unwrap();
    assert_eq!(messages(&logs.after(&stream, Position::START, 9).unwrap()), ["new"]);
    assert_eq!((stream.first_event, stream.last_event, stream.bytes), (Some(5), Some(5), 3));
    assert!(logs.delete_stream(&here, "s").unwrap());
    assert!(!logs.delete_stream(&here, "s").unwrap());
    // A new stream of the same name does not find the old one's events.
    logs.create_stream(&here, "s", 1).unwrap();
    let stream = logs.stream(&here, "s").unwrap().unwrap();
    assert_eq!(logs.after(&stream, Position::START, 9).unwrap(), []);
}

#[test]
fn what_was_flushed_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("logs.redb");
    {
        let logs = Logs::open(&path).unwrap();
        logs.append(&group("g"), "s", &events(&[(1, "kept")]), 1, Durability::Soon).unwrap();
        logs.flush().unwrap();
    }
    let logs = Logs::open(&path).unwrap();
    let stream = logs.stream(&group("g"), "s").unwrap().unwrap();
    assert_eq!(messages(&logs.after(&stream, Position::START, 9).unwrap()), ["kept"]);
}
