#!/usr/bin/env python3
"""Write `crates/aws-client/interface.json`: how the calls of an import are asked and answered.

Reads the service models that the PyPI package `botocore` carries and keeps, of the operations that `crates/import/src/calls.rs` names, names, types
and locations, without the vendor's prose. Unlike the descriptions of what vpclab serves, answers are kept whole: what AWS says and vpclab does
not know has to reach the import.

    venv/bin/python tools/trim_client.py [--check]
"""

import argparse
import json
import pathlib
import re
import sys

import botocore
from trim_interface import DATA, load  # noqa: F401

ROOT = pathlib.Path(__file__).parent.parent
TARGET = ROOT / "crates" / "aws-client" / "interface.json"
CALLS = ROOT / "crates" / "import" / "src" / "calls.rs"
MODELS = {
    "sts": "sts/2011-06-15",
    "ec2": "ec2/2016-11-15",
    "apigateway": "apigateway/2015-07-09",
    "lambda": "lambda/2015-03-31",
    "route53": "route53/2013-04-01",
    "route53resolver": "route53resolver/2018-04-01",
}


def operations():
    """Every operation that the table of calls names."""
    return set(re.findall(r'"((?:Describe|Get|List)[A-Z]\w+)"', CALLS.read_text()))


def member(source):
    kept = {"shape": source["shape"]}
    kept.update({key: source[key] for key in ("locationName", "location", "flattened") if key in source})
    return kept


def trim(name, path, wanted):
    model = load(path)
    metadata, shapes = model["metadata"], {}

    def walk(shape_name):
        if shape_name in shapes:
            return
        shape = model["shapes"][shape_name]
        kept = shapes[shape_name] = {"type": shape["type"]}
        if shape["type"] == "structure":
            kept["members"] = {name: member(source) for name, source in shape["members"].items()}
            if "payload" in shape:
                kept["payload"] = shape["payload"]
        for part in ("member", "key", "value"):
            if part in shape:
                kept[part] = member(shape[part])
        if shape.get("flattened"):
            kept["flattened"] = True
        for source in [*shape.get("members", {}).values(), *(shape[part] for part in ("member", "key", "value") if part in shape)]:
            walk(source["shape"])

    operations = {}
    for operation in sorted(wanted & set(model["operations"])):
        source = model["operations"][operation]
        made = operations[operation] = {"method": source["http"]["method"], "uri": source["http"]["requestUri"]}
        if "input" in source:
            members = model["shapes"][source["input"]["shape"]]["members"]
            made["input"] = {name: member(found) for name, found in members.items()}
        for key in ("resultWrapper",):
            if key in source["output"]:
                made[key] = source["output"][key]
        made["output"] = source["output"]["shape"]
        walk(made["output"])
    kept = ("protocol", "apiVersion", "endpointPrefix", "globalEndpoint", "targetPrefix", "jsonVersion")
    return {
        **{key: metadata[key] for key in kept if key in metadata},
        "signingName": metadata.get("signingName", metadata["endpointPrefix"]),
        "operations": operations,
        "shapes": dict(sorted(shapes.items())),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the file is stale")
    arguments = parser.parse_args()
    wanted = operations()
    made = {"botocore": botocore.__version__, **{name: trim(name, path, wanted) for name, path in MODELS.items()}}
    lines = json.dumps(made, indent=1) + "\n"
    # One line a member: half as long, and a change still shows as a line.
    text = re.sub(r"\{\s+(\"shape\": [^{}]*?)\s+\}", lambda found: "{" + re.sub(r"\s*\n\s*", " ", found[1]) + "}", lines)
    if arguments.check:
        sys.exit(0 if TARGET.exists() and TARGET.read_text() == text else f"stale: {TARGET.name}; run tools/trim_client.py")
    TARGET.write_text(text)


if __name__ == "__main__":
    main()
