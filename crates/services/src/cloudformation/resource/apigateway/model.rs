//! `AWS::ApiGateway::Model`. Its id is its name.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-model.html>
use super::api;
use crate::apigateway::model::{create, update};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_apigateway};
use vpclab_cloud::model::NewModel;
use vpclab_cloud::{Cloud, Context};

/// The type.
pub struct Model;

impl ResourceType for Model {
    fn served(&self) -> &'static [&'static str] {
        &["ContentType", "Description", "Name", "RestApiId", "Schema"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let name = match want.properties.text("Name")? {
            Some(name) => name,
            // A model's name takes letters and digits only.
            None => format!("{}{}", want.logical, c.ids.alphanumeric(12)),
        };
        let new = NewModel {
            name: name.clone(),
            description: want.properties.text("Description")?,
            content_type: want.properties.text("ContentType")?.unwrap_or_else(|| "application/json".to_owned()),
            schema: schema(&want.properties)?,
        };
        let api = api(c, &want.properties)?;
        create(cloud, c, &api, new).map_err(by_apigateway)?;
        Ok(Made::new(name))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let (schema, description) = (schema(&want.properties)?, want.properties.text("Description")?);
        let api = api(c, &want.properties)?;
        update(cloud, c, &api, is.physical, (Some(schema), Some(description))).map_err(by_apigateway)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let api = api(c, &is.properties)?;
        cloud.delete_model(c, &api, is.physical).map_err(by_apigateway)
    }
}

fn schema(properties: &Properties<'_>) -> Result<String, Failure> {
    Ok(properties.document("Schema")?.unwrap_or_else(|| "{}".to_owned()))
}
