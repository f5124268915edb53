package web

import (
	"fmt"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// state is how well a task is. The worse the greater.
type state int

const (
	stateDone    state = iota // completed
	stateUp                   // healthy
	stateMeant                // down, because an operator wants it to be
	stateHalted               // down with its supervisor
	stateUnready              // healthy, and says that it is not ready, or was silent for too long
	stateWaiting              // to be started
	stateStarting
	stateStopping
	stateFailed
	stateAbandoned
	stateDead
)

// stateOf returns how well a task is.
func stateOf(t *supervisor.TaskStatus) state {
	switch t.Status {
	case supervisor.StatusCompleted, supervisor.StatusNone:
		return stateDone
	case supervisor.StatusHealthy:
		if t.Unready || t.Silent {
			return stateUnready
		}
		return stateUp
	case supervisor.StatusStarting:
		return stateStarting
	case supervisor.StatusStopping:
		return stateStopping
	case supervisor.StatusHalted:
		return stateHalted
	case supervisor.StatusAbandoned:
		return stateAbandoned
	case supervisor.StatusDead:
		if t.Why == supervisor.ReasonKilled {
			return stateMeant
		}
		return stateDead
	case supervisor.StatusCreated, supervisor.StatusFailed:
	}
	switch {
	case t.Suspended:
		return stateMeant
	case t.Status == supervisor.StatusFailed:
		return stateFailed
	}
	return stateWaiting
}

// isUp reports whether nothing is to be done about a task.
func (s state) isUp() bool { return s == stateUp || s == stateDone }

// counts is how many tasks there are of each kind.
type counts struct {
	All, Up, Done, Meant, NotUp int
	worst                       state
	at                          *supervisor.TreeNode // the first of the worst
}

func (c *counts) add(n *supervisor.TreeNode, state state) {
	c.All++
	switch state {
	case stateUp:
		c.Up++
	case stateDone:
		c.Done++
	case stateMeant:
		c.Meant++
	default:
		c.NotUp++
		if state > c.worst {
			c.worst, c.at = state, n
		}
	}
}

// sentence is the state of the tree in one sentence. Its parts are put together by the page, which counts down.
type sentence struct {
	Mood  string // "good", "bad" or "idle"
	Text  string // "2 of 41 tasks are not up"
	Path  string // of the worst task; "" if there is none
	Link  string // to its page
	Says  string // what it does: "waits"
	Until int64  // in milliseconds since 1970: until when; 0 for no end in sight
	More  string // what else there is to say: "1 task is suspended or killed"
}

// String returns the sentence as it is read aloud: without anything that counts down.
func (s sentence) String() string {
	text := s.Text
	if s.Path != "" {
		text += "; " + s.Path + " " + s.Says
	} else if s.Until != 0 {
		text += " a while"
	}
	if s.More != "" {
		text += "; " + s.More
	}
	return text + "."
}

// sentence says how the tree is.
func (s *snapshot) sentence() sentence {
	said := sentence{Mood: "good"}
	c := s.counts
	switch s.phase {
	case supervisor.PhaseCreated:
		return sentence{Mood: "idle", Text: "The supervisor has not started: " + several(c.All, "task waits", "tasks wait") + " for it"}
	case supervisor.PhaseHalting:
		live := 0
		for i := range s.tree {
			if s.tree[i].Live {
				live++
			}
		}
		return sentence{Mood: "bad", Text: fmt.Sprintf("The supervisor is stopping (%v): %s", s.cause, several(live, "task still runs", "tasks still run"))}
	case supervisor.PhaseHalted:
		said.Mood, said.Text = "bad", "The supervisor has stopped"
		if s.cause.Why != supervisor.ReasonNone {
			said.Text += " (" + s.cause.Why.String() + ")"
		}
		if s.err != nil {
			said.Text += ": " + first(errorOf(s.err), 200)
		}
		said.Text = shown(said.Text)
		return said
	case supervisor.PhaseRunning:
	}
	if s.stops {
		return sentence{Mood: "bad", Text: "The supervisor was asked to stop, and all goes on for", Until: s.at.Add(s.stopsIn).UnixMilli()}
	}
	if c.Meant > 0 {
		said.More = several(c.Meant, "task is", "tasks are") + " suspended or killed"
	}
	if c.All == 0 {
		return sentence{Mood: "idle", Text: "The supervisor has no tasks"}
	}
	if c.NotUp == 0 {
		switch c.All - c.Meant {
		case 0:
			said.Text = "No task is to be up"
		case 1:
			said.Text = "The one task is up"
		default:
			said.Text = fmt.Sprintf("All %d tasks are up", c.All-c.Meant)
		}
		if c.Done > 0 {
			said.Text += fmt.Sprintf(" or completed (%d)", c.Done)
		}
		return said
	}
	said.Mood = "bad"
	if c.worst <= stateStarting {
		said.Mood = "idle"
	}
	said.Text = fmt.Sprintf("%d of %s %s not up", c.NotUp, several(c.All, "task", "tasks"), isOrAre(c.NotUp))
	said.Path, said.Link = shown(c.at.Path), linkTo(c.at.Path)
	said.Says, said.Until = says(&c.at.TaskStatus, c.worst, s.at)
	return said
}

// says says in a few words what a task that is not up does, and until when.
func says(t *supervisor.TaskStatus, state state, now time.Time) (words string, until int64) {
	switch state {
	case stateDead:
		return "is dead (" + t.Why.String() + ")", 0
	case stateAbandoned:
		return "does not stop and was abandoned", 0
	case stateFailed:
		if t.Wait == supervisor.WaitDelay {
			return "waits", untilOf(t, now)
		}
		return waits(t), 0
	case stateStopping:
		return "is stopping", untilOf(t, now)
	case stateStarting:
		return "is starting", 0
	case stateWaiting:
		return waits(t), 0
	case stateUnready:
		if t.Silent {
			return "gives no sign of life", 0
		}
		return "says that it is not ready", 0
	case stateHalted:
		return "is down with its supervisor", 0
	case stateMeant, stateUp, stateDone:
	}
	return "is " + t.Status.String(), 0
}

// waits says what a task waits for before its next start.
func waits(t *supervisor.TaskStatus) string {
	switch t.Wait {
	case supervisor.WaitSupervisor:
		return "waits for its supervisor"
	case supervisor.WaitSuspended:
		return "is suspended"
	case supervisor.WaitNeed:
		return "waits for “" + shown(t.WaitsFor) + "”"
	case supervisor.WaitTurn:
		return "waits for its turn"
	case supervisor.WaitLeftBehind:
		return "waits for a run that was left behind"
	case supervisor.WaitHeld:
		return "is " + held(t)
	case supervisor.WaitOthersStopped:
		return "waits until others have stopped"
	case supervisor.WaitDelay:
		return "waits for its restart"
	case supervisor.WaitRestartRate:
		return "waits for the restart rate"
	case supervisor.WaitNone:
	}
	return "waits"
}

// held says that a task is held, by whom and why.
func held(t *supervisor.TaskStatus) string {
	by, why := t.Holder()
	text := "held"
	if by == "operator" {
		text = "held by an operator"
	}
	if why != "" {
		text += ": " + shown(why)
	}
	return text
}

// untilOf returns when the status of a task ends by itself, in milliseconds since 1970; 0 for never.
func untilOf(t *supervisor.TaskStatus, now time.Time) int64 {
	if t.Until == supervisor.Never {
		return 0
	}
	return dateOf(t, t.Until, now)
}

// dateOf returns an instant of a status in milliseconds since 1970. Where the clock has no dates, it is as far from now as it is from
// the status.
func dateOf(t *supervisor.TaskStatus, at supervisor.Instant, now time.Time) int64 {
	if date, ok := t.Date(at); ok {
		return date.UnixMilli()
	}
	return now.Add(time.Duration(at - t.At)).Round(100 * time.Millisecond).UnixMilli()
}

// several counts things.
func several(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func isOrAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// first returns the first line of a text, and no more of it than so many bytes.
func first(text string, most int) string {
	line, _, more := strings.Cut(strings.TrimSpace(text), "\n")
	if len(line) > most {
		line, more = strings.ToValidUTF8(line[:most], ""), true
	}
	if more {
		line += " …"
	}
	return line
}

// duration writes a length of time for people. The page's script writes them the same way.
func duration(d time.Duration) string {
	if d < 0 {
		d = 0
	}
	s := int64(d / time.Second)
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", float64(d/(100*time.Millisecond))/10)
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	case s < 48*3600:
		return fmt.Sprintf("%d h %d min", s/3600, s/60%60)
	}
	return fmt.Sprintf("%d d %d h", s/86400, s/3600%24)
}
