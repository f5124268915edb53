package core

// What to tell an operator. docs/operating.md shows the same sentences, and a test compares them.

// Help says in two sentences what the status means, and what an operator can do about it. It is
// empty for StatusNone, and for a value without a name.
func (s Status) Help() string {
	switch s {
	case StatusNone:
	case StatusCreated:
		return "It has no run and waits to start. " +
			"See what it waits for."
	case StatusStarting:
		return "Its run has started and has not reported that it is ready. " +
			"Wait; it fails by itself if it is not ready within its start timeout."
	case StatusHealthy:
		return "It is running. " +
			"Nothing to do."
	case StatusStopping:
		return "Its run was asked to stop and has not stopped yet. " +
			"Wait; it is abandoned if it does not stop within its stop timeout."
	case StatusFailed:
		return "Its run failed, and a restart is scheduled. " +
			"Read its last error; restart it by hand if you have mended the cause and cannot wait."
	case StatusCompleted:
		return "Its run ended well, and it is not restarted. " +
			"Nothing to do; restart it to run it again."
	case StatusDead:
		return "It does not start again by itself. " +
			"See its reason, mend the cause, then restart it."
	case StatusHalted:
		return "It was stopped, or did not start, because its supervisor stopped. " +
			"Start the supervisor again; see why that stopped."
	case StatusAbandoned:
		return "Its run did not stop in time and may still be going. " +
			"Find out what the run waits for; nothing in this process can end it by force."
	case statuses:
	}
	return ""
}

// Help says in two sentences what the task waits for, and what an operator can do about it. It is
// empty for WaitNone, and for a value without a name.
func (w Wait) Help() string {
	switch w {
	case WaitNone:
	case WaitSupervisor:
		return "Its supervisor has not started. " +
			"Start the supervisor."
	case WaitSuspended:
		return "An operator suspended it. " +
			"Resume it when the work is done."
	case WaitNeed:
		return "A task it needs is not up. " +
			"Look at that task."
	case WaitTurn:
		return "Other tasks have to stop, or to come up, before it. " +
			"Look for the one that is stopping, starting or failed."
	case WaitLeftBehind:
		return "An earlier run of it was left behind and has not ended. " +
			"Find out what that run waits for; the task starts when it has ended, or at once with a policy that replaces abandoned runs."
	case WaitHeld:
		return "It is held: what it needs, such as a machine or a port, is not there, or an operator said so. " +
			"Its status says why; it starts by itself when nothing holds it any more."
	case WaitOthersStopped:
		return "The tasks that its failure stopped have not all stopped. " +
			"Look for the one that is stopping; the restart delay begins after it."
	case WaitDelay:
		return "Its restart delay has not passed. " +
			"Wait; the status says until when."
	case WaitRestartRate:
		return "Its supervisor restarts no more tasks for now. " +
			"Wait, or raise the restart rate."
	case waits:
	}
	return ""
}

// Help says in two sentences what follows when the run has stopped, and what an operator can do about it. It is
// empty for IntentNone, and for a value without a name.
func (i Intent) Help() string {
	switch i {
	case IntentNone:
	case IntentRestart:
		return "An operator restarted it: it starts afresh when its run has stopped. " +
			"Nothing to do."
	case IntentKill:
		return "An operator killed it: it is dead when its run has stopped. " +
			"Restart it to take that back."
	case IntentRemove:
		return "An operator removed it: it is forgotten when its run has stopped. " +
			"Nothing to do; its name is free then."
	case IntentHalt:
		return "Its supervisor is stopping. " +
			"Nothing to do."
	case IntentRetry:
		return "Its run hangs: it is restarted as after any failure when it has stopped. " +
			"Find out where the run hangs."
	case IntentStartAgain:
		return "It stops for another task, and starts again when it can. " +
			"Look at the task that failed or went down."
	case IntentSuspend:
		return "An operator suspended it: it does not start again until it is resumed. " +
			"Resume it when it may run again."
	case IntentRetire:
		return "It stops for another task, and its policy never restarts it. " +
			"Restart it by hand if it has to run again."
	case intents:
	}
	return ""
}

