package attach

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
)

// Settings says how a task is shown.
type Settings struct {
	Task     string
	ReadOnly bool   // nothing is typed
	Detach   string // the key that ends it, as ParseKey has it
	In       io.Reader
	Out      io.Writer
	Resized  <-chan os.Signal // says that the terminal has another size; nil: it never has

	// Begin is shown first: what the task has written last.
	Begin []byte
}

// Errors that say why a viewer does not see any more.
var (
	ErrDetached = errors.New("detached") // by the key
	ErrEnded    = errors.New("the taskvisor has ended")
)

// Run shows a task's terminal until the key, the end of the input, the context or the end of the taskvisor ends it. A task without a
// terminal is typed whole lines, and ended by the end of the input only. The error is
// [ErrDetached], [ErrEnded], the context's cause, one of [control.Client], or what reading or writing failed with. Whatever happens,
// the terminal is as it was.
func Run(ctx context.Context, client *control.Client, set Settings) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://taskvisor/v1/"+route+"?"+url.Values{"task": {set.Task}}.Encode(), nil)
	if err != nil {
		return err
	}
	request.Header.Set("Connection", "Upgrade")
	request.Header.Set("Upgrade", protocol)
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	connection, ok := answer.Body.(io.ReadWriteCloser)
	if answer.StatusCode != http.StatusSwitchingProtocols || !ok {
		_ = answer.Body.Close()
		return errors.New("the taskvisor is of another version, which cannot show terminals")
	}
	defer func() { _ = connection.Close() }()
	defer context.AfterFunc(ctx, func() { _ = connection.Close() })()
	return show(ctx, connection, answer.Header.Get(terminalHeader) == "true", set)
}

// show shows what comes, and sends what is typed.
func show(ctx context.Context, connection io.ReadWriteCloser, terminal bool, set Settings) error {
	key, err := ParseKey(set.Detach)
	if err != nil {
		return err
	}
	v := &viewer{Settings: set, to: &sender{to: connection}, key: key}
	restore, err := v.raw(terminal)
	if err != nil {
		return err
	}
	defer restore()
	v.hint()
	v.print(set.Begin)
	typed := make(chan error, 1)
	if !set.ReadOnly {
		v.resize()
		go func() {
			typed <- v.typing()
			_ = connection.Close()
		}()
	}
	resizing := make(chan struct{})
	defer close(resizing)
	go v.resizing(resizing)
	err = v.showing(connection)
	select {
	case why := <-typed:
		return why
	default:
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// viewer is one terminal in which a task's is shown.
type viewer struct {
	Settings
	to    *sender
	key   byte
	modes modes
	isRaw bool
}

// hint says how to end it.
func (v *viewer) hint() {
	switch {
	case !v.isTerminal(v.In):
	case v.isRaw:
		v.print([]byte("[" + v.Task + ": " + v.Detach + " ends this, and the task goes on]\n"))
	case v.ReadOnly:
		v.print([]byte("[" + v.Task + ": ctrl-c ends this, and the task goes on]\n"))
	default:
		v.print([]byte("[" + v.Task + ": it has no terminal, and gets what is typed line by line; ctrl-d ends this, and the task goes on]\n"))
	}
}

// raw makes the terminal pass on all keys as they are. What it returns makes it what it was, and takes back what the task told it.
func (v *viewer) raw(terminal bool) (restore func(), err error) {
	back := func() {
		if v.isTerminal(v.Out) {
			fmt.Fprint(v.Out, v.modes.back())
		}
	}
	in, ok := v.In.(*os.File)
	if !ok || !terminal || !v.isTerminal(v.In) || v.ReadOnly {
		return back, nil
	}
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, err
	}
	v.isRaw = true
	return func() {
		back()
		_ = term.Restore(int(in.Fd()), before)
	}, nil
}

func (v *viewer) isTerminal(file any) bool {
	f, ok := file.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// print shows something. In a raw terminal a line's end alone does not go back to the beginning.
func (v *viewer) print(p []byte) {
	if v.isRaw {
		p = bytes.ReplaceAll(p, []byte("\n"), []byte("\r\n"))
	}
	_, _ = v.Out.Write(p)
}

// showing shows what comes until there is nothing more.
func (v *viewer) showing(from io.Reader) error {
	buffer := make([]byte, longest)
	for {
		of, held, err := receive(from, buffer)
		switch {
		case errors.Is(err, errFrame):
			return err
		case err != nil:
			return ErrEnded
		}
		switch of {
		case bytesKind:
			v.modes.see(held)
			if _, err := v.Out.Write(held); err != nil {
				return err
			}
		case messageKind:
			v.print([]byte(v.message(string(held))))
		case sizeKind: // is sent the other way only
		}
	}
}

// message returns a message in a line of its own.
func (v *viewer) message(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return -1
		}
		return r
	}, text)
	return "\n[" + v.Task + ": " + text + "]\n"
}

// typing sends what is typed, until the key that ends it.
func (v *viewer) typing() error {
	buffer := make([]byte, 4096)
	for {
		n, err := v.In.Read(buffer)
		typed := buffer[:n]
		at := -1
		if v.isRaw {
			at = bytes.IndexByte(typed, v.key)
		}
		if at >= 0 {
			typed = typed[:at]
		}
		if len(typed) > 0 {
			if err := v.to.send(bytesKind, typed); err != nil {
				return ErrEnded
			}
		}
		switch {
		case at >= 0, err == io.EOF:
			return ErrDetached
		case err != nil:
			return err
		}
	}
}

// resizing sends each size that the terminal gets.
func (v *viewer) resizing(over <-chan struct{}) {
	if v.ReadOnly {
		return
	}
	for {
		select {
		case <-v.Resized:
			v.resize()
		case <-over:
			return
		}
	}
}

// resize sends the size of the terminal.
func (v *viewer) resize() {
	out, ok := v.Out.(*os.File)
	if !ok {
		return
	}
	if columns, rows, err := term.GetSize(int(out.Fd())); err == nil {
		_ = v.to.sendSize(uint16(rows), uint16(columns))
	}
}

// ParseKey reads a key such as "ctrl-]".
func ParseKey(text string) (byte, error) {
	name, control := strings.CutPrefix(strings.ToLower(text), "ctrl-")
	if control && len(name) == 1 && (name[0] >= 'a' && name[0] <= 'z' || strings.Contains(`[\]^_@`, name)) {
		return strings.ToUpper(name)[0] & 0x1f, nil
	}
	return 0, fmt.Errorf("%q is not a key: it must be like ctrl-] or ctrl-x", text)
}
