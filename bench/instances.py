"""1,000 instances in one VPC: seconds, and memory of the machine, beside the same number of bare namespaces made by hand.

The peer is what one would do with iproute2 and util-linux: `ip -batch` makes a veth pair and an address for each namespace, and in each lives
one `sleep` under `unshare --net --mount --uts --pid --ipc`: no router, no rules, no files, no API. Memory is what the machine has less of.
"""

import os
import re
import resource
import subprocess
import sys
import time

import lab as bench
import topology
from harness import SEOUL

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
PER_CALL = 50

# Runs in a namespace of its own; everything ends with its standard input.
PEER = """
set -e
ip link set lo up
n=$1; i=0; pids=
while [ $i -lt $n ]; do unshare --net --mount --uts --ipc --pid --fork --kill-child sleep 3600 & pids="$pids $!"; i=$((i+1)); done
trap 'kill -KILL $pids 2> /dev/null; wait' EXIT
here=$(readlink /proc/self/ns/net); i=0; here_batch=$(mktemp)
for pid in $pids; do
  while [ "$(readlink /proc/$pid/ns/net)" = "$here" ]; do sleep 0.005; done
  echo "link add v$i mtu 9001 type veth peer name eth0 mtu 9001 netns $pid"; echo "link set v$i up"
  echo "route add 10.0.$((i / 250)).$((i % 250 + 1))/32 dev v$i"; i=$((i+1))
done > $here_batch
ip -batch $here_batch; rm $here_batch; i=0
for pid in $pids; do
  nsenter -t $pid -n ip -batch - <<END
link set lo up
address add 10.0.$((i / 250)).$((i % 250 + 1))/16 dev eth0
link set eth0 up
END
  i=$((i+1))
done
echo ready
cat > /dev/null
"""


def available():
    """Bytes that the machine could still give, after the kernel has given back what it holds for nobody."""
    time.sleep(1)
    with open("/proc/meminfo", encoding="ascii") as file:
        return int(re.search(r"MemAvailable:\s+(\d+) kB", file.read())[1]) * 1024


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+) kB", file.read())[1]) * 1024


def ours():
    with bench.lab() as lab:
        network = topology.Network(lab, SEOUL, "10.0.0.0/16", subnet="10.0.0.0/18")
        group = network.group("web", topology.tcp(80, cidr=network.cidr))
        image = network.ec2.describe_images()["Images"][0]["ImageId"]
        before, began, made = available(), time.monotonic(), []
        while len(made) < COUNT:
            number = min(PER_CALL, COUNT - len(made))
            answer = network.ec2.run_instances(ImageId=image, MinCount=number, MaxCount=number, SubnetId=network.subnet, SecurityGroupIds=[group])
            made += [instance["InstanceId"] for instance in answer["Instances"]]
        seconds = time.monotonic() - began
        used = before - available()
        # They are real: the first reaches the last, which refuses, for nobody listens there.
        reply = lab.curl(made[0], f"http://{network.address(made[-1])}/")
        assert reply.code == 7, reply
        daemon = resident(lab.pid)
        began = time.monotonic()
        lab.down()
        return seconds, used, daemon, time.monotonic() - began


def peer():
    before, began = available(), time.monotonic()
    unshare = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
    with subprocess.Popen([*unshare, "sh", "-c", PEER, "peer", str(COUNT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout.readline() == "ready\n", "the bare namespaces could not be made"
            seconds = time.monotonic() - began
            used = before - available()
        finally:
            holder.stdin.close()
            try:
                holder.wait(60)
            except subprocess.TimeoutExpired:
                holder.kill()
    return seconds, used


def main():
    bench.need("ip", "unshare", "nsenter")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    bare_seconds, bare_used = peer()
    seconds, used, daemon, gone = ours()
    bench.result(f"{COUNT:,} instances", f"{seconds:.1f} s, {used / 1e6:,.0f} MB (daemon {daemon / 1e6:,.0f} MB), down in {gone:.1f} s   "
                 f"bare namespaces {bare_seconds:.1f} s, {bare_used / 1e6:,.0f} MB   ratio {seconds / bare_seconds:.2f} in time, {used / bare_used:.2f} in memory",
                 seconds=seconds, bytes=used, daemon=daemon, down=gone, bare_seconds=bare_seconds, bare_bytes=bare_used)


main()
