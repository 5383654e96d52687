// A private API behind an interface endpoint, a function behind the API, and an instance that calls it.
const { App, CfnOutput, Stack } = require("aws-cdk-lib");
const apigateway = require("aws-cdk-lib/aws-apigateway");
const ec2 = require("aws-cdk-lib/aws-ec2");
const iam = require("aws-cdk-lib/aws-iam");
const lambda = require("aws-cdk-lib/aws-lambda");
const path = require("path");

class Pets extends Stack {
  constructor(scope, id) {
    super(scope, id);
    const vpc = new ec2.Vpc(this, "Vpc", {
      ipAddresses: ec2.IpAddresses.cidr("10.0.0.0/16"),
      maxAzs: 2,
      subnetConfiguration: [{ name: "inner", subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 }],
    });
    const endpoint = vpc.addInterfaceEndpoint("ExecuteApi", { service: ec2.InterfaceVpcEndpointAwsService.APIGATEWAY });

    const pets = new lambda.Function(this, "Pets", {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: "index.handler",
      code: lambda.Code.fromAsset(path.join(__dirname, "pets")),
      environment: { NAME: this.node.tryGetContext("name") ?? "Bello" },
    });
    const api = new apigateway.LambdaRestApi(this, "Api", {
      handler: pets,
      cloudWatchRole: false,
      deployOptions: { stageName: "dev" },
      endpointConfiguration: { types: [apigateway.EndpointType.PRIVATE], vpcEndpoints: [endpoint] },
      policy: new iam.PolicyDocument({
        statements: [
          new iam.PolicyStatement({ principals: [new iam.AnyPrincipal()], actions: ["execute-api:Invoke"], resources: ["execute-api:/*"] }),
          new iam.PolicyStatement({
            effect: iam.Effect.DENY,
            principals: [new iam.AnyPrincipal()],
            actions: ["execute-api:Invoke"],
            resources: ["execute-api:/*"],
            conditions: { StringNotEquals: { "aws:SourceVpce": endpoint.vpcEndpointId } },
          }),
        ],
      }),
    });

    const client = new ec2.Instance(this, "Client", {
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T3, ec2.InstanceSize.MICRO),
      machineImage: ec2.MachineImage.latestAmazonLinux2023(),
    });

    new CfnOutput(this, "Url", { value: `${api.url}pets` });
    new CfnOutput(this, "InstanceId", { value: client.instanceId });
    new CfnOutput(this, "EndpointId", { value: endpoint.vpcEndpointId });
  }
}

new Pets(new App(), "pets");
