//! Tags of APIs and stages.
use super::bad_request;
use crate::{Cloud, Context, Refusal, RestApi, RestApiId, Scope, Stage, Tags};
use std::sync::Arc;

/// Tags a resource has at most.
const TAGS_MAX: usize = 50;

/// What of API Gateway carries tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tagged {
    /// `arn:aws:apigateway:{region}::/restapis/{api}`
    RestApi(RestApiId),
    /// `arn:aws:apigateway:{region}::/restapis/{api}/stages/{name}`
    Stage(RestApiId, String),
}

impl Cloud {
    /// The tags of an API or a stage.
    ///
    /// # Errors
    /// When it is not there.
    pub fn api_tags(&self, scope: &Scope, of: &Tagged) -> Result<&Tags, Refusal> {
        match of {
            Tagged::RestApi(api) => Ok(&self.rest_api(scope, api)?.tags),
            Tagged::Stage(api, name) => Ok(&self.stage(scope, api, name)?.tags),
        }
    }

    /// Adds tags, over those of the same keys, and takes the tags of `removed` away.
    ///
    /// # Errors
    /// When the resource is not there or the tags are not legal.
    pub fn tag_api(&mut self, cx: &mut Context, of: &Tagged, added: Tags, removed: &[String]) -> Result<(), Refusal> {
        let mut tags = self.api_tags(&cx.scope, of)?.clone();
        tags.extend(added);
        tags.retain(|key, _| !removed.contains(key));
        check(&tags)?;
        self.write_api_tags(&cx.scope, of, tags)
    }

    /// Gives an API or a stage these tags and no others, AWS's own included.
    ///
    /// # Errors
    /// When the resource is not there or the tags are not legal.
    pub fn set_api_tags(&mut self, cx: &mut Context, of: &Tagged, tags: Tags) -> Result<(), Refusal> {
        check(&tags.iter().filter(|(key, _)| !key.starts_with("aws:")).map(|(key, value)| (key.clone(), value.clone())).collect())?;
        self.write_api_tags(&cx.scope, of, tags)
    }

    fn write_api_tags(&mut self, scope: &Scope, of: &Tagged, tags: Tags) -> Result<(), Refusal> {
        match of {
            Tagged::RestApi(id) => {
                let api = RestApi { tags, ..RestApi::clone(self.rest_api(scope, id)?) };
                self.rest_apis.insert(id.clone(), Arc::new(api));
            }
            Tagged::Stage(api, name) => {
                let stage = Stage { tags, ..Stage::clone(self.stage(scope, api, name)?) };
                self.stages.insert((api.clone(), name.clone()), Arc::new(stage));
            }
        }
        Ok(())
    }
}

/// Whether tags are legal: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-restrictions.html>.
pub(crate) fn check(tags: &Tags) -> Result<(), Refusal> {
    if tags.len() > TAGS_MAX {
        return Err(bad_request(format!("A resource can have at most {TAGS_MAX} tags")));
    }
    for (key, value) in tags {
        if key.is_empty() || key.chars().count() > 128 {
            return Err(bad_request(format!("The tag key '{key}' must have between 1 and 128 characters")));
        }
        if value.chars().count() > 256 {
            return Err(bad_request(format!("The value of the tag '{key}' must have at most 256 characters")));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(bad_request(format!("The tag key '{key}' must not start with aws:")));
        }
    }
    Ok(())
}
