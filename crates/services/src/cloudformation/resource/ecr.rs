//! `AWS::ECR::…`
pub mod repository;
