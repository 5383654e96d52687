"""The console, in a browser, against the running daemon: what it shows, what it changes, and whom it refuses."""

import http.client
import io
import json
import os
import pathlib
import shutil
import subprocess
import urllib.parse
import zipfile

import pytest

import harness
import topology
from conftest import beside
from harness import ACCOUNT, OREGON, SEOUL

CHECKS = pathlib.Path(__file__).parent / "console"
WEB = harness.ROOT / "crates/console/web"


def in_browser(script, url, world, timeout=300):
    """Runs a script of tests/console with the lab's address and what is in it."""
    assert shutil.which("node") and (WEB / "node_modules/playwright-core").exists(), "the browser is not installed: scripts/setup.sh test"
    done = subprocess.run(["node", CHECKS / script, url], input=json.dumps(world), text=True, capture_output=True, timeout=timeout,
                          env={**os.environ, "TZ": "UTC"})
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def world(lab):
    return topology.World(lab)


# What every list says when there is nothing, and the pages that are no lists.
LISTS = {
    "vpc/vpcs": "VPCs", "vpc/subnets": "Subnets", "vpc/route-tables": "Route tables", "vpc/security-groups": "Security groups",
    "vpc/network-acls": "Network ACLs", "vpc/peering-connections": "Peering connections", "vpc/endpoints": "Endpoints",
    "vpc/network-interfaces": "Network interfaces", "vpc/instances": "Instances", "vpc/hosted-zones": "Hosted zones",
    "apigateway/apis": "APIs", "lambda/functions": "Functions", "cloudformation/stacks": "Stacks",
}
# `VPCLAB_SHOTS=docs/console` keeps pictures of the main pages.
SHOTS = os.environ.get("VPCLAB_SHOTS") and str(harness.ROOT / os.environ["VPCLAB_SHOTS"])

TEMPLATE = {
    "Resources": {"Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/console/test"}}},
    "Outputs": {"Name": {"Value": {"Ref": "Group"}}},
}


def test_every_page_of_an_empty_lab(fresh):
    lab = fresh()
    lab.up()
    pages = [{"path": f"/{path}", "text": [title, f"No {title.lower()}"]} for path, title in LISTS.items()]
    pages += [{"path": "/topology", "text": ["The lab is empty."]}, {"path": "/call", "text": ["No call has reached an endpoint yet"]},
              {"path": "/terminal", "text": ["Choose an instance."]}, {"path": "/vpc/vpcs/vpc-0123456789abcdef0", "text": "There is no VPC"},
              {"path": "/nothing", "text": "There is no such page"}]
    in_browser("pages.mjs", lab.url, {"pages": pages})


