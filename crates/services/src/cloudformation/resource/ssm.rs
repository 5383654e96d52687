//! `AWS::SSM::…`
pub mod parameter;
