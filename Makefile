# Everything a person types. `make demo` and `make test` do all the set-up on a fresh machine; see deploy/setup.sh.
SHELL := /bin/bash
.NOTPARALLEL:
.DEFAULT_GOAL := help

BIN := .venv/bin
# In this order, so that what is quick to fail fails first.
SUITES := $(wildcard tests/unit tests/policy tests/property tests/contract tests/fuzz tests/system tests/faults)

.PHONY: help setup demo test lint check language registry format types imports lock bench fuzz clean

help:  ## print this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "make %-9s %s\n", $$1, $$2}'

setup:  ## install all that is needed; a second time downloads nothing
	@deploy/setup.sh

demo: setup  ## start an exchange, play an evening, show who got what, stop
	@$(BIN)/candour demo

test: check registry  ## every check and test that CI runs
	$(BIN)/pytest $(SUITES)

registry: setup
	@deploy/registry.sh

check: lint types imports language  ## style, types, the direction of imports, versions of the language

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

language: setup
	$(BIN)/candour schema check

format: setup  ## write code as the formatter wants it
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup  ## measure the whole exchange on this machine
	@$(BIN)/candour bench

fuzz: setup  ## feed bytes that nobody thought of to the decoders; CPU_SECONDS=28800 before a release
	@FUZZ_CPU_SECONDS=$(or $(CPU_SECONDS),120) FUZZ_FOLDER=.fuzz $(BIN)/pytest -s tests/fuzz

lock: setup  ## choose versions anew for what pyproject.toml asks; add UPGRADE=1 for the newest
	@deploy/lock.sh $(if $(UPGRADE),--upgrade)

clean:  ## remove what setup made in this folder; the cache stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
