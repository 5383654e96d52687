"""What an instance is from inside: names, files, processes, trust; and what it does not do to the machine."""

import hashlib
import io
import json
import os
import pathlib
import tarfile
import time
import uuid

import pytest

import harness
import topology
from harness import SEOUL

AS_ORDINARY_USER_TOO = True
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


@pytest.fixture(scope="module")
def world(lab):
    return topology.World(lab)


@pytest.fixture(scope="module")
def instance(world):
    """An instance to play with, apart from the world's clients."""
    return world.seoul.instance(world.client_group, name="play", address="10.0.1.10")


def out(lab, instance, *command, **options):
    answer = lab.inside(instance, *command, **options)
    assert answer.code == 0, f"{command}: {answer}"
    return answer.out


def sh(lab, instance, script, **options):
    return out(lab, instance, "sh", "-ec", script, **options)


def until(check, patience=60):
    """Waits for something that happens in another process, and fails when it does not."""
    end = time.monotonic() + patience
    while not (value := check()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
    return value


def test_names(lab, instance):
    assert out(lab, instance, "hostname") == "ip-10-0-1-10\n"
    assert out(lab, instance, "cat", "/etc/hostname") == "ip-10-0-1-10\n"
    assert out(lab, instance, "cat", "/etc/resolv.conf") == f"search {SEOUL}.compute.internal\nnameserver 10.0.0.2\n"
    assert f"10.0.1.10 ip-10-0-1-10.{SEOUL}.compute.internal ip-10-0-1-10" in out(lab, instance, "cat", "/etc/hosts")
    assert out(lab, instance, "hostname", "-f").strip() in ("ip-10-0-1-10", f"ip-10-0-1-10.{SEOUL}.compute.internal")


def test_network(lab, instance):
    """The interface has its address and its subnet's mask; nothing of the machine's network is there."""
    seen = out(lab, instance, "ip", "-o", "-4", "address", "show", "dev", "eth0")
    assert " inet 10.0.1.10/24 " in seen
    assert "default via 10.0.1.1 dev eth0" in out(lab, instance, "ip", "route")
    interfaces = [name for name in out(lab, instance, "ls", "/sys/class/net").split()]
    assert sorted(interfaces) == ["eth0", "lo"]
    port = lab.url.rpartition(":")[2]
    answer = lab.inside(instance, "curl", "-sS", "--max-time", "2", f"http://127.0.0.1:{port}/_vpclab/health")
    assert answer.code == 7, "the control plane of the machine's loopback is not the instance's"


def test_processes(lab, instance):
    """A PID namespace of its own."""
    first = out(lab, instance, "ps", "-o", "pid=,comm=", "-p", "1").split()
    assert first[0] == "1"
    count = len(out(lab, instance, "ps", "-e", "-o", "pid=").split())
    assert count < 10, "the machine's processes are visible"


def test_exit_status(lab, instance):
    assert lab.inside(instance, "true").code == 0
    assert lab.inside(instance, "sh", "-c", "exit 42").code == 42
    assert lab.inside(instance, "sh", "-c", "kill -TERM $$").code == 128 + 15
    assert lab.inside(instance, "no-such-program").code == 127
    assert lab.inside(instance, "/etc/passwd").code == 126


def test_streams(lab, instance):
    """Standard input, output and error pass as they are, and arguments are not split."""
    answer = lab.inside(instance, "sh", "-c", "cat; echo oops >&2", stdin=b"a\nb")
    assert (answer.out, answer.err, answer.code) == ("a\nb", "oops\n", 0)
    assert out(lab, instance, "printf", "%s|", "a b", "", "*", "-x") == "a b||*|-x|"


def test_by_name_and_unknown(lab, instance):
    assert out(lab, "play", "hostname") == "ip-10-0-1-10\n"
    for unknown in ("i-00000000000000000", "nobody"):
        answer = lab.vpclab("exec", unknown, "--", "true")
        assert answer.code == 1 and f"there is no instance `{unknown}`" in answer.err and "hint:" in answer.err, answer


def test_shell(lab, instance):
    answer = lab.vpclab("shell", instance, stdin=b"hostname\nexit 7\n")
    assert answer.code == 7 and "ip-10-0-1-10" in answer.out, answer


# Files.

PROBED = ["/etc", "/usr/local", "/opt", "/root", "/home", "/srv"]


def fingerprint(path):
    """What is directly in a directory of the machine, with the content of small files."""
    found = {}
    for entry in sorted(os.scandir(path), key=lambda entry: entry.name):
        stat = entry.stat(follow_symlinks=False)
        small = entry.is_file(follow_symlinks=False) and stat.st_size < 1 << 20 and os.access(entry.path, os.R_OK)
        content = hashlib.sha256(pathlib.Path(entry.path).read_bytes()).hexdigest() if small else None
        found[entry.name] = (stat.st_mode, stat.st_uid, stat.st_gid, stat.st_size if small else None, content)
    return found


def test_the_machine_is_never_changed(lab, instance):
    """An instance writes, removes and replaces what it likes: it sees it, and the machine does not."""
    directories = [path for path in PROBED if os.path.isdir(path) and os.access(path, os.R_OK | os.X_OK)]
    before = {path: fingerprint(path) for path in directories}
    mark = uuid.uuid4().hex
    # /etc is owned by the machine's root: as an ordinary user's instance root we may be refused in some places, never unheard.
    sh(lab, instance, f"echo {mark} > /etc/{mark}; echo changed > /etc/hosts; echo 127.0.0.9 x >> /etc/resolv.conf; mkdir -p /etc/{mark}.d/a")
    for path in ("/usr/local", "/var/tmp", "/opt", "/srv", "/root", "/home", "/tmp", "/run", "/"):
        answer = lab.inside(instance, "sh", "-ec", f"mkdir -p {path}; echo {mark} > {path}/{mark}; cat {path}/{mark}")
        assert answer.code == 0 and answer.out.strip() == mark, (path, answer)
        assert not os.path.exists(os.path.join(path, mark)), path
    sh(lab, instance, "rm -f /etc/services /etc/passwd-; ! test -e /etc/services")
    assert {path: fingerprint(path) for path in directories} == before
    assert os.path.exists("/etc/services") or "services" not in before["/etc"]
    sh(lab, instance, f"cp -p {BUNDLE} /root/bundle")


def test_tmp_is_private_and_the_state_is_hidden(lab, instance, places):
    assert not any("vpclab" in name for name in out(lab, instance, "ls", "/tmp").split())
    answer = lab.inside(instance, "ls", str(lab.state))
    assert answer.code != 0 or answer.out == "", answer


def test_layer_is_kept_over_stop_and_start_and_gone_at_terminate(lab, world):
    ec2 = world.seoul.ec2
    instance = world.seoul.instance(world.client_group)
    mark = uuid.uuid4().hex
    sh(lab, instance, f"echo {mark} > /etc/kept; echo {mark} > /tmp/lost; echo {mark} > /kept")
    ec2.stop_instances(InstanceIds=[instance])
    answer = lab.vpclab("exec", instance, "--", "true")
    assert answer.code == 1 and "is not running" in answer.err and f"start-instances --instance-ids {instance}" in answer.err, answer
    ec2.start_instances(InstanceIds=[instance])
    assert sh(lab, instance, "cat /etc/kept /kept") == f"{mark}\n{mark}\n"
    assert lab.inside(instance, "test", "-e", "/tmp/lost").code == 1
    ec2.reboot_instances(InstanceIds=[instance])
    assert sh(lab, instance, "cat /etc/kept") == f"{mark}\n"
    ec2.terminate_instances(InstanceIds=[instance])
    assert lab.vpclab("exec", instance, "--", "true").code == 1
    other = world.seoul.instance(world.client_group)
    assert lab.inside(other, "test", "-e", "/etc/kept").code == 1
    ec2.terminate_instances(InstanceIds=[other])


def test_ending_an_instance_ends_its_processes(lab, world):
    """Also those that ignore SIGTERM and have left their session."""
    seconds = str(3_000_000 + int(uuid.uuid4().int % 1_000_000))
    instance = world.seoul.instance(world.client_group)
    sh(lab, instance, f"trap '' TERM; setsid nohup sleep {seconds} > /dev/null 2>&1 &")

    def sleepers():
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() == f"sleep\0{seconds}\0".encode():
                    found.append(pid)
            except OSError:
                pass
        return found

    until(sleepers)
    world.seoul.ec2.stop_instances(InstanceIds=[instance])
    assert sleepers() == [], "StopInstances returned before the processes were gone"
    world.seoul.ec2.terminate_instances(InstanceIds=[instance])


# User data.


def console(world, instance):
    return world.seoul.ec2.get_console_output(InstanceId=instance).get("Output", "")


def test_user_data_starts_a_server_that_keeps_running(lab, world):
    script = "#!/bin/sh\necho started as $(id -u) on $(hostname)\nmkdir -p /srv/www && echo hello > /srv/www/index.html\ncd /srv/www\nexec python3 -m http.server 8080\n"
    group = world.seoul.group("www", topology.tcp(8080, group=world.client_group))
    server = world.seoul.instance(group, user_data=script)
    address = world.seoul.address(server)
    until(lambda: "started as 0 on ip-" in console(world, server))
    until(lambda: lab.curl(world.client, f"http://{address}:8080/").body == "hello\n", patience=15)
    # It runs at the first boot only.
    world.seoul.ec2.stop_instances(InstanceIds=[server])
    world.seoul.ec2.start_instances(InstanceIds=[server])
    assert lab.curl(world.client, f"http://{address}:8080/").code == 7, "nobody listens: refused by the instance, not by the network"
    world.seoul.ec2.terminate_instances(InstanceIds=[server])


def test_user_data_that_ends_and_that_is_not_run(lab, world):
    failing = world.seoul.instance(world.client_group, user_data="#!/bin/sh\necho oops >&2\nexit 3\n")
    until(lambda: "user data ended with status 3" in console(world, failing))
    assert "oops" in console(world, failing)
    config = world.seoul.instance(world.client_group, user_data="#cloud-config\npackages: [nginx]\n")
    until(lambda: "user data was not run: `#cloud-config` is not built in vpclab" in console(world, config))
    assert lab.inside(failing, "true").code == lab.inside(config, "true").code == 0
    world.seoul.ec2.terminate_instances(InstanceIds=[failing, config])


# Trust.


def test_curl_trusts_the_lab(lab, world):
    reply = lab.curl(world.client, world.url)
    assert (reply.status, reply.body) == (200, topology.PETS), reply
    said = lab.inside(world.client, "curl", "-sS", "-v", "--max-time", "2", "-o", "/dev/null", world.url).err
    assert "SSL certificate verify ok" in said and f"*.execute-api.{SEOUL}.amazonaws.com" in said


def test_the_machine_does_not_trust_the_lab(lab, world):
    """The authority is in the instances' trust stores only."""
    authority = out(lab, world.client, "cat", "/etc/ssl/certs/vpclab-authority.pem")
    body = authority.split("-----")[2].strip()
    if os.path.exists(BUNDLE):
        assert body not in pathlib.Path(BUNDLE).read_text()
    assert body in out(lab, world.client, "cat", BUNDLE)


def test_python_trusts_the_lab(lab, world):
    script = f"import urllib.request; print(urllib.request.urlopen({world.url!r}, timeout=20).read().decode())"
    assert out(lab, world.client, "python3", "-c", script).strip() == topology.PETS
    raw = (f"import socket, ssl; c = ssl.create_default_context().wrap_socket(socket.create_connection(({world.seoul.host(world.api)!r}, 443), 3), "
           f"server_hostname={world.seoul.host(world.api)!r}); print(c.version())")
    assert out(lab, world.client, "python3", "-c", raw).strip() == "TLSv1.3"


def test_node_trusts_the_lab(lab, world):
    if lab.inside(world.client, "node", "--version").code != 0:
        pytest.skip("node is not installed on this machine")
    script = f"require('https').get({world.url!r}, r => {{ r.on('data', d => process.stdout.write(d)); }}).on('error', e => {{ console.error(e.code); process.exit(1); }})"
    assert out(lab, world.client, "node", "-e", script) == topology.PETS


@pytest.fixture(scope="module")
def python_packages(lab, world, tmp_path_factory):
    """Puts this Python's awscli and what it needs into the client: its /opt is its own."""
    library = tmp_path_factory.mktemp("packages") / "py"
    harness.copy_packages(library, harness.AWS_CLI)
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.add(library, "py")
    answer = lab.inside(world.client, "tar", "-x", "-f", "-", "--no-same-owner", "-C", "/opt", stdin=archive.getvalue(), timeout=60)
    assert answer.code == 0, answer
    return library


def test_aws_cli_trusts_the_lab(lab, world, python_packages):
    """The aws CLI inside an instance gets as far as the gateway's own refusal: the certificate was no obstacle."""
    command = ("env", "PYTHONPATH=/opt/py", "AWS_MAX_ATTEMPTS=1", "AWS_EC2_METADATA_DISABLED=true", "python3", "-m", "awscli", "apigateway",
               "get-rest-apis", "--endpoint-url", f"https://{world.seoul.host(world.api)}", "--no-sign-request", "--cli-read-timeout", "3", "--cli-connect-timeout", "3")
    answer = lab.inside(world.client, *command)
    assert "(ForbiddenException)" in answer.err and "Forbidden" in answer.err, answer


def test_requests_trusts_the_lab(lab, world, python_packages):
    if not (python_packages / "requests").exists():
        pytest.skip("requests is not installed beside boto3")
    script = f"import requests; print(requests.get({world.url!r}, timeout=20).text)"
    assert out(lab, world.client, "env", "PYTHONPATH=/opt/py", "python3", "-c", script).strip() == topology.PETS


# Two at a time.


def test_neighbours(lab, world, instance):
    """Instances of one subnet reach each other as their groups allow, and see each other's files not at all."""
    mark = uuid.uuid4().hex
    sh(lab, instance, f"echo {mark} > /srv/{mark}")
    assert lab.inside(world.client, "test", "-e", f"/srv/{mark}").code == 1
    assert lab.curl(world.client, "http://10.0.1.10/").code == 28, "no rule lets it in: dropped in silence"
    world.seoul.ec2.authorize_security_group_ingress(GroupId=world.client_group, IpPermissions=[topology.tcp(80, group=world.client_group)])
    assert lab.curl(world.client, "http://10.0.1.10/").code == 7, "it is let in, and refused by the instance itself"


def test_many_commands_at_once(lab, world, instance):
    import concurrent.futures

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: lab.inside(instance, "echo", str(number)).out.strip(), range(40)))
    assert answers == [str(number) for number in range(40)]


def test_status_tells_of_read_only_instances(lab):
    status = json.loads(lab.vpclab("status", "--json").out)
    read_only = {directory for directories in status["readOnlyInstances"].values() for directory in directories.split()}
    # A mount of the machine's own may refuse a layer; what programs live in may not.
    assert not read_only & {"/bin", "/etc", "/home", "/lib", "/opt", "/root", "/srv", "/usr", "/usr/local", "/var"}, read_only
    assert status["privilege"] == ("root" if lab.user.name == "root" else "user namespace")
