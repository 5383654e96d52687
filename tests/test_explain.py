"""`vpclab explain` against packets: every fault of `test_faults` is named exactly, what is printed is run as it stands, and then curl passes."""

import dataclasses
import itertools
import json
import shlex
import subprocess
import sys
import urllib.request

import pytest

import harness
import topology
from test_faults import FAULTS, Answers, NoResolver, NoSuchName, Refused, TimedOut

AWS = str(harness.pathlib.Path(sys.executable).parent / "aws")
SG, ACL, PORT = "ENI_SG_RULES_MISMATCH", "SUBNET_ACL_RESTRICTION", "ENDPOINT_PORT_NOT_SERVED"

# What is named for each fault, in order. The name of a fault that is no cause of a failure has nothing.
CAUSES = {
    "endpoint group lets nothing in": [SG],
    "endpoint group does not name the peer": [SG],
    "client is in another group": [SG],
    "client egress closed in Seoul": [SG],
    "client egress closed in Oregon": [SG],
    "egress of the endpoint's group is irrelevant to replies": [],
    "client has no route": ["NO_ROUTE_TO_DESTINATION"],
    "endpoint has no return route": ["NO_ROUTE_TO_DESTINATION"],
    "peering pending": ["BAD_STATE"],
    "peering rejected": ["BAD_STATE_ROUTE", "BAD_STATE_ROUTE"],
    "peering deleted": ["BAD_STATE_ROUTE", "BAD_STATE_ROUTE"],
    "plain HTTP is not served": [PORT],
    "DNS support off": ["DNS_SUPPORT_OFF"],
    "DNS hostnames off": ["DNS_HOSTNAMES_OFF"],
    "private DNS off": ["PRIVATE_DNS_OFF"],
    "private name of a peer": ["PRIVATE_NAME_OVER_PEERING"],
    "endpoint deleted": ["NO_ENDPOINT_IN_VPC"],
    "wrong Host": ["API_NOT_FOUND"],
    "Host of another region": ["API_IN_OTHER_REGION"],
    "endpoint's name without Host": ["API_NOT_NAMED"],
    "wrong stage": ["STAGE_NOT_FOUND"],
    "no stage": ["STAGE_NOT_FOUND"],
    "unknown path": ["RESOURCE_NOT_FOUND"],
    "unknown method": ["METHOD_NOT_FOUND"],
    "policy denies the endpoint": ["RESOURCE_POLICY_DENY"],
    "policy denies the VPC": ["RESOURCE_POLICY_DENY"],
    "policy is silent": ["RESOURCE_POLICY_SILENT"],
    "policy allows another path only": ["RESOURCE_POLICY_SILENT"],
    "policy changed without redeploy": [],
    "endpoint policy is silent": ["ENDPOINT_POLICY_SILENT"],
    "endpoint policy denies": ["ENDPOINT_POLICY_DENY"],
    "default endpoint disabled": ["DEFAULT_ENDPOINT_DISABLED"],
    "default endpoint disabled, not deployed yet": [],
    "stage deleted": ["STAGE_NOT_FOUND"],
}
# Calls of something that is nowhere: no setting makes them right, and which call was meant nobody can know.
UNMENDED = {"wrong Host", "Host of another region", "no stage", "unknown path", "unknown method"}


@dataclasses.dataclass
class Asked:
    """A call as `curl` was asked to make it."""

    instance: str
    url: str
    options: list

    def arguments(self):
        """The same for `vpclab explain`."""
        out, options = [], iter(self.options)
        for option in options:
            if option in ("-H", "-X"):
                out += [option, next(options)]
            elif option == "--resolve":
                out += ["--connect-to", next(options).split(":")[2]]
            else:
                raise AssertionError(f"explain has no {option}")
        return ["--from", self.instance, *out, self.url]


class Recorder:
    """A world whose `lab.curl` makes no call and tells what it was asked."""

    def __init__(self, world):
        self._world = world
        self.lab = self

    def __getattr__(self, name):
        return getattr(self._world, name)

    def curl(self, instance, url, *options):
        return Asked(instance, url, list(options))


@pytest.fixture
def world(lab):
    """A world that nothing else changed."""
    urllib.request.urlopen(urllib.request.Request(f"{lab.url}/_vpclab/reset", method="POST"), timeout=60).close()
    lab._clients.clear()
    return topology.World(lab)


def explain(world, asked):
    answer = world.lab.vpclab("explain", "--json", *asked.arguments())
    assert answer.out, answer
    explanation = json.loads(answer.out)
    assert answer.code == {"reachable": 0, "blocked": 2, "undetermined": 3}[explanation["verdict"]], answer
    return explanation


