"""Single faults of the story's world: each gives the symptom AWS gives, and is gone when it is undone.

A fault is `break_(world)`, the call that shows it, the symptom, and `undo(world)`. Before and after each fault both clients are answered.
"""

import dataclasses
import json
import subprocess
from collections.abc import Callable

import pytest

import harness
import topology
from harness import ACCOUNT, SEOUL
from topology import EVERYWHERE, anonymous, openapi, policy, statement, tcp

AS_ORDINARY_USER_TOO = True

FORBIDDEN = '{"message":"Forbidden"}'
NO_TOKEN = '{"message":"Missing Authentication Token"}'


@dataclasses.dataclass(frozen=True)
class TimedOut:
    """The TCP connection times out: dropped in silence, never refused."""

    def check(self, reply):
        assert reply.code == 28 and reply.status is None, reply
        assert "Connection timed out" in reply.err or "Failed to connect" in reply.err or "Connection timeout" in reply.err, reply.err


@dataclasses.dataclass(frozen=True)
class NoSuchName:
    """The resolver says NXDOMAIN."""

    def check(self, reply):
        assert reply.code == 6 and "Could not resolve host" in reply.err, reply


@dataclasses.dataclass(frozen=True)
class NoResolver:
    """The resolver does not answer at all."""

    def check(self, reply):
        assert reply.code == 28 and "Resolving timed out" in reply.err, reply


@dataclasses.dataclass(frozen=True)
class Refused:
    """An error of API Gateway, to the letter."""

    error_type: str
    body: str | Callable
    status: int = 403

    def check(self, reply, world=None):
        body = self.body(world) if callable(self.body) else self.body
        assert (reply.code, reply.status) == (0, self.status), reply
        assert reply.headers["x-amzn-errortype"] == self.error_type
        assert reply.body == body
        assert reply.headers["content-type"] == "application/json"


@dataclasses.dataclass(frozen=True)
class Answers:
    """The call works: what AWS does where one might expect a failure."""

    body: str = topology.PETS

    def check(self, reply):
        assert (reply.code, reply.status, reply.body) == (0, 200, self.body), reply


def from_seoul(world):
    return world.lab.curl(world.client, world.url)


def from_oregon(world):
    return world.lab.curl(world.remote, world.alias_url)


def nothing(world):
    pass


@dataclasses.dataclass(frozen=True)
class Fault:
    name: str
    break_: Callable
    call: Callable
    symptom: object
    undo: Callable = nothing
    # What else is true while it is broken.
    also: Callable = nothing


def path(tail, **options):
    """A call from Seoul with another end of the URL."""
    def call(world):
        return world.lab.curl(world.client, f"https://{world.seoul.host(world.api)}{tail}")
    return call


def with_host(host):
    """A call of the endpoint's own name with a Host header."""
    def call(world):
        options = ("-H", f"Host: {host(world)}") if host else ()
        return world.lab.curl(world.client, f"https://{world.endpoint_host}/dev/pets", *options)
    return call


def ingress(verb, **rule):
    def act(world):
        wanted = {key: getattr(world, value) if key == "group" else value for key, value in rule.items()}
        getattr(world.seoul.ec2, f"{verb}_security_group_ingress")(GroupId=world.endpoint_group, IpPermissions=[tcp(443, **wanted)])
    return act


def egress(verb, network, group):
    def act(world):
        ec2 = getattr(world, network).ec2
        getattr(ec2, f"{verb}_security_group_egress")(GroupId=group(world), IpPermissions=[topology.ALL_EGRESS])
    return act


def delete_route(here, there):
    def act(world):
        network = getattr(world, here)
        network.ec2.delete_route(RouteTableId=network.table, DestinationCidrBlock=getattr(world, there).cidr)
    return act


def add_route(here, there):
    return lambda world: getattr(world, here).route_to(getattr(world, there).cidr, world.peering)


def attribute(name, value):
    return lambda world: world.seoul.ec2.modify_vpc_attribute(VpcId=world.seoul.vpc, **{name: {"Value": value}})


def modify_endpoint(**options):
    return lambda world: world.seoul.ec2.modify_vpc_endpoint(VpcEndpointId=world.endpoint, **options)


