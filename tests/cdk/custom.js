// Custom resources of the CDK's own: the provider framework, and calls of AWS's API as resources.
const { App, CfnOutput, CustomResource, Fn, Stack, custom_resources } = require("aws-cdk-lib");
const ec2 = require("aws-cdk-lib/aws-ec2");
const lambda = require("aws-cdk-lib/aws-lambda");

class Custom extends Stack {
  constructor(scope, id) {
    super(scope, id);
    const provider = new custom_resources.Provider(this, "Provider", {
      onEventHandler: new lambda.Function(this, "OnEvent", {
        runtime: lambda.Runtime.NODEJS_20_X,
        handler: "index.handler",
        loggingFormat: lambda.LoggingFormat.JSON,
        code: lambda.Code.fromInline(`
          exports.handler = async (event) => {
            console.log(event.RequestType);
            if (event.ResourceProperties.word === "bad") throw new Error("no such word");
            return { PhysicalResourceId: "twice-" + event.ResourceProperties.word, Data: { text: event.ResourceProperties.word.repeat(2) } };
          };`),
      }),
    });
    const word = this.node.tryGetContext("word") ?? "ab";
    const twice = new CustomResource(this, "Twice", { serviceToken: provider.serviceToken, properties: { word } });

    const vpc = new ec2.Vpc(this, "Vpc", { natGateways: 0, restrictDefaultSecurityGroup: false, subnetConfiguration: [{ name: "isolated", subnetType: ec2.SubnetType.PRIVATE_ISOLATED }] });
    const endpoint = vpc.addInterfaceEndpoint("Execute", { service: ec2.InterfaceVpcEndpointAwsService.APIGATEWAY });
    // What people use it for: the addresses of an interface endpoint.
    const call = {
      service: "EC2",
      action: "DescribeNetworkInterfaces",
      parameters: { NetworkInterfaceIds: [Fn.select(0, endpoint.vpcEndpointNetworkInterfaceIds)] },
      physicalResourceId: custom_resources.PhysicalResourceId.of("address"),
      outputPaths: ["NetworkInterfaces.0.PrivateIpAddress"],
    };
    const address = new custom_resources.AwsCustomResource(this, "Address", {
      onUpdate: call,
      installLatestAwsSdk: false,
      policy: custom_resources.AwsCustomResourcePolicy.fromSdkCalls({ resources: custom_resources.AwsCustomResourcePolicy.ANY_RESOURCE }),
    });
    new CfnOutput(this, "Text", { value: twice.getAttString("text") });
    new CfnOutput(this, "PhysicalId", { value: twice.ref });
    new CfnOutput(this, "EndpointId", { value: endpoint.vpcEndpointId });
    new CfnOutput(this, "EndpointAddress", { value: address.getResponseField("NetworkInterfaces.0.PrivateIpAddress") });
  }
}

new Custom(new App(), "custom");
