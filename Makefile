# Needs Go and make; the race detector also needs a C compiler. `make help` lists the targets.

GO       ?= go
BIN      := $(CURDIR)/bin

# Tools are compiled once for each version and each Go, and kept beside the build cache: a fresh clone finds them there.
TOOLS     = $(shell $(GO) env GOCACHE)/tasksupervisor/$(shell $(GO) env GOVERSION)
LINTVER  := v2.15.0
PERFVER  := v0.0.0-20260908200009-22c9c6c9d4da
VULNVER  := v1.9.0

FUZZTIME ?= 30s
CHECKS   ?= 20000
CYCLES   ?= 100000
SEEDS    ?= 100000
SEED     ?= 1

ROUNDS   ?= 5
CASES    ?= .
BASE     ?= main
BENCH    ?= .
BENCHPKG ?= ./core/... ./clock/... ./adapters/... ./sim/...
COUNT    ?= 6

# The nested modules: each has dependencies that users of the root module do not need, and is built and tested alone.
MODULES  := $(patsubst ./%/go.mod,%,$(sort $(shell find . -mindepth 2 -name go.mod -not -path './bin/*')))
IN_EACH   = set -e; for module in $(MODULES); do echo "in $$module"; (cd $$module && GOWORK=off $(1)); done
IN_BENCH := cd internal/bench && GOWORK=off

# Tests that need other programs have names that begin with TestSystem, and the build tag "system".
SYSTEM    = grep -rlE --include=*_test.go '^//go:build system$$' . | xargs -r grep -hoE '^func TestSystem[A-Za-z0-9_]*' | cut -c 6- | sort

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

.PHONY: run
run: ## show a small shop under supervision, live: things break, then you break them (q stops it)
	@cd adapters/supervisor/cmd/demo && GOWORK=off $(GO) build -o $(BIN)/demo . # `go run` would make an error of Ctrl-C
	@exec $(BIN)/demo -recording bin/demo.recording

.PHONY: check
check: vet ## format, vet and short tests, under a minute: run it after every step
	$(GO) test -short ./...
	@$(call IN_EACH,$(GO) test -short ./...)
	@echo "Left to make test: the larger models of the explorer, four fifths of the cases of each property, most of the broken runtimes, -race, lint, 386."

.PHONY: test
test: vet lint race models leaves test-386 ## everything that needs no other program
	@echo "Left to make test-system, which needs other programs:" $$($(SYSTEM))

.PHONY: test-system
test-system: ## install the programs that are missing (Debian), and run the tests that need them
	@internal/system/install
	@for tests in $$(grep -rlE --include=*_test.go '^//go:build system$$' . | xargs -r -n 1 dirname | sort -u); do \
		echo "in $$tests"; (cd $$tests && GOWORK=off $(GO) test -count=1 -tags system -run '^TestSystem' .) || exit 1; \
	done

.PHONY: vet
vet:
	@test -z "$$(gofmt -l .)" || { echo "gofmt would change:"; gofmt -l .; exit 1; }
	$(GO) vet ./...
	@$(call IN_EACH,$(GO) vet -tags system ./...)

.PHONY: lint
lint: ## run the linters
	@$(call tool,golangci-lint,github.com/golangci/golangci-lint/v2/cmd/golangci-lint,$(LINTVER)); "$$tool" run ./...; $(call IN_EACH,"$$tool" run --build-tags system ./...)

.PHONY: vuln
vuln: ## look for known vulnerabilities in what the module uses
	@$(call tool,govulncheck,golang.org/x/vuln/cmd/govulncheck,$(VULNVER)); "$$tool" ./...

# The conformance suite takes one processor, and the nested modules wait for other processes half of the time: they run together.
.PHONY: race
race:
	$(GO) test -race -shuffle=on $$($(GO) list ./... | grep -v -e '/proptest/canaries$$' -e '/proptest/conformance$$')
	@$(GO) test -race -shuffle=on -short ./proptest/conformance & suite=$$!; \
	($(call IN_EACH,$(GO) test -race -shuffle=on ./...)); modules=$$?; \
	wait $$suite && exit $$modules

# What the race detector would only slow down: under it the explorer stays near the beginning of each model, and the conformance
# suite leaves out most of the runtimes that are broken on purpose. To type-check the canaries takes five times as long under it.
.PHONY: models
models:
	$(GO) test ./sim/explore ./proptest/canaries ./proptest/conformance

