"""The EC2 part of the control plane by boto3: what it keeps, what it shows, and how it refuses."""

import base64
import http.client
import re
import time
import urllib.parse

import pytest

import topology
from errors import refused
from harness import ACCOUNT, OREGON, SEOUL
from topology import EVERYWHERE, Network, tcp

NO_VPC = "vpc-00000000000000000"


@pytest.fixture(scope="module")
def seoul(lab):
    return Network(lab, SEOUL, "10.0.0.0/16")


@pytest.fixture(scope="module")
def ec2(lab):
    return lab.ec2()


def tags(kind, **values):
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in values.items()]}]


# Who asks.


def test_caller_identity(lab):
    for key, account in ((ACCOUNT, ACCOUNT), ("AKIAIOSFODNN7EXAMPLE", "000000000000")):
        seen = lab.client("sts", SEOUL, key).get_caller_identity()
        assert (seen["Account"], seen["Arn"]) == (account, f"arn:aws:iam::{account}:root")


def test_other_accounts_and_regions_see_nothing(lab, seoul):
    endpoint = seoul.endpoint(private_dns=False)
    instance = seoul.instance()
    for region, account in ((OREGON, ACCOUNT), (SEOUL, "222233334444")):
        other = lab.ec2(region, account)
        assert other.describe_vpcs()["Vpcs"] == []
        assert other.describe_subnets()["Subnets"] == []
        assert other.describe_security_groups()["SecurityGroups"] == []
        assert other.describe_route_tables()["RouteTables"] == []
        assert other.describe_network_acls()["NetworkAcls"] == []
        assert other.describe_vpc_endpoints()["VpcEndpoints"] == []
        assert other.describe_network_interfaces()["NetworkInterfaces"] == []
        assert other.describe_instances()["Reservations"] == []
        assert other.describe_tags()["Tags"] == []
        with refused("InvalidVpcID.NotFound", f"The vpc ID '{seoul.vpc}' does not exist"):
            other.describe_vpcs(VpcIds=[seoul.vpc])
        with refused("InvalidVpcID.NotFound"):
            other.create_subnet(VpcId=seoul.vpc, CidrBlock="10.0.9.0/24")
        with refused("InvalidSubnetID.NotFound"):
            other.create_network_interface(SubnetId=seoul.subnet)
        with refused("InvalidInstanceID.NotFound"):
            other.terminate_instances(InstanceIds=[instance])
        answer = other.delete_vpc_endpoints(VpcEndpointIds=[endpoint])["Unsuccessful"]
        assert [(item["ResourceId"], item["Error"]["Code"]) for item in answer] == [(endpoint, "InvalidVpcEndpoint.NotFound")]
    assert seoul.seen(endpoint)["State"] == "available"
    seoul.ec2.terminate_instances(InstanceIds=[instance])
    seoul.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])


# What is not built is refused by name.


def test_unknown_operations_and_parameters_are_refused_by_name(lab, ec2):
    with refused("UnsupportedOperation", "vpclab does not serve ec2:CreateEgressOnlyInternetGateway yet"):
        ec2.create_egress_only_internet_gateway(VpcId="vpc-00000000000000000")
    with refused("UnsupportedOperation", re.compile("vpclab does not serve .*")):
        lab.client("sns").list_topics()
    with refused("UnsupportedOperation", "vpclab does not serve the parameter `Ipv4IpamPoolId` of `CreateVpc` yet"):
        ec2.create_vpc(Ipv4IpamPoolId="ipam-pool-0")
    with refused("UnsupportedOperation", "vpclab does not serve the value `dedicated` of the parameter `InstanceTenancy` of `CreateVpc` yet; it accepts `default`"):
        ec2.create_vpc(CidrBlock="10.9.0.0/16", InstanceTenancy="dedicated")
    assert not [vpc for vpc in ec2.describe_vpcs()["Vpcs"] if vpc["CidrBlock"] == "10.9.0.0/16"], "a refused call made something"


