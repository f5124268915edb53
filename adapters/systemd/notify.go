package systemd

import (
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/coreos/go-systemd/v22/daemon"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Notify tells systemd about a supervisor, which is the root of a tree, and about all that is below it, from now on:
//
//   - READY=1, once, when the tree is ready for the first time (see [supervisor.Supervisor.Ready]), before or after it was started
//   - STOPPING=1, once, when the supervisor begins to stop
//   - WATCHDOG=1 at half the interval of WatchdogSec, as long as the supervisor is well (see [supervisor.Supervisor.Health]): not if it
//     does not answer, has stopped, or has lost a task for good. Then systemd does what Restart= and WatchdogSignal= say
//   - STATUS= with one sentence, when it has changed, about once a second at most; `systemctl status` shows it
//
// The function that it returns ends this, and waits until it has ended; it can be called any number of times. Until then, a goroutine
// is left. Errors of the socket are ignored, except that READY=1 is tried again.
//
// The error is [supervisor.ErrNotMade], or that systemd's WATCHDOG_USEC or WATCHDOG_PID is not a number.
func Notify(sup *supervisor.Supervisor) (stop func(), err error) {
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		return func() {}, err
	}
	n := &notifier{
		sup: sup, changed: make(chan struct{}, 1), urgent: make(chan struct{}, 1), over: make(chan struct{}), ended: make(chan struct{}),
	}
	release, err := sup.Observe(func(t supervisor.Transition) {
		wake(n.changed)
		stops := t.Why == supervisor.ReasonSupervisorStop || t.Kind == supervisor.ActionHalt
		if stops && t.Supervisor == sup.Path() {
			wake(n.urgent)
		}
	})
	if err != nil {
		return func() {}, err
	}
	go n.main(interval / 2)
	var once sync.Once
	return func() {
		once.Do(func() {
			release()
			close(n.over)
		})
		<-n.ended
	}, nil
}

// Reload calls a function that reloads the configuration, and tells systemd that it does: RELOADING=1 with MONOTONIC_USEC=, as
// Type=notify-reload requires, before, and READY=1 after it, whatever it returns or panics with. It returns its error.
func Reload(reload func() error) error {
	_, _ = daemon.SdNotify(false, daemon.SdNotifyReloading+"\n"+daemon.SdNotifyMonotonicUsec())
	defer func() { _, _ = daemon.SdNotify(false, daemon.SdNotifyReady) }()
	return reload()
}

// notifier tells systemd about one supervisor.
type notifier struct {
	sup     *supervisor.Supervisor
	changed chan struct{} // takes a value when something has changed
	urgent  chan struct{} // takes a value when the supervisor stops
	over    chan struct{}
	ended   chan struct{}

	ready, stopping bool
	status          string
}

// quiet is how long a status lasts at least.
const quiet = time.Second

func (n *notifier) main(ping time.Duration) {
	defer close(n.ended)
	var pings <-chan time.Time // never, if there is no watchdog
	if ping > 0 {
		ticker := time.NewTicker(ping)
		defer ticker.Stop()
		pings = ticker.C
	}
	changed := n.changed
	rest := time.NewTimer(0)
	defer rest.Stop()
	for {
		select {
		case <-changed:
			n.look()
			changed = nil // until it has rested
			rest.Reset(quiet)
		case <-n.urgent:
			n.look()
		case <-rest.C:
			changed = n.changed
			n.look()
		case <-pings:
			if n.sup.Health().OK {
				_, _ = daemon.SdNotify(false, daemon.SdNotifyWatchdog)
			}
		case <-n.over:
			return
		}
	}
}

// wake sends a value, unless one is there already.
func wake(channel chan<- struct{}) {
	select {
	case channel <- struct{}{}:
	default:
	}
}

// look tells what has changed.
func (n *notifier) look() {
	ready := n.sup.Ready()
	var states []string
	begins := ready.OK && !n.ready
	if begins {
		states = append(states, daemon.SdNotifyReady)
	}
	if stops := stops(&ready); stops && !n.stopping {
		n.stopping = true
		states = append(states, daemon.SdNotifyStopping)
	}
	if status := n.sentence(&ready); status != n.status {
		n.status = status
		states = append(states, "STATUS="+status)
	}
	if len(states) == 0 {
		return
	}
	if _, err := daemon.SdNotify(false, strings.Join(states, "\n")); err == nil && begins {
		n.ready = true
	}
}

// stops reports whether the root is stopping or has stopped.
func stops(ready *supervisor.Health) bool {
	for _, problem := range ready.Problems {
		if problem.Kind == supervisor.ProblemStopping || problem.Kind == supervisor.ProblemStopped {
			return true // those of the supervisors below are about their tasks
		}
	}
	return false
}

// sentence says in one line how the tree is.
func (n *notifier) sentence(ready *supervisor.Health) string {
	if ready.OK {
		if tasks := len(n.sup.Tree()); tasks != 1 {
			return fmt.Sprintf("all of %d tasks are up", tasks)
		}
		return "1 task, which is up"
	}
	var first string
	others := -1
	for _, problem := range ready.Problems {
		if !problem.Minor {
			if others++; others == 0 {
				first = problem.String()
			}
		}
	}
	return oneLine(first, others)
}

// longest is how many bytes of a problem are shown.
const longest = 400

// oneLine returns a problem such that it cannot be taken for anything but a part of a line, and how many others there are.
func oneLine(problem string, others int) string {
	if len(problem) > longest {
		cut := longest
		for cut > 0 && !utf8.RuneStart(problem[cut]) {
			cut--
		}
		problem = problem[:cut] + "..."
	}
	problem = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return ' '
		}
		return r
	}, problem)
	if others > 0 {
		problem += fmt.Sprintf(" (and %d more)", others)
	}
	return problem
}
