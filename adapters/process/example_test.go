//go:build linux

package process_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// A command is a task like any other: it is started, restarted and stopped by a supervisor.
func ExampleTask() {
	host, err := process.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = host.Close() }()
	mailer, err := host.Task(process.Command{
		Shell: `echo "I serve"; exec sleep 60`,
		Ready: process.Prints("^I serve$"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	sup, err := supervisor.New(supervisor.WithTask("mailer", mailer, mailer.Options()...))
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = sup.Start(context.Background())
	_ = sup.WaitFor(context.Background(), "mailer", supervisor.UntilHealthy)
	fmt.Println("runs:", mailer.PID() > 0)
	_ = sup.Shutdown(context.Background())
	fmt.Println("runs:", mailer.PID() > 0)
	for _, line := range mailer.Tail(10) {
		fmt.Println(line.Text)
	}
	// Output:
	// runs: true
	// runs: false
	// I serve
}

// run runs a command to its end, without a supervisor.
func run(c process.Command) error {
	host, err := process.Open()
	if err != nil {
		return err
	}
	defer func() { _ = host.Close() }()
	task, err := host.Task(c)
	if err != nil {
		return err
	}
	return task.Run(context.Background())
}

// Exit codes can be given a meaning.
func ExampleCommand() {
	for _, code := range []string{"0", "3", "4"} {
		err := run(process.Command{
			Args:    []string{"sh", "-c", "exit " + code},
			Success: []int{3},
			Done:    []int{4}, // which ends the task, also one that is always restarted
		})
		fmt.Println(code, err, errors.As(err, new(*supervisor.DoneError)))
	}
	// Output:
	// 0 <nil> false
	// 3 <nil> false
	// 4 done: exit code 4 true
}

// A command that cannot be is refused when its task is made, with the name of the field.
func ExampleCommandError() {
	err := run(process.Command{Args: []string{"redis-server"}, Env: []string{"HOME"}})
	var wrong *process.CommandError
	fmt.Println(errors.As(err, &wrong), wrong.Field)
	fmt.Println(err)
	// Output:
	// true Env
	// command: Env has "HOME", which is not NAME=value
}

// How a command ended that failed is in an error, with the last lines that it printed.
func ExampleExitError() {
	err := run(process.Command{Shell: "echo reading; echo 'no such table: users' >&2; exit 3"})
	var exit *process.ExitError
	fmt.Println(errors.As(err, &exit), exit.Code)
	fmt.Println(err)
	err = run(process.Command{Shell: "kill -SEGV $$"})
	fmt.Println(errors.As(err, &exit), exit.Signal == syscall.SIGSEGV)
	// Output:
	// true 3
	// exit code 3: no such table: users
	// true true
}

// A command that cannot be started says why.
func ExampleStartError() {
	err := run(process.Command{Args: []string{"reddis-server"}, Env: []string{"PATH=/usr/bin:/bin"}})
	var failed *process.StartError
	fmt.Println(errors.As(err, &failed), errors.Is(err, os.ErrNotExist))
	fmt.Println(failed.Reason)
	// Output:
	// true true
	// there is no program reddis-server in /usr/bin:/bin
}

// What ignores the stop signal gets SIGKILL when its time is over, and that is reported.
func ExampleKilledError() {
	host, err := process.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = host.Close() }()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	task, err := host.Task(process.Command{
		Shell:       "trap '' TERM; echo ignoring; while :; do sleep 0.1; done",
		StopTimeout: 200 * time.Millisecond,
		Output:      process.Output{Lines: func(process.Line) { cancel() }},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = task.Run(ctx)
	var killed *process.KilledError
	fmt.Println(errors.As(err, &killed), killed.Leader, killed.Signal == syscall.SIGTERM)
	// Output: true true true
}

// There are checks that ask and checks that are told.
func ExampleCheck() {
	for _, check := range []process.Check{
		process.Port("localhost:6379"), process.HTTP("http://localhost:8080/healthz"), process.File("run/ready"),
		process.Exec("redis-cli", "ping"), process.Prints("^listening on"), process.Notified(),
	} {
		fmt.Println(check)
	}
	// Output:
	// port localhost:6379
	// http http://localhost:8080/healthz
	// file run/ready
	// command redis-cli ping
	// line ^listening on
	// notify
}

// An HTTP check can have a method, a header, the statuses that are well, and a TLS configuration.
func ExampleHTTPCheck() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Check") != "" {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	defer server.Close()
	host, err := process.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = host.Close() }()
	task, err := host.Task(process.Command{
		Args:  []string{"sleep", "60"},
		Ready: process.HTTPCheck{URL: server.URL, Header: http.Header{"X-Check": {"1"}}, Status: []int{http.StatusTeapot}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	sup, err := supervisor.New(supervisor.WithTask("pot", task, task.Options()...))
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = sup.Start(context.Background())
	fmt.Println(sup.WaitFor(context.Background(), "pot", supervisor.UntilHealthy))
	_ = sup.Shutdown(context.Background())
	// Output: <nil>
}

// Lines are given to a function, one at a time, and never block the command unless asked to.
func ExampleOutput() {
	err := run(process.Command{
		Shell:  "echo one; echo two; printf three",
		Output: process.Output{Lines: func(l process.Line) { fmt.Println(l.Stream, l.Text) }},
	})
	fmt.Println(err)
	// Output:
	// stdout one
	// stdout two
	// stdout three
	// <nil>
}

// A line that is very long comes in pieces.
func ExampleLine() {
	err := run(process.Command{
		Shell: "printf '%020d\\n' 7",
		Output: process.Output{MaxLine: 16, Lines: func(l process.Line) {
			fmt.Printf("%q cut: %t, continues: %t\n", l.Text, l.Cut, l.Continues)
		}},
	})
	fmt.Println(err)
	// Output:
	// "0000000000000000" cut: true, continues: false
	// "0007" cut: false, continues: true
	// <nil>
}

// Lines say where they are from.
func ExampleStream() {
	err := run(process.Command{
		Shell:  "echo broken >&2",
		Output: process.Output{Lines: func(l process.Line) { fmt.Println(l.Stream == process.Stderr, l.Stream) }},
	})
	fmt.Println(err)
	// Output:
	// true stderr
	// <nil>
}

// What a task has printed is counted.
func ExampleCounts() {
	host, err := process.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = host.Close() }()
	task, err := host.Task(process.Command{Shell: "echo one; echo two"})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = task.Run(context.Background())
	counts := task.Info().Counts
	fmt.Println(counts.Lines, "lines,", counts.Bytes, "bytes,", counts.DroppedLines, "dropped")
	// Output: 2 lines, 8 bytes, 0 dropped
}

// Info says what a task does now.
func ExampleInfo() {
	host, err := process.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = host.Close() }()
	task, err := host.Task(process.Command{Args: []string{"true"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	info := task.Info()
	fmt.Println(info.PID, info.Since.IsZero())
	// Output: 0 true
}

// A terminal can be looked at, and typed into.
func ExampleAttachment() {
	host, err := process.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = host.Close() }()
	asks := make(chan bool, 1)
	task, err := host.Task(process.Command{
		Shell: "echo 'Who is there?'; read name; echo \"Hello, $name\"", TTY: true,
		Output: process.Output{Lines: func(line process.Line) {
			if line.Text == "Who is there?" {
				asks <- true
			}
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	screen := new(bytes.Buffer) // it is written to by one goroutine, until the attachment is closed
	attached := task.Attach(screen)
	ended := make(chan error)
	go func() { ended <- task.Run(context.Background()) }()
	<-asks
	if _, err := attached.Write([]byte("Ada\n")); err != nil {
		fmt.Println(err)
	}
	fmt.Println(<-ended)
	_ = attached.Close()
	for _, line := range task.Tail(10) {
		if strings.HasPrefix(line.Text, "Hello") {
			fmt.Println(line.Text)
		}
	}
	// Output:
	// <nil>
	// Hello, Ada
}
