"""The CDK's own client against a lab, with nothing but `AWS_ENDPOINT_URL`, credentials and a region: bootstrap, deploy, diff, destroy."""

import json
import os
import shutil

import pytest

import conftest
import harness
import stacks
from harness import ACCOUNT, ROOT, SEOUL
from stacks import EXAMPLES

HOME = ROOT / ".cdk"

assert (HOME / "node_modules/.bin/cdk").exists(), "the CDK is not installed: scripts/setup.sh test"


def environment(lab):
    found = stacks.environment(lab)
    return found | {
        "PATH": f"{HOME / 'node_modules/.bin'}:{found['PATH']}", "CI": "true", "NO_COLOR": "1", "NODE_NO_WARNINGS": "1",
        "CDK_DISABLE_VERSION_CHECK": "1", "CDK_DISABLE_CLI_TELEMETRY": "true"}


def cdk(lab, *arguments, cwd, timeout=180):
    """Runs `cdk …`; answers all that it said."""
    answer = harness.run(["cdk", *arguments, "--no-notices"], env=environment(lab), cwd=cwd, timeout=timeout)
    assert answer.code == 0, answer.out + answer.err
    return answer.out + answer.err


@pytest.fixture(scope="module")
def lab(user, places):
    """A lab whose functions have AWS's SDK, as on AWS."""
    conftest.require(user)
    lab = harness.Lab(places / harness.unique("cdk"), user, more=("--node-modules", HOME / "node_modules"))
    with harness.running(lab) as running:
        yield running


@pytest.fixture(scope="module")
def bootstrapped(lab):
    return cdk(lab, "bootstrap", f"aws://{ACCOUNT}/{SEOUL}", cwd=lab.place)


def app_of(example, place):
    shutil.copytree(example, place, ignore=shutil.ignore_patterns("node_modules", "cdk.out"))
    os.symlink(HOME / "node_modules", place / "node_modules")
    return place


def test_bootstrap_makes_what_the_cdk_wants(lab, bootstrapped):
    assert "bootstrapped" in bootstrapped
    made = stacks.outputs(lab, "CDKToolkit")
    assert made["BucketName"] == f"cdk-hnb659fds-assets-{ACCOUNT}-{SEOUL}"
    assert int(lab.client("ssm").get_parameter(Name="/cdk-bootstrap/hnb659fds/version")["Parameter"]["Value"]) == int(made["BootstrapVersion"])
    repository = lab.client("ecr").describe_repositories(repositoryNames=[made["ImageRepositoryName"]])["repositories"][0]
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert "untagged" in lab.client("ecr").get_lifecycle_policy(repositoryName=made["ImageRepositoryName"])["lifecyclePolicyText"]
    attached = lab.client("iam").list_attached_role_policies(RoleName=f"cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-{SEOUL}")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AdministratorAccess"]
    # The same again changes nothing.
    assert "(no changes)" in cdk(lab, "bootstrap", f"aws://{ACCOUNT}/{SEOUL}", cwd=lab.place)


def test_a_private_api_from_deploy_to_destroy(lab, bootstrapped, tmp_path):
    cwd = app_of(EXAMPLES / "cdk", tmp_path / "app")
    assert "✅  pets" in cdk(lab, "deploy", "--require-approval", "never", cwd=cwd)
    made = stacks.outputs(lab, "pets")
    answer = lab.curl(made["InstanceId"], made["Url"], patience=10)
    assert answer.status == 200 and '"name":"Bello"' in answer.body and made["EndpointId"] in answer.body

    assert "Number of stacks with differences: 0" in cdk(lab, "diff", "--app", "cdk.out", cwd=cwd)
    differs = cdk(lab, "diff", "--context", "name=Rex", cwd=cwd)
    assert "[+] Rex" in differs and "Number of stacks with differences: 1" in differs
    # `diff` made the app's assembly anew.
    cdk(lab, "deploy", "--require-approval", "never", "--app", "cdk.out", cwd=cwd)
    assert '"name":"Rex"' in lab.curl(made["InstanceId"], made["Url"], patience=10).body

    assert "destroyed" in cdk(lab, "destroy", "--force", "--app", "cdk.out", cwd=cwd)
    assert lab.ec2().describe_vpcs()["Vpcs"] == [] and lab.ec2().describe_network_interfaces()["NetworkInterfaces"] == []
    assert lab.client("lambda").list_functions()["Functions"] == [] and lab.apigateway().get_rest_apis()["items"] == []


