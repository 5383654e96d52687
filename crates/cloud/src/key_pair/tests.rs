use super::*;
use crate::fixture::Lab;

fn add(lab: &mut Lab, name: &str) -> Result<KeyPairId, Refusal> {
    let new = NewKeyPair {
        name: name.into(),
        kind: KeyKind::Ed25519,
        fingerprint: "f".into(),
        public_key: "ssh-ed25519 AAAA".into(),
        tags: Tags::new(),
    };
    lab.run(|cloud, cx| cloud.add_key_pair(cx, new))
}

#[test]
fn names_are_unique_in_a_region() {
    let mut lab = Lab::new();
    let id = add(&mut lab, "mine").unwrap();
    assert_eq!(add(&mut lab, "mine"), Err(Refusal::KeyPairDuplicate("mine".into())));
    for wrong in ["", " mine", "a\nb", &"x".repeat(256)] {
        assert!(matches!(add(&mut lab, wrong), Err(Refusal::InvalidParameterValue(_))), "{wrong}");
    }
    lab.go("1/us-east-1");
    add(&mut lab, "mine").unwrap();
    lab.go("1/ap-northeast-2");
    assert_eq!(lab.cloud.delete_key_pair(&mut lab.cx, "mine"), Some(id));
    assert_eq!(lab.cloud.delete_key_pair(&mut lab.cx, "mine"), None);
    assert_eq!(lab.cloud.key_pairs.len(), 1);
}
