package assemble_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/assemble"
)

const before = `
[tasks.redis]
command = "redis-server"
[tasks.nginx]
command = "nginx"
needs = ["redis"]
[tasks.old]
command = "old"

[groups.workers]
intensity = { count = 3, within = "1m" }
[groups.workers.tasks.mail]
command = "mail"
[groups.workers.tasks.print]
command = "print"
`

func TestDiff(t *testing.T) {
	for _, c := range []struct {
		name      string
		edits     []string // old and new texts in turns
		want      []string
		unchanged int
	}{
		{name: "nothing", unchanged: 5},
		{name: "a comment, a description and a default written out", unchanged: 5, edits: []string{
			`command = "old"`, "command = \"old\" # x\nrestart = \"on-failure\"\ndescription = \"x\"",
		}},
		{"a command", []string{`"nginx"`, `"nginx -x"`}, []string{"restart  nginx: command"}, 4},
		{"a variable", []string{`command = "old"`, `command = "old"` + "\nenv = { A = \"1\" }"}, []string{"restart  old: env.A"}, 4},
		{"a variable of a default", []string{"[tasks.redis]", "[defaults]\nenv = { A = \"1\" }\n[tasks.redis]"}, []string{
			"restart  redis: env.A", "restart  nginx: env.A", "restart  old: env.A", "restart  workers/mail: env.A", "restart  workers/print: env.A",
		}, 0},
		{"a policy", []string{`command = "old"`, `command = "old"` + "\nbase_delay = \"2s\"\nattempts = 3"}, []string{"adjust   old: base_delay, attempts"}, 4},
		{"both", []string{`command = "old"`, `command = "new"` + "\nbase_delay = \"2s\""}, []string{"restart  old: command, base_delay"}, 4},
		{"one less, one more", []string{"tasks.old", "tasks.new"}, []string{"remove   old", "add      new"}, 4},
		{"limits of a group", []string{"count = 3", "count = 4"}, []string{"adjust   workers/: intensity"}, 5},
		{"limits of the file", []string{"\n[tasks.redis]", "dead_threshold = 0.5\n[tasks.redis]"}, []string{"adjust   the file as a whole: dead_threshold"}, 5},
		{"strategy of the file", []string{"\n[tasks.redis]", "strategy = \"one-for-all\"\n[tasks.redis]"}, []string{
			"defer    the file as a whole: strategy (when taskvisor starts again)",
		}, 5},
		{"strategy of a group", []string{"intensity", "strategy = \"one-for-all\"\nintensity"}, []string{"replace  workers/: strategy"}, 3},
		{"needs", []string{"\nneeds = [\"redis\"]", ""}, []string{"replace  nginx: needs"}, 4},
		{"needs of one that is needed", []string{`command = "redis-server"`, `command = "redis-server"` + "\nneeds = [\"old\"]"}, []string{
			"replace  redis: needs", "replace  nginx (it needs redis)",
		}, 3},
		{"how it is found to be ready", []string{`command = "redis-server"`, `command = "redis-server"` + "\nready = { port = \"localhost:6379\" }"}, []string{
			"replace  redis: ready", "replace  nginx (it needs redis)",
		}, 3},
		{"moved to a group", []string{"tasks.old", "groups.workers.tasks.old"}, []string{"remove   old", "add      workers/old"}, 4},
		{"a task that becomes a group", []string{"[tasks.old]", "[groups.old.tasks.older]"}, []string{"replace  old/ (it was a task and is a group)"}, 4},
		{"instances", []string{`command = "old"`, `command = "old"` + "\ninstances = 2"}, []string{"remove   old", "add      old.1", "add      old.2"}, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := before
			for i := 0; i+1 < len(c.edits); i += 2 {
				require.Contains(t, text, c.edits[i])
				text = strings.Replace(text, c.edits[i], c.edits[i+1], 1)
			}
			changes := assemble.Diff(readIn(t, "/srv", before), readIn(t, "/srv", text))
			var lines []string
			for _, change := range changes.List {
				lines = append(lines, change.String())
			}
			require.Equal(t, c.want, lines)
			require.Equal(t, c.unchanged, changes.Unchanged)
		})
	}
}

// In a group where the order matters, a task that comes late is the last until taskvisor starts again.
func TestDiffOfOrder(t *testing.T) {
	const ordered = "strategy = \"rest-for-one\"\n[tasks.a]\ncommand = \"a\"\n[tasks.c]\ncommand = \"c\"\n"
	b := "[tasks.b]\ncommand = \"b\"\n"
	between := strings.Replace(ordered, "[tasks.c]", b+"[tasks.c]", 1)
	changes := assemble.Diff(readIn(t, "/srv", ordered), readIn(t, "/srv", between))
	require.Equal(t, []string{
		"add      b",
		"defer    the file as a whole: order (until taskvisor starts again, it is a, c, b)",
	}, []string{changes.List[0].String(), changes.List[1].String()})
	require.Len(t, assemble.Diff(readIn(t, "/srv", ordered), readIn(t, "/srv", ordered+b)).List, 1)
}
