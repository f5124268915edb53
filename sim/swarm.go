package sim

import "github.com/tasksupervisor/tasksupervisor/core"

// Swarm returns a simulation in which everything is drawn from the seed: configuration and policies, and a subset of all
// workloads, operators and faults, with weights of their own. Most are small and short, so that many can be tried, and
// each leaves some features out: what is rare beside everything else is common without it.
func Swarm(seed uint64) Options {
	w := &swarm{}
	w.r.seed(seed, golden)
	// All times are of about the same size, so that what takes time meets.
	w.unit = [...]core.Duration{1e3, 1e6, 1e9, 60e9}[w.r.Below(4)]
	o := Options{
		Seed:     seed,
		For:      w.unit * core.Duration(20+w.r.Below(200)),
		Config:   w.config(),
		Settle:   true,
		StepsMax: 500 + w.r.Below(1500),
	}
	switch w.r.Below(4) {
	case 0:
		o.Origin = -core.Instant(w.r.Below(1 << 61))
	case 1:
		o.Origin = core.Instant(w.r.Below(1 << 61))
	}
	o.Workloads = w.workloads("", 0)
	o.Operators = w.operators()
	o.Faults = w.faults()
	return o
}

// swarm draws options.
type swarm struct {
	r      Random
	unit   core.Duration
	groups []string
}

// oneIn is true once in n times.
func (w *swarm) oneIn(n uint64) bool { return w.r.Below(n) == 0 }

// span draws a duration of up to so many units. One in eight is a very short one.
func (w *swarm) span(units uint64) core.Duration {
	switch w.r.Below(16) {
	case 0:
		return 0
	case 1:
		return 1
	}
	return w.unit/4*core.Duration(1+w.r.Below(4*units)) + core.Duration(w.r.Below(3))
}

func (w *swarm) fraction() core.Fraction {
	den := 1 + uint32(w.r.Below(8))
	return core.Fraction{Num: uint32(w.r.Below(uint64(den) + 1)), Den: den}
}

// length draws a length of up to so many units.
func (w *swarm) length(units uint64) Length {
	switch w.r.Below(6) {
	case 0:
		return Constant(w.span(units))
	case 1, 2:
		least := w.span(units)
		return Uniform(least, least+w.span(units))
	case 3:
		return Weibull(w.span(units), core.Fraction{Num: 1 + uint32(w.r.Below(8)), Den: 2})
	default:
		return Exponential(w.span(units))
	}
}

// every draws a length that is not too short to come again and again.
func (w *swarm) every() Length {
	mean := w.unit * core.Duration(1+w.r.Below(20))
	if w.oneIn(3) {
		return Uniform(mean/2, mean)
	}
	return Exponential(mean)
}

func (w *swarm) config() core.Config {
	c := core.Config{Seed: w.r.Uint64()}
	if w.oneIn(2) {
		c.DeadThreshold = w.fraction()
	}
	if w.oneIn(4) {
		c.AutoShutdown = core.AutoShutdown(w.r.Below(3))
	}
	c.StopOrder = core.StopOrder(w.r.Below(2))
	if w.oneIn(2) {
		c.ShutdownTimeout = w.span(8)
	}
	if w.oneIn(4) {
		c.HealthCheckInterval = w.span(4)
	}
	if w.oneIn(8) {
		c.MaxTasks = 1 + uint32(w.r.Below(8))
	}
	return c
}

func (w *swarm) policy() core.Policy {
	p := core.Policy{
		Restart:     core.Restart([...]uint8{0, 0, 0, 1, 1, 2}[w.r.Below(6)]),
		BaseDelay:   w.span(4),
		Factor:      1 + uint32(w.r.Below(3)),
		MaxExponent: uint32(w.r.Below(6)),
		MaxDelay:    core.Forever,
		MaxAttempts: uint32(w.r.Below(6)),
		StableAfter: w.span(16),
		StopTimeout: w.span(8),
		OnAbandon:   core.OnAbandon(w.r.Below(3)),
		Significant: !w.oneIn(4),
	}
	if w.oneIn(3) {
		p.MaxAttempts = core.Unlimited
	}
	if w.oneIn(3) {
		p.MaxDelay = w.span(8)
	}
	if w.oneIn(2) {
		p.Jitter = w.fraction()
	}
	if w.oneIn(8) {
		p.StableAfter = core.Forever
	}
	if w.oneIn(6) {
		p.StopTimeout = core.Forever
	}
	w.extremes(&p)
	return p
}

