package explore_test

import (
	"errors"
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
	"github.com/tasksupervisor/tasksupervisor/sim/explore"
)

// small is a policy whose times are a few nanoseconds.
func small() core.Policy {
	policy := core.DefaultPolicy()
	policy.BaseDelay, policy.MaxAttempts = 1, 1
	policy.StableAfter, policy.StopTimeout = 3, 2
	return policy
}

func ExampleRun() {
	model := explore.Model{Config: core.Config{Policies: []core.Policy{small()}}, Tasks: 2}
	result, err := explore.Run(model, explore.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.States, "states,", result.Transitions, "transitions, complete:", result.Complete)
	fmt.Println("violation:", result.Violation)
	// Output:
	// 1036 states, 263751 transitions, complete: true
	// violation: <nil>
}

// An invariant that does not hold: that no task ever dies.
func ExampleInvariant() {
	noTaskDies := explore.Invariant{
		Name: "no task dies",
		Check: func(t *explore.Transition) error {
			if t.After.Counts().Dead > 0 {
				return errors.New("a task is dead")
			}
			return nil
		},
	}
	model := explore.Model{Config: core.Config{Policies: []core.Policy{small()}}, Tasks: 1}
	result, err := explore.Run(model, explore.Options{Invariants: []explore.Invariant{noTaskDies}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(result.Violation.Scenario)
	// Output:
	// scenario 1
	// config tasks=1
	// policy p0 base=1ns attempts=1 stable=3ns stop=2ns
	// at 0s tick
	//   nothing
	// at 0s add a
	//   0s add a none->created added
	// at 0s kill a
	//   0s transition a created->dead killed
	// # invariant "no task dies" broken at event 3: a task is dead
}

func ExampleModelError() {
	policy := small()
	policy.Jitter = core.Fraction{Num: 1, Den: 2}
	model := explore.Model{Config: core.Config{Policies: []core.Policy{policy}}, Tasks: 2}
	_, err := explore.Run(model, explore.Options{})
	var modelError *explore.ModelError
	if errors.As(err, &modelError) {
		fmt.Println(modelError.Field, modelError.Problem)
	}
	// Output: Config.Policies[0].Jitter is not zero; delays drawn by chance cannot be explored
}

func ExampleOptions() {
	model := explore.Model{Config: core.Config{Policies: []core.Policy{small()}}, Tasks: 2}
	result, err := explore.Run(model, explore.Options{
		MaxStates:  100,
		NoSymmetry: true,
		Progress: func(p explore.Progress) {
			fmt.Printf("depth %d: %d states, %d waiting\n", p.Depth, p.States, p.Waiting)
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.States, "states, complete:", result.Complete)
	// Output:
	// depth 1: 5 states, 4 waiting
	// depth 2: 14 states, 9 waiting
	// depth 3: 36 states, 22 waiting
	// 100 states, complete: false
}

func ExampleTable() {
	var table explore.Table
	policy := small()
	policy.Restart = core.RestartNever
	model := explore.Model{Config: core.Config{Policies: []core.Policy{policy}}, Tasks: 1}
	if _, err := explore.Run(model, explore.Options{Observe: table.Observe}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(table.String()) > len(table.Markdown()))
	// Output: true
}

func ExampleModels() {
	for _, named := range explore.Models()[:2] {
		result, err := explore.Run(named.Model, explore.Options{})
		fmt.Println(named.Name, named.About, result.States, err)
	}
	// Output:
	// one one task 44 <nil>
	// two two tasks 537 <nil>
}

func ExampleModel() {
	model := explore.Model{
		Config:   core.Config{Policies: []core.Policy{small()}, Strategy: core.RestForOne},
		Tasks:    3,
		Instants: explore.InstantsAt,
		Kinds:    []core.EventKind{core.EventStart, core.EventAdd, core.EventExit, core.EventShutdown},
	}
	result, err := explore.Run(model, explore.Options{})
	fmt.Println(result.States, "states, interchangeable tasks:", result.Symmetric, err)
	// Output: 665 states, interchangeable tasks: false <nil>
}

func ExampleInstants() {
	for _, instants := range []explore.Instants{explore.InstantsAt, explore.InstantsAround, explore.InstantsAll} {
		model := explore.Model{Config: core.Config{Policies: []core.Policy{small()}}, Tasks: 1, Instants: instants}
		result, err := explore.Run(model, explore.Options{})
		fmt.Println(instants, result.States, err)
	}
	// Output:
	// at 47 <nil>
	// around 64 <nil>
	// all 64 <nil>
}

func ExampleResult() {
	model := explore.Model{Config: core.Config{Policies: []core.Policy{small()}}, Tasks: 1}
	result, err := explore.Run(model, explore.Options{})
	if err == nil && result.Complete && result.Violation == nil {
		fmt.Println("nothing can go wrong within", result.Depth, "events, nor beyond")
	}
	// Output: nothing can go wrong within 5 events, nor beyond
}

func ExampleTransition() {
	longest := 0
	model := explore.Model{Config: core.Config{Policies: []core.Policy{small()}}, Tasks: 2}
	_, err := explore.Run(model, explore.Options{Observe: func(t *explore.Transition) {
		longest = max(longest, len(t.Actions))
	}})
	fmt.Println("one event leads to", longest, "actions at most", err)
	// Output: one event leads to 5 actions at most <nil>
}

func ExampleViolation() {
	noRestart := explore.Invariant{Name: "no restart", Check: func(t *explore.Transition) error {
		for task := range t.After.Tasks() {
			if task.Run > 1 {
				return fmt.Errorf("task %v was restarted", task.Task)
			}
		}
		return nil
	}}
	model := explore.Model{Config: core.Config{Policies: []core.Policy{small()}}, Tasks: 1}
	result, err := explore.Run(model, explore.Options{Invariants: []explore.Invariant{noRestart}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Violation)
	for _, event := range result.Violation.Events {
		fmt.Println(event.At, event.Kind)
	}
	// Output:
	// invariant "no restart" broken at event 5: task #1 was restarted
	// 0s tick
	// 0s start
	// 0s add
	// 0s restart
	// 0s exit
}

func ExampleCheckers() {
	suite := checkers.NewSuite(checkers.All()...)
	model := explore.Model{Config: core.Config{Policies: []core.Policy{small()}}, Tasks: 1}
	result, err := explore.Run(model, explore.Options{Invariants: []explore.Invariant{explore.Checkers(suite)}})
	fmt.Println(result.Violation, err)
	first := suite.Checkers()[0]
	fmt.Println(first.Name(), first.Checked() > 0)
	// Output:
	// <nil> <nil>
	// invariant 1: at most one live run per task true
}

func ExampleTraces() {
	suite := checkers.NewSuite(checkers.All()...)
	model := explore.Model{Config: core.Config{Policies: []core.Policy{small()}}, Tasks: 1}
	result, err := explore.Run(model, explore.Options{Invariants: []explore.Invariant{explore.Traces(suite)}})
	fmt.Println(result.Violation, err)
	fmt.Println("some checkers had nothing to check with one task:", len(suite.Vacuous()) > 0)
	// Output:
	// <nil> <nil>
	// some checkers had nothing to check with one task: true
}
