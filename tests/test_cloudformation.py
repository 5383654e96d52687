"""CloudFormation by the clients that people use: `aws cloudformation deploy`, `package`, `wait`, boto3's waiters, SAM's client."""

import concurrent.futures
import contextlib
import json
import subprocess
import time

import botocore.exceptions
import pytest

import harness
import stacks
import topology
from errors import refused
from harness import SEOUL
from topology import Network

FAST = {"Delay": 1, "MaxAttempts": 60}


@pytest.fixture(scope="module")
def api(lab):
    return lab.client("cloudformation")


@pytest.fixture(scope="module")
def seoul(lab):
    network = Network(lab, SEOUL, "10.0.0.0/16")
    network.client = network.instance()
    network.door = network.endpoint(network.group("endpoint", topology.tcp(443, cidr=network.cidr)))
    return network


def vpc(**more):
    return {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.9.0.0/16", **more}}


def subnet(block, vpc="Vpc"):
    return {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": vpc}, "CidrBlock": block}}


def text(resources, parameters=None, **outputs):
    return json.dumps({"Resources": resources, "Parameters": parameters or {}, "Outputs": {name: value if isinstance(value, dict) and "Value" in value else {"Value": value}
                                                           for name, value in outputs.items()}})


def create(api, name, body, **more):
    api.create_stack(StackName=name, TemplateBody=body, **more)
    api.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig=FAST)
    return {one["OutputKey"]: one["OutputValue"] for one in api.describe_stacks(StackName=name)["Stacks"][0].get("Outputs", [])}


def update(api, name, body):
    api.update_stack(StackName=name, TemplateBody=body)
    api.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig=FAST)


def test_package_deploy_and_wait(lab, api, tmp_path):
    """A nested stack whose template is a file: `package` uploads it, `deploy` makes it; another value updates it."""
    (tmp_path / "child.json").write_text(json.dumps({
        "Parameters": {"Block": {"Type": "String"}}, "Resources": {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": {"Ref": "Block"}}}},
        "Outputs": {"Vpc": {"Value": {"Ref": "Vpc"}}}}))
    (tmp_path / "parent.json").write_text(json.dumps({
        "Parameters": {"Block": {"Type": "String"}},
        "Resources": {"Child": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "child.json", "Parameters": {"Block": {"Ref": "Block"}}}}},
        "Outputs": {"Vpc": {"Value": {"Fn::GetAtt": ["Child", "Outputs.Vpc"]}}}}))
    lab.client("s3").create_bucket(Bucket="packages", CreateBucketConfiguration={"LocationConstraint": SEOUL})
    packaged = tmp_path / "packaged.json"
    answer = stacks.client(lab, "aws", "cloudformation", "package", "--template-file", "parent.json", "--s3-bucket", "packages", "--use-json",
                           "--output-template-file", packaged, cwd=tmp_path)
    assert answer.code == 0 and "/packages/" in packaged.read_text(), answer
    first = stacks.deploy(lab, packaged, "packaged", Block="10.1.0.0/16")["Vpc"]
    assert lab.ec2().describe_vpcs(VpcIds=[first])["Vpcs"][0]["CidrBlock"] == "10.1.0.0/16"
    answer = stacks.client(lab, "aws", "cloudformation", "wait", "stack-create-complete", "--stack-name", "packaged")
    assert answer.code == 0, answer
    second = stacks.deploy(lab, packaged, "packaged", Block="10.2.0.0/16")["Vpc"]
    assert second != first and lab.ec2().describe_vpcs(VpcIds=[second])["Vpcs"][0]["CidrBlock"] == "10.2.0.0/16"
    with pytest.raises(botocore.exceptions.ClientError):
        lab.ec2().describe_vpcs(VpcIds=[first])
    name = api.describe_stacks(StackName="packaged")["Stacks"][0]["StackId"]
    api.delete_stack(StackName="packaged")
    answer = stacks.client(lab, "aws", "cloudformation", "wait", "stack-delete-complete", "--stack-name", name)
    assert answer.code == 0, answer


