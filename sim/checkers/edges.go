package checkers

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// edges are the needs of the tasks, as told by the events.
type edges struct {
	tasks perTask[links]
	count int
}

// links are the tasks that a task needs, and those that need it.
type links struct{ needs, dependents []link }

type link struct {
	task  core.TaskID
	bound bool
}

func (e *edges) begin(m *core.Machine) {
	e.tasks.reset()
	e.count = 0
	for s := range m.Tasks() {
		for other, bound := range m.Needs(s.Task) {
			e.connect(s.Task, other, bound)
		}
	}
}

// of returns the links of a task.
func (e *edges) of(id core.TaskID) links {
	if e.count == 0 {
		return links{}
	}
	if l, ok := e.tasks.find(id); ok {
		return *l
	}
	return links{}
}

// connect takes note that a task needs another.
func (e *edges) connect(id, other core.TaskID, bound bool) {
	needs := &e.tasks.of(id).needs
	if i := indexOf(*needs, other); i >= 0 {
		dependents := e.tasks.of(other).dependents
		(*needs)[i].bound = bound
		dependents[indexOf(dependents, id)].bound = bound
		return
	}
	*needs = append(*needs, link{other, bound})
	dependents := &e.tasks.of(other).dependents
	*dependents = append(*dependents, link{id, bound})
	e.count++
}

// forget takes note that a task is gone. Nobody needs it.
func (e *edges) forget(id core.TaskID) {
	if e.count == 0 {
		return
	}
	for _, need := range e.of(id).needs {
		other := e.tasks.of(need.task)
		other.dependents = slices.DeleteFunc(other.dependents, to(id))
		e.count--
	}
	e.tasks.forget(id)
}

func indexOf(list []link, id core.TaskID) int { return slices.IndexFunc(list, to(id)) }

func to(id core.TaskID) func(link) bool { return func(l link) bool { return l.task == id } }
