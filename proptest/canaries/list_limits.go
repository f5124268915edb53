package canaries

// limitCanaries break what is counted and where a limit lies.
func limitCanaries() []Canary {
	return []Canary{
		{
			Name: "threshold-at", Rule: "the supervisor halts strictly above the threshold, never at it",
			Lesson: "\"More than half\" and \"half\" differ in every group of an even number.",
			Edits:  []Edit{replace("Machine.tooManyDead", "_ > _", "dead > 0 && dead*uint64(m.config.DeadThreshold.Den) >= uint64(m.config.DeadThreshold.Num)*uint64(m.total())")},
		},
		{
			Name: "threshold-rounds", Rule: "the threshold is compared exactly",
			Lesson: "A share that is divided first, or kept in floating point, is not the share that was configured.",
			Edits:  []Edit{replace("Machine.tooManyDead", "_ > _", "m.total() > 0 && dead*uint64(m.config.DeadThreshold.Den)/uint64(m.total()) > uint64(m.config.DeadThreshold.Num)")},
		},
		{
			Name: "threshold-forgets-abandoned", Rule: "abandoned tasks count as dead",
			Lesson: "A run that cannot be stopped does no work, whatever its status is called.",
			Edits:  []Edit{replace("Machine.tooManyDead", "m.counts[StatusDead] + m.counts[StatusAbandoned]", "m.counts[StatusDead]")},
		},
		{
			Name: "threshold-forgets-completed", Rule: "completed tasks count into the total",
			Lesson: "Otherwise each task that ends well brings the others nearer to a halt.",
			Edits:  []Edit{replace("Machine.tooManyDead", "uint64(m.total())", "uint64(m.total()-int(m.counts[StatusCompleted]))")},
		},
		{
			Name: "all-ended-too-soon", Rule: "the supervisor shuts down when all significant tasks have ended, not when most have",
			Lesson: "The last task that still works is stopped in the middle of it.",
			Edits:  []Edit{replace("Machine.exceeded", "m.significantEnded == m.significant && m.significant > 0", "m.significantEnded+1 >= m.significant && m.significantEnded > 0")},
		},
		{
			Name: "removed-stays-counted", Rule: "a removed task no longer counts",
			Lesson: "A counter kept beside the list it counts drifts at the one place that was forgotten.",
			Edits:  []Edit{drop("Machine.release", "m.countSignificant(t, minusOne)")},
		},
		{
			Name: "left-miscounted", Rule: "an abandoned run that ended is not left behind",
			Lesson: "A shutdown report that cries wolf is not read.",
			Edits:  []Edit{drop("Machine.fencedExit", "m.leftBehind--")},
		},
		{
			Name: "kill-completed", Rule: "a completed task cannot be killed",
			Lesson: "In the task-supervisor crate a completed task becomes dead that way, and counts towards the threshold.",
			Edits:  []Edit{replace("Machine.refuseAbout", "(ev.Kind == EventKill || ev.Kind == EventSuspend) && m.over(t)", "ev.Kind == EventKill && t.status == StatusDead || ev.Kind == EventSuspend && m.over(t)")},
		},
		{
			Name: "never-ready-is-good", Rule: "a run that was never healthy has not been so for long enough",
			Lesson: "A minimum uptime that counts from the start takes a run that never got anywhere for a success.",
			Edits:  []Edit{without("Machine.tooQuick", "t.status == StatusStarting")},
		},
		{
			Name: "uptime-too-long", Rule: "a run that has been healthy for exactly its minimum has ended well",
			Lesson: "What is said of a bound is to hold at the bound; a task that works for exactly as long as it must would die of it.",
			Edits:  []Edit{replace("Machine.tooQuick", "m.now < enough", "m.now <= enough")},
		},
	}
}
