# Everything happens in .venv, which the first target that needs it makes from requirements.lock.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
HARDENED := .venv/hardened
PACKAGES := vault web config migrations
# Tests write into memory where there are 4 GB of it, because a database waits for a disk at each commit.
MEMORY = $(shell df -k --output=avail /dev/shm 2>/dev/null | awk 'NR == 2 && $$1 > 4000000 { print "/dev/shm" }')
# One more than there are processors, because tests also wait: for a page, a lock, a disk.
WORKERS = $(shell expr $$(nproc) + 1)
APART = --numprocesses=$(WORKERS) --dist=loadfile --max-worker-restart=0
# Tests look at pages in Chromium without windows, or where it cannot be had in the whole of it.
SHELL_OF_CHROMIUM := /usr/bin/chromium-headless-shell
CHROMIUM = test -x $(SHELL_OF_CHROMIUM) || .ci/apt $(notdir $(SHELL_OF_CHROMIUM)) 2>/dev/null || \
    test -x /usr/bin/chromium || .ci/apt chromium

.DEFAULT_GOAL := help
.PHONY: help demo test postgres check run drill bench fuzz audit sbom lock messages screenshots clean

help:  ## list what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 8

demo: $(INSTALLED)  ## found a throw-away vault, log the Sermin case, publish a statement, serve it (ONCE=1: print both and stop)
	@$(BIN)/witness-vault demo $(if $(ONCE),--once)

test: $(INSTALLED)  ## run every test; their own tests must cover rules and sealing branch by branch
	@$(CHROMIUM)
	@$(BIN)/coverage erase
	@PYTHONHASHSEED=0 TMPDIR=$(or $(MEMORY),$(TMPDIR),/tmp) \
	    $(BIN)/python -m pytest -p tests.measuring $(APART) --no-loadscope-reorder
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --fail-under=100

postgres: $(INSTALLED)  ## run on PostgreSQL every test that needs a vault, but those in a browser (TESTS=tests/web: some of them)
	@WITNESS_VAULT_TESTS_ON=postgresql TMPDIR=$(or $(MEMORY),$(TMPDIR),/tmp) \
	    $(BIN)/python -m pytest $(APART) --ignore=tests/browser $(or $(TESTS),tests)

check: $(INSTALLED)  ## everything that needs no running: style, types, import contracts, dependencies
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/deptry .
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(PACKAGES)

run: $(INSTALLED)  ## serve the vault that the settings name
	@$(BIN)/witness-vault serve

drill: $(INSTALLED)  ## seize a vault of invented witnesses, attack it, and write docs/DRILL.md
	@$(BIN)/python -m drill --out docs/DRILL.md

bench: $(INSTALLED)  ## measure the performance claims
	@if [ -d bench ]; then $(BIN)/python -m bench; else echo "There is nothing to measure yet."; fi

fuzz: $(HARDENED)  ## give every reader of foreign bytes hostile ones, led by what code is reached (SECONDS=20 for each)
	@$(BIN)/python -m tests.hardening.fuzz $(or $(SECONDS),20)

audit: $(HARDENED)  ## ask the registry whether a locked package has a known weakness; without an answer it fails
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock

sbom: $(INSTALLED)  ## write sbom.json: every locked package and vendored file with its hashes, as CycloneDX
	@$(BIN)/python -m tests.hardening.sbom > sbom.json

screenshots: $(INSTALLED)  ## take the guides' pictures anew, from the demonstration in a browser (SHEET=folder: all desks too)
	@$(CHROMIUM)
	@$(BIN)/python -m tests.browser.pictures $(SHEET)

lock:  ## resolve the dependencies anew (needs uv)
	@PATH="$(BIN):$$PATH" uv pip compile --quiet --upgrade --universal --python-version 3.11 --extra dev --generate-hashes --no-header \
	    --output-file requirements.lock pyproject.toml
	@PATH="$(BIN):$$PATH" uv pip compile --quiet --upgrade --universal --python-version 3.11 --group hardening --generate-hashes \
	    --no-header --constraints requirements.lock --no-emit-package pip --output-file hardening.lock

# A refusal's first argument is a message, wherever it is refused; so are what is read, and what it must be.
REFUSALS := Busy Conflict Expired Invalid NotFound Refused SignInNeeded Tampered TooLarge Unreachable
MESSAGES := $(addsuffix :1,Message $(REFUSALS)) $(addsuffix :2,Fields fault)
TRANSLATIONS := web/translations
PINNED := web/pinned/translations
UPDATE := $(BIN)/pybabel --quiet update --ignore-obsolete --no-fuzzy-matching --ignore-pot-creation-date --no-wrap

messages: $(INSTALLED)  ## bring the catalogues of the interface's languages up to date with the code
	@$(BIN)/pybabel --quiet extract --mapping-file pyproject.toml --keywords "$(MESSAGES)" \
	    --add-comments TRANSLATORS: --add-location file --sort-by-file --no-wrap --omit-header \
	    --output-file $(TRANSLATIONS)/messages.pot vault web
	@$(UPDATE) --input-file $(TRANSLATIONS)/messages.pot --output-dir $(TRANSLATIONS)
	@rm $(TRANSLATIONS)/messages.pot
	@$(BIN)/pybabel --quiet extract --mapping-file pyproject.toml --add-location file --sort-by-file --no-wrap \
	    --omit-header --output-file $(PINNED)/page.pot web/pinned
	@for one in $(PINNED)/*.po; do \
	    $(UPDATE) --input-file $(PINNED)/page.pot --output-file $$one --locale $$(basename $$one .po) || exit; done
	@rm $(PINNED)/page.pot

clean:  ## remove caches and reports; .venv stays
	@rm -rf build dist sbom.json .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find $(wildcard $(PACKAGES) tests bench) -name __pycache__ -prune -exec rm -rf {} +

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Python 3.11 or newer is needed: name it, as in 'make PYTHON=python3.12'." >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv || \
	    { echo "Python could not make .venv: on Debian, install the package python3-venv, then run make again." >&2; exit 1; }
	@echo "Installing what requirements.lock names into .venv; this takes about half a minute." >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(HARDENED): hardening.lock $(INSTALLED)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r hardening.lock
	@touch $@
