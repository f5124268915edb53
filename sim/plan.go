package sim

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/internal/draw"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// plan is a World prepared for simulation: everything that stays the same while it runs.
type plan struct {
	supervisors []supervisorPlan // 0 is the one at the top
	groups      []groupPlan      // of the whole tree; a supervisor's are next to each other
	outages     []outagePlan
	operators   []operatorPlan
	before      []operatorPlan
	tasks       int           // of the largest supervisor, at the beginning
	grace       core.Duration // how long a run goes on at most after it was asked to stop, once the faults are off
}

// supervisorPlan is the state in which every run of a supervisor begins.
type supervisorPlan struct {
	machine *core.Machine // without tasks; to be copied
	first   int           // its groups are groups[first:end]
	end     int
	depth   int // 0 is the top

	policies  []core.Policy   // by id
	quiescent []core.PolicyID // by id: the same policy, without probes if they come to an end

	strategy core.Strategy
}

type groupPlan struct {
	tasks      *workload.Tasks
	usual      workload.RunScript // what its runs report, unless a script says otherwise
	seed       uint64
	supervisor int
	child      int // the supervisor that each of its tasks is; 0 if none
	policy     core.PolicyID
	needs      int   // the group it needs, or -1
	neededBy   []int // the groups that need it
	outages    []int // the outages it suffers from
}

// sizeOf returns how many tasks a supervisor begins with, those of the supervisors below it included; 0 for none.
func (p *plan) sizeOf(supervisor int) (tasks int) {
	if supervisor == 0 {
		return 0
	}
	for g := p.supervisors[supervisor].first; g < p.supervisors[supervisor].end; g++ {
		tasks += max(1, p.groups[g].tasks.Count) * (1 + p.sizeOf(p.groups[g].child))
	}
	return tasks
}

// operatorPlan is what an operator's commands carry.
type operatorPlan struct {
	policy core.PolicyID
}

// outagePlan is an outage of the world, or the storm of a fault.
type outagePlan struct {
	workload.Outage
	fault workload.FaultKind // faultKinds if it is none
}

// newPlan returns the plan of a world. The error is a [*workload.Error].
func newPlan(w *workload.World) (*plan, error) {
	if err := w.Validate(); err != nil {
		return nil, err
	}
	p := &plan{grace: graceFor(w.For), operators: make([]operatorPlan, len(w.Operators)), before: make([]operatorPlan, len(w.Before))}
	if err := p.supervisor(w, w.Top(), 0); err != nil {
		return nil, err
	}
	p.storms(w.Faults)
	for i := range p.supervisors {
		tasks := 0
		for g := p.supervisors[i].first; g < p.supervisors[i].end; g++ {
			tasks += max(1, p.groups[g].tasks.Count)
		}
		p.tasks = max(p.tasks, tasks)
	}
	for i := range p.outages {
		for g := range p.groups {
			if of := p.outages[i].Of; of == "" || of == p.groups[g].tasks.Name {
				p.groups[g].outages = append(p.groups[g].outages, i)
			}
		}
	}
	return p, nil
}

// storms adds the faults that act as outages.
func (p *plan) storms(faults []workload.Fault) {
	const soon = core.Duration(1e6) // a millisecond
	for _, f := range faults {
		storm := workload.Outage{At: f.At, Every: f.Every, Share: f.Share, Lasts: f.By}
		switch f.Kind {
		case workload.FlapStorm:
			storm.Notice, storm.Fails = workload.Uniform(0, soon), workload.Uniform(0, soon)
		case workload.ThunderingRestart:
			storm.Lasts = workload.Constant(0)
		default:
			continue
		}
		p.outages = append(p.outages, outagePlan{storm, f.Kind})
	}
}

// supervisor adds a supervisor with its groups, and those below it.
func (p *plan) supervisor(w *workload.World, from workload.Supervisor, depth int) error {
	number, first := len(p.supervisors), len(p.groups)
	end := first + len(from.Tasks)
	p.supervisors = append(p.supervisors, supervisorPlan{
		first: first, end: end, depth: depth, strategy: from.Config.Strategy,
	})
	config := from.Config
	config.Policies = nil
	for _, t := range from.Tasks {
		p.groups = append(p.groups, groupPlan{
			tasks:      &t,
			usual:      workload.RunScript{Signals: t.Signals},
			seed:       draw.Mix(w.Seed ^ workload.Seed(t.Name)),
			supervisor: number,
			policy:     policyOf(&config, t.Policy),
			needs:      -1,
		})
	}
	for _, outage := range from.Outages {
		p.outages = append(p.outages, outagePlan{outage, workload.FaultKindCount})
	}
	p.policiesGiven(&config, number, w.Operators, p.operators)
	p.policiesGiven(&config, number, w.Before, p.before)
	supervisor := &p.supervisors[number]
	for id := 0; id < len(config.Policies); id++ { // it grows
		calm := config.Policies[id]
		if w.Liveness {
			calm.Probe = core.Probe{}
		}
		supervisor.quiescent = append(supervisor.quiescent, policyOf(&config, calm))
	}
	machine, err := core.New(config)
	if err != nil {
		return err
	}
	supervisor.machine, supervisor.policies = machine, machine.Config().Policies
	if err := p.tryLimits(w, number); err != nil {
		return err
	}
	for g := first; g < end; g++ {
		p.link(g, first, end)
		if below := p.groups[g].tasks.Supervises; below != nil {
			p.groups[g].child = len(p.supervisors)
			if err := p.supervisor(w, *below, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// policiesGiven adds the policies that operators give the tasks of a supervisor.
func (p *plan) policiesGiven(config *core.Config, number int, operators []workload.Operator, plans []operatorPlan) {
	for i := range operators {
		o := &operators[i]
		gives := o.Does == core.EventPolicy || o.Does == core.EventAdd && o.Policy != (core.Policy{})
		if gives && p.supervisorOf(o.Of) == number {
			plans[i].policy = policyOf(config, o.Policy)
		}
	}
}

// supervisorOf returns which of the supervisors planned so far an operator means, or -1.
func (p *plan) supervisorOf(of string) int {
	if of == "" {
		return 0
	}
	for g := range p.groups {
		if p.groups[g].tasks.Name == of {
			return p.groups[g].supervisor
		}
	}
	return -1
}

// tryLimits finds out whether operators can give a supervisor the limits that they will, by trying it on a copy of its machine.
func (p *plan) tryLimits(w *workload.World, number int) error {
	var copy core.Machine
	copy.CopyFrom(p.supervisors[number].machine)
	for _, operator := range slices.Concat(w.Operators, w.Before) {
		if operator.Does == core.EventLimits && p.supervisorOf(operator.Of) == number {
			if _, err := copy.DefineLimits(operator.Limits); err != nil {
				return err
			}
		}
	}
	return nil
}

// link finds the group that the group g needs.
func (p *plan) link(g, first, end int) {
	for other := first; other < end; other++ {
		if p.groups[g].tasks.Needs == p.groups[other].tasks.Name {
			p.groups[g].needs = other
			p.groups[other].neededBy = append(p.groups[other].neededBy, g)
		}
	}
}

// policyOf returns the id of a policy in a configuration, which gets it if it does not have it.
func policyOf(config *core.Config, policy core.Policy) core.PolicyID {
	if policy == (core.Policy{}) {
		policy = core.DefaultPolicy()
	}
	id := slices.Index(config.Policies, policy)
	if id < 0 {
		id = len(config.Policies)
		config.Policies = append(config.Policies, policy)
	}
	return core.PolicyID(id)
}
