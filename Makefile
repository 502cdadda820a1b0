# Every verb of this project; CI runs the very same lines.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test lint bench bench-stories install clean

run: install  ## watch the news with config.yaml
	$(BIN)/vedette run

install: $(STAMP)

# A fresh Python 3.11.7 brings pip 23.2.1, which knows no dependency groups.
$(STAMP): pyproject.toml constraints.txt
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $(STAMP)

$(VENV)/.test: $(STAMP)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group test
	touch $@

$(VENV)/.lint: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group lint
	touch $@

test: $(VENV)/.test  ## everything that runs without a network
	$(BIN)/python -m pytest

lint: $(VENV)/.lint  ## style, types and the three floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.test  ## measured numbers, ratios within one run
	$(BIN)/python benchmarks/run.py

bench-stories: $(VENV)/.test  ## reports of one event told as one story, labelled sets
	$(BIN)/python benchmarks/stories.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
