package workload_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

func ExampleSeed() {
	fmt.Println(workload.Seed("7"))
	fmt.Println(workload.Seed("b5aed781a73c27a6"))
	// Output:
	// 7
	// 10251979390928831669
}

func ExampleParse() {
	o, err := workload.Parse([]byte(`workload 1
for 10m
tasks web count=3 lifetime=exponential(5m)
operator restart of=web at=1m
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(o)
	// Output:
	// workload 1
	// seed 0
	// for 10m0s
	// tasks web count=3 lifetime=exponential(5m0s)
	// operator restart of=web at=1m0s
}

func ExampleWorld() {
	o := workload.World{Seed: 7, For: time.Hour, Tasks: []workload.Tasks{{Name: "web"}}}
	fmt.Print(o)
	// Output:
	// workload 1
	// seed 7
	// for 1h0m0s
	// tasks web
}

func ExampleError() {
	_, err := sim.Run(workload.World{Tasks: []workload.Tasks{{Name: "web", Needs: "db"}}})
	var bad *workload.Error
	if errors.As(err, &bad) {
		fmt.Println(bad.Fields[0].Field)
	}
	fmt.Println(err)
	// Output:
	// Tasks[0].Needs
	// invalid simulation: Tasks[0].Needs names no group: "db"
}

func ExampleSyntaxError() {
	_, err := workload.Parse([]byte("workload 1\ntasks web lifetime=soon\n"))
	var bad *workload.SyntaxError
	if errors.As(err, &bad) {
		fmt.Println(bad.Line, bad.Column, bad.Problem)
	}
	// Output: 2 20 not a duration such as 1.5s: "soon"
}

func ExampleTasks() {
	fmt.Print(workload.World{Tasks: []workload.Tasks{
		{Name: "db"},
		{
			Name: "web", Count: 3, Lifetime: workload.Exponential(time.Hour), Ends: workload.Ends{Error: 9, Panic: 1},
			Stops: workload.Uniform(0, time.Second), IgnoresStop: core.Fraction{Num: 1, Den: 100},
			Needs: "db", Notice: workload.Constant(time.Second), Fails: workload.Constant(3 * time.Second),
		},
	}})
	// Output:
	// workload 1
	// seed 0
	// tasks db
	// tasks web count=3 lifetime=exponential(1h0m0s) ends=error:9,panic:1 stops=uniform(0s,1s) ignores-stop=1/100 needs=db notice=1s fails=3s
}

func ExampleRunScript() {
	result, err := sim.Run(workload.World{Tasks: []workload.Tasks{{Name: "job", Script: []workload.RunScript{
		{Lifetime: workload.Constant(time.Second), Ends: core.ExitPanic},
		{Lifetime: workload.Constant(time.Minute), Ends: core.ExitOK},
	}}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Counts.Completed)
	// Output: 1
}

func ExampleStart() {
	worseAndWorse := func(s workload.Start) workload.RunScript {
		return workload.RunScript{Lifetime: workload.Constant(time.Hour / time.Duration(s.Run)), Ends: core.ExitError}
	}
	result, err := sim.Run(workload.World{
		For:   24 * time.Hour,
		Tasks: []workload.Tasks{{Name: "leaky", Model: worseAndWorse}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Counts.Dead, result.Coverage.Actions[core.ActionStart])
	// Output: 1 50
}

func ExampleEnds() {
	fmt.Println(workload.Ends{OK: 3, Error: 1})
	// Output: ok:3,error:1
}

func ExampleOutage() {
	fmt.Print(workload.World{Outages: []workload.Outage{{
		At: time.Minute, Every: workload.Exponential(time.Hour), Lasts: workload.Uniform(time.Minute, 5*time.Minute),
		Share: core.Fraction{Num: 1, Den: 3}, Fails: workload.Constant(2 * time.Second),
	}}})
	// Output:
	// workload 1
	// seed 0
	// outage at=1m0s every=exponential(1h0m0s) lasts=uniform(1m0s,5m0s) share=1/3 fails=2s
}

func ExampleSupervisor() {
	fragile := core.DefaultPolicy()
	fragile.MaxAttempts = 0
	result, err := sim.Run(workload.World{
		For: time.Minute,
		Tasks: []workload.Tasks{{Name: "pool", Supervises: &workload.Supervisor{
			Config: core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}}},
			Tasks:  []workload.Tasks{{Name: "shard", Policy: fragile, Lifetime: workload.Constant(20 * time.Second)}},
		}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Coverage.Supervisors, "pools were started")
	// Output: 3 pools were started
}

func ExampleOperator() {
	fmt.Print(workload.World{
		Tasks: []workload.Tasks{{Name: "web"}},
		Operators: []workload.Operator{
			{Does: core.EventRestart, Of: "web", At: time.Minute, Every: workload.Exponential(time.Hour), Count: workload.All},
			{Does: core.EventShutdown, At: 10 * time.Hour},
		},
	})
	// Output:
	// workload 1
	// seed 0
	// tasks web
	// operator restart of=web at=1m0s every=exponential(1h0m0s) count=all
	// operator shutdown at=10h0m0s
}

func ExampleSignals() {
	policy := core.DefaultPolicy()
	policy.Readiness, policy.Watchdog = true, 10*time.Second
	result, err := sim.Run(workload.World{Tasks: []workload.Tasks{{Name: "web", Policy: policy, Signals: workload.Signals{
		Ready: workload.Constant(3 * time.Second), Beats: workload.Constant(5 * time.Second), Hangs: workload.Constant(time.Minute),
	}}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Coverage.Exits[core.ExitWatchdog], "failures", result.Counts.Dead, "dead")
	// Output: 6 failures 1 dead
}

func ExampleSignal() {
	policy := core.DefaultPolicy()
	policy.Watchdog = 10 * time.Second
	told := []workload.Signal{{After: 5 * time.Second, Event: core.EventBeat, Within: time.Minute}}
	s, err := sim.New(workload.World{Tasks: []workload.Tasks{{Name: "web", Policy: policy, Script: []workload.RunScript{{Sequence: told}}}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for s.Next() && s.Machine().Counts().Stopping == 0 {
	}
	fmt.Println("missed at", s.Now())
	// Output: missed at 1m5s
}

func ExampleDeclaration() {
	result, err := sim.Run(workload.World{Tasks: []workload.Tasks{
		{Name: "db", Script: []workload.RunScript{{Lifetime: workload.Constant(time.Minute)}}},
		{Name: "web", Needs: "db", Declares: workload.DeclareBound, Notice: workload.Constant(time.Second)},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Starts, "starts", result.Coverage.Reasons[core.ReasonDependency], "stop with the database")
	// Output: 4 starts 1 stop with the database
}

func ExampleFault() {
	fmt.Print(workload.World{Faults: []workload.Fault{
		{Kind: workload.LateTick, Share: core.Fraction{Num: 1, Den: 10}, By: workload.Exponential(time.Second)},
		{Kind: workload.Crash, At: time.Minute, Every: workload.Exponential(time.Hour), By: workload.Constant(5 * time.Second)},
	}})
	// Output:
	// workload 1
	// seed 0
	// fault late-tick share=1/10 by=exponential(1s)
	// fault crash at=1m0s every=exponential(1h0m0s) by=5s
}

func ExampleFaultKind() {
	for kind := range workload.FaultKinds() {
		if kind == workload.FlapStorm {
			fmt.Println(kind)
		}
	}
	// Output: flap-storm
}

func ExampleLength() {
	for _, l := range []workload.Length{
		workload.Constant(time.Second), workload.Uniform(0, time.Minute), workload.Exponential(time.Hour),
		workload.Weibull(time.Hour, core.Fraction{Num: 1, Den: 2}), workload.Endless(),
	} {
		fmt.Println(l)
	}
	// Output:
	// 1s
	// uniform(0s,1m0s)
	// exponential(1h0m0s)
	// weibull(1h0m0s,1/2)
	// endless
}

func ExampleRandom() {
	coin := func(s workload.Start) workload.RunScript {
		if s.Random.Chance(core.Fraction{Num: 1, Den: 2}) {
			return workload.RunScript{Lifetime: workload.Constant(time.Second), Ends: core.ExitOK}
		}
		return workload.RunScript{Lifetime: workload.Constant(time.Second), Ends: core.ExitError}
	}
	result, err := sim.Run(workload.World{Tasks: []workload.Tasks{{Name: "toss", Count: 1000, Model: coin}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Counts.Completed)
	// Output: 986
}
