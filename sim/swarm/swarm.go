// Package swarm draws whole worlds from a seed, for campaigns: strategy, limits, policies, and a subset of all workloads,
// operators and faults.
//
//	for seed := range uint64(1000) {
//		result, err := sim.Run(swarm.World(seed))
//		// ...
//		coverage.Add(&result.Coverage)
//	}
//	missing := coverage.Missing() // what was never tried
//
// Most worlds are small and short, so that many can be tried, and each leaves some features out: a situation that is
// rare beside everything else is common on its own. The command sim/cmd/tasksim runs campaigns on all cores.
package swarm

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/internal/draw"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// World returns a world in which everything is drawn from the seed. The same seed gives the same world on every machine.
func World(seed uint64) workload.World {
	d := &drawing{}
	d.r.Stream(seed, draw.Golden)
	d.features = d.drawFeatures()
	// All times are of about the same size, so that things that take time overlap.
	d.unit = [...]core.Duration{1e3, 1e6, 1e9, 60e9}[d.r.Below(4)]
	world := workload.World{
		Seed:     seed,
		For:      d.unit * core.Duration(20+d.r.Below(200)),
		Config:   d.config(),
		Liveness: true,
		MaxSteps: 500 + d.r.Below(1500),
	}
	switch d.r.Below(4) {
	case 0:
		world.Origin = -core.Instant(d.r.Below(1 << 61))
	case 1:
		world.Origin = core.Instant(d.r.Below(1 << 61))
	}
	world.Tasks, world.Outages = d.workload("", 0)
	world.Operators = d.operators()
	world.Faults = d.faults()
	world.Operators = append(world.Operators, d.holds()...)
	return world
}

// drawing is a world while it is being drawn.
type drawing struct {
	r        workload.Random
	unit     core.Duration
	groups   []string
	features features
}

// features are what a seed has beyond tasks that are restarted one by one. One seed in five has none of them.
type features struct {
	groups    bool // other strategies
	readiness bool
	watch     bool // watchdogs and probes
	needs     bool // declared needs
	limits    bool // intensity and restart rate
	herd      bool // tasks that fail at one instant, wait equally long, and then wait for the restart rate
	escalate  bool // ends and policies that halt the supervisor
	changes   bool // commands that change what was configured, or suspend tasks
}

func (d *drawing) drawFeatures() features {
	if d.oneIn(5) {
		return features{}
	}
	f := features{
		groups: !d.oneIn(3), readiness: d.oneIn(2), watch: d.oneIn(2), needs: d.oneIn(2), limits: d.oneIn(2),
		escalate: d.oneIn(2), changes: d.oneIn(2),
	}
	f.herd = f.limits && d.oneIn(4)
	return f
}

// oneIn is true once in n times.
func (d *drawing) oneIn(n uint64) bool { return d.r.Below(n) == 0 }

// span draws a duration of up to so many units. One in eight is a very short one.
func (d *drawing) span(units uint64) core.Duration {
	switch d.r.Below(16) {
	case 0:
		return 0
	case 1:
		return 1
	}
	return d.unit/4*core.Duration(1+d.r.Below(4*units)) + core.Duration(d.r.Below(3))
}

func (d *drawing) fraction() core.Fraction {
	den := 1 + uint32(d.r.Below(8))
	return core.Fraction{Num: uint32(d.r.Below(uint64(den) + 1)), Den: den}
}

// length draws a length of up to so many units.
func (d *drawing) length(units uint64) workload.Length {
	switch d.r.Below(6) {
	case 0:
		return workload.Constant(d.span(units))
	case 1, 2:
		least := d.span(units)
		return workload.Uniform(least, least+d.span(units))
	case 3:
		return workload.Weibull(d.span(units), core.Fraction{Num: 1 + uint32(d.r.Below(8)), Den: 2})
	default:
		return workload.Exponential(d.span(units))
	}
}

