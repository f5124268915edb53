package attach

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
)

const (
	route    = "attach"
	protocol = "taskvisor-attach"
)

// Target is a task that can be attached to: a [*process.Task].
type Target interface {
	Attach(shows io.Writer) *process.Attachment
	Command() process.Command
	PID() int
}

// AddRoutes adds to what answers on a control socket what [Run] asks for:
//
//	GET /v1/attach?task=   with "Upgrade: taskvisor-attach": the terminal of a task, in frames, both ways
//
// of returns the task of a path, or why there is none.
func AddRoutes(mux *http.ServeMux, of func(path string) (Target, error)) {
	mux.HandleFunc("GET /v1/"+route, func(w http.ResponseWriter, r *http.Request) {
		target, err := of(r.URL.Query().Get("task"))
		if err != nil {
			control.Answer(w, nil, err)
			return
		}
		if r.Header.Get("Upgrade") != protocol {
			control.Answer(w, nil, &control.Error{Code: control.CodeBadRequest, Message: "Upgrade must be " + protocol})
			return
		}
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			control.Answer(w, nil, err)
			return
		}
		defer func() { _ = conn.Close() }()
		_ = conn.SetDeadline(time.Time{})
		serve(conn, buffered, target)
	})
}

const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: " + protocol + "\r\n" + terminalHeader + ": %v\r\n\r\n"

// terminalHeader says whether the task has a terminal: then each key is sent as it is pressed, and else lines are.
const terminalHeader = "Taskvisor-Terminal"

// begin attaches to a task, and says so. Nothing is shown before that, and nothing is missed after it.
func begin(conn net.Conn, target Target) (*sender, *process.Attachment, error) {
	to := &sender{to: conn}
	to.mu.Lock()
	defer to.mu.Unlock()
	attachment := target.Attach(to)
	_, err := fmt.Fprintf(conn, switching, target.Command().TTY)
	return to, attachment, err
}

// serve shows a task to a viewer, and types what they type, until either is over.
func serve(conn net.Conn, from io.Reader, target Target) {
	to, attachment, err := begin(conn, target)
	defer func() { _ = attachment.Close() }()
	if err != nil {
		return
	}
	go func() { // a viewer who does not take what is shown is dropped
		<-attachment.Done()
		_ = conn.Close()
	}()
	if target.PID() == 0 {
		_ = to.send(messageKind, []byte("it is not running now"))
	}
	over := make(chan struct{})
	defer close(over)
	told := ""
	tell := func(err error) {
		if err == nil {
			told = ""
		} else if text := because(err); text != told { // once, not for each key
			told = text
			_ = to.send(messageKind, []byte(text))
		}
	}
	for frame := range readAhead(from, over, func() { _ = attachment.Close() }) {
		switch frame.of {
		case bytesKind:
			_, err := attachment.Write(frame.held)
			tell(err)
		case sizeKind:
			rows, columns, err := sizeOf(frame.held)
			if err != nil {
				return
			}
			if err := attachment.Resize(rows, columns); err != nil && !errors.Is(err, process.ErrInputTaken) {
				tell(err)
			}
		case messageKind:
			return
		}
	}
}

// frame is what a viewer has sent.
type frame struct {
	of   kind
	held []byte
}

// ahead is how many frames of a viewer are read before the task takes what they hold. With fewer, it shows when the viewer leaves.
const ahead = 32

// leavesAfter is how long what a viewer has typed who has left may wait for a task that reads nothing, before it is forgotten and another
// can type.
const leavesAfter = 5 * time.Second

// readAhead returns what a viewer sends, until it leaves or it is over.
func readAhead(from io.Reader, over <-chan struct{}, leave func()) <-chan frame {
	frames := make(chan frame, ahead)
	go func() {
		buffer := make([]byte, longest)
		for {
			of, held, err := receive(from, buffer)
			if err != nil {
				break
			}
			select {
			case frames <- frame{of, bytes.Clone(held)}:
			case <-over:
				return
			}
		}
		close(frames)
		for waiting := -1; len(frames) != waiting; { // as long as the task reads
			waiting = len(frames)
			select {
			case <-time.After(leavesAfter):
			case <-over:
				return
			}
		}
		leave()
	}()
	return frames
}

// because says why nothing was typed.
func because(err error) string {
	switch {
	case errors.Is(err, process.ErrInputTaken):
		return "another viewer types: you only see"
	case errors.Is(err, process.ErrNoInput):
		return "it takes no input: it has neither tty nor stdin"
	case errors.Is(err, process.ErrNotRunning):
		return "it is not running now"
	}
	return err.Error()
}
