package checkers

import "github.com/tasksupervisor/tasksupervisor/core"

// timers holds when the timers of tasks are due, the earliest first: a binary heap, which may hold outdated entries too.
type timers []timer

type timer struct {
	at   core.Instant
	task core.TaskID
}

// earliest returns the timer that is due first; ok is false if there is none.
func (t *Trace) earliest() (first timer, ok bool) {
	for len(t.timers) > 0 {
		if first = t.timers[0]; t.Task(first.task).Until == first.at {
			return first, true
		}
		t.timers.pop()
	}
	return timer{}, false
}

// arm puts the timer of a task into the heap, if it has one.
func (q *timers) arm(s *core.TaskStatus) {
	if s.Until == core.Never {
		return
	}
	h := append(*q, timer{s.Until, s.Task})
	i := len(h) - 1
	entry := h[i]
	for parent := (i - 1) / 2; i > 0 && entry.at < h[parent].at; parent = (i - 1) / 2 {
		h[i] = h[parent]
		i = parent
	}
	h[i] = entry
	*q = h
}

func (q *timers) pop() {
	h := *q
	last := len(h) - 1
	entry := h[last]
	h = h[:last]
	*q = h
	if last == 0 {
		return
	}
	i := 0
	for {
		child := 2*i + 1
		if child+1 < last && h[child+1].at < h[child].at {
			child++
		}
		if child >= last || entry.at <= h[child].at {
			break
		}
		h[i] = h[child]
		i = child
	}
	h[i] = entry
}