def raw(lab, body, service="ec2", region=SEOUL, path="/", method="POST", headers=()):
    """A request as no SDK would send it."""
    connection = http.client.HTTPConnection(lab.url.removeprefix("http://"), timeout=10)
    credential = f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20261123/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    connection.request(method, path, body, {"Authorization": credential, "Content-Type": "application/x-www-form-urlencoded", **dict(headers)})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_requests_no_client_would_send(lab):
    form = lambda **pairs: urllib.parse.urlencode({"Version": "2016-11-15", **pairs})  # noqa: E731
    for body, code in (
        (form(), "MissingAction"),
        (form(Action="DescribeUnicorns"), "InvalidAction"),
        (form(Action="DescribeVpcs", Version="2010-01-01"), "NoSuchVersion"),
        (form(Action="DescribeVpcs", Colour="red"), "UnknownParameter"),
        (form(Action="DescribeVpcs", **{"VpcId.1": "x" * 300}), "InvalidVpcID.Malformed"),
    ):
        status, answer = raw(lab, body)
        assert status == 400 and f"<Code>{code}</Code>" in answer, answer
        assert re.search(r"<RequestID>[0-9a-f-]{36}</RequestID>", answer), answer
    status, answer = raw(lab, form(Action="DescribeVpcs"), region="mars-1")
    assert status == 403 and "<Code>SignatureDoesNotMatch</Code>" in answer, answer
    # An enormous body is refused, and the daemon lives.
    try:
        status, _ = raw(lab, "Action=DescribeVpcs&Version=2016-11-15&" + "A" * (32 << 20))
    except OSError:
        status = 413  # The answer came before the body's end, and then the connection's.
    assert status == 413
    assert raw(lab, form(Action="DescribeVpcs"))[0] == 200


def test_dry_run(ec2, seoul):
    before = ec2.describe_vpcs()["Vpcs"]
    with refused("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412):
        ec2.create_vpc(CidrBlock="10.8.0.0/16", DryRun=True)
    with refused("DryRunOperation", status=412):
        ec2.delete_subnet(SubnetId=seoul.subnet, DryRun=True)
    with refused("InvalidVpc.Range"):
        ec2.create_vpc(CidrBlock="10.8.0.0/8", DryRun=True)
    assert ec2.describe_vpcs()["Vpcs"] == before
    assert ec2.describe_subnets(SubnetIds=[seoul.subnet])["Subnets"]


# VPCs and subnets.


def test_vpc(ec2):
    made = ec2.create_vpc(CidrBlock="10.20.3.4/16", TagSpecifications=tags("vpc", Name="one"))["Vpc"]
    assert re.fullmatch("vpc-[0-9a-f]{17}", made["VpcId"])
    assert (made["CidrBlock"], made["IsDefault"], made["OwnerId"]) == ("10.20.0.0/16", False, ACCOUNT)
    seen = ec2.describe_vpcs(VpcIds=[made["VpcId"]])["Vpcs"][0]
    assert seen["State"] == "available" and seen["Tags"] == [{"Key": "Name", "Value": "one"}]
    for name, key, value in (("enableDnsSupport", "EnableDnsSupport", True), ("enableDnsHostnames", "EnableDnsHostnames", False)):
        assert ec2.describe_vpc_attribute(VpcId=made["VpcId"], Attribute=name)[key] == {"Value": value}
    groups = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [made["VpcId"]]}])["SecurityGroups"]
    assert [group["GroupName"] for group in groups] == ["default"]
    with refused("CannotDelete"):
        ec2.delete_security_group(GroupId=groups[0]["GroupId"])
    subnet = ec2.create_subnet(VpcId=made["VpcId"], CidrBlock="10.20.1.0/28")["Subnet"]
    assert subnet["AvailableIpAddressCount"] == 11
    with refused("DependencyViolation", f"The vpc '{made['VpcId']}' has dependencies and cannot be deleted."):
        ec2.delete_vpc(VpcId=made["VpcId"])
    ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    ec2.delete_vpc(VpcId=made["VpcId"])
    with refused("InvalidVpcID.NotFound", f"The vpc ID '{made['VpcId']}' does not exist"):
        ec2.delete_vpc(VpcId=made["VpcId"])


