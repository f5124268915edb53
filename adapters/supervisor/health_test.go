package supervisor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// problems returns the problems, those that do not count in brackets.
func problems(h supervisor.Health) (all []string) {
	for _, p := range h.Problems {
		text := fmt.Sprintf("%s %v", p.Path, p.Kind)
		if p.Minor {
			text = "(" + text + ")"
		}
		all = append(all, text)
	}
	return all
}

// The database is down, and what is bound to it waits: a restart of the process would not help, and it is not ready.
func TestADatabaseIsDown(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var up atomic.Bool
		up.Store(true)
		database := supervisor.TaskFunc(func(ctx context.Context) error {
			if !up.Load() {
				return errFailed
			}
			if err := supervisor.Ready(ctx); err != nil {
				return err
			}
			return untilStopped(ctx)
		})
		api := newSupervisor(t, supervisor.WithTask("http", supervisor.TaskFunc(untilStopped)))
		sup := newSupervisor(t, supervisor.WithName("shop"), supervisor.ForService(),
			supervisor.WithTask("database", database, supervisor.WithReadiness(true)),
			supervisor.WithTask("api", api, supervisor.WithBoundTo("database")),
			supervisor.WithTask("mailer", supervisor.TaskFunc(untilStopped)))
		start(t, sup)
		require.True(t, sup.Ready().OK)
		up.Store(false)
		require.NoError(t, sup.Restart("database"))
		wait(30 * time.Minute)
		require.Equal(t, supervisor.Health{OK: true}, sup.Health())
		ready := sup.Ready()
		require.False(t, ready.OK)
		require.Equal(t, []string{"shop/database not-up", "shop/api not-up"}, problems(ready))
		require.Contains(t, ready.String(), `shop/api: created (start-again)`)
		require.Contains(t, ready.String(), `waits for "database"`)
		require.Contains(t, ready.String(), "shop/database: failed (failure)")
		up.Store(true)
		wait(10 * time.Minute)
		require.Equal(t, supervisor.Health{OK: true}, sup.Ready())
	})
}

// A task that is dead for good is missed, wherever it is, unless it is not significant.
func TestANestedTaskIsDeadForGood(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		dies := func() supervisor.TaskFunc { return func(context.Context) error { return errFailed } }
		once := supervisor.WithMaxAttempts(0)
		extras := newSupervisor(t, supervisor.WithTask("counts", dies(), once))
		inner := newSupervisor(t, supervisor.WithTask("minor", dies(), once, supervisor.WithSignificant(false)),
			supervisor.WithTask("major", dies(), once), supervisor.WithTask("lives", supervisor.TaskFunc(untilStopped)))
		sup := newSupervisor(t, supervisor.WithTask("inner", inner),
			supervisor.WithTask("extras", extras, supervisor.WithSignificant(false)))
		start(t, sup)
		wait(time.Hour)
		want := []string{"(inner/minor dead)", "inner/major dead", "(extras/counts dead)"}
		for _, h := range []supervisor.Health{sup.Health(), sup.Ready()} {
			require.Equal(t, want, problems(h))
			require.False(t, h.OK)
			require.Equal(t, supervisor.ReasonExhausted, h.Problems[1].Task.Why)
			require.ErrorIs(t, h.Problems[1].Task.LastError, errFailed)
			require.Equal(t, "inner/major: dead (exhausted), run 1, last exit error: it failed", h.String())
		}
		require.NoError(t, sup.Remove("inner/major"))
		require.True(t, sup.Health().OK)
		require.True(t, sup.Ready().OK)
		require.NoError(t, sup.Kill("inner/lives"))
		wait(0)
		require.True(t, sup.Health().OK, "an operator wants it dead")
		require.True(t, sup.Ready().OK)
	})
}

func TestHealthOverTheLifeOfASupervisor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		slow := supervisor.TaskFunc(func(ctx context.Context) error {
			time.Sleep(time.Second)
			require.NoError(t, supervisor.Ready(ctx))
			<-ctx.Done()
			time.Sleep(time.Second)
			return nil
		})
		sup := newSupervisor(t, supervisor.WithName("a"), supervisor.WithTask("slow", slow, supervisor.WithReadiness(true)),
			supervisor.WithTask("held", supervisor.TaskFunc(untilStopped), supervisor.WithSuspended(true)))
		require.True(t, sup.Health().OK)
		require.Equal(t, "supervisor a has not been started\na/slow: created (added)", sup.Ready().String())
		start(t, sup)
		require.True(t, sup.Health().OK)
		require.Equal(t, []string{"a/slow not-up"}, problems(sup.Ready()))
		wait(time.Second)
		require.Equal(t, supervisor.Health{OK: true}, sup.Ready())
		require.Equal(t, "ok", sup.Ready().String())
		go func() { _ = sup.Shutdown(context.Background()) }()
		wait(0)
		require.True(t, sup.Health().OK)
		require.Equal(t, []string{"a stopping", "a/slow not-up"}, problems(sup.Ready()))
		wait(time.Second)
		for _, h := range []supervisor.Health{sup.Health(), sup.Ready()} {
			require.Equal(t, []string{"a stopped"}, problems(h))
			require.Equal(t, "supervisor a has stopped", h.String())
		}
	})
}

