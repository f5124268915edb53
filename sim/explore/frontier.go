package explore

import "github.com/tasksupervisor/tasksupervisor/core"

// frontier holds states as snapshots, one behind the other. That takes a fraction of a machine's memory, and makes the
// explorer a test of snapshots on the side (D7).
type frontier struct {
	data   []byte
	ends   []int
	pasts  []history
	states []fingerprint
}

func (f *frontier) count() int { return len(f.ends) }

func (f *frontier) reset() {
	f.data, f.ends, f.pasts, f.states = f.data[:0], f.ends[:0], f.pasts[:0], f.states[:0]
}

func (f *frontier) push(m *core.Machine, past history, state fingerprint) {
	f.data, _ = m.AppendBinary(f.data) // its error is always nil
	f.ends = append(f.ends, len(f.data))
	f.pasts = append(f.pasts, past)
	f.states = append(f.states, state)
}

// pop makes m the i-th machine, and returns its history and its identity before it was put away. The error says that the
// snapshot was refused.
func (f *frontier) pop(i int, m *core.Machine) (history, fingerprint, error) {
	begin := 0
	if i > 0 {
		begin = f.ends[i-1]
	}
	return f.pasts[i], f.states[i], m.UnmarshalBinary(f.data[begin:f.ends[i]])
}
