"""The lab as a whole: its commands and exit codes, its state over ends of all kinds, and several side by side."""

import concurrent.futures
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import botocore.exceptions
import pytest

import harness
import topology
from harness import ACCOUNT, OREGON, SEOUL

AS_ORDINARY_USER_TOO = True


def ask(lab, path, method="GET"):
    request = urllib.request.Request(lab.url + path, method=method, data=b"" if method == "POST" else None)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def wait_gone(pid, start, patience=60):
    until = time.monotonic() + patience
    while harness.start_time(pid) == start:
        assert time.monotonic() < until, f"process {pid} lives on"
        time.sleep(0.02)


# Without a lab.


def test_commands_without_a_lab(fresh):
    lab = fresh()
    for command in (["down"], ["status"], ["status", "--json"], ["env"], ["topology"], ["exec", "i-1", "--", "true"], ["shell", "i-1"]):
        answer = lab.vpclab(*command)
        assert (answer.code, answer.out) == (3, ""), (command, answer)
        assert answer.err == f"error: no lab is running at `{lab.state}`\nhint: start one with `vpclab up`, or name another with --state DIR\n"
    assert not lab.state.exists(), "asking made a directory"


def test_wrong_usage(fresh):
    lab = fresh()
    for command in ([], ["fly"], ["up", "--listen", "nowhere"], ["exec", "i-1"], ["exec", "i-1", "--"]):
        answer = lab.vpclab(*command)
        assert answer.code == 2 and answer.out == "" and answer.err, (command, answer)


def test_version_help_and_completions(fresh):
    lab = fresh()
    assert lab.vpclab("version").out.startswith("vpclab 0.")
    assert "Exit codes:" in lab.vpclab("--help").out
    for shell in ("bash", "zsh", "fish"):
        answer = lab.vpclab("completions", shell)
        assert answer.code == 0 and "vpclab" in answer.out and "topology" in answer.out
    bash = harness.run(["bash", "-n"], stdin=lab.vpclab("completions", "bash").out.encode())
    assert bash.code == 0, bash


# With one.


def test_env_status_and_topology(fresh):
    with harness.running(fresh()) as lab:
        script = 'eval "$("$VPCLAB" --state "$STATE" env)"; echo "$AWS_ENDPOINT_URL $AWS_DEFAULT_REGION $VPCLAB_STATE"'
        command = [*lab.user.prefix(), "sh", "-ec", script]
        said = harness.run(command, env={**lab.environment(), "VPCLAB": str(lab.binary), "STATE": str(lab.state)}, cwd="/")
        assert said.out == f"{lab.url} {SEOUL} {lab.state}\n", said
        assert f"vpclab 0.1.0 is up on {lab.url} (process {lab.pid})" in lab.vpclab("status").out
        health = json.loads(lab.vpclab("status", "--json").out)
        assert (health["status"], health["ephemeral"], set(health["resources"].values())) == ("running", True, {0})
        empty = lab.vpclab("topology")
        assert (empty.code, empty.out) == (0, "") and "the lab is empty" in empty.err
        world = topology.World(lab)
        seen = json.loads(lab.vpclab("topology", "--json").out)
        assert sorted((vpc["region"], vpc["cidrs"][0]) for vpc in seen["vpcs"]) == [(SEOUL, "10.0.0.0/16"), (OREGON, "10.1.0.0/16")]
        assert [(p["id"], p["requester"], p["accepter"]) for p in seen["peerings"]] == [(world.peering, world.seoul.vpc, world.oregon.vpc)]
        assert [(a["id"], a["endpointType"], a["stages"], a["account"]) for a in seen["apis"]] == [(world.api, "PRIVATE", ["dev"], ACCOUNT)]
        text = lab.vpclab("topology").out
        for word in (world.seoul.vpc, world.endpoint, world.address, world.client, "(seoul)", world.peering, world.api, "route 10.1.0.0/16"):
            assert word in text, word
        assert "\x1b" not in text


