"""`vpclab trace`: packets followed live, and the rule that dropped them named by its id."""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time

import pytest

import harness
import topology
from topology import tcp

AS_ORDINARY_USER_TOO = True


@pytest.fixture(scope="module")
def world(lab):
    return topology.World(lab)


class Trace:
    """A running `vpclab trace --json`: its lines as they come."""

    def __init__(self, lab, *arguments):
        command = [*lab.user.prefix(), str(lab.binary), "--state", str(lab.state), "trace", "--json", "--for", "30", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=lab.environment(), cwd="/")
        self.packets, self.more = [], threading.Condition()
        self.first = json.loads(self.process.stdout.readline() or "null")
        assert self.first, self.process.stderr.read()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            with self.more:
                self.packets.append(json.loads(line))
                self.more.notify_all()

    def wait_for(self, check, patience=60):
        with self.more:
            assert self.more.wait_for(lambda: any(check(packet) for packet in self.packets), patience), self.packets
            return next(packet for packet in self.packets if check(packet))


@contextlib.contextmanager
def tracing(lab, *arguments):
    trace = Trace(lab, *arguments)
    try:
        yield trace
    finally:
        trace.process.kill()
        trace.process.wait()


def interface(network, instance):
    seen = network.ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    return seen["NetworkInterfaces"][0]["NetworkInterfaceId"]


def steps(packet):
    return {step["gate"]: (step["passed"], step["by"]) for step in packet["steps"]}


def acl_of(network, subnet):
    (acl,) = network.ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["NetworkAcls"]
    return acl["NetworkAclId"]


def group_of(network, instance):
    seen = network.ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    return seen["SecurityGroups"][0]["GroupId"]


def sgr(network, group, egress):
    rules = network.ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    return {rule["SecurityGroupRuleId"] for rule in rules if rule["IsEgress"] == egress}


def test_every_gate_that_let_a_packet_pass_is_named(lab, world):
    client, (endpoint,) = interface(world.seoul, world.client), world.seoul.seen(world.endpoint)["NetworkInterfaceIds"]
    with tracing(lab, "--from", world.client, world.url) as trace:
        assert trace.first["interface"] == client
        assert lab.curl(world.client, world.url).status == 200
        syn = trace.wait_for(lambda packet: packet["destinationPort"] == 443 and packet["flags"] == "SYN")
        back = trace.wait_for(lambda packet: packet["sourcePort"] == 443 and packet["flags"] == "SYN ACK")
    assert (syn["vpc"], syn["from"], syn["to"], syn["outcome"]) == (world.seoul.vpc, client, endpoint, "delivered")
    seen = steps(syn)
    assert all(passed for passed, _ in seen.values()), seen
    assert list(seen) == ["source check", "security groups out", "network ACL out", "route", "network ACL in", "security groups in"]
    group, rule = seen["security groups out"][1].split()
    assert group == world.client_group and rule in sgr(world.seoul, group, True)
    group, rule = seen["security groups in"][1].split()
    assert group == world.endpoint_group and rule in sgr(world.seoul, group, False)
    acl = acl_of(world.seoul, world.seoul.subnet)
    assert (seen["network ACL out"][1], seen["network ACL in"][1]) == (f"{acl} out 100", f"{acl} in 100")
    assert seen["route"][1] == f"{world.seoul.table} 10.0.0.0/16 -> local"
    assert steps(back)["security groups in"] == (True, "tracked flow")
    # The resolver's packets are not of this target.
    assert not [packet for packet in trace.packets if packet["protocol"] == 17]


def test_the_group_that_drops_is_named(lab, world):
    (endpoint,) = world.seoul.seen(world.endpoint)["NetworkInterfaceIds"]
    rule = {"GroupId": world.endpoint_group, "IpPermissions": [tcp(443, group=world.client_group)]}
    with tracing(lab, "--from", "seoul", f"{world.address}:443") as trace:
        # A rule that changes while packets are followed.
        world.seoul.ec2.revoke_security_group_ingress(**rule)
        try:
            assert lab.curl(world.client, world.url).code == 28
            dropped = trace.wait_for(lambda packet: packet["outcome"] == "dropped")
        finally:
            world.seoul.ec2.authorize_security_group_ingress(**rule)
        assert dropped["steps"][-1] == {"gate": "security groups in", "passed": False,
                                        "by": f"{endpoint}: no security group rule lets it in ({world.endpoint_group})"}
        assert lab.curl(world.client, world.url).status == 200
        trace.wait_for(lambda packet: packet["outcome"] == "delivered" and packet["sourcePort"] == 443)


def test_the_network_acl_entry_that_drops_is_named(lab, world):
    acl = acl_of(world.seoul, world.seoul.subnet)
    entry = {"NetworkAclId": acl, "RuleNumber": 7, "Egress": False}
    world.seoul.ec2.create_network_acl_entry(**entry, Protocol="6", RuleAction="deny", CidrBlock=f"{world.address}/32",
                                             PortRange={"From": 1024, "To": 65535})
    try:
        with tracing(lab, "--from", world.client) as trace:
            assert lab.curl(world.client, world.url).code == 28
            dropped = trace.wait_for(lambda packet: packet["outcome"] == "dropped")
            # Without a target the resolver's packets are followed too.
            trace.wait_for(lambda packet: packet["destinationPort"] == 53 and packet["outcome"] == "taken by the router")
    finally:
        world.seoul.ec2.delete_network_acl_entry(**entry)
    assert dropped["sourcePort"] == 443, "the answer, not the call"
    assert dropped["steps"][-1] == {"gate": "network ACL in", "passed": False, "by": f"{acl} in 7"}


