//go:build unix

package process

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// SIGKILL comes exactly one stop timeout after the stop signal, and the run is not abandoned for it.
func TestKillComesAtTheStopTimeout(t *testing.T) {
	for _, timeout := range []time.Duration{
		0, 1, time.Millisecond, time.Second, 10 * time.Second, time.Minute, time.Hour,
	} {
		t.Run(timeout.String(), func(t *testing.T) {
			play(t, Command{StopTimeout: timeout}, stubborn, func(s *scene) {
				began := time.Now()
				require.NoError(t, s.sup.Shutdown(context.Background()))
				want := timeout
				if timeout == 0 {
					want = DefaultStopTimeout
				}
				require.Equal(t, want, time.Since(began))
				require.Equal(t, []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL}, s.keeper.latest().sent)
				report := s.sup.Report()
				require.Zero(t, report.Runs.Abandoned)
				killed := (*KilledError)(nil)
				require.ErrorAs(t, report.FailedStops[0].Err, &killed)
				require.True(t, killed.Leader)
				require.Equal(t, want, killed.After)
				require.Equal(t, fmt.Sprintf("it did not stop within %v of SIGTERM, and got SIGKILL", want.Round(time.Millisecond)), killed.Error())
			})
		})
	}
}

func TestStopThatIsObeyedEndsAtOnce(t *testing.T) {
	play(t, Command{StopSignal: syscall.SIGTERM}, obedient(3*time.Second), func(s *scene) {
		began := time.Now()
		require.NoError(t, s.sup.Shutdown(context.Background()))
		require.Equal(t, 3*time.Second, time.Since(began))
		require.Empty(t, s.sup.Report().FailedStops)
	})
}

func TestStopWithoutEndIsNotKilled(t *testing.T) {
	play(t, Command{StopTimeout: supervisor.Forever}, obedient(100*time.Hour), func(s *scene) {
		began := time.Now()
		require.NoError(t, s.sup.Shutdown(context.Background()))
		require.Equal(t, 100*time.Hour, time.Since(began))
		require.Empty(t, s.sup.Report().FailedStops)
	})
}

// Whatever the supervisor says about the time counts.
func TestStopTimeoutsOfTheSupervisorCount(t *testing.T) {
	play(t, Command{StopTimeout: time.Minute}, stubborn, func(s *scene) {
		require.NoError(t, s.sup.Suspend("task"))
		s.at(20 * time.Second)
		require.Equal(t, supervisor.StatusStopping, s.status().Status)
		require.NoError(t, s.sup.SetPolicy("task", supervisor.WithStopTimeout(10*time.Second)))
		s.at(29*time.Second - 1)
		require.NotZero(t, s.PID())
		s.at(29 * time.Second)
		require.Zero(t, s.PID())
	})
	play(t, Command{StopTimeout: time.Minute}, stubborn, func(s *scene) {
		c := s.Command()
		c.StopTimeout = 10 * time.Second
		require.NoError(t, s.SetCommand(c))
		require.NoError(t, s.sup.Suspend("task"))
		s.at(10*time.Second - 1)
		require.NotZero(t, s.PID())
		s.at(10 * time.Second)
		require.Zero(t, s.PID())
	})
	play(t, Command{StopTimeout: time.Minute}, stubborn, func(s *scene) {
		require.NoError(t, s.sup.SetLimits(supervisor.WithShutdownTimeout(5*time.Second)))
		began := time.Now()
		require.NoError(t, s.sup.Shutdown(context.Background()))
		require.Equal(t, 4500*time.Millisecond, time.Since(began))
	})
}

// A stop is over when nothing of the run is alive, and what does not stop is killed, whether the command itself has stopped or not.
func TestStopIsOverWhenTheGroupIsEmpty(t *testing.T) {
	for _, member := range []struct {
		name string
		does func(p *fakeProcess)
		over time.Duration
	}{
		{"obeys", func(p *fakeProcess) { obedient(4 * time.Second)(p) }, 4 * time.Second},
		{"ignores it", func(p *fakeProcess) { stubborn(p) }, 10 * time.Second},
	} {
		t.Run(member.name, func(t *testing.T) {
			play(t, Command{}, func(p *fakeProcess) exitState {
				p.fork(member.does)
				return obedient(time.Second)(p)
			}, func(s *scene) {
				began := time.Now()
				require.NoError(t, s.sup.Shutdown(context.Background()))
				require.Equal(t, member.over, time.Since(began))
				if failed := s.sup.Report().FailedStops; member.over == 10*time.Second {
					require.EqualError(t, failed[0].Err, "processes that it has started did not stop within 10s of SIGTERM, and got SIGKILL")
				} else {
					require.Empty(t, failed)
				}
			})
		})
	}
}

