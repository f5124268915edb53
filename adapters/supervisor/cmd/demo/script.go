package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// step is a command that is carried out some time after the previous one.
type step struct {
	after      time.Duration
	word, path string
	lesson     string // what can be seen now
}

// script is what happens without an operator, over and over.
func script() []step {
	return []step{
		{4 * time.Second, "fail", "stock/counter", "one-for-all: the whole group starts again"},
		{4 * time.Second, "fail", "storage/index", "rest-for-one: the tasks after it start again once it is ready"},
		{5 * time.Second, "hang", "payments/ledger", "its watchdog detects the hang"},
		{5 * time.Second, "fatal", "storage/database", "the storage ends; web and mail are bound to it"},
		{6 * time.Second, "fail", "payments/bank/line-1", "the bank tolerates two failures in ten seconds"},
		{1 * time.Second, "fail", "payments/bank/line-2", "the second"},
		{1 * time.Second, "fail", "payments/bank/line-1", "the third: the bank ends, and starts again as a whole"},
		{4 * time.Second, "fail", "payments/bank/line-1", "and once more"},
		{1 * time.Second, "fail", "payments/bank/line-1", "the second"},
		{1 * time.Second, "fail", "payments/bank/line-1", "the third: now the bank waits for longer"},
		{9 * time.Second, "restart", "storage", "a subtree: the tasks bound to it stop first and start last"},
	}
}

// Two lines that fit a terminal.
const (
	usage = "type a command and a task, such as: fail stock/counter"
	words = "commands: fail panic hang jam finish fatal restart kill remove suspend resume"
)

// operator carries out commands, typed or from the script.
type operator struct {
	shop    *supervisor.Supervisor
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
			o.screen.print("# %s", step.lesson)
			o.obey(step.word, step.path)
		}
	}
}

// listen carries out what is typed, until the input ends.
func (o *operator) listen(input io.Reader) {
	for lines := bufio.NewScanner(input); lines.Scan(); {
		o.screen.prompt()
		switch typed := strings.Fields(lines.Text()); len(typed) {
		case 0:
			o.screen.table(o.shop)
		case 1:
			o.screen.print(usage)
			o.screen.print(words)
		case 2:
			o.obey(typed[0], typed[1])
		default:
			o.screen.print(usage)
		}
	}
}

// obey prints a command and carries it out.
func (o *operator) obey(word, path string) {
	o.screen.print("> %s %s", word, path)
	if err := o.do(word, path); err != nil {
		o.screen.print("%v", err)
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
	return o.mishaps.happen(root+strings.TrimPrefix(path, root), mishap)
}
