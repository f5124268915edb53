package graph_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/graph"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

const text = `
[tasks.redis]
command = "redis-server"
[tasks.nginx]
command = "nginx"
bound_to = ["redis", "workers"]
suspended = true
[groups.workers]
strategy = "one-for-all"
needs = ["redis"]
[groups.workers.tasks.mail]
command = "mail"
[groups.workers.groups.deep.tasks."say \"hi\""]
command = "hi"
[groups.empty]
needs = ["redis"]
`

func drawn(t *testing.T, format string) string {
	t.Helper()
	file, err := taskfile.Parse("tasks.toml", []byte(text), taskfile.Options{})
	require.NoError(t, err)
	file, err = file.Complete()
	require.NoError(t, err)
	var out strings.Builder
	require.NoError(t, graph.Write(&out, file, format))
	return out.String()
}

func TestTree(t *testing.T) {
	require.Equal(t, `tasks.toml
├─ redis
├─ nginx           bound to redis, workers; suspended
├─ workers/        one-for-all; needs redis
│  ├─ mail
│  └─ deep/
│     └─ say "hi"
└─ empty/          needs redis
`, drawn(t, "tree"))
}

func TestDOT(t *testing.T) {
	require.Equal(t, `digraph tasks {
  rankdir=LR;
  compound=true;
  node [shape=box, fontname="sans-serif"];
  "redis" [label="redis"];
  "nginx" [label="nginx"];
  subgraph "cluster_workers" {
    label="workers (one-for-all)";
    "workers/mail" [label="mail"];
    subgraph "cluster_workers/deep" {
      label="deep";
      "workers/deep/say \"hi\"" [label="say \"hi\""];
    }
  }
  subgraph "cluster_empty" {
    label="empty";
  }
  "nginx" -> "redis" [style=bold];
  "nginx" -> "workers/mail" [style=bold, lhead="cluster_workers"];
  "workers/mail" -> "redis" [ltail="cluster_workers"];
}
`, drawn(t, "dot"))
}

func TestMermaid(t *testing.T) {
	require.Equal(t, `flowchart LR
  n1["redis"]
  n2["nginx"]
  subgraph n3["workers (one-for-all)"]
    n4["mail"]
    subgraph n5["deep"]
      n6["say #34;hi#34;"]
    end
  end
  subgraph n7["empty"]
  end
  n2 ==> n1
  n2 ==> n3
  n3 --> n1
  n7 --> n1
`, drawn(t, "mermaid"))
}

// Whatever a name has is shown as it is.
func TestNamesThatMeanSomethingElsewhere(t *testing.T) {
	file, err := taskfile.Parse("tasks.toml", []byte("[tasks.'a\\nb \"<b>`x`#35;&amp;']\ncommand = 'x'\n[tasks.end]\ncommand = 'x'\n"), taskfile.Options{})
	require.NoError(t, err)
	var mermaid, dot strings.Builder
	require.NoError(t, graph.Write(&mermaid, file, "mermaid"))
	require.Equal(t, "flowchart LR\n  n1[\"a#92;nb #34;#60;b#62;#96;x#96;#35;35#59;#38;amp#59;\"]\n  n2[\"end\"]\n", mermaid.String())
	require.NoError(t, graph.Write(&dot, file, "dot"))
	require.Contains(t, dot.String(), "  \"a\\\\nb \\\"<b>`x`#35;&amp;\" [label=\"a\\\\nb \\\"<b>`x`#35;&amp;amp;\"];\n")
}

func TestFormatThatIsNone(t *testing.T) {
	require.EqualError(t, graph.Write(&strings.Builder{}, &taskfile.File{}, "svg"),
		`there is no format "svg": it must be one of tree, dot, mermaid`)
}
