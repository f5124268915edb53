//go:build linux

package guard

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/leaks"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/leash"
)

func TestMain(m *testing.M) {
	leaks.Main()
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // or each process would take a second to end under the race detector
	if soFar := os.Getenv(depth); soFar != "" {
		again(soFar)
	}
	if len(os.Args) > 4 && os.Args[1] == "cycles" {
		count, err := strconv.Atoi(os.Args[3])
		must(err)
		seed, err := strconv.ParseUint(os.Args[4], 10, 64)
		must(err)
		must(runCycles(os.Args[2], count, seed))
		return
	}
	if len(os.Args) > 4 && os.Args[1] == "supervise" {
		superviseLeak(os.Args[2], leaks.Kind(os.Args[3]), strings.TrimPrefix(os.Args[4], "of-"))
		return
	}
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // or below nohup all that is started here would ignore it
	goleak.VerifyTestMain(m)
}

// superviseLeak is a supervisor with a guard. It does what standard input says, and ends with that.
func superviseLeak(hold string, kind leaks.Kind, mark string) {
	link, err := Start(func(got syscall.Signal) { fmt.Println("passed", int(got)) })
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	go func() {
		<-link.Lost
		fmt.Println("lost")
	}()
	l, err := leash.New(leash.Config{Name: "guard-test", Cgroup: hold == "cgroup"})
	must(err)
	dir, _ := l.Cgroup()
	if dir != "" {
		must(link.Cgroup(dir))
	}
	fmt.Printf("guarded %d %q\n", os.Getpid(), dir)
	var group *leash.Group
	if kind != "none" {
		path, err := os.Executable()
		must(err)
		group, err = l.Start(leash.Spec{
			Task: "leak", Path: path, Args: append([]string{path}, leaks.Args(kind, mark)...), Env: os.Environ(),
			Files: []*os.File{nil, os.Stdout, os.Stderr},
		})
		must(err)
	}
	commands := bufio.NewScanner(os.Stdin)
	for commands.Scan() {
		obey(commands.Text(), group)
	}
	time.Sleep(time.Minute) // the test has ended
}

func obey(command string, group *leash.Group) {
	verb, argument, _ := strings.Cut(command, " ")
	number, _ := strconv.Atoi(argument)
	switch verb {
	case "exit":
		os.Exit(number)
	case "die":
		endBy(syscall.Signal(number))
	case "close":
		must(syscall.Close(number))
	case "env":
		fmt.Println(os.Getenv(argument))
	case "kill":
		must(group.Kill())
		must(group.Empty(context.Background()))
		_, err := group.Reap()
		must(err)
		fmt.Println("empty")
	}
}

// endBy ends this process by a signal.
func endBy(number syscall.Signal) {
	signal.Reset(number)
	die(number)
	time.Sleep(time.Minute)
}

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
