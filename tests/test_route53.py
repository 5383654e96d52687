"""Private hosted zones of Route 53: what instances in two regions resolve, and what Route 53 refuses."""

import boto3
import pytest

import topology
from errors import refused
from harness import ACCOUNT, CONFIG, OREGON, SEOUL, unique
from topology import Network

EXECUTE_API = f"execute-api.{SEOUL}.amazonaws.com"
NXDOMAIN, NODATA = ("NXDOMAIN", []), ("NOERROR", [])


class Zones:
    """Route 53 of one account, in few words."""

    def __init__(self, lab, account=ACCOUNT):
        self.client = lab.client("route53", "us-east-1", account)

    def create(self, name, *networks):
        first, *others = networks
        made = self.client.create_hosted_zone(Name=name, CallerReference=unique("zone"), VPC=vpc(first))["HostedZone"]["Id"]
        for network in others:
            self.client.associate_vpc_with_hosted_zone(HostedZoneId=made, VPC=vpc(network))
        return made

    def change(self, zone, *changes):
        return self.client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": list(changes)})["ChangeInfo"]

    def alias(self, zone, name, entry):
        target = {"HostedZoneId": entry["HostedZoneId"], "DNSName": entry["DnsName"], "EvaluateTargetHealth": False}
        self.change(zone, {"Action": "UPSERT", "ResourceRecordSet": {"Name": name, "Type": "A", "AliasTarget": target}})

    def delete(self, zone):
        sets = self.client.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        own = [one for one in sets if one["Type"] not in ("NS", "SOA")]
        if own:
            self.change(zone, *({"Action": "DELETE", "ResourceRecordSet": one} for one in own))
        self.client.delete_hosted_zone(Id=zone)


def vpc(network):
    return {"VPCId": network.vpc, "VPCRegion": network.region}


def record(name, kind, *values, action="CREATE", ttl=60):
    return {"Action": action, "ResourceRecordSet": {
        "Name": name, "Type": kind, "TTL": ttl, "ResourceRecords": [{"Value": value} for value in values]}}


@pytest.fixture(scope="module")
def world(lab):
    return topology.World(lab)


@pytest.fixture(scope="module")
def zones(lab):
    return Zones(lab)


def test_a_zone_for_the_spoke_makes_the_private_name_work_across_regions(world, zones):
    """The hub keeps private DNS; the spoke in the other region gets a zone of the same name with aliases to the endpoint."""
    lab, host = world.lab, world.seoul.host(world.api)
    regional, zonal, *_ = world.seoul.seen(world.endpoint)["DnsEntries"]
    here = ("NOERROR", [("A", world.address)])
    assert lab.resolve(world.remote, host) == NXDOMAIN
    zone = zones.create(EXECUTE_API, world.oregon)
    assert lab.resolve(world.remote, host) == NXDOMAIN, "the zone is there and empty"
    zones.alias(zone, EXECUTE_API, regional)
    zones.alias(zone, f"*.{EXECUTE_API}", zonal)
    for name in (host, EXECUTE_API, f"anything.{EXECUTE_API}"):
        assert lab.resolve(world.remote, name) == here, name
    assert lab.resolve(world.remote, host, "AAAA") == NODATA
    assert lab.curl(world.remote, world.url).body == topology.PETS
    # The hub has the endpoint's own zone of that name, and cannot have both.
    hidden = world.seoul.seen(world.endpoint)["DnsEntries"][-1]["HostedZoneId"]
    with refused("ConflictingDomainExists", f"The VPC {world.seoul.vpc} in region {SEOUL} has already been associated with the hosted zone "
                                            f"{hidden} with the same domain name."):
        zones.client.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC=vpc(world.seoul))
    # An attribute of the VPC off: the zone is not asked.
    hostnames = lambda on: world.oregon.ec2.modify_vpc_attribute(VpcId=world.oregon.vpc, EnableDnsHostnames={"Value": on})  # noqa: E731
    hostnames(False)
    assert lab.resolve(world.remote, host) == NXDOMAIN
    hostnames(True)
    assert lab.resolve(world.remote, host) == here
    zones.delete(zone)
    assert lab.resolve(world.remote, host) == NXDOMAIN


