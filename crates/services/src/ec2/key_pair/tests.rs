use crate::ec2::lab::Lab;
use base64::{Engine as _, engine::general_purpose::STANDARD};

const PUBLIC: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHWF9ybqhmoDKw8PcAX2hCCdeqh4ut9hDeGqK6tsd5WD someone@example";

#[tokio::test]
async fn pairs_are_made_imported_shown_used_and_deleted() {
    let lab = Lab::new().await;
    let made = lab.ask("CreateKeyPair", &[("KeyName", "made"), ("KeyType", "ed25519")]).await;
    assert!(made.one("keyMaterial").starts_with("-----BEGIN OPENSSH PRIVATE KEY-----\n"));
    assert_eq!(
        lab.refused("CreateKeyPair", &[("KeyName", "made")]).await,
        ("InvalidKeyPair.Duplicate".into(), "The keypair 'made' already exists".into())
    );
    let import = [("KeyName", "own"), ("PublicKeyMaterial", &STANDARD.encode(PUBLIC))];
    let imported = lab.ask("ImportKeyPair", &import).await;
    let seen = lab.ask("DescribeKeyPairs", &[("KeyName.1", "own"), ("IncludePublicKey", "true")]).await;
    assert_eq!((seen.one("keyPairId"), seen.one("keyType")), (imported.one("keyPairId"), "ed25519".into()));
    assert!(seen.one("publicKey").starts_with("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHWF9ybqhmoDKw8PcAX2hCCdeqh4ut9hDeGqK6tsd5WD own"));
    let vpc = lab.vpc("10.0.0.0/16").await;
    let subnet = lab.ask("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.1.0/24")]).await.one("subnetId");
    let image = crate::ec2::image::id_of(&"ap-northeast-2".parse().unwrap()).to_string();
    let launch = |name: &'static str| {
        [
            ("ImageId", image.clone()),
            ("MinCount", "1".into()),
            ("MaxCount", "1".into()),
            ("SubnetId", subnet.clone()),
            ("KeyName", name.into()),
        ]
    };
    async fn run(lab: &Lab, form: [(&str, String); 5]) -> String {
        let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
        lab.send("RunInstances", &form).await.1
    }
    assert!(run(&lab, launch("own")).await.contains("<keyName>own</keyName>"));
    assert!(run(&lab, launch("other")).await.contains("<Code>InvalidKeyPair.NotFound</Code><Message>The key pair 'other' does not exist"));
    lab.ask("DeleteKeyPair", &[("KeyPairId", &imported.one("keyPairId"))]).await;
    assert_eq!(lab.ask("DeleteKeyPair", &[("KeyName", "own")]).await.one("return"), "true");
    assert_eq!(lab.refused("DescribeKeyPairs", &[("KeyName.1", "own")]).await.0, "InvalidKeyPair.NotFound");
    let nonsense = [("KeyName", "x"), ("PublicKeyMaterial", &STANDARD.encode("ssh-rsa AAAA"))];
    assert_eq!(lab.refused("ImportKeyPair", &nonsense).await.0, "InvalidKey.Format");
}
