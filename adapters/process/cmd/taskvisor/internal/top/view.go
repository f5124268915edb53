package top

import (
	"fmt"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/screen"
)

// frame is all that is shown at one instant. What it looks like depends on nothing else.
type frame struct {
	width, height int
	marks         *marks
	title         string
	tree          control.Tree
	later         time.Duration // since the tree was asked for
	trouble       string        // why it cannot be asked for
	loads         map[string]load
	chosen        string // the path of the task that keys are about
	filter        string
	typing        bool // the filter is being typed
	help          bool
	largeLog      bool
	log           []screen.Record // what the chosen task has written last
	logKnown      bool            // it has been asked
	said          string          // what has become of the latest command
	question      string          // what a key would do, if it is to be done
}

// load is what a task's processes take.
type load struct {
	usage
	share float64 // of one processor, at the moment; less than 0: it is not known yet
}

var (
	bold    = lipgloss.NewStyle().Bold(true)
	faint   = lipgloss.NewStyle().Faint(true)
	heading = lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Cyan)
)

// The widths of the columns. On a narrow terminal there are no process numbers, and less room for names and bars.
const (
	nameWidth     = 16
	wideName      = 26
	wordWidth     = 10
	pidWidth      = 8
	shareWidth    = 6
	memoryWidth   = 6
	restartsWidth = 5
	barWidth      = 4
	wideBar       = 8
	wideFrom      = 100
)

// render returns the lines of the frame: height at most, none wider than the width.
func (f *frame) render() string {
	head := []string{f.between(bold.Render(f.title), f.clock()), f.situation(), f.about()}
	foot := []string{f.footer()}
	if f.height < 14 {
		head = head[:2]
	}
	room := max(1, f.height-len(head)-len(foot))
	lines := append(head, f.body(room)...)
	for len(lines) < f.height-len(foot) {
		lines = append(lines, "")
	}
	lines = append(lines, foot...)
	if len(lines) > f.height {
		lines = append(lines[:max(0, f.height-1)], lines[len(lines)-1])
	}
	for i := range lines {
		lines[i] = ansi.Truncate(lines[i], f.width, "")
	}
	return strings.Join(lines, "\n")
}

// body is the list of the tasks, and below it what the chosen one has written; or the help.
func (f *frame) body(room int) []string {
	if f.help {
		return f.allKeys(room)
	}
	visible := f.visible()
	forLog := max(room-1-len(visible), room/3)
	if f.largeLog {
		forLog = room * 3 / 4
	}
	if room < 8 {
		forLog = 0
	}
	lines := append([]string{faint.Render(f.columns())}, f.tasks(visible, max(1, room-1-forLog))...)
	for len(lines) < room-forLog {
		lines = append(lines, "")
	}
	if forLog > 1 {
		lines = append(lines, f.logLines(forLog)...)
	}
	return lines
}

func (f *frame) clock() string {
	if f.tree.At.IsZero() {
		return ""
	}
	return faint.Render(f.tree.At.Add(f.later).Local().Format(time.TimeOnly))
}

// situation says in one sentence how things stand, or what has become of the latest command.
func (f *frame) situation() string {
	switch {
	case f.question != "":
		return moods[busyMood].Render(f.question)
	case f.trouble != "":
		return moods[badMood].Render(f.trouble)
	case f.said != "":
		return f.said
	}
	text, mood := situation(&f.tree, f.later)
	if mood == goodMood {
		text = f.marks.up + " " + text
	}
	return moods[mood].Render(text)
}

// about says in full what is the matter with the chosen task: its line has little room for that.
func (f *frame) about() string {
	for i := range f.tree.Tasks {
		t := &f.tree.Tasks[i]
		if t.Path != f.chosen {
			continue
		}
		if look := lookOf(t, f.marks, f.later); look.mood == badMood {
			return "  " + t.Path + ": " + look.detail
		}
	}
	return ""
}

