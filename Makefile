# The two commands are `make demo` and `make test`; each sets up what it needs in .venv.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints-cpu.txt
STORE  ?= demo/store
# Tests and benchmarks that import ONNX Runtime by themselves send no events to its maker either.
export ORT_DISABLE_TELEMETRY = 1

.PHONY: demo test check lint types layers docs bench clean

# A machine whose Python 3.11 is called python3 is fine too.
$(BIN)/python:
	@command -v $(PYTHON) >/dev/null && $(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)

$(VENV)/.demo: pyproject.toml constraints-cpu.txt | $(BIN)/python
	$(PIP) -e '.[serve]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints-cpu.txt | $(BIN)/python
	$(PIP) -e '.[serve,parquet,fast,scale,milvus,cluster,explore,train,dev]'
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo          ## render a catalogue, index, search, evaluate, serve the page
	$(BIN)/lookalike demo $(DEMO_ARGS)

# Two workers of one thread each: on two cores twice as quick as one worker whose libraries start a thread a core.
test: export OMP_NUM_THREADS = 1
test: export OPENBLAS_NUM_THREADS = 1
test: export MKL_NUM_THREADS = 1
test: $(VENV)/.dev           ## the whole test suite
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

layers: $(VENV)/.dev
	$(BIN)/lint-imports

docs: $(VENV)/.dev
	$(BIN)/mkdocs build --strict --quiet --site-dir build/site

check: lint types layers docs test  ## everything that must hold before a commit

bench: $(VENV)/.dev          ## the benchmarks, one after the other; results as JSON under benchmarks/results
	$(BIN)/python -m benchmarks.run

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
