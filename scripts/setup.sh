#!/usr/bin/env bash
# Installs what a target needs on Debian or Ubuntu: scripts/setup.sh build|console|demo|test|bench. Says what is missing where it may not install.
set -euo pipefail
cd "$(dirname "$0")/.."
want=${1:?build, console, demo, test or bench}

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$1"; [ -n "${2:-}" ] && say "hint: $2"; exit 1; }

apt_install() { # COMMAND=PACKAGE…: installs the packages whose commands are missing
    local missing=() pair
    for pair in "$@"; do command -v "${pair%%=*}" >/dev/null 2>&1 || missing+=("${pair#*=}"); done
    [ ${#missing[@]} -eq 0 ] && return
    local sudo=""
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null && sudo="sudo -n" \
            || fail "these Debian packages are missing: ${missing[*]}" "sudo apt-get install ${missing[*]}"
    fi
    command -v apt-get >/dev/null 2>&1 || fail "these programs' packages are missing and there is no apt-get: ${missing[*]}"
    say "installing ${missing[*]}"
    $sudo apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

venv() { # installs the given Python packages in .venv
    if [ ! -x .venv/bin/pip ]; then
        rm -rf .venv
        python3 -m venv .venv >/dev/null 2>&1 || { apt_install no-such-command=python3-venv; rm -rf .venv; python3 -m venv .venv; }
    fi
    local stamp=.venv/installed-$want
    if [ ! -e "$stamp" ] || [ scripts/requirements-"$want".txt -nt "$stamp" ]; then
        say "installing the Python packages of scripts/requirements-$want.txt in .venv"
        .venv/bin/pip install --quiet --disable-pip-version-check -r scripts/requirements-"$want".txt
        touch "$stamp"
    fi
}

node_new_enough() { command -v node >/dev/null 2>&1 && node -e 'process.exit(process.versions.node.split(".")[0] < 18 ? 1 : 0)'; }

page() { # builds the console's page; a binary without it says how to build it
    node_new_enough && command -v npm >/dev/null 2>&1 || apt_install node=nodejs npm=npm
    node_new_enough || { say "the console needs Node 18 or newer; vpclab is built without it"; return "$1"; }
    scripts/console.sh || { say "the console's page could not be built; vpclab is built without it"; return "$1"; }
}

cdk() { # installs the CDK, and of the SDK what its custom resources use, in .cdk
    apt_install node=nodejs npm=npm
    cmp -s tests/cdk/package.json .cdk/package.json && [ -x .cdk/node_modules/.bin/cdk ] && return
    say "installing the packages of tests/cdk/package.json in .cdk"
    mkdir -p .cdk
    cp tests/cdk/package.json .cdk/package.json
    npm install --prefix .cdk --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null || { rm -f .cdk/package.json; fail "the CDK could not be installed"; }
}

apt_install curl=curl cc=gcc cmake=cmake make=make python3=python3
if ! command -v cargo >/dev/null 2>&1 && [ -x "$HOME/.cargo/bin/cargo" ]; then export PATH="$HOME/.cargo/bin:$PATH"; fi
command -v cargo >/dev/null 2>&1 || {
    say "installing Rust with rustup"
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal --component rustfmt,clippy >/dev/null \
        || fail "Rust is missing and rustup could not be fetched" "install Rust 1.95 or newer"
}
case $want in
build) page 0 ;;
console) page 1 ;;
demo) apt_install nslookup=bind9-dnsutils; venv; page 0 ;;
test) apt_install nslookup=bind9-dnsutils dig=bind9-dnsutils nft=nftables setpriv=util-linux chromium=chromium; venv; page 1; cdk ;;
bench) apt_install nslookup=bind9-dnsutils wrk=wrk nginx=nginx-light iperf3=iperf3 ip=iproute2 chromium=chromium; venv; page 1 ;;
*) fail "no set-up is called \`$want\`" "build, console, demo, test or bench" ;;
esac
