package process

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// ExitError says how a run ended that failed: with an exit code that is not a success, or by a signal.
type ExitError struct {
	Command    string         // the command as a line
	Code       int            // the exit code; -1 if a signal ended it
	Signal     syscall.Signal // the signal that ended it; 0 if none did
	CoreDumped bool           // it has left a core dump
	Tail       []string       // the last lines of its standard error, or of what it printed if there are none; at most 10
}

func (e *ExitError) Error() string {
	text := "exit code " + strconv.Itoa(e.Code)
	if e.Signal != 0 {
		text = "ended by " + signalName(e.Signal)
	}
	if e.CoreDumped {
		text += " (core dumped)"
	}
	if meaning := e.meaning(); meaning != "" {
		text += " (" + meaning + ")"
	}
	if last := e.lastWords(); last != "" {
		text += ": " + last
	}
	return text
}

// meaning says what an exit code means that shells and loaders agree on.
func (e *ExitError) meaning() string {
	switch {
	case e.Signal != 0:
		return ""
	case e.Code == 126:
		return "a shell could not execute a program"
	case e.Code == 127:
		return "a shell could not find a program"
	case e.Code > 128 && e.Code-128 <= int(maxSignal):
		return "as after " + signalName(syscall.Signal(e.Code-128))
	}
	return ""
}

const (
	lastWordsLength = 200
	tailLines       = 10
)

// lastWords returns the last line that says anything, not all of it if it is long.
func (e *ExitError) lastWords() string {
	for _, line := range slices.Backward(e.Tail) {
		if line = strings.TrimSpace(line); line != "" {
			if len(line) > lastWordsLength {
				line = line[:wholeCharacters([]byte(line[:lastWordsLength]))] + "..."
			}
			return line
		}
	}
	return ""
}

// KilledError says that a run had to be stopped by SIGKILL, because some of it was still alive when its time to stop was over.
type KilledError struct {
	Command string
	After   time.Duration  // how long after the stop signal
	Signal  syscall.Signal // the stop signal
	Leader  bool           // the command itself was alive; else only processes that it has started
}

func (e *KilledError) Error() string {
	who := "processes that it has started"
	if e.Leader {
		who = "it"
	}
	return fmt.Sprintf("%s did not stop within %v of %s, and got SIGKILL", who, e.After.Round(time.Millisecond), signalName(e.Signal))
}

// exit returns the error that a leader's end is, nil for a good end. asked says that the run was asked to stop.
func (p *process) exit(state exitState, asked bool) error {
	c := &p.command
	switch {
	case state.signal == 0 && (state.code == 0 || slices.Contains(c.Success, state.code)):
		return nil
	case asked && p.stoppedAs(state):
		return nil
	}
	return &ExitError{Command: c.String(), Code: state.code, Signal: state.signal, CoreDumped: state.coreDumped, Tail: p.lastLines()}
}

// stoppedAs reports whether a leader ended as one does that was sent a signal, by the signal or with the exit code that says so.
func (p *process) stoppedAs(state exitState) bool {
	return slices.ContainsFunc(p.sent, func(signal syscall.Signal) bool {
		return state.signal == signal || state.signal == 0 && state.code == 128+int(signal)
	})
}

// lastLines returns the last lines of standard error of the run, or of everything if there are none.
func (p *process) lastLines() []string {
	kept := p.task.queue.last(p.command.Output.Tail)
	for _, streams := range [][]Stream{{Stderr}, {Stdout, Terminal}} {
		if lines := joined(kept, p.number, streams); len(lines) > 0 {
			return lines[max(0, len(lines)-tailLines):]
		}
	}
	return nil
}

// joined returns the lines of a run on some streams without escape sequences, each whole again if it came in pieces.
func joined(kept []Line, run supervisor.RunNumber, streams []Stream) []string {
	var lines []string
	for _, line := range kept {
		if line.Run != run || !slices.Contains(streams, line.Stream) {
			continue
		}
		text := string(plain([]byte(line.Text)))
		if line.Continues && len(lines) > 0 {
			lines[len(lines)-1] += text
		} else {
			lines = append(lines, text)
		}
	}
	return lines
}
