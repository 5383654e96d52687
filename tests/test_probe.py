"""`vpclab probe` tells each way in which a call can end, and `curl` and `dig` inside the same instance say the same."""

import io
import json
import urllib.error
import urllib.request
import zipfile

import pytest
from harness import ACCOUNT, OREGON, SEOUL
from topology import World, only_endpoint, policy, statement, tcp

AS_ORDINARY_USER_TOO = True


@pytest.fixture(scope="module")
def world(lab):
    return World(lab)


def probe(lab, source, url, *options, timeout="1.5"):
    """(exit code, the JSON) of a probe."""
    answer = lab.vpclab("probe", "--from", source, "--timeout", timeout, "--json", *options, url)
    return answer.code, json.loads(answer.out) if answer.out else answer.err


def url(world, path="/dev/pets"):
    return f"https://{world.seoul.host(world.api)}{path}"


def test_an_answer_is_told_stage_by_stage(lab, world):
    code, seen = probe(lab, world.client, url(world))
    curl = lab.curl(world.client, url(world))
    assert (code, curl.status) == (0, 200)
    assert seen["outcome"] == {"kind": "answered", "status": 200, "errorType": None}
    assert seen["http"]["response"]["body"] == curl.body
    assert seen["dns"]["addresses"] == [world.address]
    assert seen["dns"]["asked"][0]["server"] == "10.0.0.2"
    assert ("A", world.address) in lab.resolve(world.client, world.seoul.host(world.api))[1]
    assert [(attempt["address"], attempt["result"]) for attempt in seen["tcp"]] == [(f"{world.address}:443", "connected")]
    assert seen["tls"]["verified"] and seen["tls"]["serverName"] == world.seoul.host(world.api)
    assert seen["tls"]["certificateNames"] == [f"*.execute-api.{SEOUL}.amazonaws.com", f"*.execute-api.{SEOUL}.vpce.amazonaws.com"]
    assert seen["interface"].startswith("eni-")


def test_people_read_the_same(lab, world):
    by_name = lab.vpclab("probe", "--from", "seoul", url(world))
    assert by_name.code == 0, by_name
    for text in ("NOERROR", f"{world.address}:443 connected", "verified by the lab's authority", "http  200", '["Bello", "Mimi"]',
                 "outcome: answered 200"):
        assert text in by_name.out, by_name


def test_a_refusal_by_policy_shows_the_body(lab, world):
    world.seoul.set_policy(world.api, policy(statement("Deny"), statement()))
    code, seen = probe(lab, world.client, url(world))
    curl = lab.curl(world.client, url(world))
    world.seoul.set_policy(world.api, only_endpoint(world.endpoint))
    assert code == 2
    assert seen["outcome"] == {"kind": "answered", "status": 403, "errorType": "AccessDeniedException"}
    assert (curl.status, curl.body) == (403, seen["http"]["response"]["body"])


def test_a_name_that_the_vpc_does_not_have(lab, world):
    code, seen = probe(lab, world.remote, url(world))
    assert (code, seen["outcome"]) == (2, {"kind": "noSuchName"})
    assert [asked["answer"]["rcode"] for asked in seen["dns"]["asked"]] == ["NXDOMAIN", "NXDOMAIN"]
    assert seen["dns"]["asked"][1]["name"].endswith(f".{OREGON}.compute.internal")
    assert "tcp" not in seen
    assert lab.resolve(world.remote, world.seoul.host(world.api))[0] == "NXDOMAIN"
    assert lab.curl(world.remote, url(world)).code == 6


def test_a_resolver_that_is_switched_off(lab, world):
    world.oregon.ec2.modify_vpc_attribute(VpcId=world.oregon.vpc, EnableDnsSupport={"Value": False})
    code, seen = probe(lab, world.remote, url(world))
    dig = lab.dig(world.remote, world.seoul.host(world.api))
    world.oregon.ec2.modify_vpc_attribute(VpcId=world.oregon.vpc, EnableDnsSupport={"Value": True})
    assert (code, seen["outcome"]) == (2, {"kind": "noResolver"})
    assert seen["dns"]["asked"][0]["answer"] == {"kind": "silent"}
    assert dig.code == 9, dig


