# The two commands: `make serve` and `make test`. Both need Python 3.11 or newer, and nothing else.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
INPUTS ?= 20000
ATTACKERS ?= 0
MINUTES ?= 10
BENCH ?= /tmp/readout-bench
DIST ?= dist

VENV := .venv
LOCKS := .
BIN := $(VENV)/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
# The project itself is installed in place, with the pinned build backend and nothing fetched.
SELF = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" pyproject.toml

.PHONY: help serve test faults attack soak bench audit check lock wheel sbom openapi fix clean

help:  ## Say what can be typed
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

serve: $(VENV)/serve.stamp  ## Run the API on the seed: everything up to http://127.0.0.1:8000
	@exec $(BIN)/readout serve --seed data/seed.json --host $(HOST) --port $(PORT)

test: $(VENV)/test.stamp  ## Run the test suite
	@$(BIN)/python -m pytest -n auto --dist worksteal

faults: $(VENV)/test.stamp  ## Break what can break, and see that no wrong fact is served
	@$(BIN)/python -m pytest -n auto -m faults tests/faults tests

attack: $(VENV)/test.stamp  ## Try to break in, and to take everything (half an hour; INPUTS=1000000 for the checker)
	@INPUTS=$(INPUTS) $(BIN)/python -m pytest -n $(ATTACKERS) -s -m attack tests/attack tests/test_fuzzing.py

soak: $(VENV)/test.stamp  ## Ten minutes of everything at once, and nothing may grow (MINUTES=120)
	@$(BIN)/python -m bench.soak --minutes $(MINUTES)

bench: $(VENV)/test.stamp  ## Measure beside the peers, and write bench/README.md (hours; BENCH=folder)
	@$(BIN)/python -m bench $(BENCH)

audit: $(VENV)/test.stamp  ## Ask whether a pinned package has a known weakness
	@$(BIN)/python .ci/audit

check: $(VENV)/test.stamp  ## Ruff, mypy, and every generated file in step
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m tests.steps

lock: $(VENV)/test.stamp  ## Pin the dependencies anew, with hashes (UPGRADE=--upgrade for newer ones)
	@$(LOCK) --group build $(UPGRADE) -o $(LOCKS)/requirements.lock
	@$(LOCK) --group build --group dev --extra texts -c $(LOCKS)/requirements.lock $(UPGRADE) -o $(LOCKS)/requirements-dev.lock

wheel: $(VENV)/serve.stamp  ## Build the package into dist/, with the pinned build backend
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-build-isolation --no-deps --wheel-dir $(DIST) .

sbom: $(VENV)/test.stamp  ## Write what an installation consists of into dist/, as CycloneDX
	@mkdir -p $(DIST)
	@$(BIN)/python -W ignore -m cyclonedx_py requirements --pyproject pyproject.toml --output-reproducible \
		--output-file $(DIST)/sbom.json requirements.lock

openapi: $(VENV)/serve.stamp  ## Write openapi.json anew
	@$(BIN)/readout openapi > openapi.json

fix: $(VENV)/test.stamp  ## Format the code and mend what ruff can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean:  ## Remove the environment and the caches, not the data
	@rm -rf $(VENV) node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/serve.stamp: requirements.lock pyproject.toml app/__init__.py
	@echo "Installing (once) into $(VENV) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Readout needs Python 3.11 or newer: make PYTHON=python3.12 serve")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(INSTALL) -r requirements.lock
	@# Python 3.11 puts an old one into an environment, and nothing needs it.
	@$(BIN)/python -m pip uninstall --quiet --quiet --yes setuptools
	@$(SELF)
	@touch $@

$(VENV)/test.stamp: requirements-dev.lock $(VENV)/serve.stamp
	@$(INSTALL) -r requirements-dev.lock
	@touch $@
