//! Settings of buckets: versioning, encryption, ownership, CORS, notifications.
use super::errors::{Fault, invalid_argument, invalid_request, malformed, not_served};
use super::serve::{S3Call, bucket_name};
use vpclab_cloud::Refusal;
use vpclab_cloud::bucket::{BucketEncryption, BucketRefusal, BucketSettings, CorsRule, Encryption, Ownership, Setting, Versioning};
use vpclab_wire::s3 as wire;

const MAX_CORS_RULES: usize = 100;
const CORS_METHODS: &[&str] = &["GET", "PUT", "HEAD", "POST", "DELETE"];

/// Changes the settings of a bucket.
pub(super) async fn set(
    call: &S3Call,
    bucket: &str,
    change: impl FnOnce(&mut BucketSettings) -> Result<(), BucketRefusal>,
) -> Result<(), Fault> {
    let name = bucket_name(bucket)?;
    call.change(|cloud, _| cloud.set_bucket(&name, change)).await
}

/// The settings of a bucket.
pub(super) fn settings(call: &S3Call, bucket: &str) -> Result<BucketSettings, Fault> {
    Ok(call.snapshot().bucket(&bucket_name(bucket)?)?.settings.clone())
}

pub(super) fn not_set(setting: Setting) -> Fault {
    Refusal::from(BucketRefusal::NotSet(setting)).into()
}

/// `GetBucketVersioning`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html>
pub async fn get_bucket_versioning(
    call: &S3Call,
    input: wire::GetBucketVersioningRequest,
) -> Result<wire::GetBucketVersioningOutput, Fault> {
    let status = match settings(call, &input.bucket)?.versioning {
        Versioning::Never => None,
        Versioning::Enabled => Some("Enabled".to_owned()),
        Versioning::Suspended => Some("Suspended".to_owned()),
    };
    Ok(wire::GetBucketVersioningOutput { status })
}

/// `PutBucketVersioning`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html>
pub async fn put_bucket_versioning(call: &S3Call, input: wire::PutBucketVersioningRequest) -> Result<(), Fault> {
    let versioning = match input.versioning_configuration.status.as_deref() {
        Some("Enabled") => Versioning::Enabled,
        Some("Suspended") => Versioning::Suspended,
        None => return Err(Fault::new(400, "IllegalVersioningConfigurationException", "The Versioning element must be specified")),
        Some(_) => return Err(malformed()),
    };
    set(call, &input.bucket, |settings| {
        settings.versioning = versioning;
        Ok(())
    })
    .await
}

/// `GetBucketEncryption`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html>
pub async fn get_bucket_encryption(
    call: &S3Call,
    input: wire::GetBucketEncryptionRequest,
) -> Result<wire::GetBucketEncryptionOutput, Fault> {
    let encryption = settings(call, &input.bucket)?.encryption;
    let (algorithm, key) = match encryption.default {
        Encryption::Aes256 => ("AES256", None),
        Encryption::Kms(key) => ("aws:kms", key),
    };
    let by_default = wire::ServerSideEncryptionByDefault { sse_algorithm: Some(algorithm.to_owned()), kms_master_key_id: key };
    let rule = wire::ServerSideEncryptionRule {
        apply_server_side_encryption_by_default: Some(by_default),
        bucket_key_enabled: Some(encryption.bucket_key),
        ..Default::default()
    };
    Ok(wire::GetBucketEncryptionOutput {
        server_side_encryption_configuration: Some(wire::ServerSideEncryptionConfiguration { rules: vec![rule] }),
    })
}

/// `PutBucketEncryption`: said of new objects; a lab keeps them in the clear.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html>
pub async fn put_bucket_encryption(call: &S3Call, input: wire::PutBucketEncryptionRequest) -> Result<(), Fault> {
    let mut rules = input.server_side_encryption_configuration.rules.into_iter();
    let (Some(rule), None) = (rules.next(), rules.next()) else { return Err(malformed()) };
    let by_default = rule.apply_server_side_encryption_by_default.unwrap_or_default();
    let default = match (by_default.sse_algorithm.as_deref(), by_default.kms_master_key_id) {
        (Some("AES256"), None) => Encryption::Aes256,
        (Some("AES256"), Some(_)) => {
            return Err(invalid_argument("a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse"));
        }
        (Some("aws:kms"), key) => Encryption::Kms(key),
        (Some("aws:kms:dsse"), _) => return Err(not_served("encryption by `aws:kms:dsse`")),
        _ => return Err(malformed()),
    };
    let bucket_key = rule.bucket_key_enabled.unwrap_or(false);
    set(call, &input.bucket, |settings| {
        settings.encryption = BucketEncryption { default, bucket_key };
        Ok(())
    })
    .await
}

/// `DeleteBucketEncryption`: back to SSE-S3, without which no bucket is.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketEncryption.html>
pub async fn delete_bucket_encryption(call: &S3Call, input: wire::DeleteBucketEncryptionRequest) -> Result<(), Fault> {
    set(call, &input.bucket, |settings| {
        settings.encryption = BucketEncryption::default();
        Ok(())
    })
    .await
}

pub(super) fn ownership(text: &str) -> Result<Ownership, Fault> {
    match text {
        "BucketOwnerEnforced" => Ok(Ownership::BucketOwnerEnforced),
        "BucketOwnerPreferred" => Ok(Ownership::BucketOwnerPreferred),
        "ObjectWriter" => Ok(Ownership::ObjectWriter),
        _ => Err(invalid_argument("Invalid x-amz-object-ownership header").with("ArgumentValue", text)),
    }
}

