"""The resolver of each VPC, asked with `dig` inside instances."""

import pytest

import topology
from harness import OREGON, SEOUL
from topology import Network

EXECUTE_API = f"execute-api.{SEOUL}.amazonaws.com"
BOTH = ("10.0.0.2", "169.254.169.253")


@pytest.fixture(scope="module")
def world(lab):
    return topology.World(lab)


@pytest.mark.parametrize("server", BOTH)
@pytest.mark.parametrize("transport", ["+notcp", "+tcp"])
def test_both_addresses_and_both_transports(world, server, transport):
    found = world.lab.resolve(world.client, world.seoul.host(world.api), "A", transport, f"@{server}")
    assert found == ("NOERROR", [("A", world.address)])


def test_flags(world):
    """A recursive resolver: RA is set, and the question comes back."""
    answer = world.lab.dig(world.client, world.seoul.host(world.api))
    flags = next(line for line in answer.out.splitlines() if line.startswith(";; flags:"))
    names = flags.split(";; flags: ")[1].split(";")[0].split()
    assert "qr" in names and "rd" in names and "ra" in names, flags
    assert f";{world.seoul.host(world.api)}. IN A" in " ".join(answer.out.split())


def test_endpoint_names(world):
    """Apex and wildcard in the endpoint's VPC; the public names and the alias everywhere; the private names of a peer not at all."""
    regional, zonal, private, _ = (entry["DnsName"] for entry in world.seoul.seen(world.endpoint)["DnsEntries"])
    alias, host = world.seoul.alias(world.api, world.endpoint), world.seoul.host(world.api)
    here = ("NOERROR", [("A", world.address)])
    nowhere = ("NXDOMAIN", [])
    resolve = world.lab.resolve
    for name in (private, host, f"anything.{EXECUTE_API}", regional, zonal, alias, host.upper()):
        assert resolve(world.client, name) == here, name
    for name in (regional, zonal, alias):
        assert resolve(world.remote, name) == here, name
    for name in (host, f"anything.{EXECUTE_API}"):
        assert resolve(world.remote, name) == nowhere, name
    assert resolve(world.remote, private) == ("NOERROR", []), "the apex has no address in public, but names below it"
    # A wildcard covers what is below it, but not the alias of an endpoint that the API does not name.
    assert resolve(world.remote, world.seoul.alias(world.api, "vpce-00000000000000000")) == nowhere
    assert resolve(world.remote, world.seoul.alias("zzzzzzzzzz", world.endpoint)) == nowhere


def test_nodata_is_not_nxdomain(world):
    resolve = world.lab.resolve
    for kind in ("AAAA", "TXT", "MX"):
        assert resolve(world.client, world.seoul.host(world.api), kind) == ("NOERROR", []), kind
    answer = world.lab.dig(world.client, "-t", "AAAA", world.seoul.host(world.api))
    assert ";; AUTHORITY SECTION:" in answer.out and "SOA" in answer.out, "NODATA carries the zone's SOA"
    answer = world.lab.dig(world.client, "no-such-name.example.com")
    assert "status: NXDOMAIN" in answer.out


def test_private_names_and_reverse(world):
    """`ip-…` names and their PTRs, both ways, for instances and endpoint interfaces."""
    resolve, address = world.lab.resolve, world.seoul.address(world.client)
    for ip in (address, world.address):
        name = f"ip-{ip.replace('.', '-')}.{SEOUL}.compute.internal"
        assert resolve(world.client, name) == ("NOERROR", [("A", ip)])
        reverse = ".".join(reversed(ip.split("."))) + ".in-addr.arpa"
        assert resolve(world.client, reverse, "PTR") == ("NOERROR", [("PTR", f"{name}.")])
    assert world.lab.dig(world.client, "+short", "-x", address).out == f"ip-{address.replace('.', '-')}.{SEOUL}.compute.internal.\n"
    remote = world.oregon.address(world.remote)
    assert resolve(world.remote, f"ip-{remote.replace('.', '-')}.{OREGON}.compute.internal") == ("NOERROR", [("A", remote)])


def test_search_domain(world):
    """`getent` with the short name: the search domain of resolv.conf is the region's."""
    address = world.seoul.address(world.client)
    answer = world.lab.inside(world.client, "getent", "ahostsv4", f"ip-{world.address.replace('.', '-')}")
    assert answer.code == 0 and answer.out.split()[0] == world.address
    assert world.lab.inside(world.client, "getent", "hosts", "localhost").code == 0
    assert world.lab.inside(world.client, "hostname", "-i").out.strip() == address


def test_other_names_are_nxdomain(world):
    for name in ("example.com", "sts.amazonaws.com", f"s3.{SEOUL}.amazonaws.com", "localhost.localdomain"):
        assert world.lab.resolve(world.client, name) == ("NXDOMAIN", []), name


