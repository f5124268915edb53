package reference

import (
	"fmt"
	"slices"
	"strconv"
)

// observation is one thing that a trace shows, with a value. Two traces are the same when their observations are.
type observation struct {
	key   string // unique within a trace, and the same in every trace of a scenario
	at    uint64
	what  string
	value string
	state bool // it may last: what a sample shows, not what happened at its instant
}

const (
	nothing     = "nothing"
	runAsAWhole = "the run as a whole"
)

// observations takes a trace apart.
func observations(t trace) []observation {
	o := observer{seen: map[string]bool{}}
	if t.refusal != "" {
		o.note(0, runAsAWhole, runAsAWhole, "refused")
		return o.all
	}
	o.note(0, runAsAWhole, runAsAWhole, "played")
	o.events(t.events)
	for i, a := range t.commands {
		o.note(a.at, fmt.Sprintf("command %d", i), join("answer to", a.op, a.task), a.result)
	}
	o.samples(t.samples)
	o.note(t.final.at, "final result", "final result", t.final.result)
	o.note(t.final.at, "final time", "final time", milliseconds(t.final.at))
	if t.final.result == finalTooManyDead {
		o.note(t.final.at, "final current", "final current", decimal(t.final.current))
		o.note(t.final.at, "final threshold", "final threshold", decimal(t.final.threshold))
		o.note(t.final.at, "final message", "final message", strconv.Quote(t.final.message))
	}
	return o.all
}

type observer struct {
	all  []observation
	seen map[string]bool
}

func (o *observer) note(at uint64, key, what, value string) *observation {
	for o.seen[key] {
		key += ", again"
	}
	o.seen[key] = true
	o.all = append(o.all, observation{key: key, at: at, what: what, value: value})
	return &o.all[len(o.all)-1]
}

// events notes every start and end. Their order counts within a task only.
func (o *observer) events(events []event) {
	latest := map[string]event{}
	for _, e := range events {
		what := fmt.Sprintf("%s run %d start", e.task, e.run)
		value := milliseconds(e.at)
		if e.how != "" {
			what = fmt.Sprintf("%s run %d end", e.task, e.run)
			value += ", " + e.how
		}
		o.note(e.at, what, what, value)
		if before, ok := latest[e.task]; ok && !follows(before, e) {
			o.note(e.at, what+" order", what, "out of order")
		}
		latest[e.task] = e
	}
}

func follows(before, e event) bool {
	if e.how != "" {
		return before.how == "" && before.run == e.run && before.at <= e.at
	}
	return before.how != "" && before.run+1 == e.run && before.at <= e.at
}

func (o *observer) samples(samples []sample) {
	for i, s := range samples {
		if i > 0 && i == len(samples)-1 && s.at == samples[i-1].at && s.afterCommand == samples[i-1].afterCommand {
			continue // the last sample, where a periodic one is due at the end of the recording
		}
		key := fmt.Sprintf("sample %d after command %v", s.at, s.afterCommand)
		if s.statuses == nil {
			o.note(s.at, key, "sample", s.failure).state = true
			continue
		}
		o.note(s.at, key, "sample", "statuses").state = true
		tasks := make([]string, 0, len(s.statuses))
		for task := range s.statuses {
			tasks = append(tasks, task)
		}
		slices.Sort(tasks)
		for _, task := range tasks {
			o.note(s.at, key+" of "+task, "status of "+task, s.statuses[task]).state = true
		}
	}
}

func join(words ...string) string {
	text := words[0]
	for _, word := range words[1:] {
		if word != "" {
			text += " " + word
		}
	}
	return text
}

func milliseconds(at uint64) string { return strconv.FormatUint(at, 10) + " ms" }

func decimal(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
