"""Signed calls of private APIs: curl from an instance and botocore in a function sign, the gateway verifies and judges by tables A and B."""

import json
import pathlib
import sysconfig

import pytest

import harness
from harness import ACCOUNT, SEOUL
from test_lambda import Functions, packed
from topology import PETS, Network, mock, policy, statement, tcp

OTHER = "444455556666"
ALLOW, DENY = "Allow", "Deny"
MISSING = '{"message":"Missing Authentication Token"}'
INVALID = '{"message":"The security token included in the request is invalid."}'

ECHO = """
import json
def handler(event, context):
    said = {"identity": event["requestContext"]["identity"], "headers": sorted(name.lower() for name in event["headers"])}
    return {"statusCode": 200, "body": json.dumps(said)}
"""

CLIENT = """
import os, urllib.error, urllib.request
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
def handler(event, context):
    keys = Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"], os.environ["AWS_SESSION_TOKEN"])
    body = event.get("body", "").encode() or None
    asked = AWSRequest(event.get("method", "GET"), event["url"], data=body, headers={"Content-Type": "application/json"})
    if event.get("presigned"):
        SigV4QueryAuth(keys, "execute-api", os.environ["AWS_REGION"], expires=60).add_auth(asked)
    else:
        SigV4Auth(keys, "execute-api", os.environ["AWS_REGION"]).add_auth(asked)
    request = urllib.request.Request(asked.url, method=asked.method, headers=dict(asked.headers), data=body)
    try:
        return urllib.request.urlopen(request, timeout=5).read().decode()
    except urllib.error.HTTPError as error:
        return [error.code, error.headers["x-amzn-errortype"], error.read().decode()]
"""


