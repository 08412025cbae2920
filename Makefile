# make run: the bot on its embedded default.  make test: all tests.  make check: style and types.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help install install-dev install-bench run test check messages bench clean

help:
	@echo "make run      start the bot (web chat on http://127.0.0.1:8080)"
	@echo "make test     run all tests"
	@echo "make check    ruff, mypy, import-linter, wording complete"
	@echo "make bench    how fast it is beside bare echo bots (15 minutes; BENCH=--quick for 2)"
	@echo "make messages collect new texts into locales/vi"
	@echo "make install  only make .venv"

install: .venv/.installed
install-dev: .venv/.installed-dev
install-bench: install-dev .venv/bench/.installed

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.installed: requirements.lock | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/.installed-dev: requirements-dev.lock .venv/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# aiogram, to compare with, wants other versions than ours.
.venv/bench/.installed: requirements-bench.lock | .venv/bin/python
	$(BIN)/python -m venv .venv/bench
	.venv/bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $@

run: install
	$(BIN)/python -m bot

test: install-dev
	$(BIN)/python -m pytest

check: install-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m bot check --content-only

bench: install-bench
	@$(BIN)/python -m tests.bench $(BENCH)

messages: install-dev
	$(BIN)/pybabel -q extract -F babel.cfg -k _ -k n_:1,2 --omit-header --no-location -o .venv/messages.pot .
	$(BIN)/pybabel -q update -i .venv/messages.pot -d locales -l vi --no-wrap --ignore-obsolete --no-fuzzy-matching

clean:
	rm -rf .venv var .mypy_cache .ruff_cache .hypothesis
