"""Builds topologies by boto3, in few words: networks, endpoints, APIs, and the two-region world of the story."""

import json

from harness import ACCOUNT, OREGON, SEOUL, TOKYO

PETS = '["Bello", "Mimi"]'
EVERYWHERE = "0.0.0.0/0"


def mock(body=PETS, status="200"):
    """An integration that answers `body`."""
    return {
        "type": "mock",
        "requestTemplates": {"application/json": json.dumps({"statusCode": int(status)})},
        "responses": {"default": {"statusCode": status, "responseTemplates": {"application/json": body}}},
    }


def openapi(paths, policy=None, title="pets", endpoints=None):
    """An OpenAPI 3 definition of MOCK methods: `{"/pets": {"get": body}}`."""
    document = {
        "openapi": "3.0.1",
        "info": {"title": title, "version": "1.0"},
        "paths": {
            path: {method: {"responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-integration": mock(body)}
                   for method, body in methods.items()}
            for path, methods in paths.items()
        },
    }
    if policy is not None:
        document["x-amazon-apigateway-policy"] = policy
    if endpoints is not None:
        document["servers"] = [{"url": "/", "x-amazon-apigateway-endpoint-configuration": {"vpcEndpointIds": endpoints}}]
    return json.dumps(document).encode()


def statement(effect="Allow", resource="execute-api:/*", **condition):
    made = {"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke", "Resource": resource}
    return {**made, **({"Condition": condition} if condition else {})}


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def only_endpoint(endpoint):
    """The documented two statements: all are allowed, all but one endpoint are denied."""
    return policy(statement(), statement("Deny", StringNotEquals={"aws:SourceVpce": endpoint}))


def anonymous(api, path="GET/pets", stage="dev", region=SEOUL, account=ACCOUNT, suffix=" with an explicit deny"):
    """The exact body of a refusal by a policy."""
    resource = f"arn:aws:execute-api:{region}:********{account[-4:]}:{api}/{stage}/{path}"
    text = f"User: anonymous is not authorized to perform: execute-api:Invoke on resource: {resource}{suffix}"
    return json.dumps({"Message": text}, separators=(",", ":"))


def tcp(port, *, cidr=None, group=None):
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
    if cidr:
        rule["IpRanges"] = [{"CidrIp": cidr}]
    if group:
        rule["UserIdGroupPairs"] = [{"GroupId": group}]
    return rule


ALL_EGRESS = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": EVERYWHERE}]}


class Network:
    """One VPC with one subnet, in a region, and what is made in it."""

    def __init__(self, lab, region, cidr, *, account=ACCOUNT, subnet=None, hostnames=True):
        self.lab, self.region, self.cidr, self.account = lab, region, cidr, account
        self.ec2, self.apigateway = lab.ec2(region, account), lab.apigateway(region, account)
        self.vpc = self.ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
        if hostnames:
            self.ec2.modify_vpc_attribute(VpcId=self.vpc, EnableDnsHostnames={"Value": True})
        self.subnet = self.add_subnet(subnet or cidr.replace(".0.0/16", ".1.0/24"))
        filters = [{"Name": "vpc-id", "Values": [self.vpc]}]
        self.table = self.ec2.describe_route_tables(Filters=filters)["RouteTables"][0]["RouteTableId"]
        self.default_group = self.ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]

    def add_subnet(self, cidr, zone="a"):
        made = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=cidr, AvailabilityZone=self.region + zone)
        return made["Subnet"]["SubnetId"]

    def group(self, name, *rules):
        made = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]
        if rules:
            self.ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=list(rules))
        return made

    def instance(self, group=None, *, subnet=None, name=None, address=None, user_data=None):
        options = {"SecurityGroupIds": [group]} if group else {}
        if name:
            options["TagSpecifications"] = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}]
        if address:
            options["PrivateIpAddress"] = address
        if user_data:
            options["UserData"] = user_data
        image = self.ec2.describe_images()["Images"][0]["ImageId"]
        made = self.ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1,
                                      SubnetId=subnet or self.subnet, **options)
        return made["Instances"][0]["InstanceId"]

    def address(self, instance):
        return self.ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["PrivateIpAddress"]

    def endpoint(self, group=None, *, subnets=None, private_dns=True, policy=None):
        options = {"SecurityGroupIds": [group]} if group else {}
        if policy is not None:
            options["PolicyDocument"] = json.dumps(policy)
        made = self.ec2.create_vpc_endpoint(
            VpcId=self.vpc, VpcEndpointType="Interface", ServiceName=f"com.amazonaws.{self.region}.execute-api",
            SubnetIds=subnets or [self.subnet], PrivateDnsEnabled=private_dns, **options)
        return made["VpcEndpoint"]["VpcEndpointId"]

    def seen(self, endpoint):
        return self.ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]

    def endpoint_addresses(self, endpoint):
        interfaces = self.ec2.describe_network_interfaces(NetworkInterfaceIds=self.seen(endpoint)["NetworkInterfaceIds"])
        return [interface["PrivateIpAddress"] for interface in interfaces["NetworkInterfaces"]]

    def api(self, body, *, kind="PRIVATE", stage="dev"):
        api = self.apigateway.import_rest_api(parameters={"endpointConfigurationTypes": kind}, body=body)["id"]
        if stage:
            self.apigateway.create_deployment(restApiId=api, stageName=stage)
        return api

    def host(self, api):
        return f"{api}.execute-api.{self.region}.amazonaws.com"

    def alias(self, api, endpoint):
        return f"{api}-{endpoint}.execute-api.{self.region}.amazonaws.com"

    def set_policy(self, api, document, *, deploy="dev"):
        self.apigateway.update_rest_api(restApiId=api, patchOperations=[
            {"op": "replace", "path": "/policy", "value": document if isinstance(document, str) else json.dumps(document)}])
        if deploy:
            self.apigateway.create_deployment(restApiId=api, stageName=deploy)

    def route_to(self, cidr, peering, *, replace=False):
        call = self.ec2.replace_route if replace else self.ec2.create_route
        call(RouteTableId=self.table, DestinationCidrBlock=cidr, VpcPeeringConnectionId=peering)


