"""Types of resources, made by templates and read back by the APIs of their services."""

import json
import time

import pytest

from stacks import RUNTIME

ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}, "Action": "sts:AssumeRole"}]}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}


class Stack:
    """One stack, each template in the place of the one before."""

    def __init__(self, lab, name):
        self.api, self.name, self.made = lab.client("cloudformation"), name, False

    def put(self, resources, outputs=None):
        template = {"Resources": resources, "Outputs": {name: {"Value": value} for name, value in (outputs or {}).items()}}
        call = self.api.update_stack if self.made else self.api.create_stack
        call(StackName=self.name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"])
        self.made = True
        return self.settled()

    def settled(self):
        for _ in range(240):
            stack = self.api.describe_stacks(StackName=self.name)["Stacks"][0]
            if not stack["StackStatus"].endswith("IN_PROGRESS"):
                return stack["StackStatus"], {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}
            time.sleep(0.25)
        raise AssertionError("the stack's operation does not end")

    def reasons(self):
        seen = self.api.describe_stack_events(StackName=self.name)["StackEvents"]
        return [event.get("ResourceStatusReason", "") for event in seen]

    def delete(self):
        name = self.api.describe_stacks(StackName=self.name)["Stacks"][0]["StackId"]
        self.api.delete_stack(StackName=self.name)
        self.api.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})


@pytest.fixture
def stack(lab, request):
    return Stack(lab, request.node.name.replace("_", "-").split("[")[0][:60])


def function(text, **properties):
    return {"Type": "AWS::Lambda::Function", "Properties": {
        "Runtime": RUNTIME, "Handler": "index.handler", "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Code": {"ZipFile": text}, **properties}}


def test_lambda(lab, stack):
    def template(greeting):
        return {"Role": ROLE,
                "F": function("import os\ndef handler(event, context):\n    return os.environ['GREETING']\n",
                              Environment={"Variables": {"GREETING": greeting}}),
                "V": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "F"}}},
                "A": {"Type": "AWS::Lambda::Alias",
                      "Properties": {"FunctionName": {"Ref": "F"}, "FunctionVersion": {"Fn::GetAtt": ["V", "Version"]}, "Name": "live"}},
                "P": {"Type": "AWS::Lambda::Permission",
                      "Properties": {"FunctionName": {"Ref": "A"}, "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com"}}}

    names = {"F": {"Ref": "F"}, "A": {"Ref": "A"}, "P": {"Ref": "P"}}
    status, made = stack.put(template("hello"), names)
    assert status == "CREATE_COMPLETE", stack.reasons()
    api = lab.client("lambda")

    def answer(name):
        return json.loads(api.invoke(FunctionName=name)["Payload"].read())

    assert (answer(made["F"]), answer(made["A"])) == ("hello", "hello")
    statement = json.loads(api.get_policy(FunctionName=made["F"], Qualifier="live")["Policy"])["Statement"][0]
    assert statement["Sid"] == made["P"] and statement["Resource"] == made["A"]
    assert api.list_tags(Resource=api.get_function(FunctionName=made["F"])["Configuration"]["FunctionArn"])["Tags"][
        "aws:cloudformation:logical-id"] == "F"
    assert stack.put(template("bye"), names) == ("UPDATE_COMPLETE", made)
    # What was published stays as it was.
    assert (answer(made["F"]), answer(made["A"])) == ("bye", "hello")
    stack.delete()
    assert made["F"] not in {one["FunctionName"] for one in api.list_functions()["Functions"]}


