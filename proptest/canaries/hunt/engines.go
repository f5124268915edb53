package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/proptest/canaries"
)

// engine searches for defects.
type engine struct {
	name string
	run  func(ctx context.Context, overlay, dir string) (outcome, error)
}

// outcome is what an engine found.
type outcome struct {
	caught bool
	cases  string // after or in how many cases
	what   string // the first line of what is wrong
}

func (o outcome) String() string {
	if o.caught {
		return o.cases
	}
	return "missed in " + o.cases
}

// The limits are such that the engines have about the same time, some seconds each.
var engines = []engine{
	{"properties", properties},
	{"simulator", func(ctx context.Context, overlay, dir string) (outcome, error) {
		return search(ctx, overlay, dir, "simulator", 10_000)
	}},
	{"explorer", func(ctx context.Context, overlay, dir string) (outcome, error) {
		return search(ctx, overlay, dir, "explorer", 4_000_000)
	}},
	{"fuzz", fuzz},
}

func engineNames() []string {
	names := make([]string, len(engines))
	for i := range engines {
		names[i] = engines[i].name
	}
	return names
}

// hunt plants the canary and runs the engine. The time limit is for canaries that make the core loop.
func (e engine) hunt(ctx context.Context, canary canaries.Canary, core, dir string) (outcome, error) {
	dir, err := os.MkdirTemp(dir, "")
	if err != nil {
		return outcome{}, err
	}
	overlay, err := canary.Overlay(core, dir)
	if err != nil {
		return outcome{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	return e.run(ctx, overlay, dir)
}

const propertyCases = 1000

var rapidFailed = regexp.MustCompile(`\[rapid\] (?:failed|panic) after (\d+) tests: (.*)`)

// properties runs those of package proptest, and takes the one that noticed first.
func properties(ctx context.Context, overlay, _ string) (outcome, error) {
	out, err := goCommand(ctx, "test", "-overlay", overlay, "./proptest", "-run", "^Test(Lockstep|D[1-8]|Invariant)", "-timeout", "2m", "-failfast",
		"-args", "-rapid.checks", strconv.Itoa(propertyCases), "-rapid.seed", "1", "-rapid.shrinktime", "1ms", "-rapid.nofailfile")
	if err == nil {
		return outcome{cases: strconv.Itoa(propertyCases)}, nil
	}
	failures := rapidFailed.FindAllStringSubmatch(out, -1)
	if failures == nil {
		return brokenOrStuck(ctx, out, err)
	}
	first := outcome{caught: true}
	least := 0
	for i, failure := range failures {
		if cases, _ := strconv.Atoi(failure[1]); i == 0 || cases < least {
			least = cases
			first.cases, first.what = strconv.Itoa(cases+1), failure[2]
		}
	}
	return first, nil
}

// search runs command search.
func search(ctx context.Context, overlay, _, engine string, limit int) (outcome, error) {
	out, err := goCommand(ctx, "run", "-overlay", overlay, "./proptest/canaries/search", "-engine", engine, "-limit", strconv.Itoa(limit))
	if err != nil {
		return brokenOrStuck(ctx, out, err)
	}
	word, rest, _ := strings.Cut(strings.TrimSpace(out), " ")
	cases, what, _ := strings.Cut(rest, " ")
	return outcome{caught: word == "caught", cases: cases, what: what}, nil
}

const fuzzTime = 5 * time.Second

var (
	fuzzExecs = regexp.MustCompile(`execs: (\d+)`)
	fuzzSeed  = regexp.MustCompile(`(?m)^\s*--- FAIL: (Fuzz\w+)/(\S+)`)
)

// fuzz runs the targets on their corpora, then lets the native fuzzer loose on those that step a machine.
func fuzz(ctx context.Context, overlay, dir string) (outcome, error) {
	binary := filepath.Join(dir, "fuzz.test")
	if out, err := goCommand(ctx, "test", "-c", "-fuzz", "Fuzz", "-overlay", overlay, "-o", binary, "./fuzz"); err != nil {
		return brokenOrStuck(ctx, out, err)
	}
	// The fuzzer writes what it finds beside the corpus, which therefore is a copy.
	if err := os.CopyFS(filepath.Join(dir, "testdata"), os.DirFS(filepath.Join("fuzz", "testdata"))); err != nil {
		return outcome{}, err
	}
	execute := func(args ...string) (string, error) {
		command := exec.CommandContext(ctx, binary, args...)
		command.Dir = dir
		var out bytes.Buffer
		command.Stdout, command.Stderr = &out, &out
		err := command.Run()
		return out.String(), err
	}
	if out, err := execute("-test.run", "^Fuzz", "-test.timeout", "1m"); err != nil {
		if seed := fuzzSeed.FindStringSubmatch(out); seed != nil {
			return outcome{true, "corpus", seed[1] + "/" + seed[2]}, nil
		}
		return outcome{true, "corpus", firstLine(out)}, nil
	}
	total := 0
	for _, target := range []string{"FuzzCoreOracle", "FuzzContinue"} {
		out, err := execute("-test.run", "^$", "-test.fuzz", "^"+target+"$", "-test.fuzztime", fuzzTime.String(),
			"-test.fuzzminimizetime", "0s", "-test.fuzzcachedir", filepath.Join(dir, "cache"))
		if execs := fuzzExecs.FindAllStringSubmatch(out, -1); execs != nil {
			n, _ := strconv.Atoi(execs[len(execs)-1][1])
			total += n
		}
		if err != nil {
			return outcome{true, strconv.Itoa(max(total, 1)), target}, nil
		}
	}
	return outcome{cases: strconv.Itoa(total)}, nil
}

func goCommand(ctx context.Context, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "go", args...)
	command.WaitDelay = 10 * time.Second
	out, err := command.CombinedOutput()
	return string(out), err
}

// brokenOrStuck makes an outcome of an engine that did not come to a result of its own. One that panicked or did not
// come to an end has noticed; one that could not be built has not.
func brokenOrStuck(ctx context.Context, out string, err error) (outcome, error) {
	switch {
	case ctx.Err() == context.DeadlineExceeded, strings.Contains(out, "test timed out"):
		return outcome{true, "stuck", "it does not come to an end"}, nil
	case strings.Contains(out, "--- FAIL"), strings.Contains(out, "panic: "), strings.Contains(out, "exit status 2"):
		return outcome{true, "1", firstLine(out)}, nil
	}
	return outcome{}, fmt.Errorf("%w\n%s", err, out)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}
