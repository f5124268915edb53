package checkers

import (
	"github.com/tasksupervisor/tasksupervisor/core"
)

// perTask keeps a value for every task, in a slice by slot.
type perTask[V any] struct {
	slots []struct {
		id    core.TaskID
		value V
	}
}

func (p *perTask[V]) reset() { p.slots = p.slots[:0] }

// of returns the value of a task, the zero value at first. It is for ids that the machine issued.
func (p *perTask[V]) of(id core.TaskID) *V {
	for id.Slot() >= len(p.slots) {
		p.slots = append(p.slots, struct {
			id    core.TaskID
			value V
		}{})
	}
	slot := &p.slots[id.Slot()]
	if slot.id != id {
		var zero V
		slot.id, slot.value = id, zero
	}
	return &slot.value
}

// find returns the value of a task, if it has one. It is for ids from anywhere.
func (p *perTask[V]) find(id core.TaskID) (value *V, ok bool) {
	if id == 0 || id.Slot() >= len(p.slots) || p.slots[id.Slot()].id != id {
		return nil, false
	}
	return &p.slots[id.Slot()].value, true
}

func (p *perTask[V]) forget(id core.TaskID) {
	if _, ok := p.find(id); ok {
		p.slots[id.Slot()].id = 0
	}
}
