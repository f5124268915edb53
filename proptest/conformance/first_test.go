package conformance_test

import (
	"context"
	"testing"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/proptest/conformance"
	"github.com/tasksupervisor/tasksupervisor/proptest/conformance/internal/loop"
)

// The least that can be tried: tasks that are added, removed, restarted and killed, and whose runs start, end and stop.
func TestConformanceOfAFirstVersion(t *testing.T) {
	conformance.Suite{Open: openFirst, Waived: conformance.Optional()}.Run(t)
}

// first is a first version of the loop: what it has no methods for, it does not support.
type first struct {
	conformance.Unsupported
	loop adaptedLoop
}

func openFirst(env conformance.Env) (conformance.Runtime, error) {
	l, err := loop.New(env.Config, env.Clock, env.Recording)
	return first{loop: adaptedLoop{l}}, err
}

func (f first) Start(ctx context.Context) error { return f.loop.Start(ctx) }

func (f first) Add(name string, task conformance.Task) error {
	return f.loop.Loop.Add(name, loop.Task{Policy: task.Policy, Run: loop.Run(task.Body)})
}

func (f first) Remove(name string) error                       { return f.loop.Remove(name) }
func (f first) Restart(name string) error                      { return f.loop.Restart(name) }
func (f first) Kill(name string) error                         { return f.loop.Kill(name) }
func (f first) Status(name string) (conformance.Status, error) { return f.loop.Status(name) }
func (f first) Shutdown()                                      { f.loop.Shutdown() }
func (f first) Wait() error                                    { return f.loop.Wait() }
func (f first) Report() conformance.Report                     { return f.loop.Report() }
func (f first) Close() error                                   { return f.loop.Close() }
func (f first) Refusal(err error) core.Refusal                 { return f.loop.Refusal(err) }
func (f first) Reason(err error) core.Reason                   { return f.loop.Reason(err) }