def test_iam(lab, stack):
    def template(policies):
        return {"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, "Policies": [
                    {"PolicyName": name, "PolicyDocument": ALLOW} for name in policies]}},
                "Extra": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "extra", "PolicyDocument": ALLOW, "Roles": [{"Ref": "Role"}]}},
                "Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": ALLOW, "Roles": [{"Ref": "Role"}]}},
                "Profile": {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": [{"Ref": "Role"}]}}}

    api = lab.client("iam")
    names = {"Role": {"Ref": "Role"}, "Managed": {"Ref": "Managed"}, "Profile": {"Ref": "Profile"}}
    status, made = stack.put(template(["a", "b"]), names)
    assert status == "CREATE_COMPLETE", stack.reasons()
    assert set(api.list_role_policies(RoleName=made["Role"])["PolicyNames"]) == {"a", "b", "extra"}
    assert [one["PolicyArn"] for one in api.list_attached_role_policies(RoleName=made["Role"])["AttachedPolicies"]] == [made["Managed"]]
    assert api.get_instance_profile(InstanceProfileName=made["Profile"])["InstanceProfile"]["Roles"][0]["RoleName"] == made["Role"]
    assert stack.put(template(["b"]), names) == ("UPDATE_COMPLETE", made)
    assert set(api.list_role_policies(RoleName=made["Role"])["PolicyNames"]) == {"b", "extra"}
    stack.delete()
    assert made["Role"] not in {one["RoleName"] for one in api.list_roles()["Roles"]}


def test_bucket_and_parameter(lab, stack):
    def template(status, value):
        return {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": status}}},
                "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {
                    "Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": {
                        "Fn::Sub": "${Bucket.Arn}/*"}, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}}},
                "Value": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value}}}

    names = {"Bucket": {"Ref": "Bucket"}, "Value": {"Ref": "Value"}}
    status, made = stack.put(template("Enabled", "one"), names)
    assert status == "CREATE_COMPLETE", stack.reasons()
    s3, ssm = lab.client("s3"), lab.client("ssm")
    assert s3.get_bucket_versioning(Bucket=made["Bucket"])["Status"] == "Enabled"
    assert json.loads(s3.get_bucket_policy(Bucket=made["Bucket"])["Policy"])["Statement"][0]["Effect"] == "Deny"
    assert ssm.get_parameter(Name=made["Value"])["Parameter"]["Value"] == "one"
    assert stack.put(template("Suspended", "two"), names) == ("UPDATE_COMPLETE", made)
    assert s3.get_bucket_versioning(Bucket=made["Bucket"])["Status"] == "Suspended"
    assert ssm.get_parameter(Name=made["Value"])["Parameter"]["Value"] == "two"
    stack.delete()
    assert made["Bucket"] not in {one["Name"] for one in s3.list_buckets()["Buckets"]}


CUSTOM = """
import cfnresponse
def handler(event, context):
    given = event["ResourceProperties"]
    if event["RequestType"] != "Delete" and given["Size"] == "0":
        return cfnresponse.send(event, context, cfnresponse.FAILED, {}, "thing", reason="there is nothing to make")
    cfnresponse.send(event, context, cfnresponse.SUCCESS, {"Double": str(int(given["Size"]) * 2)}, "thing-" + given["Name"])
"""


def test_custom_resource(lab, stack):
    def template(size, name):
        return {"Role": ROLE, "F": function(CUSTOM, Timeout=30),
                "C": {"Type": "Custom::Thing", "Properties": {"ServiceToken": {"Fn::GetAtt": ["F", "Arn"]}, "Size": size, "Name": name}}}

    names = {"Double": {"Fn::GetAtt": ["C", "Double"]}, "C": {"Ref": "C"}}
    assert stack.put(template(2, "one"), names) == ("CREATE_COMPLETE", {"Double": "4", "C": "thing-one"}), stack.reasons()
    assert stack.put(template(3, "two"), names) == ("UPDATE_COMPLETE", {"Double": "6", "C": "thing-two"}), stack.reasons()
    assert stack.put(template(0, "two"), names)[0] == "UPDATE_ROLLBACK_COMPLETE"
    assert any("Message returned: there is nothing to make" in reason for reason in stack.reasons())
    stack.delete()


def test_instance_of_a_launch_template(lab, stack):
    """A key pair with its private key in Parameter Store, a launch template, and an instance on an interface of the stack's own."""
    image = lab.ec2().describe_images()["Images"][0]["ImageId"]

    def template(kind, check):
        return {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.77.0.0/16"}},
                "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.77.1.0/24"}},
                "Key": {"Type": "AWS::EC2::KeyPair", "Properties": {"KeyName": "of-a-stack", "KeyType": "ed25519"}},
                "Template": {"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData": {
                    "ImageId": image, "InstanceType": kind, "KeyName": {"Ref": "Key"},
                    "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "launched"}]}]}}},
                "Interface": {"Type": "AWS::EC2::NetworkInterface", "Properties": {
                    "SubnetId": {"Ref": "Subnet"}, "PrivateIpAddress": "10.77.1.20", "Description": "own", "SourceDestCheck": check}},
                "Instance": {"Type": "AWS::EC2::Instance", "Properties": {
                    "LaunchTemplate": {"LaunchTemplateId": {"Ref": "Template"}, "Version": "1"},
                    "NetworkInterfaces": [{"DeviceIndex": "0", "NetworkInterfaceId": {"Ref": "Interface"}}]}}}

    names = {"Key": {"Fn::GetAtt": ["Key", "KeyPairId"]}, "Template": {"Ref": "Template"}, "Instance": {"Ref": "Instance"},
             "Latest": {"Fn::GetAtt": ["Template", "LatestVersionNumber"]}, "Interface": {"Ref": "Interface"},
             "Address": {"Fn::GetAtt": ["Interface", "PrimaryPrivateIpAddress"]}}
    status, made = stack.put(template("t3.micro", True), names)
    assert status == "CREATE_COMPLETE", stack.reasons()
    assert (made["Latest"], made["Address"]) == ("1", "10.77.1.20")
    name = f"/ec2/keypair/{made['Key']}"
    value = lab.client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]
    assert value["Type"] == "SecureString" and value["Value"].startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
    instance = lab.ec2().describe_instances(InstanceIds=[made["Instance"]])["Reservations"][0]["Instances"][0]
    assert (instance["InstanceType"], instance["KeyName"]) == ("t3.micro", "of-a-stack")
    tags = {tag["Key"]: tag["Value"] for tag in instance["Tags"]}
    assert (tags["Name"], tags["aws:ec2launchtemplate:version"], tags["aws:cloudformation:logical-id"]) == ("launched", "1", "Instance")
    assert "10.77.1.20/24" in lab.inside(made["Instance"], "ip", "-4", "address", "show", "eth0").out
    status, after = stack.put(template("t3.small", False), names)
    assert (status, after) == ("UPDATE_COMPLETE", {**made, "Latest": "2"}), stack.reasons()
    assert lab.ec2().describe_network_interfaces(NetworkInterfaceIds=[made["Interface"]])["NetworkInterfaces"][0]["SourceDestCheck"] is False
    stack.delete()
    assert lab.ec2().describe_key_pairs()["KeyPairs"] == [] and lab.ec2().describe_launch_templates()["LaunchTemplates"] == []
    with pytest.raises(lab.client("ssm").exceptions.ParameterNotFound):
        lab.client("ssm").get_parameter(Name=name)


