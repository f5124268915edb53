// Package signals is os/signal for a program that a guard process watches over. What is sent to the guard is passed on to the
// program, but what is sent to the process group, by name, or to all processes of a service reaches both of them, and the program twice.
// Here it arrives once.
package signals

import (
	"os"
	"os/signal"
	"slices"
	"sync"
	"time"
)

// Notify has signals be sent to a channel, which are not waited for, as with [signal.Notify], until stop is called. It uses
// only the kinds that are given.
func Notify(c chan<- os.Signal, kinds ...os.Signal) (stop func()) {
	l := &listener{kinds: kinds, direct: make(chan os.Signal, 16), passed: make(chan os.Signal, 16)}
	all.add(l)
	signal.Notify(l.direct, kinds...)
	done := make(chan struct{})
	go l.listen(c, done)
	return sync.OnceFunc(func() {
		signal.Stop(l.direct)
		all.remove(l)
		close(done)
	})
}

// Pass passes a signal on that the guard has got, and reports whether a channel waits for it.
func Pass(got os.Signal) bool {
	all.mu.Lock()
	defer all.mu.Unlock()
	wanted := false
	for _, l := range all.listeners {
		if slices.Contains(l.kinds, got) {
			wanted = true
			offer(l.passed, got)
		}
	}
	return wanted
}

// all are the listeners of the program.
var all listeners

type listeners struct {
	mu        sync.Mutex
	listeners []*listener
}

func (a *listeners) add(l *listener) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.listeners = append(a.listeners, l)
}

func (a *listeners) remove(l *listener) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.listeners = slices.DeleteFunc(a.listeners, func(other *listener) bool { return other == l })
}

// listener is one call of Notify.
type listener struct {
	kinds          []os.Signal
	direct, passed chan os.Signal
	single         []arrival
}

// arrival is a signal that has come by one way, and not by the other.
type arrival struct {
	kind   os.Signal
	direct bool
	at     time.Time
}

// window is how much later than by the one way a signal may come by the other. Two that come by the same way are two, however soon.
const window = 2 * time.Second

func (l *listener) listen(c chan<- os.Signal, done <-chan struct{}) {
	for {
		select {
		case got := <-l.direct:
			l.arrive(c, arrival{got, true, time.Now()})
		case got := <-l.passed:
			l.arrive(c, arrival{got, false, time.Now()})
		case <-done:
			return
		}
	}
}

// arrive sends a signal on, unless it has come by the other way already.
func (l *listener) arrive(c chan<- os.Signal, a arrival) {
	l.single = slices.DeleteFunc(l.single, func(other arrival) bool { return a.at.Sub(other.at) > window })
	pair := slices.IndexFunc(l.single, func(other arrival) bool { return other.kind == a.kind && other.direct != a.direct })
	if pair >= 0 {
		l.single = slices.Delete(l.single, pair, pair+1)
		return
	}
	l.single = append(l.single, a)
	offer(c, a.kind)
}

func offer(c chan<- os.Signal, got os.Signal) {
	select {
	case c <- got:
	default:
	}
}
