//! `AWS::ECR::Repository`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecr-repository.html>
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted};
use crate::ecr;
use serde_json::{Map, Value, json};
use vpclab_cloud::repository::CreateRepository;
use vpclab_cloud::{Cloud, Context, Refusal, Tags};
use vpclab_wire::WireError;

/// The type. Its physical id is the repository's name.
pub struct Repository;

fn by_ecr(refusal: Refusal) -> Failure {
    Failure::of("Ecr", ecr::word(&refusal))
}

fn wire_by_ecr(error: WireError) -> Failure {
    Failure::of("Ecr", error)
}

/// What a repository can be changed to.
struct Settings {
    immutable_tags: bool,
    scan_on_push: bool,
    policy: Option<String>,
    lifecycle_policy: Option<String>,
    tags: Tags,
}

fn settings(c: &Context, want: &Wanted<'_>) -> Result<Settings, Failure> {
    let properties = &want.properties;
    properties.only("ImageTagMutability", &["MUTABLE", "IMMUTABLE"])?;
    if let Some(encryption) = properties.object("EncryptionConfiguration")? {
        encryption.only("EncryptionType", &["AES256"])?;
    }
    let policy = properties.document("RepositoryPolicyText")?;
    policy.as_deref().map_or(Ok(()), ecr::check_repository_policy).map_err(wire_by_ecr)?;
    let lifecycle_policy = match properties.object("LifecyclePolicy")? {
        Some(lifecycle) => {
            lifecycle.only("RegistryId", &[c.scope.account.as_str()])?;
            lifecycle.text("LifecyclePolicyText")?
        }
        None => None,
    };
    lifecycle_policy.as_deref().map_or(Ok(()), ecr::check_lifecycle_policy).map_err(wire_by_ecr)?;
    Ok(Settings {
        immutable_tags: properties.text("ImageTagMutability")?.as_deref() == Some("IMMUTABLE"),
        scan_on_push: scan(properties)?,
        policy,
        lifecycle_policy,
        tags: want.tags()?,
    })
}

fn scan(properties: &Properties<'_>) -> Result<bool, Failure> {
    match properties.object("ImageScanningConfiguration")? {
        Some(scanning) => Ok(scanning.truth("ScanOnPush")?.unwrap_or(false)),
        None => Ok(false),
    }
}

fn set(cloud: &mut Cloud, c: &mut Context, name: &str, settings: Settings) -> Result<Made, Failure> {
    let edit = |found: &mut vpclab_cloud::repository::Repository| {
        found.immutable_tags = settings.immutable_tags;
        found.scan_on_push = settings.scan_on_push;
        found.policy = settings.policy;
        found.lifecycle_policy = settings.lifecycle_policy;
        found.tags = settings.tags;
    };
    cloud.edit_repository(c, name, edit).map_err(by_ecr)?;
    Ok(Made::new(name))
}

impl ResourceType for Repository {
    fn served(&self) -> &'static [&'static str] {
        &[
            "EmptyOnDelete",
            "EncryptionConfiguration",
            "EncryptionConfiguration.EncryptionType",
            "ImageScanningConfiguration",
            "ImageTagMutability",
            "LifecyclePolicy",
            "RepositoryName",
            "RepositoryPolicyText",
            "Tags",
        ]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let settings = settings(c, want)?;
        let name = match want.properties.text("RepositoryName")? {
            Some(name) => name,
            None => want.physical_name(c, 256).to_lowercase(),
        };
        cloud.create_repository(c, CreateRepository { name: name.clone(), ..CreateRepository::default() }).map_err(by_ecr)?;
        set(cloud, c, &name, settings)
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let settings = settings(c, want)?;
        set(cloud, c, is.physical, settings)
    }

    /// There are no images that would need `EmptyOnDelete`.
    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        cloud.delete_repository(c, is.physical).map(|_| ()).map_err(by_ecr)
    }

    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let Ok(repository) = cloud.repository(is.scope, is.physical) else { return Map::new() };
        [("Arn", repository.arn()), ("RepositoryUri", repository.uri())]
            .into_iter()
            .map(|(name, value)| (name.into(), json!(value)))
            .collect()
    }
}
