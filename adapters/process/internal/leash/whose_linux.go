package leash

import (
	"net/url"
	"os"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/procfs"
)

// Whose returns the run that a process is part of; ok is false if it is part of none, or does not say so.
func Whose(pid int) (of Run, ok bool) {
	proc, err := procfs.Open()
	if err != nil {
		return Run{}, false
	}
	defer func() { _ = proc.Close() }()
	value, _ := proc.Variable(pid, Variable)
	_, last := hasToken(value, "")
	its, ok := parseLife(last)
	parts := strings.Split(last, "/")
	if !ok || len(parts) != 3 {
		return Run{}, false
	}
	of.Host = its.name
	of.Task, err = url.PathUnescape(parts[1])
	if err != nil {
		return Run{}, false
	}
	of.Ours = its.pid == os.Getpid()
	if own, err := ownNamespace(); err == nil {
		of.Ours = of.Ours && own == its.namespace
		of.Over = life{namespace: own}.over(its, proc)
	}
	return of, true
}
