package leash

import (
	"context"
	"errors"
	"os"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/procfs"
)

// pack is a set of processes that belong together: a root with its session, whatever has a token, and for each of these what is in
// its session or below it. A session is only ever inherited or made, so that whatever is in that of a member descends from one.
// It is not safe for concurrent use.
type pack struct {
	census  *census
	root    int                               // a child that was not reaped, and leads a session; 0 if there is none
	marked  func(pid int, tokens string) bool // reports whether a process is a member by itself, given its value of [Variable]
	foreign func(*procfs.Process) bool        // reports whether a process is known to be none, whatever else it has
	held    map[int]*member                   // members outside the root's process group, by number
	missed  bool                              // a member has ended while it was looked at
}

// member is a process that is held: its number may become that of another, its pidfd does not.
type member struct{ pidfd *os.File }

func (m *member) hasEnded() bool {
	has := false
	conn, err := m.pidfd.SyscallConn()
	return err != nil || conn.Control(func(fd uintptr) { has = ended(int(fd)) }) != nil || has
}

// remaining is for [holder].
func (k *pack) remaining() (int, func(context.Context) error, error) {
	alive, err := k.lookUntil(func(alive []procfs.Process) bool { return len(alive) > 0 })
	some := make([]awaited, min(atOnce, len(alive)))
	for i := range some {
		some[i] = awaited{alive[i], k.held[alive[i].PID]}
	}
	return len(alive), func(ctx context.Context) error { return k.await(ctx, some) }, err
}

// signal is for [holder]. Members are looked for first: they would no longer be below a leader that the signal ends.
func (k *pack) signal(spared func(pid int) bool, signals ...syscall.Signal) error {
	_, err := k.lookAtAll()
	for _, signal := range signals {
		err = errors.Join(err, k.send(signal, spared))
	}
	return err
}

// kill is for [holder].
func (k *pack) kill() error { return k.signal(spareNone, syscall.SIGKILL) }

func spareNone(int) bool { return false }

// free is for [holder].
func (k *pack) free() {
	k.root = 0
	for pid := range k.held {
		k.letGo(pid)
	}
}

// lookAtAll looks until no member can have been missed: a signal that one does not get is not sent again.
func (k *pack) lookAtAll() ([]procfs.Process, error) {
	return k.lookUntil(func([]procfs.Process) bool { return false })
}

// lookUntil looks again, unless it is enough to know of some, while there was something a moment ago that has ended, or what there is
// cannot be said: a process that is about to execute a program has no environment.
func (k *pack) lookUntil(enough func(alive []procfs.Process) bool) ([]procfs.Process, error) {
	for round := 0; ; round++ {
		k.missed = false
		alive, err := k.look()
		if err != nil || enough(alive) || !k.missed || round == rounds {
			return alive, err
		}
		time.Sleep(time.Duration(round) * time.Millisecond) // it may wait for a processor
	}
}

// look returns the members that are alive, and holds those that are outside the root's process group.
func (k *pack) look() ([]procfs.Process, error) {
	all, err := k.census.take()
	if err != nil {
		return nil, err
	}
	found := &belonging{members: map[int]bool{}, sessions: map[int]bool{}, tokensOf: all.tokensOf}
	var alive []procfs.Process
	if k.root != 0 {
		root, exists := all.find(k.root)
		if !exists { // something else in this program has waited for it
			k.root = 0
		} else {
			found.add(root)
			found.since = root.Start
			if root.Alive() {
				alive = append(alive, *root)
			}
		}
	}
	for pid, held := range k.held { // what may have cleared its environment since, or lost its parent
		if p, exists := all.find(pid); exists && !held.hasEnded() { // or the number may be that of another, started in the same instant
			found.add(p)
			alive = append(alive, *p)
		} else {
			k.letGo(pid)
		}
	}
	for more := true; more; {
		more = false
		for i := range slices.Backward(all.procs) { // the youngest first: they may end soon
			p := &all.procs[i]
			switch {
			case found.members[p.PID] || !k.belongs(p, found):
				continue
			case !p.Alive(): // its session counts
			case k.root != 0 && p.Group == k.root || k.hold(p, found):
				alive = append(alive, *p)
			default: // it has ended meanwhile, and may have started another
				k.missed = true
				continue
			}
			found.add(p)
			more = true
		}
	}
	return alive, nil
}

// belonging is what belongs to a pack by one look.
type belonging struct {
	members, sessions map[int]bool
	since             uint64 // when the first was started
	tokensOf          func(pid int) (value string, known bool)
}

