//! REST APIs.
use crate::gateway_response::{GatewayResponse, GatewayResponseType};
use crate::request_validator::Validation;
use crate::{Cloud, Context, Refusal, Resource, ResourceId, RestApiId, Scope, Tags, Timestamp, VpcEndpointId};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

mod definition;
mod edit;
mod tags;

pub use definition::{Definition, PutMode};
pub use edit::RestApiEdit;
pub use tags::Tagged;
pub(crate) use tags::check as check_tags;

/// How many APIs of one kind (private, or regional and edge-optimized) an account has in a region.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
pub const APIS_MAX: usize = 600;

/// The largest `binaryMediaTypes`.
const BINARY_MEDIA_TYPES_MAX: usize = 100;

/// A REST API (v1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestApi {
    /// Its id.
    pub id: RestApiId,
    /// Its account and region.
    pub scope: Scope,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: Option<String>,
    /// Its version text.
    pub version: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// Its root resource, `/`.
    pub root: ResourceId,
    /// The deployed part: what a deployment freezes.
    pub settings: ApiSettings,
    /// When the policy was last edited.
    pub policy_edited: Option<Timestamp>,
    /// Its tags.
    pub tags: Tags,
}

/// The settings of an API that act only once deployed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiSettings {
    /// The endpoint type.
    pub endpoint_type: EndpointType,
    /// The endpoints whose alias `{api}-{vpce}` is published. They neither grant nor restrict access.
    pub vpc_endpoint_ids: Vec<VpcEndpointId>,
    /// The resource policy, its short-form resources rewritten to the API's ARN.
    pub policy: Option<String>,
    /// `disableExecuteApiEndpoint`
    pub disable_execute_api_endpoint: bool,
    /// `binaryMediaTypes`
    pub binary_media_types: Vec<String>,
    /// What is answered where no integration does.
    #[serde(default)]
    pub gateway_responses: BTreeMap<GatewayResponseType, GatewayResponse>,
    /// What requests are checked against.
    #[serde(default)]
    pub validation: Validation,
}

/// The type of an API's endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndpointType {
    /// `EDGE`
    Edge,
    /// `REGIONAL`
    Regional,
    /// `PRIVATE`
    Private,
}

impl EndpointType {
    /// `EDGE`, `REGIONAL`, `PRIVATE`
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Edge => "EDGE",
            Self::Regional => "REGIONAL",
            Self::Private => "PRIVATE",
        }
    }
    /// The type of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Edge, Self::Regional, Self::Private].into_iter().find(|known| known.as_str() == text)
    }
}

/// What a new REST API is made of. Its policy is set afterwards, because only then is the ARN known that short forms stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateRestApi {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: Option<String>,
    /// Its version text.
    pub version: Option<String>,
    /// The endpoint type.
    pub endpoint_type: EndpointType,
    /// The endpoints whose alias is published.
    pub vpc_endpoint_ids: Vec<VpcEndpointId>,
    /// `disableExecuteApiEndpoint`
    pub disable_execute_api_endpoint: bool,
    /// `binaryMediaTypes`
    pub binary_media_types: Vec<String>,
    /// Its tags.
    pub tags: Tags,
}

impl RestApi {
    /// `arn:aws:execute-api:{region}:{account}:{api}`: the ARN that policies name, without a slash at its end.
    #[must_use]
    pub fn execute_arn(&self) -> String {
        let Scope { account, region } = &self.scope;
        format!("arn:aws:execute-api:{region}:{account}:{}", self.id)
    }

    /// `arn:aws:apigateway:{region}::/restapis/{api}`: the ARN that tags name.
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:apigateway:{}::/restapis/{}", self.scope.region, self.id)
    }
}

impl Cloud {
    /// An API of the account and region.
    ///
    /// # Errors
    /// When there is none of that id: what is elsewhere is invisible.
    pub fn rest_api(&self, scope: &Scope, id: &RestApiId) -> Result<&Arc<RestApi>, Refusal> {
        self.rest_apis.get(id).filter(|api| api.scope == *scope).ok_or_else(|| unknown_api(scope, id.as_str()))
    }

    /// The APIs of the account and region, in order of id.
    pub fn rest_apis_of(&self, scope: &Scope) -> impl Iterator<Item = &Arc<RestApi>> {
        self.rest_apis.values().filter(move |api| api.scope == *scope)
    }

