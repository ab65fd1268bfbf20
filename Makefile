# Every target installs what it needs. `make demo` and `make test` are all a newcomer has to know.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
FOR_TESTS := .venv/.installed-for-tests
OFFICIAL_CLI := .venv-cli/.installed
PIP := $(BIN)/pip --disable-pip-version-check --quiet

.PHONY: demo demo-stop serve install test lint check bench lock clean
.DELETE_ON_ERROR:

demo: $(INSTALLED) ## carry a sample project from one workspace to another, and leave the server running
	$(BIN)/recipeyard demo

demo-stop: $(INSTALLED) ## stop the server that `make demo` left running
	$(BIN)/recipeyard demo --stop

serve: $(INSTALLED) ## start the server for real use
	$(BIN)/recipeyard serve

install: $(INSTALLED)

test: $(FOR_TESTS) $(OFFICIAL_CLI) ## run every test
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: $(FOR_TESTS) ## style, floors and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

check: lint test

bench: $(FOR_TESTS) ## measure, and print the tables of docs/performance.md
	PYTHONPATH=tests $(BIN)/python -m benchmarks

lock: $(FOR_TESTS) ## choose versions anew
	$(BIN)/uv pip compile pyproject.toml --group build $(LOCK) -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group build --group test --group lint $(LOCK) -o requirements-dev.lock
	$(BIN)/uv pip compile --group official-cli $(LOCK) -o requirements-official-cli.lock

LOCK := --universal --generate-hashes --upgrade --quiet --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock"

clean:
	rm -rf .venv .venv-cli .demo .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.venv/bin/pip:
	$(PYTHON) -m venv .venv

$(INSTALLED): .venv/bin/pip requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

$(FOR_TESTS): $(INSTALLED) requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	touch $@

$(OFFICIAL_CLI): requirements-official-cli.lock
	$(PYTHON) -m venv .venv-cli
	.venv-cli/bin/pip --disable-pip-version-check --quiet install --require-hashes -r requirements-official-cli.lock
	touch $@
