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
			"db: created (added)", "payments: created (added) [supervisor created, one-for-all]", "  gateway: created (added)", "  ledger: created (added)",
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

// A path is first one from the supervisor that is asked, and only then one that begins with that one's name.
func TestATaskOfTheRootsNameIsFoundFirst(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		inner := newSupervisor(t, supervisor.WithTask("db", idle))
		root := newSupervisor(t, supervisor.WithName("shop"), supervisor.WithTask("db", idle), supervisor.WithTask("web", idle),
			supervisor.WithTask("shop", inner))
		start(t, root)
		require.NoError(t, root.Restart("shop/db"))
		synctest.Wait()
		require.EqualValues(t, 1, status(t, root, "db").Run)
		require.EqualValues(t, 2, status(t, inner, "db").Run)
		require.NoError(t, root.Restart("shop/web"), "there is none below")
		synctest.Wait()
		require.EqualValues(t, 2, status(t, root, "web").Run)
		require.NoError(t, root.Restart("shop/shop/db"))
		synctest.Wait()
		require.EqualValues(t, 3, status(t, inner, "db").Run)
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

// Supervisors that a task's own code runs side by side have paths of their own, if they have names.
func TestSupervisorsThatATaskRunsHaveNames(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root := newSupervisor(t, supervisor.WithName("root"))
		addFunc(t, root, "task", func(ctx context.Context) error {
			var inner []*supervisor.Supervisor
			for _, name := range []string{"red", "", "blue"} {
				sup := newSupervisor(t, supervisor.WithName(name), supervisor.WithTask("worker", idle))
				if err := sup.Start(ctx); err != nil {
					return err
				}
				inner = append(inner, sup)
			}
			for _, sup := range inner {
				_ = sup.Wait()
			}
			return nil
		})
		start(t, root)
		var paths []string
		for _, node := range root.Tree() {
			paths = append(paths, node.Path)
		}
		require.Equal(t, []string{"root/task", "root/task/red/worker", "root/task/worker", "root/task/blue/worker"}, paths)
		for _, path := range paths[1:] {
			require.NoError(t, root.Restart(path))
			synctest.Wait()
			require.EqualValues(t, 2, status(t, root, path).Run)
		}
		require.ErrorIs(t, root.Restart("task/green/worker"), supervisor.ErrUnknownTask)
	})
}

// A supervisor is in one tree, once.
func TestASupervisorIsOneTask(t *testing.T) {
	root := newSupervisor(t, supervisor.WithName("root"))
	middle, leaf := newSupervisor(t), newSupervisor(t)
	add(t, root, "middle", middle)
	add(t, middle, "leaf", leaf)
	refused := func(err error, says string) {
		t.Helper()
		require.ErrorAs(t, err, new(*supervisor.TreeError))
		require.ErrorContains(t, err, says)
	}
	refused(root.Add("self", root), `the supervisor would be inside itself: it is "root", and cannot be "root/self"`)
	refused(leaf.Add("root", root), `it is "root", and cannot be "root/middle/leaf/root"`)
	refused(leaf.Add("middle", middle), `it is "root/middle", and cannot be "root/middle/leaf/middle"`)
	refused(root.Add("again", leaf), `the supervisor is "root/middle/leaf" already, and cannot be "root/again" as well`)
	refused(newSupervisor(t).Add("elsewhere", leaf), `cannot be "elsewhere" as well`)
	require.Len(t, root.Tree(), 2)
	add(t, root, "again", idle)

	// It is free as soon as it is removed, and so is one whose addition was refused.
	require.NoError(t, middle.Remove("leaf"))
	require.ErrorIs(t, root.Add("again", leaf), supervisor.ErrDuplicateName)
	_, err := supervisor.New(supervisor.WithTask("leaf", leaf), supervisor.WithTask("needy", idle, supervisor.WithNeeds("none")))
	require.Error(t, err)
	_, err = supervisor.New(supervisor.WithTask("leaf", leaf), supervisor.WithTask("twin", leaf))
	refused(err, `the supervisor is "leaf" already, and cannot be "twin" as well`)
	require.ErrorIs(t, newSupervisor(t, supervisor.WithMaxTasks(1), supervisor.WithTask("only", idle)).Add("leaf", leaf), supervisor.ErrTooManyTasks)
	add(t, root, "leaf", leaf)
	add(t, leaf, "elsewhere", newSupervisor(t))
}

// What cannot be seen when tasks are added is seen when they run.
func TestASupervisorRunsAsOneTask(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root, child := newSupervisor(t, supervisor.WithName("root")), newSupervisor(t)
		add(t, root, "child", child, supervisor.WithSuspended(true))
		shared := newSupervisor(t)
		errs := new(notes[error])
		runs := func(name string, sup *supervisor.Supervisor) supervisor.TaskFunc {
			return func(ctx context.Context) error {
				errs.set(name, sup.Run(ctx))
				return nil
			}
		}
		add(t, root, "borrows", runs("borrows", child))
		add(t, root, "itself", runs("itself", root))
		factory := supervisor.Factory(func() supervisor.Task { return shared })
		add(t, root, "first", factory)
		start(t, root)
		add(t, root, "second", factory)
		synctest.Wait()
		var refused *supervisor.TreeError
		require.ErrorAs(t, errs.get("borrows"), &refused)
		require.Equal(t, supervisor.TreeError{Has: "root/child", Wanted: "root/borrows"}, *refused)
		require.ErrorAs(t, errs.get("itself"), &refused)
		require.Equal(t, supervisor.TreeError{Has: "root", Wanted: "root/itself", Inside: true}, *refused)
		require.ErrorIs(t, status(t, root, "second").LastError, supervisor.ErrAlreadyRunning)
		require.NoError(t, root.Resume("child"))
		synctest.Wait()
		requireStatus(t, root, "child", supervisor.StatusHealthy)
	})
}

func TestRestartOfASupervisorRestartsTheSubtree(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root, journal := shop(t)
		start(t, root)
		journal.take()
		require.NoError(t, root.Restart("payments"))
		synctest.Wait()
		lines := journal.take()
		require.Len(t, lines, 4)
		require.Contains(t, lines[0], "-ledger")
		require.Contains(t, lines[0], supervisor.ErrRestarted.Error())
		require.Equal(t, []string{"+gateway", "+ledger"}, lines[2:], "all of its tasks start afresh")
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
