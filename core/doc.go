// Package core decides when tasks start, restart and stop. It is a state machine and nothing else:
//
//	State x Event -> State', Actions
//
// It does no I/O, reads no clock, starts no goroutine and takes no lock. A driver, which lives in another package or
// in your own program, turns the world into events and actions into the world. A driver for goroutines is
// adapters/goroutine; this package is for those who write another one, simulate, or replay.
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
//  7. For ActionAbandon, cut the run off. Should it end after all, feed its EventExit as usual.
//  8. For ActionReject, answer whoever sent the event.
//  9. For ActionForget, drop the name. For ActionHalt, the supervisor is done: tell who waits for it.
//  10. After each Step, arm one timer for [Machine.NextDeadline] and feed EventTick when it fires. Early, late, extra
//     and lost ticks change no decision, though lost ones delay it.
//
// Operators' events are EventAdd, EventRemove, EventRestart, EventKill and EventShutdown. EventStart comes once, when
// the supervisor begins to run.
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
// reason can fire. A healthy task has none: an idle fleet costs nothing.
//
//	Created    --EventStart-->  Healthy
//	Healthy    --good end-->    Completed, or Failed where the policy restarts always
//	Healthy    --failure-->     Failed, or Dead where no restart is left or wanted
//	Failed     --its instant--> Healthy
//	Healthy    --asked to stop--> Stopping --end--> what was intended
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
// # Limits
//
// With Config.DeadThreshold p/q, the supervisor halts at the event after which dead*q > p*total, strictly. With
// Config.AutoShutdown it halts when significant tasks have ended. When it halts it stops its tasks in reverse order
// and emits ActionHalt exactly once, when no run is left that is waited for.
//
// # Bounds
//
// A machine holds up to [MaxTasks] tasks, 65,536 policies, and 2^40-1 tasks over its life. Step takes time in
// proportion to the logarithm of the number of tasks, apart from starting and halting all of them, and allocates
// nothing but room for its result and for added tasks. A task takes 52 bytes, and 16 more while it has a timer.
package core