@pytest.mark.parametrize("cidr", ["10.0.0.0/8", "10.0.0.0/29", "10.0.0.0/15"])
def test_vpc_of_an_illegal_size(ec2, cidr):
    with refused("InvalidVpc.Range"):
        ec2.create_vpc(CidrBlock=cidr)


def test_vpc_cidr_that_is_none(ec2):
    with refused("InvalidParameterValue"):
        ec2.create_vpc(CidrBlock="10.0.0.0.0/16")
    with refused("MissingParameter"):
        ec2.create_vpc()


def test_subnet_refusals(ec2, seoul):
    with refused("InvalidSubnet.Conflict", "The CIDR '10.0.1.128/25' conflicts with another subnet"):
        ec2.create_subnet(VpcId=seoul.vpc, CidrBlock="10.0.1.128/25")
    with refused("InvalidSubnet.Range", "The CIDR '10.1.0.0/24' is invalid."):
        ec2.create_subnet(VpcId=seoul.vpc, CidrBlock="10.1.0.0/24")
    with refused("InvalidVpcID.NotFound", f"The vpc ID '{NO_VPC}' does not exist"):
        ec2.create_subnet(VpcId=NO_VPC, CidrBlock="10.0.9.0/24")
    with refused("InvalidParameterValue"):
        ec2.create_subnet(VpcId=seoul.vpc, CidrBlock="10.0.9.0/24", AvailabilityZone="us-west-2a")
    with refused("InvalidSubnetID.NotFound", "The subnet ID 'subnet-00000000000000000' does not exist"):
        ec2.delete_subnet(SubnetId="subnet-00000000000000000")


def test_dns_attributes_depend_on_each_other(ec2):
    vpc = ec2.create_vpc(CidrBlock="10.21.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": False})
    with refused("InvalidParameterValue"):
        ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    with refused("InvalidParameterCombination"):
        ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True}, EnableDnsSupport={"Value": True})
    ec2.delete_vpc(VpcId=vpc)


# Filters, pages, tags.


def test_filters(ec2):
    made = {}
    for name, cidr in (("alpha", "10.31.0.0/16"), ("beta", "10.32.0.0/16"), ("alphabet", "10.33.0.0/16")):
        made[name] = ec2.create_vpc(CidrBlock=cidr, TagSpecifications=tags("vpc", Name=name, team="blue"))["Vpc"]["VpcId"]

    def found(**filters):
        asked = [{"Name": key.replace("__", ":").replace("_", "-"), "Values": value} for key, value in filters.items()]
        return sorted(vpc["VpcId"] for vpc in ec2.describe_vpcs(Filters=asked)["Vpcs"])

    several = lambda *names: sorted(made[name] for name in names)  # noqa: E731
    assert found(tag__Name=["alpha"]) == several("alpha")
    assert found(tag__Name=["alpha*"]) == several("alpha", "alphabet")
    assert found(tag__Name=["alpha", "beta"]) == several("alpha", "beta")
    assert found(tag__team=["blue"], cidr=["10.33.0.0/16"]) == several("alphabet")
    assert found(tag_key=["team"]) == several(*made)
    assert found(tag__Name=["Alpha"]) == []
    with refused("InvalidParameterValue", "The filter 'colour' is invalid"):
        found(colour=["red"])
    for vpc in made.values():
        ec2.delete_vpc(VpcId=vpc)


