package spec

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Graph says which tasks need which. The zero Graph is empty.
type Graph struct {
	nodes []node // by slot
	edges int
}

// Need is one edge of a [Graph], seen from one of its ends.
type Need struct {
	Task  core.TaskID // the task at the other end
	Bound bool        // the task that needs is stopped when the one it needs goes down
}

type node struct {
	task              core.TaskID // 0: none
	needs, dependents []Need
}

// Len returns the number of edges.
func (g *Graph) Len() int { return g.edges }

// Reset removes all edges, and keeps the memory.
func (g *Graph) Reset() {
	for i := range g.nodes {
		g.nodes[i].task = 0
	}
	g.edges = 0
}

// Read replaces the edges by those of a machine.
func (g *Graph) Read(m *core.Machine) {
	g.Reset()
	for t := range m.Tasks() {
		for other, bound := range m.Needs(t.Task) {
			g.Connect(t.Task, other, bound)
		}
	}
}

// Needs returns what a task needs, in no particular order. The slice is valid until the graph changes.
func (g *Graph) Needs(id core.TaskID) []Need {
	if n := g.find(id); n != nil {
		return n.needs
	}
	return nil
}

// Dependents returns what needs a task, in no particular order. The slice is valid until the graph changes.
func (g *Graph) Dependents(id core.TaskID) []Need {
	if n := g.find(id); n != nil {
		return n.dependents
	}
	return nil
}

// Connect makes a task need another, or changes whether it is bound to it.
func (g *Graph) Connect(id, other core.TaskID, bound bool) {
	g.grow(max(id.Slot(), other.Slot()))
	task, needed := g.take(id), g.take(other)
	if i := slices.IndexFunc(task.needs, to(other)); i >= 0 {
		task.needs[i].Bound = bound
		needed.dependents[slices.IndexFunc(needed.dependents, to(id))].Bound = bound
		return
	}
	task.needs = append(task.needs, Need{other, bound})
	needed.dependents = append(needed.dependents, Need{id, bound})
	g.edges++
}

// Forget removes a task, and the needs of those that need it.
func (g *Graph) Forget(id core.TaskID) {
	n := g.find(id)
	if n == nil {
		return
	}
	for _, need := range n.needs {
		other := g.find(need.Task)
		other.dependents = slices.DeleteFunc(other.dependents, to(id))
		g.edges--
	}
	for _, dependent := range n.dependents {
		other := g.find(dependent.Task)
		other.needs = slices.DeleteFunc(other.needs, to(id))
		g.edges--
	}
	n.task = 0
}

func (g *Graph) find(id core.TaskID) *node {
	if id == 0 || id.Slot() >= len(g.nodes) || g.nodes[id.Slot()].task != id {
		return nil
	}
	return &g.nodes[id.Slot()]
}

func (g *Graph) grow(slot int) {
	for slot >= len(g.nodes) {
		g.nodes = append(g.nodes, node{})
	}
}

// take returns the node of a task, an empty one at first.
func (g *Graph) take(id core.TaskID) *node {
	n := &g.nodes[id.Slot()]
	if n.task != id {
		*n = node{task: id, needs: n.needs[:0], dependents: n.dependents[:0]}
	}
	return n
}

func to(id core.TaskID) func(Need) bool { return func(n Need) bool { return n.Task == id } }
