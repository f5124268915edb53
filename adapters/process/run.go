package process

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// process is one run of a task.
type process struct {
	task    *Task
	ctx     context.Context // of the run
	command Command         // as it was when the run began
	number  supervisor.RunNumber
	path    string // of the task
	since   time.Time
	env     []string
	group   group
	pattern *regexp.Regexp // of the line that says that it is ready; nil: there is none
	ready   atomic.Bool    // that line was printed

	over     *overdue
	ends     []readEnd // of its pipes
	readers  sync.WaitGroup
	input    *os.File // its terminal, or the pipe to its standard input; nil if it has none
	notify   *notifySocket
	hurry    context.Context // ends when it is to be killed at once
	kills    context.CancelFunc
	sent     []syscall.Signal // by a stop
	left     string           // what to tell of processes that it has left behind
	beat     time.Duration    // between two beats, if it has said so itself
	beats    beats
	checks   checks
	starts   extension
	stops    extension
	extended chan time.Duration // how much longer it may take to stop from now on
}

// start starts the command. Nothing is left of it if that fails.
func (p *process) start() (err error) {
	defer func() {
		if err != nil {
			p.release()
		}
	}()
	c := &p.command
	s := &spec{token: p.token(), tty: c.TTY}
	if s.dir, err = c.directory(); err != nil {
		return err
	}
	socket := ""
	if c.notifies() {
		if p.notify, err = p.task.keeper.listen(p); err != nil {
			return &StartError{Command: c.String(), Reason: "its notify socket cannot be made", Err: err}
		}
	}
	if p.notify != nil {
		socket = p.notify.address
	}
	if p.env, err = c.environment(socket); err != nil {
		return err
	}
	s.env = p.env
	if s.path, s.args, err = c.line(p.env); err != nil {
		return err
	}
	if c.User != "" {
		if s.user, err = lookupUser(c.User); err != nil {
			return &StartError{Command: c.String(), Reason: "its user is unknown", Err: err}
		}
	}
	files, streams, err := p.open()
	defer closeAll(files)
	if err != nil {
		return &StartError{Command: c.String(), Reason: "its pipes or its terminal cannot be made", Err: err}
	}
	s.files = files
	p.since = time.Now()
	if p.group, err = p.task.keeper.start(p.ctx, s); err != nil {
		return c.notStarted(s.path, err)
	}
	p.task.viewers.input(p, p.input) // before it is known to run: who knows that may type
	p.task.started(p)                // before anything that it says can make it ready
	for i, stream := range streams {
		p.readers.Go(func() { stream.read(p.ends[i]) })
	}
	p.notify.serve()
	return nil
}

// open makes what the command reads from and writes to, and the streams that read what it writes.
func (p *process) open() (files []*os.File, streams []*stream, err error) {
	p.over = new(overdue)
	if p.command.TTY {
		return p.openTerminal()
	}
	input, err := p.openInput()
	files = append(files, input)
	if err != nil {
		return files, nil, err
	}
	for _, which := range []Stream{Stdout, Stderr} {
		end, file, err := p.task.keeper.pipe()
		if err != nil {
			return files, nil, err
		}
		p.ends = append(p.ends, end)
		files = append(files, file)
		streams = append(streams, p.stream(which))
	}
	return files, streams, nil
}

// openInput returns what is to be standard input.
func (p *process) openInput() (input *os.File, err error) {
	if !p.command.Stdin {
		return os.Open(os.DevNull)
	}
	input, p.input, err = inputPipe()
	return input, err
}

func (p *process) stream(which Stream) *stream {
	s := &stream{queue: p.task.queue, run: p.number, which: which, over: p.over, raw: p.task.viewers.show, length: p.command.Output.MaxLine}
	if p.pattern != nil {
		s.seen = p.look
	}
	return s
}

// look looks whether a line says that the run is ready.
func (p *process) look(line []byte) {
	if !p.ready.Load() && p.pattern.Match(plain(line)) {
		p.ready.Store(true)
		_ = supervisor.Ready(p.ctx)
	}
}

