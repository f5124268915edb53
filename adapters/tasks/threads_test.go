package tasks_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/tasks"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// Five situations that people have reported to the trackers of other projects, as they go here. docs/from-errgroup.md tells of them.

// manager is like that of controller-runtime: it cannot be started twice.
type manager struct {
	started atomic.Bool
	end     <-chan error
}

var errStartedBefore = errors.New("the manager was started before")

func (m *manager) Start(ctx context.Context) error {
	if m.started.Swap(true) {
		return errStartedBefore
	}
	select {
	case err := <-m.end:
		return err
	case <-ctx.Done():
		return nil
	}
}

// The manager of an operator was a job that is started once. It failed, the process stayed, and its health said 200
// (cilium/cilium#48385). Here it is restarted, whether it has failed or just ended, and until then the process is not ready. If it cannot
// be restarted any more, the process ends, or is not alive.
func TestTheManagerDiedAndHealthSaid200(t *testing.T) {
	start := func(t *testing.T, end <-chan error, options ...supervisor.TaskOption) *supervisor.Supervisor {
		t.Helper()
		task := supervisor.TaskFunc(func(ctx context.Context) error { return (&manager{end: end}).Start(ctx) })
		sup, err := supervisor.New(supervisor.WithTask("manager", task, append(options, supervisor.WithRestart(supervisor.RestartAlways))...),
			supervisor.WithTask("api", supervisor.TaskFunc(func(ctx context.Context) error {
				<-ctx.Done()
				return nil
			})))
		require.NoError(t, err)
		require.NoError(t, sup.Start(context.Background()))
		bubble.Pass(0)
		require.True(t, sup.Health().OK)
		require.True(t, sup.Ready().OK)
		return sup
	}
	t.Run("it is restarted", func(t *testing.T) {
		bubble.Run(t, func(t *testing.T) {
			end := make(chan error)
			sup := start(t, end, supervisor.WithMinUptime(time.Hour)) // so that an end that is too soon is a failure, too
			for _, err := range []error{errors.New("timed out waiting for cache to be synced"), nil} {
				end <- err
				bubble.Pass(0)
				require.True(t, sup.Health().OK, "it is dealt with")
				require.False(t, sup.Ready().OK, "but it is not there")
				require.Equal(t, "manager", sup.Ready().Problems[0].Path)
				bubble.Pass(time.Minute)
				require.True(t, sup.Ready().OK)
			}
			require.NoError(t, sup.Shutdown(context.Background()))
		})
	})
	t.Run("or the process ends", func(t *testing.T) {
		bubble.Run(t, func(t *testing.T) {
			end := make(chan error)
			sup := start(t, end, supervisor.WithMaxAttempts(2), supervisor.WithOnExhausted(supervisor.ExhaustedEscalate))
			for range 3 {
				end <- errFailed
				bubble.Pass(0)
				require.False(t, sup.Ready().OK)
			}
			err := sup.Wait() // main returns it, and whatever has started the process starts it again
			require.ErrorIs(t, err, errFailed)
			require.ErrorContains(t, err, `task "manager", run 3, failed after 2 restarts in a row`)
			require.False(t, sup.Health().OK)
		})
	})
	t.Run("or is not alive", func(t *testing.T) {
		bubble.Run(t, func(t *testing.T) {
			end := make(chan error)
			sup := start(t, end, supervisor.WithMaxAttempts(0))
			end <- errFailed
			bubble.Pass(0)
			require.False(t, sup.Health().OK)
			require.False(t, sup.Ready().OK)
			require.NoError(t, sup.Shutdown(context.Background()))
		})
	})
}

// An operator that runs PostgreSQL wants to restart its other controllers, also when one of them panics, without touching the
// database (cloudnative-pg/cloudnative-pg#402).
func TestTheControllersAreRestartedAndPostgresRunsOn(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		orders := make(chan func() error)
		works := supervisor.TaskFunc(func(ctx context.Context) error {
			select {
			case order := <-orders:
				return order()
			case <-ctx.Done():
				return nil
			}
		})
		controllers, err := supervisor.New(supervisor.WithStrategy(supervisor.OneForAll), supervisor.WithBaseDelay(time.Second),
			supervisor.WithTask("instances", works), supervisor.WithTask("slots", works))
		require.NoError(t, err)
		var postgres atomic.Int32
		sup, err := supervisor.New(
			supervisor.WithTask("postgres", supervisor.TaskFunc(func(ctx context.Context) error {
				postgres.Add(1)
				<-ctx.Done()
				return nil
			})),
			supervisor.WithTask("controllers", controllers, supervisor.WithNeeds("postgres")))
		require.NoError(t, err)
		require.NoError(t, sup.Start(context.Background()))
		runs := func(path string) uint32 {
			status, err := sup.Status(path)
			require.NoError(t, err)
			require.Equal(t, supervisor.StatusHealthy.String(), status.Status.String(), path)
			return uint32(status.Run)
		}
		bubble.Pass(0)
		orders <- func() error { panic("nil map") }
		bubble.Pass(2 * time.Second)
		require.EqualValues(t, 2, runs("controllers/instances"))
		require.EqualValues(t, 2, runs("controllers/slots"))
		require.NoError(t, sup.Restart("controllers")) // a certificate has changed, for instance
		bubble.Pass(0)
		require.EqualValues(t, 2, runs("controllers"))
		require.EqualValues(t, 1, runs("postgres"))
		require.EqualValues(t, 1, postgres.Load(), "the database has not noticed")
		require.NoError(t, sup.Shutdown(context.Background()))
	})
}