// A command that stops what it has started by itself is not interfered with, and what it leaves is stopped within the same time.
func TestStopOfTheMainProcessOnly(t *testing.T) {
	for _, test := range []struct {
		name         string
		main, member func(p *fakeProcess) exitState
		over         time.Duration
		sent         []syscall.Signal
		failed       bool
	}{
		{"it stops all", func(p *fakeProcess) exitState {
			p.until(syscall.SIGTERM)
			time.Sleep(time.Second) // in which the member ends
			return exitState{}
		}, func(p *fakeProcess) exitState {
			time.Sleep(1500 * time.Millisecond)
			require.Empty(t, p.signals)
			return exitState{}
		}, time.Second, []syscall.Signal{syscall.SIGTERM}, false},
		{"it leaves some", obedient(time.Second), obedient(2 * time.Second), 3 * time.Second, []syscall.Signal{syscall.SIGTERM}, false},
		{"it leaves what is stubborn", obedient(time.Second), stubborn, 10 * time.Second, []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL}, true},
		{"it does not stop", stubborn, obedient(0), 10 * time.Second, []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			play(t, Command{StopMainOnly: true}, func(p *fakeProcess) exitState {
				p.fork(func(p *fakeProcess) { test.member(p) })
				return test.main(p)
			}, func(s *scene) {
				s.at(time.Second)
				require.NoError(t, s.sup.Shutdown(context.Background()))
				require.Equal(t, time.Second+test.over, time.Since(s.began))
				require.Equal(t, syscall.SIGTERM, s.keeper.latest().toLeader[0])
				require.Equal(t, test.sent, s.keeper.latest().sent)
				require.Equal(t, test.failed, len(s.sup.Report().FailedStops) > 0)
			})
		})
	}
}

// With SIGKILL as the stop signal there is nothing to wait for, and nothing has failed.
func TestStopByKill(t *testing.T) {
	for _, only := range []bool{false, true} {
		play(t, Command{StopSignal: syscall.SIGKILL, StopMainOnly: only}, func(p *fakeProcess) exitState {
			p.fork(func(p *fakeProcess) { stubborn(p) })
			return stubborn(p)
		}, func(s *scene) {
			require.NoError(t, s.sup.Shutdown(context.Background()))
			require.Zero(t, time.Since(s.began))
			require.Empty(t, s.sup.Report().FailedStops)
		})
	}
}

// What a command leaves behind that ends by itself is stopped before its end is reported, and told.
func TestLeftoversAreStopped(t *testing.T) {
	for _, left := range []struct {
		name  string
		does  func(p *fakeProcess)
		limit time.Duration
		over  time.Duration
		told  string
	}{
		{"obeys", func(p *fakeProcess) { obedient(2 * time.Second)(p) }, 0, 2 * time.Second, "the command left 2 processes behind, which were stopped by SIGTERM"},
		{"ignores it", func(p *fakeProcess) { stubborn(p) }, 0, 5 * time.Second, "the command left 2 processes behind, which were killed, because they did not stop"},
		{"has little time", func(p *fakeProcess) { obedient(2 * time.Second)(p) }, time.Second, time.Second, "the command left 2 processes behind, which were killed, because they did not stop"},
		{"has all the time", func(p *fakeProcess) { obedient(time.Hour)(p) }, supervisor.Forever, time.Hour, "the command left 2 processes behind, which were stopped by SIGTERM"},
	} {
		t.Run(left.name, func(t *testing.T) {
			play(t, Command{LeftoverTimeout: left.limit}, func(p *fakeProcess) exitState {
				p.fork(left.does)
				p.fork(left.does)
				time.Sleep(time.Minute)
				return exitState{code: 3}
			}, func(s *scene) {
				s.at(time.Minute + left.over - 1)
				require.Equal(t, supervisor.StatusHealthy, s.status().Status)
				s.at(time.Minute + left.over)
				require.Equal(t, supervisor.StatusDead, s.status().Status)
				require.EqualError(t, s.status().LastError, "exit code 3")
				told := s.told()
				require.Len(t, told, 1)
				require.Equal(t, Notice, told[0].Stream)
				require.Equal(t, left.told, told[0].Text)
			})
		})
	}
}

func TestOneLeftoverIsToldInTheSingular(t *testing.T) {
	play(t, Command{}, func(p *fakeProcess) exitState {
		p.fork(func(p *fakeProcess) { stubborn(p) })
		return exitState{}
	}, func(s *scene) {
		s.at(time.Minute)
		require.Equal(t, "the command left 1 process behind, which was killed, because it did not stop", s.told()[0].Text)
		require.Equal(t, supervisor.StatusCompleted, s.status().Status)
	})
}

// A run that has to stop while what is left of it is stopped has no more time than any other.
func TestStopWhileLeftoversStop(t *testing.T) {
	play(t, Command{StopTimeout: 3 * time.Second, LeftoverTimeout: time.Hour}, func(p *fakeProcess) exitState {
		p.fork(func(p *fakeProcess) { stubborn(p) })
		return exitState{}
	}, func(s *scene) {
		s.at(time.Minute)
		require.NoError(t, s.sup.Shutdown(context.Background()))
		require.Equal(t, time.Minute+3*time.Second, time.Since(s.began))
	})
}

