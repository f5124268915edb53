package suturetask

import (
	"fmt"
	"time"

	"github.com/thejerf/suture/v4"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Options returns the options with which a supervisor does what suture's does with a Spec, as far as both can. Fields that are zero
// have suture's defaults. Options that refine them come after them.
//
//	always restarted                   RestartAlways, WithMaxAttempts(Unlimited). A good end counts as a failure, as it does there
//	                                   (WithMinUptime(Forever)), unless the service returns suture.ErrDoNotRestart
//	restarted at once                  WithBaseDelay(0)
//	FailureThreshold, FailureBackoff   WithRestartRate: so many restarts within so long; the next one waits until there is room. A
//	                                   pause is followed by one start fewer
//	Timeout                            WithStopTimeout
//	PassThroughPanics                  WithCrashOnPanic
//	EventHook                          WithObserver; it gets the events of services, with all fields but those that are pointers or
//	                                   counts of failures. There is no pause of all services, and so no event of one
//
// These have no counterpart: FailureDecay, because failures are counted in a window that moves; BackoffJitter, because nothing waits that
// could be spread; Sprint, because values are printed with package fmt; DontPropagateTermination, because nothing is propagated: the
// end of a supervisor is a failure of one task to the one above, which restarts it.
//
// For a service, [supervisor.ForService] is often the better choice: delays that grow from task to task on its own, and not a pause
// that all share.
func Options(spec suture.Spec) []supervisor.Option {
	if spec.FailureThreshold == 0 {
		spec.FailureThreshold = 5
	}
	if spec.FailureBackoff == 0 {
		spec.FailureBackoff = 15 * time.Second
	}
	if spec.Timeout == 0 {
		spec.Timeout = 10 * time.Second
	}
	options := []supervisor.Option{
		supervisor.WithRestart(supervisor.RestartAlways),
		supervisor.WithMinUptime(supervisor.Forever),
		supervisor.WithMaxAttempts(supervisor.Unlimited),
		supervisor.WithBaseDelay(0),
		supervisor.WithRestartRate(max(1, int(spec.FailureThreshold)), spec.FailureBackoff),
		supervisor.WithStopTimeout(spec.Timeout),
		supervisor.WithCrashOnPanic(spec.PassThroughPanics),
	}
	if hook := spec.EventHook; hook != nil {
		options = append(options, supervisor.WithObserver(func(t supervisor.Transition) {
			if event := eventOf(&t, spec.FailureThreshold); event != nil {
				hook(event)
			}
		}))
	}
	return options
}

// eventOf returns what suture would tell of a transition, or nil.
func eventOf(t *supervisor.Transition, threshold float64) suture.Event {
	restarting := t.To == supervisor.StatusFailed
	panicked, _ := t.Err.(*supervisor.PanicError)
	switch {
	case t.Kind == supervisor.ActionAbandon:
		return suture.EventStopTimeout{SupervisorName: t.Supervisor, ServiceName: t.Task}
	case t.Exit == supervisor.ExitNone || t.Exit == supervisor.ExitStopped || t.Task == "":
		return nil
	case panicked != nil:
		return suture.EventServicePanic{
			SupervisorName: t.Supervisor, ServiceName: t.Task, FailureThreshold: threshold, Restarting: restarting,
			PanicMsg: fmt.Sprint(panicked.Value), Stacktrace: panicked.Stack.String(),
		}
	default:
		return suture.EventServiceTerminate{
			SupervisorName: t.Supervisor, ServiceName: t.Task, FailureThreshold: threshold, Restarting: restarting, Err: t.Err,
		}
	}
}
