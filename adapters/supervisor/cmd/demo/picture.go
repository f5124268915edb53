package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// isTerminal reports whether a writer is a terminal, on which pictures can be drawn.
func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// What a terminal does on request. Rows are counted from 1: a prompt, the words, a headline, the tasks, the lines.
const (
	enter       = "\x1b[?1049h\x1b[2J\x1b[?7l" // another page, on which long lines are cut off
	scrollBelow = "\x1b[%d;r"                  // only the rows from this one on are scrolled
	leave       = "\x1b[r\x1b[?7h\x1b[?1049l"
	keepCursor  = "\x1b7"
	backAgain   = "\x1b8"
	toRow       = "\x1b[%d;1H"
	prompt      = "\x1b[1;1H" + usage + " > " + clearRow
	toLastRow   = "\x1b[999;1H\n"
	clearRow    = "\x1b[K"
	yellow      = "\x1b[33m"
	red         = "\x1b[31m"
	reset       = "\x1b[m"
	firstTask   = 4
)

// open begins the picture, with room for so many tasks.
func (s *screen) open(rows int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.live {
		fmt.Fprintf(s.out, "%s\n%s\nEnter shows the tree, Ctrl-C stops\n", usage, words)
		return
	}
	s.rows = rows
	fmt.Fprintf(s.out, enter+scrollBelow+prompt, firstTask+rows)
}

// close ends the picture: from now on there are only lines.
func (s *screen) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live {
		s.live = false
		fmt.Fprint(s.out, leave)
	}
}

// watch keeps the picture up to date until ctx ends.
func (s *screen) watch(ctx context.Context, shop *supervisor.Supervisor) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		s.draw(shop.Tree())
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (s *screen) draw(tree []supervisor.TreeNode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.live {
		return
	}
	var text strings.Builder
	text.WriteString(keepCursor)
	fmt.Fprintf(&text, toRow+words+clearRow+toRow+headline()+clearRow, 2, 3)
	for i := range s.rows {
		fmt.Fprintf(&text, toRow, firstTask+i)
		if i < len(tree) {
			text.WriteString(colour(tree[i].Status) + row(tree[i]) + reset)
		}
		text.WriteString(clearRow)
	}
	text.WriteString(backAgain)
	fmt.Fprint(s.out, text.String())
}

// prompt makes room for the next command when one has been typed.
func (s *screen) prompt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live {
		fmt.Fprint(s.out, prompt)
	}
}

func colour(status supervisor.Status) string {
	switch status {
	case supervisor.StatusHealthy, supervisor.StatusCompleted:
		return reset
	case supervisor.StatusDead, supervisor.StatusAbandoned:
		return red
	default:
		return yellow
	}
}
