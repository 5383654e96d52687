#!/usr/bin/env python3
"""Trim AWS interface models to what vpclab serves.

Reads the service models that the PyPI package `botocore` carries and a
selection, `crates/wire/interface/<service>.select.json`, and writes
`crates/wire/interface/<service>.json`: names, types and locations, without the
vendor's prose. What AWS knows and vpclab does not serve is kept by name, so
that the decoder can refuse it by name instead of ignoring it.

    python3 -m venv venv && venv/bin/pip install botocore
    venv/bin/python tools/trim_interface.py            # all services
    venv/bin/python tools/trim_interface.py --check    # fail if a file is stale

The selection:

    model       directory of the model inside botocore's data
    operations  operation -> input members served, or "*"
    shapes      nested input structure -> members served (default: all)
    only        structure -> member -> the values accepted (and then dropped:
                they are what vpclab does anyway, e.g. `InstanceTenancy=default`)
    output      output structure -> members produced (default: all)
    without     members that are neither served nor produced wherever they stand
    always      structure -> lists and maps written even when empty (JSON)
    sparse      structure -> lists and maps left out when empty (XML)
    told        input structure -> lists of which none is told from an empty one (JSON)
    xmlNamespace  of answers, where the model has none
    wholeSeconds  JSON times are written without a fraction
    invalid     the error code of a request that is not valid (JSON and REST)
    limits      which of enum, min, max and pattern the service itself checks before it
                runs an operation, in the words of AWS's common validation
    violated    the error code of that
    roots       operation -> name of the answer's outermost element, where it is
                not the name of the shape (S3)
"""

import argparse
import gzip
import json
import pathlib
import sys

import botocore

DATA = pathlib.Path(botocore.__file__).parent / "data"
INTERFACE = pathlib.Path(__file__).parent.parent / "crates" / "wire" / "interface"
MEMBER_KEYS = ("locationName", "queryName", "location", "flattened", "timestampFormat", "xmlAttribute")
PARTS = ("shapes", "only", "output", "always", "sparse", "told")


def load(model):
    base = DATA / model
    packed = base / "service-2.json.gz"
    if packed.exists():
        with gzip.open(packed) as file:
            return json.load(file)
    return json.loads((base / "service-2.json").read_text())


def query_name(name, member, protocol):
    """The name a client writes in a request for this member."""
    if protocol == "ec2":
        if "queryName" in member:
            return member["queryName"]
        located = member.get("locationName", name)
        return located[:1].upper() + located[1:]
    return member.get("locationName", name)


