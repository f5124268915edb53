package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// screen is told what happens, from anywhere. It prints a line for it, or keeps it for a picture.
type screen struct {
	mu      sync.Mutex
	out     io.Writer
	began   time.Time
	picture bool // there is one, instead of lines
	scene   scene
}

// scene is what a picture shows beside the tree.
type scene struct {
	caption
	page    string                   // the live page's address
	refused string                   // why the latest command could not be carried out
	blamed  map[string]blame         // by the path of a supervisor: whose failure there was the latest
	delays  map[string]time.Duration // by the path of a task: how long its latest restart delay is
	latest  []string                 // what has happened since the caption came, the latest last
}

// blame is a failure.
type blame struct {
	task string
	at   time.Time
}

// forPicture says that there is a picture: no lines are printed any more.
func (s *screen) forPicture() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.picture = true
}

func newScreen(out io.Writer) *screen {
	return &screen{out: out, began: time.Now(), scene: scene{blamed: map[string]blame{}, delays: map[string]time.Duration{}}}
}

// print prints a line as it is, if lines are printed.
func (s *screen) print(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.printLocked(format, args...)
}

func (s *screen) printLocked(format string, args ...any) {
	if !s.picture {
		fmt.Fprintf(s.out, format+"\n", args...)
	}
}

// stamped prints a line with the time of day.
func (s *screen) stamped(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stampedLocked(format, args...)
}

func (s *screen) stampedLocked(format string, args ...any) {
	s.printLocked("%s  %s", time.Now().Format("15:04:05.000"), fmt.Sprintf(format, args...))
}

// announce shows a caption.
func (s *screen) announce(c caption) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scene.caption, s.scene.refused = c, ""
	if c == yourTurn {
		c.lesson = usage // where there are lines, there are no keys
	} else {
		s.scene.latest = nil // what came before has nothing to do with it
	}
	s.stampedLocked("# %s", c.title)
	s.stampedLocked("#   %s", c.lesson)
}

// refused says why a command could not be carried out.
func (s *screen) refused(why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scene.refused = why
	s.stampedLocked("%s", why)
}

// showsPage says where the live page is.
func (s *screen) showsPage(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scene.page = url
	s.stampedLocked("the live page is at %s", url)
}

// event shows a transition. It is the supervisors' observer.
func (s *screen) event(e supervisor.Transition) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scene.failed(e)
	if sentence := s.scene.sentence(e); sentence != "" {
		s.scene.keep(fmt.Sprintf("%6.1f s  %s", time.Since(s.began).Seconds(), sentence))
	}
	if e.Lost > 0 {
		s.stampedLocked("(%d lines lost)", e.Lost)
	}
	if text := lineOf(e); text != "" {
		s.stampedLocked("%s", text)
	}
}

// table prints the tree, if there is no picture of it.
func (s *screen) table(shop *supervisor.Supervisor) {
	tree := shop.Tree()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.printLocked("%s", headline())
	for _, node := range tree {
		s.printLocked("%s", row(node))
	}
}

// now returns a copy of the scene.
func (s *screen) now() scene {
	s.mu.Lock()
	defer s.mu.Unlock()
	scene := s.scene
	scene.blamed, scene.delays = maps.Clone(scene.blamed), maps.Clone(scene.delays)
	scene.latest = slices.Clone(scene.latest)
	return scene
}

// failed records whose failure a transition tells of, and how long it delays the restart.
func (s *scene) failed(e supervisor.Transition) {
	if e.To == supervisor.StatusFailed && e.Until != supervisor.Never {
		s.delays[e.Supervisor+"/"+e.Task] = time.Duration(e.Until - e.At)
	}
	switch e.Why {
	case supervisor.ReasonFailure, supervisor.ReasonIntensity, supervisor.ReasonFatal, supervisor.ReasonExhausted:
	default:
		return
	}
	if e.Task == "" {
		return
	}
	s.blamed[e.Supervisor] = blame{task: e.Task, at: time.Now()}
}