// situation says in one sentence how the tasks are. Groups are not counted.
func situation(tree *control.Tree, later time.Duration) (string, mood) {
	var up, done, stopped, down int
	var worst *control.Task
	for i := range tree.Tasks {
		t, n := &tree.Tasks[i], 1
		if t.Phase != "" {
			n = 0
		}
		switch {
		case t.Status == "healthy" && !t.Unready:
			up += n
		case t.Status == "completed":
			done += n
		case t.Suspended, t.Status == "dead" && t.Why == "killed":
			stopped += n
		default:
			down += n
			if worst == nil || badness(t) > badness(worst) {
				worst = t
			}
		}
	}
	switch {
	case len(tree.Tasks) == 0:
		return "There are no tasks.", calmMood
	case tree.Phase == "halting":
		return fmt.Sprintf("All is being stopped: %d still up.", up), busyMood
	case worst == nil && stopped == 0:
		return "All is up.", goodMood
	case worst == nil:
		return fmt.Sprintf("All is up but what was stopped by hand (%d).", stopped), goodMood
	}
	is, mood := "are", busyMood
	if down == 1 {
		is = "is"
	}
	if badness(worst) >= failed {
		mood = badMood
	}
	return fmt.Sprintf("%d of %d tasks %s not up; %s %s.", down, up+done+stopped+down, is, worst.Path, plight(worst, later)), mood
}

// plight says what is the matter with a task.
func plight(t *control.Task, later time.Duration) string {
	switch t.Status {
	case "dead":
		return "is dead"
	case "abandoned":
		return "ignores its stop"
	case "failed":
		if left, portion := countdown(t, later); portion >= 0 {
			return "has failed, and starts again in " + screen.Duration(left)
		}
		return "has failed"
	case "stopping":
		return "stops"
	case "starting":
		return "starts"
	case "healthy":
		return "is not ready for now"
	}
	return "waits"
}

// failed is how bad a failure is.
const failed = 4

func badness(t *control.Task) int {
	switch t.Status {
	case "dead":
		return failed + 2
	case "abandoned":
		return failed + 1
	case "failed":
		return failed
	case "healthy": // and not ready
		return 3
	case "stopping":
		return 2
	case "starting":
		return 1
	}
	return 0
}

// visible returns the tasks that the filter lets through, and what they are in.
func (f *frame) visible() []*control.Task {
	var tasks []*control.Task
	shown := make(map[string]bool)
	for i := range f.tree.Tasks {
		t := &f.tree.Tasks[i]
		if f.filter != "" && !strings.Contains(strings.ToLower(t.Path+" "+t.Status), strings.ToLower(f.filter)) {
			continue
		}
		for path := t.Path; path != ""; path = path[:max(0, strings.LastIndexByte(path, '/'))] {
			shown[path] = true
		}
	}
	for i := range f.tree.Tasks {
		if t := &f.tree.Tasks[i]; shown[t.Path] {
			tasks = append(tasks, t)
		}
	}
	return tasks
}

func (f *frame) wide() bool { return f.width >= wideFrom }

func (f *frame) columns() string {
	text := "    " + pad("TASK", f.nameWidth()) + pad("STATUS", wordWidth)
	if f.wide() {
		text += before("PID", pidWidth) + " "
	}
	return text + before("CPU", shareWidth) + before("MEM", memoryWidth) + before("RST", restartsWidth) + "  WHY"
}

func (f *frame) nameWidth() int {
	if f.wide() {
		return wideName
	}
	return nameWidth
}

// tasks returns a line for each task, or so many lines around the chosen one.
func (f *frame) tasks(tasks []*control.Task, room int) []string {
	lines, at := make([]string, 0, len(tasks)), 0
	for i, t := range tasks {
		if t.Path == f.chosen {
			at = i
		}
		lines = append(lines, f.task(t))
	}
	if len(lines) == 0 && f.filter != "" {
		return []string{faint.Render("    no task has " + f.filter + " in its name or status")}
	}
	if len(lines) <= room {
		return lines
	}
	first := min(max(0, at-room/2), len(lines)-room)
	return lines[first : first+room]
}

func (f *frame) task(t *control.Task) string {
	look := lookOf(t, f.marks, f.later)
	style := moods[look.mood]
	cursor, name := "  ", strings.Repeat("  ", t.Depth)+screen.Clean(t.Name)
	width := f.nameWidth()
	name = ansi.Truncate(name, width-1, "~")
	name += strings.Repeat(" ", width-ansi.StringWidth(name))
	if t.Path == f.chosen {
		cursor = f.marks.chosen + " "
	}
	if t.Path == f.chosen || look.mood == badMood {
		name = bold.Render(name)
	}
	line := cursor + style.Render(look.mark) + " " + name + style.Render(pad(look.word, wordWidth)) + f.numbers(t) + "  "
	if look.left >= 0 {
		width := barWidth
		if f.wide() {
			width = wideBar
		}
		full := int(look.left*float64(width) + 0.5)
		line += style.Render(strings.Repeat(f.marks.full, full)) + faint.Render(strings.Repeat(f.marks.empty, width-full)) + " "
	}
	if look.mood == goodMood || look.mood == calmMood {
		return line + faint.Render(look.detail)
	}
	return line + look.detail
}