def test_every_page_of_a_full_lab(lab, world):
    seoul, functions = world.seoul, lab.client("lambda")
    zone = lab.client("route53").create_hosted_zone(Name="corp.internal", CallerReference="console", VPC={"VPCRegion": SEOUL, "VPCId": seoul.vpc})
    zone = zone["HostedZone"]["Id"].split("/")[-1]
    stack = lab.client("cloudformation").create_stack(StackName="console", TemplateBody=json.dumps(TEMPLATE))["StackId"]
    lab.client("cloudformation").get_waiter("stack_create_complete").wait(StackName="console", WaiterConfig={"Delay": 1})
    function = make_function(lab, functions)
    assert lab.curl(world.client, world.url).status == 200
    seoul.apigateway.update_rest_api(restApiId=world.api, patchOperations=[{"op": "replace", "path": "/policy", "value": json.dumps(topology.policy(topology.statement()))}])
    rows = {"vpc/vpcs": seoul.vpc, "vpc/subnets": seoul.subnet, "vpc/route-tables": seoul.table, "vpc/security-groups": world.endpoint_group,
            "vpc/peering-connections": world.peering, "vpc/endpoints": world.endpoint, "vpc/instances": world.client, "vpc/hosted-zones": zone,
            "apigateway/apis": world.api}
    details = {
        f"vpc/vpcs/{seoul.vpc}": "DNS hostnames", f"vpc/subnets/{seoul.subnet}": "Routes", f"vpc/route-tables/{seoul.table}": world.peering,
        f"vpc/security-groups/{world.endpoint_group}": "443", f"vpc/peering-connections/{world.peering}": "active",
        f"vpc/endpoints/{world.endpoint}": world.address, f"vpc/endpoints/{world.endpoint}?tab=groups": "Inbound rules",
        f"vpc/endpoints/{world.endpoint}?tab=policy": "Statement", f"vpc/endpoints/{world.endpoint}?tab=names": world.endpoint_host,
        f"vpc/instances/{world.client}": "running", f"vpc/hosted-zones/{zone}": "corp.internal",
        f"apigateway/apis/{world.api}": "/pets", f"apigateway/apis/{world.api}?tab=policy": "Changed since the last deployment to dev",
        f"apigateway/apis/{world.api}?tab=stages": "The policy has changed", f"apigateway/apis/{world.api}?tab=deployments": "Compare",
        f"apigateway/apis/{world.api}?tab=urls": f"{world.api}-{world.endpoint}", f"apigateway/apis/{world.api}?tab=configuration": world.endpoint,
        f"lambda/functions/{function}": "Log", f"cloudformation/stacks/{stack}": "CREATE_COMPLETE",
        f"cloudformation/stacks/{stack}?tab=resources": "/console/test", f"cloudformation/stacks/{stack}?tab=template": "AWS::Logs::LogGroup",
        f"cloudformation/stacks/{stack}?tab=outputs": "Name",
    }
    quoted = {path.replace(stack, quote(stack)).replace(function, quote(function)): text for path, text in details.items()}
    pages = [{"path": f"/{path}", "text": [title, rows.get(path, title)]} for path, title in LISTS.items()]
    pages += [{"path": f"/{path}", "text": text} for path, text in quoted.items()]
    pages += [{"path": "/topology", "text": ["us-west-2", "oregon"]}, {"path": "/call", "text": ["/dev/pets", "allowed by"]}]
    shots = {"/vpc/vpcs": "vpcs", f"/vpc/endpoints/{world.endpoint}": "endpoint", f"/apigateway/apis/{world.api}?tab=policy": "policy",
             f"/apigateway/apis/{world.api}": "api", f"/cloudformation/stacks/{quote(stack)}": "stack"}
    in_browser("pages.mjs", lab.url, {"pages": [{**page, "shot": shots.get(page["path"])} for page in pages], "shots": SHOTS}, timeout=900)


def quote(arn):
    return urllib.parse.quote(arn, safe="")


def test_what_happens_appears(fresh):
    lab = fresh()
    lab.up()
    arn = make_function(lab, lab.client("lambda"), run=False)
    in_browser("live.mjs", lab.url, {"account": ACCOUNT, "region": SEOUL, "name": "console", "arn": arn})


def make_function(lab, functions, *, run=True):
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    lab.client("iam").create_role(RoleName="console", AssumeRolePolicyDocument=json.dumps(trust))
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "def handler(event, context):\n    print('hello from the function')\n    return event\n")
    made = functions.create_function(FunctionName="console", Runtime="python3.12", Role=f"arn:aws:iam::{ACCOUNT}:role/console",
                                     Handler="app.handler", Code={"ZipFile": code.getvalue()})
    if run:
        functions.invoke(FunctionName="console", Payload=b"{}")
    return made["FunctionArn"]


