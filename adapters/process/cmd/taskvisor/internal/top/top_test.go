package top

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/screen"
	"github.com/tasksupervisor/tasksupervisor/internal/golden"
)

var sizes = []tea.WindowSizeMsg{{Width: 80, Height: 24}, {Width: 120, Height: 34}}

func plain(text string) string { return ansi.Strip(text) }

// What is seen at some instants of the play.
func TestFrames(t *testing.T) {
	for _, size := range sizes {
		watch(t, size, seconds(0.2, 5, 8, 16, 25), func(m *model, _ *stage, at time.Duration) {
			if at == 5*time.Second {
				press(m, "down", "down")
			}
			all := lines(m)
			require.LessOrEqual(t, len(all), size.Height)
			for _, line := range all {
				require.LessOrEqual(t, ansi.StringWidth(line), size.Width, line)
			}
			golden.Compare(t, name(at, size), strings.Join(all, "\n")+"\n")
		})
	}
}

func TestHelpFrame(t *testing.T) {
	watch(t, sizes[0], seconds(4), func(m *model, _ *stage, _ time.Duration) {
		press(m, "?")
		golden.Compare(t, "testdata/help.txt", strings.Join(lines(m), "\n")+"\n")
		press(m, "?")
		require.NotContains(t, plain(m.render()), helpTitle)
	})
}

// Each key does to the chosen task what it says.
func TestKeys(t *testing.T) {
	for _, test := range []struct {
		keys []string
		says string // on top
		row  string
	}{
		{[]string{"r"}, "restart redis: done", "▼ api             stopping"},
		{[]string{"s"}, "stop redis: done", "▼ api             stopping"},
		{[]string{"end", "s"}, "start reports: done", "▸ ▲ reports         starting"},
		{[]string{"end", "up", "up", "x"}, "Stop workers/mail for good? It then counts as dead.", "▸ ✓   mail          up"},
		{[]string{"end", "up", "up", "x", "n"}, "All is up but what was stopped by hand (1).", "▸ ✓   mail          up"},
		{[]string{"end", "up", "up", "x", "y"}, "stop workers/mail: done", "▸ ▼   mail          stopping"},
		{[]string{"down", "x", "y"}, "stop migrate: it has ended already", "▸ ✓ migrate         done"},
		{[]string{"h"}, "reload redis: it cannot be reloaded", "▸ ✓ redis           up"},
		{[]string{"home", "up", "j", "k", "j"}, "All is up but what was stopped by hand (1).", "▸ ✓ migrate         done"},
		{[]string{"pgdown"}, "All is up but", "▸ ‖ reports         stopped"},
	} {
		watch(t, sizes[0], seconds(4), func(m *model, _ *stage, _ time.Duration) {
			press(m, test.keys...)
			all := lines(m)
			require.Contains(t, all[1], test.says, test.keys)
			require.Contains(t, strings.Join(all, "\n"), test.row, test.keys)
		})
	}
}

// What was stopped is started by the same key.
func TestStopAndStart(t *testing.T) {
	stopped := false
	watch(t, sizes[0], seconds(4, 6, 8), func(m *model, _ *stage, at time.Duration) {
		text := func() string { return plain(m.render()) }
		switch at {
		case 4 * time.Second:
			press(m, "s")
		case 6 * time.Second:
			require.Contains(t, text(), "▸ ‖ redis           stopped                      by hand; s starts it")
			require.Contains(t, text(), "· api             waits                        for redis")
			stopped = true
			press(m, "s")
		default:
			require.Contains(t, text(), "▸ ✓ redis           up")
			require.Contains(t, text(), "✓ api             up")
		}
	})
	require.True(t, stopped)
}

func TestFilter(t *testing.T) {
	watch(t, sizes[0], seconds(8), func(m *model, _ *stage, _ time.Duration) {
		press(m, "/", "F", "a", "i", "l")
		text := plain(m.render())
		require.Contains(t, text, "find: Fail▏")
		require.Contains(t, text, "▸ ✗ api", "what is chosen is among those that are shown")
		require.NotContains(t, text, "redis")
		press(m, "enter")
		require.Contains(t, plain(m.render()), `only "Fail"`)
		press(m, "/", "backspace", "backspace", "backspace", "backspace", "v", "o", "i", "q")
		text = plain(m.render())
		require.Contains(t, text, "find: voiq▏", "q is a letter then")
		require.Contains(t, text, "no task has voiq in its name or status")
		press(m, "backspace")
		text = plain(m.render())
		require.Contains(t, text, "✓ workers", "what it is in is shown, too")
		require.Contains(t, text, "invoices")
		require.NotContains(t, text, "mail ")
		press(m, "esc")
		require.Contains(t, plain(m.render()), "reports")
	})
}

