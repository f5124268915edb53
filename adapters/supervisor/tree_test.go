package supervisor_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// shop returns a tree of three levels, and what its tasks write.
//
//	shop (rest-for-one)
//	  db
//	  payments (one-for-all)
//	    gateway
//	    ledger
//	  front (one-for-one)
//	    web
func shop(t *testing.T) (*supervisor.Supervisor, *journal) {
	t.Helper()
	journal := new(journal)
	task := func(name string) supervisor.TaskFunc {
		run, _ := journal.task(name)
		return run
	}
	ready := supervisor.WithReadiness(true)
	payments := newSupervisor(t, supervisor.WithStrategy(supervisor.OneForAll), ready,
		supervisor.WithTask("gateway", task("gateway")), supervisor.WithTask("ledger", task("ledger")))
	front := newSupervisor(t, ready, supervisor.WithTask("web", task("web")))
	root := newSupervisor(t, supervisor.WithName("shop"), supervisor.WithStrategy(supervisor.RestForOne), ready,
		supervisor.WithTask("db", task("db")), supervisor.WithTask("payments", payments), supervisor.WithTask("front", front))
	return root, journal
}

func TestATreeStartsInOrderAndStopsInReverse(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root, journal := shop(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		result := running(ctx, root)
		synctest.Wait()
		require.Equal(t, []string{"+db", "+gateway", "+ledger", "+web"}, journal.take())
		cancel(errors.New("the power is going"))
		require.NoError(t, <-result)
		end := ": " + supervisor.ErrShutdown.Error() + ": the power is going"
		nested := ": " + supervisor.ErrShutdown.Error() + end
		require.Equal(t, []string{"-web" + nested, "-ledger" + nested, "-gateway" + nested, "-db" + end}, journal.take())
		report := root.Report()
		require.Equal(t, supervisor.RunCounts{Started: 6, Ended: 6}, report.Runs)
	})
}

func TestTreeIsTheWholeTree(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root, _ := shop(t)
		var lines []string
		for _, node := range root.Tree() {
			lines = append(lines, node.String())
		}
		require.Equal(t, "shop/payments/ledger", root.Tree()[3].Path, "also before it runs")
		require.Equal(t, []string{
			"db: created (added)", "payments: created (added) [supervisor created]", "  gateway: created (added)", "  ledger: created (added)",
			"front: created (added) [supervisor created]", "  web: created (added)",
		}, lines)

		start(t, root)
		tree := root.Tree()
		var paths []string
		for _, node := range tree {
			paths = append(paths, node.Path)
			requireWord(t, supervisor.StatusHealthy, node.Status)
			got, err := root.Status(node.Path)
			require.NoError(t, err)
			require.Equal(t, node.TaskStatus, got)
			require.Equal(t, node.Inside != nil, node.Name == "payments" || node.Name == "front")
		}
		require.Equal(t, []string{"shop/db", "shop/payments", "shop/payments/gateway", "shop/payments/ledger", "shop/front", "shop/front/web"}, paths)
		requireWord(t, supervisor.PhaseRunning, tree[1].Phase)
		require.Equal(t, 1, tree[2].Depth)
	})
}

// Tasks are addressed by path from any supervisor above them.
func TestTasksByPath(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root, _ := shop(t)
		requireWord(t, supervisor.StatusCreated, status(t, root, "payments/ledger").Status, "also before it runs")
		start(t, root)
		require.NoError(t, root.Restart("payments/ledger"))
		synctest.Wait()
		require.EqualValues(t, 2, status(t, root, "payments/ledger").Run)
		require.NoError(t, root.Suspend("shop/front/web"))
		synctest.Wait()
		require.True(t, status(t, root, "front/web").Suspended)
		require.NoError(t, root.Resume("front/web"))
		require.NoError(t, root.SetPolicy("front/web", supervisor.WithBaseDelay(time.Hour)))
		policy, err := root.Policy("front/web")
		require.NoError(t, err)
		require.Equal(t, time.Hour, policy.BaseDelay)
		require.NoError(t, root.KillWait(t.Context(), "front/web"))
		requireStatus(t, root, "front/web", supervisor.StatusDead)
		require.NoError(t, root.Kill("payments/ledger"))
		require.NoError(t, root.RemoveWait(t.Context(), "front/web"))
		require.EqualError(t, root.Remove("front/web"), `remove task "front/web": there is no such task`)
		require.EqualError(t, root.Restart("db/web"), `restart task "db/web": there is no such task`)
		require.ErrorIs(t, root.Kill("payments/"), supervisor.ErrUnknownTask)
		require.ErrorIs(t, root.Kill("/payments"), supervisor.ErrUnknownTask)
		require.ErrorIs(t, root.Kill("shop/shop/db"), supervisor.ErrUnknownTask)
	})
}

