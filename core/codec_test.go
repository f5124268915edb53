package core

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// A digest guards snapshots against accidents. Behind it, every flip of a bit that leaves a machine that passes Check
// must leave one that works: it takes all events without a panic and stays sound.
func TestWhatPassesCheckWorks(t *testing.T) {
	accepted := 0
	for _, m := range []*Machine{busy(t), busyHalting(t), busyInCadence(t), grouped(t)} {
		snapshot, err := m.MarshalBinary()
		require.NoError(t, err)
		random := rand.New(rand.NewPCG(1, 1))
		for i := len(snapshotMagic); i < len(snapshot)-8; i++ {
			for bit := range 8 {
				flipped := append([]byte(nil), snapshot...)
				flipped[i] ^= 1 << bit
				if !sign(flipped) {
					continue
				}
				var restored Machine
				if restored.UnmarshalBinary(flipped) != nil {
					continue
				}
				accepted++
				require.NoError(t, restored.Check())
				if !testing.Short() || accepted%8 == 0 {
					exercise(t, &restored)
				}
				wander(t, random, &restored)
			}
		}
	}
	require.Greater(t, accepted, 1000)
}

// sign gives a snapshot the digest that goes with it. It returns false if there is no machine in it at all.
func sign(snapshot []byte) bool {
	m, problem := read(snapshot[len(snapshotMagic) : len(snapshot)-8])
	if problem != "" {
		return false
	}
	digest := m.Digest()
	for i := range 8 {
		snapshot[len(snapshot)-8+i] = byte(digest >> (8 * i))
	}
	return true
}

// exercise gives copies of the machine every kind of event about each of its tasks: what shows at the first step is
// found without luck.
func exercise(t *testing.T, m *Machine) {
	t.Helper()
	var copied Machine
	var actions []Action
	for kind := range eventKinds {
		for slot := range m.tasks {
			task := &m.tasks[slot]
			copied.CopyFrom(m)
			actions = copied.Step(actions[:0], Event{
				Kind: kind, At: m.now, Task: task.id, Run: task.run, Other: m.tasks[slot/2].id, Exit: ExitError, Bound: true,
			})
			if err := copied.Check(); err != nil {
				require.NoError(t, err, "after %v of %v", kind, task.id)
			}
		}
	}
}

// wander gives the machine random events about its tasks.
func wander(t *testing.T, random *rand.Rand, m *Machine) {
	t.Helper()
	for range 30 {
		event := Event{
			Kind: EventKind(random.IntN(int(eventKinds))), Exit: ExitOK + ExitKind(random.IntN(6)),
			At: m.now.plus(random.Uint64N(50)), Within: Duration(random.IntN(50)), Bound: random.IntN(2) == 0,
			Policy: PolicyID(random.IntN(m.policies.Len())), Limits: LimitsID(random.IntN(m.limits.Len())),
		}
		if slot := random.IntN(len(m.tasks) + 1); slot < len(m.tasks) {
			event.Task, event.Run = m.tasks[slot].id, m.tasks[slot].run
			event.Other = m.tasks[random.IntN(slot+1)].id
			if m.fenced.at(uint32(slot)) != 0 && random.IntN(2) == 0 {
				event.Run = m.fenced.at(uint32(slot))
			}
		}
		m.Step(nil, event)
		require.NoError(t, m.Check())
	}
}

// busyHalting returns a machine that stops its tasks one by one.
func busyHalting(t *testing.T) *Machine {
	t.Helper()
	m := busy(t)
	m.config.StopOrder = StopReverse
	limitBy(m, func(l *Limits) { l.ShutdownTimeout = 1000 })
	m.Step(nil, Event{Kind: EventShutdown})
	require.Equal(t, PhaseHalting, m.phase)
	require.NoError(t, m.Check())
	return m
}

// busyInCadence returns a machine that waits for a health check.
func busyInCadence(t *testing.T) *Machine {
	t.Helper()
	m := busy(t)
	m.config.HealthCheckInterval = 1000
	m.Step(nil, Event{Kind: EventAdd})
	limitBy(m, func(l *Limits) { l.DeadThreshold = Fraction{0, 1} })
	m.Step(nil, Event{Kind: EventTick, At: 6})
	require.Equal(t, Instant(1001), m.checkAt)
	require.NoError(t, m.Check())
	return m
}
