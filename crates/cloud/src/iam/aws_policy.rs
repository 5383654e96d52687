//! The policies that AWS manages and templates name. The lab holds the text of the short ones.
//! Source: <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>
use crate::IdSource;

/// A policy of AWS.
#[derive(Debug, PartialEq, Eq)]
pub struct AwsPolicy {
    /// Its path, such as `/` or `/service-role/`.
    pub path: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it says, when the lab holds it.
    pub document: Option<&'static str>,
}

impl AwsPolicy {
    /// `arn:aws:iam::aws:policy/PATH/NAME`
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::aws:policy{}{}", self.path, self.name)
    }

    /// A unique id, the same in every lab; AWS's own is another.
    #[must_use]
    pub fn id(&self) -> String {
        let seed =
            self.arn().bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        super::fresh_id(&mut IdSource::new(seed), "ANPA")
    }
}

/// The policy of an ARN.
#[must_use]
pub fn of_arn(arn: &str) -> Option<&'static AwsPolicy> {
    let path = arn.strip_prefix("arn:aws:iam::aws:policy")?;
    ALL.iter().find(|policy| path.strip_prefix(policy.path) == Some(policy.name))
}

/// A policy that allows some actions on everything.
macro_rules! allows {
    ($($action:literal),*) => {
        concat!(r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["#, allows!(@ $($action),*), r#"],"Resource":"*"}]}"#)
    };
    (@ $first:literal $(, $rest:literal)*) => { concat!("\"", $first, "\"" $(, ",\"", $rest, "\"")*) };
}

const fn known(path: &'static str, name: &'static str) -> AwsPolicy {
    AwsPolicy { path, name, document: None }
}

const fn written(path: &'static str, name: &'static str, document: &'static str) -> AwsPolicy {
    AwsPolicy { path, name, document: Some(document) }
}

