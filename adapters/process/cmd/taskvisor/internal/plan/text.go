package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// Sentence says what becomes of the task, such as "is restarted after 2s, 4s and 8s; dead after 14s".
func (f *Forecast) Sentence() string {
	if len(f.Starts) == 0 {
		return "does not start by itself: it is suspended, or needs what is"
	}
	parts := []string{f.firstLife()}
	for _, m := range slices.Backward(f.groups()) {
		parts = append(parts, f.ofGroup(m))
	}
	switch {
	case f.Outcome == Dead && f.Down == f.Task && f.Why == core.ReasonNotRestartable:
		parts = append(parts, "is dead after the first failure; the others go on")
	case f.Outcome == Dead && f.Down == f.Task:
		parts = append(parts, "gives up "+after(f.At)+": it is dead, and the others go on")
	case f.Outcome == Dead && f.Why == core.ReasonCompleted:
		parts = append(parts, f.Down.Path+"/ counts as completed "+after(f.At)+", and the others go on")
	case f.Outcome == Dead:
		parts = append(parts, f.Down.Path+"/ gives up "+after(f.At)+": it is dead, and the others go on")
	case f.Outcome == Stopped:
		parts = append(parts, "everything stops "+after(f.At)+": "+because(f.Why, f.root.Config))
	case f.Outcome == Waiting:
		parts = append(parts, "then waits for what does not come")
	case f.Outcome == Unknown && len(f.Starts) == 1:
		parts = append(parts, "goes on for more than a hundred years")
	case f.Outcome == Unknown:
		last := len(f.Starts) - 1
		parts = append(parts, fmt.Sprintf("goes on after %d restarts in %s", last, written(f.Starts[last].At)))
	}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "; ")
}

// firstLife says what happens before any group of the task is restarted.
func (f *Forecast) firstLife() string {
	var delays []time.Duration
	for _, start := range f.Starts[1:] {
		if len(f.Restarts) > 0 && start.At >= f.Restarts[0].At {
			break
		}
		delays = append(delays, start.Delay)
	}
	if len(delays) == 0 {
		return ""
	}
	return "is restarted " + listed(delays, f.Outcome == Forever && len(f.Restarts) == 0)
}

// groups returns the groups that are restarted, from the outermost.
func (f *Forecast) groups() (groups []*Member) {
	for _, m := range f.chain[:len(f.chain)-1] {
		if slices.ContainsFunc(f.Restarts, func(r Restart) bool { return r.Group == m }) {
			groups = append(groups, m)
		}
	}
	return groups
}

// ofGroup says what happens to a group. Where an outer one is restarted, only what happens before that is said.
func (f *Forecast) ofGroup(m *Member) string {
	groups := f.groups()
	var delays []time.Duration
	for _, r := range f.Restarts {
		if slices.Index(groups, r.Group) < slices.Index(groups, m) {
			break
		}
		if r.Group == m {
			delays = append(delays, r.Delay)
		}
	}
	if len(delays) == 0 {
		return ""
	}
	text := m.Path + "/"
	if i := slices.IndexFunc(f.GaveUp, func(g GaveUp) bool { return g.Group == m }); i >= 0 {
		text += " stops " + after(f.GaveUp[i].At) + ": " + because(f.GaveUp[i].Why, m.Inside.Config) + "; it"
	}
	return text + " is restarted " + listed(delays, f.Outcome == Forever && groups[0] == m)
}

// listed returns delays as a sentence has them. If they go on for ever, the last one is that of all that follow.
func listed(delays []time.Duration, forEver bool) string {
	const most = 8
	same := len(delays) - 1 // from here on, all are the same
	for same > 0 && delays[same-1] == delays[same] {
		same--
	}
	var shown []string
	for _, d := range delays[:min(same, most)] {
		shown = append(shown, written(d))
	}
	if same > most {
		shown = append(shown, "…")
	}
	last := written(delays[same])
	switch times := len(delays) - same; {
	case forEver && delays[same] == 0:
		last = "at once each time"
	case forEver:
		last = "every " + last
	case times > 2:
		last += fmt.Sprintf(" (%d times)", times)
	case times == 2:
		shown = append(shown, last)
	}
	if forEver {
		last += ", for ever"
	}
	if len(shown) == 0 {
		if forEver {
			return last
		}
		return "after " + last
	}
	return "after " + strings.Join(shown, ", ") + map[bool]string{true: " and then ", false: " and "}[forEver] + last
}

// because says why a supervisor stops.
func because(why core.Reason, config core.Config) string {
	switch why {
	case core.ReasonIntensity:
		return fmt.Sprintf("more than %d failures within %s (intensity)", config.Intensity.Count, written(config.Intensity.Per))
	case core.ReasonTooManyDead:
		return fmt.Sprintf("more than %d/%d of its tasks are dead (dead_threshold)", config.DeadThreshold.Num, config.DeadThreshold.Den)
	case core.ReasonEscalated:
		return `a task has no attempts left (on_exhausted = "escalate")`
	case core.ReasonAnyEnded:
		return `a task has ended (auto_shutdown = "any")`
	case core.ReasonAllEnded:
		return `all tasks have ended (auto_shutdown = "all")`
	default:
		return why.String()
	}
}

// after says when something is.
func after(d time.Duration) string {
	if d == 0 {
		return "at once"
	}
	return "after " + written(d)
}

func written(d time.Duration) string {
	if d >= time.Second {
		d = d.Round(time.Millisecond)
	}
	return taskfile.Duration(d).String()
}
