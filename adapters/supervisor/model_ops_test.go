package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing/synctest"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// wordsSurvive says that what was said about a task by hand outlives its supervisor's Runs.
const wordsSurvive = true

// trail is what the program that was played last did.
var trail []string

// tried counts the operations that were accepted, and the situations that the model came to, over all programs.
var (
	tried   = map[string]int{}
	triedMu sync.Mutex
)

func tally(what string) {
	triedMu.Lock()
	defer triedMu.Unlock()
	tried[what]++
}

// operation is what a program can do. do returns to what it was done, "" if there is nothing that it could be done to, and the
// answer.
type operation struct {
	name   string
	weight int
	do     func(m *model, where, how int) (to string, err error)
}

var operations = []operation{
	{"add a task", 6, (*model).addLeaf},
	{"add a supervisor", 3, (*model).addTree},
	{"add a factory", 2, (*model).addFactory},
	{"remove", 2, command("remove", (*supervisor.Supervisor).Remove)},
	{"restart", 4, command("restart", (*supervisor.Supervisor).Restart)},
	{"kill", 3, command("kill", (*supervisor.Supervisor).Kill)},
	{"suspend", 3, command("suspend", (*supervisor.Supervisor).Suspend)},
	{"resume", 4, command("resume", (*supervisor.Supervisor).Resume)},
	{"remove and wait", 1, waiting("remove", (*supervisor.Supervisor).RemoveWait)},
	{"kill and wait", 1, waiting("kill", (*supervisor.Supervisor).KillWait)},
	{"set a policy", 3, (*model).setPolicy},
	{"set limits", 1, (*model).setLimits},
	{"end a run", 8, (*model).endRun},
	{"make deaf", 3, (*model).makeDeaf},
	{"end a deaf run", 3, (*model).endDeaf},
	{"let time pass", 8, (*model).pass},
	{"stop", 2, (*model).stop},
	{"run", 3, (*model).run},
	{"settle", 2, (*model).settle},
}

// situations are what programs must have come to, besides operations that were accepted.
var situations = []string{
	"a second Run", "a Run beside a run left behind", "a run abandoned", "a run replaced", "a task three levels down",
	"a supervisor whose task was fatal", "a supervisor made anew", "a removed supervisor", "a delay checked", "a dead task",
}

// untried lists what no program has come to.
func untried() (missing []string) {
	for _, o := range operations {
		if tried[o.name] == 0 {
			missing = append(missing, o.name)
		}
	}
	for _, s := range situations {
		if tried[s] == 0 {
			missing = append(missing, s)
		}
	}
	return missing
}

func newModel() *model {
	m := &model{told: map[string]uint64{}, root: &modelTree{}, stopped: true}
	m.root.sup = m.newTree(m.root)
	return m
}

// newTree makes a supervisor. Its tasks have generous policies, so that what was not ended by hand goes on.
func (m *model) newTree(tree *modelTree, options ...supervisor.Option) *supervisor.Supervisor {
	sup, err := supervisor.New(append([]supervisor.Option{
		supervisor.WithMaxAttempts(supervisor.Unlimited), supervisor.WithStopTimeout(5 * time.Second), supervisor.WithBackoff(supervisor.Backoff{Max: 8 * time.Second}),
		supervisor.WithObserver(m.observe(tree)), supervisor.WithObserverQueue(1 << 16),
	}, options...)...)
	panicIf(err)
	return sup
}

// play does one step after the other, and looks at everything in between.
func (m *model) play(program []step) string {
	for _, s := range program {
		o := operations[slices.IndexFunc(operations, func(o operation) bool { return o.name == s.Do })]
		to, err := o.do(m, s.Where, s.How)
		if to != "" {
			trail = append(trail, fmt.Sprintf("%s: %s: %v", s.Do, to, err))
		}
		if to != "" && err == nil {
			tally(s.Do)
		}
		synctest.Wait()
		m.check()
		if err := m.problem(); err != nil {
			return err.Error()
		}
	}
	m.finish()
	if err := m.problem(); err != nil {
		return err.Error()
	}
	return ""
}

// trees lists the supervisors that can be spoken to by themselves, the root first.
func (m *model) trees() []*modelTree {
	list := []*modelTree{m.root}
	for i := 0; i < len(list); i++ {
		for _, t := range list[i].tasks {
			if t.tree != nil && t.tree.sup != nil {
				list = append(list, t.tree)
			}
		}
	}
	return list
}

