package guard

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/procfs"
)

// Start makes a guard of this process, and executes the program again as its child. It returns in the child only, with its link.
// Where there can be no guard, it returns why.
func Start(relay Relay) (*Link, error) {
	value := os.Getenv(Variable)
	if link, is := adopt(value, relay); is {
		return link, nil
	}
	if err := possible(value); err != nil {
		return nil, err
	}
	g, err := newGuard()
	if err != nil {
		return nil, err
	}
	g.watch() // and exit
	return nil, nil
}

// possible returns why there can be no guard.
func possible(value string) error {
	switch {
	case strings.Contains(value, "."): // or each child could become the guard of another
		return errors.New("the connection to the guard is not what " + Variable + " says: " + value)
	case value == "off":
		return errors.New(Variable + " is off")
	case underTest() && value != "on":
		return errors.New("the program is a test")
	case traced():
		return errors.New("the program is debugged")
	}
	if _, err := os.Stat("/proc/self/exe"); err != nil {
		return fmt.Errorf("there is no /proc: %w", err)
	}
	return nil
}

// underTest reports whether this program is that of a test.
func underTest() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && strings.HasSuffix(info.Path, ".test") || strings.HasSuffix(os.Args[0], ".test")
}

// traced reports whether a debugger is at work: it could not follow into another process.
func traced() bool {
	status, err := os.ReadFile("/proc/self/status")
	return err == nil && tracedBy(string(status))
}

func tracedBy(status string) bool {
	for line := range strings.Lines(status) {
		if tracer, found := strings.CutPrefix(line, "TracerPid:"); found {
			return strings.TrimSpace(tracer) != "0"
		}
	}
	return false
}

// newGuard prepares this process and starts the child.
func newGuard() (*guard, error) {
	proc, err := procfs.Open()
	if err != nil {
		return nil, err
	}
	g := &guard{proc: proc}
	defer func() {
		if g.child == 0 {
			g.giveUp()
		}
	}()
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return nil, os.NewSyscallError("prctl", err)
	}
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	_ = unix.SetNonblock(fds[0], true)
	g.link = os.NewFile(uintptr(fds[0]), "guard")
	g.listen()
	inherited := g.inherited()
	if _, err := unix.FcntlInt(uintptr(fds[1]), unix.F_SETFD, 0); err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	env := environment(fmt.Sprintf("%d.%d", os.Getpid(), fds[1]))
	pid, _, err := syscall.StartProcess("/proc/self/exe", os.Args, &syscall.ProcAttr{Env: env, Files: []uintptr{0, 1, 2}})
	_ = unix.Close(fds[1])
	if err != nil {
		return nil, fmt.Errorf("the program cannot be executed again: %w", err)
	}
	g.child = pid
	for _, fd := range inherited { // they are the child's now
		_ = unix.Close(fd)
	}
	_ = os.WriteFile("/proc/self/comm", []byte(name), 0)
	go g.read()
	return g, nil
}

// environment returns that of the child. Of a variable that is there twice, the first counts.
func environment(value string) []string {
	env := slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, Variable+"=") })
	return append(env, Variable+"="+value)
}

// inherited returns the descriptors besides the first three that a child inherits, such as sockets that were passed to the program.
func (g *guard) inherited() []int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil
	}
	var fds []int
	for _, entry := range entries {
		fd, err := strconv.Atoi(entry.Name())
		if err != nil || fd < 3 {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			fds = append(fds, fd)
		}
	}
	return fds
}

// adopt returns the link to the guard that has started this process, if one has.
func adopt(value string, relay Relay) (*Link, bool) {
	pidText, fdText, _ := strings.Cut(value, ".")
	pid, err1 := strconv.Atoi(pidText)
	fd, err2 := strconv.Atoi(fdText)
	if err1 != nil || err2 != nil {
		return nil, false
	}
	if peer, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED); err != nil || int(peer.Pid) != pid {
		return nil, false // it is the variable of another process
	}
	unix.CloseOnExec(fd)
	_ = unix.SetNonblock(fd, true)
	_ = os.Unsetenv(Variable)
	becomeNamed(pid)
	keepName()
	link := connect(pid, os.NewFile(uintptr(fd), "guard"), relay)
	_ = link.send(hello)
	return link, true
}

// connect returns the link to a guard. What is sent has arrived when the call returns: the child may be killed, and a signal come, at once.
func connect(pid int, socket *os.File, relay Relay) *Link {
	lost, answers := make(chan struct{}), make(chan struct{}, 1)
	go func() {
		defer close(lost)
		receive(socket, func(message string) {
			number, isSignal := strings.CutPrefix(message, signalMessage)
			switch {
			case message == heard:
				answers <- struct{}{}
			case isSignal:
				if signal, err := strconv.Atoi(number); err == nil {
					relay(syscall.Signal(signal))
				}
			}
		})
	}()
	var mu sync.Mutex
	send := func(message string) error {
		mu.Lock()
		defer mu.Unlock()
		if _, err := socket.WriteString(message); err != nil {
			return err
		}
		select {
		case <-answers:
			return nil
		case <-lost:
			return errors.New("the guard has ended")
		}
	}
	return &Link{PID: pid, Lost: lost, send: send}
}

// keepName has top, pgrep and killall know this process by the name of the program, and not as "exe".
func keepName() {
	if len(os.Args) > 0 {
		_ = os.WriteFile("/proc/self/comm", []byte(filepath.Base(os.Args[0])), 0)
	}
}

// becomeNamed has what names the guard's process, such as the variables by which systemd passes sockets, name this one.
func becomeNamed(guard int) {
	for _, variable := range []string{"LISTEN_PID", "WATCHDOG_PID"} {
		if os.Getenv(variable) == strconv.Itoa(guard) {
			_ = os.Setenv(variable, strconv.Itoa(os.Getpid()))
		}
	}
}

// receive hands over the messages that come, until the other side has ended.
func receive(link *os.File, handle func(message string)) {
	buffer := make([]byte, 8<<10)
	for {
		n, err := link.Read(buffer)
		if err != nil {
			return
		}
		handle(string(buffer[:n]))
	}
}

// Raise does to this process what a signal does that only the guard has got. What a terminal sends reaches both.
func Raise(got syscall.Signal) {
	if (got == syscall.SIGINT || got == syscall.SIGQUIT) && inForeground() {
		return
	}
	_ = syscall.Kill(os.Getpid(), got)
}

// inForeground reports whether the signals that the keys of a terminal send reach this process.
func inForeground() bool {
	terminal, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	defer func() { _ = terminal.Close() }()
	group, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}
