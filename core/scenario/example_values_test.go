package scenario_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// mustParse is for texts that are known to be right.
func mustParse(text string) *scenario.Scenario {
	s, err := scenario.Parse([]byte(text))
	if err != nil {
		panic(err)
	}
	return s
}

func ExampleSyntaxError() {
	_, err := scenario.Parse([]byte("scenario 1\nat 1s exit web#1 error\n"))
	fmt.Println(err)
	_, err = scenario.Parse([]byte("scenario 9\n"))
	fmt.Println(errors.Is(err, scenario.ErrVersion))
	// Output:
	// scenario: line 2, column 12: no task of that name is added above: "web#1"
	// true
}

func ExampleDifference() {
	_, err := mustParse("scenario 1\nat 0s start\nat 0s add web\nexpect counts -> total=1 dead=1\n").Play()
	var difference *scenario.Difference
	if errors.As(err, &difference) {
		fmt.Println(difference.Line, difference.Expected, "|", difference.Got)
	}
	// Output: 4 total=1 dead=1 | total=1 healthy=1
}

func ExamplePlayError() {
	_, err := mustParse("scenario 1\nat 0s start\ndefine odd factor=0\n").Play()
	var failed *scenario.PlayError
	if errors.As(err, &failed) {
		fmt.Println(failed.Line, failed.Err)
	}
	// Output: 3 invalid configuration: Factor is 0: it must be at least 1
}

// Statements can be taken from one scenario and put into another: here all that is not an expectation.
func ExampleStatement() {
	s := mustParse("scenario 1\nat 0s start\nexpect counts\ndefine quick base=1ms\ntask web @1.0\n")
	var kept []scenario.Statement
	for _, statement := range s.Statements {
		switch statement.(type) {
		case *scenario.Event, *scenario.Define, *scenario.DefineLimits, *scenario.Bind:
			kept = append(kept, statement)
		case *scenario.Expect:
		}
	}
	s.Statements = kept
	fmt.Print(s)
	// Output:
	// scenario 1
	// at 0s start
	// define quick base=1ms
	// task web @1.0
}

func ExamplePlace() {
	s := mustParse("scenario 1\n\n# It begins.\nat 0s start\n")
	event := s.Statements[0].(*scenario.Event)
	fmt.Printf("%d %q\n", event.Line, event.Above)
	// Output: 4 ["" "# It begins."]
}

func ExamplePolicy() {
	quick := scenario.Policy{Policy: core.DefaultPolicy(), Name: "quick"}
	quick.BaseDelay = 1e6
	fmt.Print(&scenario.Scenario{Policies: []scenario.Policy{quick}})
	// Output:
	// scenario 1
	// policy quick base=1ms
}

func ExampleDefine() {
	s := mustParse("scenario 1\ndefine quick base=1ms attempts=unlimited\n")
	define := s.Statements[0].(*scenario.Define)
	fmt.Println(define.Name, define.BaseDelay, define.MaxAttempts == core.Unlimited)
	// Output: quick 1ms true
}

func ExampleDefineLimits() {
	s := mustParse("scenario 1\nlimits calm restart-rate=100/1s\nat 5s limits calm\n")
	limits := s.Statements[0].(*scenario.DefineLimits)
	fmt.Println(limits.Name, limits.RestartRate)
	// Output: calm 100/1s
}

func ExampleBind() {
	s := mustParse("scenario 1\nat 0s add\ntask web @1.0\nexpect status web\n")
	fmt.Println(s.Rewrite())
	fmt.Print(s)
	// Output:
	// <nil>
	// scenario 1
	// at 0s add
	//   0s add @1.0 none->created added
	// task web @1.0
	// expect status web -> created added wait=supervisor since=0s
}

func ExampleEvent() {
	fmt.Print(&scenario.Scenario{Statements: []scenario.Statement{
		&scenario.Event{Event: core.Event{Kind: core.EventAdd, Key: 7}, Name: "web"},
		&scenario.Event{Event: core.Event{Kind: core.EventExit, At: 1e9, Run: 1, Exit: core.ExitPanic}, Name: "web"},
		&scenario.Event{Event: core.Event{Kind: core.EventTick, At: 2e9}, Recorded: true},
	}})
	// Output:
	// scenario 1
	// at 0s add web key=7
	// at 1s exit web#1 panic
	// at 2s tick
	//   nothing
}

func ExampleAction() {
	action := scenario.Action{Name: "web", Action: core.Action{
		Kind: core.ActionTransition, At: 1e9, Run: 1, From: core.StatusHealthy, To: core.StatusFailed,
		Why: core.ReasonFailure, Attempts: 1, Until: 3e9, Exit: core.ExitError,
	}}
	fmt.Println(action.String())
	// Output: 1s transition web#1 healthy->failed failure attempts=1 until=3s exit=error
}

func ExampleExpect() {
	s := mustParse("scenario 1\nat 0s start\nexpect phase -> running\n")
	expect := s.Statements[1].(*scenario.Expect)
	fmt.Println(expect.Query, "is", expect.Answer)
	// Output: phase is running
}

func ExampleQuery() {
	for _, query := range []scenario.Query{scenario.QueryCounts, scenario.QueryDeadline, scenario.QueryNow} {
		fmt.Println(query)
	}
	// Output:
	// counts
	// deadline
	// now
}

func ExampleHead() {
	s := mustParse("scenario 1 part=1 of=shop run=2 origin=2026-11-28T03:51:34Z\nat 26s shutdown\n")
	date, known := s.Head.Date(core.Instant(26 * time.Second))
	fmt.Println(s.Head.Of, s.Head.Run, date, known)
	// Output: shop 2 2026-11-28 03:52:00 +0000 UTC true
}

func ExampleCut() {
	file, err := scenario.ParseAll([]byte("scenario 1 part=1\nat 0s start\nat 5s shutd"))
	fmt.Println(len(file.Scenarios[0].Statements), file.Cuts, err)
	// Output: 1 [line 3 is cut off: "at 5s shutd"] <nil>
}
