package supervisor

import "sync"

// exits are the runs that have ended and that the machine has not been told about yet, in order.
//
// A run that ends adds itself, and the session's loop tells the machine. A run does not tell the machine itself, because a
// decision needs more stack than a new goroutine has: for this one call its stack would be copied to a larger one,
// which takes longer than everything else.
type exits struct {
	mu     sync.Mutex
	runs   []*run
	first  int  // runs before this one have been taken
	asleep bool // the loop has to be woken
	noLoop bool // the session is finished
}

// add adds a run that has ended. wake reports whether the loop has to be woken; ok is false if there is no loop that would
// take the run.
func (e *exits) add(r *run) (wake, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.noLoop {
		return false, false
	}
	e.runs = append(e.runs, r)
	wake, e.asleep = e.asleep, false
	return wake, true
}

// take appends the next few runs to dst, as many as it has room for.
func (e *exits) take(dst []*run) []*run {
	e.mu.Lock()
	defer e.mu.Unlock()
	few := e.runs[e.first:]
	if len(few) > cap(dst) {
		few = few[:cap(dst)]
		e.first += len(few)
		return append(dst, few...)
	}
	dst = append(dst, few...)
	clear(e.runs)
	e.runs, e.first = e.runs[:0], 0
	if cap(e.runs) > 1024 { // a burst is over
		e.runs = nil
	}
	return dst
}

// sleep announces that the loop is going to sleep. It fails if there is something to take.
func (e *exits) sleep() (ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asleep = len(e.runs) == 0
	return e.asleep
}

// endLoop announces that the loop will take nothing any more. It fails if there is something to take.
func (e *exits) endLoop() (ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.noLoop = len(e.runs) == 0
	return e.noLoop
}
