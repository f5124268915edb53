//go:build unix

package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// helpers are the programs that the test binary can be. Each gets its arguments and returns its exit code. What is to say when it
// can be looked at says it by a line.
func helpers() map[string]func(args []string) int {
	return map[string]func([]string) int{
		"exit": func(args []string) int { // says its other arguments on standard error, and ends with a code
			for _, text := range args[1:] {
				fmt.Fprintln(os.Stderr, text)
			}
			code, _ := strconv.Atoi(args[0])
			return code
		},
		"serve": func([]string) int { // runs until SIGTERM, and then ends well
			terminated := caught(syscall.SIGTERM)
			fmt.Println("serving")
			<-terminated
			fmt.Println("bye")
			return 0
		},
		"stubborn": func([]string) int { // ignores SIGTERM
			signal.Ignore(syscall.SIGTERM)
			fmt.Println("ignoring")
			forever()
			return 0
		},
		"parent": func(args []string) int { // starts another helper, waits until that has said something, and does what the first argument says
			child := exec.Command(os.Args[0], args[2:]...)
			child.Env = append(os.Environ(), helperVariable+"="+args[1])
			said, _ := child.StdoutPipe()
			child.Stderr = os.Stderr
			terminated := caught(syscall.SIGTERM)
			if err := child.Start(); err != nil {
				return 1
			}
			_, _ = said.Read(make([]byte, 100))
			fmt.Println("child", child.Process.Pid)
			switch args[0] {
			case "ends":
			case "stops":
				<-terminated
			}
			return 0
		},
		"env": func([]string) int {
			fmt.Println(strings.Join(os.Environ(), "\n"))
			return 0
		},
		"where": func([]string) int {
			dir, _ := os.Getwd()
			fmt.Println(dir)
			return 0
		},
		"cat": func([]string) int {
			_, err := io.Copy(os.Stdout, os.Stdin)
			if err != nil {
				return 1
			}
			return 0
		},
		"long": func(args []string) int { // prints a line of so many bytes, and another
			n, _ := strconv.Atoi(args[0])
			_, _ = os.Stdout.WriteString(strings.Repeat("x", n) + "\nafter\n")
			return 0
		},
		"count": func(args []string) int { // prints numbers, on both streams at once
			n, _ := strconv.Atoi(args[0])
			var both sync.WaitGroup
			for _, to := range []*os.File{os.Stdout, os.Stderr} {
				both.Go(func() {
					for i := range n {
						_, _ = fmt.Fprintln(to, "number", i)
					}
				})
			}
			both.Wait()
			return 0
		},
		"listen": func(args []string) int { // holds an address
			listener, err := net.Listen("tcp", args[0])
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				return 1
			}
			terminated := caught(syscall.SIGTERM)
			fmt.Println("listening on", listener.Addr())
			<-terminated
			return 0
		},
		"zombie": func([]string) int { // has a child that has ended, and does not wait for it
			child := exec.Command("/bin/true")
			ended, _ := child.StdoutPipe()
			terminated := caught(syscall.SIGTERM)
			if child.Start() != nil {
				return 1
			}
			_, _ = ended.Read(make([]byte, 1))
			fmt.Println("child", child.Process.Pid)
			<-terminated
			return 0
		},
		"reload": func([]string) int { // counts SIGHUPs, as does its child
			signals := caught(syscall.SIGHUP, syscall.SIGTERM)
			fmt.Println("up")
			for <-signals != syscall.SIGTERM {
				fmt.Println("reloaded")
			}
			return 0
		},
		"detached": func(args []string) int { // starts another helper in a session of its own, and ends
			child := exec.Command(os.Args[0], args[1:]...)
			child.Env = append(os.Environ(), helperVariable+"="+args[0])
			child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			if child.Start() != nil {
				return 1
			}
			fmt.Println("detached", child.Process.Pid)
			return 0
		},
		"orphan": func([]string) int { // says that it is ready when it has lost its parent
			terminated := caught(syscall.SIGTERM)
			for parent := os.Getppid(); os.Getppid() == parent && parent > 1; {
				time.Sleep(time.Millisecond)
			}
			if err := sendNotice(os.Getenv("NOTIFY_SOCKET"), "READY=1"); err != nil {
				return 1
			}
			<-terminated
			return 0
		},
		"life":   lifeHelper,
		"notify": notifyHelper,
		"tty":    ttyHelper,
		"crash": func([]string) int {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			forever()
			return 0
		},
	}
}

