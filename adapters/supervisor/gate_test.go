package supervisor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
)

var errInUse = errors.New("port 8080 is in use by nginx (pid 123)")

// heard is what an observer was told.
type heard struct {
	mu    sync.Mutex
	lines []string
}

func (h *heard) add(line string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, line)
}

func (h *heard) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.lines)
}

func (h *heard) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = nil
}

// port is what a gate asks for. It is taken while err is not nil.
type port struct {
	mu    sync.Mutex
	err   error
	asked int
}

func (p *port) check(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	return p.err
}

func (p *port) is(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
}

func (p *port) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// A gate that is open is asked once before each start, and holds up none.
func TestAGateIsAskedBeforeEachStart(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		free := new(port)
		var told heard
		sup := newSupervisor(t, supervisor.WithObserver(func(e supervisor.Transition) {
			if e.Kind == supervisor.ActionStart || e.Why == supervisor.ReasonHeld || e.Why == supervisor.ReasonReleased {
				told.add(fmt.Sprintf("%v#%d %v at %v", e.Task, e.Run, e.Why, time.Duration(e.At)))
			}
		}), supervisor.WithTask("web", failsAfter(time.Second, 0), supervisor.WithGate(free.check, time.Minute)))
		start(t, sup)
		require.Equal(t, 1, free.count())
		requireStatus(t, sup, "web", supervisor.StatusHealthy)
		require.False(t, status(t, sup, "web").Held, "it is not held while it runs")
		wait(3 * time.Second)
		require.Equal(t, 2, free.count())
		require.NoError(t, sup.Restart("web"))
		synctest.Wait()
		require.Equal(t, 3, free.count())
		require.NoError(t, sup.Suspend("web"))
		require.NoError(t, sup.Resume("web"))
		synctest.Wait()
		require.Equal(t, 4, free.count())
		require.Equal(t, []string{
			"web#1 supervisor-start at 0s", "web#2 backoff at 3s", "web#3 restarted at 3s", "web#4 start-again at 3s",
		}, told.all())
		stop(t, sup)
		require.NoError(t, sup.Start(t.Context()))
		synctest.Wait()
		require.Equal(t, 5, free.count(), "in the next life of the supervisor, too")
		requireStatus(t, sup, "web", supervisor.StatusHealthy)
	})
}

// While a gate refuses, its task is held, and status, log, readiness and JSON say why: once for each change.
func TestAGateSaysWhyATaskIsHeld(t *testing.T) {
	var log bytes.Buffer
	inBubble(t, func(t *testing.T) {
		taken := &port{err: errInUse}
		sup := newSupervisor(t, loggedFrom(slog.LevelInfo, &log),
			supervisor.WithTask("web", idle, supervisor.WithGate(taken.check, time.Second)),
			supervisor.WithTask("client", idle, supervisor.WithNeeds("web")))
		start(t, sup)
		s := status(t, sup, "web")
		requireWord(t, supervisor.WaitHeld, s.Wait)
		require.True(t, s.Held)
		require.Equal(t, errInUse, s.HeldBy)
		require.Equal(t, "web: created (supervisor-start), held: port 8080 is in use by nginx (pid 123)", s.String())
		requireWord(t, supervisor.WaitNeed, status(t, sup, "client").Wait)
		require.Contains(t, sup.Ready().String(), "web: created (supervisor-start), held: port 8080 is in use by nginx (pid 123)")
		require.True(t, sup.Health().OK)
		text, err := json.Marshal(s)
		require.NoError(t, err)
		require.Contains(t, string(text), `"held":true,"held_by":"gate","held_why":"port 8080 is in use by nginx (pid 123)"`)

		wait(10*time.Second + time.Second/2)
		require.Equal(t, 11, taken.count())
		taken.is(errors.New("port 8080 is in use by redis (pid 456)"))
		wait(10 * time.Second)
		taken.is(nil)
		wait(time.Second / 2)
		requireStatus(t, sup, "web", supervisor.StatusHealthy)
		requireStatus(t, sup, "client", supervisor.StatusHealthy)
		require.Equal(t, supervisor.Instant(21*time.Second), status(t, sup, "web").Since)
		require.NoError(t, sup.Drain(t.Context()))
	})
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	require.Equal(t, []string{
		`level=WARN msg="task held" task=web run=0 status=created why=held error="port 8080 is in use by nginx (pid 123)"`,
		`level=WARN msg="task held" task=web run=0 status=created why=held error="port 8080 is in use by redis (pid 456)"`,
		`level=INFO msg="task released" task=web run=0 status=created why=released`,
	}, slices.DeleteFunc(lines, func(line string) bool {
		return !strings.Contains(line, "task held") && !strings.Contains(line, "task released")
	}))
}

