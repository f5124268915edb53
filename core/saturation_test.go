package core

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// runningTask returns a running machine with one healthy task.
func runningTask(t *testing.T, p Policy) (*Machine, *task) {
	t.Helper()
	m, err := New(Config{Policies: []Policy{p}})
	require.NoError(t, err)
	m.Step(nil, Event{Kind: EventStart})
	id := m.Step(nil, Event{Kind: EventAdd})[0].Task
	return m, m.task(id)
}

// Run numbers are never used twice, and have no end that a task can reach: at a run every nanosecond, 2^64 runs are 584
// years. Nothing changes where 32 bits end, restarts, stale ends, abandoned runs and snapshots included.
func TestRunsBeyond32Bits(t *testing.T) {
	p := DefaultPolicy()
	p.MaxAttempts, p.StopTimeout, p.OnAbandon = Unlimited, 0, AbandonReplace
	m, task := runningTask(t, p)
	task.run = 1<<32 - 1
	for run := Run(1<<32 - 1); run < 1<<32+3; run++ {
		actions := m.Step(nil, Event{Kind: EventExit, Task: task.id, Run: run, Exit: ExitError, At: m.now})
		require.Equal(t, ReasonFailure, actions[0].Why)
		require.Equal(t, run, actions[0].Run)
		actions = m.Step(nil, Event{Kind: EventTick, At: actions[0].Until})
		require.Equal(t, ActionStart, actions[0].Kind)
		require.Equal(t, run+1, actions[0].Run)
		actions = m.Step(nil, Event{Kind: EventExit, Task: task.id, Run: run + 1 - 1<<32, Exit: ExitError, At: m.now})
		require.Equal(t, RefusalStaleRun, actions[0].Refusal)
		require.NoError(t, m.Check())
	}
	fenced := task.run
	actions := m.Step(nil, Event{Kind: EventRestart, Task: task.id, At: m.now})
	require.Equal(t, ActionStart, actions[len(actions)-1].Kind)

	data, err := m.MarshalBinary()
	require.NoError(t, err)
	var restored Machine
	require.NoError(t, restored.UnmarshalBinary(data))
	status, _ := restored.Status(task.id)
	require.Equal(t, fenced, status.Fenced)
	require.Equal(t, fenced+1, status.Run)
	actions = restored.Step(nil, Event{Kind: EventExit, Task: task.id, Run: fenced, Exit: ExitError, At: m.now})
	require.Equal(t, ReasonLateExit, actions[0].Why)
	require.Equal(t, fenced, actions[0].Run)
}

// Task ids are never used twice: after the last generation no task can be added. At ten thousand tasks added every second,
// that is after three and a half years.
func TestGenerationsEnd(t *testing.T) {
	m, first := runningTask(t, DefaultPolicy())
	id := first.id
	m.generation = generationsMax - 1
	actions := m.Step(nil, Event{Kind: EventAdd})
	require.Equal(t, uint64(generationsMax), actions[0].Task.Generation())
	require.Greater(t, actions[0].Task, id)
	require.NoError(t, m.Check())

	digest := m.Digest()
	actions = m.Step(nil, Event{Kind: EventAdd})
	require.Len(t, actions, 1)
	require.Equal(t, RefusalTooManyTasks, actions[0].Refusal)
	require.Equal(t, digest, m.Digest())
}

// Attempts stay at the largest number, which is Unlimited and no limit.
func TestAttemptsSaturate(t *testing.T) {
	p := DefaultPolicy()
	p.MaxAttempts, p.StableAfter = Unlimited, Forever
	m, task := runningTask(t, p)
	task.attempts = ^uint32(0) - 1
	for range 3 {
		actions := m.Step(nil, Event{Kind: EventExit, Task: task.id, Run: task.run, Exit: ExitError, At: m.now})
		require.Equal(t, ^uint32(0), actions[0].Attempts)
		require.Equal(t, ReasonFailure, actions[0].Why)
		require.Equal(t, m.now.after(32*second), actions[0].Until)
		m.Step(nil, Event{Kind: EventTick, At: actions[0].Until})
	}
}

