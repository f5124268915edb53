package prometheus

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// world is a tree that changes, and what has been counted in it.
type world struct {
	*rand.Rand
	sup   *supervisor.Supervisor
	next  int
	alive []*counted // tasks
	above []*countedSupervisor
}

type counted struct {
	in     int
	name   string
	counts taskCounts
	before taskCounts // when it was last scraped
}

type countedSupervisor struct {
	path   string
	counts supervisorCounts
	before supervisorCounts
}

// Whatever comes, counts and goes: there are never more series than the limit, what a scrape says was counted since the last one was
// counted, and nothing goes back.
func TestLedger(t *testing.T) {
	for seed := range uint64(60) {
		w := &world{Rand: rand.New(rand.NewPCG(seed, 1)), sup: made(t)}
		limit := []int{120, 230, 300, 500, 1000, 5000}[w.IntN(6)]
		o := options{seriesLimit: limit, statusUpTo: w.IntN(3) * 20}
		l := newLedger()
		var before values
		highest := map[string]float64{}
		var sums supervisorCounts
		for range 60 {
			w.change()
			r := w.reading()
			now := valuesOf(l.enter(r, o))
			what := fmt.Sprintf("seed %d, limit %d", seed, limit)
			require.LessOrEqual(t, now.series, max(limit, globalSeries), what)
			w.check(t, &r, before, now, what)
			w.checkSupervisors(t, &l, &r, now, &sums, what)
			for _, path := range append(paths(&r), other) {
				if value, has := now.of[sampleKey{taskStarts, [3]string{path, other}}]; has {
					require.GreaterOrEqual(t, value, highest[path], what)
					highest[path] = value
				}
			}
			require.Len(t, l.accounts, len(w.alive)+len(w.above), what)
			before = now
			for _, task := range w.alive {
				task.before = task.counts
			}
			for _, above := range w.above {
				above.before = above.counts
			}
		}
	}
}

// change adds, removes and counts.
func (w *world) change() {
	for range w.IntN(4) {
		switch w.IntN(5) {
		case 0:
			if len(w.above) < 6 {
				w.above = append(w.above, &countedSupervisor{path: fmt.Sprint("s", w.next)})
				w.next++
			}
		case 1: // the last one, with its tasks
			if n := len(w.above) - 1; n > 0 {
				w.above = w.above[:n]
				var left []*counted
				for _, task := range w.alive {
					if task.in < n {
						left = append(left, task)
					}
				}
				w.alive = left
			}
		case 2, 3:
			for range w.IntN(12) {
				if len(w.above) == 0 {
					break
				}
				w.alive = append(w.alive, &counted{in: w.IntN(len(w.above)), name: fmt.Sprint("t", w.next)})
				w.next++
			}
		case 4:
			for range w.IntN(12) {
				if n := len(w.alive); n > 0 {
					i := w.IntN(n)
					w.alive = append(w.alive[:i], w.alive[i+1:]...)
				}
			}
		}
	}
	for range 30 {
		if n := len(w.alive); n > 0 {
			w.alive[w.IntN(n)].counts[w.IntN(len(taskCounts{}))]++
		}
		if n := len(w.above); n > 0 {
			w.above[w.IntN(n)].counts[w.IntN(len(supervisorCounts{}))]++
		}
	}
}

func (w *world) reading() (r reading) {
	for _, s := range w.above {
		r.supervisors = append(r.supervisors, supervisorReading{path: s.path, is: w.sup, counts: s.counts})
	}
	for in := range w.above {
		for _, task := range w.alive {
			if task.in == in {
				node := &supervisor.TreeNode{Supervisor: w.sup, TaskStatus: supervisor.TaskStatus{Name: task.name}}
				r.tasks = append(r.tasks, taskReading{in: in, node: node, counts: task.counts})
			}
		}
	}
	return r
}

// values are the samples of a scrape.
type values struct {
	series int
	of     map[sampleKey]float64
}

type sampleKey struct {
	metric int
	labels [3]string
}

func valuesOf(samples []sample) values {
	v := values{of: map[sampleKey]float64{}}
	for i := range samples {
		s := &samples[i]
		v.series += s.series()
		if s.durations == nil {
			v.of[sampleKey{s.metric, s.labels}] = s.value
		}
	}
	return v
}