// What is not nil is not nil: a panic, an end of the goroutine, an error that cannot be printed.
func TestAGateThatMisbehavesHoldsItsTask(t *testing.T) {
	for name, c := range map[string]struct {
		check func(context.Context) error
		says  string
	}{
		"a panic":  {panicking, "held: panic: boom"},
		"a goexit": {func(context.Context) error { goexit(); return nil }, "held: the run ended its goroutine by runtime.Goexit"},
		"hostile":  {func(context.Context) error { return (*hostile)(nil) }, "held: an error of type *supervisor_test.hostile, which panics when it is searched"},
		"a block":  {untilStopped, "held: its gate has not answered"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				sup := newSupervisor(t, supervisor.WithTask("web", idle, supervisor.WithGate(c.check, time.Second)))
				start(t, sup)
				wait(10 * time.Second)
				require.Equal(t, "web: created (supervisor-start), "+c.says, status(t, sup, "web").String())
				require.NoError(t, sup.SetPolicy("web", supervisor.WithGate(nil, 0)))
				synctest.Wait()
				requireStatus(t, sup, "web", supervisor.StatusHealthy)
			})
		})
	}
}

// A gate that hangs is told of once, and what it says in the end counts.
func TestAGateThatHangsIsTold(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		answers := make(chan error)
		var told heard
		sup := newSupervisor(t, supervisor.WithObserver(func(e supervisor.Transition) {
			if e.Why == supervisor.ReasonHeld || e.Why == supervisor.ReasonReleased {
				told.add(fmt.Sprintf("%v %v at %v", e.Why, e.Err, time.Duration(e.At)))
			}
		}), supervisor.WithTask("web", idle, supervisor.WithGate(func(context.Context) error { return <-answers }, 2*time.Second)))
		start(t, sup)
		require.ErrorIs(t, status(t, sup, "web").HeldBy, supervisor.ErrGateSilent)
		wait(time.Minute)
		answers <- errInUse
		synctest.Wait()
		require.Equal(t, errInUse, status(t, sup, "web").HeldBy)
		wait(3 * time.Second)
		require.Equal(t, errInUse, status(t, sup, "web").HeldBy, "it has been asked for a second")
		wait(time.Minute)
		s := status(t, sup, "web")
		require.ErrorIs(t, s.HeldBy, supervisor.ErrGateSilent)
		require.ErrorIs(t, s.HeldBy, errInUse)
		require.EqualError(t, s.HeldBy, "its gate has not answered since: port 8080 is in use by nginx (pid 123)")
		answers <- nil
		synctest.Wait()
		requireStatus(t, sup, "web", supervisor.StatusHealthy)
		require.Equal(t, []string{
			"held its gate has not answered at 2s", "held port 8080 is in use by nginx (pid 123) at 1m0s",
			"held its gate has not answered since: port 8080 is in use by nginx (pid 123) at 1m4s", "released <nil> at 2m3s",
		}, told.all())
	})
}

// ways in which an answer becomes of no use.
var waysOut = map[string]func(t *testing.T, sup *supervisor.Supervisor){
	"kill":    func(t *testing.T, sup *supervisor.Supervisor) { require.NoError(t, sup.Kill("web")) },
	"suspend": func(t *testing.T, sup *supervisor.Supervisor) { require.NoError(t, sup.Suspend("web")) },
	"hold":    func(t *testing.T, sup *supervisor.Supervisor) { require.NoError(t, sup.Hold("web", "")) },
	"remove":  func(t *testing.T, sup *supervisor.Supervisor) { require.NoError(t, sup.RemoveWait(t.Context(), "web")) },
	"stop":    func(t *testing.T, sup *supervisor.Supervisor) { stop(t, sup) },
	"need":    func(t *testing.T, sup *supervisor.Supervisor) { require.NoError(t, sup.Suspend("disk")) },
	"policy": func(t *testing.T, sup *supervisor.Supervisor) {
		require.NoError(t, sup.SetPolicy("web", supervisor.WithGate(func(context.Context) error { return errInUse }, time.Hour)))
	},
}

