// A private API whose network is a nested stack: references cross the border as parameters and outputs.
const { App, CfnOutput, NestedStack, Stack } = require("aws-cdk-lib");
const ec2 = require("aws-cdk-lib/aws-ec2");

class Network extends NestedStack {
  constructor(scope, id, props) {
    super(scope, id);
    this.vpc = new ec2.Vpc(this, "Vpc", { natGateways: 0, maxAzs: 1, restrictDefaultSecurityGroup: false, subnetConfiguration: [{ name: "isolated", subnetType: ec2.SubnetType.PRIVATE_ISOLATED }] });
    for (let i = 0; i < props.groups; i++) new ec2.SecurityGroup(this, `Group${i}`, { vpc: this.vpc });
  }
}

/** Refers to what another nested stack makes. */
class Doors extends NestedStack {
  constructor(scope, id, props) {
    super(scope, id);
    this.endpoint = props.vpc.addInterfaceEndpoint("Execute", { service: ec2.InterfaceVpcEndpointAwsService.APIGATEWAY });
    this.group = new ec2.SecurityGroup(this, "Group", { vpc: props.vpc });
  }
}

class Nested extends Stack {
  constructor(scope, id) {
    super(scope, id);
    const network = new Network(this, "Network", { groups: Number(this.node.tryGetContext("groups") ?? 1) });
    const doors = new Doors(this, "Doors", { vpc: network.vpc });
    new CfnOutput(this, "VpcId", { value: network.vpc.vpcId });
    new CfnOutput(this, "GroupId", { value: doors.group.securityGroupId });
  }
}

new Nested(new App(), "nested");
