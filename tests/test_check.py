"""`vpclab check`: expectations in files, judged and by packets, with the reports that a CI reads."""

import io
import json
import xml.etree.ElementTree
import zipfile

import pytest
from topology import World, mock, only_endpoint, policy, statement

AS_ORDINARY_USER_TOO = True

HOLDS = """
checks:
  - name: clients read pets
    from: {vpc: VPC, tag: {Name: seoul}}
    call: GET https://${api:pets}.execute-api.ap-northeast-2.amazonaws.com/dev/pets
    expect: 200
  - name: over the peering by the alias
    from: oregon
    call: https://${api:pets}-ENDPOINT.execute-api.ap-northeast-2.amazonaws.com/dev/pets
    expect: reachable
  - from: seoul
    call: https://${api:pets}.execute-api.ap-northeast-2.amazonaws.com/prod/pets
    expect: {blocked-by: STAGE_NOT_FOUND}
  - from: seoul
    call: DELETE https://${api:pets}.execute-api.ap-northeast-2.amazonaws.com/dev/pets
    expect: 403
  - name: nobody else
    never: {any: true, not: {group: client}}
    call: https://${api:pets}.execute-api.ap-northeast-2.amazonaws.com/dev/pets
"""


@pytest.fixture(scope="module")
def world(lab):
    return World(lab)


@pytest.fixture
def check(lab, world, tmp_path):
    def run(text, *options):
        file = lab.place / "checks.yaml"
        file.write_text(text.replace("VPC", world.seoul.vpc).replace("ENDPOINT", world.endpoint))
        return lab.vpclab("check", *options, str(file), timeout=180)
    return run


def test_all_hold_judged_and_by_packets(check):
    answer = check(HOLDS)
    assert answer.code == 0 and "5 of 5 hold" in answer.out, answer
    answer = check(HOLDS, "--probe", "--json")
    assert answer.code == 0, answer
    findings = json.loads(answer.out)["findings"]
    assert len(findings) == 5 and all(probe["met"] for finding in findings for probe in finding["probes"]), findings


def test_what_does_not_hold_is_told_with_its_line(lab, world, check):
    world.seoul.set_policy(world.api, only_endpoint("vpce-0fffffffffffffff0"))
    junit = lab.place / "junit.xml"
    try:
        answer = check(HOLDS, "--github", "--junit", str(junit))
        packets = check(HOLDS, "--probe")
    finally:
        world.seoul.set_policy(world.api, only_endpoint(world.endpoint))
    assert answer.code == 1 and "3 of 5 hold" in answer.out, answer
    file = lab.place / "checks.yaml"
    assert f"::error file={file},line=3,col=5,title=clients read pets::GET https://" in answer.out, answer
    assert "RESOURCE_POLICY_DENY" in answer.out
    root = xml.etree.ElementTree.parse(junit).getroot()
    assert (root.get("tests"), root.get("failures")) == ("5", "2")
    assert [case.get("line") for case in root.iter("testcase") if case.find("failure") is not None] == ["3", "7"]
    assert packets.code == 1 and "by packets" in packets.out, packets


def test_a_call_that_must_never_be_made(world, check):
    text = "checks:\n  - never: {vpc: VPC}\n    call: https://${api:pets}.execute-api.ap-northeast-2.amazonaws.com/dev/pets\n"
    answer = check(text)
    assert answer.code == 1 and "expected blocked, and the API answers" in answer.out and world.client in answer.out, answer


def test_checks_about_nobody_fail(check):
    text = "checks:\n  - never: {tag: {Name: ghost}}\n    call: https://${api:pets}.x.y/\n"
    assert "no source matches" in check(text).out
    assert check(text + "    or-none: true\n").code == 0
    assert "`${api:cats}` stands for nothing" in check(text.replace("pets", "cats")).out


def test_files_that_cannot_be_read(lab, check):
    file = lab.place / "checks.yaml"
    answer = check("checks:\n  - form: a\n", "--github")
    assert answer.code == 2 and f"{file}:2:5: `form` is not known here" in answer.err, answer
    assert f"::error file={file},line=2,col=5" in answer.out, answer
    assert lab.vpclab("check", "/nowhere.yaml").code == 2


