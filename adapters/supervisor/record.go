package supervisor

import (
	"io"
	"slices"
	"sync"

	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// recording is one text, which has a part for every life of every supervisor that is recorded.
type recording struct {
	*recordingWriter
	*scenario.Recording
}

func newRecording(w io.Writer) *recording {
	writer := &recordingWriter{writer: w, limit: recordingLimit}
	return &recording{writer, scenario.NewRecording(writer)}
}

// recordingLimit is how many bytes of a recording may wait for its writer.
const recordingLimit = 64 << 20

// recordingWriter takes a recording and has it written. Its goroutine runs only while there is something to write.
type recordingWriter struct {
	writer io.Writer
	limit  int // of pending

	mu       sync.Mutex
	pending  []byte
	accepted uint64 // bytes, over all
	written  uint64
	running  bool
	err      error // why the recording has ended
	drains   []recordingDrain
}

type recordingDrain struct {
	at   uint64 // done when as many bytes are written
	over chan struct{}
}

// Write implements io.Writer, for the recorder. It never waits.
func (t *recordingWriter) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.pending)+len(p) > t.limit && t.err == nil {
		t.err = ErrRecordingLost
	}
	if t.err != nil {
		return 0, t.err
	}
	t.pending = append(t.pending, p...)
	t.accepted += uint64(len(p))
	if !t.running {
		t.running = true
		go t.run()
	}
	return len(p), nil
}

// run writes all there is.
func (t *recordingWriter) run() {
	returned := false
	defer func() {
		if returned {
			return
		}
		t.end(unreturned(recover()))
	}()
	for chunk := t.next(nil); chunk != nil; chunk = t.next(chunk) {
		n, err := t.writer.Write(chunk)
		if err == nil && n < len(chunk) {
			err = io.ErrShortWrite
		}
		if err != nil {
			t.end(contained(err))
			break
		}
	}
	returned = true
}

// next exchanges the chunk that was written for the next one. If there is none it is nil, and the recording does not run any
// more.
func (t *recordingWriter) next(chunk []byte) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.written += uint64(len(chunk))
	t.endDrains()
	if len(t.pending) == 0 {
		t.running = false
		return nil
	}
	next := t.pending
	t.pending = chunk[:0]
	return next
}

// end ends the recording for good.
func (t *recordingWriter) end(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil {
		t.err = err
	}
	t.pending, t.written = nil, t.accepted
	t.endDrains()
}

// drained returns a channel that is closed as soon as all so far is written.
func (t *recordingWriter) drained() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	drain := recordingDrain{t.accepted, make(chan struct{})}
	t.drains = append(t.drains, drain)
	t.endDrains()
	return drain.over
}

func (t *recordingWriter) endDrains() {
	t.drains = slices.DeleteFunc(t.drains, func(d recordingDrain) bool {
		over := d.at <= t.written
		if over {
			close(d.over)
		}
		return over
	})
}

func (t *recordingWriter) isIdle() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.running
}

func (t *recordingWriter) failure() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}
