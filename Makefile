# Everything runs in .venv, which the targets make and keep up to date by themselves. `make help` lists them.

# The first of these that is Python 3.11 or later and can make environments. PYTHON=/path/to/python chooses another,
# after `make clean` if there is an environment already.
PYTHON ?= python3.14 python3.13 python3.12 python3.11 python3
PORT ?=
ARGS ?=
UPGRADE ?=

VENV := .venv
BENCH := bench/.venv
RIVALS := bench/readers/.venv
PAGES ?= $(firstword $(wildcard ../shared/pages) samples)
HARD ?= $(wildcard ../shared/hard_images)
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help serve test test-service lint format lock examples bench bench-stress bench-networks bench-kills bench-swaps \
	bench-training-load clean

help:
	@echo 'make serve    the server on http://127.0.0.1:8000 (PORT=9000 for another port)'
	@echo 'make test     all tests but those of make test-service (ARGS="-k store -x" goes to pytest)'
	@echo 'make test-service   the tests that start the service and its workers, teach them and kill them'
	@echo 'make lint     ruff, mypy and hadolint'
	@echo 'make format   let ruff lay out the code'
	@echo 'make lock     resolve requirements/*.txt anew after a change of pyproject.toml (UPGRADE=1: newest of everything)'
	@echo 'make examples make the answers anew that the documentation of the API shows'
	@echo 'make bench    Inkrow beside its rivals on whole pages (PAGES=DIR, ARGS="--only speed"; installs RapidOCR apart)'
	@echo 'make bench-stress everybody on pages with more and more blur, slant and so on (ARGS="--only inkrow")'
	@echo 'make bench-networks   our networks beside PyTorch and ONNX Runtime (installs these in an environment of their own)'
	@echo 'make bench-kills      a hundred kills of server and worker: is anything lost? (ARGS="--kills 20 --seed 2")'
	@echo 'make bench-swaps      64 clients while the model is exchanged 20 times: is every answer whole?'
	@echo 'make bench-training-load   how long a reading takes while a training runs'
	@echo 'make clean    remove the environment and all caches'

serve: $(VENV)/serve.stamp
	@exec $(BIN)/inkrow serve $(if $(PORT),--port $(PORT))

# What is compiled is kept also where Python is told not to, as containers often do: otherwise each process that runs
# tests compiles all of them, and each program that they start all of the application.
test: $(VENV)/dev.stamp
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses auto --dist worksteal -m 'not service' $(ARGS)

test-service: $(VENV)/dev.stamp
	@$(BIN)/python -m pytest -m service $(ARGS)

lint: $(VENV)/dev.stamp
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/hadolint Dockerfile

format: $(VENV)/dev.stamp
	@$(BIN)/ruff check --select I --fix --quiet
	@$(BIN)/ruff format

# One solution on every Python ("fewest"), so that a figure measured on one holds on all. serve.txt is cut out of
# dev.txt by using it as a constraint.
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --no-config --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command 'make lock'
lock: $(VENV)/dev.stamp
	@$(COMPILE) --group dev $(if $(UPGRADE),--upgrade) --output-file requirements/dev.txt
	@$(COMPILE) --group build --constraint requirements/dev.txt --upgrade --output-file requirements/serve.txt

# Asks the service for everything that its documentation shows.
examples: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.api.real_answers

bench: $(VENV)/serve.stamp $(RIVALS)/stamp
	@$(BIN)/python -m bench --pages $(PAGES) $(if $(HARD),--hard $(HARD)) $(ARGS)

bench-stress: $(VENV)/serve.stamp $(RIVALS)/stamp
	@$(BIN)/python -m bench.stress $(ARGS)

bench-networks: $(BENCH)/stamp
	@PYTHONPATH=. $(BENCH)/bin/python bench/networks.py $(ARGS)

# These three ask the service itself, so no rival is installed.
bench-kills: $(VENV)/serve.stamp
	@$(BIN)/python -m bench.kills $(ARGS)

bench-swaps: $(VENV)/serve.stamp
	@$(BIN)/python -m bench.swaps $(ARGS)

bench-training-load: $(VENV)/serve.stamp
	@$(BIN)/python -m bench.training_load $(ARGS)

clean:
	rm -rf $(VENV) $(BENCH) $(RIVALS) build dist .pytest_cache .mypy_cache .ruff_cache
	find app tests -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is touched last, so an interrupted install is simply done again. What the tests need includes all that the
# server needs, in equal versions, hence both stamps.
$(VENV)/serve.stamp: requirements/serve.txt pyproject.toml $(VENV)/made-for
	@echo 'Installing what the server needs ...'
	@$(PIP) install --require-hashes -r requirements/serve.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt pyproject.toml $(VENV)/made-for
	@echo 'Installing what the server, the tests and the checks need ...'
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $(VENV)/serve.stamp $@

$(RIVALS)/stamp: bench/readers/requirements.txt requirements/serve.txt $(VENV)/made-for
	@echo 'Installing what Inkrow is measured against ...'
	@$(BIN)/python -m venv --clear $(RIVALS)
	@$(RIVALS)/bin/python -m pip --disable-pip-version-check --quiet install \
	  -r requirements/serve.txt --require-hashes
	@$(RIVALS)/bin/python -m pip --disable-pip-version-check --quiet install --no-deps -r bench/readers/requirements.txt
	@touch $@

# PyTorch's wheels for the CPU are ten times smaller: PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu
$(BENCH)/stamp: bench/requirements.txt requirements/serve.txt $(VENV)/made-for
	@echo 'Installing what Inkrow is measured against ...'
	@$(BIN)/python -m venv --clear $(BENCH)
	@$(BENCH)/bin/python -m pip --disable-pip-version-check --quiet install \
	  -r requirements/serve.txt --require-hashes
	@$(BENCH)/bin/python -m pip --disable-pip-version-check --quiet install -r bench/requirements.txt
	@touch $@

# An environment works only where it was made and while its Python is there; otherwise it is made again.
MADE_FOR := $(shell test -x $(BIN)/python && cat $(VENV)/made-for 2>/dev/null)
ifneq ($(MADE_FOR),$(CURDIR))
.PHONY: $(VENV)/made-for
endif

$(VENV)/made-for:
	@found=; seen=; \
	for python in $(PYTHON); do \
	  if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    found=$$python; break; \
	  fi; \
	  version=$$("$$python" --version 2>/dev/null) && seen="$$seen $$python ($$version)"; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "Inkrow needs Python 3.11 or later with its venv module. Found:$${seen:- none}." >&2; \
	  echo 'Debian, Ubuntu: apt install python3 python3-venv. Elsewhere: PYTHON=/path/to/python names one.' >&2; \
	  exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$found" --version) ..."; \
	"$$found" -m venv --clear $(VENV)
	@printf '%s\n' '$(CURDIR)' > $@
