# What people do with this repository. `make` alone lists it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

# What is built is kept outside the clone, so that a second clean clone need not build its dependencies again:
# in DREAMWRIGHT_TARGET, or ~/.cache/dreamwright/target where a home can be written, or else in the clone.
CACHE := $(or $(DREAMWRIGHT_TARGET),$(shell d="$$HOME/.cache/dreamwright/target"; mkdir -p "$$d" 2>/dev/null && echo "$$d"))
export CARGO_TARGET_DIR := $(or $(CARGO_TARGET_DIR),$(CACHE),$(CURDIR)/target)
# rustup's own place counts also where no profile was read.
export PATH := $(PATH):$(HOME)/.cargo/bin

LISTEN ?= 127.0.0.1:8080
DATA ?= ./data

.PHONY: help run test release bench console fmt clean tools

help:
	@echo "make run      build and start Dreamwright with a sample database on http://$(LISTEN)"
	@echo "make test     everything that must hold: format, lints, house rules, all tests on real databases"
	@echo "make release  build the program as it is released: twice, and a load between that tells what to optimise for"
	@echo "make bench    measure a release against the bare drivers, on SQLite, PostgreSQL and MariaDB"
	@echo "make console  build the admin console, which the program then contains; needs Node"
	@echo "make fmt      format the sources"
	@echo "make clean    remove what was built"

tools:
	@scripts/tools

# The API works without the console: what is missing for it is said, and is no error here.
console:
	@scripts/console build || [ $$? -eq 3 ]

run: tools console
	cargo build --release --locked -p dreamwright
	exec "$(CARGO_TARGET_DIR)/release/dreamwright" serve --listen $(LISTEN) --data $(DATA) --sample

test:
	@scripts/test

release: tools console
	@scripts/servers
	@scripts/release

bench: release
	DREAMWRIGHT_BIN="$(CARGO_TARGET_DIR)/released/dreamwright" "$(CARGO_TARGET_DIR)/release/bench" --output "$(CARGO_TARGET_DIR)/bench.md"

fmt: tools
	cargo fmt --all

clean: tools
	cargo clean
