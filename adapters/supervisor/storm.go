package supervisor

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"
)

// When thousands of tasks fail in one instant, thousands of records that say the same help no one. So of the records with one
// message only the first few are written, within some time; the rest are counted, and summed up in one record when the time is
// over, or when somebody waits until all has been written. What is held back is never lost. Debug is everything, by definition.

// stormLimit is how many records with the same message are written within a time.
type stormLimit struct {
	records uint32
	within  time.Duration
}

// storm is what has been written of one message lately, and what has been held back.
type storm struct {
	level   slog.Level
	message string
	begun   time.Time // of the time within which the limit counts
	written uint32

	held        uint64
	first, last time.Time         // of those held back
	tasks       map[[2]string]int // that they are about, by supervisor and name, in their order
	errors      map[string]uint64 // their errors, and how often
}

// distinctErrors is how many different errors of a storm are told apart.
const distinctErrors = 5

// mayWrite reports whether a record may be written. If not, it is counted.
func (l *logger) mayWrite(level slog.Level, t *Transition) bool {
	if level < slog.LevelInfo {
		return true
	}
	now, of := time.Now(), l.stormOf(level, logMessage(t))
	if now.Sub(of.begun) >= l.limit.within {
		l.write(of)
		of.begun, of.written = now, 0
	}
	if of.written < l.limit.records {
		of.written++
		return true
	}
	of.hold(t, now)
	l.observer.owe(of.begun.Add(l.limit.within).Sub(now))
	return false
}

// stormOf returns the storm of a message, of which there are a few dozen.
func (l *logger) stormOf(level slog.Level, message string) *storm {
	for _, of := range l.storms {
		if of.level == level && of.message == message {
			return of
		}
	}
	of := &storm{level: level, message: message}
	l.storms = append(l.storms, of)
	return of
}

// hold counts a record that is held back.
func (s *storm) hold(t *Transition, now time.Time) {
	if s.held == 0 {
		s.first, s.tasks, s.errors = now, make(map[[2]string]int), make(map[string]uint64)
	}
	s.held++
	s.last = now
	if task := [2]string{t.Supervisor, t.Task}; t.Task != "" {
		if _, known := s.tasks[task]; !known {
			s.tasks[task] = len(s.tasks)
		}
	}
	if t.Err != nil {
		text := errorText(t.Err)
		if _, known := s.errors[text]; !known && len(s.errors) >= distinctErrors {
			text = "others"
		}
		s.errors[text]++
	}
}

// sumUp writes what has been held back.
func (l *logger) sumUp() {
	for _, of := range l.storms {
		l.write(of)
	}
}

// write sums up what has been held back of one message.
func (l *logger) write(of *storm) {
	if of.held == 0 {
		return
	}
	attributes := []slog.Attr{slog.Uint64("records", of.held), durationAttr("within", of.last.Sub(of.first))}
	if len(of.tasks) > 0 {
		tasks := slices.SortedFunc(maps.Keys(of.tasks), func(a, b [2]string) int { return cmp.Compare(of.tasks[a], of.tasks[b]) })
		paths := make([]string, len(tasks))
		for i, task := range tasks {
			paths[i] = join(task[0], task[1])
		}
		attributes = append(attributes, slog.Int("tasks", len(tasks)), slog.String("names", few(paths)))
	}
	if len(of.errors) > 0 {
		texts := slices.SortedFunc(maps.Keys(of.errors), func(a, b string) int {
			return cmp.Or(cmp.Compare(of.errors[b], of.errors[a]), strings.Compare(a, b))
		})
		for i, text := range texts {
			texts[i] = fmt.Sprintf("%s (%d)", text, of.errors[text])
		}
		attributes = append(attributes, slog.String("errors", strings.Join(texts, "; ")))
	}
	of.held, of.tasks, of.errors = 0, nil, nil
	l.to.LogAttrs(context.Background(), of.level, of.message+" (summed up)", attributes...)
}
