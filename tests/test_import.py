"""What `vpclab import` reads gives the verdicts of what it was read from: by saved answers, by asking, of another server, and masked."""

import contextlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import zipfile

import boto3
import harness
import pytest
import topology
from harness import ACCOUNT, OREGON, SEOUL

# moto gives an endpoint's interface any address; here one of its subnet, as on AWS.
MOTO = "import moto.ec2.models.vpcs as vpcs; vpcs.random_private_ip = lambda: None; from moto.server import main; main()"
MOTO_ACCOUNT = "123456789012"
VERDICTS = {0: "reachable", 2: "blocked", 3: "undetermined"}


def world(lab):
    """The two regions of the story, with a private zone and a few faults."""
    made = topology.World(lab)
    seoul = made.seoul
    made.stranger = seoul.instance(seoul.group("stranger"), name="stranger")
    made.walled_subnet = seoul.add_subnet("10.0.3.0/24")
    acl = seoul.ec2.create_network_acl(VpcId=seoul.vpc)["NetworkAcl"]["NetworkAclId"]
    associations = seoul.ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [made.walled_subnet]}])
    association = next(one for found in associations["NetworkAcls"] for one in found["Associations"] if one["SubnetId"] == made.walled_subnet)
    seoul.ec2.replace_network_acl_association(AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl)
    made.walled = seoul.instance(made.client_group, subnet=made.walled_subnet, name="walled")
    zones = lab.client("route53")
    zone = zones.create_hosted_zone(Name="corp.test", CallerReference="1", VPC={"VPCRegion": SEOUL, "VPCId": seoul.vpc})["HostedZone"]["Id"]
    made.endpoint_name = seoul.seen(made.endpoint)["DnsEntries"][0]["DnsName"]
    zones.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": {
        "Name": "api.corp.test", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": made.endpoint_name}]}}]})
    # Edited and not deployed: nobody is let in by what is live, and everybody by what is served.
    made.shut = seoul.api(topology.openapi({"/pets": {"get": topology.PETS}}, topology.policy(topology.statement())))
    made.closed = seoul.api(topology.openapi({"/pets": {"get": topology.PETS}}, topology.policy(topology.statement("Deny"))))
    made.rich = rich(lab, seoul)
    return made


