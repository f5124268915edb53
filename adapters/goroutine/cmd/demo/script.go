package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/goroutine"
)

// step is something that happens a while after the step before it.
type step struct {
	after      time.Duration
	word, path string
	lesson     string // what can be seen now
}

// script is what happens by itself, again and again.
func script() []step {
	return []step{
		{4 * time.Second, "fail", "stock/counter", "one-for-all: the whole group starts again"},
		{4 * time.Second, "fail", "storage/index", "rest-for-one: those behind it start again, in order, each when the one before is ready"},
		{5 * time.Second, "hang", "payments/ledger", "the watchdog finds out"},
		{5 * time.Second, "fatal", "storage/database", "the storage gives up and is started again: web and mail are bound to it, payments only needed it to start"},
		{6 * time.Second, "fail", "payments/bank/line-1", "the bank allows two failures in ten seconds"},
		{1 * time.Second, "fail", "payments/bank/line-2", ""},
		{1 * time.Second, "fail", "payments/bank/line-1", "the third: the bank ends, and is started again as a whole"},
		{4 * time.Second, "fail", "payments/bank/line-1", ""},
		{1 * time.Second, "fail", "payments/bank/line-1", ""},
		{1 * time.Second, "fail", "payments/bank/line-1", "once more, and the bank has to wait for longer"},
		{10 * time.Second, "restart", "storage", "an operator can restart a subtree: the bound ones go first and come back last"},
	}
}

const usage = "fail, panic, hang, jam, finish, fatal, restart, kill, remove, suspend, resume TASK, such as: fail stock/counter"

// operator does to the shop what is typed, and what the script says.
type operator struct {
	shop    *goroutine.Supervisor
	mishaps *mishaps
	screen  *screen
}

// follow carries out the steps of a script, over and over until ctx ends.
func (o *operator) follow(ctx context.Context, script []step) {
	for {
		for _, step := range script {
			select {
			case <-ctx.Done():
				return
			case <-time.After(step.after):
			}
			o.screen.print("> %-4s %s   %s", step.word, step.path, step.lesson)
			if err := o.do(step.word, step.path); err != nil {
				o.screen.print("%v", err)
			}
		}
	}
}

// obey carries out what is typed, until the input ends.
func (o *operator) obey(input io.Reader) {
	for lines := bufio.NewScanner(input); lines.Scan(); {
		o.screen.prompt()
		switch words := strings.Fields(lines.Text()); len(words) {
		case 0:
			o.screen.table(o.shop)
		case 2:
			o.screen.print("> %s %s", words[0], words[1])
			if err := o.do(words[0], words[1]); err != nil {
				o.screen.print("%v", err)
			}
		default:
			o.screen.print("type %s", usage)
		}
	}
}

var (
	errUnknownWord = errors.New("there is no such command; there are " + usage)
	errInside      = errors.New("it is a supervisor: let something happen to a task in it")
)

// do does something to a task.
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
	mishap := mishapCalled(word)
	if mishap == nil {
		return &goroutine.TaskError{Op: word, Task: path, Err: errUnknownWord}
	}
	path = o.shop.Path() + "/" + strings.TrimPrefix(path, o.shop.Path()+"/")
	for _, node := range o.shop.Tree() {
		if node.Path != path {
			continue
		}
		if node.Inside != nil {
			return &goroutine.TaskError{Op: word, Task: path, Err: errInside}
		}
		if err := o.mishaps.happen(path, mishap); err != nil {
			return &goroutine.TaskError{Op: word, Task: path, Err: err}
		}
		return nil
	}
	return &goroutine.TaskError{Op: word, Task: path, Err: goroutine.ErrUnknownTask}
}
