//go:build system

package acceptance_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
)

// module is the path of the root module.
const module = "github.com/tasksupervisor/tasksupervisor"

// The paths of the programs that the tests run.
var leaker, taskvisor, tasksim string

func TestMain(m *testing.M) { os.Exit(test(m)) }

// test builds the programs that the tests run, and runs the tests.
func test(m *testing.M) int {
	directory, err := os.MkdirTemp("", "acceptance")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(directory)
	for _, program := range []struct {
		path     *string
		name, of string
	}{{&leaker, "leaker", "./leaker"}, {&taskvisor, "taskvisor", ".."}, {&tasksim, "tasksim", module + "/sim/cmd/tasksim"}} {
		*program.path = filepath.Join(directory, program.name)
		build := exec.Command("go", "build", "-o", *program.path, program.of)
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, program.of, err)
			return 1
		}
	}
	flag.Parse()
	if err := flag.Set("test.parallel", "3"); err != nil { // tests wait for programs most of the time
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	watchMachine()
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // or below nohup all that is started here would ignore it
	return m.Run()
}
