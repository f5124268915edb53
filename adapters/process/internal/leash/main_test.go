//go:build linux

package leash

import (
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
)

// as has the test binary be another program: the variable says which, with arguments.
const as = "TASKSUPERVISOR_TEST_AS"

func TestMain(m *testing.M) {
	leaks.Main()
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // or each process would take a second to end under the race detector
	if program := strings.Fields(os.Getenv(as)); len(program) > 0 {
		must(os.Unsetenv(as)) // what it starts is something else
		programs()[program[0]](program[1:])
		os.Exit(0)
	}
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // or below nohup all that is started here would ignore it
	goleak.VerifyTestMain(m)
}

// programs are what the test binary can be.
func programs() map[string]func(args []string) {
	return map[string]func(args []string){
		"exit": func(args []string) { os.Exit(atoi(args[0])) },
		"wait": func([]string) {
			say("up")
			forever()
		},
		"deaf": func([]string) { // to SIGTERM
			signal.Ignore(syscall.SIGTERM)
			say("up")
			forever()
		},
		"life":      live,
		"files":     func([]string) { say(inheritable()) },
		"exhausted": exhausted,
		"die":       func(args []string) { _ = syscall.Kill(os.Getpid(), syscall.Signal(atoi(args[0]))); forever() },
	}
}

// forever waits until the process is ended, or the test that it is for has ended: it has forgotten it then.
func forever() {
	time.Sleep(5 * time.Minute)
	os.Exit(3)
}

// say writes a line to standard output, which the test reads.
func say(words ...any) { fmt.Println(words...) }

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func atoi(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return n
}
