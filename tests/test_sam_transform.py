"""The transform of AWS SAM makes what AWS's own makes, of every template in tests/sam/templates."""

import json
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE / "sam"))
oracle = pytest.importorskip("oracle", reason="needs aws-sam-translator")
TEMPLATES = sorted((HERE / "sam" / "templates").glob("*.yaml"))


def refused(text):
    """What vpclab refuses by name, and AWS's transform builds. Listed in tests/sam/differences.md."""
    return "#: unbuilt" in text


@pytest.fixture(scope="module")
def answers():
    """By template: what vpclab makes. One process for all."""
    requests = []
    for path in TEMPLATES:
        parameters, region = oracle.settings(path.read_text())
        requests.append(json.dumps({"template": path.read_text(), "parameters": parameters, "region": region}))
    command = ["cargo", "run", "--locked", "-q", "-p", "vpclab-sam", "--example", "sam-transform"]
    ran = subprocess.run(command, input="\n".join(requests), capture_output=True, text=True, check=True, cwd=HERE.parent)
    return dict(zip(TEMPLATES, map(json.loads, ran.stdout.splitlines()), strict=True))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_as_aws(path, answers):
    from samtranslator.yaml_helper import yaml_parse

    text = path.read_text()
    if refused(text):
        assert "vpclab does not build" in answers[path]["error"]
        return
    expected = oracle.answer(yaml_parse(text), *oracle.settings(text))
    expected.pop("leak", None)
    assert answers[path] == expected

