package assemble

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Changer is a task that can become what another file says, without another task in its place.
type Changer interface {
	// Prepare returns what changes the task from its next run on, and returns the options that follow from that. The error says what
	// is wrong with the new task. Nothing has changed until the function is called.
	Prepare(t *taskfile.Task) (change func() ([]supervisor.TaskOption, error), err error)
}

// Update is what makes a tree that of another file, see [Tree.Update].
type Update struct {
	Changes

	tree  *Tree
	after *taskfile.File
	steps []*step // removals, then adjustments, then additions, then restarts
}

// step is one call of a supervisor, or a few.
type step struct {
	change Change
	stage  stage
	behind []*step // steps of the same stage that come before
	do     func(ctx context.Context) error

	done chan struct{}
	err  error
}

type stage uint8

const (
	removing stage = iota
	adjusting
	adding
	restarting

	stages
)

// Update returns what makes the tree that of another complete file. Everything that can be wrong is found out here; the tree has not
// changed yet.
func (t *Tree) Update(after *taskfile.File, make Maker) (*Update, error) {
	policies, err := New(after, Standin)
	if err != nil {
		return nil, err
	}
	u := &Update{Changes: Diff(t.File(), after), tree: t, after: after}
	p := preparation{update: u, policies: policies, make: make, old: memberIndex(t.File()), new: memberIndex(after)}
	for _, change := range u.List {
		if err := p.change(change); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", after.Path, change.Path, err)
		}
	}
	p.order()
	return u, nil
}

// Apply carries the update out: what is removed has stopped before anything else changes, and then what is added and what is restarted
// starts, each as soon as what it needs is up. It returns when all has been asked for. The function, if it is not nil, is called with
// each change that has been carried out.
//
// The error is all that failed. Then the tree counts as that of the old file, and the update to the new one can be tried again.
func (u *Update) Apply(ctx context.Context, did func(Change)) error {
	var failed []error
	for at := range stages {
		for _, s := range u.steps {
			if s.stage == at {
				go s.run(ctx)
			}
		}
		for _, s := range u.steps {
			if s.stage != at {
				continue
			}
			<-s.done
			switch {
			case s.err != nil:
				failed = append(failed, fmt.Errorf("%s: %w", s.change.Path, s.err))
			case did != nil && !(s.change.Kind == Replaced && at == removing) && !(s.change.Kind == Restarted && at == adjusting):
				did(s.change)
			}
		}
		if len(failed) > 0 {
			return errors.Join(failed...)
		}
	}
	u.tree.mu.Lock()
	defer u.tree.mu.Unlock()
	u.tree.file = u.after
	return nil
}

func (s *step) run(ctx context.Context) {
	defer close(s.done)
	for _, before := range s.behind {
		<-before.done
		if before.err != nil {
			s.err = fmt.Errorf("waits for %s, which failed", before.change.Path)
			return
		}
	}
	s.err = s.do(ctx)
}

// preparation makes the steps of an update.
type preparation struct {
	update   *Update
	policies *Tree // of tasks that only have policies
	make     Maker
	old, new map[string]taskfile.Member // by path
}

func (p *preparation) change(c Change) error {
	switch c.Kind {
	case Added:
		return p.add(c)
	case Removed:
		p.remove(c)
	case Replaced:
		p.remove(c)
		return p.add(c)
	case Restarted, Adjusted:
		if c.Group {
			p.adjustGroup(c)
			return nil
		}
		return p.adjust(c)
	case Deferred:
	}
	return nil
}

func (p *preparation) step(at stage, c Change, do func(ctx context.Context) error) {
	p.update.steps = append(p.update.steps, &step{change: c, stage: at, do: do, done: make(chan struct{})})
}

func (p *preparation) remove(c Change) {
	tree := p.update.tree
	p.step(removing, c, func(ctx context.Context) error {
		if err := tree.Root.RemoveWait(ctx, c.Path); err != nil && !errors.Is(err, supervisor.ErrUnknownTask) {
			return err
		}
		tree.forget(c.Path)
		return nil
	})
}

// add makes what is new before anything is stopped.
func (p *preparation) add(c Change) error {
	a := assembly{make: p.make, tree: newTree(p.update.after)}
	m := p.new[c.Path]
	task, options, err := a.member(m, c.Path)
	if err != nil {
		return err
	}
	tree, group := p.update.tree, parent(c.Path)
	p.step(adding, c, func(ctx context.Context) error {
		if err := a.tree.open(); err != nil {
			return err
		}
		at := tree.Group(group)
		err := at.Add(m.Name(), task, options...)
		if errors.Is(err, supervisor.ErrDuplicateName) { // of an update that failed
			if err = at.RemoveWait(ctx, m.Name()); err == nil {
				err = at.Add(m.Name(), task, options...)
			}
		}
		if err == nil {
			tree.adopt(a.tree)
		}
		return err
	})
	return nil
}