def test_pages(ec2, seoul):
    groups = [seoul.group(f"page-{number}") for number in range(12)]
    filters = [{"Name": "group-name", "Values": ["page-*"]}]
    pages = list(ec2.get_paginator("describe_security_groups").paginate(Filters=filters, PaginationConfig={"PageSize": 5}))
    assert [len(page["SecurityGroups"]) for page in pages] == [5, 5, 2]
    assert sorted(group["GroupId"] for page in pages for group in page["SecurityGroups"]) == sorted(groups)
    with refused("InvalidParameterValue", "Value ( 4 ) for parameter maxResults is invalid. Expecting a value greater than 5."):
        ec2.describe_security_groups(MaxResults=4)
    with refused("InvalidParameterValue"):
        ec2.describe_security_groups(MaxResults=5, NextToken="nonsense")
    for group in groups:
        ec2.delete_security_group(GroupId=group)


def test_tags(ec2, seoul):
    ec2.create_tags(Resources=[seoul.vpc, seoul.subnet], Tags=[{"Key": "stage", "Value": "dev"}, {"Key": "empty", "Value": ""}])
    seen = ec2.describe_tags(Filters=[{"Name": "key", "Values": ["stage"]}])["Tags"]
    assert sorted((tag["ResourceId"], tag["ResourceType"]) for tag in seen) == sorted([(seoul.vpc, "vpc"), (seoul.subnet, "subnet")])
    ec2.delete_tags(Resources=[seoul.vpc], Tags=[{"Key": "stage", "Value": "other"}])
    assert any(tag["Key"] == "stage" for tag in ec2.describe_vpcs(VpcIds=[seoul.vpc])["Vpcs"][0]["Tags"]), "another value is left alone"
    ec2.delete_tags(Resources=[seoul.vpc, seoul.subnet], Tags=[{"Key": "stage"}, {"Key": "empty"}])
    assert ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [seoul.vpc, seoul.subnet]}])["Tags"] == []
    with refused("InvalidVpcID.NotFound"):
        ec2.create_tags(Resources=[NO_VPC], Tags=[{"Key": "a", "Value": "b"}])


# Security groups.


def test_security_group_rules(ec2, seoul):
    group = seoul.group("web")
    rules = [tcp(443, cidr="10.0.0.0/16"), tcp(8443, group=group)]
    made = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rules)["SecurityGroupRules"]
    assert all(re.fullmatch("sgr-[0-9a-f]{17}", rule["SecurityGroupRuleId"]) and not rule["IsEgress"] for rule in made) and len(made) == 2
    with refused("InvalidPermission.Duplicate", re.compile(r'the specified rule "peer: 10\.0\.0\.0/16, TCP, from port: 443, to port: 443, ALLOW" already exists')):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[tcp(443, cidr="10.0.0.0/16")])
    with refused("InvalidPermission.NotFound", "The specified rule does not exist in this security group."):
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[tcp(80, cidr=EVERYWHERE)])
    with refused("InvalidGroup.NotFound", "The security group 'sg-00000000000000000' does not exist"):
        ec2.authorize_security_group_ingress(GroupId="sg-00000000000000000", IpPermissions=rules)
    with refused("InvalidGroup.NotFound"):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[tcp(1, group="sg-00000000000000000")])
    with refused("InvalidGroup.Duplicate", f"The security group 'web' already exists for VPC '{seoul.vpc}'"):
        seoul.group("web")
    with refused("InvalidParameterValue"):
        seoul.group("sg-web")
    seen = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    assert sorted(rule["FromPort"] for rule in seen["IpPermissions"]) == [443, 8443]
    assert [rule["IpProtocol"] for rule in seen["IpPermissionsEgress"]] == ["-1"]
    listed = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    assert len(listed) == 3
    # By id; and a group that another's rule names cannot go.
    ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[made[0]["SecurityGroupRuleId"]])
    other = seoul.group("other", tcp(1, group=group))
    with refused("DependencyViolation", f"resource {group} has a dependent object"):
        ec2.delete_security_group(GroupId=group)
    ec2.delete_security_group(GroupId=other)
    ec2.delete_security_group(GroupId=group)