def test_a_snapshot_is_checked_without_a_lab(lab, world, check):
    saved = lab.place / "snapshot.json"
    assert lab.vpclab("export", "-o", str(saved)).code == 0
    answer = check(HOLDS, "--snapshot", str(saved))
    assert answer.code == 0 and "5 of 5 hold" in answer.out, answer
    answer = lab.vpclab("who-can", "--snapshot", str(saved), world.url)
    assert "can call it: 1\n" in answer.out, answer


def test_a_source_that_does_not_run_is_judged_alone(world, check):
    """There is nobody to send packets from a stopped instance: what is judged stands, and the report says that nothing was sent."""
    stopped = world.seoul.instance(world.client_group)
    world.seoul.ec2.stop_instances(InstanceIds=[stopped])
    try:
        answer = check(f"checks:\n  - never: {stopped}\n    call: https://${{api:pets}}.execute-api.ap-northeast-2.amazonaws.com/dev/pets\n",
                       "--probe", "--json")
    finally:
        world.seoul.ec2.terminate_instances(InstanceIds=[stopped])
    (finding,) = json.loads(answer.out)["findings"]
    (probe,) = finding["probes"]
    assert answer.code == 0 and finding["holds"] and probe["met"] and "not running" in probe["outcome"]["notMade"], answer


FUNCTION = """
checks:
  - name: the function answers
    from: {vpc: VPC, tag: {Name: seoul}}
    call: GET https://${api:teapot}.execute-api.ap-northeast-2.amazonaws.com/dev/tea
    expect: 418
  - name: a mock's own status
    from: seoul
    call: GET https://${api:teapot}.execute-api.ap-northeast-2.amazonaws.com/dev/made
    expect: 201
"""


@pytest.fixture(scope="module")
def teapot(lab, world):
    """An API with a mock that answers 201 and a function that answers 418."""
    functions = lab.client("lambda")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = lab.client("iam").create_role(RoleName="teapot", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}))
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("app.py", "def handler(event, context):\n    return {'statusCode': 418}")
    arn = functions.create_function(FunctionName="teapot", Runtime="python3.12", Role=role["Role"]["Arn"], Handler="app.handler",
                                    Code={"ZipFile": data.getvalue()})["FunctionArn"]
    functions.add_permission(FunctionName="teapot", StatementId="api", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com")
    uri = f"arn:aws:apigateway:{world.seoul.region}:lambda:path/2015-03-31/functions/{arn}/invocations"
    paths = {"/tea": {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}, "/made": mock(status="201")}
    document = {"openapi": "3.0.1", "info": {"title": "teapot", "version": "1"}, "x-amazon-apigateway-policy": policy(statement()),
                "paths": {path: {"get": {"responses": {"201": {"description": "made"}}, "x-amazon-apigateway-integration": made}}
                          for path, made in paths.items()}}
    return world.seoul.api(json.dumps(document).encode())


def test_a_status_that_only_the_function_knows_is_not_judged(lab, teapot, check):
    junit = lab.place / "junit.xml"
    answer = check(FUNCTION, "--github", "--junit", str(junit))
    assert answer.code == 5 and "1 of 2 hold; 1 not judged without --probe" in answer.out, answer
    assert "?    " in answer.out and "::warning file=" in answer.out and "::error" not in answer.out, answer
    root = xml.etree.ElementTree.parse(junit).getroot()
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("2", "0", "1")
    answer = check(FUNCTION, "--json")
    told = json.loads(answer.out)
    assert answer.code == 5 and not told["holds"], answer
    assert [(one["holds"], one["notJudged"]) for one in told["findings"]] == [(False, True), (True, False)]
    assert "not judged without --probe" in told["findings"][0]["said"]
    wrong = check(FUNCTION.replace("201", "200"))
    assert wrong.code == 1 and "expected 200, and the API answers 201" in wrong.out, wrong


def test_packets_say_what_was_not_judged(teapot, check):
    answer = check(FUNCTION, "--probe")
    assert "not judged" not in answer.out, answer
    assert answer.code == 0 and "2 of 2 hold\n" in answer.out, answer
    answer = check(FUNCTION.replace("418", "200"), "--probe")
    assert answer.code == 1 and "1 of 2 hold\n" in answer.out and '"status":418' in answer.out, answer
