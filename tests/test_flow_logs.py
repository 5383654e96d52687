"""VPC flow logs: what the records say is what the packets did."""

import json
import time

import pytest
from botocore.exceptions import ClientError

import harness
import topology
from harness import ACCOUNT, SEOUL
from topology import tcp

AS_ORDINARY_USER_TOO = True

TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "vpc-flow-logs.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
DEFAULT = ["version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end",
           "action", "log-status"]
CUSTOM = ["vpc-id", "subnet-id", "instance-id", "interface-id", "flow-direction", "traffic-path", "tcp-flags", "type", "pkt-srcaddr",
          "pkt-dstaddr", "srcport", "dstport", "region", "az-id", "action", "version", "log-status", "reject-reason"]


@pytest.fixture(scope="module")
def world(lab):
    return topology.World(lab)


@pytest.fixture(scope="module")
def role(lab):
    return lab.client("iam").create_role(RoleName="flows", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]


@pytest.fixture
def flow_log(world, role):
    """Makes flow logs in Seoul; they are deleted at the end."""
    ec2, made = world.seoul.ec2, []

    def make(resource, kind, group, traffic="ALL", **options):
        answer = ec2.create_flow_logs(ResourceIds=[resource], ResourceType=kind, TrafficType=traffic, LogGroupName=group,
                                      **{"DeliverLogsPermissionArn": role, **options})
        assert answer["Unsuccessful"] == []
        made.extend(answer["FlowLogIds"])
        return answer["FlowLogIds"][0]

    yield make
    if made:
        ec2.delete_flow_logs(FlowLogIds=made)


def interface(world, instance):
    return world.seoul.ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["NetworkInterfaces"][0]["NetworkInterfaceId"]


def records(lab, group, stream, fields=None):
    try:
        events = lab.client("logs").get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)["events"]
    except ClientError as why:
        assert why.response["Error"]["Code"] == "ResourceNotFoundException", why
        return []
    return [dict(zip(fields or DEFAULT, event["message"].split(" "), strict=True)) for event in events]


def wait_for(lab, group, stream, wanted, fields=None, patience=60):
    """The records of a stream with these words; waits for the first one."""
    until = time.monotonic() + patience
    while True:
        seen = records(lab, group, stream, fields)
        found = [record for record in seen if all(record[name] == value for name, value in wanted.items())]
        if found:
            return found
        assert time.monotonic() < until, f"no {wanted} in {stream}: {seen}"
        time.sleep(0.1)


def until_it_holds(check, patience=60):
    """A flow that goes on over the end of an interval is two records, and each interface's come when its interval is over."""
    until = time.monotonic() + patience
    while True:
        try:
            return check()
        except AssertionError:
            if time.monotonic() >= until:
                raise
            time.sleep(0.1)


def total(found, name):
    return sum(int(record[name]) for record in found)


def test_a_call_is_accepted_both_ways(lab, world, flow_log):
    group, client = harness.unique("flows"), interface(world, world.client)
    flow_log(world.seoul.vpc, "VPC", group)
    before = int(time.time())
    assert lab.curl(world.client, world.url).status == 200
    out = wait_for(lab, group, f"{client}-all", {"dstport": "443", "action": "ACCEPT", "dstaddr": world.address})
    assert {(r["version"], r["account-id"], r["interface-id"], r["protocol"], r["log-status"]) for r in out} == {("2", ACCOUNT, client, "6", "OK")}
    assert all(before <= int(r["start"]) <= int(r["end"]) <= int(time.time()) for r in out)
    # The same flow as its answers, and as the endpoint's interface sees it.
    (endpoint,) = world.seoul.seen(world.endpoint)["NetworkInterfaceIds"]
    port = out[0]["srcport"]
    flow = {"srcport": port, "dstport": "443", "action": "ACCEPT"}

    def the_same_flow():
        out = wait_for(lab, group, f"{client}-all", {**flow, "dstaddr": world.address})
        back = wait_for(lab, group, f"{client}-all", {"srcport": "443", "dstport": port, "srcaddr": world.address, "action": "ACCEPT"})
        there = wait_for(lab, group, f"{endpoint}-all", flow)
        assert (total(there, "packets"), total(there, "bytes")) == (total(out, "packets"), total(out, "bytes"))
        assert total(out, "packets") > 4 and total(back, "bytes") > 1000

    until_it_holds(the_same_flow)
    # Neither the resolver's packets nor a rejected flow is there: AWS logs no traffic with its DNS server.
    seen = records(lab, group, f"{client}-all")
    assert not [r for r in seen if "53" in (r["srcport"], r["dstport"]) or r["action"] == "REJECT"]