// What was asked is told so, and its answer does not start the task, whether it heeds its context or not.
func TestAnAnswerThatIsOfNoUse(t *testing.T) {
	for name, way := range waysOut {
		for _, heeds := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, heeds %t", name, heeds), func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					release, causes, runs := make(chan struct{}), make(chan error, 1), 0
					sup := newSupervisor(t, supervisor.WithTask("disk", idle),
						supervisor.WithTask("web", supervisor.TaskFunc(func(ctx context.Context) error { runs++; return untilStopped(ctx) }),
							supervisor.WithNeeds("disk"), supervisor.WithGate(func(ctx context.Context) error {
								if heeds {
									<-ctx.Done()
								} else {
									<-release
								}
								causes <- context.Cause(ctx)
								return nil
							}, time.Hour)))
					start(t, sup)
					wait(time.Second)
					way(t, sup)
					synctest.Wait()
					if !heeds {
						require.Equal(t, []supervisor.LateProbe{{Path: "web", Since: supervisor.Instant(time.Second)}}, lateProbes(sup))
						wait(time.Minute)
						close(release)
					}
					synctest.Wait()
					require.ErrorIs(t, <-causes, supervisor.ErrNotAwaited)
					wait(time.Minute)
					require.Zero(t, runs)
					require.Empty(t, sup.Report().Probes)
				})
			})
		}
	}
}

// A question that is not awaited holds up the next, so that there is one at a time.
func TestAGateIsAskedOneQuestionAtATime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		answers, asked := make(chan error), 0
		sup := newSupervisor(t, supervisor.WithTask("web", idle, supervisor.WithGate(func(context.Context) error {
			asked++
			return <-answers
		}, time.Second)))
		start(t, sup)
		require.NoError(t, sup.Suspend("web"))
		require.NoError(t, sup.Resume("web"))
		wait(time.Minute)
		require.Equal(t, 1, asked)
		require.ErrorIs(t, status(t, sup, "web").HeldBy, supervisor.ErrGateSilent)
		answers <- nil
		synctest.Wait()
		require.Equal(t, 2, asked)
		requireWord(t, supervisor.WaitHeld, status(t, sup, "web").Wait)
		stop(t, sup)
		start(t, sup)
		require.Equal(t, 2, asked, "in the next life, too")
		answers <- nil
		synctest.Wait()
		require.Equal(t, 3, asked)
		answers <- nil
		synctest.Wait()
		requireStatus(t, sup, "web", supervisor.StatusHealthy)
	})
}

// An answer and a command of the same instant: the task has run, or never does, and nothing is left of the question.
func TestAnAnswerAtTheInstantOfACommand(t *testing.T) {
	for name, way := range waysOut {
		t.Run(name, func(t *testing.T) {
			for range 20 {
				inBubble(t, func(t *testing.T) {
					runs := 0
					sup := newSupervisor(t, supervisor.WithTask("disk", idle),
						supervisor.WithTask("web", supervisor.TaskFunc(func(ctx context.Context) error { runs++; return untilStopped(ctx) }),
							supervisor.WithNeeds("disk"), supervisor.WithGate(func(context.Context) error {
								time.Sleep(time.Second)
								return nil
							}, time.Hour)))
					start(t, sup)
					time.Sleep(time.Second)
					way(t, sup)
					synctest.Wait()
					wait(time.Minute)
					require.LessOrEqual(t, runs, 1)
					require.Empty(t, sup.Report().Probes)
				})
			}
		})
	}
}