def deploy_policy(make, *, deploy="dev"):
    return lambda world: world.seoul.set_policy(world.api, make(world), deploy=deploy)


def restore_policy(world):
    world.seoul.set_policy(world.api, world.policy)


def patch_api(*operations, deploy=True):
    def act(world):
        patches = [{"op": "replace", "path": path, "value": value} for path, value in operations]
        world.seoul.apigateway.update_rest_api(restApiId=world.api, patchOperations=patches)
        if deploy:
            world.seoul.apigateway.create_deployment(restApiId=world.api, stageName="dev")
    return act


def reject(world):
    world.repeer(accept=False)
    world.oregon.ec2.reject_vpc_peering_connection(VpcPeeringConnectionId=world.peering)


def delete_peering(world):
    world.oregon.ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=world.peering)


def peering_is(code):
    def check(world):
        assert topology.status(world.seoul, world.peering) == code
        assert topology.status(world.oregon, world.peering) == code
    return check


def deleted_peering(world):
    peering_is("deleted")(world)
    table = world.oregon.ec2.describe_route_tables(RouteTableIds=[world.oregon.table])["RouteTables"][0]
    states = {route["DestinationCidrBlock"]: route["State"] for route in table["Routes"]}
    assert states == {world.oregon.cidr: "active", world.seoul.cidr: "blackhole"}


def reaccept(world):
    world.repeer(accept=True)


def delete_endpoint(world):
    answer = world.seoul.ec2.delete_vpc_endpoints(VpcEndpointIds=[world.endpoint])
    assert answer["Unsuccessful"] == []


def endpoint_is_gone(world):
    assert from_oregon(world).code == 6, "the alias is gone too"
    by_address = ("--resolve", f"{world.seoul.host(world.api)}:443:{world.address}")
    TimedOut().check(world.lab.curl(world.client, world.url, *by_address))


def groups(*names):
    def act(world):
        instance = world.seoul.ec2.describe_instances(InstanceIds=[world.client])["Reservations"][0]["Instances"][0]
        world.seoul.ec2.modify_network_interface_attribute(
            NetworkInterfaceId=instance["NetworkInterfaces"][0]["NetworkInterfaceId"], Groups=[getattr(world, name, name) for name in names])
    return act


def leave_group(world):
    world.other_group = world.seoul.group("other")
    groups("other_group")(world)


def rejoin_group(world):
    groups("client_group")(world)
    world.seoul.ec2.delete_security_group(GroupId=world.other_group)


ELSEWHERE = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "arn:aws:execute-api:*:*:other/*"}]}
DENIES = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
                        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}]}

