# `make run` and `make test` are the two commands; each sets up all that it needs.
PYTHON ?= python3
PIP = .venv/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes --no-deps
FRONTEND = $(shell find src/qafila/web/frontend src/qafila/runtime/language/locales -type f -not -path '*/node_modules/*' -not -path '*/__pycache__/*' 2>/dev/null)

.PHONY: run test check docs coverage sbom bench lock clean

run: .venv/.run
	.venv/bin/qafila demo

test: .venv/.dev
	.venv/bin/python -m pytest -n 2

check: .venv/.dev
	.venv/bin/ruff check . && .venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/hadolint Containerfile
	.venv/bin/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	$(MAKE) --no-print-directory docs

docs: .venv/.dev
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --quiet

coverage: .venv/.dev
	.venv/bin/python -m pytest -n 2 --cov=qafila --cov-report=term:skip-covered

sbom: .venv/.dev
	mkdir -p build
	.venv/bin/cyclonedx-py requirements requirements/run.txt --output-reproducible -o build/sbom.json
	.venv/bin/pip-licenses --from=mixed --format=markdown --output-file=build/licences.md

bench: .venv/.dev
	.venv/bin/python -m benchmarks

.venv/.python:
	$(PYTHON) -m venv .venv
	touch $@

.venv/.run: requirements/run.txt requirements/build.txt pyproject.toml hatch_build.py $(FRONTEND) | .venv/.python
	@echo "qafila: installing what it needs (about a minute the first time)"
	$(PIP) -r requirements/run.txt -r requirements/build.txt
	.venv/bin/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	touch $@

.venv/.dev: requirements/dev.txt .venv/.run
	$(PIP) -r requirements/dev.txt
	touch $@

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q requirements/run.in -o requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q requirements/build.in -o requirements/build.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q requirements/dev.in -o requirements/dev.txt

clean:
	rm -rf .venv build dist src/qafila/web/static/built src/qafila/web/frontend/node_modules
