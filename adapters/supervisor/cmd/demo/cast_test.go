package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/require"
)

var castTo = flag.String("cast", "", "write what the picture shows to this `file`, for asciinema")

// The storyboard, a few keys and the end, as asciinema plays them.
func TestCast(t *testing.T) {
	const length = 36 * time.Second
	size := sizes[0]
	recorded := newCast(size)
	var at []time.Duration
	for now := time.Duration(0); now <= length; now += often {
		at = append(at, now)
	}
	keys := map[time.Duration]rune{
		22 * time.Second: '↓', 23 * time.Second: 'f', 28 * time.Second: '↑', 28500 * time.Millisecond: '↑', 29 * time.Second: 's',
		31 * time.Second: 's', 34500 * time.Millisecond: 'q',
	}
	watch(t, false, size, at, func(p *picture, at time.Duration) {
		if key, ok := keys[at]; ok {
			press(p, key)
		}
		recorded.frame(at, p.View().Content)
	})

	text := recorded.text.Bytes()
	require.Less(t, len(text), 200_000)
	for _, caption := range []string{opening.title, "counter fails: its group restarts.", yourTurn.title, "You make index fail.", closing.title} {
		require.Contains(t, string(text), caption)
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	var head struct{ Version, Width, Height int }
	require.NoError(t, json.Unmarshal(lines[0], &head))
	require.Equal(t, []int{2, 80, 24}, []int{head.Version, head.Width, head.Height})
	latest := -1.0
	for _, line := range lines[1:] {
		var event []any
		require.NoError(t, json.Unmarshal(line, &event))
		require.Len(t, event, 3)
		require.Greater(t, event[0], latest)
		latest = event[0].(float64)
	}
	require.Greater(t, latest, 35.0)
	if *castTo != "" {
		require.NoError(t, os.WriteFile(*castTo, text, 0o644))
	}
}

// cast is a recording of a terminal, in version 2 of asciinema's format: a line of JSON for each change.
type cast struct {
	text  bytes.Buffer
	shown []string
}

func newCast(size tea.WindowSizeMsg) *cast {
	c := &cast{shown: make([]string, size.Height)}
	c.line(map[string]any{"version": 2, "width": size.Width, "height": size.Height, "title": title})
	return c
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
