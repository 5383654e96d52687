"""The console's topology with 1,000 interfaces: the daemon's layout, and the browser's frames while the picture is dragged and zoomed.

Interfaces, not instances: what is measured is the picture. The peer of the layout is the JSON of the same networks, from the same daemon; the
frames' is the display's own rate, 16.7 ms.
"""

import json
import statistics
import subprocess
import sys
import time
import urllib.request

import lab as bench
import topology
from harness import SEOUL

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
ROUNDS = 20


def timed(url):
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        with urllib.request.urlopen(url) as answer:
            size = len(answer.read())
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken), size


def main():
    with bench.lab() as lab:
        for at in range(5):
            network = topology.Network(lab, SEOUL, f"10.{at}.0.0/16", hostnames=False)
            subnets = [network.subnet, *(network.add_subnet(f"10.{at}.{n + 2}.0/24", zone) for n, zone in enumerate("bcd"))]
            for subnet in subnets:
                for _ in range(COUNT // 20):
                    network.ec2.create_network_interface(SubnetId=subnet)
        picture, size = timed(f"{lab.url}/_vpclab/topology.svg")
        peer, _ = timed(f"{lab.url}/_vpclab/topology")
        bench.result("topology layout", f"{COUNT} interfaces laid out, drawn and sent in {picture:.1f} ms ({size // 1024} KiB)   the same as JSON {peer:.1f} ms",
                     interfaces=COUNT, svg_ms=picture, json_ms=peer)
        done = subprocess.run(["node", bench.ROOT / "tests/console/frames.mjs", lab.url], input="{}", text=True, capture_output=True, timeout=240)
        assert done.returncode == 0, done.stderr
        frames = json.loads(done.stdout)
        bench.result("topology page", f"frame while dragged and zoomed: median {frames['median']:.1f} ms, worst {frames['worst']:.1f} ms, first paint {frames['paint']:.0f} ms"
                     "   a display's frame 16.7 ms", **frames)


main()
