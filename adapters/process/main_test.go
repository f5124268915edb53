//go:build unix

package process

import (
	"os"
	"os/signal"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

// TestMain runs the tests, or is a program that the tests start.
func TestMain(m *testing.M) {
	if name := os.Getenv(helperVariable); name != "" {
		if program := guardedPrograms()[name]; program != nil { // whose child is the same program
			os.Exit(program(nil))
		}
		os.Exit(helpers()[name](os.Args[1:]))
	}
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // or below nohup all that is started here would ignore it
	goleak.VerifyTestMain(m)
}

// helperVariable names the program that the test binary is to be.
const helperVariable = "PROCESS_TEST_HELPER"
