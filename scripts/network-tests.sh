#!/usr/bin/env bash
# The fabric's checks, the functions' and the instances', and the differential law, in namespaces of their own: as this user and, for root, also as an ordinary user.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}
ordinary=54321 # a user nobody is: no entry in /etc/passwd is needed

say() { printf '\n== %s\n' "$*"; }

# Building says where each test binary is.
binaries=$("$cargo" test --locked -p vpclab-fabric -p vpclab-functions --test checks --test functions --test instances --no-run --message-format=json-render-diagnostics |
    python3 -c '
import json, sys
for line in sys.stdin:
    made = json.loads(line) if line.startswith("{") else {}
    if made.get("reason") == "compiler-artifact" and made.get("executable") and "test" in made["target"]["kind"]:
        print(made["target"]["name"], made["executable"])')
checks=$(awk '$1 == "checks" { print $2 }' <<<"$binaries")
functions=$(awk '$1 == "functions" { print $2 }' <<<"$binaries")
instances=$(awk '$1 == "instances" { print $2 }' <<<"$binaries")
[ -x "$checks" ] && [ -x "$functions" ] && [ -x "$instances" ] || { echo "network-tests: the test binaries were not built" >&2; exit 1; }

"$cargo" build --locked -p vpclab-law
law=$("$cargo" metadata --locked --no-deps --format-version 1 | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')/debug/vpclab-law
seeds=(20261129 "$RANDOM$RANDOM") # the same each time, and another one that is printed

say "network checks as $(id -un)"
"$checks"

say "the differential law as $(id -un)"
"$law" --replay crates/law/fixtures
for seed in "${seeds[@]}"; do "$law" --calls 300 --seed "$seed" --out /tmp; done

say "function checks as $(id -un)"
"$functions"

if [ "$(id -u)" -eq 0 ]; then
    as_ordinary="setpriv --reuid $ordinary --regid $ordinary --clear-groups --"
    if why=$($as_ordinary unshare --user --map-root-user --mount --net true 2>&1); then
        place=$(mktemp -d /tmp/vpclab-checks-XXXXXX)
        trap 'rm -rf "$place"' EXIT
        chmod 755 "$place"
        install -m 755 "$checks" "$place/checks"
        say "network checks as an ordinary user"
        (cd / && HOME=/ $as_ordinary "$place/checks")
        install -m 755 "$functions" "$place/functions"
        install -m 755 "$law" "$place/law"
        say "the differential law as an ordinary user"
        (cd / && HOME=/ $as_ordinary "$place/law" --calls 300 --seed "${seeds[1]}" --out /tmp)
        say "function checks as an ordinary user"
        (cd / && HOME=/ TMPDIR=/tmp $as_ordinary "$place/functions")
    else
        printf '\n!! NOT RUN AS AN ORDINARY USER: this machine forbids user namespaces: %s\n' "$why" >&2
    fi
fi

# This program runs its checks as both users by itself.
say "instance checks"
"$instances"
