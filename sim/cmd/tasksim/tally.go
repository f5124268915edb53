package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math/bits"
	"os"
	"sync"
	"time"

	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/swarm"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// tally is the result of a campaign so far, as its state file holds it.
type tally struct {
	First      uint64       `json:"first"`
	Seeds      uint64       `json:"seeds"`
	Done       uint64       `json:"done"` // the seeds from First on that are done
	Steps      uint64       `json:"steps"`
	Virtual    [2]uint64    `json:"virtual"` // nanoseconds, high and low
	Digest     uint64       `json:"digest"`
	Coverage   sim.Coverage `json:"coverage"`
	Violations []string     `json:"violations"`
}

// load continues from a state file, if there is one. The number of seeds may have changed since; the first
// seed must not.
func (t *tally) load(name string) error {
	if name == "" {
		return nil
	}
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var before tally
	if err := json.Unmarshal(text, &before); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			line, column := position(text, int(syntax.Offset))
			return &fileError{file: name, line: line, column: column, problem: "not the state of a campaign: " + err.Error()}
		}
		return &fileError{file: name, problem: "not the state of a campaign: " + err.Error()}
	}
	if before.First != t.First {
		return &fileError{file: name, problem: fmt.Sprintf("this campaign began with seed %d, not %d", before.First, t.First)}
	}
	seeds := t.Seeds
	*t = before
	t.Seeds = seeds
	return nil
}

// position is the line and the column of a byte, counted from 1.
func position(text []byte, offset int) (line, column int) {
	line, column = 1, 1
	for _, b := range text[:min(offset, len(text))] {
		column++
		if b == '\n' {
			line, column = line+1, 1
		}
	}
	return line, column
}

// save replaces the state file atomically, so that there is always a whole one.
func (t *tally) save(name string) error {
	if name == "" {
		return nil
	}
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	if err := os.WriteFile(name+".new", append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// virtual is the virtual time in words: it may be more than fits a time.Duration.
func (t *tally) virtual() string {
	const year = uint64(365 * 24 * time.Hour)
	if high, low := t.Virtual[0], t.Virtual[1]; high > 0 || low > year {
		years, _ := bits.Div64(high%year, low, year)
		return fmt.Sprintf("%d years", years)
	}
	return time.Duration(t.Virtual[1]).Round(time.Second).String()
}

// chunkResult is the result of some seeds in a row.
type chunkResult struct {
	seeds      uint64
	steps      uint64
	virtual    [2]uint64
	digest     uint64
	coverage   sim.Coverage
	violations []*sim.Violation
}

func (t *tally) add(c *chunkResult) {
	t.Done += c.seeds
	t.Steps += c.steps
	var carry uint64
	t.Virtual[1], carry = bits.Add64(t.Virtual[1], c.virtual[1], 0)
	t.Virtual[0] += c.virtual[0] + carry
	t.Digest += c.digest
	t.Coverage.Add(&c.coverage)
	for _, v := range c.violations {
		t.Violations = append(t.Violations, v.Error())
	}
}

// chunks simulates what is left to do, several seeds at a time, and yields the results in the order of the seeds: so
// the state after any of them is that of a campaign of so many seeds, however many workers there are.
func (t *tally) chunks(ctx context.Context, workers int, twice bool) iter.Seq[*chunkResult] {
	first, left := t.First+t.Done, t.Seeds-min(t.Done, t.Seeds)
	type job struct {
		first, seeds uint64
		result       chan *chunkResult
	}
	jobs := make(chan job)
	waiting := make(chan chan *chunkResult, 2*workers)
	return func(yield func(*chunkResult) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var all sync.WaitGroup
		defer all.Wait()
		defer cancel()
		all.Go(func() {
			defer close(waiting)
			defer close(jobs)
			for left > 0 {
				o := job{first, min(chunk, left), make(chan *chunkResult, 1)}
				first, left = first+o.seeds, left-o.seeds
				select {
				case waiting <- o.result:
				case <-ctx.Done():
					return
				}
				select {
				case jobs <- o:
				case <-ctx.Done():
					close(o.result)
					return
				}
			}
		})
		for range workers {
			all.Go(func() {
				for o := range jobs {
					if result := simulate(ctx, o.first, o.seeds, twice); result != nil {
						o.result <- result
					}
					close(o.result)
				}
			})
		}
		for result := range waiting {
			done, ok := <-result
			if !ok || !yield(done) {
				return
			}
		}
	}
}

// simulate simulates some seeds, or returns nil if it is to end.
func simulate(ctx context.Context, first, seeds uint64, twice bool) *chunkResult {
	c := &chunkResult{seeds: seeds}
	for i := range seeds {
		if ctx.Err() != nil {
			return nil
		}
		o := swarm.World(first + i)
		c.simulate(o)
		if twice {
			c.compare(o)
		}
	}
	return c
}

func (c *chunkResult) simulate(o workload.World) {
	result, err := sim.Run(o)
	if err != nil {
		panic(err) // the worlds of a swarm are valid
	}
	c.steps += result.Steps
	var carry uint64
	c.virtual[1], carry = bits.Add64(c.virtual[1], uint64(result.Elapsed), 0)
	c.virtual[0] += carry
	c.digest += result.Digest
	c.coverage.Add(&result.Coverage)
	if result.Violation != nil {
		c.violations = append(c.violations, result.Violation)
	}
}

// compare counts it as a violation if a simulation is not the same twice.
func (c *chunkResult) compare(o workload.World) {
	_, err := sim.RunTwice(o)
	var divergence *sim.Divergence
	if errors.As(err, &divergence) {
		c.violations = append(c.violations, &sim.Violation{Seed: o.Seed, Step: divergence.Step, Check: "twice", Err: divergence})
	}
}
