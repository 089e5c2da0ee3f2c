# The mirror's commands. Each sets up what it needs first and is quick when nothing has changed.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test check format docs bench soak fuzz audit build clean

# Arguments for `make run` and `make bench`; quote what holds spaces: make run ARGS="camera:=video path:='my clip.mp4'"
ARGS ?=
# A selection for `make test`: TESTS=src/mirror_core/test PYTEST_ARGS="-k joiner -x"
TESTS ?=
PYTEST_ARGS ?=

help: ## List the commands
	@echo "The mirror's commands:"
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-14s%s\n", $$1, $$2 }'
	@echo 'Examples: make run ARGS="camera:=video path:=clip.mp4", make test TESTS=src/mirror_core/test'

run: ## Start the mirror (ARGS="camera:=demo effects:=mask", ARGS="mood" for another graph)
	@scripts/setup
	@scripts/run mirror run $(ARGS)

test: ## Check style and types, then run every test (TESTS=path, PYTEST_ARGS="-k word")
	@scripts/setup --dev
	@scripts/test_system_packages
	@scripts/check
	@scripts/test $(PYTEST_ARGS) $(TESTS)

check: ## Check style and types only
	@scripts/setup --dev
	@scripts/check

format: ## Mend style where that needs no thought
	@scripts/setup --dev
	@scripts/run python -m ruff check --fix --quiet
	@scripts/run python -m ruff format --quiet

docs: ## Write the generated parts of the documents anew
	@scripts/setup --dev
	@scripts/reference

bench: ## Measure speed and latency (ARGS for `mirror bench`)
	@scripts/setup
	@scripts/run mirror bench $(ARGS)

soak: ## Run for long and quickly, see whether it grows (ARGS="--frames 20000")
	@scripts/setup
	@scripts/run mirror soak $(ARGS)

fuzz: ## Try many bad inputs on everything that takes some (ARGS="500" inputs for each)
	@scripts/setup --dev
	@scripts/fuzz $(ARGS)

audit: ## Ask the advisory databases about every pinned package (needs a network)
	@scripts/audit

build: ## Set up and build, start nothing
	@scripts/setup
	@echo "Ready: make run, or \`source scripts/environment.sh\` and then \`mirror --help\`."

clean: ## Remove the build and the environment (the next command makes them again)
	rm -rf build install log .venv .audit .pytest_cache .mypy_cache .ruff_cache .hypothesis
