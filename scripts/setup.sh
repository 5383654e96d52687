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

browser() { # finds the tests' browser, or installs Debian's; Ubuntu's archive has but a stub of its snap
    if [ -n "${CHROMIUM:-}" ]; then
        [ -x "$CHROMIUM" ] || fail "CHROMIUM=$CHROMIUM is no program that can be run"
        return
    fi
    local program
    for program in chromium google-chrome google-chrome-stable; do
        if command -v "$program" >/dev/null 2>&1; then return; fi
    done
    # The stub has this name, and does nothing but say so.
    if chromium-browser --version >/dev/null 2>&1; then return; fi
    if command -v apt-get >/dev/null 2>&1 && ! apt_has chromium; then
        fail "the console's tests need Chromium or Chrome: none of chromium, google-chrome, google-chrome-stable and chromium-browser runs here, and apt has no package \`chromium\`" \
            "install one of them, or name its program: make $want CHROMIUM=PATH"
    fi
    apt_install chromium=chromium
}

apt_has() { # PACKAGE: whether apt could install it; lists that were never fetched are fetched first where that is allowed
    apt_candidate "$1" && return
    if [ "$(id -u)" -eq 0 ]; then apt-get update -qq; else sudo -n apt-get update -qq 2>/dev/null; fi || true
    apt_candidate "$1"
}

apt_candidate() {
    local policy
    policy=$(LC_ALL=C apt-cache policy "$1" 2>/dev/null) && grep -q 'Candidate: [^(]' <<<"$policy"
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
    node_new_enough || {
        say "the console's page needs Node 18 or newer to be built, and \`node\` here is $(node --version 2>/dev/null || echo missing)"
        say "hint: install Node 18 or newer (https://nodejs.org/en/download) and put its directory first in PATH"
        [ "$1" -ne 0 ] || say "vpclab is built without the console"
        return "$1"
    }
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
test) apt_install nslookup=bind9-dnsutils dig=bind9-dnsutils nft=nftables setpriv=util-linux; browser; venv; page 1; cdk ;;
bench) apt_install nslookup=bind9-dnsutils wrk=wrk nginx=nginx-light iperf3=iperf3 ip=iproute2; browser; venv; page 1 ;;
*) fail "no set-up is called \`$want\`" "build, console, demo, test or bench" ;;
esac