# Small worlds reach the leaves of a timer queue only if a queue of five timers has some. All digests must be the same.
.PHONY: leaves
leaves: ## run the core, its properties and the simulator with a timer queue that has leaves early
	$(GO) test -short -tags smallleaves ./core/... ./fuzz ./sim ./sim/swarm
	RAPID_CHECKS=500 $(GO) test -count=1 -short -tags smallleaves ./proptest

# What the decisions are made and simulated with: their digests must be the same where an int has 32 bits.
.PHONY: test-386
test-386:
	CGO_ENABLED=0 GOARCH=386 $(GO) test ./core/... ./clock/... $$($(GO) list ./sim/... | grep -v -e /sim/explore -e /sim/whatif)

.PHONY: oldest
oldest: export GOTOOLCHAIN = go$(shell $(GO) list -m -f '{{.GoVersion}}')
oldest: ## build and vet with the oldest Go that go.mod allows
	$(GO) build ./...
	$(GO) vet ./...
	@$(call IN_EACH,$(GO) vet ./...)

.PHONY: properties
properties: ## run the properties with CHECKS cases each, from SEED (0: any)
	@echo "seed $(SEED), $(CHECKS) cases of each property"
	RAPID_SEED=$(SEED) RAPID_CHECKS=$(CHECKS) $(GO) test -timeout 1h ./proptest

.PHONY: cycles
cycles: ## start and stop CYCLES processes, from SEED, where their numbers are used again soon (as root)
	@echo "seed $(SEED), $(CYCLES) cycles, without and with control groups"
	cd adapters/process && GOWORK=off $(GO) test -count=1 -v -timeout 24h -tags system -run '^TestSystemNumbersAreUsedAgain$$' ./internal/guard -cycles $(CYCLES) -seed $(SEED)

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME
	@for target in FuzzCoreOracle FuzzContinue FuzzDefinitions FuzzConfig FuzzSnapshot FuzzScenario; do \
		$(GO) test ./fuzz -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x || exit 1; \
	done
	$(GO) test ./core/scenario -run '^$$' -fuzz '^FuzzParse$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 20x
	$(GO) test ./core/scenario -run '^$$' -fuzz '^FuzzLog$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 20x
	$(GO) test ./core/timers -run '^$$' -fuzz '^FuzzQueue$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 20x
	cd adapters/process/cmd/taskvisor && GOWORK=off $(GO) test ./internal/taskfile -run '^$$' -fuzz '^FuzzParse$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 20x
	cd adapters/process/cmd/taskvisor && GOWORK=off $(GO) test ./internal/screen -run '^$$' -fuzz '^FuzzClean$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 20x
	cd adapters/process/cmd/taskvisor && GOWORK=off $(GO) test ./internal/convert -run '^$$' -fuzz '^FuzzConvert$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 20x

UPDATE ?= -update

IN_ACCEPTANCE = cd adapters/process/cmd/taskvisor/acceptance && GOWORK=off $(GO) test -count=1 -tags system .
KILLS ?= 100

.PHONY: leaks
leaks: ## measure what is left behind by programs that leak, beside foreman, supervisord and runit, and put it into docs/processes.md
	@internal/system/install
	$(IN_ACCEPTANCE) -run '^TestSystemLeaks$$' -v -update

.PHONY: kills
kills: ## kill redis KILLS times under nginx, at instants drawn from SEED
	@internal/system/install
	$(IN_ACCEPTANCE) -run '^TestSystemRedisAndNginx$$' -v -kills $(KILLS) -seed $(SEED)

.PHONY: golden
golden: ## write every golden file anew (UPDATE=-update-anyway: even scenarios that lose their point)
	$(GO) test ./core -run '^(TestTranscripts|TestPromises|TestPromisesAreIndexed|TestD1SameInputSameOutput)$$' $(UPDATE)
	$(GO) test ./adapters/supervisor -run '^TestJSONIsKept$$' $(UPDATE)
	cd adapters/supervisor/cmd/demo && GOWORK=off $(GO) test . -run '^TestFrames$$' $(UPDATE)
	cd adapters/process/cmd/taskvisor && GOWORK=off $(GO) test ./internal/convert -run '^TestEveryKey' $(UPDATE)
	cd adapters/process/cmd/taskvisor && GOWORK=off $(GO) test ./internal/top -run '^(TestFrames|TestHelpFrame)$$' $(UPDATE)
	cd adapters/process/cmd/taskvisor && GOWORK=off $(GO) test ./internal/taskfile -run '^(TestSchemaIsCurrent|TestGuideHasAllKeys|TestErrors)$$' $(UPDATE)
	cd adapters/process/cmd/taskvisor && GOWORK=off $(GO) test . -run '^TestGuideShowsWhatPlanPrints$$' $(UPDATE)
	$(GO) test ./fuzz -run '^TestSeeds$$' $(UPDATE)
	$(GO) test ./sim -run '^TestDigestsAreTheSameOnEveryMachine$$' $(UPDATE)
	$(GO) test ./sim/reference -run '^TestListedDifferences$$' $(UPDATE)
	$(GO) test ./sim/explore -run '^TestModels$$' $(UPDATE)
	$(GO) test ./sim/explore -run '^TestModels$$' -large -timeout 1h $(UPDATE)

