package screen

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// sentence says in plain words what a supervisor has decided.
type sentence struct {
	mood mood
	name string // the path of the task
	kind string // what it says of each
	text string // "" if it is not worth a line
}

// sentenceOf returns the sentence for a transition of a task, or of a whole supervisor if that has no task.
func sentenceOf(t *supervisor.Transition, name string) sentence {
	s := sentence{name: name}
	switch {
	case t.Kind == supervisor.ActionHalt:
		s.halted(t)
	case t.Failures > 0:
		s.say(goodMood, "has recovered", fmt.Sprintf(" after %s, in %s", counted(uint64(t.Failures), "failure"), Duration(t.Down)))
	case t.FailedStop:
		s.say(badMood, "failed while it stopped", because(t.Err))
	case t.LateProbe:
		s.say(badMood, "has a probe that panicked when it was no longer awaited", because(t.Err))
	case t.From == t.To:
		s.stays(t)
	default:
		s.changes(t)
	}
	return s
}

// say makes the sentence of its parts: what it says of each, and what it says of this one besides.
func (s *sentence) say(mood mood, kind, rest string) {
	s.mood, s.kind = mood, kind
	s.text = strings.TrimSpace(s.name + " " + kind + rest)
}

// halted is about a supervisor that has stopped. Of the root the program says it.
func (s *sentence) halted(t *supervisor.Transition) {
	switch {
	case s.name == "":
	case t.Err != nil:
		s.say(worstMood, "has stopped as a whole", because(t.Err))
	case t.Why == supervisor.ReasonAllEnded, t.Why == supervisor.ReasonAnyEnded:
		s.say(calmMood, "has stopped as a whole: its tasks have ended", "")
	}
}

// stays is about a task whose status stays.
func (s *sentence) stays(t *supervisor.Transition) {
	switch t.Why {
	case supervisor.ReasonDelayBegins:
		s.say(badMood, "restarts", " in "+until(t))
	case supervisor.ReasonRestartRate:
		s.say(badMood, "waits, because too many tasks restart at once", "")
	case supervisor.ReasonUnready:
		s.say(badMood, "is not ready for now", because(t.Err))
	case supervisor.ReasonReady:
		s.say(goodMood, "is ready again", "")
	case supervisor.ReasonHeld:
		s.say(badMood, "is held", heldBy(t.Err))
	case supervisor.ReasonReleased:
		s.say(calmMood, "is held no longer", "")
	case supervisor.ReasonProbeFailed:
		s.say(badMood, "failed a probe", because(t.Err))
	case supervisor.ReasonWatchdog:
		s.say(badMood, "gives no sign of life", because(t.Err))
	case supervisor.ReasonResumed:
		if t.Level() >= slog.LevelInfo { // else it was suspended only until all was declared
			s.say(calmMood, "is started by hand", "")
		}
	case supervisor.ReasonExhausted, supervisor.ReasonNotRestartable, supervisor.ReasonIntensity:
		s.say(worstMood, "will stay down", because(t.Err))
	case supervisor.ReasonLateExit:
		s.say(calmMood, "has ended after all: a run that was left behind", "")
	case supervisor.ReasonPolicy:
		s.say(calmMood, "has a new policy", "")
	default: // waiting, and what an operator has ordered: what follows says it
	}
}

// changes is about a task whose status changes.
func (s *sentence) changes(t *supervisor.Transition) {
	switch t.To {
	case supervisor.StatusStarting:
		s.say(calmMood, "starts", again(t))
	case supervisor.StatusHealthy:
		if t.From == supervisor.StatusStarting {
			s.say(goodMood, "is ready", "")
		} else {
			s.say(calmMood, "has started", again(t))
		}
	case supervisor.StatusStopping:
		s.stops(t)
	case supervisor.StatusFailed:
		s.failed(t)
	case supervisor.StatusDead:
		s.dies(t)
	case supervisor.StatusCompleted:
		s.say(calmMood, "has done its work", "")
	case supervisor.StatusAbandoned:
		s.say(worstMood, "ignores its stop, and is left behind", "")
	case supervisor.StatusHalted:
		switch t.From {
		case supervisor.StatusCreated: // it did not run
		case supervisor.StatusFailed:
			s.say(calmMood, "is not started again", "")
		default:
			s.say(calmMood, "has stopped", "")
		}
	case supervisor.StatusNone:
		s.say(calmMood, "is removed", "")
	case supervisor.StatusCreated:
		switch t.Why {
		case supervisor.ReasonSuspended:
			s.say(calmMood, "stays down until it is started", "")
		case supervisor.ReasonHeld:
			s.say(badMood, "is held", heldBy(t.Err))
		default: // it waits
		}
	}
}

