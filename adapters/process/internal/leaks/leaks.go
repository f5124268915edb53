//go:build linux

// Package leaks has programs that leave processes behind in all ways that are known, for tests. A test binary becomes one of them by
// its arguments, so that they do not depend on the environment, which some of them clear.
package leaks

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/procfs"
)

// Kind is a way to leave a process behind.
type Kind string

// All the ways. Unless it is said otherwise, what is left is a child that would end by SIGTERM.
const (
	Child   Kind = "child"   // it is nothing special
	Group   Kind = "group"   // it has a process group of its own
	Session Kind = "session" // it has a session of its own
	Orphan  Kind = "orphan"  // it has a session of its own, and its parent has ended: forked twice
	Deaf    Kind = "deaf"    // it ignores SIGTERM
	Output  Kind = "output"  // its parent has ended, and it holds standard output
	Storm   Kind = "storm"   // from SIGTERM on, others are started all the time, deaf and in sessions of their own
	Relay   Kind = "relay"   // it starts another in a session of its own and ends, and so does that, all the time
	Vfork   Kind = "vfork"   // it executes another program
	Cleared Kind = "cleared" // it has a session of its own and no environment
	Stopped Kind = "stopped" // it is stopped by SIGSTOP
	Daemon  Kind = "daemon"  // it has no environment, a session of its own, and its parent has ended
)

// Kinds returns all the ways.
func Kinds() []Kind {
	return []Kind{Child, Group, Session, Orphan, Deaf, Output, Storm, Relay, Vfork, Cleared, Stopped, Daemon}
}

// Args returns the arguments, after its name, by which a test binary is a program that leaks in some way. What it leaves can be
// found by the mark. When all has been left, it writes a line to standard output, and waits.
func Args(kind Kind, mark string) []string { return []string{"leak", string(kind), mark} }

// Main is the program, if the arguments are those of one.
func Main() {
	if len(os.Args) < 4 {
		return
	}
	arguments := os.Args[2:]
	switch os.Args[1] {
	case "leak":
		leak(Kind(arguments[0]), arguments[1])
	case "between":
		between(arguments)
	case "left":
		left(arguments[1:])
	case "runner":
		run(arguments[0], arguments[1])
	default:
		return
	}
	os.Exit(0)
}

// Survivors returns the processes with a mark that are alive.
func Survivors(mark string) []string {
	proc, err := procfs.Open()
	if err != nil {
		panic(err)
	}
	defer func() { _ = proc.Close() }()
	pids, err := proc.PIDs()
	if err != nil {
		panic(err)
	}
	var alive []string
	for _, pid := range pids {
		command := proc.Command(pid)
		if p, err := proc.Stat(pid); err == nil && p.Alive() && slices.Contains(strings.Fields(command), mark) {
			alive = append(alive, fmt.Sprintf("%d %s", pid, command))
		}
	}
	return alive
}

// lifetime is how long anything of this lives, if it is not ended.
const lifetime = time.Minute

func leak(kind Kind, mark string) {
	switch kind {
	case Child:
		start(remnant(mark), nil, true)
	case Group:
		start(remnant(mark), &syscall.SysProcAttr{Setpgid: true}, true)
	case Session:
		start(remnant(mark), &syscall.SysProcAttr{Setsid: true}, true)
	case Deaf:
		start(remnant(mark, "deaf"), nil, true)
	case Vfork:
		sleep := exec.Command("sleep", "60")
		sleep.Args[0] = mark
		start(sleep, nil, false)
	case Cleared:
		start(without(remnant(mark)), &syscall.SysProcAttr{Setsid: true}, true)
	case Stopped:
		stop(start(remnant(mark), nil, true))
	case Orphan:
		orphan(exec.Command(self(), "between", "session", mark))
	case Output:
		orphan(exec.Command(self(), "between", "plain", mark))
	case Daemon:
		orphan(without(exec.Command(self(), "between", "session", mark)))
	case Relay:
		run(mark, strconv.FormatInt(time.Now().Add(lifetime).Unix(), 10))
	case Storm:
		storm(mark)
		return
	default:
		panic("no way to leak: " + string(kind))
	}
	fmt.Println("leaked")
	time.Sleep(lifetime)
}

// remnant returns the command of what is to be left.
func remnant(mark string, how ...string) *exec.Cmd {
	return exec.Command(self(), append([]string{"left", mark, "."}, how...)...)
}

func without(cmd *exec.Cmd) *exec.Cmd {
	cmd.Env = []string{}
	return cmd
}

// start starts a process with the output of this one, and waits until it says that it is up.
func start(cmd *exec.Cmd, how *syscall.SysProcAttr, says bool) int {
	cmd.SysProcAttr = how
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if says {
		read, write, err := os.Pipe()
		check(err)
		cmd.ExtraFiles = []*os.File{write}
		defer func() {
			check(write.Close())
			_, err := bufio.NewReader(read).ReadByte()
			check(err)
			check(read.Close())
		}()
	}
	check(cmd.Start())
	return cmd.Process.Pid
}

// orphan has a process start another, and waits until it has ended.
func orphan(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	check(cmd.Run())
}

// between is the process between the leader and what is left.
func between(arguments []string) {
	how := new(syscall.SysProcAttr)
	if arguments[0] == "session" {
		how.Setsid = true
	}
	start(remnant(arguments[1]), how, true)
}

// left is what is left.
func left(arguments []string) {
	if slices.Contains(arguments, "deaf") {
		signal.Ignore(syscall.SIGTERM, syscall.SIGHUP)
	}
	if !slices.Contains(arguments, "mute") {
		up := os.NewFile(3, "up")
		_, err := io.WriteString(up, "!")
		check(err)
		check(up.Close())
	}
	time.Sleep(lifetime)
}

// run starts another of its kind, and ends.
func run(mark, until string) {
	end, err := strconv.ParseInt(until, 10, 64)
	check(err)
	if time.Now().Unix() < end { // should nothing end it
		start(runner(mark, until), &syscall.SysProcAttr{Setsid: true}, false)
	}
}

func runner(mark, until string) *exec.Cmd { return exec.Command(self(), "runner", mark, until) }

// storm starts processes all the time from SIGTERM on.
func storm(mark string) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	fmt.Println("leaked")
	<-asked
	for range 500 { // should nothing end it
		start(remnant(mark, "deaf", "mute"), &syscall.SysProcAttr{Setsid: true}, false)
	}
	time.Sleep(lifetime)
}

// stop stops a child, and waits until it is.
func stop(pid int) {
	check(syscall.Kill(pid, syscall.SIGSTOP))
	var status syscall.WaitStatus
	_, err := syscall.Wait4(pid, &status, syscall.WUNTRACED, nil)
	check(err)
}

func self() string { return "/proc/self/exe" }

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "leak:", err)
		os.Exit(1)
	}
}
