package explore

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Table is the complete table of what can happen to a task, and to the supervisor: for each situation and each event
// all that can follow, over all models whose explorations it observed. Give its Observe to [Options].
//
// A zero Table is empty. It tells what each event does by itself, and so takes no notice of transitions in which a
// timer fired beside it.
type Table struct {
	tasks       map[taskCell]map[string]bool
	supervisors map[supervisorCell]map[string]bool
}

// taskCell is a situation of a task and something that happens to it.
type taskCell struct {
	phase  core.Phase
	status core.Status
	intent core.Intent
	event  taskEvent
}

// supervisorCell is a phase of the supervisor and something that happens to it.
type supervisorCell struct {
	phase core.Phase
	event supervisorEvent
}

// taskEvent is what can happen to a task.
type taskEvent uint8

const (
	taskExitOK taskEvent = iota
	taskExitFailure
	taskExitFenced
	taskExitStale
	taskExitUnknown
	taskRestart
	taskKill
	taskRemove
	taskTimer
	taskStart
	taskHalt
	taskTurn
	taskShutdownTimeout

	taskEvents // how many there are; keep it last
)

func (e taskEvent) String() string {
	switch e {
	case taskExitOK:
		return "exit ok"
	case taskExitFailure:
		return "exit failure"
	case taskExitFenced:
		return "exit of the fenced run"
	case taskExitStale:
		return "exit of no run"
	case taskExitUnknown:
		return "exit of unknown kind"
	case taskRestart:
		return "restart"
	case taskKill:
		return "kill"
	case taskRemove:
		return "remove"
	case taskTimer:
		return "its timer"
	case taskStart:
		return "supervisor starts"
	case taskHalt:
		return "supervisor begins to halt"
	case taskTurn:
		return "its turn to stop"
	case taskShutdownTimeout:
		return "shutdown timeout"
	case taskEvents:
	}
	return "?"
}

// supervisorEvent is what can happen to a supervisor.
type supervisorEvent uint8

const (
	supervisorStart supervisorEvent = iota
	supervisorAdd
	supervisorShutdown
	supervisorUnknown
	supervisorTask
	supervisorTaskTimer
	supervisorTimer

	supervisorEvents // how many there are; keep it last
)

func (e supervisorEvent) String() string {
	switch e {
	case supervisorStart:
		return "start"
	case supervisorAdd:
		return "add"
	case supervisorShutdown:
		return "shutdown"
	case supervisorUnknown:
		return "unknown event, or event of an unknown task"
	case supervisorTask:
		return "event of a task"
	case supervisorTaskTimer:
		return "timer of a task"
	case supervisorTimer:
		return "its own timer"
	case supervisorEvents:
	}
	return "?"
}

// Observe adds a transition to the table.
func (t *Table) Observe(tr *Transition) {
	if t.tasks == nil {
		t.tasks = map[taskCell]map[string]bool{}
		t.supervisors = map[supervisorCell]map[string]bool{}
	}
	if tr.Event.Kind == core.EventTick {
		t.observeTimer(tr)
		return
	}
	if deadline, ok := tr.Before.NextDeadline(); ok && deadline <= tr.Event.At {
		return
	}
	about, known := tr.Before.Status(tr.Event.Task)
	event := supervisorEventOf(tr.Event.Kind, known)
	t.addSupervisor(tr, event)
	if event == supervisorTask {
		t.addTask(tr, &about, taskEventOf(&tr.Event, &about))
	}
	t.observeOthers(tr, about.Task)
}

// observeTimer adds a tick at which exactly one timer fires.
func (t *Table) observeTimer(tr *Transition) {
	deadline, ok := tr.Before.NextDeadline()
	if !ok || tr.Event.At != deadline {
		return
	}
	var due []core.TaskStatus
	for task := range tr.Before.Tasks() {
		if task.Until == deadline {
			due = append(due, task)
		}
	}
	switch len(due) {
	case 0:
		t.addSupervisor(tr, supervisorTimer)
		t.observeOthers(tr, 0)
	case 1:
		t.addSupervisor(tr, supervisorTaskTimer)
		t.addTask(tr, &due[0], taskTimer)
		t.observeOthers(tr, due[0].Task)
	}
}

// observeOthers adds what happens to the tasks that the event is not about.
func (t *Table) observeOthers(tr *Transition, about core.TaskID) {
	for task := range tr.Before.Tasks() {
		if task.Task == about {
			continue
		}
		phase := tr.Before.Phase()
		switch {
		case tr.Event.Kind == core.EventStart && phase == core.PhaseCreated:
			t.addTask(tr, &task, taskStart)
		case phase <= core.PhaseRunning && tr.After.Phase() >= core.PhaseHalting:
			t.addTask(tr, &task, taskHalt)
		case phase == core.PhaseHalting && tr.Event.Kind == core.EventTick && about == 0:
			t.addTask(tr, &task, taskShutdownTimeout)
		case slices.ContainsFunc(tr.Actions, func(a core.Action) bool { return a.Task == task.Task && a.Kind == core.ActionStop }):
			t.addTask(tr, &task, taskTurn)
		}
	}
}