// Help says in two sentences what happened, and what an operator can do about it. It is
// empty for ReasonNone, and for a value without a name.
func (r Reason) Help() string {
	switch r {
	case ReasonNone:
	case ReasonAdded:
		return "It was added to the supervisor. " +
			"Nothing to do; see what it waits for."
	case ReasonSupervisorStart:
		return "Its supervisor started. " +
			"Nothing to do."
	case ReasonBackoff:
		return "It failed, and its restart delay has passed. " +
			"Nothing to do; its last error says why it failed."
	case ReasonFailure:
		return "Its run failed, and a restart is scheduled. " +
			"Read its last error; restart it by hand if you have mended the cause and cannot wait."
	case ReasonRepeat:
		return "Its run ended well, and its policy restarts it after any end. " +
			"Nothing to do, unless the run should have gone on."
	case ReasonReady:
		return "Its run reported that it is ready, or ready again. " +
			"Nothing to do."
	case ReasonUnready:
		return "Its run goes on and reported that it is not ready for now; tasks that need it and have not started wait. " +
			"Nothing to do, unless it stays so; then look at what the run waits for."
	case ReasonSibling:
		return "Another task failed, and the strategy restarts this one with it. " +
			"Look at the task that failed."
	case ReasonDependency:
		return "A task it is bound to went down. " +
			"Look at that task; this one starts again when that one is up."
	case ReasonStartAgain:
		return "It stopped for another task, and starts again when it can. " +
			"Nothing to do; see what it waits for."
	case ReasonDelayBegins:
		return "All tasks that its failure stopped have stopped, so its restart delay begins. " +
			"Nothing to do; it starts when the delay has passed."
	case ReasonRestartRate:
		return "Its restart delay has passed, but its supervisor restarts no more tasks for now. " +
			"Wait, raise the restart rate, or restart it by hand."
	case ReasonSuspended:
		return "An operator suspended it. " +
			"Resume it when the work is done."
	case ReasonResumed:
		return "An operator resumed it. " +
			"Nothing to do."
	case ReasonPolicy:
		return "An operator changed its policy. " +
			"Nothing to do."
	case ReasonStartTimeout:
		return "Its run was not ready in time, which is a failure. " +
			"Find out what its start waits for; raise the start timeout if it was only slow."
	case ReasonWatchdog:
		return "Its run missed a heartbeat, or failed too many probes in a row. " +
			"Find out where it hangs; raise the limit if it was only slow."
	case ReasonProbe:
		return "Its run is being probed. " +
			"Nothing to do."
	case ReasonProbeFailed:
		return "Its run failed a probe; too many in a row are a failure. " +
			"Look at it now if this repeats."
	case ReasonCompleted:
		return "Its run ended well, and it is not restarted. " +
			"Nothing to do; restart it to run it again."
	case ReasonRestarted:
		return "An operator restarted it. " +
			"Nothing to do."
	case ReasonKilled:
		return "An operator killed it. " +
			"Restart it to bring it back."
	case ReasonRemoved:
		return "An operator removed it. " +
			"Add it again to bring it back."
	case ReasonExhausted:
		return "It failed with no restart attempts left. " +
			"Mend what its last error names, then restart it: that gives it all its attempts again."
	case ReasonNotRestartable:
		return "Its run ended, and its policy never restarts it. " +
			"Restart it by hand, or give it a policy that does."
	case ReasonFatal:
		return "Its run reported that it cannot go on, which stops its supervisor. " +
			"Mend what its last error names, then start the supervisor again."
	case ReasonIntensity:
		return "Tasks failed more often than the supervisor allows, which stops it. " +
			"Look for the cause that the failures share, then start the supervisor again."
	case ReasonSupervisorStop:
		return "Its supervisor stopped. " +
			"Nothing to do; see why the supervisor stopped."
	case ReasonStopTimeout:
		return "Its run did not stop within its stop timeout. " +
			"Find out what the run waits for; raise the stop timeout if it was only slow."
	case ReasonLateExit:
		return "An abandoned run has stopped after all. " +
			"Nothing to do, but find out why it took so long."
	case ReasonShutdown:
		return "The supervisor was asked to shut down. " +
			"Nothing to do; start it again to bring its tasks back."
	case ReasonTooManyDead:
		return "The share of dead tasks exceeds the threshold, which stops the supervisor. " +
			"Look up why each of them died, then start the supervisor again."
	case ReasonAllEnded:
		return "All significant tasks have ended, so the supervisor stops as configured. " +
			"Nothing to do."
	case ReasonAnyEnded:
		return "A significant task has ended, so the supervisor stops as configured. " +
			"See how the task ended if it should have gone on."
	case ReasonEscalated:
		return "A task was abandoned, was exhausted or could not go on, and its supervisor stops because of it. " +
			"Mend the task that the error names, then start the supervisor again."
	case ReasonShutdownTimeout:
		return "Its run had not stopped when the time for the whole shutdown was over. " +
			"Find out what the run waits for; raise the shutdown timeout if it was only slow."
	case ReasonLost:
		return "Its run was lost with what carried it, which counts as no failure, and a restart is scheduled. " +
			"See to the machine or the process that carried it; nothing is wrong with the task itself."
	case ReasonHeld:
		return "It is held: what it needs, such as a machine or a port, is not there, or an operator said so. " +
			"See why it is held; a run that it has goes on."
	case ReasonReleased:
		return "Nothing holds it any more. " +
			"Nothing to do; see what it waits for if it does not start."
	case reasons:
	}
	return ""
}