// every draws a length that is long enough to recur.
func (d *drawing) every() workload.Length {
	mean := d.unit * core.Duration(1+d.r.Below(20))
	if d.oneIn(3) {
		return workload.Uniform(mean/2, mean)
	}
	return workload.Exponential(mean)
}

// workload draws what the tasks of one supervisor do.
func (d *drawing) workload(prefix string, depth int) (tasks []workload.Tasks, outages []workload.Outage) {
	first := len(d.groups)
	for i := range 1 + d.r.Below(3) {
		t := d.tasks(prefix + string(rune('a'+i)))
		if i > 0 && d.oneIn(3) || i > 0 && d.features.needs {
			t.Needs = d.groups[first+int(d.r.Below(i))]
			d.declare(&t)
		}
		d.groups = append(d.groups, t.Name)
		tasks = append(tasks, t)
	}
	if depth < 2 && d.oneIn(4) {
		t := workload.Tasks{Name: prefix + "tree", Count: 1 + int(d.r.Below(2)), Policy: d.policy()}
		d.groups = append(d.groups, t.Name)
		t.Supervises = &workload.Supervisor{Config: d.config()}
		t.Supervises.Tasks, t.Supervises.Outages = d.workload(t.Name+".", depth+1)
		t.Signals = d.signals()
		tasks = append(tasks, t)
	}
	if d.features.herd {
		outages = append(outages, d.stampede())
	}
	for range d.r.Below(3) {
		outages = append(outages, d.outage())
	}
	return tasks, outages
}

// declare tells the supervisor what the tasks need. Half of those then run on without it.
func (d *drawing) declare(t *workload.Tasks) {
	if !d.features.needs || d.oneIn(4) {
		return
	}
	t.Declares = workload.Declaration(d.r.Below(3))
	if t.Declares != workload.DeclareNothing && d.oneIn(2) {
		t.Notice, t.Fails = workload.Endless(), workload.Endless()
	}
}

func (d *drawing) tasks(name string) workload.Tasks {
	t := workload.Tasks{
		Name:   name,
		Count:  1 + int(d.r.Below(4)),
		Policy: d.policy(),
		Ends:   workload.Ends{Error: 1},
		Notice: d.length(2),
		Fails:  d.length(2),
	}
	t.Signals = d.signals()
	if d.oneIn(12) {
		t.Later = true
	}
	if d.oneIn(40) {
		t.Count = 40
	}
	if d.features.herd {
		t.Count += 2
	}
	if !d.oneIn(6) {
		t.Lifetime = d.length(20)
	}
	if d.oneIn(2) {
		t.Ends = workload.Ends{OK: uint32(d.r.Below(4)), Error: uint32(d.r.Below(4)), Panic: uint32(d.r.Below(2)), Goexit: uint32(d.r.Below(2))}
	}
	if d.features.escalate && d.oneIn(3) {
		t.Ends.Error += 8
		t.Ends.Done, t.Ends.Fatal = uint32(d.r.Below(3)), uint32(d.r.Below(2))
	}
	if t.Ends.Goexit > 0 {
		t.Ends.Lost = 1 + t.Ends.OK // no draw of its own
	}
	if t.Ends.Panic > 0 {
		t.Asks = t.Notice // as in policy: no draw of its own
	}
	if d.oneIn(2) {
		t.Stops = d.length(8)
	}
	if d.oneIn(3) {
		t.IgnoresStop = d.fraction()
	}
	if d.oneIn(4) {
		for range 1 + d.r.Below(4) {
			t.Script = append(t.Script, workload.RunScript{
				Lifetime: d.length(10), Ends: core.ExitKind(d.r.Below(5)), Stops: d.length(4), Signals: d.signals(),
			})
			if last := &t.Script[len(t.Script)-1]; last.Ends == core.ExitGoexit {
				last.Asks = last.Stops
			}
		}
	}
	return t
}

