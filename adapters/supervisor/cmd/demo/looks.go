package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// mood is what a look is painted in.
type mood int

const (
	calmMood mood = iota // down, and rightly so
	goodMood
	busyMood
	badMood
)

// look is how one task looks in the picture, in plain words.
type look struct {
	mood   mood
	mark   string
	word   string
	left   float64 // what is left of the time it is given, from 0 to 1; less than 0 if there is nothing to count down
	detail string
}

// looks makes looks at one instant.
type looks struct {
	marks marks
	scene scene
	tree  []supervisor.TreeNode
}

// of returns how a task looks.
func (l looks) of(n supervisor.TreeNode) look {
	switch n.Status {
	case supervisor.StatusHealthy:
		return l.healthy(n)
	case supervisor.StatusStarting:
		detail := "not ready yet"
		if n.Inside != nil {
			detail = "until all inside are ready"
		}
		return look{busyMood, l.marks.starting, "starting", -1, detail}
	case supervisor.StatusCreated:
		return l.created(n)
	case supervisor.StatusFailed:
		return l.failed(n)
	case supervisor.StatusStopping:
		return l.stopping(n)
	case supervisor.StatusAbandoned:
		return look{badMood, l.marks.behind, "left over", -1, "ignores its stop; nothing starts beside it"}
	case supervisor.StatusDead:
		return l.dead(n)
	case supervisor.StatusCompleted:
		return look{goodMood, l.marks.up, "done", -1, "has done its work"}
	case supervisor.StatusHalted:
		return look{calmMood, l.marks.waiting, "stopped", -1, ""}
	case supervisor.StatusNone:
	}
	return look{calmMood, l.marks.waiting, n.Status.String(), -1, ""}
}

func (l looks) healthy(n supervisor.TreeNode) look {
	if left, silent := silence(n); silent {
		return look{badMood, l.marks.behind, "silent", portion(left, watchdog), "no sign of life; " + seconds(left) + " left"}
	}
	up := look{goodMood, l.marks.up, "up", -1, ""}
	switch restarts, borne := max(1, n.Totals.Starts)-1, borne(n); {
	case l.mends(n.Path) != "":
		up.detail = l.marks.climbs + " restarts " + l.mends(n.Path) + " as a whole"
	case n.Unready:
		return look{busyMood, l.marks.starting, "unready", -1, "not ready for now"}
	case borne.Used > 0:
		up.detail = fmt.Sprintf("has borne %d of %d failures", borne.Used, borne.Allowed)
	case restarts == 1:
		up.detail = "1 restart"
	case restarts > 1:
		up.detail = fmt.Sprintf("%d restarts", restarts)
	}
	return up
}

// mends returns the supervisor that has failed, and that the supervisor with this path is to restart.
func (l looks) mends(path string) string {
	for _, n := range l.tree {
		if n.Inside != nil && n.Status == supervisor.StatusFailed && groupOf(n.Path) == path {
			return n.Name
		}
	}
	return ""
}

// borne returns how much of the failures that it bears a supervisor has used up. A task bears none.
func borne(n supervisor.TreeNode) supervisor.LimitUsage {
	if n.Inside == nil {
		return supervisor.LimitUsage{}
	}
	return n.Inside.Stats().Usage.Intensity
}

// silence reports whether a task has not beaten for a while, and how long its watchdog still waits.
func silence(n supervisor.TreeNode) (left time.Duration, silent bool) {
	if n.Status != supervisor.StatusHealthy || n.Until == supervisor.Never {
		return 0, false
	}
	left = time.Duration(n.Until - n.At)
	return left, left < watchdog*3/4
}

func (l looks) created(n supervisor.TreeNode) look {
	waits := look{calmMood, l.marks.waiting, "waits", -1, ""}
	switch n.Wait {
	case supervisor.WaitSuspended:
		return look{busyMood, l.marks.suspended, "suspended", -1, "s lets it go on"}
	case supervisor.WaitNeed:
		waits.detail = "until " + n.WaitsFor + " is ready"
	case supervisor.WaitTurn:
		waits.detail = "until its turn comes"
		if culprit := l.culprit(n); culprit != "" && n.Run > 0 {
			waits.detail = l.marks.with + " starts again with " + culprit
		}
	case supervisor.WaitLeftBehind:
		waits.detail = "until its old run has ended"
	case supervisor.WaitHeld:
		waits.detail = "until there is a place for it"
	case supervisor.WaitSupervisor:
		waits.detail = "until its supervisor starts"
	case supervisor.WaitNone, supervisor.WaitOthersStopped, supervisor.WaitRestartRate, supervisor.WaitDelay:
	}
	return waits
}

