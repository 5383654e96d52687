"""A CloudFormation stack of 200 resources, created and deleted, beside moto's server.

The peer records the same resources; here each is made in the kernel too. Both are asked by boto3 and waited for as its waiters do, with a short delay.
"""

import contextlib
import json
import statistics
import subprocess
import sys
import time
import urllib.request

import boto3
import lab as bench
from harness import SEOUL

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 3
SUBNETS = 50


def template():
    """One VPC; 50 subnets and their associations, 50 security groups, 49 route tables: 200 resources."""
    resources = {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}}
    vpc = {"Ref": "Vpc"}
    for n in range(SUBNETS):
        resources[f"Subnet{n}"] = {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": vpc, "CidrBlock": f"10.0.{n}.0/24"}}
        resources[f"Group{n}"] = {"Type": "AWS::EC2::SecurityGroup", "Properties": {
            "VpcId": vpc, "GroupDescription": f"group {n}",
            "SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/16"}]}}
        table = max(n - 1, 0)
        if n == table or n > 0:
            resources.setdefault(f"Table{table}", {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": vpc}})
        resources[f"Association{n}"] = {"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": {
            "SubnetId": {"Ref": f"Subnet{n}"}, "RouteTableId": {"Ref": f"Table{table}"}}}
    assert len(resources) == 200, len(resources)
    return json.dumps({"Resources": resources})


def measure(cloudformation, body, name):
    """Seconds to create and to delete."""
    began = time.monotonic()
    stack = cloudformation.create_stack(StackName=name, TemplateBody=body)["StackId"]
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 0.1, "MaxAttempts": 3000})
    created = time.monotonic() - began
    began = time.monotonic()
    cloudformation.delete_stack(StackName=stack)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig={"Delay": 0.1, "MaxAttempts": 3000})
    return created, time.monotonic() - began


def created_by(cloudformation, body, name):
    """Seconds to create. moto deletes in an order that its own EC2 refuses, so that it has no time to delete."""
    began = time.monotonic()
    stack = cloudformation.create_stack(StackName=name, TemplateBody=body)["StackId"]
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 0.1, "MaxAttempts": 3000})
    return time.monotonic() - began


@contextlib.contextmanager
def moto():
    """moto's server and a client of it; None where it is not installed."""
    program = bench.beside("moto_server")
    if program is None:
        yield None
        return
    with subprocess.Popen([program, "-p", "0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            port = next(line.rsplit(":", 1)[1].split()[0].strip("/") for line in server.stdout if "http://" in line)
            url = f"http://127.0.0.1:{port}"
            urllib.request.urlopen(f"{url}/moto-api/data.json", timeout=30).close()
            yield boto3.client("cloudformation", region_name=SEOUL, endpoint_url=url, aws_access_key_id="a", aws_secret_access_key="b")
        finally:
            server.kill()


def main():
    body, ours, theirs = template(), [], []
    with bench.lab() as lab, moto() as peer:
        for n in range(ROUNDS):
            ours.append(measure(lab.client("cloudformation"), body, f"bench-{n}"))
            if peer:
                theirs.append(created_by(peer, body, f"bench-{n}"))
    create, delete = (statistics.median(column) for column in zip(*ours))
    if not theirs:
        bench.result("stack of 200", f"created in {create:.2f} s, deleted in {delete:.2f} s   (moto is not installed)", create=create, delete=delete)
        return
    other = statistics.median(theirs)
    bench.result("stack of 200", f"created in {create:.2f} s, deleted in {delete:.2f} s   moto created in {other:.2f} s   ratio {create / other:.2f}",
                 create=create, delete=delete, moto_create=other)


main()
