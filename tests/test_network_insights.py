"""The Reachability Analyzer with boto3 and the aws CLI: paths that are there, and why others are not."""

import json

import pytest
from botocore.exceptions import ClientError

import harness
import topology
from harness import ACCOUNT, SEOUL
from topology import EVERYWHERE, tcp


@pytest.fixture(scope="module")
def world(lab):
    return topology.World(lab)


def create(ec2, source, destination, port=443, **options):
    made = ec2.create_network_insights_path(Source=source, Destination=destination, Protocol="tcp", ClientToken=harness.unique("t"),
                                            **({"DestinationPort": port} if port else {}), **options)
    return made["NetworkInsightsPath"]["NetworkInsightsPathId"]


def analyse(ec2, path):
    """The finished analysis of a path."""
    started = ec2.start_network_insights_analysis(NetworkInsightsPathId=path, ClientToken=harness.unique("t"))["NetworkInsightsAnalysis"]
    assert started["Status"] == "running"
    (done,) = ec2.describe_network_insights_analyses(NetworkInsightsAnalysisIds=[started["NetworkInsightsAnalysisId"]])["NetworkInsightsAnalyses"]
    assert done["Status"] == "succeeded", done
    return done


def look(ec2, source, destination, port=443, **options):
    return analyse(ec2, create(ec2, source, destination, port, **options))


def codes(analysis):
    assert analysis["NetworkPathFound"] is (not analysis.get("Explanations"))
    return [explanation["ExplanationCode"] for explanation in analysis.get("Explanations", [])]


def ids(components):
    assert [component["SequenceNumber"] for component in components] == list(range(1, len(components) + 1))
    return [component["Component"]["Id"] for component in components]


def acl_of(network, subnet):
    (acl,) = network.ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["NetworkAcls"]
    return acl["NetworkAclId"]


def interface_of(network, instance):
    seen = network.ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    return seen["NetworkInterfaces"][0]["NetworkInterfaceId"]


