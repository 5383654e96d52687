"""`vpclab check`: expectations in files, judged and by packets, with the reports that a CI reads."""

import json
import xml.etree.ElementTree

import pytest
from topology import World, only_endpoint

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
