package guard

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/leash"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/procfs"
)

// guard is this process, once it is a guard.
type guard struct {
	proc    procfs.FS
	child   int
	link    *os.File
	reads   atomic.Bool // the child reads what the guard says
	signals chan os.Signal

	mu      sync.Mutex
	cgroups []string
}

const (
	name      = "process-guard"
	patience  = time.Second           // for what is left to stop after SIGTERM
	obstinacy = 5 * time.Second       // of killing, before it is given up
	lookAgain = 10 * time.Millisecond // for what is left
)

// listen has this process get the signals that it has to pass on.
func (g *guard) listen() {
	g.signals = make(chan os.Signal, 64)
	all := []os.Signal{syscall.SIGCHLD}
	for number := syscall.Signal(1); number < 65; number++ {
		if passedOn(number) && !signal.Ignored(number) { // nohup
			all = append(all, number)
		}
	}
	signal.Notify(g.signals, append(all, syscall.SIGPIPE)...)
}

// passedOn reports whether the child gets a signal that this process gets. What a terminal or the shell sends to stop the program and
// have it go on, or says of the terminal, goes to all of the process group; the rest is about this process itself.
func passedOn(number syscall.Signal) bool {
	switch number {
	case syscall.SIGKILL, syscall.SIGSTOP, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGCONT, syscall.SIGWINCH,
		syscall.SIGCHLD, syscall.SIGURG, syscall.SIGPIPE, syscall.SIGPROF, syscall.SIGVTALRM,
		syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGILL, syscall.SIGTRAP, syscall.SIGSYS,
		32, 33, 34: // of the C library
		return false
	default:
		return true
	}
}

// giveUp undoes what was prepared, when there is to be no guard.
func (g *guard) giveUp() {
	if g.signals != nil {
		signal.Stop(g.signals)
	}
	if g.link != nil {
		_ = g.link.Close()
	}
	_ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
	_ = g.proc.Close()
}

// read reads what the child says.
func (g *guard) read() {
	receive(g.link, func(message string) {
		added, adds := strings.CutPrefix(message, cgroupMessage)
		removed, removes := strings.CutPrefix(message, noCgroupMessage)
		g.mu.Lock()
		switch {
		case message == hello:
			g.reads.Store(true)
		case adds:
			g.cgroups = append(g.cgroups, added)
		case removes:
			g.cgroups = slices.DeleteFunc(g.cgroups, func(dir string) bool { return dir == removed })
		}
		g.mu.Unlock()
		_, _ = g.link.WriteString(heard)
	})
	g.reads.Store(false) // it has ended, or executes another program
}

// eachCgroup calls for each control group that is to be killed in the end.
func (g *guard) eachCgroup(call func(dir string)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, dir := range g.cgroups {
		call(dir)
	}
}

// watch waits until the child has ended, ends all that it has left, and ends as the child has.
func (g *guard) watch() {
	for {
		if status, over := g.reap(); over {
			g.sweep(status)
			endAs(status)
		}
		if got := (<-g.signals).(syscall.Signal); passedOn(got) {
			g.pass(got)
		}
	}
}

// pass passes a signal on: by the link, so that the child can take one that was sent to both for one.
func (g *guard) pass(got syscall.Signal) {
	if g.reads.Load() && g.tell(signalMessage+strconv.Itoa(int(got))) == nil {
		return
	}
	_ = syscall.Kill(g.child, got) // it was not reaped
}

// tell tells the child something, unless it does not listen.
func (g *guard) tell(message string) error {
	conn, err := g.link.SyscallConn()
	if err != nil {
		return err
	}
	var sent error
	err = conn.Control(func(fd uintptr) { _, sent = unix.Write(int(fd), []byte(message)) })
	return errors.Join(err, sent)
}

// reap reaps whatever has ended, and reports whether the child was among it.
func (g *guard) reap() (status unix.WaitStatus, over bool) {
	for {
		var of unix.WaitStatus
		pid, err := unix.Wait4(-1, &of, unix.WNOHANG, nil)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil || pid <= 0:
			return status, over
		case pid == g.child:
			status, over = of, true
		}
	}
}