func (l looks) failed(n supervisor.TreeNode) look {
	failed := look{badMood, l.marks.failed, "failed", -1, reason(n.LastError)}
	if left, ok := n.RestartIn(); ok {
		failed.left = portion(left, l.scene.delays[n.Path])
		failed.detail = "again in " + seconds(left) + ": " + failed.detail
	} else if n.Wait == supervisor.WaitOthersStopped {
		failed.detail += "; the others stop first"
	}
	return failed
}

func (l looks) stopping(n supervisor.TreeNode) look {
	stops := look{busyMood, l.marks.stopping, "stopping", -1, ""}
	switch n.Why {
	case supervisor.ReasonSibling, supervisor.ReasonDependency:
		stops.detail = l.marks.with + " with " + l.culprit(n)
	case supervisor.ReasonWatchdog:
		stops.detail = "it hangs"
	case supervisor.ReasonSupervisorStop:
		stops.detail = l.marks.with + " with its supervisor"
	default:
		stops.detail = n.Why.String()
	}
	if time.Duration(n.At-n.Since) > time.Second && n.Until != supervisor.Never { // it takes its time
		left := time.Duration(n.Until - n.At)
		stops.left = portion(left, time.Duration(n.Until-n.Since))
		stops.detail += "; has " + seconds(left) + " to stop"
	}
	return stops
}

func (l looks) dead(n supervisor.TreeNode) look {
	dead := look{badMood, l.marks.failed, "dead", -1, reason(n.LastError)}
	switch n.Why {
	case supervisor.ReasonKilled:
		dead.detail = "killed; r starts it"
	case supervisor.ReasonIntensity, supervisor.ReasonFatal:
		dead.detail += " " + l.marks.climbs + " " + nameOf(groupOf(n.Path)) + " gives up"
	case supervisor.ReasonExhausted:
		dead.detail = "gave up after so many failures; r starts it"
	default:
	}
	return dead
}

// culprit returns the name of the task whose failure, restart or stop takes another one of its supervisor along.
func (l looks) culprit(n supervisor.TreeNode) string {
	if n.WaitsFor != "" {
		return n.WaitsFor
	}
	group := groupOf(n.Path)
	if group == "shop" { // where tasks stop with others only because they are bound to the storage
		return "storage"
	}
	return l.scene.blamed[group].task
}

// reason says in plain words what an error says.
func reason(err error) string {
	var escalated *supervisor.EscalatedError
	switch {
	case err == nil:
		return "it failed"
	case errors.As(err, &escalated):
		return escalated.Task + " failed too often"
	case errors.Is(err, supervisor.ErrMissedBeat):
		return "no sign of life"
	}
	return strings.TrimPrefix(firstLine(err), "fatal: ")
}

// sentence says in plain words what has happened, or nothing if it can be seen anyway.
func (s *scene) sentence(e supervisor.Transition) string {
	name := e.Task
	switch {
	case e.Kind == supervisor.ActionHalt && e.Err != nil:
		return nameOf(e.Supervisor) + " gives up: " + reason(e.Err)
	case e.From == e.To && e.Why == supervisor.ReasonDelayBegins:
		return name + " starts again in " + seconds(time.Duration(e.Until-e.At))
	case e.From == e.To || e.Why == supervisor.ReasonAdded || e.Kind == supervisor.ActionHalt:
		return ""
	}
	switch e.To {
	case supervisor.StatusFailed:
		text := name + " has failed: " + reason(e.Err)
		if e.Until != supervisor.Never {
			text += "; it starts again in " + seconds(time.Duration(e.Until-e.At))
		}
		return text
	case supervisor.StatusStopping:
		switch e.Why {
		case supervisor.ReasonSibling:
			return name + " stops, because " + s.blamed[e.Supervisor].task + " has failed"
		case supervisor.ReasonDependency:
			return name + " stops, because it is bound to storage"
		case supervisor.ReasonWatchdog:
			return name + " hangs: its watchdog has noticed"
		default:
			return name + " stops"
		}
	case supervisor.StatusStarting:
		return name + " starts"
	case supervisor.StatusHealthy:
		return name + " is up"
	case supervisor.StatusDead:
		switch e.Why {
		case supervisor.ReasonIntensity:
			return name + " has failed: " + reason(e.Err) + "; that is once too often"
		case supervisor.ReasonFatal:
			return name + " has failed for good: " + reason(e.Err)
		case supervisor.ReasonExhausted:
			return name + " has failed too often in a row, and is dead"
		default:
			return name + " is " + e.Why.String()
		}
	case supervisor.StatusAbandoned:
		return name + " ignores its stop: it is left behind"
	case supervisor.StatusCompleted:
		return name + " has done its work"
	case supervisor.StatusNone:
		return name + " is removed"
	case supervisor.StatusCreated:
		if e.Why == supervisor.ReasonSuspended {
			return name + " is suspended"
		}
	case supervisor.StatusHalted:
	}
	return ""
}

