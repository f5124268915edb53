package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/assemble"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/attach"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/screen"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/session"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// The exit codes that are not those of a session.
const (
	codeNotStarted = 2 // the command line or the file is wrong
	codeNotAlone   = 3 // run: another taskvisor runs the file; the others: none does
)

func newRun() *cobra.Command {
	r := &runner{}
	cmd := &cobra.Command{
		Use:   "run [TASK...]",
		Short: "Runs the tasks of a file, until Ctrl-C or what ends them all",
		Long: `Run runs the tasks of a file, or only some and what they need, and prints what they write and what happens to them.

Ctrl-C (SIGINT) or SIGTERM stops them in order; a second one kills all at once. SIGHUP applies the file again, as taskvisor apply
does. When taskvisor has ended, in whatever way, nothing of what it ran is left.

Exit codes:
  0        it was stopped by SIGTERM or a command, or the tasks have ended well
  1        a task ended it that has no exit code, or something went wrong in the end
  2        nothing was started: the command line or the file is wrong
  3        nothing was started: another taskvisor runs this file
  others   that of the task that ended it; 128 and the number of the signal if one ended that
  130      Ctrl-C stopped it. It ends itself by the same signal, so that a shell knows it; so it does after a second signal`,
		ValidArgsFunction: r.file.complete,
		RunE: func(cmd *cobra.Command, only []string) error {
			if r.hold.most > process.TightnessGroup {
				process.Guard()
			}
			r.out, r.errs, r.only = cmd.OutOrStdout(), cmd.ErrOrStderr(), only
			return r.run()
		},
	}
	r.file.add(cmd)
	r.services.add(cmd)
	r.output.add(cmd)
	r.hold.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&r.socket, "socket", "", "the control socket's `PATH` (default beside the file)")
	flags.StringVar(&r.record, "record", "", "record everything that is decided to a `FILE`, for tasksim to replay; a full one is renamed to FILE.1")
	flags.StringVar(&r.dumps, "dumps", "", "write the last minutes to a `FOLDER` when a limit ends a group or a task ends all, and at SIGUSR1")
	return cmd
}

// runner is what `taskvisor run` is told, and what it makes of it.
type runner struct {
	file     fileFlags
	services services
	output   output
	hold     hold
	socket   string
	record   string
	dumps    string
	only     []string
	out      io.Writer
	errs     io.Writer

	path    string
	screen  *display
	host    *process.Host
	tree    *assemble.Tree
	session *session.Session
	started time.Time

	applying sync.Mutex // one at a time
}

func (r *runner) run() error {
	r.started = time.Now()
	file, err := r.load()
	if err != nil {
		return &exitError{code: codeNotStarted, err: err}
	}
	listener, noSocket, err := r.claim()
	if err != nil {
		return err
	}
	var answer *server // to the last, so that who waits for the end knows it
	if listener != nil {
		defer func() {
			if answer != nil {
				answer.close()
			}
			_ = listener.Close()
		}()
	}
	if r.screen, err = r.output.open(r.out, r.errs); err != nil {
		return &exitError{code: codeNotStarted, err: err}
	}
	defer r.screen.close()
	r.screen.watch()
	r.screen.expect(file)
	if r.host, err = process.Open(process.WithName(hostName(r.path)), process.WithTightness(r.hold.most), process.WithLogger(r.screen.warnings)); err != nil {
		return err
	}
	defer func() { _ = r.host.Close() }()
	if err := r.assemble(file); err != nil {
		return &exitError{code: codeNotStarted, err: err}
	}
	served, err := r.services.open(r.tree.Root, r.tail)
	if err != nil {
		return &exitError{code: codeNotStarted, err: err}
	}
	defer served.close()
	r.greet(file, listener, noSocket, served)
	if listener != nil {
		answer = r.answer(listener, served)
	}
	return r.end(r.session.Run(session.Signals()))
}