func (s *sentence) stops(t *supervisor.Transition) {
	switch t.Why {
	case supervisor.ReasonSibling:
		s.say(calmMood, "stops, because another task of its group failed", "")
	case supervisor.ReasonDependency:
		s.say(calmMood, "stops, because a task that it is bound to went down", "")
	case supervisor.ReasonWatchdog:
		s.say(badMood, "hangs, and is stopped", because(t.Err))
	case supervisor.ReasonStartTimeout:
		s.say(badMood, "was not ready in time, and is stopped", because(t.Err))
	case supervisor.ReasonRestarted:
		s.say(calmMood, "stops to be restarted", "")
	case supervisor.ReasonKilled:
		s.say(calmMood, "stops, and stays down", "")
	case supervisor.ReasonSuspended:
		s.say(calmMood, "is stopped by hand", "")
	case supervisor.ReasonRemoved:
		s.say(calmMood, "stops to be removed", "")
	default:
		s.say(calmMood, "stops", "")
	}
}

func (s *sentence) failed(t *supervisor.Transition) {
	next := "; restarts in " + until(t)
	if t.Until == supervisor.Never {
		next = "; restarts when those that stop with it have stopped"
	}
	switch t.Why {
	case supervisor.ReasonFailure:
		s.say(badMood, "failed", inBrackets(t.Err)+next)
	case supervisor.ReasonLost:
		s.say(badMood, "was lost", inBrackets(t.Err)+next)
	case supervisor.ReasonRepeat:
		s.say(calmMood, "has ended", next)
	default:
		s.say(calmMood, "waits for its next start", next)
	}
}

func (s *sentence) dies(t *supervisor.Transition) {
	switch t.Why {
	case supervisor.ReasonExhausted:
		s.say(worstMood, "failed once too often in a row", inBrackets(t.Err)+"; it stays down")
	case supervisor.ReasonIntensity:
		s.say(worstMood, "failed, and that is one failure too many for all around it", because(t.Err))
	case supervisor.ReasonFatal:
		s.say(worstMood, "failed for good", because(t.Err))
	case supervisor.ReasonNotRestartable:
		if t.Err != nil {
			s.say(worstMood, "failed", inBrackets(t.Err)+"; it is not restarted")
		} else {
			s.say(calmMood, "has ended, and is not restarted", "")
		}
	case supervisor.ReasonKilled:
		s.say(calmMood, "has stopped, and stays down", "")
	default:
		s.say(worstMood, "is dead", because(t.Err))
	}
}

// again says which restart in a row a start is, if it is one.
func again(t *supervisor.Transition) string {
	if t.Attempts == 0 {
		return ""
	}
	return fmt.Sprintf(" again (restart %d in a row)", t.Attempts)
}

func until(t *supervisor.Transition) string { return Duration(time.Duration(t.Until - t.At)) }

// Duration writes a length of time as people say it: "0.3 s", "12 s", "2 min 5 s", "3 h 20 min".
func Duration(d time.Duration) string {
	d = max(0, d)
	switch {
	case d < 10*time.Second:
		tenths := d.Round(100 * time.Millisecond)
		if tenths%time.Second == 0 {
			return fmt.Sprintf("%d s", tenths/time.Second)
		}
		return fmt.Sprintf("%.1f s", tenths.Seconds())
	case d < time.Minute-time.Second/2:
		return fmt.Sprintf("%d s", d.Round(time.Second)/time.Second)
	case d < time.Hour-time.Second/2:
		d = d.Round(time.Second)
		return pair(int(d/time.Minute), "min", int(d%time.Minute/time.Second), "s")
	case d < 24*time.Hour-time.Minute/2:
		d = d.Round(time.Minute)
		return pair(int(d/time.Hour), "h", int(d%time.Hour/time.Minute), "min")
	default:
		d = d.Round(time.Hour)
		return pair(int(d/(24*time.Hour)), "d", int(d%(24*time.Hour)/time.Hour), "h")
	}
}

func pair(large int, unit string, small int, smaller string) string {
	if small == 0 {
		return fmt.Sprintf("%d %s", large, unit)
	}
	return fmt.Sprintf("%d %s %d %s", large, unit, small, smaller)
}

func counted(n uint64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// heldBy returns what holds a task as the end of a sentence that says that it is held.
func heldBy(err error) string {
	var byHand *supervisor.HeldError
	switch {
	case !errors.As(err, &byHand):
		return because(err)
	case byHand.Why == "":
		return " by an operator"
	}
	return " by an operator: " + firstLine(errors.New(byHand.Why))
}

// inBrackets returns an error as what explains the word before it.
func inBrackets(err error) string {
	if err == nil {
		return ""
	}
	return " (" + firstLine(err) + ")"
}

// because returns an error as the end of a sentence about what it led to.
func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + firstLine(err)
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(fmt.Sprint(err), "\n") // an Error method that panics breaks nothing
	return line
}