/// The policies that a lab knows, by name.
pub const ALL: &[AwsPolicy] = &[
    known("/", "AWSAppRunnerReadOnlyAccess"),
    known("/service-role/", "AWSAppSyncPushToCloudWatchLogs"),
    written("/", "AWSCloudFormationFullAccess", allows!("cloudformation:*")),
    known("/", "AWSCloudFormationReadOnlyAccess"),
    known("/service-role/", "AWSCodeDeployRoleForLambda"),
    known("/service-role/", "AWSCodeDeployRoleForLambdaLimited"),
    known("/service-role/", "AWSConfigRole"),
    known("/", "AWSKeyManagementServicePowerUser"),
    written("/service-role/", "AWSLambdaBasicExecutionRole", allows!("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")),
    written(
        "/service-role/",
        "AWSLambdaDynamoDBExecutionRole",
        allows!(
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:ListStreams",
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents"
        ),
    ),
    known("/service-role/", "AWSLambdaENIManagementAccess"),
    written(
        "/",
        "AWSLambdaExecute",
        concat!(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:*"],"Resource":"arn:aws:logs:*:*:*"},"#,
            r#"{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::*"}]}"#
        ),
    ),
    written(
        "/service-role/",
        "AWSLambdaKinesisExecutionRole",
        allows!(
            "kinesis:DescribeStream",
            "kinesis:DescribeStreamSummary",
            "kinesis:GetRecords",
            "kinesis:GetShardIterator",
            "kinesis:ListShards",
            "kinesis:ListStreams",
            "kinesis:SubscribeToShard",
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents"
        ),
    ),
    known("/service-role/", "AWSLambdaMSKExecutionRole"),
    written("/service-role/", "AWSLambdaRole", allows!("lambda:InvokeFunction")),
    written(
        "/service-role/",
        "AWSLambdaSQSQueueExecutionRole",
        allows!(
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents"
        ),
    ),
    written(
        "/service-role/",
        "AWSLambdaVPCAccessExecutionRole",
        allows!(
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "ec2:CreateNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:DeleteNetworkInterface",
            "ec2:AssignPrivateIpAddresses",
            "ec2:UnassignPrivateIpAddresses"
        ),
    ),
    known("/", "AWSLambda_FullAccess"),
    known("/", "AWSLambda_ReadOnlyAccess"),
    known("/", "AWSStepFunctionsFullAccess"),
    known("/", "AWSStepFunctionsReadOnlyAccess"),
    known("/", "AWSSupportAccess"),
    written(
        "/",
        "AWSXRayDaemonWriteAccess",
        allows!(
            "xray:PutTraceSegments",
            "xray:PutTelemetryRecords",
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
            "xray:GetSamplingStatisticSummaries"
        ),
    ),
    known("/", "AWSXrayFullAccess"),
    known("/", "AWSXrayReadOnlyAccess"),
    written(
        "/",
        "AWSXrayWriteOnlyAccess",
        allows!(
            "xray:PutTraceSegments",
            "xray:PutTelemetryRecords",
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
            "xray:GetSamplingStatisticSummaries"
        ),
    ),
    written("/", "AdministratorAccess", allows!("*")),
    written(
        "/",
        "AmazonAPIGatewayAdministrator",
        concat!(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["apigateway:*"],"#,
            r#""Resource":"arn:aws:apigateway:*::/*"}]}"#
        ),
    ),
    written(
        "/",
        "AmazonAPIGatewayInvokeFullAccess",
        concat!(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["execute-api:Invoke","execute-api:ManageConnections"],"#,
            r#""Resource":"arn:aws:execute-api:*:*:*"}]}"#
        ),
    ),
    written(
        "/service-role/",
        "AmazonAPIGatewayPushToCloudWatchLogs",
        allows!(
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogGroups",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
            "logs:GetLogEvents",
            "logs:FilterLogEvents"
        ),
    ),
    known("/", "AmazonAthenaFullAccess"),
    known("/", "AmazonCognitoPowerUser"),
    known("/", "AmazonCognitoReadOnly"),
    known("/", "AmazonDynamoDBFullAccess"),
    known("/", "AmazonDynamoDBReadOnlyAccess"),
    known("/", "AmazonEC2ContainerRegistryFullAccess"),
    known("/", "AmazonEC2ContainerRegistryPowerUser"),
    known("/", "AmazonEC2ContainerRegistryReadOnly"),
    known("/", "AmazonEC2FullAccess"),
    known("/", "AmazonEC2ReadOnlyAccess"),
    known("/service-role/", "AmazonEC2RoleforAWSCodeDeploy"),
    known("/service-role/", "AmazonEC2RoleforSSM"),
    written(
        "/service-role/",
        "AmazonECSTaskExecutionRolePolicy",
        allows!(
            "ecr:GetAuthorizationToken",
            "ecr:BatchCheckLayerAvailability",
            "ecr:GetDownloadUrlForLayer",
            "ecr:BatchGetImage",
            "logs:CreateLogStream",
            "logs:PutLogEvents"
        ),
    ),
    known("/", "AmazonECS_FullAccess"),
    known("/", "AmazonEKSClusterPolicy"),
    known("/", "AmazonEKSWorkerNodePolicy"),
    known("/", "AmazonEKS_CNI_Policy"),
    known("/", "AmazonElasticFileSystemClientFullAccess"),
    known("/", "AmazonElasticFileSystemClientReadWriteAccess"),
    known("/", "AmazonEventBridgeFullAccess"),
    known("/", "AmazonKinesisFullAccess"),
    known("/", "AmazonRDSFullAccess"),
    known("/", "AmazonRDSReadOnlyAccess"),
    known("/", "AmazonRoute53FullAccess"),
    known("/", "AmazonRoute53ReadOnlyAccess"),
    written("/", "AmazonS3FullAccess", allows!("s3:*", "s3-object-lambda:*")),
    written(
        "/",
        "AmazonS3ReadOnlyAccess",
        allows!("s3:Get*", "s3:List*", "s3:Describe*", "s3-object-lambda:Get*", "s3-object-lambda:List*"),
    ),
    known("/", "AmazonSESFullAccess"),
    known("/", "AmazonSNSFullAccess"),
    known("/", "AmazonSNSReadOnlyAccess"),
    written("/", "AmazonSQSFullAccess", allows!("sqs:*")),
    known("/", "AmazonSQSReadOnlyAccess"),
    known("/", "AmazonSSMFullAccess"),
    written(
        "/",
        "AmazonSSMManagedInstanceCore",
        concat!(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ssm:DescribeAssociation","#,
            r#""ssm:GetDeployablePatchSnapshotForInstance","ssm:GetDocument","ssm:DescribeDocument","ssm:GetManifest","ssm:GetParameter","#,
            r#""ssm:GetParameters","ssm:ListAssociations","ssm:ListInstanceAssociations","ssm:PutInventory","ssm:PutComplianceItems","#,
            r#""ssm:PutConfigurePackageResult","ssm:UpdateAssociationStatus","ssm:UpdateInstanceAssociationStatus","#,
            r#""ssm:UpdateInstanceInformation"],"Resource":"*"},{"Effect":"Allow","Action":["ssmmessages:CreateControlChannel","#,
            r#""ssmmessages:CreateDataChannel","ssmmessages:OpenControlChannel","ssmmessages:OpenDataChannel"],"Resource":"*"},"#,
            r#"{"Effect":"Allow","Action":["ec2messages:AcknowledgeMessage","ec2messages:DeleteMessage","ec2messages:FailMessage","#,
            r#""ec2messages:GetEndpoint","ec2messages:GetMessages","ec2messages:SendReply"],"Resource":"*"}]}"#
        ),
    ),
    known("/", "AmazonSSMPatchAssociation"),
    known("/", "AmazonSSMReadOnlyAccess"),
    known("/", "AmazonVPCFullAccess"),
    known("/", "AmazonVPCReadOnlyAccess"),
    known("/job-function/", "Billing"),
    known("/", "CloudFrontFullAccess"),
    known("/", "CloudWatchAgentAdminPolicy"),
    known("/", "CloudWatchAgentServerPolicy"),
    known("/", "CloudWatchFullAccess"),
    known("/", "CloudWatchFullAccessV2"),
    written(
        "/",
        "CloudWatchLambdaInsightsExecutionRolePolicy",
        concat!(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:CreateLogGroup","Resource":"*"},{"Effect":"Allow","#,
            r#""Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"arn:aws:logs:*:*:log-group:/aws/lambda-insights:*"}]}"#
        ),
    ),
    known("/", "CloudWatchLogsFullAccess"),
    known("/", "CloudWatchLogsReadOnlyAccess"),
    known("/", "CloudWatchReadOnlyAccess"),
    known("/job-function/", "DatabaseAdministrator"),
    known("/", "ElasticLoadBalancingFullAccess"),
    known("/", "IAMFullAccess"),
    known("/", "IAMReadOnlyAccess"),
    known("/job-function/", "NetworkAdministrator"),
    known("/", "PowerUserAccess"),
    known("/", "ReadOnlyAccess"),
    known("/", "SecretsManagerReadWrite"),
    known("/", "SecurityAudit"),
    known("/job-function/", "SupportUser"),
    known("/job-function/", "SystemAdministrator"),
    known("/job-function/", "ViewOnlyAccess"),
];
