#!/usr/bin/env python3
"""Give the answers in crates/wire/tests/fixtures/answers.json to botocore's parser.

Every member that the interface says we produce has to come out again.

    UPDATE_FIXTURES=1 cargo test -p vpclab-wire answers
    venv/bin/python tools/check_answers.py
"""

import json
import pathlib
import sys
from types import SimpleNamespace

import botocore.parsers
import botocore.session
from botocore.handlers import parse_get_bucket_location
from botocore.awsrequest import HeadersDict

WIRE = pathlib.Path(__file__).parent.parent / "crates" / "wire"


def expected(shapes, name, location=None):
    shape = shapes[name]
    kind = shape["type"]
    if kind == "structure":
        # S3's `Expires` is text to the service and a time to botocore.
        produced = {m: v for m, v in shape["members"].items() if "o" in v["use"] and m != "Expires"}
        return {m: expected(shapes, v["shape"], v.get("location")) for m, v in produced.items()}
    if kind == "list":
        return [expected(shapes, shape["member"]["shape"])] * 2
    if kind == "map":
        return {"key": expected(shapes, shape["value"]["shape"], location)}
    if location == "statusCode":
        return 200
    return {"string": "text" if location else "text <&> é", "boolean": True, "integer": 7, "long": 7, "double": 7.5,
            "timestamp": "2026-01-31", "blob": "bytes"}[kind]


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k != "ResponseMetadata"}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, bytes):  # the parser reads a payload as text
        return value.decode()
    return value.isoformat()[:10] if hasattr(value, "isoformat") else value


def main():
    session = botocore.session.get_session()
    answers = json.loads((WIRE / "tests/fixtures/answers.json").read_text())
    wrong = 0
    for key, answer in answers.items():
        service, name = key.split(".")
        interface = json.loads((WIRE / f"interface/{service}.json").read_text())
        model = session.get_service_model(service, interface["apiVersion"])
        operation = model.operation_model(name)
        if operation.http.get("responseCode", 200) != answer["status"]:
            print(f"{key}: status {answer['status']}")
            wrong += 1
        parser = botocore.parsers.create_parser(model.protocol)
        answer["headers"].pop("expires", None)
        response = {"status_code": answer["status"], "headers": HeadersDict(answer["headers"]), "body": answer["body"].encode()}
        parsed = parser.parse(response, operation.output_shape)
        if key == "s3.GetBucketLocation":  # what the client does besides
            parse_get_bucket_location(parsed, SimpleNamespace(raw=b"", content=response["body"]))
        seen = plain(parsed)
        output = interface["operations"][name].get("output")
        wanted = expected(interface["shapes"], output) if output else {}
        if seen != wanted:
            print(f"{key}:\n  wanted {wanted}\n  seen   {seen}")
            wrong += 1
    print(f"{len(answers)} answers, {wrong} wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
