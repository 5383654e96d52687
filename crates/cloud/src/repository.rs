//! Repositories of Elastic Container Registry, as records: a lab holds no container images.
//! Source: <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html>
use crate::{Cloud, Context, Refusal, Scope, Tags, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most repositories of an account in a region.
const MOST: usize = 10_000;

/// A repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    /// Its account and region.
    pub scope: Scope,
    /// Its name, with `/` between its parts.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// Whether a tag of an image would stay with it.
    pub immutable_tags: bool,
    /// Whether images would be scanned as they come.
    pub scan_on_push: bool,
    /// Who may use it, as it was written.
    pub policy: Option<String>,
    /// Which images would be removed, as it was written.
    pub lifecycle_policy: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

impl Repository {
    /// `arn:aws:ecr:REGION:ACCOUNT:repository/NAME`
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:ecr:{}:{}:repository/{}", self.scope.region, self.scope.account, self.name)
    }

    /// `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`
    #[must_use]
    pub fn uri(&self) -> String {
        format!("{}.dkr.ecr.{}.amazonaws.com/{}", self.scope.account, self.scope.region, self.name)
    }
}

/// Why an operation on repositories was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RepositoryRefusal {
    /// `RepositoryNotFoundException`
    #[error("The repository with name '{name}' does not exist in the registry with id '{registry}'")]
    NotFound {
        /// The name.
        name: String,
        /// The account.
        registry: String,
    },
    /// `RepositoryAlreadyExistsException`
    #[error("The repository with name '{name}' already exists in the registry with id '{registry}'")]
    Exists {
        /// The name.
        name: String,
        /// The account.
        registry: String,
    },
    /// `LimitExceededException`
    #[error("The quota of {MOST} repositories is reached")]
    Limit,
    /// `TooManyTagsException`
    #[error("A repository can have at most 50 tags")]
    TooManyTags,
    /// `InvalidParameterException`
    #[error("{0}")]
    Invalid(String),
}

/// A repository to make.
#[derive(Clone, Debug, Default)]
pub struct CreateRepository {
    /// Its name.
    pub name: String,
    /// Whether a tag of an image would stay with it.
    pub immutable_tags: bool,
    /// Whether images would be scanned as they come.
    pub scan_on_push: bool,
    /// Its tags.
    pub tags: Tags,
}

impl Cloud {
    /// A repository of an account in a region.
    ///
    /// # Errors
    /// When there is none.
    pub fn repository(&self, scope: &Scope, name: &str) -> Result<&Arc<Repository>, Refusal> {
        let found = self.repositories.get(&(scope.clone(), name.to_owned()));
        let missing = || RepositoryRefusal::NotFound { name: name.to_owned(), registry: scope.account.to_string() };
        Ok(found.ok_or_else(missing)?)
    }

    /// The repositories of an account in a region, by name.
    pub fn repositories_of(&self, scope: &Scope) -> impl Iterator<Item = &Arc<Repository>> {
        let scope = scope.clone();
        self.repositories.range((scope.clone(), String::new())..).take_while(move |((of, _), _)| *of == scope).map(|(_, found)| found)
    }

    /// `CreateRepository`.
    ///
    /// # Errors
    /// A name that is taken or cannot be, too many tags, or too many repositories.
    pub fn create_repository(&mut self, cx: &mut Context, input: CreateRepository) -> Result<Arc<Repository>, Refusal> {
        check_name(&input.name)?;
        check_tags(&input.tags)?;
        let key = (cx.scope.clone(), input.name.clone());
        if self.repositories.contains_key(&key) {
            return Err(RepositoryRefusal::Exists { name: input.name, registry: cx.scope.account.to_string() }.into());
        }
        if self.repositories_of(&cx.scope).count() >= MOST {
            return Err(RepositoryRefusal::Limit.into());
        }
        let made = Arc::new(Repository {
            scope: cx.scope.clone(),
            name: input.name,
            created: cx.now,
            immutable_tags: input.immutable_tags,
            scan_on_push: input.scan_on_push,
            policy: None,
            lifecycle_policy: None,
            tags: input.tags,
        });
        self.repositories.insert(key, Arc::clone(&made));
        Ok(made)
    }