// extremes sets what only saturating arithmetic gets right.
func (w *swarm) extremes(p *core.Policy) {
	if w.oneIn(8) {
		p.Factor, p.MaxExponent, p.MaxDelay = 1+uint32(w.r.Below(1<<32-1)), uint32(w.r.Below(100)), w.span(8)
		p.MaxAttempts = core.Unlimited
	}
	if w.oneIn(12) {
		p.StopTimeout = core.Forever - core.Duration(w.r.Below(1<<50))
	}
	if w.oneIn(12) {
		p.StableAfter = core.Forever - core.Duration(w.r.Below(1<<50))
	}
}

// workloads draws what the tasks of one supervisor do.
func (w *swarm) workloads(prefix string, depth int) []Workload {
	var workloads []Workload
	first := len(w.groups)
	for i := range 1 + w.r.Below(3) {
		t := w.tasks(prefix + string(rune('a'+i)))
		if i > 0 && w.oneIn(3) {
			t.Needs = w.groups[first+int(w.r.Below(i))]
		}
		w.groups = append(w.groups, t.Name)
		workloads = append(workloads, t)
	}
	if depth < 2 && w.oneIn(4) {
		t := Tasks{Name: prefix + "tree", Count: 1 + int(w.r.Below(2)), Policy: w.policy()}
		w.groups = append(w.groups, t.Name)
		config := w.config()
		t.Supervises = &Supervisor{Config: config, Workloads: w.workloads(t.Name+".", depth+1)}
		workloads = append(workloads, t)
	}
	for range w.r.Below(3) {
		workloads = append(workloads, w.outage())
	}
	return workloads
}

func (w *swarm) tasks(name string) Tasks {
	t := Tasks{
		Name:   name,
		Count:  1 + int(w.r.Below(4)),
		Policy: w.policy(),
		Ends:   Ends{Error: 1},
		Notice: w.length(2),
		Fails:  w.length(2),
	}
	if w.oneIn(12) {
		t.Later = true
	}
	if w.oneIn(40) {
		t.Count = 40
	}
	if !w.oneIn(6) {
		t.Lasts = w.length(20)
	}
	if w.oneIn(2) {
		t.Ends = Ends{OK: uint32(w.r.Below(4)), Error: uint32(w.r.Below(4)), Panic: uint32(w.r.Below(2)), Goexit: uint32(w.r.Below(2))}
	}
	if w.oneIn(2) {
		t.Stops = w.length(8)
	}
	if w.oneIn(3) {
		t.Deaf = w.fraction()
	}
	if w.oneIn(4) {
		for range 1 + w.r.Below(4) {
			t.Script = append(t.Script, Course{
				Lasts: w.length(10), Ends: core.ExitKind(w.r.Below(5)), Stops: w.length(4),
			})
		}
	}
	return t
}

func (w *swarm) outage() Outage {
	o := Outage{
		At:     w.unit * core.Duration(w.r.Below(40)),
		Lasts:  w.length(20),
		Notice: w.length(1),
		Fails:  w.length(2),
	}
	if w.oneIn(2) {
		o.Of = w.groups[w.r.Below(uint64(len(w.groups)))]
	}
	if w.oneIn(2) {
		o.Every = w.every()
	}
	if w.oneIn(2) {
		o.Share = w.fraction()
	}
	if w.oneIn(4) {
		o.Notice = Endless()
	}
	if w.oneIn(3) {
		o.Ends = Ends{OK: 1, Panic: 1}
	}
	return o
}

func (w *swarm) operators() []Operator {
	var operators []Operator
	for does := range orders {
		if !w.oneIn(2) {
			continue
		}
		o := Operator{Does: does, At: w.unit * core.Duration(w.r.Below(30)), Every: w.every()}
		if does == OrderAdd || w.oneIn(2) {
			o.Of = w.groups[w.r.Below(uint64(len(w.groups)))]
		}
		if w.oneIn(8) {
			o.Count = 2
		}
		switch does {
		case OrderShutdown:
			// Not too early, or nothing else would happen.
			o.At = w.unit * core.Duration(20+w.r.Below(200))
		case OrderRestart, OrderKill:
			if w.oneIn(6) {
				o.Count = All
			}
		case OrderAdd, OrderRemove, orders:
		}
		operators = append(operators, o)
	}
	return operators
}

func (w *swarm) faults() []Fault {
	if w.oneIn(8) {
		return nil
	}
	var faults []Fault
	density := 2 + w.r.Below(4)
	for kind := range faultKinds {
		if !w.oneIn(density) {
			continue
		}
		f := Fault{Kind: kind, By: w.length(4), Share: w.fraction()}
		if kind.strikesByItself() {
			f.At = w.unit * core.Duration(w.r.Below(30))
			f.Every = w.every()
		}
		faults = append(faults, f)
	}
	return faults
}
