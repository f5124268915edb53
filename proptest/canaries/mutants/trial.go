package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/proptest/canaries"
)

// outcome is what became of a mutant.
type outcome struct {
	By      string `json:"by,omitempty"`      // the stage that killed it; "": it survived
	Test    string `json:"test,omitempty"`    // the first test that failed, if it is known
	Endless bool   `json:"endless,omitempty"` // it was killed because it went beyond a limit
}

func (o outcome) String() string {
	switch {
	case o.By == "":
		return "survived"
	case o.Endless:
		return "killed by " + o.By + ", beyond a limit"
	}
	return strings.TrimSpace("killed by " + o.By + " " + o.Test)
}

// stage is a binary that fails, or says that it caught something, if the core is wrong.
type stage struct {
	name   string
	module string
	folder string   // the package that is built, below the module's folder
	build  []string // of package go: verb and flags
	only   string   // the folder of the package whose mutants alone it tries, if it does not try all
	args   []string
	home   string // where it runs, below the module's folder

	binary string
	limit  time.Duration
}

// Most mutants are noticed in the transcripts, which take a tenth of a second.
const transcripts = "^Test(Transcripts|Promises)$"

// These tests of the core step machines for a second or so; the others take as long together.
const slow = `^Test(WhatPassesCheckWorks|D[1-8]\w+|FlippedSnapshotsAreRefused|TranscriptsKeepTheMachineSound|DelayIsTheFormula|RejectedEventsChangeNothing)$`

// What these tests of the core read is the source as it is.
const indifferent = "^(TestCoreIsPure|TestPurityCheckFindsEachViolation|TestEveryTypeHasAnExample|TestHelpIsCompleteAndInTheGuide)$"

// stages are those for the core of this module.
func stages(packages []*listed) []*stage {
	var all []*stage
	core := packages[0]
	for _, p := range packages {
		if len(p.folder) < len(core.folder) {
			core = p
		}
	}
	test := func(name, folder string, args ...string) *stage {
		return &stage{name: name, module: core.module, folder: folder, home: folder, build: []string{"test", "-c"}, args: append(args, "-test.failfast")}
	}
	for _, p := range packages {
		if p != core {
			own := test(p.folder, p.folder)
			own.only = p.folder
			all = append(all, own)
		}
	}
	return append(all,
		test("transcripts", core.folder, "-test.run", transcripts),
		test("core, quick", core.folder, "-test.skip", transcripts+"|"+slow+"|"+indifferent),
		&stage{
			name: "simulator", module: core.module, folder: "proptest/canaries/search", build: []string{"build"},
			args: []string{"-engine", "simulator", "-limit", "3000"},
		},
		test("core, slow", core.folder, "-test.run", slow, "-test.short"),
		test("lockstep", "proptest", "-test.run", "^TestLockstep", "-rapid.checks", "500", "-rapid.seed", "1", "-rapid.shrinktime", "1ms", "-rapid.nofailfile"))
}

// tests are the stages, built with every mutant.
type tests struct {
	dir        string
	stages     []*stage
	processors int
	patience   time.Duration // the least time that a stage has
	log        io.Writer
}

var errUnsound = errors.New("without any mutant")

// prepare builds what the stages need, once each, and runs them without a mutant.
func (t *tests) prepare(ctx context.Context, instrumented map[string]string) error {
	overlay, err := canaries.Overlay(instrumented, t.dir)
	if err != nil {
		return err
	}
	built := map[string]bool{}
	for _, s := range t.stages {
		s.binary = filepath.Join(t.dir, strings.ReplaceAll(s.folder, "/", "-"))
		if !built[s.binary] {
			args := append(append([]string{}, s.build...), "-overlay", overlay, "-ldflags", "-s -w", "-o", s.binary, "./"+s.folder)
			command := exec.CommandContext(ctx, "go", args...)
			command.Dir = s.module
			if out, err := command.CombinedOutput(); err != nil {
				return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
			}
			built[s.binary] = true
		}
		s.limit = 10 * time.Minute
		begun := time.Now()
		found, out, err := t.run(ctx, s, 0)
		switch took := time.Since(begun); {
		case err != nil:
			return err
		case found.By != "":
			return fmt.Errorf("%w %s fails:\n%s", errUnsound, s.name, out)
		default:
			s.limit = max(10*took, t.patience)
			fmt.Fprintf(t.log, "%s takes %s without a mutant\n", s.name, took.Round(time.Millisecond))
		}
	}
	return nil
}

var failedTest = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)

// run runs a stage with a mutant, or with none if the number is 0.
func (t *tests) run(ctx context.Context, s *stage, id int) (found outcome, out string, err error) {
	limited, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	command := exec.CommandContext(limited, s.binary, s.args...)
	command.WaitDelay = 10 * time.Second
	command.Dir = filepath.Join(s.module, filepath.FromSlash(path.Clean(s.home)))
	// Tests leave what failed in the folder for temporary files.
	command.Env = append(os.Environ(), "TMPDIR="+t.dir, "GOMAXPROCS="+strconv.Itoa(t.processors), variable+"="+strconv.Itoa(id))
	var text bytes.Buffer
	command.Stdout, command.Stderr = &text, &text
	err = command.Run()
	out = text.String()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return outcome{}, out, ctx.Err()
	case limited.Err() != nil:
		return outcome{By: s.name, Endless: true}, out, nil
	case errors.As(err, &exit):
		found = outcome{By: s.name, Endless: exit.ExitCode() == outOfMemory}
		if test := failedTest.FindStringSubmatch(out); test != nil {
			found.Test = test[1]
		}
		return found, out, nil
	case err == nil && strings.HasPrefix(out, "caught "): // command search
		return outcome{By: s.name}, out, nil
	}
	return outcome{}, out, err
}
