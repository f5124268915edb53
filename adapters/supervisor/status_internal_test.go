package supervisor

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// A TaskStatus has every field of the machine's, but for what only the machine can make sense of.
func TestStatusHasAllThatTheMachineSays(t *testing.T) {
	internal := map[string]bool{"Task": true, "Policy": true, "Key": true, "Need": true, "Delay": true}

	var said core.TaskStatus
	fields := reflect.ValueOf(&said).Elem()
	for i := range fields.NumField() {
		switch field := fields.Field(i); {
		case field.CanInt():
			field.SetInt(int64(i + 1))
		case field.CanUint():
			field.SetUint(uint64(i + 1))
		default:
			field.SetBool(true)
		}
	}
	told := TaskStatus{WaitsFor: "another", LastError: ErrUnknownTask, FencedSince: 1} // of a list that is used again
	told.copyFrom(&said)
	require.Equal(t, []any{"", nil, Instant(0)}, []any{told.WaitsFor, told.LastError, told.FencedSince})
	for i := range fields.NumField() {
		name := fields.Type().Field(i).Name
		field := reflect.ValueOf(told).FieldByName(name)
		require.Equal(t, internal[name], !field.IsValid(), name)
		if field.IsValid() {
			require.Equal(t, fields.Field(i).Interface(), field.Interface(), name)
		}
	}
}
