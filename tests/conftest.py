"""Fixtures of the end-to-end tests. `VPCLAB_BIN` names the binary; without it `target/debug/vpclab` is tested."""

import os
import pathlib
import shutil
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import harness  # noqa: E402


def pytest_configure(config):
    if not harness.BINARY.exists():
        raise pytest.UsageError(f"{harness.BINARY} is not there: run `cargo build`, or name a binary with VPCLAB_BIN")


def pytest_generate_tests(metafunc):
    """A module that says `AS_ORDINARY_USER_TOO = True` runs once as this user and, for root, once as an ordinary one."""
    if "user" in metafunc.fixturenames:
        everyone = harness.users()
        chosen = everyone if getattr(metafunc.module, "AS_ORDINARY_USER_TOO", False) else everyone[:1]
        metafunc.parametrize("user", chosen, ids=str, scope="module")


_forbidden = {}


def rootless_forbidden(user):
    """Why the machine forbids an ordinary user's lab, or None. Asked once."""
    if user.uid is None and os.geteuid() == 0:
        return None
    if user not in _forbidden:
        probe = harness.run([*user.prefix(), "unshare", "--user", "--map-root-user", "--mount", "--net", "true"])
        _forbidden[user] = None if probe.code == 0 else probe.err.strip()
    return _forbidden[user]


def pytest_terminal_summary(terminalreporter):
    for user, why in _forbidden.items():
        if why:
            terminalreporter.section("NOT TESTED AS AN ORDINARY USER", sep="!", red=True, bold=True)
            terminalreporter.write_line(f"this machine forbids user namespaces to {user}: {why}")


def require(user):
    why = rootless_forbidden(user)
    if why:
        pytest.skip(f"THE MACHINE FORBIDS USER NAMESPACES, so nothing was proved as {user}: {why}")


@pytest.fixture(scope="session")
def places(tmp_path_factory):
    """A directory that every user can reach, for the labs' own directories."""
    base = pathlib.Path(f"/tmp/vpclab-tests-{os.getpid()}")
    base.mkdir(mode=0o755, exist_ok=True)
    yield base
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture(scope="module")
def lab(user, places, request):
    """An ephemeral lab for one module; at its end nothing may be left."""
    require(user)
    name = harness.unique(request.module.__name__)
    with harness.running(harness.Lab(places / name, user)) as running:
        yield running


@pytest.fixture
def fresh(user, places):
    """Makes labs of their own for one test: `fresh(ephemeral=False)`. They are ended at the end if they still run."""
    require(user)
    made = []

    def make(**options):
        lab = harness.Lab(places / harness.unique("fresh"), user, **options)
        made.append(lab)
        return lab

    yield make
    for lab in made:
        if lab.vpclab("status").code == 0:
            lab.down()
        shutil.rmtree(lab.place, ignore_errors=True)


def beside(program):
    """A client: the one beside this Python, else the one on the PATH."""
    here = pathlib.Path(sys.executable).parent / program
    found = str(here) if here.exists() else shutil.which(program)
    assert found, f"{program} is not installed: scripts/setup.sh test"
    return found


@pytest.fixture(scope="session")
def aws():
    """The AWS CLI."""
    return beside("aws")


@pytest.fixture(scope="session")
def sam():
    """The AWS SAM CLI."""
    return beside("sam")
