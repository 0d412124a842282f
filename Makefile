# Everything a developer types; each line also works by hand. Bare `make` prints this list.
PYTHON ?= python3
WORKSPACE ?= demo/workspace
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow lint types format bench docs submit lock clean

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# uv installs in seconds what takes pip minutes: the one at hand, else one in the new environment.
$(READY): pyproject.toml constraints.txt
	@echo "setting up .venv (several GB of wheels the first time)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "podium needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	@command -v uv >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet uv
	@PATH="$$PATH:$$PWD/$(BIN)" uv pip install --quiet --python $(BIN)/python \
	  --constraint constraints.txt --editable '.[demo,dev]'
	@touch $@

demo: $(READY)  ## the whole path on the embedded competition, from data to a scored submission
	$(BIN)/podium demo

test: $(READY)  ## the tests
	$(BIN)/python -m pytest -m 'not slow' --numprocesses auto --dist worksteal

test-slow: $(READY)  ## the tests that take long
	$(BIN)/python -m pytest -m slow

lint: $(READY)  ## style, format, and which room may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: $(READY)  ## mypy, strict
	$(BIN)/mypy

format: $(READY)  ## rewrite the code in the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)  ## every benchmark, as ratios to a peer in the same run (after make demo)
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

submit: $(READY)  ## blend, write, check, upload, board, for the workspace in WORKSPACE=
	$(BIN)/podium --workspace $(WORKSPACE) submit

docs: $(READY)  ## rewrite the reference pages from the models
	$(BIN)/python docs/write_reference.py

lock: $(READY)  ## renew constraints.txt from pyproject.toml
	PATH="$$PATH:$$PWD/$(BIN)" uv pip compile --quiet --universal --python-version 3.11 --extra demo --extra dev \
	  --no-header --no-annotate --no-emit-index-url --output-file constraints.txt pyproject.toml

clean:  ## remove the environment and the demo
	rm -rf .venv demo
