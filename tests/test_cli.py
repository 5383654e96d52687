"""The two-region story with the aws CLI, each call as a user types it."""

import json
import os
import tempfile

import harness
import topology
from harness import ACCOUNT, OREGON, SEOUL


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
    image = cli(OREGON, "ec2", "describe-images", "--query", "Images[0].ImageId")
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
