package equal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core/internal/equal"
)

func TestSlices(t *testing.T) {
	require.True(t, equal.Slices([]int{}, nil))
	require.True(t, equal.Slices([]int{1, 2}, []int{1, 2}))
	require.False(t, equal.Slices([]int{1, 2}, []int{1, 3}))
	require.False(t, equal.Slices([]int{1, 2}, []int{1}))
	require.False(t, equal.Slices(nil, []int{1}))
}