// tasks lists all tasks, outer ones first.
func (m *model) tasks() []*modelTask {
	var list []*modelTask
	trees := []*modelTree{m.root}
	for len(trees) > 0 {
		for _, t := range trees[0].tasks {
			list = append(list, t)
			if t.tree != nil {
				trees = append(trees, t.tree)
			}
		}
		trees = trees[1:]
	}
	return list
}

// some returns one of the tasks for which a condition holds, or nil.
func (m *model) some(where int, is func(*modelTask) bool) *modelTask {
	tasks := slices.DeleteFunc(m.tasks(), func(t *modelTask) bool { return !is(t) })
	if len(tasks) == 0 {
		return nil
	}
	return tasks[where%len(tasks)]
}

// spoken reports whether the task can be spoken of by hand. What is made anew for every run cannot be remembered.
func spoken(t *modelTask) bool { return !t.remade() }

func (m *model) enter(tree *modelTree, nested *modelTree) *modelTask {
	m.names++
	t := &modelTask{model: m, name: fmt.Sprintf("t%d", m.names), in: tree, tree: nested}
	if nested != nil {
		nested.task = t
	}
	tree.tasks = append(tree.tasks, t)
	return t
}

// place chooses a supervisor for a new task that is not too deep, or nil.
func (m *model) place(where, deepest int) *modelTree {
	trees := slices.DeleteFunc(m.trees(), func(t *modelTree) bool { return t.depth() > deepest || len(t.tasks) > 4 })
	if len(trees) == 0 {
		return nil
	}
	return trees[where%len(trees)]
}

func (t *modelTree) depth() int {
	if t.task == nil {
		return 0
	}
	return 1 + t.task.in.depth()
}

// add adds a task to a supervisor, and takes it back if that is refused because of the supervisor's phase.
func (m *model) add(t *modelTask, task supervisor.Task, options ...supervisor.TaskOption) (string, error) {
	m.mu.Lock()
	t.policy.OnAbandon = supervisor.AbandonWait
	m.mu.Unlock()
	err := t.in.sup.Add(t.name, task, options...)
	if err != nil {
		t.in.tasks = slices.DeleteFunc(t.in.tasks, func(other *modelTask) bool { return other == t })
		m.mustBe(err, "add "+t.path(), supervisor.ErrStopped, supervisor.ErrShuttingDown)
		return t.path(), err
	}
	policy, err := t.in.sup.Policy(t.name)
	panicIf(err)
	m.mu.Lock()
	defer m.mu.Unlock()
	t.policy = policy
	return t.path(), nil
}

func (m *model) addLeaf(where, how int) (string, error) {
	tree := m.place(where, 3)
	if tree == nil {
		return "", nil
	}
	t := m.enter(tree, nil)
	readiness := how%3 == 0
	t.policy.Readiness = readiness
	options := []supervisor.TaskOption{supervisor.WithReadiness(readiness)}
	if how%5 == 0 {
		options = append(options, supervisor.WithSuspended(true))
		t.suspended = true
	}
	return m.add(t, t, options...)
}

func (m *model) addTree(where, how int) (string, error) {
	tree := m.place(where, 2)
	if tree == nil {
		return "", nil
	}
	nested := &modelTree{}
	t := m.enter(tree, nested)
	nested.sup = m.newTree(nested, supervisor.WithStrategy([]supervisor.Strategy{supervisor.OneForOne, supervisor.OneForAll, supervisor.RestForOne}[how%3]))
	for range 1 + how%2 {
		inner := m.enter(nested, nil)
		panicIf(nested.sup.Add(inner.name, inner))
		inner.policy, _ = nested.sup.Policy(inner.name)
	}
	return m.add(t, nested.sup, supervisor.WithReadiness(how%4 == 1))
}

// addFactory adds a supervisor that is made anew for every run, of tasks that are the same to the model.
func (m *model) addFactory(where, _ int) (string, error) {
	tree := m.place(where, 2)
	if tree == nil {
		return "", nil
	}
	nested := &modelTree{}
	t := m.enter(tree, nested)
	inner := []*modelTask{m.enter(nested, nil), m.enter(nested, nil)}
	made := 0
	return m.add(t, supervisor.Factory(func() supervisor.Task {
		if made++; made == 2 {
			tally("a supervisor made anew")
		}
		sup := m.newTree(nested)
		for _, task := range inner {
			panicIf(sup.Add(task.name, task))
		}
		return sup
	}))
}

