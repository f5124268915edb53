package supervisor_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// market is a tree in which the shop can be made to start anew, as one value or made for every run.
//
//	root
//	  shop (intensity 0)
//	    cache
//	    web        fails when it is told to
//	    back
//	      office
type market struct {
	root *supervisor.Supervisor
	fail chan struct{}
}

func newMarket(t *testing.T, anew bool) *market {
	t.Helper()
	m := &market{fail: make(chan struct{})}
	web := func(ctx context.Context) error {
		select {
		case <-m.fail:
			return errFailed
		case <-ctx.Done():
			return nil
		}
	}
	shop := func() supervisor.Task {
		back := newSupervisor(t, supervisor.WithTask("office", idle))
		return newSupervisor(t, supervisor.WithIntensity(0, time.Minute), supervisor.WithTask("cache", idle),
			supervisor.WithTask("web", supervisor.TaskFunc(web)), supervisor.WithTask("back", back),
			supervisor.WithTask("done", &completes{}), supervisor.WithTask("dead", new(fails), supervisor.WithRestart(supervisor.RestartNever)))
	}
	task := shop()
	if anew {
		task = supervisor.Factory(shop)
	}
	m.root = newSupervisor(t, supervisor.WithTask("shop", task, supervisor.WithBackoff(supervisor.Backoff{Base: 2 * time.Second, Factor: 1})))
	start(t, m.root)
	return m
}

// ways are how a subtree comes to start anew: by something that fails in it, or by a command about it, or one after the other.
var ways = map[string]func(t *testing.T, m *market){
	"failure": func(_ *testing.T, m *market) {
		m.fail <- struct{}{}
		wait(2 * time.Second)
	},
	"restart": func(t *testing.T, m *market) { require.NoError(t, m.root.Restart("shop")) },
	"suspend and resume": func(t *testing.T, m *market) {
		require.NoError(t, m.root.Suspend("shop"))
		synctest.Wait()
		require.NoError(t, m.root.Resume("shop"))
	},
	"kill and restart": func(t *testing.T, m *market) {
		require.NoError(t, m.root.KillWait(t.Context(), "shop"))
		require.NoError(t, m.root.Restart("shop"))
	},
	"the root stops and runs again": func(t *testing.T, m *market) {
		stop(t, m.root)
		start(t, m.root)
	},
	"twice": func(t *testing.T, m *market) {
		require.NoError(t, m.root.Restart("shop"))
		synctest.Wait()
		m.fail <- struct{}{}
		wait(2 * time.Second)
	},
}

func eachMarket(t *testing.T, test func(t *testing.T, m *market, again func())) {
	for how, anew := range map[string]bool{"one value": false, "made anew": true} {
		for name, way := range ways {
			t.Run(how+", "+name, func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					m := newMarket(t, anew)
					test(t, m, func() {
						way(t, m)
						synctest.Wait()
					})
				})
			})
		}
	}
}

// What was said about a task by hand survives every restart of the subtree it is in. The rest starts afresh.
func TestWhatIsSaidByHandSurvives(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market, again func()) {
		root := m.root
		require.NoError(t, root.Suspend("shop/cache"))
		require.NoError(t, root.Kill("shop/back/office"))
		require.NoError(t, root.SetPolicy("shop/web", supervisor.WithBaseDelay(7*time.Second)))
		requireStatus(t, root, "shop/done", supervisor.StatusCompleted)
		requireStatus(t, root, "shop/dead", supervisor.StatusDead)
		again()
		cache := status(t, root, "shop/cache")
		requireWord(t, supervisor.StatusCreated, cache.Status)
		require.True(t, cache.Suspended)
		requireStatus(t, root, "shop/web", supervisor.StatusHealthy)
		office := status(t, root, "shop/back/office")
		requireWord(t, supervisor.StatusDead, office.Status)
		requireWord(t, supervisor.ReasonKilled, office.Why)
		policy, err := root.Policy("shop/web")
		require.NoError(t, err)
		require.Equal(t, 7*time.Second, policy.BaseDelay)
		for _, name := range []string{"shop/done", "shop/dead"} {
			require.EqualValues(t, 1, status(t, root, name).Run, "it has run afresh")
		}

		// What is said to the contrary survives as well.
		require.NoError(t, root.Resume("shop/cache"))
		require.NoError(t, root.Restart("shop/back/office"))
		synctest.Wait()
		again()
		requireStatus(t, root, "shop/cache", supervisor.StatusHealthy)
		requireStatus(t, root, "shop/back/office", supervisor.StatusHealthy)
	})
}

