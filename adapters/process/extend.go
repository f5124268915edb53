package process

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// extend gives the run as much time from now on: to be ready, to beat or to stop, whichever it is about. It shortens nothing.
func (p *process) extend(d time.Duration) {
	info, ok := supervisor.Current(p.ctx)
	if !ok {
		return
	}
	status, err := info.Supervisor.Status(info.Task)
	if err != nil || status.Run != info.Run || status.Until == supervisor.Never {
		return
	}
	left := time.Duration(status.Until - status.At)
	switch status.Status {
	case supervisor.StatusStarting:
		if d > left {
			p.starts.lengthen(info, d)
		}
	case supervisor.StatusHealthy:
		if d > left {
			p.beats.within(p.ctx, d)
		}
	case supervisor.StatusStopping:
		if with := withKillTime(d); with > left {
			p.stops.lengthen(info, with)
			select {
			case p.extended <- d:
			default: // one that was sent just before is not heeded yet
			}
		}
	default:
	}
}

// takeBackExtensions is called when the run ends, and nothing is heeded any more.
func (p *process) takeBackExtensions() {
	if info, ok := supervisor.Current(p.ctx); ok {
		p.starts.takeBack(info)
		p.stops.takeBack(info)
	}
}

// extension is a timeout of the task's policy that was made longer because a run asked for that (EXTEND_TIMEOUT_USEC). What was
// changed is taken back when the run ends, unless somebody else has changed it since.
type extension struct {
	of      func(supervisor.Policy) time.Duration
	set     func(time.Duration) supervisor.TaskOption
	made    bool
	before  time.Duration
	changed time.Duration
}

func startExtension() extension {
	return extension{of: func(p supervisor.Policy) time.Duration { return p.StartTimeout }, set: supervisor.WithStartTimeout}
}

func stopExtension() extension {
	return extension{of: func(p supervisor.Policy) time.Duration { return p.StopTimeout }, set: supervisor.WithStopTimeout}
}

// lengthen has the timeout begin anew, with another length.
func (e *extension) lengthen(info supervisor.RunInfo, d time.Duration) {
	policy, err := info.Supervisor.Policy(info.Task)
	if err != nil {
		return
	}
	if !e.made {
		e.before = e.of(policy)
	}
	if info.Supervisor.SetPolicy(info.Task, e.set(d)) == nil {
		e.made, e.changed = true, d
	}
}

// takeBack ends the extension.
func (e *extension) takeBack(info supervisor.RunInfo) {
	if !e.made {
		return
	}
	if policy, err := info.Supervisor.Policy(info.Task); err == nil && e.of(policy) == e.changed {
		_ = info.Supervisor.SetPolicy(info.Task, e.set(e.before))
	}
}
