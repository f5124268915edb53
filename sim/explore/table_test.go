package explore

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/internal/golden"
)

const (
	tableGolden = "testdata/transitions.txt"
	statesGuide = "../../docs/states.md"
)

// The guide shows the generated table between these two lines.
const (
	tableBegin = "<!-- The tables below are generated: go test ./sim/explore -update -->\n"
	tableEnd   = "<!-- End of the generated tables. -->\n"
)

// requireTable requires that the table is complete and equals the golden file, and that the guide shows it.
func requireTable(t *testing.T, table *Table) {
	golden.Compare(t, tableGolden, table.String())

	guide, err := os.ReadFile(statesGuide)
	require.NoError(t, err)
	above, rest, found := strings.Cut(string(guide), tableBegin)
	require.True(t, found)
	_, below, found := strings.Cut(rest, tableEnd)
	require.True(t, found)
	golden.Compare(t, statesGuide, above+tableBegin+"\n"+table.Markdown()+"\n"+tableEnd+below)

	requireComplete(t, table)
}

// linesBeyond returns the lines of the table that the golden one does not have.
func linesBeyond(t *testing.T, table *Table) string {
	golden, err := os.ReadFile(tableGolden)
	require.NoError(t, err)
	known := map[string]bool{}
	for line := range strings.Lines(string(golden)) {
		known[line] = true
	}
	var beyond strings.Builder
	for line := range strings.Lines(table.String()) {
		if !known[line] {
			beyond.WriteString(line)
		}
	}
	return beyond.String()
}

// requireComplete requires that the table has whatever can be: every phase meets every event of the supervisor, every
// status and intent that can be together are met, and each of them meets every event that does not depend on the model.
func requireComplete(t *testing.T, table *Table) {
	for phase := range core.ValuesFrom(core.PhaseCreated) {
		for event := supervisorStart; event <= supervisorTask; event++ {
			require.NotEmpty(t, table.supervisors[supervisorCell{phase, event}], "%v, %v", phase, event)
		}
	}
	situations := map[core.Phase]int{}
	for phase := range core.ValuesFrom(core.PhaseCreated) {
		for _, row := range table.situations(phase) {
			situations[phase]++
			for _, event := range []taskEvent{taskExitStale, taskReportStale, taskRestart, taskKill, taskRemove} {
				require.NotEmpty(t, table.tasks[taskCell{row, event}], "%v %v: %v", phase, row, event)
			}
		}
	}
	require.Equal(t, map[core.Phase]int{
		core.PhaseCreated: 4, // created, suspended or not; dead; abandoned, to be removed
		// Created with five things to wait for, failed with three, completed, dead. Starting and healthy as they should be or
		// marked to restart, be killed, retire, start again, or be suspended. Stopping and abandoned to do one of these,
		// or to retry or be removed.
		core.PhaseRunning: 5 + 3 + 2 + 2*6 + 2*7,
		// Completed, dead, halted. Running to halt, or to do what an operator says; stopping and abandoned also to be removed or
		// retire.
		core.PhaseHalting: 3 + 2*5 + 2*7,
		core.PhaseHalted:  3 + 7,
	}, situations)
}

// The worked examples in the guide are what the machine does.
func TestGuidePlays(t *testing.T) {
	guide, err := os.ReadFile(statesGuide)
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(guide), "```\nscenario 1\n")
	played := 0
	for ; found; _, rest, found = strings.Cut(rest, "```\nscenario 1\n") {
		text, _, closed := strings.Cut(rest, "```")
		require.True(t, closed)
		parsed, err := scenario.Parse([]byte("scenario 1\n" + text))
		require.NoError(t, err)
		_, err = parsed.Play()
		require.NoError(t, err)
		played++
	}
	require.Equal(t, 3, played)
}
