package scenario

import (
	"cmp"
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
	r.reading(func(tracks []*Track) {
		var sequels []*sequel
		for _, t := range tracks {
			s := &sequel{track: t}
			s.look(true)
			sequels = append(sequels, s)
		}
		err = writeSequels(sequels, recording)
	})
	return counted.n, err
}

// reading calls a function with the tracks. Meanwhile, what they keep is not used again for anything else.
func (r *Ring) reading(read func(tracks []*Track)) {
	r.mu.Lock()
	r.readers++
	tracks := slices.Clone(r.tracks)
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.readers--
		r.mu.Unlock()
	}()
	read(tracks)
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

// writeSequels writes what there is, in the order in which it came.
func writeSequels(sequels []*sequel, to *Recording) error {
	sequels = slices.DeleteFunc(sequels, func(s *sequel) bool { return !s.begin(to) })
	for len(sequels) > 0 {
		first := slices.MinFunc(sequels, func(a, b *sequel) int { return cmp.Compare(a.turn(), b.turn()) })
		if !first.write() {
			sequels = remove(sequels, first)
		}
		if err := to.Err(); err != nil {
			return err
		}
	}
	return to.Err()
}

// sequel writes what a track keeps, from where it has come to up to where the track was when it was looked at.
type sequel struct {
	track *Track

	parts  []stretch
	head   Head
	ended  bool
	digest string // of the machine as it was; "" if it was not asked for, or had failed

	recorder *Recorder
	to       *Recording // the recorder's
	written  Head       // what it says
	stuck    bool       // the machine panics at the next event
	serial   uint64     // of the chunk it has come to
	read     logReader  // how far it has come in that
	turns    int        // how many turns of that are over
}

// stretch is a chunk as it was.
type stretch struct {
	serial uint64
	base   *core.Machine
	names  []string
	log    []byte
	turns  []turn
}

// look looks at the track.
func (s *sequel) look(digest bool) {
	t := s.track
	s.parts = s.parts[:0]
	t.look(func() {
		t.ring.mu.Lock()
		for _, c := range t.closed {
			if c != t.current && c.serial >= s.serial {
				s.parts = append(s.parts, c.stretch())
			}
		}
		if !t.forgotten {
			s.parts = append(s.parts, t.current.stretch())
		}
		s.head, s.ended = t.head, t.ended
		t.ring.mu.Unlock()
		if digest && !t.failed {
			s.digest = string(appendDigest(nil, t.machine.Digest()))
		}
	})
}

// stretch returns all of a chunk. What is in it does not change, but names may be added while there is nothing else.
func (c *chunk) stretch() stretch {
	return stretch{c.serial, &c.base, slices.Clone(c.names), c.log.data, c.turns}
}

// begin prepares to write to a recording. It returns false if there is nothing to write. What is written for the first time begins
// when its turn comes.
func (s *sequel) begin(to *Recording) bool {
	if len(s.parts) == 0 || s.stuck {
		return false
	}
	if s.recorder == nil || s.parts[0].serial != s.serial { // it is the first, or what came next has been dropped
		s.recorder, s.serial, s.read, s.turns = nil, s.parts[0].serial, logReader{}, 0
	}
	nothing := len(s.parts) == 1 && len(s.parts[0].log) == s.read.offset
	switch {
	case s.recorder == nil:
		s.to = to
		return true
	case s.to != to && s.ended && nothing:
		return false // it is over, and there will hardly be anything more of it
	case s.to != to:
		names := s.recorder.names.taskNames
		s.record(to, s.recorder.machine, func(id core.TaskID) string { return names[id] })
	case s.head != s.written:
		s.recorder.SetHead(s.head)
		s.written = s.head
	}
	return !nothing || s.digest != ""
}

// record begins a scenario with the state of a machine.
func (s *sequel) record(to *Recording, m *core.Machine, name func(core.TaskID) string) {
	s.recorder, s.to, s.written = to.NewRecorder(s.head, m), to, s.head
	for status := range m.Tasks() {
		if name := name(status.Task); name != "" {
			s.recorder.Bind(name, status.Task)
		}
	}
}

// turn returns which part of what all machines were told is to be written next.
func (s *sequel) turn() uint64 {
	if len(s.parts[0].turns) == 0 {
		return 0
	}
	return s.parts[0].turns[s.turns].number
}

// write writes what comes in one turn. It returns false when nothing is left.
func (s *sequel) write() bool {
	part := &s.parts[0]
	if s.recorder == nil {
		base := new(core.Machine)
		base.CopyFrom(part.base)
		s.record(s.to, base, func(id core.TaskID) string {
			if slot := id.Slot(); slot < len(part.names) {
				return part.names[slot]
			}
			return ""
		})
	}
	s.read.data = part.log
	end, last := len(part.log), s.turns+1 >= len(part.turns)
	if !last {
		end = part.turns[s.turns+1].offset
	}
	for s.read.offset < end {
		statement, err := s.read.next()
		if err != nil || !s.recorder.repeat(statement) { // no error can be: the log was made here
			s.stuck = true
			return false
		}
	}
	switch {
	case !last:
		s.turns++
		return true
	case len(s.parts) > 1:
		s.parts = s.parts[1:]
		s.serial, s.read, s.turns = s.parts[0].serial, logReader{}, 0
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