def test_flow_logs_and_network_insights(lab, stack):
    """A flow log of a subnet, and a path of the Reachability Analyzer with an analysis that says what a rule lacks."""
    image = lab.ec2().describe_images()["Images"][0]["ImageId"]
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "vpc-flow-logs.amazonaws.com"}, "Action": "sts:AssumeRole"}]}

    def template(traffic, port, team):
        instance = {"Type": "AWS::EC2::Instance", "Properties": {"SubnetId": {"Ref": "Subnet"}, "ImageId": image}}
        tags = [{"Key": "team", "Value": team}]
        return {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.78.0.0/16"}},
                "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.78.1.0/24"}},
                "Client": instance, "Server": instance,
                "Group": {"Type": "AWS::Logs::LogGroup"},
                "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}},
                "Flows": {"Type": "AWS::EC2::FlowLog", "Properties": {
                    "ResourceType": "Subnet", "ResourceId": {"Ref": "Subnet"}, "TrafficType": traffic, "LogGroupName": {"Ref": "Group"},
                    "DeliverLogsPermissionArn": {"Fn::GetAtt": ["Role", "Arn"]}, "MaxAggregationInterval": 60, "Tags": tags}},
                "Path": {"Type": "AWS::EC2::NetworkInsightsPath", "Properties": {
                    "Source": {"Ref": "Client"}, "Destination": {"Ref": "Server"}, "Protocol": "tcp", "DestinationPort": port, "Tags": tags}},
                "Analysis": {"Type": "AWS::EC2::NetworkInsightsAnalysis", "Properties": {"NetworkInsightsPathId": {"Ref": "Path"}}}}

    names = {"Flows": {"Ref": "Flows"}, "Path": {"Ref": "Path"}, "PathArn": {"Fn::GetAtt": ["Path", "NetworkInsightsPathArn"]},
             "Analysis": {"Ref": "Analysis"}, "Status": {"Fn::GetAtt": ["Analysis", "Status"]}, "Found": {"Fn::GetAtt": ["Analysis", "NetworkPathFound"]}}
    status, made = stack.put(template("ALL", 443, "pets"), names)
    assert status == "CREATE_COMPLETE", stack.reasons()
    # The default group lets its own members through.
    assert (made["Status"], made["Found"]) == ("succeeded", "true") and made["PathArn"].endswith(f"network-insights-path/{made['Path']}")
    log = lab.ec2().describe_flow_logs(FlowLogIds=[made["Flows"]])["FlowLogs"][0]
    assert (log["TrafficType"], log["MaxAggregationInterval"], log["DeliverLogsStatus"]) == ("ALL", 60, "SUCCESS")
    assert {"Key": "aws:cloudformation:logical-id", "Value": "Flows"} in log["Tags"]
    status, same = stack.put(template("ALL", 443, "dogs"), names)
    assert (status, same) == ("UPDATE_COMPLETE", made), stack.reasons()
    assert {"Key": "team", "Value": "dogs"} in lab.ec2().describe_network_insights_paths(NetworkInsightsPathIds=[made["Path"]])["NetworkInsightsPaths"][0]["Tags"]
    status, after = stack.put(template("REJECT", 80, "dogs"), names)
    assert status == "UPDATE_COMPLETE" and not {after[name] for name in ("Flows", "Path", "Analysis")} & set(made.values()), stack.reasons()
    assert [log["TrafficType"] for log in lab.ec2().describe_flow_logs()["FlowLogs"]] == ["REJECT"]
    stack.delete()
    assert lab.ec2().describe_flow_logs()["FlowLogs"] == [] and lab.ec2().describe_network_insights_analyses()["NetworkInsightsAnalyses"] == []