@pytest.mark.parametrize("rule, code", [
    ({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 442, "IpRanges": [{"CidrIp": EVERYWHERE}]}, "InvalidParameterValue"),
    ({"IpProtocol": "tcp", "FromPort": 1, "ToPort": 70000, "IpRanges": [{"CidrIp": EVERYWHERE}]}, "InvalidParameterValue"),
    ({"IpProtocol": "tCp?", "FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": EVERYWHERE}]}, "InvalidParameterValue"),
    ({"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": "10.0.0.300/8"}]}, "InvalidParameterValue"),
])
def test_malformed_rules(ec2, seoul, rule, code):
    with refused(code):
        ec2.authorize_security_group_ingress(GroupId=seoul.default_group, IpPermissions=[rule])


# Routes.


def test_routes(ec2, seoul):
    table = ec2.describe_route_tables(RouteTableIds=[seoul.table])["RouteTables"][0]
    assert [(r["DestinationCidrBlock"], r["GatewayId"], r["Origin"], r["State"]) for r in table["Routes"]] == [
        ("10.0.0.0/16", "local", "CreateRouteTable", "active")]
    assert [a["Main"] for a in table["Associations"]] == [True]
    missing = "pcx-00000000000000000"
    with refused("InvalidVpcPeeringConnectionID.NotFound", f"The vpcPeeringConnection ID '{missing}' does not exist"):
        seoul.route_to("10.1.0.0/16", missing)
    with refused("InvalidRoute.NotFound", f"no route with destination-cidr-block 10.7.0.0/16 in route table {seoul.table}"):
        ec2.delete_route(RouteTableId=seoul.table, DestinationCidrBlock="10.7.0.0/16")
    with refused("InvalidParameterValue"):
        ec2.delete_route(RouteTableId=seoul.table, DestinationCidrBlock="10.0.0.0/16")
    with refused("InvalidRouteTableID.NotFound"):
        ec2.delete_route_table(RouteTableId="rtb-00000000000000000")
    made = ec2.create_route_table(VpcId=seoul.vpc)["RouteTable"]["RouteTableId"]
    association = ec2.associate_route_table(RouteTableId=made, SubnetId=seoul.subnet)["AssociationId"]
    with refused("DependencyViolation"):
        ec2.delete_route_table(RouteTableId=made)
    ec2.disassociate_route_table(AssociationId=association)
    ec2.delete_route_table(RouteTableId=made)


# Peering.


def test_peering_states(lab):
    a, b = Network(lab, SEOUL, "10.40.0.0/16"), Network(lab, OREGON, "10.41.0.0/16")
    made = a.ec2.create_vpc_peering_connection(VpcId=a.vpc, PeerVpcId=b.vpc, PeerRegion=OREGON)["VpcPeeringConnection"]
    peering = made["VpcPeeringConnectionId"]
    assert made["Status"]["Code"] == "initiating-request"
    assert "CidrBlock" not in made["AccepterVpcInfo"], "the accepter's CIDR shows once the peering is active"
    seen = a.ec2.describe_vpc_peering_connections(VpcPeeringConnectionIds=[peering])["VpcPeeringConnections"][0]
    assert seen["Status"] == {"Code": "pending-acceptance", "Message": f"Pending Acceptance by {ACCOUNT}"}
    options = {"VpcPeeringConnectionId": peering, "RequesterPeeringConnectionOptions": {"AllowDnsResolutionFromRemoteVpc": True}}
    inactive = f"Peering {peering} is not active. Peering options can be added only to active peerings."
    with refused("OperationNotPermitted", inactive):
        a.ec2.modify_vpc_peering_connection_options(**options)
    # A route may be made already; it is a blackhole until the peering is active.
    a.route_to(b.cidr, peering)
    route = lambda: {r["DestinationCidrBlock"]: r["State"] for r in a.ec2.describe_route_tables(RouteTableIds=[a.table])["RouteTables"][0]["Routes"]}  # noqa: E731
    assert route()[b.cidr] == "blackhole"
    with refused("OperationNotPermitted"):
        a.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    accepted = b.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)["VpcPeeringConnection"]
    assert accepted["Status"]["Code"] in ("provisioning", "active")
    seen = a.ec2.describe_vpc_peering_connections(VpcPeeringConnectionIds=[peering])["VpcPeeringConnections"][0]
    assert seen["Status"] == {"Code": "active", "Message": "Active"}
    assert (seen["AccepterVpcInfo"]["CidrBlock"], seen["RequesterVpcInfo"]["CidrBlock"]) == (b.cidr, a.cidr)
    assert (seen["RequesterVpcInfo"]["Region"], seen["AccepterVpcInfo"]["Region"]) == (SEOUL, OREGON)
    assert route()[b.cidr] == "active"
    a.ec2.modify_vpc_peering_connection_options(**options)
    with refused("InvalidStateTransition", f"Invalid state transition for {peering}, attempted to transition from active to rejected"):
        b.ec2.reject_vpc_peering_connection(VpcPeeringConnectionId=peering)
    a.ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=peering)
    assert topology.status(a, peering) == "deleted"
    assert route()[b.cidr] == "blackhole"
    with refused("InvalidStateTransition"):
        b.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    filters = [{"Name": "status-code", "Values": ["deleted"]}, {"Name": "requester-vpc-info.vpc-id", "Values": [a.vpc]}]
    assert [p["VpcPeeringConnectionId"] for p in a.ec2.describe_vpc_peering_connections(Filters=filters)["VpcPeeringConnections"]] == [peering]


