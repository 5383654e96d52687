//! Repositories.
use super::{check_registry, invalid, tag, word};
use crate::request::RequestContext;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use vpclab_cloud::repository::{CreateRepository, Repository};
use vpclab_wire::{WireError, ecr as wire};

/// `CreateRepository`
pub async fn create_repository(
    cx: &RequestContext,
    req: wire::CreateRepositoryRequest,
) -> Result<wire::CreateRepositoryResponse, WireError> {
    if req.registry_id.as_deref().is_some_and(|registry| registry != cx.scope.account.as_str()) {
        return Err(invalid("registryId", "a repository is made in the caller's own registry"));
    }
    check_encryption(req.encryption_configuration.as_ref())?;
    let input = CreateRepository {
        name: req.repository_name,
        immutable_tags: req.image_tag_mutability.as_deref().map_or(Ok(false), is_immutable)?,
        scan_on_push: req.image_scanning_configuration.and_then(|scanning| scanning.scan_on_push).unwrap_or(false),
        tags: tag::read(req.tags)?,
    };
    let made = cx.change(word, |cloud, c| cloud.create_repository(c, input)).await?;
    Ok(wire::CreateRepositoryResponse { repository: Some(show(&made)) })
}

/// `DescribeRepositories`
pub async fn describe_repositories(
    cx: &RequestContext,
    req: wire::DescribeRepositoriesRequest,
) -> Result<wire::DescribeRepositoriesResponse, WireError> {
    let cloud = cx.snapshot();
    let first = req.repository_names.first().map_or("", String::as_str);
    check_registry(cx, req.registry_id.as_deref(), first)?;
    if !req.repository_names.is_empty() {
        let found = req.repository_names.iter().map(|name| cloud.repository(&cx.scope, name).map(|found| show(found)));
        let repositories = found.collect::<Result<_, _>>().map_err(|refusal| word(&refusal))?;
        return Ok(wire::DescribeRepositoriesResponse { repositories, next_token: None });
    }
    let size = match req.max_results {
        None => 100,
        Some(size @ 1..=1000) => usize::try_from(size).unwrap_or(100),
        Some(_) => return Err(invalid("maxResults", "Member must have value between 1 and 1000")),
    };
    let after = match req.next_token {
        None => String::new(),
        Some(token) => URL_SAFE_NO_PAD
            .decode(&token)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| invalid("nextToken", "The token is not valid"))?,
    };
    let mut rest = cloud.repositories_of(&cx.scope).filter(|repository| repository.name > after);
    let page: Vec<_> = rest.by_ref().take(size).collect();
    let more = rest.next().is_some();
    let next_token = page.last().filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(&last.name));
    Ok(wire::DescribeRepositoriesResponse { repositories: page.into_iter().map(|repository| show(repository)).collect(), next_token })
}

/// `DeleteRepository`: there are no images that would need `force`.
pub async fn delete_repository(
    cx: &RequestContext,
    req: wire::DeleteRepositoryRequest,
) -> Result<wire::DeleteRepositoryResponse, WireError> {
    check_registry(cx, req.registry_id.as_deref(), &req.repository_name)?;
    let gone = cx.change(word, |cloud, c| cloud.delete_repository(c, &req.repository_name)).await?;
    Ok(wire::DeleteRepositoryResponse { repository: Some(show(&gone)) })
}

/// `PutImageScanningConfiguration`
pub async fn put_image_scanning_configuration(
    cx: &RequestContext,
    req: wire::PutImageScanningConfigurationRequest,
) -> Result<wire::PutImageScanningConfigurationResponse, WireError> {
    check_registry(cx, req.registry_id.as_deref(), &req.repository_name)?;
    let scan = req.image_scanning_configuration.scan_on_push.unwrap_or(false);
    let edited = cx.change(word, |cloud, c| cloud.edit_repository(c, &req.repository_name, |found| found.scan_on_push = scan)).await?;
    Ok(wire::PutImageScanningConfigurationResponse {
        registry_id: Some(edited.scope.account.to_string()),
        repository_name: Some(edited.name.clone()),
        image_scanning_configuration: Some(wire::ImageScanningConfiguration { scan_on_push: Some(edited.scan_on_push) }),
    })
}

/// `PutImageTagMutability`
pub async fn put_image_tag_mutability(
    cx: &RequestContext,
    req: wire::PutImageTagMutabilityRequest,
) -> Result<wire::PutImageTagMutabilityResponse, WireError> {
    check_registry(cx, req.registry_id.as_deref(), &req.repository_name)?;
    let immutable = is_immutable(&req.image_tag_mutability)?;
    let edit = |found: &mut Repository| found.immutable_tags = immutable;
    let edited = cx.change(word, |cloud, c| cloud.edit_repository(c, &req.repository_name, edit)).await?;
    Ok(wire::PutImageTagMutabilityResponse {
        registry_id: Some(edited.scope.account.to_string()),
        repository_name: Some(edited.name.clone()),
        image_tag_mutability: Some(req.image_tag_mutability),
    })
}

fn is_immutable(text: &str) -> Result<bool, WireError> {
    match text {
        "MUTABLE" => Ok(false),
        "IMMUTABLE" => Ok(true),
        other => Err(invalid("imageTagMutability", &format!("vpclab takes MUTABLE and IMMUTABLE, not {other}"))),
    }
}

fn check_encryption(asked: Option<&wire::EncryptionConfiguration>) -> Result<(), WireError> {
    match asked.and_then(|asked| asked.encryption_type.as_deref()) {
        None | Some("AES256") => Ok(()),
        Some(other) => Err(invalid("encryptionConfiguration", &format!("vpclab has no KMS keys; it takes AES256, not {other}"))),
    }
}

fn show(repository: &Repository) -> wire::Repository {
    let mutability = if repository.immutable_tags { "IMMUTABLE" } else { "MUTABLE" };
    wire::Repository {
        repository_arn: Some(repository.arn()),
        registry_id: Some(repository.scope.account.to_string()),
        repository_name: Some(repository.name.clone()),
        repository_uri: Some(repository.uri()),
        created_at: Some(vpclab_wire::Timestamp::from_millis(repository.created.0)),
        image_tag_mutability: Some(mutability.to_owned()),
        image_scanning_configuration: Some(wire::ImageScanningConfiguration { scan_on_push: Some(repository.scan_on_push) }),
        encryption_configuration: Some(wire::EncryptionConfiguration { encryption_type: Some("AES256".into()), kms_key: None }),
    }
}
