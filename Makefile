# Every target sets up what it needs: Python 3.11 or newer and make are enough.
PYTHON ?= python3
PORT ?= 8080
BIN := .venv/bin
LOCALE := functions/prequal/locale
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard $(LOCALE)/*/LC_MESSAGES/prequal.po))
NODE_PACKAGES := tests/page_tools/node_modules/.package-lock.json
# The pages, and what their reference is written from.
DOCUMENTED := ARCHITECTURE.md Makefile $(shell find docs functions/prequal infra schema -type f -not -name '*.pyc' -not -name '*.mo')
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run test coverage nightly lint docs page font pictures image bench package deploy lock messages clean

# STORE=firestore runs on Google's Firestore emulator, which any project named demo-… selects.
run: .venv/run $(CATALOGUES)  ## page, function and inbox on this machine
	@exec env $(if $(STORE),PREQUAL_STORE=$(STORE:firestore=firestore:demo-prequal)) $(BIN)/prequal dev --port $(PORT)

# On all cores, one file per worker at a time. The slow files come first in alphabetical order.
test: .venv/dev $(CATALOGUES) build/docs/index.html  ## every test, those in a browser and a spreadsheet included
	PYTHONPATH=tests $(BIN)/python -m support.tools
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

# A target of its own, as coverage doubles the time.
coverage: .venv/dev $(CATALOGUES)  ## every test, with the coverage of lines and branches
	$(MAKE) test ARGS="--cov --cov-report=term $(ARGS)"

nightly: .venv/dev $(CATALOGUES)  ## random seeds and many more rounds
	PREQUAL_TEST_SEARCH=1 $(BIN)/python -m pytest -n auto tests/unit tests/faults $(ARGS)

lint: .venv/dev $(CATALOGUES)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/lint/prose.py
	$(BIN)/python tests/lint/translations.py
	$(BIN)/python tests/lint/locks.py

docs: build/docs/index.html  ## the documentation, as a site in build/docs

build/docs/index.html: .venv/docs $(CATALOGUES) $(DOCUMENTED)
	rm -rf build/docs
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --nitpicky --fresh-env --quiet -d build/doctrees docs build/docs

page: .venv/dev $(CATALOGUES) $(NODE_PACKAGES)  ## the W3C's checker and Lighthouse, which need node and Java, and a walk in three browser engines
	PYTHONPATH=tests $(BIN)/python -m support.tools
	PYTHONPATH=tests $(BIN)/python -m page_tools

image: .venv/dev $(CATALOGUES)  ## the image, built and run without a registry; as root, with buildah, runc and mmdebstrap
	PYTHONPATH=tests $(BIN)/python -m image $(ARGS)

bench: .venv/dev $(CATALOGUES)  ## benchmarks, as one table; some of them with ARGS="starting throughput"
	PYTHONPATH=tests $(BIN)/python -m support.tools
	PYTHONPATH=tests $(BIN)/python -m bench $(ARGS)

package: .venv/run $(CATALOGUES)  ## build/site, build/function and build/function.zip
	$(BIN)/prequal package

# Settings in infra/settings.env replace those of the environment.
deploy: .venv/run $(CATALOGUES)  ## deploy to Google Cloud; first, list what is missing
	@$(if $(wildcard infra/settings.env),PREQUAL_SETTINGS=infra/settings.env) $(BIN)/prequal deploy $(ARGS)

# The package itself is installed too, hence pyproject.toml and the build step.
.venv/run: requirements/run.txt pyproject.toml hatch_build.py | .venv
	@echo "Installing prequal and the packages it needs in .venv: a minute or two, the first time only."
	$(PIP) install --no-compile --require-hashes -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation --no-index -e .
	@touch $@

.venv/docs: requirements/docs.txt .venv/run
	$(PIP) install --no-compile --require-hashes -r requirements/docs.txt
	@touch $@

.venv/dev: requirements/dev.txt .venv/docs
	$(PIP) install --no-compile --require-hashes -r requirements/dev.txt
	@touch $@

# Without node, the checks name it among all that is missing.
$(NODE_PACKAGES): tests/page_tools/package-lock.json
	! command -v npm >/dev/null || npm ci --prefix $(<D) --no-fund --no-audit --loglevel=error

.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "prequal needs Python 3.11 or newer: make PYTHON=python3.12")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "This Python can't make virtual environments: on Debian or Ubuntu, apt-get install python3-venv."; exit 1; }
	$(PYTHON) -m venv .venv

%.mo: %.po .venv/run
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

font: .venv/dev  ## cut the fonts of the headlines from their original, which npm has
	PYTHONPATH=tests $(BIN)/python tests/page_tools/headline_font.py

pictures: .venv/dev $(CATALOGUES)  ## take the pictures of the gallery and the tutorial anew, in Chromium
	PYTHONPATH=tests $(BIN)/python tests/page_tools/pictures.py
	PYTHONPATH=tests $(BIN)/python tests/page_tools/tutorial_pictures.py

messages: .venv/dev  ## add new texts to the catalogues
	$(BIN)/python tests/lint/translations.py --update

lock: .venv/dev  ## resolve the lock files, for every platform
	$(BIN)/python tests/lint/locks.py --update

clean:
	rm -rf .venv build .prequal
