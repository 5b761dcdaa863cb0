# Everything a person runs here. Each target first sets up what is missing; that costs nothing once it is done.
.DEFAULT_GOAL := help
.PHONY: help setup ready demo dashboard test lint check bench learning proof fix lock

export EXAMPLE ?= Build a REST API for a todo list with user auth and JWT
# Test processes side by side; 0 runs the suite in one. A file's tests stay together, so they share what they start.
WORKERS ?= 3
PYTEST := .venv/bin/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
TYPED := $(wildcard main.py config.py settings wiring core starter llm memory notifiers observability sandbox workspace code_host engine tools \
	agents graph tasks api cli client mcp_server telegram_bot dashboard scripts benchmarks evals)

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## look at every part of the set-up again
	@scripts/setup.sh --again

ready:
	@scripts/setup.sh

demo: ready ## build the first example with the offline model, and ask for approval (EXAMPLE="..." for another)
	@AUTONOMY_OFFLINE=true ./autonomy build "$$EXAMPLE" || { code=$$?; [ $$code -eq 3 ] || exit $$code; }

dashboard: ready ## build the dashboard, and what is generated for it from the API
	@.venv/bin/python -m scripts.dashboard build

test: ready ## run the whole test suite (WORKERS=3 test processes), and the dashboard's
	@$(PYTEST)
	@.venv/bin/python -m scripts.dashboard test

lint: ready
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy $(TYPED)
	.venv/bin/lint-imports
	.venv/bin/python -m scripts.dashboard check

check: lint test ## format, lint, types, import directions, tests

bench: ready ## measure what the project promises
	@.venv/bin/python -m benchmarks

learning: ready ## measure whether agents learn: four curves over sixty tasks (ARGS="--folder=..." goes on with a run)
	@.venv/bin/python -m benchmarks.learning $(ARGS)

proof: ready ## build every example and every planted fault, and write the tables of docs/proof.md
	@.venv/bin/python -m benchmarks.proof

fix: ready ## format the code and apply safe fixes
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

lock: ready ## make the lock files again (UPGRADE=1 for newer versions)
	@scripts/lock.sh $(if $(UPGRADE),--upgrade)