def test_one_zone_for_hub_and_spoke_with_private_dns_off(world, zones):
    lab, host = world.lab, world.seoul.host(world.api)
    regional = world.seoul.seen(world.endpoint)["DnsEntries"][0]
    switch = lambda on: world.seoul.ec2.modify_vpc_endpoint(VpcEndpointId=world.endpoint, PrivateDnsEnabled=on)  # noqa: E731
    switch(False)
    assert lab.resolve(world.client, host) == NXDOMAIN
    zone = zones.create(EXECUTE_API, world.seoul, world.oregon)
    zones.alias(zone, f"*.{EXECUTE_API}", regional)
    for instance in (world.client, world.remote):
        assert lab.resolve(instance, host) == ("NOERROR", [("A", world.address)])
        assert lab.curl(instance, world.url).body == topology.PETS
    with refused("InvalidParameter", "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
                                     f"*.{EXECUTE_API} in the VPC {world.seoul.vpc}"):
        switch(True)
    # Only the hub leaves the zone.
    zones.client.disassociate_vpc_from_hosted_zone(HostedZoneId=zone, VPC=vpc(world.seoul))
    assert lab.resolve(world.client, host) == NXDOMAIN
    assert lab.curl(world.remote, world.url).body == topology.PETS
    with refused("LastVPCAssociation"):
        zones.client.disassociate_vpc_from_hosted_zone(HostedZoneId=zone, VPC=vpc(world.oregon))
    switch(True)
    assert lab.curl(world.client, world.url).body == topology.PETS
    zones.delete(zone)


def test_a_longer_zone_wins_over_the_endpoints(world, zones):
    """A zone of one API's name takes that name alone from the endpoint's private DNS."""
    lab, host = world.lab, world.seoul.host(world.api)
    zone = zones.create(host, world.seoul)
    zones.change(zone, record(host, "A", "10.0.0.99"))
    assert lab.resolve(world.client, host) == ("NOERROR", [("A", "10.0.0.99")])
    assert lab.resolve(world.client, f"other.{EXECUTE_API}") == ("NOERROR", [("A", world.address)])
    zones.delete(zone)
    assert lab.resolve(world.client, host) == ("NOERROR", [("A", world.address)])


def test_records_wildcards_chains_and_no_fall_back(world, zones):
    lab = world.lab
    zone = zones.create("corp.test", world.seoul, world.oregon)
    inner = zones.create("in.corp.test", world.seoul)
    change = zones.change(
        zone,
        record("corp.test", "A", "10.0.0.7", "10.0.0.8"),
        record("www.corp.test", "CNAME", "corp.test"),
        record("*.wild.corp.test", "A", "10.0.0.9"),
        record("own.wild.corp.test", "TXT", '"v=1"'),
        record("x.in.corp.test", "A", "10.0.0.10"),
        record("mail.corp.test", "MX", "10 www.corp.test"),
        record("over.corp.test", "CNAME", "y.in.corp.test"),
        record("loop.corp.test", "CNAME", "pool.corp.test"),
        record("pool.corp.test", "CNAME", "loop.corp.test"),
    )
    assert change["Status"] == "PENDING"
    zones.client.get_waiter("resource_record_sets_changed").wait(Id=change["Id"])
    zones.change(inner, record("y.in.corp.test", "A", "10.0.0.11"))
    both = [("A", "10.0.0.7"), ("A", "10.0.0.8")]
    for instance in (world.client, world.remote):
        assert lab.resolve(instance, "corp.test") == ("NOERROR", both)
        assert lab.resolve(instance, "www.corp.test") == ("NOERROR", [*both, ("CNAME", "corp.test.")])
        assert lab.resolve(instance, "a.b.wild.corp.test") == ("NOERROR", [("A", "10.0.0.9")])
        assert lab.resolve(instance, "own.wild.corp.test") == NODATA
        assert lab.resolve(instance, "none.corp.test") == NXDOMAIN
        assert lab.resolve(instance, "mail.corp.test", "MX") == ("NOERROR", [("MX", "10")])
        assert lab.resolve(instance, "loop.corp.test")[0] == "SERVFAIL"
    # The longer zone answers alone where it is seen; the shorter one where it is not.
    assert lab.resolve(world.client, "x.in.corp.test") == NXDOMAIN
    assert lab.resolve(world.remote, "x.in.corp.test") == ("NOERROR", [("A", "10.0.0.10")])
    assert lab.resolve(world.client, "over.corp.test")[1] == [("A", "10.0.0.11"), ("CNAME", "y.in.corp.test.")]
    assert lab.resolve(world.remote, "over.corp.test") == ("NXDOMAIN", [("CNAME", "y.in.corp.test.")])
    assert lab.inside(world.client, "getent", "ahostsv4", "www.corp.test").out.split()[0] in ("10.0.0.7", "10.0.0.8")
    zones.delete(inner)
    zones.delete(zone)