// A name may have slashes; the name itself goes before a path.
func TestNamesWithSlashes(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		child, other := newSupervisor(t), newSupervisor(t)
		addFunc(t, child, "b", untilStopped)
		addFunc(t, other, "c/d", untilStopped)
		root := newSupervisor(t, supervisor.WithName("root"))
		add(t, root, "a", child)
		add(t, root, "a/b", idle)
		add(t, root, "root/a", idle)
		add(t, root, "x/y", other)
		start(t, root)
		require.NoError(t, root.Restart("a/b"))
		require.NoError(t, root.Restart("root/a"))
		require.NoError(t, root.Restart("x/y/c/d"))
		synctest.Wait()
		require.EqualValues(t, 1, status(t, child, "b").Run)
		require.EqualValues(t, 1, status(t, root, "a").Run)
		for _, name := range []string{"a/b", "root/a", "x/y/c/d"} {
			require.EqualValues(t, 2, status(t, root, name).Run, name)
		}
	})
}

// A supervisor that a task's own code runs is in the tree while it runs.
func TestTreeHasSupervisorsThatTasksRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root := newSupervisor(t)
		addFunc(t, root, "task", func(ctx context.Context) error {
			inner := newSupervisor(t, supervisor.WithTask("inner", idle))
			return inner.Run(ctx)
		})
		start(t, root)
		tree := root.Tree()
		require.Len(t, tree, 2)
		require.Equal(t, "task/inner", tree[1].Path)
		require.NoError(t, root.Restart("task/inner"))
		synctest.Wait()
		require.EqualValues(t, 2, status(t, root, "task/inner").Run)
	})
}

func TestASupervisorInItself(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		outer, inner := newSupervisor(t), newSupervisor(t)
		add(t, outer, "inner", inner)
		add(t, inner, "outer", outer)
		start(t, outer)
		require.ErrorIs(t, status(t, outer, "inner/outer").LastError, supervisor.ErrAlreadyRunning)
		require.Len(t, outer.Tree(), 2)
		require.NoError(t, outer.Kill("inner/outer/inner/outer"))
		synctest.Wait()
		requireStatus(t, inner, "outer", supervisor.StatusDead)
	})
}

func TestRestartOfASupervisorRestartsTheSubtree(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root, journal := shop(t)
		start(t, root)
		require.NoError(t, root.Kill("payments/ledger"))
		synctest.Wait()
		journal.take()
		require.NoError(t, root.Restart("payments"))
		synctest.Wait()
		lines := journal.take()
		require.Len(t, lines, 3)
		require.Contains(t, lines[0], "-gateway")
		require.Contains(t, lines[0], supervisor.ErrRestarted.Error())
		require.Equal(t, []string{"+gateway", "+ledger"}, lines[1:], "all of its tasks start afresh")
	})
}

// A program drains the root before it ends, and has seen all; that a supervisor is run again is no news of its tasks.
func TestDrainGoesDownTheTree(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var kinds []string
		var mu sync.Mutex
		slow := supervisor.WithObserver(func(e supervisor.Transition) {
			time.Sleep(time.Second)
			mu.Lock()
			defer mu.Unlock()
			kinds = append(kinds, e.Kind.String()+" "+e.Task)
		})
		leaf := newSupervisor(t, slow, supervisor.WithTask("task", idle), supervisor.WithTask("next", idle, supervisor.WithNeeds("task")))
		root := newSupervisor(t, supervisor.WithTask("middle", newSupervisor(t, supervisor.WithTask("leaf", leaf))))
		for range 2 {
			require.NoError(t, root.Start(t.Context()))
			synctest.Wait()
			require.NoError(t, root.Shutdown(t.Context()))
		}
		require.NoError(t, root.Drain(t.Context()))
		mu.Lock()
		defer mu.Unlock()
		require.Equal(t, []string{
			"add task", "add next", "transition next",
			"start task", "start next", "stop next", "transition task", "transition next", "stop task", "transition task", "halt ",
			"start task", "start next", "stop next", "transition task", "transition next", "stop task", "transition task", "halt ",
		}, kinds)
	})
}

func TestTheDefaultStopTimeoutIsNotForSupervisors(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root, child := newSupervisor(t, supervisor.WithStopTimeout(time.Second)), newSupervisor(t)
		add(t, root, "child", child)
		add(t, root, "impatient", newSupervisor(t), supervisor.WithStopTimeout(time.Minute))
		for name, want := range map[string]time.Duration{"child": supervisor.Forever, "impatient": time.Minute} {
			policy, err := root.Policy(name)
			require.NoError(t, err)
			require.Equal(t, want, policy.StopTimeout)
		}
	})
}
