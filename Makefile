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
run: ## show a small shop under supervision, live (Ctrl-C stops it)
	@$(GO) build -o $(BIN)/demo ./adapters/supervisor/cmd/demo # `go run` would make an error of Ctrl-C
	@exec $(BIN)/demo

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
	CGO_ENABLED=0 GOARCH=386 $(GO) test ./...

.PHONY: properties
properties: ## run the properties with CHECKS cases each, from SEED (0: any)
	@echo "seed $(SEED), $(CHECKS) cases of each property"
	RAPID_SEED=$(SEED) RAPID_CHECKS=$(CHECKS) $(GO) test -timeout 1h ./proptest

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME
	@for target in FuzzCoreOracle FuzzContinue FuzzConfig FuzzSnapshot FuzzScenario; do \
		$(GO) test ./fuzz -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x || exit 1; \
	done
	$(GO) test ./core/scenario -run '^$$' -fuzz '^FuzzParse$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 20x

.PHONY: explore
explore: ## explore every state of the explorer's models
	$(GO) run ./sim/cmd/tasksim explore

.PHONY: explore-large
explore-large: ## explore the explorer's larger models, and compare their counts (about 2 minutes)
	$(GO) test ./sim/explore -run TestModels -large -timeout 1h

.PHONY: canaries
canaries: ## plant every canary and print who catches it (about 15 minutes; goes on where it was interrupted)
	$(GO) run ./proptest/canaries/hunt

.PHONY: mutation
mutation: ## plant every mutant of the core and print the survivors (about an hour)
	GOBIN=$(BIN) $(GO) install github.com/go-gremlins/gremlins/cmd/gremlins@v0.6.0
	$(BIN)/gremlins unleash -E scenario/ -E testdata/ -o $(BIN)/mutants.json --timeout-coefficient 20 \
		--invert-logical --invert-loopctrl --invert-assignments --remove-self-assignments ./core
	$(GO) run ./proptest/canaries/mutants $(BIN)/mutants.json

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
