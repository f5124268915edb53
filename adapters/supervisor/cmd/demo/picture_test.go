package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
	"github.com/tasksupervisor/tasksupervisor/internal/golden"
)

var unicode = []string{"TERM=xterm-256color", "LANG=C.UTF-8"}

// sizes are of a small terminal and of a usual one.
var sizes = []tea.WindowSizeMsg{{Width: 80, Height: 24}, {Width: 120, Height: 34}}

// watch shows the storyboard to somebody who looks at it as often as Bubble Tea does, and calls at each instant.
func watch(t *testing.T, calm bool, size tea.WindowSizeMsg, at []time.Duration, look func(p *picture, at time.Duration)) {
	t.Helper()
	bubble.Run(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		play := rehearse(settings{calm: calm}, io.Discard)
		play.screen.forPicture()
		p := newPicture(play, unicodeMarks, cancel)
		p.Update(size)
		var over sync.WaitGroup
		over.Go(func() { _ = play.run(ctx) })
		defer time.Sleep(time.Minute) // what was left behind ends
		defer over.Wait()
		defer cancel()
		p.Init()
		for now := time.Duration(0); len(at) > 0; now += often {
			synctest.Wait()
			p.Update(tick(time.Now()))
			if now >= at[0] {
				look(p, at[0])
				at = at[1:]
			}
			time.Sleep(often)
		}
	})
}

func plain(p *picture) string { return ansi.Strip(p.View().Content) }

// The frames of the storyboard are as they are in testdata.
func TestFrames(t *testing.T) {
	captions := map[time.Duration]string{
		0:                opening.title,
		5 * time.Second:  "counter fails: its group restarts.",
		15 * time.Second: "The bank's lines keep failing",
		28 * time.Second: yourTurn.title,
	}
	for _, size := range sizes {
		at := []time.Duration{0, 5 * time.Second, 15 * time.Second, 28 * time.Second}
		watch(t, false, size, at, func(p *picture, at time.Duration) {
			text := plain(p)
			require.Contains(t, text, captions[at])
			lines := strings.Split(text, "\n")
			require.Len(t, lines, size.Height)
			for _, line := range lines {
				require.LessOrEqual(t, ansi.StringWidth(line), size.Width, line)
			}
			golden.Compare(t, fmt.Sprintf("testdata/%ds-%dx%d.txt", int(at.Seconds()), size.Width, size.Height), trimmed(lines))
		})
	}
}