def test_what_cdk_init_makes_usual(lab, bootstrapped, tmp_path):
    """A VPC with NAT gateways, and custom resources whose functions call EC2, S3 and CloudWatch Logs with AWS's SDK."""
    cwd = app_of(ROOT / "tests/cdk", tmp_path / "app")
    assert "✅  usual" in cdk(lab, "deploy", "--require-approval", "never", cwd=cwd)
    made = stacks.outputs(lab, "usual")
    groups = lab.ec2().describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [made["VpcId"]]}, {"Name": "group-name", "Values": ["default"]}])
    assert [group["IpPermissions"] + group["IpPermissionsEgress"] for group in groups["SecurityGroups"]] == [[]], "the default group lets nothing through"
    gateways = lab.ec2().describe_nat_gateways()["NatGateways"]
    assert {gateway["State"] for gateway in gateways} == {"available"} and len(gateways) == 2
    group = lab.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{made['FunctionName']}")["logGroups"][0]
    assert group["retentionInDays"] == 7

    # The bucket has to be emptied before it can go.
    for key in ("a", "b/c"):
        lab.client("s3").put_object(Bucket=made["BucketName"], Key=key, Body=b"x")
    assert "destroyed" in cdk(lab, "destroy", "--force", "--app", "cdk.out", cwd=cwd)
    assert made["BucketName"] not in [bucket["Name"] for bucket in lab.client("s3").list_buckets()["Buckets"]]
    assert lab.ec2().describe_vpcs()["Vpcs"] == []


def test_custom_resources_of_the_provider_framework(lab, bootstrapped, tmp_path):
    """`cr.Provider`, whose functions log as JSON, and `AwsCustomResource`, which calls EC2 for the address of an endpoint."""
    cwd = app_of(ROOT / "tests/cdk", tmp_path / "app")
    app = ("--require-approval", "never", "--app", "node custom.js")
    cdk(lab, "deploy", *app, cwd=cwd)
    made = stacks.outputs(lab, "custom")
    assert (made["Text"], made["PhysicalId"]) == ("abab", "twice-ab")
    endpoint = lab.ec2().describe_vpc_endpoints(VpcEndpointIds=[made["EndpointId"]])["VpcEndpoints"][0]
    interfaces = lab.ec2().describe_network_interfaces(NetworkInterfaceIds=endpoint["NetworkInterfaceIds"])["NetworkInterfaces"]
    assert made["EndpointAddress"] in [interface["PrivateIpAddress"] for interface in interfaces]

    functions = lab.client("lambda").list_functions()["Functions"]
    configs = {function["FunctionName"]: function["LoggingConfig"] for function in functions if function["LoggingConfig"]["LogFormat"] == "JSON"}
    assert len(configs) == 2 and {config["ApplicationLogLevel"] for config in configs.values()} == {"INFO", "FATAL"}
    on_event = next(config["LogGroup"] for name, config in configs.items() if "OnEvent" in name)
    lines = [json.loads(event["message"]) for event in lab.client("logs").filter_log_events(logGroupName=on_event)["events"]]
    assert [line.get("type") or line["message"] for line in lines][:3] == ["platform.initStart", "platform.start", "Create"]

    cdk(lab, "deploy", *app, "--context", "word=xyz", cwd=cwd)
    assert stacks.outputs(lab, "custom")["Text"] == "xyzxyz"
    failed = harness.run(["cdk", "deploy", *app, "--context", "word=bad", "--no-notices"], env=environment(lab), cwd=cwd, timeout=180)
    assert failed.code != 0 and "no such word" in failed.out + failed.err
    assert stacks.outputs(lab, "custom")["Text"] == "xyzxyz", "rolled back"
    cdk(lab, "destroy", "--force", "--app", "node custom.js", cwd=cwd)
    assert not [function for function in lab.client("lambda").list_functions()["Functions"] if function["FunctionName"].startswith("custom-")]


def test_nested_stacks(lab, bootstrapped, tmp_path):
    """`NestedStack`: the CDK asks for change sets with those of the nested stacks."""
    cwd = app_of(ROOT / "tests/cdk", tmp_path / "app")
    app = ("--app", "node nested.js")
    cdk(lab, "deploy", "--require-approval", "never", *app, cwd=cwd)
    made = stacks.outputs(lab, "nested")
    groups = lambda: lab.ec2().describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [made["VpcId"]]}])["SecurityGroups"]
    assert made["GroupId"] in [group["GroupId"] for group in groups()] and len(groups()) == 4
    cloudformation = lab.client("cloudformation")
    nested = [stack for stack in cloudformation.describe_stacks()["Stacks"] if stack.get("ParentId", "").split("/")[1:2] == ["nested"]]
    assert len(nested) == 2 and {stack["StackStatus"] for stack in nested} == {"CREATE_COMPLETE"}
    assert all(":changeSet/" in stack["ChangeSetId"] for stack in nested)

    assert "Number of stacks with differences: 0" in cdk(lab, "diff", *app, cwd=cwd)
    differs = cdk(lab, "diff", *app, "--context", "groups=2", cwd=cwd)
    assert "[+] AWS::EC2::SecurityGroup Network/Group1" in differs, differs
    cdk(lab, "deploy", "--require-approval", "never", *app, "--context", "groups=2", cwd=cwd)
    assert len(groups()) == 5
    assert "(no changes)" in cdk(lab, "deploy", "--require-approval", "never", *app, "--context", "groups=2", "--force", cwd=cwd)
    cdk(lab, "destroy", "--force", *app, cwd=cwd)
    assert not [stack for stack in cloudformation.describe_stacks()["Stacks"] if stack["StackName"].startswith("nested")]
