package conformance

import (
	"github.com/tasksupervisor/tasksupervisor/core"
)

// usual is the policy of tasks of which nothing else is asked.
func usual(change ...func(*core.Policy)) core.Policy {
	p := core.DefaultPolicy()
	for _, c := range change {
		c(&p)
	}
	return p
}

func always(p *core.Policy)     { p.Restart = core.RestartAlways }
func never(p *core.Policy)      { p.Restart = core.RestartNever }
func replacing(p *core.Policy)  { p.OnAbandon = core.AbandonReplace }
func escalating(p *core.Policy) { p.OnAbandon = core.AbandonEscalate }
func unlimited(p *core.Policy)  { p.MaxAttempts = core.Unlimited }
func patient(p *core.Policy)    { p.StopTimeout = core.Forever }
func jittered(p *core.Policy)   { p.Jitter = core.Fraction{Num: 1, Den: 2} }

func based(base core.Duration) func(*core.Policy) {
	return func(p *core.Policy) { p.BaseDelay = base }
}

func attempts(n uint32) func(*core.Policy) {
	return func(p *core.Policy) { p.MaxAttempts = n }
}

// ready has runs say that they are ready.
func ready(timeout core.Duration) func(*core.Policy) {
	return func(p *core.Policy) { p.Readiness, p.StartTimeout = true, timeout }
}

// watched has runs beat.
func watched(within core.Duration) func(*core.Policy) {
	return func(p *core.Policy) { p.Watchdog = within }
}

// probed has runs probed.
func probed(interval, timeout core.Duration, failures uint8) func(*core.Policy) {
	return func(p *core.Policy) { p.Probe = core.Probe{Interval: interval, Timeout: timeout, Failures: failures} }
}

func reporting(p *core.Policy) { p.OnMiss = core.MissReport }

func stopping(timeout core.Duration) func(*core.Policy) {
	return func(p *core.Policy) { p.StopTimeout = timeout }
}

func exhausting(p *core.Policy) { p.OnExhausted = core.ExhaustedEscalate }
