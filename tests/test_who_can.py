"""Who can call and what can be called, as the running lab tells it; the mends of a request are applied as they are printed."""

import json
import subprocess
import urllib.request

import pytest
from harness import SEOUL
from topology import World, only_endpoint, policy, statement

AS_ORDINARY_USER_TOO = True


@pytest.fixture(scope="module")
def world(lab):
    world = World(lab)
    world.twin = world.seoul.instance(world.client_group, name="twin")
    world.lone = world.seoul.instance(world.seoul.default_group, name="lone")
    return world


def who_can(lab, url, *options):
    answer = lab.vpclab("who-can", "--json", *options, url)
    assert answer.code == 0, answer
    return json.loads(answer.out)


def ids(standing):
    return sorted(source["id"] for source in standing["sources"])


def test_equal_sources_stand_together(lab, world):
    seen = who_can(lab, world.url)
    assert seen["schema"] == "vpclab.who-can/1"
    can = [standing for standing in seen["standings"] if standing["verdict"] == "reachable"]
    assert [ids(standing) for standing in can] == [sorted([world.client, world.twin])]
    assert seen["counts"]["reachable"] == 2
    # And they can.
    for instance in (world.client, world.twin):
        assert lab.curl(instance, world.url).status == 200


def test_one_setting_is_named_with_what_mends_it(lab, world):
    seen = who_can(lab, world.url)
    [lone] = [standing for standing in seen["standings"] if ids(standing) == [world.lone]]
    assert lone["oneSettingAway"] and [blocker["cause"] for blocker in lone["blockers"]] == ["ENI_SG_RULES_MISMATCH"]
    assert lone["fixes"][0]["commands"][0].startswith("aws ec2 authorize-security-group-ingress ")
    text = lab.vpclab("who-can", world.url).out
    assert "can call it: 2\n" in text and world.lone in text and "authorize-security-group-ingress" in text, text


def test_a_url_or_a_path_that_is_none(lab, world):
    assert lab.vpclab("who-can", "pets").code == 1
    assert "no HTTP method" in lab.vpclab("who-can", "-X", "G T", world.url).err
    seen = who_can(lab, world.url.replace("/dev/", "/"))
    assert {blocker["cause"] for standing in seen["standings"] for blocker in standing["blockers"]} >= {"STAGE_NOT_FOUND"}


def test_what_one_instance_can_call(lab, world):
    answer = lab.vpclab("what-can", "--json", "seoul")
    assert answer.code == 0, answer
    [api] = json.loads(answer.out)["apis"]
    assert (api["api"], api["stage"], api["base"]) == (world.api, "dev", f"https://{world.seoul.host(world.api)}")
    assert {(method["method"], method["path"], method["verdict"]) for method in api["methods"]} == {
        ("GET", "/pets", "reachable"), ("GET", "/pets/{id}", "reachable")}
    # Behind the peering only the alias leads there.
    [api] = json.loads(lab.vpclab("what-can", "--json", "oregon").out)["apis"]
    assert api["base"] == f"https://{world.seoul.alias(world.api, world.endpoint)}"
    assert lab.curl(world.remote, f"{api['base']}/dev/pets").status == 200
    assert "ok GET     /pets" in lab.vpclab("what-can", "oregon").out
    assert lab.vpclab("what-can", "nobody").code == 1


def apply(lab, fix):
    """Runs the commands of a fix as they are printed, as its account."""
    for command in fix["commands"]:
        environment = {**lab.environment(), "AWS_ENDPOINT_URL": lab.url, "AWS_ACCESS_KEY_ID": fix["account"],
                       "AWS_SECRET_ACCESS_KEY": "vpclab", "AWS_PAGER": ""}
        done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, (command, done.stderr)


def explained(lab, source, url, *options):
    answer = lab.vpclab("explain", "--from", source, "--json", *options, url)
    return json.loads(answer.out)


def broken_endpoint_policy(world):
    document = policy(statement(resource=f"arn:aws:execute-api:{SEOUL}:000000000000:zzzzzzzzzz/*"))
    world.seoul.ec2.modify_vpc_endpoint(VpcEndpointId=world.endpoint, PolicyDocument=json.dumps(document))


def denying_endpoint_policy(world):
    document = policy(statement(resource="*"), statement("Deny", "*", NotIpAddress={"aws:VpcSourceIp": "10.9.0.0/16"}))
    world.seoul.ec2.modify_vpc_endpoint(VpcEndpointId=world.endpoint, PolicyDocument=json.dumps(document))


