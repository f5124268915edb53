package report

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// WriteText writes one line per transition, in columns: the time since the beginning, the task, the run, the statuses,
// the reason, and what else there is to know. A line with one status reports something that left it as it was.
func (t *Timeline) WriteText(w io.Writer) error {
	t.Finish()
	width := len("task")
	for _, lane := range t.Lanes {
		width = max(width, len(lane.Name))
	}
	var lines []textLine
	for _, lane := range t.Lanes {
		before, gone := core.StatusNone, lane.gone
		for i := 0; i < len(lane.Spans) || len(gone) > 0; {
			span := &Span{}
			if len(gone) > 0 && (i == len(lane.Spans) || gone[0].order < lane.Spans[i].order) {
				span, gone = &gone[0], gone[1:]
			} else {
				span = &lane.Spans[i]
				i++
			}
			if span.silent {
				continue
			}
			lines = append(lines, textLine{span.order, t.transition(lane, before, span, width)})
			before = span.Status
		}
	}
	for _, lane := range t.Lanes {
		for i := range lane.Notes {
			lines = append(lines, textLine{lane.Notes[i].order, t.note(lane, &lane.Notes[i], width)})
		}
	}
	for _, mark := range t.Marks {
		lines = append(lines, textLine{mark.order, fmt.Sprintf("%14s  -- %s\n", t.since(mark.At), mark.Text)})
	}
	slices.SortStableFunc(lines, func(a, b textLine) int { return a.order - b.order })
	for _, line := range lines {
		if _, err := io.WriteString(w, line.text); err != nil {
			return err
		}
	}
	return nil
}

type textLine struct {
	order int
	text  string
}

func (t *Timeline) transition(lane *Lane, from core.Status, span *Span, width int) string {
	text := fmt.Sprintf("%14s  %-*s #%-4d %9s -> %-9s %s", t.since(span.From), width, lane.Name, span.Run, from, span.Status, span.Why)
	if span.Exit != core.ExitNone {
		text += " exit=" + span.Exit.String()
	}
	if span.Attempts > 0 {
		text += fmt.Sprintf(" attempts=%d", span.Attempts)
	}
	if span.Until != core.Never {
		text += " until=" + t.since(span.Until)
	}
	if waits := span.waits(); waits != "" {
		text += " (" + waits + ")"
	}
	return text + "\n"
}

func (t *Timeline) note(lane *Lane, note *Note, width int) string {
	text := fmt.Sprintf("%14s  %-*s #%-4d %9s    %-9s %s", t.since(note.At), width, lane.Name, note.Run, note.Status, "", note.Why)
	if note.Exit != core.ExitNone {
		text += " exit=" + note.Exit.String()
	}
	if note.Until != core.Never {
		text += " until=" + t.since(note.Until)
	}
	return text + "\n"
}

// since is an instant as the time since the beginning.
func (t *Timeline) since(at core.Instant) string { return time.Duration(at - t.Begin).String() }

func sortInstants(at []core.Instant) { slices.Sort(at) }