FAULTS = [
    # The network.
    Fault("endpoint group lets nothing in", ingress("revoke", group="client_group"), from_seoul, TimedOut(),
          ingress("authorize", group="client_group")),
    Fault("endpoint group does not name the peer", ingress("revoke", cidr="10.1.0.0/16"), from_oregon, TimedOut(),
          ingress("authorize", cidr="10.1.0.0/16")),
    Fault("client is in another group", leave_group, from_seoul, TimedOut(), rejoin_group),
    Fault("client egress closed in Seoul", egress("revoke", "seoul", lambda w: w.client_group), from_seoul, TimedOut(),
          egress("authorize", "seoul", lambda w: w.client_group)),
    Fault("client egress closed in Oregon", egress("revoke", "oregon", lambda w: w.oregon.default_group), from_oregon, TimedOut(),
          egress("authorize", "oregon", lambda w: w.oregon.default_group)),
    Fault("egress of the endpoint's group is irrelevant to replies", egress("revoke", "seoul", lambda w: w.endpoint_group), from_seoul, Answers(),
          egress("authorize", "seoul", lambda w: w.endpoint_group)),
    Fault("client has no route", delete_route("oregon", "seoul"), from_oregon, TimedOut(), add_route("oregon", "seoul")),
    Fault("endpoint has no return route", delete_route("seoul", "oregon"), from_oregon, TimedOut(), add_route("seoul", "oregon")),
    Fault("peering pending", lambda w: w.repeer(accept=False), from_oregon, TimedOut(), reaccept, also=peering_is("pending-acceptance")),
    Fault("peering rejected", reject, from_oregon, TimedOut(), reaccept, also=peering_is("rejected")),
    Fault("peering deleted", delete_peering, from_oregon, TimedOut(), reaccept, also=deleted_peering),
    Fault("plain HTTP is not served", nothing, lambda w: w.lab.curl(w.client, w.url.replace("https:", "http:")), TimedOut()),
    # The names.
    Fault("DNS support off", attribute("EnableDnsSupport", False), from_seoul, NoResolver(), attribute("EnableDnsSupport", True)),
    Fault("DNS hostnames off", attribute("EnableDnsHostnames", False), from_seoul, NoSuchName(), attribute("EnableDnsHostnames", True)),
    Fault("private DNS off", modify_endpoint(PrivateDnsEnabled=False), from_seoul, NoSuchName(), modify_endpoint(PrivateDnsEnabled=True),
          also=lambda w: Answers().check(w.lab.curl(w.client, w.alias_url))),
    Fault("private name of a peer", nothing, lambda w: w.lab.curl(w.remote, w.url), NoSuchName()),
    Fault("endpoint deleted", delete_endpoint, from_seoul, NoSuchName(), topology.World.make_endpoint, also=endpoint_is_gone),
    # The request.
    Fault("wrong Host", nothing, with_host(lambda w: f"zzzzzzzzzz.execute-api.{SEOUL}.amazonaws.com"), Refused("ForbiddenException", FORBIDDEN)),
    Fault("Host of another region", nothing, with_host(lambda w: f"{w.api}.execute-api.us-west-2.amazonaws.com"), Refused("ForbiddenException", FORBIDDEN)),
    Fault("endpoint's name without Host", nothing, with_host(None), Refused("ForbiddenException", FORBIDDEN)),
    Fault("wrong stage", nothing, path("/prod/pets"), Refused("ForbiddenException", FORBIDDEN)),
    Fault("no stage", nothing, path("/"), Refused("ForbiddenException", FORBIDDEN)),
    Fault("unknown path", nothing, path("/dev/cats"), Refused("MissingAuthenticationTokenException", NO_TOKEN)),
    Fault("unknown method", nothing, lambda w: w.lab.curl(w.client, w.url, "-X", "DELETE"), Refused("MissingAuthenticationTokenException", NO_TOKEN)),
    # The policies.
    Fault("policy denies the endpoint", deploy_policy(lambda w: topology.only_endpoint("vpce-00000000000000000")), from_seoul,
          Refused("AccessDeniedException", lambda w: anonymous(w.api)), restore_policy),
    Fault("policy denies the VPC", deploy_policy(lambda w: policy(statement(), statement("Deny", StringNotEquals={"aws:SourceVpc": w.oregon.vpc}))),
          from_oregon, Refused("AccessDeniedException", lambda w: anonymous(w.api)), restore_policy),
    Fault("policy is silent", deploy_policy(lambda w: policy(statement(IpAddress={"aws:VpcSourceIp": "10.0.0.0/16"}))), from_oregon,
          Refused("AccessDeniedException", lambda w: anonymous(w.api, suffix="")), restore_policy, also=lambda w: Answers().check(from_seoul(w))),
    Fault("policy allows another path only", deploy_policy(lambda w: policy(statement(resource="execute-api:/dev/GET/pets/*"))), from_seoul,
          Refused("AccessDeniedException", lambda w: anonymous(w.api, suffix="")), restore_policy,
          also=lambda w: Answers('{"id": 7}').check(path("/dev/pets/7")(w))),
    Fault("policy changed without redeploy", deploy_policy(lambda w: topology.only_endpoint("vpce-00000000000000000"), deploy=None), from_seoul,
          Answers(), restore_policy),
    Fault("endpoint policy is silent", modify_endpoint(PolicyDocument=json.dumps(ELSEWHERE)), from_seoul,
          Refused("AccessDeniedException", lambda w: anonymous(w.api, suffix="")), modify_endpoint(ResetPolicy=True)),
    Fault("endpoint policy denies", modify_endpoint(PolicyDocument=json.dumps(DENIES)), from_oregon,
          Refused("AccessDeniedException", lambda w: anonymous(w.api)), modify_endpoint(ResetPolicy=True)),
    # The API.
    Fault("default endpoint disabled", patch_api(("/disableExecuteApiEndpoint", "true")), from_seoul, Refused("ForbiddenException", FORBIDDEN),
          patch_api(("/disableExecuteApiEndpoint", "false"))),
    Fault("default endpoint disabled, not deployed yet", patch_api(("/disableExecuteApiEndpoint", "true"), deploy=False), from_seoul, Answers(),
          patch_api(("/disableExecuteApiEndpoint", "false"), deploy=False)),
    Fault("stage deleted", lambda w: w.seoul.apigateway.delete_stage(restApiId=w.api, stageName="dev"), from_seoul,
          Refused("ForbiddenException", FORBIDDEN), lambda w: w.seoul.apigateway.create_deployment(restApiId=w.api, stageName="dev")),
]


