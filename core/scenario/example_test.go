package scenario_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

func Example() {
	s, err := scenario.Parse([]byte(`scenario 1
at 0s start
at 1s add web
at 4s exit web#1 error
at 6s tick
expect status web
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := s.Rewrite(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(s)
	// Output:
	// scenario 1
	// at 0s start
	//   nothing
	// at 1s add web
	//   1s add web none->created added
	//   1s start web#1 created->healthy added
	// at 4s exit web#1 error
	//   4s transition web#1 healthy->failed failure attempts=1 until=6s exit=error
	// at 6s tick
	//   6s start web#2 failed->healthy backoff attempts=1
	// expect status web -> healthy backoff run=2 live=true attempts=1 since=6s clears=1m26s exit=error
}

func ExampleParse() {
	_, err := scenario.Parse([]byte("scenario 1\nat 5s exlt web#1 error\n"))
	var syntax *scenario.SyntaxError
	if errors.As(err, &syntax) {
		fmt.Println(syntax.Line, syntax.Column, syntax.Text)
	}
	// Output: 2 7 exlt
}

func ExampleScenario_Play() {
	s, err := scenario.Parse([]byte(`scenario 1
policy quick base=1s attempts=1
at 0s start
at 0s add web
at 1s exit web#1 error
  1s transition web#1 healthy->failed failure attempts=1 until=2s exit=error
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = s.Play()
	fmt.Println(err)
	// Output:
	// scenario: line 6: at 1s exit web#1 error
	//   expected: 1s transition web#1 healthy->failed failure attempts=1 until=2s exit=error
	//   got:      1s transition web#1 healthy->failed failure attempts=1 until=3s exit=error
}

func ExampleScenario() {
	s := scenario.Scenario{
		Policies: []scenario.Policy{{Name: "usual", Policy: core.DefaultPolicy()}},
		Statements: []scenario.Statement{
			&scenario.Event{Event: core.Event{Kind: core.EventStart}},
			&scenario.Event{Event: core.Event{Kind: core.EventAdd, At: 5}, Name: "web", PolicyName: "usual"},
			&scenario.Expect{Query: scenario.QueryCounts},
		},
	}
	fmt.Print(s.String())
	// Output:
	// scenario 1
	// policy usual
	// at 0s start
	// at 5ns add web policy=usual
	// expect counts
}

func ExamplePlayer() {
	s, err := scenario.Parse([]byte("scenario 1\nat 0s start\nat 0s add web\nat 1s kill web\nat 2s exit web#1 ok\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	player, err := scenario.NewPlayer(s)
	if err != nil {
		fmt.Println(err)
		return
	}
	for player.Next() {
		fmt.Println(player.Event().Kind, len(player.Actions()), player.Machine().Counts().Dead)
	}
	fmt.Println(player.Err())
	// Output:
	// start 0 0
	// add 2 0
	// kill 1 0
	// exit 1 1
	// <nil>
}

func ExampleRecorder() {
	machine, err := core.New(core.Config{Seed: 7})
	if err != nil {
		fmt.Println(err)
		return
	}
	var text bytes.Buffer
	recorder := scenario.NewRecorder(&text, machine)

	actions := recorder.Step(nil, core.Event{Kind: core.EventStart})
	actions = recorder.Add(actions, "web", core.Event{Kind: core.EventAdd})
	recorder.Step(actions, core.Event{Kind: core.EventKill, At: 1, Task: actions[0].Task})

	fmt.Print(text.String())
	// Output:
	// scenario 1
	// config seed=7
	// policy p0
	// at 0s start
	//   nothing
	// at 0s add web
	//   0s add web none->created added
	//   0s start web#1 created->healthy added
	// at 1ns kill web
	//   1ns stop web#1 healthy->stopping killed until=10.000000001s
}

// A recording of two supervisors, whose process was killed while it wrote.
func ExampleFile() {
	file, err := scenario.ParseAll([]byte(`scenario 1 part=1 of=shop run=1 origin=2026-11-28T03:51:34.5Z
at 0s add bank
at 0s start
scenario 1 part=2 of=shop/bank run=1 origin=2026-11-28T03:51:34.6Z
at 0s start
continue part=1 of=shop run=1
at 1s exit bank#1 ok
at 2s ti`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range file.Scenarios {
		machine, err := s.Play()
		if err != nil {
			fmt.Println(err)
			return
		}
		began, _ := s.Head.Date(0)
		fmt.Println(s.Head.Of, began.Format(time.TimeOnly), machine.Phase(), machine.Counts().Completed)
	}
	fmt.Println(file.Cuts[0])
	// Output:
	// shop 03:51:34 running 1
	// shop/bank 03:51:34 running 0
	// line 8 is cut off: "at 2s ti"
}

func ExampleRecording() {
	recording := scenario.NewRecording(os.Stdout)
	for _, name := range []string{"shop", "shop/bank"} {
		machine, err := core.New(core.Config{})
		if err != nil {
			fmt.Println(err)
			return
		}
		recorder := recording.NewRecorder(scenario.Head{Of: name, Run: 1}, machine)
		defer recorder.Step(nil, core.Event{Kind: core.EventShutdown})
	}
	// Output:
	// scenario 1 part=1 of=shop run=1
	// policy p0
	// scenario 1 part=2 of=shop/bank run=1
	// policy p0
	// at 0s shutdown
	//   0s halt shutdown
	// continue part=1 of=shop run=1
	// at 0s shutdown
	//   0s halt shutdown
}
