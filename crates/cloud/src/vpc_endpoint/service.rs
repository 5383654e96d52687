//! Which endpoint services there are, and by what names they are reached.
//! Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html>
use crate::{Refusal, Region, VpcEndpoint, client_token::digest};

/// Services beside `execute-api` that have an interface endpoint. A lab makes the endpoint of each, with its interfaces and names; what
/// answers behind it says so itself where the lab does not run the service.
const KNOWN: &[&str] = &[
    "access-analyzer",
    "acm-pca",
    "airflow.api",
    "airflow.env",
    "airflow.ops",
    "appconfig",
    "application-autoscaling",
    "apprunner",
    "aps",
    "aps-workspaces",
    "athena",
    "autoscaling",
    "backup",
    "batch",
    "bedrock",
    "bedrock-agent",
    "bedrock-agent-runtime",
    "bedrock-runtime",
    "cassandra",
    "cloudformation",
    "cloudtrail",
    "codeartifact.api",
    "codeartifact.repositories",
    "codebuild",
    "codecommit",
    "codedeploy",
    "codepipeline",
    "cognito-identity",
    "cognito-idp",
    "config",
    "databrew",
    "datasync",
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
    "elasticbeanstalk",
    "elasticbeanstalk-health",
    "elasticfilesystem",
    "elasticloadbalancing",
    "elasticmapreduce",
    "email",
    "email-smtp",
    "es",
    "events",
    "glue",
    "guardduty-data",
    "imagebuilder",
    "inspector2",
    "iot.data",
    "kinesis-firehose",
    "kinesis-streams",
    "kms",
    "lakeformation",
    "lambda",
    "logs",
    "macie2",
    "mgn",
    "monitoring",
    "organizations",
    "pipes",
    "pipes-data",
    "rds",
    "rds-data",
    "redshift",
    "rekognition",
    "s3",
    "sagemaker.api",
    "sagemaker.runtime",
    "scheduler",
    "secretsmanager",
    "securityhub",
    "servicecatalog",
    "servicediscovery",
    "simspaceweaver",
    "sns",
    "sqs",
    "ssm",
    "ssmmessages",
    "states",
    "storagegateway",
    "sts",
    "swf",
    "sync-states",
    "textract",
    "transcribe",
    "transfer",
    "translate",
    "workspaces",
    "xray",
];

/// The name of API Gateway's service: `com.amazonaws.{r}.execute-api`.
#[must_use]
pub fn execute_api(region: &Region) -> String {
    format!("com.amazonaws.{region}.execute-api")
}

/// The names of all services of a region, sorted.
#[must_use]
pub fn services(region: &Region) -> Vec<String> {
    let mut all: Vec<String> = KNOWN.iter().map(|service| format!("com.amazonaws.{region}.{service}")).collect();
    all.push(execute_api(region));
    all.sort();
    all
}

/// A service's id, `vpce-svc-` and 17 hex digits: one a region.
#[must_use]
pub fn service_id(name: &str) -> String {
    let digits = format!("{:016x}{:016x}", digest(name), digest(&format!("{name}.")));
    format!("vpce-svc-{}", digits.get(..17).unwrap_or_default())
}

/// Whether a region has the service.
///
/// # Errors
/// It has not.
pub fn check_service(region: &Region, name: &str) -> Result<(), Refusal> {
    match name.strip_prefix(&format!("com.amazonaws.{region}.")) {
        Some(service) if service == "execute-api" || KNOWN.contains(&service) => Ok(()),
        _ => Err(Refusal::ServiceNotFound(name.to_owned())),
    }
}

/// What stands before `.{r}.amazonaws.com` in the names of a service: mostly its name.
/// Source: <https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html>
#[must_use]
pub fn host_of(service: &str) -> String {
    match service {
        "kinesis-streams" => "kinesis".into(),
        "kinesis-firehose" => "firehose".into(),
        "ecs-agent" => "ecs-a".into(),
        "ecs-telemetry" => "ecs-t".into(),
        // `ecr.api` is reached as `api.ecr`.
        _ => service.rsplit('.').collect::<Vec<_>>().join("."),
    }
}

/// The names under which a service is reached by private DNS; those of execute-api and of some others have their API's, bucket's or
/// account's name in front, so a wildcard stands beside the apex.
#[must_use]
pub fn private_names(service: &str, region: &Region) -> Vec<String> {
    let apex = format!("{}.{region}.amazonaws.com", host_of(service));
    let wildcard = matches!(service, "execute-api" | "ecr.dkr" | "s3").then(|| format!("*.{apex}"));
    std::iter::once(apex).chain(wildcard).collect()
}

impl VpcEndpoint {
    /// What stands behind the region in the service's name: `execute-api`.
    #[must_use]
    pub fn service(&self) -> &str {
        let prefix = self.service_name.strip_prefix("com.amazonaws.").and_then(|rest| rest.strip_prefix(self.scope.region.as_str()));
        prefix.and_then(|rest| rest.strip_prefix('.')).unwrap_or(&self.service_name)
    }

    /// Whether it leads to APIs of API Gateway.
    #[must_use]
    pub fn is_execute_api(&self) -> bool {
        self.service() == "execute-api"
    }
}
