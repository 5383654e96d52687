//! `AWS::CloudFormation::…`
