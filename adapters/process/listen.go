package process

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/leash"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/ports"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// InUseError says that an address of [Command.Listen] is in use, and by whom. It is what the task is held by until the address is free,
// see supervisor.TaskStatus.HeldBy.
type InUseError struct {
	Address string // as Listen has it
	PID     int    // of the process that listens there; 0: it cannot be seen, for instance because it is another user's
	Program string // the name of that process
	Command string // its command line
	User    string // whose it is, if it cannot be seen and that can

	// Task is the task that the process is part of, of this program or another that is called Host, and Leftover says that the program
	// has ended without it. They are empty if it is not a task's.
	Task, Host string
	Leftover   bool

	what string // the address in words
}

// Error says all but the command line, such as "port 8080 is in use by nginx (pid 123)".
func (e *InUseError) Error() string {
	text := e.what + " is in use"
	switch {
	case e.PID == os.Getpid():
		return text + " by this program itself"
	case e.PID != 0:
		text += fmt.Sprintf(" by %s (pid %d)", e.Program, e.PID)
	case e.User != "":
		text += " by a process of user " + e.User
	}
	switch {
	case e.Task == "":
	case e.Leftover:
		text += ", left behind by task " + e.Task + " of " + e.Host
	default:
		text += ", of task " + e.Task + " of " + e.Host
	}
	return text
}

// listenInterval is how often it is looked again whether addresses are free.
const listenInterval = 500 * time.Millisecond

// gate returns the option by which the task is held while its addresses are in use.
func (t *Task) gate() supervisor.TaskOption { return supervisor.WithGate(t.askPorts, listenInterval) }

// askPorts returns who is in the way of the command's addresses, or nil.
func (t *Task) askPorts(ctx context.Context) error {
	c := t.Command()
	for _, text := range c.Listen {
		address, err := ports.Parse(text)
		if err != nil { // it has been parsed before
			return err
		}
		holder, err := t.finder.Find(ctx, address.In(c.Dir))
		if err != nil {
			return fmt.Errorf("whether %v is free cannot be found out: %w", address, err)
		}
		if holder != nil {
			return inUse(text, address, holder)
		}
	}
	return nil
}

func inUse(text string, address ports.Address, holder *ports.Holder) error {
	e := &InUseError{
		Address: text, PID: holder.PID, Program: holder.Program, Command: holder.Command, User: holder.User, what: address.String(),
	}
	if holder.PID == 0 {
		return e
	}
	if of, ok := leash.Whose(holder.PID); ok {
		e.Task, e.Host, e.Leftover = pathOf(of.Task), of.Host, of.Over
		if of.Ours {
			e.Host = "this program"
		}
	}
	return e
}

// pathOf returns the path of the task in what a run's processes are known by.
func pathOf(token string) string { return token[:max(0, strings.LastIndexByte(token, '/'))] }
