package process

import (
	"errors"
	"io"
	"os"
	"slices"
	"sync"
	"time"
)

// Attachment is a viewer of a task: it is shown what the task's runs print, byte by byte as they print it, from one run to the
// next, and one of all viewers can type. See [Task.Attach].
type Attachment struct {
	task   *Task
	shows  io.Writer
	typing sync.Mutex // it types

	mu      sync.Mutex
	pending []byte
	lost    bool // something was not shown, because shows is too slow
	wake    chan struct{}
	closed  chan struct{}
	once    sync.Once
	err     error // of shows
}

// The errors of attachments.
var (
	// ErrNoInput is the error of typing into a command that has neither a TTY nor Stdin.
	ErrNoInput = errors.New("the command reads from /dev/null: it has neither TTY nor Stdin")

	// ErrInputTaken is the error of typing while another attachment does.
	ErrInputTaken = errors.New("another attachment has the input")

	// ErrDetached is the error of an attachment that was closed.
	ErrDetached = errors.New("the attachment is closed")
)

// pendingBytes is how much may wait to be shown to a viewer. One that is slower misses what does not fit.
const pendingBytes = 256 << 10

// Attach shows a writer what the task's runs print, from now on, until the attachment is closed or the writer fails. The writer
// is called by one goroutine. One that is too slow misses parts, and delays neither the command nor others.
//
// There can be any number of attachments. The first that types, by [Attachment.Write], has the input of the task until it is
// closed.
func (t *Task) Attach(shows io.Writer) *Attachment {
	a := &Attachment{task: t, shows: shows, wake: make(chan struct{}, 1), closed: make(chan struct{})}
	t.viewers.add(a)
	go a.main()
	return a
}

// Write types: it writes to the terminal of the command, or to its standard input. It waits while the command does not read what
// was typed before, until the attachment is closed. The error is [ErrNotRunning], [ErrNoInput], [ErrInputTaken], [ErrDetached] or what the system says.
func (a *Attachment) Write(p []byte) (int, error) {
	select {
	case <-a.closed:
		return 0, ErrDetached
	default:
	}
	if !a.task.Command().interactive() {
		return 0, ErrNoInput
	}
	a.typing.Lock()
	defer a.typing.Unlock()
	to, err := a.task.viewers.take(a)
	if err != nil {
		return 0, err
	}
	n, err := to.Write(p)
	switch {
	case errors.Is(err, os.ErrClosed): // the run has ended meanwhile, or the input was closed
		err = ErrNotRunning
	case errors.Is(err, os.ErrDeadlineExceeded): // which only Close sets
		err = ErrDetached
	}
	return n, err
}

// CloseInput closes the standard input of this run of a command with Stdin: it reads the end of it then. For a command with a TTY
// it does nothing; there one types Ctrl-D. The errors are those of Write.
func (a *Attachment) CloseInput() error {
	c := a.task.Command()
	switch {
	case !c.interactive():
		return ErrNoInput
	case c.TTY:
		return nil
	}
	to, err := a.task.viewers.take(a)
	if err != nil {
		return err
	}
	return to.Close()
}

// Resize changes the size of the task's terminal, for this run and those to come. For a command without a TTY it does nothing. The
// attachment has to have the input, or get it by this call.
func (a *Attachment) Resize(rows, columns uint16) error {
	if !a.task.Command().TTY {
		return nil
	}
	return a.task.viewers.resize(a, rows, columns)
}

// Done returns a channel that is closed when the attachment is: by Close, or because its writer has failed. See [Attachment.Err].
func (a *Attachment) Done() <-chan struct{} { return a.closed }

// Err returns the error of the writer, if it has failed.
func (a *Attachment) Err() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

// Close detaches. The command goes on.
func (a *Attachment) Close() error {
	a.once.Do(func() {
		a.task.viewers.remove(a)
		a.typing.Lock() // a Write that waited is over: what others type is not mixed with it
		defer a.typing.Unlock()
		a.task.viewers.free(a)
		close(a.closed)
	})
	return nil
}

// main shows what is pending.
func (a *Attachment) main() {
	for {
		select {
		case <-a.wake:
		case <-a.closed:
			return
		}
		a.mu.Lock()
		pending, lost := a.pending, a.lost
		a.pending, a.lost = nil, false
		a.mu.Unlock()
		if lost {
			pending = append(pending, "\r\n[some output is not shown: too slow]\r\n"...)
		}
		if _, err := a.shows.Write(pending); err != nil {
			a.mu.Lock()
			a.err = err
			a.mu.Unlock()
			_ = a.Close()
			return
		}
	}
}

// show adds to what is pending.
func (a *Attachment) show(p []byte) {
	a.mu.Lock()
	room := pendingBytes - len(a.pending)
	a.lost = a.lost || len(p) > room
	a.pending = append(a.pending, p[:min(room, len(p))]...)
	a.mu.Unlock()
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// interactive reports whether there is something to type into.
func (c Command) interactive() bool { return c.TTY || c.Stdin }

// viewers are the attachments of a task.
type viewers struct {
	mu            sync.Mutex
	all           []*Attachment
	writer        *Attachment // who types; nil: no viewer
	run           *process    // which has the input
	to            *os.File    // the input of the latest run; nil if it has none
	rows, columns uint16      // as they were set last; 0: never
}

func (v *viewers) add(a *Attachment) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.all = append(v.all, a)
}

// remove ends what an attachment is shown, and a Write of it that waits. Until it is freed, the input is still taken.
func (v *viewers) remove(a *Attachment) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.all = slices.DeleteFunc(v.all, func(other *Attachment) bool { return other == a })
	if v.writer == a && v.to != nil {
		_ = v.to.SetWriteDeadline(time.Unix(1, 0))
	}
}

// free lets others have the input that an attachment has.
func (v *viewers) free(a *Attachment) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.writer != a {
		return
	}
	v.writer = nil
	if v.to != nil {
		_ = v.to.SetWriteDeadline(time.Time{})
	}
}

// show shows all viewers what a run has printed.
func (v *viewers) show(p []byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, a := range v.all {
		a.show(p)
	}
}

// input says what is typed into from now on: the input of a run that begins, or nothing when it ends.
func (v *viewers) input(run *process, to *os.File) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case to != nil:
		v.run, v.to = run, to
		if run.command.TTY && v.rows > 0 && v.columns > 0 {
			_ = resizePTY(to, v.rows, v.columns) // which may have changed since the terminal was made
		}
	case v.run == run:
		v.run, v.to = nil, nil
	}
}

// take returns what an attachment types into.
func (v *viewers) take(a *Attachment) (*os.File, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.claim(a); err != nil {
		return nil, err
	}
	if v.to == nil {
		return nil, ErrNotRunning
	}
	return v.to, nil
}

func (v *viewers) claim(a *Attachment) error {
	switch {
	case !slices.Contains(v.all, a):
		return ErrDetached
	case v.writer != nil && v.writer != a:
		return ErrInputTaken
	}
	v.writer = a
	return nil
}

func (v *viewers) resize(a *Attachment, rows, columns uint16) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.claim(a); err != nil {
		return err
	}
	v.rows, v.columns = rows, columns
	if v.to == nil {
		return nil
	}
	return resizePTY(v.to, rows, columns)
}

// size returns the size of a new terminal.
func (v *viewers) size(rows, columns uint16) (uint16, uint16) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.rows == 0 || v.columns == 0 {
		return rows, columns
	}
	return v.rows, v.columns
}
