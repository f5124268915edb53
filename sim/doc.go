// Package sim simulates supervisors: years of a service's life in a second, on virtual time, from one seed.
//
// A simulation is a driver of core.Machine whose world is made up. Virtual time jumps from one thing that happens to the
// next; nothing sleeps, and there is one goroutine. What happens comes from three lists that know nothing of each other,
// so any of them can be left out or exchanged:
//
//   - Workloads: [Tasks], which say how long runs last, how they end and how they stop, what they say while they are alive
//     ([Signals]) and what they need, and [Outage], which takes many of them down together.
//   - Operators: [Operator], who add, remove, restart, kill, suspend and resume tasks, change policies, needs and limits,
//     and shut the supervisor down.
//   - Faults: [Fault], which are what goes wrong between the supervisor and the world: late wake-ups, lost, late and doubled
//     reports and signals, jumping clocks, crashes, and coincidences that have broken supervisors before.
//
// # Testing your own policy
//
//	func TestWorkersSurviveAnOutage(t *testing.T) {
//		policy := core.DefaultPolicy()
//		policy.MaxAttempts = core.Unlimited
//		result, err := sim.Run(sim.Options{
//			Seed:   1,
//			Config: core.Config{DeadThreshold: core.Fraction{Num: 1, Den: 2}},
//			Workloads: []sim.Workload{
//				sim.Tasks{Name: "worker", Count: 200, Policy: policy, Lasts: sim.Exponential(time.Hour)},
//				sim.Outage{Of: "worker", At: 10 * time.Minute, Lasts: sim.Constant(10 * time.Minute),
//					Fails: sim.Uniform(time.Second, 5*time.Second)},
//			},
//		})
//		require.NoError(t, err)
//		require.Nil(t, result.Violation)
//		require.Equal(t, 200, result.Counts.Healthy)
//	}
//
// [Result] says what came of it. To look closer, give [Options].Watchers; to see it, package sim/report makes pages
// from what they saw, and package sim/whatif sets several policies side by side.
//
// # Seeds
//
// Every draw comes from [Options].Seed and from what it is for: which task and which run, which operator, which fault.
// So the same options give the same simulation, step by step, in any process and on any machine; [Result].Digest tells,
// and [RunTwice] reports the first step that differs. And a changed policy, or another task, meets the same world:
// run 7 of worker 3 draws what it drew before.
//
// # Violations
//
// Every step is shown to the checkers of package sim/checkers, and the simulator keeps its own books: no run starts
// beside a live one, no timer is left due, a restored snapshot is the state that was saved. With [Options].Settle there
// is a second phase after the first, in which the faults are off, every run is ready and well, and all must come to rest
// within a bound that follows from the policies. A [Violation] names the seed and the step, and holds the trace as a scenario that replays without
// the simulator.
//
// # Campaigns
//
// [Swarm] draws everything from a seed: strategy, limits, policies, and a subset of all workloads, operators and faults.
// A campaign runs it for many seeds and adds up [Coverage]; what [Coverage.Missing] names was never tried, and a
// campaign that never tried something has failed. The command sim/cmd/tasksim does that on all cores.
//
// # Groups
//
// [Options].Config has the strategy, the intensity and the budget, and each policy says whether its tasks have to be ready,
// to beat or to be probed; [Signals] say what their runs do about it. What tasks need in the world ([Tasks].Needs) and what
// the supervisor is told of it ([Tasks].Declares) are two things: so one can see what it is worth to tell.
//
// # Descriptions
//
// A simulation can be written as text, see [Parse], for the command tasksim and for reading:
//
//	workload 1
//	about Database outage of ten minutes under 200 workers
//	config dead=1/2
//	policy patient attempts=unlimited
//	tasks worker count=200 policy=patient lasts=exponential(1h)
//	outage of=worker at=10m lasts=10m fails=uniform(1s,5s)
//
// # Trees
//
// [Tasks].Supervises makes tasks that are supervisors themselves. Such a run is a machine of its own, which starts with
// the run; a stop of the run shuts it down, and when it has halted the run has ended.
//
// # Speed
//
// A step takes about 100 ns at 1,000 tasks without checkers and allocates nothing. Outages, storms and crashes look at
// every task when they begin; a task that is needed looks at those who need it when it ends. A tree's steps take longer
// the more supervisors it has only where something concerns all of them, like a clock that jumps.
package sim
