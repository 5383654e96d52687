"""Runs `vpclab` as a user would: a lab, commands inside its instances, and what must be gone when it ends."""

import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import uuid

import boto3
import botocore
from botocore.config import Config

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = pathlib.Path(os.environ.get("VPCLAB_BIN") or ROOT / "target/debug/vpclab").absolute()
ACCOUNT = "111122223333"
SEOUL, OREGON, TOKYO = "ap-northeast-2", "us-west-2", "ap-northeast-1"
# A user nobody is: the lab must not need an entry in /etc/passwd.
ORDINARY = 54321
CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=120, parameter_validation=False)


@dataclasses.dataclass
class Answer:
    """What a command gave."""

    code: int
    out: str
    err: str

    def __str__(self):
        return f"exit code {self.code}\n{self.out}\n{self.err}"


@dataclasses.dataclass
class Reply:
    """What `curl` gave: its exit code, and the response if there was one."""

    code: int
    status: int | None
    headers: dict
    body: str
    err: str


@dataclasses.dataclass(frozen=True)
class User:
    """Who runs the lab."""

    name: str
    uid: int | None = None

    def prefix(self):
        if self.uid is None:
            return []
        return ["setpriv", "--reuid", str(self.uid), "--regid", str(self.uid), "--clear-groups", "--"]

    def own(self, path):
        if self.uid is not None:
            os.chown(path, self.uid, self.uid)

    def __str__(self):
        return self.name


def users():
    """This user, and for root an ordinary one besides."""
    if os.geteuid() == 0:
        return [User("root"), User("ordinary-user", ORDINARY)]
    return [User("ordinary-user")]