// mostKept is how many sentences are kept: more than fit any terminal.
const mostKept = 100

func (s *scene) keep(sentence string) {
	s.latest = append(s.latest, sentence)
	if len(s.latest) > mostKept {
		s.latest = slices.Delete(s.latest, 0, len(s.latest)-mostKept)
	}
}

// lineOf returns the line for a transition, or "" if it is not worth one.
func lineOf(e supervisor.Transition) string {
	if e.Kind == supervisor.ActionHalt {
		return fmt.Sprintf("%-26s halted: %v%s", e.Supervisor, e.Why, because(e.Err))
	}
	if e.From == e.To && e.Why != supervisor.ReasonDelayBegins || e.Why == supervisor.ReasonAdded {
		return ""
	}
	line := fmt.Sprintf("%-26s %-9v -> %-9v %v", e.Supervisor+"/"+e.Task, e.From, e.To, e.Why)
	if e.Run > 0 {
		line += fmt.Sprintf(", run %d", e.Run)
	}
	if e.To == supervisor.StatusFailed && e.Until == supervisor.Never {
		line += fmt.Sprintf(", restart %d once the others have stopped", e.Attempts)
	} else if e.To == supervisor.StatusFailed {
		line += fmt.Sprintf(", restart %d in %v", e.Attempts, short(e.Until-e.At))
	}
	return line + because(e.Err)
}

const columns = "%-18v %-9v %4v %8v  %v"

func headline() string { return fmt.Sprintf(columns, "TASK", "STATUS", "RUN", "RESTARTS", "WHY") }

func row(n supervisor.TreeNode) string {
	name, why := strings.Repeat("  ", n.Depth)+n.Name, n.Why.String()
	if next := next(n.TaskStatus); next != "" {
		why += ", " + next
	}
	return fmt.Sprintf(columns, name, n.Status, n.Run, n.Attempts, why)
}

// next says what a task waits for, or what it has to do and by when; "" if there is nothing of that kind.
func next(t supervisor.TaskStatus) string {
	left := short(t.Until - t.At)
	switch t.Wait {
	case supervisor.WaitSuspended:
		return "waits to be resumed"
	case supervisor.WaitSupervisor:
		return "waits for its supervisor"
	case supervisor.WaitNeed:
		return "waits for " + t.WaitsFor
	case supervisor.WaitTurn:
		return "waits for its turn"
	case supervisor.WaitLeftBehind:
		return "waits for a run that was left behind"
	case supervisor.WaitHeld:
		_, why := t.Holder()
		return "held: " + why
	case supervisor.WaitOthersStopped:
		return "waits for the others to stop" + because(t.LastError)
	case supervisor.WaitRestartRate:
		return "waits for the restart rate" + because(t.LastError)
	case supervisor.WaitDelay:
		return fmt.Sprintf("starts in %v%s", left, because(t.LastError))
	case supervisor.WaitNone:
	}
	switch {
	case t.Status == supervisor.StatusStopping && t.Until == supervisor.Never:
		return fmt.Sprintf("stops, then %v", t.Intent)
	case t.Status == supervisor.StatusStopping:
		return fmt.Sprintf("has %v to stop, then %v", left, t.Intent)
	case t.Status == supervisor.StatusStarting && t.Until != supervisor.Never:
		return fmt.Sprintf("has %v to be ready", left)
	case t.Status == supervisor.StatusHealthy && t.Until != supervisor.Never:
		return fmt.Sprintf("has %v to beat", left)
	}
	if d, ok := t.ClearsIn(); ok {
		return fmt.Sprintf("clears its restarts in %v", d.Round(100*time.Millisecond))
	}
	return ""
}

func short(d supervisor.Instant) time.Duration { return time.Duration(d).Round(100 * time.Millisecond) }

// because returns an error as the end of a line about what it led to.
func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + firstLine(err)
}

func firstLine(err error) string {
	if err == nil {
		return "-"
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
