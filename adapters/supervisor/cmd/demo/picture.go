package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/term"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// isTerminal reports whether there is a terminal on which a picture can be drawn, with keys that can be pressed.
func isTerminal(c console) bool {
	kind := variable(c.environ, "TERM")
	return kind != "dumb" && (kind != "" || runtime.GOOS == "windows") && isTerminalFile(c.stdin) && isTerminalFile(c.stdout)
}

func isTerminalFile(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// marksFor returns the marks that a terminal can show.
func marksFor(environ []string) marks {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := strings.ToUpper(variable(environ, name)); value != "" {
			if strings.Contains(value, "UTF-8") || strings.Contains(value, "UTF8") {
				return unicodeMarks
			}
			return asciiMarks
		}
	}
	if runtime.GOOS == "windows" {
		return unicodeMarks
	}
	return asciiMarks
}

// variable returns the value of an environment variable: of several the last.
func variable(environ []string, name string) string {
	for _, setting := range slices.Backward(environ) {
		if value, ok := strings.CutPrefix(setting, name+"="); ok {
			return value
		}
	}
	return ""
}

// inAPicture shows a play as a picture, and obeys keys.
func inAPicture(orderly, atOnce context.Context, p *play, c console) error {
	return draw(orderly, atOnce, p, c.environ, tea.WithInput(c.stdin), tea.WithOutput(c.stdout))
}

func draw(orderly, atOnce context.Context, p *play, environ []string, options ...tea.ProgramOption) error {
	running, stop := context.WithCancel(orderly)
	defer stop()
	p.screen.forPicture()
	picture := newPicture(p, marksFor(environ), stop)
	program := tea.NewProgram(picture, append(options, tea.WithEnvironment(environ), tea.WithoutSignalHandler())...)
	defer context.AfterFunc(running, func() { program.Send(stopped{}) })()
	defer context.AfterFunc(atOnce, program.Kill)()
	ended := make(chan error, 1)
	go func() {
		ended <- p.run(running)
		program.Quit()
	}()
	if _, err := program.Run(); picture.atOnce || atOnce.Err() != nil {
		return errAtOnce
	} else if err != nil { // the terminal has failed
		stop()
		return errors.Join(err, <-ended)
	}
	return <-ended
}

// picture is a play as the whole of a terminal: a model of Bubble Tea's.
type picture struct {
	*play
	marks         marks
	stop          func() // has the shop stop in order
	browse        func(url string) error
	width, height int

	tree      []supervisor.TreeNode
	score     score
	chosen    string        // the path of the task that keys are about
	byHand    bool          // a key has been pressed
	help      bool          // all keys are listed
	stopping  bool          // the shop is being stopped
	atOnce    bool          // and is not waited for
	trouble   time.Time     // since when not all is up; zero if all is
	everUp    bool          // all has been up
	recovered time.Duration // how long the latest trouble lasted
	well      time.Time     // when it was over
}

func newPicture(p *play, marks marks, stop func()) *picture {
	return &picture{play: p, marks: marks, stop: stop, browse: browse, width: 80, height: 24, chosen: "shop/storage/database"}
}

// What the picture is told beside keys and sizes.
type (
	tick    time.Time // it is time to look again
	stopped struct{}  // the shop is being stopped, and not by a key
)

// often is how often the picture looks at the shop.
const often = 100 * time.Millisecond

// newsFor is how long it is news that all is up again.
const newsFor = 5 * time.Second

func lookAgain() tea.Cmd { return tea.Tick(often, func(at time.Time) tea.Msg { return tick(at) }) }

// Init implements tea.Model.
func (p *picture) Init() tea.Cmd {
	p.look()
	return lookAgain()
}

// Update implements tea.Model.
func (p *picture) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	switch message := message.(type) {
	case tick:
		p.look()
		return p, lookAgain()
	case tea.WindowSizeMsg:
		p.width, p.height = message.Width, message.Height
	case stopped:
		p.stopping = true
	case tea.KeyPressMsg:
		return p, p.press(message.String())
	}
	return p, nil
}

// View implements tea.Model.
func (p *picture) View() tea.View {
	recovered := p.recovered
	if time.Since(p.well) > newsFor {
		recovered = 0
	}
	frame := frame{
		width: p.width, height: p.height, marks: p.marks, scene: p.screen.now(), tree: p.tree,
		score: p.score, chosen: p.chosen, byHand: p.byHand, help: p.help,
		stopping: p.stopping, recovered: recovered, passed: time.Since(p.screen.began), now: time.Now(),
	}
	view := tea.NewView(frame.render())
	view.AltScreen = true
	view.WindowTitle = "tasksupervisor demo"
	return view
}

// look has a look at the shop.
func (p *picture) look() {
	p.tree = p.shop.Tree()
	p.score = p.workshop.witness.compare(p.tree)
	switch up := allUp(p.tree); {
	case up && !p.trouble.IsZero():
		p.recovered, p.well, p.trouble = time.Since(p.trouble), time.Now(), time.Time{}
	case !up && p.everUp && p.trouble.IsZero():
		p.trouble = time.Now()
	case up:
		p.everUp = true
	}
}

