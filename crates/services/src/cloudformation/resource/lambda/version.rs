//! `AWS::Lambda::Version`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-version.html>
use super::{by_lambda, named};
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use vpclab_cloud::{Cloud, Context};

/// The type. Its physical id is the version's ARN.
pub struct Version;

impl ResourceType for Version {
    fn served(&self) -> &'static [&'static str] {
        &["CodeSha256", "Description", "FunctionName"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let name = named(&want.properties.required("FunctionName")?)?.name;
        let function = cloud.function(&c.scope, &name).map_err(by_lambda)?;
        let (next, arn) = (function.next_version, function.arn());
        let found = STANDARD.encode(function.latest.code.sha256.as_bytes());
        if let Some(expected) = want.properties.text("CodeSha256")?.filter(|expected| *expected != found) {
            return Err(Failure::invalid(format!("CodeSHA256 ({expected}) is different from current CodeSHA256 in $LATEST ({found}).")));
        }
        let number = cloud.publish_version(c, &name, None, want.properties.text("Description")?).map_err(by_lambda)?;
        if number != next {
            let text = format!("A version for this Lambda function exists ( {number} ). Modify the function to create a new version.");
            return Err(Failure::new("AlreadyExists", text));
        }
        Ok(Made::new(format!("{arn}:{number}")))
    }

    fn update(&self, _cloud: &mut Cloud, _c: &mut Context, is: &Existing<'_>, _want: &Wanted<'_>) -> Result<Made, Failure> {
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let version = named(is.physical)?;
        cloud.delete_version(c, &version.name, version.qualifier.as_deref().unwrap_or_default()).map_err(by_lambda)
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let number = is.physical.rsplit(':').next().unwrap_or_default();
        Map::from_iter([("Version".to_owned(), json!(number)), ("FunctionArn".to_owned(), json!(is.physical))])
    }
}
