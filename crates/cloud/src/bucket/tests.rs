//! Buckets, versions, pages and uploads.
use super::*;
use crate::IdSource;

fn cx(now: i64) -> Context {
    let scope = Scope { account: "111122223333".parse().unwrap(), region: "ap-northeast-2".parse().unwrap() };
    Context { scope, now: Timestamp(now), ids: IdSource::new(u64::try_from(now).unwrap()) }
}

fn with_bucket(versioning: Versioning) -> (Cloud, BucketName) {
    let mut cloud = Cloud::default();
    let name: BucketName = "photos".parse().unwrap();
    cloud.create_bucket(&cx(1), name.clone(), BucketSettings { versioning, ..BucketSettings::default() }, false).unwrap();
    (cloud, name)
}

fn object(etag: &str) -> Object {
    Object { etag: etag.into(), ..Object::default() }
}

fn put(cloud: &mut Cloud, name: &BucketName, key: &str, now: i64) -> Option<String> {
    cloud.put_object(&mut cx(now), name, key, object(&format!("{now}")), &Precondition::default()).unwrap().id.clone()
}

fn newest(cloud: &Cloud, name: &BucketName, key: &str) -> Result<String, Refusal> {
    cloud.object(name, key, None).map(|(_, object)| object.etag.clone())
}

#[test]
fn names() {
    for good in ["abc", "my-bucket.1", &"a".repeat(63)] {
        assert!(good.parse::<BucketName>().is_ok(), "{good}");
    }
    for bad in ["ab", "Abc", "a_b", "-abc", "abc.", "a..b", "10.0.0.1", "xn--abc", "abc-s3alias", &"a".repeat(64)] {
        assert!(bad.parse::<BucketName>().is_err(), "{bad}");
    }
}

#[test]
fn a_name_is_taken_once() {
    let (mut cloud, name) = with_bucket(Versioning::Never);
    let again = cloud.create_bucket(&cx(2), name.clone(), BucketSettings::default(), false);
    assert_eq!(again, Err(BucketRefusal::AlreadyOwnedByYou(name.clone()).into()));
    assert!(cloud.create_bucket(&cx(2), name.clone(), BucketSettings::default(), true).is_ok());
    let mut other = cx(2);
    other.scope.account = "444455556666".parse().unwrap();
    assert_eq!(cloud.create_bucket(&other, name.clone(), BucketSettings::default(), true), Err(BucketRefusal::AlreadyExists(name).into()));
}

#[test]
fn a_bucket_without_versions_keeps_one() {
    let (mut cloud, name) = with_bucket(Versioning::Never);
    assert_eq!(put(&mut cloud, &name, "k", 2), None);
    put(&mut cloud, &name, "k", 3);
    assert_eq!((cloud.objects.len(), newest(&cloud, &name, "k").unwrap()), (1, "3".to_owned()));
    assert_eq!(cloud.delete_bucket(&name), Err(BucketRefusal::NotEmpty(name.clone()).into()));
    cloud.delete_object(&mut cx(4), &name, "k", None, &Precondition::default()).unwrap();
    assert!(newest(&cloud, &name, "k").is_err());
    cloud.delete_bucket(&name).unwrap();
}

#[test]
fn versions_are_kept_and_deleted_by_markers() {
    let (mut cloud, name) = with_bucket(Versioning::Enabled);
    let (first, second) = (put(&mut cloud, &name, "k", 2).unwrap(), put(&mut cloud, &name, "k", 3).unwrap());
    let deleted = cloud.delete_object(&mut cx(4), &name, "k", None, &Precondition::default()).unwrap();
    assert!(deleted.marker);
    let marker = deleted.version.unwrap();
    assert_eq!(newest(&cloud, &name, "k"), Err(BucketRefusal::NoSuchKey { key: "k".into(), marker: Some(marker.clone()) }.into()));
    assert_eq!(cloud.object(&name, "k", Some(&first)).unwrap().1.etag, "2");
    assert!(cloud.object(&name, "k", Some(&marker)).is_err());
    // Without the marker the object is there again.
    assert!(cloud.delete_object(&mut cx(5), &name, "k", Some(&marker), &Precondition::default()).unwrap().marker);
    assert_eq!(newest(&cloud, &name, "k").unwrap(), "3");
    cloud.delete_object(&mut cx(5), &name, "k", Some(&second), &Precondition::default()).unwrap();
    assert_eq!(newest(&cloud, &name, "k").unwrap(), "2");
    // Suspended: the version `null` is replaced, the others stay.
    cloud
        .set_bucket(&name, |settings| {
            settings.versioning = Versioning::Suspended;
            Ok(())
        })
        .unwrap();
    put(&mut cloud, &name, "k", 6);
    put(&mut cloud, &name, "k", 7);
    assert_eq!((cloud.objects.len(), newest(&cloud, &name, "k").unwrap()), (2, "7".to_owned()));
    let page = cloud.list_versions(&name, &ListAsked { max: 10, ..ListAsked::default() });
    let shown = |entry: &Entry<VersionEntry>| match entry {
        Entry::One(_, one) => (one.version.shown_id().to_owned(), one.latest),
        Entry::Prefix(_) => unreachable!(),
    };
    assert_eq!(page.entries.iter().map(shown).collect::<Vec<_>>(), [("null".to_owned(), true), (first, false)]);
}

