// Package plan says what a task file leads to, without running anything: in which order tasks start and stop, and what becomes of a
// task that always fails. The supervisors' own state machines decide it, on a clock that jumps from one event to the next.
package plan

import (
	"fmt"
	"hash/fnv"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/assemble"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// Supervisor is a group of a file as its supervisor has it.
type Supervisor struct {
	Path    string // "" for the root
	Config  core.Config
	Members []*Member // in the order in which they are added
}

// Member is a task or a group of a group.
type Member struct {
	Name, Path string
	Policy     core.Policy
	Needs      []supervisor.Need
	Suspended  bool
	Ends       bool        // it ends well, and is done
	Inside     *Supervisor // of a group
}

// Read returns the supervisors of a complete file.
func Read(file *taskfile.File) (*Supervisor, error) {
	tree, err := assemble.New(file, assemble.Standin)
	if err != nil {
		return nil, err
	}
	return readGroup(tree, &file.Group, "")
}

func readGroup(tree *assemble.Tree, g *taskfile.Group, path string) (*Supervisor, error) {
	is := tree.Group(path)
	s := &Supervisor{Path: path, Config: core.Config{
		Strategy: g.Strategy.Strategy(), StopOrder: g.StopOrder.StopOrder(), Limits: is.Limits(),
	}}
	of := make(map[string]taskfile.Member)
	for _, m := range g.Members() {
		of[m.Name()] = m
	}
	for _, status := range is.Statuses() {
		m := of[status.Name]
		member := &Member{Name: status.Name, Path: join(path, status.Name), Suspended: status.Suspended && isSuspended(m)}
		var err error
		if member.Policy, err = is.Policy(status.Name); err != nil {
			return nil, fmt.Errorf("%s: %w", member.Path, err)
		}
		if member.Needs, _, err = is.Needs(status.Name); err != nil {
			return nil, fmt.Errorf("%s: %w", member.Path, err)
		}
		if m.Group != nil {
			if member.Inside, err = readGroup(tree, m.Group, member.Path); err != nil {
				return nil, err
			}
		} else {
			member.Ends = m.Task.ReadyKind() == taskfile.ReadyAtEnd
		}
		s.Members = append(s.Members, member)
	}
	return s, nil
}

func isSuspended(m taskfile.Member) bool { return m.Policy().Suspended != nil && *m.Policy().Suspended }

// All returns every task and group below the supervisor, each group before what is in it.
func (s *Supervisor) All() (members []*Member) {
	for _, m := range s.Members {
		members = append(members, m)
		if m.Inside != nil {
			members = append(members, m.Inside.All()...)
		}
	}
	return members
}

// key returns what a task's jitter is drawn from, besides the seed and its run: as a supervisor has it.
func (m *Member) key() uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(m.Name)) // never fails
	return h.Sum32()
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}
