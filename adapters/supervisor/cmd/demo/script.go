package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// step is a caption, a command, or both, some time after the previous one.
type step struct {
	after      time.Duration
	word, path string
	caption
}

// caption says in plain words what can be seen now, and why it is so.
type caption struct{ title, lesson string }

var (
	opening = caption{
		"The shop opens.",
		"Each task starts once what it needs is ready: web and mail need the storage.",
	}
	closing = caption{
		"The shop closes, in order.",
		"What others need stops last: web and mail go before the storage.",
	}
	yourTurn = caption{
		"Your turn: break something.",
		"Choose a task with the arrow keys: f fails it, k kills it, s suspends it.",
	}
)

// calm is the storyboard after the opening, if nothing is to go wrong.
func calm() []step {
	return []step{{after: 3 * time.Second, caption: yourTurn}}
}

// storyboard is what happens without an operator after the opening. From the first pause on it goes round in a circle.
func storyboard() []step {
	return []step{
		{3 * time.Second, "fail", "stock/counter", caption{
			"counter fails: its group restarts.",
			"reader, counter, writer share their work: all three stop, and start in order.",
		}},
		{6 * time.Second, "hang", "payments/ledger", caption{
			"ledger hangs: its watchdog catches it.",
			"It runs, but does nothing. Two seconds without a sign of life are a failure.",
		}},
		{3500 * time.Millisecond, "fail", "payments/bank/line-1", caption{
			"The bank's lines keep failing: the bank gives up, and its parent acts.",
			"It bears two failures in ten seconds. The third ends it; payments restarts it.",
		}},
		{1 * time.Second, "fail", "payments/bank/line-2", caption{}},
		{1 * time.Second, "fail", "payments/bank/line-1", caption{}},
		{after: 5500 * time.Millisecond, caption: yourTurn},
		{patience, "fail", "storage/index", caption{
			"index fails: what comes after it in the chain restarts.",
			"search builds on index, and stops before it. database does not notice.",
		}},
		{9 * time.Second, "fatal", "storage/database", caption{
			"database reports that no restart helps: the storage ends.",
			"web and mail are bound to the storage: they stop with it, and start after it.",
		}},
		{9 * time.Second, "panic", "mail", caption{
			"mail panics: that is a failure like any other.",
			"The panic is caught, its stack is kept, the process lives. mail restarts alone.",
		}},
		{7 * time.Second, "jam", "payments/ledger", caption{
			"ledger hangs, and ignores that it should stop.",
			"Go cannot kill it. It is left behind, and no second run starts beside it.",
		}},
		{14 * time.Second, "restart", "storage", caption{
			"An operator restarts the storage.",
			"What is bound to it stops first, and starts last. No failure is counted.",
		}},
		{9 * time.Second, "", "", yourTurn},
		{patience, "fail", "stock/counter", caption{
			"counter fails once more: its group restarts.",
			"reader, counter, writer share their work: all three stop, and start in order.",
		}},
		{9 * time.Second, "hang", "payments/ledger", caption{
			"ledger hangs once more: its watchdog catches it.",
			"It runs, but does nothing. Two seconds without a sign of life are a failure.",
		}},
	}
}

// patience is for how long the storyboard waits when it is the operator's turn, or he has just done something.
const patience = 15 * time.Second

// Two lines that fit a terminal.
const (
	usage = "Type a command and a task, such as: fail stock/counter"
	words = "Commands: fail panic hang jam finish fatal restart kill remove suspend resume"
)

// operator carries out commands, from the keyboard or from the storyboard.
type operator struct {
	shop     *supervisor.Supervisor
	workshop *workshop
	screen   *screen

	mu   sync.Mutex
	busy time.Time // when a command was last given by hand
}

func newOperator(shop *supervisor.Supervisor, workshop *workshop, screen *screen) *operator {
	return &operator{shop: shop, workshop: workshop, screen: screen}
}

// follow carries out the steps of a storyboard until ctx ends. It leaves the stage to whoever gives commands by hand, and goes on
// when they have had enough. At the end it goes back to the first pause, and on from there.
func (o *operator) follow(ctx context.Context, steps []step) {
	var circle []step
	for i, step := range steps {
		if step.after == patience {
			circle = steps[i:]
			break
		}
	}
	for steps != nil {
		for _, step := range steps {
			if !o.pause(ctx, step.after) {
				return
			}
			if step.title != "" {
				o.screen.announce(step.caption)
			}
			if step.word != "" {
				o.obey(step.word, step.path)
			}
		}
		steps = circle
	}
}

// pause waits so long, and then until no command was given for a while. It is false if ctx ends.
func (o *operator) pause(ctx context.Context, length time.Duration) bool {
	for length > 0 {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(length):
		}
		o.mu.Lock()
		length = time.Until(o.busy.Add(patience))
		o.mu.Unlock()
	}
	return ctx.Err() == nil
}

// takesOver records that commands are given by hand.
func (o *operator) takesOver() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.busy = time.Now()
}

// listen carries out what is typed, until the input ends.
func (o *operator) listen(input io.Reader) {
	for lines := bufio.NewScanner(input); lines.Scan(); {
		switch typed := strings.Fields(lines.Text()); len(typed) {
		case 0:
			o.screen.table(o.shop)
		case 1:
			o.screen.stamped(usage)
			o.screen.stamped(words)
		case 2:
			o.takesOver()
			o.obey(typed[0], typed[1])
		default:
			o.screen.stamped(usage)
		}
	}
}

// obey shows a command and carries it out.
func (o *operator) obey(word, path string) {
	o.screen.stamped("> %s %s", word, path)
	if err := o.do(word, path); err != nil {
		o.screen.refused(err.Error())
	}
}

var errUnknownCommand = errors.New("there is no such command")

// do carries out a command.
func (o *operator) do(word, path string) error {
	switch word {
	case "restart":
		return o.shop.Restart(path)
	case "kill":
		return o.shop.Kill(path)
	case "remove":
		return o.shop.Remove(path)
	case "suspend":
		return o.shop.Suspend(path)
	case "resume":
		return o.shop.Resume(path)
	}
	err := errUnknownCommand
	if mishap := mishapCalled(word); mishap != nil {
		err = o.afflict(path, mishap)
	}
	if err != nil {
		return &supervisor.TaskError{Op: word, Task: path, Err: err}
	}
	return nil
}

// afflict has a mishap happen to a task.
func (o *operator) afflict(path string, mishap mishap) error {
	if _, err := o.shop.Status(path); err != nil {
		return supervisor.ErrUnknownTask
	}
	root := o.shop.Path() + "/"
	return o.workshop.mishaps.happen(root+strings.TrimPrefix(path, root), mishap)
}
