package top

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/screen"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

var castTo = flag.String("cast", "", "write what run and top show to this `file`, for asciinema")

// What `taskvisor run` prints of the play for a while, and then what `taskvisor top` shows of it, as asciinema plays them.
func TestCast(t *testing.T) {
	const printed, shown = 12 * time.Second, 28 * time.Second
	size := tea.WindowSizeMsg{Width: 100, Height: 28}
	var cast *cast
	bubble.Run(t, func(t *testing.T) {
		cast = newCast(size)
		cast.types("taskvisor run\n")
		printer := screen.NewPrinter(cast, screen.Settings{Colours: screen.ManyColours, Unicode: true})
		playFor(t, printer, printed)
		require.NoError(t, printer.Close(context.Background()))
	})
	began := cast.latest + time.Second
	var at []time.Duration
	for now := time.Duration(0); now <= shown; now += redraw {
		at = append(at, now)
	}
	keys := map[time.Duration]string{ // by when they are pressed
		6 * time.Second: "down", 6500 * time.Millisecond: "down", 14 * time.Second: "end", 14500 * time.Millisecond: "up", 20 * time.Second: "end",
		21 * time.Second: "s", 23 * time.Second: "home",
	}
	cast.at(began)
	cast.line([]any{began.Seconds(), "o", "\x1b[2J\x1b[H"})
	cast.types("taskvisor top\n")
	watch(t, size, at, func(m *model, _ *stage, at time.Duration) {
		if key, ok := keys[at]; ok {
			press(m, key)
		}
		cast.frame(began+time.Second+at, m.render())
	})

	text := cast.text.String()
	for _, seen := range []string{
		"api failed (exit code 2: panic: no such table: vouchers); restarts in 2 s", "api starts again (restart 1 in a row)", "GET /cart 200 3 ms",
		"taskvisor: shop/tasks.toml", "redis has failed, and starts again in ", "start reports: done", "output of workers/invoices",
	} {
		require.True(t, strings.Contains(text, seen), seen) // the text is too long to be printed
	}
	require.Less(t, len(text), 400_000)
	lines := bytes.Split(bytes.TrimSpace(cast.text.Bytes()), []byte("\n"))
	latest := -1.0
	for _, line := range lines[1:] {
		var event []any
		require.NoError(t, json.Unmarshal(line, &event))
		require.Len(t, event, 3)
		require.GreaterOrEqual(t, event[0], latest)
		latest = event[0].(float64)
	}
	require.Greater(t, latest, (printed + shown).Seconds())
	if *castTo != "" {
		require.NoError(t, os.WriteFile(*castTo, cast.text.Bytes(), 0o644))
	}
}

// playFor plays the shop for a while, for those who see its lines.
func playFor(t *testing.T, printer *screen.Printer, length time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	_ = newStage(t, printer).sup.Run(ctx)
	time.Sleep(time.Minute) // what was held back of storms ends
}

// cast is a recording of a terminal, in version 2 of asciinema's format: a line of JSON for each change.
type cast struct {
	mu     sync.Mutex
	text   bytes.Buffer
	shown  []string
	began  time.Time
	latest time.Duration
}

func newCast(size tea.WindowSizeMsg) *cast {
	c := &cast{shown: make([]string, size.Height), began: time.Now()}
	c.line(map[string]any{"version": 2, "width": size.Width, "height": size.Height, "title": "taskvisor"})
	return c
}

// Write records what is printed now, on a terminal that makes a new line of each line's end.
func (c *cast) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.latest = time.Since(c.began)
	c.line([]any{c.latest.Seconds(), "o", strings.ReplaceAll(string(p), "\n", "\r\n")})
	return len(p), nil
}

// at sets the time of what is typed next.
func (c *cast) at(at time.Duration) { c.latest = at }

// types records a command line.
func (c *cast) types(text string) {
	c.line([]any{c.latest.Seconds(), "o", "$ " + strings.ReplaceAll(text, "\n", "\r\n")})
}

// frame records which lines have changed.
func (c *cast) frame(at time.Duration, content string) {
	var change strings.Builder
	for i, line := range strings.Split(content, "\n") {
		if line != c.shown[i] {
			fmt.Fprintf(&change, "\x1b[%d;1H%s\x1b[m\x1b[K", i+1, line)
			c.shown[i] = line
		}
	}
	if change.Len() > 0 {
		c.latest = at
		c.line([]any{at.Seconds(), "o", change.String()})
	}
}

func (c *cast) line(value any) {
	encoder := json.NewEncoder(&c.text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
}
