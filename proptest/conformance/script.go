package conformance

import (
	"runtime"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// script is what one run does.
type script struct {
	lasts   core.Duration // how long until it ends by itself; core.Forever: it does not
	ends    core.ExitKind // how it ends by itself
	lingers core.Duration // how long it goes on when it is asked to stop; core.Forever: until it is released
	gives   core.ExitKind // how it ends then
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
type runError struct{ life *life }

func (e *runError) Error() string { return "a run of " + e.life.task + " failed, as its script says" }

// perform ends the run as it is to.
func (l *life) perform(how core.ExitKind) error {
	switch how {
	case core.ExitError:
		return l.failure
	case core.ExitPanic:
		panicAsScripted(l.failure)
	case core.ExitGoexit:
		goexitAsScripted()
	case core.ExitOK, core.ExitNone, core.ExitStartTimeout, core.ExitWatchdog, core.ExitStopped:
	}
	return nil
}

// The names of these functions are looked for in stacks.

//go:noinline
func panicAsScripted(value any) { panic(value) }

//go:noinline
func goexitAsScripted() { runtime.Goexit() }
