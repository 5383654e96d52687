// What a CDK app stands on with the defaults of `cdk init`: a VPC with NAT gateways, and custom resources whose functions call AWS.
const { App, CfnOutput, CustomResource, RemovalPolicy, Stack, custom_resources } = require("aws-cdk-lib");
const ec2 = require("aws-cdk-lib/aws-ec2");
const lambda = require("aws-cdk-lib/aws-lambda");
const logs = require("aws-cdk-lib/aws-logs");
const s3 = require("aws-cdk-lib/aws-s3");

class Usual extends Stack {
  constructor(scope, id) {
    super(scope, id);
    const vpc = new ec2.Vpc(this, "Vpc", { maxAzs: 2 });
    const bucket = new s3.Bucket(this, "Bucket", { removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true });

    const twice = new lambda.Function(this, "Twice", {
      runtime: lambda.Runtime.NODEJS_20_X,
      handler: "index.handler",
      code: lambda.Code.fromInline(`
        exports.handler = async (event) => ({
          PhysicalResourceId: "twice-" + event.ResourceProperties.word,
          Data: { text: event.ResourceProperties.word.repeat(2) },
        });`),
      logRetention: logs.RetentionDays.ONE_WEEK,
    });
    new CfnOutput(this, "VpcId", { value: vpc.vpcId });
    new CfnOutput(this, "BucketName", { value: bucket.bucketName });
    new CfnOutput(this, "FunctionName", { value: twice.functionName });
  }
}

new Usual(new App(), "usual");