func (b *belonging) add(p *procfs.Process) {
	b.members[p.PID], b.sessions[p.Session] = true, true
}

// belongs reports whether a process is a member, given some that are.
func (k *pack) belongs(p *procfs.Process, found *belonging) bool {
	switch {
	case p.Start < found.since || p.Kernel() || k.foreign(p):
		return false
	case found.sessions[p.Session] || found.members[p.Parent]:
		return true
	default:
		tokens, known := found.tokensOf(p.PID)
		k.missed = k.missed || !known && p.Executes()
		return k.marked(p.PID, tokens)
	}
}

// hold holds a process that was just seen, and reports whether it is a member still.
func (k *pack) hold(p *procfs.Process, found *belonging) bool {
	fd, err := unix.PidfdOpen(p.PID, 0)
	if err != nil {
		return !errors.Is(err, unix.ESRCH) // it is alive, but can get no signal now
	}
	file := pollable(fd)
	again, err := k.census.proc.Stat(p.PID)
	fresh := *found
	fresh.tokensOf = func(pid int) (string, bool) { return k.census.proc.Variable(pid, Variable) }
	// What was read is of the process that is held, unless that has ended.
	if err != nil || again.Start != p.Start || !k.belongs(&again, &fresh) || ended(fd) {
		_ = file.Close()
		return false
	}
	if k.held == nil {
		k.held = map[int]*member{}
	}
	k.held[p.PID] = &member{file}
	return true
}

// send sends a signal to the root's process group, and to all that are held but those that are spared.
func (k *pack) send(signal syscall.Signal, spared func(pid int) bool) error {
	var failed error
	if k.root != 0 {
		failed = signalGroup(k.root, signal)
	}
	for pid, held := range k.held {
		if spared(pid) {
			continue
		}
		if err := signalBy(held.pidfd, signal); err != nil {
			failed = errors.Join(failed, os.NewSyscallError("pidfd_send_signal", err))
		}
	}
	return failed
}

func (k *pack) letGo(pid int) {
	_ = k.held[pid].pidfd.Close()
	delete(k.held, pid)
}

const (
	atOnce    = 16                    // how many processes are waited for at once
	lookAgain = 20 * time.Millisecond // where there is no descriptor to wait with
)

// awaited is a member that is waited for.
type awaited struct {
	procfs.Process
	held *member // nil: it is in the root's process group
}

// await waits until some members have ended, or the context.
func (k *pack) await(ctx context.Context, some []awaited) error {
	for _, a := range some {
		file, err := k.open(a)
		switch {
		case procfs.Ended(err), errors.Is(err, os.ErrClosed):
			continue
		case err != nil:
			return sleep(ctx, lookAgain)
		}
		err = awaitFile(ctx, file, ended)
		_ = file.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// open returns a pidfd of a member of its own.
func (k *pack) open(a awaited) (*os.File, error) {
	if a.held != nil {
		return a.held.duplicate()
	}
	fd, err := unix.PidfdOpen(a.PID, 0)
	if err != nil {
		return nil, err
	}
	file := pollable(fd)
	if same, err := k.census.proc.Stat(a.PID); err != nil || same.Group != a.Group { // no stranger gets into that
		_ = file.Close()
		return nil, unix.ESRCH
	}
	return file, nil
}

func (m *member) duplicate() (file *os.File, err error) {
	conn, err := m.pidfd.SyscallConn()
	if err != nil {
		return nil, err
	}
	failed := conn.Control(func(fd uintptr) {
		var copied int
		if copied, err = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0); err == nil {
			file = pollable(copied)
		}
	})
	return file, errors.Join(err, failed)
}

// awaitFile waits as [await] does, until the context ends.
func awaitFile(ctx context.Context, file *os.File, question func(fd int) bool) error {
	stop := context.AfterFunc(ctx, func() { _ = file.SetReadDeadline(past) })
	defer stop()
	if err := await(file, question); err != nil {
		return sleep(ctx, lookAgain)
	}
	return nil
}

// until waits until nothing remains.
func until(ctx context.Context, remaining func() (int, func(context.Context) error, error)) error {
	for {
		alive, wait, err := remaining()
		switch {
		case errors.Is(err, ErrReaped):
			return err
		case err != nil: // no descriptor is left to look with: it cannot be said yet
			err = sleep(ctx, lookAgain)
		case alive == 0:
			return nil
		default:
			err = wait(ctx)
		}
		if err != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
