// Command mutants finishes what a run of gremlins began: it plants every mutant of the core that the core's own tests
// did not kill, or that gremlins did not try, and sets the whole stack of tests on it.
//
//	gremlins unleash -E scenario/ -E testdata/ -o mutants.json ./core
//	go run ./proptest/canaries/mutants mutants.json
//
// Gremlins takes the conditions of a switch's cases for code that no test covers, because coverage is counted by
// statements; they are covered, and tried here.
//
// It prints one line per surviving mutant, and the score. It exits with 1 if the score is below -least.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"time"

	"github.com/tasksupervisor/tasksupervisor/proptest/canaries"
)

// outcome is what gremlins writes of a run.
type outcome struct {
	Files []struct {
		Name    string   `json:"file_name"`
		Mutants []mutant `json:"mutations"`
	} `json:"files"`
}

// mutant is one small change of the source.
type mutant struct {
	file   string
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Type   string `json:"type"`
	Status string `json:"status"`
}

func (m mutant) String() string { return fmt.Sprintf("%s:%d:%d %s", m.file, m.Line, m.Column, m.Type) }

func main() {
	core := flag.String("core", "core", "the core's `folder`")
	workers := flag.Int("workers", 2, "how `many` mutants to try at a time")
	least := flag.Float64("least", 95, "the least `percentage` of mutants that must be killed")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: mutants [FLAGS] FILE, where FILE is what gremlins wrote with -o")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	score, err := finish(ctx, flag.Arg(0), *core, *workers)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(2)
	case score < *least:
		os.Exit(1)
	}
}

// finish tries the mutants that are left, and returns the percentage killed in all.
func finish(ctx context.Context, path, core string, workers int) (score float64, err error) {
	mutants, err := read(path)
	if err != nil {
		return 0, err
	}
	killed := 0
	var left []mutant
	for _, m := range mutants {
		if m.Status == "KILLED" || m.Status == "TIMED OUT" || m.Status == "NOT VIABLE" {
			killed++
		} else {
			left = append(left, m)
		}
	}
	fmt.Printf("%d mutants, %d killed by the core's own tests, %d left to try\n", len(mutants), killed, len(left))

	var mu sync.Mutex
	var group sync.WaitGroup
	next := make(chan mutant)
	for range workers {
		group.Go(func() {
			for m := range next {
				by, problem := try(ctx, m, core)
				mu.Lock()
				switch {
				case problem != nil:
					err = errors.Join(err, fmt.Errorf("%v: %w", m, problem))
				case by == "":
					fmt.Printf("survived: %v\n", m)
				default:
					killed++
				}
				mu.Unlock()
			}
		})
	}
	for _, m := range left {
		next <- m
	}
	close(next)
	group.Wait()
	if err != nil {
		return 0, err
	}
	score = 100 * float64(killed) / float64(len(mutants))
	fmt.Printf("%d of %d killed: %.1f%%\n", killed, len(mutants), score)
	return score, nil
}

func read(path string) ([]mutant, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var o outcome
	if err := json.Unmarshal(text, &o); err != nil {
		return nil, err
	}
	var mutants []mutant
	for _, file := range o.Files {
		if strings.HasPrefix(file.Name, "testdata/") || strings.HasPrefix(file.Name, "scenario/") {
			continue // no part of the machine
		}
		for _, m := range file.Mutants {
			m.file = file.Name
			mutants = append(mutants, m)
		}
	}
	return mutants, nil
}

// stages are the tests, the fast ones first.
var stages = [][]string{
	{"./core/..."},
	{"./proptest", "./fuzz", "./sim", "./sim/explore", "./sim/reference"},
}

// try plants a mutant and returns which tests failed, or "" if none did.
func try(ctx context.Context, m mutant, core string) (by string, err error) {
	dir, err := os.MkdirTemp("", "mutant")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	planted, err := m.plant(core)
	if err != nil {
		return "", err
	}
	overlay, err := canaries.Overlay(planted, dir)
	if err != nil {
		return "", err
	}
	for _, packages := range stages {
		limited, cancel := context.WithTimeout(ctx, 5*time.Minute)
		args := append([]string{"test", "-overlay", overlay, "-failfast", "-vet=off"}, packages...)
		command := exec.CommandContext(limited, "go", args...)
		command.WaitDelay = 10 * time.Second
		out, failed := command.CombinedOutput()
		cancel()
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case failed != nil && strings.Contains(string(out), "[build failed]"):
			return "the compiler", nil
		case failed != nil:
			return strings.Join(packages, " "), nil
		}
	}
	return "", nil
}
