//go:build unix

package attach

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/term"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

const helper = "ATTACH_TEST_HELPER"

func TestMain(m *testing.M) {
	if os.Getenv(helper) != "" {
		talk()
		return
	}
	goleak.VerifyTestMain(m)
}

// talk answers what is typed, a line at a time.
func talk() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGWINCH)
	go func() {
		for got := range signals {
			if got == os.Interrupt {
				fmt.Println("interrupted")
			} else {
				columns, rows, err := term.GetSize(0)
				fmt.Println("resized", rows, columns, err)
			}
		}
	}()
	fmt.Println("hello")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		switch text := strings.TrimSpace(in.Text()); text {
		case "size":
			columns, rows, err := term.GetSize(0)
			fmt.Println("size", rows, columns, err)
		case "draw":
			fmt.Print("\x1b[?1049h\x1b[?25l\x1b[31mdrawn\n")
		case "end":
			fmt.Println("bye")
			os.Exit(7)
		default:
			fmt.Println("got", text)
		}
	}
}

// visor is a taskvisor with one task.
type visor struct {
	client *control.Client
	sup    *supervisor.Supervisor
	left   chan struct{} // has an element for each viewer that has left
	end    func()
}

// patience is how long something may take that is waited for. It only fails.
const patience = 30 * time.Second

func newVisor(t *testing.T, command process.Command) *visor {
	t.Helper()
	host, err := process.Open(process.WithName("attach-test"), process.WithTightness(process.TightnessGroup), process.WithLogger(slog.New(slog.DiscardHandler)))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, host.Close()) })
	command.Args, command.Env, command.Ready = []string{os.Args[0]}, []string{helper + "=1"}, process.Prints("hello")
	task, err := host.Task(command)
	require.NoError(t, err)
	sup, err := supervisor.New(supervisor.WithTask("repl", task, append(task.Options(), supervisor.WithBaseDelay(time.Hour))...))
	require.NoError(t, err)
	require.NoError(t, sup.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, sup.Shutdown(context.Background())) })
	ready, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err = sup.WaitFor(ready, "repl", supervisor.UntilReady)
	status, _ := sup.Status("repl")
	require.NoError(t, err, status.String())

	folder, err := os.MkdirTemp("", "attach")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })
	listener, err := control.Listen(filepath.Join(folder, "socket"))
	require.NoError(t, err)
	mux := control.NewHandler(control.Visor{Supervisor: sup})
	var open sync.WaitGroup
	AddRoutes(mux, func(path string) (Target, error) {
		if path == "repl" {
			return task, nil
		}
		return nil, control.UnknownTask(path, []string{"repl"})
	})
	ctx, cut := context.WithCancel(context.Background())
	left := make(chan struct{}, 16)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		open.Add(1)
		defer open.Done()
		mux.ServeHTTP(&cutting{w, ctx}, r)
		if r.Header.Get("Upgrade") != "" {
			left <- struct{}{}
		}
	})}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	v := &visor{sup: sup, left: left, end: sync.OnceFunc(func() {
		cut()
		_ = server.Close()
		<-served
		open.Wait()
	})}
	t.Cleanup(v.end)
	v.client, err = control.Dial(t.Context(), listener.Path())
	require.NoError(t, err)
	t.Cleanup(v.client.Close)
	return v
}

// cutting closes a connection that was taken over when a taskvisor would end.
type cutting struct {
	http.ResponseWriter
	ctx context.Context
}

func (c *cutting) Unwrap() http.ResponseWriter { return &hijackable{c.ResponseWriter, c.ctx} }

// screenOf is a terminal, and who looks at it and types.
type screenOf struct {
	t      *testing.T
	here   *os.File // the side of whoever looks
	there  *os.File // the side of the viewer
	before *term.State

	mu   sync.Mutex
	seen strings.Builder
	news chan struct{}
}

