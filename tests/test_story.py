"""The two-region story: told by `vpclab demo`, and every form of its call."""

import os
import pathlib
import re
import sys

import harness
import topology
from harness import SEOUL

AS_ORDINARY_USER_TOO = True


def test_demo(user, places, aws, sam):
    """`vpclab demo` holds all its steps, and leaves nothing behind."""
    import conftest

    conftest.require(user)
    place = places / harness.unique("demo")
    place.mkdir(mode=0o755)
    user.own(place)
    machine, running = harness.Machine.now(), set(os.listdir("/proc"))
    binary = harness.reachable_binary(user)
    env = {"PATH": os.environ["PATH"], "HOME": str(place), "TMPDIR": str(place)}
    answer = harness.run([*user.prefix(), binary, "demo", "--aws", client_for(user, aws, "awscli", places),
                          "--sam", client_for(user, sam, "samcli", places)], env=env, timeout=600, cwd="/")
    told = re.search(r"^story: (\d+) of (\d+) steps held\n\Z", answer.out, re.MULTILINE)
    assert told, answer
    assert told[1] == told[2] and int(told[2]) >= 15, answer
    assert answer.code == 0
    assert "\x1b" not in answer.out, "colour where there is no terminal"
    assert "NXDOMAIN" in answer.out and "timed out" in answer.out
    assert os.listdir(place) == []
    assert harness.Machine.now() == machine
    left = [pid for pid in os.listdir("/proc") if pid.isdigit() and pid not in running and exe(pid) == str(binary) and state_under(pid, place)]
    assert left == []


def exe(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return None


def state_under(pid, place):
    try:
        return str(place).encode() in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def client_for(user, program, module, places):
    """A client (`aws`, `sam`) where the user may run it: a virtual environment in root's home is not."""
    def runs(program):
        env = {"PATH": os.environ["PATH"], "SAM_CLI_TELEMETRY": "0"}
        return harness.run([*user.prefix(), "sh", "-c", '"$0" --version', program], cwd="/", env=env).code == 0

    if user.uid is None or runs(program):
        return program
    copy, library = places / "bin" / pathlib.Path(program).name, places / "library"
    if not copy.exists():
        python = next(python for python in ("/usr/bin/python3", sys.executable) if runs(python))
        copy.parent.mkdir(mode=0o755, exist_ok=True)
        if not library.exists():
            harness.copy_packages(library)
        # `sam build` looks for the Python beside it.
        if not (copy.parent / "python3").exists():
            (copy.parent / "python3").symlink_to(python)
        copy.write_text(f"#!{python}\nimport runpy, sys\nsys.path.insert(0, {str(library)!r})\nsys.argv[0] = {copy.name!r}\n"
                        f"runpy.run_module({module!r}, run_name='__main__', alter_sys=False)\n")
        copy.chmod(0o755)
    return str(copy)


def test_all_forms_of_the_call(lab):
    """The four invocation forms, each with its name, header and envelope, from both regions."""
    world = topology.World(lab)
    host, names = world.seoul.host(world.api), world.seoul.seen(world.endpoint)["DnsEntries"]
    regional, zonal, private, wildcard = (entry["DnsName"] for entry in names)
    suffix = f"execute-api.{SEOUL}.vpce.amazonaws.com"
    assert re.fullmatch(rf"{world.endpoint}-[a-z0-9]{{8}}\.{re.escape(suffix)}", regional)
    assert zonal == regional.replace(f".{suffix}", f"-{SEOUL}a.{suffix}")
    assert (private, wildcard) == (f"execute-api.{SEOUL}.amazonaws.com", f"*.execute-api.{SEOUL}.amazonaws.com")
    forms = {
        "private name": (f"https://{host}/dev/pets", (), (world.client,)),
        "alias": (world.alias_url, (), (world.client, world.remote)),
        "endpoint's name and Host": (f"https://{regional}/dev/pets", ("-H", f"Host: {host}"), (world.client, world.remote)),
        "zonal name and Host": (f"https://{zonal}/dev/pets", ("-H", f"Host: {host}"), (world.client, world.remote)),
        "endpoint's name and API id": (f"https://{regional}/dev/pets", ("-H", f"x-apigw-api-id: {world.api}"), (world.client, world.remote)),
    }
    for form, (url, options, clients) in forms.items():
        for client in clients:
            reply = lab.curl(client, url, *options)
            assert (reply.code, reply.status, reply.body) == (0, 200, topology.PETS), (form, client, reply)
            assert reply.headers["content-type"] == "application/json"
            assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", reply.headers["x-amzn-requestid"])
            assert reply.headers["content-length"] == str(len(topology.PETS))
    for version in ("1.2", "1.3"):
        reply = lab.curl(world.client, world.url, f"--tlsv{version}", "--tls-max", version)
        assert reply.status == 200, (version, reply)
    assert lab.curl(world.client, world.url, "--tls-max", "1.1").code == 35, "TLS 1.1 is declined"
    reply = lab.inside(world.client, "curl", "-sS", "--max-time", "2", "-o", "/dev/null", "-w", "%{http_version}", "--http2", "--", world.url)
    assert reply.out == "1.1", "no h2 is offered"
    # A parameter in the path, and a path that is deployed in the other stage only.
    assert lab.curl(world.client, f"https://{host}/dev/pets/7").body == '{"id": 7}'
