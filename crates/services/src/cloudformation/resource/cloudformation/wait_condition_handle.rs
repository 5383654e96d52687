//! `AWS::CloudFormation::WaitConditionHandle`: templates use it as a resource that does nothing. Nothing waits for its URL.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudformation-waitconditionhandle.html>
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted};
use vpclab_cloud::{Cloud, Context};

/// The type.
pub struct WaitConditionHandle;

impl ResourceType for WaitConditionHandle {
    fn served(&self) -> &'static [&'static str] {
        &[]
    }

    /// The URL is unique and leads nowhere: `WaitCondition`, which would listen at it, is not served.
    fn create(&self, _cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let region = &c.scope.region;
        let random = c.ids.hex(32);
        Ok(Made::new(format!(
            "https://cloudformation-waitcondition-{region}.s3.{region}.amazonaws.com/{}/{}/{random}",
            want.stack.id, want.logical
        )))
    }

    fn update(&self, _cloud: &mut Cloud, _c: &mut Context, is: &Existing<'_>, _want: &Wanted<'_>) -> Result<Made, Failure> {
        Ok(Made::new(is.physical))
    }

    fn delete(&self, _cloud: &mut Cloud, _c: &mut Context, _is: &Existing<'_>) -> Result<(), Failure> {
        Ok(())
    }
}
