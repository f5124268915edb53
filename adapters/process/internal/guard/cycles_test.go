//go:build linux

package guard

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/leash"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/procfs"
)

// runCycles starts and stops processes, in a PID namespace of its own where numbers are used again soon: what has ended is reaped by the
// guard, which is process 1, and strangers are put in its place. It prints how many there were.
func runCycles(hold string, count int, seed uint64) error {
	if _, err := Start(func(syscall.Signal) {}); err != nil {
		return err
	}
	if os.Getppid() != 1 {
		return errors.New("this is not a PID namespace of its own")
	}
	if err := os.WriteFile("/proc/sys/kernel/pid_max", []byte("400"), 0); err != nil {
		return err
	}
	l, err := leash.New(leash.Config{Name: "cycles", Cgroup: hold == "cgroup"})
	if err != nil {
		return err
	}
	proc, err := procfs.Open()
	if err != nil {
		return err
	}
	w := &world{leash: l, proc: proc, random: rand.New(rand.NewPCG(seed, 0))}
	for w.done < count {
		if err := w.cycle(); err != nil {
			return fmt.Errorf("seed %d, cycle %d: %w", seed, w.done, err)
		}
		w.done++
	}
	for len(w.strangers) > 0 {
		if err := w.dismiss(0); err != nil {
			return err
		}
	}
	fmt.Printf("seed %d: %d cycles, %d strangers in the place of what had ended, numbers began anew %d times\n", seed, w.done, w.placed, w.wraps)
	return l.Close()
}

type world struct {
	leash     *leash.Leash
	proc      procfs.FS
	random    *rand.Rand
	strangers []*exec.Cmd
	done      int
	placed    int
	wraps     int
	latest    int
}

// way is what a process of a cycle does: it says the number of a process that it has started, if it has, and ends or waits.
type way struct {
	line  string
	says  bool
	waits bool
}

func ways(code int) []way {
	const escape = "setsid -f sh -c 'echo $$; exec sleep 60'; "
	return []way{
		{line: fmt.Sprintf("exit %d", code)},
		{line: fmt.Sprintf("kill -9 $$; exit %d", code)},
		{line: "echo 0; exec sleep 60", says: true, waits: true},
		{line: escape + "exec sleep 60", says: true, waits: true},
		{line: escape + fmt.Sprintf("exit %d", code), says: true},
	}
}

// cycle starts a process, ends it in some way, and looks whether it has ended as it should have.
func (w *world) cycle() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	code, killed := 1+w.random.IntN(255), w.random.IntN(2) == 0
	number := w.random.IntN(len(ways(code)))
	way := ways(code)[number]
	g, other, err := w.start(way)
	if err != nil {
		return err
	}
	want := leash.State{Code: code}
	switch {
	case number == 1:
		want = leash.State{Signal: syscall.SIGKILL}
	case way.waits && killed:
		want = leash.State{Signal: syscall.SIGKILL}
	case way.waits:
		want = leash.State{Signal: syscall.SIGTERM}
	}
	if !way.waits {
		<-g.Ended()
	}
	end := func() error {
		if killed {
			return g.Kill()
		}
		return g.Signal(syscall.SIGTERM)
	}
	if err := errors.Join(end(), g.Empty(ctx)); err != nil {
		return err
	}
	if other > 0 { // the group may remember it
		if err := w.place(other); err != nil {
			return err
		}
		if err := errors.Join(g.Signal(syscall.SIGTERM), g.Kill(), g.Empty(ctx)); err != nil {
			return err
		}
	}
	state, err := g.Reap()
	if err != nil {
		return err
	}
	if state.Code != want.Code || state.Signal != want.Signal {
		return fmt.Errorf("%q ended by %+v, not %+v", way.line, state, want)
	}
	if err := w.place(g.PID()); err != nil {
		return err
	}
	if err := g.Kill(); !errors.Is(err, leash.ErrReaped) {
		return fmt.Errorf("a group that was reaped is killed: %w", err)
	}
	for len(w.strangers) > 20 {
		if err := w.dismiss(w.random.IntN(len(w.strangers))); err != nil {
			return err
		}
	}
	return nil
}

// start starts a process that does something, and returns the number that it says.
func (w *world) start(way way) (g *leash.Group, other int, err error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = read.Close() }()
	g, err = w.leash.Start(leash.Spec{
		Task: "cycle", Path: "/bin/sh", Args: []string{"sh", "-c", way.line}, Env: os.Environ(), Files: []*os.File{nil, write, os.Stderr},
	})
	_ = write.Close()
	if err != nil {
		return nil, 0, err
	}
	if g.PID() < w.latest {
		w.wraps++
	}
	w.latest = g.PID()
	if way.says {
		line, err := bufio.NewReader(read).ReadString('\n')
		if err != nil {
			return nil, 0, err
		}
		if other, err = strconv.Atoi(strings.TrimSpace(line)); err != nil {
			return nil, 0, err
		}
	}
	return g, other, nil
}

// place starts a stranger that has a number, if that is free and no thread of this process takes it first.
func (w *world) place(pid int) error {
	if err := os.WriteFile("/proc/sys/kernel/ns_last_pid", []byte(strconv.Itoa(pid-1)), 0); err != nil {
		return err
	}
	stranger := exec.Command("/bin/sleep", "600")
	stranger.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := stranger.Start(); err != nil {
		return err
	}
	if stranger.Process.Pid == pid {
		w.placed++
	}
	w.strangers = append(w.strangers, stranger)
	return nil
}

// dismiss ends a stranger. If anything else has, that was meant for another.
func (w *world) dismiss(i int) error {
	stranger := w.strangers[i]
	w.strangers = append(w.strangers[:i], w.strangers[i+1:]...)
	p, err := w.proc.Stat(stranger.Process.Pid)
	if err != nil || !p.Alive() {
		return fmt.Errorf("a stranger was killed: %v, %w", stranger.Wait(), err)
	}
	if err := stranger.Process.Signal(unix.SIGUSR1); err != nil {
		return err
	}
	_ = stranger.Wait()
	if by := stranger.ProcessState.Sys().(syscall.WaitStatus).Signal(); by != unix.SIGUSR1 {
		return fmt.Errorf("a stranger was killed by signal %d", by)
	}
	return nil
}
