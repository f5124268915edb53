// Package assemble makes a tree of supervisors of a task file, and says what leads from one file to another.
//
// It knows what the keys of a file mean for a supervisor. What a task is, it is given: a process, or in tests and in plans
// something that stands for one.
package assemble

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Maker makes the task of a path such as "workers/mail", and the options that follow from what it is, such as how it is found
// out that it is ready.
type Maker func(path string, t *taskfile.Task) (supervisor.Task, []supervisor.TaskOption, error)

// Opener is a task that opens something, such as a log file, before it becomes part of the tree: only to make one changes nothing.
type Opener interface{ Open() error }

// Tree is a tree of supervisors, and what it was made of. Its methods can be called from anywhere.
type Tree struct {
	Root *supervisor.Supervisor

	mu     sync.Mutex
	file   *taskfile.File
	tasks  map[string]supervisor.Task        // by path
	groups map[string]*supervisor.Supervisor // by path, without the root
}

// New makes the tree of a file. The options are for the supervisor at its root, besides those that the file has. Nothing runs yet.
func New(file *taskfile.File, make Maker, options ...supervisor.Option) (*Tree, error) {
	a := assembly{make: make, tree: newTree(file)}
	root, err := a.group(&file.Group, "", options)
	if err != nil {
		return nil, err
	}
	a.tree.Root = root
	if err := a.tree.open(); err != nil {
		return nil, err
	}
	return a.tree, nil
}

func newTree(file *taskfile.File) *Tree {
	return &Tree{file: file, tasks: make(map[string]supervisor.Task), groups: make(map[string]*supervisor.Supervisor)}
}

// open opens what its tasks need.
func (t *Tree) open() error {
	for _, path := range slices.Sorted(maps.Keys(t.tasks)) {
		if opener, ok := t.tasks[path].(Opener); ok {
			if err := opener.Open(); err != nil {
				return fmt.Errorf("%s: %s: %w", t.file.Path, path, err)
			}
		}
	}
	return nil
}

// File returns the complete file that the tree was made of, or made that of by an [Update].
func (t *Tree) File() *taskfile.File {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.file
}

// Task returns the task of a path as its maker made it, or nil.
func (t *Tree) Task(path string) supervisor.Task {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.tasks[path]
}

// Group returns the supervisor of a group's path, of the root for "", or nil.
func (t *Tree) Group(path string) *supervisor.Supervisor {
	if path == "" {
		return t.Root
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.groups[path]
}

type assembly struct {
	make Maker
	tree *Tree
}

// group makes the supervisor of a group and all that is below it.
func (a *assembly) group(g *taskfile.Group, path string, options []supervisor.Option) (*supervisor.Supervisor, error) {
	options = append(groupOptions(g), options...)
	for _, m := range g.Members() {
		task, with, err := a.member(m, join(path, m.Name()))
		if err != nil {
			return nil, err
		}
		options = append(options, supervisor.WithTask(m.Name(), task, with...))
	}
	made, err := supervisor.New(options...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.tree.file.Path, err)
	}
	if path != "" {
		a.tree.groups[path] = made
	}
	return made, nil
}

// member makes a task or a group, and returns it with its options.
func (a *assembly) member(m taskfile.Member, path string) (supervisor.Task, []supervisor.TaskOption, error) {
	if m.Group != nil {
		made, err := a.group(m.Group, path, nil)
		return made, memberOptions(m), err
	}
	task, options, err := a.make(path, m.Task)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %s: %w", a.tree.file.Path, path, err)
	}
	a.tree.tasks[path] = task
	return task, append(memberOptions(m), options...), nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}
