# Everything a developer types; each line also works by hand. Bare `make` prints this list.
PYTHON ?= python3
WORKSPACE ?= demo/workspace
FILES ?= files
RIVALS ?= $(BIN)/python
BIN := .venv/bin
READY := .venv/.ready
# Tokens of Kaggle, Hugging Face, GitHub, AWS and Weights & Biases' kind, and private keys.
SECRETS := 'KGAT_[0-9a-f]{32}|hf_[A-Za-z]{34}|gh[pousr]_[A-Za-z0-9]{36}|AKIA[0-9A-Z]{16}|BEGIN [A-Z ]*PRIVATE KEY'

.DEFAULT_GOAL := help

# Tests start hundreds of Pythons: each would compile podium, and pytest rewrite 500 files, anew.
compiled test test-slow test-long faults-sample: export PYTHONDONTWRITEBYTECODE :=

.PHONY: help compiled demo s0 s1 s3 s3_pretrained s4 noisy_student test test-slow test-long test-clusters golden golden-make mutants faults faults-sample fuzz audit sbom lint types format bench bench-auto docs site submit lock release-check clean

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z0-9_-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# uv installs in seconds what takes pip minutes: the one at hand, else one in the new environment.
$(READY): pyproject.toml constraints.txt
	@echo "setting up .venv (several GB of wheels the first time)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "podium needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	@command -v uv >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet uv
	@PATH="$$PATH:$$PWD/$(BIN)" uv pip install --quiet --python $(BIN)/python \
	  --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(READY)  ## the whole path on the embedded competition, from data to a scored submission
	$(BIN)/podium demo

s0: $(READY)  ## S0 on the demo's pictures: its table of stages, its file of labels and masks, its score
	$(BIN)/python examples/s0/run.py
	$(BIN)/podium -w demo/s0/workspace show s0

s1: $(READY)  ## S1 on scikit-learn's digits: pseudo-labels, thresholds by seeds
	$(BIN)/python examples/s1/run.py

s3: $(READY)  ## S3 on scikit-learn's digits: FixMatch, CoMatch, a labelling request
	$(BIN)/python examples/s3/run.py

s3_pretrained: $(READY)  ## S3's starts without labels on scikit-learn's digits, FixMatch and CoMatch beside them
	$(BIN)/python examples/s3/pretrained.py

s4: $(READY)  ## S4's three assignments, small: pretrained or not, what a start is worth, two decoders
	$(BIN)/python examples/s4/run.py

noisy_student: $(READY)  ## Noisy Student on scikit-learn's digits: a teacher and three rounds
	$(BIN)/python examples/noisy_student/run.py

compiled: $(READY)  ## bytecode of the tests and of what they import: workers that begin at once each make it
	@$(BIN)/python -m pytest --collect-only --quiet --quiet > /dev/null || true  # `make test` shows why

test: $(READY)  ## the tests
	$(BIN)/python -m pytest -m 'not slow' --numprocesses auto --dist worksteal

# A test's marks stand in its file, or in a conftest.py for its folder: every worker would import and
# collect the other files in vain.
marked = $$(grep -rlE --include='test_*.py' 'mark\.$(1)\b|other_cases\("$(1)"' tests; \
  grep -rl --include=conftest.py 'add_marker(pytest\.mark\.$(1)\b' tests | xargs -r dirname)

test-slow: $(READY)  ## the tests that take long
	$(BIN)/python -m pytest -m 'slow and not long and not alone' --numprocesses auto --dist worksteal $(call marked,slow)
	$(BIN)/python -m pytest -m 'slow and not long and alone' $(call marked,alone)

test-long: $(READY)  ## those that repeat at length what a quicker one proves: before a larger change is handed over
	$(BIN)/python -m pytest -m 'long and not alone' --numprocesses auto --dist worksteal $(call marked,long)
	$(BIN)/python -m pytest -m 'long and alone' $(call marked,alone)

# In an environment of its own: clients of S3 want an older python-dateutil than constraints.txt has.
build/clusters/.ready: $(READY) pyproject.toml
	$(PYTHON) -m venv build/clusters
	PATH="$$PATH:$$PWD/$(BIN)" uv pip install --quiet --python build/clusters/bin/python \
	  --editable '.[dev,ray,s3]' 'moto[server]>=5'
	@touch $@

test-clusters: build/clusters/.ready  ## those on a Ray cluster of three nodes and on an S3 server, on this machine
	build/clusters/bin/python -m pytest -m slow tests/workflows/engines/test_ray.py tests/workflows/engines/test_s3.py \
	  tests/workflows/engines/test_ray_over_s3.py

mutants: $(READY)  ## plant 520 faults, one at a time, and print how many the tests find (an hour)
	$(BIN)/python benchmarks/mutants.py calls
	$(BIN)/python benchmarks/mutants.py plant -n 520

