"""Interface endpoints of AWS's other services: their names, their packets, and the lab's own APIs behind them."""

import json

import pytest
from botocore.exceptions import ClientError

from harness import ACCOUNT, SEOUL
from topology import Network, tcp

AS_ORDINARY_USER_TOO = True


@pytest.fixture(scope="module")
def seoul(lab):
    return Network(lab, SEOUL, "10.0.0.0/16")


@pytest.fixture(scope="module")
def client(seoul):
    return seoul.instance()


def endpoint(network, service, **options):
    """Makes an endpoint whose group lets HTTPS in from the whole VPC; answers its id."""
    if "SecurityGroupIds" not in options:
        options["SecurityGroupIds"] = [network.group(f"https-{service}", tcp(443, cidr=network.cidr))]
    made = network.ec2.create_vpc_endpoint(**{
        "VpcId": network.vpc, "VpcEndpointType": "Interface", "ServiceName": f"com.amazonaws.{SEOUL}.{service}", "SubnetIds": [network.subnet],
        "PrivateDnsEnabled": True, **options})
    return made["VpcEndpoint"]["VpcEndpointId"]


@pytest.fixture(scope="module")
def access_key(lab):
    """An access key that the lab gave out, as curl wants it."""
    iam = lab.client("iam")
    iam.create_user(UserName="caller")
    key = iam.create_access_key(UserName="caller")["AccessKey"]
    return f"{key['AccessKeyId']}:{key['SecretAccessKey']}"


def signed(lab, instance, access_key, service, url, *options, region=SEOUL):
    """A signed call from inside the instance."""
    return lab.curl(instance, url, "--aws-sigv4", f"aws:amz:{region}:{service}", "--user", access_key, *options, patience=8)


def test_the_lab_answers_behind_the_endpoint(lab, seoul, client, access_key):
    host = f"sts.{SEOUL}.amazonaws.com"
    assert lab.resolve(client, host) == ("NXDOMAIN", [])
    sts = endpoint(seoul, "sts")
    seen = seoul.seen(sts)
    address = seoul.ec2.describe_network_interfaces(NetworkInterfaceIds=seen["NetworkInterfaceIds"])["NetworkInterfaces"][0]["PrivateIpAddress"]
    regional, _, private = (entry["DnsName"] for entry in seen["DnsEntries"])
    assert private == host and regional.endswith(f".sts.{SEOUL}.vpce.amazonaws.com")
    for name in (host, regional):
        assert lab.resolve(client, name) == ("NOERROR", [("A", address)])
        # The certificate is good for both names: curl takes it without `-k`.
        reply = signed(lab, client, access_key, "sts", f"https://{name}/", "--data", "Action=GetCallerIdentity&Version=2011-06-15")
        assert reply.status == 200 and f"<Account>{ACCOUNT}</Account>" in reply.body, reply
    # An endpoint leads to its service alone, and to nobody without a signature.
    reply = signed(lab, client, access_key, "ec2", f"https://{host}/", "--data", "Action=DescribeVpcs&Version=2016-11-15")
    assert reply.status == 403 and "Credential should be scoped to correct service: 'sts'" in reply.body, reply
    assert lab.curl(client, f"https://{host}/").status == 403
    assert signed(lab, client, access_key, "sts", f"https://{host}/_vpclab/health").status == 404
    # Nobody gets credentials of somebody else: neither by an account's number nor by a key whose secret is not known.
    ask = ["--data", "Action=GetSessionToken&Version=2011-06-15"]
    for stranger, code in [("444455556666:secret", "InvalidClientTokenId"), (access_key.split(":")[0] + ":secret", "SignatureDoesNotMatch")]:
        reply = signed(lab, client, stranger, "sts", f"https://{host}/", *ask)
        assert reply.status == 403 and f"<Code>{code}</Code>" in reply.body, reply
    reply = signed(lab, client, access_key, "sts", f"https://{host}/", *ask, region="us-west-2")
    assert reply.status == 403 and "Credential should be scoped to a valid region" in reply.body, reply
    assert signed(lab, client, access_key, "sts", f"https://{host}/", *ask).status == 200
    seoul.ec2.modify_vpc_endpoint(VpcEndpointId=sts, PrivateDnsEnabled=False)
    assert lab.resolve(client, host) == ("NXDOMAIN", [])
    seoul.ec2.delete_vpc_endpoints(VpcEndpointIds=[sts])
    assert lab.resolve(client, regional)[1] == []


def test_a_parameter_of_the_lab_comes_by_the_endpoint_and_the_group_can_stop_it(lab, seoul, client, access_key):
    made = endpoint(seoul, "ssm")
    lab.client("ssm").put_parameter(Name="/greeting", Value="hello", Type="String")
    ask = lambda: signed(  # noqa: E731
        lab, client, access_key, "ssm", f"https://ssm.{SEOUL}.amazonaws.com/", "-H", "X-Amz-Target: AmazonSSM.GetParameter",
        "-H", "Content-Type: application/x-amz-json-1.1", "--data", json.dumps({"Name": "/greeting"}))
    reply = ask()
    assert reply.status == 200 and json.loads(reply.body)["Parameter"]["Value"] == "hello", reply
    group = seoul.seen(made)["Groups"][0]["GroupId"]
    seoul.ec2.revoke_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=443, ToPort=443, CidrIp="10.0.0.0/16")
    assert ask().code == 28, "dropped in silence"


def test_a_service_that_is_not_run_says_so(lab, seoul, client, access_key):
    endpoint(seoul, "sqs")
    reply = signed(lab, client, access_key, "sqs", f"https://sqs.{SEOUL}.amazonaws.com/", "--data", "Action=ListQueues&Version=2012-11-05")
    assert reply.status >= 400 and "vpclab does not serve the AWS service `sqs`" in reply.body, reply


def test_what_is_refused(seoul):
    for service, options, text in [
        ("s3", {"VpcEndpointType": "Gateway", "SubnetIds": [], "PrivateDnsEnabled": False}, "of the type Gateway"),
        ("s3", {}, "must have a Gateway endpoint for the service"),
        ("logs", {"PolicyDocument": json.dumps({"Statement": [
            {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]})}, "does not enforce a VPC endpoint policy"),
    ]:
        with pytest.raises(ClientError, match=text):
            endpoint(seoul, service, **options, SecurityGroupIds=[])
    assert not [found for found in seoul.ec2.describe_vpc_endpoints()["VpcEndpoints"] if found["ServiceName"].endswith((".s3", ".logs"))]


def test_all_services_are_listed(seoul):
    names = seoul.ec2.describe_vpc_endpoint_services()["ServiceNames"]
    assert {f"com.amazonaws.{SEOUL}.{service}" for service in ("execute-api", "ssm", "ec2messages", "ecr.dkr", "s3")} <= set(names)
    assert names == sorted(names)
