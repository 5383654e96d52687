"""The console, in a browser, against the running daemon: what it shows, what it changes, and whom it refuses."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

import harness
import topology

CHECKS = pathlib.Path(__file__).parent / "console"
WEB = harness.ROOT / "crates/console/web"


def in_browser(script, url, world, timeout=300):
    """Runs a script of tests/console with the lab's address and what is in it."""
    assert shutil.which("node") and (WEB / "node_modules/playwright-core").exists(), "the browser is not installed: scripts/setup.sh test"
    done = subprocess.run(["node", CHECKS / script, url], input=json.dumps(world), text=True, capture_output=True, timeout=timeout,
                          env={**os.environ, "TZ": "UTC"})
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def world(lab):
    return topology.World(lab)


def test_a_change_by_the_page_and_one_by_a_client(lab, world):
    """A dialog changes a VPC by the AWS API and shows the command; the page shows without being asked what a client changes."""
    seoul = world.seoul
    shown = in_browser("change.mjs", lab.url, {"vpc": seoul.vpc, "region": seoul.region, "account": seoul.account})
    attribute = seoul.ec2.describe_vpc_attribute(VpcId=seoul.vpc, Attribute="enableDnsHostnames")["EnableDnsHostnames"]["Value"]
    assert attribute is False
    command = json.loads(shown)["command"]
    assert command == f"""aws ec2 modify-vpc-attribute --vpc-id {seoul.vpc} --enable-dns-hostnames '{{"Value":false}}' --region {seoul.region}"""
    seoul.ec2.modify_vpc_attribute(VpcId=seoul.vpc, EnableDnsHostnames={"Value": True})
