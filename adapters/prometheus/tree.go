package prometheus

import (
	"slices"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// reading is what a tree of supervisors looked like.
type reading struct {
	up          bool
	supervisors []supervisorReading // in the order of the tree, as the tasks are
	tasks       []taskReading
}

type supervisorReading struct {
	path    string
	is      *supervisor.Supervisor
	stats   supervisor.Stats
	counts  supervisorCounts
	account *account
}

type taskReading struct {
	in      int // the index of its supervisor
	node    *supervisor.TreeNode
	counts  taskCounts
	account *account
}

// readTree reads a whole tree. A task's own code can run two supervisors of one path: then only the later of them counts.
func readTree(root *supervisor.Supervisor) reading {
	r := reading{up: root.Phase() == supervisor.PhaseRunning}
	nodes := root.Tree()
	r.tasks = make([]taskReading, 0, len(nodes))
	byPath, twice := make(map[string]int), false
	add := func(path string, s *supervisor.Supervisor) (at int) {
		at, known := byPath[path]
		if known && r.supervisors[at].is == s {
			return at
		}
		twice = twice || known
		if !known {
			at = len(r.supervisors)
			byPath[path] = at
			r.supervisors = append(r.supervisors, supervisorReading{path: path})
		}
		r.supervisors[at].read(s)
		return at
	}
	at := add(root.Path(), root)
	for i := range nodes {
		node := &nodes[i]
		if node.Supervisor != r.supervisors[at].is {
			at = add(strings.TrimSuffix(strings.TrimSuffix(node.Path, node.Name), "/"), node.Supervisor)
		}
		r.tasks = append(r.tasks, taskReading{in: at, node: node, counts: countsOfTask(&node.Totals)})
		if hasTasks := i+1 < len(nodes) && nodes[i+1].Depth > node.Depth; node.Inside != nil && !hasTasks {
			add(node.Path, node.Inside)
		}
	}
	if twice {
		r.tasks = slices.DeleteFunc(r.tasks, func(t taskReading) bool {
			return r.of(&t).is != t.node.Supervisor
		})
	}
	return r
}

// of returns the supervisor of a task.
func (r *reading) of(t *taskReading) *supervisorReading { return &r.supervisors[t.in] }

func (r *supervisorReading) read(s *supervisor.Supervisor) {
	r.is, r.stats = s, s.Stats()
	r.counts = countsOfSupervisor(&r.stats)
}

// taskCounts are the counters of a task: what follows, and then exits by kind and restarts by reason.
type taskCounts [firstRestart + len(restartReasons)]float64

const (
	countStarts = iota
	countFailures
	countDowntime // in seconds
	firstExit
	firstRestart = firstExit + len(exitKinds)
)

func countsOfTask(t *supervisor.Totals) (c taskCounts) {
	c[countStarts], c[countFailures], c[countDowntime] = float64(t.Starts), float64(t.Failures), t.Downtime.Seconds()
	for kind, n := range t.Exits.All() {
		for i := range exitKinds {
			if exitKinds[i] == kind {
				c[firstExit+i] = float64(n)
			}
		}
	}
	for why, n := range t.Restarts.All() {
		for i := range restartReasons {
			if restartReasons[i] == why {
				c[firstRestart+i] = float64(n)
			}
		}
	}
	return c
}

// supervisorCounts are the counters of a supervisor: what follows, and then escalations by reason and three histograms.
type supervisorCounts [firstDuration + 3*durations]float64

const (
	countAbandoned = iota
	countLost
	firstEscalation
	firstDuration = firstEscalation + len(escalationReasons)

	// Of a histogram there are the counts, by bound and of what is above all bounds, and the sum in seconds.
	durations = len(supervisor.Histogram{}.Counts) + 1
)

func countsOfSupervisor(s *supervisor.Stats) (c supervisorCounts) {
	c[countAbandoned], c[countLost] = float64(s.RunsAbandoned), float64(s.TransitionsLost)
	c[firstEscalation] = float64(s.Escalations.TooManyDead)
	c[firstEscalation+1] = float64(s.Escalations.Intensity)
	c[firstEscalation+2] = float64(s.Escalations.Escalated)
	for i, h := range []*supervisor.Histogram{&s.RunDurations, &s.ReadyDurations, &s.StopDurations} {
		of := c.durations(i)
		for j, n := range h.Counts {
			of[j] = float64(n)
		}
		of[durations-1] = h.Seconds()
	}
	return c
}

// durations returns one of the three histograms.
func (c *supervisorCounts) durations(which int) []float64 {
	return c[firstDuration+which*durations:][:durations]
}
