package explore

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Invariant 16: whatever state a group is in, once every run does promptly what is asked of it, every task is started that
// is neither suspended nor in need of one that will not come up. So no state of a round is left set.
func TestInvariant16NoTaskWaitsForNothing(t *testing.T) {
	for _, name := range []string{
		"ready-replace", "watchdog", "probe", "suspend", "policies", "limits", "restart-rate", "all", "all-suspend", "all-ready", "all-together",
		"all-replace", "all-never", "rest", "rest-three", "rest-rate", "needs", "needs-ready", "needs-all", "chain",
	} {
		t.Run(name, func(t *testing.T) {
			e, err := newExplorer(namedModel(t, name), Options{MaxStates: statesMax()})
			require.NoError(t, err)
			met, waited := map[fingerprint]bool{}, 0
			e.options.Invariants = []Invariant{{"progress", func(tr *Transition) error {
				v := e.afterView
				if f := e.id.identity(&v); tr.After.Phase() != core.PhaseRunning || met[f] {
					return nil
				} else {
					met[f] = true
				}
				if counts := tr.After.Counts(); counts.Created+counts.Failed+counts.Stopping > 0 {
					waited++
				}
				return startsAll(tr.After)
			}}}
			e.run()
			require.Nil(t, e.result.Violation)
			require.Greater(t, waited, len(met)/4)
		})
	}
}

// startsAll has all runs of a copy do what is asked of them, and tells who is not started then.
func startsAll(m *core.Machine) error {
	var fork core.Machine
	fork.CopyFrom(m)
	for range 30 {
		for obey(&fork) {
		}
		counts := fork.Counts()
		at, ok := fork.NextDeadline()
		if counts.Failed == 0 || !ok || fork.Phase() != core.PhaseRunning {
			break
		}
		fork.Step(nil, core.Event{Kind: core.EventTick, At: at})
	}
	if fork.Phase() != core.PhaseRunning {
		return nil // a limit was passed
	}
	stuck := map[core.TaskID]bool{} // those that will not come up, with reason
	for task := range fork.Tasks() {
		blocked := false
		for other := range fork.Needs(task.Task) {
			blocked = blocked || stuck[other]
		}
		switch task.Status {
		case core.StatusHealthy, core.StatusCompleted:
		case core.StatusDead:
			stuck[task.Task] = true
		case core.StatusCreated:
			if !blocked && !task.Suspended {
				return fmt.Errorf("task %v waits for %v, and no task is in its way", task.Task, task.Wait)
			}
			stuck[task.Task] = true
		default:
			return fmt.Errorf("task %v is %v for ever", task.Task, task.Status)
		}
	}
	return nil
}

// obey has each run do what is asked of it, and reports whether there was anything.
func obey(m *core.Machine) (any bool) {
	var tasks []core.TaskStatus
	for task := range m.Tasks() {
		tasks = append(tasks, task)
	}
	for _, task := range tasks {
		event := core.Event{At: m.Now(), Task: task.Task, Run: task.Run, Exit: core.ExitOK, Within: core.Forever}
		switch {
		case task.Fenced != 0:
			event.Kind, event.Run = core.EventExit, task.Fenced
		case task.Status == core.StatusStopping || task.Status == core.StatusAbandoned && task.Live:
			event.Kind = core.EventExit
		case task.Status == core.StatusStarting:
			event.Kind = core.EventReady
		case task.Probing:
			event.Kind = core.EventProbe
		case task.Status == core.StatusHealthy && task.Until != core.Never:
			event.Kind = core.EventBeat
		default:
			continue
		}
		m.Step(nil, event)
		any = any || event.Kind != core.EventBeat
	}
	return any
}
