package core

// Failure reports whether a run that ended so has failed, and its task is restarted as after any failure. ExitFatal is no
// such end: it halts the supervisor. Nor is ExitLost: its task is restarted, and has not failed.
func (k ExitKind) Failure() bool {
	switch k {
	case ExitError, ExitPanic, ExitGoexit, ExitStartTimeout, ExitWatchdog, ExitTooQuick:
		return true
	case ExitNone, ExitOK, ExitDone, ExitFatal, ExitStopped, ExitLost, exitKinds:
	}
	return false
}

// Verdict reports whether the run itself said by ending so what is to become of its task, whatever the policy: ExitDone
// or ExitFatal.
func (k ExitKind) Verdict() bool { return k == ExitDone || k == ExitFatal }

// Reported reports whether a driver may report such an end, by EventExit. The others are decided by the machine.
func (k ExitKind) Reported() bool { return k >= ExitOK && k <= ExitFatal || k == ExitLost }

// Hangs reports whether a run was found to hang: it was not ready in time, missed a beat, or failed too many probes in a
// row.
func (r Reason) Hangs() bool { return r == ReasonStartTimeout || r == ReasonWatchdog }

// FiresTimer reports whether a task's status changes for this reason only when the timer of that status fires. A failed
// answer to a probe, which comes in an event, has a reason of such a timer too: ReasonProbeFailed or ReasonWatchdog.
func (r Reason) FiresTimer() bool {
	switch r {
	case ReasonBackoff, ReasonRestartRate, ReasonStopTimeout, ReasonStartTimeout, ReasonWatchdog, ReasonProbe, ReasonProbeFailed:
		return true
	default:
		return false
	}
}