func supervisorEventOf(kind core.EventKind, knownTask bool) supervisorEvent {
	switch kind {
	case core.EventStart:
		return supervisorStart
	case core.EventAdd:
		return supervisorAdd
	case core.EventShutdown:
		return supervisorShutdown
	case core.EventRemove, core.EventRestart, core.EventKill, core.EventExit:
		if knownTask {
			return supervisorTask
		}
	case core.EventTick:
	}
	return supervisorUnknown
}

func taskEventOf(ev *core.Event, about *core.TaskStatus) taskEvent {
	switch {
	case ev.Kind == core.EventRestart:
		return taskRestart
	case ev.Kind == core.EventKill:
		return taskKill
	case ev.Kind == core.EventRemove:
		return taskRemove
	case ev.Exit < core.ExitOK || ev.Exit > core.ExitGoexit:
		return taskExitUnknown
	case about.Fenced != 0 && ev.Run == about.Fenced:
		return taskExitFenced
	case !about.Live || ev.Run != about.Run:
		return taskExitStale
	case ev.Exit == core.ExitOK:
		return taskExitOK
	}
	return taskExitFailure
}

// addTask adds what became of a task.
func (t *Table) addTask(tr *Transition, task *core.TaskStatus, event taskEvent) {
	cell := taskCell{tr.Before.Phase(), task.Status, task.Intent, event}
	if t.tasks[cell] == nil {
		t.tasks[cell] = map[string]bool{}
	}
	t.tasks[cell][outcome(tr.Actions, task.Task)] = true
}

// addSupervisor adds what became of the supervisor.
func (t *Table) addSupervisor(tr *Transition, event supervisorEvent) {
	cell := supervisorCell{tr.Before.Phase(), event}
	if t.supervisors[cell] == nil {
		t.supervisors[cell] = map[string]bool{}
	}
	result := "stays " + tr.After.Phase().String()
	if tr.After.Phase() != tr.Before.Phase() {
		result = tr.After.Phase().String()
		if why := tr.After.HaltReason(); why != core.ReasonNone {
			result += " (" + why.String() + ")"
		}
	}
	if event != supervisorTask && event != supervisorTaskTimer {
		for i := range tr.Actions {
			if tr.Actions[i].Kind == core.ActionReject {
				result = "reject (" + tr.Actions[i].Why.String() + ")"
			}
		}
	}
	t.supervisors[cell][result] = true
}

// outcome tells what the actions do to a task, such as "stop > stopping (killed)"; several are joined by commas.
func outcome(actions []core.Action, task core.TaskID) string {
	var parts []string
	for i := range actions {
		a := &actions[i]
		if a.Task != task || a.Kind == core.ActionHalt {
			continue
		}
		part := "stays"
		switch {
		case a.Kind == core.ActionReject:
			part = "reject"
		case a.Kind == core.ActionForget:
			part = "forget"
		case a.Kind != core.ActionNote:
			part = a.Kind.String() + " > " + a.To.String()
		case a.From != a.To:
			part = "> " + a.To.String()
		}
		parts = append(parts, part+" ("+a.Why.String()+")")
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// sortedCells returns the situations in order.
func (t *Table) sortedCells() []taskCell {
	cells := make([]taskCell, 0, len(t.tasks))
	for cell := range t.tasks {
		cells = append(cells, cell)
	}
	slices.SortFunc(cells, func(a, b taskCell) int {
		return cmp.Or(cmp.Compare(a.phase, b.phase), cmp.Compare(a.status, b.status), cmp.Compare(a.intent, b.intent),
			cmp.Compare(a.event, b.event))
	})
	return cells
}

func (t *Table) sortedSupervisorCells() []supervisorCell {
	cells := make([]supervisorCell, 0, len(t.supervisors))
	for cell := range t.supervisors {
		cells = append(cells, cell)
	}
	slices.SortFunc(cells, func(a, b supervisorCell) int {
		return cmp.Or(cmp.Compare(a.phase, b.phase), cmp.Compare(a.event, b.event))
	})
	return cells
}

func sortedOutcomes(outcomes map[string]bool) []string {
	sorted := make([]string, 0, len(outcomes))
	for text := range outcomes {
		sorted = append(sorted, text)
	}
	slices.Sort(sorted)
	return sorted
}