def test_a_silent_drop_is_a_time_out(lab, world):
    rule = [tcp(443, group=world.client_group)]
    world.seoul.ec2.revoke_security_group_ingress(GroupId=world.endpoint_group, IpPermissions=rule)
    code, seen = probe(lab, world.client, url(world))
    curl = lab.curl(world.client, url(world))
    world.seoul.ec2.authorize_security_group_ingress(GroupId=world.endpoint_group, IpPermissions=rule)
    assert (code, seen["outcome"]) == (2, {"kind": "connectTimeout"})
    assert seen["tcp"][0]["result"] == "timedOut" and "tls" not in seen
    assert curl.code == 28


def test_an_endpoint_has_one_port(lab, world):
    rule = [tcp(80, group=world.client_group)]
    world.seoul.ec2.authorize_security_group_ingress(GroupId=world.endpoint_group, IpPermissions=rule)
    code, seen = probe(lab, world.client, url(world).replace("https:", "http:"))
    curl = lab.curl(world.client, url(world).replace("https:", "http:"))
    world.seoul.ec2.revoke_security_group_ingress(GroupId=world.endpoint_group, IpPermissions=rule)
    assert (code, seen["outcome"]) == (2, {"kind": "connectTimeout"})
    assert curl.code == 28


def test_a_certificate_for_another_name(lab, world):
    code, seen = probe(lab, world.client, f"https://{world.address}/dev/pets")
    assert (code, seen["outcome"]) == (2, {"kind": "tls", "why": "wrongName"})
    assert "dns" not in seen and "serverName" not in seen["tls"] and not seen["tls"]["verified"]
    assert lab.curl(world.client, f"https://{world.address}/dev/pets").code == 60


SERVER = """
import socket, threading
def serve(port, answer):
    listener = socket.create_server(("", port))
    while True:
        connection, _ = listener.accept()
        connection.recv(65536)
        if answer:
            connection.sendall(answer)
        connection.close()
threading.Thread(target=serve, args=(8001, b"HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\n\\r\\nok"), daemon=True).start()
serve(8002, b"")
"""


def test_servers_of_the_users_own(lab, world):
    """Any server inside is probed as well: one that answers, one that speaks no TLS, one that says nothing, none."""
    group = world.seoul.group("servers", {"IpProtocol": "tcp", "FromPort": 8001, "ToPort": 8003, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]})
    server = world.seoul.instance(group, user_data=f"#!/usr/bin/env python3\n{SERVER}")
    at = world.seoul.address(server)
    up = lab.inside(world.client, "curl", "-sS", "--retry", "60", "--retry-delay", "1", "--retry-connrefused", "-m", "5", f"http://{at}:8001/")
    assert up.out == "ok", up
    for address, outcome, code in [(f"http://{at}:8001/", {"kind": "answered", "status": 200, "errorType": None}, 0),
                                   (f"https://{at}:8001/", {"kind": "tls", "why": "broken"}, 35),
                                   (f"http://{at}:8002/", {"kind": "http", "why": "broken"}, 52),
                                   (f"http://{at}:8003/", {"kind": "connectRefused"}, 7)]:
        seen = probe(lab, world.client, address)
        assert seen[1]["outcome"] == outcome, seen
        assert seen[0] == (0 if code == 0 else 2)
        assert lab.curl(world.client, address).code == code


def test_headers_method_and_body(lab, world):
    name = world.seoul.seen(world.endpoint)["DnsEntries"][0]["DnsName"]
    for options in [("-H", f"x-apigw-api-id: {world.api}"), ("-H", f"Host: {world.seoul.host(world.api)}")]:
        code, seen = probe(lab, world.remote, f"https://{name}/dev/pets", *options)
        assert (code, seen["outcome"]["status"]) == (0, 200), seen
    code, seen = probe(lab, world.client, url(world), "-d", "x")
    assert seen["method"] == "POST"
    assert seen["outcome"] == {"kind": "answered", "status": 403, "errorType": "MissingAuthenticationTokenException"}


