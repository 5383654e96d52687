//! Bytes are kept, shared, held and swept.
use super::*;
use std::io::Read as _;

fn files(dir: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for shelf in fs::read_dir(dir).unwrap() {
        names.extend(fs::read_dir(shelf.unwrap().path()).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()));
    }
    names.sort();
    names
}

fn read(blobs: &Blobs, sha256: &Sha256) -> Vec<u8> {
    let mut bytes = Vec::new();
    blobs.open_blob(sha256).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn bytes_are_found_by_their_sha256() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path()).unwrap();
    let blob = blobs.put(&b"abc"[..], 3).unwrap();
    assert_eq!(blob.sha256.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!((blob.size, blob.md5), (3, crate::checksum::md5(b"abc")));
    let again = blobs.put(&b"abc"[..], 3).unwrap();
    assert_eq!(again.sha256, blob.sha256);
    assert_eq!(files(dir.path()), [blob.sha256.to_string()]);
    drop((blob, again, blobs));
    let blobs = Blobs::open(dir.path()).unwrap();
    let sha256 = files(dir.path())[0].parse().unwrap();
    assert_eq!(read(&blobs, &sha256), b"abc");
    assert_eq!(blobs.hold(&sha256).unwrap().size, 3);
    assert!(blobs.hold(&Sha256::from_bytes([0; 32])).is_none());
}

#[test]
fn too_many_bytes_leave_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path()).unwrap();
    assert!(matches!(blobs.put(&b"abcd"[..], 3), Err(PutError::TooLarge(3))));
    let mut broken = blobs.begin(10, &[]).unwrap();
    broken.write(b"abc").unwrap();
    drop(broken);
    assert!(files(dir.path()).is_empty());
}

#[test]
fn checksums_are_computed_on_the_way() {
    let dir = tempfile::tempdir().unwrap();
    let mut put = Blobs::open(dir.path()).unwrap().begin(10, &[ChecksumKind::Crc64nvme, ChecksumKind::Crc32]).unwrap();
    put.write(b"1234").unwrap();
    put.write(b"56789").unwrap();
    let blob = put.finish().unwrap();
    assert_eq!(blob.checksums, [ChecksumKind::Crc64nvme, ChecksumKind::Crc32].map(|kind| (kind, kind.of(b"123456789"))));
}

#[test]
fn a_sweep_leaves_what_is_named_or_held() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path()).unwrap();
    let named = blobs.put(&b"named"[..], 10).unwrap().sha256;
    let held = blobs.put(&b"held"[..], 10).unwrap();
    let lost = blobs.put(&b"lost"[..], 10).unwrap().sha256;
    let mut during = None;
    let swept = blobs.sweep(|| {
        // Put, committed and let go of while the sweep runs: the records that it saw do not name it.
        during = Some(blobs.put(&b"during"[..], 10).unwrap().sha256);
        BTreeSet::from([named])
    });
    assert_eq!(swept.unwrap(), Swept { files: 1, bytes: 4 });
    assert!(blobs.open_blob(&lost).is_err());
    for kept in [named, held.sha256, during.unwrap()] {
        assert!(blobs.open_blob(&kept).is_ok());
    }
    drop(held);
    assert_eq!(blobs.sweep(BTreeSet::new).unwrap().files, 3);
}

#[test]
fn a_temporary_place_goes_with_its_last_user() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("blobs");
    let blobs = Blobs::temporary(&place).unwrap();
    let other = blobs.clone();
    blobs.put(&b"abc"[..], 3).unwrap();
    drop(blobs);
    assert!(place.exists());
    drop(other);
    assert!(!place.exists());
}
