# Everything that needs only Go and a C compiler: build, demo, test, lint, fuzz. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# Pinned here and not in go.mod: the product does not depend on it.
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Packages whose goroutines meet; the race detector costs the others time and finds nothing there.
# Those of integration run the built binary: only their broker would be slower.
RACED := /(processors|views|kafka)(/|$$)

FUZZTIME  ?= 20s
ROUNDS    ?= 60
RUNS      ?= 1000
BENCH     ?= all
TABLES    ?= 10,100,200
MICRO     ?= .
BENCHTIME ?= 1s

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

.PHONY: build
build: ## bin/tidemark
	$(GO) build -ldflags "-X main.version=$(VERSION)" -o bin/tidemark ./cmd/tidemark

.PHONY: demo
demo: build ## a running system with a broker of its own and made-up events
	bin/tidemark demo

.PHONY: test
test: vet fmt ## vet, gofmt, and all tests that need no other servers
	$(GO) test -timeout 20m $$($(GO) list ./... | grep -vE '$(RACED)')
	GOGC=400 $(GO) test -race -timeout 20m $$($(GO) list ./... | grep -E '$(RACED)')

.PHONY: model
model: ## RUNS (1,000) random histories each for processors and for views, compared with an oracle
	TIDEMARK_MODEL_RUNS=$(RUNS) $(GO) test -timeout 6h -count=1 -parallel 8 -run 'TestHistoryModel' ./processors ./views

.PHONY: damage
damage: ## break 2,000 of the files that a process keeps, at every 4 KiB, and compare all rows with the fold
	TIDEMARK_DAMAGES=$${TIDEMARK_DAMAGES:-2000} $(GO) test -timeout 3h -count=1 -v ./integration/damage

.PHONY: test-real
test-real: stack ## the integration suite against a real Kafka, Debezium, PostgreSQL and MariaDB
	TIDEMARK_REAL=1 TIDEMARK_TORTURE_ROUNDS=$${TIDEMARK_TORTURE_ROUNDS:-2} TIDEMARK_TORTURE_SEED=$${TIDEMARK_TORTURE_SEED:-7000} $(GO) run ./integration/stack/cmd/stack -- \
	  $(GO) test -count=1 -p 1 -timeout 30m ./integration/... ./docker/...

.PHONY: torture
torture: stack ## ROUNDS (60) of random load and faults on a real Kafka, each answer compared with the fold at its position
	TIDEMARK_REAL=1 TIDEMARK_TORTURE_ROUNDS=$(ROUNDS) $(GO) test -count=1 -v -timeout 3h ./integration/torture

.PHONY: stack
stack: ## fetch what the real servers need, once
	integration/stack/install.sh

.PHONY: servers
servers: stack ## run a real Kafka, Debezium, PostgreSQL and MariaDB until interrupted
	$(GO) run ./integration/stack/cmd/stack -postgres -mariadb -connect

.PHONY: capture
capture: stack ## make the conformance suite's captured scenarios again from real servers
	$(GO) run ./integration/stack/cmd/capture -out integration/conformance/scenarios

.PHONY: vet
vet:
	$(GO) vet ./...

.PHONY: fmt
fmt:
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then printf 'not in gofmt form:\n%s\n' "$$unformatted"; exit 1; fi

.PHONY: lint
lint: vet ## go vet and staticcheck
	$(GO) run $(STATICCHECK) ./...

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (20s)
	grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | while IFS=: read -r file target; do \
	  echo "$$file: $${target#func }"; \
	  $(GO) test -run '^$$' -fuzz "^$${target#func }\$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")" </dev/null; \
	done

.PHONY: bench
bench: stack ## the figures of docs/benchmarks.md on this machine; BENCH=store for one (all)
	$(GO) run ./integration/bench -tables $(TABLES) $(BENCH)

.PHONY: microbench
microbench: ## Go's benchmarks of single parts, those matching MICRO (.)
	$(GO) test -run '^$$' -bench '$(MICRO)' -benchtime $(BENCHTIME) -benchmem ./...

.PHONY: docker-check
docker-check: ## whether docker/ is valid, without an engine
	$$(command -v docker-compose || echo docker compose) -f docker/compose.yaml config -q
	$(GO) test -count=1 ./docker/...