def document(effect, resource="*"):
    return json.dumps(policy({"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource}))


class World:
    """A private API whose methods ask for signatures, an instance beside its endpoint, and users of two accounts."""

    def __init__(self, lab):
        self.lab = lab
        self.network = net = Network(lab, SEOUL, "10.61.0.0/16")
        self.group = net.group("all", tcp(443, cidr="10.0.0.0/8"))
        self.client = net.instance(self.group, name="signer")
        self.endpoint = net.endpoint(self.group)
        self.functions = Functions(lab)
        self.echo = self.functions.make(ECHO)
        arn = f"arn:aws:lambda:{SEOUL}:{ACCOUNT}:function:{self.echo}"
        proxy = {"type": "aws_proxy", "httpMethod": "POST",
                 "uri": f"arn:aws:apigateway:{SEOUL}:lambda:path/2015-03-31/functions/{arn}/invocations"}
        self.api = net.api(self.definition({
            "/pets": {"get": self.signed(mock()), "post": self.signed(mock())},
            "/open": {"get": {"responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-integration": mock()}},
            "/who": {"get": self.signed(proxy)},
        }))
        lab.client("lambda").add_permission(
            FunctionName=self.echo, StatementId="api", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com",
            SourceArn=f"arn:aws:execute-api:{SEOUL}:{ACCOUNT}:{self.api}/*")
        self.url = f"https://{net.host(self.api)}/dev"

    @staticmethod
    def signed(integration):
        return {"responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-auth": {"type": "AWS_IAM"},
                "x-amazon-apigateway-integration": integration}

    @staticmethod
    def definition(paths):
        return json.dumps({"openapi": "3.0.1", "info": {"title": "signed", "version": "1"}, "paths": paths,
                           "x-amazon-apigateway-policy": policy(statement())}).encode()

    def iam(self, account=ACCOUNT):
        return self.lab.client("iam", account=account)

    def user(self, name, *, account=ACCOUNT, effect=None):
        """A user with a key, and with a policy or none: the options by which curl signs as it."""
        iam = self.iam(account)
        iam.create_user(UserName=name)
        if effect:
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(effect))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return keys(key["AccessKeyId"], key["SecretAccessKey"])

    def call(self, options=(), path="/pets", **more):
        return self.lab.curl(self.client, self.url + path, *options, **more)

    def resource_policy(self, *statements):
        self.network.set_policy(self.api, policy(*statements))


def keys(access_key, secret, token=None, region=SEOUL, service="execute-api"):
    signed = ["--aws-sigv4", f"aws:amz:{region}:{service}", "--user", f"{access_key}:{secret}"]
    return signed + (["-H", f"X-Amz-Security-Token: {token}"] if token else [])


def denied(arn, world, path="GET/pets", suffix=""):
    resource = f"arn:aws:execute-api:{SEOUL}:********{ACCOUNT[-4:]}:{world.api}/dev/{path}"
    text = f"User: {arn} is not authorized to perform: execute-api:Invoke on resource: {resource}{suffix}"
    return json.dumps({"Message": text}, separators=(",", ":"))


@pytest.fixture(scope="module")
def world(lab):
    return World(lab)


def refused(answer, kind, text):
    assert (answer.status, answer.headers.get("x-amzn-errortype")) == (403, kind), answer
    assert text in json.loads(answer.body)["message"], answer


SILENT = statement(resource="execute-api:/dev/GET/nothing")
DENYING = statement(DENY, resource="execute-api:/dev/GET/pets")


def test_tables_a_and_b(world):
    """The caller's own policy against the API's: one has to allow in the same account, both from another; a denial always wins."""
    callers = {
        (account, effect): world.user(f"{effect or 'nothing'}-{account}", account=account, effect=effect)
        for account in (ACCOUNT, OTHER) for effect in (ALLOW, None, DENY)
    }
    for said, statements in {"allows": [statement()], "is silent": [SILENT], "denies": [statement(), DENYING]}.items():
        world.resource_policy(*statements)
        for (account, effect), signed in callers.items():
            words = [effect == ALLOW, said == "allows"]
            is_denied = DENY == effect or said == "denies"
            passes = not is_denied and (any(words) if account == ACCOUNT else all(words))
            answer = world.call(signed)
            what = f"{account}, whose policy says {effect}, of an API whose policy {said}"
            if passes:
                assert (answer.status, answer.body) == (200, PETS), what
                continue
            arn = f"arn:aws:iam::{account}:user/{effect or 'nothing'}-{account}"
            suffix = " with an explicit deny" if is_denied else ""
            assert (answer.status, answer.body) == (403, denied(arn, world, suffix=suffix)), what
    world.resource_policy(statement())


def test_signatures_that_are_not_right(world):
    iam = world.iam()
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    access, secret = key["AccessKeyId"], key["SecretAccessKey"]
    assert world.call(keys(access, secret)).body == PETS
    answer = world.call()
    assert (answer.status, answer.body) == (403, MISSING)
    # Whatever the method asks for.
    for path in ("/pets", "/open"):
        refused(world.call(keys(access, secret[::-1]), path), "InvalidSignatureException", "The Canonical String for this request should have been")
    refused(world.call(keys("AKIAIOSFODNN7EXAMPLE", secret)), "UnrecognizedClientException", "is invalid")
    refused(world.call(keys(ACCOUNT, "vpclab")), "UnrecognizedClientException", "is invalid")
    refused(world.call(keys(access, secret, region="us-east-1")), "InvalidSignatureException", "Credential should be scoped to a valid region")
    refused(world.call(keys(access, secret, service="s3")), "InvalidSignatureException", "scoped to correct service: 'execute-api'")
    refused(world.call([*keys(access, secret), "-H", "X-Amz-Date: 20200101T000000Z"]), "InvalidSignatureException", "Signature expired: 20200101T000000Z")
    refused(world.call(["-H", "Authorization: AWS4-HMAC-SHA256 Credential=x"]), "IncompleteSignatureException", "'Signature' parameter")
    iam.update_access_key(UserName="ann", AccessKeyId=access, Status="Inactive")
    answer = world.call(keys(access, secret))
    assert (answer.status, answer.body) == (403, INVALID)
    # The secret was told once: no list, no snapshot and no log has it.
    assert secret not in json.dumps(iam.list_access_keys(UserName="ann"), default=str)
    exported = world.lab.vpclab("export")
    assert '"ann"' in exported.out and access not in exported.out and secret not in exported.out and secret not in world.lab.log()


def test_every_name_is_signed_as_it_is_sent(world):
    signed = world.user("names", effect=ALLOW)
    net, lab = world.network, world.lab
    net.apigateway.update_rest_api(restApiId=world.api, patchOperations=[
        {"op": "add", "path": "/endpointConfiguration/vpcEndpointIds", "value": world.endpoint}])
    net.apigateway.create_deployment(restApiId=world.api, stageName="dev")
    regional = net.seen(world.endpoint)["DnsEntries"][0]["DnsName"]
    for host, more in (
        (net.alias(world.api, world.endpoint), []),
        (regional, ["-H", f"x-apigw-api-id: {world.api}"]),
        (regional, ["-H", f"Host: {net.host(world.api)}"]),
    ):
        answer = lab.curl(world.client, f"https://{host}/dev/pets", *signed, *more)
        assert (answer.status, answer.body) == (200, PETS), (host, more, answer)


def test_sessions(world):
    iam, trust = world.iam(), policy({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
    role = iam.create_role(RoleName="caller", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    world.resource_policy(SILENT)
    sts = world.lab.client("sts")

    def session(**more):
        made = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="me", **more)["Credentials"]
        return made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]

    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/caller/me"
    whole, limited = session(), session(Policy=document(ALLOW, "arn:aws:execute-api:*:*:*/dev/POST/pets"))
    assert world.call(keys(*whole)).body == denied(arn, world)
    iam.put_role_policy(RoleName="caller", PolicyName="p", PolicyDocument=document(ALLOW))
    assert world.call(keys(*whole)).body == PETS
    assert world.call(keys(*limited)).body == denied(arn, world)
    assert world.call([*keys(*limited), "-X", "POST", "-d", "{}", "-H", "Content-Type: application/json"]).body == PETS
    refused(world.call(keys(*whole[:2])), "UnrecognizedClientException", "is invalid")
    refused(world.call(keys(*whole[:2], limited[2])), "InvalidSignatureException", "does not match")

    said = json.loads(world.call(keys(*whole), "/who").body)
    identity = said["identity"]
    assert (identity["userArn"], identity["accountId"], identity["accessKey"]) == (arn, ACCOUNT, whole[0])
    assert identity["caller"] == identity["user"] == f"{role['RoleId']}:me"
    assert "authorization" not in said["headers"] and "x-amz-date" in said["headers"]

    # Principals and their keys in the policies of the API and of the endpoint.
    world.resource_policy({**statement(), "Principal": {"AWS": role["Arn"]}}, statement(DENY, StringNotEquals={"aws:PrincipalArn": role["Arn"]}))
    iam.delete_role_policy(RoleName="caller", PolicyName="p")
    assert world.call(keys(*whole)).body == PETS
    endpoint = {"VpcEndpointId": world.endpoint}
    only = policy({**statement(resource="*"), "Condition": {"StringEquals": {"aws:PrincipalAccount": OTHER}}})
    world.network.ec2.modify_vpc_endpoint(**endpoint, PolicyDocument=json.dumps(only))
    assert world.call(keys(*whole)).body == denied(arn, world)
    world.network.ec2.modify_vpc_endpoint(**endpoint, ResetPolicy=True)
    iam.delete_role(RoleName="caller")
    refused(world.call(keys(*whole)), "UnrecognizedClientException", "is invalid")
    world.resource_policy(statement())


def signing_packages():
    """botocore as AWS's runtimes have it, without its models."""
    site = pathlib.Path(sysconfig.get_paths()["purelib"])
    for package in ("botocore", "urllib3", "jmespath", "dateutil", "six.py"):
        at = site / package
        for file in [at] if at.is_file() else sorted(at.rglob("*.py")):
            yield str(file.relative_to(site)), file.read_bytes()


def test_a_function_signs_by_its_own_role(world):
    iam, functions = world.iam(), world.functions
    trust = policy({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
    role = iam.create_role(RoleName="signing", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    name = harness.unique("signing")
    network = {"SubnetIds": [world.network.subnet], "SecurityGroupIds": [world.group]}
    functions.api.create_function(FunctionName=name, Runtime="python3.12", Role=role, Handler="app.handler", Timeout=15,
                                  Code={"ZipFile": packed(CLIENT, more=signing_packages())}, VpcConfig=network)
    world.resource_policy(SILENT)
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/signing/{name}"
    asked = {"url": f"{world.url}/pets"}
    assert functions.call(name, asked)[0] == [403, "AccessDeniedException", denied(arn, world)]
    iam.put_role_policy(RoleName="signing", PolicyName="p", PolicyDocument=document(ALLOW))
    assert functions.call(name, asked)[0] == PETS
    assert functions.call(name, {**asked, "method": "POST", "body": '{"a": 1}'})[0] == PETS
    assert functions.call(name, {**asked, "presigned": True})[0] == PETS
    assert json.loads(functions.call(name, {"url": f"{world.url}/who?b=2&a=x%20y"})[0])["identity"]["userArn"] == arn
    world.resource_policy(statement())


def test_explain_and_the_packets_say_the_same(world):
    world.resource_policy(SILENT)
    world.user("told", effect=ALLOW)
    iam, url = world.iam(), f"{world.url}/pets"

    def explain(*more, who=f"arn:aws:iam::{ACCOUNT}:user/told"):
        reply = world.lab.vpclab("explain", "--from", "signer", "--signed-by", who, "--probe", "--json", *more, url)
        said = json.loads(reply.out)
        assert said["agreement"]["agrees"] is True, reply
        return reply.code, [blocker["cause"] for blocker in said["explanation"]["blockers"]], said

    assert explain()[:2] == (0, [])
    iam.put_user_policy(UserName="told", PolicyName="p", PolicyDocument=document(DENY))
    code, causes, said = explain()
    assert (code, causes) == (2, ["IDENTITY_POLICY_REFUSES"])
    assert said["explanation"]["outcome"]["body"] == denied(f"arn:aws:iam::{ACCOUNT}:user/told", world, suffix=" with an explicit deny")
    assert explain(who=f"arn:aws:iam::{ACCOUNT}:role/function")[1] == ["IDENTITY_POLICY_REFUSES", "RESOURCE_POLICY_SILENT"]
    # A signature in the headers is verified: this one is nobody's.
    forged = f"Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20200101/{SEOUL}/execute-api/aws4_request, SignedHeaders=host, Signature=0"
    reply = world.lab.vpclab("explain", "--from", "signer", "-H", forged, "-H", "X-Amz-Date: 20200101T000000Z", "--json", url)
    assert [blocker["cause"] for blocker in json.loads(reply.out)["blockers"]] == ["SIGNATURE_REFUSED"]
    world.resource_policy(statement())


def test_keys_outlive_a_restart(fresh):
    """What was given out stays good: user keys and sessions, whose secrets no record holds."""
    lab = fresh(ephemeral=False)
    lab.up()
    world = World(lab)
    signed = world.user("ann")
    token = lab.client("sts").get_session_token()["Credentials"]
    session = keys(token["AccessKeyId"], token["SecretAccessKey"], token["SessionToken"])
    assert world.call(signed).body == world.call(session).body == PETS
    lab.kill()
    lab.up()
    assert world.call(signed, patience=5).body == world.call(session, patience=5).body == PETS
    key = next(lab.place.rglob("access-keys.key"))
    assert key.stat().st_mode & 0o777 == 0o600