.PHONY: cast
cast: ## write what `make run`, and taskvisor's run and top, show to bin/*.cast, for asciinema; all is played in virtual time
	@mkdir -p $(BIN)
	@cd adapters/process/cmd/taskvisor && GOWORK=off $(GO) test -count=1 ./internal/top -run '^TestCast$$' -cast $(BIN)/taskvisor.cast
	@cd adapters/supervisor/cmd/demo && GOWORK=off $(GO) test -count=1 . -run '^TestCast$$' -cast $(BIN)/demo.cast

.PHONY: explore
explore: ## explore every state of the explorer's models
	$(GO) run ./sim/cmd/tasksim explore

.PHONY: explore-large
explore-large: ## explore the explorer's larger models, and compare their counts (about 2 minutes)
	$(GO) test ./sim/explore -run TestModels -large -timeout 1h

.PHONY: canaries
canaries: ## plant every canary in core and runtime and print who catches it (most of an hour; goes on where it was interrupted)
	$(GO) run ./proptest/canaries/hunt

.PHONY: mutation
mutation: ## make every mutant of the core and print the survivors (about half an hour; goes on where it was interrupted)
	$(GO) run ./proptest/canaries/mutants

.PHONY: campaign
campaign: ## simulate SEEDS seeds from SEED on
	$(GO) run ./sim/cmd/tasksim campaign -seed $(SEED) -seeds $(SEEDS)

.PHONY: bench
bench: ## measure beside peers and floors, ROUNDS times, the contests that match CASES; results are in bin/bench
	$(IN_BENCH) $(GO) run . -rounds $(ROUNDS) -run '$(CASES)' -out $(BIN)/bench

.PHONY: bench-docs
bench-docs: ## measure all (about 12 minutes), and put the results into docs/performance.md
	$(IN_BENCH) $(GO) run . -rounds $(ROUNDS) -out $(BIN)/bench -doc $(CURDIR)/docs/performance.md

.PHONY: bench-compare
bench-compare: ## compare with revision BASE: benchmarks BENCH of BENCHPKG, and our side of CASES (or none), COUNT times
	@$(call tool,benchstat,golang.org/x/perf/cmd/benchstat,$(PERFVER)); \
	dir=$$(mktemp -d); trap 'git worktree remove --force "$$dir/base"; rm -rf "$$dir"' EXIT; \
	git worktree add --quiet --detach "$$dir/base" '$(BASE)'; \
	measure() { \
		(cd "$$1" && $(GO) test -run '^$$' -bench '$(BENCH)' -benchmem $(BENCHPKG)) >> "$$2"; \
		[ '$(CASES)' != none -a -d "$$1/internal/bench" ] || return 0; \
		(cd "$$1" && $(IN_BENCH) $(GO) run . -without-benchmarks -rounds 1 -of ours -run '$(CASES)' -out "$$dir/out" > "$$dir/table"); \
		cat "$$dir/out/figures.txt" >> "$$2"; \
	}; \
	for i in $$(seq $(COUNT)); do measure "$$dir/base" "$$dir/$(subst /,-,$(BASE))"; measure . "$$dir/here"; done; \
	(cd "$$dir" && "$$tool" '$(subst /,-,$(BASE))' here)

.PHONY: cover
cover: ## print the test coverage of each package
	$(GO) test -cover ./...

# Sets $$tool to a tool of a pinned version, and compiles it if need be: $(call tool,name,package,version).
define tool
set -e; tool="$(TOOLS)/$(3)/$(1)"; test -x "$$tool" || GOBIN="$(TOOLS)/$(3)" GOFLAGS= $(GO) install $(2)@$(3)
endef

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BIN)
