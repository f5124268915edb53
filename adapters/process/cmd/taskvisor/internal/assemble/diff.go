package assemble

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Kind says what a change means for the runs of a task.
type Kind uint8

const (
	// Added: it starts.
	Added Kind = iota

	// Removed: it stops.
	Removed

	// Replaced: it stops and starts, as a task that is removed and added again. A task needs that if what it needs has changed, and
	// so do all tasks that need one that is replaced; a group if its strategy or stop order has changed.
	Replaced

	// Restarted: it stops and starts, because it has another command.
	Restarted

	// Adjusted: it runs on. The supervisor goes by other settings from now on.
	Adjusted

	// Deferred: it runs on. The change takes effect when taskvisor is started again.
	Deferred
)

// String returns the kind as a column of a table has it.
func (k Kind) String() string {
	return [...]string{"add", "remove", "replace", "restart", "adjust", "defer"}[k]
}

// Change is what has become of one task or group from one file to another.
type Change struct {
	Kind  Kind
	Path  string // "" for the file as a whole
	Group bool
	Keys  []string // that differ
	Why   string   // of Replaced, if not for its own keys; of Deferred
}

// String returns the change in one line.
func (c Change) String() string {
	text := fmt.Sprintf("%-8s %s", c.Kind, c.Path)
	if c.Path == "" {
		text = fmt.Sprintf("%-8s the file as a whole", c.Kind)
	}
	if c.Group && c.Path != "" {
		text += "/"
	}
	if len(c.Keys) > 0 {
		text += ": " + strings.Join(c.Keys, ", ")
	}
	if c.Why != "" {
		text += " (" + c.Why + ")"
	}
	return text
}

// Changes are what leads from one file to another.
type Changes struct {
	List      []Change // in the order of the files: what was removed first
	Unchanged int      // tasks of which nothing is in the list
}

// Diff returns what leads from one complete file to another.
func Diff(before, after *taskfile.File) Changes {
	var d differ
	d.group(&before.Group, &after.Group, "")
	_, tasks := after.All()
	touched := 0
	for _, c := range d.list {
		if !c.Group && c.Kind != Removed {
			touched++
		}
	}
	return Changes{d.list, len(tasks) - touched - d.within}
}

type differ struct {
	list   []Change
	within int // tasks in groups that were added or replaced
}

// own are the keys that a task's process is made of: with another value it is another process. All others are the supervisor's, or
// matter from the next run on.
var own = []string{"command", "exec", "dir", "user", "clear_env", "tty", "stdin", "watchdog", "notify"}

func (d *differ) group(before, after *taskfile.Group, path string) {
	old, replaced := members(before), d.replaced(before, after)
	for _, m := range before.Members() {
		if _, stays := members(after)[m.Name()]; !stays {
			d.list = append(d.list, Change{Kind: Removed, Path: join(path, m.Name()), Group: m.Group != nil})
		}
	}
	d.itself(before, after, path)
	for _, m := range after.Members() {
		at := join(path, m.Name())
		was, existed := old[m.Name()]
		switch change, is := replaced[m.Name()]; {
		case !existed:
			d.add(Change{Kind: Added, Path: at}, m)
		case is:
			change.Path = at
			d.add(change, m)
		case m.Group != nil:
			d.group(was.Group, m.Group, at)
		default:
			d.task(was.Task, m.Task, at)
		}
	}
	d.order(before, after, path)
}

func (d *differ) add(c Change, m taskfile.Member) {
	if m.Group != nil {
		c.Group = true
		_, tasks := m.Group.All()
		d.within += len(tasks)
	}
	d.list = append(d.list, c)
}