    /// Makes an API with its root resource.
    ///
    /// # Errors
    /// When a value or a combination of values is not legal, or there are too many APIs.
    pub fn create_rest_api(&mut self, cx: &mut Context, input: CreateRestApi) -> Result<RestApiId, Refusal> {
        if input.description.as_deref() == Some("") {
            return Err(bad_request("Description cannot be an empty string"));
        }
        let id = unused(|| RestApiId::fresh(&mut cx.ids), |id| self.rest_apis.contains_key(id));
        let root = ResourceId::fresh(&mut cx.ids);
        let api = RestApi {
            id: id.clone(),
            scope: cx.scope.clone(),
            name: input.name,
            description: input.description,
            version: input.version,
            created: cx.now,
            root: root.clone(),
            settings: ApiSettings {
                endpoint_type: input.endpoint_type,
                vpc_endpoint_ids: input.vpc_endpoint_ids,
                policy: None,
                disable_execute_api_endpoint: input.disable_execute_api_endpoint,
                binary_media_types: input.binary_media_types,
                gateway_responses: BTreeMap::new(),
                validation: Validation { models: crate::model::defaults(cx), ..Validation::default() },
            },
            policy_edited: None,
            tags: Tags::new(),
        };
        api.check()?;
        tags::check(&input.tags)?;
        self.check_api_count(&api)?;
        self.rest_apis.insert(id.clone(), Arc::new(RestApi { tags: input.tags, ..api }));
        let resource = Resource {
            api: id.clone(),
            id: root.clone(),
            parent: None,
            path_part: String::new(),
            path: "/".to_owned(),
            methods: BTreeMap::new(),
        };
        self.resources.insert((id.clone(), root), Arc::new(resource));
        Ok(id)
    }

    /// Deletes an API with all that belongs to it.
    ///
    /// # Errors
    /// When there is none of that id.
    pub fn delete_rest_api(&mut self, cx: &mut Context, id: &RestApiId) -> Result<(), Refusal> {
        self.rest_api(&cx.scope, id)?;
        self.rest_apis.remove(id);
        for resource in self.resources_of(id).map(|r| r.id.clone()).collect::<Vec<_>>() {
            self.resources.remove(&(id.clone(), resource));
        }
        for deployment in self.deployments_of(id).map(|d| d.id.clone()).collect::<Vec<_>>() {
            self.deployments.remove(&(id.clone(), deployment));
        }
        for stage in self.stages_of(id).map(|s| s.name.clone()).collect::<Vec<_>>() {
            self.stages.remove(&(id.clone(), stage));
        }
        Ok(())
    }

    fn check_api_count(&self, api: &RestApi) -> Result<(), Refusal> {
        let private = |api: &RestApi| api.settings.endpoint_type == EndpointType::Private;
        let same = self.rest_apis_of(&api.scope).filter(|known| known.id != api.id && private(known) == private(api));
        if same.count() >= APIS_MAX {
            return Err(Refusal::ApiLimitExceeded("Maximum number of APIs reached".to_owned()));
        }
        Ok(())
    }
}

impl RestApi {
    fn check(&self) -> Result<(), Refusal> {
        if self.name.is_empty() || self.name.chars().count() > 1024 {
            return Err(bad_request("API name must be between 1 and 1024 characters"));
        }
        let settings = &self.settings;
        if settings.endpoint_type != EndpointType::Private && !settings.vpc_endpoint_ids.is_empty() {
            return Err(bad_request("VPCEndpoints can only be specified with PRIVATE apis."));
        }
        let mut seen = std::collections::BTreeSet::new();
        if let Some(twice) = settings.vpc_endpoint_ids.iter().find(|id| !seen.insert(*id)) {
            return Err(bad_request(format!("VPC endpoint {twice} is specified more than once")));
        }
        if settings.binary_media_types.len() > BINARY_MEDIA_TYPES_MAX {
            return Err(bad_request(format!("An API can have at most {BINARY_MEDIA_TYPES_MAX} binary media types")));
        }
        Ok(())
    }
}

/// What API Gateway says of an API that is not there.
#[must_use]
pub fn unknown_api(scope: &Scope, id: &str) -> Refusal {
    Refusal::ApiNotFound(format!("Invalid API identifier specified {}:{id}", scope.account))
}

pub(crate) fn bad_request(text: impl Into<String>) -> Refusal {
    Refusal::ApiBadRequest(text.into())
}

pub(crate) fn not_found(text: &str) -> Refusal {
    Refusal::ApiNotFound(text.to_owned())
}

/// The first id that is not taken; ids come from a sequence that does not repeat, so one is found soon.
pub(crate) fn unused<I>(mut fresh: impl FnMut() -> I, taken: impl Fn(&I) -> bool) -> I {
    let mut id = fresh();
    while taken(&id) {
        id = fresh();
    }
    id
}

#[cfg(test)]
pub(crate) mod tests;
