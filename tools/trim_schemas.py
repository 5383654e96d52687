#!/usr/bin/env python3
"""Trim CloudFormation's resource schemas to what vpclab reads.

Reads the resource schemas that the PyPI package `cfn-lint` (MIT-0) carries and
writes, for the types below, `crates/template/schemas/<service>.json`: one type
a line, without prose, permissions and examples. `types.txt` beside them names
every type that AWS has, so that a type that vpclab does not serve is told from
one that does not exist.

    python3 -m venv venv && venv/bin/pip install cfn-lint
    venv/bin/python tools/trim_schemas.py            # all
    venv/bin/python tools/trim_schemas.py --check    # fail if a file is stale
"""

import argparse
import json
import pathlib
import sys

import cfnlint.data.schemas

DATA = pathlib.Path(cfnlint.data.schemas.__file__).parent
SCHEMAS = pathlib.Path(__file__).parent.parent / "crates" / "template" / "schemas"
# Where a region's set of types is complete.
REGION = "us-east-1"
# A longer list of values says more about AWS's offer than about a template.
ENUM_MAX = 30

TYPES = {
    "ApiGateway": "*",
    "CloudFormation": "CustomResource Stack WaitCondition WaitConditionHandle",
    "EC2": """DHCPOptions EIP EIPAssociation EgressOnlyInternetGateway FlowLog Instance InternetGateway KeyPair LaunchTemplate
        NatGateway NetworkAcl NetworkAclEntry NetworkInsightsAnalysis NetworkInsightsPath NetworkInterface NetworkInterfaceAttachment PrefixList Route RouteTable SecurityGroup
        SecurityGroupEgress SecurityGroupIngress Subnet SubnetCidrBlock SubnetNetworkAclAssociation SubnetRouteTableAssociation VPC
        VPCCidrBlock VPCDHCPOptionsAssociation VPCEndpoint VPCEndpointService VPCEndpointServicePermissions VPCGatewayAttachment
        VPCPeeringConnection""",
    "ECR": "Repository",
    "IAM": "AccessKey Group GroupPolicy InstanceProfile ManagedPolicy Policy Role RolePolicy User UserPolicy UserToGroupAddition",
    "KMS": "Alias Key",
    "Lambda": "Alias EventInvokeConfig EventSourceMapping Function LayerVersion LayerVersionPermission Permission Url Version",
    "Logs": "LogGroup LogStream MetricFilter ResourcePolicy SubscriptionFilter",
    "Route53": "HostedZone RecordSet RecordSetGroup",
    "S3": "Bucket BucketPolicy",
    "SSM": "Parameter",
}


def short(path):
    """`/properties/VpcConfig/SubnetIds` -> `VpcConfig/SubnetIds`."""
    return path.removeprefix("/properties/").replace("/items/", "/*/").replace("/properties/", "/")


def shape(node):
    """What of a schema node says how a value must look."""
    out = {}
    if "$ref" in node:
        return {"ref": node["$ref"].removeprefix("#/definitions/")}
    if "type" in node:
        types = node["type"]
        out["type"] = [types] if isinstance(types, str) else types
    if "properties" in node:
        out["properties"] = {name: shape(value) for name, value in node["properties"].items()}
    if node.get("required"):
        out["required"] = node["required"]
    if "items" in node:
        out["items"] = shape(node["items"])
    if len(node.get("enum", ())) in range(1, ENUM_MAX + 1):
        out["enum"] = [value if isinstance(value, str) else json.dumps(value) for value in node["enum"]]
    # Keys of one's own choice: what they look like is the service's to judge.
    if len(node.get("patternProperties", ())) == 1:
        (out["values"],) = (shape(value) for value in node["patternProperties"].values())
    elif "patternProperties" in node or node.get("additionalProperties", True) and "properties" in node:
        out["open"] = True
    return out


def trim(name, schema):
    """One resource type on one line."""
    out = shape(schema)
    # A resource is closed unless it says otherwise.
    if schema.get("additionalProperties") is False and "values" not in out:
        out.pop("open", None)
    out.pop("type", None)
    definitions = {key: shape(value) for key, value in schema.get("definitions", {}).items()}
    text = json.dumps([out, definitions])
    used = {key: value for key, value in definitions.items() if f'"ref": {json.dumps(key)}' in text}
    if used:
        out["definitions"] = used
    for key, paths in (
        ("readOnly", "readOnlyProperties"),
        ("createOnly", "createOnlyProperties"),
        ("conditionalCreateOnly", "conditionalCreateOnlyProperties"),
        ("identifier", "primaryIdentifier"),
    ):
        if schema.get(paths):
            out[key] = [short(path) for path in schema[paths]]
    tagging = schema.get("tagging", {})
    if tagging.get("taggable", True) and "tagProperty" in tagging:
        out["tags"] = short(tagging["tagProperty"])
    return f"{json.dumps(name)}:{json.dumps(out, separators=(',', ':'), sort_keys=True)}"


def files():
    known = json.loads((DATA / "providers" / f"{REGION}.json").read_text())
    yield "types.txt", "\n".join(sorted(known)) + "\n"
    for service, names in TYPES.items():
        prefix = f"AWS::{service}::"
        chosen = [name for name in sorted(known) if name.startswith(prefix) and (names == "*" or name.removeprefix(prefix) in names.split())]
        if names != "*" and len(chosen) != len(names.split()):
            sys.exit(f"{service}: some types do not exist")
        lines = (trim(name, json.loads((DATA / "resources" / f"{known[name]}.json").read_text())) for name in chosen)
        yield f"{service.lower()}.json", "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="fail if a file is stale")
    check = parser.parse_args().check
    SCHEMAS.mkdir(exist_ok=True)
    stale = []
    for name, text in files():
        path = SCHEMAS / name
        if not path.exists() or path.read_text() != text:
            stale.append(name)
            if not check:
                path.write_text(text)
    if check and stale:
        sys.exit(f"stale: {', '.join(stale)}")
    print(f"{len(stale)} files written" if not check else "all files are fresh")


if __name__ == "__main__":
    main()