faults: $(READY)  ## kill, fill the disk, damage, break uploads, in every long command and a host (MINUTES=60; root for disks)
	$(BIN)/python benchmarks/faults.py --minutes $(or $(MINUTES),60) --notes build/faults.jsonl

# The seed is fixed, so that what failed can be made again, and is the change's. Other seeds: `make faults`.
faults-sample: $(READY)  ## two minutes of it, of cheap commands
	$(BIN)/python benchmarks/faults.py --sample --seed 0

fuzz: $(READY)  ## 20,000 mutated inputs against second readers
	$(BIN)/python benchmarks/fuzz.py -n 20000 --notes build/fuzz.txt

# Tools of their own, in an environment of their own: what they bring is no dependency of podium.
build/audit/.ready:
	$(PYTHON) -m venv build/audit
	build/audit/bin/python -m pip install --quiet pip-audit==2.10.1 cyclonedx-bom==7.5.0 \
	  || { echo "not installed: this needs a package index"; rm -rf build/audit; exit 1; }
	@touch $@

audit: $(READY) build/audit/.ready  ## known vulnerabilities of what is installed (needs the network)
	build/audit/bin/pip-audit --strict --progress-spinner off --skip-editable \
	  --path $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') \
	  || { echo "not all right: a vulnerability stands above, or a package could not be looked up:"; \
	  echo "\"not found on PyPI\" of the first one means that there is no network"; exit 1; }

sbom: $(READY) build/audit/.ready  ## the list of what is installed, CycloneDX, in build/sbom.json
	build/audit/bin/cyclonedx-py environment $(BIN)/python --output-file build/sbom.json
	@echo build/sbom.json

golden: $(READY)  ## compare every command's answers with the record, to the bit
	$(BIN)/python tests/golden_record.py compare tests/golden.json

golden-make: $(READY)  ## make the record of every command's answers anew
	$(BIN)/python tests/golden_record.py make tests/golden.json

lint: $(READY)  ## style, format, and which room may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	@! git grep -nIE $(SECRETS) -- ':!Makefile' | grep -v 0123456789abcdef \
	  || { echo "a secret in a tracked file"; exit 1; }  # tests have made-up ones

types: $(READY)  ## mypy, strict
	$(BIN)/mypy

format: $(READY)  ## rewrite the code in the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)  ## every benchmark, as ratios to a peer in the same run (after make demo)
	@for file in $(filter-out benchmarks/auto_steps.py benchmarks/auto_table.py benchmarks/faults.py benchmarks/fuzz.py benchmarks/mutants.py benchmarks/silent_faults.py,$(wildcard benchmarks/*.py)); do echo "== $$file"; $(BIN)/python $$file || exit 1; done

bench-auto: $(READY)  ## podium auto beside rivals on public sets: FILES= (see benchmarks/auto_table.py) MINUTES=
	$(BIN)/python benchmarks/auto_table.py --files $(FILES) --minutes $(or $(MINUTES),5) --rivals-python $(RIVALS)

submit: $(READY)  ## blend, write, check, upload, board, for the workspace in WORKSPACE=
	$(BIN)/podium --workspace $(WORKSPACE) submit

docs: $(READY)  ## rewrite the reference pages from the models, and the gallery of figures
	$(BIN)/python docs/write_reference.py
	$(BIN)/python docs/draw_gallery.py

site: $(READY)  ## the documentation as a folder of pages, build/site, with every link and anchor checked
	NO_MKDOCS_2_WARNING=1 PATH="$$PATH:$$PWD/$(BIN)" uv tool run --from 'mkdocs<2' --with 'mkdocs-material<10' \
	  mkdocs build --strict

lock: $(READY)  ## renew constraints.txt from pyproject.toml
	PATH="$$PATH:$$PWD/$(BIN)" uv pip compile --quiet --universal --python-version 3.11 --extra dev --extra ray \
	  --no-header --no-annotate --no-emit-index-url --output-file constraints.txt pyproject.toml

# RESOLUTION=lowest-direct installs the oldest versions that pyproject.toml allows.
RESOLUTION ?= highest
release-check: $(READY)  ## build sdist and wheel, install the wheel in an empty environment, run the demo there
	rm -rf dist build/release && mkdir -p build/release
	$(BIN)/python -m build --installer uv --outdir dist .
	PATH="$$PATH:$$PWD/$(BIN)" uv venv --quiet --python $(BIN)/python build/release/env
	PATH="$$PATH:$$PWD/$(BIN)" uv pip install --quiet --python build/release/env/bin/python \
	  --resolution $(RESOLUTION) --requirement pyproject.toml
	PATH="$$PATH:$$PWD/$(BIN)" uv pip install --quiet --python build/release/env/bin/python --no-deps dist/*.whl
	cd build/release && env/bin/podium doctor && env/bin/podium demo && env/bin/podium -w demo/workspace status

clean:  ## remove the environment and the demo
	rm -rf .venv demo
