package sim

import "github.com/tasksupervisor/tasksupervisor/core"

// Swarm returns a simulation in which everything is drawn from the seed: configuration and policies, and a subset of all
// workloads, operators and faults, with weights of their own. Most are small and short, so that many can be tried, and
// each leaves some features out: what is rare beside everything else is common without it.
func Swarm(seed uint64) Options {
	w := &swarm{}
	w.r.seed(seed, golden)
	w.features = w.drawFeatures()
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
	r        Random
	unit     core.Duration
	groups   []string
	features features
}

// features are what a seed has beyond tasks that are restarted one by one. One in five has none of it.
type features struct {
	groups    bool // other strategies
	readiness bool
	watch     bool // watchdogs and probes
	needs     bool // declared needs
	limits    bool // intensity and budget
	escalate  bool // ends and policies that halt the supervisor
	changes   bool // orders that change what was configured, or suspend tasks
}

func (w *swarm) drawFeatures() features {
	if w.oneIn(5) {
		return features{}
	}
	return features{
		groups: !w.oneIn(3), readiness: w.oneIn(2), watch: w.oneIn(2), needs: w.oneIn(2), limits: w.oneIn(2),
		escalate: w.oneIn(2), changes: w.oneIn(2),
	}
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

// workloads draws what the tasks of one supervisor do.
func (w *swarm) workloads(prefix string, depth int) []Workload {
	var workloads []Workload
	first := len(w.groups)
	for i := range 1 + w.r.Below(3) {
		t := w.tasks(prefix + string(rune('a'+i)))
		if i > 0 && w.oneIn(3) || i > 0 && w.features.needs {
			t.Needs = w.groups[first+int(w.r.Below(i))]
			w.declare(&t)
		}
		w.groups = append(w.groups, t.Name)
		workloads = append(workloads, t)
	}
	if depth < 2 && w.oneIn(4) {
		t := Tasks{Name: prefix + "tree", Count: 1 + int(w.r.Below(2)), Policy: w.policy()}
		w.groups = append(w.groups, t.Name)
		config := w.config()
		t.Supervises = &Supervisor{Config: config, Workloads: w.workloads(t.Name+".", depth+1)}
		t.Signals = w.signals()
		workloads = append(workloads, t)
	}
	for range w.r.Below(3) {
		workloads = append(workloads, w.outage())
	}
	return workloads
}

// declare has the supervisor told what the tasks need. Half of those then do not mind being without.
func (w *swarm) declare(t *Tasks) {
	if !w.features.needs || w.oneIn(4) {
		return
	}
	t.Declares = Declaration(w.r.Below(uint64(declarations)))
	if t.Declares != DeclareNothing && w.oneIn(2) {
		t.Notice, t.Fails = Endless(), Endless()
	}
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
	t.Signals = w.signals()
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
	if w.features.escalate && w.oneIn(3) {
		t.Ends.Error += 8
		t.Ends.Done, t.Ends.Fatal = uint32(w.r.Below(3)), uint32(w.r.Below(2))
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
				Lasts: w.length(10), Ends: core.ExitKind(w.r.Below(5)), Stops: w.length(4), Signals: w.signals(),
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
		if !w.oneIn(2) || does >= OrderSuspend && does <= OrderLimits && !w.features.changes {
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
		case OrderPolicy:
			o.Policy = w.policy()
		case OrderNeed:
			o.Bound = w.oneIn(2)
		case OrderLimits:
			o.Limits = w.limits()
		case OrderResume:
			o.At, o.Count = 0, All
		case OrderAdd, OrderRemove, OrderSuspend, orders:
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
