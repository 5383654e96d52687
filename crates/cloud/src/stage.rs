//! Stages: names under which deployments are served.
use crate::{DeploymentId, RestApiId, Tags, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A stage. Keyed by API and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Its API.
    pub api: RestApiId,
    /// Its name.
    pub name: String,
    /// The deployment it serves.
    pub deployment: DeploymentId,
    /// Its description.
    pub description: Option<String>,
    /// `disableExecuteApiEndpoint` as this stage has it: taken from the API at a deployment or at any update of the stage.
    pub disable_execute_api_endpoint: bool,
    /// Stage variables.
    pub variables: BTreeMap<String, String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last updated.
    pub updated: Timestamp,
    /// Its tags.
    pub tags: Tags,
}
