package supervisor_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// told keeps what an observer has been told.
type told struct {
	mu    sync.Mutex
	names []string
	seqs  []uint64
}

func (l *told) observe(t supervisor.Transition) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.names, l.seqs = append(l.names, t.Supervisor+"/"+t.Task+" "+t.Why.String()), append(l.seqs, t.Seq)
}

func (l *told) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.names...)
}

// One that comes before the first Run is told all that one given to New is told, but for what was added before.
func TestAnObserverOfASupervisorThatIsMadeIsToldTheRest(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var first, late told
		below := newSupervisor(t, supervisor.WithTask("inner", new(fails), supervisor.WithMaxAttempts(1)))
		sup := newSupervisor(t, supervisor.WithObserver(first.observe), supervisor.WithName("root"))
		stop, err := sup.Observe(late.observe)
		require.NoError(t, err)
		defer stop()
		add(t, sup, "below", below)
		start(t, sup)
		wait(5 * time.Second)
		require.NoError(t, sup.Shutdown(t.Context()))
		require.NoError(t, sup.Drain(t.Context()))
		require.Contains(t, late.all(), "root/below/inner exhausted")
		require.Equal(t, first.all(), late.all())
		require.Equal(t, first.seqs, late.seqs)
		require.Len(t, sup.Report().Observers, 2)
	})
}

// One that comes while the tree runs is told of it all the same, down to the leaves and of what begins later, until it is stopped.
func TestAnObserverCanComeAndGoWhileTheTreeRuns(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var late told
		deep := newSupervisor(t, supervisor.WithTask("leaf", supervisor.TaskFunc(untilStopped)))
		apart := newSupervisor(t, supervisor.WithoutParentObservers(), supervisor.WithTask("hidden", supervisor.TaskFunc(untilStopped)))
		middle := newSupervisor(t, supervisor.WithTask("deep", deep), supervisor.WithTask("apart", apart))
		sup := newSupervisor(t, supervisor.WithName("root"), supervisor.WithTask("middle", middle))
		start(t, sup)
		wait(time.Second)
		require.Empty(t, late.all())

		stop, err := sup.Observe(late.observe)
		require.NoError(t, err)
		require.NoError(t, sup.Restart("middle/deep/leaf"))
		require.NoError(t, sup.Restart("middle/apart/hidden"))
		require.NoError(t, sup.Add("new", newSupervisor(t, supervisor.WithTask("newest", supervisor.TaskFunc(untilStopped)))))
		wait(time.Second)
		require.NoError(t, sup.Drain(t.Context()))
		require.Contains(t, late.all(), "root/middle/deep/leaf restarted")
		require.Contains(t, late.all(), "root/new/newest supervisor-start")
		for _, line := range late.all() {
			require.NotContains(t, line, "hidden")
		}

		stop()
		stop()
		before := len(late.all())
		require.NoError(t, sup.Restart("middle/deep/leaf"))
		require.NoError(t, sup.Drain(t.Context()))
		require.Len(t, late.all(), before)
		require.Empty(t, sup.Report().Observers)
	})
}

// The Run of a root returns when a late observer has been told everything, as with any other.
func TestRunWaitsForLateObservers(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var late told
		sup := newSupervisor(t, supervisor.WithTask("task", supervisor.TaskFunc(untilStopped)))
		start(t, sup)
		for range 3 { // the second and third time it is among those who are waited for
			_, err := sup.Observe(func(e supervisor.Transition) {
				time.Sleep(time.Second)
				late.observe(e)
			})
			require.NoError(t, err)
		}
		require.NoError(t, sup.Shutdown(t.Context()))
		halts := 0
		for _, line := range late.all() {
			if line == "/ shutdown" {
				halts++
			}
		}
		require.Equal(t, 3, halts, late.all())
	})
}

func TestObserveIsRefused(t *testing.T) {
	stop, err := new(supervisor.Supervisor).Observe(func(supervisor.Transition) {})
	require.ErrorIs(t, err, supervisor.ErrNotMade)
	stop()
	stop, err = newSupervisor(t).Observe(nil)
	var bad *supervisor.ConfigError
	require.ErrorAs(t, err, &bad)
	stop()
}

// Supervisors begin while observers come and go.
func TestObserversComeWhileSupervisorsBegin(t *testing.T) {
	sup := newSupervisor(t)
	require.NoError(t, sup.Start(t.Context()))
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for range 50 {
				var seen told
				stop, err := sup.Observe(seen.observe)
				if err != nil {
					panic(err)
				}
				stop()
			}
		})
	}
	for range 20 {
		add(t, sup, "nested", newSupervisor(t, supervisor.WithTask("task", supervisor.TaskFunc(untilStopped))))
		require.NoError(t, sup.RemoveWait(t.Context(), "nested"))
	}
	work.Wait()
	require.NoError(t, sup.Shutdown(t.Context()))
	require.Empty(t, sup.Report().Observers)
}

func TestNeedsAreToldBothWays(t *testing.T) {
	task := supervisor.TaskFunc(untilStopped)
	below := newSupervisor(t, supervisor.WithTask("db", task), supervisor.WithTask("cache", task),
		supervisor.WithTask("api", task, supervisor.WithNeeds("cache", "db"), supervisor.WithBoundTo("db")),
		supervisor.WithTask("web", task, supervisor.WithNeeds("api", "db")))
	sup := newSupervisor(t, supervisor.WithTask("below", below))
	needs, neededBy, err := sup.Needs("below/api")
	require.NoError(t, err)
	require.Equal(t, []supervisor.Need{{Task: "cache"}, {Task: "db", Bound: true}}, needs)
	require.Equal(t, []supervisor.Need{{Task: "web"}}, neededBy)
	_, neededBy, err = below.Needs("db")
	require.NoError(t, err)
	require.Equal(t, []supervisor.Need{{Task: "api", Bound: true}, {Task: "web"}}, neededBy)
	_, _, err = sup.Needs("below/nothing")
	require.True(t, errors.Is(err, supervisor.ErrUnknownTask), err)
}
