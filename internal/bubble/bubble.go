// Package bubble runs tests on virtual time, each in a testing/synctest bubble, such that a failing test takes no other with
// it. Of itself, a bubble ends the whole binary when its test fails and leaves goroutines behind, when all its goroutines
// wait for each other, and when its test panics; and one in which a goroutine waits for a mutex for ever ends when go test
// gives up, which is after ten minutes. Here the first three fail the test that they happen in, with the stacks of the
// goroutines that are left, and the last ends the binary with all stacks after two minutes.
package bubble

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Patience is how long, in real time, a bubble may take before it is taken to hang. On virtual time tests take seconds.
const Patience = 2 * time.Minute

// Run runs a test in a bubble.
func Run(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	defer Watch(t.Name(), Patience)()
	if err := Try(func() { synctest.Test(t, guarded(test)) }); err != nil {
		t.Error(err)
	}
}

// Pass lets time pass in a bubble, and waits until all that follows has been done.
func Pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// guarded returns the test as one that fails when it panics.
func guarded(test func(t *testing.T)) func(t *testing.T) {
	return func(t *testing.T) {
		t.Helper()
		defer func() {
			if value := recover(); value != nil {
				t.Errorf("the test panicked: %v\n\n%s", value, debug.Stack())
			}
		}()
		test(t)
	}
}

// Try calls a function that opens bubbles. The error says that a bubble could not be left, and what is left in it.
func Try(opens func()) (err error) {
	before := map[string]bool{}
	for _, stack := range bubbled() {
		before[header(stack)] = true
	}
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		var left strings.Builder
		for _, stack := range bubbled() {
			if !before[header(stack)] {
				left.WriteString("\n\n" + stack)
			}
		}
		err = fmt.Errorf("the bubble could not be left: %v%s", value, left.String())
	}()
	opens()
	return nil
}

// Watch ends the process with the stacks of all goroutines if the function that it returns is not called within so long, in
// real time. It must be called outside of bubbles. The text says what hangs then.
func Watch(what string, patience time.Duration) (stop func()) {
	timer := time.AfterFunc(patience, func() {
		debug.SetTraceback("all")
		panic(fmt.Sprintf("%s has not ended within %v: a goroutine that waits for something other than a channel made in the bubble, a timer or a sync.Cond stops virtual time (channels that package variables hold are made outside)", what, patience))
	})
	return func() { timer.Stop() }
}

// bubbled returns the stacks of the goroutines that are in any bubble.
func bubbled() []string {
	var found []string
	for stack := range strings.SplitSeq(string(stacks()), "\n\n") {
		if first, _, _ := strings.Cut(stack, "\n"); strings.Contains(first, "synctest bubble") {
			found = append(found, stack)
		}
	}
	return found
}

// header returns what tells a goroutine from all others: the first two words of its stack.
func header(stack string) string { return strings.Join(strings.Fields(stack)[:2], " ") }

func stacks() []byte {
	for size := 1 << 16; ; size *= 2 {
		buffer := make([]byte, size)
		if n := runtime.Stack(buffer, true); n < size {
			return buffer[:n]
		}
	}
}