// A gate is asked when all that the task needs is up, and anew when that was down meanwhile.
func TestAGateIsAskedWhenNothingElseIsInTheWay(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		taken := &port{err: errInUse}
		ready := make(chan struct{})
		sup := newSupervisor(t,
			supervisor.WithTask("disk", supervisor.TaskFunc(func(ctx context.Context) error {
				<-ready
				return errors.Join(supervisor.Ready(ctx), untilStopped(ctx))
			}), supervisor.WithReadiness(true), supervisor.WithStartTimeout(supervisor.Forever)),
			supervisor.WithTask("net", idle, supervisor.WithSuspended(true)),
			supervisor.WithTask("web", idle, supervisor.WithNeeds("disk", "net"), supervisor.WithGate(taken.check, time.Second)))
		start(t, sup)
		wait(time.Minute)
		require.Zero(t, taken.count())
		require.Equal(t, "disk", status(t, sup, "web").WaitsFor)
		close(ready)
		synctest.Wait()
		require.Zero(t, taken.count())
		require.Equal(t, "net", status(t, sup, "web").WaitsFor)
		require.False(t, status(t, sup, "web").Held)
		require.NoError(t, sup.Resume("net"))
		synctest.Wait()
		require.Equal(t, 1, taken.count())
		require.NoError(t, sup.Suspend("net"))
		wait(time.Minute)
		require.Equal(t, 1, taken.count())
		require.NoError(t, sup.Resume("net"))
		synctest.Wait()
		require.Equal(t, 2, taken.count())
		taken.is(nil)
		wait(time.Second)
		requireStatus(t, sup, "web", supervisor.StatusHealthy)
		require.NoError(t, sup.Remove("web"))
		synctest.Wait()
		require.NoError(t, sup.Suspend("net"))
		for range 3 { // what waited for a need and was removed leaves nothing behind
			add(t, sup, "web", idle, supervisor.WithNeeds("net"), supervisor.WithGate(taken.check, time.Second))
			require.NoError(t, sup.RemoveWait(t.Context(), "web"))
		}
		require.Zero(t, supervisor.WaitingBehind(sup))
	})
}

// A policy gives a gate, changes it and takes it away, whatever the task does at the time.
func TestSetPolicyChangesTheGate(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		taken := &port{err: errInUse}
		sup := newSupervisor(t, supervisor.WithTask("web", idle))
		start(t, sup)
		require.NoError(t, sup.SetPolicy("web", supervisor.WithGate(taken.check, time.Second)))
		requireStatus(t, sup, "web", supervisor.StatusHealthy)
		require.Zero(t, taken.count())
		require.NoError(t, sup.SetPolicy("web", supervisor.WithMaxAttempts(7)))
		require.NoError(t, sup.Restart("web"))
		synctest.Wait()
		require.Equal(t, errInUse, status(t, sup, "web").HeldBy)
		require.Error(t, sup.SetPolicy("web", supervisor.WithGate(nil, 0), supervisor.WithStopTimeout(-1)))
		require.Equal(t, errInUse, status(t, sup, "web").HeldBy, "nothing has changed")
		other := &port{err: errors.New("another")}
		require.NoError(t, sup.SetPolicy("web", supervisor.WithGate(other.check, time.Second)))
		synctest.Wait()
		require.EqualError(t, status(t, sup, "web").HeldBy, "another")
		require.NoError(t, sup.SetPolicy("web", supervisor.WithGate(nil, 0)))
		requireStatus(t, sup, "web", supervisor.StatusHealthy)
		require.NoError(t, sup.Restart("web"))
		synctest.Wait()
		requireStatus(t, sup, "web", supervisor.StatusHealthy)
	})
}

// An operator's hold and the gate's are two things.
func TestAnOperatorHoldsATaskWithAGate(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		taken := &port{err: errInUse}
		var told heard
		sup := newSupervisor(t, supervisor.WithObserver(func(e supervisor.Transition) {
			if e.Why == supervisor.ReasonHeld || e.Why == supervisor.ReasonReleased {
				told.add(fmt.Sprintf("%v %v %v", e.Level(), e.Why, e.Err))
			}
		}), supervisor.WithTask("web", idle, supervisor.WithGate(taken.check, time.Second)))
		start(t, sup)
		require.NoError(t, sup.Release("web"))
		synctest.Wait()
		require.Equal(t, errInUse, status(t, sup, "web").HeldBy, "it does not open the gate")
		require.NoError(t, sup.Hold("web", "maintenance"))
		asked := taken.count()
		taken.is(nil)
		wait(time.Minute)
		require.Equal(t, asked, taken.count(), "it is not asked meanwhile")
		require.EqualError(t, status(t, sup, "web").HeldBy, "held by an operator: maintenance")
		require.NoError(t, sup.Release("web"))
		synctest.Wait()
		requireStatus(t, sup, "web", supervisor.StatusHealthy)
		require.NoError(t, sup.Hold("web", "again"))
		require.True(t, status(t, sup, "web").Held)
		require.NoError(t, sup.Release("web"))
		require.False(t, status(t, sup, "web").Held)
		synctest.Wait()
		require.Equal(t, []string{
			"WARN held port 8080 is in use by nginx (pid 123)", "INFO held held by an operator: maintenance", "INFO released <nil>",
			"INFO released <nil>", "INFO held held by an operator: again", "INFO released <nil>",
		}, told.all())
	})
}

