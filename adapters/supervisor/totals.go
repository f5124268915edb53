package supervisor

import (
	"encoding/json"
	"iter"
	"time"
)

// Totals says what has happened to a task since it was added. No number in it ever goes back: not when the supervisor runs
// again, and not when the supervisor is restarted by the one above, also if a factory or a [Cloner] makes it anew for each
// run. Then a task has the totals of the task of the same name in the supervisor before. Only a task that is removed loses
// its totals, and a supervisor that is made by a task's own code begins with nothing.
//
// The totals are kept where decisions are carried out, and so miss nothing, unlike an observer that is too slow.
type Totals struct {
	Starts   uint64        // its runs, in all
	Exits    ExitCounts    // the ends of its runs, by how they ended. Starts less these are alive
	Restarts RestartCounts // its runs but the first, by why they were started
	Failures uint64        // how often it failed. A run that hangs has failed when that is found out, before it has ended

	// Downtime is for how long it did not run though it should have. It is down
	//   - from when its run failed, was lost, or was found to hang;
	//   - from when its run was asked to stop because another task failed or went down;
	//   - from when its run ignored a stop after which it was to start again;
	// until it is healthy again, or is not to run any more: it is completed, killed, suspended or removed, or its supervisor
	// stops. So a delay before a restart counts, and the start after it until it is ready, and a dead task that no operator
	// killed. Its first start does not count, nor does a restart by an operator, nor the time between two Runs of its
	// supervisor, which is downtime of the task that the supervisor is.
	Downtime time.Duration
}

// ExitCounts counts ends of runs by [ExitKind]. A run that was left behind and ended after all has been stopped, unless it had
// been found to hang.
type ExitCounts struct {
	OK           uint64 `json:"ok,omitempty"`
	Error        uint64 `json:"error,omitempty"`
	Panic        uint64 `json:"panic,omitempty"`
	Goexit       uint64 `json:"goexit,omitempty"`
	Done         uint64 `json:"done,omitempty"`
	Fatal        uint64 `json:"fatal,omitempty"`
	StartTimeout uint64 `json:"start-timeout,omitempty"`
	Watchdog     uint64 `json:"watchdog,omitempty"`
	Stopped      uint64 `json:"stopped,omitempty"`
	TooQuick     uint64 `json:"too-quick,omitempty"`
	Lost         uint64 `json:"lost,omitempty"`
}

// exitKinds are the kinds that ExitCounts has.
var exitKinds = [...]ExitKind{
	ExitOK, ExitError, ExitPanic, ExitGoexit, ExitDone, ExitFatal, ExitStartTimeout, ExitWatchdog, ExitStopped, ExitTooQuick, ExitLost,
}

// All iterates over the kinds that have occurred, and how often.
func (c ExitCounts) All() iter.Seq2[ExitKind, uint64] {
	return func(yield func(ExitKind, uint64) bool) {
		for _, kind := range exitKinds {
			if n := *c.of(kind); n > 0 && !yield(kind, n) {
				return
			}
		}
	}
}

// of returns the count of a kind.
func (c *ExitCounts) of(kind ExitKind) *uint64 {
	switch kind {
	case ExitOK:
		return &c.OK
	case ExitError:
		return &c.Error
	case ExitPanic:
		return &c.Panic
	case ExitGoexit:
		return &c.Goexit
	case ExitDone:
		return &c.Done
	case ExitFatal:
		return &c.Fatal
	case ExitStartTimeout:
		return &c.StartTimeout
	case ExitWatchdog:
		return &c.Watchdog
	case ExitStopped:
		return &c.Stopped
	case ExitTooQuick:
		return &c.TooQuick
	case ExitLost:
		return &c.Lost
	default:
		panic("supervisor: a run that ended in no known way")
	}
}

// RestartCounts counts restarts by why they happened. The names are those of the reasons.
type RestartCounts struct {
	Failure         uint64 `json:"failure,omitempty"`          // it had failed
	Lost            uint64 `json:"lost,omitempty"`             // its run had been lost
	Repeat          uint64 `json:"repeat,omitempty"`           // its run had ended well, and its policy restarts it all the same
	StartAgain      uint64 `json:"start-again,omitempty"`      // it had been stopped for another task
	Restarted       uint64 `json:"restarted,omitempty"`        // an operator restarted it
	Resumed         uint64 `json:"resumed,omitempty"`          // an operator resumed it
	SupervisorStart uint64 `json:"supervisor-start,omitempty"` // its supervisor was started again
}

// restartReasons are the reasons that RestartCounts has.
var restartReasons = [...]Reason{
	ReasonFailure, ReasonLost, ReasonRepeat, ReasonStartAgain, ReasonRestarted, ReasonResumed, ReasonSupervisorStart,
}

// All iterates over the reasons that have occurred, and how often.
func (c RestartCounts) All() iter.Seq2[Reason, uint64] {
	return func(yield func(Reason, uint64) bool) {
		for _, why := range restartReasons {
			if n := *c.of(why); n > 0 && !yield(why, n) {
				return
			}
		}
	}
}

// of returns the count of a reason. What is not among the others is a start by the supervisor's own.
func (c *RestartCounts) of(why Reason) *uint64 {
	switch why {
	case ReasonFailure:
		return &c.Failure
	case ReasonLost:
		return &c.Lost
	case ReasonRepeat:
		return &c.Repeat
	case ReasonStartAgain:
		return &c.StartAgain
	case ReasonRestarted:
		return &c.Restarted
	case ReasonResumed:
		return &c.Resumed
	default:
		return &c.SupervisorStart
	}
}

// MarshalJSON writes the totals as an object.
func (t Totals) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Starts   uint64        `json:"starts,omitempty"`
		Exits    ExitCounts    `json:"exits,omitzero"`
		Restarts RestartCounts `json:"restarts,omitzero"`
		Failures uint64        `json:"failures,omitempty"`
		Downtime seconds       `json:"downtime_seconds,omitempty"`
	}{t.Starts, t.Exits, t.Restarts, t.Failures, seconds(t.Downtime)})
}

// atLeast raises each number to that of other totals, which may have those of this in them.
func (t *Totals) atLeast(other *Totals) {
	t.Starts = max(t.Starts, other.Starts)
	for _, kind := range exitKinds {
		n := t.Exits.of(kind)
		*n = max(*n, *other.Exits.of(kind))
	}
	for _, why := range restartReasons {
		n := t.Restarts.of(why)
		*n = max(*n, *other.Restarts.of(why))
	}
	t.Failures, t.Downtime = max(t.Failures, other.Failures), max(t.Downtime, other.Downtime)
}
