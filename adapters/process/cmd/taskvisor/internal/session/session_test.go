package session_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/session"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// play is a session in virtual time.
type play struct {
	*session.Session
	signals chan os.Signal
	said    *said
	killed  chan struct{} // closed by the first Kill
	kills   int
	ended   chan session.Ending
}

// said is what the session has logged, a line each.
type said struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines.Write(p)
}

func (s *said) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Split(strings.TrimSuffix(s.lines.String(), "\n"), "\n")
}

// exit is an error with an exit code.
type exit struct{ code int }

func (e *exit) Error() string { return fmt.Sprintf("exit code %d", e.code) }

func codeOf(err error) (int, bool) {
	var e *exit
	if !errors.As(err, &e) {
		return 0, false
	}
	return e.code, true
}

func newPlay(t *testing.T) *play {
	t.Helper()
	p := &play{signals: make(chan os.Signal), said: new(said), killed: make(chan struct{}), ended: make(chan session.Ending, 1)}
	plain := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key != slog.MessageKey {
			return slog.Attr{}
		}
		return a
	}
	p.Session = &session.Session{
		Log:    slog.New(slog.NewTextHandler(p.said, &slog.HandlerOptions{ReplaceAttr: plain})),
		CodeOf: codeOf, Every: time.Second,
		Kill: func() {
			if p.kills++; p.kills == 1 {
				close(p.killed)
			}
		},
	}
	return p
}

// start runs the session with some tasks until it has settled.
func (p *play) start(t *testing.T, options ...supervisor.Option) {
	t.Helper()
	var err error
	p.Supervisor, err = supervisor.New(options...)
	require.NoError(t, err)
	go func() { p.ended <- p.Run(p.signals) }()
	synctest.Wait()
}

// task ends when it has to stop and then a while after, or when all is killed.
func (p *play) task(stopsIn time.Duration) supervisor.Task {
	return supervisor.TaskFunc(func(ctx context.Context) error {
		select {
		case <-ctx.Done():
		case <-p.killed:
			return errors.New("killed")
		}
		select {
		case <-time.After(stopsIn):
			return nil
		case <-p.killed:
			return errors.New("killed")
		}
	})
}

// fails fails after a while.
func fails(after time.Duration, err error) supervisor.Task {
	return supervisor.TaskFunc(func(ctx context.Context) error {
		select {
		case <-time.After(after):
			return err
		case <-ctx.Done():
			return nil
		}
	})
}

func TestASignalStopsInOrderAndSaysWhatItWaitsFor(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		p := newPlay(t)
		p.PID = func(path string) int { return map[string]int{"web": 7}[path] }
		p.start(t, supervisor.WithTask("db", p.task(0)), supervisor.WithTask("web", p.task(2500*time.Millisecond), supervisor.WithNeeds("db")))
		p.signals <- syscall.SIGINT
		ending := <-p.ended
		require.Equal(t, session.Ending{Code: 130, Signal: syscall.SIGINT}, ending)
		require.Equal(t, []string{
			`msg="stopping: interrupt"`,
			`msg="waits for web (pid 7, SIGKILL in 9 s); 1 more after that; Ctrl-C again kills at once"`,
			`msg="waits for web (pid 7, SIGKILL in 8 s); 1 more after that"`,
			`msg="waits for web (pid 7, SIGKILL in 7 s); 1 more after that"`,
		}, p.said.all())
	})
}

// A service is stopped by SIGTERM: that it has stopped is not a failure.
func TestSIGTERMEndsWell(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		p := newPlay(t)
		p.start(t, supervisor.WithTask("web", p.task(0)))
		p.signals <- syscall.SIGTERM
		require.Equal(t, session.Ending{}, <-p.ended)
		require.Equal(t, []string{`msg="stopping: terminated"`}, p.said.all(), "what stops at once is not waited for")
	})
}

