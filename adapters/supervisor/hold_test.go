package supervisor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// A task that is held does not start until it is released; whatever else there is to say about it goes on.
func TestAHeldTaskWaitsForItsRelease(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("web", idle, supervisor.WithHeld("no machine")),
			supervisor.WithTask("client", idle, supervisor.WithNeeds("web")))
		start(t, sup)
		s := status(t, sup, "web")
		requireWord(t, supervisor.WaitHeld, s.Wait)
		require.True(t, s.Held)
		require.Equal(t, &supervisor.HeldError{Why: "no machine"}, s.HeldBy)
		require.Equal(t, "web: created (supervisor-start), held by an operator: no machine", s.String())
		require.Equal(t, `client: created (supervisor-start), waits for "web"`, status(t, sup, "client").String())
		require.False(t, sup.Ready().OK)
		require.Contains(t, sup.Ready().String(), "web: created (supervisor-start), held by an operator: no machine")
		require.True(t, sup.Health().OK)

		require.NoError(t, sup.Hold("web", ""))
		require.Equal(t, "web: created (supervisor-start), held by an operator", status(t, sup, "web").String())
		require.NoError(t, sup.Release("web"))
		requireStatus(t, sup, "web", supervisor.StatusHealthy)
		requireStatus(t, sup, "client", supervisor.StatusHealthy)
		require.NoError(t, sup.Release("web"), "which changes nothing")

		require.NoError(t, sup.Hold("web", "the disk is full"))
		requireStatus(t, sup, "web", supervisor.StatusHealthy)
		require.Equal(t, "web: healthy (supervisor-start), run 1, held by an operator: the disk is full", status(t, sup, "web").String())
		require.NoError(t, sup.Restart("web"))
		synctest.Wait()
		requireWord(t, supervisor.WaitHeld, status(t, sup, "web").Wait)
		require.NoError(t, sup.Suspend("web"))
		requireWord(t, supervisor.WaitSuspended, status(t, sup, "web").Wait)
		require.NoError(t, sup.Release("web"))
		require.NoError(t, sup.Hold("web", "the disk is full"))
		require.NoError(t, sup.Resume("web"))
		requireWord(t, supervisor.WaitHeld, status(t, sup, "web").Wait)
		require.NoError(t, sup.Release("web"))
		require.EqualValues(t, 2, status(t, sup, "web").Run)

		require.ErrorIs(t, sup.Hold("none", ""), supervisor.ErrUnknownTask)
		require.EqualError(t, sup.Release("none"), `release task "none": there is no such task`)
	})
}

// A restart delay passes while a task is held, and what is down because of it is down.
func TestAHoldTouchesNothingElse(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		task := new(fails)
		sup := newSupervisor(t, supervisor.WithTask("task", task))
		start(t, sup)
		require.NoError(t, sup.Hold("task", "no machine"))
		s := status(t, sup, "task")
		requireWord(t, supervisor.StatusFailed, s.Status)
		require.Equal(t, "task: failed (failure), run 1, held by an operator: no machine, restarts in a row: 1, next start in 2s, "+
			"last exit error: it failed", s.String())
		wait(10 * time.Second)
		require.EqualValues(t, 1, task.runs.Load())
		require.Equal(t, 10*time.Second, sup.Tree()[0].Totals.Downtime)
		require.NoError(t, sup.Release("task"))
		synctest.Wait()
		require.EqualValues(t, 2, task.runs.Load())
		require.EqualValues(t, 1, sup.Tree()[0].Totals.Restarts.Failure)
	})
}

// A hold is a word about a task: it survives every restart of the subtree, and so does its end.
func TestAHoldSurvives(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market, again func()) {
		root := m.root
		require.NoError(t, root.Hold("shop/cache", "no machine"))
		require.NoError(t, root.Hold("shop/back/office", "no machine"))
		again()
		for _, path := range []string{"shop/cache", "shop/back/office"} {
			s := status(t, root, path)
			requireWord(t, supervisor.WaitHeld, s.Wait)
			require.Equal(t, &supervisor.HeldError{Why: "no machine"}, s.HeldBy)
			require.NoError(t, root.Release(path))
		}
		synctest.Wait()
		again()
		requireStatus(t, root, "shop/cache", supervisor.StatusHealthy)
		requireStatus(t, root, "shop/back/office", supervisor.StatusHealthy)
	})
}

