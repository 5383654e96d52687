//! `AWS::ApiGateway::Stage`. Its id is its name.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-stage.html>
use super::api;
use crate::apigateway::errors::deployment_id;
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_apigateway, wire_by_apigateway};
use std::collections::BTreeMap;
use vpclab_cloud::rest_api::Tagged;
use vpclab_cloud::stage::{CreateStage, StageEdit};
use vpclab_cloud::{Cloud, Context};

/// The type.
pub struct Stage;

impl ResourceType for Stage {
    fn served(&self) -> &'static [&'static str] {
        &["CacheClusterEnabled", "DeploymentId", "Description", "RestApiId", "StageName", "Tags", "TracingEnabled", "Variables"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        check(&want.properties)?;
        let (api, name) = (api(c, &want.properties)?, want.properties.required("StageName")?);
        let input = CreateStage {
            name: name.clone(),
            deployment: deployment_id(&want.properties.required("DeploymentId")?).map_err(wire_by_apigateway)?,
            description: want.properties.text("Description")?,
            variables: want.properties.map("Variables")?,
            tags: BTreeMap::new(),
        };
        cloud.create_stage(c, &api, input).map_err(by_apigateway)?;
        cloud.set_api_tags(c, &Tagged::Stage(api, name.clone()), want.tags()?).map_err(by_apigateway)?;
        Ok(Made::new(name))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        check(&want.properties)?;
        let api = api(c, &want.properties)?;
        let deployment = deployment_id(&want.properties.required("DeploymentId")?).map_err(wire_by_apigateway)?;
        let (old, new) = (is.properties.map("Variables")?, want.properties.map("Variables")?);
        let mut edits = vec![StageEdit::Deployment(deployment), StageEdit::Description(want.properties.text("Description")?)];
        edits.extend(old.keys().filter(|name| !new.contains_key(*name)).map(|name| StageEdit::RemoveVariable(name.clone())));
        edits.extend(new.into_iter().map(|(name, value)| StageEdit::Variable(name, value)));
        cloud.update_stage(c, &api, is.physical, edits).map_err(by_apigateway)?;
        cloud.set_api_tags(c, &Tagged::Stage(api, is.physical.to_owned()), want.tags()?).map_err(by_apigateway)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let api = api(c, &is.properties)?;
        cloud.delete_stage(c, &api, is.physical).map_err(by_apigateway)
    }
}

/// What a lab's stages do not have is fine as long as it is off.
fn check(properties: &Properties<'_>) -> Result<(), Failure> {
    properties.only("CacheClusterEnabled", &["false"])?;
    properties.only("TracingEnabled", &["false"])
}
