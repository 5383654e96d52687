//! `AWS::Lambda::LayerVersion`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-layerversion.html>
use super::{by_lambda, fetch, fetched, wire_by_lambda};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Action, Ask, Existing, Failure, Made, Preparing, ResourceType, Wanted};
use crate::lambda::code::CodeSource;
use serde_json::{Map, Value, json};
use vpclab_cloud::function::{LayerName, PublishLayer};
use vpclab_cloud::{Cloud, Context};

/// The type. Its physical id is the version's ARN.
pub struct LayerVersion;

impl ResourceType for LayerVersion {
    fn served(&self) -> &'static [&'static str] {
        &["CompatibleArchitectures", "CompatibleRuntimes", "Content", "Description", "LayerName", "LicenseInfo"]
    }

    fn prepares(&self, action: Action, _properties: &Properties<'_>) -> bool {
        action == Action::Create
    }

    fn prepare<'a>(&'a self, ask: Ask<'a>) -> Preparing<'a> {
        Box::pin(async move {
            let content = ask.properties.object("Content")?.ok_or_else(|| Failure::invalid("Property Content cannot be empty."))?;
            let (bucket, key) = (content.text("S3Bucket")?, content.text("S3Key")?);
            let source = CodeSource::new(None, bucket, key, content.text("S3ObjectVersion")?).map_err(wire_by_lambda)?;
            fetch(&ask, source).await
        })
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let properties = &want.properties;
        let name = match properties.text("LayerName")? {
            Some(name) => LayerName::parse(&name).map_err(by_lambda)?.name,
            None => want.physical_name(c, 64),
        };
        let input = PublishLayer {
            name: name.clone(),
            description: properties.text("Description")?.unwrap_or_default(),
            code: fetched(&want.prepared)?,
            runtimes: properties.texts("CompatibleRuntimes")?,
            architectures: properties.texts("CompatibleArchitectures")?,
            license: properties.text("LicenseInfo")?,
        };
        let number = cloud.publish_layer(c, input).map_err(by_lambda)?;
        Ok(Made::new(cloud.layer_version(&c.scope, &c.scope, &name, number).map_err(by_lambda)?.arn()))
    }

    fn update(&self, _cloud: &mut Cloud, _c: &mut Context, is: &Existing<'_>, _want: &Wanted<'_>) -> Result<Made, Failure> {
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let layer = LayerName::parse(is.physical).map_err(by_lambda)?;
        cloud.delete_layer_version(c, &layer.name, layer.version.unwrap_or_default());
        Ok(())
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        Map::from_iter([("LayerVersionArn".to_owned(), json!(is.physical))])
    }
}
