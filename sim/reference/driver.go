package reference

import (
	"fmt"
	"math"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// driver plays a scenario to the core, in reference cadence.
//
// An instant of a recording has room for many of the core's, and the order in which the crate does things at one
// instant is kept by that: commands are fed one nanosecond early, because they come before the restarts that are due,
// and the health check is decided one nanosecond late. All else happens at whole milliseconds.
type driver struct {
	stage   *stage
	machine *core.Machine
	ids     map[string]core.TaskID
	names   map[core.TaskID]string
	adding  string // the name of the task that is being added

	panicked map[core.TaskID]uint64 // runs that panicked, and the health check that finds them
	share    float64                // of dead tasks, before the latest health check was decided
	halted   bool
	end      final
	broken   error
}

// playCore plays a scenario to the core.
func playCore(s scenario) (trace, error) {
	if s.settings.healthCheckInterval == 0 {
		return trace{refusal: "config.health_check_interval_ms: without an interval there is no reference cadence"}, nil
	}
	if s.end > math.MaxInt64/uint64(time.Millisecond) {
		return trace{refusal: "end_ms: is beyond the clock"}, nil
	}
	machine, err := core.New(configFor(s))
	if err != nil {
		return trace{refusal: err.Error()}, nil
	}
	d := &driver{
		stage:    newStage(s),
		machine:  machine,
		ids:      map[string]core.TaskID{},
		names:    map[core.TaskID]string{},
		panicked: map[core.TaskID]uint64{},
	}
	for _, task := range s.tasks {
		if result := d.add(task.name, task.steps); result != resultOK {
			return trace{refusal: "tasks: " + task.name + ": " + result}, nil
		}
	}
	return d.stage.play(d)
}

func (d *driver) start() {
	d.step(core.Event{Kind: core.EventStart})
}

func (d *driver) fault() error {
	if d.broken != nil {
		return d.broken
	}
	return d.machine.Check()
}

func (d *driver) result() (final, bool) { return d.end, d.halted }

func (d *driver) ended(task, how string) {
	id := d.ids[task]
	switch how {
	case outcomeOK:
		d.exit(id, core.ExitOK)
	case outcomeError:
		d.exit(id, core.ExitError)
	case outcomePanic:
		d.panicked[id] = d.stage.nextCheck()
	}
}

func (d *driver) exit(id core.TaskID, how core.ExitKind) {
	delete(d.panicked, id)
	status, _ := d.machine.Status(id)
	d.step(core.Event{Kind: core.EventExit, At: instantOf(d.stage.now), Task: id, Run: status.Run, Exit: how})
}

func (d *driver) obey(c command) string {
	id, known := d.ids[c.task]
	switch {
	case c.op == opDropHandleClone:
		return resultOK
	case c.op == opStatus:
		return d.status(c.task)
	case d.halted:
		return resultSendError
	case c.op == opShutdown:
		return d.command(core.Event{Kind: core.EventShutdown})
	case c.op == opAdd:
		return d.add(c.task, c.steps)
	case !known:
		return resultUnknownTask
	case c.op == opRestart:
		return d.command(core.Event{Kind: core.EventRestart, Task: id})
	}
	return d.command(core.Event{Kind: core.EventKill, Task: id})
}

func (d *driver) command(ev core.Event) string {
	ev.At = instantOf(d.stage.now) - 1
	switch refusal := d.step(ev); refusal {
	case core.RefusalNone:
		return resultOK
	case core.RefusalAlreadyEnded:
		return resultAlreadyEnded
	default:
		return refusal.String()
	}
}

func (d *driver) add(task string, steps []step) string {
	if _, used := d.ids[task]; used {
		return resultDuplicateName
	}
	d.adding = task
	d.stage.enlist(task, steps)
	return d.command(core.Event{Kind: core.EventAdd})
}

func (d *driver) status(task string) string {
	statuses, failure := d.look()
	if failure != "" {
		return failure
	}
	if status, known := statuses[task]; known {
		return status
	}
	return resultNull
}

// look does what the crate's handle does: a supervisor that has ended gives no answer, not even to a question that was
// asked right after the command that ended it.
func (d *driver) look() (map[string]string, string) {
	switch {
	case !d.halted:
	case d.end.at == d.stage.now:
		return nil, resultRecvError
	default:
		return nil, resultSendError
	}
	statuses := map[string]string{}
	for status := range d.machine.Tasks() {
		statuses[d.names[status.Task]] = wordFor(status.Status)
	}
	return statuses, ""
}

func (d *driver) restartAt() uint64 {
	at := core.Never
	for status := range d.machine.Tasks() {
		if status.Status == core.StatusFailed {
			at = min(at, status.Until)
		}
	}
	if at == core.Never {
		return never
	}
	return uint64(at) / uint64(time.Millisecond)
}

// wake feeds ticks only if the machine asks for them: its deadlines must do.
func (d *driver) wake() {
	now := instantOf(d.stage.now)
	d.tick(now)
	for _, id := range d.found() {
		d.exit(id, core.ExitPanic)
	}
	if counts := d.machine.Counts(); counts.Total > 0 {
		d.share = float64(counts.Dead+counts.Abandoned) / float64(counts.Total)
	}
	d.tick(now + 1)
}

// found returns the tasks that a health check now finds to have panicked.
func (d *driver) found() []core.TaskID {
	var found []core.TaskID
	for status := range d.machine.Tasks() {
		if check, panicked := d.panicked[status.Task]; panicked && check <= d.stage.now {
			found = append(found, status.Task)
		}
	}
	return found
}

func (d *driver) tick(at core.Instant) {
	if deadline, ok := d.machine.NextDeadline(); ok && deadline <= at {
		d.step(core.Event{Kind: core.EventTick, At: at})
	}
}

// step feeds an event and carries out what follows. It returns why the event was rejected, or RefusalNone.
func (d *driver) step(ev core.Event) core.Refusal {
	refusal := core.RefusalNone
	var stopped []core.Action
	for _, action := range d.machine.Step(nil, ev) {
		switch action.Kind {
		case core.ActionTransition:
		case core.ActionAdd:
			d.ids[d.adding], d.names[action.Task] = action.Task, d.adding
		case core.ActionStart:
			d.begin(action)
		case core.ActionStop:
			d.stage.cancel(d.names[action.Task])
			stopped = append(stopped, action)
		case core.ActionReject:
			refusal = action.Refusal
		case core.ActionHalt:
			d.halt(action.Why)
		case core.ActionAbandon, core.ActionForget, core.ActionProbe:
			d.fail("%v of %s, which obeys and is not removed", action.Kind, d.names[action.Task])
		}
	}
	if refusal != core.RefusalNone && refusal != core.RefusalAlreadyEnded {
		d.fail("%v was rejected: %v", ev.Kind, refusal)
	}
	// A stopped run ends at once, like a future that is dropped.
	for _, stop := range stopped {
		delete(d.panicked, stop.Task)
		d.step(core.Event{Kind: core.EventExit, At: ev.At, Task: stop.Task, Run: stop.Run, Exit: core.ExitError})
	}
	return refusal
}

func (d *driver) begin(start core.Action) {
	if start.Why == core.ReasonBackoff && start.At != instantOf(d.stage.now) {
		d.fail("%s was restarted at %v", d.names[start.Task], start.At)
	}
	d.stage.spawn(d.names[start.Task])
}

func (d *driver) halt(why core.Reason) {
	d.halted = true
	d.end = final{at: d.stage.now, result: finalOK}
	if why == core.ReasonTooManyDead {
		threshold := *d.stage.scenario.settings.deadThreshold
		d.end.result, d.end.current, d.end.threshold = finalTooManyDead, d.share, threshold
		d.end.message = tooManyDeadMessage(d.share, threshold)
	}
}

func (d *driver) fail(format string, arguments ...any) {
	if d.broken == nil {
		d.broken = fmt.Errorf("at %d ms: "+format, append([]any{d.stage.now}, arguments...)...)
	}
}