def test_health_and_reset(fresh):
    with harness.running(fresh()) as lab:
        world = topology.World(lab)
        assert ask(lab, "/_vpclab/health")[1]["resources"]["instances"] == 2
        status, answer = ask(lab, "/_localstack/health")
        assert status == 200 and answer["services"]["ec2"] == answer["services"]["apigateway"] == "running"
        for number, path in enumerate(("/_vpclab/reset", "/moto-api/reset", "/_localstack/state/reset")):
            processes, spaces = harness.processes_of(lab.pid)
            assert ask(lab, path, "POST") == (200, {"status": "ok"})
            assert set(ask(lab, "/_vpclab/health")[1]["resources"].values()) == {0}
            assert lab.ec2().describe_vpcs()["Vpcs"] == [] and lab.apigateway().get_rest_apis()["items"] == []
            left = {pid for pid, start in processes if pid != lab.pid and harness.start_time(pid) == start}
            assert left == set(), "processes of instances outlived the reset"
            assert lab.vpclab("exec", world.client, "--", "true").code == 1
            if number < 2:
                world = topology.World(lab)
                assert lab.curl(world.client, world.url).body == topology.PETS
        assert ask(lab, "/_vpclab/nothing")[0] == 404


def test_a_lab_that_keeps_its_state_is_not_reset(fresh):
    lab = fresh(ephemeral=False).up()
    vpc = lab.ec2().create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for path in ("/_vpclab/reset", "/moto-api/reset"):
        status, answer = ask(lab, path, "POST")
        assert status == 409 and answer["hint"] == "start it with `vpclab up --ephemeral`"
    assert lab.ec2().describe_vpcs()["Vpcs"][0]["VpcId"] == vpc
    lab.down()


