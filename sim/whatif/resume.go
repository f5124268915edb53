package whatif

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// resume takes over the state with which a recording begins.
func (h *history) resume(m *core.Machine, names map[core.TaskID]string) {
	state := new(core.Machine)
	state.CopyFrom(m)
	h.config, h.resumes = m.Config(), &workload.Resumption{Machine: state}
	if m.Phase() != core.PhaseCreated {
		h.began, h.started, h.begin, h.end = true, true, m.Now(), m.Now()
	}
	for status := range m.Tasks() {
		policy, _ := m.Policy(status.Policy)
		g := h.group(names[status.Task], status.Task, policy)
		p := &past{group: g, key: status.Key}
		if status.Fenced != 0 {
			p.left = recorded{number: status.Fenced, to: core.Never, stopped: core.Never}
		}
		if status.Live {
			p.runs = []recorded{alreadyAlive(&status, m.Now())}
		}
		g.pasts = append(g.pasts, p)
		h.tasks[status.Task] = p
		h.resumes.Tasks = append(h.resumes.Tasks, workload.Resumed{Task: status.Task, Of: g.name})
	}
}

// alreadyAlive is the run of a task that is alive when the recording begins. What it does is counted from there.
func alreadyAlive(status *core.TaskStatus, now core.Instant) recorded {
	r := recorded{
		number: status.Run, from: now, to: core.Never, stopped: core.Never,
		starting: status.Status == core.StatusStarting || status.Unready, silent: status.Hung,
	}
	if status.Status == core.StatusStopping || status.Status == core.StatusAbandoned {
		r.stopped = now
	}
	if status.Probing {
		r.signals = []workload.Signal{{Event: core.EventProbe, Takes: core.Forever}}
	}
	return r
}

// resumed is what a run does that is alive at the beginning.
func (p *past) resumed(number core.Run, begin core.Instant) workload.RunScript {
	r := p.run(number)
	if r == &p.left {
		c := workload.RunScript{Ends: r.exit, Asks: workload.Constant(r.asks), Stops: workload.Endless()}
		if r.to != core.Never {
			c.Lifetime = workload.Constant(core.Duration(max(r.to, begin) - begin))
		}
		return c
	}
	if r.to == begin {
		p.met++ // it ends at once, and is not to be met again
	}
	return r.rest(begin, p.stops)
}

// namesIn returns the names of the tasks in the snapshot with which a scenario begins: they stand above the first event.
func namesIn(s *scenario.Scenario) map[core.TaskID]string {
	names := map[core.TaskID]string{}
	for _, statement := range s.Statements {
		switch statement := statement.(type) {
		case *scenario.Event:
			return names
		case *scenario.Bind:
			names[statement.Task] = statement.Name
		case *scenario.Define, *scenario.DefineLimits, *scenario.Expect:
		}
	}
	return names
}
