# shopctl: `make demo` shows a living shop, `make test` runs the tests. Both set up .venv themselves.

PYTHON ?= python3
PREFIX ?= $(HOME)/.local
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.DEFAULT_GOAL := help
.PHONY: help demo test chaos check bench install picture lock clean

help: ## List what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

demo: .venv/runtime ## Set up and show a living shop in demo-shop/
	@$(BIN)/shopctl demo --home demo-shop

test: .venv/dev ## Run the tests
	@$(BIN)/pytest

chaos: .venv/dev ## Try everything on orders for minutes: by chance, and from eight processes at once
	@SHOPCTL_CHAOS=1 $(BIN)/pytest -n0 -s tests/test_properties.py tests/test_order_chaos.py

check: .venv/dev ## Format, lint, types, import floors, tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -m "not tools"

bench: .venv/dev ## Measure against floors in the same run
	@$(BIN)/python -m benchmarks

install: ## Install shopctl for yourself, under PREFIX (~/.local)
	@$(call need_python)
	$(PYTHON) -m venv $(PREFIX)/lib/shopctl
	$(PREFIX)/lib/shopctl/bin/python -m pip -q install --require-hashes -r requirements/runtime.txt
	$(PREFIX)/lib/shopctl/bin/python -m pip -q install --no-deps --no-build-isolation .
	@mkdir -p $(PREFIX)/bin
	ln -sf $(PREFIX)/lib/shopctl/bin/shopctl $(PREFIX)/bin/shopctl
	@echo "$(PREFIX)/bin/shopctl is there; if your shell does not find it: export PATH=$(PREFIX)/bin:\$$PATH"

picture: demo ## Render the picture of the README
	@$(BIN)/python docs/pictures/render.py demo-shop > /dev/null

lock: ## Pin the requirements anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  pyproject.toml requirements/build.in -o requirements/runtime.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  pyproject.toml --extra dev requirements/build.in -c requirements/runtime.txt -o requirements/dev.txt

clean: ## Remove .venv and the demo
	rm -rf .venv demo-shop

define need_python
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
  { echo "shopctl needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $@" >&2; exit 1; }
endef

.venv/bin/python:
	@$(call need_python)
	@$(PYTHON) -m venv .venv || { echo "Python's venv is missing; on Debian: apt install python3-venv" >&2; exit 1; }

.venv/runtime: requirements/runtime.txt pyproject.toml | .venv/bin/python
	@test -e .venv/dev || { echo "Setting up .venv …"; $(PIP) install --require-hashes -r requirements/runtime.txt; }
	@test -e .venv/dev || $(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: requirements/dev.txt pyproject.toml | .venv/bin/python
	@echo "Setting up .venv with the tools of the tests …"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ .venv/runtime
