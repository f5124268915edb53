package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/goroutine"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// screen prints what happens. Its methods may be called from anywhere.
type screen struct {
	mu  sync.Mutex
	out io.Writer
}

// print prints a line with the time of day.
func (s *screen) print(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.out, "%s  %s\n", time.Now().Format("15:04:05.000"), fmt.Sprintf(format, args...))
}

// event prints a line for a change of a task's status. It is the supervisors' observer.
func (s *screen) event(e goroutine.Event) {
	if e.Lost > 0 {
		s.print("(%d lines lost)", e.Lost)
	}
	if e.From == e.To && e.Kind != core.ActionHalt && e.Kind != core.ActionReject {
		return
	}
	if e.Kind == core.ActionHalt {
		s.print("%-21s halted: %v", e.Supervisor, e.Why)
		return
	}
	line := fmt.Sprintf("%-21s %-9v -> %-9v %v", e.Supervisor+"/"+e.Task, e.From, e.To, e.Why)
	if e.Run > 0 {
		line += fmt.Sprintf(", run %d", e.Run)
	}
	if e.To == core.StatusFailed {
		line += fmt.Sprintf(", restart %d in %v", e.Attempts, time.Duration(e.Until-e.At).Round(time.Millisecond))
	}
	if e.Err != nil {
		line += ": " + firstLine(e.Err.Error())
	}
	s.print("%s", line)
}

// table prints the status of all tasks.
func (s *screen) table(supervisors ...*goroutine.Supervisor) {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TASK\tSTATUS\tWHY\tRUN\tRESTARTS\tLAST EXIT\tNEXT")
	for _, supervisor := range supervisors {
		for _, t := range supervisor.Statuses() {
			next := "-"
			if d, ok := t.RestartIn(); ok {
				next = "starts in " + d.Round(time.Millisecond).String()
			} else if d, ok := t.ClearsIn(); ok {
				next = "stable in " + d.Round(time.Millisecond).String()
			}
			fmt.Fprintf(w, "%s/%s\t%v\t%v\t%d\t%d\t%v\t%s\n",
				supervisor.Path(), t.Name, t.Status, t.Why, t.Run, t.Attempts, t.LastExit, next)
		}
	}
	w.Flush()
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.out, "\n%s\n", text.String())
}

// every prints the table at an interval until the returned function is called.
func (s *screen) every(interval time.Duration, supervisors ...*goroutine.Supervisor) (stop func()) {
	if interval == 0 {
		return func() {}
	}
	ticker, done := time.NewTicker(interval), make(chan struct{})
	go func() {
		for {
			select {
			case <-ticker.C:
				s.table(supervisors...)
			case <-done:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(done)
	}
}

// commands carries out what is typed, until the input ends.
func (s *screen) commands(input io.Reader, supervisors ...*goroutine.Supervisor) {
	for lines := bufio.NewScanner(input); lines.Scan(); {
		switch words := strings.Fields(lines.Text()); {
		case len(words) == 0:
			s.table(supervisors...)
		case len(words) == 2:
			if err := command(words[0], words[1], supervisors); err != nil {
				s.print("%v", err)
			}
		default:
			s.print("type restart, kill or remove and a task's name, or just Enter")
		}
	}
}

// command finds the supervisor that has the task, and passes the operator's word on.
func command(word, task string, supervisors []*goroutine.Supervisor) error {
	err := fmt.Errorf("unknown command %q", word)
	for _, supervisor := range supervisors {
		switch word {
		case "restart":
			err = supervisor.Restart(task)
		case "kill":
			err = supervisor.Kill(task)
		case "remove":
			err = supervisor.Remove(task)
		}
		if !errors.Is(err, goroutine.ErrUnknownTask) {
			break
		}
	}
	return err
}

// report prints what became of every run.
func (s *screen) report(r goroutine.Report) {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TASK\tSTATUS\tSTARTED\tENDED\tGIVEN UP ON\tLAST ERROR")
	reportTasks(w, r)
	w.Flush()
	fmt.Fprintf(&text, "%v\n", r)
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.out, "\n%s\n", text.String())
}

func reportTasks(w io.Writer, r goroutine.Report) {
	for _, task := range r.Tasks {
		lastError := "-"
		if task.Status.LastError != nil {
			lastError = firstLine(task.Status.LastError.Error())
		}
		fmt.Fprintf(w, "%s\t%v\t%d\t%d\t%d\t%s\n",
			task.Path, task.Status.Status, task.Runs.Started, task.Runs.Ended, task.Runs.Abandoned, lastError)
		for _, nested := range task.Nested {
			reportTasks(w, nested)
		}
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
