"""The two-region story: told by `vpclab demo`, by the aws CLI as a user types it, and by boto3."""

import json
import os
import pathlib
import re
import tempfile

import harness
import topology
from harness import ACCOUNT, OREGON, SEOUL

AS_ORDINARY_USER_TOO = True


def test_demo(user, places, aws):
    """`vpclab demo` holds all its steps, and leaves nothing behind."""
    import conftest

    conftest.require(user)
    place = places / harness.unique("demo")
    place.mkdir(mode=0o755)
    user.own(place)
    machine, running = harness.Machine.now(), set(os.listdir("/proc"))
    binary = harness.reachable_binary(user)
    env = {"PATH": os.environ["PATH"], "HOME": str(place), "TMPDIR": str(place)}
    answer = harness.run([*user.prefix(), binary, "demo", "--aws", aws_for(user, aws, places)], env=env, timeout=240, cwd="/")
    told = re.fullmatch(r"story: (\d+) of (\d+) steps held", answer.out.rstrip().splitlines()[-1])
    assert told, answer
    assert told[1] == told[2] and int(told[2]) >= 15, answer
    assert answer.code == 0
    assert "\x1b" not in answer.out, "colour where there is no terminal"
    assert "NXDOMAIN" in answer.out and "timed out" in answer.out
    assert os.listdir(place) == []
    assert harness.Machine.now() == machine
    left = [pid for pid in os.listdir("/proc") if pid.isdigit() and pid not in running and exe(pid) == str(binary) and state_under(pid, place)]
    assert left == []


