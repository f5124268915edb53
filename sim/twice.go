package sim

import (
	"fmt"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// Divergence says that two simulations of the same world differed, and where they began to.
type Divergence struct {
	Seed          uint64
	Step          uint64 // the first step that differs, counted from 1
	First, Second string // what happened there, the first time and the second
}

// Error shows both in three lines.
func (d *Divergence) Error() string {
	return fmt.Sprintf("seed %d: step %d is not the same twice\n  first:  %s\n  second: %s", d.Seed, d.Step, d.First, d.Second)
}

// RunTwice runs the same simulation twice side by side and compares them step by step: every event, every action, and
// the supervisor's state. The error is a [*Divergence], which means that something in it depends on more than the
// world, or a [*workload.Error].
func RunTwice(world workload.World, options ...Option) (*Result, error) {
	first, err := newTwin(world, options)
	if err != nil {
		return nil, err
	}
	second, err := newTwin(world, options)
	if err != nil {
		return nil, err
	}
	done := first.options.until
	first.options.until, second.options.until = nil, nil // both end at the same step
	for more := true; more; {
		select {
		case <-done:
			return first.Result(), nil
		default:
		}
		more = first.Next()
		if second.Next() != more {
			return nil, &Divergence{world.Seed, first.Result().Steps, first.next(more), second.next(!more)}
		}
		if err := first.compare(second); err != nil {
			return nil, err
		}
	}
	return first.Result(), nil
}

// twin is a simulation that keeps its latest steps.
type twin struct {
	*Simulation
	steps    []twinStep
	compared uint64
	seen     uint64
}

type twinStep struct {
	path    string
	event   core.Event
	actions []core.Action
	digest  uint64 // of the machine, now and then
}

func newTwin(world workload.World, options []Option) (*twin, error) {
	t := &twin{}
	var err error
	t.Simulation, err = New(world, append(slices.Clone(options), Watch(func(string) []Watcher { return []Watcher{t} }))...)
	return t, err
}

// Watch implements [Watcher].
func (t *twin) Watch(step *Step) error {
	const now = 64 // a digest looks at every task
	kept := twinStep{path: step.Path, event: step.Event, actions: slices.Clone(step.Actions)}
	if t.seen++; t.seen%now == 0 {
		kept.digest = step.Machine.Digest()
	}
	t.steps = append(t.steps, kept)
	return nil
}

func (t *twin) next(more bool) string {
	if more {
		return "it goes on"
	}
	return "it ends"
}

// compare compares the steps since the last comparison.
func (t *twin) compare(other *twin) error {
	for i := range max(len(t.steps), len(other.steps)) {
		t.compared++
		if i < len(t.steps) && i < len(other.steps) && t.steps[i].equal(&other.steps[i]) {
			continue
		}
		return &Divergence{t.world.Seed, t.compared, t.text(i), other.text(i)}
	}
	t.steps, other.steps = t.steps[:0], other.steps[:0]
	return nil
}

func (s *twinStep) equal(other *twinStep) bool {
	return s.path == other.path && s.event == other.event && s.digest == other.digest && slices.Equal(s.actions, other.actions)
}

func (t *twin) text(i int) string {
	if i >= len(t.steps) {
		return "nothing"
	}
	return t.steps[i].String()
}

func (s *twinStep) String() string {
	text := fmt.Sprintf("%v %v", s.event.At, s.event.Kind)
	if s.path != "" {
		text = s.path + " " + text
	}
	if s.event.Task != 0 {
		text += fmt.Sprintf(" task %v run %d %v", s.event.Task, s.event.Run, s.event.Exit)
	}
	for i := range s.actions {
		a := &s.actions[i]
		text += fmt.Sprintf("; %v %v task %v run %d %v->%v %v until %v", a.At, a.Kind, a.Task, a.Run, a.From, a.To, a.Why, a.Until)
	}
	if s.digest != 0 {
		text += fmt.Sprintf("; digest %016x", s.digest)
	}
	return text
}
