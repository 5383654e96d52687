//! `AWS::CDK::Metadata`: what the CDK says of itself. It makes nothing, on AWS as here.
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted};
use vpclab_cloud::{Cloud, Context, stack::uuid};

/// The type.
pub struct CdkMetadata;

impl ResourceType for CdkMetadata {
    fn served(&self) -> &'static [&'static str] {
        &["*"]
    }

    fn create(&self, _cloud: &mut Cloud, c: &mut Context, _want: &Wanted<'_>) -> Result<Made, Failure> {
        Ok(Made::new(uuid(&mut c.ids)))
    }

    fn update(&self, _cloud: &mut Cloud, _c: &mut Context, is: &Existing<'_>, _want: &Wanted<'_>) -> Result<Made, Failure> {
        Ok(Made::new(is.physical))
    }

    fn delete(&self, _cloud: &mut Cloud, _c: &mut Context, _is: &Existing<'_>) -> Result<(), Failure> {
        Ok(())
    }
}