// mustBe records an answer that is none of those that are in order.
func (m *model) mustBe(err error, what string, inOrder ...error) {
	for _, known := range inOrder {
		if errors.Is(err, known) {
			return
		}
	}
	if err != nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.wrong("%s is answered by %v", what, err)
	}
}

// command is an operator command about a task.
func command(what string, call func(*supervisor.Supervisor, string) error) func(*model, int, int) (string, error) {
	return func(m *model, where, _ int) (string, error) {
		t := m.some(where, spoken)
		if t == nil {
			return "", nil
		}
		m.saying.Lock()
		defer m.saying.Unlock()
		err := call(m.root.sup, t.path())
		m.said(what, t, err)
		return t.path(), err
	}
}

// waiting is a command that waits, in the background.
func waiting(what string, call func(*supervisor.Supervisor, context.Context, string) error) func(*model, int, int) (string, error) {
	return func(m *model, where, _ int) (string, error) {
		t := m.some(where, spoken)
		if t == nil {
			return "", nil
		}
		w := &modelWait{what: what + " " + t.path(), ended: make(chan error, 1)}
		go func() { w.ended <- call(m.root.sup, context.Background(), t.path()) }()
		synctest.Wait()
		select {
		case err := <-w.ended:
			if !errors.As(err, new(*supervisor.LeftBehindError)) {
				m.said(what, t, err)
				return t.path(), err
			}
			m.said(what, t, nil)
		default:
			m.waits = append(m.waits, w)
			m.said(what, t, nil)
		}
		return t.path(), nil
	}
}

// said records what was said of a task, unless it was refused.
func (m *model) said(what string, t *modelTask, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		m.refused(what, t, err)
		return
	}
	if t.forgot {
		t.forgot, t.killed, t.suspended = false, false, false
	}
	switch what {
	case "remove":
		t.removed = true
		m.removed = append(m.removed, t)
		for _, inner := range m.tasks() {
			if inner != t && inner.gone() {
				m.removed = append(m.removed, inner)
			}
		}
		t.in.tasks = slices.DeleteFunc(t.in.tasks, func(other *modelTask) bool { return other == t })
		if t.tree != nil {
			tally("a removed supervisor")
		}
	case "kill":
		t.killed, t.suspended = true, false
	case "restart":
		t.killed, t.suspended = false, false
	case "suspend":
		t.killed, t.suspended = false, true
	case "resume":
		t.suspended = false
	}
}

// refused checks why a command was refused.
func (m *model) refused(what string, t *modelTask, err error) {
	inOrder := []error{supervisor.ErrBeingRemoved, supervisor.ErrShuttingDown, supervisor.ErrStopped}
	switch what {
	case "kill", "suspend":
		inOrder = append(inOrder, supervisor.ErrAlreadyEnded)
	case "resume":
		if !t.suspended || !m.remembers(t) {
			inOrder = append(inOrder, supervisor.ErrNotSuspended)
		}
	}
	for _, known := range inOrder {
		if errors.Is(err, known) {
			return
		}
	}
	if what == "remove" && errors.As(err, new(*supervisor.LeftBehindError)) && len(t.runs) > 0 {
		return
	}
	m.wrong("%s %s is refused: %v", what, t.path(), err)
}

// remembers reports whether what was said of a task by hand must hold.
func (m *model) remembers(t *modelTask) bool { return wordsSurvive || t.in == m.root && !t.forgot }

func (m *model) setPolicy(where, how int) (string, error) {
	t := m.some(where, func(t *modelTask) bool { return spoken(t) && t.tree == nil })
	if t == nil {
		return "", nil
	}
	changed := t.policy
	switch how % 4 {
	case 0:
		changed.BaseDelay = time.Duration(how%7) * 250 * time.Millisecond
	case 1:
		changed.StopTimeout = time.Duration(1+how%4) * time.Second
	case 2:
		changed.OnAbandon = []supervisor.OnAbandon{supervisor.AbandonReplace, supervisor.AbandonWait, supervisor.AbandonReplace}[how/4%3]
	case 3:
		changed.MaxAttempts = []uint32{0, 2, supervisor.Unlimited}[how/4%3]
	}
	m.saying.Lock()
	defer m.saying.Unlock()
	err := m.root.sup.SetPolicy(t.path(), supervisor.WithPolicy(changed))
	if err == nil {
		m.mu.Lock()
		t.policy = changed
		m.mu.Unlock()
		return t.path(), nil
	}
	m.mustBe(err, "set the policy of "+t.path(), supervisor.ErrBeingRemoved, supervisor.ErrShuttingDown, supervisor.ErrStopped)
	return t.path(), err
}

