//! `AWS::CloudFormation::WaitConditionHandle`: a URL that takes signals, at the lab's own port. Instances have no way there: what
//! signals runs on the machine, as a deployment's script does.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudformation-waitconditionhandle.html>
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Action, Ask, Existing, Failure, Made, Prepared, Preparing, ResourceType, Wanted};
use crate::cloudformation::signal::PREFIX;
use serde_json::{Map, Value};
use vpclab_cloud::{Cloud, Context};

/// The type. Its physical id is the URL, which nobody can guess.
pub struct WaitConditionHandle;

impl ResourceType for WaitConditionHandle {
    fn served(&self) -> &'static [&'static str] {
        &[]
    }

    fn prepares(&self, action: Action, _properties: &Properties<'_>) -> bool {
        action == Action::Create
    }

    /// Finds out at which address the lab listens.
    fn prepare<'a>(&'a self, ask: Ask<'a>) -> Preparing<'a> {
        Box::pin(async move { Ok(Prepared { value: ask.cx.engine.address().into(), kept: None }) })
    }

    fn create(&self, _cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let address = want.prepared.value.as_str().unwrap_or_default();
        let (region, random) = (&c.scope.region, c.ids.hex(32));
        Ok(Made::new(format!("http://{address}{PREFIX}{region}/{}/{}/{random}", want.stack.name, want.logical)))
    }

    fn update(&self, _cloud: &mut Cloud, _c: &mut Context, is: &Existing<'_>, _want: &Wanted<'_>) -> Result<Made, Failure> {
        Ok(Made { attributes: is.attributes.clone(), ..Made::new(is.physical) })
    }

    fn delete(&self, _cloud: &mut Cloud, _c: &mut Context, _is: &Existing<'_>) -> Result<(), Failure> {
        Ok(())
    }

    /// The signals are the lab's own affair.
    fn attributes(&self, _cloud: &Cloud, _is: &Existing<'_>) -> Map<String, Value> {
        Map::new()
    }
}
