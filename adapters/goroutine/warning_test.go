package goroutine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/goroutine"
)

func TestWarningsNameOptionAndTasks(t *testing.T) {
	idle := goroutine.TaskFunc(func(context.Context) error { return nil })
	sup, err := goroutine.New(goroutine.WithDeadThreshold(1), goroutine.WithMaxAttempts(3))
	require.NoError(t, err)
	require.NoError(t, sup.Add("usual", idle, goroutine.WithMaxExponent(3)))
	require.NoError(t, sup.Add("a", idle, goroutine.WithMaxExponent(3), goroutine.WithMaxDelay(time.Hour)))
	require.NoError(t, sup.Add("b", idle, goroutine.WithMaxExponent(3), goroutine.WithMaxDelay(time.Hour)))

	warnings := sup.Warnings()
	require.Len(t, warnings, 2, "the defaults, whose exponent is beyond the attempts, are no task's")
	require.Equal(t, "WithDeadThreshold", warnings[0].Option)
	require.Nil(t, warnings[0].Tasks)
	require.Equal(t, "WithMaxDelay", warnings[1].Option)
	require.Equal(t, []string{"a", "b"}, warnings[1].Tasks)
}

func TestDefaultsGiveNoWarnings(t *testing.T) {
	sup, err := goroutine.New()
	require.NoError(t, err)
	require.NoError(t, sup.Add("task", goroutine.TaskFunc(func(context.Context) error { return nil })))
	require.Empty(t, sup.Warnings())
}

func ExampleWarning() {
	sup, err := goroutine.New(goroutine.WithBaseDelay(time.Second), goroutine.WithMaxDelay(time.Minute))
	if err != nil {
		fmt.Println(err)
		return
	}
	err = sup.Add("mailer", goroutine.TaskFunc(func(context.Context) error { return nil }))
	fmt.Println(err)
	for _, warning := range sup.Warnings() {
		fmt.Println(warning)
	}
	// Output:
	// <nil>
	// WithMaxDelay is never reached: the longest delay is 32s (mailer)
}
