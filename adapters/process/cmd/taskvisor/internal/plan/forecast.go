package plan

import (
	"cmp"
	"slices"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Forecast is what becomes of a task that always fails, while all others are well.
type Forecast struct {
	Task     *Member
	Starts   []Start
	Restarts []Restart // of the groups that it is in
	GaveUp   []GaveUp  // which of these groups stopped by themselves
	Outcome  Outcome
	At       time.Duration // of Dead and Stopped: when
	Why      core.Reason   // of Dead and Stopped
	Down     *Member       // of Dead: what is down, the task or a group that it is in
	Every    time.Duration // of Forever: the interval of its restarts; 0 if they come in bursts, with restarts of its group

	root  *Supervisor
	chain []*Member    // the groups that the task is in, from the outermost, and the task
	first core.Instant // start
}

// Start is the start of a run.
type Start struct {
	At    time.Duration // since its first
	Delay time.Duration // since the failure before it; 0 for the first
	Why   core.Reason

	used uint32 // attempts
}

// Restart is the restart of a group because of the task.
type Restart struct {
	Group *Member
	At    time.Duration // since the first start of the task
	Delay time.Duration // since it stopped

	used uint32 // attempts
}

// GaveUp is the end of a group that its limits, or a task that escalates, brought about.
type GaveUp struct {
	Group *Member
	At    time.Duration // since the first start of the task
	Why   core.Reason
}

// Outcome is how it ends.
type Outcome uint8

const (
	// Forever: it does not end. From some time on the same happens again and again.
	Forever Outcome = iota

	// Dead: the task stays down until it is restarted by hand, and the others go on.
	Dead

	// Stopped: the root stops, and so everything does.
	Stopped

	// Waiting: it never starts, because it is suspended or waits for what does not come.
	Waiting

	// Unknown: it goes on for longer than is looked at.
	Unknown
)

// Options say how the task fails.
type Options struct {
	Lasts  time.Duration // how long each run lasts
	Jitter bool          // draw the delays with the seed; else they are the longest possible
	Seed   uint64
	Starts int // after how many the outcome is Unknown; 0: 20,000
}

// What is looked at, at most.
const (
	mostStarts = 20000
	horizon    = 100 * 365 * 24 * time.Hour
)

// Predict returns what becomes of a task of the tree that always fails.
func Predict(s *Supervisor, task *Member, options Options) (*Forecast, error) {
	e, err := newEngine(s, behaviour{fails: task, lasts: options.Lasts, seed: options.Seed, jitter: options.Jitter})
	if err != nil {
		return nil, err
	}
	f := &Forecast{Task: task, Outcome: Unknown, root: s, chain: chainTo(s, task)}
	quiet := longestWindow(s)
	look := 1 // at how many starts it is to be looked whether they repeat themselves
	for going := true; going; {
		going = e.step(core.Instant(horizon))
		f.note(e)
		switch {
		case e.halted != core.ReasonNone:
			f.Outcome, f.At, f.Why = Stopped, f.since(e.now), e.halted
			return f, nil
		case len(f.Starts) >= cmp.Or(options.Starts, mostStarts):
			return f, nil
		case options.Jitter || len(f.Starts) < look:
		case f.repeats(quiet):
			f.Outcome = Forever
			return f, nil
		default:
			look = len(f.Starts) + 1 + len(f.Starts)/8
		}
	}
	f.settle(e)
	return f, nil
}

// note takes in what has happened since the last time.
func (f *Forecast) note(e *engine) {
	for _, began := range e.began {
		switch {
		case began.member == f.Task:
			if len(f.Starts) == 0 {
				f.first = began.at
			}
			f.Starts = append(f.Starts, Start{f.since(began.at), began.delay, began.why, began.used})
		case slices.Contains(f.chain, began.member) && len(f.Starts) > 0:
			f.Restarts = append(f.Restarts, Restart{began.member, f.since(began.at), began.delay, began.used})
		}
	}
	for _, gaveUp := range e.gaveUp {
		f.GaveUp = append(f.GaveUp, GaveUp{gaveUp.member, f.since(gaveUp.at), gaveUp.why})
	}
	e.began, e.gaveUp = e.began[:0], e.gaveUp[:0]
}

func (f *Forecast) since(at core.Instant) time.Duration { return time.Duration(at - f.first) }

// repeats reports whether from now on the same happens again and again: the outermost that is restarted is so at equal intervals, for
// longer than any limit looks back, with the same starts of the task in each, and its attempts do not come to an end.
func (f *Forecast) repeats(quiet time.Duration) bool {
	const equal = 3
	outermost, starts := f.outermost()
	last := len(starts) - 1
	if last < equal {
		return false
	}
	every := starts[last].at - starts[last-1].at
	steady := last - 1 // from this start on, intervals are equal
	for steady > 0 && starts[steady].at-starts[steady-1].at == every {
		steady--
	}
	ends := outermost.Policy.MaxAttempts != core.Unlimited && starts[last].used != starts[last-1].used
	if ends || last-steady < equal || quiet > 0 && starts[last].at-starts[steady].at <= quiet {
		return false
	}
	if !slices.Equal(f.between(starts[last-1].at, starts[last].at), f.between(starts[last-2].at, starts[last-1].at)) {
		return false
	}
	if outermost == f.Task {
		f.Every = every
	}
	return true
}

// begun is a start of a task or a group.
type begun struct {
	at   time.Duration
	used uint32
}

// outermost returns the outermost of the task and its groups that has been restarted, and its starts.
func (f *Forecast) outermost() (*Member, []begun) {
	for _, m := range f.chain[:len(f.chain)-1] {
		var starts []begun
		for _, r := range f.Restarts {
			if r.Group == m {
				starts = append(starts, begun{r.At, r.used})
			}
		}
		if len(starts) > 0 {
			return m, starts
		}
	}
	starts := make([]begun, len(f.Starts))
	for i, s := range f.Starts {
		starts[i] = begun{s.At, s.used}
	}
	return f.Task, starts
}

// between returns the starts of the task from one instant to before another, since the first of these instants.
func (f *Forecast) between(from, to time.Duration) (starts []time.Duration) {
	for _, s := range f.Starts {
		if s.At >= from && s.At < to {
			starts = append(starts, s.At-from)
		}
	}
	return starts
}

// settle says how a tree ended in which nothing happens any more, or not for a long time.
func (f *Forecast) settle(e *engine) {
	f.Outcome = Waiting
	if len(f.Starts) > 0 && e.pending() {
		f.Outcome = Unknown
	}
	at := e.root
	for _, m := range f.chain {
		i := slices.Index(at.of.Members, m)
		status, _ := at.machine.Status(at.ids[i])
		if status.Status == core.StatusDead || status.Status == core.StatusCompleted {
			f.Outcome, f.Why, f.At, f.Down = Dead, status.Why, f.since(status.Since), m
			return
		}
		if at.runs[i].inside == nil {
			return
		}
		at = at.runs[i].inside
	}
}

// chainTo returns the groups that a member is in, from the outermost, and the member.
func chainTo(s *Supervisor, member *Member) []*Member {
	for _, m := range s.Members {
		switch {
		case m == member:
			return []*Member{m}
		case m.Inside != nil:
			if below := chainTo(m.Inside, member); below != nil {
				return append([]*Member{m}, below...)
			}
		}
	}
	return nil
}

// longestWindow returns how far back the limits of the tree look at most.
func longestWindow(s *Supervisor) time.Duration {
	longest := max(s.Config.Intensity.Per, s.Config.RestartRate.Per)
	for _, m := range s.Members {
		if m.Inside != nil {
			longest = max(longest, longestWindow(m.Inside))
		}
	}
	return longest
}
