package supervisor

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// fleet returns a supervisor that has stopped, with tasks about which everything has been said that another Run has to know.
func fleet(t *testing.T, tasks int) (s *Supervisor, release func()) {
	t.Helper()
	gate := make(chan struct{})
	stubborn := TaskFunc(func(context.Context) error { <-gate; return nil })
	s, err := New(WithStopTimeout(time.Second))
	require.NoError(t, err)
	for i := range tasks {
		name := strconv.Itoa(i)
		task := TaskFunc(stopped)
		options := []TaskOption{WithBaseDelay(time.Duration(i%7) * time.Second)}
		switch i % 10 {
		case 1, 5:
			options = append(options, WithNeeds(strconv.Itoa(i-1)))
		case 2:
			options = append(options, WithSuspended(true))
		case 3, 4:
			task = stubborn
		}
		require.NoError(t, s.Add(name, task, options...))
	}
	require.NoError(t, s.Start(context.WithoutCancel(t.Context())))
	synctest.Wait()
	for i := range tasks {
		name := strconv.Itoa(i)
		switch i % 10 {
		case 4, 5:
			require.NoError(t, s.Kill(name))
		case 6:
			require.NoError(t, s.Suspend(name))
		case 7:
			require.NoError(t, s.SetPolicy(name, WithMaxAttempts(7)))
		case 8:
			require.NoError(t, s.Kill(name))
			require.NoError(t, s.Restart(name))
		}
	}
	require.NoError(t, s.SetLimits(WithIntensity(5, time.Minute)))
	require.NoError(t, s.Shutdown(context.Background()))
	for i := 3; i < tasks; i += 20 {
		require.NoError(t, s.Remove(strconv.Itoa(i))) // what is left behind keeps it
	}
	return s, func() { close(gate) }
}

// A machine that was made beforehand is the same as one that is made while all others wait.
func TestASuccessorIsTheMachineThatRunWouldMake(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		for _, tasks := range []int{deedsAtATime + 1, 2 * deedsAtATime, 2*deedsAtATime + 33} {
			s, release := fleet(t, tasks)
			next := s.makeSuccessor(s.session)
			require.NotNil(t, next)
			s.mu.Lock()
			require.Equal(t, s.revision, next.revision, "to make it is nothing that happens")
			require.NoError(t, s.renew(0, new(watching), scenario.Head{}, nil))
			require.Equal(t, s.engine.machine.Digest(), next.engine.machine.Digest())
			require.Equal(t, s.engine.hasHealthChecks, next.engine.hasHealthChecks)
			require.Len(t, s.registry.slots, next.slots)
			for i, m := range next.tasks {
				require.Equal(t, m.id, next.ids[i])
				require.Equal(t, m.policy, next.policies[i])
			}
			s.mu.Unlock()
			release()
			synctest.Wait()
		}
	})
}

// What is said about the tasks after the machine was made holds.
func TestASuccessorThatIsOutOfDate(t *testing.T) {
	for name, happen := range map[string]func(s *Supervisor) error{
		"nothing": func(*Supervisor) error { return nil },
		"removed": func(s *Supervisor) error { return s.Remove("9") },
		"killed":  func(s *Supervisor) error { return s.Kill("0") },
		"policy":  func(s *Supervisor) error { return s.SetPolicy("0", WithMaxAttempts(9)) },
		"limits":  func(s *Supervisor) error { return s.SetLimits(WithIntensity(9, time.Hour)) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *testing.T) {
				s, release := fleet(t, 2*deedsAtATime)
				next := s.makeSuccessor(s.session)
				require.NotNil(t, next)
				require.NoError(t, happen(s))
				before := s.Statuses()
				limits := s.Limits()
				s.mu.Lock()
				require.Equal(t, name == "nothing", next.revision == s.revision)
				require.NoError(t, s.renew(0, new(watching), scenario.Head{}, next))
				require.Equal(t, name == "nothing", s.engine.machine == next.engine.machine)
				require.Equal(t, limits.Intensity, s.engine.machine.Config().Intensity)
				s.mu.Unlock()
				after := s.Statuses()
				require.Len(t, after, len(before))
				for i := range before {
					require.Equal(t, before[i].Name, after[i].Name)
				}
				release()
				synctest.Wait()
			})
		})
	}
}

// A large supervisor runs again, with all that was said about its tasks.
func TestALargeSupervisorRunsAgain(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		const tasks = 3 * deedsAtATime
		s, release := fleet(t, tasks)
		require.NoError(t, s.Start(context.WithoutCancel(t.Context())))
		release()
		synctest.Wait()
		for i := range tasks {
			name := strconv.Itoa(i)
			status, err := s.Status(name)
			switch {
			case i%20 == 3:
				require.ErrorIs(t, err, ErrUnknownTask)
			case i%10 == 2, i%10 == 6:
				require.True(t, status.Suspended, name)
				require.Equal(t, StatusCreated, status.Status, name)
			case i%10 == 4, i%10 == 5:
				require.Equal(t, StatusDead, status.Status, name)
			case i%10 == 3:
				require.Equal(t, StatusCompleted, status.Status, name)
			default:
				require.Equal(t, StatusHealthy, status.Status, name)
			}
			if i%10 == 7 {
				policy, err := s.Policy(name)
				require.NoError(t, err)
				require.EqualValues(t, 7, policy.MaxAttempts)
			}
		}
		require.NoError(t, s.Shutdown(context.Background()))
		require.Equal(t, s.Report().Runs.Started, s.Report().Runs.Ended)
	})
}
