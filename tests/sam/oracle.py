"""Transforms templates with AWS's own code, the PyPI package aws-sam-translator.

    python tests/sam/oracle.py tests/sam/templates/api-private.yaml …

prints what it makes of each. Lines of a template that begin with `#:` set parameters, the region or the clock:

    #: parameter Stage=dev
    #: region cn-north-1
    #: unbuilt            (vpclab refuses this by name)

With `--store` it writes tests/sam/golden/*.json, which `cargo test -p vpclab-sam` compares without Python.
"""

import json
import os
import pathlib
import sys
import time
from functools import reduce

os.environ.setdefault("AWS_DEFAULT_REGION", "ap-northeast-2")

import boto3  # noqa: E402
from samtranslator.model.exceptions import InvalidDocumentException  # noqa: E402
from samtranslator.translator import arn_generator  # noqa: E402
from samtranslator.translator.transform import transform  # noqa: E402


class NoMorePolicies:
    """AWS's transform asks IAM for policies that its own list lacks. There are none."""

    def load(self):
        return {}


def settings(text):
    """Parameters and region that a template's first lines ask for."""
    parameters, region = {}, "ap-northeast-2"
    for line in text.splitlines():
        if line.startswith("#: parameter "):
            name, value = line.removeprefix("#: parameter ").split("=", 1)
            parameters[name] = value
        elif line.startswith("#: region "):
            region = line.removeprefix("#: region ").strip()
    return parameters, region


def answer(template, parameters, region):
    """{"output": {…}} or {"error": "…"}; the template as data."""
    os.environ["AWS_DEFAULT_REGION"] = region
    boto3.setup_default_session(region_name=region)
    arn_generator._get_region_from_session.cache_clear()
    arn_generator._region_to_partition.cache_clear()
    clock, time.time = time.time, lambda: 0
    try:
        return {"output": transform(template, dict(parameters), NoMorePolicies())}
    except InvalidDocumentException as invalid:
        return {"error": reduce(lambda text, cause: f"{text} {cause.message}", invalid.causes, invalid.message)}
    except Exception as leak:  # what AWS answers with "Internal transform failure."
        return {"error": "Internal transform failure.", "leak": repr(leak)}
    finally:
        time.time = clock


HERE = pathlib.Path(__file__).parent
GOLDEN = """
    alias-all-properties alias-referenced api-body application api-everything auth-lambda-request condition-and-auth cors-all domain-private
    event-merge event-model events-paths function-everything function-policies-templates globals-api implicit-conditions
    implicit-many-conditions layer layer-parameters policy-everything policy-source-vpc-whitelist template-many-errors
    usage-plan-shared
""".split()


def of_file(path):
    from samtranslator.yaml_helper import yaml_parse

    text = pathlib.Path(path).read_text()
    made = answer(yaml_parse(text), *settings(text))
    made.pop("leak", None)
    return made


def main():
    if sys.argv[1:] == ["--store"]:
        for name in GOLDEN:
            made = of_file(HERE / "templates" / f"{name}.yaml")
            (HERE / "golden" / f"{name}.json").write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")
        return
    for path in sys.argv[1:]:
        print(json.dumps(of_file(path), indent=2))


if __name__ == "__main__":
    main()
