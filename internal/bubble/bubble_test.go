package bubble_test

import (
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// inner is set in the process in which tests fail that are to fail.
const inner = "BUBBLE_TEST_INNER"

// failing are tests that fail in the ways in which a bubble would end the binary.
func failing() map[string]func(t *testing.T) {
	return map[string]func(t *testing.T){
		"leaves":  func(t *testing.T) { go forgotten(make(chan int)); t.Fatal("it failed") },
		"waits":   func(*testing.T) { forgotten(make(chan int)) },
		"panics":  func(*testing.T) { panic("it panicked") },
		"cleanup": func(t *testing.T) { t.Cleanup(func() { forgotten(make(chan int)) }); t.FailNow() },
		"sleeps": func(t *testing.T) {
			go func() {
				for {
					time.Sleep(time.Hour)
				}
			}()
			t.FailNow()
		},
	}
}

func forgotten(c chan int) { <-c }

// TestInner is run by the others, in a process of its own.
func TestInner(t *testing.T) {
	if os.Getenv(inner) == "" {
		t.Skip("it is run by other tests")
	}
	if os.Getenv(inner) == "hangs" {
		defer bubble.Watch("the inner test", 50*time.Millisecond)()
		bubble.Run(t, func(*testing.T) {
			var mu sync.Mutex
			mu.Lock()
			mu.Lock()
		})
	}
	for name, test := range failing() {
		t.Run(name, func(t *testing.T) { bubble.Run(t, test) })
	}
	t.Run("last", func(t *testing.T) { bubble.Run(t, func(t *testing.T) { time.Sleep(time.Hour); t.Log("it went well") }) })
}

// runInner runs TestInner, and returns what it prints.
func runInner(t *testing.T, how string) string {
	t.Helper()
	command := exec.Command(os.Args[0], "-test.run=^TestInner$", "-test.v")
	command.Env = append(os.Environ(), inner+"="+how)
	out, err := command.CombinedOutput()
	require.Error(t, err)
	return string(out)
}

func TestAFailingTestTakesNoOtherWithIt(t *testing.T) {
	out := runInner(t, "fails")
	for name := range failing() {
		require.Contains(t, out, "--- FAIL: TestInner/"+name, out)
	}
	require.Contains(t, out, "--- PASS: TestInner/last", out)
	require.Contains(t, out, "it went well")
	require.Contains(t, out, "the test panicked: it panicked")
	require.Contains(t, out, "the bubble could not be left: deadlock")
	require.Contains(t, out, "bubble_test.forgotten(", "the goroutine that is left is shown")
}

func TestAHangEndsWithADump(t *testing.T) {
	out := runInner(t, "hangs")
	require.Contains(t, out, "panic: the inner test has not ended within 50ms", out)
	require.Contains(t, out, "something other than a channel made in the bubble, a timer or a sync.Cond", out)
	require.Contains(t, out, "sync.(*Mutex).Lock", "the goroutine that hangs is shown")
}

func TestATestThatPassesPasses(t *testing.T) {
	began := time.Now()
	bubble.Run(t, func(t *testing.T) {
		time.Sleep(1000 * time.Hour)
		require.NotEqual(t, began, time.Now())
	})
	require.NoError(t, bubble.Try(func() {}))
}
