# The project's commands; `make` alone lists them. Works with GNU make 3.81 and newer.

PORT ?= 8000
ARGS ?=
CONTENT ?=
PYTHON ?=
export PORT PYTHON

BIN := .venv/bin
ENVIRONMENT_SH := @sh scripts/environment.sh

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run setup dev dev-setup test check bench coverage mutants campaign screenshots gallery lighthouse openapi models messages

help: ## list these commands
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | \
		while IFS='|' read -r name text; do printf '%-20s %s\n' "$$name" "$$text"; done

run: ## set the site up and serve it; PORT=8000, CONTENT="folder" for another content package
	$(ENVIRONMENT_SH) requirements.txt
	@exec $(BIN)/python manage.py serve --port $(PORT) $(if $(CONTENT),--content $(CONTENT))

setup: ## all that `make run` does, without serving
	$(ENVIRONMENT_SH) requirements.txt
	@exec $(BIN)/python manage.py setup_site $(if $(CONTENT),--content $(CONTENT))

dev-setup:
	$(ENVIRONMENT_SH) requirements.txt requirements-dev.txt

dev: setup ## serve with Django's development server: DEBUG, reloads when code changes
	@DEBUG=1 $(BIN)/python manage.py runserver $(PORT)

test: dev-setup ## run the whole suite, on PostgreSQL too where it is installed; ARGS="-k live"
	@exec $(BIN)/python -m tests.run $(ARGS)

check: dev-setup ## lint code and templates, check types, migrations and production settings
	@exec sh scripts/check.sh

bench: dev-setup ## measure drafts, search, translations and exports, then pages, API and admin beside a bare Django view
	@$(BIN)/python -m benchmarks.overlay
	@$(BIN)/python -m benchmarks.search
	@$(BIN)/python -m benchmarks.translations
	@$(BIN)/python -m benchmarks.exports
	@exec $(BIN)/python -m benchmarks $(ARGS)

coverage: dev-setup ## run the engine's tests; fail where they take less than 95 % of the branches of its core
	@exec $(BIN)/python -m tests.campaigns.branches

mutants: dev-setup ## after `make coverage`: put faults into the core that tests have to notice; ARGS="--sample 60"
	@exec $(BIN)/python -m tests.campaigns.mutants $(ARGS)

campaign: dev-setup ## run the long tests: many more examples, processes and kills, then coverage and mutants
	@CAMPAIGN=1 HYPOTHESIS_PROFILE=campaign $(BIN)/python -m tests.run $(ARGS)
	@$(BIN)/python -m tests.campaigns.branches
	@exec $(BIN)/python -m tests.campaigns.mutants

screenshots: dev-setup ## take docs/images/*.png from a fresh site with the content package
	@exec $(BIN)/python -m tests.screenshots

gallery: dev-setup ## take pictures of every kind of page, to look at: FOLDER=var/screenshots
	@exec $(BIN)/python -m tests.browser.quality.gallery $(FOLDER)

lighthouse: dev-setup node_modules ## measure the first pages that readers see with Lighthouse (needs npm)
	@exec $(BIN)/python -m tests.browser.quality.lighthouse

# The tools of package.json, for `make lighthouse` and for the validators in `make test`, which goes without.
node_modules: package-lock.json
	@npm ci --ignore-scripts --no-audit --no-fund
	@touch node_modules

openapi: dev-setup ## accept the API as it is now described: writes docs/openapi.json and says what differs
	@exec $(BIN)/python -m tests.openapi

models: dev-setup ## write docs/models.md: what each field of the content models is for
	@exec $(BIN)/python -m tests.models

messages: dev-setup ## collect the interface's texts into locale/*/LC_MESSAGES/*.po (needs gettext)
	@command -v xgettext >/dev/null || \
		{ echo "make messages needs GNU gettext (Debian and Ubuntu: apt install gettext; macOS: brew install gettext)."; exit 1; }
	@exec $(BIN)/python manage.py makemessages
