package process

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/ports"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Task is a command as a task of a supervisor, see [Host.Task]. It is to be a task of one supervisor, under one name. All methods
// can be called from anywhere.
type Task struct {
	keeper  keeper
	queue   *queue
	viewers viewers
	finder  ports.Finder

	mu      sync.Mutex
	command Command
	current *process      // the latest run, if that has not ended
	news    chan struct{} // closed when there is another
	status  notice        // what it has said of itself
}

// ErrNotRunning is the error of a call about a run if there is none.
var ErrNotRunning = errors.New("the command is not running")

// ErrOtherShape is wrapped by the error of [Task.SetCommand] for a change that the supervisor would have to be told about.
var ErrOtherShape = errors.New("this cannot be changed in a task that exists: add another")

func newTask(k keeper, c Command) (*Task, error) {
	c, err := c.completed()
	if err != nil {
		return nil, err
	}
	return &Task{keeper: k, command: c, queue: newQueue(c.Output), news: make(chan struct{})}, nil
}

// Options returns the options that follow from the command, for supervisor.WithTask: its stop timeout, readiness, probes, watchdog, and
// the gate that holds it while its addresses are in use. None of these can be given again beside them: they are changed in the
// command. The stop timeout is [KillTime] longer than that of the command.
func (t *Task) Options() []supervisor.TaskOption {
	c := t.Command()
	options := []supervisor.TaskOption{c.stopOption()}
	switch c.Ready.(type) {
	case nil:
	case asking:
		options = append(options, supervisor.WithReadinessProbe(t.askReady, c.ReadyInterval), supervisor.WithStartTimeout(c.StartTimeout))
	default:
		options = append(options, supervisor.WithReadiness(true), supervisor.WithStartTimeout(c.StartTimeout))
	}
	if c.Probe != nil {
		options = append(options, supervisor.WithProbe(t.askProbe, supervisor.Probe{
			Interval: c.ProbeInterval, Timeout: c.ProbeTimeout, Failures: c.ProbeFailures,
		}))
	}
	if c.Watchdog > 0 {
		options = append(options, supervisor.WithWatchdog(c.Watchdog))
	}
	if len(c.Listen) > 0 {
		options = append(options, t.gate())
	}
	return options
}

// Run starts the command and waits until nothing of it is left. It is called by the supervisor.
//
// When ctx ends, all processes of the run get the stop signal. Those that are alive when the time for that is over (see
// supervisor.GracePeriod) get SIGKILL. A command that ends by itself ends the run when what it has left behind has been stopped.
//
// The error is nil for a good end and one that was asked for, and otherwise a [*StartError], [*ExitError] or [*KilledError], for an
// exit code in Done or Fatal within a supervisor.DoneError or supervisor.FatalError.
func (t *Task) Run(ctx context.Context) error {
	p := t.begin(ctx)
	defer p.kills()
	switch err := p.start(); {
	case errors.Is(err, errStopsAlready):
		return nil
	case err != nil:
		return err
	}
	defer t.ended(p)
	return t.verdict(p, p.await())
}

// begin makes a run of the command as it is now.
func (t *Task) begin(ctx context.Context) *process {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := &process{task: t, ctx: ctx, command: t.command, starts: startExtension(), stops: stopExtension(), extended: make(chan time.Duration, 1)}
	p.hurry, p.kills = context.WithCancel(context.Background())
	t.status = notice{}
	if info, ok := supervisor.Current(ctx); ok {
		p.number, p.path = info.Run, info.Path
	}
	if pattern, ok := p.command.Ready.(prints); ok {
		p.pattern = regexp.MustCompile(string(pattern)) // it has been compiled before
	}
	return p
}

func (t *Task) started(p *process) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current = p
	close(t.news)
	t.news = make(chan struct{})
}

func (t *Task) ended(p *process) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == p {
		t.current = nil
	}
}

// verdict adds to how a run ended what its exit code says about the next.
func (t *Task) verdict(p *process, err error) error {
	exit := (*ExitError)(nil)
	if !errors.As(err, &exit) || exit.Signal != 0 {
		return err
	}
	switch {
	case slices.Contains(p.command.Done, exit.Code):
		return supervisor.Done(err)
	case slices.Contains(p.command.Fatal, exit.Code):
		return supervisor.Fatal(err)
	}
	return err
}

// Command returns the command of the next run, with its defaults.
func (t *Task) Command() Command {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.command
}