func TestASupervisorThatStoppedWithAnErrorSaysWhich(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("a", supervisor.TaskFunc(func(context.Context) error { return supervisor.Fatal(errFailed) })))
		require.NoError(t, sup.Start(context.Background()))
		require.Error(t, sup.Wait())
		health := sup.Health()
		require.ErrorIs(t, health.Problems[0].Err, errFailed)
		text, err := json.Marshal(health)
		require.NoError(t, err)
		require.JSONEq(t, `{"ok":false,"problems":[{"kind":"stopped","text":"the supervisor has stopped: `+
			`task \"a\", run 1, cannot continue: fatal: it failed","error":"task \"a\", run 1, cannot continue: fatal: it failed"}]}`, string(text))
	})
}

// A supervisor whose lock is held is stuck. Who asks is not, however often. It runs by the real clock, because a mutex stops
// virtual time.
func TestASupervisorWhoseLockIsHeldIsStuck(t *testing.T) {
	begun := make(chan struct{})
	inner := newSupervisor(t, supervisor.WithTask("a", supervisor.TaskFunc(func(ctx context.Context) error {
		close(begun)
		return untilStopped(ctx)
	})))
	sup := newSupervisor(t, supervisor.WithName("root"), supervisor.WithTask("inner", inner))
	require.NoError(t, sup.Start(context.Background()))
	<-begun
	supervisor.Hold(inner, func() {
		for range 3 {
			for _, ready := range []bool{false, true} {
				h := supervisor.HealthWithin(sup, ready, time.Millisecond)
				require.False(t, h.OK)
				require.Equal(t, []string{"root/inner stuck"}, problems(h))
				require.Equal(t, "supervisor root/inner does not answer", h.String())
			}
		}
	})
	for !sup.Health().OK { // when the question that was asked first has come back
		runtime.Gosched()
	}
	require.NoError(t, sup.Shutdown(context.Background()))
}

// So is one whose loop does not come round, because an observer that it waits for does not return.
func TestASupervisorWhoseLoopIsHeldUpIsStuck(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var hold atomic.Bool
		let := make(chan struct{})
		sup := newSupervisor(t, supervisor.WithTask("a", &lasts{runs: []lasting{{time.Second, errFailed}}}),
			supervisor.WithSyncObserver(func(supervisor.Transition) {
				if hold.Load() {
					<-let
				}
			}, time.Minute))
		start(t, sup)
		require.True(t, sup.Health().OK)
		hold.Store(true)
		wait(time.Second)
		begun := time.Now()
		for range 3 {
			require.Equal(t, []string{" stuck"}, problems(sup.Health()))
			require.Equal(t, []string{" stuck"}, problems(sup.Ready()))
		}
		require.Equal(t, supervisor.HealthTimeout, time.Since(begun), "only the first waits")
		close(let)
		wait(0)
		require.True(t, sup.Health().OK)
	})
}

func TestHealthOfNoSupervisor(t *testing.T) {
	var none *supervisor.Supervisor
	require.False(t, none.Health().OK)
	require.ErrorIs(t, none.Ready().Problems[0].Err, supervisor.ErrNotMade)
}

func ExampleSupervisor_Ready() {
	sup := must(supervisor.New(supervisor.WithName("shop"),
		supervisor.WithTask("database", supervisor.TaskFunc(serve), supervisor.WithSuspended(true)),
		supervisor.WithTask("api", supervisor.TaskFunc(serve), supervisor.WithNeeds("database"))))
	_ = sup.Start(context.Background())
	fmt.Println("alive:", sup.Health())
	fmt.Println("ready:", sup.Ready())
	_ = sup.Shutdown(context.Background())
	// Output:
	// alive: ok
	// ready: shop/api: created (supervisor-start), waits for "database"
}