def test_change_sets_of_nested_stacks(lab, api, tmp_path):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/change-sets-for-nested-stacks.html"""
    bucket = harness.unique("nested")
    lab.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": SEOUL})
    put = lambda key, resources, **more: lab.client("s3").put_object(Bucket=bucket, Key=key, Body=text(resources, **more))
    inside = lambda key, **parameters: {"Type": "AWS::CloudFormation::Stack", "Properties": {
        "TemplateURL": f"https://{bucket}.s3.{SEOUL}.amazonaws.com/{key}", "Parameters": parameters}}
    given = {"Vpc": {"Type": "String"}}
    put("network", {"Vpc": vpc()}, Vpc={"Ref": "Vpc"})
    put("rooms", {"Room": {**subnet("10.9.1.0/24"), "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.9.1.0/24"}}}, parameters=given)
    body = text({"Network": inside("network"), "Rooms": inside("rooms", Vpc={"Fn::GetAtt": ["Network", "Outputs.Vpc"]})})

    def aws(command, *more):
        answer = stacks.client(lab, "aws", "cloudformation", *command.split(), "--stack-name", "hierarchy", *more)
        assert answer.code == 0, answer
        return json.loads(answer.out or "null")

    aws("create-change-set", "--change-set-name", "first", "--change-set-type", "CREATE", "--template-body", body, "--include-nested-stacks")
    aws("wait change-set-create-complete", "--change-set-name", "first")
    seen = aws("describe-change-set", "--change-set-name", "first")
    assert (seen["IncludeNestedStacks"], seen.get("RootChangeSetId")) == (True, None)
    changes = {one["ResourceChange"]["LogicalResourceId"]: one["ResourceChange"] for one in seen["Changes"]}
    assert {name: one["Action"] for name, one in changes.items()} == {"Network": "Add", "Rooms": "Add"}
    rooms = api.describe_change_set(ChangeSetName=changes["Rooms"]["ChangeSetId"], IncludePropertyValues=True)
    assert (rooms["Status"], rooms["ParentChangeSetId"], rooms["RootChangeSetId"]) == ("CREATE_COMPLETE", seen["ChangeSetId"], seen["ChangeSetId"])
    assert rooms["ChangeSetName"].startswith("first-Rooms-") and rooms["StackId"] == changes["Rooms"]["PhysicalResourceId"]
    room = rooms["Changes"][0]["ResourceChange"]
    assert (room["LogicalResourceId"], room["Action"]) == ("Room", "Add") and "{{changeSet:KNOWN_AFTER_APPLY}}" in room["AfterContext"]
    assert api.describe_stacks(StackName=rooms["StackId"])["Stacks"][0]["StackStatus"] == "REVIEW_IN_PROGRESS"
    with refused("ValidationError"):
        api.execute_change_set(ChangeSetName=rooms["ChangeSetId"])
    aws("execute-change-set", "--change-set-name", "first")
    aws("wait stack-create-complete")
    shown = api.describe_stacks(StackName=rooms["StackId"])["Stacks"][0]
    assert (shown["StackStatus"], shown["ChangeSetId"]) == ("CREATE_COMPLETE", rooms["ChangeSetId"]), "the stack that was reviewed was made"
    assert api.describe_change_set(ChangeSetName=rooms["ChangeSetId"])["ExecutionStatus"] == "EXECUTE_COMPLETE"
    assert stacks.events(lab, rooms["StackName"])[0][1] == "REVIEW_IN_PROGRESS"

    # The same again changes nothing; a nested template that is another shows what it changes, and no more.
    again = ("--use-previous-template", "--include-nested-stacks")
    api.create_change_set(StackName="hierarchy", ChangeSetName="same", UsePreviousTemplate=True, IncludeNestedStacks=True)
    same = api.describe_change_set(StackName="hierarchy", ChangeSetName="same")
    assert same["Status"] == "FAILED" and same["StatusReason"].startswith("The submitted information didn't contain changes.")
    put("rooms", {"Room": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.9.2.0/24"}}}, parameters=given)
    aws("create-change-set", "--change-set-name", "second", *again)
    seen = aws("describe-change-set", "--change-set-name", "second")
    [change] = [one["ResourceChange"] for one in seen["Changes"]]
    assert (change["LogicalResourceId"], change["Action"], change["PhysicalResourceId"]) == ("Rooms", "Modify", rooms["StackId"])
    [room] = [one["ResourceChange"] for one in api.describe_change_set(ChangeSetName=change["ChangeSetId"])["Changes"]]
    assert (room["Action"], room["Replacement"]) == ("Modify", "True")
    aws("execute-change-set", "--change-set-name", "second")
    aws("wait stack-update-complete")
    assert [one["CidrBlock"] for one in lab.ec2().describe_subnets()["Subnets"] if one["CidrBlock"].startswith("10.9.")] == ["10.9.2.0/24"]

    # A change set that is deleted takes the stacks along that were only to be reviewed.
    put("more", {"Group": {"Type": "AWS::Logs::LogGroup"}})
    more = text({**json.loads(body)["Resources"], "More": inside("more")})
    aws("create-change-set", "--change-set-name", "third", "--template-body", more, "--include-nested-stacks")
    reviewed = lambda: [one for one in api.list_stacks(StackStatusFilter=["REVIEW_IN_PROGRESS"])["StackSummaries"] if one.get("ParentId")]
    assert len(reviewed()) == 1
    aws("delete-change-set", "--change-set-name", "third")
    assert reviewed() == []
    stacks.delete(lab, "hierarchy")


def test_a_part_that_lies_elsewhere(lab, api):
    """`Fn::Transform` of `AWS::Include` inside of a resource, in a template that names no transform."""
    bucket = harness.unique("parts")
    lab.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": SEOUL})
    lab.client("s3").put_object(Bucket=bucket, Key="tags.yaml", Body="Tags: [{Key: part, Value: !Ref AWS::StackName}]\n")
    part = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": f"s3://{bucket}/tags.yaml"}}}
    body = text({"Vpc": vpc(**part)}, Vpc={"Ref": "Vpc"})
    with refused("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_AUTO_EXPAND]"):
        api.create_stack(StackName="parts", TemplateBody=body)
    create(api, "parts", body, Capabilities=["CAPABILITY_AUTO_EXPAND"])
    tags = lab.ec2().describe_vpcs(VpcIds=[stacks.outputs(lab, "parts")["Vpc"]])["Vpcs"][0]["Tags"]
    assert {"Key": "part", "Value": "parts"} in tags
    stacks.delete(lab, "parts")


def test_a_name_of_ones_own_stands_in_the_way_of_a_replacement(lab, api):
    role = lambda path: text({"Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "own", "Path": path, "AssumeRolePolicyDocument": {
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}}}})
    create(api, "own", role("/a/"), Capabilities=["CAPABILITY_NAMED_IAM"])
    api.update_stack(StackName="own", TemplateBody=role("/b/"), Capabilities=["CAPABILITY_NAMED_IAM"])
    with pytest.raises(botocore.exceptions.WaiterError):
        api.get_waiter("stack_update_complete").wait(StackName="own", WaiterConfig=FAST)
    why = "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename own and update the stack again."
    assert ("Role", "UPDATE_FAILED", why) in stacks.events(lab, "own")
    assert lab.client("iam").get_role(RoleName="own")["Role"]["Path"] == "/a/"
    with pytest.raises(botocore.exceptions.WaiterError):
        create(api, "other", role("/a/"), Capabilities=["CAPABILITY_NAMED_IAM"])
    own = api.describe_stacks(StackName="own")["Stacks"][0]["StackId"]
    assert ("Role", "CREATE_FAILED", f"own already exists in stack {own}") in stacks.events(lab, "other")
    stacks.delete(lab, "other")
    stacks.delete(lab, "own")
    with refused("ValidationError", "Stack [own] does not exist"):
        api.update_stack(StackName="own", TemplateBody=role("/b/"))


def test_an_instance_waits_for_signals(lab, api):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-creationpolicy.html"""
    instance = {"Type": "AWS::EC2::Instance", "Properties": {"SubnetId": {"Ref": "Room"}, "ImageId": {"Ref": "Image"}},
                "CreationPolicy": {"ResourceSignal": {"Count": {"Ref": "Count"}, "Timeout": "PT15M"}}}
    body = json.dumps({
        "Parameters": {"Count": {"Type": "Number", "Default": 2},
                       "Image": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
                                 "Default": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"}},
        "Resources": {"Vpc": vpc(), "Room": subnet("10.9.1.0/24"), "Client": instance}})
    signal = lambda id, status="SUCCESS": stacks.client(
        lab, "aws", "cloudformation", "signal-resource", "--stack-name", "signalled", "--logical-resource-id", "Client", "--unique-id", id, "--status", status)
    waits = lambda: ("Client", "CREATE_IN_PROGRESS", "Resource creation Initiated") in stacks.events(lab, "signalled")

    api.create_stack(StackName="signalled", TemplateBody=body)
    stacks.until(waits)
    assert signal("i-1").code == 0
    again = signal("i-1")
    assert again.code != 0 and "Signals may only be updated with a FAILURE status" in again.err, again
    assert api.describe_stack_resource(StackName="signalled", LogicalResourceId="Client")["StackResourceDetail"]["ResourceStatus"] == "CREATE_IN_PROGRESS"
    assert signal("i-2").code == 0
    api.get_waiter("stack_create_complete").wait(StackName="signalled", WaiterConfig=FAST)
    said = [event for event in stacks.events(lab, "signalled") if event[0] == "Client"]
    assert said == [("Client", "CREATE_IN_PROGRESS", ""), ("Client", "CREATE_IN_PROGRESS", "Resource creation Initiated"),
                    ("Client", "CREATE_IN_PROGRESS", "Received SUCCESS signal with UniqueId i-1"),
                    ("Client", "CREATE_IN_PROGRESS", "Received SUCCESS signal with UniqueId i-2"), ("Client", "CREATE_COMPLETE", "")]
    late = signal("i-3")
    assert late.code != 0 and "is in CREATE_COMPLETE state and can not be signaled" in late.err, late
    stacks.delete(lab, "signalled")

    api.create_stack(StackName="signalled", TemplateBody=body)
    stacks.until(waits)
    assert signal("i-1", "FAILURE").code == 0
    with pytest.raises(botocore.exceptions.WaiterError):
        api.get_waiter("stack_create_complete").wait(StackName="signalled", WaiterConfig=FAST)
    assert ("Client", "CREATE_FAILED", "Received FAILURE signal with UniqueId i-1") in stacks.events(lab, "signalled")
    stacks.delete(lab, "signalled")
    api.create_stack(StackName="signalled", TemplateBody=body.replace("PT15M", "PT1S"), DisableRollback=True)
    with pytest.raises(botocore.exceptions.WaiterError):
        api.get_waiter("stack_create_complete").wait(StackName="signalled", WaiterConfig=FAST)
    assert ("Client", "CREATE_FAILED", "Failed to receive 2 resource signal(s) within the specified duration") in stacks.events(lab, "signalled")
    stacks.delete(lab, "signalled")


def test_a_failure_rolls_back(lab, api):
    body = text({"Vpc": vpc(), "Good": subnet("10.9.1.0/24"), "Bad": {**subnet("10.77.0.0/24"), "DependsOn": "Good"}})
    api.create_stack(StackName="rolled", TemplateBody=body)
    with pytest.raises(botocore.exceptions.WaiterError) as failed:
        api.get_waiter("stack_create_complete").wait(StackName="rolled", WaiterConfig=FAST)
    assert "ROLLBACK" in str(failed.value)
    assert api.describe_stacks(StackName="rolled")["Stacks"][0]["StackStatus"] == "ROLLBACK_COMPLETE"
    said = stacks.events(lab, "rolled")
    assert ("Bad", "CREATE_FAILED") in {event[:2] for event in said} and ("Good", "DELETE_COMPLETE") in {event[:2] for event in said}
    assert any("InvalidSubnet.Range" in why or "10.77.0.0/24" in why for _, _, why in said), said
    # The CLI's own waiter says so by its exit code.
    answer = stacks.client(lab, "aws", "cloudformation", "wait", "stack-create-complete", "--stack-name", "rolled")
    assert answer.code == 255 and "terminal failure state" in answer.err, answer
    stacks.delete(lab, "rolled")
    assert all(one["CidrBlock"] != "10.9.0.0/16" for one in lab.ec2().describe_vpcs()["Vpcs"])
    # Left as it is when that is asked for.
    api.create_stack(StackName="kept", TemplateBody=body, DisableRollback=True)
    with pytest.raises(botocore.exceptions.WaiterError):
        api.get_waiter("stack_create_complete").wait(StackName="kept", WaiterConfig=FAST)
    assert api.describe_stacks(StackName="kept")["Stacks"][0]["StackStatus"] == "CREATE_FAILED"
    stacks.delete(lab, "kept")


def test_an_update_that_fails_takes_back(api):
    create(api, "back", text({"Vpc": vpc(), "One": subnet("10.9.1.0/24")}))
    api.update_stack(StackName="back", TemplateBody=text({"Vpc": vpc(), "One": subnet("10.9.2.0/24"), "Bad": subnet("10.77.0.0/24")}))
    with pytest.raises(botocore.exceptions.WaiterError):
        api.get_waiter("stack_update_complete").wait(StackName="back", WaiterConfig=FAST)
    api.get_waiter("stack_rollback_complete").wait(StackName="back", WaiterConfig=FAST)
    api.delete_stack(StackName="back")
    api.get_waiter("stack_delete_complete").wait(StackName="back", WaiterConfig=FAST)


def test_an_update_replaces_the_subnet_under_an_endpoint(lab, api):
    def body(block):
        return text({
            "Vpc": vpc(EnableDnsHostnames=True), "Under": subnet(block), "Client": subnet("10.9.8.0/24"),
            "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"VpcId": {"Ref": "Vpc"}, "GroupDescription": "all", "SecurityGroupIngress": [
                {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.9.0.0/16"}]}},
            "Door": {"Type": "AWS::EC2::VPCEndpoint", "Properties": {
                "VpcId": {"Ref": "Vpc"}, "VpcEndpointType": "Interface", "ServiceName": f"com.amazonaws.{SEOUL}.execute-api", "PrivateDnsEnabled": True,
                "SubnetIds": [{"Ref": "Under"}], "SecurityGroupIds": [{"Ref": "Group"}]}},
            "Instance": {"Type": "AWS::EC2::Instance", "Properties": {
                "ImageId": lab.ec2().describe_images()["Images"][0]["ImageId"], "SubnetId": {"Ref": "Client"}}},
        }, Door={"Ref": "Door"}, Under={"Ref": "Under"}, Instance={"Ref": "Instance"})

    before = create(api, "door", body("10.9.1.0/24"))
    host = f"abcdefghij.execute-api.{SEOUL}.amazonaws.com"
    assert lab.resolve(before["Instance"], host)[1][0][1].startswith("10.9.1.")
    update(api, "door", body("10.9.2.0/24"))
    after = stacks.outputs(lab, "door")
    assert after["Door"] == before["Door"] and after["Under"] != before["Under"]
    assert lab.ec2().describe_vpc_endpoints(VpcEndpointIds=[after["Door"]])["VpcEndpoints"][0]["SubnetIds"] == [after["Under"]]
    assert lab.resolve(before["Instance"], host)[1][0][1].startswith("10.9.2.")
    # It answers there: that it knows no such API is API Gateway's own word.
    assert lab.curl(before["Instance"], f"https://{host}/dev/").status == 403
    stacks.delete(lab, "door")


RAW = {"Type": "AWS::ApiGateway::RestApi"}


def test_a_policy_alone_does_not_deploy_an_api(lab, api, seoul):
    """`AWS::ApiGateway::Deployment` is made once: another policy waits for another deployment."""
    def body(effect, deployment):
        policy = topology.policy(topology.statement(), *([topology.statement("Deny")] if effect == "Deny" else []))
        return text({
            "Api": {**RAW, "Properties": {"EndpointConfiguration": {"Types": ["PRIVATE"]}, "Policy": policy,
                                          "Body": json.loads(topology.openapi({"/pets": {"get": topology.PETS}}))}},
            deployment: {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": "Api"}}},
            "Stage": {"Type": "AWS::ApiGateway::Stage", "Properties": {
                "RestApiId": {"Ref": "Api"}, "StageName": "dev", "DeploymentId": {"Ref": deployment}}}}, Api={"Ref": "Api"})

    made = create(api, "raw", body("Allow", "First"))["Api"]
    url = f"https://{seoul.host(made)}/dev/pets"
    assert lab.curl(seoul.client, url).status == 200
    update(api, "raw", body("Deny", "First"))
    assert lab.curl(seoul.client, url).status == 200, "nobody deployed the policy"
    update(api, "raw", body("Deny", "Second"))
    assert lab.curl(seoul.client, url).status == 403
    stacks.delete(lab, "raw")


SERVERLESS = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      EndpointConfiguration: {Type: PRIVATE}
      Auth: {ResourcePolicy: {CustomStatements: %s}}
      DefinitionBody: %s
Outputs:
  Api: {Value: !Ref Api}
"""


def test_a_policy_alone_deploys_an_api_of_sam(lab, api, seoul):
    """AWS SAM names the deployment by the definition, and the policy is part of it."""
    template = lab.place / "policy.yaml"

    def deployed(*statements):
        template.write_text(SERVERLESS % (json.dumps(statements), topology.openapi({"/pets": {"get": topology.PETS}}).decode()))
        made = stacks.deploy(lab, template, "sam-policy")["Api"]
        found = api.list_stack_resources(StackName="sam-policy")["StackResourceSummaries"]
        deployment, = [one["LogicalResourceId"] for one in found if one["ResourceType"] == "AWS::ApiGateway::Deployment"]
        return deployment, lab.curl(seoul.client, f"https://{seoul.host(made)}/dev/pets").status

    first, status = deployed(topology.statement())
    assert status == 200
    second, status = deployed(topology.statement(), topology.statement("Deny"))
    assert status == 403 and second != first
    stacks.delete(lab, "sam-policy")


def test_a_macro_that_fails_is_told_by_the_change_set(lab, api):
    template = lab.place / "broken.yaml"
    template.write_text("Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {Type: AWS::Serverless::Function, Properties: {Handler: a.b}}\n")
    answer = stacks.client(lab, "aws", "cloudformation", "deploy", "--stack-name", "broken", "--template-file", template, "--capabilities",
                           "CAPABILITY_IAM")
    assert answer.code == 255 and "Failed to create the changeset" in answer.err, answer
    assert "Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document." in answer.err, answer
    made, = api.list_change_sets(StackName="broken")["Summaries"]
    assert (made["Status"], made["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    stacks.delete(lab, "broken")


def test_exports_and_imports(lab, api):
    create(api, "exporter", text({"Vpc": vpc()}, Id={"Value": {"Ref": "Vpc"}, "Export": {"Name": "shared-vpc"}}))
    create(api, "importer", text({"Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {
        "VpcId": {"Fn::ImportValue": "shared-vpc"}, "CidrBlock": "10.9.1.0/24"}}}))
    assert [one["Name"] for one in api.list_exports()["Exports"]] == ["shared-vpc"]
    assert api.list_imports(ExportName="shared-vpc")["Imports"] == ["importer"]
    with pytest.raises(botocore.exceptions.ClientError, match="Export shared-vpc cannot be deleted as it is in use by importer"):
        api.delete_stack(StackName="exporter")
    stacks.delete(lab, "importer")
    stacks.delete(lab, "exporter")


def test_two_hundred_resources(lab, api):
    resources = {"Vpc": vpc(), **{f"Subnet{n}": subnet(f"10.9.{n}.0/24") for n in range(99)},
                 **{f"Table{n}": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "Vpc"}}} for n in range(100)}}
    assert len(resources) == 200
    create(api, "many", text(resources))
    pages = api.get_paginator("list_stack_resources").paginate(StackName="many")
    seen = [one for page in pages for one in page["StackResourceSummaries"]]
    assert len(seen) == 200 and {one["ResourceStatus"] for one in seen} == {"CREATE_COMPLETE"}
    stacks.delete(lab, "many")
    assert all(one["CidrBlock"] != "10.9.0.0/16" for one in lab.ec2().describe_vpcs()["Vpcs"])


def test_a_wait_condition_is_signalled_from_the_machine(lab, api):
    body = text({"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
                 "Wait": {"Type": "AWS::CloudFormation::WaitCondition", "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "60"}}},
                Data={"Fn::GetAtt": ["Wait", "Data"]})
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        made = pool.submit(create, api, "signalled", body)
        url, end = None, time.monotonic() + 20
        while not url:
            assert time.monotonic() < end, "the handle has no URL"
            time.sleep(0.05)
            with contextlib.suppress(botocore.exceptions.ClientError):
                url = api.describe_stack_resource(StackName="signalled", LogicalResourceId="Handle")["StackResourceDetail"].get("PhysicalResourceId")
        signal = {"Status": "SUCCESS", "Reason": "done", "UniqueId": "one", "Data": "it works"}
        subprocess.run(["curl", "-fsS", "-X", "PUT", "-H", "Content-Type:", "--data-binary", json.dumps(signal), url], check=True, timeout=20)
        assert json.loads(made.result()["Data"]) == {"one": "it works"}
    stacks.delete(lab, "signalled")