// await waits until the run is over: until its leader has ended, and nothing is left of it. It returns how it ended.
func (p *process) await() error {
	var err error
	select {
	case <-p.group.Ended():
		p.sweep()
	case <-p.ctx.Done():
		err = p.stop()
	case <-p.hurry.Done():
		p.sent = append(p.sent, syscall.SIGKILL) // a stop may have been asked for as well
		p.kill()
	}
	p.checks.end()
	p.closeOutput()
	state, reaped := p.group.Reap()
	switch {
	case reaped != nil:
		return fmt.Errorf("how the process ended is not known: %w", reaped)
	case state.err != nil:
		return state.err
	case err != nil:
		return err
	}
	return p.exit(state, p.ctx.Err() != nil)
}

// stop stops everything: by the stop signal first, and by SIGKILL when the time for that is over.
func (p *process) stop() error {
	began := time.Now()
	grace, cancel := p.grace()
	defer cancel()
	if p.command.StopMainOnly && p.command.StopSignal != syscall.SIGKILL {
		p.stopMain(grace)
	}
	p.signal(p.command.StopSignal)
	if p.group.Empty(grace) == nil {
		return nil
	}
	if p.hurry.Err() != nil { // as was asked for
		p.sent = append(p.sent, syscall.SIGKILL)
		p.kill()
		return nil
	}
	killed := &KilledError{Command: p.command.String(), After: time.Since(began), Signal: p.command.StopSignal, Leader: !p.hasEnded()}
	p.kill()
	return killed
}

// stopMain stops the leader alone, and waits until it has ended.
func (p *process) stopMain(grace context.Context) {
	p.sent = append(p.sent, p.command.StopSignal)
	_ = p.group.SignalLeader(p.command.StopSignal)
	_ = p.group.SignalLeader(signalContinue) // it may be stopped
	select {
	case <-p.group.Ended():
	case <-grace.Done():
	}
}

// sweep stops what a leader has left behind that has ended by itself.
func (p *process) sweep() {
	p.beats.end(p.ctx)
	left, err := p.group.Alive()
	if left == 0 && err == nil {
		return
	}
	grace, cancel := p.grace()
	defer cancel()
	patience := grace
	if limit := p.command.LeftoverTimeout; limit != supervisor.Forever {
		limited, release := context.WithTimeout(grace, limit)
		defer release()
		patience = limited
	}
	p.signal(p.command.StopSignal)
	how := "stopped by " + signalName(p.command.StopSignal)
	if p.group.Empty(patience) != nil {
		p.kill()
		how = "killed, because they did not stop"
	}
	if left == 1 {
		p.left = "the command left 1 process behind, which was " + strings.Replace(how, "they", "it", 1)
	} else if left > 1 {
		p.left = fmt.Sprintf("the command left %d processes behind, which were %s", left, how)
	}
}

// grace returns a context that ends when the run is to be killed: when it was asked to stop and its time for that is over, or at
// once if that is asked for.
func (p *process) grace() (grace context.Context, cancel context.CancelFunc) {
	own, release := supervisor.GracePeriod(p.ctx)
	grace, end := context.WithCancel(own)
	hurry := context.AfterFunc(p.hurry, end)
	asked := context.AfterFunc(p.ctx, func() { p.endGrace(grace, end) })
	return grace, func() {
		hurry()
		asked()
		end()
		release()
	}
}

// endGrace ends a grace at the stop timeout of the command, which the run can extend.
func (p *process) endGrace(grace context.Context, end context.CancelFunc) {
	limit := p.task.Command().StopTimeout
	if limit == supervisor.Forever {
		return
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			end()
			return
		case extended := <-p.extended:
			timer.Reset(extended)
		case <-grace.Done():
			return
		}
	}
}

