//! API Gateway's answers: APIs, their resources, and what their stages serve.
//!
//! No call tells what was deployed as it was put in. What a stage serves is put together from what there is, the best first:
//! * the export of the stage (`GetExport` with `extensions=apigateway`): methods, integrations and the policy, all as deployed;
//! * the summary of the deployment (`GetDeployment` with `embed=apisummary`): which methods there are, with what authorization;
//! * the API as it stands, taken for what was deployed last; that is noted.
use crate::read::Import;
use std::collections::BTreeMap;
use vpclab_cloud::{DeploymentId, RestApiId};

pub(crate) mod resource;
pub(crate) mod rest_api;
pub(crate) mod stage;
pub(crate) mod validation;

/// What is told of deployments.
#[derive(Debug, Default)]
pub(crate) struct Deployed {
    /// Exports by API and stage.
    pub(crate) exports: BTreeMap<(RestApiId, String), serde_json::Value>,
    /// Path -> methods, by API and deployment.
    pub(crate) summaries: BTreeMap<(RestApiId, DeploymentId), BTreeMap<String, BTreeMap<String, stage::Summary>>>,
}

/// Puts what stages serve together, once all is read.
pub(crate) fn finish(import: &mut Import) {
    stage::deploy(import);
}