// Managers and workers cannot be started again (kubernetes-sigs/controller-runtime#2587, Azure/azure-container-networking#4282,
// temporalio/sdk-go#447 and #903). So a task makes one for each run; the same one fails for ever.
func TestAManagerThatCannotBeStartedTwice(t *testing.T) {
	for name, test := range map[string]struct {
		task func(end <-chan error) supervisor.Task
		want supervisor.Status
	}{
		"the same": {func(end <-chan error) supervisor.Task {
			return supervisor.TaskFunc((&manager{end: end}).Start)
		}, supervisor.StatusDead},
		"one for each run": {func(end <-chan error) supervisor.Task {
			return supervisor.TaskFunc(func(ctx context.Context) error { return (&manager{end: end}).Start(ctx) })
		}, supervisor.StatusHealthy},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *testing.T) {
				end := make(chan error)
				sup := supervise(t, test.task(end))
				end <- errFailed
				bubble.Pass(time.Hour)
				requireStatus(t, sup, test.want)
				if test.want == supervisor.StatusDead {
					require.Equal(t, errStartedBefore, status(t, sup).LastError)
				}
			})
		})
	}
}

// Actors are interrupted all at once, or in the order in which they were added, and never in the reverse: that was refused
// (oklog/run#29, #35). Here what needs another stops before it, each waited for.
func TestTheStopOrderIsThatOfTheNeeds(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		var mu sync.Mutex
		var stops []string
		actor := func(name string) supervisor.Task {
			return tasks.Actor(func(context.Context) (func() error, func(error)) {
				s := newStopper()
				return func() error {
					<-s.channel
					time.Sleep(time.Second) // it takes its time
					mu.Lock()
					defer mu.Unlock()
					stops = append(stops, name)
					return nil
				}, func(error) { s.stop() }
			})
		}
		sup, err := supervisor.New(
			supervisor.WithTask("server", actor("server"), supervisor.WithNeeds("queue", "database")),
			supervisor.WithTask("queue", actor("queue"), supervisor.WithNeeds("database")),
			supervisor.WithTask("database", actor("database")),
			supervisor.WithTask("metrics", actor("metrics"), supervisor.WithNeeds("database")),
		)
		require.NoError(t, err)
		require.NoError(t, sup.Start(context.Background()))
		bubble.Pass(0)
		began := time.Now()
		require.NoError(t, sup.Shutdown(context.Background()))
		require.Equal(t, 3*time.Second, time.Since(began), "what can stop together does")
		require.Equal(t, []string{"queue", "database"}, slices.DeleteFunc(slices.Clone(stops), func(name string) bool {
			return name == "server" || name == "metrics"
		}))
		require.ElementsMatch(t, []string{"server", "metrics"}, stops[:2])
	})
}

// A server forked its group of actors so that it is not ready first, goes on for a while, and then stops in order
// (openmeterio/openmeter#2304).
func TestItIsNotReadyFirstAndStopsLater(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		var requests atomic.Int32
		sup, err := supervisor.New(
			supervisor.WithShutdownDelay(10*time.Second),
			supervisor.WithTask("server", tasks.Every(time.Second, func(context.Context) error {
				requests.Add(1)
				return nil
			}), supervisor.WithNeeds("database")),
			supervisor.WithTask("database", supervisor.TaskFunc(func(ctx context.Context) error {
				<-ctx.Done()
				return nil
			})))
		require.NoError(t, err)
		require.NoError(t, sup.Start(context.Background()))
		bubble.Pass(0)
		require.True(t, sup.Ready().OK)
		before := requests.Load()
		began := time.Now()
		go func() { _ = sup.Shutdown(context.Background()) }()
		bubble.Pass(5 * time.Second)
		require.False(t, sup.Ready().OK, "no new request should come")
		require.True(t, sup.Health().OK)
		require.EqualValues(t, 5, requests.Load()-before, "those that do are answered")
		require.NoError(t, sup.Wait())
		require.Equal(t, 10*time.Second, time.Since(began))
	})
}
