// Package top shows the tasks of a running taskvisor as the whole of a terminal, live, and obeys keys.
package top

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/screen"
)

// Source is what is shown, and commanded.
type Source interface {
	Tree(ctx context.Context) (control.Tree, error)
	Tail(ctx context.Context, n int, task string) ([]screen.Record, error)
	Order(ctx context.Context, action control.Action, order control.Order) (control.Done, error)
}

// Settings says how it is shown.
type Settings struct {
	Title   string
	Unicode bool // more than ASCII can be shown
	Environ []string
	In      io.Reader
	Out     io.Writer

	// Usage: the process numbers are those of this machine, so that what they take can be looked up.
	Usage bool
}

// Run shows a taskvisor until a key or the context ends it.
func Run(ctx context.Context, source Source, set Settings) error {
	return run(ctx, source, set, tea.WithInput(set.In), tea.WithOutput(set.Out))
}

func run(ctx context.Context, source Source, set Settings, options ...tea.ProgramOption) error {
	asking, stop := context.WithCancel(ctx)
	defer stop()
	options = append(options, tea.WithContext(ctx), tea.WithEnvironment(set.Environ), tea.WithoutSignalHandler())
	_, err := tea.NewProgram(newModel(asking, source, set), options...).Run()
	if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		return nil
	}
	return err
}

// model is a taskvisor as the whole of a terminal: a model of Bubble Tea's.
type model struct {
	frame
	ctx       context.Context
	source    Source
	processes func() []osProcess // nil: they are not looked at

	came   time.Time // when the tree was asked for
	asking bool
	cpu    map[string]usage // what was taken when it was last looked, by path
	looked time.Time
	order  control.Action // what the question is about
	ends   time.Time      // of what is said
}

func newModel(ctx context.Context, source Source, set Settings) *model {
	m := &model{ctx: ctx, source: source}
	if set.Usage {
		m.processes = processes
	}
	m.width, m.height, m.title, m.marks = 80, 24, set.Title, &asciiMarks
	if set.Unicode {
		m.marks = &unicodeMarks
	}
	return m
}

// What the model is told beside keys and sizes.
type (
	tick   time.Time
	answer struct { // of the taskvisor
		at        time.Time
		tree      control.Tree
		err       error
		task      string // whose log it is
		log       []screen.Record
		processes []osProcess
	}
	outcome struct{ text string } // of a command
)

const (
	redraw   = 100 * time.Millisecond // countdowns count
	askEvery = 500 * time.Millisecond
	askTime  = 2 * time.Second // how long an answer may take
	saidFor  = 4 * time.Second
	logLines = 200
)

// Init implements tea.Model.
func (m *model) Init() tea.Cmd { return tea.Batch(m.ask(), tickCmd()) }

func tickCmd() tea.Cmd { return tea.Tick(redraw, func(at time.Time) tea.Msg { return tick(at) }) }

// Update implements tea.Model.
func (m *model) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	switch message := message.(type) {
	case tick:
		now := time.Now()
		m.later = now.Sub(m.came)
		if now.After(m.ends) {
			m.said = ""
		}
		if !m.asking && m.later >= askEvery {
			return m, tea.Batch(m.ask(), tickCmd())
		}
		return m, tickCmd()
	case answer:
		m.take(message)
	case outcome:
		m.say(message.text)
		return m, m.ask()
	case tea.WindowSizeMsg:
		m.width, m.height = message.Width, message.Height
	case tea.KeyPressMsg:
		return m, m.press(message)
	case tea.PasteMsg:
		if m.typing {
			m.filter += oneLine(message.Content)
		}
	}
	return m, nil
}

// View implements tea.Model.
func (m *model) View() tea.View {
	view := tea.NewView(m.render())
	view.AltScreen = true
	view.WindowTitle = m.title
	return view
}

// ask asks how the tasks are, and what the chosen one has written.
func (m *model) ask() tea.Cmd {
	m.asking = true
	ctx, source, task, look := m.ctx, m.source, m.chosen, m.processes
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, askTime)
		defer cancel()
		a := answer{at: time.Now(), task: task}
		a.tree, a.err = source.Tree(ctx)
		if a.err == nil && task != "" {
			a.log, _ = source.Tail(ctx, logLines, task) // what is down has one all the same
		}
		if look != nil && a.err == nil {
			a.processes = look()
		}
		return a
	}
}

// take takes in how the tasks are.
func (m *model) take(a answer) {
	m.asking = false
	now := time.Now()
	if a.err != nil {
		m.trouble = a.err.Error()
		m.came, m.later = now, 0 // it is asked again in a while
		return
	}
	m.trouble, m.tree, m.came, m.later = "", a.tree, a.at, now.Sub(a.at)
	at := slices.IndexFunc(m.tree.Tasks, func(t control.Task) bool { return t.Path == m.chosen })
	if at < 0 {
		m.chosen, m.log, m.logKnown = "", nil, false
		if len(m.tree.Tasks) > 0 {
			m.chosen = m.tree.Tasks[0].Path
		}
	}
	if a.task == m.chosen {
		m.log, m.logKnown = a.log, m.chosen != ""
	}
	m.measure(a.processes, a.at)
}