def exe(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return None


def state_under(pid, place):
    try:
        return str(place).encode() in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def aws_for(user, aws, places):
    """The aws CLI where the user may run it: a virtual environment in root's home is not."""
    if user.uid is None or harness.run([*user.prefix(), aws, "--version"], cwd="/").code == 0:
        return aws
    import botocore

    library = pathlib.Path(botocore.__file__).parent.parent
    copy = places / "aws"
    if not copy.exists():
        import shutil
        import sys

        shutil.copytree(library, places / "site-packages", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        python = next((p for p in ("/usr/bin/python3", sys.executable) if harness.run([*user.prefix(), p, "--version"], cwd="/").code == 0))
        copy.write_text(f"#!{python}\nimport sys\nsys.path.insert(0, {str(places / 'site-packages')!r})\nfrom awscli.clidriver import main\nsys.exit(main())\n")
        copy.chmod(0o755)
    return str(copy)


class Cli:
    """The aws CLI as a user has it after `eval "$(vpclab env)"`."""

    def __init__(self, program, lab):
        self.program = program
        self.env = {
            "PATH": os.environ["PATH"], "HOME": str(lab.place), "AWS_ENDPOINT_URL": lab.url, "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "vpclab", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }

    def __call__(self, region, *arguments):
        answer = harness.run([self.program, "--region", region, "--output", "json", *arguments], env=self.env)
        assert answer.code == 0, f"aws {' '.join(arguments)}: {answer}"
        return json.loads(answer.out) if answer.out.strip() else None


def test_aws_cli(lab, aws):
    """The story with the aws CLI, every call as typed."""
    cli = Cli(aws, lab)
    assert cli(SEOUL, "sts", "get-caller-identity")["Account"] == ACCOUNT
    # Seoul: network, endpoint, API.
    vpc = cli(SEOUL, "ec2", "create-vpc", "--cidr-block", "10.0.0.0/16", "--query", "Vpc.VpcId")
    cli(SEOUL, "ec2", "modify-vpc-attribute", "--vpc-id", vpc, "--enable-dns-hostnames")
    attribute = cli(SEOUL, "ec2", "describe-vpc-attribute", "--vpc-id", vpc, "--attribute", "enableDnsHostnames")
    assert attribute == {"VpcId": vpc, "EnableDnsHostnames": {"Value": True}}
    subnet = cli(SEOUL, "ec2", "create-subnet", "--vpc-id", vpc, "--cidr-block", "10.0.1.0/24", "--query", "Subnet.SubnetId")
    groups = {}
    for name in ("client", "endpoint"):
        groups[name] = cli(SEOUL, "ec2", "create-security-group", "--group-name", name, "--description", name, "--vpc-id", vpc, "--query", "GroupId")
    endpoint = cli(
        SEOUL, "ec2", "create-vpc-endpoint", "--vpc-id", vpc, "--vpc-endpoint-type", "Interface", "--service-name",
        f"com.amazonaws.{SEOUL}.execute-api", "--subnet-ids", subnet, "--security-group-ids", groups["endpoint"], "--private-dns-enabled",
        "--query", "VpcEndpoint.VpcEndpointId")
    seen = cli(SEOUL, "ec2", "describe-vpc-endpoints", "--vpc-endpoint-ids", endpoint)["VpcEndpoints"][0]
    assert (seen["State"], seen["PrivateDnsEnabled"], len(seen["DnsEntries"])) == ("available", True, 4)
    address = cli(SEOUL, "ec2", "describe-network-interfaces", "--network-interface-ids", *seen["NetworkInterfaceIds"],
                  "--query", "NetworkInterfaces[0].PrivateIpAddress")
    with tempfile.NamedTemporaryFile("wb", suffix=".json") as file:
        file.write(topology.openapi({"/pets": {"get": topology.PETS}}, topology.only_endpoint(endpoint), endpoints=[endpoint]))
        file.flush()
        api = cli(SEOUL, "apigateway", "import-rest-api", "--parameters", "endpointConfigurationTypes=PRIVATE", "--body",
                  f"fileb://{file.name}", "--query", "id")
    cli(SEOUL, "apigateway", "create-deployment", "--rest-api-id", api, "--stage-name", "dev")
    kept = cli(SEOUL, "apigateway", "get-rest-api", "--rest-api-id", api)
    assert kept["endpointConfiguration"]["types"] == ["PRIVATE"] and kept["endpointConfiguration"]["vpcEndpointIds"] == [endpoint]
    assert rf'\"Resource\":\"arn:aws:execute-api:{SEOUL}:{ACCOUNT}:{api}\/*\"' in kept["policy"]
    image = cli(SEOUL, "ec2", "describe-images", "--query", "Images[0].ImageId")
    client = cli(SEOUL, "ec2", "run-instances", "--image-id", image, "--instance-type", "t3.micro", "--subnet-id", subnet,
                 "--security-group-ids", groups["client"], "--query", "Instances[0].InstanceId")
    assert cli(SEOUL, "ec2", "describe-instances", "--instance-ids", client, "--query", "Reservations[0].Instances[0].State.Name") == "running"
    # Seoul: resolves, times out, answers once 443 is open.
    host = f"{api}.execute-api.{SEOUL}.amazonaws.com"
    said = lab.inside(client, "nslookup", host)
    assert said.code == 0 and f"Address: {address}" in said.out, said
    url = f"https://{host}/dev/pets"
    assert lab.curl(client, url).code == 28
    cli(SEOUL, "ec2", "authorize-security-group-ingress", "--group-id", groups["endpoint"], "--protocol", "tcp", "--port", "443",
        "--source-group", groups["client"])
    reply = lab.curl(client, url)
    assert (reply.code, reply.status, reply.body) == (0, 200, topology.PETS), reply
    # Oregon, peered.
    oregon = cli(OREGON, "ec2", "create-vpc", "--cidr-block", "10.1.0.0/16", "--query", "Vpc.VpcId")
    cli(OREGON, "ec2", "modify-vpc-attribute", "--vpc-id", oregon, "--enable-dns-hostnames")
    away = cli(OREGON, "ec2", "create-subnet", "--vpc-id", oregon, "--cidr-block", "10.1.1.0/24", "--query", "Subnet.SubnetId")
    remote = cli(OREGON, "ec2", "run-instances", "--image-id", image, "--instance-type", "t3.micro", "--subnet-id", away,
                 "--query", "Instances[0].InstanceId")
    peering = cli(SEOUL, "ec2", "create-vpc-peering-connection", "--vpc-id", vpc, "--peer-vpc-id", oregon, "--peer-region", OREGON,
                  "--query", "VpcPeeringConnection.VpcPeeringConnectionId")
    state = ("ec2", "describe-vpc-peering-connections", "--vpc-peering-connection-ids", peering, "--query", "VpcPeeringConnections[0].Status.Code")
    assert cli(OREGON, *state) == "pending-acceptance"
    cli(OREGON, "ec2", "accept-vpc-peering-connection", "--vpc-peering-connection-id", peering)
    assert cli(SEOUL, *state) == cli(OREGON, *state) == "active"
    cli(SEOUL, "ec2", "modify-vpc-peering-connection-options", "--vpc-peering-connection-id", peering,
        "--requester-peering-connection-options", "AllowDnsResolutionFromRemoteVpc=true")
    cli(OREGON, "ec2", "modify-vpc-peering-connection-options", "--vpc-peering-connection-id", peering,
        "--accepter-peering-connection-options", "AllowDnsResolutionFromRemoteVpc=true")
    for region, here, other in ((SEOUL, vpc, "10.1.0.0/16"), (OREGON, oregon, "10.0.0.0/16")):
        table = cli(region, "ec2", "describe-route-tables", "--filters", f"Name=vpc-id,Values={here}", "--query", "RouteTables[0].RouteTableId")
        cli(region, "ec2", "create-route", "--route-table-id", table, "--destination-cidr-block", other, "--vpc-peering-connection-id", peering)
    alias = f"https://{api}-{endpoint}.execute-api.{SEOUL}.amazonaws.com/dev/pets"
    assert lab.curl(remote, alias).code == 28, "443 is not open to Oregon yet"
    cli(SEOUL, "ec2", "authorize-security-group-ingress", "--group-id", groups["endpoint"], "--protocol", "tcp", "--port", "443",
        "--cidr", "10.1.0.0/16")
    assert "NXDOMAIN" in lab.inside(remote, "nslookup", host).out
    assert lab.curl(remote, url).code == 6
    reply = lab.curl(remote, alias)
    assert (reply.code, reply.status, reply.body) == (0, 200, topology.PETS), reply


def test_all_forms_of_the_call(lab):
    """The four invocation forms, each with its name, header and envelope, from both regions."""
    world = topology.World(lab)
    host, names = world.seoul.host(world.api), world.seoul.seen(world.endpoint)["DnsEntries"]
    regional, zonal, private, wildcard = (entry["DnsName"] for entry in names)
    suffix = f"execute-api.{SEOUL}.vpce.amazonaws.com"
    assert re.fullmatch(rf"{world.endpoint}-[a-z0-9]{{8}}\.{re.escape(suffix)}", regional)
    assert zonal == regional.replace(f".{suffix}", f"-{SEOUL}a.{suffix}")
    assert (private, wildcard) == (f"execute-api.{SEOUL}.amazonaws.com", f"*.execute-api.{SEOUL}.amazonaws.com")
    forms = {
        "private name": (f"https://{host}/dev/pets", (), (world.client,)),
        "alias": (world.alias_url, (), (world.client, world.remote)),
        "endpoint's name and Host": (f"https://{regional}/dev/pets", ("-H", f"Host: {host}"), (world.client, world.remote)),
        "zonal name and Host": (f"https://{zonal}/dev/pets", ("-H", f"Host: {host}"), (world.client, world.remote)),
        "endpoint's name and API id": (f"https://{regional}/dev/pets", ("-H", f"x-apigw-api-id: {world.api}"), (world.client, world.remote)),
    }
    for form, (url, options, clients) in forms.items():
        for client in clients:
            reply = lab.curl(client, url, *options)
            assert (reply.code, reply.status, reply.body) == (0, 200, topology.PETS), (form, client, reply)
            assert reply.headers["content-type"] == "application/json"
            assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", reply.headers["x-amzn-requestid"])
            assert reply.headers["content-length"] == str(len(topology.PETS))
    for version in ("1.2", "1.3"):
        reply = lab.curl(world.client, world.url, f"--tlsv{version}", "--tls-max", version)
        assert reply.status == 200, (version, reply)
    assert lab.curl(world.client, world.url, "--tls-max", "1.1").code == 35, "TLS 1.1 is declined"
    reply = lab.inside(world.client, "curl", "-sS", "--max-time", "2", "-o", "/dev/null", "-w", "%{http_version}", "--http2", "--", world.url)
    assert reply.out == "1.1", "no h2 is offered"
    # A parameter in the path, and a path that is deployed in the other stage only.
    assert lab.curl(world.client, f"https://{host}/dev/pets/7").body == '{"id": 7}'