def causes(explanation):
    return [blocker["cause"] for blocker in explanation["blockers"]]


def run_commands(world, fix):
    """Runs a fix's lines in a shell, as they stand."""
    keep = world.lab.environment()
    environment = {**keep, "PATH": f"{harness.pathlib.Path(AWS).parent}:{keep['PATH']}", "AWS_ENDPOINT_URL": world.lab.url,
                   "AWS_ACCESS_KEY_ID": fix["account"], "AWS_SECRET_ACCESS_KEY": "vpclab", "AWS_EC2_METADATA_DISABLED": "true",
                   "AWS_PAGER": ""}
    done = subprocess.run(["sh", "-e", "-u", "-c", "\n".join(fix["commands"])], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{fix}\n{done.stdout}{done.stderr}"


def mend(world, asked, explanation):
    """Does what the explanation says; the call to be made then."""
    for fix in explanation["fixes"]:
        if fix["commands"]:
            run_commands(world, fix)
        if fix["instead"]:
            *options, url = shlex.split(fix["instead"])
            asked = Asked(asked.instance, url, [*options, *(option for option in asked.options if not fix["instead"].startswith("-H"))])
    return asked


def sees(explanation, reply):
    """Whether the client saw what was foretold."""
    outcome = explanation["outcome"]
    match outcome["kind"]:
        case "answered":
            Answers(reply.body).check(reply)
        case "no-such-name":
            NoSuchName().check(reply)
        case "no-resolver":
            NoResolver().check(reply)
        case "timeout":
            TimedOut().check(reply)
        case "http":
            Refused(outcome["errorType"], outcome["body"], outcome["status"]).check(reply)
        case other:
            raise AssertionError(other)


def call(world, asked):
    return world.lab.curl(asked.instance, asked.url, *asked.options)


def check_mended(world, asked, explanation):
    """Mends round by round: what a new endpoint is refused by shows once it is there."""
    for _ in range(3):
        assert explanation["blockers"] and all(blocker["fixes"] for blocker in explanation["blockers"]), explanation
        asked = mend(world, asked, explanation)
        explanation = explain(world, asked)
        if explanation["verdict"] != "blocked":
            break
    assert explanation["verdict"] == "reachable", explanation
    reply = call(world, asked)
    assert (reply.code, reply.status) == (0, 200), reply


def test_every_fault_has_its_causes():
    assert set(CAUSES) == {fault.name for fault in FAULTS}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault(world, fault):
    fault.break_(world)
    asked = fault.call(Recorder(world))
    explanation = explain(world, asked)
    assert causes(explanation) == CAUSES[fault.name], json.dumps(explanation, indent=1)
    sees(explanation, call(world, asked))
    if not explanation["blockers"]:
        assert explanation["verdict"] == "reachable", explanation["missing"]
    elif fault.name in UNMENDED:
        assert explanation["fixes"] == [] or all(fix["instead"] or fix["commands"] for fix in explanation["fixes"])
    else:
        check_mended(world, asked, explanation)


# Faults that do not undo or hide one another, by the call that shows both.
FROM_SEOUL = ["endpoint group lets nothing in", "client egress closed in Seoul", "private DNS off", "DNS hostnames off", "DNS support off",
              "policy denies the endpoint", "endpoint policy denies"]
FROM_OREGON = ["endpoint group does not name the peer", "client egress closed in Oregon", "client has no route", "endpoint has no return route",
               "policy denies the VPC", "endpoint policy is silent"]
PAIRS = [*itertools.combinations(FROM_SEOUL, 2), *itertools.combinations(FROM_OREGON, 2)]


@pytest.mark.parametrize("pair", PAIRS, ids=" + ".join)
def test_pair(world, pair):
    one, two = (next(fault for fault in FAULTS if fault.name == name) for name in pair)
    # Private names cannot be turned off where the attributes are off already.
    for fault in sorted((one, two), key=lambda fault: fault.name.startswith("DNS")):
        fault.break_(world)
    asked = one.call(Recorder(world))
    explanation = explain(world, asked)
    assert sorted(causes(explanation)) == sorted(CAUSES[one.name] + CAUSES[two.name]), json.dumps(explanation, indent=1)
    sees(explanation, call(world, asked))
    # Starting the `aws` command is most of the time of this test: every third pair is mended too.
    if PAIRS.index(pair) % 3 == 0:
        check_mended(world, asked, explanation)


def acl(world, *, network, subnet, entries):
    """A network ACL of the subnet's own; `(egress, low, high, cidr)` is let pass, nothing else."""
    ec2 = network.ec2
    made = ec2.create_network_acl(VpcId=network.vpc)["NetworkAcl"]["NetworkAclId"]
    filters = [{"Name": "association.subnet-id", "Values": [subnet]}]
    found = ec2.describe_network_acls(Filters=filters)["NetworkAcls"][0]["Associations"]
    association = next(one["NetworkAclAssociationId"] for one in found if one["SubnetId"] == subnet)
    ec2.replace_network_acl_association(AssociationId=association, NetworkAclId=made)
    for number, (egress, low, high, cidr) in enumerate(entries, start=1):
        ec2.create_network_acl_entry(NetworkAclId=made, RuleNumber=number * 10, Egress=egress, Protocol="6", RuleAction="allow",
                                     CidrBlock=cidr, PortRange={"From": low, "To": high})
    return made


EVERY = (0, 65535, "0.0.0.0/0")


@pytest.mark.parametrize(("entries", "steps"), [
    ([(True, *EVERY)], ["acl-in"]),
    ([(False, *EVERY)], ["return-acl-out"]),
    ([], ["acl-in", "return-acl-out"]),
    ([(False, 443, 443, "10.1.0.0/16"), (True, 1024, 65535, "10.1.0.0/16")], []),
], ids=["nothing in", "nothing out", "nothing", "what is needed"])
def test_acl_of_the_endpoint(world, entries, steps):
    acl(world, network=world.seoul, subnet=world.endpoint_subnet, entries=entries)
    asked = Asked(world.remote, world.alias_url, [])
    explanation = explain(world, asked)
    assert [blocker["step"] for blocker in explanation["blockers"]] == steps
    assert set(causes(explanation)) <= {ACL}
    sees(explanation, call(world, asked))
    if steps:
        check_mended(world, asked, explanation)


def test_peering_is_not_transitive(world):
    tokyo, client, _ = world.add_tokyo()
    asked = Asked(client, world.alias_url, [])
    explanation = explain(world, asked)
    assert causes(explanation) == ["PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", "NO_ROUTE_TO_DESTINATION"], json.dumps(explanation, indent=1)
    sees(explanation, call(world, asked))
    check_mended(world, asked, explanation)


def test_the_packets_agree(world):
    """`--probe` makes the call and compares."""
    for instance, url in ((world.client, world.url), (world.remote, world.url), (world.client, world.url.replace("/dev/", "/prod/"))):
        answer = world.lab.vpclab("explain", "--probe", "--json", "--from", instance, url)
        agreement = json.loads(answer.out)["agreement"]
        assert agreement["agrees"] is True and "the packets agree" in answer.err, answer


def test_apply(world):
    """The fixes are made after asking; where nobody can be asked only with `--yes`."""
    FAULTS[0].break_(world)
    arguments = ("explain", "--from", world.client, "--apply", "--aws", AWS)
    refused = world.lab.vpclab(*arguments, world.url)
    assert refused.code == 1 and "--yes" in refused.err, refused
    TimedOut().check(world.lab.curl(world.client, world.url))
    done = world.lab.vpclab(*arguments, "--yes", world.url)
    assert done.code == 0 and "ENI_SG_RULES_MISMATCH" in done.out and done.out.endswith("now reachable: the API answers 200\n"), done
    Answers().check(world.lab.curl(world.client, world.url))


def test_what_cannot_be_asked(world):
    """Exit code 1, so that no verdict is mistaken for it."""
    for arguments, words in (
        (("--from", "i-00000000000000000", world.url), "there is no instance"),
        (("--from", world.client, "nonsense"), "no URL"),
        (("--from", world.client, "-H", "nonsense", world.url), "no header"),
        (("--from", world.client), "required"),
    ):
        answer = world.lab.vpclab("explain", *arguments)
        assert answer.code == 1 and words in answer.err, answer


def test_names_of_sources(world):
    """By id, Name tag, interface, address."""
    seen = world.seoul.ec2.describe_instances(InstanceIds=[world.client])["Reservations"][0]["Instances"][0]
    for source in ("seoul", seen["NetworkInterfaces"][0]["NetworkInterfaceId"], seen["PrivateIpAddress"]):
        assert explain(world, Asked(source, world.url, []))["verdict"] == "reachable"
    outside = explain(world, Asked(f"10.1.77.7@{world.peering}", world.alias_url, []))
    assert outside["verdict"] == "reachable", outside
