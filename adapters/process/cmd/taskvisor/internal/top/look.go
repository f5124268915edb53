package top

import (
	"fmt"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/screen"
)

// mood is what a look is painted in.
type mood int

const (
	calmMood mood = iota // down, and rightly so
	goodMood
	busyMood
	badMood
)

// The colours are the terminal's own, so that they fit a light one and a dark one. Nothing is said by colour alone.
var moods = map[mood]lipgloss.Style{
	calmMood: lipgloss.NewStyle().Faint(true),
	goodMood: lipgloss.NewStyle().Foreground(lipgloss.Green),
	busyMood: lipgloss.NewStyle().Foreground(lipgloss.Yellow),
	badMood:  lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Red),
}

// marks are the signs that the picture is made of.
type marks struct {
	up, failed, starting, stopping, waiting, stopped, behind string
	chosen, full, empty, arrows, line, pointer               string
}

var (
	unicodeMarks = marks{"✓", "✗", "▲", "▼", "·", "‖", "!", "▸", "█", "░", "↑↓", "─", "▏"}
	asciiMarks   = marks{"+", "x", "^", "v", ".", "=", "!", ">", "#", "-", "arrows", "-", "|"}
)

// look is how one task looks, in plain words.
type look struct {
	mood   mood
	mark   string
	word   string
	left   float64 // what is left of the time it is given, from 0 to 1; less than 0: there is nothing to count down
	detail string
}

// lookOf returns how a task looks, some time after its status was asked for.
func lookOf(t *control.Task, m *marks, later time.Duration) look {
	left, portion := countdown(t, later)
	switch t.Status {
	case "healthy":
		return healthy(t, m, later)
	case "starting":
		l := look{busyMood, m.starting, "starting", portion, "not ready yet"}
		if t.Phase != "" {
			l.detail = "until all in it are ready"
		}
		if portion >= 0 {
			l.detail += "; " + screen.Duration(left) + " left"
		}
		return l
	case "created":
		return created(t, m)
	case "failed":
		l := look{badMood, m.failed, "failed", portion, reason(t)}
		switch {
		case t.Suspended:
			l.left, l.detail = -1, "stopped by hand: "+l.detail
		case portion >= 0:
			l.detail = "again in " + screen.Duration(left) + ": " + l.detail
		case t.Wait == "others-stopped":
			l.detail = "when others have stopped: " + l.detail
		default:
			if waits := waitOf(t); waits != "" {
				l.detail = waits + ": " + l.detail
			}
		}
		return l
	case "stopping":
		l := look{busyMood, m.stopping, "stopping", portion, stopReason(t)}
		if t.KillSeconds != nil {
			until := time.Duration(*t.KillSeconds*float64(time.Second)) - later
			l.detail = strings.TrimPrefix(l.detail+"; SIGKILL in "+screen.Duration(until), "; ")
		}
		return l
	case "abandoned":
		return look{badMood, m.behind, "left over", -1, "ignores its stop"}
	case "dead":
		return dead(t, m)
	case "completed":
		return look{goodMood, m.up, "done", -1, "has done its work"}
	case "halted":
		return look{calmMood, m.waiting, "stopped", -1, "with its group"}
	}
	return look{calmMood, m.waiting, t.Status, -1, t.Why}
}

func healthy(t *control.Task, m *marks, later time.Duration) look {
	if t.Unready {
		return look{busyMood, m.starting, "unready", -1, "not ready for now"}
	}
	since := time.Duration(t.SinceSeconds*float64(time.Second)) + later
	up := "up for " + screen.Duration(since.Truncate(time.Second))
	if t.Phase != "" {
		up = ""
	}
	if t.Attempts > 0 {
		up = strings.TrimSuffix(fmt.Sprintf("restart %d in a row; %s", t.Attempts, up), "; ")
	}
	return look{goodMood, m.up, "up", -1, up}
}

func created(t *control.Task, m *marks) look {
	if t.Suspended {
		why := "by hand"
		if t.Run == 0 {
			why = "not started yet" // because of the file, or by hand
		}
		return look{busyMood, m.stopped, "stopped", -1, why + startKey}
	}
	l := look{calmMood, m.waiting, "waits", -1, waitOf(t)}
	if t.Wait == "held" {
		l.mood, l.mark, l.word = badMood, m.stopped, "held"
	}
	return l
}

// waitOf says what a task waits for before its next start.
func waitOf(t *control.Task) string {
	switch t.Wait {
	case "need":
		return "for " + t.WaitsFor
	case "turn":
		return "for its turn"
	case "left-behind":
		return "for its old run to end"
	case "restart-rate":
		return "because too many tasks restart at once"
	case "supervisor":
		return "for its group"
	case "held":
		return heldBy(t)
	}
	return ""
}

// heldBy says what holds a task.
func heldBy(t *control.Task) string {
	why := screen.Clean(t.HeldWhy)
	switch {
	case t.HeldBy != "operator":
		return why
	case why == "":
		return "by hand"
	}
	return "by hand: " + why
}

// stopReason says why a task is being stopped.
func stopReason(t *control.Task) string {
	switch t.Why {
	case "sibling":
		return "with a task of its group"
	case "dependency":
		return "with what it is bound to"
	case "watchdog":
		return "it hangs"
	case "start-timeout":
		return "it was not ready in time"
	case "restarted":
		return "to be restarted"
	case "suspended", "killed":
		return "by hand"
	case "removed":
		return "to be removed"
	case "supervisor-stop":
		return "with all"
	}
	return t.Why
}

func dead(t *control.Task, m *marks) look {
	l := look{badMood, m.failed, "dead", -1, reason(t)}
	switch t.Why {
	case "killed":
		l.mood, l.detail = calmMood, "stopped for good"+restartKey
	case "exhausted":
		l.detail = "failed too often: " + l.detail
	case "not-restartable":
		l.detail = "is not restarted: " + l.detail
	}
	return l
}

// reason says why a task failed.
func reason(t *control.Task) string {
	line, _, _ := strings.Cut(t.LastError, "\n")
	if line == "" {
		return t.Why
	}
	return screen.Clean(line)
}

// countdown returns how long a task's status lasts, and which portion of the whole that is; less than 0: there is no end to it.
func countdown(t *control.Task, later time.Duration) (left time.Duration, portion float64) {
	if t.UntilSeconds == nil {
		return 0, -1
	}
	left = max(0, time.Duration(*t.UntilSeconds*float64(time.Second))-later)
	whole := *t.UntilSeconds + t.SinceSeconds
	if whole <= 0 {
		return left, 0
	}
	return left, min(1, left.Seconds()/whole)
}

// memory writes a number of bytes in a few characters.
func memory(bytes uint64) string {
	value, unit := float64(bytes)/1e3, "k"
	for _, next := range []string{"M", "G", "T"} {
		if value < 999.5 {
			break
		}
		value, unit = value/1e3, next
	}
	if value < 9.95 && unit != "k" {
		return fmt.Sprintf("%.1f%s", value, unit)
	}
	return fmt.Sprintf("%.0f%s", value, unit)
}
