# The verbs of this workspace; `make help` lists them. CI calls the same ones.

PORT ?= 8000
VENV ?= .venv
BIN := $(VENV)/bin
# The long modules come first (tests/conftest.py), so that no worker is left with one at the end.
PYTEST := $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
PACKAGES := server ui $(wildcard plugins/*)
PROJECTS := $(addsuffix /pyproject.toml,$(PACKAGES))

# Every process of a test would compile the whole server anew, which takes longer than what it does.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo serve unit test test-long check fix schema docs bench growth attack chaos gallery clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

setup: $(VENV)/.installed ## Install Bilan and its plugins below .venv (once; the other verbs do it too)

demo: $(VENV)/.installed ## Serve a workspace full of sample data: make demo PORT=8000
	$(BIN)/bilan demo --port $(PORT)

serve: $(VENV)/.installed ## Serve what is kept below data/: make serve PORT=8000
	$(BIN)/bilan serve --port $(PORT)

unit: $(VENV)/.installed-dev ## Run the tests that need no service, engine, process or browser
	$(PYTEST) -m "not integration" $(ARGS)

test: $(VENV)/.installed-dev ## Run all tests
	$(PYTEST) $(ARGS)

test-long: $(VENV)/.installed-dev ## Run the long form of the property and chaos tests
	BILAN_TEST_LONG=1 $(PYTEST) -m "hypothesis or chaos" $(ARGS)

fix: $(VENV)/.installed-dev ## Format, and repair what the linter can
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

check: $(VENV)/.installed-dev ## Format, lint, types, layers, dependencies
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/pyright --threads
	$(BIN)/lint-imports
	$(BIN)/python -m pip check

schema: $(VENV)/.installed ## Write schema.graphql anew, to be reviewed with the change behind it
	$(BIN)/python -m bilan.graphql.snapshot

docs: $(VENV)/.installed-dev ## Build the documentation below site/
	$(BIN)/mkdocs build --strict

bench: $(VENV)/.installed-dev ## Measure speed beside DuckDB and others: make bench EVENTS=1000000 ONLY="Q1 S1"
	$(BIN)/python -m benchmarks $(if $(EVENTS),--events $(EVENTS)) $(if $(ONLY),--only $(ONLY)) $(ARGS)

growth: $(VENV)/.installed-dev ## Measure how cost grows with events and clients
	$(BIN)/python -m benchmarks.growth $(ARGS)

attack: $(VENV)/.installed-dev ## Attack a real server, and say what others see: make attack ONLY="1 5"
	$(BIN)/python -m benchmarks.attacks $(if $(ONLY),--only $(ONLY)) $(ARGS)

chaos: $(VENV)/.installed-dev ## Kill processes while schedules send, and count: make chaos DELIVERIES=10000
	$(BIN)/python -m benchmarks.chaos $(if $(DELIVERIES),--deliveries $(DELIVERIES)) $(ARGS)

gallery: $(VENV)/.installed-dev ## Take the pictures of docs/gallery anew from the sample data
	$(BIN)/python scripts/gallery.py

clean: ## Remove what the other verbs made (data/ stays)
	rm -rf $(VENV) site htmlcov .coverage .coverage.* .pytest_cache .ruff_cache .hypothesis .import_linter_cache .bench

$(BIN)/python:
	@scripts/venv $(VENV)

$(VENV)/.installed: constraints.txt $(PROJECTS) | $(BIN)/python
	@echo "Installing Bilan (about a minute) …"
	@$(PIP) install -c constraints.txt $(addprefix -e ,$(PACKAGES))
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing what the tests and checks need …"
	@$(PIP) install -c constraints.txt -r requirements-dev.txt
	@touch $@
