package prometheus

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// The table of names in the documentation is that of the code.
func TestNamesAreDocumented(t *testing.T) {
	var table strings.Builder
	table.WriteString("| metric | type | labels | series | what it says |\n| --- | --- | --- | --- | --- |\n")
	for _, m := range metrics() {
		labels := ""
		if len(m.labels) > 0 {
			labels = "`" + strings.Join(m.labels, "`, `") + "`"
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s | %s |\n", prefix+m.name, m.kind, labels, m.series, m.help)
	}
	require.Equal(t, table.String(), between(t, "Prometheus"))
}

// So are the values of the labels that are from a closed set.
func TestLabelsAreDocumented(t *testing.T) {
	var table strings.Builder
	table.WriteString("| label | of | values |\n| --- | --- | --- |\n")
	row := func(label, of string, values []string) {
		fmt.Fprintf(&table, "| `%s` | %s | `%s` |\n", label, of, strings.Join(values, "`, `"))
	}
	row("status", "tasks", words(statuses[:]))
	row("reason", "restarts", words(restartReasons[:]))
	row("reason", "escalations", words(escalationReasons[:]))
	row("kind", "exits", words(exitKinds[:]))
	row("limit", "limits", []string{limitDead, limitIntensity, limitRestartRate})
	require.Equal(t, table.String(), between(t, "Labels"))
}

// Whatever the runtime counts has a value of a label.
func TestLabelsHaveAllValues(t *testing.T) {
	require.Equal(t, reflect.TypeFor[supervisor.ExitCounts]().NumField(), len(exitKinds))
	require.Equal(t, reflect.TypeFor[supervisor.RestartCounts]().NumField(), len(restartReasons))
	require.Equal(t, reflect.TypeFor[supervisor.EscalationCounts]().NumField(), len(escalationReasons))
	require.Equal(t, reflect.TypeFor[supervisor.Usage]().NumField(), 3)
	require.Equal(t, reflect.TypeFor[supervisor.Counts]().NumField()-2, len(statuses), "but for all tasks, and the runs left behind")
	require.Equal(t, len(supervisor.Histogram{}.Counts), len(supervisor.HistogramBounds())+1)
	for kind := range (supervisor.ExitCounts{OK: 1, Error: 1, Panic: 1, Goexit: 1, Done: 1, Fatal: 1, StartTimeout: 1, Watchdog: 1, Stopped: 1, TooQuick: 1, Lost: 1}).All() {
		require.Contains(t, exitKinds, kind)
	}
	for why := range (supervisor.RestartCounts{Failure: 1, Lost: 1, Repeat: 1, StartAgain: 1, Restarted: 1, Resumed: 1, SupervisorStart: 1}).All() {
		require.Contains(t, restartReasons, why)
	}
}

func words[W fmt.Stringer](of []W) (all []string) {
	for _, word := range of {
		all = append(all, word.String())
	}
	return all
}

// Each alert is in the documentation, and what it says to read exists.
func TestAlertsAreDocumented(t *testing.T) {
	rules, err := os.ReadFile("rules/tasksupervisor.rules.yml")
	require.NoError(t, err)
	table := between(t, "Alerts")
	alerts := regexp.MustCompile(`(?m)^      - alert: (\w+)$`).FindAllSubmatch(rules, -1)
	require.Len(t, alerts, strings.Count(table, "\n")-2)
	for _, alert := range alerts {
		require.Contains(t, table, "| `"+string(alert[1])+"` |")
	}
	runbooks := regexp.MustCompile(`(?m)^          runbook: (docs/\w+\.md)#([\w-]+)$`).FindAllSubmatch(rules, -1)
	require.Len(t, runbooks, len(alerts))
	for _, runbook := range runbooks {
		guide, err := os.ReadFile("../../" + string(runbook[1]))
		require.NoError(t, err)
		require.Contains(t, anchors(string(guide)), string(runbook[2]))
	}
}

// The rules and the dashboard ask for no metric that does not exist, and for no value that a label does not have.
func TestQueriesAskForWhatExists(t *testing.T) {
	known := map[string]bool{}
	for _, m := range metrics() {
		known[prefix+m.name] = true
		if m.kind == histogram {
			known[prefix+m.name+"_bucket"] = true
		}
	}
	for _, path := range []string{"rules/tasksupervisor.rules.yml", "dashboard/tasksupervisor.json"} {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		asked := regexp.MustCompile(`\b`+prefix+`\w+`).FindAllString(string(text), -1)
		require.Greater(t, len(asked), 15)
		for _, name := range asked {
			require.True(t, known[name] || name == "tasksupervisor_test", "%s: %s", path, name)
		}
		for _, matched := range regexp.MustCompile(`status=~?\\?"([\w|-]+)`).FindAllStringSubmatch(string(text), -1) {
			for word := range strings.SplitSeq(matched[1], "|") {
				require.Contains(t, words(statuses[:]), word, path)
			}
		}
	}
}

// between returns what is between two marks of the documentation.
func between(t *testing.T, mark string) string {
	t.Helper()
	guide, err := os.ReadFile("../../docs/metrics.md")
	require.NoError(t, err)
	_, after, found := strings.Cut(string(guide), "<!-- "+mark+" -->\n")
	require.True(t, found, mark)
	table, _, found := strings.Cut(after, "<!-- end of "+mark+" -->")
	require.True(t, found, mark)
	return table
}

// anchors returns the anchors of the headings of a guide.
func anchors(guide string) (all []string) {
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(guide, -1) {
		anchor := strings.ToLower(strings.ReplaceAll(heading[1], " ", "-"))
		all = append(all, regexp.MustCompile(`[^\w-]`).ReplaceAllString(anchor, ""))
	}
	return all
}
