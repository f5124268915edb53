// Package core decides when tasks start, restart and stop. It is a state machine and nothing else:
//
//	State x Event -> State', Actions
//
// It does no I/O, reads no clock, starts no goroutine and takes no lock. A driver, which lives in another package or
// in your own program, turns the world into events and actions into the world. A driver for goroutines is
// adapters/supervisor; this package is for those who write another one, simulate, or replay.
//
// # Embedding
//
// The whole embedding is a loop of three lines:
//
//	buf = m.Step(buf[:0], next())
//	for _, a := range buf { do(a) }
//	arm(m.NextDeadline())
//
// next waits for whatever comes first: the end of a run, an operator's word, or the instant that was armed, which
// becomes an EventTick. A driver's duties, in order:
//
//  1. Make a [Machine] with [New]. Give it to one owner: all calls come from there, or under one lock.
//  2. Stamp each event's At when the owner takes it, from one monotonic clock. The origin is the driver's choice.
//  3. Call [Machine.Step] and carry out the actions in order, before the next Step.
//  4. For ActionAdd, keep the id beside the task's name. The machine knows no names.
//  5. For ActionStart, start the run. When it has ended, whatever ended it, feed one EventExit with its task and run
//     number, and forget the run only after that Step: what was due before the end can still be about it (D3). A run
//     that can not be started has ended with ExitError.
//  6. For ActionStop, ask the run to stop. Still feed its EventExit when it has ended.
//  7. For ActionAbandon, cut the run off. Should it end after all, feed its EventExit as usual. For ActionProbe, ask the
//     run whether it is well, and feed EventProbe when it answers, unless it was asked again since. While a run goes on, feed EventReady when it
//     says that it is ready and EventBeat when it says that it is alive.
//  8. For ActionReject, answer whoever sent the event.
//  9. For ActionForget, drop the name. For ActionHalt, the supervisor is done: tell who waits for it.
//  10. After each Step, arm one timer for [Machine.NextDeadline] and feed EventTick when it fires. Early, late, extra
//     and lost ticks change no decision, though lost ones delay it.
//
// Operators' events are EventAdd, EventNeed, EventRemove, EventRestart, EventKill, EventSuspend, EventResume,
// EventPolicy, EventLimits and EventShutdown. EventStart comes once, when the supervisor begins to run.
//
// # Determinism contract
//
// These clauses hold for every machine, and each is tested under its name:
//
//   - D1: the same configuration and events give the same actions and digest, in any process, Go version and GOARCH.
//   - D2: time comes only from Event.At. An At before the latest one counts as the latest.
//   - D3: timers due at or before an event's instant fire before the event applies, ordered by deadline, then by
//     declared order of the tasks.
//   - D4: extra ticks at any instants change no decision.
//   - D5: adding a constant to every At shifts every action by it and changes nothing else.
//   - D6: adding an unrelated task changes no other task's decisions (the limits of the whole supervisor aside).
//   - D7: snapshot, restore and continue equals continue; so does [Machine.CopyFrom].
//   - D8: a stale task id or run number changes nothing and yields exactly one ActionReject that says why.
//
// # Tasks
//
// A task is always in one [Status]. A status has at most one timer, which dies with it, so nothing that outlived its
// reason can fire. A healthy task has none unless its policy says watchdog or probe: an idle fleet costs nothing.
//
//	Created    --its turn-->    Healthy, or Starting where the policy says readiness
//	Starting   --EventReady-->  Healthy
//	Healthy    --good end-->    Completed, or Failed where the policy restarts always
//	Healthy    --failure-->     Failed, or Dead where no restart is left or wanted
//	Failed     --its instant--> Healthy, Starting, or Created while others are in the way
//	Healthy    --asked to stop--> Stopping --end--> what was intended
//	Starting   --start timeout--> Stopping --end--> Failed
//	Healthy    --missed beat-->   Stopping --end--> Failed
//	Stopping   --stop timeout--> Abandoned --late end--> what was intended
//
// Runs are numbered per task. Every start counts one up, and the end of a run that is not the task's live one is
// rejected: a late end never touches a newer run.
//
// An end of a run that was asked to stop is ExitStopped, never a failure, whatever the run returned.
//
// # Backoff
//
// The n-th restart since the task was last stable comes after
//
//	min(BaseDelay * Factor^min(n, MaxExponent), MaxDelay)
//
// with n = 1 for the first, in integers that saturate. Jitter then shortens a delay d by a draw from [0, d*Jitter],
// uniform, from a hash of the seed, the task's key and the run that ended: replay is exact, the cap stays true, and no
// other task moves it. The instant so drawn is in the action's Until and in [TaskStatus].
//
// A failure with Attempts already at MaxAttempts makes the task Dead; otherwise Attempts grows by one. A run that was
// healthy for at least StableAfter clears Attempts. That is decided from the run's own times when it ends. A good end
// under RestartAlways is no failure: it waits BaseDelay (n = 0) and leaves Attempts alone.
//
// An operator's restart clears Attempts, withdraws what was pending, works in every status and never makes two runs.
// A kill withdraws what was pending, and the task stays dead.
//
// # Tasks that concern each other
//
// With Config.Strategy, the restart of a task takes its siblings along: all of them, or those added after it. With
// EventNeed a task needs another that was added before it: it starts when that is up, and if it is bound to it, goes down
// with it and comes back behind it. Either way there is no state of a round that several tasks go through. A task that is
// to stop bears its [Intent] from then on, and a few rules are applied after every event until none applies:
//
//  1. A task that is bound to one that is down is to stop, too.
//  2. Of the tasks that are to stop, the last one is asked to that no task in need of it precedes; and where tasks are
//     stopped one by one, only when all behind it are gone.
//  3. The restart delay of a failed task begins when all are gone that its failure stopped.
//  4. The supervisor's limits are looked at.
//  5. The first task starts that waits its turn and has nothing in its way: all that it needs is up; no task that needs
//     it is stopping; and where a strategy makes tasks depend on each other, nobody is stopping, nobody in front of it is
//     starting or has failed, and with OneForAll nobody at all has failed.
//
// So a second failure joins the first, an operator's word in the middle has its usual meaning, and no mode can be left
// set. An operator's word about one task is about that task and those bound to it, whatever the strategy.
//
// # Limits
//
// With Config.DeadThreshold p/q, the supervisor halts at the event after which dead*q > p*total, strictly. With
// Config.Intensity it halts at the crash that is one too many, and with Config.AutoShutdown when significant tasks have
// ended. Config.Budget does not halt: it spreads restarts, first come, first served. When the supervisor halts it stops
// its tasks, each after those that need it, and emits ActionHalt exactly once, when no run is left that is waited for.
//
// # Bounds
//
// A machine holds up to [MaxTasks] tasks, 65,536 policies and as many limits, and 2^40-1 tasks over its life. Step takes
// time in proportion to the logarithm of the number of tasks and to the number of tasks that the event concerns: all of
// them when the supervisor starts or halts, or when a strategy restarts them together. It allocates nothing but room for
// its result, for added tasks and needs, and for other limits. A task takes 60 bytes, 16 more while it has a timer, and 24
// for each task it needs.
package core
