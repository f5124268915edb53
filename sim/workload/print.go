package workload

import (
	"strconv"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// String returns the world as a description that [Parse] reads. It leaves out what a description cannot express: Keys,
// Model and Sequence.
func (w World) String() string {
	p := &printer{}
	p.collect(w.Tasks)
	for i := range w.Operators {
		collect(&p.policies, "p", w.Operators[i].Policy)
		collect(&p.limits, "l", w.Operators[i].Limits)
	}
	p.line("", "workload", "1")
	if w.About != "" {
		p.line("", "about", w.About)
	}
	p.line("", "seed", strconv.FormatUint(w.Seed, 10))
	if w.For != 0 {
		p.line("", "for", durationText(w.For))
	}
	if w.Origin != 0 {
		p.line("", "origin", core.Duration(w.Origin).String())
	}
	if w.Liveness {
		p.line("", "liveness")
	}
	if w.MaxSteps != 0 {
		p.line("", "steps", strconv.FormatUint(w.MaxSteps, 10))
	}
	p.config("", w.Config)
	p.shared("", p.scenario(), "policy ", "limits ")
	p.workload("", w.Tasks, w.Outages)
	for i := range w.Operators {
		p.line("", "operator", w.Operators[i].Does.String(), p.text(w.Operators[i].fields()))
	}
	for i := range w.Faults {
		p.line("", "fault", w.Faults[i].Kind.String(), p.text(w.Faults[i].fields()))
	}
	return p.b.String()
}

type printer struct {
	definitions
	b strings.Builder
}

// collect names the policies of tasks.
func (p *printer) collect(tasks []Tasks) {
	for i := range tasks {
		collect(&p.policies, "p", tasks[i].Policy)
		if tasks[i].Supervises != nil {
			p.collect(tasks[i].Supervises.Tasks)
		}
	}
}

func (p *printer) config(indent string, c core.Config) {
	c.Policies = nil
	p.shared(indent, scenario.Scenario{Config: c}, "config ")
}

// shared prints those lines of a scenario that begin with one of the words.
func (p *printer) shared(indent string, s scenario.Scenario, first ...string) {
	for line := range strings.Lines(s.String()) {
		for _, word := range first {
			if strings.HasPrefix(line, word) {
				p.b.WriteString(indent + line)
			}
		}
	}
}

func (p *printer) workload(indent string, tasks []Tasks, outages []Outage) {
	for i := range tasks {
		p.tasks(indent, &tasks[i])
	}
	for i := range outages {
		p.line(indent, "outage", p.text(outages[i].fields()))
	}
}

func (p *printer) tasks(indent string, t *Tasks) {
	if t.Supervises != nil {
		p.line(indent, "supervisor", t.Name, p.text(t.fields()))
		p.config(indent+"  ", t.Supervises.Config)
		p.workload(indent+"  ", t.Supervises.Tasks, t.Supervises.Outages)
		p.line(indent, "end")
		return
	}
	p.line(indent, "tasks", t.Name, p.text(t.fields()))
	for i := range t.Script {
		p.line(indent+"  ", "run", p.text(t.Script[i].fields()))
	}
}

// text returns the fields that are not zero.
func (p *printer) text(fields []field) string {
	var all []string
	for _, f := range fields {
		if text := f.text(&p.definitions); text != "" {
			all = append(all, f.key+"="+text)
		}
	}
	return strings.Join(all, " ")
}

// line prints the words that are not empty.
func (p *printer) line(indent string, words ...string) {
	if last := len(words) - 1; words[last] == "" {
		words = words[:last]
	}
	p.b.WriteString(indent + strings.Join(words, " ") + "\n")
}
