//! `AWS::CloudFormation::…`
pub mod cdk_metadata;
pub mod custom_resource;
pub mod stack;
pub mod wait_condition;
pub mod wait_condition_handle;