// Where tasks start in order, none overtakes one whose gate has yet to answer, or does not let it start.
func TestGatesKeepTheOrder(t *testing.T) {
	for _, strategy := range []supervisor.Strategy{supervisor.OneForAll, supervisor.RestForOne} {
		t.Run(strategy.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var starts heard
				fail, taken := make(chan struct{}), &port{err: errInUse}
				slow := func(ctx context.Context) error {
					time.Sleep(time.Second)
					return errors.Join(supervisor.Ready(ctx), untilStopped(ctx))
				}
				sup := newSupervisor(t, supervisor.WithStrategy(strategy), supervisor.WithObserver(func(e supervisor.Transition) {
					if e.Kind == supervisor.ActionStart {
						starts.add(e.Task)
					}
				}),
					supervisor.WithTask("first", supervisor.TaskFunc(func(ctx context.Context) error {
						select {
						case <-fail:
							return errFailed
						case <-ctx.Done():
							return nil
						}
					})),
					supervisor.WithTask("slow", supervisor.TaskFunc(slow), supervisor.WithReadiness(true)),
					supervisor.WithTask("gated", idle, supervisor.WithGate(taken.check, time.Second)),
					supervisor.WithTask("behind", idle), supervisor.WithTask("last", idle))
				start(t, sup)
				require.Zero(t, taken.count(), "it is not its turn")
				wait(time.Second)
				require.Equal(t, 1, taken.count())
				requireWord(t, supervisor.WaitHeld, status(t, sup, "gated").Wait)
				require.Equal(t, "behind: created (supervisor-start), waits for its turn", status(t, sup, "behind").String())
				wait(time.Minute)
				require.Equal(t, []string{"first", "slow"}, starts.all())
				require.NoError(t, sup.Hold("gated", "maintenance"))
				synctest.Wait()
				require.Equal(t, []string{"first", "slow", "behind", "last"}, starts.all(), "what an operator holds is passed over")
				taken.is(nil)
				require.NoError(t, sup.Release("gated"))
				synctest.Wait()
				require.Equal(t, []string{"first", "slow", "behind", "last", "gated"}, starts.all())

				starts.forget()
				fail <- struct{}{}
				wait(time.Minute)
				require.Equal(t, []string{"first", "slow", "gated", "behind", "last"}, starts.all())
				starts.forget()
				require.NoError(t, sup.SetPolicy("gated", supervisor.WithGate(nil, 0)))
				fail <- struct{}{}
				wait(time.Minute)
				require.Equal(t, []string{"first", "slow", "gated", "behind", "last"}, starts.all())
				starts.forget()
				require.NoError(t, sup.SetPolicy("slow", supervisor.WithGate(taken.check, time.Second)))
				taken.is(errInUse)
				fail <- struct{}{}
				wait(time.Minute)
				require.Equal(t, []string{"first"}, starts.all())
				taken.is(nil)
				wait(2 * time.Second)
				require.Equal(t, []string{"first", "slow", "gated", "behind", "last"}, starts.all())
			})
		})
	}
}

// A subtree that starts anew, however that comes, asks its gates anew.
func TestGatesAreAskedAnewInEachLife(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market, again func()) {
		taken := &port{err: errInUse}
		require.NoError(t, m.root.SetPolicy("shop/back/office", supervisor.WithGate(taken.check, time.Second)))
		again()
		require.Positive(t, taken.count())
		require.Equal(t, errInUse, status(t, m.root, "shop/back/office").HeldBy)
		taken.is(nil)
		wait(time.Second)
		requireStatus(t, m.root, "shop/back/office", supervisor.StatusHealthy)
		taken.is(errInUse)
		again()
		require.Equal(t, errInUse, status(t, m.root, "shop/back/office").HeldBy)
	})
}

