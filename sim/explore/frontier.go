package explore

import "github.com/tasksupervisor/tasksupervisor/core"

// frontier holds states as snapshots, one behind the other. That takes a fraction of a machine's memory, and makes the
// explorer a test of snapshots on the side (D7).
type frontier struct {
	data   []byte
	ends   []int
	epochs []epoch
}

func (f *frontier) count() int { return len(f.ends) }

func (f *frontier) reset() {
	f.data, f.ends, f.epochs = f.data[:0], f.ends[:0], f.epochs[:0]
}

func (f *frontier) push(m *core.Machine, e epoch) {
	f.data, _ = m.AppendBinary(f.data) // its error is always nil
	f.ends = append(f.ends, len(f.data))
	f.epochs = append(f.epochs, e)
}

// pop makes m the i-th machine, and returns its epoch.
func (f *frontier) pop(i int, m *core.Machine) epoch {
	begin := 0
	if i > 0 {
		begin = f.ends[i-1]
	}
	if err := m.UnmarshalBinary(f.data[begin:f.ends[i]]); err != nil {
		panic("explore: a machine does not accept its own snapshot: " + err.Error())
	}
	return f.epochs[i]
}
