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
	situation
	event taskEvent
}

// situation is what a task is doing, as far as it makes a difference to what follows from an event.
type situation struct {
	phase     core.Phase
	status    core.Status
	intent    core.Intent
	wait      core.Wait
	suspended bool // and to return when it is resumed
}

func situationOf(phase core.Phase, t *core.TaskStatus) situation {
	return situation{phase, t.Status, t.Intent, t.Wait, t.Suspended && t.Intent == core.IntentStartAgain}
}

func (s situation) compare(other situation) int {
	return cmp.Or(cmp.Compare(s.phase, other.phase), cmp.Compare(s.status, other.status), cmp.Compare(s.intent, other.intent),
		cmp.Compare(s.wait, other.wait), cmp.Compare(s.String(), other.String()))
}

// String names it, without the phase.
func (s situation) String() string {
	text := s.status.String()
	if s.intent != core.IntentNone {
		text += ", to " + s.intent.String()
	}
	if s.suspended {
		text += " when resumed"
	}
	if s.wait != core.WaitNone {
		text += ", waits: " + s.wait.String()
	}
	return text
}

// supervisorCell is a phase of the supervisor and something that happens to it.
type supervisorCell struct {
	phase core.Phase
	event supervisorEvent
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
	if event == supervisorTask && !misled(tr) {
		t.addTask(tr, &about, taskEventOf(&tr.Event, &about))
	}
	if !rejected(tr.Actions) { // which changes nothing for any task, as most events do
		t.observeOthers(tr, about.Task)
	}
}

// misled reports whether the event is refused for what it says of something else than the task: another task, or a policy.
func misled(tr *Transition) bool {
	if !rejected(tr.Actions) {
		return false
	}
	about, _ := tr.Before.Status(tr.Event.Task)
	return about.Intent != core.IntentRemove && (tr.Event.Kind == core.EventNeed || tr.Event.Kind == core.EventPolicy)
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
		case outcome(tr, &task) != nothing:
			t.addTask(tr, &task, taskOther)
		}
	}
}

// addTask adds what became of a task.
func (t *Table) addTask(tr *Transition, task *core.TaskStatus, event taskEvent) {
	cell := taskCell{situationOf(tr.Before.Phase(), task), event}
	if t.tasks[cell] == nil {
		t.tasks[cell] = map[string]bool{}
	}
	t.tasks[cell][outcome(tr, task)] = true
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
				result = "reject (" + tr.Actions[i].Refusal.String() + ")"
			}
		}
	}
	t.supervisors[cell][result] = true
}

const nothing = "nothing"

// outcome tells what happens to a task, such as "stop > stopping (killed)"; several decisions are joined by commas.
func outcome(tr *Transition, task *core.TaskStatus) string {
	var parts []string
	for i := range tr.Actions {
		a := &tr.Actions[i]
		if a.Task != task.Task || a.Kind == core.ActionHalt {
			continue
		}
		part := "stays"
		switch {
		case a.Kind == core.ActionReject:
			part = "reject"
		case a.Kind == core.ActionForget:
			part = "forget"
		case a.Kind == core.ActionStart || a.Kind == core.ActionProbe:
			part = a.Kind.String()
		case a.Kind != core.ActionTransition:
			part = a.Kind.String() + " > " + a.To.String()
		case a.From != a.To:
			part = "> " + a.To.String()
		}
		parts = append(parts, part+" ("+because(task, parts, a)+")")
	}
	if after, ok := tr.After.Status(task.Task); ok && len(parts) == 0 && after.Intent != task.Intent {
		parts = append(parts, "stays, to "+after.Intent.String()+" ("+after.Why.String()+")")
	}
	if len(parts) == 0 {
		return nothing
	}
	return strings.Join(parts, ", ")
}

// because names the reason of an action. Of a task that waited for its turn to start or to stop it is the one it waited
// with, which can be any.
func because(task *core.TaskStatus, before []string, a *core.Action) string {
	if a.Kind == core.ActionReject {
		return a.Refusal.String()
	}
	started := a.Kind == core.ActionStart && a.From == core.StatusCreated
	stopped := a.Kind == core.ActionStop && task.Intent != core.IntentNone
	if len(before) == 0 && a.Why == task.Why && (started || stopped) {
		return "its turn"
	}
	return a.Why.String()
}

// sortedCells returns the situations in order.
func (t *Table) sortedCells() []taskCell {
	cells := make([]taskCell, 0, len(t.tasks))
	for cell := range t.tasks {
		cells = append(cells, cell)
	}
	slices.SortFunc(cells, func(a, b taskCell) int {
		return cmp.Or(a.situation.compare(b.situation), cmp.Compare(a.event, b.event))
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
