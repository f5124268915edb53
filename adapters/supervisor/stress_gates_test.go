package supervisor_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor/supervisortest"
)

// turnstile is a gate that answers as it likes, and a task that goes through it.
type turnstile struct {
	random  *rand.Rand
	asked   atomic.Int32 // questions that are being answered
	lets    atomic.Bool  // it has let the task through since it was asked last
	starts  atomic.Int32
	unasked atomic.Int32 // starts that it has not let through
	crowded atomic.Int32 // questions asked beside another
	gated   atomic.Bool
}

func (g *turnstile) check(ctx context.Context) error {
	if g.asked.Add(1) > 1 {
		g.crowded.Add(1)
	}
	defer g.asked.Add(-1)
	g.lets.Store(false)
	switch n := g.random.IntN(8); n {
	case 0:
		panic("boom")
	case 1:
		time.Sleep(time.Duration(g.random.IntN(5)) * time.Second) // whatever its context says
	case 2:
		return fmt.Errorf("taken by %d", g.random.IntN(2))
	case 3:
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	if ctx.Err() == nil {
		g.lets.Store(true)
	}
	return nil
}

func (g *turnstile) Run(ctx context.Context) error {
	g.starts.Add(1)
	if g.gated.Load() && !g.lets.Swap(false) {
		g.unasked.Add(1)
	}
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(time.Duration(g.random.IntN(20)) * time.Second):
		return errFailed
	}
}

// Whatever happens to tasks with gates, none starts unasked, and each decision is one that the rules allow.
func TestGatesUnderStress(t *testing.T) {
	for seed := range uint64(24) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 1))
				strategies := []supervisor.Strategy{supervisor.OneForOne, supervisor.OneForAll, supervisor.RestForOne}
				sup := newSupervisor(t, supervisortest.Checked(t), supervisor.WithStrategy(strategies[seed%3]),
					supervisor.WithMaxAttempts(supervisor.Unlimited), supervisor.WithBackoff(supervisor.Backoff{Max: 4 * time.Second}))
				var all []*turnstile
				names := []string{"a", "b", "c", "d"}
				for i, name := range names {
					g := &turnstile{random: rand.New(rand.NewPCG(seed, uint64(i)+2))}
					g.gated.Store(true)
					all = append(all, g)
					options := []supervisor.TaskOption{supervisor.WithGate(g.check, time.Second)}
					if i > 1 {
						options = append(options, supervisor.WithBoundTo(names[i-2]))
					}
					add(t, sup, name, g, options...)
				}
				add(t, sup, "open", supervisor.TaskFunc(untilStopped))
				for range 3 {
					require.NoError(t, sup.Start(context.Background()))
					for range 150 {
						name := names[random.IntN(len(names))]
						switch random.IntN(9) {
						case 0:
							_ = sup.Restart(name)
						case 1:
							_ = sup.Kill(name)
						case 2:
							_ = sup.Suspend(name)
						case 3, 4:
							_ = sup.Resume(name)
						case 5:
							_ = sup.Hold(name, "for a while")
						case 6, 7:
							_ = sup.Release(name)
						case 8:
							_ = sup.Restart(name)
						}
						time.Sleep(time.Duration(random.IntN(3)) * time.Second / 2)
						if random.IntN(4) == 0 {
							synctest.Wait()
						}
					}
					require.NoError(t, sup.Shutdown(context.Background()))
				}
				time.Sleep(time.Minute)
				starts := int32(0)
				for i, g := range all {
					require.Zero(t, g.unasked.Load(), names[i])
					require.Zero(t, g.crowded.Load(), names[i])
					starts += g.starts.Load()
				}
				require.Greater(t, starts, int32(20))
				require.Empty(t, sup.Report().Probes)
			})
		})
	}
}
