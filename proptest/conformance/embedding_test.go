package conformance_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// The whole of an embedding, in a world in which one run fails and the next one does not.
func Example_threeLines() {
	m, err := core.New(core.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var deadline core.Instant
	world := []core.Event{{Kind: core.EventStart}, {Kind: core.EventAdd}}
	next := func() core.Event {
		if len(world) == 0 {
			return core.Event{Kind: core.EventTick, At: deadline}
		}
		ev := world[0]
		world = world[1:]
		return ev
	}
	var web core.TaskID
	do := func(a core.Action) {
		fmt.Println(&scenario.Action{Action: a, Name: "web"}) // a line of a recording, in place of a row of numbers
		if a.Kind == core.ActionAdd {
			web = a.Task // the one place where the id is told
		}
		if a.Kind == core.ActionStart && a.Run == 1 {
			world = append(world, core.Event{
				Kind: core.EventExit, Task: a.Task, Run: a.Run, Exit: core.ExitError, At: a.At + core.Instant(time.Second),
			})
		}
	}
	arm := func(at core.Instant, _ bool) { deadline = at }

	var buf []core.Action
	for range 4 {
		buf = m.Step(buf[:0], next())
		for _, a := range buf {
			do(a)
		}
		arm(m.NextDeadline())
	}
	status, known := m.Status(web)
	fmt.Println(status.Status, known)
	// Output:
	// 0s add web none->created added
	// 0s start web#1 created->healthy added
	// 1s transition web#1 healthy->failed failure attempts=1 until=3s exit=error
	// 3s start web#2 failed->healthy backoff attempts=1
	// healthy true
}

// A process ends and another one goes on with its machine.
func Example_restore() {
	snapshot, names := oldProcess()

	machine := new(core.Machine)
	if err := machine.UnmarshalBinary(snapshot); err != nil {
		fmt.Println(err)
		return
	}
	var recording bytes.Buffer
	recorder := scenario.NewRecorder(&recording, machine)
	var lost []core.Event // the ends of the runs that the old process has taken with it
	for task := range machine.Tasks() {
		recorder.Bind(names[task.Task], task.Task)
		if task.Live {
			lost = append(lost, core.Event{Kind: core.EventExit, Task: task.Task, Run: task.Run, Exit: core.ExitLost})
		}
		if task.Fenced != 0 {
			lost = append(lost, core.Event{Kind: core.EventExit, Task: task.Task, Run: task.Fenced, Exit: core.ExitLost})
		}
	}
	now := machine.Now() + core.Instant(500*time.Millisecond) // as long as there was no process
	for _, ev := range lost {
		ev.At = now
		for _, a := range recorder.Step(nil, ev) {
			fmt.Println(a.At, names[a.Task], a.Kind, a.To, "until", a.Until)
		}
	}
	deadline, _ := machine.NextDeadline()
	fmt.Println("next deadline", deadline)

	replay, err := scenario.Parse(recording.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = replay.Play()
	fmt.Println("replayed:", err)
	// Output:
	// 1.5s web transition failed until 2.5s
	// next deadline 2.5s
	// replayed: <nil>
}

// oldProcess has a task that runs and one that has failed.
func oldProcess() (snapshot []byte, names map[core.TaskID]string) {
	machine, err := core.New(core.Config{})
	if err != nil {
		panic(err)
	}
	names = make(map[core.TaskID]string)
	machine.Step(nil, core.Event{Kind: core.EventStart})
	for _, name := range []string{"web", "mail"} {
		added := machine.Step(nil, core.Event{Kind: core.EventAdd})
		names[added[0].Task] = name
	}
	for id, name := range names {
		if name == "mail" {
			machine.Step(nil, core.Event{Kind: core.EventExit, At: core.Instant(time.Second), Task: id, Run: 1, Exit: core.ExitPanic})
		}
	}
	snapshot, err = machine.AppendBinary(nil)
	if err != nil {
		panic(err)
	}
	return snapshot, names
}

// The guide shows only code that is compiled, and most of it run.
func TestGuideShowsCompiledCode(t *testing.T) {
	guide, err := os.ReadFile("../../docs/embedding.md")
	require.NoError(t, err)
	var sources []string
	for _, pattern := range []string{"*.go", "internal/loop/*.go", "../../adapters/supervisor/*_test.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			sources = append(sources, withoutIndentation(string(text)))
		}
	}
	blocks := strings.Split(string(guide), "```go\n")[1:]
	require.NotEmpty(t, blocks)
	for _, block := range blocks {
		code, _, closed := strings.Cut(block, "```")
		require.True(t, closed)
		for part := range strings.SplitSeq(code, "// …\n") {
			found := false
			for _, source := range sources {
				found = found || strings.Contains(source, strings.TrimSpace(withoutIndentation(part)))
			}
			require.True(t, found, "nowhere in the code is\n%s", part)
		}
	}
}

func withoutIndentation(text string) string {
	var lines strings.Builder
	for line := range strings.Lines(text) {
		lines.WriteString(strings.TrimLeft(line, "\t "))
	}
	return lines.String()
}
