#!/usr/bin/env python3
"""Write one full request per served operation, as botocore puts it on the wire.

    venv/bin/python tools/sample_requests.py > crates/wire/tests/fixtures/requests.json

Every served parameter gets a value, so that the test `requests.rs` of the crate
`wire` sees each wire name as AWS's own client spells it.
"""

import json
import pathlib
import sys
from urllib.parse import urlencode

import botocore.serialize
import botocore.session

INTERFACE = pathlib.Path(__file__).parent.parent / "crates" / "wire" / "interface"
SCALARS = {"string": "t3xt", "boolean": True, "integer": 7531, "long": 7531, "double": 0.25, "blob": b"bl0b"}
# Headers of HTTP and of the SDK, not of an operation.
NOT_OURS = ("content-type", "content-length", "user-agent", "amz-sdk-invocation-id", "expect")


def sample(shapes, name, depth=0):
    shape = shapes[name]
    kind = shape["type"]
    if kind == "structure":
        served = {m: v for m, v in shape["members"].items() if "i" in v["use"]}
        return {m: sample(shapes, v["shape"], depth + 1) for m, v in served.items()}
    if kind == "list":
        return [sample(shapes, shape["member"]["shape"], depth + 1) for _ in range(2)]
    if kind == "map":
        return {"key": sample(shapes, shape["value"]["shape"], depth + 1)}
    # The model says that S3's `Expires` is text; botocore takes a time all the same.
    if kind == "timestamp" or name == "Expires":
        return "2026-01-31T12:00:01Z"
    return SCALARS[kind]


def main():
    session = botocore.session.get_session()
    requests = []
    for path in sorted(INTERFACE.glob("*.select.json")):
        service = path.name.removesuffix(".select.json")
        interface = json.loads((INTERFACE / f"{service}.json").read_text())
        model = session.get_service_model(service, interface["apiVersion"])
        serializer = botocore.serialize.create_serializer(model.protocol, include_validation=False)
        for name, operation in interface["operations"].items():
            parameters = sample(interface["shapes"], operation["input"])
            if operation.get("dryRun"):
                parameters["DryRun"] = True
            wire = serializer.serialize_to_request(parameters, model.operation_model(name))
            body = wire["body"]
            if isinstance(body, dict):
                body = urlencode(body)
            elif isinstance(body, bytes):
                body = body.decode()
            query = urlencode(wire["query_string"], doseq=True) if wire["query_string"] else ""
            uri = wire["url_path"]
            if query:
                uri += ("&" if "?" in uri else "?") + query
            headers = {k.lower(): str(v) for k, v in wire["headers"].items() if k.lower() not in NOT_OURS}
            requests.append(
                {
                    "service": service,
                    "operation": name,
                    "method": wire["method"],
                    "uri": uri,
                    "headers": headers,
                    "body": body,
                }
            )
    json.dump(requests, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
