# On a fresh Debian or Ubuntu machine: `make demo` tells the two-region story, `make test` runs everything.
export PATH := $(HOME)/.cargo/bin:$(PATH)
CARGO ?= cargo
VPCLAB = target/release/vpclab

PREFIX ?= $(if $(filter 0,$(shell id -u)),/usr/local,$(HOME)/.local)

.PHONY: build install console demo test lint unit network e2e bench interface schemas coverage clean
build:
	scripts/setup.sh build
	$(CARGO) build --locked --release

# Where the shell finds it; PREFIX says another place.
install: build
	install -D -m 755 $(VPCLAB) $(DESTDIR)$(PREFIX)/bin/vpclab

# The console's page, which the next build of the binary embeds.
console:
	scripts/setup.sh console

demo:
	scripts/setup.sh demo
	$(CARGO) build --locked --release
	$(VPCLAB) demo --aws .venv/bin/aws --sam .venv/bin/sam

# Fast checks first, then the tests that need namespaces.
test:
	scripts/setup.sh test
	$(MAKE) lint unit network e2e

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

# Unit and property tests of every crate, and the tests that need no namespaces.
unit:
	$(CARGO) test --locked --workspace --exclude vpclab-fabric --exclude vpclab-functions
	$(CARGO) test --locked -p vpclab-fabric -p vpclab-functions --lib

# The fabric's checks, as this user and, for root, also as an ordinary user.
network:
	scripts/network-tests.sh

# The story and its faults with the real clients against the running binary.
e2e:
	$(CARGO) build --locked
	.venv/bin/python -m pytest -q tests

bench:
	scripts/setup.sh bench
	$(CARGO) build --locked --release
	bench/run

# After a change of crates/wire/interface/*.select.json: everything that is written from it (PYTHON needs botocore).
PYTHON ?= .venv/bin/python
interface:
	$(PYTHON) tools/trim_interface.py
	$(PYTHON) tools/trim_client.py
	$(PYTHON) tools/sample_requests.py > crates/wire/tests/fixtures/requests.json
	UPDATE_FIXTURES=1 $(CARGO) test --locked -q -p vpclab-wire --lib
	$(PYTHON) tools/check_answers.py
	UPDATE_COVERAGE=1 $(CARGO) test --locked -q -p vpclab-services --lib coverage

# After a change of the types in tools/trim_schemas.py (PYTHON needs cfn-lint).
schemas:
	$(PYTHON) tools/trim_schemas.py

coverage:
	$(CARGO) run --locked -q -- coverage > docs/coverage.md

clean:
	$(CARGO) clean
	rm -rf .venv
