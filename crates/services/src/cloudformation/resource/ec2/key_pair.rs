//! `AWS::EC2::KeyPair`. The private key of a pair that CloudFormation has made is a secure string of Parameter Store,
//! `/ec2/keypair/{key pair id}`, as on AWS.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-keypair.html>
use super::attributes;
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Action, Ask, Existing, Failure, Made, Prepared, Preparing, ResourceType, Wanted, by_ec2};
use crate::ec2::key_pair::material::Material;
use serde_json::{Map, Value, json};
use vpclab_cloud::key_pair::NewKeyPair;
use vpclab_cloud::parameter::{DataType, ParameterKind, PutParameter, TierChoice};
use vpclab_cloud::{Cloud, Context, KeyKind, KeyPairId, Refusal, Tags};

/// The type. Its physical id is the pair's name.
pub struct KeyPair;

fn by_ssm(refusal: Refusal) -> Failure {
    Failure::of("Ssm", crate::ssm::word(&refusal))
}

/// The parameter that holds a private key.
fn parameter(id: &KeyPairId) -> String {
    format!("/ec2/keypair/{id}")
}

fn kind(properties: &Properties<'_>) -> Result<KeyKind, Failure> {
    properties.only("KeyFormat", &["pem"])?;
    match properties.text("KeyType")?.as_deref() {
        None | Some("rsa") => Ok(KeyKind::Rsa),
        Some("ed25519") => Ok(KeyKind::Ed25519),
        Some(other) => Err(Failure::invalid(format!("Value ({other}) for parameter KeyType is invalid."))),
    }
}

impl ResourceType for KeyPair {
    fn served(&self) -> &'static [&'static str] {
        &["KeyFormat", "KeyName", "KeyType", "PublicKeyMaterial", "Tags"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let name = want.properties.required("KeyName")?;
        let made = want.prepared.value.as_object();
        let text = |name: &str| made.and_then(|made| made.get(name)).and_then(Value::as_str).map(str::to_owned);
        let (kind, material) = match want.properties.text("PublicKeyMaterial")? {
            Some(key) => Material::import(&key).ok_or_else(|| Failure::invalid("Key is not in valid OpenSSH public key format"))?,
            None => {
                let material = text("public").zip(text("fingerprint"));
                let (public_key, fingerprint) = material.ok_or_else(|| Failure::new("InternalFailure", "no key was made"))?;
                (kind(&want.properties)?, Material { public_key, fingerprint })
            }
        };
        let Material { public_key, fingerprint } = material;
        let new = NewKeyPair { name: name.clone(), kind, fingerprint, public_key, tags: want.tags()? };
        let id = cloud.add_key_pair(c, new).map_err(by_ec2)?;
        if let Some(value) = text("private") {
            let input = PutParameter {
                name: parameter(&id),
                value,
                kind: Some(ParameterKind::SecureString),
                description: None,
                allowed_pattern: None,
                tier: TierChoice::AsIs,
                data_type: Some(DataType::Text),
                key: None,
                overwrite: false,
                tags: Tags::new(),
                user: format!("arn:aws:iam::{}:root", c.scope.account),
            };
            cloud.put_parameter(c, input).map_err(by_ssm)?;
        }
        Ok(Made::new(name))
    }

    /// A pair never changes; the stack's tags may.
    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let id = cloud.key_pair(is.scope, is.physical).map_err(by_ec2)?.id.clone();
        cloud.set_tags(c, id.as_ref(), want.tags()?).map_err(by_ec2)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let Some(id) = cloud.delete_key_pair(c, is.physical) else { return Ok(()) };
        let name = parameter(&id);
        if !is.properties.has("PublicKeyMaterial") && cloud.parameter(is.scope, &name).is_ok() {
            cloud.delete_parameter(c, &name).map_err(by_ssm)?;
        }
        Ok(())
    }

    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let Ok(pair) = cloud.key_pair(is.scope, is.physical) else { return Map::new() };
        attributes(json!({ "KeyPairId": pair.id, "KeyFingerprint": pair.fingerprint }))
    }

    fn prepares(&self, action: Action, properties: &Properties<'_>) -> bool {
        action == Action::Create && !properties.has("PublicKeyMaterial")
    }

    /// Makes the key: an RSA key takes a while to find.
    fn prepare<'a>(&'a self, ask: Ask<'a>) -> Preparing<'a> {
        Box::pin(async move {
            let kind = kind(&ask.properties)?;
            let made = tokio::task::spawn_blocking(move || Material::generate(kind)).await;
            let made = made.ok().flatten().ok_or_else(|| Failure::new("InternalFailure", "no key could be made"));
            let (material, private) = made?;
            let value = json!({ "public": material.public_key, "fingerprint": material.fingerprint, "private": private });
            Ok(Prepared { value, kept: None })
        })
    }
}