def test_peering_of_overlapping_or_unknown_vpcs_fails_afterwards(lab):
    """Not a refused call: the connection is made, and its status is `failed`."""
    a, b = Network(lab, SEOUL, "10.42.0.0/16"), Network(lab, OREGON, "10.42.0.0/16")
    for peering in (topology.request_peering(a, b),
                    a.ec2.create_vpc_peering_connection(VpcId=a.vpc, PeerVpcId=NO_VPC, PeerRegion=OREGON)["VpcPeeringConnection"]["VpcPeeringConnectionId"]):
        seen = a.ec2.describe_vpc_peering_connections(VpcPeeringConnectionIds=[peering])["VpcPeeringConnections"][0]["Status"]
        assert seen == {"Code": "failed", "Message": "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range"}
        with refused("InvalidStateTransition", f"Invalid state transition for {peering}, attempted to transition from failed to deleting"):
            a.ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=peering)
    with refused("InvalidVpcID.NotFound"):
        a.ec2.create_vpc_peering_connection(VpcId=NO_VPC, PeerVpcId=b.vpc, PeerRegion=OREGON)


def test_peering_between_accounts(lab):
    other = "222233334444"
    a, b = Network(lab, SEOUL, "10.43.0.0/16"), Network(lab, SEOUL, "10.44.0.0/16", account=other)
    peering = topology.request_peering(a, b)
    with refused("OperationNotPermitted"):
        a.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    assert topology.status(b, peering) == "pending-acceptance"
    b.ec2.reject_vpc_peering_connection(VpcPeeringConnectionId=peering)
    assert topology.status(a, peering) == topology.status(b, peering) == "rejected"
    with refused("InvalidStateTransition", f"Invalid state transition for {peering}, attempted to transition from rejected to deleting"):
        a.ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=peering)
    with refused("InvalidVpcPeeringConnectionID.NotFound"):
        lab.ec2(SEOUL, "999988887777").describe_vpc_peering_connections(VpcPeeringConnectionIds=[peering])
    again = topology.peer(a, b)
    with refused("VpcPeeringConnectionAlreadyExists"):
        topology.request_peering(b, a)
    assert topology.status(b, again) == "active"


# Endpoints.


