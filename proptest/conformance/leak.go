package conformance

import (
	"bytes"
	"runtime"
	"strings"
)

// goroutines returns the stacks of the goroutines in the caller's bubble, without those that were there before, by
// their headers' first two words. The caller's own is not among them.
func goroutines(before map[string]bool) []string {
	var found []string
	stacks := bytes.Split(allStacks(), []byte("\n\n"))
	bubble := bubbleOf(string(stacks[0]))
	for _, stack := range stacks[1:] {
		text := string(stack)
		if bubbleOf(text) == bubble && !before[goroutineOf(text)] {
			found = append(found, text)
		}
	}
	return found
}

// goroutinesNow returns which goroutines there are in the caller's bubble.
func goroutinesNow() map[string]bool {
	now := make(map[string]bool)
	for _, stack := range goroutines(nil) {
		now[goroutineOf(stack)] = true
	}
	return now
}

// allStacks returns the stacks of all goroutines, the caller's first.
func allStacks() []byte {
	for size := 1 << 16; ; size *= 2 {
		buffer := make([]byte, size)
		if n := runtime.Stack(buffer, true); n < size {
			return buffer[:n]
		}
	}
}

// bubbleOf returns which bubble a goroutine is in, from the header of its stack: goroutine 26 [chan receive (durable),
// synctest bubble 1]:
func bubbleOf(stack string) string {
	header, _, _ := strings.Cut(stack, "\n")
	_, bubble, _ := strings.Cut(header, "synctest bubble ")
	return strings.TrimRight(bubble, "]:")
}

// goroutineOf returns the number of a goroutine, from the header of its stack.
func goroutineOf(stack string) string {
	return strings.Join(strings.Fields(stack)[:2], " ")
}
