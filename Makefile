# Lucid. `make` lists what there is to do; each goal is a script in scripts/.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run build install test test-engines bench eval tune soak lint setup

help: ## list these goals
	@echo "Lucid: make GOAL"
	@sed -nE 's/^([a-z-]+):.*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: ## build, fetch the model, and open Lucid; without a display, a demonstration (ASK="..." for one request)
	@scripts/run.sh

build: setup ## build everything
	@scripts/build.sh all

install: build ## copy everything below PREFIX (default /usr/local), beneath DESTDIR if set
	@scripts/install.sh "$(DESTDIR)$(or $(PREFIX),/usr/local)"

test: ## every test: units, services, interface, shell, engine, real model (ONLY="unit ui" for some)
	@scripts/test.sh

test-engines: ## the engine's tests, and every model of the catalogue; writes docs/engines-report.md
	@scripts/test-engines.sh

bench: ## measure, print a table, write target/bench/results.jsonl and docs/benchmarks.md (ONLY="start idle" for some)
	@scripts/bench.sh

eval: ## score the planner on its test sets, write docs/evaluation.md; goes on where it stopped
	@scripts/eval.sh

tune: ## train a model's adapter anew from the planner's bank (MODEL=qwen2.5-coder-1.5b MINUTES=75)
	@scripts/tune.sh

soak: ## hours of faults and random input, write docs/soak.md; goes on where it stopped (MINUTES=60)
	@scripts/soak.sh

lint: ## formatting, clippy, licences, spelling, the interface's lints
	@scripts/lint.sh

setup: ## install what a build needs
	@scripts/setup.sh
