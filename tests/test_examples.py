"""Every example: deployed, called, broken, and taken away."""

import json

import pytest

import harness
import stacks
from harness import OREGON, SEOUL
from stacks import EXAMPLES, RUNTIME, deploy

CONSUMER, PROVIDER = "111111111111", "222222222222"


@pytest.fixture
def stack(lab):
    """Deploys stacks that are deleted at the end, last one first."""
    made = []

    def make(template, name, *, region=SEOUL, account=harness.ACCOUNT, **parameters):
        if (name, region, account) not in made:
            made.append((name, region, account))
        return deploy(lab, EXAMPLES / template, name, region=region, account=account, **parameters)

    yield make
    for name, region, account in reversed(made):
        stacks.delete(lab, name, region, account)
    for region, account in {(region, account) for _, region, account in made}:
        ec2 = lab.ec2(region, account)
        assert ec2.describe_vpcs()["Vpcs"] == [] and ec2.describe_network_interfaces()["NetworkInterfaces"] == []


def test_policy_per_path(lab, stack):
    made = stack("policy-per-path/template.yaml", "policy")
    pets, admin = made["Url"] + "/pets", made["Url"] + "/admin/pets"
    assert lab.curl(made["App"], pets).status == lab.curl(made["Admin"], pets).status == 200
    assert lab.curl(made["Admin"], admin, "-X", "DELETE").status == 200
    refused = lab.curl(made["App"], admin, "-X", "DELETE")
    assert refused.status == 403 and "User: anonymous is not authorized" in refused.body
    checks = str(EXAMPLES / "policy-per-path" / "checks.yaml")
    assert "5 of 5 hold" in lab.vpclab("check", "--probe", checks, timeout=120).out
    # The policy is in the definition: another CIDR is another deployment, and the tables are turned.
    stack("policy-per-path/template.yaml", "policy", AdminCidr="10.0.1.0/24")
    assert lab.curl(made["Admin"], admin, "-X", "DELETE").status == 403
    assert lab.curl(made["App"], admin, "-X", "DELETE").status == 200
    turned = lab.vpclab("check", checks)
    assert turned.code == 1 and "2 of 5 hold" in turned.out, turned


def test_hub_endpoint(lab, stack):
    made = stack("hub-endpoint/template.yaml", "hub", Runtime=RUNTIME)
    assert lab.curl(made["Client"], made["CatsUrl"], patience=10).body == "Mimi"
    assert lab.curl(made["Client"], made["DogsUrl"], patience=10).body == "Bello"
    refused = lab.curl(made["Client"], made["CatsUrl"], "-X", "POST")
    assert refused.status == 403 and refused.headers["x-amzn-errortype"] == "AccessDeniedException"
    # The endpoint's policy is judged first, and at once.
    nothing = {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]}
    lab.ec2().modify_vpc_endpoint(VpcEndpointId=made["EndpointId"], PolicyDocument=json.dumps(nothing))
    assert lab.curl(made["Client"], made["DogsUrl"]).status == 403
    lab.ec2().modify_vpc_endpoint(VpcEndpointId=made["EndpointId"], ResetPolicy=True)
    assert lab.curl(made["Client"], made["CatsUrl"], "-X", "POST").body == "Mimi"


def test_cross_account_endpoint(lab, stack):
    consumer = stack("cross-account-endpoint/consumer.yaml", "consumer", account=CONSUMER)
    provider = stack("cross-account-endpoint/provider.yaml", "provider", account=PROVIDER, ConsumerEndpointId=consumer["EndpointId"],
                     Runtime=RUNTIME)
    client, api = consumer["Client"], provider["ApiId"]
    told = lab.curl(client, f"https://{api}.execute-api.{SEOUL}.amazonaws.com/v1/who", patience=10)
    assert (told.status, told.body) == (200, json.dumps(consumer["EndpointId"])), told
    named = f"https://{consumer['EndpointName']}/v1/who"
    assert lab.curl(client, named, "-H", f"x-apigw-api-id: {api}").body == json.dumps(consumer["EndpointId"])
    assert lab.curl(client, named).status == 403
    # Another endpoint is not the one the policy names.
    stack("cross-account-endpoint/provider.yaml", "provider", account=PROVIDER, ConsumerEndpointId="vpce-0123456789abcdef0", Runtime=RUNTIME)
    assert lab.curl(client, named, "-H", f"x-apigw-api-id: {api}").status == 403


def test_hosted_zone_for_spokes(lab, stack):
    made = stack("hosted-zone-spokes/template.yaml", "spokes", Runtime=RUNTIME)
    url = f"https://{made['Host']}/v1/who"
    for instance, network in ((made["InHub"], "10.0."), (made["InSpoke"], "10.1.")):
        told = lab.curl(instance, url, patience=10)
        assert told.status == 200 and told.body.startswith(network), told
    route53, vpc = lab.client("route53"), {"VPCRegion": SEOUL, "VPCId": made["SpokeVpcId"]}
    route53.disassociate_vpc_from_hosted_zone(HostedZoneId=made["ZoneId"], VPC=vpc)
    assert lab.curl(made["InSpoke"], url).code == 6
    assert lab.curl(made["InHub"], url).status == 200
    route53.associate_vpc_with_hosted_zone(HostedZoneId=made["ZoneId"], VPC=vpc)
    assert lab.curl(made["InSpoke"], url).status == 200


def test_cross_region_client(lab, stack):
    api = stack("cross-region-client/api.yaml", "api")
    caller = stack("cross-region-client/client.yaml", "client", region=OREGON, ApiVpcId=api["VpcId"], Url=api["Url"], Runtime=RUNTIME)
    error, answer = stacks.invoke(lab, caller["Caller"], region=OREGON)
    assert error == "Unhandled" and "timed out" in json.dumps(answer), answer
    stack("cross-region-client/api.yaml", "api", PeeringConnectionId=caller["PeeringConnectionId"])
    error, answer = stacks.invoke(lab, caller["Caller"], region=OREGON)
    assert error is None and answer["status"] == 200 and "Bello" in answer["body"], answer
    # Without the peering the function has no way.
    lab.ec2(OREGON).delete_vpc_peering_connection(VpcPeeringConnectionId=caller["PeeringConnectionId"])
    assert stacks.invoke(lab, caller["Caller"], region=OREGON)[0] == "Unhandled"


def test_proxy_stages(lab, stack):
    made = stack("proxy-stages/template.yaml", "proxy", Runtime=RUNTIME)
    base = f"https://{made['Host']}"
    told = json.loads(lab.curl(made["Client"], f"{base}/live/pets/7?sort=name", patience=10).body)
    assert told == {"greeting": "Hello", "httpMethod": "GET", "path": "/pets/7", "resource": "/{proxy+}",
                    "pathParameters": {"proxy": "pets/7"}, "queryStringParameters": {"sort": "name"}}
    root = json.loads(lab.curl(made["Client"], f"{base}/beta/", "-X", "PUT").body)
    assert (root["greeting"], root["httpMethod"], root["resource"], root["pathParameters"]) == ("Hi", "PUT", "/", None)
    # Without its permission API Gateway may not call the function.
    functions = lab.client("lambda")
    policy = json.loads(functions.get_policy(FunctionName=made["FunctionName"])["Policy"])
    for statement in policy["Statement"]:
        functions.remove_permission(FunctionName=made["FunctionName"], StatementId=statement["Sid"])
    refused = lab.curl(made["Client"], f"{base}/live/pets")
    assert (refused.status, refused.body) == (500, '{"message": "Internal server error"}')
