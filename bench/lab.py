"""A lab for benchmarks: started, filled by boto3, and ended whatever happens."""

import contextlib
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import harness  # noqa: E402
import topology  # noqa: E402

harness.BINARY = pathlib.Path(os.environ.get("VPCLAB_BIN") or ROOT / "target/release/vpclab").absolute()


@contextlib.contextmanager
def lab():
    """An ephemeral lab in a directory of its own."""
    if not harness.BINARY.exists():
        sys.exit(f"bench: {harness.BINARY} is not there: run `cargo build --release`, or name a binary with VPCLAB_BIN")
    place = pathlib.Path(tempfile.mkdtemp(prefix="vpclab-bench-"))
    made = harness.Lab(place)
    try:
        made.up()
        yield made
    finally:
        if (made.state / "lab.json").exists():
            made.vpclab("down", timeout=120)
        shutil.rmtree(place, ignore_errors=True)


def need(*programs):
    """Ends the line with a plain word when a peer's program is missing."""
    missing = [program for program in programs if shutil.which(program) is None and not pathlib.Path(f"/usr/sbin/{program}").exists()]
    if missing:
        sys.exit(f"bench: these programs are missing: {' '.join(missing)} (scripts/setup.sh bench)")


def spawn(lab, instance, *command):
    """A command inside an instance that runs on; end it with `end`."""
    line = [str(part) for part in (*lab.user.prefix(), lab.binary, "--state", lab.state, "exec", instance, "--", *command)]
    return subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=lab.environment(), cwd="/")


def end(process):
    """Ends what `spawn` started: it passes the signal on."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


def ready(lab, instance, *check):
    """Waits until a check inside the instance succeeds."""
    answer = lab.inside(instance, "sh", "-c", 'for i in $(seq 100); do "$@" > /dev/null 2>&1 && exit 0; sleep 0.1; done; exec "$@"', "ready", *check, timeout=40)
    assert answer.code == 0, answer


def shown(values, unit="", digits=0):
    """`median [least-most]`"""
    low, high = min(values), max(values)
    return f"{statistics.median(values):,.{digits}f}{unit} [{low:,.{digits}f}-{high:,.{digits}f}]"


def result(name, text, **data):
    """One line for people; with BENCH_JSON=FILE also one of JSON."""
    print(f"{name:<22} {text}", flush=True)
    if "BENCH_JSON" in os.environ:
        with open(os.environ["BENCH_JSON"], "a", encoding="utf-8") as file:
            file.write(json.dumps({"name": name, **data}) + "\n")


def beside(program):
    """A program beside this Python, else on the PATH; None where it is not installed."""
    here = pathlib.Path(sys.executable).parent / program
    return str(here) if here.exists() else shutil.which(program)
