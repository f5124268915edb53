package screen

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// mood is what a line of the supervisor's own is printed in.
type mood int

const (
	calmMood mood = iota
	goodMood
	badMood
	worstMood
)

// moods are the pens of the moods. Nothing is said by colour alone.
var moods = map[mood]pen{
	calmMood:  {marks: 1 << 1},
	goodMood:  {marks: 1 << 1, ground: [2]tint{{kind: basicTint, a: 2}}},
	badMood:   {marks: 1 << 1, ground: [2]tint{{kind: basicTint, a: 3}}},
	worstMood: {marks: 1 << 1, ground: [2]tint{{kind: basicTint, a: 1}}},
}

// levels are the words of the moods in an object of JSON.
var levels = map[mood]string{calmMood: "info", goodMood: "info", badMood: "warn", worstMood: "error"}

// Decisions prints what a supervisor decides, as sentences among the lines of the tasks.
//
// Of a storm, such as a hundred tasks that fail at once, it prints the first sentences and sums up the rest: no kind of sentence comes
// more than twenty times in ten seconds.
type Decisions struct {
	printer *Printer
	root    string
	least   slog.Level

	mu     sync.Mutex
	storms map[string]*storm
}

// The limit of a storm.
const (
	stormSentences = 20
	stormWindow    = 10 * time.Second
)

// storm is what one kind of sentence has come to lately.
type storm struct {
	printed int
	held    int
	tasks   []string // the first of those that sentences about are held back
	more    map[string]bool
	since   time.Time
	mood    mood
}

// Decisions makes what prints the decisions of a level and those above. Names are printed without that of the root.
func (p *Printer) Decisions(root string, least slog.Level) *Decisions {
	return &Decisions{printer: p, root: root, least: least, storms: make(map[string]*storm)}
}

// Observe prints a decision. It is an observer of the root (see [supervisor.WithObserver]): the supervisor does not wait for it.
func (d *Decisions) Observe(t supervisor.Transition) {
	at := t.Date
	if at.IsZero() {
		at = time.Now()
	}
	if t.Lost > 0 {
		d.printer.say(at, badMood, fmt.Sprintf("(%d decisions left out)", t.Lost))
	}
	if levelOf(&t) >= d.least {
		s := sentenceOf(&t, d.nameOf(&t))
		if s.text != "" && d.mayPrint(at, &s) {
			d.printer.say(at, s.mood, s.text)
		}
	}
	if t.AllWell && d.least <= slog.LevelInfo {
		d.printer.say(at, goodMood, "all tasks are well again")
	}
}

// levelOf returns the level of a decision. On a screen it matters more than in a log that a task has started or stopped, or when it will.
func levelOf(t *supervisor.Transition) slog.Level {
	switch {
	case t.Why == supervisor.ReasonDelayBegins,
		t.From != t.To && (t.To == supervisor.StatusStarting || t.To == supervisor.StatusHealthy || t.To == supervisor.StatusHalted):
		return max(t.Level(), slog.LevelInfo)
	}
	return t.Level()
}

// nameOf returns the path of a transition's task, or of its supervisor, below the root. It is empty for the root itself.
func (d *Decisions) nameOf(t *supervisor.Transition) string {
	path := strings.TrimPrefix(strings.TrimPrefix(t.Supervisor, d.root), "/")
	switch {
	case t.Task == "", t.Kind == supervisor.ActionHalt: // then it is about the supervisor, and the task is why
		return path
	case path == "":
		return t.Task
	default:
		return path + "/" + t.Task
	}
}

// mayPrint reports whether a sentence is to be printed. If not, it is counted.
func (d *Decisions) mayPrint(at time.Time, s *sentence) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	of := d.storms[s.kind]
	if of == nil {
		of = &storm{since: at, more: make(map[string]bool), mood: s.mood}
		d.storms[s.kind] = of
		time.AfterFunc(stormWindow, func() { d.endStorm(s.kind, of) })
	}
	if of.printed < stormSentences {
		of.printed++
		return true
	}
	of.held++
	if !of.more[s.name] {
		of.more[s.name] = true
		of.tasks = append(of.tasks, s.name)
	}
	return false
}

// endStorm prints what was held back of one kind of sentence. The next of that kind begins anew.
func (d *Decisions) endStorm(kind string, of *storm) {
	d.mu.Lock()
	if d.storms[kind] != of {
		d.mu.Unlock()
		return
	}
	delete(d.storms, kind)
	d.mu.Unlock()
	if of.held > 0 {
		d.printer.say(time.Now(), of.mood, fmt.Sprintf("%d times more: %s (%s)", of.held, kind, few(of.tasks)))
	}
}

// few lists the first of several names.
func few(names []string) string {
	const most = 3
	if len(names) <= most+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d others", strings.Join(names[:most], ", "), len(names)-most)
}

// Flush prints what is held back of storms.
func (d *Decisions) Flush() {
	d.mu.Lock()
	all := make([]string, 0, len(d.storms))
	for kind := range d.storms {
		all = append(all, kind)
	}
	storms := make([]*storm, len(all))
	slices.Sort(all)
	for i, kind := range all {
		storms[i] = d.storms[kind]
	}
	d.mu.Unlock()
	for i, kind := range all {
		d.endStorm(kind, storms[i])
	}
}
