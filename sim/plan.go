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
	tasks       int // of the largest supervisor, at the beginning
}

// supervisorPlan is what every run of a supervisor starts from.
type supervisorPlan struct {
	machine *core.Machine // without tasks; to be copied
	first   int           // its groups are groups[first:end]
	end     int
	depth   int // 0 is the top

	autoShutdown core.AutoShutdown
}

type groupPlan struct {
	tasks       *Tasks
	seed        uint64
	supervisor  int
	below       int // the supervisor that each of its tasks is; 0 if none
	policy      core.PolicyID
	stopTimeout core.Duration
	replaces    bool  // its policy lets a run start beside an abandoned one
	needs       int   // the group it needs, or -1
	neededBy    []int // the groups that need it
	outages     []int // the outages it suffers from
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
	p := &plan{}
	if err := p.supervisor("", &Supervisor{Config: o.Config, Workloads: o.Workloads}, o.Seed, 0); err != nil {
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
func (p *plan) supervisor(prefix string, from *Supervisor, seed uint64, depth int) error {
	number, first := len(p.supervisors), len(p.groups)
	p.supervisors = append(p.supervisors, supervisorPlan{first: first, depth: depth, autoShutdown: from.Config.AutoShutdown})
	config := from.Config
	config.Policies = nil
	var fields, prefixes []string
	for i, workload := range from.Workloads {
		switch w := workload.(type) {
		case Tasks:
			field := prefix + "Workloads[" + strconv.Itoa(i) + "]."
			prefixes = append(prefixes, field+"Supervises.")
			if w.Policy == (core.Policy{}) {
				w.Policy = core.DefaultPolicy()
			}
			p.groups = append(p.groups, groupPlan{
				tasks:       &w,
				seed:        mix(seed ^ Seed(w.Name)),
				supervisor:  number,
				policy:      policyOf(&config, &fields, w.Policy, field+"Policy."),
				stopTimeout: w.Policy.StopTimeout,
				replaces:    w.Policy.OnAbandon == core.AbandonReplace,
				needs:       -1,
			})
		case Outage:
			p.outages = append(p.outages, outagePlan{w, faultKinds})
		}
	}
	end := len(p.groups)
	p.supervisors[number].end = end
	machine, err := core.New(config)
	if err != nil {
		return renamed(err, prefix+"Config.", fields)
	}
	p.supervisors[number].machine = machine
	for g := first; g < end; g++ {
		p.link(g, first, end)
		if below := p.groups[g].tasks.Supervises; below != nil {
			p.groups[g].below = len(p.supervisors)
			if err := p.supervisor(prefixes[g-first], below, seed, depth+1); err != nil {
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