func newScreen(t *testing.T) *screenOf {
	t.Helper()
	blocking, there, err := pty.Open()
	require.NoError(t, err)
	fd, err := syscall.Dup(int(blocking.Fd()))
	require.NoError(t, err)
	require.NoError(t, syscall.SetNonblock(fd, true))
	here := os.NewFile(uintptr(fd), "terminal") // it can be closed while it is read
	require.NoError(t, blocking.Close())
	require.NoError(t, pty.Setsize(here, &pty.Winsize{Rows: 20, Cols: 70}))
	s := &screenOf{t: t, here: here, there: there, news: make(chan struct{}, 1)}
	s.before, err = term.GetState(int(there.Fd()))
	require.NoError(t, err)
	read := make(chan struct{})
	go func() {
		defer close(read)
		buffer := make([]byte, 4096)
		for {
			n, err := here.Read(buffer)
			s.mu.Lock()
			s.seen.Write(buffer[:n])
			s.mu.Unlock()
			select {
			case s.news <- struct{}{}:
			default:
			}
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = here.Close() // whoever reads there reads no more
		<-read
		_ = there.Close()
	})
	return s
}

func (s *screenOf) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen.String()
}

// await waits until something is shown.
func (s *screenOf) await(text string) {
	s.t.Helper()
	s.awaitAfter(0, text)
}

// awaitAfter waits until something is shown after so many bytes.
func (s *screenOf) awaitAfter(seen int, text string) {
	s.t.Helper()
	late := time.After(patience)
	for !strings.Contains(s.text()[seen:], text) {
		select {
		case <-s.news:
		case <-late:
			require.Contains(s.t, s.text(), text)
		}
	}
}

func (s *screenOf) typeIn(text string) {
	s.t.Helper()
	_, err := io.WriteString(s.here, text)
	require.NoError(s.t, err)
}

// isAsBefore says that the terminal is in the state that it had.
func (s *screenOf) isAsBefore() {
	s.t.Helper()
	now, err := term.GetState(int(s.there.Fd()))
	require.NoError(s.t, err)
	require.Equal(s.t, s.before, now)
}

// attach shows the task on the screen, until what ends it. It returns when it does.
func (v *visor) attach(ctx context.Context, s *screenOf, change func(*Settings)) <-chan error {
	s.t.Helper()
	set := Settings{Task: "repl", Detach: "ctrl-]", In: s.there, Out: s.there, Begin: []byte("begin\nthat\n")}
	if change != nil {
		change(&set)
	}
	seen := len(s.text())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, v.client, set) }()
	s.awaitAfter(seen, "that")
	return ended
}

func ends(t *testing.T, ended <-chan error, with error) {
	t.Helper()
	select {
	case err := <-ended:
		require.ErrorIs(t, err, with)
	case <-time.After(patience):
		t.Fatal("it does not end")
	}
}

// A terminal is shown, typed into and resized, and is left by a key as it was found.
func TestAttach(t *testing.T) {
	v, s := newVisor(t, process.Command{TTY: true}), newScreen(t)
	resized := make(chan os.Signal, 1)
	ended := v.attach(t.Context(), s, func(set *Settings) { set.Resized = resized })
	require.Contains(t, s.text(), "[repl: ctrl-] ends this, and the task goes on]\r\nbegin\r\nthat\r\n")
	s.typeIn("size\r")
	s.await("size 20 70 <nil>")
	require.NoError(t, pty.Setsize(s.here, &pty.Winsize{Rows: 33, Cols: 99}))
	resized <- os.Interrupt // whatever it is
	s.await("resized 33 99 <nil>")
	s.typeIn("\x03") // is a signal there, and not here
	s.await("interrupted")
	s.typeIn("draw\r")
	s.await("drawn")
	s.typeIn("x\x1dy")
	ends(t, ended, ErrDetached)
	s.await("\x1b[0m\x1b(B\x1b[?25h\x1b[?1049l")
	s.isAsBefore()
}