// All of it can be said while the subtree stops, waits for its restart or is down.
func TestWhatIsSaidWhileASubtreeIsDown(t *testing.T) {
	for how, anew := range map[string]bool{"one value": false, "made anew": true} {
		t.Run(how, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				m := newMarket(t, anew)
				root := m.root
				require.NoError(t, root.Kill("shop/back/office"))
				m.fail <- struct{}{}
				synctest.Wait()
				requireStatus(t, root, "shop", supervisor.StatusFailed)
				require.NoError(t, root.Suspend("shop/cache"))
				require.True(t, status(t, root, "shop/cache").Suspended)
				require.NoError(t, root.Kill("shop/web"))
				require.NoError(t, root.Restart("shop/back/office"))
				require.NoError(t, root.SetPolicy("shop/web", supervisor.WithBaseDelay(time.Hour)))
				require.NoError(t, root.KillWait(t.Context(), "shop/done"))
				require.ErrorIs(t, root.Kill("shop/done"), supervisor.ErrAlreadyEnded)
				require.ErrorIs(t, root.Resume("shop/done"), supervisor.ErrNotSuspended)
				wait(2 * time.Second)
				requireStatus(t, root, "shop/cache", supervisor.StatusCreated)
				requireStatus(t, root, "shop/web", supervisor.StatusDead)
				requireStatus(t, root, "shop/done", supervisor.StatusDead)
				requireStatus(t, root, "shop/back/office", supervisor.StatusHealthy)

				require.NoError(t, root.Kill("shop"))
				synctest.Wait()
				require.NoError(t, root.Resume("shop/cache"))
				require.NoError(t, root.Restart("shop/web"))
				require.NoError(t, root.Restart("shop"))
				synctest.Wait()
				requireStatus(t, root, "shop/cache", supervisor.StatusHealthy)
				requireStatus(t, root, "shop/web", supervisor.StatusHealthy)
			})
		})
	}
}

// A task can be added and removed while its supervisor is down; one of a root that has stopped would wait in vain.
func TestAddAndRemoveWhileASupervisorIsDown(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		child := newSupervisor(t, supervisor.WithTask("old", idle))
		root := newSupervisor(t, supervisor.WithTask("child", child))
		start(t, root)
		require.NoError(t, root.Suspend("child"))
		synctest.Wait()
		add(t, child, "new", idle, supervisor.WithNeeds("old"))
		requireStatus(t, child, "new", supervisor.StatusHalted)
		require.ErrorIs(t, child.Add("new", idle), supervisor.ErrDuplicateName)
		require.ErrorAs(t, child.Add("newer", idle, supervisor.WithNeeds("none")), new(*supervisor.UnknownNeedError))
		require.ErrorAs(t, child.Remove("old"), new(*supervisor.NeededError))
		add(t, child, "brief", idle)
		require.NoError(t, root.RemoveWait(t.Context(), "child/brief"))
		require.NoError(t, child.SetLimits(supervisor.WithRestartRate(1, time.Hour)))
		require.NoError(t, root.Resume("child"))
		synctest.Wait()
		requireStatus(t, root, "child/new", supervisor.StatusHealthy)
		require.EqualValues(t, 1, child.Limits().RestartRate.Count)
		require.Len(t, child.Statuses(), 2)

		stop(t, root)
		require.ErrorIs(t, child.Add("late", idle), supervisor.ErrStopped)
		require.ErrorIs(t, root.Restart("child/old"), supervisor.ErrStopped)
		require.NoError(t, root.Suspend("child/old"))
		require.NoError(t, child.Remove("new"))
		start(t, root)
		require.True(t, status(t, root, "child/old").Suspended)
		require.Len(t, child.Statuses(), 1)
	})
}

