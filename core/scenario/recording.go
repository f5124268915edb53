package scenario

import (
	"io"
	"sync"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Recording writes what several machines do, such as those of a tree of supervisors, as one text: every recorder writes a
// scenario of its own, and [ParseAll] takes them apart again.
//
// Events stand in the text in the order in which they were written, so that it is complete up to the last one whenever the
// process dies, and can be read and searched as a log. Each scenario begins with a line that says whose it is. When another
// writes next, a line says which:
//
//	scenario 1 part=1 of=root run=1 origin=2026-11-28T03:51:34.5Z
//	...
//	scenario 1 part=2 of=root/mail run=1 origin=2026-11-28T03:51:34.6Z
//	...
//	continue part=1 of=root run=1
//	...
//
// Its methods may be called by several goroutines at once, and its recorders used by one goroutine each. The writer is
// called with whole lines, one call at a time. Once it has failed, nothing more is written.
type Recording struct {
	mu      sync.Mutex
	writer  io.Writer
	parts   uint64 // how many there are
	current uint64 // the one that was written last
	buffer  []byte
	err     error
}

// NewRecording returns a recording that writes to w.
func NewRecording(w io.Writer) *Recording { return &Recording{writer: w} }

// NewRecorder is [NewRecorder] for another part of the recording. The head says what it is of; its Part is numbered here.
func (r *Recording) NewRecorder(head Head, m *core.Machine) *Recorder {
	r.mu.Lock()
	r.parts++
	head.Part = r.parts
	r.mu.Unlock()
	return newRecorder(&part{recording: r, head: head}, head, m)
}

// SetHead says what the scenario is of, where that was not known when it began, but for its part. Only a recorder of a
// [Recording] has a head.
func (r *Recorder) SetHead(head Head) {
	if p, ok := r.writer.(*part); ok && r.err == nil {
		r.err = p.setHead(head)
	}
}

// Err returns the first error of the writer.
func (r *Recording) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// part is the writer of one recorder. Its fields are guarded by the recording's mu.
type part struct {
	recording *Recording
	head      Head
	begun     bool // its first line, which says what it is, is written
}

// Write implements io.Writer.
func (p *part) Write(lines []byte) (n int, err error) {
	r := p.recording
	r.mu.Lock()
	defer r.mu.Unlock()
	text := lines
	if p.begun && r.current != p.head.Part {
		text = append(p.head.appendIdentity(append(r.buffer[:0], wordContinue...)), '\n')
		text = append(text, lines...)
		r.buffer = text
	}
	p.begun, r.current = true, p.head.Part
	if err := r.write(text); err != nil {
		return 0, err
	}
	return len(lines), nil
}

func (p *part) setHead(head Head) error {
	r := p.recording
	r.mu.Lock()
	defer r.mu.Unlock()
	head.Part = p.head.Part
	if head == p.head {
		return nil
	}
	p.head, r.current = head, head.Part
	r.buffer = append(head.appendFields(append(r.buffer[:0], wordContinue...)), '\n')
	return r.write(r.buffer)
}

func (r *Recording) write(text []byte) error {
	if r.err != nil {
		return r.err
	}
	n, err := r.writer.Write(text)
	if n < len(text) && err == nil {
		err = io.ErrShortWrite
	}
	r.err = err
	return err
}