// load reads the file, or what of it is to run.
func (r *runner) load() (file *taskfile.File, err error) {
	if r.path == "" {
		found, err := r.file.find()
		if err != nil {
			return nil, err
		}
		if r.path, err = filepath.Abs(found); err != nil {
			return nil, err
		}
	}
	if file, err = r.file.read(r.shown()); err != nil {
		return nil, err
	}
	return file, keepOnly(file, r.only)
}

// shown returns the path of the file as a reader would write it.
func (r *runner) shown() string {
	if here, err := os.Getwd(); err == nil {
		if path, err := filepath.Rel(here, r.path); err == nil && filepath.IsLocal(path) {
			return path
		}
	}
	return r.path
}

// claim claims the control socket. Where there is no place for one, and none was asked for, it says why and goes on without.
func (r *runner) claim() (listener *control.Listener, why error, err error) {
	places := control.Places(r.path)
	if r.socket != "" {
		places = []string{r.socket}
	}
	listener, err = control.Listen(places...)
	switch {
	case errors.As(err, new(*control.RunningError)):
		return nil, nil, &exitError{code: codeNotAlone, err: err}
	case err != nil && r.socket != "":
		return nil, nil, &exitError{code: codeNotStarted, err: err}
	}
	return listener, err, nil
}

// assemble makes the tree and the session.
func (r *runner) assemble(file *taskfile.File) (err error) {
	recorder := supervisor.FlightRecorder{File: r.record, Dumps: r.dumps}
	if r.dumps != "" {
		recorder.Signal = dumpSignal
	}
	if err := r.canRecord(); err != nil {
		return err
	}
	r.tree, err = assemble.New(file, r.maker(),
		supervisor.WithObserver(r.screen.decisions.Observe), supervisor.WithFlightRecorder(recorder))
	if err != nil {
		return err
	}
	r.session = &session.Session{
		Supervisor: r.tree.Root, Log: r.screen.log, Kill: r.kill, PID: r.pid, CodeOf: codeOf, Closed: session.WatchTerminal(),
		Hangup: r.hangup, Every: r.screen.countdown, Reserve: process.KillTime,
	}
	return nil
}

// canRecord says which folder is missing for what is recorded, in the words of the command line.
func (r *runner) canRecord() error {
	for _, place := range []struct{ flag, folder string }{{"--record", filepath.Dir(r.record)}, {"--dumps", r.dumps}} {
		if place.folder == "" {
			continue
		}
		if info, err := os.Stat(place.folder); err != nil || !info.IsDir() {
			return fmt.Errorf("%s: there is no folder %s: create it first", place.flag, place.folder)
		}
	}
	return nil
}

func (r *runner) maker() assemble.Maker { return assemble.Processes(r.host, r.screen.sink) }

// task returns the process of a path; nil if there is none.
func (r *runner) task(path string) *process.Task {
	if made, ok := r.tree.Task(path).(*assemble.Process); ok {
		return made.Task
	}
	return nil
}

func (r *runner) pid(path string) int {
	if task := r.task(path); task != nil {
		return task.PID()
	}
	return 0
}

// tail returns the last lines of a task, for its page; nil for a group.
func (r *runner) tail(path string) []string {
	if r.task(path) == nil {
		return nil
	}
	const most = 100
	lines := []string{}
	for _, entry := range r.screen.outputs.Hub.Tail(most, path) {
		lines = append(lines, screen.Clean(entry.Line.Text))
	}
	return lines
}

// kill kills everything that runs.
func (r *runner) kill() {
	for _, node := range r.tree.Root.Tree() {
		if task := r.task(node.Path); task != nil {
			_ = task.Kill()
		}
	}
}

func (r *runner) reload(path string) error {
	task := r.task(path)
	if task == nil {
		return &control.Error{Code: control.CodeUnsupported, Message: "is a group: name the tasks in it"}
	}
	if err := task.Reload(); errors.Is(err, process.ErrNotRunning) {
		return &control.Error{Code: control.CodeNotUp, Message: "is not running"}
	} else if err != nil {
		return err
	}
	return nil
}

