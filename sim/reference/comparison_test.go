package reference

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestComparisonBites falsifies every recording at every place, one at a time: each time something must be found that
// no rule explains.
func TestComparisonBites(t *testing.T) {
	for _, file := range recordingsIn(t, ourRecordings[0]) {
		recording := read(t, file)
		for what, falsified := range falsifications(recording.trace) {
			forged := &Recording{File: recording.File, scenario: recording.scenario, trace: falsified}
			differences, err := forged.Differences()
			require.NoError(t, err)
			unexplained := slices.ContainsFunc(differences, func(d Difference) bool { return d.Rule == "" })
			require.True(t, unexplained, "%s with %s: %v", file, what, differences)
		}
	}
}

// falsifications returns copies of a trace that each tell one thing wrong: the first, the last or one in the middle.
func falsifications(original trace) map[string]trace {
	all := map[string]trace{}
	for _, i := range places(len(original.events)) {
		e := original.events[i]
		all["a shifted event"] = withEvent(original, i, event{e.at + 1, e.task, e.run, e.how})
		all["another run"] = withEvent(original, i, event{e.at, e.task, e.run + 100, e.how})
		all["another task"] = withEvent(original, i, event{e.at, e.task + "x", e.run, e.how})
		all["an event less"] = withEvents(original, slices.Delete(slices.Clone(original.events), i, i+1))
		all["an event twice"] = withEvents(original, slices.Insert(slices.Clone(original.events), i, e))
		if e.how != "" {
			all["another end"] = withEvent(original, i, event{e.at, e.task, e.run, "otherwise"})
		}
	}
	for _, i := range places(len(original.commands)) {
		forged := original
		forged.commands = slices.Clone(original.commands)
		forged.commands[i].result = statusCreated
		all["another answer"] = forged
	}
	for _, i := range places(len(original.samples)) {
		s := original.samples[i]
		for task := range s.statuses {
			statuses := maps.Clone(s.statuses)
			statuses[task] = statusCreated
			all["another status"] = withSample(original, i, sample{s.at, s.afterCommand, statuses, ""})
			statuses = maps.Clone(s.statuses)
			delete(statuses, task)
			all["a status less"] = withSample(original, i, sample{s.at, s.afterCommand, statuses, ""})
		}
		all["a shifted sample"] = withSample(original, i, sample{s.at + 1, s.afterCommand, s.statuses, s.failure})
		all["a failed sample"] = withSample(original, i, sample{s.at, s.afterCommand, nil, "otherwise"})
	}
	forged := original
	forged.final.at++
	all["another final time"] = forged
	forged = original
	forged.final.result = "otherwise"
	all["another final result"] = forged
	if original.final.result == finalTooManyDead {
		forged = original
		forged.final.current += 0.25
		all["another share of dead tasks"] = forged
		forged = original
		forged.final.message += "!"
		all["another message"] = forged
	}
	return all
}

func places(length int) []int {
	switch length {
	case 0:
		return nil
	case 1:
		return []int{0}
	}
	return []int{0, length / 2, length - 1}
}

func withEvent(original trace, i int, e event) trace {
	events := slices.Clone(original.events)
	events[i] = e
	return withEvents(original, events)
}

func withEvents(original trace, events []event) trace {
	original.events = events
	return original
}

func withSample(original trace, i int, s sample) trace {
	original.samples = slices.Clone(original.samples)
	original.samples[i] = s
	return original
}

func TestOrderOfOneTasksEventsCounts(t *testing.T) {
	recording := read(t, "testdata/golden/restart_healthy.json")
	events := slices.Clone(recording.trace.events)
	at := slices.IndexFunc(events, func(e event) bool { return e.how == cancelled })
	require.Equal(t, events[at].at, events[at+1].at, "the old run ends and the new one starts at one instant")
	events[at], events[at+1] = events[at+1], events[at]

	forged := &Recording{File: recording.File, scenario: recording.scenario, trace: withEvents(recording.trace, events)}
	differences, err := forged.Differences()
	require.NoError(t, err)
	unexplained := slices.ContainsFunc(differences, func(d Difference) bool { return d.Rule == "" })
	require.True(t, unexplained)
}

func TestOrderBetweenTasksDoesNotCount(t *testing.T) {
	recording := read(t, "testdata/golden/shutdown_healthy.json")
	slices.SortStableFunc(recording.trace.events, func(a, b event) int {
		if a.at != b.at || a.task == b.task {
			return int(a.at) - int(b.at)
		}
		return -1 * compareText(a.task, b.task)
	})
	differences, err := recording.Differences()
	require.NoError(t, err)
	require.Empty(t, differences)
}

func compareText(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}
