# Every target does all its own set-up: Python 3.11 or newer and make are enough.
PYTHON ?= python3
PORT ?= 8080
BIN := .venv/bin
LOCALE := functions/prequal/locale
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard $(LOCALE)/*/LC_MESSAGES/prequal.po))
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run test coverage nightly lint page bench package deploy lock messages reference clean

# With STORE=firestore on Firestore's emulator, which is what a project named demo-… stands for.
run: .venv/run $(CATALOGUES)  ## the whole product on this machine
	@exec env $(if $(STORE),PREQUAL_STORE=$(STORE:firestore=firestore:demo-prequal)) $(BIN)/prequal dev --port $(PORT)

# On all cores. The slow files come first by their names, so that the workers end together.
test: .venv/dev $(CATALOGUES)  ## every test, in a browser and a spreadsheet too
	PYTHONPATH=tests $(BIN)/python -m support.tools
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

# Apart, because it takes as long again.
coverage: .venv/dev $(CATALOGUES)  ## every test, and which lines and branches they reach
	$(MAKE) test ARGS="--cov --cov-report=term $(ARGS)"

nightly: .venv/dev $(CATALOGUES)  ## random seeds and many more rounds, for a night
	PREQUAL_TEST_SEARCH=1 $(BIN)/python -m pytest -n auto tests/unit tests/faults $(ARGS)

lint: .venv/dev $(CATALOGUES)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/lint/translations.py
	$(BIN)/python tests/lint/locks.py
	$(BIN)/python tests/lint/settings_reference.py

page: .venv/dev $(CATALOGUES)  ## what needs node and Java: the W3C's checker and Lighthouse
	PYTHONPATH=tests $(BIN)/python -m support.tools
	PYTHONPATH=tests $(BIN)/python -m page_tools

bench: .venv/dev $(CATALOGUES)  ## figures and ratios, one table
	PYTHONPATH=tests $(BIN)/python -m support.tools
	PYTHONPATH=tests $(BIN)/python -m bench

package: .venv/run $(CATALOGUES)  ## build/site and build/function.zip
	$(BIN)/prequal package

# The settings may be in a file, so that they are the same next time.
deploy: .venv/run $(CATALOGUES)  ## all of it to Google Cloud, once nothing is missing for that
	@set -a; if [ -f infra/settings.env ]; then . ./infra/settings.env; fi; exec $(BIN)/prequal deploy $(ARGS)

# pip needs the package's own description too, hence pyproject.toml.
.venv/run: requirements/run.txt pyproject.toml hatch_build.py | .venv
	@echo "Installing prequal and the packages it needs in .venv: a minute or two, the first time only."
	$(PIP) install --require-hashes -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation --no-index -e .
	@touch $@

.venv/dev: requirements/dev.txt .venv/run
	$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "prequal needs Python 3.11 or newer: make PYTHON=python3.12")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "This Python can't make virtual environments: on Debian or Ubuntu, apt-get install python3-venv."; exit 1; }
	$(PYTHON) -m venv .venv

%.mo: %.po .venv/run
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

messages: .venv/dev  ## take new texts into the catalogues
	$(BIN)/python tests/lint/translations.py --update

reference: .venv/dev  ## write the README's table of settings
	$(BIN)/python tests/lint/settings_reference.py --update

lock: .venv/dev  ## resolve anew: three lock files, for every platform
	$(BIN)/python tests/lint/locks.py --update

clean:
	rm -rf .venv build .prequal
