# Every verb sets up what it needs, on a machine with Python 3.11 or newer, git and a C compiler.
# `make` alone lists the verbs.

SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: coverage demo contoso test quick lint fmt types docs bench storm canary lock where help

VENV ?= .venv
BIN := $(VENV)/bin
export VENV

# Tests run in this many processes, of which one usually waits; JOBS=0 runs them in one.
JOBS ?= 3
QUICK := not slow and not postgres and not spark and not browser and not shared_data and not storm

core:
	@tools/setup core

full:
	@tools/setup full

.PHONY: core full

demo: core ## Make the simulated retailer and open its web app (PEOPLE, SEED, PORT)
	$(BIN)/tuttuno demo demo $(if $(PEOPLE),--people $(PEOPLE)) $(if $(SEED),--seed $(SEED)) $(if $(PORT),--port $(PORT))

contoso: core ## Build a project from the Contoso retail sample: make contoso DATA=folder OUT=folder
	@test -n "$(DATA)" -a -n "$(OUT)" || { echo "usage: make contoso DATA=folder-with-csv OUT=new-folder" >&2; exit 2; }
	$(BIN)/tuttuno init "$(OUT)" --from examples/contoso/tuttuno.toml
	$(BIN)/tuttuno -C "$(OUT)" ingest "$(DATA)"
	$(BIN)/tuttuno -C "$(OUT)" build
	$(BIN)/tuttuno -C "$(OUT)" verify

test: full ## Everything: lint, types, imports, house rules, all tests
	@$(MAKE) --jobs=2 --output-sync lint types
	@$(BIN)/python -m pytest -m "not storm" -n $(JOBS) --durations=25

coverage: full ## The same tests, and which lines none of them reaches
	@$(BIN)/python -m pytest -m "not storm" -n $(JOBS) --cov --cov-report=term:skip-covered

quick: full ## The tests that need no server and no browser
	@$(BIN)/python -m pytest -m "$(QUICK)" -n $(JOBS) -q

lint: full ## Style, spelling and who may import whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/codespell
	@$(BIN)/lint-imports

fmt: full ## Put the code into shape
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

types: full ## Check the types
	@$(BIN)/mypy

docs: full ## Write the generated pages, then run every block and follow every link
	@$(BIN)/python tools/reference.py
	@$(BIN)/python -m pytest tests/docs -q

bench: full ## Measure; results go to benchmarks/results (ARGS chooses which)
	$(BIN)/python benchmarks/run.py $(ARGS)

storm: full ## Minutes of random faults: kills, full disks, broken files
	@$(BIN)/python -m pytest -m storm

canary: ## Does it still work with the newest version of every dependency?
	@tools/canary "$(QUICK)"

lock: ## Write requirements/ anew from pyproject.toml (ARGS=--upgrade for the newest versions)
	@tools/lock $(ARGS)

where: ## Where things are, and where new code goes
	@sed -n '/^<!-- where -->$$/,/^<!-- end where -->$$/{/^<!--/d;p}' CONTRIBUTING.md

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' Makefile
