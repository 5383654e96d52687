//! REST APIs.
use crate::{ResourceId, RestApiId, Scope, Tags, Timestamp, VpcEndpointId};
use serde::{Deserialize, Serialize};

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
    /// `HEADER` rather than `AUTHORIZER` when false.
    pub api_key_from_authorizer: bool,
    /// `minimumCompressionSize`
    pub minimum_compression_size: Option<i32>,
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