func TestASecondSignalKillsAtOnce(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		p := newPlay(t)
		p.start(t, supervisor.WithTask("db", p.task(0)), supervisor.WithTask("web", p.task(time.Hour), supervisor.WithNeeds("db")))
		p.signals <- syscall.SIGINT
		time.Sleep(100 * time.Millisecond)
		begun := time.Now()
		p.signals <- syscall.SIGTERM
		require.Equal(t, session.Ending{Code: 143, Signal: syscall.SIGTERM}, <-p.ended)
		require.Zero(t, time.Since(begun))
		require.Contains(t, p.said.all(), `msg="killing all at once"`)
	})
}

// npm passes on a Ctrl-C that comes from the terminal as well.
func TestSignalsThatComeTogetherAreOne(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		p := newPlay(t)
		p.start(t, supervisor.WithTask("web", p.task(time.Second)))
		p.signals <- syscall.SIGINT
		p.signals <- syscall.SIGINT
		require.Equal(t, syscall.SIGINT, (<-p.ended).Signal)
		require.Zero(t, p.kills)
	})
}

func TestWhatCannotBeKilledIsNotWaitedForForEver(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		p := newPlay(t)
		release := make(chan struct{})
		stuck := supervisor.TaskFunc(func(context.Context) error { <-release; return nil })
		p.start(t, supervisor.WithTask("web", stuck))
		p.signals <- syscall.SIGINT
		time.Sleep(time.Second)
		begun := time.Now()
		p.signals <- syscall.SIGINT
		ending := <-p.ended
		require.Equal(t, 130, ending.Code)
		require.ErrorContains(t, ending.Err, "did not end though they were killed")
		require.Equal(t, 2*time.Second, time.Since(begun))
		require.Greater(t, p.kills, 10, "again and again, because something may have been started meanwhile")
		close(release)
		require.NoError(t, p.Supervisor.Shutdown(context.Background()))
	})
}

func TestOrders(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		p := newPlay(t)
		p.start(t, supervisor.WithTask("web", p.task(time.Second)))
		p.Stop(false)
		require.Equal(t, session.Ending{}, <-p.ended)
		require.Equal(t, `msg="stopping: by command"`, p.said.all()[0])

		p = newPlay(t)
		p.start(t, supervisor.WithTask("web", p.task(time.Hour)))
		p.Stop(true)
		require.Equal(t, session.Ending{Code: 137}, <-p.ended)
		require.Positive(t, p.kills)
	})
}

func TestSIGHUP(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		p := newPlay(t)
		closed, hangups := false, 0
		p.Closed = func() bool { return closed }
		p.Hangup = func(context.Context) { hangups++ }
		p.start(t, supervisor.WithTask("web", p.task(0)))
		p.signals <- syscall.SIGHUP
		synctest.Wait()
		require.Equal(t, 1, hangups)
		closed = true
		p.signals <- syscall.SIGHUP
		require.Equal(t, session.Ending{Code: 129, Signal: syscall.SIGHUP}, <-p.ended)
		require.Equal(t, 1, hangups)
		require.Equal(t, []string{`msg="stopping: the terminal was closed"`}, p.said.all())
	})
}

