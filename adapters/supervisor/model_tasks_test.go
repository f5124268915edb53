package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// modelTask is what the model knows of a task: what was done to it, and what its runs say for themselves.
type modelTask struct {
	model  *model
	name   string
	in     *modelTree // whose task it is
	tree   *modelTree // what it is, if a supervisor
	policy supervisor.Policy

	// What was said by hand.
	suspended, killed, removed bool

	forgot bool // that is not to be relied on: it was said in an earlier Run

	since supervisor.Instant // of the restart delay that was looked at last

	deaf bool // its runs ignore their stop, from now on

	// Guarded by the model's mu.
	runs  []*modelRun // that are alive, in the order in which they started
	begun uint64
	ended uint64
}

// modelTree is what the model knows of a supervisor.
type modelTree struct {
	task  *modelTask             // that it is; nil for the root
	sup   *supervisor.Supervisor // nil if it is made anew for every run
	tasks []*modelTask           // in the order in which they were added
	limit supervisor.Limits
}

// modelRun is a run of a task that is no supervisor.
type modelRun struct {
	task     *modelTask
	ctx      context.Context
	number   supervisor.RunNumber
	commands chan string
}

func (t *modelTask) path() string {
	if t.in.task == nil {
		return t.name
	}
	return t.in.task.path() + "/" + t.name
}

// remade reports whether the task is in a supervisor that is made anew for every run.
func (t *modelTask) remade() bool {
	return t.in.task != nil && (t.in.sup == nil || t.in.task.remade())
}

// gone reports whether the task, or a supervisor that it is in, was removed.
func (t *modelTask) gone() bool {
	return t.removed || t.in.task != nil && t.in.task.gone()
}

// Run is the task's code. It does as it is told by a command, and stops when it is asked to unless it is deaf.
func (t *modelTask) Run(ctx context.Context) error {
	r := t.model.begin(t, ctx)
	if t.hasReadiness() {
		_ = supervisor.Ready(ctx)
	}
	stop := ctx.Done()
	for {
		select {
		case command := <-r.commands:
			return r.end(command)
		case <-stop:
			if !t.isDeaf() {
				return r.end("stop")
			}
			stop = nil
		}
	}
}

func (t *modelTask) hasReadiness() bool {
	t.model.mu.Lock()
	defer t.model.mu.Unlock()
	return t.policy.Readiness
}

func (t *modelTask) isDeaf() bool {
	t.model.mu.Lock()
	defer t.model.mu.Unlock()
	return t.deaf
}

// end ends the run in one of the ways that there are.
func (r *modelRun) end(how string) error {
	r.task.model.end(r)
	switch how {
	case "good":
		return nil
	case "panic":
		panic("model")
	case "goexit":
		runtime.Goexit()
	case "fatal":
		return supervisor.Fatal(errFailed)
	case "done":
		return supervisor.Done(nil)
	case "stop":
		return context.Cause(r.ctx)
	}
	return errFailed
}

// begin records that a run has started, and whether it may.
func (m *model) begin(t *modelTask, ctx context.Context) *modelRun {
	m.saying.Lock()
	m.saying.Unlock() //nolint:staticcheck // only to wait for it
	m.mu.Lock()
	defer m.mu.Unlock()
	info, ok := supervisor.Current(ctx)
	r := &modelRun{task: t, ctx: ctx, number: info.Run, commands: make(chan string, 1)}
	switch {
	case !ok || info.Task != t.name || info.Path != t.path():
		m.wrong("the run of %s is told that it is %q", t.path(), info.Path)
	case m.stopped:
		m.wrong("%s starts though the root has stopped", t.path())
	case t.gone() && (wordsSurvive || m.sessions < 2 && t.in == m.root):
		m.wrong("%s starts though it was removed", t.path())
	case t.gone(): // another Run of its supervisor takes up again what was being removed when the one before it stopped
	case t.killed && m.remembers(t):
		m.wrong("%s starts though it was killed", t.path())
	case t.suspended && m.remembers(t):
		m.wrong("%s starts though it is suspended", t.path())
	case !t.remade():
		m.mayStartBeside(t)
	}
	t.begun++
	t.runs = append(t.runs, r)
	return r
}

// mayStartBeside checks that a run starts beside no other, unless the policy lets it replace one that was abandoned.
func (m *model) mayStartBeside(t *modelTask) {
	for _, other := range t.runs {
		if t.policy.OnAbandon != supervisor.AbandonReplace {
			m.wrong("%s starts beside run %d", t.path(), other.number)
		} else if other.ctx.Err() == nil {
			m.wrong("%s starts beside run %d, which was not asked to stop", t.path(), other.number)
		}
	}
	if len(t.runs) > 2 {
		m.wrong("%s has %d runs at a time", t.path(), len(t.runs)+1)
	}
}

func (m *model) end(r *modelRun) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r.task.ended++
	for i, other := range r.task.runs {
		if other == r {
			r.task.runs = append(r.task.runs[:i:i], r.task.runs[i+1:]...)
			return
		}
	}
}

// observe counts what a supervisor says it starts.
func (m *model) observe(tree *modelTree) func(supervisor.Transition) {
	return func(e supervisor.Transition) {
		path := ""
		if tree.task != nil {
			path = tree.task.path()
		}
		if e.Supervisor != path || e.Kind != supervisor.ActionStart {
			return
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if path != "" {
			path += "/"
		}
		m.told[path+e.Task]++
		m.starts++
	}
}

// model is what a tree of supervisors owes, as far as it can be said without saying how supervisors work. For every task it
// knows what was said by hand and what its runs say for themselves; the tree must agree with that:
//
//   - a task has one live run at a time, and beside it only such as were abandoned and replaced
//   - a killed or suspended task does not run until the opposite is said; a removed one never again
//   - a task's status is what its runs see: whether one is alive, which, and whether it was asked to stop
//   - a policy and limits are as they were set last, in every Run; a restart delay is the policy's
//   - every task that is to run runs, once enough time has passed
//   - every run that starts is told of, ends, and is accounted for; what is left behind is listed, and nothing else
//   - while the root has stopped nothing starts
type model struct {
	root  *modelTree
	names int
	waits []*modelWait

	removed []*modelTask // and those in removed supervisors

	stopped  bool // the root does not run
	sessions int  // Runs of the root

	saying sync.Mutex // held from a call until the model knows what was said: a run begins only then

	mu     sync.Mutex
	told   map[string]uint64 // starts, by path
	starts uint64
	errs   []error
}

// modelWait is a call that waits, in the background.
type modelWait struct {
	what  string
	ended chan error
}

func (m *model) wrong(format string, args ...any) {
	m.errs = append(m.errs, fmt.Errorf(format, args...))
}

// problem returns what is wrong so far.
func (m *model) problem() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return errors.Join(m.errs...)
}
