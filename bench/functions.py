"""A Python function behind a private API: cold and warm calls, beside the same interpreter without Lambda.

Warm: `wrk` from an instance; the peer is an HTTP server of Python's standard library in another instance, which builds the same answer.
Cold: the first call after a change of the configuration; the peer is that interpreter started with the modules a handler needs.
"""

import re
import statistics
import subprocess
import sys
import time

import lab as bench
import stacks
import topology
from harness import SEOUL

SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
COLD = int(sys.argv[2]) if len(sys.argv) > 2 else 10

PEER = """
import http.server, json
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = json.dumps({"pets": ["Bello", "Mimi"], "address": self.client_address[0]}).encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("", 80), Handler).serve_forever()
"""


def wrk(lab, client, url, connections):
    """(requests/s, p50 ms, p99 ms)"""
    answer = lab.inside(client, "wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", url, timeout=SECONDS + 30)
    assert answer.code == 0 and "Non-2xx" not in answer.out, answer

    def quantile(name):
        number, unit = re.search(rf"{name}%\s+([\d.]+)(us|ms|s)", answer.out).groups()
        return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]

    return float(re.search(r"Requests/sec:\s+([\d.]+)", answer.out)[1]), quantile("50"), quantile("99")


def main():
    bench.need("wrk", "curl")
    with bench.lab() as lab:
        made = stacks.deploy(lab, stacks.EXAMPLES / "proxy-stages/template.yaml", "bench", Runtime=stacks.RUNTIME)
        client, url, functions = made["Client"], f"https://{made['Host']}/live/pets", lab.client("lambda")
        cold = []
        for n in range(COLD):
            functions.update_function_configuration(FunctionName=made["FunctionName"], Environment={"Variables": {"ROUND": str(n)}})
            functions.get_waiter("function_updated_v2").wait(FunctionName=made["FunctionName"], WaiterConfig={"Delay": 1})
            answer = lab.inside(client, "curl", "-sS", "-o", "/dev/null", "-w", "%{http_code} %{time_total}", url)
            status, seconds = answer.out.split()
            assert status == "200", answer
            cold.append(float(seconds) * 1000)
        bare = []
        for _ in range(COLD):
            began = time.monotonic()
            subprocess.run([stacks.RUNTIME, "-c", "import json, http.client, importlib, traceback"], check=True)
            bare.append((time.monotonic() - began) * 1000)
        p50, p99 = statistics.median(cold), max(cold)
        bench.result("function, cold", f"p50 {p50:.0f} ms, worst {p99:.0f} ms   bare {stacks.RUNTIME} {statistics.median(bare):.0f} ms   "
                     f"ratio {p50 / statistics.median(bare):.1f}", p50=p50, worst=p99, bare=statistics.median(bare))

        vpc = lab.ec2(SEOUL).describe_vpcs()["Vpcs"][0]["VpcId"]
        subnet = lab.ec2(SEOUL).describe_subnets()["Subnets"][0]["SubnetId"]
        group = lab.ec2(SEOUL).create_security_group(GroupName="peer", Description="peer", VpcId=vpc)["GroupId"]
        lab.ec2(SEOUL).authorize_security_group_ingress(GroupId=group, IpPermissions=[topology.tcp(80, cidr="10.0.0.0/16")])
        image = lab.ec2(SEOUL).describe_images()["Images"][0]["ImageId"]
        server = lab.ec2(SEOUL).run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[group])["Instances"][0]
        lab.inside(server["InstanceId"], "sh", "-c", f"nohup python3 -c '{PEER}' > /dev/null 2>&1 &")
        peer_url = f"http://{server['PrivateIpAddress']}/"
        for connections in (1, 8):
            rate, p50, p99 = wrk(lab, client, url, connections)
            peer_rate, peer_p50, peer_p99 = wrk(lab, client, peer_url, connections)
            bench.result(f"function, warm, {connections} at once",
                         f"{rate:,.0f} requests/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms   http.server {peer_rate:,.0f}, {peer_p50:.1f} ms, {peer_p99:.1f} ms   "
                         f"ratio {rate / peer_rate:.2f}", rate=rate, p50=p50, p99=p99, peer_rate=peer_rate, peer_p50=peer_p50, peer_p99=peer_p99)


main()
