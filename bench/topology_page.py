"""The console's topology with 1,000 interfaces: the daemon's layout, and the browser's frames while the picture is dragged and zoomed, a box is
chosen and the lab changes.

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
from harness import ACCOUNT, SEOUL

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
    bench.need("node")
    if not (bench.ROOT / "crates/console/web/node_modules/playwright-core").exists():
        sys.exit("bench: the browser is not installed (scripts/setup.sh test)")
    with bench.lab() as lab:
        topology.interfaces(lab, COUNT)
        picture, size = timed(f"{lab.url}/_vpclab/topology.svg")
        peer, _ = timed(f"{lab.url}/_vpclab/topology")
        bench.result("topology layout", f"{COUNT} interfaces laid out, drawn and sent in {picture:.1f} ms ({size // 1024} KiB)   the same as JSON {peer:.1f} ms",
                     interfaces=COUNT, svg_ms=picture, json_ms=peer)
        done = subprocess.run(["node", bench.ROOT / "tests/console/frames.mjs", lab.url], input=json.dumps({"account": ACCOUNT, "region": SEOUL}),
                              text=True, capture_output=True, timeout=240)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        for name in ("moving", "choosing", "updating"):
            seen = told[name]
            bench.result(f"topology {name}", f"frame median {seen['median']:.1f} ms, worst {seen['worst']:.1f} ms, the page's longest task {seen['task']:.1f} ms"
                         "   a display's frame 16.7 ms", **seen)
        bench.result("topology page", f"first paint {told['paint']:.0f} ms", paint=told["paint"])


main()
