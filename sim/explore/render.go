package explore

import (
	"fmt"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// String returns the table as text, one line for each thing that can happen: the supervisor's phase, the task's status
// and what is intended for it, the event, and what follows.
func (t *Table) String() string {
	var b strings.Builder
	for _, cell := range t.sortedSupervisorCells() {
		for _, text := range sortedOutcomes(t.supervisors[cell]) {
			fmt.Fprintf(&b, "%-8s %-21s| %-42s | %s\n", cell.phase, "", cell.event, text)
		}
	}
	for _, cell := range t.sortedCells() {
		for _, text := range sortedOutcomes(t.tasks[cell]) {
			fmt.Fprintf(&b, "%-8s %-21s| %-42s | %s\n", cell.phase, situation(cell.status, cell.intent), cell.event, text)
		}
	}
	return b.String()
}

// Markdown returns the table as Markdown: one table for the supervisor, and one for tasks in each phase.
func (t *Table) Markdown() string {
	var b strings.Builder
	t.supervisorMarkdown(&b)
	for phase := core.PhaseCreated; phase <= core.PhaseHalted; phase++ {
		fmt.Fprintf(&b, "\n### Tasks while the supervisor is %s\n\n", phase)
		t.phaseMarkdown(&b, phase)
	}
	return b.String()
}

func (t *Table) supervisorMarkdown(b *strings.Builder) {
	b.WriteString("### The supervisor\n\n| happens | created | running | halting | halted |\n|---|---|---|---|---|\n")
	for event := range supervisorEvents {
		fmt.Fprintf(b, "| %s |", event)
		for phase := core.PhaseCreated; phase <= core.PhaseHalted; phase++ {
			fmt.Fprintf(b, " %s |", markdownCell(t.supervisors[supervisorCell{phase, event}]))
		}
		b.WriteByte('\n')
	}
}

// phaseMarkdown writes a line for each situation and a column for each event. An event that does the same everywhere
// gets a line of text instead of a column.
func (t *Table) phaseMarkdown(b *strings.Builder, phase core.Phase) {
	var rows []taskCell
	for _, cell := range t.sortedCells() {
		row := taskCell{phase: cell.phase, status: cell.status, intent: cell.intent}
		if cell.phase == phase && (len(rows) == 0 || rows[len(rows)-1] != row) {
			rows = append(rows, row)
		}
	}
	var columns []taskEvent
	var everywhere []string
	for event := range taskEvents {
		same, uniform := t.uniform(rows, event)
		switch {
		case !uniform:
			columns = append(columns, event)
		case same != "":
			everywhere = append(everywhere, fmt.Sprintf("%s: %s", event, same))
		}
	}
	b.WriteString("| status |")
	for _, event := range columns {
		fmt.Fprintf(b, " %s |", event)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(columns)) + "\n")
	for _, row := range rows {
		fmt.Fprintf(b, "| %s |", situation(row.status, row.intent))
		for _, event := range columns {
			row.event = event
			fmt.Fprintf(b, " %s |", markdownCell(t.tasks[row]))
		}
		b.WriteByte('\n')
	}
	if len(everywhere) > 0 {
		b.WriteString("\nIn every status: " + strings.Join(everywhere, "; ") + ".\n")
	}
}

// uniform tells whether the event can happen in none of the situations, and then same is empty, or can happen in all
// of them and always does the same.
func (t *Table) uniform(rows []taskCell, event taskEvent) (same string, uniform bool) {
	for i, row := range rows {
		row.event = event
		text := ""
		if outcomes := t.tasks[row]; len(outcomes) > 0 {
			text = markdownCell(outcomes)
		}
		if i > 0 && text != same {
			return "", false
		}
		same = text
	}
	return same, true
}

// markdownCell writes what can follow, one below the other.
func markdownCell(outcomes map[string]bool) string {
	if len(outcomes) == 0 {
		return "–"
	}
	return strings.ReplaceAll(strings.ReplaceAll(strings.Join(sortedOutcomes(outcomes), "\n"), ">", "→"), "\n", "<br>")
}

// situation names a task's status and what is intended for it.
func situation(status core.Status, intent core.Intent) string {
	if intent == core.IntentNone {
		return status.String()
	}
	return status.String() + ", to " + intent.String()
}
