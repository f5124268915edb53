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
	l := &listener{
		kinds: kinds, direct: make(chan os.Signal, 16), passed: make(chan os.Signal, 16), done: make(chan struct{}), over: make(chan struct{}),
	}
	all.add(l)
	signal.Notify(l.direct, kinds...)
	go l.listen(c)
	return sync.OnceFunc(func() {
		signal.Stop(l.direct)
		all.remove(l)
	})
}

// Pass passes a signal on that the guard has got, and reports whether a channel waits for it, or has got it by the other way before
// its stop: then it is not to end a program that is about to end by itself.
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
	return wanted || all.isLate(got)
}

// all are the listeners of the program.
var all listeners

type listeners struct {
	mu        sync.Mutex
	listeners []*listener
	early     []arrival // at listeners that have stopped: what may still come by the other way
}

func (a *listeners) add(l *listener) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.listeners = append(a.listeners, l)
}

// remove ends a listener, and keeps what has come to it directly, and was not passed on yet.
func (a *listeners) remove(l *listener) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.listeners = slices.DeleteFunc(a.listeners, func(other *listener) bool { return other == l })
	close(l.done)
	<-l.over
	a.early = append(recent(a.early, time.Now()), slices.DeleteFunc(l.single, func(early arrival) bool { return !early.direct })...)
}

// isLate reports whether a signal that is passed on has come directly to a listener that has stopped.
func (a *listeners) isLate(got os.Signal) bool {
	a.early = recent(a.early, time.Now())
	pair := slices.IndexFunc(a.early, func(early arrival) bool { return early.kind == got })
	if pair >= 0 {
		a.early = slices.Delete(a.early, pair, pair+1)
	}
	return pair >= 0
}

// listener is one call of Notify.
type listener struct {
	kinds          []os.Signal
	direct, passed chan os.Signal
	done, over     chan struct{} // closed when it has to stop, and when it has
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

func (l *listener) listen(c chan<- os.Signal) {
	defer close(l.over)
	for {
		select {
		case got := <-l.direct:
			l.arrive(c, arrival{got, true, time.Now()})
		case got := <-l.passed:
			l.arrive(c, arrival{got, false, time.Now()})
		case <-l.done:
			for { // what has come, and is too late for the channel
				select {
				case got := <-l.direct:
					l.arrive(nil, arrival{got, true, time.Now()})
				case got := <-l.passed:
					l.arrive(nil, arrival{got, false, time.Now()})
				default:
					return
				}
			}
		}
	}
}

// recent leaves out what has come so long ago that its pair will not come any more.
func recent(arrivals []arrival, now time.Time) []arrival {
	return slices.DeleteFunc(arrivals, func(a arrival) bool { return now.Sub(a.at) > window })
}

// arrive sends a signal on, unless it has come by the other way already.
func (l *listener) arrive(c chan<- os.Signal, a arrival) {
	l.single = recent(l.single, a.at)
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
