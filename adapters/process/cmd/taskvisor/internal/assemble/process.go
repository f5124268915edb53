package assemble

import (
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Process is a process of a task file as a task. It is an [Opener] and a [Changer].
type Process struct {
	*process.Task

	file *taskfile.Task // as it was made
	path string
	host *process.Host
	sink Sink
}

// Sink returns what takes the lines that a task prints. It is called when the task becomes part of the tree, and when its file has changed. It may be
// nil, and so may what it returns: then lines are only kept for [process.Task.Tail].
type Sink func(path string, t *taskfile.Task) func(process.Line)

// Processes returns a [Maker] of processes.
func Processes(host *process.Host, sink Sink) Maker {
	return func(path string, t *taskfile.Task) (supervisor.Task, []supervisor.TaskOption, error) {
		made, err := makeProcess(host, t)
		if err != nil {
			return nil, nil, err
		}
		p := &Process{Task: made, file: t, path: path, host: host, sink: sink}
		return p, p.options(t), nil
	}
}

// Open implements [Opener].
func (p *Process) Open() error { return p.become(p.file) }

// Prepare implements [Changer].
func (p *Process) Prepare(t *taskfile.Task) (func() ([]supervisor.TaskOption, error), error) {
	if _, err := makeProcess(p.host, t); err != nil { // it is forgotten: only its errors are wanted
		return nil, err
	}
	return func() ([]supervisor.TaskOption, error) {
		if err := p.become(t); err != nil {
			return nil, err
		}
		return p.options(t), nil
	}, nil
}

// options returns those of the command, and what a task needs that is ready when it has ended.
func (p *Process) options(t *taskfile.Task) []supervisor.TaskOption {
	options := p.Task.Options()
	if t.ReadyKind() == taskfile.ReadyAtEnd {
		options = append(options, supervisor.WithReadiness(true))
	}
	return options
}

// become gives the process the command of a task, and sends its lines where they belong.
func (p *Process) become(t *taskfile.Task) error {
	command, err := commandOf(t)
	if err != nil {
		return err
	}
	if p.sink != nil {
		command.Output.Lines = p.sink(p.path, t)
	}
	return p.SetCommand(command)
}

func makeProcess(host *process.Host, t *taskfile.Task) (*process.Task, error) {
	command, err := commandOf(t)
	if err != nil {
		return nil, err
	}
	return host.Task(command)
}

// commandOf returns what a task of a file starts.
func commandOf(t *taskfile.Task) (process.Command, error) {
	c := process.Command{
		Args: t.Exec, Shell: t.Command, Dir: t.Dir, User: t.User, ClearEnv: is(t.ClearEnv), TTY: is(t.TTY), Stdin: is(t.Stdin), StopMainOnly: is(t.StopMainOnly),
		Notify: is(t.Notify), Success: t.Success, Done: t.Done, Fatal: t.Fatal, Listen: t.Listen,
		StopTimeout: of(t.StopTimeout), LeftoverTimeout: of(t.LeftoverTimeout), StartTimeout: of(t.StartTimeout), Watchdog: of(t.Watchdog),
	}
	for _, v := range t.Env {
		c.Env = append(c.Env, v.String())
	}
	var err error
	if c.StopSignal, err = signalNumber(t.StopSignal); err != nil {
		return c, fmt.Errorf("stop_signal: %w", err)
	}
	if c.ReloadSignal, err = signalNumber(t.ReloadSignal); err != nil {
		return c, fmt.Errorf("reload_signal: %w", err)
	}
	if r := t.Ready; r != nil {
		c.Ready, c.ReadyInterval = readyCheck(r), of(r.Interval)
	}
	if h := t.Health; h != nil {
		probe := probeOf(h)
		c.Probe = askingCheck(h.Port, h.HTTP, h.Status, h.Command, h.Exec)
		c.ProbeInterval, c.ProbeTimeout, c.ProbeFailures = probe.Interval, probe.Timeout, probe.Failures
	}
	if o := t.Output; o != nil {
		c.Output.Block = o.WhenFull.Blocks()
		if o.Buffer != nil {
			c.Output.Buffer = int(*o.Buffer)
		}
		if o.MaxLine != nil {
			c.Output.MaxLine = int(*o.MaxLine)
		}
		if o.Tail != nil {
			c.Output.Tail = *o.Tail
		}
	}
	return c, nil
}

// readyCheck returns how it is found out that a task is ready; nil if that is decided by its end.
func readyCheck(r *taskfile.Ready) process.Check {
	switch {
	case is(r.End):
		return nil
	case is(r.Notify):
		return process.Notified()
	case r.Line != "":
		return process.Prints(r.Line)
	case r.File != "":
		return process.File(r.File)
	}
	return askingCheck(r.Port, r.HTTP, r.Status, r.Command, r.Exec)
}

func askingCheck(port, http string, status []int, command string, exec []string) process.Check {
	switch {
	case port != "":
		return process.Port(port)
	case http != "":
		return process.HTTPCheck{URL: http, Status: status}
	case command != "":
		return process.Exec("/bin/sh", "-c", command)
	}
	return process.Exec(exec...)
}

func is(set *bool) bool { return set != nil && *set }

// of returns a duration; 0 if it is not set.
func of(set *taskfile.Duration) time.Duration {
	if set == nil {
		return 0
	}
	return time.Duration(*set)
}