    /// Changes a repository's settings, policies or tags, and answers with it.
    ///
    /// # Errors
    /// An unknown repository, or more than 50 tags.
    pub fn edit_repository(
        &mut self,
        cx: &mut Context,
        name: &str,
        edit: impl FnOnce(&mut Repository),
    ) -> Result<Arc<Repository>, Refusal> {
        let mut repository = Repository::clone(self.repository(&cx.scope, name)?);
        edit(&mut repository);
        check_tags(&repository.tags)?;
        let repository = Arc::new(repository);
        self.repositories.insert((cx.scope.clone(), name.to_owned()), Arc::clone(&repository));
        Ok(repository)
    }

    /// `DeleteRepository`: the repository as it was.
    ///
    /// # Errors
    /// When there is none.
    pub fn delete_repository(&mut self, cx: &mut Context, name: &str) -> Result<Arc<Repository>, Refusal> {
        let found = Arc::clone(self.repository(&cx.scope, name)?);
        self.repositories.remove(&(cx.scope.clone(), name.to_owned()));
        Ok(found)
    }
}

/// Parts of small letters and digits, with single `.`, `_`, runs of `-`, or `__` between them, and `/` between the parts.
fn check_name(name: &str) -> Result<(), Refusal> {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let separator = |text: &str| matches!(text, "" | "." | "_" | "__") || text.bytes().all(|byte| byte == b'-');
    let part = |part: &str| {
        let mut gaps = part.split(alphanumeric);
        part.starts_with(alphanumeric) && part.ends_with(alphanumeric) && gaps.all(separator)
    };
    if (2..=256).contains(&name.len()) && name.split('/').all(part) {
        return Ok(());
    }
    Err(RepositoryRefusal::Invalid(
        "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression \
         '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*''"
            .to_owned(),
    )
    .into())
}

fn check_tags(tags: &Tags) -> Result<(), Refusal> {
    let own = tags.keys().filter(|key| !key.starts_with("aws:")).count();
    if own > crate::tag::MAX_TAGS { Err(RepositoryRefusal::TooManyTags.into()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Lab;

    fn named(name: &str) -> CreateRepository {
        CreateRepository { name: name.into(), ..CreateRepository::default() }
    }

    #[test]
    fn a_repository_is_made_once_in_a_scope() {
        let mut lab = Lab::new();
        let made = lab.run(|cloud, cx| cloud.create_repository(cx, named("cdk/assets"))).unwrap();
        assert_eq!(made.uri(), "111111111111.dkr.ecr.ap-northeast-2.amazonaws.com/cdk/assets");
        let again = lab.run(|cloud, cx| cloud.create_repository(cx, named("cdk/assets")));
        assert!(matches!(again, Err(Refusal::Repository(RepositoryRefusal::Exists { .. }))));
        lab.run(|cloud, cx| cloud.edit_repository(cx, "cdk/assets", |found| found.policy = Some("{}".into()))).unwrap();
        assert_eq!(lab.cloud.repository(&lab.cx.scope, "cdk/assets").unwrap().policy.as_deref(), Some("{}"));
        lab.go("1/us-west-2");
        assert!(lab.run(|cloud, cx| cloud.delete_repository(cx, "cdk/assets")).is_err());
        lab.go("1/ap-northeast-2");
        lab.run(|cloud, cx| cloud.delete_repository(cx, "cdk/assets")).unwrap();
        assert_eq!(lab.cloud.repositories_of(&lab.cx.scope).count(), 0);
    }

    #[test]
    fn names_have_their_rules() {
        for name in ["ab", "a1/b.c/d__e/f--g", "cdk-hnb659fds-container-assets-111111111111-ap-northeast-2"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in ["a", "A1", "a..b", "-ab", "ab/", "a//b", "a___b", "ab-"] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
