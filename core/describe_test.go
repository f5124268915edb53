package core

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// A status is filled in field by field. Nothing is left in it of what was there before.
func TestAStatusKeepsNothingOfTheOneBefore(t *testing.T) {
	m := busy(t)
	for slot := range m.tasks {
		var clean, used TaskStatus
		fields := reflect.ValueOf(&used).Elem()
		for i := range fields.NumField() {
			switch field := fields.Field(i); {
			case field.CanInt():
				field.SetInt(77)
			case field.CanUint():
				field.SetUint(77)
			default:
				field.SetBool(true)
			}
		}
		m.describe(&m.tasks[slot], &clean)
		m.describe(&m.tasks[slot], &used)
		require.Equal(t, clean, used)
	}
}