// Several can look, and the first types.
func TestSeveralViewers(t *testing.T) {
	v, one, two, three := newVisor(t, process.Command{TTY: true}), newScreen(t), newScreen(t), newScreen(t)
	first := v.attach(t.Context(), one, nil)
	one.typeIn("one\r")
	one.await("got one")
	second := v.attach(t.Context(), two, nil)
	two.typeIn("two\r")
	two.await("another viewer types: you only see")
	third := v.attach(t.Context(), three, func(set *Settings) { set.ReadOnly = true })
	one.typeIn("three\r")
	for _, s := range []*screenOf{one, two, three} {
		s.await("got three")
		require.NotContains(t, s.text(), "got two")
	}
	one.typeIn("\x1d")
	ends(t, first, ErrDetached)
	<-v.left
	two.typeIn("four\r")
	two.await("got four")
	three.await("got four")
	v.end()
	ends(t, second, ErrEnded)
	ends(t, third, ErrEnded)
	for _, s := range []*screenOf{one, two, three} {
		s.isAsBefore()
	}
}

// When the command ends by a signal, the terminal is as it was.
func TestTheContextEnds(t *testing.T) {
	v, s := newVisor(t, process.Command{TTY: true}), newScreen(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := v.attach(ctx, s, nil)
	s.typeIn("draw\r")
	s.await("drawn")
	why := errors.New("a signal")
	cancel(why)
	ends(t, ended, why)
	s.await("\x1b[?1049l")
	s.isAsBefore()
}

// A task that takes no input, or has ended, says so.
func TestNoInput(t *testing.T) {
	v, s := newVisor(t, process.Command{}), newScreen(t)
	ended := v.attach(t.Context(), s, nil)
	s.await("[repl: it has no terminal, and gets what is typed line by line; ctrl-d ends this, and the task goes on]")
	s.typeIn("x\n")
	s.await("it takes no input: it has neither tty nor stdin")
	s.typeIn("\x04")
	ends(t, ended, ErrDetached)
}

func TestItHasEnded(t *testing.T) {
	v, s := newVisor(t, process.Command{Stdin: true}), newScreen(t)
	ended := v.attach(t.Context(), s, nil)
	s.typeIn("end\n")
	s.await("bye")
	require.NoError(t, v.sup.WaitUntil(t.Context(), "repl", func(status supervisor.TaskStatus) bool { return status.Status == supervisor.StatusFailed }))
	s.typeIn("x\n")
	s.await("it is not running now")
	s.typeIn("\x04")
	ends(t, ended, ErrDetached)
	seen := len(s.text())
	again := v.attach(t.Context(), s, nil)
	s.awaitAfter(seen, "it is not running now")
	s.typeIn("\x04")
	ends(t, again, ErrDetached)
}

// What is not a terminal is typed until its end.
func TestPiped(t *testing.T) {
	v := newVisor(t, process.Command{Stdin: true})
	shown, out := io.Pipe()
	in, keyboard := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- Run(t.Context(), v.client, Settings{Task: "repl", Detach: "ctrl-]", In: in, Out: out})
		_ = out.Close()
	}()
	lines := bufio.NewScanner(shown)
	go func() { _, _ = io.WriteString(keyboard, "one\x1d\n") }() // the key is a character here
	for lines.Scan() && lines.Text() != "got one\x1d" {
	}
	_ = keyboard.Close()
	for lines.Scan() {
	}
	ends(t, ended, ErrDetached)
}

func TestRefusals(t *testing.T) {
	v := newVisor(t, process.Command{TTY: true})
	err := Run(t.Context(), v.client, Settings{Task: "nothing", Detach: "ctrl-]"})
	var refused *control.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, control.CodeUnknownTask, refused.Code)
	require.Equal(t, `there is no task "nothing"`, refused.Message)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://taskvisor/v1/attach?task=repl", nil)
	require.NoError(t, err)
	_, err = v.client.Do(request)
	require.ErrorAs(t, err, &refused)
	require.Equal(t, control.CodeBadRequest, refused.Code)
	v.end()
	require.Error(t, Run(t.Context(), v.client, Settings{Task: "repl", Detach: "ctrl-]"}))
}

// hijackable closes the connection when the context ends, as the end of the process would.
type hijackable struct {
	http.ResponseWriter
	ctx context.Context
}

func (h *hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err == nil {
		context.AfterFunc(h.ctx, func() { _ = conn.Close() })
	}
	return conn, buffered, err
}
