"""`vpclab diff`: what differs between two states in who can call what, and what a template would change, before it is changed."""

import json
import pathlib
import subprocess

import harness
import pytest
import topology
from harness import ACCOUNT, SEOUL

EXAMPLE = {
    "Parameters": {"Port": {"Type": "Number", "Default": 443}},
    "Resources": {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.5.0.0/16", "EnableDnsHostnames": True, "EnableDnsSupport": True}},
        "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.5.1.0/24"}},
        "Client": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "client", "VpcId": {"Ref": "Vpc"}}},
        "Guard": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "endpoint", "VpcId": {"Ref": "Vpc"}, "SecurityGroupIngress": [
            {"IpProtocol": "tcp", "FromPort": {"Ref": "Port"}, "ToPort": {"Ref": "Port"}, "SourceSecurityGroupId": {"Ref": "Client"}}]}},
        "Endpoint": {"Type": "AWS::EC2::VPCEndpoint", "Properties": {
            "VpcId": {"Ref": "Vpc"}, "VpcEndpointType": "Interface", "ServiceName": f"com.amazonaws.{SEOUL}.execute-api", "PrivateDnsEnabled": True,
            "SubnetIds": [{"Ref": "Subnet"}], "SecurityGroupIds": [{"Ref": "Guard"}]}},
    },
}


@pytest.fixture(scope="module")
def made(lab):
    """A stack with a network, an instance in it, and an API."""
    template = json.dumps(EXAMPLE)
    cloudformation = lab.client("cloudformation")
    cloudformation.create_stack(StackName="net", TemplateBody=template)
    cloudformation.get_waiter("stack_create_complete").wait(StackName="net", WaiterConfig={"Delay": 1})
    ids = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in
           cloudformation.describe_stack_resources(StackName="net")["StackResources"]}
    ec2 = lab.ec2()
    image = ec2.describe_images()["Images"][0]["ImageId"]
    instance = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=ids["Subnet"], SecurityGroupIds=[ids["Client"]], TagSpecifications=[
        {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "client"}]}])["Instances"][0]["InstanceId"]
    api = lab.apigateway().import_rest_api(parameters={"endpointConfigurationTypes": "PRIVATE"}, body=topology.openapi(
        {"/pets": {"get": topology.PETS}}, topology.policy(topology.statement())))["id"]
    lab.apigateway().create_deployment(restApiId=api, stageName="dev")
    return {**ids, "instance": instance, "api": api, "url": f"https://{api}.execute-api.{SEOUL}.amazonaws.com/dev/pets"}


def diff(lab, tmp_path, template, *options):
    path = pathlib.Path(tmp_path) / "template.json"
    path.write_text(json.dumps(template))
    return lab.vpclab("diff", "--template", path, *options, timeout=120)


def test_what_a_template_would_take_away_is_told_before(lab, made, tmp_path):
    template = json.loads(json.dumps(EXAMPLE))
    before = lab.vpclab("export").out
    answer = diff(lab, tmp_path, template, "--stack", "net")
    assert (answer.code, answer.out) == (0, ""), answer
    template["Resources"]["Guard"]["Properties"]["SecurityGroupIngress"] = []
    answer = diff(lab, tmp_path, template, "--stack", "net")
    assert answer.code == 1, answer
    head, why = answer.out.splitlines()
    assert head == f"- {made['instance']} (client) can no longer GET {made['url']}"
    assert why.strip().startswith("ENI_SG_RULES_MISMATCH at ingress-groups: "), answer
    answer = diff(lab, tmp_path, EXAMPLE, "--stack", "net", "--parameter", "Port=8443", "--json")
    found = json.loads(answer.out)
    assert (answer.code, found["format"], len(found["differences"])) == (1, "vpclab.diff/1", 1)
    assert (found["differences"][0]["before"], found["differences"][0]["after"]) == ("reachable", "blocked")
    # Nothing of it was done.
    after = lab.vpclab("export").out
    assert json.loads(after)["records"] == json.loads(before)["records"]
    assert lab.curl(made["instance"], made["url"]).status == 200


