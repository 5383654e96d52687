//! `AWS::EC2::NetworkInsights…`
pub mod analysis;
pub mod path;
