package plan_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/plan"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// What is foretold of a task that always fails is what the simulator shows, instant by instant: the restarts and the end.
func TestForecastsAreWhatTheSimulatorShows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var tree tree
		root := tree.group(t, "", 2)
		compare(t, root, rapid.SampledFrom(tree.tasks).Draw(t, "fails"), plan.Options{
			Lasts:  time.Duration(rapid.Int64Range(100, 20000).Draw(t, "lasts")) * time.Millisecond,
			Jitter: rapid.Bool().Draw(t, "jitter"), Seed: rapid.Uint64().Draw(t, "seed"), Starts: 300,
		})
	})
}

// The same, for trees in which each of the outcomes comes about.
func TestForecastsOfEachOutcome(t *testing.T) {
	alone := func(change func(p *core.Policy, c *core.Config)) *plan.Supervisor {
		s := &plan.Supervisor{}
		p := core.DefaultPolicy()
		change(&p, &s.Config)
		s.Members = []*plan.Member{{Name: "a", Path: "a", Policy: p}}
		return s
	}
	below := func(s *plan.Supervisor, attempts uint32) *plan.Supervisor {
		p := core.DefaultPolicy()
		p.MaxAttempts, p.StopTimeout, p.StartTimeout = attempts, core.Forever, core.Forever
		return &plan.Supervisor{Members: []*plan.Member{{Name: "g", Path: "g", Policy: p, Inside: s}}}
	}
	escalates := func(p *core.Policy, _ *core.Config) { p.OnExhausted = core.ExhaustedEscalate }
	for _, c := range []struct {
		tree     *plan.Supervisor
		outcome  plan.Outcome
		starts   int // how many are known
		restarts int // of its group
		at       time.Duration
	}{
		{alone(func(*core.Policy, *core.Config) {}), plan.Dead, 6, 0, 68 * time.Second},
		{alone(escalates), plan.Stopped, 6, 0, 68 * time.Second},
		{alone(func(_ *core.Policy, c *core.Config) { c.Intensity = core.Rate{Count: 2, Per: time.Minute} }), plan.Stopped, 3, 0, 9 * time.Second},
		{alone(func(_ *core.Policy, c *core.Config) { c.AutoShutdown = core.AutoShutdownAll }), plan.Stopped, 6, 0, 68 * time.Second},
		{alone(func(p *core.Policy, _ *core.Config) { p.MaxAttempts = core.Unlimited }), plan.Forever, 8, 0, 0},
		{below(alone(escalates), core.Unlimited), plan.Forever, 43, 7, 0},
		{below(alone(escalates), 2), plan.Dead, 18, 2, 210 * time.Second},
	} {
		failing := c.tree.All()[len(c.tree.All())-1]
		f := compare(t, c.tree, failing, plan.Options{Lasts: time.Second})
		assert.Equal(t, []any{c.outcome, c.starts, c.restarts, c.at}, []any{f.Outcome, len(f.Starts), len(f.Restarts), f.At})
	}
}

// compare compares what is foretold with what the simulator shows.
func compare(t require.TestingT, root *plan.Supervisor, failing *plan.Member, options plan.Options) *plan.Forecast {
	forecast, err := plan.Predict(root, failing, options)
	require.NoError(t, err)
	shown := simulate(t, root, failing, options)
	var foretold []time.Duration
	for _, start := range forecast.Starts {
		if start.At < period {
			foretold = append(foretold, start.At)
		}
	}
	switch forecast.Outcome {
	case plan.Forever, plan.Unknown: // the forecast is shorter than what is shown
		require.GreaterOrEqual(t, len(shown), len(foretold))
		for i := len(foretold); forecast.Every > 0 && i < len(shown); i++ {
			foretold = append(foretold, foretold[i-1]+forecast.Every)
		}
		require.Equal(t, foretold, shown[:len(foretold)])
	case plan.Dead, plan.Stopped, plan.Waiting:
		require.Equal(t, foretold, shown)
	}
	return forecast
}

// period is how long the simulator shows.
const period = 10 * time.Minute

// tree is a random tree of supervisors.
type tree struct{ tasks []*plan.Member }