@pytest.fixture(scope="module")
def world(lab):
    return topology.World(lab)


def works(world):
    Answers().check(from_seoul(world))
    Answers().check(from_oregon(world))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault(world, fault):
    works(world)
    fault.break_(world)
    try:
        reply = fault.call(world)
        if isinstance(fault.symptom, Refused):
            fault.symptom.check(reply, world)
        else:
            fault.symptom.check(reply)
        fault.also(world)
    finally:
        fault.undo(world)
    works(world)


def test_third_vpc_behind_a_peer(world):
    """Peering is not transitive, whatever the routes and rules say; a direct peering is what helps."""
    works(world)
    tokyo, client, peering = world.add_tokyo()
    url = world.alias_url
    assert world.lab.inside(client, "getent", "hosts", url.split("/")[2]).out.split()[0] == world.address
    TimedOut().check(world.lab.curl(client, url))
    works(world)
    direct = topology.request_peering(tokyo, world.seoul)
    world.seoul.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=direct)
    tokyo.route_to(world.seoul.cidr, direct, replace=True)
    world.seoul.route_to(tokyo.cidr, direct, replace=True)
    Answers().check(world.lab.curl(client, url))


def test_public_and_regional_apis_are_not_answered_through_an_endpoint(world):
    for kind in ("REGIONAL", "EDGE"):
        api = world.seoul.api(openapi({"/pets": {"get": "[]"}}, policy(statement())), kind=kind)
        reply = world.lab.curl(world.client, f"https://{world.seoul.host(api)}/dev/pets")
        Refused("ForbiddenException", FORBIDDEN).check(reply)
        world.seoul.apigateway.delete_rest_api(restApiId=api)


def test_deleted_api_is_forbidden(world):
    api = world.seoul.api(openapi({"/pets": {"get": "[]"}}, policy(statement())))
    url = f"https://{world.seoul.host(api)}/dev/pets"
    Answers("[]").check(world.lab.curl(world.client, url))
    world.seoul.apigateway.delete_rest_api(restApiId=api)
    Refused("ForbiddenException", FORBIDDEN).check(world.lab.curl(world.client, url))


def test_api_of_another_account(world):
    """The endpoint's own policy and the API's decide, not who owns what: an open policy lets every account's endpoint in."""
    other = "444455556666"
    definition = openapi({"/pets": {"get": "[1]"}}, policy(statement()))
    apigateway = world.lab.apigateway(SEOUL, other)
    api = apigateway.import_rest_api(parameters={"endpointConfigurationTypes": "PRIVATE"}, body=definition)["id"]
    apigateway.create_deployment(restApiId=api, stageName="dev")
    url = f"https://{world.seoul.host(api)}/dev/pets"
    Answers("[1]").check(world.lab.curl(world.client, url))
    closed = json.dumps(policy(statement(StringEquals={"aws:SourceVpce": "vpce-00000000000000000"})))
    apigateway.update_rest_api(restApiId=api, patchOperations=[{"op": "replace", "path": "/policy", "value": closed}])
    Answers("[1]").check(world.lab.curl(world.client, url))
    apigateway.create_deployment(restApiId=api, stageName="dev")
    Refused("AccessDeniedException", anonymous(api, account=other, suffix="")).check(world.lab.curl(world.client, url))


def test_certificate_is_only_for_the_endpoints_names(world):
    """SNI and certificate: the caller refuses before HTTP."""
    reply = world.lab.curl(world.client, "https://pets.example.com/dev/pets", "--resolve", f"pets.example.com:443:{world.address}")
    assert reply.code == 60, reply


