//! `AWS::Logs::LogGroup`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-logs-loggroup.html>
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted};
use serde_json::{Map, Value, json};
use vpclab_cloud::{Cloud, Context, Refusal};

/// The type. Its physical id is the group's name.
pub struct LogGroup;

fn by_logs(refusal: Refusal) -> Failure {
    Failure::of("CloudWatchLogs", crate::logs::word(&refusal))
}

impl ResourceType for LogGroup {
    fn served(&self) -> &'static [&'static str] {
        &["LogGroupClass", "LogGroupName", "RetentionInDays", "Tags"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        want.properties.only("LogGroupClass", &["STANDARD"])?;
        let name = match want.properties.text("LogGroupName")? {
            Some(name) => name,
            None => want.physical_name(c, 512),
        };
        let days = want.properties.number("RetentionInDays")?;
        cloud.create_log_group(c, &name, days, want.tags()?).map_err(by_logs)?;
        Ok(Made::new(name))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let tags = want.tags()?;
        cloud.set_log_retention(c, is.physical, want.properties.number("RetentionInDays")?).map_err(by_logs)?;
        cloud.edit_log_group_tags(c, is.physical, |own| *own = tags).map_err(by_logs)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        cloud.delete_log_group(c, is.physical).map_err(by_logs)
    }

    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let group = cloud.log_group(is.scope, is.physical);
        group.map(|group| Map::from_iter([("Arn".to_owned(), json!(format!("{}:*", group.arn())))])).unwrap_or_default()
    }
}
