package conformance

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// readiness compares what runs said of their readiness with what was told of it.
func (j *verdict) readiness() {
	for _, p := range j.matched() {
		said := make(map[wordAt]int)
		for _, s := range p.observed.said {
			said[wordAt{s.word, s.at}]++
		}
		for _, told := range p.recorded.readies {
			w := wordAt{told.word(), told.seen}
			said[w]--
			j.check(w.word.duty(), said[w] >= 0, told.seen, "%v of run %d of %s was told, and it had not said so",
				told.event.Kind, p.recorded.run, p.recorded.task)
		}
		j.heard(p)
	}
}

type wordAt struct {
	word word
	at   core.Instant
}

// word is what an event says that is about readiness.
func (r *report) word() word {
	if r.event.Kind == core.EventUnready {
		return wordUnready
	}
	return wordReady
}

// heard looks at whether everything was told that a run said of its readiness, and that changed something.
func (j *verdict) heard(p pair) {
	r, ready := p.recorded, false
	for _, s := range p.observed.said {
		if s.word == wordAlive || (s.word == wordReady) == ready {
			continue
		}
		first := !ready && r.healthy >= s.at && r.readiness
		again := r.healthy <= s.at && r.policy.Readiness && !r.changed
		if ready = s.word == wordReady; s.at >= min(r.stopped, r.abandoned) || !first && !again {
			continue
		}
		told := slices.ContainsFunc(r.readies, func(told report) bool {
			return told.word() == s.word && told.seen == s.at && !told.refused
		})
		j.check(s.word.duty(), told, s.at, "run %d of %s said %v, and that was not told", r.run, r.task, s.word.op())
	}
}

// saidReady is when the run said that it was ready, at an instant, in the order of the world; noStep if it did not.
func (l *observedRun) saidReady(at core.Instant) int {
	for _, said := range l.said {
		if said.word == wordReady && said.at == at {
			return said.order
		}
	}
	return noStep
}
