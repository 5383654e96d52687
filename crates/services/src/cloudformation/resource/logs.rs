//! `AWS::Logs::…`
pub mod log_group;
