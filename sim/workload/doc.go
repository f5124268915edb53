// Package workload describes what a simulation simulates: tasks, what they do, and what happens to them.
//
// A [World] is the whole of it, as plain data:
//
//   - the workload: [Tasks], which say how long runs live, how they end and how they stop, what they report while they are
//     alive ([Signals]) and what they need; and [Outage], which takes many of them down together;
//   - each [Operator], who adds, removes, restarts, kills, suspends and resumes tasks, changes policies, needs and limits,
//     shuts the supervisor down, or holds and releases tasks in place of a driver;
//   - each [Fault]: what goes wrong between the supervisor and the world, such as late wake-ups, lost, late and doubled
//     reports, jumping clocks, crashes, and coincidences that have broken supervisors before.
//
// The lists are independent, so any of them can be left out or exchanged. Package sim runs a World; package
// sim/swarm draws one from a seed.
//
//	world := workload.World{
//		Seed:    1,
//		Config:  core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}}},
//		Tasks:   []workload.Tasks{{Name: "worker", Count: 200, Lifetime: workload.Exponential(time.Hour)}},
//		Outages: []workload.Outage{{At: 10 * time.Minute, Lasts: workload.Constant(10 * time.Minute)}},
//	}
//	result, err := sim.Run(world)
//
// # Descriptions
//
// A World can be written as text, which [Parse] reads and [World.String] prints:
//
//	workload 1
//	about Database outage of ten minutes under 200 workers
//	config dead=1/2
//	policy patient attempts=unlimited
//	tasks worker count=200 policy=patient lifetime=exponential(1h)
//	outage of=worker at=10m lasts=10m fails=uniform(1s,5s)
//
// A description is read line by line; blank lines and lines that begin with # are skipped. The first line is "workload 1",
// and then, in any order but where "above" is said:
//
//	about TEXT                 what it is, to the end of the line
//	seed N | WORD              see [Seed]
//	for DURATION
//	origin DURATION
//	liveness
//	steps N                    World.MaxSteps
//	config FIELDS              as in a scenario (core/scenario)
//	policy NAME FIELDS         as in a scenario; above the tasks and the operators that have it
//	limits NAME FIELDS         as in a scenario; above the operators that have them
//	tasks NAME FIELDS          count= later= policy= lifetime= ends= asks= stops= ignores-stop= needs= notice= fails= declares= SIGNALS
//	run FIELDS                 lifetime= ends= asks= stops= SIGNALS; the next run in the script of the tasks above
//	supervisor NAME FIELDS     tasks that are supervisors: count= later= policy= needs= notice= fails= declares= SIGNALS;
//	end                        what follows, up to "end", is below them: config, tasks, run, outage and supervisor
//	outage FIELDS              of= at= every= lasts= share= notice= fails= ends= asks=
//	operator COMMAND FIELDS    of= at= every= count= policy= limits= other= bound=
//	                           suspended= held=
//	fault KIND FIELDS          share= at= every= by=
//
// SIGNALS are ready= wavers= recovers= beats= within= answers= fails-probe= hangs=. Each field means what the field of that
// name of [World], [Tasks], [Signals], [Outage], [Operator] or [Fault] means. A length is 5s, endless, uniform(1s,3s), exponential(5s) or
// weibull(5s,3/2), without spaces; ends are weights such as ok:1,error:3; an operator's count can be all.
package workload
