"""iperf3 between two instances of one subnet beside a bare veth pair: two namespaces of our own, no router, no rules. Rounds take turns."""

import json
import os
import statistics
import subprocess
import sys

import lab as bench
import topology
from harness import SEOUL

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
MTU = 9001

# Holds two namespaces joined by a veth pair, says the id of a process in each, and ends with its standard input.
BARE = f"""
set -e
ip link set lo up
unshare --net sleep 3600 & other=$!
trap 'kill $other 2> /dev/null' EXIT
while [ "$(readlink /proc/$other/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
ip link add bare0 mtu {MTU} type veth peer name bare1 mtu {MTU} netns $other
ip address add 192.0.2.1/24 dev bare0
ip link set bare0 up
nsenter -t $other -n sh -ec 'ip link set lo up; ip address add 192.0.2.2/24 dev bare1; ip link set bare1 up'
echo $other
cat > /dev/null
"""


def gigabits(text):
    return json.loads(text)["end"]["sum_received"]["bits_per_second"] / 1e9


class Bare:
    """The bare pair; gone with this object."""

    def __init__(self):
        unshare = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
        self.holder = subprocess.Popen([*unshare, "sh", "-c", BARE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.other = int(self.holder.stdout.readline())
        self.server = subprocess.Popen([*self.enter(self.other), "iperf3", "-s"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        listening = ["sh", "-c", "for i in $(seq 100); do ss -ltn | grep -q :5201 && exit 0; sleep 0.1; done; exit 1"]
        subprocess.run([*self.enter(self.other), *listening], check=True, timeout=30)

    def enter(self, pid):
        users = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        return ["nsenter", "-t", str(pid), *users, "--net", "--"]

    def round(self):
        command = [*self.enter(self.holder.pid), "iperf3", "-c", "192.0.2.2", "-t", str(SECONDS), "-J"]
        return gigabits(subprocess.run(command, capture_output=True, text=True, timeout=SECONDS + 30, check=True).stdout)

    def end(self):
        self.server.terminate()
        self.server.wait(5)
        self.holder.stdin.close()
        self.holder.wait(5)


def main():
    bench.need("iperf3", "ip", "nsenter", "unshare")
    with bench.lab() as lab:
        network = topology.Network(lab, SEOUL, "10.0.0.0/16")
        group = network.group("iperf", topology.tcp(5201, cidr=network.cidr))
        client, server = network.instance(), network.instance(group)
        address = network.address(server)
        serving = bench.spawn(lab, server, "iperf3", "-s")
        bare = Bare()
        try:
            bench.ready(lab, server, "sh", "-c", "ss -ltn | grep -q :5201")

            def ours():
                answer = lab.inside(client, "iperf3", "-c", address, "-t", str(SECONDS), "-J", timeout=SECONDS + 30)
                assert answer.code == 0, answer
                return gigabits(answer.out)

            rates = {"ours": [], "bare": []}
            for number in range(ROUNDS):
                turns = [("ours", ours), ("bare", bare.round)]
                for name, turn in turns if number % 2 == 0 else turns[::-1]:
                    rates[name].append(turn())
            ratio = statistics.median(rates["ours"]) / statistics.median(rates["bare"])
            bench.result("instance to instance", f"{bench.shown(rates['ours'], digits=1)} Gbit/s   bare veth {bench.shown(rates['bare'], digits=1)}   ratio {ratio:.2f}   "
                         f"(iperf3, 1 stream, MTU {MTU}, {ROUNDS} rounds of {SECONDS} s)", **rates, ratio=ratio)
        finally:
            bare.end()
            bench.end(serving)


main()
