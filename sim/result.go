package sim

import (
	"math/bits"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/internal/draw"
)

// Result is the outcome of a simulation.
type Result struct {
	Seed    uint64
	Steps   uint64        // events given to supervisors
	Elapsed core.Duration // virtual time

	Starts   uint64 // runs that were started
	Restarts uint64 // of these, not the first of their task
	Digest   uint64 // a hash of all events and actions: equal digests, equal simulations

	// Counts, Phase and HaltReason are those of the supervisor at the top when Options.For had passed.
	Counts     core.Counts
	Phase      core.Phase
	HaltReason core.Reason

	// Coverage counts how often each thing happened.
	Coverage Coverage

	// Violation is nil if no invariant was broken.
	Violation *Violation
}

func (r *Result) observe(m *core.Machine) {
	r.Counts, r.Phase, r.HaltReason = m.Counts(), m.Phase(), m.HaltReason()
}

// digest folds a step into a digest. The words of an action are first summed, each with a multiplier of its own,
// because sums can be computed in parallel and folding cannot.
func digest(hash uint64, n uint32, ev *core.Event, actions []core.Action) uint64 {
	const a, b, c, d = draw.Golden, 0xd1342543de82ef95, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb
	hash = fold(hash, uint64(ev.At)*a+uint64(ev.Task)*b+(uint64(ev.Key)<<32|uint64(ev.Run))*c+
		(uint64(n)<<32|uint64(ev.Policy)<<16|uint64(ev.Kind)<<8|uint64(ev.Exit))*d)
	if ev.Fenced != 0 {
		hash = fold(hash, uint64(ev.Fenced))
	}
	if ev.Kind >= core.EventReady || ev.Suspended {
		hash = fold(hash, uint64(ev.Other)*a+uint64(ev.Within)*b+(uint64(ev.Limits)<<2|bit(ev.Bound)<<1|bit(ev.Suspended))*c)
	}
	if ev.Held {
		hash = fold(hash, 1)
	}
	for i := range actions {
		action := &actions[i]
		what := uint64(action.Kind) | uint64(action.From)<<5 | uint64(action.To)<<10 | uint64(action.Why)<<15 | uint64(action.Exit)<<22 | uint64(action.Refusal)<<26
		hash = fold(hash, uint64(action.At)*a+uint64(action.Task)*b+uint64(action.Until)*c+
			(uint64(action.Run)<<32|uint64(action.Attempts))*d+(uint64(action.LeftBehind)<<32|what)*(a^d))
	}
	return hash
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func fold(hash, x uint64) uint64 {
	high, low := bits.Mul64(hash^draw.Golden, x^0xd1342543de82ef95)
	return high ^ low ^ x
}
