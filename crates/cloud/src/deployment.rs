//! Deployments: immutable snapshots of an API, its policy included.
use crate::{DeploymentId, Resource, RestApiId, Timestamp, rest_api::ApiSettings};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A deployment. Keyed by API and id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// Its API.
    pub api: RestApiId,
    /// Its id.
    pub id: DeploymentId,
    /// When it was made.
    pub created: Timestamp,
    /// Its description.
    pub description: Option<String>,
    /// What was frozen.
    pub snapshot: Arc<ApiSnapshot>,
}

/// What a deployment froze.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiSnapshot {
    /// Endpoint type, aliases, policy.
    pub settings: ApiSettings,
    /// The tree with methods and integrations.
    pub resources: Vec<Resource>,
}
