package report

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// FromScenario returns the timeline of a scenario, which it plays. The error is a [*scenario.Difference] if the
// scenario's actions are not what the machine does, or a [*scenario.PlayError].
func FromScenario(title string, s *scenario.Scenario) (*Timeline, error) {
	return FromFile(title, &scenario.File{Scenarios: []*scenario.Scenario{s}})
}

// FromFile returns the timeline of all scenarios of a recording: the tasks of a supervisor below another one have lanes of
// its name, such as pool/shard-3, which all its runs share. The error is as that of [FromScenario], about the first
// scenario that has one.
//
// Scenarios of which the recording says at what date their clocks began are shown as they happened. Where it does not say,
// the clocks are taken for one; and where the recording of a process begins behind that of another, for one that began
// when the other one ended.
func FromFile(title string, f *scenario.File) (*Timeline, error) {
	t := New(title)
	top := topOf(f)
	var parts []*part
	for _, s := range f.Scenarios {
		if _, err := s.Play(); err != nil {
			return nil, err
		}
		player, err := scenario.NewPlayer(s)
		if err != nil {
			return nil, err
		}
		p := &part{scenario: s, player: player, watcher: t.Watchers(pathOf(&s.Head, top))[0].(*watcher)}
		_, happens := firstInstant(s)
		p.idle = !happens
		if p.next() {
			parts = append(parts, p)
		}
		if t.Origin.IsZero() {
			t.Origin = s.Head.Origin
		}
	}
	// The lines of a text are in the order in which things happened. Scenarios that were not parsed have no lines, and are
	// shown one after the other.
	for len(parts) > 0 {
		first := slices.MinFunc(parts, func(a, b *part) int { return cmp.Compare(a.line, b.line) })
		if !first.begun {
			t.beginPart(first)
		}
		first.show()
		if !first.next() {
			if err := first.player.Err(); err != nil {
				return nil, err
			}
			parts = slices.DeleteFunc(parts, func(p *part) bool { return p == first })
		}
	}
	t.Finish()
	return t, nil
}

// part is a scenario of a file that is being shown.
type part struct {
	scenario *scenario.Scenario
	player   *scenario.Player
	watcher  *watcher
	line     int  // of the statement to show
	idle     bool // it has no events: it is shown behind all others, as it was
	begun    bool
}

// next moves on to the next statement. It returns false at the end.
func (p *part) next() bool {
	if !p.player.Next() {
		return false
	}
	switch statement := p.player.Statement().(type) {
	case *scenario.Bind:
		p.line = statement.Line
	case *scenario.Event:
		p.line = statement.Line
	}
	if p.idle {
		p.line = math.MaxInt
	}
	return true
}

// show shows the statement.
func (p *part) show() {
	switch statement := p.player.Statement().(type) {
	case *scenario.Bind:
		p.watcher.rename(statement.Task, statement.Name)
	case *scenario.Event:
		p.watcher.observe(p.player.Machine(), p.player.Event(), statement.Name, p.player.Actions())
	}
}

// beginPart finds out what the clock of a scenario is to that of the timeline, and shows the tasks that it begins with.
func (t *Timeline) beginPart(p *part) {
	p.begun = true
	w := p.watcher
	if origin := p.scenario.Head.Origin; !origin.IsZero() && !t.Origin.IsZero() {
		w.shift = origin.Sub(t.Origin)
	} else if at, ok := firstInstant(p.scenario); ok && w.path == "" && t.began && at < t.End {
		w.shift = core.Duration(t.End - at) // another process
	}
	t.endLives(w.path)
	t.lives = append(t.lives, w)
	if len(p.scenario.Snapshot) == 0 {
		return
	}
	machine, err := p.scenario.Machine()
	if err != nil {
		return // it has been played
	}
	w.Resume(machine, core.TaskID.String)
}

// Resume implements [sim.Resumer]: it shows the tasks that a machine has already.
func (w *watcher) Resume(m *core.Machine, name func(core.TaskID) string) {
	t, now := w.timeline, later(m.Now(), w.shift)
	if m.Phase() == core.PhaseCreated && m.Counts().Total == 0 {
		return
	}
	if !t.began {
		t.Begin, t.End, t.began = now, now, true
	}
	now = max(now, t.Begin) // nothing may have happened to it for long
	for status := range m.Tasks() {
		status.Until = later(status.Until, w.shift)
		w.enter(status.Task, name(status.Task))
		w.lane(status.Task).open(now, &status)
		w.watch(status.Task)
	}
	w.lookAtWaiting(m)
}

// endLives ends what is still shown of earlier lives of a supervisor, and of those below it: their process ended before they
// did. It ends where it was last heard of.
func (t *Timeline) endLives(path string) {
	t.lives = slices.DeleteFunc(t.lives, func(w *watcher) bool {
		same := path == "" || withoutRuns(w.path) == withoutRuns(path) || strings.HasPrefix(withoutRuns(w.path), withoutRuns(path)+"/")
		for id := range w.names {
			if same && t.byName[w.names[id]] != nil {
				t.byName[w.names[id]].close(w.last)
			}
		}
		return same
	})
}

func firstInstant(s *scenario.Scenario) (core.Instant, bool) {
	for _, statement := range s.Statements {
		if event, ok := statement.(*scenario.Event); ok {
			return event.At, true
		}
	}
	return 0, false
}

// topOf returns the name of the supervisor that all others of a file are below of, or "" if there is none.
func topOf(f *scenario.File) string {
	top := ""
	for i, s := range f.Scenarios {
		if i == 0 || len(s.Head.Of) < len(top) {
			top = s.Head.Of
		}
	}
	for _, s := range f.Scenarios {
		if s.Head.Of != top && !strings.HasPrefix(s.Head.Of, top+"/") {
			return ""
		}
	}
	return top
}

// pathOf returns the path of the supervisor that a scenario is of, as of one that is simulated: "" for the one at the top.
func pathOf(h *scenario.Head, top string) string {
	if h.Of == top {
		return ""
	}
	path := h.Of
	if top != "" {
		path = strings.TrimPrefix(path, top+"/")
	}
	return path + "#" + strconv.FormatUint(uint64(h.Run), 10)
}
