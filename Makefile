# Every check is defined here and nowhere else: people, pre-commit hooks and CI call these targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ROOTS := $(BIN)/python -m tools.roots
PACKAGES := components envs gitops kube localkube policies
INNER_LOOP := not slow and not engine and not api and not ready and not node

each-root = roots=$$($(ROOTS)) && for root in $$roots; do $(BIN)/envs $(1) --root $$root || exit; done

.DEFAULT_GOAL := help
.PHONY: help setup preview test test-fast lint render lock kubernetes-index

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "%-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/ready ## .venv with the `envs` command in it

$(VENV)/ready: requirements.lock pyproject.toml
	@echo "installing into $(VENV); a minute or two the first time" >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

preview: setup ## what changes in each environment: offline, then by Pulumi where it is installed
	@$(BIN)/envs preview
	@$(BIN)/python -m tools.preview_stacks

.PHONY: compiled
compiled: setup # as pip does for installed packages: tests start hundreds of processes, and PYTHONDONTWRITEBYTECODE may be set
	@$(BIN)/python -m compileall -q $(PACKAGES)

test: compiled lint ## all that this machine can run
	$(BIN)/pytest --numprocesses 2 --dist loadgroup

test-fast: compiled lint ## the inner loop: what needs neither a cluster nor Pulumi, and is quick
	$(BIN)/pytest --numprocesses 2 -m "$(INNER_LOOP)"

lint: setup ## style, types, import arrows, and that committed output is fresh
	@$(MAKE) --no-print-directory --jobs 2 lint-types lint-rest

.PHONY: lint-types lint-rest
lint-types: # beside the rest: in a fresh clone it takes as long, and one processor
	$(BIN)/mypy

lint-rest:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@report=$$($(BIN)/lint-imports --no-logo) || { echo "$$report"; false; }
	$(call each-root,render --check)
	$(call each-root,check)
	$(BIN)/envs schema --check
	$(BIN)/python -m policies.page | diff - docs/policies.md

render: setup ## write rendered/ and environments/schema.json
	$(call each-root,render)
	$(BIN)/envs schema
	$(BIN)/python -m policies.page > docs/policies.md

.PHONY: fmt pre-commit
fmt: setup ## format the Python files and fix what ruff can fix
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .

pre-commit: fmt ## what .pre-commit-config.yaml runs before each commit, in seconds
	$(BIN)/envs render --check
	$(BIN)/envs schema --check

lock: ## renew requirements.lock and the image's gitops/requirements.lock from pyproject.toml
	$(BIN)/uv pip compile --universal --generate-hashes --quiet --custom-compile-command "make lock" \
	  --group dev pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --universal --generate-hashes --quiet --custom-compile-command "make lock" \
	  --constraint requirements.lock --group pyproject.toml:job --output-file gitops/requirements.lock

kubernetes-index: setup ## renew kube/schema/data from the API definitions of Kubernetes; needs go
	@$(BIN)/python -m tools.kubernetes_index

# --- a real Kubernetes for tests and the demo (docs/local-cluster.md) ---
.PHONY: cluster cluster-down
cluster: setup ## start a cluster unless it runs, and print the path of its KUBECONFIG
	@$(BIN)/python -m localkube up

cluster-down: setup ## remove what `make cluster` started
	@$(BIN)/python -m localkube down

# --- the real Pulumi engine (docs/pulumi.md) ---
export PATH := $(CURDIR)/.tools/pulumi:$(PATH)
.PHONY: pulumi
pulumi: ## install the pinned official release of Pulumi into .tools/
	@$(PYTHON) -m tools.install_pulumi

# --- how long things take and what memory they need ---
.PHONY: bench
bench: setup ## time and memory of each row beside other programs, printed; ROWS="shop yaml" chooses
	@$(BIN)/python -m bench $(ROWS)
