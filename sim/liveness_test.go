package sim

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// broken runs a simulation that must come to rest, breaks it on the way, and returns the violation.
func broken(t *testing.T, w workload.World, after core.Duration, sabotage func(s *Simulation)) *Violation {
	t.Helper()
	w.For, w.Liveness = time.Minute, true
	s, err := New(w, Unchecked())
	require.NoError(t, err)
	done := false
	for s.Next() {
		if !done && s.Now() >= after {
			sabotage(s)
			done = true
		}
	}
	require.True(t, done)
	return s.Result().Violation
}

func failing(lasts core.Duration) workload.World {
	policy := core.DefaultPolicy()
	policy.MaxAttempts = core.Unlimited
	return workload.World{Tasks: []workload.Tasks{{Name: "a", Policy: policy, Lifetime: workload.Constant(lasts)}}}
}

// Invariant 16: with the faults off, a task that is failed must be started.
func TestALostWakeUpIsAViolationOfLiveness(t *testing.T) {
	v := broken(t, failing(59*time.Second), 59*time.Second, func(s *Simulation) {
		s.phaseEnd = s.now // the first phase ends here, with the task failed
		s.endPhase()
		s.wakes = queue{}
	})
	require.NotNil(t, v)
	require.Equal(t, "liveness", v.Check)
	require.ErrorContains(t, v, "task #1 is still failed")
}

// Invariant 16: every stop must end.
func TestARunThatNeverEndsIsAViolationOfLiveness(t *testing.T) {
	policy := core.DefaultPolicy()
	policy.StopTimeout = core.Forever
	o := workload.World{
		Tasks:     []workload.Tasks{{Name: "a", Policy: policy, IgnoresStop: core.Fraction{Num: 1, Den: 1}}},
		Operators: []workload.Operator{{Does: core.EventKill, At: 30 * time.Second}},
	}
	v := broken(t, o, 30*time.Second, func(s *Simulation) {
		s.phaseEnd = s.now
		s.endPhase()
		s.queue = queue{}
	})
	require.NotNil(t, v)
	require.ErrorContains(t, v, "task #1 is still stopping")
}

func TestASupervisorThatDoesNotHaltIsAViolation(t *testing.T) {
	v := broken(t, failing(50*time.Second), 50*time.Second, func(s *Simulation) {
		s.quiesce()
		s.phase, s.phaseEnd = phaseShutdown, s.now // and no shutdown was ever asked for
	})
	require.NotNil(t, v)
	require.ErrorContains(t, v, "running with 0 tasks stopping and 0 runs left after a shutdown")
}

func TestWakeUpsWithoutEndAreAViolation(t *testing.T) {
	v := broken(t, failing(59*time.Second), 59*time.Second, func(s *Simulation) {
		s.phaseEnd = s.now
		s.endPhase()
		s.maxSteps = s.result.Steps
	})
	require.NotNil(t, v)
	require.ErrorIs(t, v, errEndless)
}

func TestARunBesideALiveOneIsAViolation(t *testing.T) {
	s, err := New(failing(time.Hour))
	require.NoError(t, err)
	require.True(t, s.nodes[0].tasks[0].current != none)
	s.carryOut(0, &core.Action{Kind: core.ActionStart, Task: s.nodes[0].members[0][0], Run: 2})
	require.ErrorIs(t, s.Result().Violation, errOverlap)
}

func TestAStopOfNoRunIsAViolation(t *testing.T) {
	s, err := New(failing(time.Hour))
	require.NoError(t, err)
	s.carryOut(0, &core.Action{Kind: core.ActionStop, Task: s.nodes[0].members[0][0], Run: 9})
	require.ErrorIs(t, s.Result().Violation, errNoRun)
	require.False(t, s.Next())
}

// The bound must cover what the policies allow, and no more than a small multiple of it.
func TestTheBoundFollowsFromThePolicies(t *testing.T) {
	for _, c := range []struct {
		policy core.Policy
		want   core.Duration
	}{
		{core.Policy{BaseDelay: time.Second, Factor: 2, MaxExponent: 5, MaxAttempts: 9, MaxDelay: core.Forever}, 32 * time.Second},
		{core.Policy{BaseDelay: time.Second, Factor: 2, MaxExponent: 5, MaxAttempts: 3, MaxDelay: core.Forever}, 8 * time.Second},
		{core.Policy{BaseDelay: time.Second, Factor: 2, MaxExponent: 5, MaxAttempts: 9, MaxDelay: 5 * time.Second}, 5 * time.Second},
		{core.Policy{BaseDelay: time.Second, Factor: 1, MaxExponent: 1 << 31, MaxAttempts: core.Unlimited, MaxDelay: core.Forever}, time.Second},
		{core.Policy{BaseDelay: time.Second, Factor: 1 << 31, MaxExponent: 9, MaxAttempts: 9, MaxDelay: time.Hour}, time.Hour},
	} {
		require.Equal(t, c.want, spec.Delay(&c.policy, false, c.policy.MaxAttempts))
	}
	require.Equal(t, core.Forever, plus(core.Forever, 1))
}

func TestOptionsErrorsUnwrap(t *testing.T) {
	_, err := New(workload.World{For: -1})
	var field *core.FieldError
	require.ErrorAs(t, err, &field)
	require.Equal(t, "For", field.Field)
	require.False(t, errors.Is(err, errEndless))
}

// A task may wait at the end, but only for one that will not be up.
func TestWaitingIsRestOnlyForWhatWillNotCome(t *testing.T) {
	never := core.DefaultPolicy()
	never.Restart = core.RestartNever
	o := failing(time.Second)
	o.Tasks = []workload.Tasks{
		{Name: "dead", Policy: never, Lifetime: workload.Constant(time.Second)},
		{Name: "alive"},
		{Name: "waits", Needs: "dead", Declares: workload.DeclareBound, Notice: workload.Endless()},
	}
	require.Nil(t, broken(t, o, time.Second, func(*Simulation) {}))

	s, err := New(o)
	require.NoError(t, err)
	for s.Machine().Counts().Created == 0 {
		require.True(t, s.Next())
	}
	m := s.Machine()
	id := func(g int) core.TaskID { return s.nodes[0].members[g][0] }
	require.True(t, s.mayWait(m, &core.TaskStatus{Wait: core.WaitNeed, Need: id(0)}))
	require.True(t, s.mayWait(m, &core.TaskStatus{Wait: core.WaitNeed, Need: id(2)}))
	require.False(t, s.mayWait(m, &core.TaskStatus{Wait: core.WaitNeed, Need: id(1)}))
	require.False(t, s.mayWait(m, &core.TaskStatus{Wait: core.WaitTurn}))
	require.False(t, s.mayWait(m, &core.TaskStatus{Wait: core.WaitSuspended}))
}
