"""IAM and STS with boto3 and the aws CLI."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError

import harness
import stacks
from harness import ACCOUNT, OREGON, SEOUL

BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
OTHER = "444455556666"


def trust(principal, **more):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def allow(action="s3:GetObject"):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})


@pytest.fixture
def iam(lab):
    return lab.client("iam")


@pytest.fixture
def role(iam):
    name = harness.unique("role")
    iam.create_role(RoleName=name, Path="/app/", AssumeRolePolicyDocument=trust({"Service": "lambda.amazonaws.com"}),
                    Tags=[{"Key": "team", "Value": "pets"}])
    return name


def aws(lab, *command):
    """What the aws CLI answers."""
    answer = stacks.client(lab, "aws", *command, "--output", "json")
    assert answer.code == 0, answer
    return json.loads(answer.out) if answer.out.strip() else None


def refusal(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_role_and_its_policies(lab, iam, role):
    found = lab.client("iam", region=OREGON).get_role(RoleName=role)["Role"]
    assert found["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/app/{role}" and found["RoleId"].startswith("AROA")
    assert found["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert found["MaxSessionDuration"] == 3600 and found["Tags"] == [{"Key": "team", "Value": "pets"}]
    iam.put_role_policy(RoleName=role, PolicyName="inline", PolicyDocument=allow())
    assert iam.get_role_policy(RoleName=role, PolicyName="inline")["PolicyDocument"] == json.loads(allow())
    iam.attach_role_policy(RoleName=role, PolicyArn=BASIC)
    attached = iam.list_attached_role_policies(RoleName=role, PathPrefix="/service-role/")["AttachedPolicies"]
    assert attached == [{"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": BASIC}]
    assert refusal(iam.attach_role_policy, RoleName=role, PolicyArn="arn:aws:iam::aws:policy/Nope")[0] == "NoSuchEntity"
    assert refusal(iam.delete_role, RoleName=role) == ("DeleteConflict", "Cannot delete entity, must detach all policies first.")
    assert refusal(iam.get_role, RoleName="nobody") == ("NoSuchEntity", "The role with name nobody cannot be found.")
    assert refusal(iam.put_role_policy, RoleName=role, PolicyName="p", PolicyDocument="{}")[0] == "MalformedPolicyDocument"
    assert refusal(lab.client("iam", account=OTHER).get_role, RoleName=role)[0] == "NoSuchEntity"
    iam.detach_role_policy(RoleName=role, PolicyArn=BASIC)
    iam.delete_role_policy(RoleName=role, PolicyName="inline")
    iam.delete_role(RoleName=role)
    assert role not in [found["RoleName"] for page in iam.get_paginator("list_roles").paginate() for found in page["Roles"]]


def test_policies_have_versions(iam, role):
    policy = iam.create_policy(PolicyName=harness.unique("policy"), PolicyDocument=allow())["Policy"]
    made = iam.create_policy_version(PolicyArn=policy["Arn"], PolicyDocument=allow("s3:*"), SetAsDefault=True)["PolicyVersion"]
    assert made["VersionId"] == "v2"
    versions = iam.list_policy_versions(PolicyArn=policy["Arn"])["Versions"]
    assert [(version["VersionId"], version["IsDefaultVersion"]) for version in versions] == [("v2", True), ("v1", False)]
    document = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId="v2")["PolicyVersion"]["Document"]
    assert document == json.loads(allow("s3:*"))
    iam.attach_role_policy(RoleName=role, PolicyArn=policy["Arn"])
    assert iam.get_policy(PolicyArn=policy["Arn"])["Policy"]["AttachmentCount"] == 1
    assert iam.list_entities_for_policy(PolicyArn=policy["Arn"])["PolicyRoles"][0]["RoleName"] == role
    assert refusal(iam.delete_policy, PolicyArn=policy["Arn"])[0] == "DeleteConflict"
    aws = [found["Arn"] for page in iam.get_paginator("list_policies").paginate(Scope="AWS", MaxItems=7) for found in page["Policies"]]
    assert BASIC in aws and len(set(aws)) == len(aws) > 50
    document = iam.get_policy_version(PolicyArn=BASIC, VersionId="v1")["PolicyVersion"]["Document"]
    assert document["Statement"][0]["Action"] == ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]


def test_an_instance_profile_has_one_role(iam, role):
    name = harness.unique("profile")
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)
    found = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    assert [held["RoleName"] for held in found["Roles"]] == [role] and found["Arn"].endswith(f":instance-profile/{name}")
    assert refusal(iam.add_role_to_instance_profile, InstanceProfileName=name, RoleName=role)[0] == "LimitExceeded"
    assert iam.list_instance_profiles_for_role(RoleName=role)["InstanceProfiles"][0]["InstanceProfileName"] == name


def test_an_instance_has_its_profile(lab, iam, role):
    name = harness.unique("profile")
    arn = iam.create_instance_profile(InstanceProfileName=name)["InstanceProfile"]["Arn"]
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)
    ec2 = lab.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.78.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.78.0.0/24")["Subnet"]["SubnetId"]
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    launch = {"ImageId": image, "MinCount": 1, "MaxCount": 1, "SubnetId": subnet, "InstanceType": "t3.micro"}
    assert refusal(ec2.run_instances, **launch, IamInstanceProfile={"Name": "nothing"})[0] == "InvalidParameterValue"
    instance = ec2.run_instances(**launch, IamInstanceProfile={"Name": name})["Instances"][0]["InstanceId"]
    filters = [{"Name": "iam-instance-profile.arn", "Values": [arn]}]
    found = ec2.describe_instances(Filters=filters)["Reservations"][0]["Instances"]
    assert [(one["InstanceId"], one["IamInstanceProfile"]["Arn"]) for one in found] == [(instance, arn)]
    ec2.terminate_instances(InstanceIds=[instance])


def session_client(lab, service, credentials):
    return boto3.client(service, region_name=SEOUL, endpoint_url=lab.url, config=harness.CONFIG,
                        aws_access_key_id=credentials["AccessKeyId"], aws_secret_access_key=credentials["SecretAccessKey"],
                        aws_session_token=credentials.get("SessionToken"))


def test_an_assumed_role_acts_in_its_account(lab, iam):
    name = harness.unique("role")
    condition = {"StringEquals": {"sts:ExternalId": "secret"}}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust({"AWS": OTHER}, Condition=condition))["Role"]["Arn"]
    sts = lab.client("sts", account=OTHER)
    assert refusal(sts.assume_role, RoleArn=arn, RoleSessionName="me")[0] == "AccessDenied"
    assert refusal(lab.client("sts").assume_role, RoleArn=arn, RoleSessionName="me", ExternalId="secret")[0] == "AccessDenied"
    answer = sts.assume_role(RoleArn=arn, RoleSessionName="me", ExternalId="secret")
    who = session_client(lab, "sts", answer["Credentials"]).get_caller_identity()
    assert who["Account"] == ACCOUNT and who["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/me"
    ec2 = session_client(lab, "ec2", answer["Credentials"])
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]
    assert vpc["OwnerId"] == ACCOUNT
    lab.client("ec2").delete_vpc(VpcId=vpc["VpcId"])
    key = answer["Credentials"]["AccessKeyId"]
    assert lab.client("sts").get_access_key_info(AccessKeyId=key)["Account"] == ACCOUNT
    bare = session_client(lab, "sts", {**answer["Credentials"], "SessionToken": None})
    assert refusal(bare.get_caller_identity)[0] == "InvalidClientTokenId"
    assert refusal(sts.assume_role, RoleArn=arn, RoleSessionName="me", ExternalId="secret", DurationSeconds=7200)[0] == "ValidationError"


def test_a_key_of_a_user_is_the_users(lab, iam):
    name = harness.unique("user")
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    key = iam.create_access_key(UserName=name)["AccessKey"]
    sts = session_client(lab, "sts", key)
    assert sts.get_caller_identity()["Arn"] == arn
    assert session_client(lab, "iam", key).get_user()["User"]["UserName"] == name
    token = sts.get_session_token()["Credentials"]
    assert session_client(lab, "sts", token).get_caller_identity()["Arn"] == arn
    iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert refusal(sts.get_caller_identity)[0] == "InvalidClientTokenId"
    assert refusal(session_client(lab, "ssm", key).describe_parameters)[0] == "UnrecognizedClientException"
    assert lab.client("sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"


def test_the_aws_cli(lab):
    name = harness.unique("role")
    made = aws(lab, "iam", "create-role", "--role-name", name, "--assume-role-policy-document", trust({"Service": "ec2.amazonaws.com"}))
    assert made["Role"]["RoleName"] == name
    aws(lab, "iam", "wait", "role-exists", "--role-name", name)
    listed = aws(lab, "iam", "list-roles", "--query", f"Roles[?RoleName=='{name}'].Arn")
    assert listed == [f"arn:aws:iam::{ACCOUNT}:role/{name}"]
