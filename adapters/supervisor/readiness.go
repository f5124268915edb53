package supervisor

import (
	"context"
	"sync"
	"time"

	"github.com/tasksupervisor/tasksupervisor/clock"
)

// readinessProbe is how a supervisor finds out whether a run is ready.
type readinessProbe struct {
	check    func(context.Context) error
	interval time.Duration
}

// readinessSearch asks one run whether it is ready, until it is or ends.
type readinessSearch struct {
	readinessProbe
	run      *run
	launched sync.Once
}

func (p *readinessSearch) launch() {
	p.run.launch()
	p.launched.Do(func() { go p.main() })
}

func (p *readinessSearch) stop(error) {} // it ends with the run's context

// main is the goroutine of the search.
func (p *readinessSearch) main() {
	source := p.run.session.clock.NewSource()
	for ready, over := p.ask(); !over; ready, over = p.ask() {
		if ready {
			p.run.session.supervisor.runReady(p.run)
			return
		}
		if !p.pause(source) {
			return
		}
	}
}

// ask calls the function once. over is true if the run had to stop meanwhile. Then the call is listed as late until it
// returns.
func (p *readinessSearch) ask() (ready, over bool) {
	call := &probe{Context: p.run, run: p.run, check: p.check}
	s := p.run.session.supervisor
	s.mu.Lock()
	if !s.isStarting(p.run) {
		s.mu.Unlock()
		return false, true
	}
	p.run.ownHealth().asking = call
	s.mu.Unlock()

	answer := make(chan error, 1)
	go call.answerTo(answer)
	err := <-answer

	s.mu.Lock()
	defer s.mu.Unlock()
	p.run.ownHealth().asking = nil
	if call.late {
		p.run.member.dropLate(call)
		s.tellLateProbe(p.run, err)
		s.registry.dropOrphans()
		return false, true
	}
	p.run.ownHealth().notReady = err
	return err == nil, false
}

// answerTo calls the probe's function and sends its answer.
func (p *probe) answerTo(answer chan<- error) {
	err := error(&GoexitError{})
	defer func() { answer <- err }()
	returned := false
	defer func() {
		if !returned {
			value := recover()
			if value != nil && p.run.crash {
				panic(value)
			}
			err = unreturned(value)
		}
	}()
	err = sound(p.check(p))
	returned = true
}

// pause waits for the interval, or fails because the run has to stop.
func (p *readinessSearch) pause(source clock.Source) (ok bool) {
	defer source.Arm(Never, false)
	for until := dueAt(source.Now(), p.interval); source.Now() < until; {
		source.Arm(until, true)
		select {
		case <-source.Wake():
		case <-p.run.Done():
			return false
		}
	}
	return true
}
