package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// WriteText writes one line per transition, in columns: the time since the beginning, or the time of day if the timeline has a Zone, the task, the run, the statuses,
// the reason, and what else there is to know. A line with one status reports something that left it as it was. Lines with
// two dashes are operator commands, outages, and what concerns a supervisor as a whole.
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
			lines = append(lines, textLine{span.From, span.order, t.transition(lane, before, span, width)})
			before = span.Status
		}
	}
	for _, lane := range t.Lanes {
		for i := range lane.Notes {
			lines = append(lines, textLine{lane.Notes[i].At, lane.Notes[i].order, t.note(lane, &lane.Notes[i], width)})
		}
	}
	for _, mark := range t.Marks {
		text := mark.Text
		if mark.Command != core.EventTick {
			text = "operator: " + text
		}
		lines = append(lines, textLine{mark.At, mark.order, t.aside(mark.At, text)})
	}
	slices.SortStableFunc(lines, func(a, b textLine) int { return a.order - b.order })
	for _, line := range t.withDays(t.withOutages(lines)) {
		if _, err := io.WriteString(w, line.text); err != nil {
			return err
		}
	}
	return nil
}

type textLine struct {
	at    core.Instant
	order int
	text  string
}

// withOutages puts the beginnings and ends of outages between lines: each before what else happened at that instant.
func (t *Timeline) withOutages(lines []textLine) []textLine {
	var outages []textLine
	for _, o := range t.Outages {
		outages = append(outages,
			textLine{at: o.From, text: t.aside(o.From, outageName(&o)+" begins")}, textLine{at: o.To, text: t.aside(o.To, outageName(&o)+" ends")})
	}
	slices.SortStableFunc(outages, func(a, b textLine) int { return cmp.Compare(a.at, b.at) })
	var all []textLine
	for _, line := range lines {
		for len(outages) > 0 && outages[0].at <= line.at {
			all, outages = append(all, outages[0]), outages[1:]
		}
		all = append(all, line)
	}
	return append(all, outages...)
}

// outageName is what an outage is called, such as "outage of worker" or "outage of 1/2 of worker".
func outageName(o *sim.Outage) string {
	of := cmp.Or(o.Of, "all tasks")
	if o.Share.Den != 0 {
		of = o.Share.String() + " of " + of
	}
	if o.Storm < workload.FaultKindCount {
		return o.Storm.String() + " of " + of
	}
	return "outage of " + of
}

// aside is a line that is about no task.
func (t *Timeline) aside(at core.Instant, text string) string {
	return fmt.Sprintf("%14s  -- %s\n", t.since(at), text)
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

// since is an instant as the time since the beginning, or as the time of day.
func (t *Timeline) since(at core.Instant) string {
	if date, ok := t.date(at); ok {
		return date.Format("15:04:05.000")
	}
	return time.Duration(at - t.Begin).String()
}

// date returns the date and time of day of an instant, if they are shown.
func (t *Timeline) date(at core.Instant) (time.Time, bool) {
	date, ok := scenario.Head{Origin: t.Origin}.Date(at)
	if !ok || t.Zone == nil {
		return time.Time{}, false
	}
	return date.In(t.Zone), true
}

// withDays puts a line before the first line of each day, if times of day are shown.
func (t *Timeline) withDays(lines []textLine) []textLine {
	var all []textLine
	day := ""
	for _, line := range lines {
		if date, ok := t.date(line.at); ok && date.Format(time.DateOnly) != day {
			day = date.Format(time.DateOnly)
			all = append(all, textLine{at: line.at, text: t.aside(line.at, date.Format("Monday, 2006-01-02, MST"))})
		}
		all = append(all, line)
	}
	return all
}
