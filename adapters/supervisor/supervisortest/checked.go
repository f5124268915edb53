package supervisortest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

// Checked is an option for the root of a tree: it records the tree (see [supervisor.WithRecorder]), and when the test ends it
// replays every decision and has all invariants of package sim/checkers checked. So the test fails if a task ever had two runs at a
// time, was restarted too early or too late, was not started in order, or anything else of that kind.
//
// It must be given before [Start] is called, as is natural, because what was asked for first is done last when a test ends. If the
// tree is not stopped then, what has happened so far is checked. If the test fails, the recording is logged. One of more
// than 200 lines is written to a file in [os.TempDir] that outlives the test: then its path and the last 50 lines are logged.
func Checked(t testing.TB) supervisor.Option {
	t.Helper()
	recording := new(recording)
	t.Cleanup(func() {
		t.Helper()
		text := recording.text()
		check(t, text)
		if t.Failed() && len(text) > 0 {
			logRecording(t, text)
		}
	})
	return supervisor.WithRecorder(recording)
}

// How many lines of a recording are logged.
const (
	wholeLines = 200 // at most, if it is logged as a whole
	lastLines  = 50  // if it is not
)

// logRecording logs a recording, or the end of it and where the whole is.
func logRecording(t testing.TB, text []byte) {
	t.Helper()
	lines := bytes.Count(text, []byte("\n"))
	if lines <= wholeLines {
		t.Logf("the recording:\n%s", text)
		return
	}
	where := "could not be written to a file"
	if path, err := keep(text); err == nil {
		where = "is in " + path
	} else {
		where += ": " + err.Error()
	}
	t.Logf("the recording, of %d lines, %s\nits last lines:\n%s", lines, where, tail(text, lastLines))
}

// keep writes a recording to a file that outlives the test.
func keep(text []byte) (path string, err error) {
	file, err := os.CreateTemp("", "supervisortest-*.recording")
	if err != nil {
		return "", fmt.Errorf("no file for the recording: %w", err)
	}
	_, err = file.Write(text)
	return file.Name(), errors.Join(err, file.Close())
}

// tail returns the last lines of a text.
func tail(text []byte, lines int) []byte {
	at := len(text)
	for ; lines > 0 && at > 0; lines-- {
		at = bytes.LastIndexByte(text[:at-1], '\n') + 1
	}
	return text[at:]
}

// recording keeps what is written.
type recording struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

// Write implements io.Writer.
func (r *recording) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buffer.Write(p)
}

func (r *recording) text() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return bytes.Clone(r.buffer.Bytes())
}

// check fails a test if a recording does not replay, or violates an invariant.
func check(t testing.TB, text []byte) {
	t.Helper()
	if len(text) == 0 {
		return // the supervisor was not made
	}
	file, err := scenario.ParseAll(text)
	if err != nil {
		t.Errorf("the recording cannot be read: %v", err)
		return
	}
	suite := checkers.NewSuite(append(checkers.All(), checkers.Audits(8)...)...)
	for _, part := range file.Scenarios {
		if _, err := part.Play(); err != nil {
			t.Errorf("%s: a decision cannot be replayed: %v", nameOf(part), err)
			continue
		}
		player, err := scenario.NewPlayer(part)
		if err != nil {
			t.Errorf("%s: %v", nameOf(part), err)
			continue
		}
		suite.Begin(player.Machine())
		for player.Next() {
			if _, ok := player.Statement().(*scenario.Event); !ok {
				continue
			}
			if violation := (*checkers.Violation)(nil); errors.As(suite.Observe(player.Machine(), player.Event(), player.Actions()), &violation) {
				t.Errorf("%s: %v", nameOf(part), violation)
				break
			}
		}
	}
}

func nameOf(s *scenario.Scenario) string {
	if s.Head.Of == "" {
		return "the supervisor"
	}
	return s.Head.Of
}
