//! `AWS::S3::Bucket`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucket.html>
use super::{by_s3, lifecycle, name};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted};
use serde_json::{Map, Value, json};
use vpclab_cloud::bucket::{BucketEncryption, BucketName, BucketSettings, CorsRule, Encryption, Ownership, PublicAccessBlock, Versioning};
use vpclab_cloud::{Cloud, Context, Tags};

/// The type. Its physical id is the bucket's name.
pub struct Bucket;

impl ResourceType for Bucket {
    fn served(&self) -> &'static [&'static str] {
        &[
            "AccessControl",
            "BucketEncryption",
            "BucketEncryption.ServerSideEncryptionConfiguration",
            "BucketEncryption.ServerSideEncryptionConfiguration.BucketKeyEnabled",
            "BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault",
            "BucketName",
            "CorsConfiguration",
            "LifecycleConfiguration",
            "LifecycleConfiguration.Rules",
            "LifecycleConfiguration.Rules.AbortIncompleteMultipartUpload",
            "LifecycleConfiguration.Rules.ExpirationInDays",
            "LifecycleConfiguration.Rules.ExpiredObjectDeleteMarker",
            "LifecycleConfiguration.Rules.Id",
            "LifecycleConfiguration.Rules.NoncurrentVersionExpiration",
            "LifecycleConfiguration.Rules.NoncurrentVersionExpirationInDays",
            "LifecycleConfiguration.Rules.ObjectSizeGreaterThan",
            "LifecycleConfiguration.Rules.ObjectSizeLessThan",
            "LifecycleConfiguration.Rules.Prefix",
            "LifecycleConfiguration.Rules.Status",
            "LifecycleConfiguration.Rules.TagFilters",
            "OwnershipControls",
            "PublicAccessBlockConfiguration",
            "Tags",
            "VersioningConfiguration",
        ]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let bucket = match want.properties.text("BucketName")? {
            Some(text) => name(&text)?,
            None => name(&want.physical_name(c, 63).to_ascii_lowercase())?,
        };
        let settings = settings(&want.properties, want.tags()?, BucketSettings::default())?;
        cloud.create_bucket(c, bucket.clone(), settings, false).map_err(by_s3)?;
        Ok(Made::new(bucket))
    }

    fn update(&self, cloud: &mut Cloud, _c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let bucket = name(is.physical)?;
        let before = cloud.bucket(&bucket).map_err(by_s3)?.settings.clone();
        let settings = settings(&want.properties, want.tags()?, before)?;
        cloud
            .set_bucket(&bucket, |current| {
                *current = settings;
                Ok(())
            })
            .map_err(by_s3)?;
        Ok(Made::new(bucket))
    }

    fn delete(&self, cloud: &mut Cloud, _c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        cloud.delete_bucket(&name(is.physical)?).map_err(by_s3)
    }

    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let Some(bucket) = is.physical.parse::<BucketName>().ok().and_then(|name| cloud.bucket(&name).ok()) else { return Map::new() };
        let (name, region) = (&bucket.name, &bucket.scope.region);
        [
            ("Arn", bucket.arn()),
            ("DomainName", format!("{name}.s3.amazonaws.com")),
            ("DualStackDomainName", format!("{name}.s3.dualstack.{region}.amazonaws.com")),
            ("RegionalDomainName", format!("{name}.s3.{region}.amazonaws.com")),
            ("WebsiteURL", format!("http://{name}.s3-website.{region}.amazonaws.com")),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect()
    }
}

/// The settings that properties ask for; the bucket's policy stays.
fn settings(properties: &Properties<'_>, tags: Tags, before: BucketSettings) -> Result<BucketSettings, Failure> {
    properties.only("AccessControl", &["Private"])?;
    let versioning = match properties.object("VersioningConfiguration")?.map_or(Ok(None), |one| one.text("Status"))?.as_deref() {
        Some("Enabled") => Versioning::Enabled,
        Some("Suspended") => Versioning::Suspended,
        Some(other) => return Err(Failure::invalid(format!("Value '{other}' of VersioningConfiguration.Status is not legal"))),
        // A bucket that had versions cannot be as if it never had.
        None if before.versioning == Versioning::Never => Versioning::Never,
        None => Versioning::Suspended,
    };
    Ok(BucketSettings {
        versioning,
        tags,
        policy: before.policy,
        public_access_block: Some(public_access(properties)?),
        encryption: encryption(properties)?,
        ownership: Some(ownership(properties)?),
        cors: cors(properties)?,
        lifecycle: lifecycle::rules(properties)?,
    })
}

fn public_access(properties: &Properties<'_>) -> Result<PublicAccessBlock, Failure> {
    let Some(given) = properties.object("PublicAccessBlockConfiguration")? else { return Ok(PublicAccessBlock::ALL) };
    let truth = |name: &str| Ok(given.truth(name)?.unwrap_or(false));
    Ok(PublicAccessBlock {
        block_public_acls: truth("BlockPublicAcls")?,
        ignore_public_acls: truth("IgnorePublicAcls")?,
        block_public_policy: truth("BlockPublicPolicy")?,
        restrict_public_buckets: truth("RestrictPublicBuckets")?,
    })
}

fn encryption(properties: &Properties<'_>) -> Result<BucketEncryption, Failure> {
    let Some(given) = properties.object("BucketEncryption")? else { return Ok(BucketEncryption::default()) };
    let mut rules = given.objects("ServerSideEncryptionConfiguration")?.into_iter();
    let (Some(rule), None) = (rules.next(), rules.next()) else {
        return Err(Failure::invalid("ServerSideEncryptionConfiguration must have one rule"));
    };
    let default = match rule.object("ServerSideEncryptionByDefault")? {
        None => Encryption::Aes256,
        Some(by_default) => {
            by_default.only("SSEAlgorithm", &["AES256", "aws:kms"])?;
            match by_default.required("SSEAlgorithm")?.as_str() {
                "aws:kms" => Encryption::Kms(by_default.text("KMSMasterKeyID")?),
                _ => Encryption::Aes256,
            }
        }
    };
    Ok(BucketEncryption { default, bucket_key: rule.truth("BucketKeyEnabled")?.unwrap_or(false) })
}

fn ownership(properties: &Properties<'_>) -> Result<Ownership, Failure> {
    let Some(given) = properties.object("OwnershipControls")? else { return Ok(Ownership::BucketOwnerEnforced) };
    let rules = given.objects("Rules")?;
    let rule = rules.first().map_or(Ok(None), |rule| rule.text("ObjectOwnership"))?;
    match rule.as_deref() {
        None | Some("BucketOwnerEnforced") => Ok(Ownership::BucketOwnerEnforced),
        Some("BucketOwnerPreferred") => Ok(Ownership::BucketOwnerPreferred),
        Some("ObjectWriter") => Ok(Ownership::ObjectWriter),
        Some(other) => Err(Failure::invalid(format!("Value '{other}' of ObjectOwnership is not legal"))),
    }
}

fn cors(properties: &Properties<'_>) -> Result<Vec<CorsRule>, Failure> {
    let Some(given) = properties.object("CorsConfiguration")? else { return Ok(Vec::new()) };
    let rule = |rule: Properties<'_>| {
        Ok(CorsRule {
            id: rule.text("Id")?,
            allowed_headers: rule.texts("AllowedHeaders")?,
            allowed_methods: rule.texts("AllowedMethods")?,
            allowed_origins: rule.texts("AllowedOrigins")?,
            expose_headers: rule.texts("ExposedHeaders")?,
            max_age: rule.number("MaxAge")?,
        })
    };
    given.objects("CorsRules")?.into_iter().map(rule).collect()
}