def another_endpoint(world):
    world.seoul.set_policy(world.api, only_endpoint("vpce-0fffffffffffffff0"))


def address_of_public_apis(world):
    document = policy(statement(), statement("Deny", NotIpAddress={"aws:SourceIp": "10.0.0.0/16"}))
    world.seoul.set_policy(world.api, document)


def silence(world):
    world.seoul.set_policy(world.api, policy(statement(StringEquals={"aws:SourceVpc": "vpc-0fffffffffffffff0"})))


def not_deployed(world):
    another_endpoint(world)
    world.seoul.set_policy(world.api, only_endpoint(world.endpoint), deploy=None)


def disabled(world):
    world.seoul.apigateway.update_rest_api(restApiId=world.api, patchOperations=[
        {"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "true"}])
    world.seoul.apigateway.create_deployment(restApiId=world.api, stageName="dev")


def no_stage(world):
    world.seoul.apigateway.delete_stage(restApiId=world.api, stageName="dev")


def public(world):
    world.seoul.apigateway.update_rest_api(restApiId=world.api, patchOperations=[
        *({"op": "remove", "path": "/endpointConfiguration/vpcEndpointIds", "value": world.endpoint} for _ in [0]),
        {"op": "replace", "path": "/endpointConfiguration/types/PRIVATE", "value": "REGIONAL"}])


def throttled(world):
    world.seoul.apigateway.update_stage(restApiId=world.api, stageName="dev", patchOperations=[
        {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": "0"}])


FAULTS = [
    (broken_endpoint_policy, ["ENDPOINT_POLICY_SILENT"]),
    (denying_endpoint_policy, ["ENDPOINT_POLICY_DENY"]),
    (another_endpoint, ["RESOURCE_POLICY_DENY"]),
    (address_of_public_apis, ["RESOURCE_POLICY_DENY"]),
    (silence, ["RESOURCE_POLICY_SILENT"]),
    (not_deployed, ["POLICY_NOT_DEPLOYED"]),
    (disabled, ["DEFAULT_ENDPOINT_DISABLED"]),
    (no_stage, ["STAGE_NOT_FOUND"]),
    (throttled, ["THROTTLED"]),
    (public, ["API_NOT_PRIVATE"]),
]


def emptied(lab):
    request = urllib.request.Request(lab.url + "/_vpclab/reset", method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.status == 200
    return World(lab)


def mended(lab, world, faults, causes):
    """Breaks, explains, applies what is printed as it stands, and calls."""
    for fault in faults:
        fault(world)
    seen = explained(lab, world.client, world.url)
    assert [blocker["cause"] for blocker in seen["blockers"]] == causes, json.dumps(seen, indent=1)
    curl = lab.curl(world.client, world.url)
    assert (curl.status, seen["outcome"]["kind"]) == (seen["outcome"]["status"], "http")
    if "gateway responses" not in seen["outcome"]["body"]:
        assert curl.body == seen["outcome"]["body"]
    for fix in seen["fixes"]:
        apply(lab, fix)
    seen = explained(lab, world.client, world.url)
    assert seen["verdict"] == "reachable", json.dumps(seen, indent=1)
    assert lab.curl(world.client, world.url).status == 200


@pytest.mark.parametrize(("fault", "causes"), FAULTS, ids=[fault.__name__ for fault, _ in FAULTS])
def test_a_fault_of_the_request_is_mended_as_printed(lab, fault, causes):
    mended(lab, emptied(lab), [fault], causes)


PAIRS = [
    ([broken_endpoint_policy, another_endpoint], ["ENDPOINT_POLICY_SILENT", "RESOURCE_POLICY_DENY"]),
    ([denying_endpoint_policy, not_deployed], ["ENDPOINT_POLICY_DENY", "POLICY_NOT_DEPLOYED"]),
    ([silence, disabled], ["DEFAULT_ENDPOINT_DISABLED", "RESOURCE_POLICY_SILENT"]),
    ([another_endpoint, no_stage], ["STAGE_NOT_FOUND", "RESOURCE_POLICY_DENY"]),
]


@pytest.mark.parametrize(("faults", "causes"), PAIRS, ids=["+".join(fault.__name__ for fault in faults) for faults, _ in PAIRS])
def test_two_faults_are_both_named_and_mended(lab, faults, causes):
    mended(lab, emptied(lab), faults, causes)