def test_the_machine_has_no_way_in(world, tmp_path):
    """Without an instance there is no way to the endpoint, neither by address nor by the control plane's port."""
    authority = tmp_path / "authority.pem"
    authority.write_text(world.lab.inside(world.client, "cat", "/etc/ssl/certs/vpclab-authority.pem").out)
    host = world.seoul.host(world.api)
    # Something else may have that address on the machine's network; it has not the lab's certificate.
    answer = harness.run(["curl", "-sS", "--max-time", "2", "--noproxy", "*", "--cacert", authority, "--resolve", f"{host}:443:{world.address}", world.url])
    assert answer.code != 0 and answer.out == "", answer
    answer = harness.run(["curl", "-sS", "--max-time", "2", "--noproxy", "*", f"{world.lab.url}/dev/pets", "-H", f"Host: {host}"])
    assert topology.PETS not in answer.out


def test_an_established_connection_outlives_its_rule_and_a_new_one_does_not(world):
    """Security groups track connections; the next connection is judged anew."""
    works(world)
    script = (
        "import http.client, sys\n"
        f"c = http.client.HTTPSConnection({world.seoul.host(world.api)!r}, timeout=20)\n"
        "def get():\n"
        "    c.request('GET', '/dev/pets'); r = c.getresponse(); r.read(); return r.status\n"
        "print(get(), flush=True); sys.stdin.readline(); print(get(), flush=True)\n"
    )
    lab = world.lab
    command = [*lab.user.prefix(), str(lab.binary), "--state", str(lab.state), "exec", world.client, "--", "python3", "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=lab.environment(), cwd="/") as kept:
        try:
            assert kept.stdout.readline() == "200\n"
            ingress("revoke", group="client_group")(world)
            TimedOut().check(from_seoul(world))
            kept.stdin.write("\n")
            kept.stdin.flush()
            assert kept.stdout.readline() == "200\n"
        finally:
            kept.kill()
            ingress("authorize", group="client_group")(world)
    works(world)


def test_untracked_flow_is_cut_with_its_rule(world):
    """A flow that 0.0.0.0/0 allows both ways is not tracked on AWS, except to an endpoint; between instances it is cut at once."""
    seoul, lab = world.seoul, world.lab
    open_group = seoul.group("open", tcp(7777, cidr=EVERYWHERE))
    server = seoul.instance(open_group)
    address = seoul.address(server)
    serve = ("import socket\ns = socket.create_server(('', 7777))\nwhile True:\n    c, _ = s.accept()\n"
             "    while (d := c.recv(1)): c.sendall(d)\n")
    call = (f"import socket, sys\nc = socket.create_connection(({address!r}, 7777), timeout=2)\n"
            "def echo():\n    c.sendall(b'x'); return c.recv(1)\n"
            "print(echo(), flush=True); sys.stdin.readline()\n"
            "try: print(echo(), flush=True)\nexcept TimeoutError: print('cut', flush=True)\n")
    prefix = [*lab.user.prefix(), str(lab.binary), "--state", str(lab.state), "exec"]
    options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": lab.environment(), "cwd": "/"}
    with subprocess.Popen([*prefix, server, "--", "python3", "-c", serve], **options) as listening:
        try:
            assert lab.inside(server, "sh", "-c", "for i in $(seq 100); do ss -ltn | grep -q :7777 && exit 0; sleep 0.05; done; exit 1").code == 0
            with subprocess.Popen([*prefix, world.client, "--", "python3", "-c", call], **options) as calling:
                try:
                    assert calling.stdout.readline() == "b'x'\n"
                    seoul.ec2.revoke_security_group_ingress(GroupId=open_group, IpPermissions=[tcp(7777, cidr=EVERYWHERE)])
                    calling.stdin.write("\n")
                    calling.stdin.flush()
                    assert calling.stdout.readline() == "cut\n"
                finally:
                    calling.kill()
        finally:
            listening.kill()
            seoul.ec2.terminate_instances(InstanceIds=[server])


def test_account_of_the_refusal_is_masked(world):
    """The account is shown as eight stars and its last four digits."""
    assert ACCOUNT not in anonymous(world.api) and "********3333" in anonymous(world.api)
