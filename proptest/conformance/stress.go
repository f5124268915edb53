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
func (s *Suite) stress() []testCase {
	var list []testCase
	for i := range uint64(s.Stress) {
		seed := s.Seed + i
		random := rand.New(rand.NewPCG(seed, 0))
		config := core.Config{
			Seed: seed, Strategy: core.Strategy(seed % 3), StopOrder: core.StopOrder(random.IntN(3)),
			Limits: core.Limits{Intensity: core.Rate{Count: uint32(10 + random.IntN(50)), Per: time.Minute}},
		}
		if seed%2 == 1 {
			config.RestartRate = core.Rate{Count: 2, Per: 3 * time.Second}
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
		if seed%7 == 5 {
			config.MaxTasks = stressTasks - 2
		}
		if seed%7 == 6 {
			config.AutoShutdown = core.AutoShutdownAll
		}
		list = append(list, testCase{
			name: fmt.Sprintf("stress, seed %d", seed), config: config,
			play: func(h *harness) { playStress(h, seed) },
		})
	}
	return list
}

// playStress has several operators do anything at any time, while runs do what they like, and many things at the same
// instant.
func playStress(h *harness, seed uint64) {
	for i := range stressTasks {
		h.names = append(h.names, fmt.Sprintf("task %d", i))
	}
	_ = h.start()
	for i := range uint64(stressOperators) {
		o := &operator{harness: h, random: rand.New(rand.NewPCG(seed, 1+i))}
		h.after(0, o.work)
	}
	random := rand.New(rand.NewPCG(seed, ^uint64(0)))
	for range 30 {
		h.advance(time.Duration(random.IntN(20000)) * time.Millisecond)
	}
	if seed%2 == 0 {
		h.end()
		h.advance(time.Second)
	}
}

// operator is somebody who makes random calls.
type operator struct {
	*harness
	random *rand.Rand
}

func (o *operator) work() {
	for range stressCalls {
		o.sleepUntil(o.now() + core.Instant(o.time()))
		o.act(o.name())
	}
}

// act makes a random call. Those that the runtime has not are made as restarts.
func (o *operator) act(name string) {
	operate := func(duty Duty, op string, do func(string) error) {
		if duty != "" && !o.can(duty) {
			op, do = "restart", o.runtime.Restart
		}
		_ = o.call(call{op: op, task: name}, func() error { return do(name) })
	}
	switch o.random.IntN(14) {
	case 0, 1, 2, 3:
		task := o.task(name)
		_ = o.call(adding(name, task), func() error { return o.runtime.Add(name, task) })
	case 4, 5, 6:
		if o.can(DutyHolds) && o.random.IntN(2) == 0 {
			o.place(name)
			return
		}
		operate("", "restart", o.runtime.Restart)
	case 7:
		operate("", "kill", o.runtime.Kill)
	case 8:
		operate("", "remove", o.runtime.Remove)
	case 9:
		operate(DutySuspensions, "suspend", o.runtime.Suspend)
	case 10:
		operate(DutySuspensions, "resume", o.runtime.Resume)
	case 11:
		o.change(name)
	case 12:
		_ = o.call(call{op: "status", task: name}, func() error {
			_, err := o.runtime.Status(name)
			return err
		})
	default:
		_ = o.call(call{op: "report"}, func() error {
			o.runtime.Report()
			return nil
		})
	}
}

// place holds a task, or releases it.
func (o *operator) place(name string) {
	op, do := "hold", o.runtime.Hold
	if o.random.IntN(3) > 0 {
		op, do = "release", o.runtime.Release
	}
	_ = o.call(call{op: op, task: name}, func() error { return do(name) })
}

// change gives a task another policy, or the supervisor other limits.
func (o *operator) change(name string) {
	if !o.can(DutyChanges) {
		return
	}
	if o.random.IntN(3) > 0 {
		policy := o.policy()
		policy.Probe = core.Probe{} // the task may have none
		_ = o.call(call{op: "policy", task: name, given: given(policy)}, func() error { return o.runtime.SetPolicy(name, policy) })
		return
	}
	limits := o.limits()
	_ = o.call(call{op: "limits", given: given(limits)}, func() error { return o.runtime.SetLimits(limits) })
}

// time is a random time, often the same as another.
func (o *operator) time() core.Duration { return time.Duration(o.random.IntN(15)) * time.Second }

func (o *operator) name() string { return o.names[o.random.IntN(stressTasks)] }

func (o *operator) task(name string) Task {
	task := Task{Policy: o.policy(), Body: o.body(name, o.scripts())}
	if task.Policy.Probe.Interval > 0 {
		var list []answer
		for range 8 {
			list = append(list, answer{o.time() / 4, o.how()})
		}
		task.Probe = o.probe(name, list)
	}
	if o.can(DutyNeeds) && o.random.IntN(3) == 0 {
		for _, other := range o.random.Perm(stressTasks)[:1+o.random.IntN(2)] {
			if o.names[other] != name {
				task.Needs = append(task.Needs, Need{o.names[other], o.random.IntN(2) == 0})
			}
		}
	}
	task.Suspended = o.can(DutySuspensions) && o.random.IntN(6) == 0
	task.Held = o.can(DutyHolds) && o.random.IntN(8) == 0
	return task
}

func (o *operator) policy() core.Policy {
	p := core.DefaultPolicy()
	p.Restart = core.Restart(o.random.IntN(3))
	p.BaseDelay = time.Second/4 + o.time()/4
	p.MaxDelay = 30 * time.Second
	p.MaxAttempts = uint32(o.random.IntN(6))
	p.StableAfter = o.time()
	p.StopTimeout = o.time()
	if o.random.IntN(4) == 0 {
		p.HungStopTimeout = o.time()
	}
	if o.random.IntN(4) == 0 {
		p.MinUptime = o.time()
	}
	if o.random.IntN(3) == 0 {
		p.Jitter = core.Fraction{Num: 1, Den: 3}
	}
	if o.random.IntN(2) == 0 {
		p.OnAbandon = core.AbandonReplace
	}
	if o.can(DutyReady) && o.random.IntN(3) == 0 {
		p.Readiness, p.StartTimeout = true, time.Second+o.time()
	}
	switch o.random.IntN(4) {
	case 0:
		if o.can(DutyBeats) {
			p.Watchdog = time.Second + o.time()
		}
	case 1:
		if o.can(DutyProbes) {
			p.Probe = core.Probe{Interval: time.Second + o.time(), Timeout: o.time() / 2, Failures: uint8(1 + o.random.IntN(2))}
		}
	}
	p.OnMiss = core.OnMiss(o.random.IntN(2))
	p.Factor, p.MaxExponent = 1+uint32(o.random.IntN(3)), uint32(o.random.IntN(4))
	p.Significant = o.random.IntN(4) > 0
	if p.Significant && o.random.IntN(3) == 0 {
		p.MaxDelay = 5 * time.Second
	}
	if o.random.IntN(20) == 0 {
		p.OnExhausted = core.ExhaustedEscalate
	}
	return p
}

// limits are seldom such that they end the supervisor.
func (o *operator) limits() core.Limits {
	l := core.Limits{
		Intensity:   core.Rate{Count: uint32(20 + o.random.IntN(50)), Per: time.Minute},
		RestartRate: core.Rate{Count: uint32(1 + o.random.IntN(5)), Per: time.Second},
	}
	switch o.random.IntN(16) {
	case 0:
		l.DeadThreshold = core.Fraction{Num: 3, Den: 4}
	case 1:
		l.AutoShutdown = core.AutoShutdownAll
	case 2, 3:
		l.ShutdownTimeout = time.Second + o.time()
	}
	return l
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
	s := script{lasts: o.time(), ends: o.how(), lingers: 0, gives: o.how()}
	if o.can(DutyLosses) && o.random.IntN(6) == 0 {
		s.ends = core.ExitLost
	}
	switch o.random.IntN(4) {
	case 0:
		s.lingers = o.time()
	case 1:
		s.lasts = core.Forever
	}
	if o.random.IntN(20) == 0 {
		s.lingers = core.Forever
	}
	if o.random.IntN(4) > 0 {
		s = s.ready(o.time() / 2)
	}
	if o.random.IntN(4) == 0 {
		s = s.unready(s.said() + o.time()/2)
		s = s.ready(s.said() + o.time())
	}
	if o.random.IntN(4) == 0 {
		s = s.asking(o.time())
	}
	s = s.beats(time.Second+o.time()/4, o.random.IntN(30))
	if o.random.IntN(4) == 0 {
		s = s.saying(saying{after: s.said() + o.time(), within: time.Second + o.time()})
	}
	return s
}

func (o *operator) how() core.ExitKind {
	return []core.ExitKind{core.ExitOK, core.ExitError, core.ExitPanic, core.ExitGoexit}[o.random.IntN(4)]
}
