package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// witness counts what the tasks themselves see of their runs. The supervisor's own account is held against it: the two
// know nothing of each other.
type witness struct {
	mu    sync.Mutex
	score score
	of    map[string]*sightings
}

// score is what the picture boasts of.
type score struct {
	restarts    int // runs that are not the first of their task
	lost        int // ends that the supervisor did not notice, and starts that it did not keep to
	overlapping int // runs that began while another of the same task was going on
}

func (s score) String() string {
	restarts := "restarts"
	if s.restarts == 1 {
		restarts = "restart"
	}
	return fmt.Sprintf("%d %s, %d lost, %d overlapping", s.restarts, restarts, s.lost, s.overlapping)
}

// sightings is what was seen of one task.
type sightings struct {
	inside int       // that go on
	left   time.Time // when the last one ended
	missed bool      // its present end, or start, is lost, and counted
}

// enter counts a run, and returns what to call at its end.
func (w *witness) enter(path string) (leave func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.of == nil {
		w.of = make(map[string]*sightings)
	}
	seen := w.of[path]
	if seen == nil {
		seen = new(sightings)
		w.of[path] = seen
	} else {
		w.score.restarts++
	}
	if seen.inside > 0 {
		w.score.overlapping++
	}
	seen.inside++
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		seen.inside--
		seen.left = time.Now()
	}
}

// inGoodTime is how long the supervisor may take for what takes it microseconds: the machine may be busy.
const inGoodTime = time.Second

// compare holds a tree against what was seen, and returns the score.
func (w *witness) compare(tree []supervisor.TreeNode) score {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, node := range tree {
		seen := w.of[node.Path]
		if seen == nil {
			continue
		}
		unnoticed := node.Live && seen.inside == 0 && time.Since(seen.left) > inGoodTime
		overdue := node.Wait == supervisor.WaitDelay && node.At-node.Until > supervisor.Instant(inGoodTime)
		missed := unnoticed || overdue
		if missed && !seen.missed {
			w.score.lost++
		}
		seen.missed = missed
	}
	return w.score
}