def test_a_web_page_cannot_reset_a_lab(fresh):
    with harness.running(fresh()) as lab:
        vpc = lab.ec2().create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        request = urllib.request.Request(lab.url + "/_vpclab/reset", method="POST", headers={"Origin": "https://example.com"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        assert refused.value.code == 403
        assert lab.ec2().describe_vpcs()["Vpcs"][0]["VpcId"] == vpc


def test_up_twice_and_a_port_in_use(fresh):
    with harness.running(fresh()) as lab:
        again = lab.vpclab("up", "--listen", "127.0.0.1:0")
        assert again.code == 1 and f"a lab is running at `{lab.state}` already, on {lab.url.removeprefix('http://')}" in again.err, again
        other = fresh()
        answer = other.vpclab("up", "--ephemeral", "--listen", lab.url.removeprefix("http://"))
        assert answer.code == 1 and lab.url.removeprefix("http://") in answer.err and "in use" in answer.err and "hint:" in answer.err, answer
        assert other.vpclab("status").code == 3
        assert ask(lab, "/_vpclab/health")[0] == 200


def test_two_labs_side_by_side(fresh):
    """The same CIDRs in both; neither knows of the other, and one's end is not the other's."""
    with harness.running(fresh()) as one:
        with harness.running(fresh()) as two:
            worlds = [topology.World(lab) for lab in (one, two)]
            assert worlds[0].api != worlds[1].api
            for world, other in (worlds, worlds[::-1]):
                assert world.lab.curl(world.client, world.url).body == topology.PETS
                assert world.lab.curl(world.remote, world.alias_url).body == topology.PETS
                assert world.lab.vpclab("exec", other.client, "--", "true").code == 1
                reply = world.lab.curl(world.client, f"https://{other.seoul.host(other.api)}/dev/pets")
                assert (reply.status, reply.body) == (403, '{"message":"Forbidden"}')
        world = worlds[0]
        assert world.lab.curl(world.client, world.url).body == topology.PETS


# State.


def picture(lab):
    """All that the control plane says of a world, as AWS's clients see it."""
    seen = {}
    for region in (SEOUL, OREGON):
        ec2, apigateway = lab.ec2(region), lab.apigateway(region)
        for call, key in (("describe_vpcs", "Vpcs"), ("describe_subnets", "Subnets"), ("describe_security_groups", "SecurityGroups"),
                          ("describe_security_group_rules", "SecurityGroupRules"), ("describe_route_tables", "RouteTables"),
                          ("describe_vpc_peering_connections", "VpcPeeringConnections"), ("describe_vpc_endpoints", "VpcEndpoints"),
                          ("describe_network_interfaces", "NetworkInterfaces"), ("describe_instances", "Reservations"), ("describe_tags", "Tags")):
            seen[region, key] = getattr(ec2, call)()[key]
        for api in apigateway.get_rest_apis()["items"]:
            seen[region, api["id"]] = [api, apigateway.get_resources(restApiId=api["id"], embed=["methods"])["items"],
                                       apigateway.get_deployments(restApiId=api["id"])["items"], apigateway.get_stages(restApiId=api["id"])["item"]]
    return seen


def assert_same_world(lab, world, before, mark):
    assert picture(lab) == before
    world.lab = lab
    assert lab.curl(world.client, world.url).body == topology.PETS
    assert lab.curl(world.remote, world.alias_url).body == topology.PETS
    assert lab.curl(world.remote, world.url).code == 6
    assert lab.inside(world.client, "cat", "/srv/mark").out == mark


def rebind(world, lab):
    """The clients of a world, for the lab's new port."""
    for network in (world.seoul, world.oregon):
        network.lab, network.ec2, network.apigateway = lab, lab.ec2(network.region), lab.apigateway(network.region)


def test_state_comes_back_after_down_and_up(fresh):
    lab = fresh(ephemeral=False)
    with harness.running(lab):
        world = topology.World(lab)
        # The policy as edited and not deployed, and as deployed: both come back.
        world.seoul.set_policy(world.api, topology.only_endpoint("vpce-00000000000000000"), deploy=None)
        lab.inside(world.client, "sh", "-ec", "mkdir -p /srv; printf kept > /srv/mark")
        authority = lab.inside(world.client, "cat", "/etc/ssl/certs/vpclab-authority.pem").out
        before = picture(lab)
    assert lab.state.exists()
    with harness.running(lab):
        assert_same_world(lab, world, before, "kept")
        assert lab.inside(world.client, "cat", "/etc/ssl/certs/vpclab-authority.pem").out == authority, "the authority is made once"
        rebind(world, lab)
        world.seoul.apigateway.create_deployment(restApiId=world.api, stageName="dev")
        assert lab.curl(world.client, world.url).body == topology.anonymous(world.api)


def test_state_comes_back_after_kill_minus_nine(fresh):
    """Nothing acknowledged is lost, nothing is left behind: no process, no mount, no namespace."""
    lab = fresh(ephemeral=False)
    machine = harness.Machine.now()
    lab.up()
    world = topology.World(lab)
    lab.inside(world.client, "sh", "-ec", "mkdir -p /srv; printf kept > /srv/mark; setsid sleep 1000 > /dev/null 2>&1 &")
    before = picture(lab)
    processes, spaces = harness.processes_of(lab.pid)
    assert len(processes) >= 3
    kill(lab)
    harness.assert_nothing_left(lab, processes, spaces, machine)
    assert lab.vpclab("status").code == 3
    with harness.running(lab):
        assert_same_world(lab, world, before, "kept")


def kill(lab):
    """`kill -9` as the lab's user; returns when the process is gone."""
    start = harness.start_time(lab.pid)
    os.kill(lab.pid, signal.SIGKILL)
    wait_gone(lab.pid, start)


def test_an_ephemeral_lab_that_is_killed_leaves_no_process(fresh):
    lab = fresh()
    machine = harness.Machine.now()
    lab.up()
    topology.World(lab)
    processes, spaces = harness.processes_of(lab.pid)
    kill(lab)
    lab.ephemeral = False  # Its notes stay where the kill left them; the next `up` takes them over.
    harness.assert_nothing_left(lab, processes, spaces, machine)
    lab.ephemeral = True
    with harness.running(lab):
        assert lab.ec2().describe_vpcs()["Vpcs"] == []


def test_nothing_acknowledged_is_lost_when_killed_amid_writes(fresh):
    """Writers hammer the lab while it is killed. What was answered is there afterwards; what was not may or may not be, but whole."""
    lab = fresh(ephemeral=False).up()
    acknowledged, errors = [], []

    def write(region):
        ec2 = harness.boto3.client("ec2", region_name=region, endpoint_url=lab.url, config=harness.CONFIG,
                                   aws_access_key_id=ACCOUNT, aws_secret_access_key="vpclab")
        try:
            while len(acknowledged) < 400:
                vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
                acknowledged.append((region, "vpc", vpc))
                subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
                acknowledged.append((region, "subnet", subnet))
        except botocore.exceptions.BotoCoreError as error:
            errors.append(error)
        except botocore.exceptions.ClientError as error:
            # The limit of VPCs is as good an end as any.
            assert error.response["Error"]["Code"] == "VpcLimitExceeded", error

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(write, region) for region in (SEOUL, OREGON, "eu-west-1")]
        while len(acknowledged) < 20:
            assert not any(writer.done() and writer.exception() for writer in writers), [writer.exception() for writer in writers if writer.done()]
            time.sleep(0.005)
        kill(lab)
        for writer in writers:
            writer.result()
    assert errors, "the kill interrupted nobody: this test proved nothing"
    lab.up()
    for region in (SEOUL, OREGON, "eu-west-1"):
        ec2 = lab.ec2(region)
        vpcs = {vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]}
        subnets = {subnet["SubnetId"]: subnet["VpcId"] for subnet in ec2.describe_subnets()["Subnets"]}
        assert {name for where, kind, name in acknowledged if (where, kind) == (region, "vpc")} <= vpcs
        assert {name for where, kind, name in acknowledged if (where, kind) == (region, "subnet")} <= set(subnets)
        assert set(subnets.values()) <= vpcs
        tables = ec2.describe_route_tables()["RouteTables"]
        assert {table["VpcId"] for table in tables} == vpcs, "half a VPC was kept"
    lab.down()


