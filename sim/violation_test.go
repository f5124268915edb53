package sim_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/swarm"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// noThird is a planted violation: it does not like the third run of any task.
type noThird struct{}

var errThird = errors.New("a third run")

func (noThird) Watch(step *sim.Step) error {
	for _, a := range step.Actions {
		if a.Kind == core.ActionStart && a.Run == 3 {
			return errThird
		}
	}
	return nil
}

func planted() workload.World {
	return workload.World{
		Seed: 77,
		Tasks: []workload.Tasks{
			{Name: "a", Count: 3, Policy: unlimited(), Lifetime: workload.Exponential(time.Minute)},
			{Name: "pool", Supervises: &workload.Supervisor{
				Tasks: []workload.Tasks{{Name: "shard", Policy: unlimited(), Lifetime: workload.Exponential(time.Minute)}},
			}},
		},
	}
}

// noThirds watches the supervisor of a path.
func noThirds(path string) sim.Option {
	return sim.Watch(func(p string) []sim.Watcher {
		if p == path {
			return []sim.Watcher{noThird{}}
		}
		return nil
	})
}

func TestAPlantedViolationIsFoundAndItsScenarioReplays(t *testing.T) {
	for path, task := range map[string]string{"": "start a-", "pool#1": "start shard#3"} {
		result, err := sim.Run(planted(), noThirds(path))
		require.NoError(t, err)
		v := result.Violation
		require.NotNil(t, v)
		require.ErrorIs(t, v, errThird)
		require.Equal(t, uint64(77), v.Seed)
		require.Equal(t, result.Steps, v.Step)
		require.Equal(t, path, v.Supervisor)
		require.ErrorContains(t, v, "seed 77, step ")
		s, err := scenario.Parse([]byte(v.Scenario))
		require.NoError(t, err)
		machine, err := s.Play()
		require.NoError(t, err, "it replays without the simulator")
		require.Equal(t, v.At, machine.Now())
		last := s.Statements[len(s.Statements)-1].(*scenario.Event)
		text := ""
		for i := range last.Actions {
			text += last.Actions[i].String() + "\n"
		}
		require.Contains(t, text, task)
		require.Contains(t, text, "#3 ")
	}
}

func TestTheSameViolationEveryTime(t *testing.T) {
	first, err := sim.Run(planted(), noThirds(""))
	require.NoError(t, err)
	second, err := sim.Run(planted(), noThirds(""))
	require.NoError(t, err)
	require.Equal(t, first.Violation, second.Violation)
	require.Equal(t, first.Digest, second.Digest)
}

func TestARecordingOfEverySupervisorReplays(t *testing.T) {
	traces := map[string]*strings.Builder{}
	o := swarm.World(workload.Seed("a tree"))
	o.Tasks = append(o.Tasks, planted().Tasks[1])
	record := func(path string) io.Writer {
		traces[path] = new(strings.Builder)
		return traces[path]
	}
	_, err := sim.Run(o, sim.Record(record))
	require.NoError(t, err)
	require.Contains(t, traces, "")
	require.Contains(t, traces, "pool#1")
	for path, trace := range traces {
		s, err := scenario.Parse([]byte(trace.String()))
		require.NoError(t, err, "%s", path)
		_, err = s.Play()
		require.NoError(t, err, "%s", path)
		require.Equal(t, trace.String(), s.String(), "a recording is canonical")
	}
}

// A model that remembers makes a simulation differ from itself.
func TestRunTwiceFindsTheFirstStepThatDiffers(t *testing.T) {
	lasts := time.Second
	_, err := sim.RunTwice(workload.World{
		Seed: 3,
		Tasks: []workload.Tasks{{Name: "a", Model: func(s workload.Start) workload.RunScript {
			if s.Run == 3 {
				lasts += time.Second
			}
			return workload.RunScript{Lifetime: workload.Constant(lasts)}
		}}},
	})
	var divergence *sim.Divergence
	require.ErrorAs(t, err, &divergence)
	// Steps 1 and 2 add and start; each run takes an exit and a tick. Run 3 ends in step 7, a second later the second time.
	require.Equal(t, uint64(7), divergence.Step)
	require.Contains(t, divergence.First, "10s exit task #1 run 3 error")
	require.Contains(t, divergence.Second, "11s exit task #1 run 3 error")
	require.ErrorContains(t, err, "seed 3: step 7 is not the same twice")
}

func TestRunTwiceFindsThatOneEndsEarlier(t *testing.T) {
	calls := 0
	o := workload.World{
		Tasks: []workload.Tasks{{Name: "a", Model: func(workload.Start) workload.RunScript {
			if calls++; calls == 2 {
				return workload.RunScript{}
			}
			return workload.RunScript{Lifetime: workload.Constant(time.Second)}
		}}},
	}
	_, err := sim.RunTwice(o)
	var divergence *sim.Divergence
	require.ErrorAs(t, err, &divergence)
	_, err = sim.RunTwice(workload.World{For: -1})
	var bad *workload.Error
	require.ErrorAs(t, err, &bad)
}
