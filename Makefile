# What one types. `make run` and `make test` need Python 3.11 or later and make, nothing else.

.DEFAULT_GOAL := run
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh

BIN := .venv/bin
# Every package comes from a lock and is checked against its hash, whoever configured another index.
# Compiled once here, since where Python may not write its caches every start would compile all of it again.
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes

.PHONY: run setup setup-objects setup-dev browser test faults mutations bench check screenshots lock clean

run: setup ## The site with a demo project, at http://127.0.0.1:8000
	@$(BIN)/engross demo

setup: .venv/.runtime ## The environment, from the locks
	@$(BIN)/python -m compileall -q app migrations

.venv/bin/python:
	@for python in "$(PYTHON)" python3 python3.14 python3.13 python3.12 python3.11; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			exec "$$python" -m venv .venv; \
		fi; \
	done; \
	echo "Python 3.11 or later was not found: install it, or name it with make PYTHON=/path/to/python3" >&2; exit 1

# The project is installed from this directory without its dependencies, which the lock has brought already,
# and without an isolated build, which would download a build backend that no hash checks.
.venv/.runtime: requirements/build.txt requirements/embedded.txt pyproject.toml | .venv/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	@$(INSTALL) -r requirements/embedded.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

setup-objects: .venv/.runtime ## What ENGROSS_STORAGE_URL needs, beside the rest
	@$(INSTALL) -r requirements/runtime.txt

setup-dev: .venv/.dev ## The same, with what tests and checks need

.venv/.dev: requirements/dev.txt .venv/.runtime
	@$(INSTALL) -r requirements/dev.txt
	@touch $@

# Playwright drives the system's Chromium where there is one: nothing is downloaded then.
browser: .venv/.dev
	@if [ -x /usr/bin/chromium ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium >/dev/null; \
	else \
		$(BIN)/playwright install chromium; \
	fi

test: browser ## Everything that CI runs besides `check`
	@$(BIN)/python -m pytest -n 2

# What takes minutes and is left out of `test`. faketime is brought where the system can; without it, and without
# strace, the tests that need them are skipped and say so.
faults: browser ## All trials of faults: kills under load, clocks that jump, every pair of acts, long searches
	@if ! command -v faketime >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && apt-get install -qq -y --no-install-recommends faketime strace >/dev/null; \
	fi
	@$(BIN)/python -m pytest -n 0 tests/faults -m "long or not long"
	@$(BIN)/python -m pytest -n 2 tests -m long --ignore tests/faults
	@ENGROSS_ALL_RACES=1 $(BIN)/python -m pytest -n 2 tests/races
	@HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest -n 0 tests/life

mutations: browser ## Takes each guard out of a copy and shows that a test turns red
	@$(BIN)/python -m tests.mutations

bench: .venv/.dev ## The measurements of docs/performance.md; BENCH="export --full" for one of them, and larger
	@$(BIN)/python -m bench $(BENCH)

# What says much when all is well says it only when something is not.
check: .venv/.dev ## Format, lint, types, imports, templates, dependencies, dead code, the compose file, vendored files
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-logo >/dev/null || $(BIN)/lint-imports --no-logo
	@$(BIN)/deptry --no-ansi . >/dev/null 2>&1 || $(BIN)/deptry --no-ansi .
	@$(BIN)/vulture
	@$(BIN)/djlint --quiet --lint templates
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yml
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -k vendored tests/templates >/dev/null || $(BIN)/python -m pytest -k vendored tests/templates

screenshots: browser ## The pictures of the documentation, from the demo project
	@$(BIN)/python docs/make_screenshots.py

# Each lock is resolved for every platform at once, keeps its versions where it can, and names no index.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE)

# build.txt: what installs. runtime.txt: the program for several machines, as in the image, with `objects`.
# embedded.txt: for one machine, with a Postgres of its own.
lock: .venv/.runtime ## Resolve the locks again; UPGRADE=--upgrade for newer versions
	@$(COMPILE) --group build -o requirements/build.txt
	@$(COMPILE) pyproject.toml --extra objects -o requirements/runtime.txt
	@$(COMPILE) pyproject.toml --extra embedded -c requirements/runtime.txt -o requirements/embedded.txt
	@$(COMPILE) pyproject.toml --extra embedded --extra objects --group dev -c requirements/embedded.txt -o requirements/dev.txt

clean: ## All that was made here, but for the data
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist test-results
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
