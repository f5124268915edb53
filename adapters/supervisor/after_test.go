package supervisor_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// A failure can carry the delay before the restart that follows it, within the policy's cap and whatever wraps it.
func TestFailuresThatCarryTheirDelay(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want time.Duration
	}{
		"plain":              {errFailed, 2 * time.Second},
		"asked":              {supervisor.After(errFailed, 7*time.Second), 7 * time.Second},
		"shorter":            {supervisor.After(errFailed, time.Millisecond), time.Millisecond},
		"wrapped":            {fmt.Errorf("fetch: %w", supervisor.After(errFailed, 7*time.Second)), 7 * time.Second},
		"joined":             {errors.Join(errFailed, supervisor.After(errFailed, 7*time.Second)), 7 * time.Second},
		"outermost":          {supervisor.After(supervisor.After(errFailed, time.Second), 7*time.Second), 7 * time.Second},
		"capped":             {supervisor.After(errFailed, time.Hour), time.Minute},
		"none":               {supervisor.After(errFailed, 0), 2 * time.Second},
		"before now":         {supervisor.After(errFailed, -time.Second), 2 * time.Second},
		"of another's tasks": {&supervisor.EscalatedError{Task: "t", Err: supervisor.After(errFailed, time.Second)}, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var recording bytes.Buffer
				sup := newSupervisor(t, supervisor.WithRecorder(&recording), supervisor.WithBackoff(supervisor.Backoff{Max: time.Minute}))
				addFunc(t, sup, "task", func(context.Context) error { return test.err })
				start(t, sup)
				s := status(t, sup, "task")
				requireWord(t, supervisor.StatusFailed, s.Status)
				require.Equal(t, test.want, time.Duration(s.Until-s.Since))
				require.EqualValues(t, 1, s.Attempts)
				require.ErrorIs(t, s.LastError, errFailed)
			})
		})
	}
}

// Done and Fatal win over a delay.
func TestVerdictsWinOverDelays(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		addFunc(t, sup, "done", func(context.Context) error { return supervisor.After(supervisor.Done(errFailed), time.Second) })
		start(t, sup)
		requireStatus(t, sup, "done", supervisor.StatusCompleted)
	})
	require.NoError(t, supervisor.After(nil, time.Second))
}