// trimmed returns lines without the space at their ends. What happened at one instant in different supervisors has no order, and
// so gets one here.
func trimmed(lines []string) string {
	for first, line := range lines {
		if strings.HasPrefix(line, "What happened") {
			slices.Sort(lines[first+1 : first+1+slices.IndexFunc(lines[first+1:], func(line string) bool { return strings.TrimSpace(line) == "" })])
		}
	}
	var text strings.Builder
	for _, line := range lines {
		text.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return text.String()
}

// The README shows a piece of a frame.
func TestReadmeShowsAFrame(t *testing.T) {
	readme, err := os.ReadFile("../../../../README.md")
	require.NoError(t, err)
	frame, err := os.ReadFile("testdata/5s-80x24.txt")
	require.NoError(t, err)
	shown := blocks(t, string(readme), "text")
	require.Len(t, shown, 1)
	require.Contains(t, string(frame), shown[0])
}

// One sentence says how things stand, at each moment of the storyboard.
func TestSituations(t *testing.T) {
	said := map[time.Duration]string{
		500 * time.Millisecond:   "Now starting: counter, database.",
		2 * time.Second:          "✓ All is up.",
		3100 * time.Millisecond:  "counter has failed, and what goes with it stops first.",
		5 * time.Second:          "counter has failed, and starts again in 0.8 s.",
		7 * time.Second:          "✓ All is up again, after 3.7 s.",
		10 * time.Second:         "ledger has been silent for 1.2 s.",
		14500 * time.Millisecond: "line-1 has failed for good, and bank stops its tasks.",
		15 * time.Second:         "bank has given up, and starts again as a whole in 1.6 s.",
		44300 * time.Millisecond: "database has failed for good, and storage stops its tasks.",
		44600 * time.Millisecond: "storage has failed, and what goes with it stops first.",
		46 * time.Second:         "Now starting: database.",
		63 * time.Second:         "Now stopping: ledger.",
		66 * time.Second:         "Left behind: ledger. Its next run waits until this one has ended.",
		74200 * time.Millisecond: "Now stopping: mail.",
	}
	at := slices.Sorted(maps.Keys(said))
	watch(t, false, sizes[0], at, func(p *picture, at time.Duration) {
		require.Equal(t, said[at], strings.TrimSpace(strings.Split(plain(p), "\n")[5]), at)
	})
}

// Whatever the size, no line is too long, and there are no more lines than fit: what the keys are about is among them.
func TestAnySize(t *testing.T) {
	watch(t, false, sizes[0], []time.Duration{15 * time.Second}, func(p *picture, _ time.Duration) {
		p.Update(tea.KeyPressMsg{Code: tea.KeyDown})
		for width := 1; width < 130; width += 7 {
			for height := 1; height < 40; height++ {
				p.Update(tea.WindowSizeMsg{Width: width, Height: height})
				text := plain(p)
				lines := strings.Split(text, "\n")
				require.LessOrEqual(t, len(lines), height, "%dx%d", width, height)
				for _, line := range lines {
					require.LessOrEqual(t, ansi.StringWidth(line), width, "%dx%d: %s", width, height, line)
				}
				if width > 30 && height > 8 {
					require.Contains(t, text, "▸ ✓   index", "%dx%d", width, height)
				}
			}
		}
	})
}

// The captions, and what a key leads to, fit the smallest terminal that has room for all tasks.
func TestCaptionsFit(t *testing.T) {
	var captions []caption
	for _, step := range storyboard() {
		captions = append(captions, step.caption)
	}
	captions = append(captions, opening, closing, yourTurn)
	watch(t, true, sizes[0], []time.Duration{5 * time.Second}, func(p *picture, _ time.Duration) {
		for _, node := range p.tree {
			for _, b := range append(bindings, binding{word: "resume"}) {
				captions = append(captions, caption{"", consequence(b.word, node)})
			}
		}
		require.LessOrEqual(t, ansi.StringWidth(isSupervisor), 80)
		p.help = true
		for line := range strings.SplitSeq(plain(p), "\n") {
			require.LessOrEqual(t, ansi.StringWidth(line), 80)
		}
	})
	require.Greater(t, len(captions), 100)
	for _, c := range captions {
		require.LessOrEqual(t, len(c.title), 80)
		require.LessOrEqual(t, len(c.lesson), 80, c.lesson)
	}
}

// Each key does to the chosen task what it says.
func TestKeys(t *testing.T) {
	for _, test := range []struct {
		keys   string
		task   string
		status supervisor.Status
		why    supervisor.Reason
		says   string
	}{
		{"f", "database", supervisor.StatusFailed, supervisor.ReasonFailure, "You make database fail."},
		{"p", "database", supervisor.StatusFailed, supervisor.ReasonFailure, "You make database panic."},
		{"h", "database", supervisor.StatusHealthy, supervisor.ReasonReady, "It has no watchdog"},
		{"↓↓↓↓h", "ledger", supervisor.StatusHealthy, supervisor.ReasonSupervisorStart, "Its watchdog takes two seconds"},
		{"jr", "database", supervisor.StatusStopping, supervisor.ReasonRestarted, "You restart database."},
		{"x", "database", supervisor.StatusDead, supervisor.ReasonFatal, "storage ends"},
		{"d", "database", supervisor.StatusCompleted, supervisor.ReasonCompleted, "You let database finish its work."},
		{"k", "database", supervisor.StatusStopping, supervisor.ReasonKilled, "stays down until you press r"},
		{"s", "database", supervisor.StatusStopping, supervisor.ReasonSuspended, "You suspend database."},
		{"r", "database", supervisor.StatusStopping, supervisor.ReasonRestarted, "You restart database."},
		{"↓f", "index", supervisor.StatusFailed, supervisor.ReasonFailure, "The storage is a chain"},
		{"↑↑f", "writer", supervisor.StatusFailed, supervisor.ReasonFailure, "all three stop"},
		{"↑f", "storage", supervisor.StatusHealthy, supervisor.ReasonReady, "choose one of those"},
		{"↑s", "storage", supervisor.StatusHealthy, supervisor.ReasonSuspended, "web and mail are bound to it"},
		{"↑↑↑↑↑↑↑↑r", "stock", supervisor.StatusStopping, supervisor.ReasonRestarted, "You restart stock."},
		{"↓↓↓↓↓↓↓↓↓↓↓f", "mail", supervisor.StatusFailed, supervisor.ReasonFailure, "its neighbours do not notice"},
		{"?", "database", supervisor.StatusHealthy, supervisor.ReasonReady, "k  kill"},
		{"??", "database", supervisor.StatusHealthy, supervisor.ReasonReady, "✓   database"},
		{"?f", "database", supervisor.StatusFailed, supervisor.ReasonFailure, "You make database fail."},
	} {
		watch(t, true, sizes[0], []time.Duration{4 * time.Second}, func(p *picture, _ time.Duration) {
			for _, key := range test.keys {
				press(p, key)
			}
			synctest.Wait()
			p.Update(tick(time.Now()))
			status, err := p.shop.Status(p.chosen)
			require.NoError(t, err)
			require.Equal(t, test.task, status.Name, test.keys)
			require.Equal(t, test.status.String(), status.Status.String(), test.keys)
			require.Equal(t, test.why.String(), status.Why.String(), test.keys)
			require.Contains(t, plain(p), test.says, test.keys)
		})
	}
}

// press presses a key, and does what it leads to.
func press(p *picture, key rune) {
	code := map[rune]rune{'↑': tea.KeyUp, '↓': tea.KeyDown}[key]
	message := tea.KeyPressMsg{Code: code}
	if code == 0 {
		message = tea.KeyPressMsg{Code: key, Text: string(key)}
	}
	if _, command := p.Update(message); command != nil {
		command()
	}
}

func TestThePageIsOpened(t *testing.T) {
	watch(t, true, sizes[0], []time.Duration{4 * time.Second}, func(p *picture, _ time.Duration) {
		var opened []string
		var err error
		p.browse = func(url string) error {
			opened = append(opened, url)
			return err
		}
		press(p, 'o')
		require.Equal(t, []string{"http://127.0.0.1:80"}, opened)
		err = exec.ErrNotFound
		press(p, 'o')
		require.Contains(t, plain(p), "No browser can be opened from here: ")
	})
}

// What a key has suspended or killed, it brings back.
func TestSuspendedAndKilledComeBack(t *testing.T) {
	watch(t, true, sizes[0], []time.Duration{4 * time.Second}, func(p *picture, _ time.Duration) {
		look := func() string {
			time.Sleep(2 * time.Second)
			p.Update(tick(time.Now()))
			return plain(p)
		}
		press(p, 's')
		require.Contains(t, look(), "▸ ‖   database        suspended s lets it go on")
		require.Contains(t, plain(p), "Down: database. All else goes on.")
		press(p, 's')
		require.Contains(t, look(), "▸ ✓   database        up")
		press(p, 'k')
		require.Contains(t, look(), "▸ ✗   database        dead      killed; r starts it")
		press(p, 'r')
		require.Contains(t, look(), "▸ ✓   database        up        2 restarts")
		require.Contains(t, plain(p), "✓ All is up again, after ")
	})
}

// terminal is a terminal of a given size, on which a program of Bubble Tea's runs.
type terminal struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (t *terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.out.Write(p)
}

func (t *terminal) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.out.String()
}