// Whatever the size, no line is too long, there are no more lines than fit, and what the keys are about is among them.
func TestAnySize(t *testing.T) {
	watch(t, sizes[0], seconds(8), func(m *model, _ *stage, _ time.Duration) {
		press(m, "end", "up")
		for _, more := range []string{"", "l", "?"} {
			if more != "" {
				press(m, more)
			}
			for width := 1; width < 150; width += 7 {
				for height := 1; height < 45; height++ {
					m.Update(tea.WindowSizeMsg{Width: width, Height: height})
					all := strings.Split(plain(m.render()), "\n")
					require.LessOrEqual(t, len(all), height, "%dx%d", width, height)
					for _, line := range all {
						require.LessOrEqual(t, ansi.StringWidth(line), width, "%dx%d: %s", width, height, line)
					}
					if width > 30 && height > 5 && more != "?" {
						require.Contains(t, strings.Join(all, "\n"), "▸ ✓   invoices", "%dx%d", width, height)
					}
				}
			}
		}
	})
}

// What a task writes cannot harm the picture.
func TestTheLogIsHarmless(t *testing.T) {
	watch(t, sizes[0], seconds(6), func(m *model, _ *stage, _ time.Duration) {
		press(m, "down", "down", "l")
		text := m.render()
		require.Contains(t, text, "GET /products 200 5 ms")
		require.NotContains(t, text, "\x1b[2J")
	})
}

// A taskvisor that does not answer is said to, and asked again.
func TestNoAnswer(t *testing.T) {
	watch(t, sizes[0], seconds(4), func(m *model, s *stage, _ time.Duration) {
		m.Update(answer{at: time.Now(), err: &control.NotRunningError{}})
		require.Contains(t, plain(m.render()), "no taskvisor runs here")
		require.Contains(t, plain(m.render()), "redis", "what was known is still shown")
		press(m, "r")
		require.Contains(t, plain(m.render()), "no taskvisor runs here", "no command is given")
		time.Sleep(2 * askEvery)
		_, command := m.Update(tick(time.Now()))
		require.NotNil(t, command)
		require.True(t, m.asking)
		do(m, m.ask())
		require.Contains(t, plain(m.render()), "All is up but")
	})
}

// Many tasks are shown around the chosen one.
func TestManyTasks(t *testing.T) {
	m := newModel(t.Context(), nil, Settings{Unicode: true})
	var tree control.Tree
	for i := range 500 {
		tree.Tasks = append(tree.Tasks, control.Task{Path: fmt.Sprint("task-", i), Name: fmt.Sprint("task-", i), Status: "healthy"})
	}
	m.Update(answer{at: time.Now(), tree: tree})
	require.Equal(t, "task-0", m.chosen)
	m.choose(250)
	require.Contains(t, plain(m.render()), "▸ ✓ task-250")
	require.Contains(t, plain(m.render()), "task-249")
	m.choose(1000)
	require.Contains(t, plain(m.render()), "▸ ✓ task-499")
	m.Update(answer{at: time.Now(), tree: control.Tree{Tasks: tree.Tasks[:10]}})
	require.Equal(t, "task-0", m.chosen, "the chosen one was removed")
	m.Update(answer{at: time.Now(), tree: control.Tree{}})
	require.Contains(t, plain(m.render()), "There are no tasks.")
}