class Trimmer:
    def __init__(self, service, select):
        self.select = select
        self.model = load(select["model"])
        self.protocol = self.model["metadata"]["protocol"]
        self.shapes = self.model["shapes"]
        self.inputs = {}  # structure -> served member names
        self.outputs = {}  # structure -> produced member names
        self.used = set()
        self.asked = set()  # shapes of requests
        self.service = service
        self.without = set(select.get("without", ()))
        self.dropped = set()  # of those
        self.spent = set()  # selection keys that applied, to find stale ones

    def pick(self, shape, wanted, what):
        members = self.shapes[shape].get("members", {})
        if wanted == "*":
            self.dropped.update(name for name in members if name in self.without)
            return [name for name in members if name not in self.without]
        unknown = [name for name in wanted if name not in members]
        if unknown:
            sys.exit(f"{self.service}: {what}: {shape} has no member {', '.join(unknown)}")
        return [name for name in members if name in wanted]

    def walk(self, name, table, select, ancestors=()):
        """Collects every shape reachable from `name` through selected members."""
        self.used.add(name)
        if table is self.inputs:
            self.asked.add(name)
        shape = self.shapes[name]
        kind = shape["type"]
        if kind == "structure":
            if name in table:
                return
            wanted = self.select.get(select, {}).get(name, "*")
            self.spent.add((select, name))
            table[name] = self.pick(name, wanted, select)
            if table is self.inputs:
                table[name] = [m for m in table[name] if m not in self.only(name)]
            for member in table[name]:
                self.walk(shape["members"][member]["shape"], table, select)
        elif kind == "list":
            self.walk(shape["member"]["shape"], table, select)
        elif kind == "map":
            self.walk(shape["key"]["shape"], table, select)
            self.walk(shape["value"]["shape"], table, select)

    def only(self, name):
        self.spent.add(("only", name))
        return self.select.get("only", {}).get(name, {})

    def dry_run(self, name):
        """EC2's `DryRun`, which is read apart from the input."""
        return "DryRun" if self.protocol == "ec2" and "DryRun" in self.shapes[name].get("members", {}) else None

    def operation(self, name, wanted):
        source = self.model["operations"][name]
        result = {
            "method": source["http"]["method"],
            "uri": source["http"]["requestUri"],
            "status": source["http"].get("responseCode", 200),
        }
        if "needs" in source:
            result["needs"] = source["needs"]
        if "input" not in source:  # the one that takes nothing
            source["input"] = {"shape": f"{name}Request"}
            self.shapes[f"{name}Request"] = {"type": "structure", "members": {}}
        shape = source["input"]["shape"]
        result["input"] = shape
        if "locationName" in source["input"]:
            result["inputRoot"] = source["input"]["locationName"]
        members = self.shapes[shape]["members"]
        dry_run = self.dry_run(shape)
        if dry_run:
            result["dryRun"] = True
        picked = self.pick(shape, wanted, f"operation {name}")
        picked = [m for m in picked if m != dry_run and m not in self.only(shape)]
        if self.inputs.get(shape, picked) != picked:
            sys.exit(f"{self.service}: {shape} is selected in two ways")
        self.used.add(shape)
        self.inputs[shape] = picked
        for member in picked:
            self.walk(members[member]["shape"], self.inputs, "shapes")
        if "output" in source:
            result["output"] = source["output"]["shape"]
            if "resultWrapper" in source["output"]:
                result["resultWrapper"] = source["output"]["resultWrapper"]
            if name in self.select.get("roots", {}):
                result["root"] = self.select["roots"][name]
            self.walk(source["output"]["shape"], self.outputs, "output")
        return result

    def structure(self, name):
        shape = self.shapes[name]
        served = self.inputs.get(name)
        produced = self.outputs.get(name, [])
        members = {}
        for member, source in shape.get("members", {}).items():
            direction = ("i" if member in (served or []) else "") + ("o" if member in produced else "")
            if not direction:
                continue
            members[member] = {"shape": source["shape"], "use": direction}
            members[member].update({k: source[k] for k in MEMBER_KEYS if k in source})
        result = {"type": "structure", "members": members}
        if "payload" in shape and shape["payload"] in members:
            result["payload"] = shape["payload"]
        if served is not None:
            only = self.only(name)
            wire = {m: query_name(m, s, self.protocol) for m, s in shape["members"].items()}
            heads = {m for m, s in shape["members"].items() if s.get("location") in ("header", "headers")}
            refused = [m for m in shape["members"] if m not in served and m not in only and m != self.dry_run(name)]
            result["required"] = [m for m in shape.get("required", []) if m in served]
            result["only"] = {wire[m]: values for m, values in only.items() if m not in heads}
            result["refused"] = sorted(wire[m] for m in refused if m not in heads)
            if heads:
                result["onlyHeaders"] = {wire[m]: values for m, values in only.items() if m in heads}
                result["refusedHeaders"] = sorted(wire[m] for m in refused if m in heads)
            missing = [m for m in shape.get("required", []) if m not in served and m not in only]
            if missing:
                sys.exit(f"{self.service}: {name} requires {missing}, which is not served")
        for key in ("always", "sparse", "told"):
            self.spent.add((key, name))
            if name in self.select.get(key, {}):
                result[key] = self.pick(name, self.select[key][name], key)
        if "xmlNamespace" in shape and "prefix" in shape["xmlNamespace"]:
            result["xmlNamespace"] = shape["xmlNamespace"]
        return result

    def shape(self, name):
        shape = self.shapes[name]
        if shape["type"] == "structure":
            return self.structure(name)
        result = {"type": shape["type"]}
        limit = {key: shape[key] for key in self.select.get("limits", ()) if key in shape}
        if limit and name in self.asked:
            result["limit"] = limit
            if shape.get("sensitive"):
                limit["sensitive"] = True
        for part in ("member", "key", "value"):
            if part in shape:
                result[part] = {"shape": shape[part]["shape"]}
                result[part].update({k: shape[part][k] for k in MEMBER_KEYS if k in shape[part]})
        for key in ("flattened", "timestampFormat"):
            if key in shape:
                result[key] = shape[key]
        return result

    def tell_apart(self):
        """Where operations share method and URI, what each needs tells them apart: query names, and headers as `name:`."""
        places = {}
        for operation in self.model["operations"].values():
            places.setdefault((operation["http"]["method"], operation["http"]["requestUri"]), []).append(operation)
        for shared in places.values():
            for operation in shared if len(shared) > 1 else []:
                shape = self.shapes[operation["input"]["shape"]]
                required = {m: shape["members"][m] for m in shape.get("required", [])}
                places_of = {"querystring": "", "header": ":"}
                operation["needs"] = [
                    member["locationName"] + places_of[member["location"]]
                    for member in required.values()
                    if member.get("location") in places_of
                ]

    def trim(self):
        metadata = self.model["metadata"]
        if self.protocol.startswith("rest"):
            self.tell_apart()
        operations = {
            name: self.operation(name, wanted) for name, wanted in self.select["operations"].items()
        }
        shapes = {name: self.shape(name) for name in sorted(self.used)}
        for part in PARTS:
            for name in self.select.get(part, {}):
                if (part, name) not in self.spent or name not in shapes:
                    sys.exit(f"{self.service}: {part}: {name} is not reached by any operation")
        if self.dropped != self.without:
            sys.exit(f"{self.service}: without: no member is called {', '.join(sorted(self.without - self.dropped))}")
        unserved = {
            name: " ".join([op["http"]["method"], op["http"]["requestUri"], *op.get("needs", [])])
            for name, op in sorted(self.model["operations"].items())
            if name not in operations
        }
        own = {key: self.select[key] for key in ("invalid", "violated", "wholeSeconds", "xmlNamespace") if key in self.select}
        kept = ("protocol", "apiVersion", "endpointPrefix", "xmlNamespace", "targetPrefix", "jsonVersion")
        return {
            "service": self.service,
            "botocore": botocore.__version__,
            **own,
            **{key: metadata[key] for key in kept if key in metadata},
            "signingName": metadata.get("signingName", metadata["endpointPrefix"]),
            "operations": operations,
            "unserved": unserved if self.protocol.startswith("rest") else sorted(unserved),
            "shapes": shapes,
        }


def check_version(target):
    """An older botocore would drop what a newer one has named."""
    known = json.loads(target.read_text()).get("botocore", "0") if target.exists() else "0"
    numbers = lambda version: [int(part) for part in version.split(".")]  # noqa: E731
    if numbers(botocore.__version__) < numbers(known):
        sys.exit(f"{target.name} was written with botocore {known}; this is {botocore.__version__}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is stale")
    arguments = parser.parse_args()
    stale = []
    for path in sorted(INTERFACE.glob("*.select.json")):
        service = path.name.removesuffix(".select.json")
        check_version(INTERFACE / f"{service}.json")
        trimmed = Trimmer(service, json.loads(path.read_text())).trim()
        text = json.dumps(trimmed, indent=1) + "\n"
        target = INTERFACE / f"{service}.json"
        if arguments.check:
            if not target.exists() or target.read_text() != text:
                stale.append(target.name)
        else:
            target.write_text(text)
            print(f"{target.name}: {len(trimmed['operations'])} operations, {len(trimmed['shapes'])} shapes")
    if stale:
        sys.exit(f"stale: {', '.join(stale)}; run tools/trim_interface.py")


if __name__ == "__main__":
    main()