def test_the_route_that_leads_nowhere_is_named(lab, world):
    with tracing(lab, "--from", world.client) as trace:
        assert lab.curl(world.client, "https://10.9.9.9/").code == 28
        dropped = trace.wait_for(lambda packet: packet["destination"] == "10.9.9.9")
        assert lab.curl(world.client, "https://10.0.2.77/").code == 28
        nobody = trace.wait_for(lambda packet: packet["destination"] == "10.0.2.77")
    assert dropped["steps"][-1] == {"gate": "route", "passed": False, "by": f"{world.seoul.table} has no route to 10.9.9.9"}
    assert nobody["steps"][-1]["by"] == f"{world.seoul.table} 10.0.0.0/16 -> local, and nothing there has the address 10.0.2.77"


def test_packets_are_followed_over_a_peering(lab, world):
    remote = interface(world.oregon, world.remote)
    with tracing(lab, "--from", world.remote, world.alias_url) as trace:
        assert lab.curl(world.remote, world.alias_url).status == 200
        there = trace.wait_for(lambda packet: packet["vpc"] == world.oregon.vpc and packet["flags"] == "SYN")
        here = trace.wait_for(lambda packet: packet["vpc"] == world.seoul.vpc and packet["flags"] == "SYN")
    assert (there["from"], there["to"], there["outcome"]) == (remote, world.peering, "over the peering")
    assert steps(there)["route"] == (True, f"{world.oregon.table} 10.0.0.0/16 -> {world.peering}")
    assert (here["from"], here["outcome"]) == (world.peering, "delivered")
    # The way back has no route any more: it is Seoul's table that drops it.
    world.seoul.ec2.delete_route(RouteTableId=world.seoul.table, DestinationCidrBlock=world.oregon.cidr)
    try:
        with tracing(lab, "--from", world.remote, world.alias_url) as trace:
            assert lab.curl(world.remote, world.alias_url).code == 28
            dropped = trace.wait_for(lambda packet: packet["outcome"] == "dropped")
    finally:
        world.seoul.route_to(world.oregon.cidr, world.peering)
    assert (dropped["vpc"], dropped["flags"]) == (world.seoul.vpc, "SYN ACK")
    assert dropped["steps"][-1]["by"] == f"{world.seoul.table} has no route to {world.oregon.address(world.remote)}"


def test_for_people_each_way_once(lab, world):
    command = [*lab.user.prefix(), str(lab.binary), "--state", str(lab.state), "trace", "--from", "seoul", "--for", "4", world.url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=lab.environment(), cwd="/")
    assert process.stdout.readline().startswith("tracing packets of eni-")
    assert lab.curl(world.client, world.url).status == 200
    out = process.stdout.read()
    assert process.wait() == 0
    assert "pass  security groups out" in out and "delivered eni-" in out and out.endswith("each way was shown once\n"), out


def test_what_cannot_be_traced_is_said(lab, world):
    for arguments, word in ((["--from", "nobody"], "there is no instance"), (["--from", "seoul", "https://nowhere.example/"], "has no address"),
                            (["--from", "seoul", "nowhere"], "is no URL")):
        answer = lab.vpclab("trace", *arguments)
        assert answer.code == 1 and word in answer.err, answer


def sockets(lab):
    """The daemon's open sockets. A trace's rules belong to one of them: the kernel takes them away with it."""
    found = set()
    for number in os.listdir(f"/proc/{lab.pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            found.add(os.readlink(f"/proc/{lab.pid}/fd/{number}"))
    return {name for name in found if name.startswith("socket:")}


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "1e99", "abc"])
def test_a_trace_lasts_a_while_that_there_is(lab, world, seconds):
    answer = lab.vpclab("trace", "--from", world.client, "--for", seconds)
    assert answer.code == 2 and "a trace lasts 0.01 to 86400 seconds" in answer.err, answer


def test_the_rules_go_with_the_client(lab, world):
    """After traces that were killed nothing is left of them in the daemon, and a new trace sees each packet once."""
    with tracing(lab, "--from", world.client, world.url):
        pass
    before = sockets(lab)
    for _ in range(10):
        with tracing(lab, "--from", world.client, world.url):
            assert sockets(lab) - before, "a trace has no socket: this test proves nothing"
    # Well before the traces would have ended by themselves.
    until = time.monotonic() + 15
    while left := sockets(lab) - before:
        assert time.monotonic() < until, f"left of killed traces: {left}"
        time.sleep(0.05)
    with tracing(lab, "--from", world.client, world.url) as trace:
        assert lab.curl(world.client, world.url).status == 200
        trace.wait_for(lambda packet: packet["flags"] == "SYN")
        trace.wait_for(lambda packet: "FIN" in packet["flags"])
    assert len([packet for packet in trace.packets if packet["flags"] == "SYN"]) == 1


def test_an_interrupt_ends_it_with_the_summary(lab, world):
    command = [*lab.user.prefix(), str(lab.binary), "--state", str(lab.state), "trace", "--from", world.client, world.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=lab.environment(), cwd="/") as process:
        try:
            assert process.stdout.readline().startswith("tracing packets of "), process.stderr.read()
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=15)
        finally:
            process.kill()
    assert process.returncode == 0 and "packets: " in out and "each way was shown once\n" in out, (process.returncode, out, err)


def test_more_traces_than_run_at_once_are_refused(lab, world):
    def answer():
        return lab.vpclab("trace", "--from", world.client, "--for", "0.01", world.url)

    with contextlib.ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(tracing(lab, "--from", world.client, world.url))
        refused = answer()
        assert refused.code == 1 and "8 traces are running, and no more run at once" in refused.err, refused
    # The places come back with the clients' ends.
    until = time.monotonic() + 15
    while (again := answer()).code != 0:
        assert time.monotonic() < until, again
        time.sleep(0.05)
