package sim

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// staleEvent returns an event that a supervisor must reject, in most cases.
func (s *Simulation) staleEvent(n uint32, r *workload.Random) core.Event {
	node := &s.nodes[n]
	var ev core.Event
	if len(node.gone) > 0 {
		ev.Task = node.gone[r.Below(uint64(len(node.gone)))]
	}
	if g := r.Below(uint64(len(node.members) + 1)); int(g) < len(node.members) && len(node.members[g]) > 0 {
		ev.Task = node.members[g][r.Below(uint64(len(node.members[g])))]
	}
	status, _ := node.machine.Status(ev.Task)
	// Not the next run: that may have begun by then.
	later, earlier := status.Run+1<<32, status.Run-1
	if earlier == status.Fenced {
		earlier = 0
	}
	switch r.Below(16) {
	case 0:
		ev.Kind, ev.Exit, ev.Run = core.EventExit, core.ExitError, later
	case 1:
		ev.Kind, ev.Exit, ev.Run = core.EventExit, core.ExitOK, earlier
	case 2:
		ev.Kind, ev.Exit, ev.Run = core.EventExit, core.ExitWatchdog, status.Run
	case 3:
		if ev.Kind = core.EventAdd; r.Below(2) == 0 {
			ev.Run = 1 << 63
		} else {
			ev.Policy = 1<<64 - 1
		}
	case 4:
		ev.Kind = core.EventStart
	case 5:
		ev.Kind = 200
	case 6:
		ev.Kind, ev.Task = core.EventRestart, ev.Task+1<<63
	case 7:
		ev.Kind, ev.Run = core.EventReady, later
	case 8:
		ev.Kind, ev.Run = core.EventBeat, earlier
	case 9:
		ev.Kind, ev.Run, ev.Exit = core.EventProbe, later, core.ExitOK
	case 10:
		ev.Kind, ev.Run, ev.Exit = core.EventProbe, status.Run, core.ExitPanic
	case 11:
		ev.Kind, ev.Limits = core.EventLimits, 1<<64-1
	case 12:
		ev.Kind, ev.Policy = core.EventPolicy, 1<<64-1
	case 13:
		ev.Kind, ev.Other = core.EventNeed, ev.Task
	case 14:
		// There may be an operator who has suspended it.
		if ev.Kind = core.EventResume; status.Suspended {
			ev.Task = 0
		}
	default:
		ev.Kind, ev.Task = core.EventKill, 0
	}
	return ev
}