// Each status is one that has a word, and where it has an end a bar.
func TestLooks(t *testing.T) {
	two := 2.0
	for _, test := range []struct {
		task control.Task
		word string
		left float64
		says string
	}{
		{control.Task{Status: "healthy", SinceSeconds: 125}, "up", -1, "up for 2 min 6 s"},
		{control.Task{Status: "healthy", Attempts: 2, SinceSeconds: 4}, "up", -1, "restart 2 in a row; up for 5 s"},
		{control.Task{Status: "healthy", Attempts: 2, Phase: "running"}, "up", -1, "restart 2 in a row"},
		{control.Task{Status: "healthy", Unready: true}, "unready", -1, "not ready for now"},
		{control.Task{Status: "starting", UntilSeconds: &two, SinceSeconds: 2}, "starting", 0.25, "not ready yet; 1 s left"},
		{control.Task{Status: "starting", Phase: "running"}, "starting", -1, "until all in it are ready"},
		{control.Task{Status: "created", Wait: "need", WaitsFor: "redis"}, "waits", -1, "for redis"},
		{control.Task{Status: "created", Wait: "turn"}, "waits", -1, "for its turn"},
		{control.Task{Status: "created", Wait: "left-behind"}, "waits", -1, "for its old run to end"},
		{control.Task{Status: "created", Wait: "supervisor"}, "waits", -1, "for its group"},
		{control.Task{Status: "created", Wait: "held", HeldBy: "gate", HeldWhy: "port 80 is in use"}, "held", -1, "port 80 is in use"},
		{control.Task{Status: "created", Wait: "held", HeldBy: "operator", HeldWhy: "a rest"}, "held", -1, "by hand: a rest"},
		{control.Task{Status: "failed", Wait: "held", HeldBy: "operator", LastError: "x"}, "failed", -1, "by hand: x"},
		{control.Task{Status: "created", Suspended: true}, "stopped", -1, "not started yet; s starts it"},
		{control.Task{Status: "created", Suspended: true, Run: 1}, "stopped", -1, "by hand; s starts it"},
		{control.Task{Status: "failed", UntilSeconds: &two, LastError: "exit code 1\nmore"}, "failed", 0.5, "again in 1 s: exit code 1"},
		{control.Task{Status: "failed", Wait: "others-stopped", LastError: "x"}, "failed", -1, "when others have stopped: x"},
		{control.Task{Status: "failed", Wait: "restart-rate", LastError: "x"}, "failed", -1, "because too many tasks restart at once: x"},
		{control.Task{Status: "failed", Suspended: true, LastError: "x\x1b[2J"}, "failed", -1, "stopped by hand: x"},
		{control.Task{Status: "stopping", UntilSeconds: &two, KillSeconds: &two, Why: "watchdog"}, "stopping", 0.5, "it hangs; SIGKILL in 1 s"},
		{control.Task{Status: "stopping", Why: "sibling"}, "stopping", -1, "with a task of its group"},
		{control.Task{Status: "abandoned"}, "left over", -1, "ignores its stop"},
		{control.Task{Status: "dead", Why: "killed"}, "dead", -1, "stopped for good; r starts it"},
		{control.Task{Status: "dead", Why: "exhausted", LastError: "x"}, "dead", -1, "failed too often: x"},
		{control.Task{Status: "dead", Why: "fatal"}, "dead", -1, "fatal"},
		{control.Task{Status: "completed"}, "done", -1, "has done its work"},
		{control.Task{Status: "halted"}, "stopped", -1, "with its group"},
		{control.Task{Status: "unheard-of", Why: "new"}, "unheard-of", -1, "new"},
	} {
		look := lookOf(&test.task, &unicodeMarks, time.Second)
		require.Equal(t, test.word, look.word)
		require.Equal(t, test.left, look.left, test.says)
		require.Equal(t, test.says, look.detail)
	}
}

func TestMemory(t *testing.T) {
	for bytes, text := range map[uint64]string{
		0: "0k", 4096: "4k", 999_000: "999k", 999_600: "1.0M", 12_345_678: "12M", 9_960_000: "10M", 1_500_000_000: "1.5G", 2_000_000_000_000: "2.0T",
	} {
		require.Equal(t, text, memory(bytes))
	}
}

// What processes take counts for the task whose session or group they are in, or whose process started them.
func TestUsage(t *testing.T) {
	mb := func(n uint64) usage { return usage{cpu: time.Duration(n) * time.Second, memory: n} }
	all := []osProcess{
		{1, 0, 1, 1, mb(1)},
		{10, 1, 10, 10, mb(2)},   // a leader
		{11, 10, 10, 10, mb(4)},  // its child
		{12, 1, 10, 10, mb(8)},   // an orphan in its session
		{13, 11, 13, 13, mb(16)}, // in its own session, but started by a child
		{20, 10, 20, 20, mb(32)}, // another leader, started by the first
		{21, 20, 20, 20, mb(64)},
		{30, 1, 30, 30, mb(128)}, // a stranger
	}
	require.Equal(t, map[int]usage{10: {30 * time.Second, 30, 4}, 20: {96 * time.Second, 96, 2}}, usagesOf(all, []int{10, 20, 99}))
	loop := []osProcess{{2, 3, 2, 2, mb(1)}, {3, 2, 3, 3, mb(1)}}
	require.Empty(t, usagesOf(loop, []int{10}))
}

// It can be drawn by Bubble Tea itself, and ends by a key or with its context.
func TestRun(t *testing.T) {
	source := still{}
	in, keyboard := io.Pipe()
	go func() { _, _ = io.WriteString(keyboard, "q") }()
	require.NoError(t, run(t.Context(), source, Settings{Environ: []string{"TERM=xterm"}}, tea.WithInput(in), tea.WithOutput(io.Discard), tea.WithWindowSize(80, 24)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	idle, _ := io.Pipe()
	require.NoError(t, run(ctx, source, Settings{Environ: []string{"TERM=xterm"}}, tea.WithInput(idle), tea.WithOutput(io.Discard), tea.WithWindowSize(80, 24)))
	broken, keyboard := io.Pipe()
	failed := errors.New("the terminal was closed")
	_ = keyboard.CloseWithError(failed)
	require.ErrorIs(t, run(t.Context(), source, Settings{Environ: []string{"TERM=xterm"}}, tea.WithInput(broken), tea.WithOutput(io.Discard), tea.WithWindowSize(80, 24)), failed)
	_ = in.Close()
	_ = idle.Close()
}

// still is a taskvisor without tasks.
type still struct{}

func (still) Tree(context.Context) (control.Tree, error) { return control.Tree{}, nil }
func (still) Tail(context.Context, int, string) ([]screen.Record, error) {
	return nil, nil
}
func (still) Order(context.Context, control.Action, control.Order) (control.Done, error) {
	return control.Done{}, nil
}
