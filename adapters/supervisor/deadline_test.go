package supervisor_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// An end and what is due at the same instant meet in either order: the decision about the run then comes in the very
// step that tells of its end.
func TestRunThatEndsAtItsOwnDeadline(t *testing.T) {
	const timeout = 10 * time.Second
	slow := supervisor.TaskFunc(func(ctx context.Context) error {
		<-ctx.Done()
		time.Sleep(timeout)
		return errors.New("late")
	})
	for name, test := range map[string]struct {
		options []supervisor.TaskOption
		ask     func(*supervisor.Supervisor) error
		status  supervisor.Status
	}{
		"killed":   {nil, func(s *supervisor.Supervisor) error { return s.Kill("slow") }, supervisor.StatusDead},
		"replaced": {[]supervisor.TaskOption{supervisor.WithOnAbandon(supervisor.AbandonReplace)}, func(s *supervisor.Supervisor) error { return s.Restart("slow") }, supervisor.StatusHealthy},
	} {
		t.Run(name, func(t *testing.T) {
			for range 50 { // the bubble's scheduler decides which order it is
				bubble.Run(t, func(t *testing.T) {
					sup, err := supervisor.New(supervisor.WithStopTimeout(timeout))
					require.NoError(t, err)
					require.NoError(t, sup.Add("slow", slow, test.options...))
					require.NoError(t, sup.Start(t.Context()))
					synctest.Wait()
					require.NoError(t, test.ask(sup))
					time.Sleep(timeout)
					synctest.Wait()

					status, err := sup.Status("slow")
					require.NoError(t, err)
					require.Equal(t, test.status, status.Status)
					require.Zero(t, status.Fenced)
					if status.LastExit == supervisor.ExitNone { // the end was one of a run that had been replaced
						require.NoError(t, status.LastError)
					} else {
						require.EqualError(t, status.LastError, "late")
					}
					require.NoError(t, sup.Shutdown(context.WithoutCancel(t.Context())))
					require.NotErrorAs(t, sup.Wait(), new(*supervisor.FaultError))
					synctest.Wait()
					report := sup.Report()
					require.Equal(t, report.Runs.Started, report.Runs.Ended)
				})
			}
		})
	}
}
