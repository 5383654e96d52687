"""Requests/s of a private call beside nginx.

One client instance, `wrk -t2 -c16` with TLS and keep-alive. Ours: the endpoint, both policies evaluated, MOCK. The peer: nginx in an instance
of the same VPC, with the same kind of key and certificate, TLS versions and body, and `return 200`. Rounds take turns; medians.
"""

import re
import statistics
import sys

import lab as bench
import topology
from harness import SEOUL

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 4
BODY = topology.PETS

NGINX = """
daemon off; worker_processes auto; pid /tmp/nginx.pid; error_log /tmp/nginx.log;
events {{ worker_connections 256; }}
http {{
  access_log off; keepalive_requests 100000000;
  client_body_temp_path /tmp; proxy_temp_path /tmp; fastcgi_temp_path /tmp; uwsgi_temp_path /tmp; scgi_temp_path /tmp;
  server {{
    listen 443 ssl; ssl_certificate /tmp/cert.pem; ssl_certificate_key /tmp/key.pem; ssl_protocols TLSv1.2 TLSv1.3;
    location / {{ default_type application/json; return 200 '{body}'; }}
  }}
}}
"""


def wrk(lab, client, url):
    """Requests/s of one round; a round with a single wrong answer does not count."""
    answer = lab.inside(client, "wrk", "-t2", "-c16", f"-d{SECONDS}s", url, timeout=SECONDS + 30)
    assert answer.code == 0, answer
    assert "Non-2xx" not in answer.out and "Socket errors" not in answer.out, answer.out
    return float(re.search(r"Requests/sec:\s+([\d.]+)", answer.out)[1])


def key_kind(lab, client, host):
    """What key the endpoint's certificate has, so that nginx gets one alike."""
    script = f"openssl s_client -connect {host}:443 -servername {host} < /dev/null 2> /dev/null | openssl x509 -noout -text"
    text = lab.inside(client, "sh", "-c", script).out
    if "id-ecPublicKey" in text:
        return "ECDSA P-256", ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
    bits = re.search(r"Public-Key: \((\d+) bit\)", text)[1]
    return f"RSA {bits}", ("-newkey", f"rsa:{bits}")


def main():
    bench.need("wrk", "nginx", "openssl", "curl")
    with bench.lab() as lab:
        network = topology.Network(lab, SEOUL, "10.0.0.0/16")
        web = network.group("web", topology.tcp(443, cidr=network.cidr))
        client, server = network.instance(), network.instance(web)
        endpoint = network.endpoint(web)
        api = network.api(topology.openapi({"/pets": {"get": BODY}}, topology.only_endpoint(endpoint)))
        ours = f"https://{network.host(api)}/dev/pets"
        kind, key = key_kind(lab, client, network.host(api))
        made = lab.inside(server, "openssl", "req", "-x509", "-nodes", *key, "-keyout", "/tmp/key.pem", "-out", "/tmp/cert.pem", "-days", "1", "-subj", "/CN=peer")
        assert made.code == 0, made
        lab.inside(server, "sh", "-c", "cat > /tmp/nginx.conf", stdin=NGINX.format(body=BODY).encode())
        nginx = bench.spawn(lab, server, "nginx", "-c", "/tmp/nginx.conf")
        try:
            peer = f"https://{network.address(server)}/dev/pets"
            bench.ready(lab, client, "curl", "-fsk", "--max-time", "1", peer)
            for url in (ours, peer):
                reply = lab.curl(client, url, "-k")
                assert (reply.status, reply.body) == (200, BODY), reply
            rates = {ours: [], peer: []}
            for number in range(ROUNDS):
                for url in (ours, peer) if number % 2 == 0 else (peer, ours):
                    rates[url].append(wrk(lab, client, url))
            ratio = statistics.median(rates[ours]) / statistics.median(rates[peer])
            bench.result("private call", f"{bench.shown(rates[ours])} requests/s   nginx {bench.shown(rates[peer])}   ratio {ratio:.2f}   "
                         f"(TLS keep-alive, {kind}, wrk -t2 -c16, {ROUNDS} rounds of {SECONDS} s)", ours=rates[ours], peer=rates[peer], ratio=ratio)
        finally:
            bench.end(nginx)


main()
