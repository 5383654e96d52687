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
from harness import ACCOUNT, OREGON, SEOUL, TOKYO

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
# The dialogs that make something.
CREATES = {
    "vpc/vpcs": "Create VPC", "vpc/subnets": "Create subnet", "vpc/security-groups": "Create security group", "vpc/endpoints": "Create endpoint",
    "vpc/peering-connections": "Create peering connection", "vpc/instances": "Launch instance", "apigateway/apis": "Create API",
    "cloudformation/stacks": "Create stack",
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
    pages += [{"path": f"/{path}", "text": LISTS[path], "opens": button} for path, button in CREATES.items()]
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
        f"apigateway/apis/{world.api}": ["/pets", "ResponseTemplates"], f"apigateway/apis/{world.api}?tab=policy": "Changed since the last deployment to dev",
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


# An API as a deployment of SAM's brings it, but for the stage.
API = json.dumps({"Resources": {"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {
    "EndpointConfiguration": {"Types": ["PRIVATE"]}, "Body": json.loads(topology.openapi({"/pets": {"get": topology.PETS}}))}}}})


def test_the_story(fresh):
    """What `vpclab demo` tells, from an empty lab and in nothing but the page: from the first VPC to the alias that answers from the other region."""
    lab = fresh()
    lab.up()
    said = in_browser("story.mjs", lab.url, {
        "account": ACCOUNT, "template": API, "body": "Bello", "shots": SHOTS,
        "seoul": {"region": SEOUL, "name": "seoul", "cidr": "10.0.0.0/16", "subnetCidr": "10.0.1.0/24"},
        "oregon": {"region": OREGON, "name": "oregon", "cidr": "10.1.0.0/16", "subnetCidr": "10.1.1.0/24"}}, timeout=600)
    told = json.loads(said)
    ec2 = lab.ec2(SEOUL)
    vpc = told["seoul"]["vpc"]
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        seen = ec2.describe_vpc_attribute(VpcId=vpc, Attribute=attribute)
        assert seen[attribute[0].upper() + attribute[1:]]["Value"] is True, attribute
    assert lab.ec2(OREGON).describe_vpcs()["Vpcs"] == [] and ec2.describe_vpc_endpoints()["VpcEndpoints"] == []
    the_same_by_the_cli(lab, {name: lines[0] for name, lines in told["commands"].items()}, vpc)


# What a command of a dialog does when it is run once more.
AGAIN = {
    "Create subnet": "InvalidSubnet.Conflict", "Create security group": "InvalidGroup.Duplicate", "Create stack": "AlreadyExistsException",
    "Add rule": "InvalidPermission.Duplicate", "Edit DNS options": "OperationNotPermitted",
    "Create peering connection": None, "Create VPC": None, "Launch instance": None, "Create endpoint": None, "Edit resource policy": None, "Deploy API": None,
}