// greet says who runs what, what holds the processes, and where all of it can be asked and seen.
func (r *runner) greet(file *taskfile.File, listener *control.Listener, noSocket error, served *served) {
	say := r.screen.log
	paths, _ := file.All()
	say.Info(fmt.Sprintf("taskvisor %s, pid %d, runs %s of %s", version(), os.Getpid(), counted(len(paths), "task"), file.Path))
	text := "processes are held by " + r.host.Tightness().String()
	if why := r.host.Why(); why != "" {
		text += ", not tighter: " + why
	}
	say.Info(text)
	switch {
	case listener != nil:
		say.Info("answers on " + shortened(listener.Path()))
	case noSocket != nil:
		say.Warn("cannot be asked or commanded: " + noSocket.Error())
	}
	for _, line := range served.lines {
		say.Info(line)
	}
	for _, problem := range file.Ignored {
		say.Warn(fmt.Sprintf("%s:%v: %s", file.Path, problem.At, problem.Text))
	}
}

// end says how all ended, and returns what the process is to end with.
func (r *runner) end(ending session.Ending) error {
	switch text := "all tasks have stopped" + ending.Why; {
	case ending.Err != nil:
		r.screen.end(slog.LevelError, fmt.Sprintf("ends with code %d: %v", ending.Code, ending.Err))
	case ending.Code == 0 || ending.Signal != 0:
		r.screen.end(slog.LevelInfo, text)
	default:
		r.screen.end(slog.LevelError, fmt.Sprintf("%s; ends with code %d", text, ending.Code))
	}
	if ending.Code == 0 && ending.Signal == 0 {
		return nil
	}
	return &exitError{code: ending.Code, signal: ending.Signal}
}

// hangup applies the file again.
func (r *runner) hangup(ctx context.Context) {
	r.screen.log.Info("SIGHUP: reading " + r.shown() + " again")
	if _, err := r.reapply(ctx, control.ApplyOrder{}); err != nil {
		r.screen.log.Error("the file is not applied, and nothing has changed:")
		for line := range strings.Lines(err.Error()) {
			r.screen.log.Error(strings.TrimSpace(line))
		}
	}
}

// answer answers on the control socket.
func (r *runner) answer(listener *control.Listener, served *served) *server {
	mux := control.NewHandler(control.Visor{
		Supervisor: r.tree.Root,
		Info: control.Info{
			PID: os.Getpid(), Guard: r.host.Guard(), Version: version(), File: r.path, Folder: r.tree.File().Dir, Socket: listener.Path(),
			Started: r.started, Tightness: r.host.Tightness().String(), Pages: served.urls,
		},
		PID: r.pid, Reload: r.reload, Apply: r.apply, Shutdown: r.session.Stop, Settle: settle, Reserve: process.KillTime,
	})
	r.screen.outputs.Hub.AddRoutes(mux)
	attach.AddRoutes(mux, r.toAttach)
	return serve(listener, mux)
}

// toAttach returns the task of a path. The error is a *control.Error.
func (r *runner) toAttach(path string) (attach.Target, error) {
	if task := r.task(path); task != nil {
		return task, nil
	}
	known, _ := r.tree.File().All()
	if meant := taskfile.Meant(path, known); len(meant) == 1 && meant[0] != path {
		return r.toAttach(meant[0])
	}
	for _, other := range known {
		if strings.HasPrefix(other, path+"/") {
			return nil, &control.Error{Code: control.CodeUnsupported, Message: fmt.Sprintf("%q is a group: attach to a task in it, such as %q", path, other)}
		}
	}
	return nil, control.UnknownTask(path, known)
}

// settle is how long a task has to stay up before a command says that it is.
const settle = 300 * time.Millisecond