// A watchdog or a probe that finds no command because that has ended does not fail the run.
func TestLeftoversNeedNotBeat(t *testing.T) {
	for _, c := range []Command{{Watchdog: time.Second}, {Probe: asks(nil), ProbeInterval: time.Second}} {
		c.LeftoverTimeout = time.Minute
		play(t, c, func(p *fakeProcess) exitState {
			p.fork(func(p *fakeProcess) { stubborn(p) })
			return exitState{}
		}, func(s *scene) {
			s.at(time.Minute)
			require.Equal(t, supervisor.StatusCompleted, s.status().Status)
		})
	}
}

// Kill does not wait for anything, neither before a stop nor within one.
func TestKillAtOnce(t *testing.T) {
	play(t, Command{}, stubborn, func(s *scene) {
		require.NoError(t, s.Kill())
		bubble.Pass(0)
		require.EqualError(t, s.status().LastError, "ended by SIGKILL")
		require.Equal(t, supervisor.StatusDead, s.status().Status)
		require.ErrorIs(t, s.Kill(), ErrNotRunning)
	})
	play(t, Command{}, stubborn, func(s *scene) {
		require.NoError(t, s.sup.Suspend("task"))
		s.at(2 * time.Second)
		require.NoError(t, s.Kill())
		bubble.Pass(0)
		require.Equal(t, supervisor.StatusCreated, s.status().Status)
		require.Empty(t, s.sup.Report().FailedStops)
	})
	play(t, Command{}, func(p *fakeProcess) exitState {
		<-p.killed
		time.Sleep(time.Second)
		return by(syscall.SIGKILL)
	}, func(s *scene) { // the stop comes while it is being killed: then the end was asked for
		require.NoError(t, s.Kill())
		bubble.Pass(0)
		require.NoError(t, s.sup.Suspend("task"))
		s.at(2 * time.Second)
		require.Equal(t, supervisor.StatusCreated, s.status().Status)
		require.Empty(t, s.sup.Report().FailedStops)
	})
}

// What SIGKILL does not end at once is waited for: nothing is started beside it.
func TestWhatIsNotEndedByKill(t *testing.T) {
	play(t, Command{}, func(p *fakeProcess) exitState {
		<-p.killed
		time.Sleep(time.Minute) // as in a system call that cannot be interrupted
		return by(syscall.SIGKILL)
	}, func(s *scene) {
		require.NoError(t, s.sup.Restart("task"))
		s.at(30 * time.Second)
		require.Equal(t, supervisor.StatusAbandoned, s.status().Status)
		require.Equal(t, 1, s.keeper.started())
		s.at(70 * time.Second)
		require.Equal(t, supervisor.StatusHealthy, s.status().Status)
		require.Equal(t, 2, s.keeper.started())
		require.Equal(t, "processes are alive after SIGKILL: the run is not over before they have ended", s.told()[0].Text)
		require.NoError(t, s.sup.Kill("task"))
		s.at(200 * time.Second)
	})
}

// Processes of another user cannot be killed by one who is not root. That is said, and why, and they are waited for.
func TestWhatCannotBeKilled(t *testing.T) {
	play(t, Command{}, func(p *fakeProcess) exitState {
		<-p.ctx.Done()
		time.Sleep(90 * time.Second)
		return exitState{}
	}, func(s *scene) {
		s.keeper.latest().immune = os.NewSyscallError("kill", syscall.EPERM)
		require.NoError(t, s.sup.Suspend("task"))
		s.at(time.Minute)
		require.Equal(t, supervisor.StatusAbandoned, s.status().Status)
		require.Contains(t, s.told()[0].Text, "alive after SIGKILL")
		require.Contains(t, s.told()[0].Text, ": kill: operation not permitted")
		s.at(2 * time.Minute)
	})
}

// A stop that was asked for is not a failure if the command ends as one does that got the signal, with a success code or well.
func TestEndsOfStopsThatAreNoFailures(t *testing.T) {
	for _, end := range []struct {
		state  exitState
		failed string
	}{
		{exitState{}, ""},
		{by(syscall.SIGTERM), ""},
		{exitState{code: 143}, ""},
		{exitState{code: 5}, ""},
		{exitState{code: 1}, "exit code 1"},
		{by(syscall.SIGSEGV), "ended by SIGSEGV"},
		{exitState{code: 130}, "exit code 130 (as after SIGINT)"},
	} {
		play(t, Command{Success: []int{5}}, func(p *fakeProcess) exitState {
			p.until(syscall.SIGTERM)
			return end.state
		}, func(s *scene) {
			require.NoError(t, s.sup.Shutdown(context.Background()))
			failed := s.sup.Report().FailedStops
			if end.failed == "" {
				require.Empty(t, failed, "%+v", end.state)
			} else {
				require.EqualError(t, failed[0].Err, end.failed)
			}
		})
	}
}
