// Package sim simulates supervisors: years of a service's life in a second, on virtual time, from one seed.
//
// It is a discrete-event simulator. A simulation drives a core.Machine, and for each task that is a supervisor another one
// below it, through a [workload.World]: the tasks and what they do, the outages they suffer, the operators who give
// commands, and the faults in between. Virtual time jumps from one event to the next; nothing sleeps, and there is one
// goroutine.
//
// # Testing your own policy
//
// Describe a world, run it, and look at the [Result]:
//
//	func TestWorkersSurviveAnOutage(t *testing.T) {
//		policy := core.DefaultPolicy()
//		policy.MaxAttempts = core.Unlimited
//		result, err := sim.Run(workload.World{
//			Seed:   1,
//			Config: core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}}},
//			Tasks:  []workload.Tasks{{Name: "worker", Count: 200, Policy: policy, Lifetime: workload.Exponential(time.Hour)}},
//			Outages: []workload.Outage{{At: 10 * time.Minute, Lasts: workload.Constant(10 * time.Minute),
//				Fails: workload.Uniform(time.Second, 5*time.Second)}},
//		})
//		require.NoError(t, err)
//		require.Nil(t, result.Violation)
//		require.Equal(t, 200, result.Counts.Healthy)
//	}
//
// To look closer, add watchers with [Watch], or step through it with [New] and [Simulation.Next]. Package sim/report makes
// pages from what watchers saw, and package sim/whatif sets several policies side by side.
//
// # Seeds
//
// Every draw comes from the world's Seed and from what it is for: which task and which run, which operator, which
// fault. So the same world gives the same simulation, step by step, in any process and on any machine; compare
// [Result].Digest, or let [RunTwice] report the first step that differs. A task also meets the same fate under another
// policy, or beside other tasks: run 7 of worker 3 draws what it drew before.
//
// # Violations
//
// Every step is shown to the checkers of package sim/checkers, and the simulator checks what only it can see: no run
// starts beside a live one, no timer is left due, a restored snapshot is the state that was saved. With World.Liveness,
// a second phase follows the first, in which the faults are off and all runs are ready and well: every task must come
// to rest within a bound that follows from the policies. A [Violation] names the seed and the step, and holds the trace
// as a scenario that replays without the simulator.
//
// # Campaigns
//
// Package sim/swarm draws a whole world from a seed. A campaign runs many of them and adds up their [Coverage].
// [Coverage.Missing] names what was never tried; a campaign fails if that is anything at all. The command
// sim/cmd/tasksim runs campaigns on all cores.
//
// # Groups
//
// World.Config has the strategy, the intensity and the restart rate, and each policy says whether its tasks have to be
// ready, to beat or to be probed; [workload.Signals] say what their runs do about it. What tasks need in the world
// (Tasks.Needs) and what the supervisor is told of it (Tasks.Declares) are two things, so a simulation can show what a
// declared need is worth. Up means the same in both: ready, or completed.
//
// # Trees
//
// Tasks.Supervises makes tasks that are supervisors themselves. Such a run is a machine of its own, which starts with
// the run; a stop of the run shuts it down, and the run has ended when the machine has halted.
//
// # Speed
//
// A step takes about 100 ns at 1,000 tasks without checkers and allocates nothing. Outages, storms and crashes look at
// every task when they begin; when a task ends that others need, the simulator looks at those. In a tree, only a fault
// that concerns every supervisor, such as a clock that jumps, costs more the more supervisors there are.
package sim
