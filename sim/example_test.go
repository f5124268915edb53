package sim_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
)

// Does a service of 200 workers live through ten minutes without its database?
func ExampleRun() {
	policy := core.DefaultPolicy()
	policy.MaxAttempts = core.Unlimited
	result, err := sim.Run(sim.Options{
		Seed:   1,
		Config: core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}}},
		Workloads: []sim.Workload{
			sim.Tasks{Name: "worker", Count: 200, Policy: policy},
			sim.Outage{
				Of: "worker", At: 10 * time.Minute, Lasts: sim.Constant(10 * time.Minute),
				Fails: sim.Uniform(time.Second, 5*time.Second),
			},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Phase, result.Counts.Healthy, result.Violation == nil)
	// Output: running 200 true
}

func ExampleSwarm() {
	for seed := range uint64(3) {
		result, err := sim.Run(sim.Swarm(seed))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(seed, result.Violation == nil)
	}
	// Output:
	// 0 true
	// 1 true
	// 2 true
}

func ExampleRunTwice() {
	result, err := sim.RunTwice(sim.Swarm(sim.Seed("any word")))
	fmt.Println(result.Violation == nil, err)
	// Output: true <nil>
}

func ExampleSeed() {
	fmt.Println(sim.Seed("7"))
	fmt.Println(sim.Seed("b5aed781a73c27a6"))
	// Output:
	// 7
	// 10251979390928831669
}

