package proptest_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/proptest"
)

func ExampleProperty() {
	var calm proptest.Property = func(c proptest.Case, _ *rand.Rand) error {
		m, err := core.New(c.Config)
		if err != nil {
			return err
		}
		for _, ev := range c.Events {
			m.Step(nil, ev)
		}
		if n := m.Counts().Failed; n > 0 {
			return fmt.Errorf("%d tasks wait for a restart", n)
		}
		return nil
	}
	c := proptest.Case{Events: []core.Event{
		{Kind: core.EventAdd},
		{Kind: core.EventStart},
		{Kind: core.EventExit, Task: 1 << 24, Run: 1, Exit: core.ExitPanic},
	}}
	fmt.Println(calm(c, nil))
	// Output: 1 tasks wait for a restart
}

func ExampleCase() {
	c := proptest.Case{Events: []core.Event{
		{Kind: core.EventAdd},
		{Kind: core.EventStart},
		{Kind: core.EventExit, Task: 1 << 24, Run: 1, Exit: core.ExitPanic},
		{At: 2e9, Kind: core.EventTick},
	}}
	fmt.Print(c.Scenario())
	// Output:
	// scenario 1
	// at 0s add t1
	//   0s add t1 none->created added
	// at 0s start
	//   0s start t1#1 created->healthy supervisor-start
	// at 0s exit t1#1 panic
	//   0s transition t1#1 healthy->failed failure attempts=1 until=2s exit=panic
	// at 2s tick
	//   2s start t1#2 failed->healthy backoff attempts=1
}

func ExampleMinimize() {
	c := proptest.Case{
		Config: core.Config{Seed: 99, StopOrder: core.StopReverse},
		Events: []core.Event{
			{Kind: core.EventAdd},
			{Kind: core.EventAdd, Key: 5},
			{Kind: core.EventStart},
			{At: 1e9, Kind: core.EventExit, Task: 1 << 24, Run: 1, Exit: core.ExitOK},
			{At: 2e9, Kind: core.EventKill, Task: 2<<24 | 1},
			{At: 9e9, Kind: core.EventTick},
		},
	}
	stops := func(c proptest.Case) bool {
		m, err := core.New(c.Config)
		if err != nil {
			return false
		}
		for _, ev := range c.Events {
			m.Step(nil, ev)
		}
		return m.Counts().Stopping > 0
	}
	fmt.Print(proptest.Minimize(c, stops).Scenario())
	// Output:
	// scenario 1
	// at 0s add t1 key=5
	//   0s add t1 none->created added
	// at 0s start
	//   0s start t1#1 created->healthy supervisor-start
	// at 2s kill t1
	//   2s stop t1#1 healthy->stopping killed until=12s
}

func ExampleWorkload() {
	web := proptest.Workload{Lives: []proptest.Life{
		{Length: time.Minute, Exit: core.ExitPanic},
		{Length: core.Forever, Grace: 3 * time.Second},
	}}
	c := proptest.Play(core.Config{}, []proptest.Workload{web}, 100)
	for _, ev := range c.Events {
		fmt.Println(ev.At, ev.Kind)
	}
	// Output:
	// 0s add
	// 0s start
	// 1m0s exit
	// 1m2s tick
	// 1m2s shutdown
	// 1m5s exit
}

func ExampleLife() {
	stubborn := proptest.Life{Length: core.Forever, Grace: core.Forever} // neither ends nor stops
	c := proptest.Play(core.Config{}, []proptest.Workload{{Lives: []proptest.Life{stubborn}}}, 100)
	for _, ev := range c.Events {
		fmt.Println(ev.At, ev.Kind)
	}
	// Output:
	// 0s add
	// 0s start
	// 0s shutdown
	// 10s tick
}

func ExampleMix() {
	crashes := proptest.Mix{Add: 1, Start: 1, Fail: 5, Tick: 1, Deadline: 1}
	kinds := map[core.EventKind]bool{}
	for seed := range 50 {
		for _, ev := range proptest.Events(core.Config{}, crashes).Example(seed) {
			kinds[ev.Kind] = true
		}
	}
	fmt.Println("failures:", kinds[core.EventExit], "kills:", kinds[core.EventKill])
	// Output: failures: true kills: false
}

func ExampleBadConfig() {
	bad := rapid.Just(proptest.BadConfig{
		Config: core.Config{Policies: []core.Policy{{Factor: 0}}},
		Field:  "Policies[0].Factor",
	}).Example()
	_, err := core.New(bad.Config)
	fmt.Println(err)
	// Output: invalid configuration: Policies[0].Factor is 0: it must be at least 1
}
