"""Parameter Store and ECR with boto3 and the aws CLI."""

import json

import pytest
from botocore.exceptions import ClientError

import harness
import stacks
from harness import ACCOUNT, OREGON, SEOUL

LINUX = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"


def aws(lab, *command):
    """What the aws CLI answers."""
    answer = stacks.client(lab, "aws", *command, "--output", "json")
    assert answer.code == 0, answer
    return json.loads(answer.out) if answer.out.strip() else None


def refusal(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


@pytest.fixture
def ssm(lab):
    return lab.client("ssm")


@pytest.fixture
def root(ssm):
    """A path of the test's own."""
    return "/" + harness.unique("path")


def test_versions(ssm, lab, root):
    assert ssm.put_parameter(Name=f"{root}/a", Value="one", Type="String")["Version"] == 1
    assert refusal(ssm.put_parameter, Name=f"{root}/a", Value="two", Type="String") == "ParameterAlreadyExists"
    assert ssm.put_parameter(Name=f"{root}/a", Value="two", Overwrite=True)["Version"] == 2
    found = ssm.get_parameter(Name=f"{root}/a")["Parameter"]
    assert found["Value"] == "two" and found["ARN"] == f"arn:aws:ssm:{SEOUL}:{ACCOUNT}:parameter{root}/a"
    assert ssm.get_parameter(Name=f"{root}/a:1")["Parameter"]["Value"] == "one"
    assert ssm.get_parameter(Name=found["ARN"])["Parameter"]["Name"] == f"{root}/a"
    assert refusal(ssm.get_parameter, Name=f"{root}/a:9") == "ParameterVersionNotFound"
    assert refusal(lab.client("ssm", region=OREGON).get_parameter, Name=f"{root}/a") == "ParameterNotFound"
    history = ssm.get_parameter_history(Name=f"{root}/a")["Parameters"]
    assert [(version["Version"], version["Value"]) for version in history] == [(1, "one"), (2, "two")]
    gone = ssm.delete_parameters(Names=[f"{root}/a", f"{root}/b"])
    assert gone["DeletedParameters"] == [f"{root}/a"] and gone["InvalidParameters"] == [f"{root}/b"]
    assert refusal(ssm.delete_parameter, Name=f"{root}/a") == "ParameterNotFound"


def test_kinds_of_values(ssm, root):
    ssm.put_parameter(Name=f"{root}/secret", Value="hush", Type="SecureString")
    assert "hush" not in ssm.get_parameter(Name=f"{root}/secret")["Parameter"]["Value"]
    assert ssm.get_parameter(Name=f"{root}/secret", WithDecryption=True)["Parameter"]["Value"] == "hush"
    ssm.put_parameter(Name=f"{root}/list", Value="a,b", Type="StringList")
    assert ssm.get_parameter(Name=f"{root}/list")["Parameter"]["Type"] == "StringList"
    long = {"Name": f"{root}/long", "Value": "x" * 5000, "Type": "String"}
    assert refusal(ssm.put_parameter, **long) == "ValidationException"
    assert ssm.put_parameter(**long, Tier="Intelligent-Tiering")["Tier"] == "Advanced"
    pattern = {"Name": f"{root}/number", "Type": "String", "AllowedPattern": r"^\d+$"}
    assert refusal(ssm.put_parameter, Value="x", **pattern) == "ParameterPatternMismatchException"
    assert refusal(ssm.put_parameter, Name=f"{root}{'/x' * 15}", Value="v", Type="String") == "HierarchyLevelLimitExceededException"
    assert refusal(ssm.put_parameter, Name=f"{root}/key", Value="v", Type="SecureString", KeyId="alias/mine") == "InvalidKeyId"


def test_paths_filters_and_tags(ssm, root):
    for name in ("a", "b", "b/c"):
        ssm.put_parameter(Name=f"{root}/{name}", Value=name, Type="String", Tags=[{"Key": "name", "Value": name}])

    def below(**more):
        pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=root, MaxResults=2, **more)
        return [found["Name"].removeprefix(f"{root}/") for page in pages for found in page["Parameters"]]

    assert below() == ["a", "b"] and below(Recursive=True) == ["a", "b", "b/c"]
    tagged = ssm.describe_parameters(ParameterFilters=[{"Key": "tag:name", "Values": ["b", "c"]}])["Parameters"]
    assert [found["Name"] for found in tagged] == [f"{root}/b"]
    path = {"Key": "Path", "Option": "Recursive", "Values": [root]}
    assert len(ssm.describe_parameters(ParameterFilters=[path])["Parameters"]) == 3
    assert refusal(ssm.describe_parameters, ParameterFilters=[{"Key": "Colour", "Values": ["red"]}]) == "InvalidFilterKey"
    ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=f"{root}/a", Tags=[{"Key": "x", "Value": "y"}])
    ssm.remove_tags_from_resource(ResourceType="Parameter", ResourceId=f"{root}/a", TagKeys=["name"])
    assert ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=f"{root}/a")["TagList"] == [{"Key": "x", "Value": "y"}]


def test_images_by_their_public_names(lab, ssm):
    image = ssm.get_parameter(Name=LINUX)["Parameter"]["Value"]
    assert lab.client("ec2").describe_images(ImageIds=[image])["Images"][0]["State"] == "available"
    found = ssm.get_parameters(Names=[LINUX, "/aws/service/nothing"])
    assert found["Parameters"][0]["Value"] == image and found["InvalidParameters"] == ["/aws/service/nothing"]
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/aws/service/ami-amazon-linux-latest")
    assert LINUX in [found["Name"] for page in pages for found in page["Parameters"]]


def test_the_aws_cli(lab, root):
    assert aws(lab, "ssm", "put-parameter", "--name", f"{root}/v", "--value", "6", "--type", "String")["Version"] == 1
    assert aws(lab, "ssm", "get-parameter", "--name", f"{root}/v", "--query", "Parameter.Value") == "6"


def test_repositories_are_records(lab):
    ecr, name = lab.client("ecr"), harness.unique("repository")
    made = ecr.create_repository(repositoryName=name, imageTagMutability="IMMUTABLE")["repository"]
    assert made["repositoryUri"] == f"{ACCOUNT}.dkr.ecr.{SEOUL}.amazonaws.com/{name}"
    assert refusal(ecr.create_repository, repositoryName=name) == "RepositoryAlreadyExistsException"
    assert refusal(ecr.get_repository_policy, repositoryName=name) == "RepositoryPolicyNotFoundException"
    statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "ecr:BatchGetImage"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    ecr.set_repository_policy(repositoryName=name, policyText=policy)
    assert ecr.get_repository_policy(repositoryName=name)["policyText"] == policy
    with pytest.raises(ClientError, match="ecr:PutImage"):
        ecr.put_image(repositoryName=name, imageManifest="{}")
    ecr.delete_repository(repositoryName=name)
    assert refusal(ecr.describe_repositories, repositoryNames=[name]) == "RepositoryNotFoundException"