// What a factory says is what the next supervisor begins with, unless an operator has said otherwise.
func TestAReleaseIsTakenOver(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root := newSupervisor(t, supervisor.WithTask("shop", supervisor.Factory(func() supervisor.Task {
			return newSupervisor(t, supervisor.WithTask("web", idle, supervisor.WithHeld("")), supervisor.WithTask("cache", idle, supervisor.WithHeld("")))
		})))
		start(t, root)
		require.NoError(t, root.Release("shop/web"))
		require.NoError(t, root.Restart("shop"))
		synctest.Wait()
		requireStatus(t, root, "shop/web", supervisor.StatusHealthy)
		requireWord(t, supervisor.WaitHeld, status(t, root, "shop/cache").Wait)
	})
}

// It can be said while the supervisor is down.
func TestAHoldOfWhatIsDown(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		child := newSupervisor(t, supervisor.WithTask("web", idle))
		root := newSupervisor(t, supervisor.WithTask("child", child))
		require.NoError(t, root.Hold("child/web", "no machine"))
		start(t, root)
		requireWord(t, supervisor.WaitHeld, status(t, root, "child/web").Wait)
		require.NoError(t, root.Suspend("child"))
		synctest.Wait()
		require.NoError(t, root.Release("child/web"))
		require.NoError(t, root.Resume("child"))
		synctest.Wait()
		requireStatus(t, root, "child/web", supervisor.StatusHealthy)
		stop(t, root)
		require.NoError(t, child.Hold("web", ""))
		start(t, root)
		requireWord(t, supervisor.WaitHeld, status(t, root, "child/web").Wait)
	})
}

// A supervisor is not ready while one of its tasks is held, though nothing in it starts or has failed.
func TestASupervisorWithAHeldTaskIsNotReady(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		child := newSupervisor(t, supervisor.WithTask("web", idle, supervisor.WithHeld("")), supervisor.WithTask("other", idle))
		root := newSupervisor(t, supervisor.WithTask("child", child, supervisor.WithReadiness(true)))
		start(t, root)
		requireStatus(t, root, "child", supervisor.StatusStarting)
		require.NoError(t, root.Suspend("child/web"))
		synctest.Wait()
		requireStatus(t, root, "child", supervisor.StatusHealthy)
	})
}

// Observers, the log and JSON say who holds a task and why.
func TestHoldsAreTold(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var told heard
		sup := newSupervisor(t, supervisor.WithTask("web", idle), supervisor.WithObserver(func(e supervisor.Transition) {
			if e.Why == supervisor.ReasonHeld || e.Why == supervisor.ReasonReleased {
				told.add(fmt.Sprintf("%v %v %v %v", e.Task, e.Level(), e.Why, e.Err))
			}
		}))
		start(t, sup)
		require.NoError(t, sup.Hold("web", "no machine"))
		text, err := json.Marshal(status(t, sup, "web"))
		require.NoError(t, err)
		require.Contains(t, string(text), `"held":true,"held_by":"operator","held_why":"no machine"`)
		require.Contains(t, status(t, sup, "web").LogValue().String(), "held=held by an operator: no machine")
		require.NoError(t, sup.Release("web"))
		synctest.Wait()
		require.Equal(t, []string{"web INFO held held by an operator: no machine", "web INFO released <nil>"}, told.all())
	})
}

func TestAHoldIsForNewTasksOnly(t *testing.T) {
	sup := newSupervisor(t, supervisor.WithTask("web", idle))
	require.ErrorContains(t, sup.SetPolicy("web", supervisor.WithHeld("")), "WithHeld is for new tasks: call Hold")
	require.NoError(t, sup.Add("cache", idle, supervisor.WithHeld(""), supervisor.WithPolicy(supervisor.DefaultPolicy())))
	require.True(t, status(t, sup, "cache").Held)
}

func ExampleHeldError() {
	sup := must(supervisor.New(supervisor.WithTask("web", supervisor.TaskFunc(untilStopped), supervisor.WithHeld("the disk is full"))))
	if held, ok := must(sup.Status("web")).HeldBy.(*supervisor.HeldError); ok {
		fmt.Println("by an operator:", held.Why)
	}
	// Output: by an operator: the disk is full
}

func ExampleSupervisor_Hold() {
	sup := must(supervisor.New(supervisor.WithTask("web", supervisor.TaskFunc(func(ctx context.Context) error {
		<-ctx.Done()
		return nil
	}))))
	_ = sup.Hold("web", "the disk is full")
	_ = sup.Start(context.Background())
	fmt.Println(must(sup.Status("web")))
	_ = sup.Release("web")
	fmt.Println(must(sup.Status("web")))
	_ = sup.Shutdown(context.Background())
	// Output:
	// web: created (supervisor-start), held by an operator: the disk is full
	// web: healthy (supervisor-start), run 1
}