func (d *drawing) outage() workload.Outage {
	o := workload.Outage{
		At:     d.unit * core.Duration(d.r.Below(40)),
		Lasts:  d.length(20),
		Notice: d.length(1),
		Fails:  d.length(2),
	}
	if d.oneIn(2) {
		o.Of = d.groups[d.r.Below(uint64(len(d.groups)))]
	}
	if d.oneIn(2) {
		o.Every = d.every()
	}
	if d.oneIn(2) {
		o.Share = d.fraction()
	}
	if d.oneIn(4) {
		o.Notice = workload.Endless()
	}
	if d.oneIn(3) {
		o.Ends, o.Asks = workload.Ends{OK: 1, Panic: 1, Lost: 2}, o.Lasts
	}
	return o
}

// stampede ends all runs at one instant, again and again.
func (d *drawing) stampede() workload.Outage {
	return workload.Outage{
		At: d.unit * core.Duration(d.r.Below(10)), Lasts: workload.Constant(1), Notice: workload.Constant(0), Fails: workload.Constant(0),
		Every: d.every(),
	}
}

func (d *drawing) operators() []workload.Operator {
	changes := []core.EventKind{core.EventSuspend, core.EventResume, core.EventPolicy, core.EventNeed, core.EventLimits}
	var operators []workload.Operator
	for _, does := range workload.Commands() {
		if does == core.EventHold || does == core.EventRelease {
			continue // see holds
		}
		if !d.oneIn(2) || slices.Contains(changes, does) && !d.features.changes {
			continue
		}
		o := workload.Operator{Does: does, At: d.unit * core.Duration(d.r.Below(30)), Every: d.every()}
		if does == core.EventAdd || d.oneIn(2) {
			o.Of = d.groups[d.r.Below(uint64(len(d.groups)))]
		}
		if d.oneIn(8) {
			o.Count = 2
		}
		switch does {
		case core.EventShutdown:
			// Not too early, or nothing else would happen.
			o.At = d.unit * core.Duration(20+d.r.Below(200))
		case core.EventRestart, core.EventKill:
			if d.oneIn(6) {
				o.Count = workload.All
			}
		case core.EventPolicy:
			o.Policy = d.policy()
		case core.EventNeed:
			o.Bound = d.oneIn(2)
		case core.EventLimits:
			o.Limits = d.limits()
		case core.EventResume:
			o.At, o.Count = 0, workload.All
		default:
		}
		operators = append(operators, o)
	}
	return operators
}

// holds has the driver hold tasks, and release them. It comes last, so that it moves no other draw.
func (d *drawing) holds() []workload.Operator {
	if !d.features.changes || d.oneIn(2) {
		return nil
	}
	holds := workload.Operator{Does: core.EventHold, At: d.unit * core.Duration(d.r.Below(20)), Every: d.every()}
	releases := workload.Operator{Does: core.EventRelease, At: d.unit * core.Duration(d.r.Below(30)), Every: d.every()}
	if d.oneIn(2) {
		holds.Of = d.groups[d.r.Below(uint64(len(d.groups)))]
	}
	if d.oneIn(3) {
		holds.Count, releases.Count = workload.All, workload.All
	}
	operators := []workload.Operator{holds, releases}
	if d.oneIn(2) {
		operators = append(operators, workload.Operator{
			Does: core.EventAdd, Of: d.groups[d.r.Below(uint64(len(d.groups)))], At: d.unit * core.Duration(d.r.Below(30)), Held: true,
		})
	}
	return operators
}

func (d *drawing) faults() []workload.Fault {
	if d.oneIn(8) {
		return nil
	}
	var faults []workload.Fault
	density := 2 + d.r.Below(4)
	for kind := range workload.FaultKinds() {
		if !d.oneIn(density) {
			continue
		}
		f := workload.Fault{Kind: kind, By: d.length(4), Share: d.fraction()}
		if kind.Recurs() {
			f.At = d.unit * core.Duration(d.r.Below(30))
			f.Every = d.every()
		}
		faults = append(faults, f)
	}
	return faults
}
