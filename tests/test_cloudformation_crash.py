"""`kill -9` in the middle of stack operations: after the restart a stack goes on or rolls back, and never lies about its state."""

import concurrent.futures
import json
import random
import time

import botocore.exceptions
import pytest

SEED = 20261129
ROUNDS = 8


def template(generation):
    """Some thirty resources in a row of dependencies, so that there is always something before and something after. Another
    generation replaces the subnets and with them what needs them, and changes the groups in place."""
    resources = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16", "EnableDnsHostnames": True}},
        "Door": {"Type": "AWS::EC2::VPCEndpoint", "Properties": {
            "VpcId": {"Ref": "Vpc"}, "VpcEndpointType": "Interface", "ServiceName": "com.amazonaws.ap-northeast-2.execute-api",
            "PrivateDnsEnabled": True, "SubnetIds": [{"Ref": "Subnet0"}], "SecurityGroupIds": [{"Ref": "Group0"}]}}}
    for n in range(7):
        before = {"DependsOn": f"Table{n - 1}"} if n else {}
        resources[f"Subnet{n}"] = {"Type": "AWS::EC2::Subnet", **before, "Properties": {
            "VpcId": {"Ref": "Vpc"}, "CidrBlock": f"10.0.{n + 100 * (generation % 2)}.0/24"}}
        resources[f"Group{n}"] = {"Type": "AWS::EC2::SecurityGroup", **before, "Properties": {
            "GroupDescription": f"g{n}", "VpcId": {"Ref": "Vpc"},
            "SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443 + generation, "CidrIp": "10.0.0.0/16"}]}}
        resources[f"Table{n}"] = {"Type": "AWS::EC2::RouteTable", **before, "Properties": {"VpcId": {"Ref": "Vpc"}}}
        resources[f"Join{n}"] = {"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": {
            "SubnetId": {"Ref": f"Subnet{n}"}, "RouteTableId": {"Ref": f"Table{n}"}}}
    return json.dumps({"Resources": resources})


class Watched:
    """A stack, and what EC2 has of it."""

    def __init__(self, lab):
        self.lab = lab

    @property
    def api(self):
        return self.lab.client("cloudformation")

    def status(self):
        try:
            return self.api.describe_stacks(StackName="crash")["Stacks"][0]["StackStatus"]
        except botocore.exceptions.ClientError as why:
            assert "does not exist" in str(why), why
            return None

    def settled(self):
        end = time.monotonic() + 30
        while True:
            status = self.status()
            if status is None or not status.endswith("IN_PROGRESS"):
                return status
            assert time.monotonic() < end, f"the stack does not settle: {status}"
            time.sleep(0.02)

    def recorded(self):
        """What the stack says it has: physical ids by type."""
        if self.status() is None:
            return {}
        found = {}
        for one in self.api.describe_stack_resources(StackName="crash")["StackResources"]:
            if one["ResourceStatus"] != "DELETE_COMPLETE":
                assert one["ResourceStatus"].endswith("COMPLETE"), one
                found.setdefault(one["ResourceType"], set()).add(one["PhysicalResourceId"])
        return found

    def there(self):
        """What EC2 has."""
        ec2 = self.lab.ec2()
        tables = ec2.describe_route_tables()["RouteTables"]
        joined = {at["RouteTableAssociationId"] for table in tables for at in table["Associations"] if not at["Main"]}
        seen = {
            "AWS::EC2::VPC": {one["VpcId"] for one in ec2.describe_vpcs()["Vpcs"]},
            "AWS::EC2::Subnet": {one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]},
            "AWS::EC2::SecurityGroup": {one["GroupId"] for one in ec2.describe_security_groups()["SecurityGroups"] if one["GroupName"] != "default"},
            "AWS::EC2::RouteTable": {one["RouteTableId"] for one in tables if not any(at["Main"] for at in one["Associations"])},
            "AWS::EC2::SubnetRouteTableAssociation": joined,
            "AWS::EC2::VPCEndpoint": {one["VpcEndpointId"] for one in ec2.describe_vpc_endpoints()["VpcEndpoints"] if one["State"] != "deleted"},
        }
        return {kind: ids for kind, ids in seen.items() if ids}

    def agree(self):
        assert self.recorded() == self.there(), self.status()


def ask(stack, generation, action):
    """Begins an operation; what the kill cuts off may or may not have begun."""
    name = {"StackName": "crash"}
    try:
        if action == "create":
            stack.api.create_stack(**name, TemplateBody=template(generation))
        elif action == "update":
            stack.api.update_stack(**name, TemplateBody=template(generation))
        else:
            stack.api.delete_stack(**name)
    except botocore.exceptions.ClientError as why:
        assert "No updates are to be performed" in str(why), why
    except botocore.exceptions.BotoCoreError:
        pass  # The answer was cut off.


def test_a_killed_daemon_does_not_lie_about_a_stack(fresh):
    chance = random.Random(SEED)
    lab = fresh(ephemeral=False).up()
    stack, went_on, generation = Watched(lab), 0, 0
    ask(stack, generation, "create")
    assert stack.settled() == "CREATE_COMPLETE"
    # How long an operation takes here when nothing disturbs it: the kills fall within.
    began, generation = time.monotonic(), 1
    ask(stack, generation, "update")
    assert stack.settled() == "UPDATE_COMPLETE"
    usual = time.monotonic() - began
    stack.agree()
    for number in range(ROUNDS):
        action = "create" if stack.status() is None else chance.choice(["update", "update", "delete"])
        generation += 1
        moment = chance.uniform(0.2, 1) * usual
        asked = []
        with concurrent.futures.ThreadPoolExecutor(1) as pool:

            def in_the_middle(action=action, generation=generation, moment=moment, asked=asked):
                asked.append(pool.submit(ask, stack, generation, action))
                time.sleep(moment)

            lab.kill(in_the_middle)
            asked[0].result()
        lab.up()
        # Only what was still running is gone on with.
        went_on += "going on with a stack's operation" in lab.log()
        status = stack.settled()
        said = f"round {number}: {action} ended as {status}"
        allowed = {"create": {"CREATE_COMPLETE", "ROLLBACK_COMPLETE", None}, "delete": {None, "CREATE_COMPLETE", "UPDATE_COMPLETE"},
                   "update": {"UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "CREATE_COMPLETE"}}
        assert status in allowed[action], f"{said}: {stack.api.describe_stack_events(StackName='crash')['StackEvents'][:5]}"
        stack.agree()
        if status == "ROLLBACK_COMPLETE":
            ask(stack, generation, "delete")
            assert stack.settled() is None
    assert went_on >= 2, "the kills interrupted nothing: this test proved nothing"
    if stack.status() is not None:
        ask(stack, generation, "delete")
        assert stack.settled() is None
    assert stack.there() == {}
    with pytest.raises(botocore.exceptions.ClientError):
        stack.api.describe_stacks(StackName="crash")
    lab.down()
