package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
)

// hostName returns the name by which a later life of the taskvisor that runs a file finds what this one has left.
func hostName(path string) string {
	sum := sha256.Sum256([]byte(path))
	base := strings.Map(func(r rune) rune {
		if strings.ContainsRune("/,@=", r) || r < ' ' {
			return '_'
		}
		return r
	}, filepath.Base(path))
	return base + "-" + hex.EncodeToString(sum[:4])
}

// codeOf returns the exit code that a task's error means: what a shell would say of the command.
func codeOf(err error) (code int, has bool) {
	const signalled, notFound, notExecutable = 128, 127, 126
	var exit *process.ExitError
	var killed *process.KilledError
	var start *process.StartError
	switch {
	case errors.As(err, &exit) && exit.Signal != 0:
		return signalled + int(exit.Signal), true
	case errors.As(err, &exit):
		return exit.Code, true
	case errors.As(err, &killed):
		return signalled + int(syscall.SIGKILL), true
	case errors.As(err, &start) && errors.Is(err, fs.ErrNotExist):
		return notFound, true
	case errors.As(err, &start):
		return notExecutable, true
	}
	return 0, false
}

// shortened returns a path from here, or from the home folder, if that is shorter.
func shortened(path string) string {
	best := path
	if here, err := os.Getwd(); err == nil {
		if local, err := filepath.Rel(here, path); err == nil && filepath.IsLocal(local) && len(local) < len(best) {
			best = local
		}
	}
	return best
}