func ExampleParse() {
	o, err := sim.Parse([]byte(`workload 1
for 10m
tasks web count=3 lasts=exponential(5m)
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
	// tasks web count=3 lasts=exponential(5m0s)
	// operator restart of=web at=1m0s
}

// The invariants are checked without asking; a watcher adds what you know about your own system.
func ExampleWatcher() {
	result, err := sim.Run(sim.Options{
		Seed:      2,
		Workloads: []sim.Workload{sim.Tasks{Name: "worker", Count: 50, Lasts: sim.Exponential(30 * time.Minute)}},
		Watchers:  func(string) []sim.Watcher { return []sim.Watcher{mostlyUp{}} },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Violation)
	// Output: seed 2, step 71, 9m22.361676669s: the supervisor: watcher: 2 of 50 workers are down
}

// mostlyUp does not want two workers to be down at once.
type mostlyUp struct{}

func (mostlyUp) Watch(step *sim.Step) error {
	if counts := step.Machine.Counts(); counts.Failed > 1 {
		return fmt.Errorf("%d of %d workers are down", counts.Failed, counts.Total)
	}
	return nil
}

func ExampleStep() {
	step := sim.Step{Path: "pool#1", Event: core.Event{Kind: core.EventKill}}
	fmt.Println(step.Path, step.Event.Kind)
	// Output: pool#1 kill
}

func ExampleSimulation() {
	s, err := sim.New(sim.Options{
		Workloads: []sim.Workload{sim.Tasks{Name: "web", Lasts: sim.Constant(10 * time.Second)}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for s.Next() && s.Now() < 20*time.Second {
		for status := range s.Machine().Tasks() {
			fmt.Println(s.Now(), status.Status, status.Run)
		}
	}
	// Output:
	// 10s failed 1
	// 12s healthy 2
}

func ExampleOptions() {
	o := sim.Options{Seed: 7, For: time.Hour, Workloads: []sim.Workload{sim.Tasks{Name: "web"}}}
	fmt.Print(o)
	// Output:
	// workload 1
	// seed 7
	// for 1h0m0s
	// tasks web
}

func ExampleOptionsError() {
	_, err := sim.Run(sim.Options{Workloads: []sim.Workload{sim.Tasks{Name: "web", Needs: "db"}}})
	var bad *sim.OptionsError
	if errors.As(err, &bad) {
		fmt.Println(bad.Fields[0].Field)
	}
	fmt.Println(err)
	// Output:
	// Workloads[0].Needs
	// invalid simulation: Workloads[0].Needs names no group: "db"
}

func ExampleSyntaxError() {
	_, err := sim.Parse([]byte("workload 1\ntasks web lasts=soon\n"))
	var bad *sim.SyntaxError
	if errors.As(err, &bad) {
		fmt.Println(bad.Line, bad.Column, bad.Problem)
	}
	// Output: 2 17 not a duration such as 1.5s: "soon"
}

func ExampleResult() {
	result, err := sim.Run(sim.Options{For: time.Minute, Workloads: []sim.Workload{sim.Tasks{Name: "web"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Steps, "steps in", result.Elapsed)
	// Output: 2 steps in 1m0s
}

func ExampleCoverage() {
	var all sim.Coverage
	for seed := range uint64(700) {
		result, err := sim.Run(sim.Swarm(seed))
		if err != nil {
			fmt.Println(err)
			return
		}
		all.Add(&result.Coverage)
	}
	fmt.Println(all.Missing())
	// Output: []
}

func ExampleCheckers() {
	fmt.Println(sim.Checkers()[0])
	// Output: invariant 1: at most one live run per task
}

func ExampleViolation() {
	v := &sim.Violation{Seed: 7, Step: 12, At: core.Instant(time.Second), Check: "watcher", Err: errors.New("it is not nice")}
	fmt.Println(v)
	// Output: seed 7, step 12, 1s: the supervisor: watcher: it is not nice
}

func ExampleDivergence() {
	runs := 0
	_, err := sim.RunTwice(sim.Options{Workloads: []sim.Workload{sim.Tasks{Name: "web", Model: func(sim.Start) sim.Course {
		runs++ // it remembers what happened in another simulation
		return sim.Course{Lasts: sim.Constant(time.Duration(runs) * time.Second)}
	}}}})
	var divergence *sim.Divergence
	if errors.As(err, &divergence) {
		fmt.Println(divergence)
	}
	// Output:
	// seed 0: step 3 is not the same twice
	//   first:  1s exit task #1 run 1 error; 1s transition task #1 run 1 healthy->failed failure until 3s
	//   second: 2s exit task #1 run 1 error; 2s transition task #1 run 1 healthy->failed failure until 4s
}

func ExampleWorkload() {
	for _, w := range []sim.Workload{sim.Tasks{Name: "web"}, sim.Outage{Of: "web"}} {
		switch w := w.(type) {
		case sim.Tasks:
			fmt.Println("tasks", w.Name)
		case sim.Outage:
			fmt.Println("an outage of", w.Of)
		}
	}
	// Output:
	// tasks web
	// an outage of web
}

func ExampleTasks() {
	fmt.Print(sim.Options{Workloads: []sim.Workload{
		sim.Tasks{Name: "db"},
		sim.Tasks{
			Name: "web", Count: 3, Lasts: sim.Exponential(time.Hour), Ends: sim.Ends{Error: 9, Panic: 1},
			Stops: sim.Uniform(0, time.Second), Deaf: core.Fraction{Num: 1, Den: 100},
			Needs: "db", Notice: sim.Constant(time.Second), Fails: sim.Constant(3 * time.Second),
		},
	}})
	// Output:
	// workload 1
	// seed 0
	// tasks db
	// tasks web count=3 lasts=exponential(1h0m0s) ends=error:9,panic:1 stops=uniform(0s,1s) deaf=1/100 needs=db notice=1s fails=3s
}

// A script says what the first runs do.
func ExampleCourse() {
	result, err := sim.Run(sim.Options{Workloads: []sim.Workload{sim.Tasks{Name: "job", Script: []sim.Course{
		{Lasts: sim.Constant(time.Second), Ends: core.ExitPanic},
		{Lasts: sim.Constant(time.Minute), Ends: core.ExitOK},
	}}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Counts.Completed)
	// Output: 1
}

// A model decides by task, run and time.
func ExampleStart() {
	worseAndWorse := func(s sim.Start) sim.Course {
		return sim.Course{Lasts: sim.Constant(time.Hour / time.Duration(s.Run)), Ends: core.ExitError}
	}
	result, err := sim.Run(sim.Options{
		For:       24 * time.Hour,
		Workloads: []sim.Workload{sim.Tasks{Name: "leaky", Model: worseAndWorse}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Counts.Dead, result.Coverage.Actions[core.ActionStart])
	// Output: 1 50
}

func ExampleEnds() {
	fmt.Println(sim.Ends{OK: 3, Error: 1})
	// Output: ok:3,error:1
}

func ExampleOutage() {
	fmt.Print(sim.Options{Workloads: []sim.Workload{sim.Outage{
		At: time.Minute, Every: sim.Exponential(time.Hour), Lasts: sim.Uniform(time.Minute, 5*time.Minute),
		Share: core.Fraction{Num: 1, Den: 3}, Fails: sim.Constant(2 * time.Second),
	}}})
	// Output:
	// workload 1
	// seed 0
	// outage at=1m0s every=exponential(1h0m0s) lasts=uniform(1m0s,5m0s) share=1/3 fails=2s
}

// The shards halt when too many of them are dead; the supervisor above starts them afresh.
func ExampleSupervisor() {
	fragile := core.DefaultPolicy()
	fragile.MaxAttempts = 0
	result, err := sim.Run(sim.Options{
		For: time.Minute,
		Workloads: []sim.Workload{sim.Tasks{Name: "pool", Supervises: &sim.Supervisor{
			Config:    core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}}},
			Workloads: []sim.Workload{sim.Tasks{Name: "shard", Policy: fragile, Lasts: sim.Constant(20 * time.Second)}},
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
	fmt.Print(sim.Options{
		Workloads: []sim.Workload{sim.Tasks{Name: "web"}},
		Operators: []sim.Operator{
			{Does: sim.OrderRestart, Of: "web", At: time.Minute, Every: sim.Exponential(time.Hour), Count: sim.All},
			{Does: sim.OrderShutdown, At: 10 * time.Hour},
		},
	})
	// Output:
	// workload 1
	// seed 0
	// tasks web
	// operator restart of=web at=1m0s every=exponential(1h0m0s) count=all
	// operator shutdown at=10h0m0s
}

// A run is ready after a while and beats, until it hangs.
func ExampleSignals() {
	policy := core.DefaultPolicy()
	policy.Readiness, policy.Watchdog = true, 10*time.Second
	result, err := sim.Run(sim.Options{Workloads: []sim.Workload{sim.Tasks{Name: "web", Policy: policy, Signals: sim.Signals{
		Ready: sim.Constant(3 * time.Second), Beats: sim.Constant(5 * time.Second), Hangs: sim.Constant(time.Minute),
	}}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Coverage.Exits[core.ExitWatchdog], "failures", result.Counts.Dead, "dead")
	// Output: 6 failures 1 dead
}

// The first run beats once, says that the next beat is due in a minute, and is not heard of again.
func ExampleTold() {
	policy := core.DefaultPolicy()
	policy.Watchdog = 10 * time.Second
	told := []sim.Told{{After: 5 * time.Second, Event: core.EventBeat, Within: time.Minute}}
	s, err := sim.New(sim.Options{Workloads: []sim.Workload{
		sim.Tasks{Name: "web", Policy: policy, Script: []sim.Course{{Told: told}}},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for s.Next() && s.Machine().Counts().Stopping == 0 {
	}
	fmt.Println("missed at", s.Now())
	// Output: missed at 1m5s
}

// The web server is bound to the database: it is stopped and started with it.
func ExampleDeclaration() {
	result, err := sim.Run(sim.Options{Workloads: []sim.Workload{
		sim.Tasks{Name: "db", Script: []sim.Course{{Lasts: sim.Constant(time.Minute)}}},
		sim.Tasks{Name: "web", Needs: "db", Declares: sim.DeclareBound, Notice: sim.Constant(time.Second)},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Starts, "starts", result.Coverage.Reasons[core.ReasonDependency], "stop with the database")
	// Output: 4 starts 1 stop with the database
}

func ExampleOrder() {
	fmt.Println(sim.OrderKill)
	// Output: kill
}

func ExampleFault() {
	fmt.Print(sim.Options{Faults: []sim.Fault{
		{Kind: sim.LateTick, Share: core.Fraction{Num: 1, Den: 10}, By: sim.Exponential(time.Second)},
		{Kind: sim.Crash, At: time.Minute, Every: sim.Exponential(time.Hour), By: sim.Constant(5 * time.Second)},
	}})
	// Output:
	// workload 1
	// seed 0
	// fault late-tick share=1/10 by=exponential(1s)
	// fault crash at=1m0s every=exponential(1h0m0s) by=5s
}

func ExampleFaultKind() {
	for kind := range sim.FaultKinds() {
		if kind == sim.FlapStorm {
			fmt.Println(kind)
		}
	}
	// Output: flap-storm
}

func ExampleLength() {
	for _, l := range []sim.Length{
		sim.Constant(time.Second), sim.Uniform(0, time.Minute), sim.Exponential(time.Hour),
		sim.Weibull(time.Hour, core.Fraction{Num: 1, Den: 2}), sim.Endless(),
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

// A model has draws of its own, which belong to the run.
func ExampleRandom() {
	coin := func(s sim.Start) sim.Course {
		if s.Random.Chance(core.Fraction{Num: 1, Den: 2}) {
			return sim.Course{Lasts: sim.Constant(time.Second), Ends: core.ExitOK}
		}
		return sim.Course{Lasts: sim.Constant(time.Second), Ends: core.ExitError}
	}
	result, err := sim.Run(sim.Options{Workloads: []sim.Workload{sim.Tasks{Name: "toss", Count: 1000, Model: coin}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Counts.Completed)
	// Output: 986
}