def test_what_it_foretold_comes_true(lab, made, tmp_path):
    """The update is made, the packets agree, and the way back is foretold too."""
    cloudformation = lab.client("cloudformation")
    closed = json.loads(json.dumps(EXAMPLE))
    closed["Resources"]["Guard"]["Properties"]["SecurityGroupIngress"] = []
    cloudformation.update_stack(StackName="net", TemplateBody=json.dumps(closed))
    cloudformation.get_waiter("stack_update_complete").wait(StackName="net", WaiterConfig={"Delay": 1})
    assert lab.curl(made["instance"], made["url"]).code == 28
    answer = diff(lab, tmp_path, EXAMPLE, "--stack", "net")
    assert answer.code == 1 and answer.out.splitlines()[0] == f"+ {made['instance']} (client) can now GET {made['url']}", answer
    cloudformation.update_stack(StackName="net", TemplateBody=json.dumps(EXAMPLE))
    cloudformation.get_waiter("stack_update_complete").wait(StackName="net", WaiterConfig={"Delay": 1})
    assert lab.curl(made["instance"], made["url"]).status == 200


def test_a_new_stack_and_one_that_would_fail(lab, made, tmp_path):
    answer = diff(lab, tmp_path, EXAMPLE, "--stack", "second")
    assert answer.code == 2 and "there is no stack `second`" in answer.err, answer
    answer = diff(lab, tmp_path, EXAMPLE, "--stack", "second", "--region", SEOUL, "--account", ACCOUNT)
    assert answer.code == 0, "another network with nobody in it changes nothing"
    wrong = json.loads(json.dumps(EXAMPLE))
    wrong["Resources"]["Subnet"]["Properties"]["CidrBlock"] = "10.6.0.0/24"
    answer = diff(lab, tmp_path, wrong, "--stack", "second", "--region", SEOUL, "--account", ACCOUNT)
    assert answer.code == 2 and "the stack operation would fail: Subnet: " in answer.err, answer


def test_two_snapshots(lab, made, tmp_path):
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    assert lab.vpclab("export", "-o", before).code == 0
    ec2 = lab.ec2()
    rules = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=made["Client"], IpPermissions=rules)
    assert lab.vpclab("export", "-o", after).code == 0
    answer = lab.vpclab("diff", before, after)
    assert answer.code == 1 and answer.out.startswith(f"- {made['instance']} (client) can no longer GET {made['url']}\n"), answer
    assert lab.vpclab("diff", before).out == answer.out, "against the running lab"
    ec2.authorize_security_group_egress(GroupId=made["Client"], IpPermissions=rules)
    assert lab.vpclab("diff", before).code == 0
    assert lab.vpclab("diff", before, tmp_path / "none.json").code == 2


@pytest.mark.parametrize("words, said", [
    (["/dev/zero"], "it has more than 1073741824 bytes"),
    (["--template", "/dev/zero", "--stack", "s", "--region", SEOUL], "it has more than 51200 bytes"),
    (["--template", "TEMPLATE", "--stack", "s", "--region", SEOUL, "--parameter", "Port=1", "--parameter", "Port=2"], "`Port` is given twice"),
])
def test_what_cannot_be_compared_is_said(lab, tmp_path, words, said):
    path = tmp_path / "template.json"
    path.write_text(json.dumps(EXAMPLE))
    answer = lab.vpclab("diff", *(str(path) if word == "TEMPLATE" else word for word in words))
    assert answer.code == 2 and said in answer.err, answer


def test_output_that_cannot_be_written_is_no_crash(lab):
    command = [str(lab.binary), "--state", str(lab.state), "status"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env=lab.environment(), cwd="/", timeout=60)
    assert done.returncode == 1 and done.stderr == "error: cannot write the output: No space left on device (os error 28)\n", done