// adjust changes a task. If it is restarted, that comes when all tasks have changed.
func (p *preparation) adjust(c Change) error {
	tree := p.update.tree
	change := func() ([]supervisor.TaskOption, error) { return nil, nil }
	if changer, ok := tree.Task(c.Path).(Changer); ok {
		var err error
		if change, err = changer.Prepare(p.new[c.Path].Task); err != nil {
			return err
		}
	}
	policy, err := p.policies.Root.Policy(c.Path)
	if err != nil {
		return err
	}
	p.step(adjusting, c, func(context.Context) error {
		options, err := change()
		if err != nil {
			return err
		}
		// How often it is asked, and what has to be free before it starts, is no part of the policy.
		asked := slices.ContainsFunc(c.Keys, func(key string) bool { return key == "ready" || key == "health" || key == "listen" })
		if err := p.setPolicy(c, policy, asked, options); err != nil {
			return err
		}
		return p.suspend(c)
	})
	if c.Kind == Restarted {
		p.step(restarting, c, func(context.Context) error {
			if status, err := tree.Root.Status(c.Path); err != nil || status.Suspended {
				return err // it has the new command when it is resumed
			}
			return tree.Root.Restart(c.Path)
		})
	}
	return nil
}

// setPolicy gives a task or group a policy, unless it has that already.
func (p *preparation) setPolicy(c Change, policy supervisor.Policy, anyway bool, options []supervisor.TaskOption) error {
	root := p.update.tree.Root
	if is, err := root.Policy(c.Path); err != nil || is == policy && !anyway {
		return err
	}
	return root.SetPolicy(c.Path, append([]supervisor.TaskOption{supervisor.WithPolicy(policy)}, options...)...)
}

// suspend suspends or resumes what the new file says something else of than the old one.
func (p *preparation) suspend(c Change) error {
	if !slices.Contains(c.Keys, "suspended") {
		return nil
	}
	if suspended := p.new[c.Path].Policy().Suspended; suspended != nil && *suspended {
		return p.update.tree.Root.Suspend(c.Path)
	}
	if err := p.update.tree.Root.Resume(c.Path); !errors.Is(err, supervisor.ErrNotSuspended) {
		return err
	}
	return nil
}

// adjustGroup changes the limits of a group, and its policy as a task.
func (p *preparation) adjustGroup(c Change) {
	tree, limits := p.update.tree, p.policies.Group(c.Path).Limits()
	p.step(adjusting, c, func(context.Context) error {
		if err := tree.Group(c.Path).SetLimits(supervisor.WithLimits(limits)); err != nil || c.Path == "" {
			return err
		}
		policy, err := p.policies.Root.Policy(c.Path)
		if err == nil {
			err = p.setPolicy(c, policy, false, nil)
		}
		if err == nil {
			err = p.suspend(c)
		}
		return err
	})
}

// order has what needs others removed before these, and added after them.
func (p *preparation) order() {
	byPath := make(map[stage]map[string]*step)
	for _, at := range []stage{removing, adding} {
		byPath[at] = make(map[string]*step)
		for _, s := range p.update.steps {
			if s.stage == at {
				byPath[at][s.change.Path] = s
			}
		}
	}
	for path, s := range byPath[removing] {
		for _, need := range needsOf(p.old[path]) {
			if needed := byPath[removing][join(parent(path), need)]; needed != nil {
				needed.behind = append(needed.behind, s)
			}
		}
	}
	previous := make(map[string]*step) // in each group: tasks are added in the order of the file
	for _, s := range p.inOrder(byPath[adding]) {
		group := parent(s.change.Path)
		if before := previous[group]; before != nil {
			s.behind = append(s.behind, before)
		}
		previous[group] = s
	}
}

// inOrder returns the steps that add tasks, those that others need before these.
func (p *preparation) inOrder(additions map[string]*step) (ordered []*step) {
	placed := make(map[string]bool)
	var place func(path string)
	place = func(path string) {
		s := additions[path]
		if s == nil || placed[path] {
			return
		}
		placed[path] = true
		for _, need := range needsOf(p.new[path]) {
			place(join(parent(path), need))
		}
		ordered = append(ordered, s)
	}
	for _, s := range p.update.steps {
		if s.stage == adding {
			place(s.change.Path)
		}
	}
	return ordered
}

func needsOf(m taskfile.Member) []string {
	if m == (taskfile.Member{}) {
		return nil
	}
	return slices.Concat(m.Policy().Needs, m.Policy().BoundTo)
}

// memberIndex returns all tasks and groups of a file by path.
func memberIndex(file *taskfile.File) map[string]taskfile.Member {
	index := make(map[string]taskfile.Member)
	var visit func(g *taskfile.Group, path string)
	visit = func(g *taskfile.Group, path string) {
		for _, m := range g.Members() {
			at := join(path, m.Name())
			index[at] = m
			if m.Group != nil {
				visit(m.Group, at)
			}
		}
	}
	visit(&file.Group, "")
	return index
}

// forget drops a task or group and what was below it.
func (t *Tree) forget(path string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	below := func(at string) bool { return at == path || strings.HasPrefix(at, path+"/") }
	maps.DeleteFunc(t.tasks, func(at string, _ supervisor.Task) bool { return below(at) })
	maps.DeleteFunc(t.groups, func(at string, _ *supervisor.Supervisor) bool { return below(at) })
}

// adopt takes over the tasks and groups of another tree.
func (t *Tree) adopt(other *Tree) {
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.Copy(t.tasks, other.tasks)
	maps.Copy(t.groups, other.groups)
}

// parent returns the path of the group that a task or group is in.
func parent(path string) string { return path[:max(0, strings.LastIndexByte(path, '/'))] }