def rich(lab, seoul):
    """An API with validators, a gateway response of its own, and methods that versions and aliases of a function answer."""
    functions = lab.client("lambda")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = lab.client("iam").create_role(RoleName="backend", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}))
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("app.py", "def handler(event, context):\n    return {'statusCode': 200}")
    arn = functions.create_function(FunctionName="backend", Runtime="python3.12", Role=role["Role"]["Arn"], Handler="app.handler",
                                    Code={"ZipFile": data.getvalue()}, Publish=True)["FunctionArn"].removesuffix(":1")
    for name in ("open", "shut"):
        functions.create_alias(FunctionName="backend", Name=name, FunctionVersion="1")
    for qualifier in ("1", "open"):
        functions.add_permission(FunctionName="backend", Qualifier=qualifier, StatementId="api", Action="lambda:InvokeFunction",
                                 Principal="apigateway.amazonaws.com")

    def method(qualifier):
        uri = f"arn:aws:apigateway:{SEOUL}:lambda:path/2015-03-31/functions/{arn}{qualifier}/invocations"
        return {"get": {"responses": {}, "x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}}}

    size = {"name": "size", "in": "query", "required": True, "schema": {"type": "string"}}
    checked = {"responses": {"200": {"description": "ok"}}, "parameters": [size], "x-amazon-apigateway-integration": topology.mock(),
               "x-amazon-apigateway-request-validator": "parameters"}
    pet = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}
    body = {**checked, "parameters": [], "requestBody": pet, "x-amazon-apigateway-request-validator": "body"}
    api = seoul.api(json.dumps({
        "openapi": "3.0.1", "info": {"title": "rich", "version": "1"},
        "paths": {"/checked": {"get": checked}, "/body": {"post": body}, "/unnamed": method(""), "/version": method(":1"), "/open": method(":open"),
                  "/shut": method(":shut"), "/gone": method(":gone"), "/staged": method(":${stageVariables.alias}")},
        "components": {"schemas": {"Pet": {"type": "object", "required": ["name"]}}},
        "x-amazon-apigateway-policy": topology.policy(topology.statement()),
        "x-amazon-apigateway-request-validators": {"parameters": {"validateRequestParameters": True, "validateRequestBody": False},
                                                   "body": {"validateRequestParameters": False, "validateRequestBody": True}},
        "x-amazon-apigateway-gateway-responses": {"BAD_REQUEST_PARAMETERS": {"statusCode": 422}}}).encode(), stage=None)
    seoul.apigateway.create_deployment(restApiId=api, stageName="dev", variables={"alias": "open"})
    seoul.apigateway.create_deployment(restApiId=api, stageName="other", variables={"alias": "shut"})
    return api


def calls(made):
    """Calls that pass, and calls that are blocked at each kind of hop."""
    host = made.seoul.host(made.api)
    regional = f"https://{made.endpoint_name}/dev/pets"
    rich = f"https://{made.seoul.host(made.rich)}"
    return [
        (made.client, f"{rich}/dev/checked?size=1"), (made.client, f"{rich}/dev/checked"), (made.client, f"{rich}/dev/body", "-X", "POST"),
        *((made.client, f"{rich}/dev/{path}") for path in ("unnamed", "version", "open", "shut", "gone", "staged")),
        (made.client, f"{rich}/other/staged"),
        (made.client, made.url), (made.client, made.alias_url), (made.remote, made.alias_url),
        (made.client, regional, "-H", f"x-apigw-api-id: {made.api}"), (made.client, "https://api.corp.test/dev/pets"),
        (made.remote, made.url), (made.remote, "https://api.corp.test/dev/pets"),
        (made.stranger, made.url), (made.walled, made.url),
        (made.client, f"https://{host}/prod/pets"), (made.client, f"https://{host}/dev/cats"),
        (made.client, f"https://{made.seoul.host(made.shut)}/dev/pets"), (made.client, f"https://{made.seoul.host(made.closed)}/dev/pets"),
    ]


def explained(lab, call, *options):
    """Verdict, outcome and causes of a call."""
    source, url, *more = call
    answer = lab.vpclab("explain", *options, "--json", "--from", source, *more, url)
    assert answer.code in VERDICTS, answer
    found = json.loads(answer.out)
    assert found["verdict"] == VERDICTS[answer.code]
    outcome = found.get("outcome") or {}
    return found["verdict"], outcome.get("status"), [(blocker["step"], blocker["cause"]) for blocker in found["blockers"]], found.get("missing")


def environment(lab, url=None, **more):
    return {**lab.environment(), "AWS_ENDPOINT_URL": url or lab.url, "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "vpclab",
            "AWS_EC2_METADATA_DISABLED": "true", **more}


@pytest.fixture(scope="module")
def made(lab):
    return world(lab)


@pytest.fixture(scope="module")
def asked(lab, made, tmp_path_factory):
    """The snapshot that `import --from-aws` makes of the lab."""
    path = tmp_path_factory.mktemp("asked") / "snapshot.json"
    answer = lab.vpclab("import", "--from-aws", "--region", SEOUL, "--region", OREGON, "-o", path, env=environment(lab))
    assert answer.code == 0, answer
    return path


def same(lab, made, path):
    judged = {call: explained(lab, call) for call in calls(made)}
    verdicts = [verdict for verdict, *_ in judged.values()]
    assert verdicts.count("reachable") >= 8 and verdicts.count("blocked") >= 10 and verdicts.count("undetermined") == 1, judged
    assert 422 in [status for _, status, *_ in judged.values()], judged
    for call, found in judged.items():
        assert explained(lab, call, "--snapshot", path) == found, call


def test_asked_for_it_gives_the_same_verdicts(lab, made, asked):
    same(lab, made, asked)
    snapshot = json.loads(asked.read_text())
    assert snapshot["format"] == "vpclab.snapshot/1"
    assert {(scope["account"], scope["region"]) for scope in snapshot["scopes"]} == {(ACCOUNT, SEOUL), (ACCOUNT, OREGON)}
    assert [noted for noted in snapshot["notUnderstood"] if noted["affects"]] == []


def test_saved_by_the_script_it_gives_the_same_verdicts(lab, made, asked, aws, tmp_path):
    script = tmp_path / "save.sh"
    script.write_text(lab.vpclab("import", "--script").out)
    path = f"{pathlib.Path(aws).parent}:{os.environ['PATH']}"
    done = harness.run(["sh", script, tmp_path / "saved", SEOUL, OREGON], env=environment(lab, PATH=path), timeout=600)
    assert done.code == 0, done
    answer = lab.vpclab("import", tmp_path / "saved", "-o", tmp_path / "saved.json")
    assert answer.code == 0, answer
    saved, from_aws = (json.loads(path.read_text())["records"] for path in (tmp_path / "saved.json", asked))
    # When a peering came to its status no call tells: it is the time of the import.
    timeless = [[re.sub(r'"(since|created|launched|updated)": \d+', "", json.dumps(record)) for record in records] for records in (saved, from_aws)]
    assert timeless[0] == timeless[1], "the CLI and vpclab's own client read the same"


def test_masked_it_gives_the_same_verdicts(lab, made, tmp_path):
    path = tmp_path / "masked.json"
    answer = lab.vpclab("import", "--from-aws", "--region", SEOUL, "--region", OREGON, "--anonymise", "-o", path, env=environment(lab))
    assert answer.code == 0, answer
    text = path.read_text()
    assert not [word for word in (ACCOUNT, "stranger", "seoul", "walled", "backend", "rich") if word in text]
    same(lab, made, path)


def test_exported_it_gives_the_same_verdicts_and_lives(lab, made, fresh, tmp_path):
    os.chmod(tmp_path, 0o755)
    path = tmp_path / "export.json"
    assert lab.vpclab("export", "-o", path).code == 0
    same(lab, made, path)
    copy = fresh(ephemeral=False).up("--snapshot", path)
    assert copy.curl(made.client, made.url).status == 200
    assert copy.curl(made.remote, made.alias_url).status == 200
    assert copy.curl(made.stranger, made.url).code == 28
    assert copy.curl(made.remote, made.url).code == 6
    copy.down()
    again = copy.vpclab("up", "--listen", "127.0.0.1:0", "--snapshot", path)
    assert again.code == 1 and "has a state already" in again.err, again
    copy.up()
    assert copy.curl(made.client, made.url).status == 200, "the copy is kept"


def test_what_cannot_be_read_is_told(lab, made, tmp_path):
    env = environment(lab)
    refused = lab.vpclab("import", "--from-aws", "--region", "mars-1", env=env)
    assert refused.code == 1 and "vpclab knows no region `mars-1`" in refused.err
    config = tmp_path / "config"
    config.write_text("[profile sso]\nsso_session = corp\n")
    refused = lab.vpclab("import", "--from-aws", "--profile", "sso", "--region", SEOUL, env={**env, "AWS_CONFIG_FILE": str(config)})
    assert refused.code == 1 and "the profile `sso` has `sso_session`, which vpclab does not read" in refused.err
    (tmp_path / "other.json").write_text("{}")
    refused = lab.vpclab("explain", "--snapshot", tmp_path / "other.json", "--from", made.client, made.url)
    assert refused.code == 1 and "vpclab reads `vpclab.snapshot/1`" in refused.err
    policy = json.loads(lab.vpclab("import", "--policy").out)
    actions = [action for statement in policy["Statement"] for action in statement["Action"]]
    assert "ec2:DescribeVpcs" in actions and all(re.match(r"\w+:(Describe|Get|List|GET)", action) for action in actions)


def test_a_transit_gateway_leaves_only_its_own_calls_undetermined(lab, made, asked, tmp_path):
    snapshot = json.loads(asked.read_text())
    snapshot["notUnderstood"] = [{"resource": made.seoul.table, "what": "where the route leads", "affects": [
        {"route": {"table": made.seoul.table, "destination": "10.1.0.0/16"}}]}]
    path = tmp_path / "snapshot.json"
    path.write_text(json.dumps(snapshot))
    assert explained(lab, (made.client, made.url), "--snapshot", path)[0] == "reachable"
    verdict, _, _, missing = explained(lab, (made.remote, made.alias_url), "--snapshot", path)
    assert (verdict, missing) == ("undetermined", [f"{made.seoul.table}: where the route leads"]), "the way back"


class Moto:
    """An account of moto's, another implementation of AWS's APIs."""

    def __init__(self, url):
        self.url = url

    def client(self, service, region=SEOUL, account=ACCOUNT):
        return boto3.client(service, region_name=region, endpoint_url=self.url, config=harness.CONFIG,
                            aws_access_key_id=account, aws_secret_access_key="moto")

    def ec2(self, region=SEOUL, account=ACCOUNT):
        return self.client("ec2", region, account)

    def apigateway(self, region=SEOUL, account=ACCOUNT):
        return self.client("apigateway", region, account)


@contextlib.contextmanager
def moto(place):
    log = open(place / "moto.log", "wb")
    server = subprocess.Popen([sys.executable, "-c", MOTO, "-p", "0"], stdout=log, stderr=subprocess.STDOUT, cwd=place)
    try:
        until = time.monotonic() + 120
        while not (found := re.search(r"http://127\.0\.0\.1:(\d+)", (place / "moto.log").read_text())):
            assert server.poll() is None and time.monotonic() < until, (place / "moto.log").read_text()
            time.sleep(0.1)
        yield Moto(found[0])
    finally:
        server.terminate()
        server.wait()
        log.close()


def pets(network, endpoint):
    """A private API with one method, made call by call."""
    gateway = network.apigateway
    api = gateway.create_rest_api(name="pets", endpointConfiguration={"types": ["PRIVATE"], "vpcEndpointIds": [endpoint]},
                                  policy=json.dumps(topology.only_endpoint(endpoint)))["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    resource = gateway.create_resource(restApiId=api, parentId=root, pathPart="pets")["id"]
    method = {"restApiId": api, "resourceId": resource, "httpMethod": "GET"}
    gateway.put_method(**method, authorizationType="NONE")
    gateway.put_method_response(**method, statusCode="200")
    gateway.put_integration(**method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    gateway.put_integration_response(**method, statusCode="200", responseTemplates={"application/json": topology.PETS})
    gateway.create_deployment(restApiId=api, stageName="dev")
    return api


def forward(network, domain):
    """A rule that has another server answer for a domain."""
    resolver = network.lab.client("route53resolver", network.region)
    endpoint = resolver.create_resolver_endpoint(
        CreatorRequestId="1", Name="out", Direction="OUTBOUND", SecurityGroupIds=[network.group("resolver")],
        IpAddresses=[{"SubnetId": network.subnet, "Ip": f"10.1.1.{last}"} for last in (250, 251)])["ResolverEndpoint"]["Id"]
    rule = resolver.create_resolver_rule(CreatorRequestId="2", Name="corp", RuleType="FORWARD", DomainName=domain, ResolverEndpointId=endpoint,
                                         TargetIps=[{"Ip": "192.0.2.1", "Port": 53}])["ResolverRule"]["Id"]
    resolver.associate_resolver_rule(ResolverRuleId=rule, VPCId=network.vpc)


def test_another_implementations_account_imports_and_lives(lab, fresh, tmp_path):
    os.chmod(tmp_path, 0o755)
    with moto(tmp_path) as account:
        seoul = topology.Network(account, SEOUL, "10.0.0.0/16", subnet="10.0.0.0/16", account=MOTO_ACCOUNT)
        oregon = topology.Network(account, OREGON, "10.1.0.0/16", account=MOTO_ACCOUNT)
        client = seoul.group("client")
        guard = seoul.group("endpoint", topology.tcp(443, group=client), topology.tcp(443, cidr=oregon.cidr))
        here, stranger = seoul.instance(client, name="here"), seoul.instance(seoul.group("stranger"))
        there = oregon.instance(oregon.group("remote"))
        topology.peer(seoul, oregon)
        endpoint = seoul.endpoint(guard)
        # moto leaves the default group on an endpoint's interface.
        for interface in seoul.seen(endpoint)["NetworkInterfaceIds"]:
            seoul.ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=[guard])
        api = pets(seoul, endpoint)
        url, alias = f"https://{seoul.host(api)}/dev/pets", f"https://{seoul.alias(api, endpoint)}/dev/pets"
        forward(oregon, "corp.test")
        seoul.apigateway.create_domain_name(domainName="pets.corp.test", certificateArn="arn:aws:acm:ap-northeast-2:123456789012:certificate/1")
        path = tmp_path / "moto.json"
        answer = lab.vpclab("import", "--from-aws", "--region", SEOUL, "--region", OREGON, "-o", path, env=environment(lab, account.url))
        assert answer.code == 0, answer
    expected = {(here, url): ("reachable", 200), (there, alias): ("reachable", 200), (stranger, url): ("blocked", 28), (there, url): ("blocked", 6)}
    assert explained(lab, (there, "https://pets.corp.test/dev/pets"), "--snapshot", path)[0] == "undetermined", "another server is asked for it"
    assert explained(lab, (here, "https://pets.corp.test/dev/pets"), "--snapshot", path)[0] == "blocked"
    told = [noted for noted in json.loads(path.read_text())["notUnderstood"] if noted["affects"] == [{"host": "pets.corp.test"}]]
    assert told, "a custom domain name"
    copy = fresh().up("--snapshot", path)
    for call, (verdict, end) in expected.items():
        found = explained(lab, call, "--snapshot", path)
        assert found[0] == verdict, (call, found, answer)
        reply = copy.curl(*call)
        assert (reply.status or reply.code) == end, (call, reply)