/// `GetBucketOwnershipControls`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketOwnershipControls.html>
pub async fn get_bucket_ownership_controls(
    call: &S3Call,
    input: wire::GetBucketOwnershipControlsRequest,
) -> Result<wire::GetBucketOwnershipControlsOutput, Fault> {
    let text = match settings(call, &input.bucket)?.ownership.ok_or_else(|| not_set(Setting::Ownership))? {
        Ownership::BucketOwnerEnforced => "BucketOwnerEnforced",
        Ownership::BucketOwnerPreferred => "BucketOwnerPreferred",
        Ownership::ObjectWriter => "ObjectWriter",
    };
    let rules = vec![wire::OwnershipControlsRule { object_ownership: Some(text.to_owned()) }];
    Ok(wire::GetBucketOwnershipControlsOutput { ownership_controls: Some(wire::OwnershipControls { rules }) })
}

/// `PutBucketOwnershipControls`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketOwnershipControls.html>
pub async fn put_bucket_ownership_controls(call: &S3Call, input: wire::PutBucketOwnershipControlsRequest) -> Result<(), Fault> {
    let mut rules = input.ownership_controls.rules.into_iter();
    let (Some(rule), None) = (rules.next(), rules.next()) else { return Err(malformed()) };
    let ownership = ownership(rule.object_ownership.as_deref().unwrap_or_default()).map_err(|_| malformed())?;
    set(call, &input.bucket, |settings| {
        settings.ownership = Some(ownership);
        Ok(())
    })
    .await
}

/// `DeleteBucketOwnershipControls`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketOwnershipControls.html>
pub async fn delete_bucket_ownership_controls(call: &S3Call, input: wire::DeleteBucketOwnershipControlsRequest) -> Result<(), Fault> {
    set(call, &input.bucket, |settings| {
        settings.ownership = None;
        Ok(())
    })
    .await
}

/// `GetBucketCors`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketCors.html>
pub async fn get_bucket_cors(call: &S3Call, input: wire::GetBucketCorsRequest) -> Result<wire::GetBucketCorsOutput, Fault> {
    let rules = settings(call, &input.bucket)?.cors;
    if rules.is_empty() {
        return Err(not_set(Setting::Cors));
    }
    let shown = rules.into_iter().map(|rule| wire::CORSRule {
        id: rule.id,
        allowed_headers: rule.allowed_headers,
        allowed_methods: rule.allowed_methods,
        allowed_origins: rule.allowed_origins,
        expose_headers: rule.expose_headers,
        max_age_seconds: rule.max_age,
    });
    Ok(wire::GetBucketCorsOutput { cors_rules: shown.collect() })
}

/// `PutBucketCors`: kept and shown; a lab answers no browser of another origin.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html>
pub async fn put_bucket_cors(call: &S3Call, input: wire::PutBucketCorsRequest) -> Result<(), Fault> {
    let sent = input.cors_configuration.cors_rules;
    if sent.is_empty() || sent.len() > MAX_CORS_RULES {
        return Err(malformed());
    }
    let mut rules = Vec::with_capacity(sent.len());
    for rule in sent {
        if rule.allowed_methods.is_empty() || rule.allowed_origins.is_empty() {
            return Err(malformed());
        }
        if let Some(unknown) = rule.allowed_methods.iter().find(|method| !CORS_METHODS.contains(&method.as_str())) {
            return Err(invalid_request(format!("Found unsupported HTTP method in CORS config. Unsupported method is {unknown}")));
        }
        if let Some(origin) = rule.allowed_origins.iter().find(|origin| origin.matches('*').count() > 1) {
            return Err(invalid_request(format!("AllowedOrigin \"{origin}\" can not have more than one wildcard.")));
        }
        rules.push(CorsRule {
            id: rule.id,
            allowed_headers: rule.allowed_headers,
            allowed_methods: rule.allowed_methods,
            allowed_origins: rule.allowed_origins,
            expose_headers: rule.expose_headers,
            max_age: rule.max_age_seconds,
        });
    }
    set(call, &input.bucket, |settings| {
        settings.cors = rules;
        Ok(())
    })
    .await
}

/// `DeleteBucketCors`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketCors.html>
pub async fn delete_bucket_cors(call: &S3Call, input: wire::DeleteBucketCorsRequest) -> Result<(), Fault> {
    set(call, &input.bucket, |settings| {
        settings.cors.clear();
        Ok(())
    })
    .await
}

/// `GetBucketNotificationConfiguration`: there is none.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html>
pub async fn get_bucket_notification_configuration(
    call: &S3Call,
    input: wire::GetBucketNotificationConfigurationRequest,
) -> Result<wire::NotificationConfiguration, Fault> {
    settings(call, &input.bucket)?;
    Ok(wire::NotificationConfiguration::default())
}

/// `PutBucketNotificationConfiguration`: takes an empty one; those that would notify are refused by name as the request is read.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html>
pub async fn put_bucket_notification_configuration(
    call: &S3Call,
    input: wire::PutBucketNotificationConfigurationRequest,
) -> Result<(), Fault> {
    settings(call, &input.bucket).map(|_| ())
}
