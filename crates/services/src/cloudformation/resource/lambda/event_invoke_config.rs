//! `AWS::Lambda::EventInvokeConfig`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-eventinvokeconfig.html>
use super::{by_lambda, named};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted};
use vpclab_cloud::function::EventInvokeConfig as Config;
use vpclab_cloud::{Cloud, Context};

/// The type. Its physical id is the function and its version or alias, with a `|` between them.
pub struct EventInvokeConfig;

fn whose(properties: &Properties<'_>) -> Result<(String, String), Failure> {
    Ok((named(&properties.required("FunctionName")?)?.name, properties.required("Qualifier")?))
}

fn put(cloud: &mut Cloud, c: &mut Context, properties: &Properties<'_>) -> Result<Made, Failure> {
    let (name, qualifier) = whose(properties)?;
    let config = Config {
        retries: properties.number("MaximumRetryAttempts")?,
        age: properties.number("MaximumEventAgeInSeconds")?,
        modified: c.now,
    };
    cloud.configure_events(c, &name, Some(&qualifier), config, false).map_err(by_lambda)?;
    Ok(Made::new(format!("{name}|{qualifier}")))
}

impl ResourceType for EventInvokeConfig {
    fn served(&self) -> &'static [&'static str] {
        &["FunctionName", "MaximumEventAgeInSeconds", "MaximumRetryAttempts", "Qualifier"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        put(cloud, c, &want.properties)
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, _is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        put(cloud, c, &want.properties)
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let (name, qualifier) = whose(&is.properties)?;
        cloud.delete_event_config(c, &name, Some(&qualifier)).map_err(by_lambda)
    }
}