// Help says in two sentences how the run ended, and what an operator can do about it. It is
// empty for ExitNone, and for a value without a name.
func (e ExitKind) Help() string {
	switch e {
	case ExitNone:
	case ExitOK:
		return "The run returned without an error. " +
			"Nothing to do."
	case ExitError:
		return "The run returned an error. " +
			"Read the error."
	case ExitPanic:
		return "The run panicked. " +
			"Read the value and the stack, and mend the code."
	case ExitGoexit:
		return "The run ended its goroutine without returning. " +
			"Look for a call of runtime.Goexit or of a test's FailNow."
	case ExitDone:
		return "The run reported that its work is done; it is not restarted. " +
			"Nothing to do."
	case ExitFatal:
		return "The run reported that it cannot go on; its supervisor stops. " +
			"Read the error."
	case ExitStartTimeout:
		return "The run was not ready in time and was stopped. " +
			"Find out what its start waits for."
	case ExitWatchdog:
		return "The run missed a heartbeat or failed its probes, and was stopped. " +
			"Find out where it hangs."
	case ExitTooQuick:
		return "The run ended well, but sooner than its policy takes for a success. " +
			"Find out why it has nothing to do, or lower the minimum uptime."
	case ExitStopped:
		return "The run ended after it was asked to stop, which is not a failure. " +
			"Nothing to do."
	case ExitLost:
		return "The run was lost with what carried it, such as its machine, which is not a failure of the run. " +
			"See to what carried it."
	case exitKinds:
	}
	return ""
}

// Help says in two sentences why the event was refused, and what its sender can do about it. It is
// empty for RefusalNone, and for a value without a name.
func (r Refusal) Help() string {
	switch r {
	case RefusalNone:
	case RefusalUnknownEvent:
		return "The event is of no known kind. " +
			"Mend the driver."
	case RefusalUnknownTask:
		return "There is no such task, or not any more. " +
			"List the tasks and check the name."
	case RefusalUnknownPolicy:
		return "The policy was never defined, or no task has it any more and it is forgotten. " +
			"Define it right before the event that refers to it."
	case RefusalUnknownExit:
		return "A driver cannot report this kind of exit. " +
			"Mend the driver."
	case RefusalUnknownLimits:
		return "The limits were never defined, or they are not in force any more and are forgotten. " +
			"Define them right before the event that refers to them."
	case RefusalUnknownRun:
		return "No task can have had a run of that number. " +
			"Mend the driver."
	case RefusalStaleRun:
		return "The event is about a run that is over. " +
			"Nothing to do; a late report changes nothing."
	case RefusalStaleProbe:
		return "The answer belongs to no probe that is awaited. " +
			"Nothing to do; a late answer changes nothing."
	case RefusalAlreadyStarted:
		return "The supervisor was started before. " +
			"Nothing to do."
	case RefusalAlreadyEnded:
		return "The task has completed or is dead, so nothing is left to stop. " +
			"Restart it to run it again, or remove it."
	case RefusalBeingRemoved:
		return "The task is being removed. " +
			"Add it again when its name is free."
	case RefusalNotSuspended:
		return "The task to resume is not suspended. " +
			"See what it waits for."
	case RefusalNeeded:
		return "Another task needs the one to remove. " +
			"Remove that one first."
	case RefusalNeedsLaterTask:
		return "A task can need only tasks that were added before it. " +
			"Add them in the other order."
	case RefusalTooManyTasks:
		return "The supervisor holds as many tasks as it may. " +
			"Remove some, or raise the maximum."
	case RefusalShuttingDown:
		return "The supervisor is stopping already. " +
			"Wait until it has stopped, then start it again."
	case RefusalSupervisorDone:
		return "The supervisor has stopped. " +
			"Start it again."
	case refusals:
	}
	return ""
}
