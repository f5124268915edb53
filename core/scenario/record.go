package scenario

import (
	"io"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Recorder stands between a driver and its machine and writes everything that passes as a scenario. The scenario plays
// back to the same actions, bit for bit.
//
// Like the machine, it is not safe for concurrent use. Every event is one call of Write, so that a recording is
// complete up to the last event whenever the process dies; give it a bufio.Writer if that costs too much.
type Recorder struct {
	machine  *core.Machine
	writer   io.Writer
	names    *names
	policies written[core.PolicyID]
	limits   written[core.LimitsID] // never the first, which are in the configuration
	buffer   []byte
	err      error
}

// NewRecorder returns a recorder of what the machine does from now on. It writes the beginning of the scenario at once:
// the configuration if the machine is fresh from [core.New], else a snapshot. In the latter case, call Bind for each
// task that is to go by a name.
//
// From then on, the machine must be stepped through the recorder only.
func NewRecorder(w io.Writer, m *core.Machine) *Recorder { return newRecorder(w, Head{}, m) }

func newRecorder(w io.Writer, head Head, m *core.Machine) *Recorder {
	r := &Recorder{machine: m, writer: w, names: newNames()}
	config := m.Config()
	s := Scenario{Head: head, Config: config}
	s.Config.Policies = nil
	if s.Config.MaxTasks == core.MaxTasks {
		s.Config.MaxTasks = 0 // the default, which is not written
	}
	fresh, err := core.New(config)
	if err == nil && fresh.Digest() == m.Digest() {
		for id, policy := range config.Policies {
			name := policyName(core.PolicyID(id))
			r.policies.add(core.PolicyID(id), name, r.knowsPolicy)
			s.Policies = append(s.Policies, Policy{Policy: policy, Name: name})
		}
	} else if s.Snapshot, err = m.AppendBinary(nil); err != nil {
		r.err = err
		return r
	}
	r.buffer = s.Append(r.buffer)
	r.write()
	return r
}

// Bind makes a name stand for a task that was added before the recording began.
func (r *Recorder) Bind(name string, task core.TaskID) {
	bind := Bind{Name: name, Task: task}
	r.buffer = append(bind.appendText(r.buffer[:0]), '\n')
	r.names.bindTask(name, task)
	r.write()
}

// Define is [core.Machine.Define]. A definition that changes nothing is not recorded: one that fails, and one of a policy
// that is recorded already and in use.
func (r *Recorder) Define(p core.Policy) (core.PolicyID, error) {
	id, err := r.machine.Define(p)
	if err != nil {
		return id, err
	}
	if r.policies.name(id) == "" || !r.machine.PolicyInUse(id) {
		name := policyName(id)
		r.policies.add(id, name, r.knowsPolicy)
		r.buffer = append(r.buffer[:0], "define"...)
		r.buffer = append(appendPolicy(r.buffer, name, &p), '\n')
		r.write()
	}
	return id, nil
}

// DefineLimits is [core.Machine.DefineLimits], and is recorded as Define is.
func (r *Recorder) DefineLimits(l core.Limits) (core.LimitsID, error) {
	id, err := r.machine.DefineLimits(l)
	if err != nil {
		return id, err
	}
	if r.limits.name(id) == "" || !r.machine.LimitsInUse(id) {
		name := limitsName(id)
		r.limits.add(id, name, r.knowsLimits)
		r.buffer = append(appendLimits(r.buffer[:0], name, &l), '\n')
		r.write()
	}
	return id, nil
}

// Add is Step for an EventAdd whose task has a name; an empty name is none.
func (r *Recorder) Add(dst []core.Action, name string, ev core.Event) []core.Action {
	return r.step(dst, name, ev)
}

// Step is [core.Machine.Step].
func (r *Recorder) Step(dst []core.Action, ev core.Event) []core.Action {
	if ev.Kind == core.EventAdd {
		return r.step(dst, "", ev)
	}
	return r.step(dst, r.names.taskNames[ev.Task], ev)
}

func (r *Recorder) step(dst []core.Action, name string, ev core.Event) []core.Action {
	e := Event{Event: ev, Name: name, OtherName: r.names.taskNames[ev.Other]}
	if ev.Policy != 0 {
		e.PolicyName = r.policies.name(ev.Policy)
	}
	e.LimitsName = r.limits.name(ev.Limits)
	before := len(dst)
	dst = r.machine.Step(dst, ev)
	actions := dst[before:]
	if ev.Kind == core.EventAdd {
		if id, ok := added(actions); ok {
			r.names.bindTask(name, id)
		}
	}
	r.record(&e, actions)
	return dst
}

// Machine returns the machine.
func (r *Recorder) Machine() *core.Machine { return r.machine }

// Err returns the first error of the writer. Nothing is written after it; the machine goes on.
func (r *Recorder) Err() error { return r.err }

func (r *Recorder) record(e *Event, actions []core.Action) {
	if r.err == nil {
		r.buffer = append(e.appendEvent(r.buffer[:0]), '\n')
		if len(actions) == 0 {
			r.buffer = append(r.buffer, indent+nothing+"\n"...)
		}
		for i := range actions {
			r.buffer = append(r.buffer, indent...)
			r.buffer = appendAction(r.buffer, r.names.taskNames[actions[i].Task], &actions[i])
			r.buffer = append(r.buffer, '\n')
		}
		r.write()
	}
	for i := range actions {
		if actions[i].Kind == core.ActionForget {
			r.names.forgetTask(actions[i].Task)
		}
	}
}

func (r *Recorder) write() {
	if r.err == nil {
		_, r.err = r.writer.Write(r.buffer)
	}
}

func (r *Recorder) knowsPolicy(id core.PolicyID) bool {
	_, ok := r.machine.Policy(id)
	return ok
}

func (r *Recorder) knowsLimits(id core.LimitsID) bool {
	_, ok := r.machine.Limits(id)
	return ok
}

// policyName is what the recorder calls a policy.
func policyName(id core.PolicyID) string { return "p" + itoa(uint64(id)) }

// limitsName is what the recorder calls limits.
func limitsName(id core.LimitsID) string { return "l" + itoa(uint64(id)) }