def test_stopped_and_terminated_instances_stay_so(fresh):
    lab = fresh(ephemeral=False)
    with harness.running(lab):
        network = topology.Network(lab, SEOUL, "10.0.0.0/16")
        stopped, terminated = network.instance(), network.instance()
        lab.inside(stopped, "sh", "-ec", "mkdir -p /srv; printf kept > /srv/mark")
        network.ec2.stop_instances(InstanceIds=[stopped])
        network.ec2.terminate_instances(InstanceIds=[terminated])
    with harness.running(lab):
        ec2 = lab.ec2()
        states = {i["InstanceId"]: i["State"]["Name"] for r in ec2.describe_instances()["Reservations"] for i in r["Instances"]}
        assert states == {stopped: "stopped", terminated: "terminated"}
        assert lab.vpclab("exec", stopped, "--", "true").code == 1
        ec2.start_instances(InstanceIds=[stopped])
        assert lab.inside(stopped, "cat", "/srv/mark").out == "kept"


# The control plane under bad clients.


def test_a_client_that_says_nothing_does_not_block_others(fresh):
    with harness.running(fresh()) as lab:
        host, port = lab.url.removeprefix("http://").split(":")
        held = [socket.create_connection((host, int(port)), 5) for _ in range(50)]
        for silent in held[:25]:
            silent.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nAction=")
        assert ask(lab, "/_vpclab/health")[0] == 200
        assert lab.ec2().describe_vpcs()["Vpcs"] == []
        for silent in held:
            silent.close()


def test_when_a_call_returns_the_packets_obey_it(fresh):
    """No sleep anywhere: opened and closed in turn, each call is obeyed by the very next connection."""
    with harness.running(fresh()) as lab:
        network = topology.Network(lab, SEOUL, "10.0.0.0/16")
        group = network.group("endpoint")
        client = network.instance()
        endpoint = network.endpoint(group)
        api = network.api(topology.openapi({"/pets": {"get": topology.PETS}}, topology.only_endpoint(endpoint)))
        url = f"https://{network.host(api)}/dev/pets"
        rule = [topology.tcp(443, cidr=network.cidr)]
        for _ in range(5):
            network.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rule)
            assert lab.curl(client, url).status == 200
            network.ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rule)
            assert lab.curl(client, url, patience=0.5).code == 28
            network.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PrivateDnsEnabled=False)
            assert lab.curl(client, url).code == 6
            network.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PrivateDnsEnabled=True)


def test_down_ends_a_lab_under_load(fresh):
    """`down` while instances serve, commands run and clients wait."""
    lab = fresh()
    machine = harness.Machine.now()
    lab.up()
    world = topology.World(lab)
    command = [*lab.user.prefix(), str(lab.binary), "--state", str(lab.state), "exec", world.client, "--", "sh", "-c", "trap '' TERM; while :; do sleep 1; done"]
    with subprocess.Popen(command, env=lab.environment(), cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as busy:
        time.sleep(0.3)
        processes, spaces = harness.processes_of(lab.pid)
        began = time.monotonic()
        lab.down()
        assert time.monotonic() - began < 60
        assert busy.wait(timeout=30) != 0
    harness.assert_nothing_left(lab, processes, spaces, machine)


def test_another_user_cannot_use_the_lab(fresh):
    """State and processes are the user's own."""
    if os.geteuid() != 0:
        pytest.skip("needs a second user, and only root can be one")
    with harness.running(fresh()) as lab:
        instance = topology.Network(lab, SEOUL, "10.0.0.0/16").instance()
        stranger = harness.User("stranger", 54399)
        binary = harness.reachable_binary(stranger)
        answer = harness.run([*stranger.prefix(), binary, "--state", lab.state, "exec", instance, "--", "true"], env=lab.environment(), cwd="/")
        assert answer.code not in (0,), answer
        assert pathlib.Path(lab.state).stat().st_mode & 0o077 == 0
