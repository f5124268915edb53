//go:build unix

package process

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// helpers are the programs that the test binary can be. Each gets its arguments and returns its exit code. What is to say when it can be looked at
// says it by a line.
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
		"crash": func([]string) int {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			forever()
			return 0
		},
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
	c := make(chan os.Signal, 1)
	signal.Notify(c, signals...)
	return c
}

func forever() {
	for {
		time.Sleep(time.Hour)
	}
}