def test_what_a_security_group_drops_is_rejected_at_its_interface(lab, world, flow_log):
    group, client = harness.unique("flows"), interface(world, world.client)
    (endpoint,) = world.seoul.seen(world.endpoint)["NetworkInterfaceIds"]
    flow_log(endpoint, "NetworkInterface", group, "REJECT")
    flow_log(client, "NetworkInterface", group, "ALL")
    rule = {"GroupId": world.endpoint_group, "IpPermissions": [tcp(443, group=world.client_group)]}
    world.seoul.ec2.revoke_security_group_ingress(**rule)
    try:
        assert lab.curl(world.client, world.url).code == 28
        rejected = wait_for(lab, group, f"{endpoint}-reject", {"dstport": "443", "action": "REJECT"})
        # It left the client's interface all the same.
        port = rejected[0]["srcport"]
        wait_for(lab, group, f"{client}-all", {"srcport": port, "dstport": "443", "action": "ACCEPT"})
    finally:
        world.seoul.ec2.authorize_security_group_ingress(**rule)
    assert lab.curl(world.client, world.url).status == 200
    assert {r["action"] for r in records(lab, group, f"{endpoint}-reject")} == {"REJECT"}


def test_what_a_network_acl_drops_is_rejected(lab, world, flow_log):
    group, client = harness.unique("flows"), interface(world, world.client)
    flow_log(world.seoul.subnet, "Subnet", group)
    ec2, filters = world.seoul.ec2, [{"Name": "association.subnet-id", "Values": [world.seoul.subnet]}]
    (acl,) = ec2.describe_network_acls(Filters=filters)["NetworkAcls"]
    entry = {"NetworkAclId": acl["NetworkAclId"], "RuleNumber": 50, "Egress": True}
    ec2.create_network_acl_entry(**entry, Protocol="6", RuleAction="deny", CidrBlock=f"{world.address}/32", PortRange={"From": 443, "To": 443})
    try:
        assert lab.curl(world.client, world.url).code == 28
        rejected = wait_for(lab, group, f"{client}-all", {"dstport": "443", "action": "REJECT"})
        assert not [r for r in records(lab, group, f"{client}-all") if r["srcport"] == rejected[0]["srcport"] and r["action"] == "ACCEPT"]
    finally:
        ec2.delete_network_acl_entry(**entry)
    # The way back is a gate of its own: the request was accepted, the answer is not.
    entry["Egress"] = False
    ec2.create_network_acl_entry(**entry, Protocol="6", RuleAction="deny", CidrBlock=f"{world.address}/32", PortRange={"From": 1024, "To": 65535})
    try:
        assert lab.curl(world.client, world.url).code == 28
        rejected = wait_for(lab, group, f"{client}-all", {"srcport": "443", "action": "REJECT"})
        wait_for(lab, group, f"{client}-all", {"srcport": rejected[0]["dstport"], "dstport": "443", "action": "ACCEPT"})
    finally:
        ec2.delete_network_acl_entry(**entry)


def test_a_missing_route_leaves_an_accepted_flow_without_an_answer(lab, world, flow_log):
    group, client = harness.unique("flows"), interface(world, world.client)
    flow_log(client, "NetworkInterface", group)
    assert lab.curl(world.client, "https://10.9.9.9/").code == 28
    out = wait_for(lab, group, f"{client}-all", {"dstaddr": "10.9.9.9"})
    assert {r["action"] for r in out} == {"ACCEPT"}
    assert not [r for r in records(lab, group, f"{client}-all") if r["srcaddr"] == "10.9.9.9"]


