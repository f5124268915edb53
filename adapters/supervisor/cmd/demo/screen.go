package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// screen shows what happens: a line for every change, and in a terminal a picture of the tree above the lines. Its
// methods may be called from anywhere.
type screen struct {
	mu   sync.Mutex
	out  io.Writer
	live bool // there is a picture
	rows int  // the tasks it has room for
}

// print prints a line with the time of day.
func (s *screen) print(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	line := time.Now().Format("15:04:05.000") + "  " + fmt.Sprintf(format, args...)
	if s.live {
		fmt.Fprint(s.out, keepCursor+toLastRow+line+clearRow+backAgain)
	} else {
		fmt.Fprintln(s.out, line)
	}
}

// event prints a line for a change of a task's status. It is the supervisors' observer.
func (s *screen) event(e supervisor.Transition) {
	if e.Lost > 0 {
		s.print("(%d lines lost)", e.Lost)
	}
	if e.Kind == supervisor.ActionHalt {
		s.print("%-26s halted: %v%s", e.Supervisor, e.Why, because(e.Err))
		return
	}
	if e.From == e.To && e.Why != supervisor.ReasonDelayBegins || e.Why == supervisor.ReasonAdded {
		return
	}
	line := fmt.Sprintf("%-26s %-9v -> %-9v %v", e.Supervisor+"/"+e.Task, e.From, e.To, e.Why)
	if e.Run > 0 {
		line += fmt.Sprintf(", run %d", e.Run)
	}
	if e.To == supervisor.StatusFailed && e.Until == supervisor.Never {
		line += fmt.Sprintf(", restart %d once the others have stopped", e.Attempts)
	} else if e.To == supervisor.StatusFailed {
		line += fmt.Sprintf(", restart %d in %v", e.Attempts, short(e.Until-e.At))
	}
	s.print("%s%s", line, because(e.Err))
}

// table prints the tree, if there is no picture of it.
func (s *screen) table(shop *supervisor.Supervisor) {
	tree := shop.Tree()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live {
		return
	}
	fmt.Fprintln(s.out, headline())
	for _, node := range tree {
		fmt.Fprintln(s.out, row(node))
	}
}

const columns = "%-18v %-9v %4v %8v  %v"

func headline() string { return fmt.Sprintf(columns, "TASK", "STATUS", "RUN", "RESTARTS", "WHY") }

func row(n supervisor.TreeNode) string {
	name, why := strings.Repeat("  ", n.Depth)+n.Name, n.Why.String()
	if next := next(n.TaskStatus); next != "" {
		why += ", " + next
	}
	return fmt.Sprintf(columns, name, n.Status, n.Run, n.Attempts, why)
}

// next says what a task waits for, or what it has to do and by when; "" if there is nothing of that kind.
func next(t supervisor.TaskStatus) string {
	left := short(t.Until - t.At)
	switch t.Wait {
	case supervisor.WaitSuspended:
		return "waits to be resumed"
	case supervisor.WaitSupervisor:
		return "waits for its supervisor"
	case supervisor.WaitNeed:
		return "waits for " + t.WaitsFor
	case supervisor.WaitTurn:
		return "waits for its turn"
	case supervisor.WaitLeftBehind:
		return "waits for a run that was left behind"
	case supervisor.WaitOthersStopped:
		return "waits for the others to stop" + because(t.LastError)
	case supervisor.WaitRestartRate:
		return "waits for the restart rate" + because(t.LastError)
	case supervisor.WaitDelay:
		return fmt.Sprintf("starts in %v%s", left, because(t.LastError))
	case supervisor.WaitNone:
	}
	switch {
	case t.Status == supervisor.StatusStopping && t.Until == supervisor.Never:
		return fmt.Sprintf("stops, then %v", t.Intent)
	case t.Status == supervisor.StatusStopping:
		return fmt.Sprintf("has %v to stop, then %v", left, t.Intent)
	case t.Status == supervisor.StatusStarting && t.Until != supervisor.Never:
		return fmt.Sprintf("has %v to be ready", left)
	case t.Status == supervisor.StatusHealthy && t.Until != supervisor.Never:
		return fmt.Sprintf("has %v to beat", left)
	}
	if d, ok := t.ClearsIn(); ok {
		return fmt.Sprintf("clears its restarts in %v", d.Round(100*time.Millisecond))
	}
	return ""
}

// report prints what became of every run.
func (s *screen) report(r supervisor.Report) {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TASK\tSTATUS\tSTARTED\tENDED\tABANDONED\tLAST ERROR")
	reportTasks(w, r)
	w.Flush()
	fmt.Fprintf(&text, "%v\n", r)
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.out, "\n%s\n", text.String())
}

func reportTasks(w io.Writer, r supervisor.Report) {
	for _, task := range r.Tasks {
		fmt.Fprintf(w, "%s\t%v\t%d\t%d\t%d\t%s\n", task.Path, task.Status.Status,
			task.Runs.Started, task.Runs.Ended, task.Runs.Abandoned, firstLine(task.Status.LastError))
		for _, nested := range task.Nested {
			reportTasks(w, nested)
		}
	}
}

func short(d supervisor.Instant) time.Duration { return time.Duration(d).Round(100 * time.Millisecond) }

// because returns an error as the end of a line about what it led to.
func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + firstLine(err)
}

func firstLine(err error) string {
	if err == nil {
		return "-"
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
