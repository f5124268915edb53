package report_test

import (
	"fmt"
	"os"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/report"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

func ExampleTimeline() {
	timeline := report.New("one failure")
	_, err := sim.Run(workload.World{
		For: time.Minute,
		Tasks: []workload.Tasks{
			{Name: "web", Script: []workload.RunScript{{Lifetime: workload.Constant(10 * time.Second), Ends: core.ExitPanic}}},
		},
	}, sim.Watch(timeline.Watchers))
	if err == nil {
		err = timeline.WriteText(os.Stdout)
	}
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	//             0s  web  #0         none -> created   added
	//             0s  -- start
	//             0s  web  #1      created -> healthy   supervisor-start
	//            10s  web  #1      healthy -> failed    failure exit=panic attempts=1 until=12s
	//            12s  web  #2       failed -> healthy   backoff attempts=1
}

func ExampleFromScenario() {
	s, err := scenario.Parse([]byte("scenario 1\nconfig\nat 0s add web\nat 0s start\nat 90s exit web#1 ok\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	timeline, err := report.FromScenario("a recording", s)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, lane := range timeline.Lanes {
		for _, span := range lane.Spans {
			fmt.Println(lane.Name, span.Status, span.From, span.To)
		}
	}
	// Output:
	// web created 0s 0s
	// web healthy 0s 1m30s
	// web completed 1m30s 1m30s
}

func ExampleLane() {
	lane := report.Lane{Name: "web", Spans: []report.Span{{From: 0, To: 5, Status: core.StatusHealthy, Run: 1}}}
	fmt.Println(lane.Name, len(lane.Spans))
	// Output: web 1
}

func ExampleSpan() {
	span := report.Span{From: 0, To: core.Instant(time.Second), Status: core.StatusFailed, Why: core.ReasonFailure}
	fmt.Println(span.Status, span.To-span.From, span.Why)
	// Output: failed 1s failure
}

func ExampleMark() {
	timeline := report.New("nothing but a start")
	if _, err := sim.Run(workload.World{}, sim.Watch(timeline.Watchers)); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(timeline.Marks[0].At, timeline.Marks[0].Text)
	// Output: 0s start
}

func ExampleNote() {
	s, err := scenario.Parse([]byte("scenario 1\npolicy p watchdog=5s miss=report\nat 0s add web\nat 0s start\nat 7s tick\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	timeline, err := report.FromScenario("a recording", s)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, note := range timeline.Lanes[0].Notes {
		fmt.Println(note.At, note.Why, note.Status)
	}
	// Output: 5s watchdog healthy
}

func ExampleCause() {
	s, err := scenario.Parse([]byte("scenario 1\nat 0s add web\nat 0s start\nat 9s exit web#1 error\nat 10s restart web\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	timeline, err := report.FromScenario("a recording", s)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, span := range timeline.Lanes[0].Spans {
		if span.Cause != report.CauseNone {
			fmt.Println("run", span.Run, "was started after a", span.Cause)
		}
	}
	// Output: run 2 was started after a command
}

func ExampleFromFile() {
	f, err := scenario.ParseAll([]byte(`scenario 1 part=1 of=shop run=1 origin=2026-11-28T10:00:00Z
at 0s add bank
at 0s start
scenario 1 part=2 of=shop/bank run=1 origin=2026-11-28T10:00:01Z
at 0s add teller
at 0s start
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	timeline, err := report.FromFile("the recording of a tree", f)
	if err != nil {
		fmt.Println(err)
		return
	}
	timeline.Zone = time.UTC
	if err := timeline.WriteText(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	//   10:00:00.000  -- Saturday, 2026-11-28, UTC
	//   10:00:00.000  bank        #0         none -> created   added
	//   10:00:00.000  -- start
	//   10:00:00.000  bank        #1      created -> healthy   supervisor-start
	//   10:00:01.000  bank/teller #0         none -> created   added
	//   10:00:01.000  -- bank#1: start
	//   10:00:01.000  bank/teller #1      created -> healthy   supervisor-start
}
