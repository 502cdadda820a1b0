# Every verb of this project; CI runs the very same lines.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test lint bench bench-stories bench-growth bench-collecting bench-polls bench-delivery soak crash install clean

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
	$(BIN)/python tests/groups.py

lint: $(VENV)/.lint  ## style, types and the three floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.test  ## measured numbers, ratios within one run
	$(BIN)/python benchmarks/run.py

bench-stories: $(VENV)/.test  ## reports of one event told as one story, labelled sets
	$(BIN)/python benchmarks/stories.py

bench-growth: $(VENV)/.test  ## what stories cost beside 1,000 to 200,000 items, minutes
	$(BIN)/python benchmarks/growth.py --svg docs/stories-cost.svg

bench-collecting: $(VENV)/.test .venv-reader/.bench  ## beside the reader package, 10 minutes
	$(BIN)/python benchmarks/collecting.py --reader .venv-reader/bin/python

# What we are compared with is no part of us, so it never meets our environment.
.venv-reader/.bench: pyproject.toml
	test -d .venv-reader || $(PYTHON) -m venv .venv-reader
	.venv-reader/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	.venv-reader/bin/python -m pip install --quiet --group bench
	touch $@

bench-polls: $(VENV)/.test  ## 10,000 feeds at ten times the usual rate, 14 minutes
	$(BIN)/python benchmarks/polls.py

bench-delivery: $(VENV)/.test  ## 5,000 due rows, 50,000 of backlog, a dead receiver, 15 minutes
	$(BIN)/python benchmarks/delivery.py

soak: $(VENV)/.test  ## 20 alerts a second for 20 minutes, half of the receivers flaky
	$(BIN)/python benchmarks/soak.py

crash: $(VENV)/.test  ## kill -9 of the real program, 500 times and more; needs strace, half an hour
	$(BIN)/python -m tests.vedette.crash.campaign --stages 4

clean:
	rm -rf $(VENV) .venv-reader .mypy_cache .ruff_cache .pytest_cache
