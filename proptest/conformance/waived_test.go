package conformance

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// plain is a runtime that has nothing that a runtime need not have.
type plain struct {
	*crooked
	t *testing.T
}

func (p *plain) Add(name string, task Task) error {
	require.Nil(p.t, task.Probe)
	require.Nil(p.t, task.Make)
	require.Nil(p.t, task.Nested)
	require.Nil(p.t, task.Nest)
	require.Empty(p.t, task.Needs)
	require.False(p.t, task.Suspended)
	require.False(p.t, task.Held)
	require.False(p.t, task.Policy.Readiness || task.Policy.Watchdog > 0 || task.Policy.Probe != core.Probe{})
	return p.crooked.Add(name, task)
}

func (p *plain) RemoveWait(string) error { return p.called() }

func (p *plain) KillWait(string) error { return p.called() }

func (p *plain) Suspend(string) error { return p.called() }

func (p *plain) Resume(string) error { return p.called() }

func (p *plain) Hold(string) error { return p.called() }

func (p *plain) Release(string) error { return p.called() }

func (p *plain) SetPolicy(string, core.Policy) error { return p.called() }

func (p *plain) SetLimits(core.Limits) error { return p.called() }

func (p *plain) Ready(context.Context) { _ = p.called() }

func (p *plain) NotReady(context.Context) { _ = p.called() }

func (p *plain) Beat(context.Context, core.Duration) { _ = p.called() }

func (p *plain) Done(error) error { return p.called() }

func (p *plain) Lost(error) error { return p.called() }

func (p *plain) After(error, core.Duration) error { return p.called() }

func (p *plain) Fatal(error) error { return p.called() }

func (p *plain) Culprit(error) (string, core.Run) { return "", core.Run(len(p.called().Error())) }

// called is called by what must not be.
func (p *plain) called() error {
	p.t.Error("a method was called that belongs to a waived duty")
	return errCrookedClosed
}

func TestWaivedDutiesAreNotTried(t *testing.T) {
	waived := Optional()
	suite := &Suite{
		Open: func(env Env) (Runtime, error) {
			require.Empty(t, env.Observers)
			c, err := openCrooked(honest, env)
			return &plain{c, t}, err
		},
		Stress: 2, Waived: waived,
	}
	found := suite.examine(t, VirtualClock)
	require.Empty(t, found.broken)
	require.Empty(t, found.guilty)
	for _, duty := range Duties() {
		if !slices.Contains(waived, duty) {
			require.True(t, found.of(duty).kept(), "%s: %s", duty, found.of(duty))
		}
	}
	require.Equal(t, "not checked, and these scenarios were not played: watchdog; promises", untried(DutyBeats))
	require.Equal(t, "not checked", untried(DutyCulprits))
}

func TestUnsupportedMethodsSayWhichDutyIsToBeWaived(t *testing.T) {
	var u Unsupported
	for duty, call := range map[Duty]func(){
		DutySuspensions: func() { _ = u.Suspend("") },
		DutyHolds:       func() { _ = u.Hold("") },
		DutyChanges:     func() { _ = u.SetLimits(core.Limits{}) },
		DutyReady:       func() { u.Ready(t.Context()) },
		DutyBeats:       func() { u.Beat(t.Context(), 0) },
		DutyUnready:     func() { u.NotReady(t.Context()) },
		DutyDelays:      func() { _ = u.After(nil, 0) },
		DutyLosses:      func() { _ = u.Lost(nil) },
		DutyWaits:       func() { _ = u.RemoveWait("") },
		DutyVerdicts:    func() { _ = u.Done(nil) },
		DutyCulprits:    func() { _, _ = u.Culprit(nil) },
	} {
		require.PanicsWithValue(t, "conformance: the runtime does not support what belongs to the duty "+string(duty)+", which is to be in Suite.Waived", call)
	}
}