def test_the_resolver_of_a_peer_does_not_answer(world):
    """Never reachable from another VPC, though the packets to its other addresses pass."""
    answer = world.lab.dig(world.remote, "@10.0.0.2", world.seoul.host(world.api))
    assert answer.code == 9, answer
    answer = world.lab.dig(world.remote, "@10.0.0.2", "+tcp", world.seoul.host(world.api))
    assert answer.code == 9, answer
    assert world.lab.resolve(world.remote, world.seoul.alias(world.api, world.endpoint), "A", "@10.1.0.2")[0] == "NOERROR"


def test_egress_rules_do_not_filter_the_resolver(world):
    group = world.seoul.group("silent")
    world.seoul.ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[topology.ALL_EGRESS])
    mute = world.seoul.instance(group)
    for server in BOTH:
        assert world.lab.resolve(mute, world.seoul.host(world.api), "A", f"@{server}") == ("NOERROR", [("A", world.address)])
    world.seoul.ec2.terminate_instances(InstanceIds=[mute])


def test_dns_support_off_silences_both_addresses(world):
    set_support = lambda value: world.seoul.ec2.modify_vpc_attribute(VpcId=world.seoul.vpc, EnableDnsSupport={"Value": value})  # noqa: E731
    set_support(False)
    try:
        for server in BOTH:
            answer = world.lab.dig(world.client, f"@{server}", world.seoul.host(world.api))
            assert answer.code == 9, answer
    finally:
        set_support(True)
    for server in BOTH:
        assert world.lab.resolve(world.client, world.seoul.host(world.api), "A", f"@{server}")[0] == "NOERROR"


def test_overlapping_vpcs_have_their_own_answers(lab, world):
    """Two unrelated VPCs with one CIDR: the same addresses, each its own resolver, endpoint and names."""
    twin = Network(lab, SEOUL, "10.0.0.0/16")
    inside = twin.instance(address="10.0.1.77")
    group = twin.group("endpoint", topology.tcp(443, cidr=twin.cidr))
    endpoint = twin.endpoint(group)
    address = twin.endpoint_addresses(endpoint)[0]
    api = twin.api(topology.openapi({"/pets": {"get": '"twin"'}}, topology.only_endpoint(endpoint)))
    assert lab.resolve(inside, twin.host(api)) == ("NOERROR", [("A", address)])
    assert lab.curl(inside, f"https://{twin.host(api)}/dev/pets").body == '"twin"'
    # The other VPC's API, by this VPC's endpoint: the policy of it names another endpoint.
    reply = lab.curl(inside, f"https://{twin.host(world.api)}/dev/pets")
    assert (reply.status, reply.body) == (403, topology.anonymous(world.api))
    assert lab.curl(world.client, world.url).body == topology.PETS
    # Nothing of one is in the other.
    name = f"ip-10-0-1-77.{SEOUL}.compute.internal"
    assert lab.resolve(inside, name) == ("NOERROR", [("A", "10.0.1.77")])
    assert lab.curl(world.client, "http://10.0.1.77/").code == 28, "the address is the other VPC's"


def test_two_zones_are_both_in_the_regional_name(lab):
    """One interface per subnet: the regional and private names have both addresses, each zonal name its own."""
    network = Network(lab, OREGON, "10.5.0.0/16")
    other = network.add_subnet("10.5.2.0/24", "b")
    client = network.instance()
    endpoint = network.endpoint(subnets=[network.subnet, other])
    names = [entry["DnsName"] for entry in network.seen(endpoint)["DnsEntries"]]
    assert len(names) == 5
    addresses = sorted(network.endpoint_addresses(endpoint))
    assert len(addresses) == 2
    assert [value for _, value in lab.resolve(client, names[0])[1]] == addresses
    assert [value for _, value in lab.resolve(client, names[3])[1]] == addresses
    for zonal in names[1:3]:
        subnet = "10.5.1." if f"{OREGON}a." in zonal else "10.5.2."
        found = lab.resolve(client, zonal)[1]
        assert len(found) == 1 and found[0][1].startswith(subnet)
    # A zone less: its zonal name is gone.
    network.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, RemoveSubnetIds=[other])
    gone = next(name for name in names[1:3] if f"{OREGON}b." in name)
    assert lab.resolve(client, gone) == ("NXDOMAIN", [])
    assert len(lab.resolve(client, names[0])[1]) == 1


def test_nonsense_does_not_end_the_resolver(world):
    """Packets that are no DNS, and a TCP connection that says nothing."""
    script = (
        "import socket\n"
        "u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "for p in (b'', b'x', b'\\0' * 11, b'\\xff' * 512, b'\\0' * 12 + b'\\xc0\\x0c' * 200): u.sendto(p, ('10.0.0.2', 53))\n"
        "t = socket.create_connection(('10.0.0.2', 53), 2); t.sendall(b'\\xff\\xffabc'); t.close()\n"
    )
    assert world.lab.inside(world.client, "python3", "-c", script).code == 0
    assert world.lab.resolve(world.client, world.seoul.host(world.api))[0] == "NOERROR"
