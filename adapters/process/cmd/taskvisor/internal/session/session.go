// Package session runs a supervisor as a command in a terminal or a container does: until a signal, an order or a task ends it. It
// says what it waits for, and with which code the process is to end.
package session

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Session is one run of a supervisor. Its fields are set before [Session.Run].
type Session struct {
	Supervisor *supervisor.Supervisor
	Log        *slog.Logger

	// Kill has everything of every task killed at once. It may be called again and again.
	Kill func()

	// Hangup is called for SIGHUP, in a goroutine of its own, one call at a time; of signals that come during a call one more is
	// made. If the terminal has been closed, all is stopped instead.
	Hangup func(context.Context)

	// Closed reports whether the terminal has been closed that there was.
	Closed func() bool

	PID    func(path string) int                // of a task's process; 0: it has none
	CodeOf func(err error) (code int, has bool) // the exit code that is in a task's error
	Every  time.Duration                        // how often it says what it waits for

	Reserve time.Duration // see [control.KillIn]

	once   sync.Once
	orders chan bool // to stop; true: at once
}

// Ending says how the process is to end.
type Ending struct {
	Code   int
	Signal syscall.Signal // by which it is to end itself, so that whoever waits for it sees that; 0: none
	Why    string         // the end of a sentence that says so, such as ", because web has ended: exit code 3"; often ""
	Err    error          // what went wrong besides, or nil
}

// The exit codes that are no task's.
const (
	CodeWell   = 0 // it was asked to stop and did, or all tasks have ended well
	CodeFailed = 1 // a task without an exit code of its own ended it, or something was left behind
	CodeSignal = 128
)

const (
	// together is for how long several signals count as one: npm and others pass on a Ctrl-C that comes from the terminal as well.
	together = 50 * time.Millisecond

	// killAgain is how often all is killed until it has ended, and killFor for how long.
	killAgain = 50 * time.Millisecond
	killFor   = 2 * time.Second
)

// Stop has all stopped in order, or killed at once, as a signal would. It can be called from anywhere.
func (s *Session) Stop(now bool) {
	s.begin()
	select {
	case s.orders <- now:
	default: // as many have come already as can mean anything
	}
}

func (s *Session) begin() { s.once.Do(func() { s.orders = make(chan bool, 4) }) }

// Run runs the supervisor to its end. The first SIGINT or SIGTERM stops all in order, the second kills all at once.
func (s *Session) Run(signals <-chan os.Signal) Ending {
	s.begin()
	r := running{Session: s, done: make(chan error, 1)}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	r.cancel = cancel
	hangups := r.answerHangups(ctx)
	defer close(hangups)
	go func() { r.done <- s.Supervisor.Run(ctx) }()
	return r.obey(signals, hangups)
}

// running is a session that runs.
type running struct {
	*Session
	done   chan error
	cancel context.CancelCauseFunc

	first  syscall.Signal // that stopped it; 0: none did
	second syscall.Signal // that killed it
	state  state
	timer  *time.Timer // until something is to be said, or killed
	since  time.Time   // it is being killed
}

type state int

const (
	up       state = iota
	asked          // to stop, a moment ago
	stopping       // and a second signal kills
	killing
)

func (r *running) obey(signals <-chan os.Signal, hangups chan<- struct{}) Ending {
	r.timer = time.NewTimer(time.Hour)
	r.timer.Stop()
	defer r.timer.Stop()
	for {
		select {
		case err := <-r.done:
			return r.ending(err)
		case got := <-signals:
			signal, _ := got.(syscall.Signal)
			switch {
			case signal == syscall.SIGHUP && r.Closed != nil && r.Closed():
				r.stop(signal, "the terminal was closed")
			case signal == syscall.SIGHUP:
				select {
				case hangups <- struct{}{}:
				default:
				}
			case r.state == up:
				r.stop(signal, got.String())
			case r.state == stopping:
				r.kill(signal)
			}
		case now := <-r.orders:
			if r.state == up {
				r.stop(0, "by command")
			}
			if now && r.state != killing {
				r.kill(0)
			}
		case <-r.timer.C:
			if over := r.tick(); over {
				return r.ending(errStuck)
			}
		}
	}
}

// stop begins an orderly stop.
func (r *running) stop(signal syscall.Signal, why string) {
	if r.state != up {
		return
	}
	r.first, r.state = signal, asked
	r.Log.Info("stopping: " + why)
	var cause error = supervisor.ErrShutdown
	if signal != 0 {
		cause = &supervisor.SignalError{Signal: signal}
	}
	r.cancel(cause)
	r.timer.Reset(together)
}

// kill ends the patience.
func (r *running) kill(signal syscall.Signal) {
	r.second, r.state, r.since = signal, killing, time.Now()
	r.Log.Warn("killing all at once")
	r.Session.Kill()
	r.timer.Reset(killAgain)
}

// tick does what is due. over says that there is no use in waiting any more.
func (r *running) tick() (over bool) {
	switch r.state {
	case up:
	case asked:
		r.state = stopping
		again := "; another signal kills at once"
		if r.first == syscall.SIGINT {
			again = "; Ctrl-C again kills at once"
		}
		r.sayWaits(again)
		r.timer.Reset(r.Every)
	case stopping:
		r.sayWaits("")
		r.timer.Reset(r.Every)
	case killing:
		if time.Since(r.since) >= killFor {
			return true
		}
		r.Session.Kill() // also what has been started since
		r.timer.Reset(killAgain)
	}
	return false
}

func (r *running) sayWaits(more string) {
	waits := r.waits()
	if waits != "" {
		r.Log.Info("waits for " + waits + more)
	}
}

// answerHangups calls Hangup for what it receives.
func (r *running) answerHangups(ctx context.Context) chan<- struct{} {
	hangups := make(chan struct{}, 1)
	go func() {
		for range hangups {
			if r.Hangup != nil && ctx.Err() == nil {
				r.Hangup(ctx)
			}
		}
	}()
	return hangups
}

var errStuck = errors.New("some processes did not end though they were killed")