// check compares the counters of tasks with what was counted.
func (w *world) check(t *testing.T, r *reading, before, now values, what string) {
	t.Helper()
	sums, folded := map[string]float64{}, 0.0 // by which the starts counted together have to grow
	for i := range r.tasks {
		task := &r.tasks[i]
		at := r.of(task)
		own := sampleKey{taskStarts, [3]string{at.path, task.node.Name}}
		value, has := now.of[own]
		require.Equal(t, task.account.placed, has, what)
		require.True(t, at.account.placed || !has, "%s: the task of a supervisor that has no series", what)
		if has {
			require.Equal(t, task.counts[countStarts], value, what)
			require.GreaterOrEqual(t, value, before.of[own], what)
			continue
		}
		folded++
		path := other
		if at.account.placed {
			path = at.path
		}
		for _, known := range w.alive {
			if known.name == task.node.Name {
				sums[path] += known.counts[countStarts] - known.before[countStarts]
			}
		}
	}
	require.Equal(t, folded, now.of[sampleKey{metric: tasksFolded}], what)
	for _, path := range append(paths(r), other) {
		of := sampleKey{taskStarts, [3]string{path, other}}
		if was, had := before.of[of]; had || now.of[of] > 0 {
			if _, has := now.of[of]; had && has || path == other {
				require.Equal(t, was+sums[path], now.of[of], "%s: %s/_other", what, path)
			}
		}
	}
}

// checkSupervisors compares the counters of supervisors with what was counted, and what is kept of histograms with it.
func (w *world) checkSupervisors(t *testing.T, l *ledger, r *reading, now values, sums *supervisorCounts, what string) {
	t.Helper()
	folded := 0.0
	for i, above := range w.above {
		placed := r.supervisors[i].account.placed
		value, has := now.of[sampleKey{escalations, [3]string{above.path, "too-many-dead"}}]
		require.Equal(t, placed, has, what)
		if placed {
			require.Equal(t, above.counts[firstEscalation], value, what)
			continue
		}
		folded++
		for j := range sums {
			sums[j] += above.counts[j] - above.before[j]
		}
	}
	require.Equal(t, folded, now.of[sampleKey{metric: supervisorsFolded}], what)
	require.Equal(t, *sums, l.supervisors, what)
	if *sums != (supervisorCounts{}) {
		require.Equal(t, sums[firstEscalation], now.of[sampleKey{escalations, [3]string{other, "too-many-dead"}}], what)
	}
}

func paths(r *reading) (all []string) {
	for i := range r.supervisors {
		all = append(all, r.supervisors[i].path)
	}
	return all
}

// A task that has series of its own keeps them when others are added, wherever in the tree.
func TestEstablishedTasksKeepTheirSeries(t *testing.T) {
	w := &world{Rand: rand.New(rand.NewPCG(1, 1)), sup: made(t), above: []*countedSupervisor{{path: "a"}, {path: "b"}}}
	for i := range 30 {
		w.alive = append(w.alive, &counted{in: 1, name: fmt.Sprint("old", i)})
	}
	l, o := newLedger(), options{seriesLimit: 700}
	first := valuesOf(l.enter(w.reading(), o))
	for i := range 100 {
		w.alive = append(w.alive, &counted{in: 0, name: fmt.Sprint("new", i)})
	}
	second, third := valuesOf(l.enter(w.reading(), o)), valuesOf(l.enter(w.reading(), o))
	for i := range 30 {
		of := sampleKey{taskStarts, [3]string{"b", fmt.Sprint("old", i)}}
		require.Contains(t, first.of, of)
		require.Contains(t, second.of, of)
		require.Contains(t, third.of, of)
	}
	require.Contains(t, second.of, sampleKey{taskStarts, [3]string{"a", "new0"}}, "there is room for a few")
	require.NotContains(t, second.of, sampleKey{taskStarts, [3]string{"a", "new99"}})
	require.Positive(t, second.of[sampleKey{metric: tasksFolded}])
}

