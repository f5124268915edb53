package reference

import (
	"cmp"
	"slices"
)

// Read reads a recording. The file name is for messages. The error is a [*FormatError].
func Read(file string, data []byte) (*Recording, error) {
	root := parse(file, data)
	recording := &Recording{File: file}
	if root.mistake == nil {
		recording.scenario = scenarioFrom(root.field("scenario"))
		recording.trace = traceFrom(root.field("trace"))
	}
	if root.mistake != nil {
		return nil, root.mistake
	}
	return recording, nil
}

func scenarioFrom(n node) scenario {
	read := scenario{settings: settingsFrom(n.field("config")), end: n.field("end_ms").whole(64)}
	for _, task := range n.field("tasks").list() {
		read.tasks = append(read.tasks, taskScript{task.field("name").text(), stepsFrom(task.field("script"))})
	}
	if n.has("commands") {
		for _, command := range n.field("commands").list() {
			read.commands = append(read.commands, commandFrom(command))
		}
	}
	slices.SortStableFunc(read.commands, func(a, b command) int { return cmp.Compare(a.at, b.at) })
	if n.has("sample") {
		n := n.field("sample")
		read.sampling = &sampling{period: n.field("period_ms").whole(64), offset: n.field("offset_ms").whole(64)}
		if read.sampling.period == 0 {
			n.field("period_ms").mistaken("is 0")
		}
	}
	return read
}

func settingsFrom(n node) settings {
	read := settings{
		healthCheckInterval: n.field("health_check_interval_ms").whole(64),
		baseRestartDelay:    n.field("base_restart_delay_ms").whole(64),
		maxBackoffExponent:  uint32(n.field("max_backoff_exponent").whole(32)),
		stableAfter:         n.field("stable_after_ms").whole(64),
	}
	if n := n.field("max_restart_attempts"); n.value != nil {
		attempts := uint32(n.whole(32))
		read.maxRestartAttempts = &attempts
	}
	if n := n.field("dead_threshold"); n.value != nil {
		threshold := min(max(n.decimal(), 0), 1)
		read.deadThreshold = &threshold
	}
	return read
}

func stepsFrom(n node) []step {
	var steps []step
	for _, n := range n.list() {
		read := step{outcome: n.field("outcome").oneOf(outcomeOK, outcomeError, outcomePanic, outcomeHang)}
		if read.outcome != outcomeHang || n.has("run_for_ms") {
			read.runFor = n.field("run_for_ms").whole(64)
		}
		steps = append(steps, read)
	}
	if len(steps) == 0 {
		n.mistaken("is empty")
	}
	return steps
}

func commandFrom(n node) command {
	read := command{
		at: n.field("at_ms").whole(64),
		op: n.field("op").oneOf(opAdd, opKill, opRestart, opStatus, opShutdown, opDropHandleClone),
	}
	if read.op != opShutdown && read.op != opDropHandleClone {
		read.task = n.field("task").text()
	}
	if read.op == opAdd {
		read.steps = stepsFrom(n.field("script"))
	}
	return read
}

func traceFrom(n node) trace {
	read := trace{final: finalFrom(n.field("final"))}
	for _, n := range n.field("events").list() {
		read.events = append(read.events, eventFrom(n))
	}
	for _, n := range n.field("commands").list() {
		read.commands = append(read.commands, answerFrom(n))
	}
	for _, n := range n.field("samples").list() {
		read.samples = append(read.samples, sampleFrom(n))
	}
	return read
}

func eventFrom(n node) event {
	read := event{
		at:   n.field("t_ms").whole(64),
		task: n.field("task").text(),
		run:  uint32(n.field("run").whole(32)),
	}
	if n.field("event").oneOf("start", "end") == "end" {
		read.how = n.field("how").oneOf(outcomeOK, outcomeError, outcomePanic, cancelled)
	}
	return read
}

func answerFrom(n node) answer {
	read := answer{at: n.field("t_ms").whole(64), op: n.field("op").text(), result: resultNull}
	if n.has("task") {
		read.task = n.field("task").text()
	}
	if result := n.field("result"); result.value != nil {
		read.result = result.text()
	}
	return read
}

func sampleFrom(n node) sample {
	read := sample{at: n.field("t_ms").whole(64)}
	if n.has("after_command") {
		read.afterCommand = n.field("after_command").boolean()
	}
	if !n.has("statuses") {
		read.failure = n.field("error").oneOf(resultSendError, resultRecvError)
		return read
	}
	read.statuses = map[string]string{}
	for task, status := range n.field("statuses").entries() {
		read.statuses[task] = status.oneOf(statusCreated, statusHealthy, statusFailed, statusCompleted, statusDead)
	}
	return read
}

func finalFrom(n node) final {
	read := final{
		at:     n.field("t_ms").whole(64),
		result: n.field("result").oneOf(finalOK, finalTooManyDead, finalRunning),
	}
	if read.result == finalTooManyDead {
		read.current = n.field("current").decimal()
		read.threshold = n.field("threshold").decimal()
		read.message = n.field("message").text()
	}
	return read
}
