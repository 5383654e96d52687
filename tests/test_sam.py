"""AWS SAM's own client against a lab: build, deploy, call from an instance, invoke, read logs, delete."""

import json
import shutil

import pytest

from stacks import EXAMPLES, RUNTIME, client, delete, events, invoke, outputs

pytestmark = pytest.mark.usefixtures("sam")


def deploy(lab, cwd):
    answer = client(lab, "sam", "deploy", "--stack-name", "seoul", "--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset",
                    "--no-fail-on-empty-changeset", "--parameter-overrides", f"Runtime={RUNTIME}", cwd=cwd)
    assert answer.code == 0, f"{answer}\n{events(lab, 'seoul')}"
    return answer.out


def test_a_template_that_is_none_is_not_valid(lab, tmp_path):
    (tmp_path / "template.yaml").write_text("Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {Type: AWS::Serverless::Function}\n")
    answer = client(lab, "sam", "validate", cwd=tmp_path)
    assert answer.code != 0 and "F" in answer.err and "CodeUri" in answer.out + answer.err, answer


def test_an_application_from_build_to_delete(lab, tmp_path):
    shutil.copytree(EXAMPLES / "seoul", tmp_path / "seoul")
    cwd = tmp_path / "seoul"
    valid = client(lab, "sam", "validate", cwd=cwd)
    assert valid.code == 0 and "is a valid SAM Template" in valid.out, valid
    built = client(lab, "sam", "build", "--parameter-overrides", f"Runtime={RUNTIME}", cwd=cwd)
    assert built.code == 0, built
    deploy(lab, cwd)
    made = outputs(lab, "seoul")
    lab.ec2().authorize_security_group_ingress(GroupId=made["EndpointGroupId"], IpProtocol="tcp", FromPort=443, ToPort=443, CidrIp="10.0.0.0/16")
    answer = lab.curl(made["InstanceId"], f"https://{made['Host']}/dev/pets")
    assert "Bello" in str(answer)

    # The same again changes nothing.
    assert "is up to date" in deploy(lab, cwd)

    # The function wants an event of the API.
    invoked = client(lab, "sam", "remote", "invoke", "Pets", "--stack-name", "seoul", cwd=cwd)
    assert "KeyError" in invoked.out + invoked.err
    told = client(lab, "sam", "logs", "--stack-name", "seoul", cwd=cwd)
    assert "REPORT RequestId" in told.out, told
    listed = client(lab, "sam", "list", "resources", "--stack-name", "seoul", "--output", "json", cwd=cwd)
    assert {"Pets", "Api", "PetsRole", "ApidevStage"} <= {one["LogicalResourceId"] for one in json.loads(listed.out)}
    endpoints = client(lab, "sam", "list", "endpoints", "--stack-name", "seoul", "--output", "json", cwd=cwd)
    assert endpoints.code == 0, endpoints
    endpoints = {one["LogicalResourceId"]: one for one in json.loads(endpoints.out)}
    assert f"https://{made['Host']}/dev" in endpoints["Api"]["CloudEndpoint"] and endpoints["Pets"]["CloudEndpoint"] == "-"
    told = client(lab, "sam", "list", "stack-outputs", "--stack-name", "seoul", "--output", "json", cwd=cwd)
    assert {one["OutputKey"]: one["OutputValue"] for one in json.loads(told.out)} == made, told

    template = lab.client("cloudformation").get_template(StackName="seoul", TemplateStage="Processed")["TemplateBody"]
    assert template["Resources"]["Pets"]["Type"] == "AWS::Lambda::Function"

    deleted = client(lab, "sam", "delete", "--stack-name", "seoul", "--no-prompts", cwd=cwd)
    assert deleted.code == 0, f"{deleted}\n{events(lab, 'seoul')}"
    assert lab.client("lambda").list_functions()["Functions"] == []


def test_an_application_in_an_application(lab, tmp_path):
    """`AWS::Serverless::Application` with a template of its own, by `sam build` and `sam deploy`."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner/app.py").write_text("def handler(event, context):\n    return event['word'] * 2\n")
    (tmp_path / "inner/template.yaml").write_text(f"""
Transform: AWS::Serverless-2016-10-31
Resources:
  Twice: {{Type: AWS::Serverless::Function, Properties: {{Runtime: {RUNTIME}, Handler: app.handler, CodeUri: .}}}}
Outputs: {{Name: {{Value: !Ref Twice}}}}
""")
    (tmp_path / "template.yaml").write_text("""
Transform: AWS::Serverless-2016-10-31
Resources:
  Inner: {Type: AWS::Serverless::Application, Properties: {Location: inner/template.yaml}}
Outputs: {Name: {Value: !GetAtt Inner.Outputs.Name}}
""")
    built = client(lab, "sam", "build", cwd=tmp_path)
    assert built.code == 0, built
    answer = client(lab, "sam", "deploy", "--stack-name", "outer", "--resolve-s3", "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND",
                    "--no-confirm-changeset", cwd=tmp_path)
    assert answer.code == 0, f"{answer}\n{events(lab, 'outer')}"
    assert invoke(lab, outputs(lab, "outer")["Name"], {"word": "ab"}) == (None, "abab")
    # Not by `sam delete`: it reads the nested template's URL, and takes that of no other endpoint than AWS's.
    delete(lab, "outer")
