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
		for range 60 {
			w.change()
			r := w.reading()
			now := valuesOf(l.enter(r, o))
			what := fmt.Sprintf("seed %d, limit %d", seed, limit)
			require.LessOrEqual(t, now.series, max(limit, globalSeries), what)
			w.check(t, &r, before, now, what)
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
	second := valuesOf(l.enter(w.reading(), o))
	for i := range 30 {
		of := sampleKey{taskStarts, [3]string{"b", fmt.Sprint("old", i)}}
		require.Contains(t, first.of, of)
		require.Contains(t, second.of, of)
	}
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