// notifyHelper sends its arguments by the notify protocol, one each time it gets SIGUSR1, and then runs on.
func notifyHelper(messages []string) int {
	signals := caught(syscall.SIGUSR1, syscall.SIGTERM)
	fmt.Println("socket", os.Getenv("NOTIFY_SOCKET"))
	fmt.Println("watchdog", os.Getenv("WATCHDOG_USEC"))
	for _, message := range messages {
		if <-signals == syscall.SIGTERM {
			return 0
		}
		if err := sendNotice(os.Getenv("NOTIFY_SOCKET"), message); err != nil {
			fmt.Println(err)
			return 1
		}
		fmt.Println("sent", message)
	}
	for <-signals != syscall.SIGTERM {
	}
	return 0
}

// sendNotice sends a message of the notify protocol. One that is BARRIER=1 goes with a file, and is waited for.
func sendNotice(socket, message string) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(fd) }()
	to := &unix.SockaddrUnix{Name: socket}
	if message != "BARRIER=1" {
		return unix.Sendmsg(fd, []byte(message), nil, to, 0)
	}
	here, theirs, err := os.Pipe()
	if err != nil {
		return err
	}
	defer func() { _ = here.Close() }()
	err = unix.Sendmsg(fd, []byte(message), unix.UnixRights(int(theirs.Fd())), to, 0)
	_ = theirs.Close()
	if err != nil {
		return err
	}
	if _, err = here.Read(make([]byte, 1)); errors.Is(err, io.EOF) {
		return nil
	}
	return fmt.Errorf("the barrier: %w", err)
}

// lifeHelper is a program that supervises a task, with a host of a certain name. It says which process that is.
func lifeHelper(args []string) int {
	quiet := slog.New(slog.DiscardHandler)
	host, err := Open(WithName(args[0]), WithTightness(TightnessGroup), WithLogger(quiet))
	if err != nil {
		return 1
	}
	self, err := os.Executable()
	if err != nil {
		return 1
	}
	serve, err := host.Task(Command{
		Args: []string{self}, Env: []string{helperVariable + "=serve"}, Ready: Prints("serving"),
	})
	if err != nil {
		return 1
	}
	sup, err := supervisor.New(supervisor.WithTask("mail", serve, serve.Options()...))
	if err != nil {
		return 1
	}
	_ = sup.Start(context.Background())
	_ = sup.WaitFor(context.Background(), "mail", supervisor.UntilHealthy)
	fmt.Println("pid", serve.PID())
	forever()
	return 0
}

// ttyHelper says what its terminal is, and echoes lines.
func ttyHelper([]string) int {
	resized := caught(syscall.SIGWINCH)
	size := func() string {
		size, err := unix.IoctlGetWinsize(1, unix.TIOCGWINSZ)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprint(size.Row, "x", size.Col)
	}
	session, err := unix.IoctlGetInt(0, unix.TIOCGPGRP)
	fmt.Println("size", size())
	fmt.Println("foreground", session == syscall.Getpgrp(), err)
	lines := make(chan string)
	go func() {
		for scanner := bufio.NewScanner(os.Stdin); scanner.Scan(); {
			lines <- scanner.Text()
		}
		close(lines)
	}()
	for {
		select {
		case line, ok := <-lines:
			if !ok || line == "quit" {
				return 0
			}
			fmt.Println("typed", line)
		case <-resized:
			fmt.Println("resized", size())
		}
	}
}

// helper returns the command for a helper.
func helper(t *testing.T, name string, args ...string) Command {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	require.Contains(t, helpers(), name)
	return Command{Args: append([]string{self}, args...), Env: []string{helperVariable + "=" + name, "GORACE=atexit_sleep_ms=0"}}
}

func caught(signals ...os.Signal) <-chan os.Signal {
	c := make(chan os.Signal, 16)
	signal.Notify(c, signals...)
	return c
}

func forever() {
	for {
		time.Sleep(time.Hour)
	}
}