// sweep ends all that is left. Whatever has lost its parent is a child of this process, so that nothing is left when it has none.
func (g *guard) sweep(status unix.WaitStatus) {
	if !g.hasChildren() {
		g.eachCgroup(leash.RemoveCgroup)
		return
	}
	left := ""
	if badly := status.Signaled() || status.ExitStatus() != 0; badly {
		left = g.list(g.descendants(nil)) // what has got its signal may not have a command line any more
	}
	g.end(syscall.SIGTERM)
	g.end(syscall.SIGCONT) // what is stopped gets it, too
	if left != "" {
		g.say(status, left)
	}
	asked := time.Now()
	again := time.NewTicker(lookAgain)
	defer again.Stop()
	for g.hasChildren() {
		select {
		case <-g.signals: // some have ended
			if time.Since(asked) < patience {
				continue
			}
		case <-again.C:
		}
		switch waited := time.Since(asked); {
		case waited > patience+obstinacy:
			fmt.Fprintf(os.Stderr, "%s: these do not even end by SIGKILL: %s\n", name, g.list(g.descendants(nil)))
			return
		case waited > patience:
			g.eachCgroup(func(dir string) { _ = leash.KillCgroup(dir) })
			g.end(syscall.SIGKILL)
		}
	}
	g.eachCgroup(leash.RemoveCgroup)
}

// hasChildren reaps children that have ended, and reports whether there are others.
func (g *guard) hasChildren() bool {
	for {
		pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return false
		case pid == 0:
			return true
		}
	}
}

// end sends a signal to each process below this one as soon as it is seen: by the end of the look, one that forks all the time would
// have ended, and left another.
func (g *guard) end(signal syscall.Signal) {
	g.descendants(func(p *procfs.Process, isBelow func(parent int) bool) {
		if p.Parent == os.Getpid() {
			_ = syscall.Kill(p.PID, signal) // it is reaped by nothing but this goroutine
			return
		}
		fd, err := unix.PidfdOpen(p.PID, 0)
		if err != nil {
			return
		}
		defer func() { _ = unix.Close(fd) }()
		// What is read is of the process that is held, unless that has ended, and then it gets no signal.
		if same, err := g.proc.Stat(p.PID); err == nil && same.Start == p.Start && isBelow(same.Parent) {
			_ = unix.PidfdSendSignal(fd, signal, nil, 0)
		}
	})
}

// descendants returns the processes below this one that are alive, and has each visited when it is seen.
func (g *guard) descendants(visit func(p *procfs.Process, isBelow func(parent int) bool)) []procfs.Process {
	pids, err := g.proc.PIDs()
	if err != nil {
		return nil
	}
	var found []procfs.Process
	below := map[int]bool{os.Getpid(): true}
	for more := true; more; { // a parent can have a higher number than its child
		more = false
		for _, pid := range pids {
			p, err := g.proc.Stat(pid)
			if err != nil || below[pid] || !below[p.Parent] || !p.Alive() {
				continue
			}
			below[pid], more = true, true
			found = append(found, p)
			if visit != nil {
				visit(&p, func(parent int) bool { return below[parent] })
			}
		}
	}
	return found
}

// say says how the child has ended, if it has left something.
func (g *guard) say(status unix.WaitStatus, left string) {
	how := fmt.Sprintf("ended with code %d", status.ExitStatus())
	if status.Signaled() {
		how = fmt.Sprintf("was ended by signal %d (%v)", int(status.Signal()), status.Signal())
	}
	fmt.Fprintf(os.Stderr, "%s: the supervisor %s; what it has left is stopped: %s\n", name, how, left)
}

// list says a few of some processes.
func (g *guard) list(processes []procfs.Process) string {
	const few = 5
	var words []string
	for _, p := range processes[:min(few, len(processes))] {
		command := g.proc.Command(p.PID)
		words = append(words, fmt.Sprintf("%.40s (pid %d)", command, p.PID))
	}
	if len(processes) > few {
		words = append(words, fmt.Sprintf("%d more", len(processes)-few))
	}
	return strings.Join(words, ", ")
}

// endAs ends this process as another has ended.
func endAs(status unix.WaitStatus) {
	if !status.Signaled() {
		os.Exit(status.ExitStatus())
	}
	if os.Getpid() != 1 { // which no signal of its own ends: Go's runtime would exit with 2, and a shell with 0
		_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) // the core was that of the child
		die(status.Signal())
		time.Sleep(patience) // until it is delivered
	}
	os.Exit(128 + int(status.Signal()))
}

// die has a signal end this process.
func die(number syscall.Signal) {
	switch number {
	case syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP:
		signal.Reset(number)
		_ = syscall.Kill(os.Getpid(), number)
	default:
		// Go's runtime would print what all goroutines do, and exit, or do nothing at all. A shell does not.
		_ = unix.Exec("/bin/sh", []string{"sh", "-c", "kill -" + strconv.Itoa(int(number)) + " $$"}, nil)
	}
}