// The code is that of the task that ended all, however deep it is, and not of one that failed after it.
func TestExitCodes(t *testing.T) {
	never := supervisor.WithRestart(supervisor.RestartNever)
	group := func(t *testing.T, options ...supervisor.Option) supervisor.Task {
		t.Helper()
		inner, err := supervisor.New(options...)
		require.NoError(t, err)
		return inner
	}
	for name, test := range map[string]struct {
		options func(t *testing.T, p *play) []supervisor.Option
		code    int
		why     string
	}{
		"a fatal failure": {func(*testing.T, *play) []supervisor.Option {
			return []supervisor.Option{supervisor.WithTask("web", fails(time.Second, supervisor.Fatal(&exit{3})))}
		}, 3, `^, because of web: .*exit code 3$`},
		"failed too often": {func(*testing.T, *play) []supervisor.Option {
			return []supervisor.Option{supervisor.WithTask("web", fails(time.Second, &exit{4}), supervisor.WithMaxAttempts(2),
				supervisor.WithOnExhausted(supervisor.ExhaustedEscalate))}
		}, 4, `^, because of web: exit code 4$`},
		"one of a group": {func(t *testing.T, _ *play) []supervisor.Option {
			mail := supervisor.WithTask("mail", fails(time.Second, supervisor.Fatal(&exit{5})))
			return []supervisor.Option{supervisor.WithTask("workers", group(t, mail), never, supervisor.WithOnExhausted(supervisor.ExhaustedEscalate)),
				supervisor.WithAutoShutdown(supervisor.AutoShutdownAny)}
		}, 5, `^, because workers has ended: .*exit code 5$`},
		"one that ends ends all": {func(_ *testing.T, p *play) []supervisor.Option {
			return []supervisor.Option{supervisor.WithTask("web", fails(time.Second, &exit{6}), never), supervisor.WithTask("db", p.task(0)),
				supervisor.WithAutoShutdown(supervisor.AutoShutdownAny)}
		}, 6, `^, because web has ended: exit code 6$`},
		"the first that ended": {func(*testing.T, *play) []supervisor.Option {
			late := supervisor.TaskFunc(func(ctx context.Context) error { <-ctx.Done(); return &exit{9} })
			return []supervisor.Option{supervisor.WithTask("late", late, never), supervisor.WithTask("web", fails(time.Second, &exit{7}), never),
				supervisor.WithAutoShutdown(supervisor.AutoShutdownAny)}
		}, 7, `^, because web has ended: exit code 7$`},
		"one that ended well": {func(_ *testing.T, p *play) []supervisor.Option {
			return []supervisor.Option{supervisor.WithTask("web", fails(time.Second, nil)), supervisor.WithTask("db", p.task(0)),
				supervisor.WithAutoShutdown(supervisor.AutoShutdownAny)}
		}, 0, `^, because web has ended$`},
		"no code": {func(*testing.T, *play) []supervisor.Option {
			return []supervisor.Option{supervisor.WithTask("web", fails(time.Second, supervisor.Fatal(errors.New("no"))))}
		}, 1, `^, because of web: .*no$`},
		"a code of zero": {func(*testing.T, *play) []supervisor.Option {
			return []supervisor.Option{supervisor.WithTask("web", fails(time.Second, supervisor.Fatal(&exit{0})))}
		}, 1, `^, because of web`},
		"too many dead": {func(_ *testing.T, p *play) []supervisor.Option {
			return []supervisor.Option{supervisor.WithTask("web", fails(time.Second, &exit{8}), never), supervisor.WithTask("db", p.task(0)),
				supervisor.WithDeadThreshold(0.4)}
		}, 8, `^, because too many are dead, web last: exit code 8$`},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *testing.T) {
				p := newPlay(t)
				p.start(t, test.options(t, p)...)
				ending := <-p.ended
				require.Equal(t, test.code, ending.Code)
				require.Zero(t, ending.Signal)
				require.Regexp(t, test.why, ending.Why)
				require.NoError(t, ending.Err)
			})
		})
	}
}

// If a task has ended all and Ctrl-C comes while the others stop, the code is that of the task.
func TestASignalThatComesTooLate(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		p := newPlay(t)
		p.start(t, supervisor.WithTask("web", fails(time.Second, supervisor.Fatal(&exit{3}))), supervisor.WithTask("db", p.task(5*time.Second)))
		time.Sleep(2 * time.Second)
		p.signals <- syscall.SIGINT
		ending := <-p.ended
		require.Equal(t, 3, ending.Code)
		require.Zero(t, ending.Signal)
	})
}

func TestWhatIsLeftBehindIsAFailure(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		p := newPlay(t)
		p.start(t, supervisor.WithTask("web", p.task(time.Minute), supervisor.WithStopTimeout(time.Second)))
		p.signals <- syscall.SIGTERM
		ending := <-p.ended
		require.Equal(t, 1, ending.Code)
		require.ErrorAs(t, ending.Err, new(*supervisor.LeftBehindError))
		time.Sleep(time.Hour)
	})
}
