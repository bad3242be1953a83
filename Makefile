# Needs python3 >= 3.11 with venv, and make; everything else comes from the hashed locks in requirements/.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check
TESTS  ?= tests
# Two workers: compiling with XLA and comparing with Qiskit are bound by one core each.
WORKERS ?= 2
# Compiled XLA programs are kept between runs of the tests and of the examples.
export JAX_COMPILATION_CACHE_DIR ?= $(CURDIR)/build/jax-cache

.PHONY: run test test-slow lint format bench bench-accuracy bench-circuits peers reproductions goldens lock lock-peers clean
.DELETE_ON_ERROR:

run: $(VENV)/run.stamp
	$(BIN)/hqn run examples/digits.hqn --force

test: $(VENV)/test.stamp
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow" $(TESTS)

test-slow: $(VENV)/test.stamp
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --hypothesis-profile explore $(TESTS)

goldens: $(VENV)/test.stamp
	$(BIN)/python -m pytest --update-goldens -m "not slow" $(TESTS)

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: $(VENV)/test.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/test.stamp
	$(BIN)/python -m benchmarks

bench-accuracy: $(VENV)/run.stamp
	$(BIN)/python -m benchmarks.accuracy

# WORKLOADS=w1,w4 chooses some, MISSING=1 peers without a figure; BUDGET=SECONDS says what all may take; WRITE=1
# puts the figures among those of docs/benchmarks.json and writes docs/benchmarks.md.
comma := ,
bench-circuits: $(VENV)/test.stamp peers
	$(BIN)/python -m benchmarks.circuits $(subst $(comma), ,$(WORKLOADS)) \
	  $(if $(BUDGET),--budget $(BUDGET)) $(if $(MISSING),--missing) $(if $(WRITE),--write)

# What hqn is compared with, each in an environment of its own; every package is pinned, so none brings others:
# what these declare to depend on cannot always be had together.
PEERS := $(basename $(notdir $(wildcard requirements/peers/*.txt)))
peers: $(PEERS:%=build/peers/%/stamp)

build/peers/%/stamp: requirements/peers/%.txt
	$(PYTHON) -m venv build/peers/$*
	build/peers/$*/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --no-deps -r $<
	@touch $@

# Slow: trains every model of docs/reproductions.md over three seeds; HQN_DATA names the folder with MNIST.
reproductions: $(VENV)/run.stamp
	$(BIN)/python -m benchmarks.reproductions

# The test lock contains the run lock, so one environment serves both.
$(VENV)/run.stamp: requirements/run.txt pyproject.toml $(VENV)/pyvenv.cfg
	$(PIP) install --quiet --require-hashes --no-deps -r requirements/run.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test.stamp: requirements/test.txt $(VENV)/run.stamp
	$(PIP) install --quiet --require-hashes --no-deps -r requirements/test.txt
	@touch $@

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "hqn needs Python 3.11 or newer; try: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

# New versions are taken only here. The locks hold names, versions and hashes, nothing of this machine.
COMPILE := build/lock/bin/pip-compile --no-config --quiet --upgrade --generate-hashes --strip-extras \
  --allow-unsafe --no-header --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
  --no-emit-options --build-deps-for editable

lock: build/lock/stamp
	$(COMPILE) --output-file requirements/run.txt pyproject.toml
	$(COMPILE) --extra test --constraint requirements/run.txt --output-file requirements/test.txt pyproject.toml

# Hashes of the versions that the files say; new versions of peers are written there by hand.
lock-peers: build/lock/stamp
	build/lock/bin/python requirements/hashes.py $(PEERS:%=requirements/peers/%.txt)

build/lock/stamp:
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet "pip-tools>=7.5,<8"
	@touch $@

clean:
	rm -rf build dist $(VENV) .pytest_cache .hypothesis .ruff_cache .import_linter_cache
