# Everything starts here. Each target sets up what it needs the first time; `make help` lists them.
SHELL := /bin/sh
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help setup up down reset status demo demo-full test test-unit test-contract test-integration test-e2e test-slow test-full check format constraints docs clean

help: ## this list
	@awk -F':.*## ' '/^[a-z0-9 -]+:.*## / {split($$1, n, " "); printf "  make %-16s %s\n", n[1] (n[2] ? ", …" : ""), $$2}' $(MAKEFILE_LIST)

setup: ## install the pinned packages and this project into .venv (seconds, two minutes the first time)
	@tools/setup

up: setup ## start the embedded stack and print its addresses and accounts
	@$(BIN)/songcau up

down: setup ## stop the stacks, keep their data
	@$(BIN)/songcau down
	@[ ! -d .songcau-full ] || $(BIN)/songcau down --state .songcau-full

reset: setup ## stop the stack and forget its data
	@$(BIN)/songcau reset

status: setup ## what runs, where, and how it feels
	@$(BIN)/songcau status

demo: setup ## the main job from sign-in to signed result, over HTTP (half a minute)
	@$(BIN)/songcau demo

test: setup ## unit, contract, integration and e2e tests, without the slow ones (about twelve minutes on two cores)
	@tools/softhsm
	@echo "▸ unit, contract and integration tests (about eight minutes on two cores)"
	@$(BIN)/pytest -q -rs -n 2 --dist loadfile tests/unit tests/contract tests/integration
	@echo "▸ end-to-end stories on a stack of their own (about three minutes)"
	@$(BIN)/pytest -q -rs -m "not slow" tests/e2e

test-slow: setup ## the end-to-end stories with crashes, key rotation, restored backups and a forged log (about five minutes)
	@$(BIN)/pytest -q -rs -m slow tests/e2e

test-unit test-contract test-integration test-e2e: setup ## one level of tests: test-unit, test-contract, test-integration, test-e2e
	@$(BIN)/pytest -q -rs tests/$(@:test-%=%)

demo-full: setup ## the main job on a real Kafka and a real Keycloak, in a stack of its own (two minutes; Java and Maven, or Docker)
	@$(BIN)/songcau up --full --state .songcau-full --port-offset 1000
	@$(BIN)/songcau demo --state .songcau-full

test-full: setup ## every end-to-end story and the bus suites on a real Kafka and Keycloak (25 minutes; Java and Maven, or Docker)
	@tools/test_full

check: setup ## format, lint, types, import rules, contracts, generated docs, advisories, secrets (a minute or two)
	@tools/check

format: setup ## mend format and imports
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet . ; $(BIN)/buf format -w

docs: setup ## generate errors, events, settings, lifecycle pictures and the OpenAPI document from the code
	@$(BIN)/python tools/generate_docs.py
	@$(BIN)/python -m songcau_gateway openapi > docs/openapi.json

constraints: setup ## resolve all dependencies anew into constraints.txt
	@tools/constraints --upgrade

clean: ## stop the stacks and remove everything that was made here
	@for state in .songcau .songcau-full .songcau-images; do \
	  if [ -x $(BIN)/songcau ] && [ -e $$state/stack.json ]; then $(BIN)/songcau reset --yes --state $$state || exit 1; fi; done
	@rm -rf .venv .songcau .songcau-full .songcau-images proto/gen

.PHONY: bench bench-audit bench-bus bench-identity profile
bench: setup ## measure gateway and services against bare limits; writes docs/performance.md
	@PYTHONPATH=tests $(BIN)/python -m load http

profile: setup ## sample gateway and service while the rounds of bench run (five minutes); writes docs/performance.md
	@PYTHONPATH=tests $(BIN)/python -m load profile

bench-bus: setup ## measure the event bus on a real Kafka (Java and Maven); writes docs/performance.md
	@PYTHONPATH=tests $(BIN)/python -m load bus

bench-audit: setup ## measure what the audit costs a request, and how fast the log grows; writes docs/performance.md
	@PYTHONPATH=tests $(BIN)/python -m load audit

bench-identity: setup ## load invented people sealed, then find some (PEOPLE=1800000: a whole province); writes docs/performance.md
	@PYTHONPATH=tests $(BIN)/python -m load identity --people $(or $(PEOPLE),200000)

.PHONY: images images-again demo-images k8s-check k8s-up k8s-demo k8s-test k8s-ci k8s-down
images: setup ## build every image with its bill of materials, then see how they start and end (five to seven minutes)
	@tools/engine
	@$(BIN)/python -W ignore tools/images.py
	@$(BIN)/pytest -q -s -m "not slow" tests/images

images-again: setup ## build every image a second time without a cache and compare the layers (`make images` does it for one)
	@tools/engine
	@$(BIN)/pytest -q -s -k built_alike_again tests/images

demo-images: setup ## the main job on the built images, run as in production, each restarted once (root; two minutes)
	@tools/engine
	@$(BIN)/python -W ignore tools/images_demo.py

k8s-check: setup ## build every overlay; schemas, Checkov, own policies (a minute)
	@$(BIN)/python tools/k8s_check.py

k8s-up: setup ## the development overlay on the cluster of KUBECONFIG, else on a node of this machine; images built and loaded
	@tools/engine
	@$(BIN)/python tools/k8s.py up

k8s-demo: setup ## the demo story inside that cluster, through the gateway's Service
	@$(BIN)/python tools/k8s.py demo

k8s-test: setup ## up, the story, restarts and lost pods under load, upgrade and back, then everything removed
	@$(BIN)/python tools/k8s.py test

k8s-ci: setup ## k8s-test where a cluster is at hand or root, Go and the node tool are; says so where it skips
	@$(BIN)/python tools/k8s.py test --skip-where-impossible

k8s-down: setup ## remove what k8s-up made
	@$(BIN)/python tools/k8s.py down
