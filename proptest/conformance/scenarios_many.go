package conformance

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// playManyEnds has many runs end while the runtime decides something else, so that it finds many ends at once: as many as fill
// a batch of a power of two, one more than that, and several batches.
func playManyEnds(h *harness) {
	var wave atomic.Int64 // how many are to end while the next line is written
	hold := func([]byte) {
		if n := wave.Swap(0); n != 0 {
			h.endMeanwhile(int(n))
		}
	}
	h.recording.hold.Store(&hold)
	policy := usual(based(time.Second), unlimited)
	for i := range 200 {
		name := fmt.Sprintf("one of many, %d", i)
		task := Task{Policy: policy, Body: h.body(name, inTurn(lives()))}
		_ = h.ask(adding(name, task), func() error { return h.runtime.Add(name, task) })
	}
	_ = h.start()
	_ = h.add("another", usual(), lives())
	for _, n := range []int64{64, 65, 128, 200, 200, 200} {
		wave.Store(n)
		_ = h.restart("another")
		h.advance(3 * time.Minute)
	}
}

// endMeanwhile has the first runs that are alive fail, and gives them time to. It is called while the runtime writes, perhaps
// with its machine held, and so it waits for none of them.
func (h *harness) endMeanwhile(n int) {
	alive := h.living()
	for _, l := range alive[:min(n, len(alive))] {
		select {
		case l.orders <- core.ExitError:
		default: // it has been told before
		}
	}
	for range 2000 {
		runtime.Gosched()
	}
}
