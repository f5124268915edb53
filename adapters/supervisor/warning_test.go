package supervisor_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

func TestWarningsNameOptionAndTasks(t *testing.T) {
	idle := supervisor.TaskFunc(func(context.Context) error { return nil })
	sup, err := supervisor.New(supervisor.WithDeadThreshold(1), supervisor.WithMaxAttempts(3))
	require.NoError(t, err)
	require.NoError(t, sup.Add("usual", idle, supervisor.WithBackoff(supervisor.Backoff{MaxExponent: 3})))
	require.NoError(t, sup.Add("a", idle, supervisor.WithBackoff(supervisor.Backoff{MaxExponent: 3, Max: time.Hour})))
	require.NoError(t, sup.Add("b", idle, supervisor.WithBackoff(supervisor.Backoff{MaxExponent: 3, Max: time.Hour})))

	warnings := sup.Warnings()
	require.Len(t, warnings, 2, "the defaults, whose exponent is above the attempts, are no task's")
	require.Equal(t, "WithDeadThreshold", warnings[0].Option)
	require.Nil(t, warnings[0].Tasks)
	require.Equal(t, "WithBackoff", warnings[1].Option)
	require.Equal(t, []string{"a", "b"}, warnings[1].Tasks)
}

func TestDefaultsGiveNoWarnings(t *testing.T) {
	sup, err := supervisor.New()
	require.NoError(t, err)
	require.NoError(t, sup.Add("task", supervisor.TaskFunc(func(context.Context) error { return nil })))
	require.Empty(t, sup.Warnings())
}

func ExampleWarning() {
	sup, err := supervisor.New(supervisor.WithBackoff(supervisor.Backoff{Base: time.Second, Max: time.Minute}))
	if err != nil {
		fmt.Println(err)
		return
	}
	err = sup.Add("mailer", supervisor.TaskFunc(func(context.Context) error { return nil }))
	fmt.Println(err)
	for _, warning := range sup.Warnings() {
		fmt.Println(warning)
	}
	// Output:
	// <nil>
	// WithBackoff Max is never reached: the longest delay is 32s (mailer)
}
