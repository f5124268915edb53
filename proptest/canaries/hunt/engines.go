package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// engine searches for defects.
type engine struct {
	name string
	run  func(ctx context.Context, p *planted) (outcome, error)
}

// outcome is what an engine found.
type outcome struct {
	Caught bool   `json:"caught,omitempty"`
	Cases  string `json:"cases"`          // after or in how many cases
	What   string `json:"what,omitempty"` // the first line of what is wrong

	OutOfTime bool `json:"-"` // it found nothing in the time it had, and might have
}

func (o outcome) String() string {
	if o.Caught || o.OutOfTime {
		return o.Cases
	}
	return "missed in " + o.Cases
}

// The limits are such that the engines have about the same time, some seconds each.
const (
	propertyCases       = 1000
	simulatorSeeds      = 10_000
	explorerTransitions = 4_000_000
	fuzzTime            = 8 * time.Second // for each target
)

// enginesOf are the engines for each target.
var enginesOf = map[string][]engine{
	"core": {
		{"properties", properties},
		{"simulator", func(ctx context.Context, p *planted) (outcome, error) {
			return search(ctx, p, "simulator", simulatorSeeds)
		}},
		{"explorer", func(ctx context.Context, p *planted) (outcome, error) {
			return search(ctx, p, "explorer", explorerTransitions)
		}},
		{"fuzz", fuzz},
	},
	"runtime": {{"tests", ownTests}, {"model", model}, {"conformance", conformance}},
}

// packagesOf are those whose tests are built for each target, and commandsOf the commands.
var (
	packagesOf = map[string][]string{
		"core":    {"./proptest", "./fuzz"},
		"runtime": {"./adapters/supervisor", "./clock", "./clock/benclock", "./clock/internal/wakeup"},
	}
	commandsOf = map[string][]string{"core": {"./proptest/canaries/search"}}
)

