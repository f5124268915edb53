package loop

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Halt is why the loop has halted.
type Halt struct {
	Why  Reason
	Task string   // the task that it was for; empty if it was for none
	Run  core.Run // and its run
	Last error    // of that run; nil if it had none, or has not ended in its turn
}

func (h *Halt) Error() string {
	if h.Task == "" {
		return h.Why.Error()
	}
	return fmt.Sprintf("%v: run %d of %s: %v", h.Why, h.Run, h.Task, h.Last)
}

// Unwrap returns the Reason and how the run ended.
func (h *Halt) Unwrap() []error { return []error{h.Why, h.Last} }

// haltOf returns what an ActionHalt says, of a task or none.
func haltOf(t *task, a core.Action) *Halt {
	h := &Halt{Why: Reason(a.Why), Run: a.Run}
	if t == nil {
		return h
	}
	h.Task = t.name
	if t.last != nil && t.last.number == h.Run {
		h.Last = t.last.err
	}
	return h
}

// outcome is how the loop halts.
type outcome struct {
	over chan struct{} // closed by ActionHalt
	halt *Halt         // set before that
}

// Wait waits for the halt, that of the latest Start. The error is a *Halt that wraps its Reason, nil if it is that a shutdown was
// asked for.
func (l *Loop) Wait() error {
	outcome := l.outcome.Load()
	<-outcome.over
	if outcome.halt.Why == Reason(core.ReasonShutdown) {
		return nil
	}
	return outcome.halt
}

// Status tells what the machine knows of a task, and the error of its latest run that ended.
func (l *Loop) Status(name string) (status core.TaskStatus, last error, err error) {
	err = l.do(func() error {
		t := l.names[name]
		if t == nil {
			return Refusal(core.RefusalUnknownTask)
		}
		status, _ = l.machine.Machine().Status(t.id)
		if t.last != nil {
			last = t.last.err
		}
		return nil
	})
	return status, last, err
}

// Counts counts runs, those of removed tasks too.
type Counts struct {
	Started, Ended, Abandoned uint64
}

// Left is a run that was abandoned and lives.
type Left struct {
	Task string
	Run  core.Run
}

// Report accounts for all runs.
func (l *Loop) Report() (counts Counts, left []Left) {
	_ = l.do(func() error {
		counts = l.counts
		for _, t := range l.tasks {
			for number, r := range t.live {
				if r.abandoned {
					left = append(left, Left{t.name, number})
				}
			}
		}
		return nil
	})
	return counts, left
}