// The largest limit that is one: a task with this many attempts has none left.
func TestLargestMaxAttempts(t *testing.T) {
	p := DefaultPolicy()
	p.MaxAttempts, p.StableAfter = Unlimited-1, Forever
	m, task := runningTask(t, p)
	task.attempts = Unlimited - 2
	m.Step(nil, Event{Kind: EventExit, Task: task.id, Run: 1, Exit: ExitError})
	require.Equal(t, StatusFailed, task.status)
	m.Step(nil, Event{Kind: EventTick, At: Instant(33 * second)})
	m.Step(nil, Event{Kind: EventExit, Task: task.id, Run: 2, Exit: ExitError})
	require.Equal(t, StatusDead, task.status)
	require.Equal(t, ReasonExhausted, task.why)
}

// Invariant 7 at the largest numbers: 2^24 tasks times 2^32-1 neither overflows nor is rounded.
func TestThresholdDoesNotOverflow(t *testing.T) {
	m, err := New(Config{Limits: Limits{DeadThreshold: Fraction{1<<31 - 1, 1<<32 - 1}}})
	require.NoError(t, err)
	m.tasks = make([]task, MaxTasks)
	m.counts[StatusDead] = MaxTasks/2 - 1
	require.False(t, m.tooManyDead())
	m.counts[StatusDead] = MaxTasks / 2
	require.True(t, m.tooManyDead(), "a half is more than a little less than a half")
	m.config.DeadThreshold = Fraction{1 << 31, 1<<32 - 1}
	require.False(t, m.tooManyDead(), "and not more than a little more")
	m.counts[StatusDead], m.counts[StatusAbandoned] = MaxTasks/4, MaxTasks/4+1
	require.True(t, m.tooManyDead())
}

// A probe can fail as often in a row as the number holds.
func TestMostProbeFailures(t *testing.T) {
	p := DefaultPolicy()
	p.Probe = Probe{Interval: 1, Timeout: Forever, Failures: 255}
	m, task := runningTask(t, p)
	for range 254 {
		actions := m.Step(nil, Event{Kind: EventTick, At: m.now + 1})
		require.Equal(t, ActionProbe, actions[0].Kind)
		actions = m.Step(nil, Event{Kind: EventProbe, Task: task.id, Run: 1, Exit: ExitError, At: m.now})
		require.Equal(t, ReasonProbeFailed, actions[0].Why)
	}
	require.Equal(t, uint8(254), task.misses)
	m.Step(nil, Event{Kind: EventTick, At: m.now + 1})
	actions := m.Step(nil, Event{Kind: EventProbe, Task: task.id, Run: 1, Exit: ExitError, At: m.now})
	require.Equal(t, ReasonWatchdog, actions[0].Why)
}

// Timers that lie beyond the last instant are none.
func TestTimersBeyondTheLastInstant(t *testing.T) {
	p := DefaultPolicy()
	p.Readiness, p.StartTimeout, p.Watchdog, p.StopTimeout = true, Forever-1, Forever-1, Forever-1
	m, task := runningTask(t, p)
	m.Step(nil, Event{Kind: EventReady, Task: task.id, Run: 1, At: 3})
	_, ok := m.NextDeadline()
	require.False(t, ok)
	m.Step(nil, Event{Kind: EventBeat, Task: task.id, Run: 1, Within: Forever - 4, At: 3})
	at, ok := m.NextDeadline()
	require.True(t, ok)
	require.Equal(t, Never-1, at)
	m.Step(nil, Event{Kind: EventRestart, Task: task.id, At: 4})
	_, ok = m.NextDeadline()
	require.False(t, ok)
	m.Step(nil, Event{Kind: EventExit, Task: task.id, Run: 1, Exit: ExitOK, At: 5})
	_, ok = m.NextDeadline()
	require.False(t, ok)
	require.Equal(t, StatusStarting, task.status)
	require.NoError(t, m.Check())
}