// within runs the engine, which has so much time.
func (e engine) within(ctx context.Context, p *planted, limit time.Duration) (outcome, error) {
	if err := p.build(ctx); err != nil {
		return outcome{}, err
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	found, err := e.run(limited, p)
	if ctx.Err() == nil && limited.Err() != nil {
		return outcome{Cases: "no time", OutOfTime: true}, nil
	}
	return found, err
}

var rapidFailed = regexp.MustCompile(`\[rapid\] (?:failed|panic) after (\d+) tests: (.*)`)

// properties runs those of package proptest, and takes the one that noticed first.
func properties(ctx context.Context, p *planted) (outcome, error) {
	out, failed, err := p.run(ctx, "proptest", "proptest.test",
		"-test.run", "^Test(Lockstep|D[1-8]|Invariant)", "-test.timeout", "0", "-test.failfast",
		"-rapid.checks", strconv.Itoa(propertyCases), "-rapid.seed", "1", "-rapid.shrinktime", "1ms", "-rapid.nofailfile")
	if err != nil || !failed {
		return outcome{Cases: strconv.Itoa(propertyCases)}, err
	}
	return firstOfRapid(out), nil
}

func firstOfRapid(out string) outcome {
	failures := rapidFailed.FindAllStringSubmatch(out, -1)
	if failures == nil {
		return broken(out)
	}
	first := outcome{Caught: true}
	least := 0
	for i, failure := range failures {
		if cases, _ := strconv.Atoi(failure[1]); i == 0 || cases < least {
			least = cases
			first.Cases, first.What = strconv.Itoa(cases+1), failure[2]
		}
	}
	return first
}

// search runs command search.
func search(ctx context.Context, p *planted, engine string, limit int) (outcome, error) {
	out, failed, err := p.run(ctx, ".", "search", "-engine", engine, "-limit", strconv.Itoa(limit))
	if err != nil {
		return outcome{}, err
	}
	if failed {
		return broken(out), nil
	}
	word, rest, _ := strings.Cut(strings.TrimSpace(out), " ")
	cases, what, _ := strings.Cut(rest, " ")
	return outcome{Caught: word == "caught", Cases: cases, What: what}, nil
}

var (
	fuzzExecs = regexp.MustCompile(`execs: (\d+)`)
	fuzzSeed  = regexp.MustCompile(`(?m)^\s*--- FAIL: (Fuzz\w+)/(\S+)`)
)

// fuzz runs the targets on their corpora, then the native fuzzer on those that step a machine.
func fuzz(ctx context.Context, p *planted) (outcome, error) {
	out, failed, err := p.run(ctx, "fuzz", "fuzz.test", "-test.run", "^Fuzz", "-test.timeout", "0")
	if err != nil {
		return outcome{}, err
	}
	if failed {
		if seed := fuzzSeed.FindStringSubmatch(out); seed != nil {
			return outcome{Caught: true, Cases: "corpus", What: seed[1] + "/" + seed[2]}, nil
		}
		return outcome{Caught: true, Cases: "corpus", What: broken(out).What}, nil
	}
	// The fuzzer wants instrumented code, and writes what it finds beside the corpus, which therefore is a copy.
	folder := filepath.Join(p.dir, "fuzz")
	if err := p.compile(ctx, "test", "-c", "-fuzz", "Fuzz", "-o", filepath.Join(p.dir, "fuzzer.test"), "./fuzz"); err != nil {
		return outcome{}, err
	}
	if err := os.CopyFS(filepath.Join(folder, "testdata"), os.DirFS(filepath.Join("fuzz", "testdata"))); err != nil {
		return outcome{}, err
	}
	total := 0
	for _, target := range []string{"FuzzCoreOracle", "FuzzContinue", "FuzzDefinitions"} {
		out, failed, err := p.run(ctx, folder, "fuzzer.test", "-test.run", "^$", "-test.fuzz", "^"+target+"$", "-test.fuzztime", fuzzTime.String(),
			"-test.parallel", strconv.Itoa(p.processors), "-test.fuzzminimizetime", "0s", "-test.fuzzcachedir", filepath.Join(p.dir, "cache"))
		if err != nil {
			return outcome{}, err
		}
		if execs := fuzzExecs.FindAllStringSubmatch(out, -1); execs != nil {
			n, _ := strconv.Atoi(execs[len(execs)-1][1])
			total += n
		}
		if failed {
			return outcome{Caught: true, Cases: strconv.Itoa(max(total, 1)), What: target}, nil
		}
	}
	return outcome{Cases: strconv.Itoa(total)}, nil
}

// broken is the outcome of an engine that failed without a result of its own, such as by a panic: it has noticed.
func broken(out string) outcome {
	for line := range strings.Lines(out) {
		if strings.Contains(line, "panic: ") || strings.Contains(line, "fatal error: ") {
			return outcome{Caught: true, Cases: "1", What: strings.TrimSpace(line)}
		}
	}
	line, _, _ := strings.Cut(strings.TrimSpace(out), "\n")
	return outcome{Caught: true, Cases: "1", What: line}
}

// planted is a target with a defect, and the engines that were built with it.
type planted struct {
	target     string
	overlay    string // "" plants nothing
	dir        string
	processors int
	built      bool
}

// build builds all engines, with what they share compiled once.
func (p *planted) build(ctx context.Context) error {
	if p.built {
		return nil
	}
	tests := append([]string{"test", "-c", "-o", p.dir + string(filepath.Separator)}, packagesOf[p.target]...)
	if err := p.compile(ctx, tests...); err != nil {
		return err
	}
	for _, command := range commandsOf[p.target] {
		if err := p.compile(ctx, "build", "-o", filepath.Join(p.dir, filepath.Base(command)), command); err != nil {
			return err
		}
	}
	p.built = true
	return nil
}

func (p *planted) compile(ctx context.Context, args ...string) error {
	flags := []string{"-ldflags", "-s -w"}
	if p.overlay != "" {
		flags = append(flags, "-overlay", p.overlay)
	}
	args = slices.Insert(args, 1, flags...)
	command := exec.CommandContext(ctx, "go", args...)
	command.WaitDelay = 10 * time.Second
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// run runs one of the binaries in a folder, and reports whether it failed.
func (p *planted) run(ctx context.Context, folder, binary string, args ...string) (out string, failed bool, err error) {
	command := exec.CommandContext(ctx, filepath.Join(p.dir, binary), args...)
	command.WaitDelay = 10 * time.Second
	command.Dir = folder
	command.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(p.processors))
	var text bytes.Buffer
	command.Stdout, command.Stderr = &text, &text
	err = command.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return text.String(), true, nil
	}
	return text.String(), false, err
}
