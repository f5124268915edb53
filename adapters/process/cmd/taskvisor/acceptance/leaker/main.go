//go:build unix

// Leaker is a program that leaves processes behind, for the tests of what is left of them.
//
//	leaker WAY DIRECTORY
//
// It leaks in one way, and then waits to be stopped. Its n-th life in a directory creates the file run-n there. Every process of
// that life has the file's path among its arguments or in its environment, and holds the file open, locked: so it is found even
// if it has cleared its environment. The file ready-n appears when the leak is complete.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// leaf is a process that is left behind.
type leaf struct {
	ownGroup, ownSession bool
	twice                bool // forked by a process in between, which ends: its parent is whoever adopts orphans
	clear                bool // without environment
	stdout               bool // holds the standard output
	ignores              bool // ignores the signals that ask it to end
	stops                bool // stops itself
	forks                bool // starts others all the time, and faster once it is asked to end
	foreign              bool // is a program that knows nothing of this
}

var ways = map[string]leaf{
	"plain":      {},
	"group":      {ownGroup: true},
	"session":    {ownSession: true},
	"daemon":     {ownSession: true, twice: true},
	"ignores":    {ignores: true},
	"stdout":     {stdout: true},
	"forks":      {forks: true},
	"foreign":    {foreign: true},
	"clear":      {clear: true, ownSession: true},
	"stopped":    {stops: true},
	"everything": {ownSession: true, twice: true, clear: true, ignores: true},
}

// lifetime is when a process that is left behind ends, if no test has found it, in seconds.
const lifetime = "300"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "leaker:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 4 && args[0] == "between":
		return start(args[1], inherited(args[2]), args[3])
	case len(args) == 4 && args[0] == "leaf":
		return be(ways[args[1]], inherited(args[2]), args[3])
	case len(args) == 2:
		return lead(args[0], args[1])
	default:
		return errors.New("usage: leaker WAY DIRECTORY")
	}
}

// lead is what the supervised process does.
func lead(way, directory string) error {
	leaf, found := ways[way]
	if !found {
		return fmt.Errorf("no way is called %q", way)
	}
	hold, ready, err := live(directory)
	if err != nil {
		return err
	}
	if err := os.Setenv("LEAKER", hold.Name()); err != nil {
		return err
	}
	switch {
	case leaf.foreign:
		if err := command(hold, "sleep", lifetime).Start(); err != nil {
			return err
		}
		err = create(ready)
	case leaf.twice:
		between := command(hold, os.Args[0], "between", way, hold.Name(), ready)
		between.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		err = between.Run()
	default:
		err = start(way, hold, ready)
	}
	if err != nil {
		return err
	}
	return linger(hold)
}

// live begins the next life in a directory: it opens and locks the file that all processes of this life hold.
func live(directory string) (hold *os.File, ready string, err error) {
	for n := 1; ; n++ {
		name := filepath.Join(directory, fmt.Sprint("run-", n))
		fd, err := syscall.Open(name, syscall.O_CREAT|syscall.O_EXCL|syscall.O_RDWR, 0o600) // what is executed inherits it
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		return os.NewFile(uintptr(fd), name), filepath.Join(directory, fmt.Sprint("ready-", n)), syscall.Flock(fd, syscall.LOCK_EX)
	}
}

// inherited is the file that all processes of a life hold, in those that have not opened it.
func inherited(name string) *os.File { return os.NewFile(3, name) }

// command is a command that holds the file, too.
func command(hold *os.File, name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.ExtraFiles = []*os.File{hold}
	return c
}

// start starts the process that is left behind.
func start(way string, hold *os.File, ready string) error {
	leaf := ways[way]
	c := command(hold, os.Args[0], "leaf", way, hold.Name(), ready)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: leaf.ownGroup, Setsid: leaf.ownSession}
	if leaf.clear {
		c.Env = []string{}
	}
	if leaf.stdout {
		c.Stdout = os.Stdout
	}
	if err := c.Start(); err != nil {
		return err
	}
	if leaf.twice {
		return nil
	}
	return await(ready)
}

// await waits until a file exists.
func await(path string) error {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if _, err := os.Stat(path); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%s has not appeared", path)
}

// be is what the process that is left behind does.
func be(leaf leaf, hold *os.File, ready string) error {
	if leaf.ignores {
		signal.Ignore(syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT) // and so does what is executed in its place
	}
	if leaf.forks {
		return fork(hold, ready)
	}
	if err := create(ready); err != nil {
		return err
	}
	if leaf.stops {
		if err := syscall.Kill(os.Getpid(), syscall.SIGSTOP); err != nil {
			return err
		}
	}
	return linger(hold)
}

// fork starts processes that ignore what asks them to end, slowly at first, and fast from when this one is asked to. It stops at
// a number that the machine can bear.
func fork(hold *os.File, ready string) error {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT)
	const most, slow, fast = 60, time.Second, 5 * time.Millisecond
	pace := time.NewTicker(slow)
	for n := range most {
		c := command(hold, "sh", "-c", "trap '' TERM HUP INT; exec sleep "+lifetime)
		if err := c.Start(); err != nil {
			return err
		}
		if n == 0 {
			if err := create(ready); err != nil {
				return err
			}
		}
		select {
		case <-asked:
			pace.Reset(fast)
		case <-pace.C:
		}
	}
	return linger(hold)
}

// linger waits to be ended, as a program that costs less than this one, and has its arguments and open files.
func linger(hold *os.File) error {
	err := syscall.Exec("/bin/sleep", []string{strings.Join(os.Args, " "), lifetime}, os.Environ())
	runtime.KeepAlive(hold)
	return err
}

func create(path string) error {
	file, err := os.Create(path)
	return errors.Join(err, file.Close())
}
