use super::*;

/// Made with `ssh-keygen`; its fingerprint with `openssl md5` of the key in DER.
const RSA_KEY: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCxQO2z7h5cY0SstsRI+pl6Pxl1iTerOfPbxIU9Bf07EzIGxKjjbwrF393rg0e3vOKb/Y8sAjYYnS0I/VgMDm8py2A2bjX7Hf2zmfG5x6DZujfDbTg8OeX5VA3xw0MWIuiYKIuwFX/XFKDMrIxt0p5QmVULTAXEnWBSmNNk1D9i4PPNabr0YVJHcmPtoGsaLUWTyJAG5GJh0BLXQdeDiWtknFJ8GVlKSXPWEuB4o32bnJoaruLcZ0Q+1/+VNm6TOceGrUQPhoL5axGwwEMlV2tMcy/j6abRh6Bv7wIa95Ea1DNu8wWvIgVcfLVJ7M/eKJVlCKc6IXf28LKlssWFMMIX c";
const ED25519_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA6L9NIMXh33SgZ8e0DIHotVDPa1RZYVgyO4ZR71hmr6 c";

#[test]
fn keys_are_imported_with_ec2s_fingerprints() {
    let (kind, key) = Material::import(RSA_KEY).unwrap();
    assert_eq!((kind, key.fingerprint.as_str()), (KeyKind::Rsa, "c7:1d:7a:ea:61:2d:5b:13:a7:66:c0:9f:04:c4:2d:f8"));
    assert_eq!(format!("{} c", key.public_key), RSA_KEY);
    let (kind, key) = Material::import(ED25519_KEY).unwrap();
    assert_eq!((kind, key.fingerprint.as_str()), (KeyKind::Ed25519, "Gikpshvdldm9cmKV1tFo1BGMHDYdC7Pue3PPdDcVkQk="));
}

#[test]
fn what_is_no_key_is_not_imported() {
    let swapped = ED25519_KEY.replacen("ssh-ed25519", "ssh-rsa", 1);
    for text in ["", "ssh-rsa", "ssh-rsa %", "ssh-dss AAAA", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA6L", &swapped] {
        assert_eq!(Material::import(text), None, "{text}");
    }
}

#[test]
fn keys_are_made() {
    for (kind, name) in [(KeyKind::Rsa, "RSA PRIVATE KEY"), (KeyKind::Ed25519, "OPENSSH PRIVATE KEY")] {
        let (made, private) = Material::generate(kind).unwrap();
        let (found, read) = Material::import(&made.public_key).unwrap();
        assert_eq!((found, &read.public_key), (kind, &made.public_key));
        let inner = private.strip_prefix(&format!("-----BEGIN {name}-----\n")).unwrap();
        let inner = inner.strip_suffix(&format!("\n-----END {name}-----")).unwrap();
        let bytes = STANDARD.decode(inner.replace('\n', "")).unwrap();
        if kind == KeyKind::Rsa {
            assert!(rsa::KeyPair::from_der(&bytes).is_ok());
            assert_eq!(made.fingerprint.len(), 59);
        } else {
            assert!(bytes.starts_with(b"openssh-key-v1\0"));
        }
    }
}