// The status gives way before any task is counted with others.
func TestTheStatusGivesWayFirst(t *testing.T) {
	w := &world{Rand: rand.New(rand.NewPCG(1, 1)), sup: made(t), above: []*countedSupervisor{{path: "a"}}}
	for i := range 40 {
		w.alive = append(w.alive, &counted{name: fmt.Sprint("t", i)})
	}
	l := newLedger()
	status := sampleKey{taskStatus, [3]string{"a", "t0", "created"}}
	require.Contains(t, valuesOf(l.enter(w.reading(), options{seriesLimit: 1000, statusUpTo: 40})).of, status)
	require.NotContains(t, valuesOf(l.enter(w.reading(), options{seriesLimit: 1000, statusUpTo: 39})).of, status)
	got := valuesOf(l.enter(w.reading(), options{seriesLimit: 600, statusUpTo: 40}))
	require.NotContains(t, got.of, status)
	require.Zero(t, got.of[sampleKey{metric: tasksFolded}])
	require.NotContains(t, valuesOf(l.enter(w.reading(), options{seriesLimit: 1000, statusUpTo: 40})).of, status, "it does not come and go")
}

// A task that was removed, and another of its name that was added before the next scrape, are counted both.
func TestWhatHasGoneBackIsCountedAnew(t *testing.T) {
	w := &world{Rand: rand.New(rand.NewPCG(1, 1)), sup: made(t), above: []*countedSupervisor{{path: "a"}}, alive: []*counted{{name: other}}}
	l := newLedger()
	sums := sampleKey{taskStarts, [3]string{"a", other}}
	for _, step := range []struct{ starts, failures, sum float64 }{{5, 3, 5}, {6, 3, 6}, {2, 0, 8}, {2, 1, 8}, {9, 0, 17}} {
		w.alive[0].counts[countStarts], w.alive[0].counts[countFailures] = step.starts, step.failures
		require.Equal(t, step.sum, valuesOf(l.enter(w.reading(), defaults())).of[sums])
	}
}

// A supervisor that is called as those counted together is counted with them, and takes nothing with it when it is removed.
func TestASupervisorCalledOther(t *testing.T) {
	w := &world{
		Rand: rand.New(rand.NewPCG(1, 1)), sup: made(t),
		above: []*countedSupervisor{{path: "a"}, {path: other}}, alive: []*counted{{in: 1, name: "task"}},
	}
	w.above[1].counts[firstEscalation], w.alive[0].counts[countStarts] = 3, 4
	l := newLedger()
	require.Equal(t, 1.0, valuesOf(l.enter(w.reading(), defaults())).of[sampleKey{metric: supervisorsFolded}])
	w.above, w.alive = w.above[:1], nil
	for range 2 {
		got := valuesOf(l.enter(w.reading(), defaults()))
		require.Zero(t, got.of[sampleKey{metric: supervisorsFolded}])
		require.Equal(t, 3.0, got.of[sampleKey{escalations, [3]string{other, "too-many-dead"}}])
		require.Equal(t, 4.0, got.of[sampleKey{taskStarts, [3]string{other, other}}])
	}
}

// What supervisors have that are counted together is the sum, or the worst.
func TestFoldedSupervisors(t *testing.T) {
	well := supervisorReading{stats: supervisor.Stats{
		Phase: supervisor.PhaseRunning, Counts: supervisor.Counts{Healthy: 3, LeftBehind: 1}, Recorded: true, ProbesLate: 2,
		Usage: supervisor.Usage{Intensity: supervisor.LimitUsage{Used: 1, Allowed: 2, Limited: true}},
	}}
	ill := supervisorReading{stats: supervisor.Stats{
		Phase: supervisor.PhaseHalted, Counts: supervisor.Counts{Healthy: 1, Dead: 4, LeftBehind: 2}, RecordingFailed: true, ProbesLate: 3,
		Usage: supervisor.Usage{Intensity: supervisor.LimitUsage{Used: 3, Allowed: 4, Limited: true}},
	}}
	for _, order := range [][2]*supervisorReading{{&well, &ill}, {&ill, &well}} {
		var f folded
		f.add(order[0])
		f.add(order[1])
		got := valuesOf(f.appendAs(nil, other, new(supervisorCounts))).of
		for of, value := range map[sampleKey]float64{
			{supervisorUp, [3]string{other}}:           0,
			{tasks, [3]string{other, "healthy"}}:       4,
			{tasks, [3]string{other, "dead"}}:          4,
			{runsAbandoned, [3]string{other}}:          3,
			{probesAbandoned, [3]string{other}}:        5,
			{limitUsed, [3]string{other, "intensity"}}: 0.75,
			{recordingUp, [3]string{other}}:            0,
		} {
			require.Equal(t, value, got[of], metrics()[of.metric].name)
			require.Contains(t, got, of)
		}
		require.NotContains(t, got, sampleKey{limitUsed, [3]string{other, "dead_threshold"}})
	}
}
