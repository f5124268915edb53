package process

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// notice is what a task has said of itself by the notify protocol.
type notice struct {
	text      string // STATUS=
	reloading bool
}

// heed does what a message of the notify protocol asks for.
func (p *process) heed(message string) {
	for line := range strings.SplitSeq(message, "\n") {
		name, value, _ := strings.Cut(strings.TrimRight(line, "\r\x00"), "=")
		switch name {
		case "READY":
			if value == "1" {
				p.note(func(n *notice) { n.reloading = false })
				_ = supervisor.Ready(p.ctx)
			}
		case "RELOADING":
			if value == "1" {
				p.note(func(n *notice) { n.reloading = true })
				_ = supervisor.NotReady(p.ctx)
			}
		case "STOPPING":
			if value == "1" {
				_ = supervisor.NotReady(p.ctx)
			}
		case "STATUS":
			p.note(func(n *notice) { n.text = shortened(value) })
		case "WATCHDOG":
			switch value {
			case "1":
				p.beats.within(p.ctx, p.beat)
			case "trigger": // the run says that it hangs
				p.beats.within(p.ctx, 1)
			}
		case "WATCHDOG_USEC":
			if d, ok := microseconds(value); ok {
				p.beat = d
				p.beats.within(p.ctx, p.beat)
			}
		case "EXTEND_TIMEOUT_USEC":
			if d, ok := microseconds(value); ok {
				p.extend(d)
			}
		}
	}
}

func (p *process) note(change func(*notice)) {
	p.task.mu.Lock()
	defer p.task.mu.Unlock()
	change(&p.task.status)
}

// beats are those that the command has said. What it has said before its end, or what is left of it says, may be heeded after the end.
type beats struct {
	mu    sync.Mutex
	ended bool
}

// within has the next beat be due in so long, unless the command has ended.
func (b *beats) within(ctx context.Context, d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.ended {
		_ = supervisor.BeatWithin(ctx, d)
	}
}

// end says that the command has ended: nothing is left to beat.
func (b *beats) end(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = true
	_ = supervisor.BeatWithin(ctx, supervisor.Forever)
}

const statusLength = 1024

// shortened returns a status that is not too long to be shown.
func shortened(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) > statusLength {
		text = text[:wholeCharacters([]byte(text[:statusLength]))] + "..."
	}
	return text
}

func microseconds(value string) (d time.Duration, ok bool) {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n <= 0 {
		return 0, false
	}
	if n > int64(supervisor.Forever/time.Microsecond) {
		return supervisor.Forever, true
	}
	return time.Duration(n) * time.Microsecond, true
}
