# Commands of the project. `make help` lists them; everything runs inside .venv, which `make install` makes.

PYTHON ?= $(shell .ci/python)
BIN := .venv/bin
FLASK := $(BIN)/flask --app wsgi
TERRITORY ?= kamchatka

.DEFAULT_GOAL := help
.PHONY: help install install-dev browser run serve database demo test lint format pytest fuzz clean

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/installed ## make the environment .venv with what the service needs to run

.venv/installed: requirements.txt .ci/environment
	@.ci/environment "$(PYTHON)"
	@$(BIN)/pip install --quiet --requirement requirements.txt
	@touch $@

install-dev: .venv/installed-dev ## add what tests and linters need

.venv/installed-dev: .venv/installed requirements-dev.txt
	@$(BIN)/pip install --quiet --requirement requirements-dev.txt
	@touch $@

browser: .venv/installed-dev ## find or install Chromium for the browser tests
	@.ci/browser

database: .venv/installed ## make or migrate the database
	@$(FLASK) db upgrade

demo: database ## load the demo region into an empty database and draft its routes
	@$(FLASK) demo --territory $(TERRITORY) --if-empty
	@$(FLASK) recommend --territory $(TERRITORY)

run: .venv/installed ## make everything that is missing, then serve; the address and the demo accounts are printed
	@exec $(FLASK) serve --demo $(TERRITORY)

serve: .venv/installed ## serve what is there
	@exec $(FLASK) serve

test: lint pytest ## install what tests need, then lint, check imports and types, and run all tests

lint: .venv/installed-dev ## ruff, import contracts, types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy

pytest: browser ## the tests alone, on SQLite and PostgreSQL
	@$(BIN)/python -m pytest -n 2 --dist worksteal

fuzz: .venv/installed-dev ## a thousand generated requests to every endpoint, on both databases
	@FUZZ_CASES=1000 $(BIN)/python -m pytest tests/api/test_schemathesis.py -n 2

format: .venv/installed-dev ## put the code into the form that lint asks for
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean: ## remove the environment and all caches; instance/ with the data stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