def test_another_account_sees_a_zone_once_it_was_authorized(world, zones):
    lab, other = world.lab, Zones(world.lab, "444455556666")
    theirs = Network(lab, OREGON, "10.7.0.0/16", account="444455556666")
    zone = zones.create("shared.test", world.seoul)
    zones.change(zone, record("a.shared.test", "A", "10.0.0.5"))
    associate = lambda: other.client.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC=vpc(theirs))  # noqa: E731
    with refused("NotAuthorizedException", status=401):
        associate()
    zones.client.create_vpc_association_authorization(HostedZoneId=zone, VPC=vpc(theirs))
    associate()
    zones.client.delete_vpc_association_authorization(HostedZoneId=zone, VPC=vpc(theirs))
    inside = theirs.instance()
    assert lab.resolve(inside, "a.shared.test") == ("NOERROR", [("A", "10.0.0.5")])
    summaries = other.client.list_hosted_zones_by_vpc(VPCId=theirs.vpc, VPCRegion=OREGON)["HostedZoneSummaries"]
    assert [(one["Name"], one["Owner"]) for one in summaries] == [("shared.test.", {"OwningAccount": ACCOUNT})]
    with refused("NoSuchHostedZone", status=404):
        other.client.get_hosted_zone(Id=zone)
    other.client.disassociate_vpc_from_hosted_zone(HostedZoneId=zone, VPC=vpc(theirs))
    assert lab.resolve(inside, "a.shared.test") == NXDOMAIN
    zones.delete(zone)


def test_a_public_zone_holds_records_and_answers_nobody(world, zones):
    made = zones.client.create_hosted_zone(Name="public.test", CallerReference=unique("zone"))
    zone = made["HostedZone"]["Id"]
    assert len(made["DelegationSet"]["NameServers"]) == 4 and not made["HostedZone"]["Config"]["PrivateZone"]
    zones.change(zone, record("public.test", "A", "10.0.0.5"))
    assert world.lab.resolve(world.client, "public.test") == NXDOMAIN
    with refused("PublicZoneVPCAssociation"):
        zones.client.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC=vpc(world.seoul))
    zones.delete(zone)


def test_lists_come_in_pages(world, zones):
    zone = zones.create("pages.test", world.seoul)
    zones.change(zone, *(record(f"n{n}.pages.test", "A", "10.0.0.1") for n in range(25)))
    pages = list(zones.client.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone, PaginationConfig={"PageSize": 10}))
    assert [len(page["ResourceRecordSets"]) for page in pages] == [10, 10, 7]
    assert len({(one["Name"], one["Type"]) for page in pages for one in page["ResourceRecordSets"]}) == 27
    more = [zones.create(f"z{n}.pages.test", world.seoul) for n in range(4)]
    listed = [one["Id"] for page in zones.client.get_paginator("list_hosted_zones").paginate(PaginationConfig={"PageSize": 2})
              for one in page["HostedZones"]]
    assert sorted(listed) == sorted([zone, *more])
    names = zones.client.list_hosted_zones_by_name(DNSName="z1.pages.test", MaxItems="2")
    assert [one["Name"] for one in names["HostedZones"]] == ["z1.pages.test.", "z2.pages.test."]
    assert (names["IsTruncated"], names["NextDNSName"]) == (True, "z3.pages.test.")
    zones.client.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone.split("/")[-1], AddTags=[{"Key": "a", "Value": "b"}])
    tags = zones.client.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone.split("/")[-1])["ResourceTagSet"]["Tags"]
    assert tags == [{"Key": "a", "Value": "b"}]
    for one in (zone, *more):
        zones.delete(one)


def test_zones_outlive_the_daemon(fresh):
    lab = fresh(ephemeral=False).up()
    network, zones = Network(lab, SEOUL, "10.0.0.0/16"), Zones(lab)
    inside = network.instance()
    zone = zones.create("kept.test", network)
    zones.change(zone, record("*.kept.test", "A", "10.0.0.5"), record("c.kept.test", "CNAME", "x.kept.test"))
    lab.down()
    lab.up()
    again = boto3.client("route53", region_name="us-east-1", endpoint_url=lab.url, config=CONFIG, aws_access_key_id=ACCOUNT,
                         aws_secret_access_key="vpclab")
    names = [one["Name"] for one in again.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]]
    assert names == ["kept.test.", "kept.test.", "\\052.kept.test.", "c.kept.test."]
    ec2 = lab.ec2()
    ec2.start_instances(InstanceIds=[inside])
    assert lab.resolve(inside, "c.kept.test") == ("NOERROR", [("A", "10.0.0.5"), ("CNAME", "x.kept.test.")])
    lab.down()