def test_the_story(fresh):
    """What `vpclab demo` tells, in the page: from the call that times out to the alias that answers from the other region."""
    lab = fresh()
    lab.up()
    seoul, oregon = topology.Network(lab, SEOUL, "10.0.0.0/16"), topology.Network(lab, OREGON, "10.1.0.0/16")
    group = seoul.group("endpoint")
    near, far = seoul.instance(name="seoul"), oregon.instance(name="oregon")
    endpoint = seoul.endpoint(group)
    body = topology.openapi({"/pets": {"get": topology.PETS}}, topology.only_endpoint(endpoint), endpoints=[endpoint])
    api = seoul.api(body)

    def told(network, instance, **more):
        return {"vpc": network.vpc, "region": network.region, "cidr": network.cidr, "table": network.table, "instance": instance, **more}

    said = in_browser("story.mjs", lab.url, {"seoul": told(seoul, near, endpointGroup=group), "oregon": told(oregon, far),
                                             "api": api, "endpoint": endpoint, "shots": SHOTS}, timeout=600)
    told = json.loads(said)
    assert topology.status(seoul, told["peering"]) == "active"
    assert lab.curl(far, f"https://{seoul.alias(api, endpoint)}/dev/pets").body == topology.PETS
    # The command that the page shows does the same: here it says that the rule is there already.
    again = harness.run(["sh", "-c", told["command"].replace("aws ", f"{beside('aws')} ", 1)],
                        env={**lab.environment(), "AWS_ENDPOINT_URL": lab.url, "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "x"})
    assert again.code != 0 and "InvalidPermission.Duplicate" in again.err, again


def test_a_terminal(lab, world):
    in_browser("terminal.mjs", lab.url, {"instance": world.client, "address": world.seoul.address(world.client), "shots": SHOTS})


def test_a_page_from_elsewhere(lab, world):
    """Nothing that a page of another origin tries is done, and nothing is told to it."""
    before = [vpc["CidrBlock"] for vpc in world.seoul.ec2.describe_vpcs()["Vpcs"]]
    in_browser("foreign.mjs", lab.url, {"account": ACCOUNT, "region": SEOUL, "instance": world.client})
    assert [vpc["CidrBlock"] for vpc in world.seoul.ec2.describe_vpcs()["Vpcs"]] == before


def ask(lab, method, path, headers):
    """(status, body) of a request as these headers tell it; of a stream that goes on, and of an opened socket, no body."""
    place = urllib.parse.urlsplit(lab.url)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=20)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        endless = answer.status == 101 or answer.getheader("Content-Type", "").startswith("text/event-stream")
        return answer.status, b"" if endless else answer.read()
    finally:
        connection.close()


# What tells a page from elsewhere: another origin, what browsers say of the site, and a name that someone has pointed at 127.0.0.1.
FOREIGN = ({"Origin": "http://127.0.0.1:1"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example"})


def test_the_daemon_refuses_what_comes_from_elsewhere(lab, world):
    """Asked without a browser, which would hide the answers whatever they are."""
    token = f"/_vpclab/console/terminal?{world.client}"
    paths = [("GET", "/console/"), ("GET", "/_vpclab/console/state?vpcs"), ("GET", "/_vpclab/console/events"),
             ("GET", "/_vpclab/console/topology.svg"), ("POST", token)]
    for method, path in paths:
        assert ask(lab, method, path, {})[0] == 200, path
        for foreign in FOREIGN:
            status, body = ask(lab, method, path, foreign)
            assert status == 403 and set(json.loads(body)) == {"message"}, (path, foreign, status, body)


def test_a_token_opens_no_socket_elsewhere(lab, world):
    status, body = ask(lab, "POST", f"/_vpclab/console/terminal?{world.client}", {})
    assert status == 200, body
    path = f"/_vpclab/console/terminal?token={json.loads(body)['token']}"
    own = {"Origin": lab.url.rstrip("/"), "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
           "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    for foreign in FOREIGN:
        status, body = ask(lab, "GET", path, {**own, **foreign})
        assert status == 403 and b"token" not in body, (foreign, status, body)
    # The token was good all the time.
    assert ask(lab, "GET", path, own)[0] == 101


def test_the_page_is_small_and_asks_nobody():
    """What the first page loads, and that nothing in it names another host to load from."""
    dist = WEB / "dist"
    sizes = {path.name: path.stat().st_size for path in (dist / "assets").iterdir()}
    scripts, styles = (sum(size for name, size in sizes.items() if name.endswith(ending)) for ending in (".js", ".css"))
    own = sum(size for name, size in sizes.items() if name.endswith(".js") and not name.startswith(("cloudscape", "react", "terminal")))
    assert scripts < 2_200_000 and styles < 1_400_000 and own < 200_000, sizes
    index = (dist / "index.html").read_text()
    assert "http" not in index.replace("http-equiv", ""), index


def test_a_change_by_the_page_and_one_by_a_client(lab, world):
    """A dialog changes a VPC by the AWS API and shows the command; the page shows without being asked what a client changes."""
    seoul = world.seoul
    shown = in_browser("change.mjs", lab.url, {"vpc": seoul.vpc, "region": seoul.region, "account": seoul.account})
    attribute = seoul.ec2.describe_vpc_attribute(VpcId=seoul.vpc, Attribute="enableDnsHostnames")["EnableDnsHostnames"]["Value"]
    assert attribute is False
    command = json.loads(shown)["command"]
    assert command == f"""aws ec2 modify-vpc-attribute --vpc-id {seoul.vpc} --enable-dns-hostnames '{{"Value":false}}' --region {seoul.region}"""
    seoul.ec2.modify_vpc_attribute(VpcId=seoul.vpc, EnableDnsHostnames={"Value": True})
