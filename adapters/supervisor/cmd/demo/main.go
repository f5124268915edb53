// Command demo is a small shop under supervision, shown live in the terminal: a tree of supervisors in which one thing
// after the other goes wrong, and is put right. After twenty seconds it is your turn.
//
// In a terminal it is a picture: the tree, what every task does, why, and until when. Keys break things: f fails a task, k kills
// it, s suspends it, the arrow keys choose it, and ? lists the rest. Elsewhere, for instance in a pipe, it prints a line for every
// change, and obeys what is typed, such as "fail stock/counter". Ctrl-C shuts the shop down in order and prints the report, on
// standard error if standard output has no reader any more; a second Ctrl-C ends it at once. It leaves a recording, which
// tasksim replays.
//
// This is also an example to copy from: tree.go is the tree, tasks.go and web.go are the tasks, script.go is what happens to
// them. The rest is what is shown.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	orderly, first := context.WithCancel(context.Background())
	atOnce, second := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	// In `demo | cat`, Ctrl-C kills cat, too. What is printed then must not kill the demo before all has stopped.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	go func() {
		<-signals
		first()
		<-signals
		second()
	}()
	os.Exit(run(orderly, atOnce, os.Args[1:], net.Listen, console{os.Stdin, os.Stdout, os.Stderr, os.Environ()}))
}

// console is what a program is started with.
type console struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string
}

// settings are what a play is made with.
type settings struct {
	calm      bool // nothing goes wrong by itself
	listener  net.Listener
	recording io.Writer
}

// listen is net.Listen, or takes its place where there is no network.
type listen func(network, address string) (net.Listener, error)

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
	exitAtOnce = 128 + int(syscall.SIGINT)
)

// run runs the shop until the first context is cancelled, and then stops it in order; the second ends that.
func run(orderly, atOnce context.Context, args []string, listen listen, c console) (exitCode int) {
	var set settings
	var address, path string
	var length time.Duration
	var plain bool
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(c.stderr)
	flags.StringVar(&address, "listen", "127.0.0.1:0", "the web server's `address`; port 0 takes any free one")
	flags.Func("for", "shut down after this `duration`, such as 30s; 0 runs until Ctrl-C", func(text string) (err error) {
		if length, err = time.ParseDuration(text); err == nil {
			return nil
		}
		if _, bare := time.ParseDuration(text + "s"); bare == nil {
			return fmt.Errorf("the unit is missing: did you mean %ss?", text)
		}
		return errors.New("it is no duration, such as 30s or 5m")
	})
	flags.BoolVar(&set.calm, "calm", false, "let nothing go wrong but what you do")
	flags.BoolVar(&plain, "plain", false, "print lines in a terminal, too")
	flags.StringVar(&path, "recording", "", "leave the recording in this `file`, not in a new one among the temporary files")
	if err := flags.Parse(args); err == flag.ErrHelp {
		return 0
	} else if err != nil {
		return exitUsage
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(c.stderr, "demo takes no arguments, but got %q\n", flags.Args())
		return exitUsage
	}
	if length < 0 {
		fmt.Fprintln(c.stderr, "demo: -for must not be negative")
		return exitUsage
	}

	var err error
	if set.listener, err = listen("tcp", address); err != nil {
		fmt.Fprintln(c.stderr, "demo:", err)
		return exitFailed
	}
	defer func() { _ = set.listener.Close() }()
	recording, err := create(path)
	if err != nil {
		fmt.Fprintln(c.stderr, "demo: the recording:", err)
		return exitFailed
	}
	defer func() { _ = recording.Close() }()
	set.recording = recording
	if length > 0 {
		var cancel context.CancelFunc
		orderly, cancel = context.WithTimeout(orderly, length)
		defer cancel()
	}
	return supervise(orderly, atOnce, set, c, plain)
}

// create makes the file for the recording. A path that was not given is a new one.
func create(path string) (*os.File, error) {
	if path == "" {
		return os.CreateTemp("", "demo-*.recording")
	}
	return os.Create(path)
}

// supervise runs the shop, shows it as the terminal allows, and prints how it ended.
func supervise(orderly, atOnce context.Context, set settings, c console, plain bool) (exitCode int) {
	show := inLines
	if !plain && isTerminal(c) {
		show = inAPicture
	}
	p := newPlay(set, c.stdout)
	err := show(orderly, atOnce, p, c)
	if errors.Is(err, errAtOnce) {
		fmt.Fprintln(c.stderr, "demo: ended at once, without waiting for what was still stopping")
		return exitAtOnce
	}
	var report bytes.Buffer
	p.report(&report)
	if _, lost := c.stdout.Write(report.Bytes()); lost != nil { // no one reads it any more
		_, _ = c.stderr.Write(report.Bytes())
	}
	if err != nil {
		fmt.Fprintln(c.stderr, "demo:", err)
		return exitFailed
	}
	return 0
}

// errAtOnce says that somebody did not want to wait for the end.
var errAtOnce = errors.New("ended at once")