func (r *tree) group(t *rapid.T, path string, depth int) *plan.Supervisor {
	s := &plan.Supervisor{Path: path, Config: core.Config{
		Strategy: core.Strategy(rapid.IntRange(0, 2).Draw(t, "strategy")),
		Limits: core.Limits{
			AutoShutdown: core.AutoShutdown(rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "auto shutdown")),
		},
	}}
	if rapid.Bool().Draw(t, "intensity") {
		s.Config.Intensity = core.Rate{Count: rapid.Uint32Range(0, 6).Draw(t, "count"), Per: duration(t, "per", 600)}
	}
	if rapid.IntRange(0, 3).Draw(t, "threshold") == 0 {
		s.Config.DeadThreshold = core.Fraction{Num: rapid.Uint32Range(0, 3).Draw(t, "num"), Den: 3}
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "members") {
		m := &plan.Member{Name: fmt.Sprintf("%s%c", path, 'a'+i), Policy: policy(t)}
		m.Path = m.Name
		if i > 0 && rapid.IntRange(0, 2).Draw(t, "needs") == 0 {
			m.Needs = []supervisor.Need{{Task: s.Members[0].Name, Bound: rapid.Bool().Draw(t, "bound")}}
		}
		if depth > 0 && rapid.IntRange(0, 2).Draw(t, "group") == 0 {
			m.Inside = r.group(t, m.Name, depth-1)
			m.Policy.StopTimeout, m.Policy.StartTimeout, m.Policy.Readiness = core.Forever, core.Forever, false
		} else {
			r.tasks = append(r.tasks, m)
		}
		s.Members = append(s.Members, m)
	}
	return s
}

func policy(t *rapid.T) core.Policy {
	p := core.DefaultPolicy()
	p.Restart = core.Restart(rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "restart"))
	p.BaseDelay = duration(t, "base", 3)
	p.Factor = rapid.Uint32Range(1, 4).Draw(t, "factor")
	p.MaxExponent = rapid.Uint32Range(1, 10).Draw(t, "exponent")
	p.MaxDelay = duration(t, "cap", 100)
	if rapid.Bool().Draw(t, "jitters") {
		p.Jitter = core.Fraction{Num: 1, Den: rapid.Uint32Range(1, 5).Draw(t, "jitter")}
	}
	p.MaxAttempts = rapid.SampledFrom([]uint32{0, 1, 3, 7, 50, core.Unlimited}).Draw(t, "attempts")
	p.StableAfter = duration(t, "stable", 30)
	p.OnExhausted = core.OnExhausted(rapid.IntRange(0, 1).Draw(t, "exhausted"))
	p.Readiness = rapid.Bool().Draw(t, "readiness")
	p.StartTimeout = duration(t, "start", 30)
	p.Significant = rapid.Bool().Draw(t, "significant")
	return p
}

func duration(t *rapid.T, name string, most int64) time.Duration {
	return time.Duration(rapid.Int64Range(100, most*1000).Draw(t, name)) * time.Millisecond
}

// simulate returns when the simulator starts the task, since the first time.
func simulate(t require.TestingT, root *plan.Supervisor, failing *plan.Member, options plan.Options) (starts []time.Duration) {
	world := workload.World{For: period + time.Minute, Config: root.Config, Tasks: tasks(root, failing, options)}
	world.Config.Seed = options.Seed
	_, err := sim.Run(world, sim.Unchecked(), sim.Watch(func(path string) []sim.Watcher {
		return []sim.Watcher{&starting{name: failing.Name, starts: &starts, names: make(map[core.TaskID]string)}}
	}))
	require.NoError(t, err)
	for i := range starts {
		if i > 0 {
			starts[i] -= starts[0]
		}
	}
	if len(starts) > 0 {
		starts[0] = 0
	}
	for len(starts) > 0 && starts[len(starts)-1] >= period {
		starts = starts[:len(starts)-1]
	}
	return starts
}

func tasks(s *plan.Supervisor, failing *plan.Member, options plan.Options) (all []workload.Tasks) {
	for _, m := range s.Members {
		group := workload.Tasks{Name: m.Name, Policy: m.Policy, Keys: []uint32{key(m.Name)}}
		if !options.Jitter {
			group.Policy.Jitter = core.Fraction{}
		}
		for _, need := range m.Needs {
			group.Needs, group.Declares = need.Task, workload.DeclareNeed
			group.Notice, group.Fails = workload.Endless(), workload.Endless() // it does not suffer: only the supervisor knows
			if need.Bound {
				group.Declares = workload.DeclareBound
			}
		}
		if m == failing {
			group.Lifetime, group.Signals.Ready = workload.Constant(options.Lasts), workload.Endless()
		}
		if m.Inside != nil {
			config := m.Inside.Config
			config.Seed = options.Seed
			group.Supervises = &workload.Supervisor{Config: config, Tasks: tasks(m.Inside, failing, options)}
		}
		all = append(all, group)
	}
	return all
}

// starting writes down when a task of a name is started.
type starting struct {
	name   string
	names  map[core.TaskID]string
	starts *[]time.Duration
}

func (w *starting) Watch(step *sim.Step) error {
	for _, a := range step.Actions {
		switch {
		case a.Kind == core.ActionAdd:
			w.names[a.Task] = step.Name
		case a.Kind == core.ActionStart && w.names[a.Task] == w.name:
			*w.starts = append(*w.starts, time.Duration(a.At))
		}
	}
	return nil
}