// replaced returns the members that cannot become what they are to be while they exist, by name.
func (d *differ) replaced(before, after *taskfile.Group) map[string]Change {
	found, old := make(map[string]Change), members(before)
	for _, m := range after.Members() {
		was, existed := old[m.Name()]
		switch {
		case !existed:
		case (was.Task == nil) != (m.Task == nil):
			found[m.Name()] = Change{Kind: Replaced, Why: "it was a " + nounOf(was) + " and is a " + nounOf(m)}
		default:
			if keys := fixed(was, m); len(keys) > 0 {
				found[m.Name()] = Change{Kind: Replaced, Keys: keys}
			}
		}
	}
	for again := true; again; { // until no more follow
		again = false
		for _, m := range after.Members() {
			_, already := found[m.Name()]
			if _, existed := old[m.Name()]; already || !existed {
				continue
			}
			for _, need := range slices.Concat(m.Policy().Needs, m.Policy().BoundTo) {
				if _, is := found[need]; is {
					found[m.Name()], again = Change{Kind: Replaced, Why: "it needs " + need}, true
				}
			}
		}
	}
	return found
}

// fixed returns the keys of which a task or group cannot change the value.
func fixed(was, is taskfile.Member) (keys []string) {
	if was.Task != nil {
		for _, key := range was.Task.Differs(is.Task) {
			switch {
			case key == "needs", key == "bound_to",
				key == "ready" && was.Task.ReadyKind() != is.Task.ReadyKind(),
				key == "health" && (was.Task.Health == nil) != (is.Task.Health == nil):
				keys = append(keys, key)
			}
		}
		return keys
	}
	for _, key := range was.Group.Differs(is.Group) {
		if slices.Contains([]string{"needs", "bound_to", "strategy", "stop_order"}, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// itself finds what has become of a group as such.
func (d *differ) itself(before, after *taskfile.Group, path string) {
	var adjusted, deferred []string
	for _, key := range before.Differs(after) {
		switch {
		case key == "description":
		case key == "strategy", key == "stop_order": // of the root: others are replaced
			deferred = append(deferred, key)
		default:
			adjusted = append(adjusted, key)
		}
	}
	if len(adjusted) > 0 {
		d.list = append(d.list, Change{Kind: Adjusted, Path: path, Group: true, Keys: adjusted})
	}
	if len(deferred) > 0 {
		d.list = append(d.list, Change{Kind: Deferred, Path: path, Group: true, Keys: deferred, Why: "when taskvisor starts again"})
	}
}

// task finds what has become of a task that is not replaced.
func (d *differ) task(before, after *taskfile.Task, path string) {
	keys := slices.DeleteFunc(before.Differs(after), func(key string) bool { return key == "description" })
	switch {
	case len(keys) == 0:
	case slices.ContainsFunc(keys, func(key string) bool { return slices.Contains(own, key) || strings.HasPrefix(key, "env.") }):
		d.list = append(d.list, Change{Kind: Restarted, Path: path, Keys: keys})
	default:
		d.list = append(d.list, Change{Kind: Adjusted, Path: path, Keys: keys})
	}
}

// order finds out whether tasks would start or stop in another order if the group were made anew. A task that is added is the last.
func (d *differ) order(before, after *taskfile.Group, path string) {
	if after.Strategy.Strategy() == supervisor.OneForOne && after.StopOrder.StopOrder() != supervisor.StopReverse {
		return // no order but that of needs
	}
	replaced := d.replaced(before, after)
	var stay, come []string
	for _, m := range before.Members() {
		if _, is := replaced[m.Name()]; !is && members(after)[m.Name()] != (taskfile.Member{}) {
			stay = append(stay, m.Name())
		}
	}
	var wanted []string
	for _, m := range after.Members() {
		wanted = append(wanted, m.Name())
		if !slices.Contains(stay, m.Name()) {
			come = append(come, m.Name())
		}
	}
	if now := slices.Concat(stay, come); !slices.Equal(now, wanted) {
		d.list = append(d.list, Change{
			Kind: Deferred, Path: path, Group: true, Keys: []string{"order"},
			Why: "until taskvisor starts again, it is " + strings.Join(now, ", "),
		})
	}
}

func members(g *taskfile.Group) map[string]taskfile.Member {
	byName := make(map[string]taskfile.Member)
	for _, m := range g.Members() {
		byName[m.Name()] = m
	}
	return byName
}

func nounOf(m taskfile.Member) string {
	if m.Task != nil {
		return "task"
	}
	return "group"
}