// situation says in one sentence how things stand; "" if all is up.
func (l looks) situation(stopping bool) string {
	var running, starting, ending, behind, down, waiting []string
	for _, n := range l.tree {
		leaf := n.Inside == nil
		left, silent := silence(n)
		switch {
		case stopping:
			if leaf && n.Live {
				running = append(running, n.Name)
			}
		case silent:
			return n.Name + " has been silent for " + seconds(watchdog-left) + "."
		case n.Wait == supervisor.WaitOthersStopped:
			return n.Name + " has failed, and what goes with it stops first."
		case n.Wait == supervisor.WaitDelay:
			has := " has failed, and starts again in "
			if !leaf {
				has = " has given up, and starts again as a whole in "
			}
			left, _ := n.RestartIn()
			return n.Name + has + seconds(left) + "."
		case n.Status == supervisor.StatusDead && l.endsItsGroup(n):
			return n.Name + " has failed for good, and " + nameOf(groupOf(n.Path)) + " stops its tasks."
		case n.Status == supervisor.StatusAbandoned:
			behind = append(behind, n.Name)
		case n.Status == supervisor.StatusDead, n.Suspended:
			down = append(down, n.Name)
		case n.Wait == supervisor.WaitNeed:
			waiting = append(waiting, n.Name)
		case leaf && n.Status == supervisor.StatusStarting:
			starting = append(starting, n.Name)
		case leaf && n.Status == supervisor.StatusStopping:
			ending = append(ending, n.Name)
		}
	}
	list := func(names []string) string { return strings.Join(names, ", ") }
	switch {
	case len(running) > 5:
		return fmt.Sprintf("Stopping in order. Still running: %d tasks.", len(running))
	case len(running) > 0:
		return "Stopping in order. Still running: " + list(running) + "."
	case stopping:
		return "All has stopped."
	case len(ending) > 0:
		return "Now stopping: " + list(ending) + "."
	case len(starting) > 0:
		return "Now starting: " + list(starting) + "."
	case len(behind) > 0:
		return "Left behind: " + list(behind) + ". Its next run waits until this one has ended."
	case len(down) > 0 && len(waiting) > 0:
		return "Down: " + list(down) + ". Waiting for what is down: " + list(waiting) + "."
	case len(down) > 0:
		return "Down: " + list(down) + ". All else goes on."
	case !allUp(l.tree):
		return "Not all is up."
	}
	return ""
}

// endsItsGroup reports whether a task has died of something that its supervisor ends with, and that is still stopping.
func (l looks) endsItsGroup(n supervisor.TreeNode) bool {
	if n.Why != supervisor.ReasonIntensity && n.Why != supervisor.ReasonFatal {
		return false
	}
	for _, other := range l.tree {
		if other.Live && groupOf(other.Path) == groupOf(n.Path) {
			return true
		}
	}
	return false
}

// allUp reports whether every task of a tree is up.
func allUp(tree []supervisor.TreeNode) bool {
	for _, n := range tree {
		if _, silent := silence(n); n.Status != supervisor.StatusHealthy || n.Unready || silent {
			return false
		}
	}
	return true
}

func portion(left, whole time.Duration) float64 {
	if whole <= 0 {
		return 0
	}
	return min(1, max(0, float64(left)/float64(whole)))
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", max(0, d).Seconds()) }

// groupOf returns the path of the supervisor that a task is in, nameOf the task's name.
func groupOf(path string) string { return path[:max(0, strings.LastIndexByte(path, '/'))] }

func nameOf(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