// binding is a key, what it does to the chosen task, and how to say so.
type binding struct{ key, word, help, title string }

var bindings = []binding{
	{"f", "fail", "its run returns an error", "You make %s fail."},
	{"p", "panic", "its run panics", "You make %s panic."},
	{"h", "hang", "its run goes on and does nothing; try it with ledger", "You make %s hang."},
	{"j", "jam", "the same, and then it ignores its stop for 8 s", "You make %s hang, and ignore its stop."},
	{"x", "fatal", "its run says that no restart helps: its supervisor ends", "You make %s report that no restart helps."},
	{"d", "finish", "its run has done its work: the task is completed", "You let %s finish its work."},
	{"k", "kill", "you stop it for good; r starts it again", "You kill %s."},
	{"r", "restart", "you restart it: no failure, no delay", "You restart %s."},
	{"s", "suspend", "you stop it until you press s again", "You suspend %s."},
}

// press does what a key stands for.
func (p *picture) press(key string) tea.Cmd {
	switch key {
	case "ctrl+c", "q":
		if p.stopping && key == "ctrl+c" {
			p.atOnce = true
			return tea.Quit
		}
		p.stopping = true
		p.stop()
		return nil
	case "ctrl+z":
		return tea.Suspend
	case "o":
		return p.openPage()
	case "?", "esc":
		p.help = key == "?" && !p.help
		return nil
	case "up", "down":
		p.takeOver()
		p.choose(key == "down")
		return nil
	}
	for _, b := range bindings {
		if b.key == key && !p.stopping {
			p.takeOver()
			p.help = false
			return p.command(b, p.chosen)
		}
	}
	return nil
}

// openPage opens the live page in a browser.
func (p *picture) openPage() tea.Cmd {
	url := p.screen.now().page
	return func() tea.Msg {
		if err := p.browse(url); err != nil {
			p.screen.refused("No browser can be opened from here: " + err.Error())
		}
		return nil
	}
}

// browse opens a browser, if the system says which.
func browse(url string) error {
	switch runtime.GOOS {
	case "darwin":
		return exec.Command("open", url).Run()
	case "windows":
		return exec.Command("rundll32", "url.dll,FileProtocolHandler", url).Run()
	default:
		return exec.Command("xdg-open", url).Run()
	}
}

// takeOver makes it the turn of whoever presses the keys.
func (p *picture) takeOver() {
	p.byHand = true
	p.operator.takesOver()
}

// choose goes to the next task, or the one before.
func (p *picture) choose(down bool) {
	at := slices.IndexFunc(p.tree, func(n supervisor.TreeNode) bool { return n.Path == p.chosen })
	if down {
		at++
	} else {
		at--
	}
	if len(p.tree) > 0 {
		p.chosen = p.tree[max(0, min(at, len(p.tree)-1))].Path
	}
}

// command has a command carried out, beside the picture.
func (p *picture) command(b binding, path string) tea.Cmd {
	at := slices.IndexFunc(p.tree, func(n supervisor.TreeNode) bool { return n.Path == path })
	if at < 0 {
		return nil
	}
	node := p.tree[at]
	word, title := b.word, b.title
	if word == "suspend" && node.Suspended {
		word, title = "resume", "You let %s go on."
	}
	p.screen.announce(caption{fmt.Sprintf(title, node.Name), consequence(word, node)})
	if node.Inside != nil && mishapCalled(word) != nil {
		p.screen.refused(isSupervisor)
		return nil
	}
	return func() tea.Msg {
		p.operator.obey(word, path)
		return nil
	}
}

const isSupervisor = "This is a supervisor, which only fails with its tasks: choose one of those."

// consequence says in plain words what a command leads to.
func consequence(word string, node supervisor.TreeNode) string {
	const bound = "web and mail are bound to it: they stop first. "
	storage := node.Path == "shop/storage"
	switch word {
	case "kill":
		if storage {
			return bound + "Press r to start it."
		}
		return "It stops, and stays down until you press r. No failure is counted."
	case "suspend":
		if storage {
			return bound + "Press s again to go on."
		}
		return "It stops, and waits for you to press s again. No failure is counted."
	case "resume":
		return "It starts again."
	case "restart":
		if storage {
			return bound + "They start again after it."
		}
		return "It stops and starts again, at once. No failure is counted."
	case "finish":
		return "It has done its work: a task that is completed is not restarted."
	case "fatal":
		if groupOf(node.Path) == "shop" {
			return "It says that no restart helps. Nothing is above the shop: all stops."
		}
		return "It says that no restart helps: " + nameOf(groupOf(node.Path)) + " ends, and what is above restarts that."
	case "hang", "jam":
		if node.Path != "shop/payments/ledger" {
			return "It has no watchdog, so nothing notices. Press r, or try it with the ledger."
		}
		return "Its watchdog takes two seconds without a sign of life for a failure."
	default:
		return rule(groupOf(node.Path))
	}
}
