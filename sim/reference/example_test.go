package reference_test

import (
	"errors"
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/sim/reference"
)

// killed is what the crate does with a task that is killed while it waits for its restart.
const killed = `{
  "scenario": {
    "config": {"health_check_interval_ms": 50, "max_restart_attempts": 5, "base_restart_delay_ms": 100,
      "max_backoff_exponent": 5, "stable_after_ms": 80000, "dead_threshold": null},
    "tasks": [{"name": "a", "script": [{"run_for_ms": 35, "outcome": "error"}, {"outcome": "hang"}]}],
    "commands": [{"at_ms": 103, "op": "kill", "task": "a"}],
    "sample": {"period_ms": 100, "offset_ms": 12},
    "end_ms": 503
  },
  "trace": {
    "events": [
      {"t_ms": 0, "task": "a", "run": 1, "event": "start"},
      {"t_ms": 35, "task": "a", "run": 1, "event": "end", "how": "error"},
      {"t_ms": 235, "task": "a", "run": 2, "event": "start"}
    ],
    "commands": [{"t_ms": 103, "op": "kill", "task": "a", "result": "ok"}],
    "samples": [
      {"t_ms": 12, "statuses": {"a": "healthy"}},
      {"t_ms": 103, "after_command": true, "statuses": {"a": "dead"}},
      {"t_ms": 112, "statuses": {"a": "dead"}},
      {"t_ms": 212, "statuses": {"a": "dead"}},
      {"t_ms": 312, "statuses": {"a": "healthy"}},
      {"t_ms": 412, "statuses": {"a": "healthy"}},
      {"t_ms": 503, "statuses": {"a": "healthy"}}
    ],
    "final": {"t_ms": 503, "result": "running"}
  }
}`

func ExampleRecording() {
	recording, err := reference.Read("killed.json", []byte(killed))
	if err != nil {
		fmt.Println(err)
		return
	}
	differences, err := recording.Differences()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, difference := range differences {
		fmt.Println(difference)
	}
	// Output:
	// killed.json: 235 ms: a run 2 start: expected 235 ms, got nothing: explained by kill-withdraws-restart
	// killed.json: 312 to 503 ms: status of a: expected healthy, got dead: explained by kill-withdraws-restart
}

func ExampleDifference() {
	fmt.Println(reference.Difference{
		File: "killed.json", At: 312, Until: 503, What: "status of a", Expected: "healthy", Got: "failed",
	})
	// Output:
	// killed.json: 312 to 503 ms: status of a: expected healthy, got failed: UNEXPLAINED
}

func ExampleRule() {
	for _, rule := range reference.Rules()[3:5] {
		fmt.Printf("%s\n  crate: %s\n  here:  %s\n", rule.Name, rule.Crate, rule.Here)
	}
	// Output:
	// kill-withdraws-restart
	//   crate: a kill leaves a pending restart, which revives the task
	//   here:  a kill withdraws the pending restart
	// restart-withdraws-restart
	//   crate: a manual restart leaves a pending restart, which replaces the run or revives the task later
	//   here:  a manual restart withdraws the pending restart
}

func ExampleFormatError() {
	_, err := reference.Read("killed.json", []byte(`{"scenario": {"config": {}}}`))
	var wrong *reference.FormatError
	fmt.Println(errors.As(err, &wrong))
	fmt.Println(wrong.Field)
	// Output:
	// true
	// scenario.config.health_check_interval_ms
}
