# The developer's interface: demo, test, check. Everything is installed into this folder.

UV_VERSION := 0.13.9
TOOLS := .tools
UV := $(TOOLS)/uv-$(UV_VERSION)/uv
VENV := .venv
READY := $(VENV)/.ready
BIN := $(VENV)/bin
DOCS := $(TOOLS)/docs

# The demo and the tests run uv as a user's shell would find it.
export PATH := $(CURDIR)/$(dir $(UV)):$(PATH)
# Images of containers like to set it; each of the many Pythons would compile all it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check docs matrix newest soak format generate lock pictures clean

demo: $(READY)
	$(BIN)/python tests/demo.py build/demo

test: $(READY)
	$(BIN)/pytest -n auto --dist worksteal

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/pytest -n logical tests/template/check_rendered.py

# The documents as a site in build/site; a link or an anchor that leads nowhere fails.
docs: $(DOCS)/.ready
	$(DOCS)/bin/zensical build --strict --clean

# Every combination of answers, type-checked: about half an hour, so not part of check.
matrix: $(READY)
	$(BIN)/pytest -n logical tests/template/check_matrix.py

# The newest better-auth of the pinned one's series; VERSION=1.7.24 tries that one.
newest: $(READY)
	$(BIN)/python scripts/try_better_auth.py $(VERSION)

# Two hundred runs killed at random moments: about an hour, so not part of test.
soak: $(READY)
	$(BIN)/pytest tests/check_kills.py

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# All that is made from other files: after a change of better-auth, of a diagnostic, a
# question, a command, or a file of the template.
generate: $(READY)
	$(BIN)/python scripts/write_schema.py
	$(BIN)/python scripts/write_endpoints.py
	$(BIN)/python scripts/write_reference.py

# After a change of dependencies in pyproject.toml or tests/managers.
lock: $(UV)
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --group dev pyproject.toml -o requirements-dev.txt
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --group docs -o requirements-docs.txt
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header tests/managers/requirements.in -o tests/managers/requirements.txt

# What the README shows, after a change of what it shows.
pictures: $(READY)
	$(BIN)/python tests/pictures.py docs/pictures

clean:
	rm -rf build $(VENV) $(TOOLS)

$(READY): requirements-dev.txt pyproject.toml | $(UV)
	$(UV) venv --quiet --clear $(VENV)
	$(UV) pip install --quiet --python $(VENV) --require-hashes -r requirements-dev.txt
	$(UV) pip install --quiet --python $(VENV) --no-deps -e .
	touch $@

$(DOCS)/.ready: requirements-docs.txt | $(UV)
	$(UV) venv --quiet --clear $(DOCS)
	$(UV) pip install --quiet --python $(DOCS) --require-hashes -r requirements-docs.txt
	touch $@

$(UV):
	python3 -m venv $(@D)/venv
	$(@D)/venv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	ln -sf venv/bin/uvx $(@D)/uvx
	ln -sf venv/bin/uv $@
