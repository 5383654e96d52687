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
    if refused(path.read_text()):
        assert "vpclab does not build" in answers[path]["error"]
        return
    assert answers[path] == oracle.of_file(path)


@pytest.mark.parametrize("name", oracle.GOLDEN)
def test_stored_answers_are_aws(name):
    """What `cargo test` compares without Python; `python tests/sam/oracle.py --store` writes it."""
    stored = json.loads((HERE / "sam" / "golden" / f"{name}.json").read_text())
    assert stored == oracle.of_file(HERE / "sam" / "templates" / f"{name}.yaml")


def test_enough_templates():
    assert len(TEMPLATES) >= 150
