package workload

import (
	"strconv"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Ends says how runs end, by weights: with Ends{OK: 3, Error: 1} every fourth run fails. The zero Ends is always with
// an error.
type Ends struct {
	OK, Error, Panic, Goexit, Done, Fatal, Lost uint32
}

// weights are all ends there are, each with its weight.
func (e *Ends) weights() [7]endWeight {
	return [...]endWeight{
		{core.ExitOK, &e.OK}, {core.ExitError, &e.Error}, {core.ExitPanic, &e.Panic}, {core.ExitGoexit, &e.Goexit},
		{core.ExitDone, &e.Done}, {core.ExitFatal, &e.Fatal}, {core.ExitLost, &e.Lost},
	}
}

type endWeight struct {
	kind   core.ExitKind
	weight *uint32
}

// Draw returns one end.
func (e *Ends) Draw(r *Random) core.ExitKind {
	all := uint64(e.OK) + uint64(e.Error) + uint64(e.Panic) + uint64(e.Goexit) + uint64(e.Done) + uint64(e.Fatal) + uint64(e.Lost)
	if all == uint64(e.Error) {
		return core.ExitError
	}
	n := r.Below(all)
	for _, end := range e.weights() {
		if n < uint64(*end.weight) {
			return end.kind
		}
		n -= uint64(*end.weight)
	}
	panic("workload: a draw beyond all weights")
}

// String returns the weights as a description writes them, such as ok:1,error:3.
func (e Ends) String() string {
	var parts []string
	for _, end := range e.weights() {
		if *end.weight > 0 {
			parts = append(parts, end.kind.String()+":"+strconv.FormatUint(uint64(*end.weight), 10))
		}
	}
	return strings.Join(parts, ",")
}

// parseEnds reads weights such as ok:1,error:3. A weight of one need not be said.
func parseEnds(w word) (Ends, error) {
	var ends Ends
	for at := 0; at <= len(w.text); {
		part := w.part(at)
		if comma := strings.IndexByte(part.text, ','); comma >= 0 {
			part.text = part.text[:comma]
		}
		at += len(part.text) + 1
		name, _, weighed := strings.Cut(part.text, ":")
		weight := uint64(1)
		if weighed {
			var err error
			if weight, err = parseNumber(part.part(len(name)+1), 32); err != nil {
				return ends, err
			}
		}
		part.text = name
		kind, err := parseEnd(part)
		if err != nil {
			return ends, err
		}
		for _, end := range ends.weights() {
			if end.kind == kind {
				*end.weight = uint32(weight)
			}
		}
	}
	return ends, nil
}

// parseEnd reads how a run can end.
func parseEnd(w word) (core.ExitKind, error) {
	for kind := range core.ValuesFrom(core.ExitOK) {
		if kind.Reported() && kind.String() == w.text {
			return kind, nil
		}
	}
	return 0, w.fail("not ok, error, panic, goexit, done, fatal or lost: " + strconv.Quote(w.text))
}
