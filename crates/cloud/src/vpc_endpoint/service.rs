//! Which endpoint services there are.
use crate::{Refusal, Region, client_token::digest};

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

/// The service's id, `vpce-svc-` and 17 hex digits: one a region.
#[must_use]
pub fn service_id(region: &Region) -> String {
    let name = execute_api(region);
    let digits = format!("{:016x}{:016x}", digest(&name), digest(&format!("{name}.")));
    format!("vpce-svc-{}", digits.get(..17).unwrap_or_default())
}

/// Whether the service is served in a region.
///
/// # Errors
/// One that AWS has and a lab does not run, or that nobody has.
pub fn check_service(region: &Region, name: &str) -> Result<(), Refusal> {
    match name.strip_prefix(&format!("com.amazonaws.{region}.")) {
        Some("execute-api") => Ok(()),
        Some(service) if KNOWN.contains(&service) => Err(Refusal::ServiceNotBuilt(name.to_owned())),
        _ => Err(Refusal::ServiceNotFound(name.to_owned())),
    }
}