def test_endpoint(ec2, seoul):
    endpoint = seoul.endpoint()
    seen = seoul.seen(endpoint)
    assert re.fullmatch("vpce-[0-9a-f]{17}", endpoint)
    assert (seen["VpcEndpointType"], seen["State"], seen["ServiceName"]) == ("Interface", "available", f"com.amazonaws.{SEOUL}.execute-api")
    assert [group["GroupId"] for group in seen["Groups"]] == [seoul.default_group]
    interface = ec2.describe_network_interfaces(NetworkInterfaceIds=seen["NetworkInterfaceIds"])["NetworkInterfaces"][0]
    assert (interface["InterfaceType"], interface["RequesterManaged"], interface["Status"]) == ("vpc_endpoint", True, "in-use")
    assert interface["Description"] == f"VPC Endpoint Interface {endpoint}"
    with refused("DuplicateSubnetsInSameZone", re.compile("Found another VPC endpoint subnet in the availability zone of subnet-.*")):
        ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, AddSubnetIds=[seoul.add_subnet("10.0.50.0/24")])
    domain = f"*.execute-api.{SEOUL}.amazonaws.com"
    with refused("InvalidParameter", f"private-dns-enabled cannot be set because there is already a conflicting DNS domain for {domain} in the VPC {seoul.vpc}"):
        seoul.endpoint(subnets=[seoul.add_subnet("10.0.51.0/24")])
    with refused("DependencyViolation"):
        ec2.delete_subnet(SubnetId=seoul.subnet)
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    with refused("InvalidVpcEndpointId.NotFound", f"The Vpc Endpoint Id '{endpoint}' does not exist"):
        seoul.seen(endpoint)
    with refused("InvalidNetworkInterfaceID.NotFound"):
        ec2.describe_network_interfaces(NetworkInterfaceIds=seen["NetworkInterfaceIds"])


def test_endpoint_refusals(lab, ec2, seoul):
    service = f"com.amazonaws.{SEOUL}.execute-api"
    make = lambda **options: ec2.create_vpc_endpoint(**{"VpcId": seoul.vpc, "VpcEndpointType": "Interface", "ServiceName": service, "SubnetIds": [seoul.subnet], "PrivateDnsEnabled": False, **options})  # noqa: E731
    with refused("InvalidServiceName", "The Vpc Endpoint Service 'com.amazonaws.mars.execute-api' does not exist"):
        make(ServiceName="com.amazonaws.mars.execute-api")
    with refused("InvalidVpcID.NotFound"):
        make(VpcId=NO_VPC)
    with refused("InvalidSubnetID.NotFound"):
        make(SubnetIds=["subnet-00000000000000000"])
    with refused("InvalidGroup.NotFound"):
        make(SecurityGroupIds=["sg-00000000000000000"])
    with refused("InvalidPolicyDocument"):
        make(PolicyDocument="{")
    with refused("DuplicateSubnetsInSameZone"):
        make(SubnetIds=[seoul.subnet, seoul.add_subnet("10.0.60.0/24")])
    plain = Network(lab, SEOUL, "10.50.0.0/16", hostnames=False)
    with refused("InvalidParameter", f"Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {plain.vpc}"):
        plain.endpoint()
    assert plain.ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [plain.vpc]}])["VpcEndpoints"] == []
    with refused("InvalidVpcEndpointId.NotFound"):
        ec2.modify_vpc_endpoint(VpcEndpointId="vpce-00000000000000000", ResetPolicy=True)
    with refused("InvalidVpcEndpointId.Malformed"):
        ec2.describe_vpc_endpoints(VpcEndpointIds=["vpce-x"])


def test_client_tokens(ec2, seoul):
    options = {"VpcId": seoul.vpc, "VpcEndpointType": "Interface", "ServiceName": f"com.amazonaws.{SEOUL}.execute-api",
               "SubnetIds": [seoul.subnet], "PrivateDnsEnabled": False, "ClientToken": "once"}
    made = [ec2.create_vpc_endpoint(**options)["VpcEndpoint"]["VpcEndpointId"] for _ in range(2)]
    assert made[0] == made[1]
    with refused("IdempotentParameterMismatch"):
        ec2.create_vpc_endpoint(**{**options, "SecurityGroupIds": [seoul.group("token")]})
    ec2.delete_vpc_endpoints(VpcEndpointIds=made[:1])
    image = ec2.describe_images()["Images"][0]["ImageId"]
    launch = {"ImageId": image, "MinCount": 1, "MaxCount": 1, "SubnetId": seoul.subnet, "ClientToken": "launch"}
    made = [ec2.run_instances(**launch)["Instances"][0]["InstanceId"] for _ in range(2)]
    assert made[0] == made[1]
    with refused("IdempotentParameterMismatch"):
        ec2.run_instances(**{**launch, "InstanceType": "t3.large"})
    ec2.terminate_instances(InstanceIds=made[:1])


