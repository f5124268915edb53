package sim

import (
	"math/bits"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Result is what came of a simulation.
type Result struct {
	Seed    uint64
	Steps   uint64        // events given to supervisors
	Elapsed core.Duration // virtual time
	Digest  uint64        // a hash of all events and actions: equal digests, equal simulations

	// Counts, Phase and HaltReason are those of the supervisor at the top when Options.For had passed.
	Counts     core.Counts
	Phase      core.Phase
	HaltReason core.Reason

	// Coverage tells how often everything happened.
	Coverage Coverage

	// Violation is nil if nothing went wrong.
	Violation *Violation
}

func (r *Result) observe(m *core.Machine) {
	r.Counts, r.Phase, r.HaltReason = m.Counts(), m.Phase(), m.HaltReason()
}

// digest folds a step into a digest.
func digest(hash uint64, n uint32, ev *core.Event, actions []core.Action) uint64 {
	hash = fold(hash, uint64(ev.At)^uint64(n)<<32)
	hash = fold(hash, uint64(ev.Task)^uint64(ev.Key)<<16^uint64(ev.Run)<<32^uint64(ev.Policy)<<48^uint64(ev.Kind)<<56^uint64(ev.Exit))
	for i := range actions {
		a := &actions[i]
		hash = fold(hash, uint64(a.At)^uint64(a.Task)<<24)
		hash = fold(hash, uint64(a.Until)^uint64(a.Run)<<32^uint64(a.Left))
		hash = fold(hash, uint64(a.Attempts)<<32^
			(uint64(a.Kind)|uint64(a.From)<<5|uint64(a.To)<<10|uint64(a.Why)<<15|uint64(a.Exit)<<22))
	}
	return hash
}

func fold(hash, x uint64) uint64 {
	high, low := bits.Mul64(hash^golden, x^0xd1342543de82ef95)
	return high ^ low ^ x
}
