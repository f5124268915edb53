package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// life is one Start of a runtime and what follows from it, up to the next. Each life has a machine of its own, and so a scenario of
// its own in the recording.
type life struct {
	shutdownAt core.Instant // when a shutdown was asked for; Never if it was not
	cancelled  bool         // the first who asked was the context
	over       core.Instant // when the next life began, or when the scenario was over
}

var errLives = errors.New("it does not have a scenario for each life of the supervisor")

// split takes apart what was seen in several lives. What happened between two of them belongs to the first.
func (e *evidence) split() ([]*evidence, error) {
	heads := e.recording.heads()
	if len(heads) != e.current+1 {
		return nil, fmt.Errorf("%w: %d, not %d", errLives, len(heads), e.current+1)
	}
	if len(heads) == 1 {
		return []*evidence{e}, nil
	}
	lives := make([]*evidence, len(heads))
	for number, head := range heads {
		end := len(e.recording.wrote)
		if number < e.current {
			end = heads[number+1]
		}
		part := &evidence{
			scenario: fmt.Sprintf("%s, life %d", e.scenario, number+1), config: e.config, current: number, subtrees: e.subtrees,
			life:         e.life,
			observedRuns: inLife(e.observedRuns, number, func(l *observedRun) int { return l.life }),
			probeCalls:   inLife(e.probeCalls, number, func(p *probeCall) int { return p.life }),
			calls:        inLife(e.calls, number, func(c *call) int { return c.life }),
			queries:      inLife(e.queries, number, func(q query) int { return q.life }),
			waits:        inLife(e.waits, number, func(w *waiting) int { return w.life }),
			observed:     inLife(e.observed, number, func(o observation) int { return o.life }),
			disturbed:    e.disturbed,
		}
		if number < e.current {
			part.life = e.earlier[number]
		}
		for i := range part.queries {
			part.queries[i].lines -= head
		}
		part.recording.text, part.recording.wrote = e.recording.between(head, end), e.recording.wrote[head:end]
		lives[number] = part
	}
	return lives, nil
}

func inLife[T any](all []T, number int, life func(T) int) []T {
	return slices.DeleteFunc(slices.Clone(all), func(one T) bool { return life(one) != number })
}

// heads returns the lines at which scenarios begin.
func (r *recording) heads() (heads []int) {
	for line, text := range bytes.SplitAfter(r.text, []byte("\n")) {
		if bytes.HasPrefix(text, []byte("scenario ")) {
			heads = append(heads, line)
		}
	}
	return heads
}

// between returns some of the lines.
func (r *recording) between(first, end int) []byte {
	return bytes.Join(bytes.SplitAfter(r.text, []byte("\n"))[first:end], nil)
}
