//! Key pairs.
use super::errors::{self, missing, parse_ids};
use super::filters::Filters;
use super::tag;
use crate::request::RequestContext;
use vpclab_cloud::key_pair::NewKeyPair;
use vpclab_cloud::{KeyKind, KeyPair, KeyPairId, Refusal};
use vpclab_wire::{Timestamp, WireError, ec2};

pub mod material;

use material::Material;

const FILTERS: &[&str] = &["fingerprint", "key-name", "key-pair-id", "tag-key", "tag:"];

/// `CreateKeyPair`: answers the private key, which is kept nowhere.
pub async fn create_key_pair(cx: &RequestContext, req: ec2::CreateKeyPairRequest) -> Result<ec2::KeyPair, WireError> {
    let kind = match req.key_type.as_deref() {
        None | Some("rsa") => KeyKind::Rsa,
        Some("ed25519") => KeyKind::Ed25519,
        Some(other) => return Err(errors::invalid_value(format!("Value ({other}) for parameter KeyType is invalid."))),
    };
    let tags = tag::of_specifications(&req.tag_specifications, "key-pair")?;
    // An RSA key takes a while to find: not on a thread that serves others.
    let made = tokio::task::spawn_blocking(move || Material::generate(kind)).await;
    let (material, private_key) = made.ok().flatten().ok_or_else(|| WireError::new(500, "InternalError", "no key could be made"))?;
    let new = NewKeyPair { name: req.key_name, kind, fingerprint: material.fingerprint, public_key: material.public_key, tags };
    let pair = add(cx, new).await?;
    Ok(ec2::KeyPair {
        key_pair_id: pair.key_pair_id,
        tags: pair.tags,
        key_name: pair.key_name,
        key_fingerprint: pair.key_fingerprint,
        key_material: Some(private_key),
    })
}

/// `ImportKeyPair`: of a public key in OpenSSH's format.
pub async fn import_key_pair(cx: &RequestContext, req: ec2::ImportKeyPairRequest) -> Result<ec2::ImportKeyPairResult, WireError> {
    let tags = tag::of_specifications(&req.tag_specifications, "key-pair")?;
    let text = String::from_utf8_lossy(&req.public_key_material.0);
    let (kind, material) =
        Material::import(&text).ok_or_else(|| WireError::new(400, "InvalidKey.Format", "Key is not in valid OpenSSH public key format"))?;
    let new = NewKeyPair { name: req.key_name, kind, fingerprint: material.fingerprint, public_key: material.public_key, tags };
    let pair = add(cx, new).await?;
    Ok(ec2::ImportKeyPairResult {
        key_fingerprint: pair.key_fingerprint,
        key_name: pair.key_name,
        key_pair_id: pair.key_pair_id,
        tags: pair.tags,
    })
}

/// `DeleteKeyPair`: one that is not there is no error.
pub async fn delete_key_pair(cx: &RequestContext, req: ec2::DeleteKeyPairRequest) -> Result<ec2::DeleteKeyPairResult, WireError> {
    let name = match (&req.key_name, &req.key_pair_id) {
        (Some(name), _) => Some(name.clone()),
        (None, Some(id)) => {
            let id: KeyPairId = errors::parse_id(id)?;
            cx.snapshot().key_pairs.get(&id).filter(|found| found.scope == cx.scope).map(|found| found.name.clone())
        }
        (None, None) => return Err(missing("KeyName")),
    };
    let id = match name {
        Some(name) => cx.change(errors::word, |cloud, c| Ok(cloud.delete_key_pair(c, &name))).await?,
        None => None,
    };
    Ok(ec2::DeleteKeyPairResult { return_: Some(true), key_pair_id: id.map(|id| id.to_string()) })
}

/// `DescribeKeyPairs`.
pub async fn describe_key_pairs(cx: &RequestContext, req: ec2::DescribeKeyPairsRequest) -> Result<ec2::DescribeKeyPairsResult, WireError> {
    let filters = Filters::new(&req.filters, FILTERS)?;
    let cloud = cx.snapshot();
    let mut ids: Vec<KeyPairId> = parse_ids(&req.key_pair_ids)?;
    if let Some(id) = ids.iter().find(|id| cloud.key_pairs.get(*id).is_none_or(|found| found.scope != cx.scope)) {
        return Err(errors::word(&Refusal::KeyPairIdNotFound(id.clone())));
    }
    for name in &req.key_names {
        ids.push(cloud.key_pair(&cx.scope, name).map_err(|refusal| errors::word(&refusal))?.id.clone());
    }
    let own = cloud.key_pairs.values().filter(|found| found.scope == cx.scope && (ids.is_empty() || ids.contains(&found.id)));
    let key_pairs = own.filter(|found| filters.pass(&found.tags, |name| values(found, name)));
    let public = req.include_public_key == Some(true);
    Ok(ec2::DescribeKeyPairsResult { key_pairs: key_pairs.map(|pair| show(pair, public)).collect() })
}

async fn add(cx: &RequestContext, new: NewKeyPair) -> Result<ec2::KeyPairInfo, WireError> {
    let made = cx.change(errors::word, |cloud, c| {
        let id = cloud.add_key_pair(c, new)?;
        cloud.key_pairs.get(&id).map(|pair| show(pair, false)).ok_or(Refusal::KeyPairIdNotFound(id))
    });
    made.await
}

fn show(pair: &KeyPair, with_public_key: bool) -> ec2::KeyPairInfo {
    ec2::KeyPairInfo {
        key_pair_id: Some(pair.id.to_string()),
        key_type: Some(pair.kind.name().into()),
        tags: tag::set(&pair.tags),
        public_key: with_public_key.then(|| format!("{} {}\n", pair.public_key, pair.name)),
        create_time: Some(Timestamp::from_millis(pair.created.0)),
        key_name: Some(pair.name.clone()),
        key_fingerprint: Some(pair.fingerprint.clone()),
    }
}

fn values(pair: &KeyPair, name: &str) -> Vec<String> {
    match name {
        "fingerprint" => vec![pair.fingerprint.clone()],
        "key-name" => vec![pair.name.clone()],
        "key-pair-id" => vec![pair.id.to_string()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