// numbers are what a task's processes take, and how often it was restarted.
func (f *frame) numbers(t *control.Task) string {
	pid, share, taken, restarts := "", "", "", ""
	if t.PID > 0 {
		pid = fmt.Sprint(t.PID)
	}
	if load, known := f.loads[t.Path]; known {
		taken = memory(load.memory)
		if load.share >= 0 {
			share = fmt.Sprintf("%.0f%%", load.share*100)
			if load.share < 0.0995 {
				share = fmt.Sprintf("%.1f%%", load.share*100)
			}
		}
	}
	if t.Totals.Starts > 1 {
		restarts = fmt.Sprint(t.Totals.Starts - 1)
	}
	text := before(share, shareWidth) + before(taken, memoryWidth) + before(restarts, restartsWidth)
	if f.wide() {
		text = before(pid, pidWidth) + " " + text
	}
	return text
}

// logLines shows what the chosen task has written last.
func (f *frame) logLines(room int) []string {
	rule := strings.Repeat(f.marks.line, 2) + " output of " + f.chosen + " "
	if f.chosen == "" {
		rule = strings.Repeat(f.marks.line, 2)
	}
	rule += strings.Repeat(f.marks.line, max(0, f.width-ansi.StringWidth(rule)))
	lines := []string{faint.Render(rule)}
	for _, record := range f.log[max(0, len(f.log)-(room-1)):] {
		sign := "  "
		switch {
		case record.Continues:
			sign = "+ "
		case record.Stream == "notice":
			sign = "* "
		}
		lines = append(lines, sign+screen.CleanColoured(record.Text))
	}
	if len(f.log) == 0 && f.logKnown {
		lines = append(lines, faint.Render("  nothing yet"))
	}
	return lines
}

const (
	keys      = "%s choose  r restart  s stop  x stop for good  / find  l log  ? more  q quit"
	findKeys  = "find: %s%s   enter keeps it, esc ends it"
	helpTitle = "Keys, for the chosen task or group"
)

func (f *frame) footer() string {
	switch {
	case f.typing:
		return fmt.Sprintf(findKeys, f.filter, f.marks.pointer)
	case f.question != "":
		return faint.Render("y yes  n no")
	case f.filter != "":
		return faint.Render(fmt.Sprintf("only %q (esc: all)  ", f.filter) + fmt.Sprintf(keys, f.marks.arrows))
	}
	return faint.Render(fmt.Sprintf(keys, f.marks.arrows))
}

// allKeys lists what the keys do.
func (f *frame) allKeys(room int) []string {
	lines := []string{bold.Render("  " + helpTitle), ""}
	for _, k := range []struct{ key, help string }{
		{"r", "restart: it stops, and starts afresh at once"},
		{"s", "stop, or start what was stopped (suspend, resume)"},
		{"x", "stop for good: it counts as dead until r"},
		{"h", "reload: its process is asked to read its configuration again"},
		{f.marks.arrows, "choose; also j and k, page up and down, home and end"},
		{"/", "find: only tasks whose name or status has a text"},
		{"l", "more room for the log, or less"},
		{"q", "quit; the tasks go on"},
		{"?", "closes this list"},
	} {
		lines = append(lines, "  "+heading.Render(pad(k.key, 7))+k.help)
	}
	lines = append(lines, "", faint.Render("  CPU is of one processor, and MEM what is in memory, of the process and all it started."),
		faint.Render("  RST counts its starts without the first."))
	return lines[:min(len(lines), room)]
}

// between returns two texts at the two ends of a line, the right one whole.
func (f *frame) between(left, right string) string {
	gap := f.width - ansi.StringWidth(left) - ansi.StringWidth(right)
	if gap < 1 {
		left = ansi.Truncate(left, max(0, f.width-ansi.StringWidth(right)-1), "")
		gap = f.width - ansi.StringWidth(left) - ansi.StringWidth(right)
	}
	return left + strings.Repeat(" ", max(0, gap)) + right
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(1, width-ansi.StringWidth(text)))
}

func before(text string, width int) string {
	return strings.Repeat(" ", max(0, width-ansi.StringWidth(text))) + text
}