def code(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"], refused.value.response["Error"]["Message"]


def test_a_reachable_endpoint_by_all_its_components(lab, world):
    seoul, ec2 = world.seoul, world.seoul.ec2
    client, (endpoint,) = interface_of(seoul, world.client), seoul.seen(world.endpoint)["NetworkInterfaceIds"]
    found = look(ec2, world.client, world.endpoint)
    assert codes(found) == []
    acl = acl_of(seoul, seoul.subnet)
    there = found["ForwardPathComponents"]
    assert ids(there) == [world.client, client, world.client_group, acl, seoul.table, acl, world.endpoint_group, endpoint, world.endpoint]
    assert ids(found["ReturnPathComponents"]) == [world.endpoint, endpoint, acl, seoul.table, acl, client, world.client]
    out, entry, route = there[2]["SecurityGroupRule"], there[3]["AclRule"], there[4]["RouteTableRoute"]
    assert out == {"Cidr": EVERYWHERE, "Direction": "egress", "Protocol": "all"}
    assert entry == {"Cidr": EVERYWHERE, "Egress": True, "Protocol": "all", "RuleAction": "allow", "RuleNumber": 100}
    assert (route["DestinationCidr"], route["GatewayId"], route["State"]) == ("10.0.0.0/16", "local", "active")
    assert there[6]["SecurityGroupRule"] == {"Direction": "ingress", "Protocol": "tcp", "PortRange": {"From": 443, "To": 443},
                                             "SecurityGroupId": world.client_group}
    assert there[0]["Component"]["Arn"] == f"arn:aws:ec2:{SEOUL}:{ACCOUNT}:instance/{world.client}" and there[0]["Component"]["Name"] == "seoul"
    assert there[0]["OutboundHeader"]["DestinationAddresses"] == [f"{world.address}/32"]
    # What the analysis says, packets do.
    assert lab.curl(world.client, world.url).status == 200


def test_a_security_group_in_the_way(lab, world):
    rule = {"GroupId": world.endpoint_group, "IpPermissions": [tcp(443, group=world.client_group)]}
    (endpoint,) = world.seoul.seen(world.endpoint)["NetworkInterfaceIds"]
    path = create(world.seoul.ec2, world.client, world.endpoint)
    world.seoul.ec2.revoke_security_group_ingress(**rule)
    try:
        blocked = analyse(world.seoul.ec2, path)
        assert lab.curl(world.client, world.url).code == 28
    finally:
        world.seoul.ec2.authorize_security_group_ingress(**rule)
    assert codes(blocked) == ["ENI_SG_RULES_MISMATCH"] and not blocked["ForwardPathComponents"]
    (why,) = blocked["Explanations"]
    assert why["Direction"] == "ingress" and why["NetworkInterface"]["Id"] == endpoint
    assert [group["Id"] for group in why["SecurityGroups"]] == [world.endpoint_group]
    assert (why["Vpc"]["Id"], why["Subnet"]["Id"]) == (world.seoul.vpc, world.endpoint_subnet)
    # An analysis stays what it was; another one of the same path is of now.
    assert codes(analyse(world.seoul.ec2, path)) == []
    (kept,) = world.seoul.ec2.describe_network_insights_analyses(
        NetworkInsightsPathId=path, Filters=[{"Name": "path-found", "Values": ["false"]}])["NetworkInsightsAnalyses"]
    assert kept == blocked


def test_a_network_acl_in_the_way_there_and_back(world):
    ec2, acl = world.seoul.ec2, acl_of(world.seoul, world.seoul.subnet)
    for egress, ports in ((True, (443, 443)), (False, (1024, 65535))):
        entry = {"NetworkAclId": acl, "RuleNumber": 50, "Egress": egress}
        ec2.create_network_acl_entry(**entry, Protocol="6", RuleAction="deny", CidrBlock=f"{world.address}/32",
                                     PortRange={"From": ports[0], "To": ports[1]})
        try:
            blocked = look(ec2, world.client, world.endpoint)
        finally:
            ec2.delete_network_acl_entry(**entry)
        assert codes(blocked) == ["SUBNET_ACL_RESTRICTION"]
        (why,) = blocked["Explanations"]
        assert (why["Acl"]["Id"], why["Subnet"]["Id"], why["Direction"]) == (acl, world.seoul.subnet, "egress" if egress else "ingress")
        rule = why["AclRule"]
        assert (rule["RuleNumber"], rule["RuleAction"], rule["Egress"], rule["Protocol"]) == (50, "deny", egress, "tcp")
        assert rule["PortRange"] == {"From": ports[0], "To": ports[1]}


def test_routes_and_peering(lab, world):
    seoul, oregon = world.seoul, world.oregon
    remote = oregon.ec2
    address = {"DestinationIp": world.address}
    # From Oregon to the peering connection, for the endpoint is in another region; and from it to the endpoint.
    found = look(remote, world.remote, world.peering, **address)
    assert codes(found) == [] and ids(found["ForwardPathComponents"])[-1] == world.peering
    assert found["ForwardPathComponents"][-2]["RouteTableRoute"]["VpcPeeringConnectionId"] == world.peering
    last = found["ForwardPathComponents"][-1]
    assert (last["SourceVpc"]["Id"], last["DestinationVpc"]["Id"]) == (oregon.vpc, seoul.vpc)
    found = look(seoul.ec2, world.peering, world.endpoint, SourceIp=oregon.address(world.remote))
    assert codes(found) == []
    # No route there.
    remote.delete_route(RouteTableId=oregon.table, DestinationCidrBlock=seoul.cidr)
    try:
        blocked = look(remote, world.remote, world.peering, **address)
    finally:
        oregon.route_to(seoul.cidr, world.peering)
    assert codes(blocked)[0] == "NO_ROUTE_TO_DESTINATION"
    assert (blocked["Explanations"][0]["RouteTable"]["Id"], blocked["Explanations"][0]["Address"]) == (oregon.table, world.address)
    # No route back.
    seoul.ec2.delete_route(RouteTableId=seoul.table, DestinationCidrBlock=oregon.cidr)
    try:
        blocked = look(seoul.ec2, world.peering, world.endpoint, SourceIp=oregon.address(world.remote))
    finally:
        seoul.route_to(oregon.cidr, world.peering)
    assert codes(blocked) == ["NO_ROUTE_TO_DESTINATION"] and blocked["Explanations"][0]["RouteTable"]["Id"] == seoul.table


def test_interfaces_ports_and_what_is_not_there(world):
    seoul = world.seoul
    client, (endpoint,) = interface_of(seoul, world.client), seoul.seen(world.endpoint)["NetworkInterfaceIds"]
    assert codes(look(seoul.ec2, client, endpoint)) == []
    # Without a port it is enough that some port is reachable.
    assert codes(look(seoul.ec2, client, endpoint, None)) == []
    assert "ENDPOINT_PORT_NOT_SERVED" in codes(look(seoul.ec2, client, endpoint, 80))
    target = seoul.instance(seoul.group("stopped", tcp(80, cidr=EVERYWHERE)))
    assert codes(look(seoul.ec2, world.client, target, 80)) == []
    seoul.ec2.stop_instances(InstanceIds=[target])
    asleep = look(seoul.ec2, world.client, target, 80)
    assert codes(asleep) == ["BAD_STATE"] and codes(look(seoul.ec2, target, world.client, 22))[0] == "BAD_STATE"
    assert (asleep["Explanations"][0]["Component"]["Id"], asleep["Explanations"][0]["State"]) == (target, "stopped")
    assert codes(look(seoul.ec2, client, world.endpoint, DestinationIp=world.address)) == []
    nobody = look(seoul.ec2, world.client, world.peering, DestinationIp="10.0.2.200")
    assert codes(nobody) == ["NO_POSSIBLE_DESTINATION"] and nobody["Explanations"][0]["Address"] == "10.0.2.200"
    path = create(seoul.ec2, world.client, target, 80)
    seoul.ec2.terminate_instances(InstanceIds=[target])
    started = seoul.ec2.start_network_insights_analysis(NetworkInsightsPathId=path, ClientToken="gone")["NetworkInsightsAnalysis"]
    (failed,) = seoul.ec2.describe_network_insights_analyses(
        NetworkInsightsAnalysisIds=[started["NetworkInsightsAnalysisId"]])["NetworkInsightsAnalyses"]
    assert failed["Status"] == "failed" and target in failed["StatusMessage"] and "NetworkPathFound" not in failed


def test_refusals_tokens_and_tags(world):
    ec2 = world.seoul.ec2
    asked = {"Source": world.client, "Destination": world.endpoint, "Protocol": "tcp", "DestinationPort": 443, "ClientToken": "once",
             "TagSpecifications": [{"ResourceType": "network-insights-path", "Tags": [{"Key": "team", "Value": "pets"}]}]}
    assert code(ec2.create_network_insights_path, **asked, DryRun=True)[0] == "DryRunOperation"
    path = ec2.create_network_insights_path(**asked)["NetworkInsightsPath"]
    assert ec2.create_network_insights_path(**asked)["NetworkInsightsPath"] == path
    assert code(ec2.create_network_insights_path, **{**asked, "DestinationPort": 80})[0] == "IdempotentParameterMismatch"
    assert path["NetworkInsightsPathArn"] == f"arn:aws:ec2:{SEOUL}:{ACCOUNT}:network-insights-path/{path['NetworkInsightsPathId']}"
    (seen,) = ec2.describe_network_insights_paths(Filters=[{"Name": "tag:team", "Values": ["pets"]}])["NetworkInsightsPaths"]
    assert seen == path
    for change, wanted, word in (
            ({"Source": "i-0123456789abcdef0"}, "InvalidInstanceID.NotFound", "i-0123456789abcdef0"),
            ({"Source": "igw-0123456789abcdef0"}, "InvalidParameterValue", "igw-"),
            ({"Source": "nonsense"}, "InvalidParameterValue", "nonsense"),
            ({"Protocol": "icmp"}, "InvalidParameterValue", "icmp"),
            ({"Destination": world.client}, "InvalidParameterValue", "different"),
            ({"DestinationPort": 70000}, "InvalidParameterValue", "70000"),
            ({"DestinationIp": "10.0.2.200"}, "InvalidParameterValue", "10.0.2.200"),
            ({"Destination": world.peering}, "MissingParameter", "DestinationIp")):
        assert code(ec2.create_network_insights_path, **{**asked, "ClientToken": harness.unique("t"), **change})[0] == wanted
        assert word in code(ec2.create_network_insights_path, **{**asked, "ClientToken": harness.unique("t"), **change})[1]
    without = {key: value for key, value in asked.items() if key != "Destination"}
    assert code(ec2.create_network_insights_path, **without)[0] == "MissingParameter"
    filtered = {**asked, "FilterAtSource": {"DestinationAddress": "10.0.0.1"}}
    assert "FilterAtSource" in code(ec2.create_network_insights_path, **filtered)[1]
    analysis = analyse(ec2, path["NetworkInsightsPathId"])["NetworkInsightsAnalysisId"]
    ids = {"NetworkInsightsPathId": path["NetworkInsightsPathId"]}
    assert code(ec2.delete_network_insights_path, **ids)[0] == "AnalysisExistsForNetworkInsightsPath"
    ec2.create_tags(Resources=[analysis], Tags=[{"Key": "team", "Value": "pets"}])
    assert ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [analysis]}])["Tags"][0]["ResourceType"] == "network-insights-analysis"
    ec2.delete_network_insights_analysis(NetworkInsightsAnalysisId=analysis)
    assert code(ec2.delete_network_insights_analysis, NetworkInsightsAnalysisId=analysis)[0] == "InvalidNetworkInsightsAnalysisId.NotFound"
    ec2.delete_network_insights_path(**ids)
    assert code(ec2.describe_network_insights_paths, NetworkInsightsPathIds=[path["NetworkInsightsPathId"]])[0] == "InvalidNetworkInsightsPathId.NotFound"


def test_by_the_aws_command(lab, world, aws):
    env = {**lab.environment(), "AWS_ENDPOINT_URL": lab.url, "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": SEOUL}

    def run(*arguments):
        answer = harness.run([aws, "ec2", *arguments], env=env)
        assert answer.code == 0, answer
        return json.loads(answer.out)

    path = run("create-network-insights-path", "--source", world.client, "--destination", world.endpoint, "--protocol", "tcp",
               "--destination-port", "443")["NetworkInsightsPath"]["NetworkInsightsPathId"]
    started = run("start-network-insights-analysis", "--network-insights-path-id", path)["NetworkInsightsAnalysis"]
    (done,) = run("describe-network-insights-analyses", "--network-insights-analysis-ids", started["NetworkInsightsAnalysisId"])["NetworkInsightsAnalyses"]
    assert (done["Status"], done["NetworkPathFound"]) == ("succeeded", True)