// Limits that were set by hand are those of the next supervisor, too.
func TestLimitsSetByHandAreTakenOver(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var made []*supervisor.Supervisor
		root := newSupervisor(t, supervisor.WithTask("shop", supervisor.Factory(func() supervisor.Task {
			sup := newSupervisor(t, supervisor.WithIntensity(1, time.Minute), supervisor.WithTask("web", idle))
			made = append(made, sup)
			return sup
		})))
		start(t, root)
		again := func() supervisor.Limits {
			require.NoError(t, root.Restart("shop"))
			synctest.Wait()
			return made[len(made)-1].Limits()
		}
		require.EqualValues(t, 1, again().Intensity.Count)
		require.NoError(t, made[1].SetLimits(supervisor.WithIntensity(5, time.Minute)))
		require.EqualValues(t, 5, again().Intensity.Count)
		require.EqualValues(t, 5, again().Intensity.Count)
	})
}

// A removal that waits for a run goes on in the next life of the supervisor.
func TestARemovalSurvives(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		deaf := new(deafOnce)
		root, _ := stubbornBank(t, deaf)
		start(t, root)
		require.NoError(t, root.Remove("bank/deaf"))
		wait(10 * time.Second)
		require.NoError(t, root.Restart("bank"))
		synctest.Wait()
		requireStatus(t, root, "bank/line", supervisor.StatusHealthy)
		requireWord(t, supervisor.IntentRemove, status(t, root, "bank/deaf").Intent)
		wait(5 * time.Minute)
		_, err := root.Status("bank/deaf")
		require.ErrorIs(t, err, supervisor.ErrUnknownTask)
		require.Equal(t, 1, deaf.runs)
	})
}

// It concerns the task that was there: one of the same name that is made anew stays, and waits for the run that is left.
func TestARemovalIsNotTakenOver(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		deaf := new(deafOnce)
		root := newSupervisor(t, supervisor.WithTask("bank", supervisor.Factory(func() supervisor.Task {
			return newSupervisor(t, supervisor.WithTask("deaf", deaf))
		})))
		start(t, root)
		require.NoError(t, root.Remove("bank/deaf"))
		wait(10 * time.Second)
		require.NoError(t, root.Restart("bank"))
		synctest.Wait()
		s := status(t, root, "bank/deaf")
		requireWord(t, supervisor.IntentNone, s.Intent)
		requireWord(t, supervisor.WaitLeftBehind, s.Wait)
		wait(5 * time.Minute)
		requireStatus(t, root, "bank/deaf", supervisor.StatusHealthy)
	})
}

// What is taken over goes by the names of the tasks, wherever and in whatever order the next supervisor has them.
func TestWhatIsSaidIsTakenOverByName(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		made := [][]string{{"a", "b", "c"}, {"c", "new", "b"}}
		lives := 0
		root := newSupervisor(t, supervisor.WithTask("shop", supervisor.Factory(func() supervisor.Task {
			shop := newSupervisor(t)
			for _, name := range made[lives] {
				add(t, shop, name, idle)
			}
			lives++
			return shop
		})))
		start(t, root)
		require.NoError(t, root.Suspend("shop/a"))
		require.NoError(t, root.KillWait(t.Context(), "shop/b"))
		require.NoError(t, root.SetPolicy("shop/c", supervisor.WithBaseDelay(7*time.Second)))
		require.NoError(t, root.Restart("shop"))
		synctest.Wait()
		require.Equal(t, 2, lives)
		for name, want := range map[string]supervisor.Status{
			"c": supervisor.StatusHealthy, "new": supervisor.StatusHealthy, "b": supervisor.StatusDead,
		} {
			s := status(t, root, "shop/"+name)
			requireWord(t, want, s.Status, name)
			require.False(t, s.Suspended, name)
			policy, err := root.Policy("shop/" + name)
			require.NoError(t, err)
			require.Equal(t, name == "c", policy.BaseDelay == 7*time.Second, name)
		}
		_, err := root.Status("shop/a")
		require.ErrorIs(t, err, supervisor.ErrUnknownTask)
	})
}