// kill kills everything, until nothing is alive.
func (p *process) kill() {
	told := false
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		refused := p.group.Kill()
		limited, cancel := context.WithTimeout(context.Background(), wait)
		err := p.group.Empty(limited)
		if err != nil {
			<-limited.Done()
		}
		cancel()
		if err == nil {
			return
		}
		if !told && wait > time.Second {
			text := "processes are alive after SIGKILL: the run is not over before they have ended"
			if refused != nil { // such as those of sudo, if this program is not root's
				text += ": " + refused.Error()
			}
			p.tell(text)
			told = true
		}
	}
}

func (p *process) signal(signal syscall.Signal) {
	p.sent = append(p.sent, signal)
	if signal == syscall.SIGKILL {
		_ = p.group.Kill()
	} else {
		_ = p.group.Signal(signal)
	}
}

func (p *process) hasEnded() bool {
	select {
	case <-p.group.Ended():
		return true
	default:
		return false
	}
}

func (p *process) tell(text string) {
	p.task.queue.tell(Line{Time: time.Now(), Run: p.number, Text: text})
}

// closeOutput waits for what is still in the pipes and in the buffer, for a short time, and longer while it is being taken.
func (p *process) closeOutput() {
	timer := time.NewTimer(outputGrace)
	defer timer.Stop()
	read := make(chan struct{})
	go func() {
		p.readers.Wait()
		close(read)
	}()
	began, moved := time.Now(), p.task.queue.counted()
	for waits := true; waits; {
		select {
		case <-read:
			waits = false
		case <-timer.C:
			if now := p.task.queue.counted(); p.over.taking.Load() > 0 && now != moved && time.Since(began) < outputLimit {
				moved = now
				timer.Reset(outputGrace)
				continue
			}
			p.task.queue.giveUp(p.over) // something outside the group holds a pipe, or the lines are not taken
			p.closeEnds()
			<-read
			timer.Reset(0)
			waits = false
		}
	}
	if p.left != "" {
		p.tell(p.left) // after what was printed before
	}
	select {
	case <-p.task.queue.drained():
	case <-timer.C:
	}
	p.release()
}

// release closes what the run has open.
func (p *process) release() {
	p.closeEnds()
	p.task.viewers.input(p, nil)
	if p.input != nil {
		_ = p.input.Close()
	}
	p.notify.close()
	p.takeBackExtensions()
}

func (p *process) closeEnds() {
	for _, end := range p.ends {
		_ = end.Close()
	}
}

// token is what the processes of the run are known by.
func (p *process) token() string { return fmt.Sprintf("%s/%d", p.path, p.number) }

// exec runs another command beside the run, with what that has, and waits until nothing is left of it.
func (p *process) exec(ctx context.Context, args []string) error {
	ctx, done, ok := p.checks.begin(ctx)
	if !ok {
		return ErrNotRunning
	}
	defer done()
	c := &Command{Args: args, Dir: p.command.Dir, User: p.command.User}
	path, err := c.find(args[0], p.env)
	if err != nil {
		return err
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { _ = null.Close() }()
	s := &spec{path: path, args: args, env: p.env, dir: c.Dir, files: []*os.File{null, null, null}, token: p.token()}
	if c.User != "" {
		if s.user, err = lookupUser(c.User); err != nil {
			return err
		}
	}
	g, err := p.task.keeper.start(ctx, s)
	if err != nil {
		return c.notStarted(path, err)
	}
	check := &process{task: p.task, group: g, number: p.number}
	select {
	case <-g.Ended():
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	check.kill()
	state, reaped := g.Reap()
	switch {
	case err != nil:
		return err
	case reaped != nil:
		return reaped
	case state.code != 0:
		return fmt.Errorf("%s: %w", c.String(), &ExitError{Command: c.String(), Code: state.code, Signal: state.signal, CoreDumped: state.coreDumped})
	}
	return nil
}

func closeAll(files []*os.File) {
	for _, file := range files {
		if file != nil {
			_ = file.Close()
		}
	}
}