// So do many tasks, whose next machine is made beforehand.
func TestManyGatesInTheNextLife(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		taken := &port{err: errInUse}
		sup := newSupervisor(t, supervisor.WithGate(taken.check, time.Hour))
		for i := range 600 {
			add(t, sup, fmt.Sprint(i), idle)
		}
		for life := range 3 {
			start(t, sup)
			require.Equal(t, 600*(life+1), taken.count())
			require.Equal(t, 600, sup.Counts().Created)
			stop(t, sup)
		}
		taken.is(nil)
		start(t, sup)
		require.Equal(t, 600, sup.Counts().Healthy)
	})
}

// A run that is replaced because it hangs, by a supervisor that wakes up late, too: each start has its question.
func TestAGateOfATaskThatIsReplaced(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		virtual, free := new(clock.Virtual), new(port)
		release := make(chan struct{})
		sup := newSupervisor(t, supervisor.WithClock(virtual), supervisor.WithTask("web",
			supervisor.TaskFunc(func(context.Context) error { <-release; return nil }),
			supervisor.WithReadiness(true), supervisor.WithStartTimeout(time.Second), supervisor.WithStopTimeout(time.Second),
			supervisor.WithBaseDelay(0), supervisor.WithMaxAttempts(supervisor.Unlimited), supervisor.WithOnAbandon(supervisor.AbandonReplace),
			supervisor.WithGate(free.check, time.Second)))
		require.NoError(t, sup.Start(context.Background()))
		synctest.Wait()
		virtual.Advance(time.Minute)
		synctest.Wait()
		require.EqualValues(t, sup.Report().Runs.Started, free.count())
		require.EqualValues(t, 2, free.count(), "two live runs are the most")
		require.NoError(t, sup.Kill("web"))
		close(release)
		synctest.Wait()
		require.NoError(t, sup.Shutdown(context.Background()))
	})
}

func TestGatesAreRefusedWhereTheyCannotWork(t *testing.T) {
	check := func(context.Context) error { return nil }
	sup := newSupervisor(t)
	for text, option := range map[string]supervisor.TaskOption{
		"WithGate has no function":           supervisor.WithGate(nil, time.Second),
		"WithGate needs a positive time":     supervisor.WithGate(check, 0),
		"WithGate needs a positive time aft": supervisor.WithGate(check, -1),
	} {
		require.ErrorContains(t, sup.Add("bank", idle, option), text)
	}
	inBubble(t, func(t *testing.T) { // a default is for supervisors, too, and can be taken away
		taken := &port{err: errInUse}
		sup := newSupervisor(t, supervisor.WithGate(taken.check, time.Second), supervisor.WithTask("open", idle, supervisor.WithGate(nil, 0)),
			supervisor.WithTask("bank", newSupervisor(t, supervisor.WithTask("line", idle))))
		start(t, sup)
		requireStatus(t, sup, "open", supervisor.StatusHealthy)
		require.Equal(t, errInUse, status(t, sup, "bank").HeldBy)
		taken.is(nil)
		wait(time.Second)
		requireStatus(t, sup, "bank/line", supervisor.StatusHealthy)
	})
}

func ExampleWithGate() {
	port := make(chan struct{}, 1) // taken while there is something in it
	port <- struct{}{}
	free := func(context.Context) error {
		if len(port) > 0 {
			return errors.New("port 8080 is in use")
		}
		return nil
	}
	started := make(chan struct{})
	sup := must(supervisor.New(supervisor.WithTask("web", supervisor.TaskFunc(func(ctx context.Context) error {
		close(started)
		<-ctx.Done()
		return nil
	}), supervisor.WithGate(free, time.Millisecond))))
	_ = sup.Start(context.Background())
	_ = sup.WaitUntil(context.Background(), "web", func(s supervisor.TaskStatus) bool { return s.Held && s.HeldBy != supervisor.ErrGateSilent })
	fmt.Println(must(sup.Status("web")))
	<-port
	<-started
	_ = sup.Shutdown(context.Background())
	// Output: web: created (supervisor-start), held: port 8080 is in use
}
