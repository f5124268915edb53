// Package core decides when tasks start, restart and stop. It is a state machine and nothing else:
//
//	State x Event -> State', Actions
//
// It does no I/O, reads no clock, starts no goroutine and takes no lock. A driver turns the world into events, and
// actions into the world. The driver for goroutines is adapters/supervisor; this package is for those who write another
// one, simulate, or replay.
//
// # Embedding
//
// An embedding is a loop of three lines:
//
//	buf = m.Step(buf[:0], next())
//	for _, a := range buf { do(a) }
//	arm(m.NextDeadline())
//
// next waits for whatever comes first: the end of a run, an operator command, or the armed deadline, which becomes an
// EventTick. A driver's duties, in order:
//
//  1. Make a [Machine] with [New]. It has one owner: all calls come from one goroutine, or under one lock.
//  2. Stamp each event's At when the owner takes it, from one monotonic clock. The driver picks the clock's origin.
//  3. Call [Machine.Step], and carry out the actions in order before the next Step.
//  4. On ActionAdd, keep the id with the task's name. The machine knows no names.
//  5. On ActionStart, start the run. When it has ended, however it ended, feed one EventExit with its task and run
//     number. Keep your record of the run until that Step returns: timers due before the exit fire first and may refer
//     to it. A run that cannot be started has ended with ExitError, and one whose machine or guard has failed with ExitLost.
//  6. On ActionStop, ask the run to stop. Feed its EventExit when it has ended.
//  7. On ActionAbandon, cut the run off from whatever it could still harm. If it ends after all, feed its EventExit.
//     A task that is added again in a new machine while such runs of it are alive is added with their numbers (see
//     EventAdd), and waits for them.
//  8. On ActionProbe, run the task's health probe and feed EventProbe with the result. Drop the result if a newer probe
//     was requested. While a run goes on, feed EventReady when it reports that it is ready, and EventBeat when it
//     reports that it is alive.
//  9. On ActionReject, answer whoever sent the event.
//  10. On ActionForget, drop the name. On ActionHalt, the supervisor has stopped: tell whoever waits for it.
//  11. After each Step, arm one timer for [Machine.NextDeadline], and feed EventTick when it fires. Early, late, extra
//     and lost ticks change no decision; a lost one only delays it.
//
// An ActionTransition asks for nothing. Every change of a task's status or intent, and every stop that has to wait, is
// told by an action with the task's status before and after: who records the actions knows what each task does.
//
// EventStart comes once, when the supervisor begins to run. A driver that has no place for a run of a task keeps it from starting
// with EventHold, until EventRelease. The other events are operator commands: EventAdd, EventNeed, EventRemove, EventRestart,
// EventKill, EventSuspend, EventResume, EventPolicy, EventLimits and EventShutdown.
//
// A machine halts once. Operator commands are accepted in every phase, also when it has halted: nothing starts then, and what
// they say counts when the supervisor runs again. For that, a driver makes a new machine and gives it the events of
// [Machine.Recreate].
//
// A driver of many machines keeps their deadlines in a queue of package core/timers.
//
// # A complete driver
//
// This one runs functions as goroutines. Its channel takes operator commands and ends of runs from anywhere:
//
//	func drive(m *core.Machine, events <-chan core.Event, run func(core.TaskID, core.Run), stop func(core.TaskID, core.Run)) core.Action {
//		began := time.Now()
//		timer := time.NewTimer(0)
//		var actions []core.Action
//		for {
//			ev := core.Event{Kind: core.EventTick}
//			select {
//			case ev = <-events:
//			case <-timer.C:
//			}
//			ev.At = core.Instant(time.Since(began))
//			actions = m.Step(actions[:0], ev)
//			for _, a := range actions {
//				switch a.Kind {
//				case core.ActionStart:
//					go run(a.Task, a.Run) // sends an EventExit when it has ended
//				case core.ActionStop:
//					stop(a.Task, a.Run)
//				case core.ActionHalt:
//					return a
//				}
//			}
//			if at, ok := m.NextDeadline(); ok {
//				timer.Reset(time.Duration(at) - time.Since(began))
//			} else {
//				timer.Stop()
//			}
//		}
//	}
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
// A task always has one [Status]. A status has at most one timer, which is cancelled with it, so no stale timer can
// fire. A healthy task has no timer unless its policy has a watchdog or a probe: an idle fleet costs nothing.
//
//	Created    --its turn-->       Healthy, or Starting if the policy has readiness
//	Starting   --EventReady-->     Healthy
//	Healthy    --EventUnready-->   Healthy, and what has yet to start waits for its EventReady
//	Healthy    --good end-->       Completed, or Failed if the policy restarts always
//	Healthy    --failure-->        Failed, or Dead if no restart is left or wanted
//	Failed     --its instant-->    Healthy, Starting, or Created while other tasks come first
//	Healthy    --asked to stop-->  Stopping --end--> what was intended
//	Starting   --start timeout-->  Stopping --end--> Failed
//	Healthy    --missed beat-->    Stopping --end--> Failed
//	Stopping   --stop timeout-->   Abandoned --late end--> what was intended
//
// When the supervisor stops, its tasks are Halted: those that ran, once their runs have stopped, and those that waited for
// a start at once. Completed and Dead tasks stay as they are.
//
// Runs are numbered per task. Every start adds one, and the end of a run that is not the task's live one is rejected: a
// late end never touches a newer run.
//
// The end of a run that was asked to stop is ExitStopped, never a failure, whatever the run returned. What follows it is
// the task's [Intent]: restart, kill, remove, suspend and so on. IntentSuspend, for example, keeps the task from starting
// until an operator resumes it.
//
// # Backoff
//
// The n-th restart since the task was last stable comes after
//
//	min(BaseDelay * Factor^min(n, MaxExponent), MaxDelay)
//
// with n = 1 for the first, in integers that saturate. Jitter then shortens a delay d by a uniform draw from
// [0, d*Jitter], from a hash of the seed, the task's key and the run that ended: replay is exact, the cap stays true, and
// no other task changes the draw. The resulting instant is in the action's Until and in [TaskStatus].
//
// A failure can carry a delay of its own (Event.Delay), such as what a server asked for: it takes the place of that, at most
// MaxDelay, and jitter does not shorten it. The failure counts as any other.
//
// A failure with Attempts already at MaxAttempts makes the task Dead; otherwise Attempts grows by one. A run that was
// healthy for at least StableAfter clears Attempts. That is decided from the run's own times when it ends. A good end
// under RestartAlways is not a failure: it waits BaseDelay (n = 0) and leaves Attempts alone.
// So does a run that was lost with what carried it (ExitLost), such as its machine, but for the delay, which is that of the
// attempts there are: it is not a failure and no crash. With RestartNever the task is Dead.
//
// EventRestart clears Attempts, withdraws a pending restart, works in every status and never makes two runs. EventKill
// withdraws a pending restart, and the task stays dead.
//
// # Tasks that affect each other
//
// With Config.Strategy, the restart of a task takes its siblings along: all of them, or those added after it. With
// EventNeed a task needs another that was added before it: it starts when that is up, and if it is bound to it, stops
// when that goes down and starts again after it.
//
// Either way no group restart is kept as state. A task that is to stop has an [Intent] from then on, and five rules are
// applied after every event until none applies (reconcile):
//
//  1. Plan to stop every task that is bound to one that is down (noteUp).
//  2. Of the tasks with a stop pending, ask the last one in declared order whose dependents have all stopped. Where tasks
//     stop one at a time, also wait for every later task (nextToStop). A stop that has to wait is told by an
//     ActionTransition, in which the status stays and Why says what the stop is for (tellPending).
//  3. A failed task's restart delay begins once every task its failure stopped has stopped (nextToRetry).
//  4. Halt if the supervisor's limits are exceeded (exceeded).
//  5. Start the first waiting task that nothing blocks (nextToStart): every task it needs is up, and no task that needs it
//     is stopping. With a strategy other than OneForOne, also no task is stopping, and no earlier task is starting or has
//     failed; with OneForAll, no task at all has failed.
//
// So a second failure joins the first, an operator command in the middle has its usual meaning, and no mode can be left
// set. An operator command about one task affects that task and those bound to it, whatever the strategy.
//
// # Limits
//
// With Config.DeadThreshold p/q, the supervisor halts at the event after which dead*q > p*total, strictly. With
// Config.Intensity it halts at the crash that is one too many, and with Config.AutoShutdown when significant tasks have
// ended. Config.RestartRate does not halt: it spreads restarts, first come, first served. When the supervisor halts it
// stops its tasks, each after those that need it, and emits ActionHalt exactly once, when no run is left to wait for.
//
// # Asking
//
// [Machine.Status] and [Machine.Tasks] return all there is to know of a task: enough to explain why it is not running.
// [Machine.Supervisor] returns the same of the supervisor as a whole: its phase, why it halts and which task is the
// culprit, its deadlines and its limits. [Machine.Crashes] and [Machine.Restarts] list what its limits have counted. No
// query changes anything.
//
// # Bounds
//
// A machine holds up to [MaxTasks] tasks, with as many different policies, and 2^40-1 tasks over its life: at ten thousand
// a second, those of three and a half years. Nothing else has an end, and nothing grows with the past: a machine knows its
// tasks, the policies that they have, and a few that they had (see [Machine.Define]).
//
// Step takes time in proportion to the logarithm of the number of tasks and to the number of tasks that the event affects:
// all of them when the supervisor starts or halts, or when a strategy restarts them together. It allocates nothing but room
// for its result, for added tasks and needs, and for other limits.
//
// A task takes 60 bytes, 17 more while it has a timer, and 32 for each task it needs; a policy takes 192. Once any task needs
// another, every task takes 12 bytes more, and 8 each once a run was left behind, and once a failure with a delay of its own has
// to wait for other tasks to stop.
package core
