# Everything here needs nothing but Go and make. `make help` lists the targets.

GO       ?= go
BIN      := $(CURDIR)/bin
LINT     := $(BIN)/golangci-lint
LINTVER  := v2.15.0

FUZZTIME ?= 30s
CHECKS   ?= 20000
SEEDS    ?= 100000
SEED     ?= 1

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

.PHONY: run
run: ## serve a small supervised service and show it live (Ctrl-C stops it)
	@$(GO) run ./adapters/goroutine/cmd/demo

.PHONY: test
test: vet lint race test-386 ## everything CI checks

.PHONY: vet
vet:
	@test -z "$$(gofmt -l .)" || { echo "gofmt would change:"; gofmt -l .; exit 1; }
	$(GO) vet ./...

.PHONY: lint
lint: $(LINT)
	$(LINT) run ./...

.PHONY: race
race:
	$(GO) test -race -shuffle=on ./...

.PHONY: test-386
test-386:
	GOARCH=386 $(GO) test ./core/... ./sim/...

.PHONY: properties
properties: ## run the properties with CHECKS cases each
	RAPID_CHECKS=$(CHECKS) $(GO) test ./proptest/...

.PHONY: campaign
campaign: ## simulate SEEDS seeds from SEED on
	$(GO) run ./sim/cmd/tasksim campaign -seed $(SEED) -seeds $(SEEDS)

.PHONY: bench
bench: ## run the benchmarks
	$(GO) test -run '^$$' -bench . -benchmem ./core/... ./clock/... ./adapters/... ./sim/...

.PHONY: cover
cover: ## print the test coverage of each package
	$(GO) test -cover ./...

$(LINT):
	GOBIN=$(BIN) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINTVER)

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BIN)
