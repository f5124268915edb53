package sim

import (
	"errors"
	"strconv"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// plan is what Options come to: everything that stays the same while a simulation runs.
type plan struct {
	supervisors []supervisorPlan // 0 is the one at the top
	groups      []groupPlan      // of the whole tree; a supervisor's are next to each other
	outages     []outagePlan
	operators   []operatorPlan
	tasks       int           // of the largest supervisor, at the beginning
	grace       core.Duration // how long a run goes on at most after it was asked to stop, once the faults are off
}

// supervisorPlan is what every run of a supervisor starts from.
type supervisorPlan struct {
	machine *core.Machine // without tasks; to be copied
	first   int           // its groups are groups[first:end]
	end     int
	depth   int // 0 is the top

	policies   []core.Policy   // by id
	configured int             // so many of them are in the configuration; the others are defined afterwards
	calm       []core.PolicyID // by id: the same policy, without probes if they come to an end
	limits     []core.Limits   // those that are defined

	strategy     core.Strategy
	budgeted     bool // it has a restart budget, or may be given one
	autoShutdown core.AutoShutdown
}

type groupPlan struct {
	tasks      *Tasks
	usual      Course // what its runs say, if nothing else is said
	seed       uint64
	supervisor int
	below      int // the supervisor that each of its tasks is; 0 if none
	policy     core.PolicyID
	needs      int   // the group it needs, or -1
	neededBy   []int // the groups that need it
	outages    []int // the outages it suffers from
}

// operatorPlan is what an operator gives tasks, or a supervisor.
type operatorPlan struct {
	policy core.PolicyID
	limits core.LimitsID
}

// outagePlan is an outage that was asked for, or the storm that a fault is.
type outagePlan struct {
	Outage
	fault FaultKind // faultKinds if it is none
}

func newPlan(o *Options) (*plan, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	p := &plan{grace: graceFor(o.For), operators: make([]operatorPlan, len(o.Operators))}
	if err := p.supervisor(o, "", &Supervisor{Config: o.Config, Workloads: o.Workloads}, 0); err != nil {
		return nil, err
	}
	p.storms(o.Faults)
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

// storms adds the faults that are outages of a kind.
func (p *plan) storms(faults []Fault) {
	const soon = core.Duration(1e6) // a millisecond
	for _, f := range faults {
		storm := Outage{At: f.At, Every: f.Every, Share: f.Share, Lasts: f.By}
		switch f.Kind {
		case FlapStorm:
			storm.Notice, storm.Fails = Uniform(0, soon), Uniform(0, soon)
		case ThunderingRestart:
			storm.Lasts = Constant(0)
		default:
			continue
		}
		p.outages = append(p.outages, outagePlan{storm, f.Kind})
	}
}

// supervisor adds a supervisor with its groups, and those below it.
func (p *plan) supervisor(o *Options, prefix string, from *Supervisor, depth int) error {
	seed, number, first := o.Seed, len(p.supervisors), len(p.groups)
	p.supervisors = append(p.supervisors, supervisorPlan{
		first: first, depth: depth, strategy: from.Config.Strategy, autoShutdown: from.Config.AutoShutdown,
		budgeted: from.Config.RestartRate.Count > 0,
	})
	config := from.Config
	config.Policies = nil
	var fields, prefixes []string
	for i, workload := range from.Workloads {
		switch w := workload.(type) {
		case Tasks:
			field := prefix + "Workloads[" + strconv.Itoa(i) + "]."
			prefixes = append(prefixes, field+"Supervises.")
			w.Policy = orDefault(w.Policy)
			p.groups = append(p.groups, groupPlan{
				tasks:      &w,
				usual:      Course{Signals: w.Signals},
				seed:       mix(seed ^ Seed(w.Name)),
				supervisor: number,
				policy:     policyOf(&config, &fields, w.Policy, field+"Policy."),
				needs:      -1,
			})
		case Outage:
			p.outages = append(p.outages, outagePlan{w, faultKinds})
		}
	}
	end := len(p.groups)
	p.supervisors[number].end = end
	p.policyOrders(o, number, &config, &fields)
	machine, err := core.New(config)
	if err != nil {
		return renamed(err, prefix+"Config.", fields)
	}
	p.supervisors[number].machine = machine
	if err := p.define(o, number); err != nil {
		return err
	}
	for g := first; g < end; g++ {
		p.link(g, first, end)
		if below := p.groups[g].tasks.Supervises; below != nil {
			p.groups[g].below = len(p.supervisors)
			if err := p.supervisor(o, prefixes[g-first], below, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// policyOrders adds the policies that operators give the tasks of a supervisor to its configuration.
func (p *plan) policyOrders(o *Options, number int, config *core.Config, fields *[]string) {
	for i := range o.Operators {
		if operator := &o.Operators[i]; operator.Does == OrderPolicy && p.supervisorOf(operator.Of) == number {
			field := "Operators[" + strconv.Itoa(i) + "].Policy."
			p.operators[i].policy = policyOf(config, fields, orDefault(operator.Policy), field)
		}
	}
}

// supervisorOf returns which supervisor an operator means, of those that are planned so far, or -1.
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

// define finds out what will be defined while the supervisor runs, by trying it on a copy of its machine: the limits that
// operators give it, and each policy without probes if they come to an end.
func (p *plan) define(o *Options, number int) error {
	supervisor := &p.supervisors[number]
	var copy core.Machine
	copy.CopyFrom(supervisor.machine)
	for i := range o.Operators {
		operator := &o.Operators[i]
		if operator.Does != OrderLimits || p.supervisorOf(operator.Of) != number {
			continue
		}
		id, err := copy.DefineLimits(operator.Limits)
		if err != nil {
			return renamed(err, "Operators["+strconv.Itoa(i)+"].Limits.", nil)
		}
		p.operators[i].limits = id
		supervisor.budgeted = supervisor.budgeted || operator.Limits.RestartRate.Count > 0
		supervisor.limits = append(supervisor.limits, operator.Limits)
	}
	configured := copy.Config().Policies
	for _, policy := range configured {
		if o.Settle {
			policy.Probe = core.Probe{}
		}
		id, err := copy.Define(policy)
		if err != nil {
			return err
		}
		supervisor.calm = append(supervisor.calm, id)
	}
	supervisor.policies, supervisor.configured = copy.Config().Policies, len(configured)
	for id := len(configured); id < len(supervisor.policies); id++ {
		supervisor.calm = append(supervisor.calm, core.PolicyID(id))
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

func orDefault(policy core.Policy) core.Policy {
	if policy == (core.Policy{}) {
		return core.DefaultPolicy()
	}
	return policy
}

// policyOf returns the id of a policy, and keeps which field it came from.
func policyOf(config *core.Config, fields *[]string, policy core.Policy, field string) core.PolicyID {
	for id := range config.Policies {
		if config.Policies[id] == policy {
			return core.PolicyID(id)
		}
	}
	config.Policies = append(config.Policies, policy)
	*fields = append(*fields, field)
	return core.PolicyID(len(config.Policies) - 1)
}

// renamed turns the field names of a core.ConfigError into those of Options.
func renamed(err error, prefix string, policies []string) error {
	var bad *core.ConfigError
	if !errors.As(err, &bad) {
		return err
	}
	renamed := &OptionsError{}
	for _, f := range bad.Fields {
		f.Field = renamedField(f.Field, prefix, policies)
		renamed.Fields = append(renamed.Fields, f)
	}
	return renamed
}

func renamedField(field, prefix string, policies []string) string {
	for id, policy := range policies {
		inner := "Policies[" + strconv.Itoa(id) + "]."
		if len(field) > len(inner) && field[:len(inner)] == inner {
			return policy + field[len(inner):]
		}
	}
	return prefix + field
}
