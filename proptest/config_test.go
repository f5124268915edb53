package proptest

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/core"
)

func TestConfigsAreValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, err := core.New(Configs().Draw(t, "config"))
		require.NoError(t, err)
	})
}

// TestBadConfigsAreRefused: New names the field that is bad, and no other.
func TestBadConfigsAreRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bad := BadConfigs().Draw(t, "bad config")
		_, err := core.New(bad.Config)
		var refusal *core.ConfigError
		require.ErrorAs(t, err, &refusal)
		require.Len(t, refusal.Fields, 1)
		require.Equal(t, bad.Field, refusal.Fields[0].Field)
		var field *core.FieldError
		require.True(t, errors.As(err, &field), "the error does not unwrap to its field")
		require.Equal(t, bad.Field, field.Field)
	})
}
