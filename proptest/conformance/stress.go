package conformance

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

const (
	stressOperators = 6
	stressCalls     = 40 // of each operator
	stressTasks     = 8
)

// stress returns the random scenarios.
func (s *Suite) stress() []plot {
	var list []plot
	for i := range uint64(s.Stress) {
		seed := s.Seed + i
		random := rand.New(rand.NewPCG(seed, 0))
		config := core.Config{Seed: seed}
		if seed%2 == 1 {
			config.StopOrder = core.StopReverse
		}
		if seed%3 == 1 {
			config.ShutdownTimeout = time.Duration(1+random.IntN(30)) * time.Second
		}
		if seed%4 == 2 {
			config.HealthCheckInterval = 200 * time.Millisecond
		}
		if seed%5 == 3 {
			config.DeadThreshold = core.Fraction{Num: 3, Den: 4}
		}
		list = append(list, plot{
			name: fmt.Sprintf("stress, seed %d", seed), config: config,
			play: func(s *stage) { playStress(s, seed) },
		})
	}
	return list
}

// playStress has several operators do anything at any time, while runs do what they like, and many things at the same
// instant.
func playStress(s *stage, seed uint64) {
	for i := range stressTasks {
		s.names = append(s.names, fmt.Sprintf("task %d", i))
	}
	_ = s.start()
	for i := range uint64(stressOperators) {
		o := &operator{stage: s, random: rand.New(rand.NewPCG(seed, 1+i))}
		s.after(0, o.work)
	}
	random := rand.New(rand.NewPCG(seed, ^uint64(0)))
	for range 30 {
		s.advance(time.Duration(random.IntN(20000)) * time.Millisecond)
	}
	if seed%2 == 0 {
		s.end()
		s.advance(time.Second)
	}
}

// operator is somebody who makes random calls.
type operator struct {
	*stage
	random *rand.Rand
}

func (o *operator) work() {
	for range stressCalls {
		o.sleepUntil(o.now() + core.Instant(o.seconds()))
		o.act(o.names[o.random.IntN(stressTasks)])
	}
}

func (o *operator) act(name string) {
	switch o.random.IntN(10) {
	case 0, 1, 2:
		policy, body := o.policy(), o.body(name, o.scripts())
		_ = o.call("add", name, func() error { return o.runtime.Add(name, policy, body) })
	case 3, 4, 5:
		_ = o.call("restart", name, func() error { return o.runtime.Restart(name) })
	case 6:
		_ = o.call("kill", name, func() error { return o.runtime.Kill(name) })
	case 7:
		_ = o.call("remove", name, func() error { return o.runtime.Remove(name) })
	case 8:
		_ = o.call("status", name, func() error {
			_, err := o.runtime.Status(name)
			return err
		})
	default:
		_ = o.call("report", "", func() error {
			o.runtime.Report()
			return nil
		})
	}
}

// seconds is a random time, often the same as another.
func (o *operator) seconds() core.Duration { return time.Duration(o.random.IntN(15)) * time.Second }

func (o *operator) policy() core.Policy {
	p := core.DefaultPolicy()
	p.Restart = core.Restart(o.random.IntN(3))
	p.BaseDelay = time.Second/4 + o.seconds()/4
	p.MaxDelay = 30 * time.Second
	p.MaxAttempts = uint32(o.random.IntN(6))
	p.StableAfter = o.seconds()
	p.StopTimeout = o.seconds()
	if o.random.IntN(3) == 0 {
		p.Jitter = core.Fraction{Num: 1, Den: 3}
	}
	if o.random.IntN(2) == 0 {
		p.OnAbandon = core.AbandonReplace
	}
	return p
}

// scripts returns random scripts, all drawn now, so that they do not depend on when which run asks.
func (o *operator) scripts() scripts {
	var list []script
	for range 4 {
		list = append(list, o.script())
	}
	return func(n int) script { return list[n%len(list)] }
}

func (o *operator) script() script {
	s := script{lasts: o.seconds(), ends: o.how(), lingers: 0, gives: o.how()}
	switch o.random.IntN(4) {
	case 0:
		s.lingers = o.seconds()
	case 1:
		s.lasts = core.Forever
	}
	if o.random.IntN(20) == 0 {
		s.lingers = core.Forever
	}
	return s
}

func (o *operator) how() core.ExitKind {
	return []core.ExitKind{core.ExitOK, core.ExitError, core.ExitPanic, core.ExitGoexit}[o.random.IntN(4)]
}
