package conformance

import (
	"runtime"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// script is what one run does.
type script struct {
	lasts   core.Duration // how long until it ends by itself; core.Forever: it does not
	ends    core.ExitKind // how it ends by itself
	lingers core.Duration // how long it goes on when it is asked to stop; core.Forever: until it is released
	gives   core.ExitKind // how it ends then
	delay   core.Duration // the delay that it asks for when it ends with an error; 0: none
	says    []saying      // in order
}

// saying is something that a run says of itself.
type saying struct {
	after  core.Duration // its start
	word   word
	within core.Duration // wordAlive: how soon it says so again; 0: as its policy says
}

// word is what a run says.
type word uint8

const (
	wordAlive word = iota
	wordReady
	wordUnready
)

// op is the name of the event that a word becomes.
func (w word) op() string {
	return []core.EventKind{core.EventBeat, core.EventReady, core.EventUnready}[w].String()
}

// duty is what a runtime without it waives.
func (w word) duty() Duty { return []Duty{DutyBeats, DutyReady, DutyUnready}[w] }

// ready says that it is ready after a while.
func (s script) ready(after core.Duration) script {
	return s.saying(saying{after: after, word: wordReady})
}

// unready says that it is not ready any more.
func (s script) unready(after core.Duration) script {
	return s.saying(saying{after: after, word: wordUnready})
}

// asking asks for a delay when it fails.
func (s script) asking(delay core.Duration) script {
	s.delay = delay
	return s
}

// beats says at an interval, so many times, that it is alive, besides what it said before.
func (s script) beats(every core.Duration, times int) script {
	for range times {
		s = s.saying(saying{after: s.said() + every})
	}
	return s
}

// said is when it has said all.
func (s script) said() core.Duration {
	if n := len(s.says); n > 0 {
		return s.says[n-1].after
	}
	return 0
}

func (s script) saying(more ...saying) script {
	s.says = append(slices.Clip(s.says), more...)
	return s
}

// scripts says what the n-th run of a task does, n = 0 for the first.
type scripts func(n int) script

// inTurn has each run do what is next in a list, and all further ones what is last in it.
func inTurn(list ...script) scripts {
	return func(n int) script { return list[min(n, len(list)-1)] }
}

// lives runs until it is asked to stop.
func lives() script { return lingers(0) }

// lingers runs until it is asked to stop, and then goes on for a while.
func lingers(d core.Duration) script {
	return script{lasts: core.Forever, lingers: d, gives: core.ExitError}
}

// ends ends by itself.
func ends(how core.ExitKind, after core.Duration) script {
	return script{lasts: after, ends: how, gives: core.ExitOK}
}

// runError is the error that a run returns, and what it panics with.
type runError struct{ task string }

func (e *runError) Error() string { return "a run of " + e.task + " failed, as its script says" }

// answer is what one probe does.
type answer struct {
	after core.Duration // how long it takes; core.Forever: until it is released
	how   core.ExitKind // how it ends
}

// perform ends a run or probe as it is to. The delay is what it asks for if it ends with an error.
func (h *harness) perform(how core.ExitKind, failure error, delay core.Duration) error {
	switch how {
	case core.ExitError:
		if delay != 0 {
			return h.runtime.After(failure, delay)
		}
		return failure
	case core.ExitPanic:
		panicAsScripted(failure)
	case core.ExitGoexit:
		goexitAsScripted()
	case core.ExitDone:
		return h.runtime.Done(failure)
	case core.ExitFatal:
		return h.runtime.Fatal(failure)
	case core.ExitLost:
		return h.runtime.Lost(failure)
	case core.ExitOK, core.ExitNone, core.ExitStartTimeout, core.ExitWatchdog, core.ExitStopped, core.ExitTooQuick:
	}
	return nil
}

// The names of these functions are looked for in stacks.

//go:noinline
func panicAsScripted(value any) { panic(value) }

//go:noinline
func goexitAsScripted() { runtime.Goexit() }
