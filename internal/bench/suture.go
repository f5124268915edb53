package main

import (
	"context"
	"errors"
	"math"
	"runtime"
	"time"

	"github.com/thejerf/suture/v4"
)

// sutured is suture v4. Its backoff pauses a whole supervisor, so a task with a delay gets a supervisor of its own. It
// has no status of a task.
type sutured struct {
	root   *suture.Supervisor
	tokens map[string]suture.ServiceToken
	cancel context.CancelFunc
	over   <-chan error
}

func newSuture() subject {
	return &sutured{
		root: suture.New("root", suture.Spec{
			FailureThreshold: math.MaxFloat64, // it never pauses
			Timeout:          time.Minute,
			EventHook:        unheard,
		}),
		tokens: make(map[string]suture.ServiceToken),
	}
}

// unheard takes the place of a hook that logs, which would be measured too.
func unheard(suture.Event) {}

type sutureService task

func (s sutureService) Serve(ctx context.Context) error { return s(ctx) }

func (s *sutured) add(name string, delay time.Duration, run task) {
	if delay == 0 {
		s.tokens[name] = s.root.Add(sutureService(run))
		return
	}
	alone := suture.New(name, suture.Spec{
		FailureThreshold: 0.5, FailureDecay: 1e9, FailureBackoff: delay, BackoffJitter: suture.NoJitter{},
		Timeout: time.Minute, EventHook: unheard,
	})
	alone.Add(sutureService(run))
	s.tokens[name] = s.root.Add(alone)
}

func (s *sutured) start() {
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel, s.over = cancel, s.root.ServeBackground(ctx)
}

func (s *sutured) remove(name string) {
	_ = s.root.RemoveAndWait(s.tokens[name], time.Minute)
	delete(s.tokens, name)
}

func (s *sutured) stop() {
	s.cancel()
	if err := <-s.over; !errors.Is(err, context.Canceled) {
		panic(err)
	}
}

func (s *sutured) statuses() int {
	services := s.root.Services()
	runtime.KeepAlive(services)
	return len(services)
}
