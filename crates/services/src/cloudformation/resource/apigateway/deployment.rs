//! `AWS::ApiGateway::Deployment`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-deployment.html>
use super::api;
use crate::apigateway::errors::deployment_id;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_apigateway, wire_by_apigateway};
use serde_json::{Map, Value};
use vpclab_cloud::deployment::CreateDeployment;
use vpclab_cloud::{Cloud, Context};

/// The type. A deployment is never made again by itself: templates give it a new logical id when the API changed.
pub struct Deployment;

impl ResourceType for Deployment {
    fn served(&self) -> &'static [&'static str] {
        &["Description", "RestApiId", "StageDescription", "StageDescription.Description", "StageDescription.Variables", "StageName"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let properties = &want.properties;
        let of_stage = properties.object("StageDescription")?;
        let input = CreateDeployment {
            description: properties.text("Description")?,
            stage: properties.text("StageName")?,
            stage_description: of_stage.map(|stage| stage.text("Description")).transpose()?.flatten(),
            variables: of_stage.map(|stage| stage.map("Variables")).transpose()?.unwrap_or_default(),
        };
        cloud.create_deployment(c, &api(c, properties)?, input).map(Made::new).map_err(by_apigateway)
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        for name in ["StageName", "StageDescription"] {
            if is.properties.get(name) != want.properties.get(name) {
                return Err(Failure::invalid(format!("vpclab does not serve updates of the property {name} of a deployment yet")));
            }
        }
        let id = deployment_id(is.physical).map_err(wire_by_apigateway)?;
        cloud.describe_deployment(c, &api(c, &want.properties)?, &id, want.properties.text("Description")?).map_err(by_apigateway)?;
        Ok(Made::new(id))
    }

    /// The stage that it was made with goes with it, while it serves it.
    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let api = api(c, &is.properties)?;
        let id = deployment_id(is.physical).map_err(wire_by_apigateway)?;
        if let Some(stage) = is.properties.text("StageName")?
            && cloud.stage(&c.scope, &api, &stage).is_ok_and(|stage| stage.deployment == id)
        {
            cloud.delete_stage(c, &api, &stage).map_err(by_apigateway)?;
        }
        cloud.delete_deployment(c, &api, &id).map_err(by_apigateway)
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        Map::from_iter([("DeploymentId".to_owned(), is.physical.into())])
    }
}
