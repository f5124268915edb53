package explore

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

const statesGuide = "../../docs/states.md"

// The guide shows the generated table between these two lines.
const (
	tableBegin = "<!-- The tables below are generated: go test ./sim/explore -update -->\n"
	tableEnd   = "<!-- End of the generated tables. -->\n"
)

// requireTable requires that the table is complete and equals the golden file, and that the guide shows it.
func requireTable(t *testing.T, table *Table) {
	requireGolden(t, "testdata/transitions.txt", table.String())

	guide, err := os.ReadFile(statesGuide)
	require.NoError(t, err)
	above, rest, found := strings.Cut(string(guide), tableBegin)
	require.True(t, found)
	_, below, found := strings.Cut(rest, tableEnd)
	require.True(t, found)
	requireGolden(t, statesGuide, above+tableBegin+"\n"+table.Markdown()+"\n"+tableEnd+below)

	requireComplete(t, table)
}

// requireComplete requires that the table has whatever can be: every phase meets every event of the supervisor, every
// status and intent that can be together are met, and each of them meets every event that does not depend on the model.
func requireComplete(t *testing.T, table *Table) {
	for phase := core.PhaseCreated; phase <= core.PhaseHalted; phase++ {
		for event := supervisorStart; event <= supervisorTask; event++ {
			require.NotEmpty(t, table.supervisors[supervisorCell{phase, event}], "%v, %v", phase, event)
		}
	}
	situations := map[core.Phase]int{}
	last := taskCell{event: taskEvents}
	for _, cell := range table.sortedCells() {
		row := taskCell{phase: cell.phase, status: cell.status, intent: cell.intent}
		if row == last {
			continue
		}
		last = row
		situations[row.phase]++
		for _, event := range []taskEvent{taskExitStale, taskRestart, taskKill, taskRemove} {
			row.event = event
			require.NotEmpty(t, table.tasks[row], "%v %v %v: %v", row.phase, row.status, row.intent, event)
		}
	}
	require.Equal(t, map[core.Phase]int{
		core.PhaseCreated: 2,  // created, dead
		core.PhaseRunning: 10, // healthy, failed, completed, dead, and stopping and abandoned with three intents each
		core.PhaseHalting: 9,  // the same without failed, and to halt in place of to restart
		core.PhaseHalted:  5,  // completed, dead, abandoned with three intents
	}, situations)
}
