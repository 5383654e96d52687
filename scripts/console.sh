#!/usr/bin/env bash
# Builds the console's page into crates/console/web/dist, from which the binary embeds it. Does nothing when nothing has changed.
set -euo pipefail
cd "$(dirname "$0")/../crates/console/web"

say() { printf 'console: %s\n' "$*" >&2; }

state=$(find src public index.html package.json package-lock.json tsconfig.json vite.config.ts .npmrc -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
if [ -e dist/index.html ] && [ "$(cat node_modules/.console-built 2>/dev/null)" = "$state" ]; then exit 0; fi
if [ ! -e node_modules/.console-installed ] || [ package-lock.json -nt node_modules/.console-installed ]; then
    say "installing the packages of crates/console/web/package-lock.json"
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
    touch node_modules/.console-installed
fi
say "building the page"
npm run --silent build >/dev/null
printf '%s\n' "$state" > node_modules/.console-built
