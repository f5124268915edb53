package supervisor_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
)

// thirdTime runs a supervisor with a task that fails twice and then has done its work.
func thirdTime(options ...supervisor.Option) *supervisor.Supervisor {
	runs := 0
	job := supervisor.TaskFunc(func(context.Context) error {
		if runs++; runs < 3 {
			return errors.New("connection lost")
		}
		return nil
	})
	sup := must(supervisor.New(append(options, supervisor.WithTask("job", job), supervisor.WithBaseDelay(0),
		supervisor.WithClock(new(clock.Virtual)), supervisor.WithAutoShutdown(supervisor.AutoShutdownAll))...))
	_ = sup.Run(context.Background())
	return sup
}

func ExampleTotals() {
	totals := thirdTime().Tree()[0].Totals
	fmt.Println(totals.Starts, "starts,", totals.Failures, "failures, down for", totals.Downtime)
	// Output: 3 starts, 2 failures, down for 0s
}

func ExampleExitCounts() {
	for kind, n := range thirdTime().Tree()[0].Totals.Exits.All() {
		fmt.Println(kind, n)
	}
	// Output:
	// ok 1
	// error 2
}

func ExampleRestartCounts() {
	for why, n := range thirdTime().Tree()[0].Totals.Restarts.All() {
		fmt.Println(why, n)
	}
	// Output: failure 2
}

func ExampleStats() {
	sup := thirdTime()
	stats := sup.Stats() // of the supervisor; of one below it: node.Inside.Stats(), for a node of sup.Tree()
	fmt.Println(stats.Phase, stats.Counts.Completed, "completed,", stats.RunDurations.Count(), "runs")
	// Output: halted 1 completed, 3 runs
}

func ExampleEscalationCounts() {
	sup := must(supervisor.New(supervisor.WithIntensity(1, supervisor.Forever), supervisor.WithBaseDelay(0),
		supervisor.WithTask("fails", supervisor.TaskFunc(func(context.Context) error { return errors.New("no disk") }))))
	_ = sup.Run(context.Background())
	fmt.Printf("%+v\n", sup.Stats().Escalations)
	// Output: {TooManyDead:0 Intensity:1 Escalated:0}
}

func ExampleUsage() {
	usage := thirdTime(supervisor.WithIntensity(8, supervisor.Forever)).Stats().Usage
	fmt.Println(usage.Intensity.Used, "of", usage.Intensity.Allowed, "failures; a dead threshold:", usage.Dead.Limited)
	// Output: 2 of 8 failures; a dead threshold: false
}

func ExampleLimitUsage() {
	usage := thirdTime(supervisor.WithIntensity(8, supervisor.Forever)).Stats().Usage
	fmt.Printf("%.0f%% of the allowed failures\n", 100*usage.Intensity.Ratio())
	// Output: 25% of the allowed failures
}

func ExampleHistogram() {
	runs := thirdTime().Stats().RunDurations
	fmt.Println(runs.Counts[0], "of", runs.Count(), "runs took at most", supervisor.HistogramBounds()[0])
	// Output: 3 of 3 runs took at most 1ms
}

func ExampleHealth() {
	sup := thirdTime(supervisor.WithName("nightly"))
	fmt.Println(sup.Health())
	// Output: supervisor nightly has stopped
}

func ExampleProblem() {
	sup := must(supervisor.New(supervisor.WithTask("database", supervisor.TaskFunc(serve))))
	for _, problem := range sup.Ready().Problems {
		fmt.Println(problem.Kind, problem.Path, problem.Task.Wait)
	}
	// Output:
	// not-started  none
	// not-up database supervisor
}

func ExampleProblemKind() {
	fmt.Println(supervisor.ProblemStuck, supervisor.ProblemNotUp)
	// Output: stuck not-up
}
