package process

import (
	"context"
	"errors"
	"os"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/leash"
)

// Task makes a task of a command. The command is checked; the error is a [*CommandError] for each fault, joined if there are
// several. Whether the program exists shows when it is started.
func (h *Host) Task(c Command) (*Task, error) { return newTask(leashed{h.leash}, c) }

// leashed is a keeper whose processes are real.
type leashed struct{ leash *leash.Leash }

func (k leashed) pipe() (readEnd, *os.File, error) { return systemPipe() }

func (k leashed) listen(p *process) (*notifySocket, error) { return listenNotify(p) }

// errStopsAlready is the error of a start that is not needed any more.
var errStopsAlready = errors.New("the run has to stop before its command was started")

func (k leashed) start(ctx context.Context, s *spec) (group, error) {
	if ctx.Err() != nil {
		return nil, errStopsAlready
	}
	l := leash.Spec{Task: s.token, Path: s.path, Args: s.args, Env: s.env, Dir: s.dir, Files: s.files, TTY: s.tty}
	if s.user != nil {
		l.User = &leash.User{UID: s.user.uid, GID: s.user.gid, Groups: s.user.groups}
	}
	g, err := k.leash.Start(l)
	if err != nil {
		if failed := (*leash.StartError)(nil); errors.As(err, &failed) {
			err = failed.Err
		}
		return nil, err
	}
	return leashedGroup{g}, nil
}

type leashedGroup struct{ *leash.Group }

func (g leashedGroup) Reap() (exitState, error) {
	state, err := g.Group.Reap()
	if state.Signal != 0 {
		state.Code = -1
	}
	return exitState{code: state.Code, signal: state.Signal, coreDumped: state.Core}, err
}