#[test]
fn writes_have_preconditions() {
    let (mut cloud, name) = with_bucket(Versioning::Never);
    let absent = Precondition { absent: true, etag: None };
    let has = |etag: &str| Precondition { absent: false, etag: Some(etag.into()) };
    let mut put = |etag: &str, precondition| cloud.put_object(&mut cx(2), &name, "k", object(etag), &precondition).map(|_| ());
    assert_eq!(put("a", has("a")), Err(BucketRefusal::NoSuchKey { key: "k".into(), marker: None }.into()));
    assert_eq!(put("a", absent.clone()), Ok(()));
    assert_eq!(put("b", absent), Err(BucketRefusal::PreconditionFailed("If-None-Match").into()));
    assert_eq!(put("b", has("x")), Err(BucketRefusal::PreconditionFailed("If-Match").into()));
    assert_eq!(put("b", has("a")), Ok(()));
}

/// A page as `a b/ | more`.
fn page(cloud: &Cloud, name: &BucketName, asked: ListAsked<'_>) -> String {
    let page = cloud.list_objects(name, &asked);
    let texts: Vec<_> = page
        .entries
        .iter()
        .map(|entry| match entry {
            Entry::One(key, _) | Entry::Prefix(key) => key.clone(),
        })
        .collect();
    format!("{}{}", texts.join(" "), if page.truncated { " | more" } else { "" })
}

#[test]
fn pages_roll_up_what_is_behind_a_delimiter() {
    let (mut cloud, name) = with_bucket(Versioning::Enabled);
    for key in ["a", "b/1", "b/2", "b/\u{10ffff}x", "c", "d/1", "e"] {
        put(&mut cloud, &name, key, 2);
        put(&mut cloud, &name, key, 3);
    }
    cloud.delete_object(&mut cx(4), &name, "c", None, &Precondition::default()).unwrap();
    let all = ListAsked { max: 10, ..ListAsked::default() };
    assert_eq!(page(&cloud, &name, all), "a b/1 b/2 b/\u{10ffff}x d/1 e");
    let rolled = ListAsked { delimiter: Some("/"), ..all };
    assert_eq!(page(&cloud, &name, rolled), "a b/ d/ e");
    assert_eq!(page(&cloud, &name, ListAsked { max: 2, ..rolled }), "a b/ | more");
    assert_eq!(page(&cloud, &name, ListAsked { after: Some("b/"), ..rolled }), "d/ e");
    assert_eq!(page(&cloud, &name, ListAsked { prefix: "b/", ..rolled }), "b/1 b/2 b/\u{10ffff}x");
    assert_eq!(page(&cloud, &name, ListAsked { after: Some("b/1"), max: 1, ..all }), "b/2 | more");
    assert_eq!(page(&cloud, &name, ListAsked { max: 0, ..all }), "");
    assert_eq!(page(&cloud, &name, ListAsked { prefix: "zz", after: Some("a"), ..all }), "");
}

#[test]
fn versions_are_listed_page_by_page() {
    let (mut cloud, name) = with_bucket(Versioning::Enabled);
    let mut ids = Vec::new();
    for now in 2..5 {
        ids.push(put(&mut cloud, &name, "k", now).unwrap());
    }
    put(&mut cloud, &name, "l", 9);
    let asked = ListAsked { max: 2, ..ListAsked::default() };
    let shown = |asked: ListAsked<'_>| {
        let page = cloud.list_versions(&name, &asked);
        page.entries
            .iter()
            .map(|e| match e {
                Entry::One(k, v) => format!("{k}@{}", v.version.modified.0),
                Entry::Prefix(p) => p.clone(),
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(shown(asked), ["k@4", "k@3"]);
    assert_eq!(shown(ListAsked { after: Some("k"), after_id: Some(&ids[1]), ..asked }), ["k@2", "l@9"]);
    assert_eq!(shown(ListAsked { after: Some("k"), ..asked }), ["l@9"]);
}

#[test]
fn an_upload_is_completed_with_its_parts() {
    let (mut cloud, name) = with_bucket(Versioning::Never);
    let upload = MultipartUpload {
        initiated: Timestamp(0),
        object: object(""),
        algorithm: ChecksumAlgorithm::Crc32,
        named: false,
        composite: false,
    };
    let id = cloud.begin_upload(&mut cx(2), &name, "k", upload).unwrap();
    let mut part = |number: u16, size: u64| {
        let piece = Piece { sha256: crate::Sha256::from_bytes([u8::try_from(number).unwrap(); 32]), size, checksum: None };
        let part = UploadPart { piece, etag: format!("e{number}"), modified: Timestamp(0) };
        cloud.put_part(&cx(3), (&name, "k", &id), number, part).unwrap();
    };
    part(1, 5);
    part(2, upload::MIN_PART);
    part(7, 1);
    let named =
        |numbers: &[u16]| numbers.iter().map(|n| CompletedPart { number: *n, etag: format!("e{n}"), checksum: None }).collect::<Vec<_>>();
    assert_eq!(cloud.chosen_parts(&id, &named(&[2, 7])).unwrap().len(), 2);
    assert_eq!(cloud.chosen_parts(&id, &named(&[7, 2])), Err(BucketRefusal::InvalidPartOrder.into()));
    assert_eq!(cloud.chosen_parts(&id, &named(&[1, 7])), Err(BucketRefusal::PartTooSmall(1).into()));
    assert_eq!(cloud.chosen_parts(&id, &named(&[2, 8])), Err(BucketRefusal::InvalidPart(8).into()));
    assert_eq!(cloud.blobs().len(), 3);
    cloud.complete_upload(&mut cx(4), (&name, "k", &id), object("x"), &Precondition::default()).unwrap();
    assert!(cloud.uploads.is_empty() && cloud.upload_parts.is_empty());
    assert!(cloud.abort_upload(&name, "k", &id).is_err());
}