def the_same_by_the_cli(lab, commands, vpc):
    """The commands that the dialogs showed are AWS's own: run once more, each does the same again or is refused for having been done."""
    environment = {**lab.environment(), "AWS_ENDPOINT_URL": lab.url, "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "x"}
    environment["PATH"] = f"{pathlib.Path(beside('aws')).parent}:{environment['PATH']}"
    (lab.place / "template.yaml").write_text(API)
    for name, refusal in AGAIN.items():
        again = harness.run(["sh", "-ec", commands[name]], env=environment, cwd=lab.place)
        if refusal is None:
            assert again.code == 0, (name, commands[name], again)
        else:
            assert again.code != 0 and refusal in again.err, (name, commands[name], again)
    # The VPC's script goes on with the id that its first command gives.
    made = [one["VpcId"] for one in lab.ec2(SEOUL).describe_vpcs()["Vpcs"] if one["VpcId"] != vpc]
    seen = [lab.ec2(SEOUL).describe_vpc_attribute(VpcId=one, Attribute="enableDnsHostnames")["EnableDnsHostnames"]["Value"] for one in made]
    assert seen == [True], commands["Create VPC"]


def test_the_page_mends_calls(fresh):
    """A fix of two commands, two blockers at once, a fix that hands on an id, and a peering made anew."""
    lab = fresh()
    lab.up()
    seoul, oregon = topology.Network(lab, SEOUL, "10.0.0.0/16"), topology.Network(lab, OREGON, "10.1.0.0/16")
    near, far = seoul.instance(name="seoul"), oregon.instance(name="oregon")
    group = seoul.group("endpoint", topology.tcp(443, cidr=seoul.cidr), topology.tcp(443, cidr=oregon.cidr))
    endpoint = seoul.endpoint(group)
    denied = topology.policy(topology.statement(), topology.statement("Deny", StringNotEquals={"aws:SourceVpce": "vpce-0123456789abcdef0"}))
    body = topology.openapi({"/pets": {"get": topology.PETS}}, denied, endpoints=[endpoint])
    api = seoul.api(body)
    closed = topology.Network(lab, TOKYO, "10.2.0.0/16")
    there, shut = closed.instance(name="tokyo"), closed.group("endpoint")
    behind = closed.endpoint(shut)
    second = closed.api(topology.openapi({"/pets": {"get": topology.PETS}}, denied, endpoints=[behind]))
    spare = topology.Network(lab, TOKYO, "10.3.0.0/16")
    alone = spare.instance(name="spare")
    third = spare.api(topology.openapi({"/pets": {"get": topology.PETS}}, topology.policy(topology.statement())))
    mended, opened = ["apigateway update-rest-api", "apigateway create-deployment"], "ec2 authorize-security-group-ingress"
    calls = [
        {"from": near, "target": f"https://{seoul.host(api)}/dev/pets", "apply": "Apply", "blockers": 1, "commands": mended,
         "refused": "resource policy: .* by statement 1"},
        {"from": there, "target": f"https://{closed.host(second)}/dev/pets", "apply": "Apply all", "blockers": 2, "commands": [opened, *mended]},
        {"from": alone, "target": f"https://{spare.host(third)}/dev/pets", "apply": "Apply", "blockers": 1,
         "commands": ["ec2 create-security-group", opened, "ec2 create-vpc-endpoint"]},
        {"from": far, "target": f"https://{seoul.alias(api, endpoint)}/dev/pets", "apply": "Apply", "blockers": 2,
         "commands": ["ec2 create-vpc-peering-connection", "ec2 wait", "ec2 accept-vpc-peering-connection", "ec2 create-route", "ec2 create-route"]},
    ]
    rules = seoul.ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    rule = next(one["SecurityGroupRuleId"] for one in rules if one.get("CidrIpv4") == oregon.cidr)
    in_browser("fixes.mjs", lab.url, {"account": ACCOUNT, "region": SEOUL, "group": group, "rule": rule, "calls": calls, "cidr": "10.9.0.0/16"})
    # What the page applied is there for everyone else too.
    seoul.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[topology.tcp(443, cidr=oregon.cidr)])
    for instance, url in [(near, calls[0]["target"]), (there, calls[1]["target"]), (alone, calls[2]["target"]), (far, calls[3]["target"])]:
        assert lab.curl(instance, url).body == topology.PETS, url


def test_by_keyboard_alone(fresh):
    lab = fresh()
    lab.up()
    seoul = topology.Network(lab, SEOUL, "10.0.0.0/16")
    instance = seoul.instance(name="seoul")
    endpoint = seoul.endpoint(seoul.group("endpoint"))
    api = seoul.api(topology.openapi({"/pets": {"get": topology.PETS}}, topology.only_endpoint(endpoint), endpoints=[endpoint]))
    in_browser("keyboard.mjs", lab.url, {"instance": instance, "target": f"https://{seoul.host(api)}/dev/pets", "cidr": "10.9.0.0/16"})


def test_a_large_picture_moves(fresh):
    """1,000 interfaces: no task of the page's main thread is as long as three frames, and a change of the lab draws anew only what it changes."""
    lab = fresh()
    lab.up()
    topology.interfaces(lab, 1000)
    told = json.loads(in_browser("frames.mjs", lab.url, {"account": ACCOUNT, "region": SEOUL}))
    assert told["drawn"] > 1000 and told["kept"] > told["drawn"] - 5, told
    longest = {name: told[name]["task"] for name in ("moving", "choosing", "updating")}
    assert max(longest.values()) < 50, longest


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
    assert "of a document" not in [api["name"] for api in seoul.apigateway.get_rest_apis()["items"]]
    command, imported = (json.loads(shown)[name] for name in ("command", "imported"))
    assert imported == f"aws apigateway import-rest-api --parameters endpointConfigurationTypes=PRIVATE --body fileb://api.json --region {seoul.region}"
    assert command == f"""aws ec2 modify-vpc-attribute --vpc-id {seoul.vpc} --enable-dns-hostnames '{{"Value":false}}' --region {seoul.region}"""
    seoul.ec2.modify_vpc_attribute(VpcId=seoul.vpc, EnableDnsHostnames={"Value": True})