def interfaces(lab, count):
    """Five networks of four subnets each with `count` interfaces in all: what is heavy to draw, and cheap to make."""
    for at in range(5):
        network = Network(lab, SEOUL, f"10.{at}.0.0/16", hostnames=False)
        for subnet in [network.subnet, *(network.add_subnet(f"10.{at}.{n + 2}.0/24", zone) for n, zone in enumerate("bcd"))]:
            for _ in range(count // 20):
                network.ec2.create_network_interface(SubnetId=subnet)


def request_peering(a, b):
    made = a.ec2.create_vpc_peering_connection(VpcId=a.vpc, PeerVpcId=b.vpc, PeerRegion=b.region, PeerOwnerId=b.account)
    return made["VpcPeeringConnection"]["VpcPeeringConnectionId"]


def status(network, peering):
    seen = network.ec2.describe_vpc_peering_connections(VpcPeeringConnectionIds=[peering])
    return seen["VpcPeeringConnections"][0]["Status"]["Code"]


def peer(a, b, *, routes=True):
    """A peering of two networks, accepted, with routes both ways."""
    peering = request_peering(a, b)
    b.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    if routes:
        a.route_to(b.cidr, peering)
        b.route_to(a.cidr, peering)
    return peering


class World:
    """The story's end: Seoul with the API, Oregon peered with it, and Tokyo behind Oregon."""

    def __init__(self, lab):
        self.lab = lab
        self.seoul = Network(lab, SEOUL, "10.0.0.0/16")
        self.oregon = Network(lab, OREGON, "10.1.0.0/16")
        self.client_group = self.seoul.group("client")
        self.endpoint_group = self.seoul.group("endpoint", tcp(443, group=self.client_group), tcp(443, cidr=self.oregon.cidr))
        self.endpoint_subnet = self.seoul.add_subnet("10.0.2.0/24")
        self.client = self.seoul.instance(self.client_group, name="seoul")
        self.remote = self.oregon.instance(name="oregon")
        self.peering = peer(self.seoul, self.oregon)
        self.endpoint = self.address = self.api = None
        self.make_endpoint()

    def make_endpoint(self):
        """The endpoint; and the API, or the API's policy, made for it."""
        self.endpoint = self.seoul.endpoint(self.endpoint_group, subnets=[self.endpoint_subnet])
        self.address = self.seoul.endpoint_addresses(self.endpoint)[0]
        self.policy = only_endpoint(self.endpoint)
        if self.api is None:
            body = openapi({"/pets": {"get": PETS}, "/pets/{id}": {"get": '{"id": 7}'}}, self.policy, endpoints=[self.endpoint])
            self.api = self.seoul.api(body)
        else:
            before = self.seoul.apigateway.get_rest_api(restApiId=self.api)["endpointConfiguration"]["vpcEndpointIds"]
            self.seoul.apigateway.update_rest_api(restApiId=self.api, patchOperations=[
                *({"op": "remove", "path": "/endpointConfiguration/vpcEndpointIds", "value": old} for old in before),
                {"op": "add", "path": "/endpointConfiguration/vpcEndpointIds", "value": self.endpoint}])
            self.seoul.set_policy(self.api, self.policy)

    @property
    def url(self):
        """By the private name, as the client in Seoul calls."""
        return f"https://{self.seoul.host(self.api)}/dev/pets"

    @property
    def alias_url(self):
        """By the name with the endpoint's id, as the client in Oregon calls."""
        return f"https://{self.seoul.alias(self.api, self.endpoint)}/dev/pets"

    @property
    def endpoint_host(self):
        """The endpoint's public regional name."""
        return self.seoul.seen(self.endpoint)["DnsEntries"][0]["DnsName"]

    def repeer(self, *, accept):
        """A new peering in the old one's place, the routes turned to it; accepted, or as the request leaves it."""
        if status(self.seoul, self.peering) in ("active", "pending-acceptance"):
            self.seoul.ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=self.peering)
        self.peering = request_peering(self.seoul, self.oregon)
        if accept:
            self.oregon.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=self.peering)
        self.seoul.route_to(self.oregon.cidr, self.peering, replace=True)
        self.oregon.route_to(self.seoul.cidr, self.peering, replace=True)

    def add_tokyo(self):
        """A third VPC, peered with Oregon only, with all the routes and rules one might hope would carry it to Seoul."""
        tokyo = Network(self.lab, TOKYO, "10.2.0.0/16")
        client = tokyo.instance(name="tokyo")
        peering = peer(self.oregon, tokyo)
        tokyo.route_to(self.seoul.cidr, peering)
        self.seoul.route_to(tokyo.cidr, self.peering)
        self.seoul.ec2.authorize_security_group_ingress(
            GroupId=self.endpoint_group, IpPermissions=[tcp(443, cidr=tokyo.cidr)])
        return tokyo, client, peering
