# `make help` lists the targets. Everything runs from .venv, which `make setup` makes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: help setup guide tools demo test lint type fmt check kit soak bench clean

help:            ## this list
	@grep -hE '^[a-z]+: .*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

setup: $(STAMP)  ## virtual environment with the tool and what its tests need
$(STAMP): setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

tools: setup     ## programs that build test images and judge ours (Debian, as root; else their tests are skipped)
	@if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then tests/install-tools.sh; fi
	@[ -d $(VENV)/benign-wheels ] || $(BIN)/python -m pip --quiet --disable-pip-version-check --retries 1 download \
		--no-deps --only-binary=:all: --platform win_amd64 --python-version 3.11 -d $(VENV)/benign-wheels \
		pywin32 lxml cryptography || echo "no packages for Windows: the tests that read them are skipped"
	@$(BIN)/python -c 'import sys; sys.path.insert(0, "$(VENV)/timesketch"); import timesketch.lib.utils' 2>/dev/null || { \
		$(BIN)/python -m pip --quiet --disable-pip-version-check --retries 1 install --no-deps \
		--target $(VENV)/timesketch timesketch==20261014 && $(BIN)/python -m pip --quiet --disable-pip-version-check \
		install --target $(VENV)/timesketch pandas flask pyyaml python-dateutil; } \
		|| echo "no Timesketch: the test that it judges is skipped"

demo: setup      ## scan a harmless fake of an infected disk
	@rm -rf demo-case
	@$(BIN)/triage demo --case demo-case --lang vi || [ $$? -eq 1 ]
	@echo && echo "Báo cáo / report: demo-case/report.html"

test: setup tools  ## all tests but the long ones
	$(BIN)/python -m pytest

lint: setup      ## style
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
type: setup      ## types
	$(BIN)/mypy
fmt: setup       ## rewrite in the house style
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .
check: lint type test ## what CI runs

soak: setup tools ## long runs: 200 kills, large cases, 50,000 damaged traces, fuzzers, the bootable stick
	@if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then tests/install-tools.sh mmdebstrap grub-common grub-pc-bin grub-efi-amd64-bin ovmf; fi
	@if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		tests/install-tools.sh binutils gcc-mingw-w64-x86-64 mmdebstrap wine wine64; fi
	$(BIN)/python -m pytest -m soak
kit: setup tools ## the stick for Windows and Linux, in dist/stick (KEY=… signs it); see docs/kit.md
	@if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then tests/install-tools.sh binutils gcc-mingw-w64-x86-64; fi
	@rm -rf dist/stick
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/triage kit build --to dist/stick $(if $(KEY),--key "$(KEY)")
golden: setup    ## write the golden files anew: review the difference
	@TRIAGE_GOLDEN=write $(BIN)/python -m pytest tests/golden tests/assistant/test_photographs.py
guide: setup     ## the technician's two pages, docs/huong-dan.pdf, with the screens that the tests photograph
	$(BIN)/python docs/ky-thuat-vien/make_guide.py
bench: setup tools ## speed as ratios against peers, on a disk built from packages
	@if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then tests/install-tools.sh clamav; fi
	$(BIN)/python -m benchmarks

clean:           ## remove what was made
	rm -rf $(VENV) demo-case build dist *.egg-info
