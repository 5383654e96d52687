//! Deployments: immutable snapshots of an API, its policy included.
use crate::integration::IntegrationType;
use crate::rest_api::{ApiSettings, EndpointType, bad_request, not_found, unused};
use crate::{Cloud, Context, DeploymentId, Refusal, Resource, RestApi, RestApiId, Scope, Stage, Timestamp};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

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

/// What a new deployment is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreateDeployment {
    /// Its description.
    pub description: Option<String>,
    /// The stage to serve it, made when it is not there.
    pub stage: Option<String>,
    /// The stage's description.
    pub stage_description: Option<String>,
    /// The stage's variables.
    pub variables: BTreeMap<String, String>,
}

impl Cloud {
    /// The deployments of an API, in order of id.
    pub fn deployments_of(&self, api: &RestApiId) -> impl Iterator<Item = &Arc<Deployment>> {
        let first = (api.clone(), DeploymentId::before_all());
        let api = api.clone();
        self.deployments.range(first..).take_while(move |((of, _), _)| *of == api).map(|(_, deployment)| deployment)
    }

    /// A deployment of an API of the account and region.
    ///
    /// # Errors
    /// When there is none.
    pub fn deployment(&self, scope: &Scope, api: &RestApiId, id: &DeploymentId) -> Result<&Arc<Deployment>, Refusal> {
        self.rest_api(scope, api)?;
        self.deployments.get(&(api.clone(), id.clone())).ok_or_else(unknown_deployment)
    }

    /// Freezes an API as it is now, and lets a stage serve it if one is named.
    ///
    /// # Errors
    /// When the API has no methods, a method lacks an integration or has one that cannot be run, a private API has no policy,
    /// or the stage is not legal.
    pub fn create_deployment(&mut self, cx: &mut Context, api: &RestApiId, input: CreateDeployment) -> Result<DeploymentId, Refusal> {
        let rest_api = Arc::clone(self.rest_api(&cx.scope, api)?);
        let mut resources: Vec<Resource> = self.resources_of(api).map(|r| Resource::clone(r)).collect();
        resources.sort_by(|a, b| a.path.cmp(&b.path));
        check_deployable(&rest_api, &resources)?;
        let id = unused(|| DeploymentId::fresh(&mut cx.ids), |id| self.deployments.contains_key(&(api.clone(), id.clone())));
        let deployment = Deployment {
            api: api.clone(),
            id: id.clone(),
            created: cx.now,
            description: input.description.filter(|text| !text.is_empty()),
            snapshot: Arc::new(ApiSnapshot { settings: rest_api.settings.clone(), resources }),
        };
        self.deployments.insert((api.clone(), id.clone()), Arc::new(deployment));
        match input.stage.filter(|name| !name.is_empty()) {
            Some(name) => self.deploy_to_stage(cx, &rest_api, &id, name, input.stage_description, input.variables)?,
            None if input.stage_description.is_some() || !input.variables.is_empty() => {
                return Err(bad_request("Stage description and variables need a stage name"));
            }
            None => {}
        }
        Ok(id)
    }

    fn deploy_to_stage(
        &mut self,
        cx: &mut Context,
        api: &RestApi,
        deployment: &DeploymentId,
        name: String,
        description: Option<String>,
        variables: BTreeMap<String, String>,
    ) -> Result<(), Refusal> {
        let Ok(stage) = self.stage(&cx.scope, &api.id, &name) else {
            let input = crate::stage::CreateStage {
                name,
                deployment: deployment.clone(),
                description,
                variables,
                settings: crate::stage::StageSettings::default(),
                tags: BTreeMap::new(),
            };
            return self.create_stage(cx, &api.id, input);
        };
        let mut stage = Stage::clone(stage);
        stage.deployment = deployment.clone();
        stage.description = description.or(stage.description);
        stage.variables.extend(variables);
        self.save_stage(cx, api, stage)
    }

    /// Changes a deployment's description.
    ///
    /// # Errors
    /// When it is not there.
    pub fn describe_deployment(
        &mut self,
        cx: &mut Context,
        api: &RestApiId,
        id: &DeploymentId,
        description: Option<String>,
    ) -> Result<(), Refusal> {
        let deployment = Deployment::clone(self.deployment(&cx.scope, api, id)?);
        let description = description.filter(|text| !text.is_empty());
        self.deployments.insert((api.clone(), id.clone()), Arc::new(Deployment { description, ..deployment }));
        Ok(())
    }

    /// Deletes a deployment that no stage serves.
    ///
    /// # Errors
    /// When it is not there or a stage serves it.
    pub fn delete_deployment(&mut self, cx: &mut Context, api: &RestApiId, id: &DeploymentId) -> Result<(), Refusal> {
        self.deployment(&cx.scope, api, id)?;
        if self.stages_of(api).any(|stage| stage.deployment == *id) {
            return Err(bad_request("Active stages pointing to this deployment must be moved or deleted"));
        }
        self.deployments.remove(&(api.clone(), id.clone()));
        Ok(())
    }
}

/// What API Gateway says of a deployment that is not there.
#[must_use]
pub fn unknown_deployment() -> Refusal {
    not_found("Invalid Deployment identifier specified")
}

fn check_deployable(api: &RestApi, resources: &[Resource]) -> Result<(), Refusal> {
    let methods = || resources.iter().flat_map(|resource| resource.methods.iter().map(move |(name, method)| (resource, name, method)));
    if methods().next().is_none() {
        return Err(bad_request("The REST API doesn't contain any methods"));
    }
    if api.settings.endpoint_type == EndpointType::Private && api.settings.policy.is_none() {
        return Err(bad_request("Private REST API doesn't have a resource policy attached to it"));
    }
    for (resource, name, method) in methods() {
        let Some(integration) = &method.integration else {
            return Err(bad_request("No integration defined for method"));
        };
        match integration.kind {
            IntegrationType::Mock => {}
            IntegrationType::AwsProxy if integration.names_lambda() => {}
            kind @ (IntegrationType::Http | IntegrationType::HttpProxy | IntegrationType::Aws | IntegrationType::AwsProxy) => {
                return Err(bad_request(format!(
                    "The method {name} of the resource {} has an integration of type {}, which vpclab cannot run yet; it runs MOCK, and \
                     AWS_PROXY with a Lambda function",
                    resource.path,
                    kind.as_str()
                )));
            }
        }
    }
    Ok(())
}