// A supervisor that is made anew waits, task by task, for what the one before it left behind.
func TestASupervisorMadeAnewWaitsForRunsLeftBehind(t *testing.T) {
	for name, policy := range map[string]supervisor.OnAbandon{"wait": supervisor.AbandonWait, "replace": supervisor.AbandonReplace} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				deaf := new(deafOnce)
				root := newSupervisor(t, supervisor.WithTask("bank", supervisor.Factory(func() supervisor.Task {
					branch := newSupervisor(t, supervisor.WithTask("deaf", deaf, supervisor.WithOnAbandon(policy)), supervisor.WithTask("line", idle))
					return newSupervisor(t, supervisor.WithTask("branch", branch))
				})))
				start(t, root)
				for range 3 {
					require.NoError(t, root.Restart("bank"))
					wait(10 * time.Second)
					requireStatus(t, root, "bank/branch/line", supervisor.StatusHealthy)
				}
				s := status(t, root, "bank/branch/deaf")
				require.EqualValues(t, 1, s.Fenced)
				require.Equal(t, 20*time.Second, time.Duration(s.At-s.FencedSince))
				if policy == supervisor.AbandonReplace {
					requireWord(t, supervisor.StatusHealthy, s.Status)
					require.Equal(t, 2, deaf.most)
				} else {
					requireWord(t, supervisor.WaitLeftBehind, s.Wait)
					require.Equal(t, 1, deaf.runs)
				}
				left := root.Report().LeftBehind
				require.Len(t, left, 1)
				require.Equal(t, "bank/branch/deaf", left[0].Path)
				wait(5 * time.Minute)
				s = status(t, root, "bank/branch/deaf")
				requireWord(t, supervisor.StatusHealthy, s.Status)
				require.Zero(t, s.Fenced)
				require.Empty(t, root.Report().LeftBehind)
			})
		})
	}
}

// A supervisor that is itself abandoned and replaced runs again when its earlier run has finished, and is not charged.
func TestAnAbandonedSupervisorIsWaitedFor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		deaf := new(deafOnce)
		root, bank := stubbornBank(t, deaf)
		require.NoError(t, bank.SetPolicy("deaf", supervisor.WithStopTimeout(supervisor.Forever)))
		require.NoError(t, root.SetPolicy("bank", supervisor.WithStopTimeout(time.Second), supervisor.WithOnAbandon(supervisor.AbandonReplace),
			supervisor.WithReadiness(true)))
		start(t, root)
		require.NoError(t, root.Restart("bank"))
		wait(time.Minute)
		s := status(t, root, "bank")
		requireWord(t, supervisor.StatusStarting, s.Status)
		require.EqualValues(t, 2, s.Run)
		require.Equal(t, []string{"root/bank/deaf"}, root.Report().LeftBehind[0].Stuck)
		wait(4 * time.Minute)
		s = status(t, root, "bank")
		requireWord(t, supervisor.StatusHealthy, s.Status)
		require.EqualValues(t, 2, s.Run)
		require.Zero(t, s.Attempts)
		requireStatus(t, root, "bank/deaf", supervisor.StatusHealthy)
		requireStatus(t, root, "bank/line", supervisor.StatusHealthy)
	})
}

// One that is asked to stop while it waits for its earlier run stops.
func TestASupervisorThatWaitsForItsEarlierRunStops(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root, bank := stubbornBank(t, new(deafOnce))
		require.NoError(t, bank.SetPolicy("deaf", supervisor.WithStopTimeout(supervisor.Forever)))
		require.NoError(t, root.SetPolicy("bank", supervisor.WithStopTimeout(time.Second), supervisor.WithOnAbandon(supervisor.AbandonReplace)))
		require.NoError(t, root.Start(t.Context()))
		synctest.Wait()
		require.NoError(t, root.Restart("bank"))
		wait(2 * time.Second)
		require.EqualValues(t, 2, status(t, root, "bank").Run)
		require.NoError(t, root.Shutdown(t.Context()))
		require.EqualError(t, root.Wait(), "1 run was left behind: root/bank run 1 (stop-timeout), stuck in root/bank/deaf")
		require.Empty(t, root.Report().FailedStops)
		wait(5 * time.Minute)
		require.Equal(t, root.Report().Runs.Started, root.Report().Runs.Ended)
	})
}
