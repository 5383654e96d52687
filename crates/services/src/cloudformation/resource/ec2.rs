//! `AWS::EC2::…`
pub mod subnet;
pub mod vpc;
