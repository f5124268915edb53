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
			fmt.Fprintf(&b, "%-8s %-33s| %-42s | %s\n", cell.phase, "", cell.event, text)
		}
	}
	for _, cell := range t.sortedCells() {
		for _, text := range sortedOutcomes(t.tasks[cell]) {
			fmt.Fprintf(&b, "%-8s %-33s| %-42s | %s\n", cell.phase, cell.situation, cell.event, text)
		}
	}
	return b.String()
}

// Markdown returns the table as Markdown: one table for the supervisor, and some for tasks in each phase.
func (t *Table) Markdown() string {
	var b strings.Builder
	t.supervisorMarkdown(&b)
	for phase := range core.ValuesFrom(core.PhaseCreated) {
		fmt.Fprintf(&b, "\n### Tasks while the supervisor is %s\n", phase)
		t.phaseMarkdown(&b, "Its runs and its timer", phase, 0, groupRun)
		t.phaseMarkdown(&b, "Operators", phase, groupRun, groupOperator)
		t.phaseMarkdown(&b, "What happens elsewhere", phase, groupOperator, groupOther)
	}
	return b.String()
}

func (t *Table) supervisorMarkdown(b *strings.Builder) {
	b.WriteString("### The supervisor\n\n| happens | created | running | halting | halted |\n|---|---|---|---|---|\n")
	for event := range supervisorEvents {
		fmt.Fprintf(b, "| %s |", event)
		for phase := range core.ValuesFrom(core.PhaseCreated) {
			fmt.Fprintf(b, " %s |", markdownCell(t.supervisors[supervisorCell{phase, event}]))
		}
		b.WriteByte('\n')
	}
}

// phaseMarkdown writes a table of some events: a line for each situation and a column for each event. An event that does
// the same wherever it can happen gets a line of text instead of a column, and one that cannot happen nothing.
func (t *Table) phaseMarkdown(b *strings.Builder, title string, phase core.Phase, from, to taskEvent) {
	rows := t.situations(phase)
	var columns []taskEvent
	var everywhere []string
	for event := from; event < to; event++ {
		same, uniform := t.uniform(rows, event)
		switch {
		case !uniform:
			columns = append(columns, event)
		case same != "":
			everywhere = append(everywhere, fmt.Sprintf("%s: %s", event, same))
		}
	}
	if len(columns) > 0 {
		fmt.Fprintf(b, "\n%s:\n\n| status |", title)
		for _, event := range columns {
			fmt.Fprintf(b, " %s |", event)
		}
		b.WriteString("\n|---|" + strings.Repeat("---|", len(columns)) + "\n")
		for _, row := range rows {
			t.rowMarkdown(b, row, columns)
		}
	}
	if len(everywhere) > 0 {
		fmt.Fprintf(b, "\n%s, wherever it can happen: %s.\n", title, strings.Join(everywhere, "; "))
	}
}

// rowMarkdown writes the line of a situation, unless none of the events can happen in it.
func (t *Table) rowMarkdown(b *strings.Builder, row situation, columns []taskEvent) {
	var line strings.Builder
	possible := false
	for _, event := range columns {
		outcomes := t.tasks[taskCell{row, event}]
		possible = possible || len(outcomes) > 0
		fmt.Fprintf(&line, " %s |", markdownCell(outcomes))
	}
	if possible {
		fmt.Fprintf(b, "| %s |%s\n", row, line.String())
	}
}

// situations returns those in a phase, in order.
func (t *Table) situations(phase core.Phase) []situation {
	var rows []situation
	for _, cell := range t.sortedCells() {
		if cell.phase == phase && (len(rows) == 0 || rows[len(rows)-1] != cell.situation) {
			rows = append(rows, cell.situation)
		}
	}
	return rows
}

// uniform reports whether the event always does the same, apart from where it cannot happen. If it can happen nowhere, same
// is empty.
func (t *Table) uniform(rows []situation, event taskEvent) (same string, uniform bool) {
	for _, row := range rows {
		outcomes := t.tasks[taskCell{row, event}]
		if len(outcomes) == 0 {
			continue
		}
		text := markdownCell(outcomes)
		if same != "" && text != same {
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
