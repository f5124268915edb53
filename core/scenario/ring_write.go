package scenario

import (
	"fmt"
	"io"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// WriteTo writes all that the ring keeps, as a recording that [ParseAll] reads: a scenario for each track, with the events of all
// in the order in which they came. A scenario begins with the configuration if the ring keeps all that its machine was ever
// told, and else with a snapshot. It ends by asking for the digest that the machine had when the writing began, unless the machine
// had failed.
//
// An event at which a machine panics is written as a comment, which also has the panic; the scenario ends there.
func (r *Ring) WriteTo(w io.Writer) (n int64, err error) {
	counted := &countingWriter{writer: w}
	recording := NewRecording(counted)
	r.mu.Lock()
	r.writes++
	tracks := slices.Clone(r.tracks)
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.writes--
		r.mu.Unlock()
	}()
	var sequels []*sequel
	for _, t := range tracks {
		if s := t.sample(); s.next() {
			sequels = append(sequels, s)
		}
	}
	for len(sequels) > 0 {
		first := slices.MinFunc(sequels, func(a, b *sequel) int {
			if a.turn() < b.turn() {
				return -1
			}
			return 1
		})
		if !first.write(recording) {
			sequels = remove(sequels, first)
		}
		if err := recording.Err(); err != nil {
			return counted.n, err
		}
	}
	return counted.n, recording.Err()
}

type countingWriter struct {
	writer io.Writer
	n      int64
}

// Write implements io.Writer.
func (c *countingWriter) Write(p []byte) (n int, err error) {
	n, err = c.writer.Write(p)
	c.n += int64(n)
	return n, err
}

// sequel is what a track keeps, as it was when it was looked at, and how far it is written.
type sequel struct {
	head     Head
	parts    []stretch
	digest   string // of the machine as it is; "" if that is not sound
	recorder *Recorder
}

// stretch is what is left to write of a chunk. The first one begins a scenario.
type stretch struct {
	chunk *chunk
	names []string
	log   logReader
	turns []turn
}

// sample looks at a track.
func (t *Track) sample() *sequel {
	s := &sequel{}
	t.look(func() {
		t.ring.mu.Lock()
		for _, c := range t.closed {
			if c != t.current {
				s.parts = append(s.parts, c.whole())
			}
		}
		if !t.forgotten {
			s.parts = append(s.parts, t.current.whole())
		}
		t.ring.mu.Unlock()
		s.head = t.head
		if !t.failed {
			s.digest = string(appendDigest(nil, t.machine.Digest()))
		}
	})
	return s
}

// whole returns all of a chunk. What is in it does not change, but names may be added while there is nothing else.
func (c *chunk) whole() stretch {
	return stretch{chunk: c, names: slices.Clone(c.names), log: logReader{data: c.log.data}, turns: c.turns}
}

// turn returns which part of what all machines were told is to be written next.
func (s *sequel) turn() uint64 {
	if len(s.parts[0].turns) == 0 {
		return 0
	}
	return s.parts[0].turns[0].number
}

// next reports whether there is something to write.
func (s *sequel) next() bool { return len(s.parts) > 0 }

// write writes what comes in one turn. It returns false when nothing is left.
func (s *sequel) write(to *Recording) bool {
	part := &s.parts[0]
	if s.recorder == nil {
		machine := new(core.Machine)
		machine.CopyFrom(&part.chunk.base)
		s.recorder = to.NewRecorder(s.head, machine)
		for status := range part.chunk.base.Tasks() {
			if slot := status.Task.Slot(); slot < len(part.names) && part.names[slot] != "" {
				s.recorder.Bind(part.names[slot], status.Task)
			}
		}
	}
	end := len(part.log.data)
	if len(part.turns) > 1 {
		end = part.turns[1].offset
	}
	for part.log.offset < end {
		statement, err := part.log.next()
		if err != nil || !s.recorder.repeat(statement) {
			return false // no error can be: the log was made here
		}
	}
	switch {
	case len(part.turns) > 1:
		part.turns = part.turns[1:]
		return true
	case len(s.parts) > 1:
		s.parts = s.parts[1:]
		return true
	}
	if s.digest != "" {
		s.recorder.expect(QueryDigest, s.digest)
	}
	return false
}

// repeat gives the machine what it was given before. If it panics, that is written, and nothing can follow.
func (r *Recorder) repeat(s Statement) (ok bool) {
	defer func() {
		if value := recover(); value != nil {
			problem := fmt.Sprintf("the machine panics at the next event: %v", value)
			r.buffer = appendAbove(r.buffer[:0], []string{problem, string(s.appendText(nil))})
			r.write()
			ok = false
		}
	}()
	switch s := s.(type) {
	case *Event:
		if s.Kind == core.EventAdd {
			r.Add(nil, s.Name, s.Event)
		} else {
			r.Step(nil, s.Event)
		}
	case *Define:
		_, _ = r.Define(s.Policy.Policy) // it has been defined before
	case *DefineLimits:
		_, _ = r.DefineLimits(s.Limits)
	case *Bind:
		r.Bind(s.Name, s.Task)
	case *Expect:
	}
	return true
}

// expect writes a question with its answer.
func (r *Recorder) expect(q Query, answer string) {
	question := Expect{Query: q, Answer: answer}
	r.buffer = append(question.appendText(r.buffer[:0]), '\n')
	r.write()
}