func (m *model) setLimits(where, how int) (string, error) {
	trees := m.trees()
	tree := trees[where%len(trees)]
	changed := tree.limit
	changed.RestartRate = supervisor.Rate{Count: 1 + uint32(how%3), Per: time.Second}
	changed.ShutdownTimeout = time.Duration(how%3) * 30 * time.Second
	err := tree.sup.SetLimits(supervisor.WithLimits(changed))
	if err == nil {
		tree.limit = changed
	}
	m.mustBe(err, "set limits", supervisor.ErrShuttingDown, supervisor.ErrStopped)
	return "a supervisor", err
}

// endRun ends a run that was not asked to stop, in one of the ways that there are.
func (m *model) endRun(where, how int) (string, error) {
	t := m.some(where, func(t *modelTask) bool { return len(t.runs) > 0 && t.runs[len(t.runs)-1].ctx.Err() == nil })
	if t == nil {
		return "", nil
	}
	ends := []string{"fail", "fail", "fail", "good", "panic", "goexit", "done", "fatal"}
	end := ends[how%len(ends)]
	if end == "fatal" {
		if t.in == m.root {
			end = "fail" // the root goes on
		} else {
			tally("a supervisor whose task was fatal")
		}
	}
	t.runs[len(t.runs)-1].commands <- end
	return t.path() + ", " + end, nil
}

func (m *model) makeDeaf(where, _ int) (string, error) {
	t := m.some(where, func(t *modelTask) bool { return t.tree == nil && !t.deaf })
	if t == nil {
		return "", nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	t.deaf = true
	return t.path(), nil
}

// endDeaf ends the oldest run of a deaf task, which hears again.
func (m *model) endDeaf(where, _ int) (string, error) {
	t := m.some(where, func(t *modelTask) bool { return t.deaf })
	if t == nil {
		return "", nil
	}
	m.hear(t)
	return t.path(), nil
}

// hear has the task's runs stop that were asked to, and those to come.
func (m *model) hear(t *modelTask) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t.deaf = false
	for _, r := range t.runs {
		if r.ctx.Err() != nil {
			select {
			case r.commands <- "stop":
			default: // it has been told
			}
		}
	}
}

func (m *model) pass(_, how int) (string, error) {
	d := []time.Duration{1, time.Second, 2 * time.Second, 5 * time.Second, 20 * time.Second, time.Minute}[how%6]
	time.Sleep(d)
	return d.String(), nil
}

func (m *model) run(int, int) (string, error) {
	if !m.stopped {
		return "", nil
	}
	m.sessions++
	again, left := m.sessions > 1, m.living() > 0
	m.mu.Lock()
	m.stopped = false
	if !wordsSurvive {
		for _, t := range m.tasks() {
			t.forgot = again
		}
	}
	m.mu.Unlock()
	err := m.root.sup.Start(context.Background())
	m.mustBe(err, "run")
	if again {
		tally("a second Run")
	}
	if left {
		tally("a Run beside a run left behind")
	}
	return "the root", err
}

func (m *model) stop(int, int) (string, error) {
	if m.stopped {
		return "", nil
	}
	err := m.root.sup.Shutdown(context.Background())
	m.mustBe(err, "stop")
	m.mu.Lock()
	m.stopped = true
	m.mu.Unlock()
	m.checkResult()
	return "the root", err
}

// settle has all runs hear again, and waits until everything that can has come up. Then all that is to run does.
func (m *model) settle(int, int) (string, error) {
	if m.stopped {
		return "", nil
	}
	m.comeToRest()
	m.checkLiveness()
	return "all", nil
}

func (m *model) comeToRest() {
	for _, t := range append(m.tasks(), m.removed...) {
		m.hear(t)
	}
	time.Sleep(time.Hour)
	synctest.Wait()
}