def run(command, *, env=None, timeout=60, stdin=None, cwd=None):
    """Runs a command to its end; bytes that are no UTF-8 are shown as such."""
    done = subprocess.run([str(part) for part in command], capture_output=True, env=env, timeout=timeout, cwd=cwd,
                          **({"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}))
    code = done.returncode if done.returncode >= 0 else 128 - done.returncode
    return Answer(code, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


class Lab:
    """A lab with a state directory of its own."""

    def __init__(self, place, user=None, *, ephemeral=True, listen="127.0.0.1:0", name="lab", binary=None, more=()):
        self.user = user or users()[0]
        self.place = pathlib.Path(place)
        self.place.mkdir(parents=True, exist_ok=True)
        self.state = self.place / name
        self.tmp = self.place / "tmp"
        self.tmp.mkdir(exist_ok=True)
        for path in (self.place, self.tmp):
            os.chmod(path, 0o755)
            self.user.own(path)
        self.binary = pathlib.Path(binary or reachable_binary(self.user))
        self.ephemeral = ephemeral
        self.listen = listen
        self.more = more
        self.pid = None
        self.url = None
        self._clients = {}

    def environment(self):
        keep = {key: os.environ[key] for key in ("PATH", "LANG", "RUST_LOG", "RUST_BACKTRACE") if key in os.environ}
        return {**keep, "HOME": str(self.place), "TMPDIR": str(self.tmp)}

    def vpclab(self, *arguments, timeout=60, env=None, stdin=None):
        """Runs `vpclab --state DIR ARGUMENTS` as the lab's user."""
        command = [*self.user.prefix(), self.binary, "--state", self.state, *arguments]
        return run(command, env={**self.environment(), **(env or {})}, timeout=timeout, stdin=stdin, cwd="/")

    def up(self, *more, listen=None):
        arguments = ["up", "--listen", listen or self.listen, *(["--ephemeral"] if self.ephemeral else []), *self.more, *more]
        answer = self.vpclab(*arguments)
        assert answer.code == 0, f"vpclab up failed: {answer}\n{self.log()}"
        assert answer.out.startswith("vpclab is up on http://127.0.0.1:"), answer
        self.url = answer.out.split()[-1]
        self.pid = json.loads((self.state / "lab.json").read_text())["pid"]
        self._clients.clear()
        return self

    def down(self):
        answer = self.vpclab("down", timeout=90)
        assert answer.code == 0, f"vpclab down failed: {answer}\n{self.log()}"
        return answer

    def kill(self, meanwhile=None):
        """`kill -9`; returns when the last thread is gone and the state can be opened anew. `meanwhile` says when to strike."""
        processes, _ = processes_of(self.pid)
        if meanwhile is not None:
            meanwhile()
        os.kill(self.pid, signal.SIGKILL)
        until = time.monotonic() + 60
        while self.vpclab("status").code == 0 or any(start_time(pid) == start for pid, start in processes):
            assert time.monotonic() < until, f"killed, and still there: {[pid for pid, start in processes if start_time(pid) == start]}"
            time.sleep(0.02)

    def log(self):
        with contextlib.suppress(OSError):
            return (self.state / "daemon.log").read_text()[-4000:]
        return "(no log)"

    def client(self, service, region=SEOUL, account=ACCOUNT):
        """A boto3 client of an account in a region; kept, for making one is slow."""
        key = (service, region, account)
        if key not in self._clients:
            self._clients[key] = boto3.client(service, region_name=region, endpoint_url=self.url, config=CONFIG,
                                              aws_access_key_id=account, aws_secret_access_key="vpclab")
        return self._clients[key]

    def ec2(self, region=SEOUL, account=ACCOUNT):
        return self.client("ec2", region, account)

    def apigateway(self, region=SEOUL, account=ACCOUNT):
        return self.client("apigateway", region, account)

    def inside(self, instance, *command, timeout=30, stdin=None):
        """Runs a command inside an instance."""
        return self.vpclab("exec", instance, "--", *command, timeout=timeout, stdin=stdin)

    def curl(self, instance, url, *options, patience=2):
        """GETs a URL inside an instance as `curl -i` and takes the answer apart."""
        answer = self.inside(instance, "curl", "-sS", "-i", "--http1.1", "--max-time", str(patience), *options, "--", url)
        head, _, body = answer.out.partition("\r\n\r\n")
        lines = head.split("\r\n")
        status = int(lines[0].split()[1]) if lines[0].startswith("HTTP/") else None
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        return Reply(answer.code, status, headers, body if status is not None else answer.out, answer.err)

    def dig(self, instance, *arguments):
        """`dig` inside an instance, one try of two seconds."""
        return self.inside(instance, "dig", "+time=2", "+tries=1", *arguments)

    def resolve(self, instance, name, kind="A", *more):
        """(status, sorted answers) of a name as `dig` in the instance sees them."""
        answer = self.dig(instance, *more, "-t", kind, name)
        status, answers, section = None, [], None
        for line in answer.out.splitlines():
            if "->>HEADER<<-" in line:
                status = line.split("status: ")[1].split(",")[0]
            elif line.startswith(";; ") and line.endswith("SECTION:"):
                section = line.split()[1]
            elif line and not line.startswith(";") and section == "ANSWER":
                answers.append(tuple(line.split()[3:5]))
        return status, sorted(answers)


def reachable_binary(user):
    """The binary where the user may run it."""
    if user.uid is None:
        return BINARY
    place = pathlib.Path(f"/tmp/vpclab-tests-{os.getpid()}")
    place.mkdir(mode=0o755, exist_ok=True)
    copy = place / "vpclab"
    if not copy.exists() or copy.stat().st_mtime < BINARY.stat().st_mtime:
        shutil.copyfile(BINARY, copy)
        os.chmod(copy, 0o755)
    return copy


AWS_CLI = ("awscli", "botocore", "boto3", "s3transfer", "jmespath", "dateutil", "six.py", "urllib3", "docutils", "rsa", "pyasn1", "colorama",
           "yaml", "requests", "certifi", "idna", "charset_normalizer", "typing_extensions.py")


def copy_packages(target, names=None):
    """This Python's packages once more, or those named, as links to the same files where that is possible."""
    library = pathlib.Path(botocore.__file__).parent.parent

    def link(source, copy):
        try:
            os.link(source, copy)
        except OSError:
            shutil.copy2(source, copy)

    def ignored(directory, found):
        here = pathlib.Path(directory)
        if here == library:
            return set(found) - set(names)
        if here == library / "awscli":
            return {"examples", "topics"}
        # The newest description of each service; newer versions of awscli carry a botocore of their own.
        if here.parts[-3:-1] == ("botocore", "data"):
            return set(found) - {max(found)}
        return {"__pycache__"}

    shutil.copytree(library, target, copy_function=link, symlinks=True, ignore=ignored if names else None)


# What a lab may not leave behind.


def start_time(pid):
    """A process's start time: with its id it names the process for ever. None when it is gone or a zombie."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


def namespace(pid, kind):
    try:
        return os.readlink(f"/proc/{pid}/ns/{kind}")
    except OSError:
        return None


def processes_of(daemon):
    """The daemon's processes: its descendants, and all that live in a PID or network namespace of one of them."""
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    parents = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            parents[pid] = int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    found = {daemon}
    while True:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        if not more:
            break
        found |= more
    ours = {kind: namespace(os.getpid(), kind) for kind in ("pid", "net")}
    spaces = {namespace(pid, kind) for pid in found for kind in ours} - set(ours.values()) - {None}
    found |= {pid for pid in pids if any(namespace(pid, kind) in spaces for kind in ours)}
    return {(pid, start_time(pid)) for pid in found if start_time(pid) is not None}, spaces


@dataclasses.dataclass
class Machine:
    """What a lab must not change on the machine."""

    mounts: list
    interfaces: list
    files: dict

    @classmethod
    def now(cls):
        mounts = [line.split(" ", 2)[2] for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()]
        files = {}
        for name in ("/etc/resolv.conf", "/etc/hosts", "/etc/hostname", "/etc/nsswitch.conf", "/etc/ssl/certs/ca-certificates.crt"):
            path = pathlib.Path(name)
            files[name] = path.read_bytes() if path.exists() else None
        interfaces = [name for name in sorted(os.listdir("/sys/class/net"))]
        return cls(mounts, interfaces, files)


def assert_nothing_left(lab, processes, spaces, machine, *, patience=60):
    """After a lab ended: no process, no namespace held by one, no mount, no file, no interface."""
    until = time.monotonic() + patience
    while True:
        left = {(pid, start) for pid, start in processes if start_time(pid) == start}
        holders = {int(pid) for pid in os.listdir("/proc") if pid.isdigit() and any(namespace(pid, kind) in spaces for kind in ("pid", "net"))}
        if not left and not holders or time.monotonic() > until:
            break
        time.sleep(0.02)
    commands = [pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() for pid, _ in left if pathlib.Path(f"/proc/{pid}").exists()]
    assert not left, f"processes left: {left} {commands}"
    assert not holders, f"processes in the lab's namespaces: {holders}"
    assert Machine.now() == machine
    assert os.listdir(lab.tmp) == [], "files left in TMPDIR"
    if lab.ephemeral:
        assert not lab.state.exists(), f"an ephemeral lab left {sorted(lab.state.rglob('*'))}"


@contextlib.contextmanager
def running(lab):
    """A lab for the length of a block; ended and looked after in any case."""
    machine = Machine.now()
    lab.up()
    try:
        yield lab
    finally:
        processes, spaces = processes_of(lab.pid)
        assert Machine.now() == machine, "a running lab changed the machine"
        lab.down()
        assert_nothing_left(lab, processes, spaces, machine)


def unique(prefix):
    return f"{prefix}-{uuid.uuid4().hex[:8]}"
