package scenario

import "github.com/tasksupervisor/tasksupervisor/core"

// names holds what the names of a scenario stand for at one point in it.
type names struct {
	tasks       map[string]core.TaskID
	taskNames   map[core.TaskID]string
	policies    map[string]core.PolicyID
	policyNames map[core.PolicyID]string
	limits      map[string]core.LimitsID
}

func newNames() *names {
	return &names{
		tasks:       map[string]core.TaskID{},
		taskNames:   map[core.TaskID]string{},
		policies:    map[string]core.PolicyID{},
		policyNames: map[core.PolicyID]string{},
		limits:      map[string]core.LimitsID{},
	}
}

// bindTask makes a name stand for a task. A task has one name at most.
func (n *names) bindTask(name string, id core.TaskID) {
	if name == "" {
		return
	}
	if old, ok := n.tasks[name]; ok {
		delete(n.taskNames, old)
	}
	if old, ok := n.taskNames[id]; ok {
		delete(n.tasks, old)
	}
	n.tasks[name] = id
	n.taskNames[id] = name
}

// forgetTask drops the name of a task, so that names do not pile up.
func (n *names) forgetTask(id core.TaskID) {
	if name, ok := n.taskNames[id]; ok {
		delete(n.taskNames, id)
		delete(n.tasks, name)
	}
}

// task returns what a name stands for, or id if there is no name. A name whose add was refused stands for 0, which is
// the id of no task.
func (n *names) task(name string, id core.TaskID) core.TaskID {
	if name == "" {
		return id
	}
	return n.tasks[name]
}

// bindPolicy makes a name stand for a policy. Two names may stand for one policy, which goes by the newer one.
func (n *names) bindPolicy(name string, id core.PolicyID) {
	if old, ok := n.policies[name]; ok && n.policyNames[old] == name {
		delete(n.policyNames, old)
	}
	n.policies[name] = id
	n.policyNames[id] = name
}

// definition returns what the name of a policy or of limits stands for, or id if there is no name.
func definition[ID ~uint64](defined map[string]ID, name string, id ID) (_ ID, ok bool) {
	if name == "" {
		return id, true
	}
	id, ok = defined[name]
	return id, ok
}