def test_endpoint_services(ec2):
    name = f"com.amazonaws.{SEOUL}.execute-api"
    seen = ec2.describe_vpc_endpoint_services(ServiceNames=[name])
    assert seen["ServiceNames"] == [name]
    detail = seen["ServiceDetails"][0]
    assert (detail["AcceptanceRequired"], detail["VpcEndpointPolicySupported"], detail["Owner"]) == (False, True, "amazon")
    with refused("InvalidServiceName"):
        ec2.describe_vpc_endpoint_services(ServiceNames=["com.amazonaws.mars.execute-api"])


# Instances and interfaces.


def test_instances(ec2, seoul):
    instance = seoul.instance(name="life", address="10.0.1.200")
    seen = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    assert (seen["State"], seen["PrivateIpAddress"]) == ({"Code": 16, "Name": "running"}, "10.0.1.200")
    assert seen["PrivateDnsName"] == f"ip-10-0-1-200.{SEOUL}.compute.internal"
    with refused("InvalidIPAddress.InUse", "Address 10.0.1.200 is in use."):
        seoul.instance(address="10.0.1.200")
    with refused("InvalidParameterValue"):
        seoul.instance(address="10.0.1.3")
    with refused("InvalidAMIID.NotFound"):
        ec2.run_instances(ImageId="ami-00000000000000000", MinCount=1, MaxCount=1, SubnetId=seoul.subnet)
    with refused("InvalidInstanceID.NotFound", "The instance ID 'i-00000000000000000' does not exist"):
        ec2.stop_instances(InstanceIds=["i-00000000000000000"])
    with refused("InvalidInstanceID.Malformed"):
        ec2.describe_instances(InstanceIds=["i-x"])
    change = ec2.stop_instances(InstanceIds=[instance])["StoppingInstances"][0]
    assert change["PreviousState"]["Name"] == "running"
    state = lambda: ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["State"]["Name"]  # noqa: E731
    assert state() == "stopped"
    ec2.start_instances(InstanceIds=[instance])
    assert state() == "running"
    ec2.terminate_instances(InstanceIds=[instance])
    assert state() == "terminated"
    with refused("IncorrectInstanceState", f"The instance '{instance}' is not in a state from which it can be started."):
        ec2.start_instances(InstanceIds=[instance])
    assert seoul.address(seoul.instance(address="10.0.1.200")) == "10.0.1.200", "a terminated instance's address is free"


def test_console_output(ec2, seoul):
    script = "#!/bin/sh\necho hello from user data\n"
    instance = seoul.instance(user_data=script)
    until = time.monotonic() + 60
    while "hello from user data" not in (output := ec2.get_console_output(InstanceId=instance).get("Output", "")):
        assert time.monotonic() < until, output
        time.sleep(0.05)
    kept = ec2.describe_instance_attribute(InstanceId=instance, Attribute="userData")["UserData"]["Value"]
    assert base64.b64decode(kept).decode() == script


def test_describe_the_world_around(ec2):
    zones = ec2.describe_availability_zones()["AvailabilityZones"]
    assert [zone["ZoneName"] for zone in zones][:2] == [f"{SEOUL}a", f"{SEOUL}b"]
    assert {SEOUL, OREGON, "us-east-1"} <= {region["RegionName"] for region in ec2.describe_regions()["Regions"]}
    assert all(image["State"] == "available" for image in ec2.describe_images()["Images"])
    assert ec2.describe_instance_types(InstanceTypes=["t3.micro"])["InstanceTypes"][0]["InstanceType"] == "t3.micro"