// measure finds out what the tasks' processes take.
func (m *model) measure(all []osProcess, now time.Time) {
	if all == nil || now.Sub(m.looked) < askEvery/2 { // too soon to say how busy they are
		return
	}
	var leaders []int
	for i := range m.tree.Tasks {
		if pid := m.tree.Tasks[i].PID; pid > 0 {
			leaders = append(leaders, pid)
		}
	}
	sums := usagesOf(all, leaders)
	before, passed := m.cpu, now.Sub(m.looked)
	m.cpu, m.looked, m.loads = make(map[string]usage), now, make(map[string]load)
	for i := range m.tree.Tasks {
		t := &m.tree.Tasks[i]
		sum, known := sums[t.PID]
		if !known {
			continue
		}
		l := load{sum, -1}
		if last, known := before[t.Path]; known && passed > 0 {
			l.share = max(0, float64(sum.cpu-last.cpu)/float64(passed))
		}
		m.cpu[t.Path], m.loads[t.Path] = sum, l
	}
}

func (m *model) say(text string) { m.said, m.ends = text, time.Now().Add(saidFor) }

// press does what a key stands for.
func (m *model) press(message tea.KeyPressMsg) tea.Cmd {
	key := message.String()
	switch {
	case key == "ctrl+c":
		return tea.Quit
	case m.question != "":
		return m.confirm(key)
	case m.typing:
		m.typed(message)
		return nil
	}
	switch key {
	case "q":
		return tea.Quit
	case "?":
		m.help = !m.help
	case "esc":
		m.help, m.filter = false, ""
	case "/":
		m.help, m.typing = false, true
	case "l":
		m.help, m.largeLog = false, !m.largeLog
	case "up", "k":
		m.choose(-1)
	case "down", "j":
		m.choose(1)
	case "pgup":
		m.choose(-m.height / 2)
	case "pgdown":
		m.choose(m.height / 2)
	case "home", "g":
		m.choose(-len(m.tree.Tasks))
	case "end", "G":
		m.choose(len(m.tree.Tasks))
	case "r", "s", "h", "x":
		return m.command(key)
	default:
		return nil
	}
	return nil
}

// typed changes the filter by a key.
func (m *model) typed(message tea.KeyPressMsg) {
	switch message.String() {
	case "enter":
		m.typing = false
	case "esc":
		m.typing, m.filter = false, ""
	case "backspace":
		_, size := utf8.DecodeLastRuneInString(m.filter)
		m.filter = m.filter[:len(m.filter)-size]
	case "ctrl+u":
		m.filter = ""
	default:
		m.filter += oneLine(message.Text)
	}
	m.choose(0)
}

// choose goes a few tasks up or down among those that are shown.
func (m *model) choose(by int) {
	visible := m.visible()
	if len(visible) == 0 {
		return
	}
	at := slices.IndexFunc(visible, func(t *control.Task) bool { return t.Path == m.chosen })
	chosen := visible[min(max(0, max(0, at)+by), len(visible)-1)].Path
	if chosen != m.chosen {
		m.chosen, m.log, m.logKnown = chosen, nil, false
		m.came = time.Now().Add(-askEvery) // its log is asked for at once
	}
}

// command gives the command of a key about the chosen task, or asks first.
func (m *model) command(key string) tea.Cmd {
	at := slices.IndexFunc(m.tree.Tasks, func(t control.Task) bool { return t.Path == m.chosen })
	if at < 0 || m.trouble != "" {
		return nil
	}
	task := &m.tree.Tasks[at]
	m.help = false
	switch key {
	case "r":
		return m.send(control.ActionRestart, false)
	case "h":
		return m.send(control.ActionReload, false)
	case "x":
		m.order, m.question = control.ActionStop, "Stop "+m.chosen+" for good? It then counts as dead."
		return nil
	}
	if task.Suspended || task.Status == "dead" || task.Status == "completed" {
		return m.send(control.ActionStart, false)
	}
	return m.send(control.ActionStop, false)
}

// confirm does what the question was about, or does not.
func (m *model) confirm(key string) tea.Cmd {
	m.question = ""
	if key != "y" {
		return nil
	}
	return m.send(m.order, true)
}

// send gives a command, beside the picture.
func (m *model) send(action control.Action, forGood bool) tea.Cmd {
	ctx, source, path := m.ctx, m.source, m.chosen
	m.say(fmt.Sprintf("%s %s ...", action, path))
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, askTime)
		defer cancel()
		done, err := source.Order(ctx, action, control.Order{Paths: []string{path}, ForGood: forGood})
		return outcome{outcomeOf(action, path, done, err)}
	}
}

// outcomeOf says what has become of a command.
func outcomeOf(action control.Action, path string, done control.Done, err error) string {
	if err != nil {
		return fmt.Sprintf("%s %s: %v", action, path, err)
	}
	for _, task := range done.Tasks {
		switch {
		case task.Error != nil:
			return fmt.Sprintf("%s %s: %v", action, path, task.Error)
		case task.Text != "":
			return fmt.Sprintf("%s %s: it %s", action, path, task.Text)
		}
	}
	return fmt.Sprintf("%s %s: done", action, path)
}

// oneLine returns what is typed without what cannot be seen.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, text)
}