// use has the demo drawn on a terminal, types keys one after the other, each some time after the one before, and returns what came.
func use(t *testing.T, environ []string, keys ...string) (screen, printed, caption string, err error) {
	t.Helper()
	terminal := new(terminal)
	var out bytes.Buffer
	bubble.Run(t, func(t *testing.T) {
		in, keyboard := io.Pipe()
		go func() {
			for _, key := range keys {
				time.Sleep(3 * time.Second)
				_, _ = io.WriteString(keyboard, key)
			}
		}()
		play := rehearse(settings{calm: true}, &out)
		err = draw(t.Context(), context.Background(), play, environ, tea.WithInput(in), tea.WithOutput(terminal), tea.WithWindowSize(100, 30))
		_ = in.Close()
		if err == nil {
			play.report(&out)
		}
		caption = play.screen.now().title
		time.Sleep(time.Minute) // what was left behind ends
	})
	return terminal.String(), out.String(), caption, err
}

const alternateScreen, usualScreen = "\x1b[?1049h", "\x1b[?1049l"

func TestQuit(t *testing.T) {
	for _, key := range []string{"q", "\x03"} {
		screen, printed, caption, err := use(t, unicode, key)
		require.NoError(t, err)
		require.Contains(t, screen, alternateScreen)
		require.Contains(t, screen, usualScreen)
		require.Equal(t, closing.title, caption)
		require.Contains(t, printed, "shop: halted, 15 runs started, 15 ended")
		require.NotContains(t, printed, "healthy   -> stopping", "the picture has shown it")
	}
}

