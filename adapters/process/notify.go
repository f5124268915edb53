package process

import (
	"strconv"
	"strings"
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
				_ = supervisor.BeatWithin(p.ctx, p.beat)
			case "trigger": // the run says that it hangs
				_ = supervisor.BeatWithin(p.ctx, 1)
			}
		case "WATCHDOG_USEC":
			if d, ok := microseconds(value); ok {
				p.beat = d
				_ = supervisor.BeatWithin(p.ctx, p.beat)
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