def test_from_interfaces_and_functions(lab, world):
    interface = world.seoul.seen(world.endpoint)["NetworkInterfaceIds"][0]
    code, seen = probe(lab, interface, url(world))
    assert seen["interface"] == interface and seen["outcome"]["kind"] in ("answered", "connectTimeout")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role = lab.client("iam").create_role(RoleName="probed", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "def handler(event, context):\n    return 1\n")
    made = {"Runtime": "python3.12", "Role": role, "Handler": "app.handler", "Code": {"ZipFile": code.getvalue()}}
    functions = lab.client("lambda")
    arn = functions.create_function(FunctionName="inside", VpcConfig={"SubnetIds": [world.seoul.subnet], "SecurityGroupIds": [world.client_group]},
                                    **made)["FunctionArn"]
    functions.create_function(FunctionName="nowhere", **made)
    for source in ("inside", arn):
        code, seen = probe(lab, source, url(world))
        assert (code, seen["outcome"]["kind"]) == (0, "answered"), seen
    assert "no network at all" in probe(lab, "nowhere", url(world))[1]


def test_what_an_instance_was_told_about_names_counts(lab, world):
    """The file inside is asked for, as programs inside ask it."""
    other = world.seoul.instance(world.client_group)
    assert lab.inside(other, "sh", "-c", "echo nameserver 10.0.0.77 > /etc/resolv.conf").code == 0
    code, seen = probe(lab, other, url(world))
    assert (code, seen["outcome"]) == (2, {"kind": "noResolver"})
    assert seen["dns"]["asked"][0]["server"] == "10.0.0.77"


def test_a_disagreement_with_explain_is_loud(lab, world):
    """What a user changed inside an instance no state says: explain does not know of it, the packets do."""
    other = world.seoul.instance(world.client_group)
    agreed = lab.vpclab("explain", "--probe", "--json", "--from", other, url(world))
    assert agreed.code == 0 and json.loads(agreed.out)["agreement"]["agrees"] is True, agreed
    assert lab.inside(other, "sh", "-c", "echo nameserver 10.0.0.77 > /etc/resolv.conf").code == 0
    loud = lab.vpclab("explain", "--probe", "--json", "--from", other, url(world))
    assert loud.code == 1 and "THE PACKETS DISAGREE" in loud.err, loud
    agreement = json.loads(loud.out)["agreement"]
    assert (agreement["agrees"], agreement["expected"], agreement["happened"]) == (False, {"kind": "answered", "status": 200}, {"kind": "noResolver"})


@pytest.mark.parametrize("source, words", [
    ("i-0123456789abcdef0", "there is no instance, network interface or function"),
    ("10.9.0.4", "outside of the lab's interfaces"),
    ("10.9.0.0/16", "outside of the lab's interfaces"),
])
def test_what_cannot_be_a_source_is_named(lab, world, source, words):
    answer = lab.vpclab("probe", "--from", source, url(world))
    assert answer.code == 1 and words in answer.err and "hint:" in answer.err, answer


def test_a_stopped_instance_makes_no_calls(lab, world):
    stopped = world.seoul.instance(world.client_group)
    world.seoul.ec2.stop_instances(InstanceIds=[stopped])
    answer = lab.vpclab("probe", "--from", stopped, url(world))
    assert answer.code == 1 and "not running" in answer.err, answer


@pytest.mark.parametrize("arguments, words", [
    (("ftp://name/",), "neither an https nor an http URL"),
    (("https://name/", "-H", "nothing"), "is no header"),
    (("https://name/", "--timeout", "99"), "0.01 to 60 seconds"),
    (("https://u@name/",), "a user in the URL"),
])
def test_calls_that_cannot_be_made(lab, world, arguments, words):
    answer = lab.vpclab("probe", "--from", world.client, *arguments)
    assert answer.code == 1 and words in answer.err, answer


@pytest.mark.parametrize("body", ["{", '{"from": "i", "url": "https://n/", "insecure": true}'])
def test_the_route_refuses_what_it_does_not_know(lab, body):
    request = urllib.request.Request(f"{lab.url}/_vpclab/probe", data=body.encode(), method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 400


def test_the_endpoint_policy_speaks_too(lab, world):
    world.seoul.ec2.modify_vpc_endpoint(VpcEndpointId=world.endpoint, PolicyDocument=json.dumps(policy(statement("Deny", "*"))))
    code, seen = probe(lab, world.client, url(world))
    world.seoul.ec2.modify_vpc_endpoint(VpcEndpointId=world.endpoint, ResetPolicy=True)
    assert (code, seen["outcome"]["errorType"]) == (2, "AccessDeniedException")
    assert f"********{ACCOUNT[-4:]}" in seen["http"]["response"]["body"]
