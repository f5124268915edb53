package sim

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// String returns the options as a description that [Parse] reads. Left out is what has no
// words: Model, Keys, Watchers, Record and Unchecked.
func (o Options) String() string {
	p := &printer{}
	p.collect(o.Workloads)
	for i := range o.Operators {
		p.addPolicy(o.Operators[i].Policy)
		p.addLimits(o.Operators[i].Limits)
	}
	p.text("workload 1\n")
	if o.About != "" {
		p.text("about " + o.About + "\n")
	}
	p.text("seed " + strconv.FormatUint(o.Seed, 10) + "\n")
	if o.For != 0 {
		p.text("for " + durationText(o.For) + "\n")
	}
	if o.Origin != 0 {
		p.text("origin " + core.Duration(o.Origin).String() + "\n")
	}
	if o.Settle {
		p.text("settle\n")
	}
	if o.StepsMax != 0 {
		p.text("steps " + strconv.FormatUint(o.StepsMax, 10) + "\n")
	}
	p.config("", o.Config)
	if len(p.policies) > 0 {
		// Scenarios and descriptions share their lines of policies.
		p.shared("", scenario.Scenario{Policies: p.policies}, "policy")
	}
	if len(p.limits) > 0 {
		p.shared("", scenario.Scenario{Statements: p.limits}, "limits")
	}
	p.workloads("", o.Workloads)
	for _, operator := range o.Operators {
		p.text("operator " + operator.Does.String())
		p.field("of", operator.Of)
		p.at(operator.At)
		p.field("every", operator.Every.String())
		if operator.Count == All {
			p.field("count", "all")
		} else {
			p.count(operator.Count)
		}
		p.field("policy", p.policyName(operator.Policy))
		p.field("limits", p.limitsName(operator.Limits))
		p.field("other", operator.Other)
		if operator.Bound {
			p.field("bound", "true")
		}
		p.text("\n")
	}
	for _, fault := range o.Faults {
		p.text("fault " + fault.Kind.String())
		p.fraction("share", fault.Share)
		p.at(fault.At)
		p.field("every", fault.Every.String())
		p.field("by", fault.By.String())
		p.text("\n")
	}
	return p.b.String()
}

type printer struct {
	b        bytes.Buffer
	policies []scenario.Policy
	limits   []scenario.Statement
}

// collect names every policy.
func (p *printer) collect(workloads []Workload) {
	for _, workload := range workloads {
		t, ok := workload.(Tasks)
		if !ok {
			continue
		}
		p.addPolicy(t.Policy)
		if t.Supervises != nil {
			p.collect(t.Supervises.Workloads)
		}
	}
}

func (p *printer) addPolicy(policy core.Policy) {
	if policy != (core.Policy{}) && p.policyName(policy) == "" {
		p.policies = append(p.policies, scenario.Policy{Policy: policy, Name: "p" + strconv.Itoa(len(p.policies))})
	}
}

func (p *printer) addLimits(limits core.Limits) {
	if limits != (core.Limits{}) && p.limitsName(limits) == "" {
		p.limits = append(p.limits, &scenario.DefineLimits{Limits: limits, Name: "l" + strconv.Itoa(len(p.limits))})
	}
}

func (p *printer) limitsName(limits core.Limits) string {
	for _, known := range p.limits {
		if known := known.(*scenario.DefineLimits); known.Limits == limits {
			return known.Name
		}
	}
	return ""
}

func (p *printer) policyName(policy core.Policy) string {
	for _, known := range p.policies {
		if known.Policy == policy {
			return known.Name
		}
	}
	return ""
}

func (p *printer) workloads(indent string, workloads []Workload) {
	for _, workload := range workloads {
		switch w := workload.(type) {
		case Tasks:
			p.tasks(indent, &w)
		case Outage:
			p.text(indent + "outage")
			p.field("of", w.Of)
			p.at(w.At)
			p.field("every", w.Every.String())
			p.field("lasts", w.Lasts.String())
			p.fraction("share", w.Share)
			p.field("notice", w.Notice.String())
			p.field("fails", w.Fails.String())
			p.field("ends", w.Ends.String())
			p.text("\n")
		}
	}
}

func (p *printer) tasks(indent string, t *Tasks) {
	if t.Supervises != nil {
		p.text(indent + "supervisor " + t.Name)
	} else {
		p.text(indent + "tasks " + t.Name)
	}
	p.count(t.Count)
	if t.Later {
		p.field("later", "true")
	}
	p.field("policy", p.policyName(t.Policy))
	if t.Supervises == nil {
		p.field("lasts", t.Lasts.String())
		p.field("ends", t.Ends.String())
		p.field("stops", t.Stops.String())
		p.fraction("deaf", t.Deaf)
	}
	p.field("needs", t.Needs)
	p.field("notice", t.Notice.String())
	p.field("fails", t.Fails.String())
	if t.Declares != DeclareNothing {
		p.field("declares", t.Declares.String())
	}
	p.signals(&t.Signals)
	p.text("\n")
	if t.Supervises != nil {
		p.config(indent+"  ", t.Supervises.Config)
		p.workloads(indent+"  ", t.Supervises.Workloads)
		p.text(indent + "end\n")
		return
	}
	for _, run := range t.Script {
		p.text(indent + "  run")
		p.field("lasts", run.Lasts.String())
		if run.Ends != core.ExitNone {
			p.field("ends", run.Ends.String())
		}
		p.field("stops", run.Stops.String())
		p.signals(&run.Signals)
		p.text("\n")
	}
}

func (p *printer) signals(s *Signals) {
	p.field("ready", s.Ready.String())
	p.field("beats", s.Beats.String())
	p.field("within", s.Within.String())
	p.field("answers", s.Answers.String())
	p.fraction("unwell", s.Unwell)
	p.field("hangs", s.Hangs.String())
}

func (p *printer) config(indent string, c core.Config) {
	c.Policies = nil
	p.shared(indent, scenario.Scenario{Config: c}, "config ")
}

// shared prints the lines of a scenario that begin with a word.
func (p *printer) shared(indent string, s scenario.Scenario, first string) {
	for line := range strings.Lines(s.String()) {
		if strings.HasPrefix(line, first) {
			p.text(indent + line)
		}
	}
}

func (p *printer) text(s string) { p.b.WriteString(s) }

func (p *printer) field(key, value string) {
	if value != "" {
		p.text(" " + key + "=" + value)
	}
}

func (p *printer) at(d core.Duration) {
	if d != 0 {
		p.field("at", durationText(d))
	}
}

func (p *printer) count(n int) {
	if n != 0 {
		p.field("count", strconv.Itoa(n))
	}
}

func (p *printer) fraction(key string, f core.Fraction) {
	if f.Den != 0 {
		p.field(key, f.String())
	}
}
