//! Which endpoint services there are.
use crate::{Refusal, Region};

/// Services that AWS offers in every region and a lab does not run: asking for one is no typing error, and the answer says so.
const KNOWN: &[&str] = &[
    "access-analyzer",
    "acm-pca",
    "appconfig",
    "application-autoscaling",
    "athena",
    "autoscaling",
    "backup",
    "batch",
    "bedrock-runtime",
    "cassandra",
    "cloudformation",
    "cloudtrail",
    "codebuild",
    "codecommit",
    "codedeploy",
    "codepipeline",
    "config",
    "dms",
    "dynamodb",
    "ebs",
    "ec2",
    "ec2messages",
    "ecr.api",
    "ecr.dkr",
    "ecs",
    "ecs-agent",
    "ecs-telemetry",
    "eks",
    "elasticache",
    "elasticfilesystem",
    "elasticloadbalancing",
    "email-smtp",
    "events",
    "glue",
    "guardduty-data",
    "kinesis-firehose",
    "kinesis-streams",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "rds",
    "rds-data",
    "redshift",
    "s3",
    "sagemaker.api",
    "sagemaker.runtime",
    "secretsmanager",
    "servicecatalog",
    "servicediscovery",
    "sns",
    "sqs",
    "ssm",
    "ssmmessages",
    "states",
    "storagegateway",
    "sts",
    "sync-states",
    "textract",
    "transcribe",
    "xray",
];

/// The one service a lab runs: `com.amazonaws.{r}.execute-api`.
#[must_use]
pub fn execute_api(region: &Region) -> String {
    format!("com.amazonaws.{region}.execute-api")
}

/// Whether the service is served in a region.
pub(crate) fn check(region: &Region, name: &str) -> Result<(), Refusal> {
    match name.strip_prefix(&format!("com.amazonaws.{region}.")) {
        Some("execute-api") => Ok(()),
        Some(service) if KNOWN.contains(&service) => Err(Refusal::ServiceNotBuilt(name.to_owned())),
        _ => Err(Refusal::ServiceNotFound(name.to_owned())),
    }
}
