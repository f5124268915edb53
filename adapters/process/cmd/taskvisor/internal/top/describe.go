package top

import (
	"strings"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
)

// Describe says of a task what it does, in a word, and why and until when, in the words of the picture.
func Describe(t *control.Task) (word, detail string) {
	l := lookOf(t, &asciiMarks, 0)
	return l.word, strings.TrimSuffix(strings.TrimSuffix(l.detail, startKey), restartKey)
}

// What is said of keys.
const (
	startKey   = "; s starts it"
	restartKey = "; r starts it"
)
