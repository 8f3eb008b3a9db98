# Every check is defined here and nowhere else: people, pre-commit hooks and CI call these targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup lock
setup: $(VENV)/ready ## .venv with the `envs` command in it

$(VENV)/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	touch $@

lock: ## renew requirements.lock and the image's gitops/requirements.lock from pyproject.toml
	$(BIN)/uv pip compile --universal --generate-hashes --quiet --custom-compile-command "make lock" \
	  --group dev pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --universal --generate-hashes --quiet --custom-compile-command "make lock" \
	  --constraint requirements.lock --group pyproject.toml:job --output-file gitops/requirements.lock