// A second Ctrl-C does not wait for a task that ignores its stop.
func TestQuitAtOnce(t *testing.T) {
	screen, printed, caption, err := use(t, unicode, "j", "\x03\x03")
	require.ErrorIs(t, err, errAtOnce)
	require.Equal(t, closing.title, caption)
	require.Contains(t, screen, usualScreen, "the terminal is as it was")
	require.Empty(t, printed)
}

// Nor does a second signal.
func TestSignalledAtOnce(t *testing.T) {
	orders := func(t *testing.T) (orderly, atOnce context.Context) {
		orderly, first := context.WithTimeout(t.Context(), 3*time.Second)
		atOnce, second := context.WithCancel(t.Context())
		t.Cleanup(first)
		time.AfterFunc(3500*time.Millisecond, second)
		return orderly, atOnce
	}
	bubble.Run(t, func(t *testing.T) {
		orderly, atOnce := orders(t)
		in, _ := io.Pipe()
		terminal, play := new(terminal), rehearse(settings{calm: true}, io.Discard)
		err := draw(orderly, atOnce, play, unicode, tea.WithInput(in), tea.WithOutput(terminal), tea.WithWindowSize(100, 30))
		_ = in.Close()
		require.ErrorIs(t, err, errAtOnce)
		require.Equal(t, closing.title, play.screen.now().title)
		require.Contains(t, terminal.String(), usualScreen)
		time.Sleep(time.Minute)
	})
	text := new(bytes.Buffer)
	bubble.Run(t, func(t *testing.T) {
		orderly, atOnce := orders(t)
		play := rehearse(settings{calm: true}, text)
		require.ErrorIs(t, inLines(orderly, atOnce, play, console{stdin: strings.NewReader("")}), errAtOnce)
		time.Sleep(time.Minute)
	})
	require.Contains(t, text.String(), "# "+closing.title)
}

func TestColours(t *testing.T) {
	const green = "\x1b[32m"
	coloured, _, _, err := use(t, append(unicode, "TTY_FORCE=1"), "q")
	require.NoError(t, err)
	require.Contains(t, coloured, green)
	none, _, _, err := use(t, append(unicode, "TTY_FORCE=1", "NO_COLOR=1"), "q")
	require.NoError(t, err)
	require.NotRegexp(t, `\x1b\[([0-9;]*;)?[349][0-7](;[0-9;]*)?m`, none)
	require.Contains(t, none, "\x1b[1m", "bold is no colour")
	require.Contains(t, none, "All is up.")
}

func TestMarks(t *testing.T) {
	require.Equal(t, unicodeMarks, marksFor([]string{"LANG=de_DE.UTF-8"}))
	require.Equal(t, unicodeMarks, marksFor([]string{"LANG=C", "LC_ALL=C.utf8"}))
	require.Equal(t, asciiMarks, marksFor([]string{"LC_ALL=C", "LANG=C.UTF-8"}))
	ascii, _, _, err := use(t, []string{"TERM=xterm", "LANG=C"}, "s", "q")
	require.NoError(t, err)
	for _, r := range ascii {
		require.Less(t, r, rune(0x80))
	}
}

// A picture is only for a terminal that can show it: not for a pipe, a file, or a device that is not a terminal.
func TestPlainLinesWhereThereIsNoTerminal(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	require.NoError(t, err)
	defer func() { require.NoError(t, null.Close()) }()
	require.False(t, isTerminal(console{stdin: null, stdout: null, environ: unicode}))
	require.False(t, isTerminal(console{stdin: strings.NewReader(""), stdout: io.Discard, environ: unicode}))
}

// A terminal that fails ends the shop.
func TestTheTerminalFails(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		broken := errors.New("the terminal was closed")
		in, keyboard := io.Pipe()
		_ = keyboard.CloseWithError(broken)
		p := rehearse(settings{calm: true}, io.Discard)
		err := draw(t.Context(), context.Background(), p, unicode, tea.WithInput(in), tea.WithOutput(io.Discard), tea.WithWindowSize(100, 30))
		require.ErrorIs(t, err, broken)
		require.Equal(t, supervisor.PhaseHalted.String(), p.shop.Phase().String())
	})
}