def test_a_custom_format_by_the_aws_command(lab, world, role, aws):
    """`aws ec2 create-flow-logs` and `aws logs`, as documented; over the peering the path is 5."""
    group = harness.unique("flows")
    client = interface(world, world.client)

    def run(*arguments):
        env = {**lab.environment(), "AWS_ENDPOINT_URL": lab.url, "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": SEOUL}
        answer = harness.run([aws, *arguments], env=env)
        assert answer.code == 0, answer
        return json.loads(answer.out) if answer.out.strip() else None

    made = run("ec2", "create-flow-logs", "--resource-type", "NetworkInterface", "--resource-ids", client, "--traffic-type", "ACCEPT",
               "--log-destination", f"arn:aws:logs:{SEOUL}:{ACCOUNT}:log-group:{group}", "--deliver-logs-permission-arn", role,
               "--max-aggregation-interval", "60", "--log-format", " ".join(f"${{{name}}}" for name in CUSTOM))
    (flow_log,) = made["FlowLogIds"]
    (shown,) = run("ec2", "describe-flow-logs", "--flow-log-ids", flow_log)["FlowLogs"]
    assert (shown["LogGroupName"], shown["LogDestination"]) == (group, f"arn:aws:logs:{SEOUL}:{ACCOUNT}:log-group:{group}")
    assert (shown["DeliverLogsStatus"], shown["FlowLogStatus"], shown["MaxAggregationInterval"]) == ("SUCCESS", "ACTIVE", 60)
    assert lab.curl(world.client, world.url).status == 200
    lab.curl(world.client, f"https://{world.oregon.address(world.remote)}/")

    def opened():
        """The record of the call's first packets: the last ones of a call before may be another."""
        found = wait_for(lab, group, f"{client}-accept", {"dstport": "443", "pkt-dstaddr": world.address}, CUSTOM)
        (first, *_) = [record for record in found if int(record["tcp-flags"]) & 2] or [None]
        assert first, found
        return first

    near = until_it_holds(opened)
    address = world.seoul.address(world.client)
    wanted = {"vpc-id": world.seoul.vpc, "subnet-id": world.seoul.subnet, "instance-id": world.client, "flow-direction": "egress",
              "traffic-path": "1", "type": "IPv4", "pkt-srcaddr": address, "region": SEOUL, "version": "8", "reject-reason": "-"}
    assert {name: near[name] for name in wanted} == wanted
    assert near["az-id"].startswith("apne2-az")
    far = wait_for(lab, group, f"{client}-accept", {"flow-direction": "egress", "pkt-dstaddr": world.oregon.address(world.remote)}, CUSTOM)[0]
    assert far["traffic-path"] == "5"
    events = run("logs", "filter-log-events", "--log-group-name", group, "--filter-pattern", "egress")["events"]
    assert events and {event["logStreamName"] for event in events} == {f"{client}-accept"}
    run("ec2", "delete-flow-logs", "--flow-log-ids", flow_log)
    assert run("ec2", "describe-flow-logs", "--filter", f"Name=resource-id,Values={client}")["FlowLogs"] == []


def test_a_role_that_does_not_trust_the_service_delivers_nothing(lab, world, flow_log):
    group, client = harness.unique("flows"), interface(world, world.client)
    iam = lab.client("iam")
    document = json.dumps(TRUST).replace("vpc-flow-logs", "ec2")
    other = iam.create_role(RoleName=harness.unique("other"), AssumeRolePolicyDocument=document)["Role"]
    made = flow_log(client, "NetworkInterface", group, DeliverLogsPermissionArn=other["Arn"])
    (shown,) = world.seoul.ec2.describe_flow_logs(FlowLogIds=[made])["FlowLogs"]
    assert (shown["DeliverLogsStatus"], shown["DeliverLogsErrorMessage"]) == ("FAILED", "Access error")
    assert lab.curl(world.client, world.url).status == 200
    # From the moment it is trusted, records come.
    iam.update_assume_role_policy(RoleName=other["RoleName"], PolicyDocument=json.dumps(TRUST))
    (shown,) = world.seoul.ec2.describe_flow_logs(
        FlowLogIds=[made], Filters=[{"Name": "deliver-log-status", "Values": ["SUCCESS"]}])["FlowLogs"]
    assert shown["FlowLogId"] == made and "DeliverLogsErrorMessage" not in shown
    assert lab.curl(world.client, world.url).status == 200
    wait_for(lab, group, f"{client}-all", {"dstport": "443", "action": "ACCEPT"})


def test_the_last_flows_of_an_instance_are_written(lab, world, flow_log):
    group = harness.unique("flows")
    instance = world.seoul.instance(world.client_group)
    eni = interface(world, instance)
    flow_log(world.seoul.subnet, "Subnet", group)
    assert lab.curl(instance, world.url).status == 200
    world.seoul.ec2.terminate_instances(InstanceIds=[instance])
    wait_for(lab, group, f"{eni}-all", {"dstport": "443", "action": "ACCEPT"})