// SetCommand changes the command, from the next run on. What becomes of output changes at once.
//
// The supervisor keeps the options that it was given for the old command. Those of the new one are to be given to
// supervisor.SetPolicy, but for Ready: a command that had none cannot get one, nor one that had one lose it or change between one
// that asks and one that is told. The error then wraps [ErrOtherShape]; for a command that is wrong, it is a [*CommandError] for
// each fault.
func (t *Task) SetCommand(c Command) error {
	c, err := c.completed()
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if shape(c.Ready) != shape(t.command.Ready) {
		return &CommandError{Field: "Ready", Reason: "is of another kind than before", Err: ErrOtherShape}
	}
	if (c.Probe == nil) != (t.command.Probe == nil) {
		return &CommandError{Field: "Probe", Reason: "is of another kind than before", Err: ErrOtherShape}
	}
	t.command = c
	t.queue.configure(c.Output)
	return nil
}

// shape returns how the supervisor learns that a run is ready.
func shape(ready Check) int {
	switch ready.(type) {
	case nil:
		return 0
	case asking:
		return 1
	}
	return 2
}

// Info is what a task does now.
type Info struct {
	PID       int                  // of the command; 0 if it is not running
	Run       supervisor.RunNumber // which run that is; 0 if it is not running
	Since     time.Time            // when it was started
	Status    string               // what it said of itself last by STATUS=
	Reloading bool                 // it has said RELOADING=1, and not READY=1 since
	Counts    Counts               // of output
}

// Info returns what the task does now.
func (t *Task) Info() Info {
	counts := t.queue.counted()
	t.mu.Lock()
	defer t.mu.Unlock()
	info := Info{Counts: counts, Status: t.status.text, Reloading: t.status.reloading}
	if p := t.current; p != nil {
		info.PID, info.Run, info.Since = p.group.PID(), p.number, p.since
	}
	return info
}

// PID returns the number of the command's process; 0 if it is not running.
func (t *Task) PID() int { return t.Info().PID }

// Tail returns the last n lines that the task printed, the oldest first, and what this package said among them. There are at most
// [Output.Tail].
func (t *Task) Tail(n int) []Line { return t.queue.last(n) }

// Signal sends a signal to the command, and to nothing that it has started. The error is [ErrNotRunning] or what the system says.
func (t *Task) Signal(signal syscall.Signal) error {
	p := t.running()
	if p == nil || p.hasEnded() {
		return ErrNotRunning
	}
	return p.group.SignalLeader(signal)
}

// Reload sends [Command].ReloadSignal to the command. The errors are those of [Task.Signal].
func (t *Task) Reload() error { return t.Signal(t.Command().ReloadSignal) }

// Kill sends SIGKILL to everything of the run at once, also while it is being stopped. The error is [ErrNotRunning] if there is
// none.
func (t *Task) Kill() error {
	p := t.running()
	if p == nil {
		return ErrNotRunning
	}
	p.kills()
	return nil
}

func (t *Task) running() *process {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.current
}

// askReady is the readiness probe of the task. The command may not have been started yet.
func (t *Task) askReady(ctx context.Context) error {
	p, err := t.awaitRun(ctx)
	if err != nil {
		return err
	}
	check, ok := p.command.Ready.(asking)
	switch {
	case p.hasEnded():
		return ErrNotRunning
	case !ok:
		return nil
	}
	return check.ask(ctx, p)
}

// awaitRun returns the run that a context of a probe belongs to, as soon as its command has been started.
func (t *Task) awaitRun(ctx context.Context) (*process, error) {
	for {
		t.mu.Lock()
		news := t.news
		t.mu.Unlock()
		if p := t.runOf(ctx); p != nil {
			return p, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return nil, ErrNotRunning
		}
	}
}

// askProbe is the probe of the task. A command that has ended is well as far as probes are concerned: its end is told otherwise.
func (t *Task) askProbe(ctx context.Context) error {
	p := t.runOf(ctx)
	if p == nil || p.hasEnded() {
		return nil
	}
	check, ok := p.command.Probe.(asking)
	if !ok {
		return nil
	}
	return check.ask(ctx, p)
}

// runOf returns the run that a context of a probe belongs to; nil if its command is not running.
func (t *Task) runOf(ctx context.Context) *process {
	p := t.running()
	if info, ok := supervisor.Current(ctx); p == nil || ok && info.Run != p.number {
		return nil
	}
	return p
}

// pathOf returns a path as the command would understand it.
func (c *Command) pathOf(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(c.Dir, path)
}
